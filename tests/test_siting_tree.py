"""Branch and bound on Benders cuts, against enumeration and published optima."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from support.examples import examples
from test_siting_bounds import best_of, cores, value_of
from test_siting_ruled import ruled_cores

from planner import siting
from planner.engine.siting.solver.benders import Master, Relaxed, cuts, separate
from planner.engine.siting.solver.certified import PRICE_BITS, certify
from planner.engine.siting.solver.program import Clock
from planner.engine.siting.solver.tree import SearchTree, _Branch

ALL = np.zeros(0, dtype=np.int64)
RL1304 = {5: 3_099_073, 20: 1_412_108, 50: 795_012, 100: 491_639, 200: 268_573}


def prices(core, rng):
    return rng.random(len(core.flat.outside)) * core.flat.outside


@given(cores())
@examples(50)
def test_tree_by_enumeration(made):
    core, _, entries, rng = made
    best = best_of(entries, len(core.names), core.p)
    unknown = int(entries[3].sum()) + 1  # dearer than opening nothing
    tree = SearchTree(core, ALL, prices(core, rng), unknown, 0)
    tree.go(10**9, Clock(60.0))
    assert tree.done
    assert tree.value == tree.bound == best == value_of(entries, tree.plan)
    assert len(tree.plan) <= core.p
    known = SearchTree(core, ALL, prices(core, rng), best, 0)
    known.go(10**9, Clock(60.0))
    assert known.done
    assert known.plan is None
    assert known.bound == best


@given(cores())
@examples(30)
def test_tree_stopped_at_any_effort_goes_on_to_the_same_end(made):
    core, _, entries, rng = made
    best = best_of(entries, len(core.names), core.p)
    tree = SearchTree(core, ALL, prices(core, rng), int(entries[3].sum()) + 1, 0)
    for _ in range(10_000):
        assert tree.bound <= best <= tree.value
        if tree.done:
            break
        tree.go(int(rng.integers(1, 300)), Clock(60.0))
    assert tree.value == tree.bound == best


@given(ruled_cores())
@examples(60)
def test_tree_with_rules_by_enumeration(made):
    core, worth, rng = made
    unknown = int(core.base + core.flat.outside.sum()) + 1
    tree = SearchTree(core, ALL, prices(core, rng), unknown, 0)
    tree.go(10**9, Clock(60.0))
    assert tree.done
    if worth:
        assert tree.value == tree.bound == min(worth.values()) == worth[tuple(sorted(tree.plan))]
    else:
        assert tree.plan is None
        assert tree.bound == unknown


@given(cores())
@examples(60)
def test_any_prices_bound_and_fix_a_part_rightly(made):
    core, _, entries, rng = made
    m = len(core.names)
    side = rng.integers(0, 4, m)
    opened, barred = side == 0, side == 1
    if opened.sum() > core.p:
        return
    worth = {
        plan: value_of(entries, plan)
        for k in range(core.p + 1)
        for plan in itertools.combinations(range(m), k)
        if set(np.flatnonzero(opened)) <= set(plan) and not set(np.flatnonzero(barred)) & set(plan)
    }
    best = min(worth.values())
    tree = SearchTree(core, ALL, prices(core, rng), best + int(rng.integers(1, 20)), 0)
    part = _Branch(0, 1, opened.copy(), barred.copy(), np.zeros(m))
    tree._fix(part, Relaxed(share=np.zeros(m), price=prices(core, rng), multiplier=np.zeros(0)))
    assert part.bound <= best
    for plan in (plan for plan, cost in worth.items() if cost < tree.value):
        assert set(np.flatnonzero(part.opened)) <= set(plan) or len(plan) < core.p
        assert not set(np.flatnonzero(part.barred)) & set(plan)


@given(cores())
@examples(30)
def test_prices_of_the_cuts_certify_the_program(made):
    core, _, _, rng = made
    flat = core.flat
    if not len(flat.outside):
        return
    found = Master(core, prices(core, rng)).solve(10**9, Clock(60.0))
    price, value = np.zeros(len(flat.outside), dtype=np.int64), np.zeros(len(flat.outside))
    separate(flat.indptr, flat.cols, flat.cost, flat.outside, found.share, price, value)
    certified, _ = certify(core, found.price, found.multiplier)
    assert certified / 2**PRICE_BITS == pytest.approx(value.sum(), abs=1e-3)


def test_a_cut_is_that_of_the_price_where_shares_add_up_to_one():
    indptr, cols = np.array([0, 3]), np.array([0, 1, 2], dtype=np.int32)
    cost, outside = np.array([2, 5, 9]), np.array([20])
    price, value = np.zeros(1, dtype=np.int64), np.zeros(1)
    separate(indptr, cols, cost, outside, np.array([0.5, 0.25, 0.5]), price, value)
    assert price[0] == 9
    assert value[0] == 0.5 * 2 + 0.25 * 5 + 0.25 * 9  # == 9 - 7 * 0.5 - 4 * 0.25
    starts, columns, values = cuts(indptr, cols, cost, np.array([0]), price, 3)
    assert (starts.tolist(), columns.tolist(), values.tolist()) == ([0], [3, 0, 1], [1, 7, 4])
    separate(indptr, cols, cost, outside, np.array([0.5, 0.0, 0.0]), price, value)
    assert (price[0], value[0]) == (20, 11)


@pytest.mark.shared
@pytest.mark.parametrize("p", RL1304)
def test_rl1304(shared, p):
    text = (shared / "data/published-optima/tsplib/rl1304.tsp").read_text()
    body = text.split("NODE_COORD_SECTION")[1].split("EOF")[0]
    points = np.array(body.split(), dtype=float).reshape(-1, 3)[:, 1:]
    n = len(points)
    metres = np.floor(np.linalg.norm(points[:, None] - points[None], axis=2)).ravel()
    demand, facility = np.divmod(np.arange(n * n), n)
    od = pd.DataFrame({"demand": demand, "facility": facility, "minutes": metres})
    found = siting.p_median(od, pd.Series(1, index=range(n)), p=p, time_limit_s=600)
    assert found.objective == found.bound == RL1304[p]
    assert found.status == "optimal"
