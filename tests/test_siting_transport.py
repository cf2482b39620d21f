"""Who is served where from sites that stand, against a linear program."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from planner.engine.siting.solver import location_benders
from planner.engine.siting.solver.program import Clock
from planner.engine.siting.solver.transport import transport


@pytest.mark.parametrize("seed", range(120))
def test_flows_cost_least_and_prices_prove_it(seed):
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(1, 12)), int(rng.integers(1, 6))
    reach = rng.random((n, k)) < rng.choice([0.4, 0.8, 1.0])
    whole = rng.random() < 0.6
    cost = rng.integers(0, 6, (n, k)).astype(float) if whole else rng.random((n, k)) * 7
    weight = rng.integers(0, 9, n).astype(float) if whole else rng.random(n) * 5
    capacity = rng.integers(0, 12, k).astype(float) if rng.random() < 0.6 else rng.random(k) * 8
    out = float(rng.choice([0.0, 3.0, 50.0, 1000.0]))
    row, col = np.nonzero(reach)
    ptr = np.concatenate([[0], np.cumsum(reach.sum(axis=1))])
    by = sparse.csr_array((cost[row, col], col, ptr), shape=(n, k))

    found = transport(by, weight, capacity, out)

    assert found is not None
    assert (found.flow >= 0).all()
    assert (np.bincount(col, found.flow, minlength=k) <= capacity + 1e-9).all()
    assert np.bincount(row, found.flow, minlength=n) + found.left == pytest.approx(weight)
    paid = float(found.flow @ by.data) + out * float(found.left.sum())
    entry = np.arange(len(row))
    of_row = sparse.coo_array((np.ones(len(row)), (row, entry)), (n, len(row)))
    of_site = sparse.coo_array((np.ones(len(row)), (col, entry)), (k, len(row)))
    equal = sparse.hstack([of_row, sparse.eye_array(n)])
    least = linprog(
        np.append(by.data, np.full(n, out)),
        A_ub=sparse.hstack([of_site, sparse.csr_array((k, n))]),
        b_ub=capacity,
        A_eq=equal,
        b_eq=weight,
    )
    assert paid == pytest.approx(least.fun, abs=1e-6)
    rent = np.zeros(k)
    np.minimum.at(rent, col, by.data - found.price[row])
    assert weight @ found.price + capacity @ rent == pytest.approx(paid, abs=1e-6)  # duality


@pytest.mark.parametrize("seed", range(4))
def test_a_program_serves_where_rounding_stands_in_the_way(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    n, k = 9, 4
    reach = sparse.csr_array(rng.integers(1, 9, (n, k)) * (rng.random((n, k)) < 0.7) * 1.0)
    weight = rng.integers(1, 6, n).astype(float)
    capacity = np.array([0.0, *rng.integers(2, 9, k - 1)])  # the first site is shut
    asked = (reach, weight, capacity, 30.0, Clock(10.0))
    searched = location_benders._serve_all(*asked)
    monkeypatch.setattr(location_benders, "transport", lambda *_: None)
    solved = location_benders._serve_all(*asked)
    for found in (searched, solved):
        assert found.objective == pytest.approx(searched.objective)
        assert found.left_out == pytest.approx(searched.left_out)
        rent = np.zeros(k)
        np.minimum.at(
            rent, reach.indices, reach.data - np.repeat(found.price, np.diff(reach.indptr))
        )
        assert weight @ found.price + capacity @ rent == pytest.approx(found.objective)  # duality
