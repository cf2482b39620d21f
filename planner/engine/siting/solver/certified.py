"""Bounds in whole numbers: whatever prices floating point found, what they prove is exact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.solver import kernels
from planner.engine.siting.solver.linear_constraints import lagrangian_penalty
from planner.engine.siting.solver.reduced import ReducedProblem

PRICE_BITS = 16  # prices are certified as multiples of 2**-16
MOST_SLACK = 2**62


def certify(core: ReducedProblem, price: Floats, multiplier: Floats) -> tuple[int, Ints]:
    """Return the Lagrangian bound in whole numbers.

    Any prices between 0 and ``outside`` and any multipliers give a valid bound, so they may be
    rounded first.

    Parameters
    ----------
    core
        The problem.
    price
        Price of each row (n).
    multiplier
        Price of each rule (k): above zero for its upper bound, below for its lower.

    Returns
    -------
    bound, reduced
        Bound on what the choice of sites costs (the base left out), and the sites' reduced costs,
        both in units of 2**-16.
    """
    flat = core.flat
    limit = flat.outside << PRICE_BITS
    prices = np.clip(np.floor(price * 2.0**PRICE_BITS).astype(np.int64), 0, limit)
    reduced = np.zeros(len(core.names), dtype=np.int64)
    scaled = flat._replace(cost=flat.cost << PRICE_BITS)
    kernels.reduce_costs(scaled, prices, reduced)
    pays, back = lagrangian_penalty(core.rules, multiplier, PRICE_BITS)
    reduced += pays
    lowest = np.sort(np.minimum(reduced, 0))[: core.p]
    return int(prices.sum()) + sum(map(int, lowest)) - back, reduced


def fixable(p: int, reduced: Ints, slack: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which sites every better plan opens, and which none does.

    A site is forced if closing it, and barred if opening it, lifts the bound to the value of the
    plan at hand.

    Parameters
    ----------
    p
        How many sites may be opened.
    reduced
        Reduced cost of each site (m).
    slack
        What lies between the bound and the value of the plan.

    Returns
    -------
    forced, barred
        Flags of the sites (m).
    """
    low, slack = np.minimum(reduced, 0), min(slack, MOST_SLACK)
    ordered = np.concatenate([np.sort(low), np.zeros(p + 1, dtype=np.int64)])
    last, following = (ordered[p - 1], ordered[p]) if p < len(low) else (0, 0)
    return following - low >= slack, low - last >= slack
