"""What is soon known of a p-center: plans that keep to the number, bounds that hold."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra
from support.examples import examples

from planner import siting
from planner.engine.siting.models.center import look_early
from planner.engine.siting.problem.problem import build_problem
from planner.engine.siting.solver.program import Clock

# Minieka's p-center on OR-Library's graphs, as published (Elloumi, Labbé & Pochet 2004).
CENTERS = {1: 127, 2: 98, 3: 93, 4: 74, 5: 48, 6: 84, 8: 55, 11: 59, 14: 26, 15: 18, 20: 13}


@given(st.integers(0, 10**6))
@examples(30)
def test_early_plans_and_bounds_by_enumeration(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(2, 9)), int(rng.integers(2, 7))
    near = rng.random((n, m)) < 0.8
    demand, facility = np.nonzero(near)
    if not len(demand):
        return
    od = pd.DataFrame({"demand": demand, "facility": facility})
    od["minutes"] = rng.integers(1, 12, len(od))
    sites = sorted(od.facility.unique())
    fixed = sites[: int(rng.integers(0, 2))]
    new = [site for site in sites if site not in fixed]
    p = int(rng.integers(0, len(new) + 1))
    weight = pd.Series(rng.integers(0, 3, n) * 1.0)  # homes with nobody ask for no site
    question = build_problem("p_center", od, weight, p=p, fixed=fixed)
    value = question.reach.data
    levels = np.unique(value)
    minutes = np.full((n, m), np.inf)
    minutes[demand, facility] = od.minutes
    can = near.any(axis=1) & (weight > 0).to_numpy()
    if not can.any():
        return
    worst = [
        minutes[np.ix_(can, [*fixed, *plan])].min(axis=1, initial=np.inf).max()
        for plan in itertools.combinations(new, p)
    ]
    best = min(worst)
    early = look_early(question, value, levels, Clock(60.0))
    if np.isfinite(best):
        found = siting.p_center(od, weight, p=p, fixed=fixed)
        assert found.objective == found.bound == best
    if early is None:
        return
    plan = list(question.sites[early.is_open])
    assert set(fixed) <= set(plan)
    assert len(plan) <= len(fixed) + p
    assert np.isfinite(minutes[np.ix_(can, plan)].min(axis=1)).all()
    assert levels[early.low] <= best <= minutes[np.ix_(can, plan)].min(axis=1).max()
    hurried = look_early(question, value, levels, Clock(0.0))
    assert hurried is not None
    assert levels[hurried.low] <= best


@pytest.mark.shared
@pytest.mark.parametrize("number", CENTERS)
def test_centers_of_published_graphs(shared, number):
    text = (shared / f"data/published-optima/orlib/pmed{number}.txt").read_text()
    (n, _, p), *edges = ([int(word) for word in line.split()] for line in text.splitlines() if line)
    graph = np.zeros((n, n))
    for u, v, w in edges:
        graph[u - 1, v - 1] = graph[v - 1, u - 1] = w
    metres = dijkstra(graph, directed=False)
    from_, to = np.divmod(np.arange(n * n), n)
    od = pd.DataFrame({"demand": from_, "facility": to, "minutes": metres.ravel()})
    found = siting.p_center(od, pd.Series(1, index=range(n)), p=p, time_limit_s=600)
    assert found.objective == found.bound == CENTERS[number]
    assert len(found.chosen) <= p
