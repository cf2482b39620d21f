"""The study area: tables checked against each other and the streets."""

import dataclasses
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import EAST, METRIC, NORTH, Toy

from planner.district import assembling
from planner.district.area import StudyArea, Tables
from planner.district.tables import conform
from planner.errors import Problems
from planner.network import Network
from planner.settings import resolve
from planner.standards import kinds

BASE = {"title": "T", "communities": {"file": "c"}, "streets": {"file": "s"}}


def make_tables(toy: Toy) -> Tables:
    """The toy city by its contracts, without files."""
    problems = Problems()

    def table(name: str, contract: str, **constants: str) -> pd.DataFrame:
        raw = toy.sheets[name]
        if "x" in raw:
            raw = gpd.GeoDataFrame(raw, geometry=gpd.points_from_xy(raw["x"], raw["y"]), crs=METRIC)
        raw = raw.set_axis(raw.index + 2)
        frame = conform(
            raw, contract, file=name, problems=problems, constants=constants, kinds=kinds()
        )
        return frame.assign(file=name)

    facilities = [
        table("stations", "facilities", kind="care_station"),
        table("shelters", "facilities", kind="shelter"),
    ]
    made = Tables(
        communities=conform(
            toy.communities, "communities", file="c", problems=problems, kinds=kinds()
        ),
        demand=table("demand", "demand").drop(columns="file"),
        facilities=gpd.GeoDataFrame(pd.concat(facilities)).assign(outside="error"),
        candidates=table("candidates", "candidates").assign(outside="error"),
        links=table("links", "links")[lambda links: links["facility"] == "H1"],
        network=Network.from_lines(toy.streets),
        streets=toy.streets,
        backdrop=None,
        inputs=(),
    )
    assert problems.found == []
    return made


def assembled(tables: Tables, **settings) -> tuple[StudyArea, list[tuple]]:
    problems = Problems()
    area = assembling.assemble(tables, resolve(BASE | settings), kinds(), problems)
    for lang in ("zh", "en"):
        assert all(problem.say(lang) for problem in problems.found)
    found = [
        (p.key.removeprefix("area."), p.file, None if p.row is None else str(p.row), p.value)
        for p in problems.found
    ]
    return area, found


@pytest.fixture(scope="module")
def tables(toy: Toy) -> Tables:
    return make_tables(toy)


def moved(frame: gpd.GeoDataFrame, label: str, x: float, y: float) -> gpd.GeoDataFrame:
    """Move the point of one id."""
    frame = frame.copy()
    frame.loc[frame["id"] == label, "geometry"] = shapely.Point(EAST + x, NORTH + y)
    return frame


def test_area_by_hand(tables):
    area, found = assembled(tables, year=2020)
    assert found == []
    assert area.groups == ("population", "aged_60")
    assert not area.spread
    assert area.counted.index.tolist() == list("ABCDE")
    assert area.communities["inside_share"].tolist() == [1, 1, 1, 1, 1, 0]
    assert area.demand.index.tolist() == ["a1", "a2", "b1", "b2", "c1", "d1", "d2", "e1"]
    assert area.facilities["operating"].to_dict() == {
        "S1": True,
        "S2": False,
        "S3": False,
        "H1": True,
    }
    assert area.facilities["community"].tolist() == ["A", "B", "B", "D"]
    assert area.candidates["community"].tolist() == ["A", "B", "E"]
    assert area.skipped.empty
    # The streets' convex hull: a pentagon from (0, 0) to (1500, 600), and 50 m around it.
    hull = shapely.box(EAST, NORTH, EAST + 1500, NORTH + 600)
    assert area.extent.area == pytest.approx(hull.buffer(50).area, rel=1e-3)


def test_tables_are_left_alone(tables, toy):
    assembled(tables)
    fresh = make_tables(toy)
    for name in ("communities", "demand", "facilities", "candidates", "links"):
        pd.testing.assert_frame_equal(getattr(tables, name), getattr(fresh, name))


def test_row_order_changes_nothing(tables):
    turned = dataclasses.replace(
        tables, communities=tables.communities[::-1], demand=tables.demand[::-1]
    )
    one, other = assembled(tables)[0], assembled(turned)[0]
    for name in ("communities", "demand"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name)[::-1])


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            lambda t: {"facilities": moved(t.facilities, "S1", 300, 5000)},
            ("off_streets", "stations", "2", "中心养老站"),
        ),
        (
            lambda t: {"candidates": moved(t.candidates, "X2", -900, 0)},
            ("off_streets", "candidates", "3", "东门活动室"),
        ),
        (
            lambda t: {"facilities": moved(t.facilities, "H1", 1500, 550)},
            ("on_island", "shelters", "2", "北门避灾点"),
        ),
        (
            lambda t: {"links": t.links.replace("H1", "H9")[:1]},
            ("link_facility", "links", "5", "H9"),
        ),
        (lambda t: {"links": t.links.replace("C", "Z")}, ("link_community", "links", "7", "Z")),
        (
            lambda t: {"demand": t.demand.assign(population=0.0)},
            ("nobody", "c", None, "population"),
        ),
    ],
)
def test_faults_between_tables(tables, change: Callable[[Tables], dict], found):
    area, named = assembled(dataclasses.replace(tables, **change(tables)))
    assert named == [found]
    assert area.skipped.empty


def test_a_point_just_within_and_just_beyond_the_snap_limit(tables):
    for metres, found in ((199, []), (201, ["off_streets"])):
        far = dataclasses.replace(tables, facilities=moved(tables.facilities, "S1", 300, -metres))
        assert [key for key, *_ in assembled(far)[1]] == found


def test_points_beyond_the_streets_are_skipped_where_their_source_says_so(tables):
    facilities = moved(moved(tables.facilities, "S1", 300, 5000), "H1", 1500, 550)
    area, found = assembled(
        dataclasses.replace(
            tables, facilities=facilities.assign(outside="skip"), links=tables.links[:0]
        )
    )
    assert found == []
    assert area.facilities.index.tolist() == ["S2", "S3"]
    assert area.skipped["reason"].tolist() == ["off_streets", "on_island"]
    assert area.skipped["row"].astype(str).tolist() == ["2", "2"]
    assert area.skipped["distance_m"].iloc[0] == pytest.approx(4400)
    assert np.isnan(area.skipped["distance_m"].iloc[1])


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"coverage": {"kinds": ["casino"]}}, ("unknown_kind", "coverage.kinds", None, "casino")),
        ({"coverage": {"gap_kinds": ["x"]}}, ("unknown_kind", "coverage.gap_kinds", None, "x")),
        ({"coverage": {"group": "aged_90"}}, ("unknown_group", "coverage.group", None, "aged_90")),
        (
            {"siting": [{"kind": "casino", "new": 1}]},
            ("unknown_kind", "siting.0.kind", None, "casino"),
        ),
        (
            {"siting": [{"kind": "canteen", "new": 1, "group": "x"}]},
            ("unknown_group", "siting.0.group", None, "x"),
        ),
        (
            {"siting": [{"kind": "canteen", "new": 1, "where": {"hots": "办公楼"}}]},
            ("unknown_column", "siting.0.where", None, "hots"),
        ),
        ({"map": {"kind": "casino"}}, ("unknown_kind", "map.kind", None, "casino")),
    ],
)
def test_words_of_the_settings(tables, settings, found):
    assert assembled(tables, **settings)[1] == [found]


def test_communities_beyond_the_streets_stop_the_run(tables):
    far = tables.communities.translate(50_000, 0)
    _, found = assembled(
        dataclasses.replace(tables, communities=tables.communities.set_geometry(far), demand=None)
    )
    told = [key for key, *_ in found]
    assert told == ["no_community_inside", "nobody"][: len(told)], "and no point is blamed for it"


def test_a_community_counts_by_the_share_within_the_extent(tables):
    # Without demand points it is the area that decides: the hull ends 50 m beyond x = 1500.
    half = tables.communities.query("id == 'E'").set_geometry(
        [shapely.box(EAST + 1450, NORTH + 10, EAST + 1650, NORTH + 110)]
    )
    for share, counted in ((0.5, True), (0.51, False)):
        kept = pd.concat([tables.communities.query("id != 'E'"), half])
        area, _ = assembled(
            dataclasses.replace(tables, communities=kept, demand=None),
            coverage={"inside_share": share},
        )
        assert area.communities.loc["E", "inside_share"] == pytest.approx(0.5, abs=0.01)
        assert area.communities.loc["E", "inside"] == counted


def test_people_are_spread_where_no_points_are_given(tables):
    area, found = assembled(dataclasses.replace(tables, demand=None))
    assert found == []
    assert area.spread
    sums = area.demand.groupby("community")["population"].sum()
    assert sums.to_dict() == pytest.approx({"A": 150, "B": 120, "C": 60, "D": 120, "E": 10})
    shapes = area.communities.geometry.loc[area.demand["community"]]
    assert area.demand.intersects(shapes, align=False).all()
    assert area.demand.intersects(area.extent).all()


def test_people_are_spread_along_streets_that_people_live_on(tables):
    """Every 25 m of A's 1,230 m of streets; with the street at y = 0 a bridge, of its other 780."""
    area, found = assembled(dataclasses.replace(tables, demand=None))
    assert found == []
    homes = area.demand[area.demand["community"] == "A"]
    on_streets = tables.streets.union_all()
    assert (homes.distance(on_streets) < 1e-6).all()
    within = area.communities.geometry["A"].intersection(area.extent)
    metres = on_streets.intersection(within).length
    assert len(homes) == round(metres / 25)
    assert homes["population"].to_numpy() == pytest.approx(150 / len(homes))
    assert [(one.what, one.how) for one in area.estimates] == [("people", "streets")]
    lived_on = tables.streets["name"] != "横0路"
    streets = tables.streets.assign(lived_on=lived_on)
    area, _ = assembled(dataclasses.replace(tables, demand=None, streets=streets))
    bare = area.demand[area.demand["community"] == "A"]
    assert len(bare) == round(streets[lived_on].union_all().intersection(within).length / 25)
    assert (bare.distance(streets[~lived_on].union_all()) > 0).all()


def test_a_community_without_streets_has_its_people_over_its_area(tables):
    """E's only street is taken for a bridge."""
    streets = tables.streets.assign(lived_on=tables.streets["name"] != "岛路")
    area, found = assembled(dataclasses.replace(tables, demand=None, streets=streets))
    assert found == []
    homes = area.demand[area.demand["community"] == "E"]
    assert homes["population"].sum() == 10
    assert len(homes) > 1
    assert area.demand["community"].drop_duplicates().tolist() == list("ABCDE")


def test_people_may_be_spread_over_areas(tables):
    area, _ = assembled(dataclasses.replace(tables, demand=None), coverage={"spread": "areas"})
    homes = area.demand[area.demand["community"] == "A"]
    steps = np.diff(np.unique(homes.geometry.x))
    assert steps == pytest.approx(100)
    assert [(one.what, one.how) for one in area.estimates] == [("people", "areas")]
    assert area.estimates[0].named == {"metres": "100"}


def test_demand_finds_its_community_by_place(tables):
    demand = tables.demand.assign(community=None)
    demand.loc[2, "community"] = "C"  # named: stays, wherever it lies
    area, _ = assembled(dataclasses.replace(tables, demand=moved(demand, "b2", 5000, 5000)))
    assert area.demand["community"].to_dict() == {
        "a1": "C", "a2": "A", "b1": "B", "c1": "C", "d1": "D", "d2": "D", "e1": "E"
    }  # fmt: skip
    assert ("area.demand_nowhere", {"n": 1, "people": "40"}) in area.notes


def test_people_that_a_group_does_not_count_are_none(tables):
    demand = tables.demand.assign(
        aged_60=tables.demand["aged_60"].mask(tables.demand["id"] == "a1")
    )
    area, found = assembled(dataclasses.replace(tables, demand=demand))
    assert found == []
    assert area.demand.loc["a1", "aged_60"] == 0


def test_hexagons_take_the_people_of_the_points(tables):
    area, found = assembled(
        dataclasses.replace(tables, communities=None, links=tables.links[:0]),
        communities={"hexagons_m": 60},
    )
    assert found == []
    assert area.communities["population"].sum() == area.demand["population"].sum() > 200
    assert area.facilities["community"].notna().sum() >= 2


def test_labels_are_unique_over_files_and_tables(tables):
    facilities = tables.facilities.assign(id=["1", "2", "1", None])
    candidates = tables.candidates.assign(id=["1", "2", "3"])
    area, found = assembled(
        dataclasses.replace(
            tables, facilities=facilities, candidates=candidates, links=tables.links[:0]
        )
    )
    assert found == []
    labels = [*area.facilities.index, *area.candidates.index]
    assert len(set(labels)) == len(labels) == 7
    assert "2" in area.facilities.index, "an id that is unique among the facilities stays"


def test_no_facilities_and_no_question_is_a_fault(tables):
    area, found = assembled(
        dataclasses.replace(
            tables,
            facilities=tables.facilities[:0],
            candidates=tables.candidates[:0],
            links=tables.links[:0],
        )
    )
    assert found == [("nothing_asked", None, None, None)]
    assert area.facilities.empty
    assert isinstance(area.skipped, pd.DataFrame)


def test_communities_alone_may_be_held_against_standards(tables):
    """`check` lists what to gather: a bureau has its communities first."""
    bare = {name: getattr(tables, name)[:0] for name in ("facilities", "candidates", "links")}
    asked = {"profiles": ["beilun-2018"]}
    _, found = assembled(dataclasses.replace(tables, **bare), standards=asked)
    assert found == []


def test_what_operates(tables: Tables):
    area, _ = assembled(tables, year=2020)
    assert (
        area.operating.index.tolist()
        == area.facilities.index[area.facilities["operating"]].tolist()
    )
    assert not area.facilities["operating"].all()  # S2 is planned
    none = dataclasses.replace(area, facilities=area.facilities.assign(operating=False))
    assert none.operating.empty


def test_homes_stand_where_they_are_until_they_move(tables: Tables):
    area, _ = assembled(tables)
    homes = area.homes(200.0)
    expected = area.network.snap(area.demand.geometry, max_snap_m=200.0)
    pd.testing.assert_frame_equal(homes.points, expected.points)
    assert area.homes(200.0) is homes
    assert area.homes(1.0).max_snap_m == 1.0
    later = area.with_tables(facilities=area.facilities.iloc[:1], demand=area.demand.copy())
    assert later.homes(200.0) is homes
    assert len(later.facilities) == 1
    for demand in (
        area.demand.set_geometry(area.demand.translate(5.0)),
        area.demand.iloc[:-1],
        area.demand.set_axis([f"{label}'" for label in area.demand.index]),
    ):
        other = area.with_tables(demand=demand).homes(200.0)
        assert other.index.equals(demand.index)
        assert len(other) == len(demand)
        assert other is not homes
    assert dataclasses.replace(area, demand=area.demand.iloc[:1]).homes(200.0).index.tolist() == (
        area.demand.index[:1].tolist()
    )
