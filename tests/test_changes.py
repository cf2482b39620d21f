"""Changes over the years: what opens, closes, moves and grows, and borders that are redrawn."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples

from planner.district.changes import (
    Change,
    Close,
    Convert,
    District,
    Expand,
    Link,
    Merge,
    Move,
    Open,
    Split,
    apply,
    carry,
    check_years,
    extend,
    over_years,
)
from planner.district.tables import in_operation
from planner.errors import InputError, Problems

CRS = "EPSG:32650"
COUNTS = ["population", "households", "aged_60"]


def district(*, with_demand=True):
    """Three squares of 100 m in a row, a, b and c, and d apart; b is a village."""
    communities = gpd.GeoDataFrame(
        {
            "id": list("abcd"),
            "name": ["A", "B", "C", "D"],
            "street": ["S", "S", "T", "T"],
            "settlement": ["urban", "rural", "urban", "urban"],
            "population": [100.0, 301.0, 50.0, 10.0],
            "households": [40.0, 99.0, 20.0, np.nan],
            "aged_60": [20.0, 60.0, 5.0, 1.0],
            "inside_share": 1.0,
        },
        geometry=[shapely.box(x, 0, x + 100, 100) for x in (0, 100, 200, 500)],
        index=list("abcd"),
        crs=CRS,
    )
    demand = gpd.GeoDataFrame(
        {
            "community": list("aabbbbcd"),
            "population": [60.0, 40.0, 101.0, 100.0, 60.0, 40.0, 50.0, 10.0],
            "aged_60": [10.0, 10.0, 0.0, 30.0, 20.0, 10.0, 5.0, 1.0],
        },
        geometry=gpd.points_from_xy([10, 90, 110, 130, 160, 190, 250, 550], [50] * 8),
        index=[f"h{i}" for i in range(8)],
        crs=CRS,
    )
    facilities = gpd.GeoDataFrame(
        {
            "id": ["x", "y"],
            "name": ["X", "Y"],
            "kind": ["canteen", "institution"],
            "capacity": [30.0, np.nan],
            "nursing_beds": [np.nan, 5.0],
            "status": ["existing", "existing"],
            "opened": pd.array([2010, None], dtype="Int64"),
            "closed": pd.array([None, None], dtype="Int64"),
            "community": ["b", "c"],
            "operating": [True, True],
            "row": [2, 3],
        },
        geometry=[shapely.Point(180, 50), shapely.Point(250, 50)],
        index=["x", "y"],
        crs=CRS,
    )
    links = pd.DataFrame(
        {"facility": ["x", "x"], "community": ["a", "b"], "link": "delivery", "file": "links.csv"}
    )
    return District(
        communities=communities,
        demand=demand if with_demand else None,
        facilities=facilities,
        links=links,
    )


def keys(error):
    return [problem.key.removeprefix("changes.") for problem in error.value.problems]


def test_facilities_over_the_years():
    place = shapely.Point(30, 30)
    changes = [
        Open(year=2020, facility="z", at=place, columns={"name": "Z", "kind": "canteen"}),
        Close(year=2023, facility="x"),
        Expand(year=2021, facility="y", add={"nursing_beds": 3, "capacity": 10}),
        Expand(year=2022, facility="x", add={"capacity": 12}),
        Move(year=2022, facility="x", at=shapely.Point(550, 50)),
        Link(year=2021, facility="z", community="c", link="assignment"),
        Link(year=2021, facility="x", community="a", link="delivery", cease=True),
    ]
    start = district()

    def figures(year):
        now = apply(start, changes, year=year)
        open_now = now.facilities[in_operation(now.facilities, year)]
        by_kind = open_now.groupby("kind").agg(n=("id", "size"), capacity=("capacity", "sum"))
        return by_kind.reset_index()

    table = over_years(range(2019, 2024), figures)
    assert list(table.columns) == ["year", "kind", "n", "capacity"]
    canteens = table[table["kind"] == "canteen"].set_index("year")
    assert canteens["n"].to_dict() == {2019: 1, 2020: 2, 2021: 2, 2022: 2, 2023: 1}
    assert canteens["capacity"].to_dict() == {2019: 30, 2020: 30, 2021: 30, 2022: 42, 2023: 0}
    end = apply(start, changes, year=2022)
    kinds = start.facilities.dtypes.drop("row")  # a new facility stands in no file
    assert end.facilities.dtypes.drop("row").equals(kinds)
    assert end.facilities.loc["z", "community"] == "a"
    assert end.facilities.loc["x", "community"] == "d"
    assert end.facilities.loc["x", "geometry"].x == 550
    assert end.facilities.loc["y", "nursing_beds"] == 8
    assert pd.isna(end.facilities.loc["y", "capacity"])
    assert [note.key for note in end.notes] == ["changes.unknown_amount"]
    pairs = end.links[["facility", "community"]].to_numpy().tolist()
    assert pairs == [["x", "b"], ["z", "c"]]
    now = apply(start, changes, year=None)
    operating = now.facilities.index[in_operation(now.facilities, None)]
    assert list(operating) == ["y", "z"]
    untouched = apply(start, changes, year=2000)
    pd.testing.assert_frame_equal(untouched.facilities, district().facilities)
    pd.testing.assert_frame_equal(start.facilities, district().facilities)


def test_extensions_as_a_table():
    facilities = district().facilities
    extensions = pd.DataFrame(
        {
            "facility": ["x", "x", "y"],
            "year": [2018, 2020, None],
            "added": [5, 7, 2],
            "column": [None, "capacity", "nursing_beds"],
        }
    )
    assert extend(facilities, extensions, 2019).loc["x", "capacity"] == 35
    assert extend(facilities, extensions, 2020).loc["x", "capacity"] == 42
    assert extend(facilities, extensions, None)["nursing_beds"].to_list()[1] == 7
    assert (
        extend(facilities, extensions.drop(columns="column")[:2], 2018).loc["x", "capacity"] == 35
    )
    wrong = pd.DataFrame(
        {"facility": ["q", "x"], "year": 2018, "added": [1, None], "column": ["capacity", "mood"]}
    )
    with pytest.raises(InputError) as error:
        extend(facilities, wrong, 2019)
    assert keys(error) == ["unknown_facility", "no_amount", "unknown_column"]


def test_merge_carries_everything_over():
    start = district()
    end = apply(start, [Merge(communities=["b", "a"], into="ab", name="AB")], year=None)
    assert list(end.communities.index) == ["ab", "c", "d"]
    row = end.communities.loc["ab"]
    assert row[COUNTS].to_list() == [401, 139, 80]
    assert (row["name"], row["street"], row["settlement"], row["id"]) == ("AB", "S", "rural", "ab")
    assert row["geometry"].area == pytest.approx(20_000)
    assert row["inside_share"] == 1
    assert end.demand["community"].to_list() == ["ab"] * 6 + ["c", "d"]
    assert end.facilities["community"].to_list() == ["ab", "c"]
    assert end.links["community"].to_list() == ["ab"]
    assert end.notes == ()
    assert end.communities.crs == start.communities.crs


def test_communities_that_do_not_touch_are_merged_with_a_warning():
    end = apply(district(), [Merge(communities=["a", "b", "d"], into="abd")], year=None)
    assert [note.key for note in end.notes] == ["changes.not_touching"]
    assert "a, b, d" in end.notes[0].say("en")
    assert "a, b, d" in end.notes[0].say("zh")
    assert end.communities.loc["abd", "population"] == 411
    assert pd.isna(end.communities.loc["abd", "households"])  # one of them is not known
    assert end.communities.loc["abd", "geometry"].geom_type == "MultiPolygon"


def test_split_by_shares_follows_where_people_live():
    start = district()
    end = apply(start, [Split(community="b", into={"b1": 0.65, "b2": 0.35})], year=None)
    assert list(end.communities.index) == ["a", "b1", "b2", "c", "d"]
    # 201 of 301 people live in the western two houses: the nearest one can come to 0.65
    assert end.demand["community"].to_list() == ["a", "a", "b1", "b1", "b2", "b2", "c", "d"]
    parts = end.communities.loc[["b1", "b2"]]
    assert parts["population"].to_list() == [201, 100]
    assert parts["aged_60"].to_list() == [30, 30]
    assert parts["households"].to_list() == [66, 33]  # 99 x 201/301 = 66.1
    assert parts["geometry"].area.to_list() == pytest.approx([4500, 5500])
    assert end.facilities["community"].to_list() == ["b2", "c"]
    assert end.links["community"].to_list() == ["a", "b1", "b2"]
    lineage = end.lineage[end.lineage["before"] == "b"].set_index("after")["share"]
    assert lineage.to_dict() == pytest.approx({"b1": 201 / 301, "b2": 100 / 301})


def test_split_into_as_many_parts_as_there_are_places_gives_each_its_place():
    """Two homes, 90 people of 100 to the west: a cut by area would lie at the middle."""
    cut = [Split(community="a", into={"a1": 0.9, "a2": 0.1})]
    start = district()
    start.demand.loc[["h0", "h1"], "population"] = [90.0, 10.0]
    start.demand.loc[["h0", "h1"], "geometry"] = gpd.points_from_xy([10, 30], [50, 50])
    end = apply(start, cut, year=None)
    assert end.demand.loc[["h0", "h1"], "community"].tolist() == ["a1", "a2"]
    assert end.communities.loc["a1", "geometry"].bounds[2] == pytest.approx(20, abs=1e-3)


def test_split_by_shares_of_the_area_where_people_are_not_known():
    cut = [Split(community="b", into={"b1": 0.25, "b2": 0.75}, names={"b1": "West"})]
    end = apply(district(with_demand=False), cut, year=None)
    parts = end.communities.loc[["b1", "b2"]]
    assert parts.geometry.area.to_list() == pytest.approx([2500, 7500])
    assert parts["population"].to_list() == [75, 226]
    assert parts["households"].to_list() == [25, 74]
    assert parts["name"].to_list() == ["West", "B (b2)"]


def test_split_by_shapes():
    shapes = {"n": shapely.box(0, 20, 300, 200), "s": shapely.box(0, -50, 300, 20)}
    end = apply(district(), [Split(community="b", into=shapes)], year=None)
    assert end.communities.loc[["n", "s"], "population"].to_list() == [301, 0]
    assert end.communities.loc["s", "geometry"].area == pytest.approx(2000)
    with pytest.raises(InputError) as error:
        apply(
            district(), [Split(community="b", into={"n": shapes["n"], "m": shapes["n"]})], year=None
        )
    assert keys(error) == ["split_shapes"]


def test_a_village_becomes_a_community():
    end = apply(district(), [Convert(year=2015, community="b", name="New B")], year=2015)
    assert end.communities.loc["b", ["settlement", "name"]].to_list() == ["urban", "New B"]
    assert apply(district(), [Convert(year=2015, community="b")], year=2014).communities.loc[
        "b", "settlement"
    ] == ("rural")


def test_figures_are_carried_over_to_new_borders():
    start = district()
    changes = [
        Merge(year=2020, communities=["a", "b"], into="ab"),
        Split(year=2021, community="ab", into={"p": 0.5, "q": 0.5}),
    ]
    end = apply(start, changes, year=2021)
    before = carry(start.communities[["population", "aged_60"]], end.lineage)
    assert list(before.index) == ["p", "q", "c", "d"]
    assert before.loc[["p", "q"], "population"].sum() == pytest.approx(401)
    assert before.loc[["p", "q"], "population"].to_list() == pytest.approx(
        end.communities.loc[["p", "q"], "population"].to_list()
    )
    assert apply(start, changes, year=2020).lineage["after"].to_list() == ["ab", "ab", "c", "d"]


@given(
    st.lists(st.integers(0, 400), min_size=2, max_size=12),
    st.lists(st.integers(1, 20), min_size=2, max_size=4),
    st.integers(0, 2**31),
)
@examples(15)
def test_people_are_never_lost(people, parts, seed):
    rng = np.random.default_rng(seed)
    start = district()
    homes = gpd.GeoDataFrame(
        {"community": "b", "population": people, "aged_60": rng.integers(0, 9, len(people))},
        geometry=gpd.points_from_xy(
            rng.uniform(100, 200, len(people)), rng.uniform(0, 100, len(people))
        ),
        crs=CRS,
    )
    communities = start.communities.copy()
    communities.loc["b", ["population", "aged_60"]] = [sum(people), homes["aged_60"].sum()]
    start = District(
        communities=communities, demand=homes, facilities=start.facilities, links=start.links
    )
    shares = np.array(parts) / sum(parts)
    into = {f"p{i}": share for i, share in enumerate(shares)}
    end = apply(start, [Split(community="b", into=into)], year=None)
    assert end.communities[COUNTS].sum().equals(communities[COUNTS].sum())
    own = end.communities.loc[list(into)]
    assert own.geometry.area.sum() == pytest.approx(10_000)
    for column in ("population", "aged_60") if sum(people) and homes["aged_60"].sum() else ():
        by_home = end.demand.groupby("community")[column].sum().reindex(list(into), fill_value=0)
        assert own[column].to_list() == by_home.to_list()
    inside = end.demand.geometry.distance(
        gpd.GeoSeries(
            own.geometry.loc[end.demand["community"]].to_numpy(), end.demand.index, crs=CRS
        )
    )
    assert (inside < 1e-6).all()
    again = apply(end, [Merge(communities=list(into), into="b")], year=None)
    assert again.notes == ()
    assert again.communities.loc["b", COUNTS].to_list() == communities.loc["b", COUNTS].to_list()


def test_everything_wrong_is_said_at_once():
    point = shapely.Point(1, 1)
    changes = [
        Close(year=2009, facility="x"),
        Close(facility="q"),
        Move(facility="q", at=point),
        Expand(facility="x", add={"mood": 1}),
        Expand(facility="x", add={"capacity": -31}),
        Open(facility="y", at=point, columns={"name": "Y2", "beds": 3}),
        Link(facility="q", community="e", link="delivery"),
        Link(facility="y", community="a", link="delivery", cease=True),
        Merge(communities=["a"], into="c"),
        Merge(communities=["a", "e"], into="ae"),
        Split(community="e", into={"e1": 0.5, "e2": 0.5}),
        Split(community="b", into={"b1": 0.5, "b2": 0.6}),
        Split(community="b", into={"a": 0.5, "b2": 0.5}),
        Convert(community="e"),
    ]
    with pytest.raises(InputError) as error:
        apply(district(), changes, year=None)
    assert sorted(keys(error)) == sorted(
        ["closes_first", "unknown_column", "below_zero", "id_taken", "unknown_column", "open_lacks"]
        + ["unknown_facility"] * 3
        + ["unknown_community"] * 4
        + ["unknown_link", "id_taken", "merge_few", "split_shares", "id_taken"]
    )
    for lang in ("zh", "en"):
        assert all("{" not in line for line in error.value.say(lang))
    assert all(issubclass(type(change), Change) for change in changes)


def test_a_closing_year_before_the_opening_year():
    facilities = district().facilities.assign(closed=pd.array([2009, 2011], dtype="Int64"))
    problems = Problems()
    check_years(facilities, problems)
    (found,) = problems.found
    assert (found.key, found.row, found.params) == (
        "changes.closes_first",
        "2",
        {"opened": 2010, "closed": 2009},
    )
    assert "2009" in found.say("zh")
