"""Allocation and floating catchments against plain loops, networkx and enumeration."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples

from planner.capacity import (
    by_unit,
    floating,
    read_pairs,
    serve_most,
    serve_nearest,
    serve_whole,
    three_way,
    uniform,
)
from planner.engine.capacity import allocation
from planner.errors import InputError

RULES = (serve_nearest, serve_most, serve_whole)


@st.composite
def towns(draw, *, max_demand=8, max_sites=5, whole=True, unknown=False):
    """A small random town: OD table, people and capacities."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, m = int(rng.integers(1, max_demand + 1)), int(rng.integers(1, max_sites + 1))
    pairs = [(i, j) for i in range(n) for j in range(m) if rng.random() < 0.55] or [(0, 0)]
    od = pd.DataFrame(pairs, columns=["demand", "facility"])
    od["minutes"] = rng.integers(0, 16, len(od)).astype(float)
    people = pd.Series(rng.integers(0, 20, n).astype(float))
    capacity = pd.Series(rng.integers(0, 30, m).astype(float))
    people.iloc[0] += 1
    if not whole:
        people, capacity = people * 0.377, capacity * 0.291
        od["minutes"] += rng.random(len(od))
    if unknown:
        capacity[rng.random(m) < 0.3] = np.nan
    od["facility"] = "s" + od["facility"].astype(str)
    od["demand"] = "d" + od["demand"].astype(str)
    return od, people.rename("d{}".format), capacity.rename("s{}".format), rng


def network(od, people, capacity):
    graph = nx.DiGraph()
    for label, count in people.items():
        graph.add_edge("from", label, capacity=int(count))
    for label, places in capacity.items():
        graph.add_edge(label, "to", capacity=int(places))
    for row in od.itertuples():
        graph.add_edge(row.demand, row.facility, weight=int(row.minutes))
    return graph


@given(towns())
@examples(25)
def test_serve_most_against_networkx(town):
    od, people, capacity, _ = town
    found = serve_most(read_pairs(od, people, capacity))
    graph = network(od, people, capacity)
    flow = nx.max_flow_min_cost(graph, "from", "to")
    assert found.objective == found.bound == sum(flow["from"].values())
    cost = nx.cost_of_flow(graph, flow)
    assert found.person_minutes == pytest.approx(cost, abs=1e-9)
    assert found.least_person_minutes == found.person_minutes
    assert found.status == "optimal"
    assert found.gap == 0


@given(towns(max_demand=6, max_sites=3))
@examples(10)
def test_serve_whole_by_enumeration(town):
    od, people, capacity, rng = town
    most_each = int(rng.integers(1, 4)) if rng.random() < 0.5 else None
    minutes = od.set_index(["demand", "facility"])["minutes"]
    best = (0.0, 0.0)
    for plan in itertools.product([None, *capacity.index], repeat=len(people)):
        chosen = [(d, f) for d, f in zip(people.index, plan, strict=True) if f is not None]
        if any(pair not in minutes.index for pair in chosen):
            continue
        rows = pd.DataFrame(chosen, columns=["demand", "facility"])
        rows["people"] = people.reindex(rows["demand"]).to_numpy()
        load = rows.groupby("facility")["people"].agg(["sum", "size"])
        if (load["sum"] > capacity.reindex(load.index)).any():
            continue
        if most_each and (load["size"] > most_each).any():
            continue
        cost = sum(people[d] * minutes[d, f] for d, f in chosen)
        best = max(best, (rows["people"].sum(), -cost))
    found = serve_whole(read_pairs(od, people, capacity), most_each=most_each)
    assert (found.objective, -found.person_minutes) == pytest.approx(best)
    assert found.bound == found.objective
    assert found.status == "optimal"
    assert not found.flows["demand"].duplicated().any()
    assert not most_each or found.load["demands"].max() <= most_each


@given(towns())
@examples(20)
def test_serve_nearest_against_a_plain_loop(town):
    od, people, capacity, _ = town
    found = serve_nearest(read_pairs(od, people, capacity))
    left, room = people.copy(), capacity.copy()
    flows = {}
    for row in od.sort_values(["minutes", "demand", "facility"]).itertuples():
        taken = min(left[row.demand], room[row.facility])
        if taken:
            flows[row.demand, row.facility] = taken
            left[row.demand] -= taken
            room[row.facility] -= taken
    assert found.flows.set_index(["demand", "facility"])["people"].to_dict() == flows
    assert found.status == "rule"


@given(towns(unknown=True), st.booleans())
@examples(15)
def test_what_every_allocation_keeps_to(town, fractions):
    od, people, capacity, rng = town
    if fractions:
        people, capacity = people * 0.377, capacity * 0.291
    for rule in RULES:
        found = rule(read_pairs(od, people, capacity))
        split = found.split
        assert split.index.equals(people.index)
        parts = split[["served", "over_capacity", "out_of_reach"]]
        assert (parts >= 0).all(axis=None)
        np.testing.assert_allclose(parts.sum(axis=1), people, rtol=1e-15)
        if not fractions:
            assert (parts.sum(axis=1) == people).all()
        reached = people.index.isin(od["demand"])
        assert (split.loc[reached, "out_of_reach"] == 0).all()
        assert (split.loc[~reached, "served"] == 0).all()
        assert not (found.load["people"] > capacity * (1 + 1e-12)).any()
        by_flow = found.flows.groupby("demand")["people"].sum().reindex(people.index).fillna(0)
        np.testing.assert_allclose(by_flow, split["served"], rtol=1e-12)
        by_flow = found.flows.groupby("facility")["people"].sum()
        np.testing.assert_allclose(found.load["people"], by_flow.reindex(capacity.index).fillna(0))
        assert found.objective <= found.bound * (1 + 1e-9)
        unknown = capacity.index[capacity.isna()]
        flagged = found.flows.loc[found.flows["facility"].isin(unknown), "people"].sum()
        assert split["of_unknown"].sum() == pytest.approx(flagged)
        assert bool(found.notes) == bool(len(unknown))
        shuffled = rule(
            read_pairs(
                od.sample(frac=1, random_state=rng.integers(2**31)),
                people.sample(frac=1, random_state=1),
                capacity.sample(frac=1, random_state=2),
            )
        )
        pd.testing.assert_frame_equal(shuffled.split.reindex(people.index), split)
        pd.testing.assert_frame_equal(shuffled.flows, found.flows)
        more = capacity + rng.integers(0, 5, len(capacity))
        assert rule(read_pairs(od, people, more)).objective >= found.objective - 1e-9


def test_the_scarce_facilities_hold_back_those_over_capacity():
    od = pd.DataFrame(
        [("a", "x", 1), ("b", "x", 2), ("b", "y", 9), ("c", "z", 3)],
        columns=["demand", "facility", "minutes"],
    )
    people = pd.Series({"a": 30, "b": 20, "c": 10, "d": 5})
    found = serve_most(read_pairs(od, people, pd.Series({"x": 25, "y": 100, "z": 40})))
    assert found.split["served"].to_dict() == {"a": 25, "b": 20, "c": 10, "d": 0}
    assert found.split.loc["a", "over_capacity"] == 5
    assert found.split.loc["d", "out_of_reach"] == 5
    assert found.load["scarce"].to_dict() == {"x": True, "y": False, "z": False}
    assert found.load.loc["y", ["use", "mean_min", "farthest_min"]].tolist() == [0.2, 9, 9]
    near = serve_nearest(read_pairs(od, people, pd.Series({"x": 25, "y": 100, "z": 40})))
    assert near.person_minutes == 25 * 1 + 20 * 9 + 10 * 3


def test_a_stopped_search_claims_nothing():
    rng = np.random.default_rng(3)
    od = pd.DataFrame(list(itertools.product(range(60), range(9))), columns=["demand", "facility"])
    od["minutes"] = rng.random(len(od)) * 15
    people, room = pd.Series(rng.integers(1, 20, 60)), pd.Series(rng.integers(20, 90, 9))
    best = serve_most(read_pairs(od, people, room))
    for pivots in (1, 10, 40, 80):
        found = serve_most(read_pairs(od, people, room), most_pivots=pivots)
        assert found.status == "feasible"
        assert found.objective <= best.objective <= found.bound
        if found.objective == best.objective:
            assert found.least_person_minutes <= best.person_minutes + 1e-9


def test_whole_communities_and_their_sums():
    od = pd.DataFrame(
        [("1", "x", 4.0), ("2", "x", 10.0), ("3", "x", 6.0), ("3", "y", 8.0), ("1", "y", 1.0)],
        columns=["demand", "facility", "minutes"],
    )
    people = pd.Series({"1": 30.0, "2": 10.0, "3": 25.0, "4": 100.0})
    unit = pd.Series({"1": "A", "2": "A", "3": "B", "4": "B"})
    units, whole = by_unit(od, people, unit, reached_share=0.2)
    assert whole.to_dict() == {"A": 40, "B": 125}
    assert units.set_index(["demand", "facility"]).loc[("A", "x")].to_dict() == {
        "minutes": 5.5,
        "farthest_min": 10.0,
        "reached": 1.0,
    }
    found = serve_whole(read_pairs(units, whole, pd.Series({"x": 150.0, "y": 130.0})))
    assert found.flows[["demand", "facility"]].to_numpy().tolist() == [["A", "y"], ["B", "x"]]
    demand = pd.DataFrame({"community": unit, "population": people, "aged": people / 5})
    communities = pd.DataFrame(
        {"street": ["S", "S"], "settlement": ["urban", "rural"], "zone": [None, "N"]},
        index=["A", "B"],
    )
    split = serve_most(read_pairs(od, people, pd.Series({"x": 20.0, "y": 7.0})))
    table = three_way(
        split, kind="k", demand=demand, communities=communities, groups=["population", "aged"]
    )
    parts = table[["served", "over_capacity", "out_of_reach"]].sum(axis=1)
    np.testing.assert_allclose(parts, table["people"], rtol=1e-15)
    keys = ["level", "unit", "group"]
    whole = table.set_index(keys).loc[("district", "*", "population")]
    assert whole[["people", "served", "out_of_reach"]].tolist() == [165, 27, 100]
    north = table.set_index(keys).loc[("zone", "N", "aged")]
    assert north["out_of_reach"] == pytest.approx(20)


def plain_catchments(od, people, capacity, weigh):
    """The floating catchments as the paper writes them down."""
    od = [row for row in od.itertuples() if not np.isnan(capacity[row.facility])]
    ratio = {}
    for f in capacity.index:
        drawn = sum(people[r.demand] * weigh(r.minutes) for r in od if r.facility == f)
        ratio[f] = capacity[f] / drawn if drawn > 0 else np.nan
    score = {}
    for d in people.index:
        rows = [r for r in od if r.demand == d and weigh(r.minutes) > 0]
        parts = [np.nan_to_num(ratio[r.facility]) * weigh(r.minutes) for r in rows]
        score[d] = sum(parts) if rows else np.nan
    return pd.Series(score), pd.Series(ratio)


DECAYS = {
    "uniform": (uniform(12), lambda t: float(t <= 12)),
    "own": (lambda t: np.maximum(0, 0.75 * (1 - (t / 14) ** 2)),) * 2,
}


@pytest.mark.parametrize("decay", DECAYS)
@given(town=towns(whole=False, unknown=True))
@examples(6)
def test_floating_catchments_against_a_plain_loop(town, decay):
    od, people, capacity, _ = town
    if capacity.isna().all():
        return
    weigh, plain = DECAYS[decay]
    found = floating(read_pairs(od, people, capacity), weigh)
    score, ratio = plain_catchments(od, people, capacity, plain)
    np.testing.assert_allclose(found.places["score"], score, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.facilities["ratio"], ratio, rtol=1e-9)
    drawn_on = capacity[found.facilities["people"] > 0].sum()
    assert (people * score).sum() == pytest.approx(drawn_on)


def test_everything_wrong_is_said_at_once():
    od = pd.DataFrame({"demand": ["a", "q"], "facility": ["x", "x"], "minutes": [np.nan, -1.0]})
    people = pd.Series({"a": 3})
    with pytest.raises(InputError) as error:
        read_pairs(od, people, pd.Series({"x": 1.0}), cutoff_min=-1)
    keys = [problem.key for problem in error.value.problems]
    assert keys == [
        f"capacity.{key}"
        for key in ("minutes_missing", "minutes_negative", "cutoff", "demand_unknown")
    ]
    with pytest.raises(InputError) as error:
        read_pairs(
            od.drop(columns="minutes"),
            pd.Series([1, None, -2], index=["a", "a", "b"]),
            pd.Series({"x": -1.0, "y": "many"}),
        )
    keys = [problem.key.removeprefix("capacity.") for problem in error.value.problems]
    assert keys == [
        "not_a_number", "negative", "label_twice", "not_a_number", "negative", "od_columns",
    ]  # fmt: skip
    for lang in ("zh", "en"):
        assert all("{" not in line for line in error.value.say(lang))
    twice = pd.DataFrame({"demand": ["a", "a"], "facility": ["x", "x"], "minutes": [1.0, 2.0]})
    with pytest.raises(InputError, match="a - x"):
        read_pairs(twice, people, pd.Series({"x": 1.0}))
    with pytest.raises(InputError):
        serve_most(read_pairs(twice[:1], pd.Series({"a": 0}), pd.Series({"x": 1.0})))
    nothing_known = read_pairs(twice[:1], people, pd.Series({"x": np.nan}))
    with pytest.raises(InputError):
        floating(nothing_known, uniform(15))
    assert allocation.serve_most(nothing_known).split.loc["a", "of_unknown"] == 3


def test_labels_of_any_kind():
    od = pd.DataFrame({"demand": [1, "b"], "facility": ["x", "x"], "minutes": [1.0, 2.0]})
    people = pd.Series([3.0, 4.0], index=pd.Index([1, "b"], dtype=object))
    plain = serve_most(read_pairs(od, people, pd.Series({"x": 5.0})))
    assert plain.split["served"].tolist() == [3, 2]
    grouped = od.astype({"facility": "category"})
    again = serve_most(read_pairs(grouped, people, pd.Series({"x": 5.0})))
    pd.testing.assert_frame_equal(again.split, plain.split)
