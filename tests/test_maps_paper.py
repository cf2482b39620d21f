"""The map where there is little room, or sheets of it: on a phone, on A3 and on A4 paper."""

import re

import pytest
from support.browser import Visit

import planner
from planner import api
from planner.output import maps

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
POINTS_PER_MM = 72 / 25.4
NASTY = "</p><img src=x onerror=\"document.body.dataset.hacked='yes'\">"


@pytest.fixture(scope="module")
def plan(toy, tmp_path_factory):
    path = toy.write(tmp_path_factory.mktemp("paper"))
    return api.run(path, set=["synthetic=true", f"note='''{NASTY}'''"])


@pytest.fixture(scope="module")
def compared(toy, plan, tmp_path_factory):
    """The plan beside one of a later year, on slower feet and with a site more."""
    path = toy.write(tmp_path_factory.mktemp("second"))
    more = ["siting.0.new=2", "walk.preset=elderly"]
    return planner.compare(plan, api.run(path, use=["later"], set=more))


def on_paper(visit: Visit) -> dict:
    """Lay the page out for paper, and tell where its parts stand on the sheet."""
    visit.page.emulate_media(media="print")
    visit("() => { window.dispatchEvent(new Event('beforeprint')); }")
    return visit("""() => {
        const box = (what) => { const one = document.querySelector(what);
            if (!one || !one.checkVisibility()) return null;
            const { left, top, right, bottom } = one.getBoundingClientRect();
            return [left, top, right, bottom].map(Math.round); };
        const panel = document.getElementById('panel');
        const shown = ['.legend', '.leaflet-control-scale', '.north', '.stamp', '.foot',
            '#panel h1', '.headline', '.gaps'];
        const hidden = ['.search', '.theme', '.fold', '.leaflet-control-zoom', '.choice', '.tools',
            '.grip', '.about', '.pick', '.scheme'];
        return { cut: panel.scrollHeight - panel.clientHeight,
            wide: panel.scrollWidth - panel.clientWidth,
            foot: document.querySelector('.foot').innerText,
            second: document.querySelector('.second-sheet')?.innerText ?? '',
            small: [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility()
                && [...one.childNodes].some((part) => part.nodeType === 3 && part.data.trim())
                && parseFloat(getComputedStyle(one).fontSize) < 12).map((one) => one.outerHTML),
            panel: box('#panel'), map: box('#plan_map'),
            parts: Object.fromEntries(shown.map((what) => [what, box(what)])),
            gone: hidden.filter((what) => box(what)) };
    }""")


@pytest.mark.parametrize("which", ["plan", "compared", "many"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_a3_sheet_holds_all_that_explains_the_map(
    which, lang, plan, compared, chrome, tmp_path
):
    made = compared if which == "compared" else plan
    visit = Visit(chrome, maps.page(made, lang=lang), tmp_path)
    visit("() => { plan.state.kind = 'canteen'; plan.state.paper = 'A3'; plan.refresh(); }")
    if which == "many":  # as long as a panel may become
        visit("""() => { const own = document.querySelector('.gaps');
            for (let n = 0; n < 6; n++) own.after(own.cloneNode(true)); }""")
    pdf = visit.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 1
    width, height = (
        float(size) for size in re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)", pdf).groups()
    )
    assert width == pytest.approx(420 * POINTS_PER_MM, abs=2)
    assert height == pytest.approx(297 * POINTS_PER_MM, abs=2)
    sheet = on_paper(visit)
    assert sheet["cut"] <= 1
    assert sheet["wide"] <= 1
    assert sheet["gone"] == []
    assert sheet["small"] == [], "12 pixels are 9 points"
    for name, (left, top, right, bottom) in sheet["parts"].items():
        assert 0 <= left < right <= 1526, name
        assert 0 <= top < bottom <= 1056, name
    assert sheet["panel"][2] <= sheet["map"][0] + 1
    assert sheet["parts"][".foot"][1] >= sheet["map"][3] - 1
    for words in ("made up", NASTY, "900"):
        assert words in sheet["foot"]
    assert re.search(r"\d{1,4}/\d{1,2}/\d{1,4}", sheet["foot"])  # the date
    assert visit("() => document.body.dataset.hacked") is None
    visit("() => { window.dispatchEvent(new Event('afterprint')); }")
    assert visit("() => document.querySelectorAll('.foot, .on-paper').length") == 0
    assert visit.wrong == []


@pytest.mark.parametrize("sides", [("before", "other"), ("after", "other_after")])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_two_plans_stay_beside_the_map_on_a4(sides, lang, compared, chrome, tmp_path):
    """With the terms of both the headline is long: it would run over the map as a second column."""
    visit = Visit(chrome, maps.page(compared, lang=lang), tmp_path)
    visit(f"""() => {{ plan.state.kind = 'canteen'; plan.state.swipe = true;
        [plan.state.left, plan.state.when] = {list(sides)}; plan.refresh(); }}""")
    heights = """() => [...document.querySelectorAll('.groups th')]
        .map((one) => one.getBoundingClientRect().height)"""
    assert max(visit(heights)) < 60, "no word is broken into letters"
    assert max(visit(heights.replace("'.groups th'", "'.groups:first-of-type tbody th'"))) < 30
    panel = "() => document.querySelector('#panel').innerHTML"
    before = visit(panel)
    pdf = visit.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) in (2, 3)
    assert visit(panel) == before
    sheet = on_paper(visit)
    column = sheet["map"][0]
    farthest = """() => Math.max(...[...document.querySelectorAll('.headline *')]
        .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect().right))"""
    assert visit(farthest) <= column + 1
    assert sheet["parts"][".headline"][3] <= 725, "above the edge of the sheet"
    assert visit.wrong == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_two_a4_sheets_hold_the_state_shown(lang, plan, chrome, tmp_path):
    """In the dark, too; and afterwards the page is as it was."""
    visit = Visit(chrome, maps.page(plan, lang=lang), tmp_path, color_scheme="dark")
    visit("() => { plan.state.kind = 'canteen'; plan.state.when = 'after'; plan.refresh(); }")
    panel = "() => document.querySelector('#panel').innerHTML"
    before = visit(panel)
    pdf = visit.page.pdf(prefer_css_page_size=True, print_background=True)
    assert visit(panel) == before
    assert visit("() => document.documentElement.className") == "dark"
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 2
    width, height = (
        float(size) for size in re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)", pdf).groups()
    )
    assert width == pytest.approx(297 * POINTS_PER_MM, abs=2)
    assert height == pytest.approx(210 * POINTS_PER_MM, abs=2)
    sheet = on_paper(visit)
    assert sheet["small"] == [], "12 pixels are 9 points"
    farthest = """() => Math.max(...[...document.querySelectorAll('#panel *')]
        .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect().right))"""
    assert visit(farthest) <= 1061
    shown = visit("() => document.querySelector('.shown').innerText")
    assert shown == visit("() => `${plan.say('year', { n: 2020 })} · ${plan.say('after')}`")
    for name in ("#panel h1", ".headline", ".leaflet-control-scale", ".foot"):
        left, top, right, bottom = sheet["parts"][name]
        assert 0 <= left < right <= 1061, name
        assert 0 <= top < bottom <= 733, name
    assert sheet["parts"][".foot"][1] >= sheet["map"][3] - 1
    for words in ("made up", NASTY, "900"):
        assert words in sheet["second"]
    assert re.search(r"\d{1,4}/\d{1,2}/\d{1,4}", sheet["foot"])
    assert visit("() => document.documentElement.className") == ""
    assert visit.wrong == []


def test_a_phone_shows_map_search_and_sheet(plan, chrome, tmp_path):
    visit = Visit(chrome, maps.page(plan, lang="zh"), tmp_path, **PHONE)
    page = visit.page
    where = """() => Object.fromEntries(['#plan_map', '#panel', '#search', '.grip'].map((what) =>
        [what, document.querySelector(what).getBoundingClientRect().toJSON()]))"""
    half = visit(where)
    assert half["#panel"]["width"] == 390
    assert half["#plan_map"]["height"] > 400
    assert half["#plan_map"]["bottom"] <= half["#panel"]["top"] + 1
    assert half["#search"]["bottom"] < 844
    assert page.locator(".fold").is_hidden()
    page.locator(".grip").tap()
    high = visit(where)
    assert high["#panel"]["top"] < 100
    page.locator(".grip").tap()
    low = visit(where)
    assert low["#panel"]["top"] > 650
    assert low["#search"]["bottom"] <= 844  # still there to be used
    assert low["#plan_map"]["height"] > 650
    grip = low[".grip"]
    page.mouse.move(195, grip["y"] + 10)
    page.mouse.down()
    page.mouse.move(195, 500, steps=5)
    page.mouse.up()
    assert visit("() => document.body.dataset.sheet") == "half"
    assert visit("() => document.documentElement.scrollWidth") == 390
    visit("() => { document.getElementById('panel').scrollTop = 400; }")
    assert visit(where)["#search"]["top"] >= half["#panel"]["top"]
    assert visit.wrong == []


def test_a_thumb_hits_what_it_aims_at(plan, chrome, tmp_path):
    """Targets of at least 24 by 24 pixels (WCAG 2.5.8), and 40 high where one presses often."""
    visit = Visit(chrome, maps.page(plan, lang="zh"), tmp_path, **PHONE)
    visit("""() => { plan.state.kind = 'canteen'; plan.refresh();
        plan.trials.add(plan.unpack.point(plan.data.candidates.at[0])); }""")
    small = visit("""() => [...document.querySelectorAll(
            '#panel button, #panel select, #panel input, #panel label, .leaflet-bar a, .pin')]
        .filter((one) => one.checkVisibility() && !one.matches('label *'))
        .map((one) => [one.id || one.className || one.tagName, one.getBoundingClientRect()])
        .filter(([, box]) => box.width < 24 || box.height < 24).map(([name]) => name)""")
    assert small == []
    often = visit("""() => [...document.querySelectorAll(
            '.kind, .choice button, .trials .tools button')]
        .filter((one) => one.getBoundingClientRect().height < 40).length""")
    assert often == 0
