"""Bounds in whole numbers: whatever prices floating point found, what they prove is exact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.solver import kernels
from planner.engine.siting.solver.linear_constraints import lagrangian_penalty
from planner.engine.siting.solver.reduced import ReducedProblem

PRICE_BITS = 16  # prices are certified as multiples of 2**-16
MOST_ROOM = 2**62


def certify(core: ReducedProblem, price: Floats, toll: Floats) -> tuple[int, Ints]:
    """Work out the Lagrangian bound in whole numbers.

    Any prices between 0 and ``outside`` and any tolls give a valid bound, so they may be rounded
    first.

    Returns
    -------
    bound, reduced
        Bound on what the choice of sites costs (the base left out), and the sites' reduced costs,
        both in units of 2**-16.
    """
    flat = core.flat
    limit = flat.outside << PRICE_BITS
    whole = np.clip(np.floor(price * 2.0**PRICE_BITS).astype(np.int64), 0, limit)
    reduced = np.zeros(len(core.names), dtype=np.int64)
    scaled = flat._replace(cost=flat.cost << PRICE_BITS)
    kernels.reduce_costs(scaled, whole, reduced)
    pays, back = lagrangian_penalty(core.rules, toll, PRICE_BITS)
    reduced += pays
    lowest = np.sort(np.minimum(reduced, 0))[: core.p]
    return int(whole.sum()) + sum(map(int, lowest)) - back, reduced


def fixable(p: int, reduced: Ints, room: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which sites every better plan opens, and which none does.

    A site is forced if closing it, and barred if opening it, lifts the bound by ``room`` or more,
    that is to the value of the plan at hand.
    """
    low, room = np.minimum(reduced, 0), min(room, MOST_ROOM)
    ordered = np.concatenate([np.sort(low), np.zeros(p + 1, dtype=np.int64)])
    last, following = (ordered[p - 1], ordered[p]) if p < len(low) else (0, 0)
    return following - low >= room, low - last >= room
