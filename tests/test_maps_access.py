"""The map read by ear, by keyboard, with weak eyes or without motion: WCAG 2.2, level AA."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from support.browser import Visit

import planner
from planner import api
from planner.language import spelling
from planner.output import maps

pytestmark = pytest.mark.browser
CONTRAST = (Path(__file__).parent / "support" / "contrast.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def pages(toy, tmp_path_factory):
    """A plan, and two compared; the data are synthetic and somebody is left out."""
    path = toy.write(tmp_path_factory.mktemp("access"))
    first = api.run(path, set=["synthetic=true", "standards.profiles=['beilun-2018']"])
    second = api.run(path, use=["later"], set=["walk.preset=elderly"])
    compared = planner.compare(first, second, names=("今", "后"))
    return {
        lang: (maps.page(first, lang=lang), maps.page(compared, lang=lang)) for lang in ("zh", "en")
    }


def fill(visit: Visit) -> None:
    """Show as much as can be shown at once: a trial, a card, tips, what a search finds."""
    visit("""() => {
        plan.state.kind = 'canteen'; plan.refresh();
        plan.trials.add(plan.unpack.point(plan.data.candidates.at[0]));
        for (const name in plan.state.layers) plan.state.layers[name] = true;
        plan.refresh();
        for (const one of document.querySelectorAll('details')) one.open = true;
        plan.show(0);
        plan.map.eachLayer((layer) => {
            if (layer.getTooltip && layer.getTooltip()) layer.openTooltip(); });
    }""")
    visit.page.fill("#search", "s")
    visit.page.wait_for_function("document.getAnimations().length === 0")  # faded in


def in_both_schemes(visit: Visit, begins: str) -> Iterator[str]:
    """Show a page in the colours that it was opened in, then in the other ones of the system."""
    for scheme in (begins, "dark" if begins == "light" else "light"):
        visit.page.emulate_media(color_scheme=scheme)
        visit.page.wait_for_function(
            """(dark) => document.documentElement.classList.contains('dark') === dark
                && document.getAnimations().length === 0""",
            arg=scheme == "dark",
        )
        yield scheme


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("which", [0, 1], ids=["plan", "compared"])
def test_every_text_and_control_stands_out(lang, which, pages, chrome, tmp_path):
    begins = "dark" if lang == "zh" else "light"
    visit = Visit(
        chrome, pages[lang][which], tmp_path, color_scheme=begins, reduced_motion="reduce"
    )  # fmt: skip
    fill(visit)
    for scheme in in_both_schemes(visit, begins):
        for shade in ("share", "minutes", "walk"):
            visit("(shade) => { plan.state.shade = shade; plan.refresh(); }", shade)
            found = visit(CONTRAST)
            assert found["texts"] > 60
            assert found["parts"] > 8
            assert found["poor"] == [], scheme
    assert visit.wrong == []


@pytest.mark.parametrize("viewport", [(1400, 900), (390, 844)], ids=["desk", "phone"])
@pytest.mark.parametrize("which", [0, 1], ids=["plan", "compared"])
def test_axe_finds_nothing(viewport, which, pages, chrome, tmp_path):
    begins = ("light", "dark")[which]
    width, height = viewport
    visit = Visit(
        chrome, pages["zh"][which], tmp_path,
        viewport={"width": width, "height": height}, color_scheme=begins,
    )  # fmt: skip
    fill(visit)
    for scheme in in_both_schemes(visit, begins):
        found = Axe().run(visit.page, options={"runOnly": RULES})
        told = [
            (one["id"], node["html"][:120])
            for one in found.response["violations"]
            for node in one["nodes"]
        ]
        assert told == [], scheme


def test_the_tab_key_goes_through_everything_in_order(pages, chrome, tmp_path):
    """Panel first, from its top down, then the map; every stop has a name and is seen."""
    visit = Visit(chrome, pages["en"][1], tmp_path)
    visit.page.keyboard.press("Tab")
    stops = []
    for _ in range(120):
        stop = visit("""() => {
            const one = document.activeElement;
            if (!one || one === document.body) return null;
            const shown = one.matches('.kind input') ? one.closest('.kind')
                : one.matches('.swipe') ? one.querySelector('i') : one;
            const style = getComputedStyle(shown);
            const label = one.labels && one.labels[0] ? one.labels[0].innerText : '';
            const { scrollTop } = document.getElementById('panel');
            const named = [one.getAttribute('aria-label'), one.title, one.innerText, label];
            return { map: Boolean(one.closest('#plan_map')),
                top: shown.getBoundingClientRect().top + scrollTop,
                name: named.find((text) => text && text.trim()) || '',
                ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
                html: one.outerHTML.slice(0, 90) };
        }""")
        if stop is None:
            break
        stops.append(stop)
        visit.page.keyboard.press("Tab")
    assert len(stops) > 15
    assert [stop["html"] for stop in stops if not stop["name"]] == []
    assert [stop["html"] for stop in stops if not stop["ring"]] == []
    on_map = [stop["map"] for stop in stops]
    assert on_map == sorted(on_map)
    assert True in on_map
    tops = [stop["top"] for stop in stops if not stop["map"]][1:]
    assert all(below >= above - 20 for above, below in itertools.pairwise(tops))


def test_arrows_choose_and_escape_closes(pages, chrome, tmp_path):
    visit = Visit(chrome, pages["en"][0], tmp_path)
    page = visit.page
    visit("() => { plan.state.kind = 'canteen'; plan.refresh(); }")
    page.focus("#when-before")
    page.keyboard.press("ArrowRight")
    assert visit("() => [plan.state.when, document.activeElement.id]") == ["after", "when-after"]
    page.keyboard.press("ArrowRight")
    assert visit("() => plan.state.when") == "before"
    visit("() => plan.show(0)")
    assert page.locator(".leaflet-popup").count() == 1
    assert "东里社区" in page.inner_text(".told")
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('.leaflet-popup')")
    page.click("#trial-place")
    assert visit("() => plan.state.placing")
    page.keyboard.press("Escape")
    assert not visit("() => plan.state.placing")
    page.fill("#search", "东")
    assert page.locator("#found li").count() > 0
    page.keyboard.press("Escape")
    assert page.locator("#found").is_hidden()


def test_a_trial_is_told_aloud(pages, chrome, tmp_path):
    visit = Visit(chrome, pages["en"][0], tmp_path)
    visit("""() => { plan.state.kind = 'canteen'; plan.refresh();
        plan.trials.add(plan.unpack.point(plan.data.candidates.at[0])); }""")
    share = visit("() => plan.percent(planMap.shareAt(plan.view().people, 'aged_60', 15))")
    told = visit.page.locator(".told")
    assert told.get_attribute("role") == "status"
    assert told.inner_text().startswith("With trial sites")
    assert share in told.inner_text()


@pytest.mark.parametrize(
    ("lang", "script", "expected", "font"),
    [
        ("zh", None, "zh-CN", "Noto Sans CJK SC"),
        ("zh", "Hant", "zh-Hant", "Noto Sans CJK TC"),
        ("zh", "TW", "zh-TW", "Noto Sans CJK TC"),
        ("en", None, "en", "system-ui"),
    ],
)
def test_the_page_tells_its_language_and_may_be_enlarged(
    lang, script, expected, font, toy_plan, chrome, tmp_path
):
    with spelling(script):
        visit = Visit(chrome, maps.page(toy_plan, lang=lang), tmp_path)
    assert visit("() => document.documentElement.lang") == expected
    assert visit("() => document.querySelector('#panel').lang") == expected
    family = visit("() => getComputedStyle(document.body).fontFamily")
    assert family.split(",")[0].strip('"') == font
    assert visit("() => [plan.count(12345.5), plan.percent(0.5)]") == ["12,346", "50.0%"]
    assert "user-scalable" not in visit.page.get_attribute("meta[name=viewport]", "content")
    assert visit.page.title() != ""


def test_who_wants_no_motion_gets_none(pages, chrome, tmp_path):
    visit = Visit(chrome, pages["en"][0], tmp_path, reduced_motion="reduce")
    moved = """() => { const before = plan.map.getZoom(); plan.map.setZoom(before + 1);
        return [plan.map.getZoom() - before, plan.map._animatingZoom || false]; }"""
    assert visit(moved) == [1, False]
    still = """() => { plan.map.panBy([40, 0]); const run = plan.map._panAnim;
        return Boolean(run && run._inProgress); }"""
    assert not visit(still)
    assert visit.wrong == []
