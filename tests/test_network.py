"""The street engine: building, snapping and travel times, against networkx and against paper."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples

from planner.errors import NetworkError
from planner.network import Mode, Network

CRS = "EPSG:3826"


def points(xy, index=None) -> gpd.GeoSeries:
    xy = np.asarray(xy, float).reshape(-1, 2)
    return gpd.GeoSeries(gpd.points_from_xy(*xy.T), index=index, crs=CRS)


def lattice(side: int = 3, step: float = 100.0) -> Network:
    """Make a square lattice of streets: node (column, row) is labelled 10 * column + row."""
    at = [(c, r) for c in range(side) for r in range(side)]
    nodes = pd.DataFrame(
        [(c * step, r * step) for c, r in at], columns=["x", "y"], index=[10 * c + r for c, r in at]
    )
    ends = [(10 * c + r, 10 * c + r + 10) for c, r in at if c + 1 < side]
    ends += [(10 * c + r, 10 * c + r + 1) for c, r in at if r + 1 < side]
    edges = pd.DataFrame(ends, columns=["u", "v"]).assign(length_m=step)
    return Network.from_edges(nodes, edges, CRS)


def oracle(net, demand, facilities, cutoff_min, speed_mps=1.0, max_snap_m=200.0, cost=None):
    """Travel times from demand to facility by networkx, on the graph split at every foot.

    `cost` gives the cost of each edge from u to v and back (None where closed), its length where it
    is not given; minutes are cost / speed / 60.
    """
    split = nx.MultiDiGraph()
    edges = net.edges
    stops = {name: [] for name in edges.index}
    legs = {"d": [], "f": []}
    for kind, at in (("d", net.snap(demand, max_snap_m)), ("f", net.snap(facilities, max_snap_m))):
        for label, row in at.points.dropna(subset=["access_m"]).iterrows():
            length = edges.loc[row["edge"], "length_m"]
            share = row["offset_m"] / length if length else at_share(edges, row)
            stops[row["edge"]].append((share, ("foot", kind, label)))
            legs[kind].append((label, ("foot", kind, label), row["access_m"]))
    for name, u, v, length in zip(edges.index, edges.u, edges.v, edges.length_m, strict=True):
        ahead, back = (length, length) if cost is None else cost[name]
        way = [(0.0, ("node", u)), *sorted(stops[name], key=lambda s: s[0]), (1.0, ("node", v))]
        for (a, here), (b, there) in pairwise(way):
            # A foot that falls on a node is that node, whichever way the street is open.
            same = b - a < 1e-12
            if ahead is not None or same:
                split.add_edge(here, there, cost=0.0 if same else (b - a) * ahead)
            if back is not None or same:
                split.add_edge(there, here, cost=0.0 if same else (b - a) * back)
    # A point is no thoroughfare: only its own way starts or ends there.
    found = {}
    for label, foot, access in legs["d"]:
        total = nx.single_source_dijkstra_path_length(split, foot, weight="cost")
        for facility, there, leg in legs["f"]:
            if there in total:
                minutes = (access + total[there] + leg) / speed_mps / 60
                if minutes <= cutoff_min + 1e-9:
                    found[label, facility] = minutes
    return found


def at_share(edges, row) -> float:
    line = edges.geometry[row["edge"]]
    return line.project(shapely.Point(row["x"], row["y"]), normalized=True) if line.length else 0.0


def test_lattice_by_hand():
    net = lattice()
    demand = points([(0, 200), (150, 110), (40, -30), (250, 0)], ["corner", "mid", "off", "beyond"])
    facility = points([(100, 0), (60, 10)], ["node", "near"])
    od = net.travel_times(demand, facility, cutoff_min=10, speed_mps=1.0, max_snap_m=50)
    minutes = od.set_index(["demand", "facility"])["minutes"]
    expected = {
        ("corner", "node"): 300 / 60,
        ("mid", "node"): (100 + 50 + 10) / 60,
        ("off", "node"): (60 + 30) / 60,
        ("beyond", "node"): (50 + 100) / 60,
        ("corner", "near"): (10 + 60 + 200) / 60,
        ("mid", "near"): (10 + 40 + 100 + 50 + 10) / 60,
        ("off", "near"): (10 + 20 + 30) / 60,  # both on one street, straight along it
        ("beyond", "near"): (10 + 140 + 50) / 60,
    }
    assert minutes.to_dict() == pytest.approx(expected, abs=1e-9)
    nearest = net.nearest(demand, facility, cutoff_min=10, max_snap_m=50)
    assert nearest["facility"].to_list() == ["near", "node", "near", "node"]
    assert nearest.index.equals(demand.index)


def test_pair_at_the_cutoff_counts_and_is_the_cutoff():
    net = lattice(step=100 / 3)
    demand = points([(200 / 3, 200 / 3)])
    facility = points([(0, 0)])
    cutoff = (4 * 100 / 3) / 60 / 1.1
    od = net.travel_times(demand, facility, cutoff_min=cutoff, speed_mps=1.1)
    assert od["minutes"].tolist() == [cutoff]
    assert net.travel_times(demand, facility, cutoff_min=cutoff - 1e-6, speed_mps=1.1).empty
    assert net.nearest(demand, facility, cutoff, 1.1)["minutes"].tolist() == [cutoff]


def test_equally_near_facilities_go_to_the_first():
    net = lattice()
    demand = points([(100, 100)])
    ends = points([(200, 100), (0, 100), (100, 0)], ["b", "c", "a"])
    assert net.nearest(demand, ends).facility.tolist() == ["b"]
    assert net.nearest(demand, ends.iloc[::-1]).facility.tolist() == ["a"]


def test_every_node_is_the_demand_where_none_is_given():
    net = lattice()
    od = net.travel_times(None, points([(0, 0)], ["f"]), cutoff_min=5)
    minutes = od.set_index("demand")["minutes"]
    assert minutes.to_dict() == pytest.approx(
        {10 * c + r: (c + r) * 100 / 60 for c in range(3) for r in range(3) if c + r <= 3}
    )
    nearest = net.nearest(None, points([(0, 0)], ["f"]), cutoff_min=5)
    assert nearest["minutes"].dropna().to_dict() == pytest.approx(minutes.to_dict())
    assert nearest.loc[22].isna().all()


coordinate = st.integers(0, 6).map(lambda k: 50.0 * k)
place = st.tuples(coordinate, coordinate)
anywhere = st.tuples(st.floats(-60, 360), st.floats(-60, 360))


@st.composite
def multigraphs(draw):
    """Small streets with parallel edges, loops, zero lengths, islands and lone nodes."""
    n = draw(st.integers(2, 7))
    xy = np.array(draw(st.lists(place, min_size=n, max_size=n)))
    node = st.integers(0, n - 1)
    length = st.one_of(st.just(0.0), st.integers(1, 30).map(lambda k: 10.0 * k), st.floats(1, 300))
    rows = draw(st.lists(st.tuples(node, node, length, st.booleans()), min_size=1, max_size=12))
    lines = []
    for u, v, _, bend in rows:
        middle = [(xy[u] + xy[v]) / 2 + (20, 35)] if bend or u == v else []
        more = [xy[u] + (40, 0)] if u == v else []
        lines.append(shapely.LineString([xy[u], *middle, *more, xy[v]]))
    edges = gpd.GeoDataFrame(
        {"u": [r[0] for r in rows], "v": [r[1] for r in rows], "length_m": [r[2] for r in rows]},
        geometry=lines,
        crs=CRS,
    )
    return Network.from_edges(pd.DataFrame(xy, columns=["x", "y"]), edges, CRS)


@examples(25)
@given(
    net=multigraphs(),
    demand=st.lists(anywhere, min_size=1, max_size=8),
    facilities=st.lists(anywhere, min_size=1, max_size=4),
    cutoff=st.sampled_from([0.5, 2.0, 5.0, 20.0, np.inf]),
    speed=st.sampled_from([0.8, 1.0, 1.3]),
)
def test_travel_times_equal_networkx(net, demand, facilities, cutoff, speed):
    demand, facilities = (
        points(demand),
        points(facilities, [f"f{i}" for i in range(len(facilities))]),
    )
    expected = oracle(net, demand, facilities, cutoff, speed, max_snap_m=100)
    od = net.travel_times(demand, facilities, cutoff, speed, max_snap_m=100)
    found = od.set_index(["demand", "facility"])["minutes"]
    assert found.index.is_unique
    assert found.to_dict() == pytest.approx(expected, abs=1e-6)
    nearest = net.nearest(demand, facilities, cutoff, speed, max_snap_m=100)
    least = od.groupby("demand")["minutes"].min().reindex(demand.index)
    pd.testing.assert_series_equal(nearest["minutes"], least, check_names=False)
    order = {name: i for i, name in enumerate(facilities.index)}
    for label, row in nearest.dropna().iterrows():
        tied = od[(od["demand"] == label) & (od["minutes"] <= row["minutes"] + 1e-12)]
        assert row["facility"] == min(tied["facility"], key=order.get)


@examples(20)
@given(
    net=multigraphs(),
    demand=st.lists(anywhere, min_size=1, max_size=8),
    facilities=st.lists(anywhere, min_size=1, max_size=7),
    k=st.integers(1, 5),
    cutoff=st.sampled_from([0.0, 0.5, 2.0, 20.0, np.inf]),
)
def test_k_nearest_are_the_first_of_all_pairs(net, demand, facilities, k, cutoff):
    demand, facilities = points(demand), points(facilities, list("gfedcba")[: len(facilities)])
    near = net.nearest_k(demand, facilities, k, cutoff, max_snap_m=100)
    od = net.travel_times(demand, facilities, cutoff, max_snap_m=100)
    place = facilities.index.get_indexer(od["facility"])
    first = od.assign(place=place).sort_values(["demand", "minutes", "place"], kind="stable")
    first = first.groupby("demand").head(k)
    assert near["demand"].tolist() == first["demand"].tolist()
    assert near["minutes"].tolist() == first["minutes"].tolist()
    assert near["rank"].tolist() == (first.groupby("demand").cumcount() + 1).tolist()
    # Which of those equally near comes first is settled before minutes are rounded.
    same = first.groupby("demand")["minutes"].transform(lambda m: m.round(7).is_unique)
    last = first.groupby("demand")["minutes"].transform("max")
    clear = (same & (first["minutes"] < last)).to_numpy()
    assert near["facility"][clear].tolist() == first["facility"].to_numpy()[clear].tolist()
    best = net.nearest(demand, facilities, cutoff, max_snap_m=100).dropna()
    top = near[near["rank"] == 1].set_index("demand")
    assert top["facility"].to_dict() == best["facility"].to_dict()


def test_a_cutoff_of_zero_finds_who_stands_there():
    net = lattice()
    demand = points([(0, 0), (0, 1), (50, 0)], ["there", "beside", "along"])
    station = points([(0, 0), (50, 0)], ["f", "g"])
    od = net.travel_times(demand, station, cutoff_min=0)
    assert od.to_numpy().tolist() == [["there", "f", 0.0], ["along", "g", 0.0]]
    nearest = net.nearest(demand, station, cutoff_min=0)
    assert nearest["minutes"].fillna(-1).tolist() == [0, -1, 0]
    assert net.nearest_k(demand, station, 2, cutoff_min=0)["facility"].tolist() == ["f", "g"]
    assert net.reached_edges(station, minutes=0).empty
    assert net.critical_streets(demand, station, cutoff_min=0).empty


def test_an_infinite_cutoff_finds_all_that_a_way_joins():
    net = lattice(side=9)
    demand = points([(800, 800), (0, 0), (5000, 0)], ["far", "here", "off"])
    station = points([(0, 0), (100, 0)], ["f", "g"])
    od = net.travel_times(demand, station, np.inf).set_index(["demand", "facility"])["minutes"]
    assert od.to_dict() == pytest.approx(
        {("far", "f"): 1600 / 60, ("far", "g"): 1500 / 60, ("here", "f"): 0, ("here", "g"): 5 / 3}
    )
    assert net.nearest(demand, station, np.inf)["facility"].tolist()[:2] == ["g", "f"]
    assert net.nearest_k(demand, station, 9, np.inf)["rank"].tolist() == [1, 2, 1, 2]
    pieces = net.reached_edges(station, minutes=np.inf)
    assert pieces["length_m"].sum() == pytest.approx(net.edges["length_m"].sum())
    # On a tree every street on the way is critical; on a lattice there is a way round.
    assert net.critical_streets(demand, station, cutoff_min=np.inf).empty


@examples(15)
@given(
    net=multigraphs(), demand=st.lists(anywhere, min_size=1, max_size=20), limit=st.floats(1, 300)
)
def test_snapping_finds_the_nearest_edge(net, demand, limit):
    demand = points(demand)
    edges = net.edges
    at = net.snap(demand, limit)
    distance = shapely.distance(np.asarray(demand)[:, None], np.asarray(edges.geometry)[None, :])
    least = distance.min(axis=1)
    hit = least <= limit
    clear = np.abs(least - limit) > 1e-6
    np.testing.assert_array_equal(at.points["access_m"].notna()[clear], hit[clear])
    on = at.points.dropna(subset=["access_m"])
    np.testing.assert_allclose(on["access_m"], least[on.index], atol=1e-6)
    foot = shapely.points(on["x"].astype(float), on["y"].astype(float))
    own = edges.loc[on["edge"].astype(int)]
    np.testing.assert_allclose(shapely.distance(foot, np.asarray(own.geometry)), 0, atol=1e-6)
    long = (own["length_m"] > 0).to_numpy()
    share = on["offset_m"].to_numpy()[long] / own["length_m"].to_numpy()[long]
    there = shapely.line_interpolate_point(np.asarray(own.geometry)[long], share, normalized=True)
    np.testing.assert_allclose(shapely.distance(there, foot[long]), 0, atol=1e-6)
    np.testing.assert_allclose(at.unreachable["nearest_m"], least[at.unreachable.index], atol=1e-6)


def test_the_nearest_edge_of_points_far_off_is_the_nearest():
    net = lattice()
    rng = np.random.default_rng(5)
    xy = rng.uniform(-4000, 4000, (300, 2))
    off = net.snap(points(xy, range(300)), 1.0).unreachable["nearest_m"]
    edges = np.asarray(net.edges.geometry)
    least = shapely.distance(shapely.points(xy)[:, None], edges[None, :]).min(axis=1)
    np.testing.assert_allclose(off, least[off.index], atol=1e-6)
    assert len(off) > 250


def test_points_beyond_the_limit_are_listed_with_their_distance():
    net = lattice()
    demand = points([(50, -300), (50, -20), (500, 200)], ["far", "near", "east"])
    at = net.snap(demand)
    assert at.unreachable["nearest_m"].to_dict() == {"far": 300.0, "east": 300.0}
    assert at.points.loc[["far", "east"]].isna().all(axis=None)
    assert net.travel_times(demand, points([(0, 0)])).demand.tolist() == ["near"]
    assert np.isnan(net.nearest(demand, points([(0, 0)])).loc["far", "minutes"])


def test_missing_geometry_is_unreachable():
    net = lattice()
    demand = gpd.GeoSeries([shapely.Point(0, 0), None, shapely.Point()], crs=CRS)
    assert net.nearest(demand, points([(0, 0)]))["minutes"].isna().tolist() == [False, True, True]


def test_parts_of_the_network_do_not_reach_each_other():
    nodes = pd.DataFrame({"x": [0, 100, 0, 50], "y": [0, 0, 10, 10]})
    edges = pd.DataFrame({"u": [0, 2], "v": [1, 3], "length_m": [100.0, 50.0]})
    net = Network.from_edges(nodes, edges, CRS)
    assert net.components.to_dict("list") == {"nodes": [2, 2], "length_m": [100.0, 50.0]}
    demand = points([(20, 1), (20, 9)])
    assert net.snap(demand).points["part"].tolist() == [0, 1]
    assert net.travel_times(demand, points([(30, 0)]), np.inf)["demand"].tolist() == [0]


def test_all_that_is_wrong_with_a_question_is_told_at_once(monkeypatch):
    monkeypatch.setenv("PLANNER_LANG", "en")
    at = points([(0, 0)])
    with pytest.raises(NetworkError) as told:
        lattice().nearest(at, at, -1, 0, -5, "sideways")
    assert len(told.value.problems) == 4
    with pytest.raises(NetworkError) as told:
        lattice().nearest(at.set_crs(3857, allow_override=True), at.buffer(1))
    assert [one.file for one in told.value.problems] == ["demand", "facilities"]


def test_no_facilities_and_no_demand_give_empty_tables():
    net = lattice()
    nobody, one = points([]), points([(0, 0)])
    assert net.travel_times(one, nobody).columns.tolist() == ["demand", "facility", "minutes"]
    assert net.travel_times(one, nobody).empty
    assert net.travel_times(nobody, one).empty
    assert net.nearest(one, nobody).isna().all(axis=None)
    assert net.nearest(nobody, one).empty
    assert net.nearest_k(one, nobody, 2).columns.tolist() == [
        "demand",
        "facility",
        "minutes",
        "rank",
    ]
    assert net.nearest_k(one, nobody, 2).empty
    assert net.nearest_k(nobody, one, 2).empty
    assert net.reach(nobody).columns.tolist() == ["facility", "minutes", "geometry"]
    assert net.reach(nobody).empty
    assert net.reach(nobody, dissolve=True).empty
    assert net.reached_edges(nobody).empty
    assert net.responsibility_areas(nobody).empty
    assert net.shed_ratio(nobody).empty
    assert net.critical_streets(one, nobody).empty
    assert net.critical_streets(nobody, one).empty
    assert net.routes(net.travel_times(one, nobody), one, nobody).empty
    assert net.snap(nobody).points.empty


def test_snapped_points_are_reused():
    net = lattice()
    at = net.snap(points([(0, 0), (90, 120)]))
    pd.testing.assert_frame_equal(
        net.travel_times(at, at), net.travel_times(points([(0, 0), (90, 120)]), at)
    )
    with pytest.raises(NetworkError, match="another network"):
        lattice().nearest(at, at)


def test_lines_meet_at_shared_vertices_only():
    lines = gpd.GeoDataFrame(
        {"name": ["cross", "up", "bridge"]},
        geometry=[
            shapely.LineString([(0, 0), (50, 0), (100, 0)]),
            shapely.LineString([(50, 0), (50, 100)]),
            shapely.LineString([(75, -50), (75, 50)]),
        ],
        index=["a", "b", "c"],
        crs=CRS,
    )
    net = Network.from_lines(lines)
    edges = net.edges.sort_values("length_m")
    assert edges["line"].tolist()[:2] == ["a", "a"]
    assert sorted(edges["name"]) == ["bridge", "cross", "cross", "up"]
    assert edges["length_m"].tolist() == [50, 50, 100, 100]
    assert len(net.components) == 2


def test_osmnx_like_graph_keeps_one_of_two_directions():
    graph = nx.MultiDiGraph(crs=CRS)
    graph.add_nodes_from([(i, {"x": 100.0 * i, "y": 0.0}) for i in range(3)])
    for u, v in ((0, 1), (1, 0), (1, 2)):
        graph.add_edge(u, v, length=100.0, oneway=(u, v) == (1, 2))
    net = Network.from_graph(graph)
    assert net.edges[["u", "v", "oneway"]].sort_values("u").to_numpy().tolist() == [
        [0, 1, 0],
        [1, 2, 1],
    ]
    ends = points([(0, 0), (200, 0)])
    assert net.travel_times(ends, ends)["minutes"].max() == pytest.approx(200 / 60)


def test_chains_cannot_be_seen():
    """One long street as one edge, as many edges and as a ring gives the same minutes."""
    at = np.linspace(0, 2 * np.pi, 25)
    ring = np.column_stack([200 * np.cos(at), 200 * np.sin(at)])
    length = np.hypot(*(ring[1] - ring[0]))
    nodes = pd.DataFrame(ring[:-1], columns=["x", "y"])
    edges = pd.DataFrame({"u": range(24), "v": [*range(1, 24), 0], "length_m": length})
    net = Network.from_edges(nodes, edges, CRS)
    assert len(net.graph.chain_a) == 1
    od = net.travel_times(None, points(ring[[5]], ["f"]), np.inf).set_index("demand")["minutes"]
    steps = np.array([min((k - 5) % 24, (5 - k) % 24) for k in range(24)])
    np.testing.assert_allclose(od.loc[range(24)], steps * length / 60, atol=1e-8)


def drawn(edges, shape, crs=CRS):
    return gpd.GeoDataFrame(edges, geometry=[shape] * len(edges), crs=crs)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda n, e: (n, e.drop(columns="length_m"), CRS), "no length column"),
        (lambda n, e: (n, e.assign(length_m=[-1.0, np.nan]), CRS), "negative length: 0"),
        (lambda n, e: (n, e.assign(length_m=[-1.0, np.nan]), CRS), "no usable length: 1"),
        (lambda n, e: (n, e.assign(v=[1, 77]), CRS), "does not exist: 77"),
        (lambda n, e: (n, e, "EPSG:4326"), "degrees"),
        (lambda n, e: (n, e, None), "no coordinate reference system"),
        (lambda n, e: (n, e, "EPSG:0"), "not a known"),
        (lambda n, e: (n, e.iloc[:0], CRS), "no streets"),
        (lambda n, e: (n, e.assign(length_m=[1e12, np.inf]), CRS), "no usable length: 0, 1"),
        (lambda n, e: (n, e.assign(length_m=["long", 5]), CRS), "no usable length: 0"),
        (lambda n, e: (n.assign(x="west"), e, CRS), "no coordinates: 0, 1"),
        (lambda n, e: (n.drop(columns="y"), e, CRS), "'y' is missing"),
        (lambda n, e: (n, e.drop(columns="u"), CRS), "'u' is missing"),
        (lambda n, e: (n, e, "EPSG:2263"), "not in metres"),
        (lambda n, e: (n, e.assign(slope=["steep", 0.1]), CRS), "usable slope: 0"),
        (lambda n, e: (n, e.assign(slope=[np.nan, 5]), CRS), "usable slope: 1"),
        (lambda n, e: (n, e.assign(seconds=[-1, "long"]), CRS), "usable seconds: 0, 1"),
        (lambda n, e: (n, drawn(e, shapely.box(0, 0, 1, 1)), CRS), "not lines: 0, 1"),
        (lambda n, e: (n, drawn(e, shapely.LineString([(0, 0), (1, 1)]), 4326), CRS), "EPSG:4326"),
        (lambda n, e: (n.assign(x=np.nan), e, CRS), "no coordinates: 0, 1"),
        (lambda n, e: (n.set_axis([0, 0]), e, CRS), "more than once"),
    ],
)
def test_bad_streets_are_named(monkeypatch, change, message):
    monkeypatch.setenv("PLANNER_LANG", "en")
    nodes = pd.DataFrame({"x": [0.0, 100.0], "y": 0.0})
    edges = pd.DataFrame({"u": [0, 0], "v": [1, 1], "length_m": [100.0, 120.0]})
    with pytest.raises(NetworkError, match=message):
        Network.from_edges(*change(nodes, edges))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda net, at: net.travel_times(at, at, cutoff_min=-1), "cutoff"),
        (lambda net, at: net.travel_times(at, at, cutoff_min=np.nan), "cutoff"),
        (lambda net, at: net.nearest(at, at, speed_mps=0), "speed"),
        (lambda net, at: net.nearest(at, at, speed_mps=np.inf), "speed"),
        (lambda net, at: net.nearest(at, at, speed_mps=np.nan), "speed"),
        (lambda net, at: net.travel_times(at, at, speed_mps=pd.Series([1.0, -1.0])), "speed -1"),
        (lambda net, at: net.nearest_k(at, at, 0), "number of nearest"),
        (lambda net, at: net.nearest_k(at, at, 1.5), "number of nearest"),
        (lambda net, at: net.nearest_k(at, at, 1, -1), "cutoff"),
        (lambda net, at: net.reach(at, [0]), "minutes"),
        (lambda net, at: net.reach(at, [np.inf]), "minutes"),
        (lambda net, at: net.reach(at, []), "minutes"),
        (lambda net, at: net.reach(at, [5], pd.Series([1.0, 2.0])), "one speed"),
        (lambda net, at: net.critical_streets(at, at, speed_mps=pd.Series([1.0, 2])), "one speed"),
        (lambda net, at: net.critical_streets(at, at, weight=-at.x), "weight"),
        (lambda net, at: net.reached_edges(at, -1), "cutoff"),
        (lambda net, at: net.responsibility_areas(at, np.inf), "minutes"),
        (lambda net, at: net.responsibility_areas(at, 0), "minutes"),
        (lambda net, at: net.shed_ratio(at, np.inf), "minutes"),
        (lambda net, at: net.shed_ratio(at, 0), "minutes"),
        (lambda net, at: net.critical_streets(at, at, cutoff_min=np.nan), "cutoff"),
        (lambda net, at: net.routes(net.travel_times(at, at), at, at, np.inf), "speed"),
        (lambda net, at: net.routes(net.travel_times(at, at), at, at, 1, 0), "snap limit"),
        (lambda net, at: net.snap(at, 0), "snap limit"),
        (lambda net, at: net.snap(at.to_crs(4326)), "to_crs"),
        (lambda net, at: net.snap(at.set_axis(["a", "a"])), "more than once: a"),
        (lambda net, at: net.snap(at.buffer(1)), "Polygon"),
        (lambda net, _: net.snap([(0, 0)]), "list"),
        (lambda net, at: net.nearest(at, None), "NoneType"),
        (lambda net, at: net.routes(net.travel_times(at, at)), "put the points"),
        (lambda net, at: net.routes(net.travel_times(at, at), at), "NoneType"),
        (
            lambda net, _: net.by(Mode(speed_kmh={"path": -1}, other_kmh=0)),
            "'path'[^\\0]*'other_kmh'",
        ),
        (lambda net, _: net.by(Mode(penalty={"path": 0})), "penalty 0"),
    ],
)
def test_bad_questions_are_named(monkeypatch, ask, message):
    monkeypatch.setenv("PLANNER_LANG", "en")
    with pytest.raises(NetworkError, match=message):
        ask(lattice(), points([(0, 0), (100, 0)]))


@pytest.mark.parametrize(
    ("crs", "name", "message"),
    [
        ("EPSG:4326", "length", "project_graph"),
        (None, "length", "no coordinate reference system"),
        (CRS, "weight", "no length column"),
    ],
)
def test_bad_graphs_are_named(monkeypatch, crs, name, message):
    monkeypatch.setenv("PLANNER_LANG", "en")
    graph = nx.MultiDiGraph(**({"crs": crs} if crs else {}))
    graph.add_nodes_from([(0, {"x": 0.0, "y": 0.0}), (1, {"x": 100.0, "y": 0.0})])
    graph.add_edge(0, 1, **{name: 100.0})
    with pytest.raises(NetworkError, match=message):
        Network.from_graph(graph)


def test_a_graph_without_streets_is_named(monkeypatch):
    monkeypatch.setenv("PLANNER_LANG", "en")
    with pytest.raises(NetworkError, match="no streets"):
        Network.from_graph(nx.MultiDiGraph(crs=CRS))


def test_heights_of_a_graph_give_slopes():
    graph = nx.MultiGraph(crs=CRS)
    graph.add_nodes_from([(0, {"x": 0, "y": 0, "elevation": 5}), (1, {"x": 100, "y": 0})])
    graph.add_node(2, x=200, y=0, elevation=15)
    graph.add_edge(0, 2, length=200)
    graph.add_edge(0, 1, length=100)
    slope = Network.from_graph(graph).edges.set_index("v")["slope"]
    assert slope[2] == pytest.approx(0.05)
    assert np.isnan(slope[1])


def test_bad_lines_are_named(monkeypatch):
    monkeypatch.setenv("PLANNER_LANG", "en")
    line = shapely.LineString([(0, 0), (1, 1)])
    for lines, message in (
        (gpd.GeoDataFrame(geometry=[line], crs=4326), "degrees"),
        (gpd.GeoDataFrame(geometry=[line, shapely.Point(0, 0), None], crs=CRS), "not lines: 1, 2"),
        (gpd.GeoDataFrame(geometry=[], crs=CRS), "no streets"),
    ):
        with pytest.raises(NetworkError, match=message):
            Network.from_lines(lines)


def test_inputs_are_left_alone():
    nodes = pd.DataFrame({"x": [0.0, 100.0], "y": 0.0})
    edges = pd.DataFrame({"u": [0, 0], "v": [1, 1], "length_m": [100.0, 120.0]})
    before = nodes.copy(), edges.copy()
    net = Network.from_edges(nodes, edges, CRS)
    at = points([(10, 5), (90, 5)])
    same = at.copy()
    net.travel_times(at, at)
    net.reach(at, [1])
    pd.testing.assert_frame_equal(nodes, before[0])
    pd.testing.assert_frame_equal(edges, before[1])
    assert at.equals(same)
