"""Many siting questions in the panel: each can be read, chosen and stepped to, on a phone too."""

import pytest
from support.browser import Visit

from planner import api
from planner.output import maps

pytestmark = pytest.mark.browser
MODELS = ("max_cover", "p_median", "p_center", "fair_cover")
MANY = 9


@pytest.fixture(scope="module")
def plan(toy, tmp_path_factory):
    asked = [
        f'{{kind="canteen",model="{MODELS[n % len(MODELS)]}",new={1 + n % 3}}}' for n in range(MANY)
    ]
    path = toy.write(tmp_path_factory.mktemp("many"))
    return api.run(path, set=[f"siting=[{', '.join(asked)}]"])


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=["desk", "phone"])
def visit(request, plan, chrome, tmp_path):
    visit = Visit(chrome, maps.page(plan, lang="en"), tmp_path)
    visit.page.set_viewport_size(dict(zip(("width", "height"), request.param, strict=True)))
    visit("() => { plan.state.kind = 'canteen'; plan.state.when = 'after'; plan.refresh(); }")
    yield visit
    assert visit.wrong == []


def test_every_answer_can_be_read_and_chosen(visit, plan):
    page = visit.page
    rows = page.locator(".answers [role=radio]")
    assert rows.count() == MANY
    widths = rows.evaluate_all("(all) => all.map((one) => [one.scrollWidth, one.clientWidth])")
    assert all(needed <= room for needed, room in widths)
    for n in (MANY - 1, 3, 0):
        rows.nth(n).click()
        assert rows.nth(n).get_attribute("aria-checked") == "true"
        assert f"Question {n + 1} of {MANY}" in page.inner_text(".steps")
        sites = plan.siting[n].sites
        assert page.locator(".sites ol li").count() == len(sites)
        assert page.locator(".leaflet-sites-pane .pin").count() == len(sites)
        told = rows.nth(n).inner_text()
        assert f"{plan.siting[n].after * 100:.1f}%" in told
    if page.viewport_size["width"] < 500:
        low = rows.evaluate_all("(all) => Math.min(...all.map((one) => one.offsetHeight))")
        assert low >= 40


def test_buttons_and_keys_step_through_and_the_chosen_is_in_sight(visit):
    page = visit.page
    chosen = "() => plan.state.answer"
    for expected in [*range(1, MANY), 0]:
        page.click("#answer_next")
        assert visit(chosen) == expected
        seen = visit(
            """() => { const box = (what) => document.querySelector(what).getBoundingClientRect();
            const list = box('.answers'), one = box('.answers [aria-checked=true]');
            return one.top >= list.top - 1 && one.bottom <= list.bottom + 1; }"""
        )
        assert seen, expected
        assert visit("() => document.activeElement.id") == "answer_next"
    page.click("#answer_back")
    assert visit(chosen) == MANY - 1
    page.focus(f"#answer-{MANY - 1}")
    page.keyboard.press("ArrowDown")
    assert visit(chosen) == 0
    assert visit("() => document.activeElement.id") == "answer-0"
