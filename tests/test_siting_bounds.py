"""The search and its bound: valid at any moment, exact in the end, and the same every time."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp
from support.examples import examples
from test_siting import DEMAND, OD, towns

from planner import siting
from planner.engine.siting.problem.covering_rows import group_rows, merge_rows
from planner.engine.siting.solver.branch_and_bound import certify, fixable, prove
from planner.engine.siting.solver.covering import seek_cover
from planner.engine.siting.solver.dominance import reduce_cover
from planner.engine.siting.solver.linear_constraints import LinearRules
from planner.engine.siting.solver.local_search import (
    constrained_local_search,
    iterated_local_search,
)
from planner.engine.siting.solver.program import Clock
from planner.engine.siting.solver.reduced import build_reduced, shrink

from scipy import sparse  # isort: skip


@st.composite
def cores(draw):
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, m = int(rng.integers(1, 30)), int(rng.integers(2, 9))
    entry = np.flatnonzero(rng.random(n * m) < 0.4)
    row, site = np.divmod(entry, m)
    outside = rng.integers(0, 40, n)
    cost = rng.integers(0, 30, len(entry)) * int(rng.random() < 0.6)
    p = int(rng.integers(1, m + 1))
    core, of = build_reduced(row, site, cost, outside, p, np.arange(m))
    return core, of, (row, site, cost, outside), rng


def value_of(entries, plan):
    row, site, cost, outside = entries
    paid = outside.copy()
    used = np.isin(site, plan)
    np.minimum.at(paid, row[used], cost[used])
    return int(paid.sum())


def best_of(entries, m, p):
    plans = itertools.chain.from_iterable(itertools.combinations(range(m), k) for k in range(p + 1))
    return min(value_of(entries, plan) for plan in plans)


@given(cores())
@examples(50)
def test_proof_by_enumeration(made):
    core, _, entries, _ = made
    m = len(core.names)
    best = best_of(entries, m, core.p)
    proof = prove(core, Clock(60.0))
    assert proof.value == proof.bound == best == value_of(entries, proof.chosen)
    assert len(proof.chosen) <= core.p
    stopped = prove(core, Clock(0.0))
    assert stopped.bound <= best <= stopped.value
    assert stopped.value == value_of(entries, stopped.chosen)


@given(cores())
@examples(50)
def test_any_prices_bound_and_fix_rightly(made):
    core, _, entries, rng = made
    m = len(core.names)
    best = best_of(entries, m, core.p)
    price = rng.random(len(core.flat.outside)) * core.flat.outside
    certified, reduced = certify(core, price, np.zeros(0))
    assert core.base + certified / 2**16 <= best
    value = best + int(rng.integers(1, 20))  # a plan at hand that can be bettered
    forced, barred = fixable(core.p, reduced, (value - core.base << 16) - certified)
    for plan in itertools.combinations(range(m), min(core.p, m)):
        if value_of(entries, plan) < value:
            assert set(np.flatnonzero(forced)) <= set(plan) or len(plan) < core.p
            assert not set(np.flatnonzero(barred)) & set(plan)


@given(cores())
@examples(30)
def test_wandering_tells_the_value_of_a_plan_no_swap_betters(made):
    core, _, entries, rng = made
    m = len(core.names)
    start = np.zeros(m, dtype=bool)
    start[rng.permutation(m)[: core.p]] = True
    is_open = start.copy()
    value = int(iterated_local_search(core.flat, is_open, 5, 2, 1, 2**62)[0]) + core.base
    plan = np.flatnonzero(is_open)
    assert len(plan) == core.p
    assert value == value_of(entries, plan) <= value_of(entries, np.flatnonzero(start))
    for out, new in itertools.product(plan, np.flatnonzero(~is_open)):
        assert value_of(entries, [new, *plan[plan != out]]) >= value


@given(cores())
@examples(30)
def test_shrinking_keeps_values(made):
    core, _, entries, rng = made
    m = len(core.names)
    forced = np.zeros(m, dtype=bool)
    forced[int(rng.integers(m))] = True
    barred = ~forced & (rng.random(m) < 0.3)
    smaller, price = shrink(core, np.zeros(len(core.flat.outside)), forced, barred)
    assert len(price) == len(smaller.flat.outside)
    plan = [name for name in smaller.names if rng.random() < 0.5]
    row = np.repeat(np.arange(len(smaller.flat.outside)), np.diff(smaller.flat.indptr))
    numbers = smaller.names[smaller.flat.cols]
    inner = (row, numbers, smaller.flat.cost, smaller.flat.outside)
    whole = value_of(entries, [*np.flatnonzero(forced), *plan])
    assert smaller.base + value_of(inner, plan) == whole


@given(towns())
@examples(20)
def test_dominance_keeps_the_least_cover(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    col = od.facility.map({site: j for j, site in enumerate(sites)})
    shape = (len(demand), len(sites))
    by = sparse.coo_array((np.ones(len(od)), (od.demand, col)), shape=shape).tocsr()
    by.sort_indices()
    by = merge_rows(by, demand.to_numpy(float)).by
    worth = rng.integers(0, 5, len(sites)).astype(float)

    def least(matrix, prices):
        m = matrix.shape[1]
        return min(
            sum(prices[list(plan)])
            for k in range(m + 1)
            for plan in itertools.combinations(range(m), k)
            if (matrix[:, list(plan)].sum(axis=1) >= 1).all()
        )

    found = seek_cover(by, worth, 3)
    assert (by[:, np.flatnonzero(found)].sum(axis=1) >= 1).all()
    assert worth[found].sum() >= least(by, worth)
    left = reduce_cover(by, worth)
    rest = least(left.by, worth[left.sites]) if left.by.shape[0] else 0.0
    assert worth[left.forced].sum() + rest == least(by, worth)


@pytest.mark.parametrize("priced", [False, True])
def test_covers_are_found_that_are_best_or_nearly(priced):
    rng = np.random.default_rng(11)
    by = sparse.csr_array((rng.random((150, 60)) < 0.06).astype(float))
    by = by[np.flatnonzero(np.diff(by.indptr))]
    worth = rng.integers(5, 20, 60) + rng.random(60) if priced else np.ones(60)
    rule = LinearConstraint(by.toarray(), lb=1)
    best = milp(worth, constraints=rule, integrality=np.ones(60), bounds=(0, 1)).fun
    found = [seek_cover(by, worth, seed) for seed in (0, 0, 1)]
    assert (found[0] == found[1]).all()
    for cover in found:
        assert (by @ cover >= 1).all()
        assert best - 1e-9 <= worth[cover].sum() <= best * 1.02


def test_rows_are_grouped_by_their_very_lists():
    lists = [[0, 2], [], [2, 0], [0, 2], [1], [0, 2, 3], []]
    indptr = np.cumsum([0, *map(len, lists)])
    first, of = group_rows(indptr, np.array(list(itertools.chain.from_iterable(lists))))
    assert first.tolist() == [0, 2, 4, 5]
    assert of.tolist() == [0, -1, 1, 0, 2, 3, -1]


def test_same_seed_same_plan_and_short_time_is_honest():
    rng = np.random.default_rng(5)
    row, col = np.nonzero(rng.random((250, 40)) < 0.06)
    od = pd.DataFrame({"demand": row, "facility": col, "minutes": 1.0})
    demand = pd.Series(rng.integers(1, 99, 250))
    plans = [siting.max_cover(od, demand, p=6, seed=3) for _ in range(2)]
    assert plans[0].chosen == plans[1].chosen
    short = siting.max_cover(od, demand, p=6, time_limit_s=1e-9)
    assert short.objective <= plans[0].objective <= short.bound
    assert (short.gap > 0) == (short.status == "feasible")
    assert short.gap == pytest.approx((short.bound - short.objective) / short.bound)
    weights = demand / 7.0  # no whole numbers
    real = siting.max_cover(od, weights, p=6)
    assert real.status == "optimal"
    assert real.objective == pytest.approx(plans[0].objective / 7.0)


@given(cores())
@examples(30)
def test_swaps_keep_to_rules(made):
    core, _, entries, rng = made
    m = len(core.names)
    is_open = rng.random(m) < 0.5
    factor = np.round(rng.random((4, m)), 2) * (rng.random((4, m)) < 0.7)
    used = factor @ is_open
    low, high = used - rng.random(4) * 0.3, used + rng.random(4) * 0.3
    table = sparse.csc_array(factor)
    rules = LinearRules(
        ptr=table.indptr.astype(np.int64),
        rule=table.indices.astype(np.int64),
        factor=table.data,
        used=used.copy(),
        low=low,
        high=high,
        tolerance=np.zeros(4),
        host=np.full(m, -1),
        services=np.zeros(0, dtype=np.int64),
    )
    plan = is_open.copy()
    value = int(constrained_local_search(core.flat, rules, plan, 10, 2, 1, 2**62)[0]) + core.base
    assert plan.sum() == is_open.sum()
    assert value == value_of(entries, np.flatnonzero(plan))
    assert value <= value_of(entries, np.flatnonzero(is_open))
    assert (factor @ plan >= low - 1e-8).all()
    assert (factor @ plan <= high + 1e-8).all()
    for out, new in itertools.product(np.flatnonzero(plan), np.flatnonzero(~plan)):
        trial = plan.copy()
        trial[[out, new]] = trial[[new, out]]
        if (factor @ trial >= low).all() and (factor @ trial <= high).all():
            assert value_of(entries, np.flatnonzero(trial)) >= value


def test_rules_hold_when_no_time_is_left():
    rng = np.random.default_rng(6)
    row, col = np.nonzero(rng.random((300, 40)) < 0.08)
    od = pd.DataFrame({"demand": row, "facility": col, "minutes": 1.0})
    demand = pd.Series(rng.integers(1, 99, 300))
    rules = {
        "p": 6,
        "quotas": [siting.Quota(name="west", sites=range(20), at_most=2)],
        "conflicts": [(j, j + 1) for j in range(20, 39)],
        "cost": pd.Series(rng.integers(1, 9, 40)),
        "budget": 25,
    }
    best = siting.max_cover(od, demand, **rules)
    short = siting.max_cover(od, demand, time_limit_s=1e-9, **rules)
    assert best.status == "optimal"
    assert 0.97 * best.objective <= short.objective <= best.objective <= short.bound
    assert sum(site < 20 for site in short.chosen) <= 2
    assert short.cost <= 25


def test_a_site_nobody_needs_is_left_out():
    assert set(siting.max_cover(OD, DEMAND, p=3).chosen) == {"x", "y"}
    twin = pd.concat([OD, OD[OD.facility == "x"].assign(facility="x2")])
    assert len(siting.max_cover(twin, DEMAND, p=4, conflicts=[("y", "z")]).chosen) == 2
    assert "x2" in siting.max_cover(twin, DEMAND, p=4, mandatory=["x2"]).chosen
