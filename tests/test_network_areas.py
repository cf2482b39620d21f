"""Whose area a place is in, and how well streets serve a site."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from test_network import CRS, lattice, points
from test_network_reach import jittered

from planner.network import Network


def near_borders(areas, whole, within_m, n=8000):
    """Random places near the borders between areas, away from the border of reach itself."""
    inner = areas.boundary.union_all().difference(whole.boundary.buffer(10))
    parts = shapely.get_parts(inner)
    rng = np.random.default_rng(4)
    pick = rng.choice(len(parts), n, p=shapely.length(parts) / inner.length)
    along = shapely.line_interpolate_point(parts[pick], rng.uniform(size=n), normalized=True)
    xy = shapely.get_coordinates(along) + rng.uniform(-within_m, within_m, (n, 2))
    return gpd.GeoSeries.from_xy(*xy.T, crs=areas.crs)


def agreement(net, areas, stations, minutes, places):
    nearest = net.nearest(places, stations, minutes)["facility"].dropna()
    drawn = gpd.sjoin(gpd.GeoDataFrame(geometry=places), areas, predicate="within")["facility"]
    assert drawn.index.is_unique  # areas do not overlap
    both = nearest.index.intersection(drawn.index)
    assert len(both) > 0.99 * len(nearest)
    return (nearest[both].to_numpy() == drawn[both].to_numpy()).mean()


def one_way_town() -> Network:
    net = jittered(side=9)
    edges = net.edges.sort_index()
    slope = np.random.default_rng(1).choice([0.0, 0.15, -0.15], len(edges))
    return Network.from_edges(net.nodes, edges.assign(slope=slope), CRS)


@pytest.mark.parametrize("town", [lambda: jittered(side=9), one_way_town, lambda: lattice(9)])
def test_areas_follow_the_nearest_facility(town):
    net = town()
    stations = points([(640, 600), (150, 160), (700, 120), (155, 165)], ["b", "a", "c", "d"])
    areas = net.responsibility_areas(stations, minutes=8)
    whole = net.reach(stations, [8], dissolve=True).geometry.iloc[0]
    assert areas["facility"].tolist() == ["b", "a", "c", "d"]
    assert areas.is_valid.all()
    assert areas.union_all().symmetric_difference(whole).area < 1e-6 * whole.area
    assert areas["area_m2"].sum() == pytest.approx(whole.area, rel=1e-9)
    assert agreement(net, areas, stations, 8, near_borders(areas, whole, 15)) >= 0.995
    far_and_wide = points(np.random.default_rng(1).uniform(0, 800, (4000, 2)))
    assert agreement(net, areas, stations, 8, far_and_wide) >= 0.999


def test_areas_meet_halfway_along_a_street():
    nodes = pd.DataFrame({"x": [0.0, 400.0], "y": 0.0})
    net = Network.from_edges(nodes, pd.DataFrame({"u": [0], "v": [1], "length_m": [400.0]}), CRS)
    two = points([(100, 0), (281, 0)], ["w", "e"])
    areas = net.responsibility_areas(two, minutes=20).set_index("facility").geometry
    west, east = areas["w"], areas["e"]
    assert west.bounds[2] == pytest.approx(190.5, abs=0.01)
    assert east.bounds[0] == pytest.approx(190.5, abs=0.01)
    assert shapely.area(west.intersection(east)) < 1e-6


def test_a_facility_that_is_nearest_nowhere_has_no_area():
    net = lattice(9)
    same = points([(100, 100), (100, 100), (9000, 0)], ["first", "second", "far"])
    assert net.responsibility_areas(same, minutes=5)["facility"].tolist() == ["first"]
    assert net.responsibility_areas(same.iloc[2:], minutes=5).empty


def test_facilities_may_have_labels_of_several_levels():
    net = lattice()
    labels = pd.MultiIndex.from_tuples([("canteen", 1), ("canteen", 2)])
    two = points([(0, 0), (200, 200)], labels)
    nearest = net.nearest(points([(10, 0), (9000, 0)]), two)["facility"]
    assert nearest[0] == ("canteen", 1)
    assert pd.isna(nearest[1])


def test_shed_ratio_is_the_share_of_the_circle_that_is_reached():
    net = jittered(side=14)
    stations = points([(650, 640), (30, 30)], ["mid", "edge"])
    ratio = net.shed_ratio(stations, minutes=8)
    rng = np.random.default_rng(3)
    for name, place in stations.items():
        turn, far = rng.uniform(0, 2 * np.pi, 20000), 480 * np.sqrt(rng.uniform(size=20000))
        xy = np.column_stack([place.x + far * np.cos(turn), place.y + far * np.sin(turn)])
        share = net.nearest(points(xy), stations[[name]], 8)["minutes"].notna().mean()
        assert ratio.loc[name, "ratio"] == pytest.approx(share, abs=0.012)
    assert ratio["ratio"].is_monotonic_decreasing


def test_shed_ratio_of_a_lattice_is_near_a_diamond():
    net = lattice(side=10, step=60)
    ratio = net.shed_ratio(points([(240, 240), (9000, 0)], ["mid", "far"]), minutes=4)
    # Streets reach the diamond |x| + |y| <= 240, 2 r^2 of pi r^2.
    assert ratio.loc["mid", "ratio"] == pytest.approx(2 / np.pi, rel=2e-3)
    assert ratio.loc["far", ["area_m2", "ratio"]].isna().all()
