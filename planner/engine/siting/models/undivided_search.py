"""Serve undivided demand from given sites at less cost, by shifts and ejections.

Who goes where, once sites and capacities stand, is a generalized assignment problem. An ejection
lets a demand into a full site by sending another one on (Yagiura, Ibaraki and Glover, 2004, use
longer chains of them).
"""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN202, PLR0917

from __future__ import annotations

import numpy as np

from planner.engine.jit import compiled, compiled_part
from planner.engine.siting.problem.inputs import Floats
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.program import Clock

LEAST_GAIN = 1e-9  # share of the cost: what saves less is taken for rounding
STAYS = -2  # where a demand goes that is served best where it is
PIECE = 500  # demands to look at between two looks at the clock


def improve_undivided(
    question: SitingProblem,
    capacity: Floats,
    cost: Floats,
    served: Floats,
    *,
    partial: bool,
    clock: Clock,
) -> Floats:
    """Return who is served where at no more cost, sites and capacities as they stand.

    Parameters
    ----------
    question
        The question, whose demand is not divided.
    capacity
        Capacity of each site (m) in the plan, zero where it has none.
    cost
        What serving a unit counts, along ``question.reach.data``.
    served
        Weight served of each pair: all of a demand or nothing, within the capacities.
    partial
        Whether demand may be left out, which counts nothing.
    clock
        Time left.

    Returns
    -------
    served
        Weight served of each pair, alike.
    """
    reach = question.reach
    entry = np.flatnonzero((capacity[reach.indices] > 0.0) | (served > 0.0))
    row = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))[entry]
    ptr = np.append(0, np.cumsum(np.bincount(row, minlength=reach.shape[0]))).astype(np.int64)
    weight = question.weight.astype(np.float64)
    site, price = reach.indices[entry].astype(np.int64), cost[entry] * weight[row]
    chosen = np.full(reach.shape[0], -1, dtype=np.int64)
    taken = np.flatnonzero(served[entry] > 0.0)
    chosen[row[taken]] = taken
    least = LEAST_GAIN * max(float(np.abs(price[taken]).sum()), 1e-300) / max(len(taken), 1)
    ways = ptr, site, price, weight, capacity.astype(np.float64), partial, least
    unmoved, begin = 0, 0
    while unmoved < len(chosen) and clock.left() > 0.0:
        moved = _descend(*ways, chosen, begin, begin + PIECE)
        unmoved = 0 if moved else unmoved + PIECE
        begin = (begin + PIECE) % len(chosen)
    found = np.zeros(reach.nnz)
    kept = chosen >= 0
    found[entry[chosen[kept]]] = weight[kept]
    return found


@compiled
def _descend(ptr, site, price, weight, capacity, partial, least, chosen, begin, end):
    """Make the best shift or ejection of each of some demands; return whether one was made."""
    left, first, after, before = _members(site, weight, capacity, chosen)
    moved, n = False, len(chosen)
    for k in range(begin, end):
        moved |= _better(
            ptr, site, price, weight, partial, least, chosen, left, first, after, before, k % n
        )
    return moved


@compiled_part
def _members(site, weight, capacity, chosen):
    """Return what is left at each site, and who is served there: a list linked both ways."""
    m, n = len(capacity), len(chosen)
    left, first = capacity.copy(), np.full(m, -1, dtype=np.int64)
    after, before = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    for r in range(n):
        if chosen[r] >= 0:
            _enter(site[chosen[r]], weight, left, first, after, before, r)
    return left, first, after, before


@compiled_part
def _enter(s, weight, left, first, after, before, r):
    """Count a demand in at a site."""
    left[s] -= weight[r]
    after[r], before[r] = first[s], -1
    if first[s] >= 0:
        before[first[s]] = r
    first[s] = r


@compiled_part
def _move(site, weight, chosen, left, first, after, before, r, e):
    """Serve a demand by another pair, or by none where that is -1."""
    if chosen[r] >= 0:
        s = site[chosen[r]]
        left[s] += weight[r]
        if before[r] >= 0:
            after[before[r]] = after[r]
        else:
            first[s] = after[r]
        if after[r] >= 0:
            before[after[r]] = before[r]
    chosen[r] = e
    if e >= 0:
        _enter(site[e], weight, left, first, after, before, r)


@compiled_part
def _better(ptr, site, price, weight, partial, least, chosen, left, first, after, before, r):
    """Serve a demand where that saves most, sending one other on if need be; return whether.

    Only sites where the demand itself is served at less are tried: what pays for another demand is
    found from there.
    """
    if weight[r] <= 0.0:
        return False
    now = price[chosen[r]] if chosen[r] >= 0 else 0.0
    home = site[chosen[r]] if chosen[r] >= 0 else -1
    best, to, sent, sent_to = least, STAYS, -1, -1
    if partial and now > best:
        best, to = now, -1
    for e in range(ptr[r], ptr[r + 1]):
        s, gain = site[e], now - price[e]
        if s == home or gain <= best:
            continue
        if left[s] >= weight[r]:
            best, to, sent = gain, e, -1
            continue
        q = first[s]
        while q >= 0:
            if left[s] + weight[q] >= weight[r]:
                own = price[chosen[q]]
                if partial and gain + own > best:
                    best, to, sent, sent_to = gain + own, e, q, -1
                for f in range(ptr[q], ptr[q + 1]):
                    t = site[f]
                    if t == s or gain + own - price[f] <= best:
                        continue
                    if left[t] + (weight[r] if t == home else 0.0) >= weight[q]:
                        best, to, sent, sent_to = gain + own - price[f], e, q, f
            q = after[q]
    if to == STAYS:
        return False
    if sent >= 0:
        _move(site, weight, chosen, left, first, after, before, sent, -1)
    _move(site, weight, chosen, left, first, after, before, r, to)
    if sent >= 0 and sent_to >= 0:
        _move(site, weight, chosen, left, first, after, before, sent, sent_to)
    return True
