"""Compiled loops of the search and of the bound, on flat arrays.

All work on one form, of which covering and median problems are cases: row ``r`` is served by its
cheapest open site, or else pays ``outside[r]``.
"""
# numba infers the types; mypy and ruff are told not to ask for them.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

STALLED = 3e-4  # share of the gap that a hundred rounds must close to go on


class Flat(NamedTuple):
    """Rows and sites as flat arrays.

    Parameters
    ----------
    indptr, cols, cost
        Sites of each row in order of cost, all below ``outside``:
        ``cols[indptr[r]:indptr[r + 1]]``, with ``cost`` alongside.
    colptr, rows, colcost
        The same by site.
    outside
        What a row costs that is not served.
    """

    indptr: NDArray[np.int64]
    cols: NDArray[np.int32]
    cost: NDArray[np.int64]
    colptr: NDArray[np.int64]
    rows: NDArray[np.int32]
    colcost: NDArray[np.int64]
    outside: NDArray[np.int64]


@njit(cache=True, nogil=True)
def greedy(flat, p):
    """Open the site that saves most, up to p times."""
    m = len(flat.colptr) - 1
    now = flat.outside.copy()
    gain = np.zeros(m, dtype=np.int64)
    is_open = np.zeros(m, dtype=np.bool_)
    for r in range(len(flat.outside)):
        for k in range(flat.indptr[r], flat.indptr[r + 1]):
            gain[flat.cols[k]] += now[r] - flat.cost[k]
    for _ in range(p):
        best = np.argmax(gain)
        if gain[best] <= 0:
            break
        is_open[best] = True
        for q in range(flat.colptr[best], flat.colptr[best + 1]):
            r, new = flat.rows[q], flat.colcost[q]
            if new >= now[r]:
                continue
            for k in range(flat.indptr[r], flat.indptr[r + 1]):
                if flat.cost[k] >= now[r]:
                    break
                gain[flat.cols[k]] -= now[r] - max(flat.cost[k], new)
            now[r] = new
    return is_open


@njit(cache=True, nogil=True)
def _look(flat, is_open, r, first, second, owner, loss):
    """Find the two cheapest open sites of a row anew, and keep the loss of closing up to date."""
    if owner[r] >= 0:
        loss[owner[r]] -= second[r] - first[r]
    first[r] = flat.outside[r]
    second[r] = flat.outside[r]
    owner[r] = -1
    for k in range(flat.indptr[r], flat.indptr[r + 1]):
        if is_open[flat.cols[k]]:
            if owner[r] < 0:
                owner[r] = flat.cols[k]
                first[r] = flat.cost[k]
            else:
                second[r] = flat.cost[k]
                break
    if owner[r] >= 0:
        loss[owner[r]] += second[r] - first[r]


@njit(cache=True, nogil=True)
def improve(flat, is_open, p):
    """Add and swap sites while that saves anything (Resende & Werneck 2007); change in place.

    Returns what the plan costs in the end.
    """
    m = len(is_open)
    n = len(flat.outside)
    first = np.zeros(n, dtype=np.int64)
    second = np.zeros(n, dtype=np.int64)
    owner = np.full(n, -1, dtype=np.int64)
    loss = np.zeros(m, dtype=np.int64)
    for r in range(n):
        _look(flat, is_open, r, first, second, owner, loss)
    opened = np.flatnonzero(is_open)
    count = len(opened)
    plan = np.empty(max(p, count), dtype=np.int64)
    plan[:count] = opened
    extra = np.zeros(m, dtype=np.int64)
    j = -1
    idle = 0
    while idle < m:
        j = (j + 1) % m
        idle += 1
        if is_open[j]:
            continue
        gain = 0
        for q in range(flat.colptr[j], flat.colptr[j + 1]):
            r, new = flat.rows[q], flat.colcost[q]
            if new >= second[r]:
                continue
            if new < first[r]:
                gain += first[r] - new
            if owner[r] >= 0:
                extra[owner[r]] += second[r] - max(new, first[r])
        slot = -1
        best = 0
        if count < p:
            best = gain
        else:
            for k in range(count):
                change = gain - loss[plan[k]] + extra[plan[k]]
                if change > best:
                    best = change
                    slot = k
        for q in range(flat.colptr[j], flat.colptr[j + 1]):
            if owner[flat.rows[q]] >= 0:
                extra[owner[flat.rows[q]]] = 0
        if best <= 0:
            continue
        idle = 0
        is_open[j] = True
        if slot < 0:
            plan[count] = j
            count += 1
        else:
            out = plan[slot]
            is_open[out] = False
            plan[slot] = j
            for q in range(flat.colptr[out], flat.colptr[out + 1]):
                _look(flat, is_open, flat.rows[q], first, second, owner, loss)
        for q in range(flat.colptr[j], flat.colptr[j + 1]):
            _look(flat, is_open, flat.rows[q], first, second, owner, loss)
    return first.sum()


@njit(cache=True, nogil=True)
def reduce_costs(flat, price, reduced):
    """Work out what each site costs less what its rows would pay, rows paying ``price``."""
    reduced[:] = 0
    for r in range(len(price)):
        pays = price[r]
        for k in range(flat.indptr[r], flat.indptr[r + 1]):
            if flat.cost[k] >= pays:
                break
            reduced[flat.cols[k]] += flat.cost[k] - pays


@njit(cache=True, nogil=True)
def _pick(reduced, p, taken):
    """Mark the p sites of the lowest reduced cost below zero and add these up."""
    m = len(reduced)
    taken[:] = False
    if p <= 0 or m == 0:
        return 0.0
    edge = 0.0
    if p < m:
        edge = min(np.partition(reduced, p - 1)[p - 1], 0.0)
    total = 0.0
    left = p
    for j in range(m):
        if reduced[j] < edge:
            taken[j] = True
            total += reduced[j]
            left -= 1
    for j in range(m):
        if left <= 0:
            break
        if reduced[j] == edge and edge < 0.0:
            taken[j] = True
            total += reduced[j]
            left -= 1
    return total


@njit(cache=True, nogil=True)
def volume(flat, p, price, share, target, rounds, cooling):
    """Raise the Lagrangian bound by the volume algorithm (Barahona & Anbil 2000).

    ``price`` (what rows pay, floats) and ``share`` (how far each site is open on average) are
    changed in place. Steps shrink by ``cooling`` whenever five have brought nothing: nearer to 1
    takes longer and comes closer to the best bound. Returns the bound reached, in floating point:
    certify it before using it.
    """
    outside, colptr, rows, colcost = flat.outside, flat.colptr, flat.rows, flat.colcost
    n, m = len(outside), len(share)
    reduced = np.zeros(m)
    taken = np.zeros(m, dtype=np.bool_)
    trial = price.copy()
    slack = np.zeros(n)  # average violation of "each row is served once"
    now = np.zeros(n)
    best = -np.inf
    factor = 0.5
    most = 0.3
    idle = 0
    checked = before = -np.inf
    for t in range(rounds):
        reduce_costs(flat, trial, reduced)
        bound = trial.sum() + _pick(reduced, p, taken)
        now[:] = 1.0
        for j in range(m):
            if not taken[j]:
                continue
            for q in range(colptr[j], colptr[j + 1]):
                if colcost[q] < trial[rows[q]]:
                    now[rows[q]] -= 1.0
        product = 0.0
        to_now = 0.0
        along = 0.0
        for r in range(n):
            product += now[r] * slack[r]
            change = slack[r] - now[r]
            to_now += change * change
            along += slack[r] * change
        blend = 1.0
        if t > 0:
            blend = most
            if to_now > 0.0:
                blend = min(most, max(along / to_now, most / 10.0))
        for r in range(n):
            slack[r] = blend * now[r] + (1.0 - blend) * slack[r]
        for j in range(m):
            share[j] = blend * taken[j] + (1.0 - blend) * share[j]
        if bound > best:
            if bound - best > 1e-6 * abs(bound):
                idle = 0
            best = bound
            price[:] = trial
            if product >= 0.0:
                factor = min(factor * 1.1, 2.0)
        else:
            idle += 1
            if idle >= 5:
                factor *= cooling
                idle = 0
        if t % 30 == 29:
            if best - checked < 0.01 * abs(best) and most > 1e-2:
                most *= 0.5
            checked = best
        if t % 100 == 99:
            if best - before < STALLED * (target - best):
                break
            before = best
        if best >= target or factor < 1e-4:
            break
        norm = 0.0
        for r in range(n):
            if not (
                (price[r] <= 0.0 and slack[r] < 0.0) or (price[r] >= outside[r] and slack[r] > 0.0)
            ):
                norm += slack[r] * slack[r]
        if norm < 1e-12:
            break
        step = factor * (target - best) / norm
        for r in range(n):
            trial[r] = min(max(price[r] + step * slack[r], 0.0), outside[r])
    return best
