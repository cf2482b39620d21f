"""Shadings in other states: what the page works out is what a run says; the rest says so."""

import pandas as pd
import pytest
from support.browser import Visit
from test_maps import data_of
from test_whatif import measured, trial_points

from planner import api
from planner.output import maps

pytestmark = pytest.mark.browser
KIND = "care_station"
SERVICE = """
[[service]]
kind = "care_station"
minutes = 10
need = 0.6
"""
VALUES = """([name, when]) => { const one = plan.indicators.find(name);
    return plan.data.communities.name.map((_, i) => plan.indicators.valueOf(i, when, one)); }"""


@pytest.fixture(scope="module")
def path(toy, tmp_path_factory):
    path = toy.write(tmp_path_factory.mktemp("following"))
    path.write_text(toy.scenario + SERVICE, "utf-8")
    return path


@pytest.fixture(scope="module")
def plan(path):
    return api.run(path)


@pytest.fixture(scope="module")
def page(plan):
    return maps.page(plan, lang="en")


@pytest.fixture
def visit(page, chrome, tmp_path):
    visit = Visit(chrome, page, tmp_path)
    visit("(kind) => { plan.state.kind = kind; plan.refresh(); }", KIND)
    yield visit
    assert visit.wrong == []


def shown(visit, name, when="before"):
    return [None if value is None else float(value) for value in visit(VALUES, [name, when])]


def told(data, name):
    """What the map of a run says of its own state: a value for each community."""
    (one,) = [one for one in data["indicators"] if (one["name"], one["kind"]) == (name, KIND)]
    values = one["values"]
    if one["by_street"]:
        street = dict(zip(data["towns"]["name"], values, strict=True))
        values = [street.get(name) for name in data["communities"]["street"]]
    inside = data["communities"]["inside"]
    return [value if counts else None for value, counts in zip(values, inside, strict=True)]


FOLLOW = ("share_population", "share_by_street", "capacity", "capacity_by_street", "out_of_reach")


@pytest.mark.parametrize("year", [2005, 2012, 2022])
def test_a_year_shades_as_a_run_of_that_year_does(visit, path, year):
    run = api.run(path, set=["siting=[]", f"year={year}"])
    data = data_of(maps.page(run, lang="en"))
    visit("(year) => { plan.state.year = year; plan.refresh(); }", year)
    for name in FOLLOW:
        rounding = {"out_of_reach": 0.51, "capacity_by_street": 0.51}.get(name, 0.002)
        assert shown(visit, name) == pytest.approx(told(data, name), abs=rounding), name
        assert visit("(name) => plan.following.follows(plan.indicators.find(name))", name)
    assert shown(visit, "population") == told_place(run, "population")


def told_place(plan, group):
    living = plan.area.demand.groupby("community")[group].sum()
    living = living.reindex(plan.area.communities.index, fill_value=0.0)
    return [
        float(n) if inside else None
        for n, inside in zip(living, plan.area.communities["inside"], strict=True)
    ]


def test_a_trial_shades_groups_and_streets_as_python_measures(visit, plan):
    lat, lng = visit("() => plan.unpack.point(plan.data.communities.label[1])")
    visit("(at) => plan.trials.add(at)", [lat, lng])
    python = measured(plan, KIND, trial_points(plan, [(lng, lat)]))
    people = python.people[python.people["minutes"] == 15]
    own = people[(people["level"] == "community") & (people["group"] == "population")]
    by_community = own.set_index("unit")["share"].reindex(plan.area.communities.index)
    streets = people[(people["level"] == "street") & (people["group"] == "aged_60")]
    street = plan.area.communities["street"].map(streets.set_index("unit")["share"])
    street = street.where(plan.area.communities["inside"])
    today = shown(visit, "share_population", "before")
    for name, expected in (("share_population", by_community), ("share_by_street", street)):
        found = pd.Series(shown(visit, name, "trial"), index=expected.index, dtype=float)
        pd.testing.assert_series_equal(found, expected, check_names=False, atol=0.002, rtol=0)
    assert shown(visit, "share_population", "trial") != today


def test_suggested_sites_shade_groups_as_the_plan_does(toy_plan, toy_page, chrome, tmp_path):
    """Those that the answer closes are gone there, too."""
    visit = Visit(chrome, toy_page, tmp_path)
    visit("() => { plan.state.kind = 'canteen'; plan.state.when = 'after'; plan.refresh(); }")
    after = toy_plan.after.people
    rows = after[
        (after["kind"] == "canteen")
        & (after["group"] == "population")
        & (after["minutes"] == 15)
        & (after["level"] == "community")
    ]
    expected = rows.set_index("unit")["share"].reindex(toy_plan.area.communities.index)
    found = pd.Series(shown(visit, "share_population", "after"), expected.index, dtype=float)
    pd.testing.assert_series_equal(found, expected, check_names=False, atol=0.002, rtol=0)
    closing = visit(
        """() => { const { answers } = plan.data; answers[0].closed = [0, 1, 2, 3, 4, 5, 6];
        return plan.views.facilitiesOf('canteen', 'after').length; }"""
    )
    assert closing == 0
    assert visit.wrong == []


def test_what_does_not_follow_says_so_where_it_is_shown(visit):
    page = visit.page
    visit("() => { plan.state.shade = 'served'; plan.refresh(); }")
    note = page.locator(".notices .notice").first
    assert note.inner_text() == ""
    today = shown(visit, "served", "before")
    visit("() => plan.trials.add(plan.unpack.point(plan.data.communities.label[1]))")
    assert "stay those of the plan (2020)" in note.inner_text()
    assert page.locator(".legend .stays").inner_text() == note.inner_text()
    tip = visit(
        """() => { const tip = planMap.communityTip(plan, 0);
        return tip.innerText || tip.textContent; }"""
    )
    assert "still as in the plan (2020)" in tip
    assert shown(visit, "served", "trial") == today
    visit("() => { plan.state.shade = 'capacity'; plan.refresh(); }")
    assert "trial and suggested sites have none given" in note.inner_text()
    for shade in ("out_of_reach", "population", "share"):
        visit("(shade) => { plan.state.shade = shade; plan.refresh(); }", shade)
        assert note.inner_text() == ""
        assert page.locator(".legend .stays").count() == 0
