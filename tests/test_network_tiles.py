"""Streets in tiles: the answers are those of the whole network, to the last digit."""

import sys
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from conftest import METRIC, ROOT

from planner.engine.coverage import measure
from planner.engine.network import Network, TiledStreets, in_threads
from planner.errors import NetworkError

sys.path.append(str(ROOT / "benchmarks"))
from streets import streets

NODES = 30_000
ASKED = {"cutoff_min": 15.0, "speed_mps": 1.2, "max_snap_m": 200.0}


def points(xy: np.ndarray, prefix: str) -> gpd.GeoSeries:
    labels = [f"{prefix}{i}" for i in range(len(xy))]
    return gpd.GeoSeries.from_xy(xy[:, 0], xy[:, 1], index=labels, crs=METRIC)


@pytest.fixture(scope="module")
def city():
    """Streets with islands and scraps, homes and facilities beside them, some far off."""
    xy, ends, length = streets(NODES, seed=4)
    draw = np.random.default_rng(7)
    islands = draw.uniform(xy.min(axis=0), xy.max(axis=0), (60, 2))
    lengths = np.repeat([40.0, 900.0], 30)  # scraps and none
    far = islands + np.column_stack([lengths, np.zeros(60)])
    first = len(xy) + np.arange(60)
    nodes = pd.DataFrame(np.vstack([xy, islands, far]), columns=["x", "y"])
    ends = np.vstack([ends, np.column_stack([first, first + 60])])
    edges = pd.DataFrame({"u": ends[:, 0], "v": ends[:, 1], "length_m": [*length, *lengths]})
    around = nodes.to_numpy()
    homes = around[draw.integers(0, len(around), 3000)] + draw.normal(0, 60, (3000, 2))
    places = around[draw.integers(0, len(around), 60)] + draw.normal(0, 60, (60, 2))
    homes[:5] += 1e6  # nobody's streets
    return nodes, edges, points(homes, "h"), points(places, "f")


@pytest.fixture(scope="module", params=[0.0, 250.0], ids=["plain", "scraps passed over"])
def both(city, request):
    nodes, edges, *_ = city
    whole = Network.from_edges(nodes, edges, METRIC)
    object.__setattr__(whole, "pass_over_m", request.param)
    return whole, TiledStreets(
        nodes=nodes, edges=edges, crs=METRIC, tile_m=2500.0, pass_over_m=request.param
    )


def test_nearest_is_as_in_the_whole(city, both):
    _, _, homes, places = city
    whole, tiled = both
    expected = whole.nearest(homes, places, **ASKED)
    found = tiled.nearest(homes, places, **ASKED)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_exact=True)
    assert 0.1 < expected["minutes"].notna().mean() < 0.99
    tiles = list(tiled.tiles(homes, places, **ASKED))
    assert len(tiles) > 12
    assert max(len(one.nodes) for one in tiles) < 0.5 * NODES  # no tile is nearly the whole
    assert sum(len(one.homes) for one in tiles) + 5 == len(homes)  # those far off are in none


def test_every_pair_is_as_in_the_whole(city, both):
    _, _, homes, places = city
    whole, tiled = both
    order = ["demand", "facility"]
    expected = whole.travel_times(homes, places, **ASKED).sort_values(order, ignore_index=True)
    found = tiled.travel_times(homes, places, **ASKED).sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_exact=True)
    counts = expected["demand"].value_counts()
    assert counts.max() > 1


def test_tiles_may_be_computed_elsewhere(city, both):
    _, _, homes, places = city
    _, tiled = both
    expected = tiled.nearest(homes, places, **ASKED)
    with ThreadPoolExecutor(2) as pool:
        pd.testing.assert_frame_equal(tiled.nearest(homes, places, run=pool.map, **ASKED), expected)
    pd.testing.assert_frame_equal(
        tiled.nearest(homes, places, run=in_threads(2), **ASKED), expected
    )


def test_threads_hold_few_tiles():
    begun: list[int] = []
    done: list[int] = []

    def tiles():
        for number in range(9):
            begun.append(number)
            assert len(begun) - len(done) <= 4
            yield number

    done.extend(in_threads(2)(lambda tile: 10 * tile, tiles()))
    assert done == [10 * number for number in range(9)]


def test_a_facility_beyond_the_border_of_its_tile_is_seen():
    nodes = pd.DataFrame({"x": [0.0, 990, 1010, 2000], "y": 0.0}, index=list("abcd"))
    edges = pd.DataFrame({"u": list("abc"), "v": list("bcd"), "length_m": [990.0, 20, 990]})
    tiled = TiledStreets(nodes=nodes, edges=edges, crs=METRIC, tile_m=1000.0)
    homes = points(np.array([[990.0, 0], [0, 0]]), "h")
    place = points(np.array([[1010.0, 0]]), "f")
    found = tiled.nearest(homes, place, cutoff_min=1, speed_mps=1.0)
    assert found.loc["h0", "minutes"] == pytest.approx(20 / 60)
    assert pd.isna(found.loc["h1", "minutes"])


def test_a_street_that_a_tile_cuts_off_is_no_scrap_of_the_whole():
    # Beside the street runs another, joined to it far beyond the tile: who stands on it walks far.
    main = [(x, 0.0) for x in range(0, 2001, 100)]
    beside = [(585.0, 1.5), (612.0, 1.5), (2000.0, 1.5)]
    nodes = pd.DataFrame([*main, *beside], columns=["x", "y"])
    pairs = [*((i, i + 1) for i in range(20)), (21, 22), (22, 23), (23, 20)]
    edges = pd.DataFrame(pairs, columns=["u", "v"])
    ends = [nodes.to_numpy()[edges[end]] for end in ("u", "v")]
    edges["length_m"] = np.hypot(*(ends[0] - ends[1]).T)
    tiled = TiledStreets(nodes=nodes, edges=edges, crs=METRIC, tile_m=100.0, pass_over_m=50.0)
    home, place = (
        points(np.array([at]), name) for at, name in (((0, 0.0), "h"), ((590, 1.2), "f"))
    )
    asked = {"cutoff_min": 10.0, "speed_mps": 1.0, "max_snap_m": 10.0}
    (tile,) = tiled.tiles(home, place, **asked)
    assert len(tile.edges) < len(edges) - 10
    assert tiled.nearest(home, place, **asked)["minutes"].isna().all()
    plain = TiledStreets(nodes=nodes, edges=edges.drop(index=21), crs=METRIC, pass_over_m=50.0)
    assert plain.nearest(home, place, **asked)["minutes"].notna().all()  # it is a scrap there


def test_a_way_of_just_the_cutoff_counts():
    nodes = pd.DataFrame({"x": [0.0, 900], "y": 0.0}, index=list("ab"))
    edges = pd.DataFrame({"u": ["a"], "v": ["b"], "length_m": [900.0]})
    tiled = TiledStreets(nodes=nodes, edges=edges, crs=METRIC, tile_m=100.0)
    ends = [points(np.array([[x, 0.0]]), name) for x, name in ((0, "h"), (900, "f"))]
    assert tiled.nearest(*ends, cutoff_min=15, speed_mps=1.0)["minutes"].tolist() == [15.0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"slope": 0.1}, "slope"),
        ({"worth_there": 1.1}, "worth_there"),
        ({"seconds": 5.0}, "seconds"),
        ({"length_m": 1.0}, "shorter than the straight line"),
        ({"u": "nowhere"}, "nowhere"),
    ],
)
def test_streets_whose_ways_a_tile_does_not_bound_are_refused(change, told, monkeypatch):
    monkeypatch.setenv("PLANNER_LANG", "en")
    nodes = pd.DataFrame({"x": [0.0, 900], "y": 0.0}, index=list("ab"))
    edges = pd.DataFrame({"u": ["a"], "v": ["b"], "length_m": [900.0]}).assign(**change)
    with pytest.raises(NetworkError, match=told):
        TiledStreets(nodes=nodes, edges=edges, crs=METRIC)


def test_without_a_cutoff_there_is_no_tile():
    nodes = pd.DataFrame({"x": [0.0, 900], "y": 0.0}, index=list("ab"))
    edges = pd.DataFrame({"u": ["a"], "v": ["b"], "length_m": [900.0]})
    tiled = TiledStreets(nodes=nodes, edges=edges, crs=METRIC)
    home = points(np.array([[0.0, 0.0]]), "h")
    with pytest.raises(NetworkError):
        tiled.nearest(home, home, cutoff_min=float("inf"))


def test_coverage_is_as_in_the_whole(city, both):
    _, _, homes, places = city
    whole, tiled = both
    kind = pd.Series(["canteen", "station"] * 30, places.index)
    draw = np.random.default_rng(2)
    west = homes.x < homes.x.median()
    people = pd.DataFrame({"population": draw.uniform(0, 9, len(homes)), "old": 1}, homes.index)
    demand = people.assign(community=np.where(west, "w", "e"))
    communities = pd.DataFrame({"street": "s"}, index=["w", "e"])
    found = tiled.nearest_by_kind(homes, places, kind, **ASKED)
    of_each = [
        whole.nearest(homes, places[kind == one], **ASKED).dropna().assign(kind=one)
        for one in ("canteen", "station")
    ]
    expected = pd.concat(of_each).rename_axis("demand").reset_index()[[*found.columns]]
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_exact=True)
    told = [
        measure(
            nearest, demand=demand, communities=communities, groups=[*people], minutes=[5, 15],
            kinds=["canteen", "station"], cutoff_min=10, covered_share=0.7, group="population",
            has={}, linked={}, levels=("district", "community"),
        )
        for nearest in (found, expected)
    ]  # fmt: skip
    for one in ("people", "units", "unit_shares"):
        pd.testing.assert_frame_equal(*(getattr(of, one) for of in told), check_exact=True)
    assert 0.2 < told[0].share("canteen", minutes=15) < 0.9
    with pytest.raises(NetworkError, match="f0"):
        tiled.nearest_by_kind(homes, places, kind.drop("f0"), **ASKED)


def test_whom_facilities_reach_is_as_in_the_whole(city, both):
    _, _, homes, places = city
    whole, tiled = both
    people = pd.DataFrame({"all": np.random.default_rng(2).uniform(0, 9, len(homes))}, homes.index)
    pairs = whole.travel_times(homes, places, **ASKED)
    expected = people.loc[pairs["demand"]].groupby(pairs["facility"].to_numpy()).sum()
    expected = expected.reindex(places.index, fill_value=0.0)
    found = tiled.catchments(homes, places, people.assign(two=2 * people["all"]), **ASKED)
    pd.testing.assert_frame_equal(found[["all"]], expected, check_names=False)
    assert found["two"].equals(2 * found["all"])
    once = people.loc[pairs["demand"].unique(), "all"].sum()
    assert found["all"].sum() > once  # who is near to two counts for both


def test_areas_within_reach_are_as_in_the_whole(city, both):
    # Ground equally near to two streets may go by the other one: at the border of an area some
    # cells of the drawing (25 m2) are cut a little otherwise. Dissolved areas are drawn together in
    # the whole, where neighbours meet in a cell, and put together of several tiles here.
    *_, places = city
    whole, tiled = both
    some = places.iloc[:20]
    asked = {"minutes": [5.0, 15.0], "speed_mps": 1.2, "max_snap_m": 200.0}
    expected, found = (one.reach(some, **asked) for one in (whole, tiled))
    assert found[["facility", "minutes"]].equals(expected[["facility", "minutes"]])
    assert found.symmetric_difference(expected).area.max() < 2.0
    assert len(list(tiled.tiles(None, some, squares_of="facilities"))) > 8
    expected, found = (one.reach(some, dissolve=True, **asked) for one in (whole, tiled))
    assert found["minutes"].equals(expected["minutes"])
    apart = found.symmetric_difference(expected).area / expected.area
    assert apart.max() < 3e-6
    rough = tiled.reach(some, dissolve=True, simplify_m=20.0, **asked)
    assert (rough.count_coordinates() < 0.5 * found.count_coordinates()).all()
    assert tiled.reach(some.iloc[:0], **asked).columns.tolist() == [
        "facility",
        "minutes",
        "geometry",
    ]
    with pytest.raises(NetworkError):
        tiled.reach(some, minutes=0)
