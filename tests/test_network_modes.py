"""Modes, directions and closed streets; routes, k nearest and the streets that matter most."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples
from test_network import CRS, anywhere, lattice, multigraphs, oracle, points
from test_network_reach import disagreement, jittered

from planner.engine.network.graph.modes import slope_factor
from planner.errors import NetworkError
from planner.network import DRIVING, E_BIKE, WALKING, Mode, Network

KINDS = ["residential", "footway", "motorway", "steps"]
CAR = Mode(speed_kmh={"residential": 36.0, "motorway": 72.0, "footway": 18.0},
           penalty={"motorway": 1.5}, banned=frozenset({"steps"}), oneway=True)  # fmt: skip


@st.composite
def directed(draw):
    """Streets with classes, one-ways and slopes, as walked or as driven, and each edge's cost."""
    net = draw(multigraphs())
    m = len(net.edge_label)
    some = lambda options: draw(st.lists(st.sampled_from(options), min_size=m, max_size=m))  # noqa: E731
    # Along a street of no length every place is one place: there is no way to be against it.
    edges = net.edges.sort_index()
    edges["length_m"] = edges["length_m"].replace(0.0, 5.0)
    edges = edges.assign(oneway=some([0, 1, -1]), highway=some(KINDS), slope=some([0.0, 0.1, -0.2]))
    net = Network.from_edges(net.nodes, edges, CRS)
    mode = draw(st.sampled_from([WALKING, CAR, Mode(banned=frozenset({"footway"}))]))
    cost = {}
    for name, edge in edges.iterrows():
        if mode.unit == "s":
            seconds = edge["length_m"] * 3.6 / {**CAR.speed_kmh, "steps": 1}[edge["highway"]]
            seconds *= 1.5 if edge["highway"] == "motorway" else 1.0
            cost[name] = [seconds, seconds]
        else:
            cost[name] = [
                edge["length_m"] * slope_factor(s) for s in (edge["slope"], -edge["slope"])
            ]
        if mode.oneway and edge["oneway"]:
            cost[name][edge["oneway"] == 1] = None
    closed = [
        name for name, shut in zip(edges.index, some([True, False, False]), strict=True) if shut
    ]
    barred = edges["highway"].isin(mode.banned) | edges.index.isin(closed)
    return net, mode, cost, closed, barred.all()


@examples(20)
@given(
    case=directed(),
    demand=st.lists(anywhere, min_size=1, max_size=6),
    facilities=st.lists(anywhere, min_size=1, max_size=4),
    there=st.booleans(),
)
def test_modes_and_directions_equal_networkx(case, demand, facilities, there):
    whole, mode, cost, closed, all_barred = case
    if all_barred:
        with pytest.raises(NetworkError):
            whole.by(mode, closed)
        return
    net = whole.by(mode, closed)
    assert not set(closed) & set(net.edges.index)
    demand, facilities = points(demand), points(facilities, list("abcd")[: len(facilities)])
    if mode.unit == "s":  # the oracle counts in metres walked a metre a second: a second each
        assert net.unit == "s"
    if there:
        expected = oracle(net, demand, facilities, np.inf, 1.0, 100, cost)
    else:
        turned = oracle(net, facilities, demand, np.inf, 1.0, 100, cost)
        expected = {(d, f): minutes for (f, d), minutes in turned.items()}
    direction = "to_facility" if there else "from_facility"
    od = net.travel_times(demand, facilities, np.inf, 1.0, 100, direction)
    found = od.set_index(["demand", "facility"])["minutes"]
    assert found.to_dict() == pytest.approx(expected, abs=1e-6)
    nearest = net.nearest(demand, facilities, np.inf, 1.0, 100, direction)["minutes"]
    least = found.groupby("demand").min().reindex(demand.index)
    pd.testing.assert_series_equal(nearest, least, check_names=False)
    ways = net.routes(od, demand, facilities, 1.0, 100, direction)
    np.testing.assert_allclose(ways["minutes"], od["minutes"], atol=1e-9)
    for way in ways.itertuples():
        begin, end = demand[way.demand], facilities[way.facility]
        begin, end = (begin, end) if there else (end, begin)
        assert shapely.Point(way.geometry.coords[0]).equals(begin)
        assert shapely.Point(way.geometry.coords[-1]).equals(end)


def test_tobler_by_hand():
    """Six kilometres an hour at best, on a slope of five per cent down; 5.04 on the flat."""
    assert 5.0366 / slope_factor(np.array([-0.05, 0.0, 0.2])) == pytest.approx(
        [6.0, 5.0366, 2.5], rel=2e-3
    )
    nodes = pd.DataFrame({"x": [0.0, 100.0], "y": 0.0, "z": [0.0, 10.0]})
    net = Network.from_edges(nodes, pd.DataFrame({"u": [0], "v": [1], "length_m": [100.0]}), CRS)
    low, high = points([(0, 0)]), points([(100, 0)])
    up = net.nearest(low, high)["minutes"][0]
    down = net.nearest(high, low)["minutes"][0]
    assert up == pytest.approx(100 / 60 * np.exp(3.5 * 0.10), abs=1e-8)
    assert down == pytest.approx(100 / 60, abs=1e-8)  # ten per cent down is as quick as the flat
    assert net.nearest(low, high, direction="from_facility")["minutes"][0] == pytest.approx(down)


def test_oneway_street_binds_drivers_alone():
    net = lattice()
    edges = net.edges.assign(oneway=0, highway="residential").sort_index()
    first = edges.index[(edges["u"] == 0) & (edges["v"] == 10)]
    edges.loc[first, "oneway"] = 1
    net = Network.from_edges(net.nodes, edges, CRS)
    west, east = points([(0, 0)]), points([(100, 0)])
    assert net.nearest(east, west)["minutes"][0] == pytest.approx(100 / 60)
    car = net.by(DRIVING)
    seconds = 100 * 3.6 / 20
    assert car.nearest(west, east)["minutes"][0] == pytest.approx(seconds / 60)
    assert car.nearest(east, west)["minutes"][0] == pytest.approx(3 * seconds / 60)
    back = car.nearest(east, west, direction="from_facility")
    assert back["minutes"][0] == pytest.approx(seconds / 60)


def test_seconds_given_override_speeds():
    net = lattice()
    net = Network.from_edges(net.nodes, net.edges.assign(seconds=30.0), CRS)
    ends = points([(0, 0), (200, 0)])
    assert net.by(E_BIKE).travel_times(ends, ends)["minutes"].max() == pytest.approx(1.0)
    assert net.travel_times(ends, ends)["minutes"].max() == pytest.approx(200 / 60)


def test_closed_bridge_forces_the_long_way():
    net = lattice()
    edges = net.edges
    bridge = edges.index[(edges["u"] == 0) & (edges["v"] == 10)]
    barred = net.by(WALKING, closed=bridge)
    ends = points([(0, 0), (100, 0)])
    assert barred.travel_times(ends, ends)["minutes"].max() == pytest.approx(300 / 60)
    assert barred.snap(points([(50, 1)])).points["access_m"][0] > 40
    with pytest.raises(NetworkError, match="77"):
        net.by(WALKING, closed=[77])


@examples(15)
@given(case=directed(), demand=st.lists(anywhere, min_size=1, max_size=8), data=st.data())
def test_speeds_by_group_are_those_of_each_group_alone(case, demand, data):
    whole, mode, _, closed, all_barred = case
    if all_barred:
        return
    net, demand = whole.by(mode, closed), points(demand)
    stations = points([(0, 0), (300, 250), (120, 60)], list("fgh"))
    some = data.draw(st.lists(st.sampled_from([0.5, 1.0, 1.7]), min_size=8, max_size=8))
    speed = pd.Series(some[: len(demand)], index=demand.index)
    shuffled = speed.sample(frac=1, random_state=1)
    od = net.travel_times(demand, stations, 9, shuffled).sort_values(["demand", "facility"])
    nearest = net.nearest(demand, stations, 9, shuffled)
    second = net.nearest_k(demand, stations, 2, 9, shuffled)
    for mps, group in speed.groupby(speed):
        alone = demand.loc[group.index]
        mine = od[od["demand"].isin(group.index)].reset_index(drop=True)
        wanted = net.travel_times(alone, stations, 9, mps).sort_values(["demand", "facility"])
        pd.testing.assert_frame_equal(mine, wanted.reset_index(drop=True))
        pd.testing.assert_frame_equal(
            nearest.loc[group.index], net.nearest(alone, stations, 9, mps)
        )
        mine = second[second["demand"].isin(group.index)].reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, net.nearest_k(alone, stations, 2, 9, mps))


def test_each_group_at_its_own_speed():
    net = lattice()
    demand = points([(0, 0), (200, 0), (0, 200)], list("abc"))
    station = points([(100, 0)], ["f"])
    speed = pd.Series({"c": 0.5, "b": 2.0, "a": 1.0})
    od = net.travel_times(demand, station, cutoff_min=5, speed_mps=speed).set_index("demand")
    assert od["minutes"].to_dict() == pytest.approx({"a": 100 / 60, "b": 50 / 60})
    nearest = net.nearest(demand, station, cutoff_min=12, speed_mps=speed)
    assert nearest["minutes"].tolist() == pytest.approx([100 / 60, 50 / 60, 600 / 60])
    with pytest.raises(NetworkError, match="b"):
        net.nearest(demand, station, speed_mps=speed.drop("b"))


def test_direction_is_named():
    with pytest.raises(NetworkError, match="sideways"):
        lattice().nearest(points([(0, 0)]), points([(0, 0)]), direction="sideways")


def test_k_nearest_are_the_first_of_the_table():
    net = lattice()
    stations = points([(200, 0), (0, 0), (100, 100), (100, 0)], list("wxyz"))
    near = net.nearest_k(points([(100, 0), (0, 200)]), stations, k=3)
    assert near["facility"].tolist() == ["z", "w", "x", "x", "y", "z"]
    assert near["rank"].tolist() == [1, 2, 3, 1, 2, 3]
    assert near["minutes"].to_numpy() * 60 == pytest.approx([0, 100, 100, 200, 200, 300])


def test_routes_by_hand():
    net = lattice()
    demand, station = points([(40, -30)], ["d"]), points([(210, 150)], ["f"])
    od = net.travel_times(demand, station)
    way = net.routes(od, demand, station).iloc[0]
    assert way["length_m"] == pytest.approx(30 + 160 + 150 + 10)
    assert way["minutes"] == pytest.approx(way["length_m"] / 60)
    assert way.geometry.length == pytest.approx(way["length_m"])
    back = net.routes(od, demand, station, direction="from_facility").geometry.iloc[0]
    assert back.equals(way.geometry.reverse())
    with pytest.raises(NetworkError, match="nobody"):
        net.routes(pd.DataFrame({"demand": ["nobody"], "facility": ["f"]}), demand, station)


def test_routes_between_points_that_the_pairs_hold():
    net = lattice()
    demand, stations = points([(40, -30), (5, 120)], ["d", "e"]), points([(210, 150)], ["f"])
    od = net.travel_times(demand, stations).sort_values("demand")
    named = net.routes(od, demand, stations)
    pairs = pd.DataFrame(
        {"demand": demand.reset_index(drop=True), "facility": points([(210, 150)] * 2)}
    ).set_axis(["x", "y"])
    held = net.routes(pairs, speed_mps=1.0)
    assert held.index.tolist() == ["x", "y"]
    assert held["minutes"].tolist() == named["minutes"].tolist()
    assert held.geometry.tolist() == named.geometry.tolist()
    assert held["demand"].tolist() == demand.tolist()


def test_routes_do_not_cross_to_islands():
    nodes = pd.DataFrame({"x": [0, 100, 0, 100], "y": [0, 0, 900, 900]})
    edges = pd.DataFrame({"u": [0, 2], "v": [1, 3], "length_m": 100.0})
    net = Network.from_edges(nodes, edges, CRS)
    pair = pd.DataFrame({"demand": [0], "facility": [0]})
    way = net.routes(pair, points([(0, 900)]), points([(0, 0)])).iloc[0]
    assert way[["minutes", "length_m", "geometry"]].isna().all()


def test_critical_streets_equal_closing_each_in_turn():
    net = jittered(seed=5, side=8)
    rng = np.random.default_rng(2)
    demand = points(rng.uniform(0, 700, (80, 2)))
    weight = pd.Series(rng.integers(1, 9, 80).astype(float))
    stations = points([(100, 100), (600, 500)])
    worst = net.critical_streets(demand, stations, weight, cutoff_min=8, top=5)
    assert len(worst) == 5
    assert worst["people"].is_monotonic_decreasing
    before = net.nearest(demand, stations, 8)["minutes"].notna()
    lost = {}
    for chain in range(len(net.graph.chain_a)):
        # Cut a metre out of the middle of each piece: who lives on it keeps both ends.
        piece = net.edge_label[net.chain_edge[chain] : net.chain_edge[chain + 1]]
        shut = net.graph._replace(
            arc_cost=np.where(net.graph.arc_chain >> 1 == chain, 2**61, net.graph.arc_cost)
        )
        barred = Network(**{**vars(net), "graph": shut, "kept": {}})
        after = barred.nearest(demand, stations, 8)["minutes"].notna()
        lost[frozenset(piece)] = weight[before & ~after].sum()
    best = sorted(lost.values(), reverse=True)[:5]
    assert worst["people"].tolist() == best
    assert [lost[frozenset(edges)] for edges in worst["edges"]] == best
    np.testing.assert_allclose(worst.length, worst["length_m"])


def test_reach_follows_the_mode():
    net = jittered(seed=5, side=10)
    edges = net.edges.assign(slope=0.15, highway="residential").sort_index()
    hilly = Network.from_edges(net.nodes, edges, CRS)
    station = points([(450, 440)], ["f"])
    for streets, minutes in ((hilly, 5), (hilly.by(E_BIKE), 1.5)):
        area = streets.reach(station, [minutes]).geometry.iloc[0]
        wrong, _ = disagreement(streets, area, station, minutes)
        assert wrong < 0.001
