"""Reach along the streets: polygons and street pieces that say what the travel times say."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from test_network import CRS, lattice, points

from planner.network import Network


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
        assert (shapely.area(shapely.difference(smaller, larger)) < 1e-6).all()


def test_dissolved_reach_is_the_union(town, stations):
    each = town.reach(stations, minutes=(5, 10))
    whole = town.reach(stations, minutes=(5, 10), dissolve=True)
    assert whole.columns.tolist() == ["minutes", "geometry"]
    for minutes, area in zip(whole["minutes"], whole.geometry, strict=True):
        parts = each.geometry[each["minutes"] == minutes]
        assert area.area == pytest.approx(parts.union_all().area)


def test_facilities_in_one_place_have_the_same_area(town):
    spread = points([(650, 640), (210, 330), (650, 640), (9000, 9000), (650, 640)], list("abcde"))
    reach = town.reach(spread, minutes=(5, 10))
    assert reach["facility"].tolist() == ["a", "a", "b", "b", "c", "c", "e", "e"]
    alone = town.reach(spread[["a", "b"]], minutes=(5, 10)).geometry.tolist()
    assert reach.geometry.tolist() == alone + 2 * alone[:2]
    crowd = points([(650, 640)] * 3000)
    begin = time.process_time()
    town.reach(crowd)
    assert time.process_time() - begin < 3  # drawn one by one it would take minutes


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
