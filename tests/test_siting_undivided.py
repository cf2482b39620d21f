"""Places with whole demand, against enumeration and published optima."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from support.examples import examples

from planner import siting
from planner.engine.siting.models.undivided_search import improve_undivided
from planner.engine.siting.solver.program import Clock
from planner.errors import NoPlanError, SitingError

PMEDCAP = (713, 740, 751, 651, 664, 778, 787)  # the other three take a minute each


@given(st.integers(0, 10**6))
@examples(20)
def test_whole_by_enumeration(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(2, 6)), int(rng.integers(2, 4))
    p = int(rng.integers(1, m + 1))
    weight, minutes = rng.integers(0, 9, n), rng.integers(1, 20, (n, m))
    room = rng.integers(4, 20, m)
    near = rng.random((n, m)) < 0.8
    demand, facility = np.nonzero(near)
    if not len(demand):
        return
    od = pd.DataFrame({"demand": demand, "facility": facility, "minutes": minutes[near]})
    sites = sorted(od.facility.unique())
    p = min(p, len(sites))
    most, least, fewest = 0, np.inf, np.inf
    for plan in itertools.product([None, *sites], repeat=n):
        used = {site for site in plan if site is not None}
        load = {site: sum(weight[i] for i in range(n) if plan[i] == site) for site in used}
        if any(load[site] > room[site] for site in used):
            continue
        if any(plan[i] is not None and not near[i, plan[i]] for i in range(n)):
            continue
        whole = all(plan[i] is not None or not near[i].any() or not weight[i] for i in range(n))
        if len(used) <= p:
            most = max(most, sum(load.values()))
        if whole and len(used) <= p:
            cost = sum(weight[i] * minutes[i, plan[i]] for i in range(n) if plan[i] is not None)
            least = min(least, cost)
        if whole:
            fewest = min(fewest, len(used))
    asked = {"capacity": pd.Series(room, index=range(m)), "whole": True, "candidates": sites}
    weights = pd.Series(weight, index=range(n))
    found = siting.max_cover(od, weights, p=p, **asked)
    assert found.objective == found.bound == most
    assert found.flows.demand.is_unique
    for answer, model, more in (
        (least, siting.p_median, {"p": p}),
        (fewest, siting.set_cover, {}),
    ):
        if np.isfinite(answer):
            found = model(od, weights, **more, **asked)
            assert found.objective == found.bound == pytest.approx(answer)
            assert found.flows.demand.is_unique
            load = found.flows.groupby("site").weight.sum()
            assert (load <= room[load.index]).all()
        else:
            with pytest.raises(NoPlanError):
                model(od, weights, **more, **asked)


def test_whole_is_refused_where_nothing_is_divided():
    od = pd.DataFrame({"demand": [1, 2], "facility": ["a", "b"], "minutes": 1.0})
    people, room = pd.Series(1, index=[1, 2]), pd.Series(1, index=["a", "b"])
    with pytest.raises(SitingError) as caught:
        siting.p_median(od, people, p=1, whole=True)
    assert [problem.key for problem in caught.value.problems] == ["siting.whole_alone"]
    with pytest.raises(SitingError) as caught:
        siting.p_center(od, people, p=1, whole=True, capacity=room)
    assert [problem.key for problem in caught.value.problems] == ["siting.whole_alone"]


@pytest.mark.parametrize("seed", range(30))
def test_no_shift_or_ejection_is_left(seed):
    """Whom sites serve: whole, within capacities, no dearer; no single exchange saves more."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(3, 12)), int(rng.integers(2, 5))
    partial, decimal = bool(rng.random() < 0.4), rng.random() < 0.5
    weight = rng.integers(0, 6, n) + (rng.random(n) if decimal else 0.0)
    cost = rng.integers(0, 20, (n, m)) - (10.0 if partial else 0.0)
    room = np.zeros(m)
    served, off = np.zeros((n, m)), rng.random(n) < 0.3
    for i in range(n):
        if not (partial and off[i]) and weight[i] > 0:
            j = rng.integers(m)
            served[i, j] = weight[i]
            room[j] += weight[i]
    room += rng.integers(0, 4, m) * (room > 0)
    question = SimpleNamespace(reach=sparse.csr_array(np.ones((n, m))), weight=weight, seed=seed)
    args = question, room, cost.ravel(), served.ravel()
    found = improve_undivided(*args, partial=partial, clock=Clock(1e9)).reshape(n, m)
    at = [int(np.flatnonzero(row)[0]) if row.any() else -1 for row in found]
    assert all(row.sum() in (0.0, weight[i]) for i, row in enumerate(found))
    assert (found.sum(axis=0) <= room + 1e-9).all()
    assert partial or (found.any(axis=1) == (weight > 0)).all()
    total = float((found * cost).sum())
    assert total <= float((served * cost).sum()) + 1e-9
    ways = [-1, *range(m)] if partial else range(m)
    kept = [i for i in range(n) if weight[i] > 0]
    for i, k in itertools.product(kept, kept):
        for a, b in itertools.product(ways, ways):
            other = list(at)
            other[k], other[i] = b, a
            load = np.zeros(m)
            for q in kept:
                if other[q] >= 0:
                    load[other[q]] += weight[q]
            if (load <= room + 1e-12).all():
                price = sum(weight[q] * cost[q, other[q]] for q in kept if other[q] >= 0)
                assert price >= total - 1e-6
    late = improve_undivided(*args, partial=partial, clock=Clock(0.0))
    assert (late == served.ravel()).all()


@pytest.mark.shared
@pytest.mark.parametrize("number", range(1, 8))
def test_pmedcap(shared, number):
    name = f"data/published-optima/pmedcap/pmedcap{number:02d}.txt"
    words = (shared / name).read_text().split()
    n, p, room = (int(word) for word in words[2:5])
    table = np.array(words[5:], dtype=float).reshape(n, 4)
    points, people = table[:, 1:3], table[:, 3]
    metres = np.floor(np.linalg.norm(points[:, None] - points[None], axis=2))
    demand, facility = np.divmod(np.arange(n * n), n)
    # The published cost counts each customer once, whatever its demand.
    each = metres.ravel() / people[demand]
    od = pd.DataFrame({"demand": demand, "facility": facility, "minutes": each})
    capacity = pd.Series(float(room), index=range(n))
    found = siting.p_median(
        od, pd.Series(people), p=p, capacity=capacity, whole=True, time_limit_s=600
    )
    assert found.objective == pytest.approx(PMEDCAP[number - 1], abs=1e-6)
    assert found.status == "optimal"
    assert found.flows.demand.is_unique
    assert len(found.flows) == n
    assert found.flows.groupby("site").weight.sum().max() <= room
