"""The map of odd districts: it opens without a word on the console and says what it shows."""

import dataclasses
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from support.browser import Visit
from test_maps import make_plan, make_tables
from test_maps_browser import hollow

from planner.district.area import Tables
from planner.output import maps
from planner.study import scenario

pytestmark = pytest.mark.browser
RARE = ["𠮷野社区", "𡌛头村", "😀👨‍👩‍👧里", "龘", "寿司🍣里"]
LONG = ["很长的名称𠮷😀" * 60, "Averylongnamewithoutanyblank" * 20]
CROWD = 1100


def plan_of(tables: Tables, **more: object) -> scenario.Plan:
    return make_plan(tables, coverage={"kinds": ["canteen"]}, **more)


def empty(table: gpd.GeoDataFrame, column: str) -> gpd.GeoDataFrame:
    return table.assign(**{column: 0.0})


def no_elders(tables: Tables) -> Tables:
    """One of the groups counted lives nowhere."""
    return dataclasses.replace(
        tables,
        communities=empty(tables.communities, "aged_60"),
        demand=empty(tables.demand, "aged_60"),
    )


def one_home(tables: Tables) -> Tables:
    """Nobody lives in any community but the first."""
    first = tables.communities["id"] == "C0"
    communities = tables.communities.assign(
        population=tables.communities["population"].where(first, 0.0),
        aged_60=tables.communities["aged_60"].where(first, 0.0),
    )
    demand = tables.demand[tables.demand["community"] == "C0"]
    return dataclasses.replace(tables, communities=communities, demand=demand)


def one_facility(tables: Tables) -> Tables:
    return dataclasses.replace(tables, facilities=tables.facilities.iloc[[0]])


def crowded(tables: Tables) -> Tables:
    """Very many facilities at one point, each with an id and a name of its own."""
    one = tables.facilities.iloc[[0] * CROWD].reset_index(drop=True)
    one["id"] = [f"F{n}" for n in range(CROWD)]
    one["name"] = [f"食堂{n}" for n in range(CROWD)]
    return dataclasses.replace(tables, facilities=one)


def same(tables: Tables) -> Tables:
    return tables


def bare(tables: Tables) -> Tables:
    """Nothing known but where things are, what they are and how many people live there."""
    told = hollow(tables)
    facilities = told.facilities.assign(floor_area_m2=np.nan, community=None)
    facilities["closed"] = pd.array([None] * len(facilities), dtype="Int64")
    return dataclasses.replace(told, facilities=facilities)


CASES: dict[str, tuple[Callable[[Tables], Tables], list[str], float, str, list[str]]] = {
    "one home": (one_home, ["东里"], 0.5, "zh", ["100.0%", "无人口", "9"]),
    "nobody of a group": (no_elders, ["东里"], 0.5, "en", ["Residents", "Aged 60+", "–"]),
    "one facility": (one_facility, ["东里"], 0.5, "zh", ["1处", "缺口最大的社区"]),
    "all covered": (same, ["东里"], 3.0, "en", ["100.0%", "8 of 8", "No gaps"]),
    "none covered": (same, ["东里"], 0.001, "zh", ["0.0%", "缺口最大的社区", "0 / 8"]),
    "crowd": (crowded, ["东里"], 0.5, "en", [f"{CROWD:,}", "Largest gaps"]),
    "rare letters": (same, RARE, 0.5, "zh", ["𡌛头村", "😀👨‍👩‍👧里", "寿司🍣里"]),
    "long names": (same, LONG, 0.5, "en", ["Largest gaps", LONG[1]]),
    "nothing known": (bare, ["东里"], 0.5, "en", ["(no name)", "Largest gaps"]),
}


@pytest.mark.parametrize("case", CASES)
def test_an_odd_district_is_drawn_and_told(case, chrome, tmp_path):
    make, names, speed, lang, words = CASES[case]
    plan = plan_of(make(make_tables(names)), walk={"speed_mps": speed})
    visit = Visit(chrome, maps.page(plan, lang=lang), tmp_path, reduced_motion="reduce")
    panel = visit.page.inner_text("#panel")
    assert [word for word in words if word not in panel] == []
    for shade in ("minutes", "walk", "streets", "share"):
        visit("(shade) => { plan.state.shade = shade; plan.refresh(); }", shade)
    visit("""() => { for (const name in plan.state.layers) plan.state.layers[name] = true;
        plan.trials.add(plan.map.getCenter()); plan.refresh(); plan.trials.undo();
        plan.state.when = 'before'; plan.refresh(); plan.show(0); }""")
    card = visit.page.locator(".leaflet-popup")
    name = plan.area.communities["name"].iloc[0]
    assert (name if isinstance(name, str) else "(no name)") in card.locator("h3").inner_text()
    frame, box = visit.page.locator("#plan_map").bounding_box(), card.bounding_box()
    assert box["x"] >= frame["x"]
    assert box["y"] >= frame["y"]
    assert box["x"] + box["width"] <= frame["x"] + frame["width"]
    assert box["y"] + box["height"] <= frame["y"] + frame["height"]
    assert visit("() => { const p = document.getElementById('panel');"
                 " return p.scrollWidth - p.clientWidth; }") == 0  # fmt: skip
    assert visit("() => document.querySelectorAll('.leaflet-communities-pane path').length") >= 10
    assert visit.wrong == []
    visit.page.close()


@pytest.mark.parametrize(
    ("lang", "told", "wrong"),
    [("zh", "计入的社区里没有人口", "所有人都在"), ("en", "Nobody lives", "everybody is within")],
)
def test_a_district_without_people_claims_nothing(lang, told, wrong, chrome, tmp_path):
    """A run refuses it in words; a plan made of tables in Python is still drawn."""
    peopled = plan_of(make_tables(["东里"]))
    communities = empty(empty(peopled.area.communities, "population"), "aged_60")
    demand = empty(empty(peopled.area.demand, "population"), "aged_60")
    area = dataclasses.replace(peopled.area, communities=communities, demand=demand)
    plan = scenario.run(area, peopled.settings)
    visit = Visit(chrome, maps.page(plan, lang=lang), tmp_path)
    panel = visit.page.inner_text("#panel")
    assert told in panel
    assert wrong not in panel
    assert "%" not in visit.page.inner_text(".headline .big")
    visit("() => plan.show(0)")
    assert "东里" in visit.page.inner_text(".leaflet-popup h3")
    assert visit.wrong == []
    visit.page.close()


def test_rare_letters_are_found(chrome, tmp_path):
    visit = Visit(
        chrome, maps.page(plan_of(make_tables(RARE)), lang="zh"), tmp_path, reduced_motion="reduce"
    )
    for typed in ("𡌛", "😀", "寿司🍣", "龘"):
        visit.page.fill("#search", typed)
        assert typed in visit.page.locator("#found li").first.inner_text()
        visit.page.keyboard.press("Enter")
        assert typed in visit.page.locator(".leaflet-popup h3").inner_text()
    assert visit.wrong == []
    visit.page.close()


def test_rings_of_a_facility_show_when_the_pointer_rests_on_it(chrome, tmp_path):
    """All of 5, 10 and 15 minutes of that one, after a moment; gone when the pointer goes."""
    visit = Visit(chrome, maps.page(plan_of(make_tables(["东里"])), lang="zh"), tmp_path)
    visit("""() => { window.widths = new Set();
        const { stroke } = CanvasRenderingContext2D.prototype;
        CanvasRenderingContext2D.prototype.stroke = function (...path) {
            if (this.canvas.closest('.leaflet-reach-pane')) window.widths.add(this.lineWidth);
            return stroke.apply(this, path); }; }""")
    reached = """() => [plan.state.reach, window.widths.size,
        document.querySelectorAll('.leaflet-reach-pane canvas').length]"""
    at = visit("""() => { const at = plan.unpack.point(plan.data.facilities.at[0]);
        const { x, y } = plan.map.latLngToContainerPoint(at);
        const frame = document.getElementById('plan_map').getBoundingClientRect();
        return [x + frame.left, y + frame.top]; }""")
    visit.page.mouse.move(at[0] + 200, at[1] - 200)
    visit.page.mouse.move(*at)
    visit.page.wait_for_timeout(100)
    assert visit(reached) == [None, 0, 0]  # a pointer that passes by draws nothing
    visit.page.wait_for_function("plan.state.reach === 0")
    visit.page.wait_for_function("window.widths.size")
    assert visit(reached) == [0, 4, 1]  # a band, and the bolder the nearer: 15, 10, 5 minutes
    visit.page.mouse.move(at[0] + 200, at[1] - 200)
    visit.page.wait_for_function("plan.state.reach === null")
    assert visit(reached) == [None, 4, 0]
    assert visit.wrong == []
