"""The people of communities laid over buildings: by households or floor area, to the person."""

import dataclasses
import tomllib

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import EAST, METRIC, NORTH
from test_area import assembled, make_tables

from planner import api
from planner.district.buildings import lived_in, weights_of
from planner.draft import draft
from planner.errors import InputError, PlannerError
from planner.language import LANGS

# Where, how wide (10 m deep), community that holds it, and what is known of it.
COLUMNS = ["x", "y", "wide", "households", "floors", "height_m", "floor_area_m2", "use"]
HOMES = [
    (0, 0, 10, 30, "6层", None, None, "住宅"),  # A: 30 and 10 households, whatever their size
    (300, 0, 90, 10, "1", None, None, None),
    (200, 100, 50, 99, "2", None, None, "学校"),
    (600, 0, 10, None, "6", None, None, "apartments"),  # B: 600, 400 and 200 m² of floors
    (900, 0, 20, 5, None, None, None, "yes"),  # two floors, as most have
    (1200, 0, 20, None, None, "2.8 m", None, "塔楼"),  # 2.8 m are one floor
    (0, 600, 10, None, None, None, 500.0, "house"),  # C: 500 m² as given, and 10 x 10 m twice
    (300, 600, 10, None, "2", "60", None, "house"),
    (5000, 0, 10, 7, "3", None, None, "house"),  # in no community
]


def buildings(rows=HOMES):
    frame = pd.DataFrame(rows, columns=COLUMNS).astype(
        {"households": float, "floor_area_m2": float}
    )
    at = gpd.points_from_xy(frame["x"] + EAST, frame["y"] + NORTH)
    told = frame.drop(columns=["x", "y", "wide"]).astype({"use": object})
    told = told.assign(community=None, use_group=None, footprint_m2=frame["wide"] * 10.0)
    return gpd.GeoDataFrame(told, geometry=at, crs=METRIC)


@pytest.fixture(scope="module")
def spread(toy):
    """The toy city without homes: communities have residents, half of them aged."""
    made = make_tables(toy)
    frame = made.communities.assign(aged_60=made.communities["population"] / 2)
    return dataclasses.replace(made, communities=frame, demand=None)


def test_people_live_by_households_else_by_floor_area(spread):
    area, found = assembled(dataclasses.replace(spread, buildings=buildings()))
    assert found == []
    held = area.demand.groupby("community")[["population", "aged_60"]].sum()
    assert held["population"].tolist() == pytest.approx([150, 120, 60, 120, 10], rel=1e-12)
    assert held["aged_60"].tolist() == pytest.approx([75, 60, 30, 60, 5], rel=1e-12)
    own = {
        label: area.demand.loc[area.demand["community"] == label, "population"].tolist()
        for label in "ABC"
    }
    assert own["A"] == pytest.approx([112.5, 37.5])
    # B: 10 x 10 m x 6; the median of the known floors (6, 1, 6, 1, 2) is 2; one floor of 2.8 m.
    assert own["B"] == pytest.approx([120 * 600 / 1200, 120 * 400 / 1200, 120 * 200 / 1200])
    assert own["C"] == pytest.approx([60 * 500 / 700, 60 * 200 / 700])
    notes = dict(area.notes)
    assert notes["area.not_lived_in"] == {"file": "", "n": 1, "of": 9}
    assert notes["area.unknown_use"]["named"] == "塔楼 1"
    assert notes["area.weights_of_buildings"] == {"file": "", "n": 1, "of": 3, "area": 2}
    assert notes["area.floors_assumed"]["floors"] == "2"


def test_who_has_no_building_lives_along_the_streets_and_is_told(spread):
    area, _ = assembled(dataclasses.replace(spread, buildings=buildings()))
    (told,) = area.estimates
    assert (told.what, told.how, told.rest) == ("people", "buildings", {"n": 2, "people": "130"})
    for lang in LANGS:
        assert "130" in told.say(lang)
    plain, _ = assembled(spread)
    for label in "DE":
        rows = [one.demand[one.demand["community"] == label] for one in (area, plain)]
        pd.testing.assert_frame_equal(rows[0], rows[1], check_like=True)


def test_buildings_that_are_all_elsewhere_are_refused(spread):
    _, found = assembled(dataclasses.replace(spread, buildings=buildings(HOMES[-1:])))
    assert found == [("no_building_inside", "", None, 1)]


@pytest.mark.parametrize(
    ("use", "group", "counts"),
    [
        ("house", "commercial", False),  # Overture: a class within a subtype
        (None, "residential", True),
        (None, "Medical", False),
        ("garage", "residential", False),
        ("商住樓", None, True),
        ("办公用房", None, False),
        (None, None, True),
    ],
)
def test_uses_tell_homes_from_others(use, group, counts):
    one = buildings(HOMES[:1]).assign(use=[use], use_group=[group])
    homes, told = lived_in(one)
    assert len(homes) == counts
    assert [key for key, _ in told] == [] if counts else ["area.not_lived_in"]


def test_hexagons_have_no_people_to_lay(spread):
    bare = dataclasses.replace(spread, communities=None, buildings=buildings())
    with pytest.raises(InputError) as caught:
        assembled(bare, communities={"hexagons_m": 300})
    assert [one.key for one in caught.value.problems] == ["area.hexagons_without_people"]


def test_without_any_figure_buildings_are_alike():
    plain = buildings([(x, 0, 0, None, "n/a", None, None, None) for x in (0, 300)])
    weights, told = weights_of(plain.assign(community="A", footprint_m2=np.nan))
    assert weights.tolist() == [1, 1]
    assert dict(told)["area.floors_assumed"]["n"] == 2


def written(toy_city, **columns):
    """Give the toy city a layer of buildings, as an office has it, in place of homes."""
    frame = buildings()
    boxes = [shapely.box(p.x - 5, p.y - 5, p.x + 5, p.y + 5) for p in frame.geometry]
    layer = gpd.GeoDataFrame(columns, geometry=boxes, crs=METRIC)
    layer.to_file(toy_city.parent / "建筑.gpkg", engine="pyogrio")
    text = toy_city.read_text("utf-8")
    plain = 'file = "demand.csv"\ncrs = "EPSG:4549"\n'
    assert plain in text
    text = text.replace(plain, 'file = "建筑.gpkg"\npeople = "communities"\n')
    toy_city.write_text(text.replace('group = "aged_60"\n', ""), "utf-8")
    return toy_city


def test_a_layer_of_buildings_goes_to_a_plan(toy_city):
    words = ["6", "1", "2", "6", "", "三层", "5", "2", "3"]
    use = ["apartments", None, "school", *["residential"] * 6]
    path = written(toy_city, 编号=list("abcdefghi"), **{"building:levels": words, "building": use})
    plan = api.run(path, set=["siting=[]"])
    area = plan.area
    (entry,) = [one for one in area.inputs if one.role == "buildings"]
    assert entry.understood.fields["floors"] == ("building:levels",)
    held = area.demand[area.demand["community"] == "A"]["population"]
    assert held.tolist() == pytest.approx([150 * 6 / 7, 150 / 7], rel=1e-6)
    assert dict(area.notes)["area.floors_assumed"] == {
        "file": "建筑.gpkg", "n": 2, "of": 7, "floors": "5"
    }  # fmt: skip
    told = area.estimates[0].say("zh")
    assert "住宅楼" in told
    assert told in plan.caveats("zh")


def test_what_does_not_go_together_is_refused(toy_city):
    path = written(toy_city, 编号=list("abcdefghi"))
    with pytest.raises(PlannerError) as caught:
        api.check(path, set=["demand.people_per_m2=0.03", "demand.groups.aged_60='x'"])
    assert [(one.key, one.value) for one in caught.value.problems] == [
        ("settings.idle_key", "demand.groups"), ("settings.idle_key", "demand.people_per_m2"),
    ]  # fmt: skip


def test_a_draft_knows_buildings(toy, tmp_path):
    folder = tmp_path / "office"
    path = written(toy_files(toy, folder), 编号=list("abcdefghi"), 层数=[6] * 9)
    path.unlink()
    made = draft(folder, "zh")
    told = tomllib.loads(made.text)
    assert told["demand"] == {"file": "建筑.gpkg", "people": "communities"}
    assert made.problems == []


def toy_files(toy, folder):
    """Write the toy city without homes and without stations, whose kind nothing tells."""
    path = toy.write(folder)
    for name in ("demand", "stations"):
        (folder / f"{name}.csv").unlink()
    return path
