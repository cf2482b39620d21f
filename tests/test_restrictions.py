"""Streets closed by name, by an area or by a line; classes that are avoided or take longer."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from conftest import EAST, METRIC, NORTH
from shapely import affinity

from planner import api
from planner.district.walk import Walk
from planner.errors import PlannerError


def minutes(path, *settings, kind="care_station"):
    """The walk of every home to the nearest facility of a kind; nothing else is wrong."""
    found = api.check(path, set=list(settings))
    area = found.area
    own = area.facilities[(area.facilities["kind"] == kind) & area.facilities["operating"]]
    return Walk(area, found.settings).nearest(own, 200.0)["minutes"]


def keys(path, *settings):
    with pytest.raises(PlannerError) as caught:
        api.check(path, set=list(settings))
    return {(one.key, one.file, str(one.value)) for one in caught.value.problems}


def notes(path, *settings):
    return dict(api.check(path, set=list(settings)).area.notes)


def write(folder, *shapes):
    moved = [affinity.translate(shape, EAST, NORTH) for shape in shapes]
    gpd.GeoDataFrame({"name": ["施工"] * len(moved)}, geometry=moved, crs=METRIC).to_file(
        folder / "closed.gpkg", engine="pyogrio"
    )


def test_a_closed_street_is_as_if_it_were_not_there(toy, toy_city, tmp_path):
    """The same walks as on streets without it; whoever lives by it goes to the next street."""
    left = toy.streets[toy.streets["name"] != "横1路"]
    without = tmp_path / "without"
    path = toy.write(without)
    left.to_file(without / "streets.gpkg", engine="pyogrio")
    closed = minutes(toy_city, 'streets.closed=["横1路"]', "walk.max_snap_m=301")
    pd.testing.assert_series_equal(closed, minutes(path, "walk.max_snap_m=301"))
    assert not closed.equals(minutes(toy_city, "walk.max_snap_m=301"))
    told = notes(toy_city, 'streets.closed=["横1路"]')["area.closed_streets"]
    assert told == {"named": "横1路", "km": "1.2"}


def test_a_barrier_across_a_street_forces_the_long_way(toy_city):
    """From (0, 0) to (300, 300): by one of two corners; both barred, round a third."""
    write(toy_city.parent, shapely.LineString([(-20, 150), (20, 150)]))
    one = minutes(toy_city, "streets.closures=closed.gpkg")
    assert one["a1"] == pytest.approx(10.0, abs=0.01)  # by the other corner
    bars = [[(-20, 150), (20, 150)], [(280, 150), (320, 150)]]
    write(toy_city.parent, *map(shapely.LineString, bars))
    two = minutes(toy_city, "streets.closures=closed.gpkg")
    assert two["a1"] == pytest.approx((600 + 300 + 300) / 60, abs=0.01)
    assert two["c1"] == pytest.approx(10.0, abs=0.01)


def test_a_closed_area_cuts_off_what_lies_in_it_and_lists_it(toy_city):
    write(toy_city.parent, shapely.box(200, 250, 700, 450))
    area = api.check(toy_city, set=["streets.closures=closed.gpkg", "walk.max_snap_m=45"]).area
    shut = area.skipped[area.skipped["reason"] == "closed_off"]
    assert sorted(shut["name"]) == ["中心养老站", "长者食堂"]
    assert "S1" not in area.facilities.index


def test_people_live_along_a_closed_street_all_the_same(toy, tmp_path):
    path = toy.write(tmp_path / "spread")
    path.write_text(
        path.read_text("utf-8").replace('[demand]\nfile = "demand.csv"\ncrs = "EPSG:4549"\n', ""),
        "utf-8",
    )
    plain = ["coverage.group=population", "siting=[]"]
    open_, closed = (
        api.check(path, set=[*plain, *more]).area.demand
        for more in ([], ['streets.closed=["横1路"]'])
    )
    pd.testing.assert_frame_equal(open_, closed)


def test_deliveries_do_not_pass_where_walkers_may_not(toy_city):
    more = '\n[[delivery]]\nkind = "canteen"\nwindow_min = 60\n'
    toy_city.write_text(toy_city.read_text("utf-8") + more, "utf-8")
    names = '"横0路", "横1路", "横2路"'
    area = api.check(toy_city, set=[f"streets.closed=[{names}]", "walk.max_snap_m=500"]).area
    streets = {name for one in (area.network, area.roads) for name in one.attributes["name"]}
    assert streets == {*(f"纵{i}路" for i in range(5)), "岛路", "荒岛路"}


@pytest.fixture
def stairs(toy, tmp_path):
    """The toy city where the street up from the station is steps."""
    streets = toy.streets.assign(highway="residential")
    streets.loc[streets["name"] == "纵1路", "highway"] = "台阶"
    path = toy.write(tmp_path / "stairs")
    streets.to_file(path.parent / "streets.gpkg", engine="pyogrio")
    return path


def test_steps_are_avoided_or_take_longer(stairs):
    """a2 lives 30 m from the foot of the steps, at the head of which the station stands."""
    assert minutes(stairs)["a2"] == pytest.approx(330 / 60)
    slow = minutes(stairs, "walk.factors={ '台阶' = 2.0 }")
    assert slow["a2"] == pytest.approx((30 + 600) / 60)
    slower = minutes(stairs, "walk.factors={ '台阶' = 4.0 }")
    assert slower["a2"] == pytest.approx((30 + 300 + 300 + 300) / 60)  # round the corner
    round_ = minutes(stairs, 'walk.avoid=["台阶"]')
    assert round_["a2"] == slower["a2"]
    told = notes(stairs, 'walk.avoid=["台阶"]', "walk.factors={ residential = 1.5 }")
    assert told["area.avoided_streets"] == {"named": "台阶 0.6 km"}
    assert told["area.slowed_streets"] == {"named": "residential × 1.5"}


def test_a_class_that_no_street_has_is_told(stairs):
    told = notes(stairs, 'walk.avoid=["steps"]')["area.no_street_of_class"]
    assert told["word"] == "steps"
    assert set(told["known"].split(", ")) == {"residential", "台阶"}
    pd.testing.assert_series_equal(minutes(stairs), minutes(stairs, 'walk.avoid=["steps"]'))


def test_what_cannot_be_meant_is_refused(toy_city, stairs):
    file = "streets.closed"
    assert keys(toy_city, 'streets.closed=["横9路"]') == {("io.no_street_of_name", file, "横9路")}
    assert "network.all_closed" in {
        key for key, *_ in keys(stairs, 'walk.avoid=["台阶","residential"]')
    }
    assert {key for key, *_ in keys(toy_city, "walk.factors={steps=0}")} == {"settings.wrong_value"}
    assert {key for key, *_ in keys(toy_city, "streets.closures=none.gpkg")} == {"io.no_file"}
    every = (
        '["'
        + '","'.join(
            [*(f"横{i}路" for i in range(3)), *(f"纵{i}路" for i in range(5)), "岛路", "荒岛路"]
        )
        + '"]'
    )
    assert keys(toy_city, f"streets.closed={every}")
