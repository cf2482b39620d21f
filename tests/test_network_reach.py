"""Reach along the streets: polygons and street pieces that say what the travel times say."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from test_network import CRS, lattice, points

from planner.engine.network.isochrones import reach as reaching
from planner.engine.network.isochrones.raster import rasters_of
from planner.network import DRIVING, Network


def jittered(seed: int = 3, side: int = 14) -> Network:
    """Make a jittered grid of 100 m blocks with a quarter of its streets missing."""
    rng = np.random.default_rng(seed)
    c, r = (one.ravel() for one in np.meshgrid(np.arange(side), np.arange(side)))
    nodes = pd.DataFrame({"x": c * 100.0, "y": r * 100.0}) + rng.normal(0, 15, (side**2, 2))
    u = np.arange(side**2)
    ends = np.concatenate(
        [np.stack([u, u + 1], 1)[c < side - 1], np.stack([u, u + side], 1)[r < side - 1]]
    )
    ends = ends[rng.random(len(ends)) > 0.25]
    way = nodes.to_numpy()[ends[:, 0]] - nodes.to_numpy()[ends[:, 1]]
    edges = pd.DataFrame(ends, columns=["u", "v"]).assign(length_m=np.hypot(*way.T))
    return Network.from_edges(nodes, edges, CRS)


@pytest.fixture(scope="module")
def town() -> Network:
    return jittered()


@pytest.fixture(scope="module")
def stations() -> gpd.GeoSeries:
    return points([(650, 640), (210, 330), (1000, 20)], ["mid", "west", "edge"])


def disagreement(net, area, station, minutes, n=20_000, seed=0):
    """Compare a polygon with travel times at random places: the share that differs, and where."""
    low, high = np.array(area.bounds).reshape(2, 2) + np.array([[-100], [100]])
    xy = np.random.default_rng(seed).uniform(low, high, (n, 2))
    shapely.prepare(area)
    drawn = shapely.contains_xy(area, *xy.T)
    places = points(xy).set_crs(net.crs, allow_override=True)
    covered = net.nearest(places, station, minutes)["minutes"].notna().to_numpy()
    return (drawn != covered).mean(), xy[drawn != covered]


@pytest.mark.parametrize("minutes", [3, 10])
def test_polygons_agree_with_travel_times(town, stations, minutes):
    reach = town.reach(stations, minutes=[minutes]).set_index("facility")
    for name in stations.index:
        wrong, where = disagreement(town, reach.geometry[name], stations[[name]], minutes)
        assert wrong < 0.001
        step = np.array([[dx, dy] for dx in (-12, 0, 12) for dy in (-12, 0, 12)])
        around = (where[:, None, :] + step[None]).reshape(-1, 2)
        at = town.nearest(points(around), stations[[name]], minutes)["minutes"].notna()
        sides = at.to_numpy().reshape(-1, len(step))
        assert (sides.any(axis=1) & ~sides.all(axis=1)).all()  # the border is near


def test_rings_are_sound(town, stations):
    reach = town.reach(stations, minutes=(15, 5, 0.05, 10))
    assert reach.columns.tolist() == ["facility", "minutes", "geometry"]
    assert reach["facility"].tolist() == ["mid"] * 4 + ["west"] * 4 + ["edge"] * 4
    assert reach["minutes"].tolist() == [0.05, 5, 10, 15] * 3
    assert reach.is_valid.all()
    assert (reach.area > 0).all()
    assert reach.crs == town.crs
    for name, rings in reach.groupby("facility"):
        assert shapely.intersects(rings.geometry.array, stations[name]).all()
        assert rings.area.is_monotonic_increasing
        smaller, larger = rings.geometry.array[:-1], rings.geometry.array[1:]
        assert shapely.covers(larger, smaller).all()


@pytest.mark.parametrize("dissolve", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_areas_are_nested_to_the_last_bit(seed, dissolve):
    """Also where limits lie a breath apart, and where the way to the street is what ends them."""
    rng = np.random.default_rng(seed)
    town = jittered(seed, side=8)
    places = points(rng.uniform(-30, 730, (6, 2)))
    limits = np.concatenate([[4, 4 + 1e-9, 4 + 1e-6], np.sort(rng.uniform(4.1, 12, 8))])
    for snap in (25.0, 200.0):
        reach = town.reach(places, limits, dissolve=dissolve, max_snap_m=snap)
        for rings in [reach] if dissolve else [own for _, own in reach.groupby("facility")]:
            shapes = rings.geometry.array
            assert rings.is_valid.all()
            assert shapely.covers(shapes[1:], shapes[:-1]).all()


@pytest.mark.parametrize("seed", range(3))
def test_ways_to_the_street_lie_in_every_longer_area(seed):
    rng = np.random.default_rng(seed)
    places = points(rng.uniform(-90, 790, (9, 2)))
    reach = jittered(seed, side=8).reach(places, [0.01, 0.2, 0.5, 1, 2, 4])
    for _, rings in reach.groupby("facility"):
        smaller, larger = rings.geometry.array[:-1], rings.geometry.array[1:]
        assert (shapely.area(shapely.difference(smaller, larger)) < 1e-6).all()


def one_way_town() -> Network:
    edges = jittered(side=9).edges.sort_index()
    way = np.random.default_rng(2).choice([0, 1, -1], len(edges))
    edges = edges.assign(oneway=way, highway="residential")
    return Network.from_edges(jittered(side=9).nodes, edges, CRS).by(DRIVING)


@pytest.mark.parametrize("direction", ["to_facility", "from_facility"])
def test_reach_follows_one_way_streets(direction):
    net = one_way_town()
    # Three on one street and one at its corner: each is the way to the others' ground.
    street = net.edges.geometry.iloc[20]
    along = [street.interpolate(share, normalized=True).coords[0] for share in (0, 0.2, 0.5, 0.9)]
    stations = points([*along, (640, 600)], list("abcde"))
    each = net.reach(stations, [1, 2], direction=direction)
    whole = net.reach(stations, [1, 2], direction=direction, dissolve=True).assign(facility=None)
    for row in [*each.itertuples(), *whole.itertuples()]:
        low, high = np.array(row.geometry.bounds).reshape(2, 2) + np.array([[-50], [50]])
        at = net.snap(points(np.random.default_rng(0).uniform(low, high, (10_000, 2))))
        asked = stations[[row.facility]] if row.facility else stations
        near = net.nearest(at, asked, row.minutes, direction=direction)["minutes"].notna()
        # Round a corner two streets are equally near: rounding says which one a place goes by.
        along = (at.fraction > 0) & (at.fraction < 1)
        wrong = shapely.contains_xy(row.geometry, *at.xy.T) != near
        assert wrong[along].mean() < 0.0025  # of a box that is not much wider than a border


def test_dissolved_reach_is_the_union(town, stations):
    net, crowd = lattice(9), points([(640, 600), (150, 160), (700, 120), (155, 165)])
    each, whole = net.reach(crowd, (1, 5, 8)), net.reach(crowd, (1, 5, 8), dissolve=True)
    assert whole.columns.tolist() == ["minutes", "geometry"]
    for minutes, area in zip(whole["minutes"], whole.geometry, strict=True):
        parts = each.geometry[each["minutes"] == minutes]
        assert area.area == pytest.approx(parts.union_all().area)
    each, whole = (town.reach(stations, (3, 5, 8, 10), dissolve=one) for one in (False, True))
    assert whole.is_valid.all()
    for minutes, area in zip(whole["minutes"], whole.geometry, strict=True):
        union = each.geometry[each["minutes"] == minutes].union_all()
        assert shapely.area(shapely.difference(union, area)) < 1e-6
        # Where two reaches all but meet, what lies between is no wider than a cell.
        between = shapely.difference(area, union)
        assert shapely.is_empty(shapely.buffer(between, -2.5))
        assert shapely.area(between) < 2e-4 * area.area
        assert disagreement(town, area, stations, minutes)[0] < 0.001
    smaller, larger = whole.geometry.array[:-1], whole.geometry.array[1:]
    assert (shapely.area(shapely.difference(smaller, larger)) < 1e-6).all()
    assert shapely.covers(whole.geometry.iloc[0], stations.to_numpy()).all()


@pytest.fixture
def drawn(monkeypatch):
    """Count the areas that are drawn: a list that gets one entry for each."""
    draw, calls = reaching.draw_outline, []

    def counted(*given):
        calls.append(1)
        return draw(*given)

    monkeypatch.setattr(reaching, "draw_outline", counted)
    return calls


def test_dissolved_reach_of_hundreds_is_drawn_once(town, drawn):
    crowd = points(np.random.default_rng(1).uniform(0, 1300, (300, 2)))
    town.reach(crowd, (5, 15), dissolve=True)
    assert len(drawn) == 2  # each limit once, not each facility and the union of them on top
    town.reach(crowd[:3], (5, 15))
    assert len(drawn) == 2 + 2 * 3


def test_islands_lie_in_holes_of_other_shells():
    # Three squares of streets, one in the other: 300, 180 and 60 m of the sides' half lengths.
    corner = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    xy = np.concatenate([half * corner for half in (300, 180, 60)])
    u = np.arange(12)
    v = u // 4 * 4 + (u + 1) % 4
    length = np.hypot(*(xy[u] - xy[v]).T)
    nodes = pd.DataFrame(xy, columns=["x", "y"])
    edges = pd.DataFrame({"u": u, "v": v, "length_m": length})
    net = Network.from_edges(nodes, edges, CRS)
    stations = points([(300, 10), (-180, 20), (15, 60)])
    area = net.reach(stations, [60], max_snap_m=20, dissolve=True).geometry.iloc[0]
    assert area.is_valid
    parts = sorted(area.geoms, key=lambda part: part.area)
    assert [len(part.interiors) for part in parts] == [1, 1, 1]
    corridors = [shapely.LinearRing(xy[k : k + 4]).buffer(20, quad_segs=32) for k in (8, 4, 0)]
    for part, corridor in zip(parts, corridors, strict=True):
        assert part.symmetric_difference(corridor).area < 5e-3 * corridor.area  # at corners


def test_order_of_facilities_changes_no_area(town):
    crowd = points(np.random.default_rng(6).uniform(0, 1300, (70, 2)), np.arange(70))
    there, back = (town.reach(one, (4, 9)) for one in (crowd, crowd[::-1]))
    assert there["facility"].tolist() == np.repeat(np.arange(70), 2).tolist()
    assert there.covers(crowd.loc[there["facility"]], align=False).all()
    again = back.sort_values(["facility", "minutes"])
    assert shapely.to_wkb(there.geometry).tolist() == shapely.to_wkb(again.geometry).tolist()
    whole = [town.reach(one, (4, 9), dissolve=True) for one in (crowd, crowd[::-1])]
    pd.testing.assert_frame_equal(*whole)


def test_reach_on_a_network_too_wide_for_one_raster(monkeypatch, stations):
    monkeypatch.setattr("planner.engine.network.isochrones.raster._MOST_CELLS", 0)
    wide = jittered()
    each, whole = (wide.reach(stations, [5], dissolve=one) for one in (False, True))
    for row in each.itertuples():
        assert disagreement(wide, row.geometry, stations[[row.facility]], 5)[0] < 0.001
    assert whole.geometry[0].area == pytest.approx(each.union_all().area)


@pytest.mark.parametrize("snap", [1, 7, 30, 120])
def test_areas_are_the_same_whatever_ground_was_looked_up_before(snap):
    corners = points([(40, 30), (1260, 1250)], ["a", "b"])
    before, after = jittered(), jittered()
    xy, aside = before.ground.vertex_xy, snap + 10
    whole = np.concatenate([xy.min(axis=0) - aside, xy.max(axis=0) + aside])
    rasters_of(before, snap).window(before.ground, whole)
    for dissolve in (True, False):
        drawn = [
            net.reach(corners, (1, 3, 5), 1, snap, dissolve=dissolve) for net in (before, after)
        ]
        assert (
            shapely.to_wkb(drawn[0].geometry).tolist() == shapely.to_wkb(drawn[1].geometry).tolist()
        )
    assert rasters_of(before, snap).full.ready.mean() > 0.9
    assert rasters_of(after, snap).full.ready.mean() < 0.5


@pytest.mark.parametrize("seed", range(8))
def test_areas_are_sound_where_streets_are_tangled(seed):
    # Whole metres: streets run through the centres of cells, and are equally near to them.
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 400, (20, 2)).round()
    u, v = rng.integers(0, 20, (2, 30))  # loops and parallel streets among them
    nodes = pd.DataFrame(xy, columns=["x", "y"])
    edges = pd.DataFrame({"u": u, "v": v, "length_m": np.hypot(*(xy[u] - xy[v]).T)})
    edges = edges[edges["u"] != edges["v"]].assign(oneway=rng.choice([0, 1], 30)[u != v])
    net = Network.from_edges(nodes, edges.assign(highway="residential"), CRS).by(DRIVING)
    stations = points(rng.uniform(0, 400, (12, 2)).round())
    for dissolve in (False, True):
        areas = net.reach(stations, (0.2, 1, 2), max_snap_m=60, dissolve=dissolve)
        assert areas.is_valid.all()
        assert (areas.area > 0).all()
        rings = areas.geometry.to_numpy().reshape(-1, 3)
        assert (shapely.area(shapely.difference(rings[:, :-1], rings[:, 1:])) < 1e-6).all()


def test_facilities_in_one_place_have_the_same_area(town, drawn):
    spread = points([(650, 640), (210, 330), (650, 640), (9000, 9000), (650, 640)], list("abcde"))
    reach = town.reach(spread, minutes=(5, 10))
    assert reach["facility"].tolist() == ["a", "a", "b", "b", "c", "c", "e", "e"]
    alone = town.reach(spread[["a", "b"]], minutes=(5, 10)).geometry.tolist()
    assert reach.geometry.tolist() == alone + 2 * alone[:2]
    crowd = points([(650, 640)] * 3000)
    drawn.clear()
    assert len(town.reach(crowd, minutes=(5, 10))) == 2 * 3000
    assert len(drawn) == 2  # drawn one by one it would take minutes


def test_one_time_may_be_a_number(town, stations):
    pd.testing.assert_frame_equal(town.reach(stations, 10), town.reach(stations, (10,)))


def test_facility_far_from_any_street_has_no_reach(town):
    far = points([(650, 640), (5000, 5000)], ["here", "far"])
    assert town.reach(far, minutes=[5])["facility"].tolist() == ["here"]
    assert town.reach(far.iloc[1:], minutes=[5]).empty


def test_pieces_of_a_lattice_by_hand():
    net = lattice()
    pieces = net.reached_edges(points([(50, -10)], ["f"]), minutes=2)
    # 10 m to the street, then 110 m each way: both halves of the first block, 60 m up on either
    # side, and 60 m along the second block.
    assert pieces["length_m"].sum() == pytest.approx(100 + 60 + 60 + 60)
    assert pieces.length.to_numpy() == pytest.approx(pieces["length_m"].to_numpy())
    assert set(pieces["facility"]) == {"f"}


def test_pieces_meet_where_two_facilities_are_equally_near():
    net = lattice()
    two = points([(20, 0), (160, 0)], ["a", "b"])
    pieces = net.reached_edges(two, minutes=1.2).dissolve("facility").geometry
    assert pieces["a"].intersection(pieces["b"]).distance(shapely.Point(90, 0)) < 1e-9
    assert pieces["a"].length == pytest.approx(20 + 52 + 70)
    assert pieces["b"].length == pytest.approx(70 + 40 + 12 + 32)


def test_pieces_hold_exactly_the_reached_street(town, stations):
    pieces = town.reached_edges(stations, minutes=7)
    assert pieces.is_valid.all()
    at = pieces.geometry.interpolate(0.5, normalized=True)
    found = town.nearest(gpd.GeoSeries(at), stations, 7)
    assert (found["facility"] == pieces["facility"]).all()
    whole = town.edges.geometry.union_all()
    rest = whole.difference(pieces.geometry.union_all().buffer(1e-3))
    beyond = gpd.GeoSeries(list(rest.geoms), crs=CRS).interpolate(0.5, normalized=True)
    assert town.nearest(gpd.GeoSeries(beyond), stations, 7)["minutes"].isna().all()
