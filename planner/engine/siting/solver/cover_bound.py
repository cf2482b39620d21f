"""A bound on the cost of every cover, without a program: prices that rows pay to be covered.

Whatever a row pays for each site that covers it, a site then counts its own cost less what its rows
pay, and is opened only where that is below zero; rows pay for as many sites as they ask for. The
sum of both bounds the cost of every plan, whatever other rules it keeps to: rules only take plans
away, and what hosts or larger sizes cost only makes them dearer. First prices share each site's
cost evenly among its rows; the volume algorithm (Barahona & Anbil 2000) raises them.
"""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN202, PLR0917

from __future__ import annotations

import numpy as np
from scipy import sparse

from planner.engine.jit import compiled, compiled_part
from planner.engine.siting.problem.inputs import Floats
from planner.engine.siting.solver.kernels import PIECE
from planner.engine.siting.solver.program import Clock
from planner.engine.siting.solver.written_out import copy_into, order_of

LARGE = 50_000  # entries
ROUNDS, COOLING = 2000, 0.66
STALLED = 1e-2  # share of the gap that a hundred rounds must close to go on
MARGIN = 1e-9  # share of its terms by which floating point may miss a bound


def is_worth_bounding(by: sparse.csr_array) -> bool:
    """Return whether a cover is so large that HiGHS may have no bound for long.

    Parameters
    ----------
    by
        Which sites cover each row.

    Returns
    -------
    True if prices are to bound it first.
    """
    return bool(by.nnz > LARGE)


def bound_cover(
    by: sparse.csr_array,
    worth: Floats,
    target: float,
    clock: Clock,
    *,
    times: int = 1,
    weight: Floats | None = None,
    need: float = 0.0,
    unit: float = 0.0,
    rounds: int = ROUNDS,
) -> float:
    """Return a lower bound on what sites cost that cover all rows, or enough of their weight.

    Parameters
    ----------
    by
        Which sites cover each row: ones (r x m).
    worth
        What opening each site (m) counts, none below zero.
    target
        What a plan costs: the bound need not be higher.
    clock
        Read between pieces, which change nothing else.
    times
        By how many sites a row has to be covered.
    weight, need
        Weight of each row (r), and how much of it has to be covered; all rows by default.
    unit
        A step of which every plan's cost is a multiple, zero if there is none.
    rounds
        How many rounds at most.

    Returns
    -------
    The bound, rounded up to a whole step.
    """
    n, each = by.shape[0], np.diff(by.tocsc().indptr)
    if not n or (weight is not None and need <= 0.0):
        return 0.0
    share = worth / np.maximum(each, 1)
    row = np.repeat(np.arange(n), np.diff(by.indptr))
    price = np.full(n, np.inf)
    np.minimum.at(price, row, share[by.indices])
    price[np.isinf(price)] = 0.0  # rows that no site covers: whether they may be is not asked here
    weight, need = (np.zeros(n), 0.0) if weight is None else (weight, need)
    trial, slack, state = price.copy(), np.zeros(n), np.array([-np.inf, 0.5, 0.0, -np.inf, 0.0])
    at_once = max(1, PIECE // max(by.nnz, 1))
    ends = (by.indptr, by.indices, worth, float(times), weight, need)
    for first in range(0, rounds, at_once):
        piece = np.array([first, min(first + at_once, rounds)])
        if _raise_prices(*ends, price, trial, slack, target, piece, state) or clock.left() <= 0:
            break
    least = float(state[0]) - MARGIN * float(state[4])
    # Of many figures added up in floating point the last digits may be wrong: they are left out,
    # so that rounding up is sound.
    return max(float(np.ceil(least / unit) * unit) if unit else least, 0.0)


@compiled
def _raise_prices(ptr, cols, worth, times, weight, need, price, trial, slack, target, piece, state):
    """Run rounds of the volume algorithm; return whether it has come to its end.

    ``state`` keeps the best bound, the factor of the steps, rounds that brought nothing, the bound
    at the last look for a stall, and the sum of the best bound's terms, all taken as positive.
    """
    n, m = len(price), len(worth)
    reduced, asked = np.zeros(m), np.zeros(n)
    best, factor, idle, before, terms = state
    done = False
    for t in range(piece[0], piece[1]):
        copy_into(reduced, worth)
        paid = 0.0
        for r in range(n):
            paid += trial[r]
            for k in range(ptr[r], ptr[r + 1]):
                reduced[cols[k]] -= trial[r]
        bound = _ask(trial, times, weight, need, asked)
        size = times * paid
        for j in range(m):
            bound += min(reduced[j], 0.0)
            size += abs(reduced[j])
        blend = 1.0 if t == 0 else 0.1
        norm = 0.0
        for r in range(n):
            lacks = times * asked[r]
            for k in range(ptr[r], ptr[r + 1]):
                if reduced[cols[k]] < 0.0:
                    lacks -= 1.0
            slack[r] = blend * lacks + (1.0 - blend) * slack[r]
        if bound > best:
            idle = 0.0 if bound - best > 1e-6 * abs(bound) else idle
            best, terms = bound, size
            copy_into(price, trial)
            factor = min(factor * 1.1, 2.0)
        else:
            idle += 1.0
            if idle >= 5.0:
                factor, idle = factor * COOLING, 0.0
        for r in range(n):
            if price[r] > 0.0 or slack[r] > 0.0:
                norm += slack[r] * slack[r]
        if t % 100 == 99:
            done = best - before < STALLED * (target - best)
            before = best
        if done or norm < 1e-12 or factor < 1e-4 or best >= target:
            done = True
            break
        step = factor * (target - best) / norm
        for r in range(n):
            trial[r] = max(price[r] + step * slack[r], 0.0)
    state[0], state[1], state[2], state[3], state[4] = best, factor, idle, before, terms
    return done


@compiled_part
def _ask(price, times, weight, need, asked):
    """Mark the rows to be covered, where enough weight is asked those that pay least for it.

    Returns what they pay; of the last row a part may do.
    """
    if need <= 0.0:
        asked[:] = 1.0
        return times * price.sum()
    asked[:] = 0.0
    ratio = np.where(weight > 0.0, price / np.maximum(weight, 1e-300), np.inf)
    left, paid = need, 0.0
    for r in order_of(ratio):
        if left <= 0.0 or weight[r] <= 0.0:
            break
        asked[r] = min(1.0, left / weight[r])
        left -= weight[r]
        paid += times * price[r] * asked[r]
    return paid
