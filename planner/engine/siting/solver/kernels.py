"""Compiled loops of the search, on flat arrays.

All work on one form, of which covering and median problems are cases: row ``r`` is served by its
cheapest open site, or else pays ``outside[r]``.
"""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.engine.jit import compiled_late, compiled_part
from planner.engine.siting.solver.written_out import copy_into, sort_part, where_true

PIECE = 20_000_000  # entries that loops look at between looks at the clock: a tenth of a second


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


@compiled_late(lambda flat, p: 3 * len(flat.cols) + p * len(flat.colptr))
def greedy(flat, p):
    """Return the plan that opens the site that saves most, up to p times.

    Parameters
    ----------
    flat
        Rows and sites.
    p
        How many sites may be opened.

    Returns
    -------
    Flags of the sites (m).
    """
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


@compiled_late(lambda flat, _: len(flat.cols) + len(flat.outside))
def cost_of(flat, is_open):
    """Return the sum of what rows pay for a plan.

    Parameters
    ----------
    flat
        Rows and sites.
    is_open
        Which sites (m) are open.

    Returns
    -------
    The sum, a whole number.
    """
    total = 0
    for r in range(len(flat.outside)):
        pays = flat.outside[r]
        for k in range(flat.indptr[r], flat.indptr[r + 1]):
            if is_open[flat.cols[k]]:
                pays = flat.cost[k]
                break
        total += pays
    return total


@compiled_part
def _look(flat, is_open, r, first, second, owner, loss):
    """Update the two cheapest open sites of a row, and the loss of closing."""
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


def improve(flat, is_open, p, clock=None, piece=5 * PIECE):
    """Add and swap sites while that saves anything (Resende & Werneck 2007).

    A look at all swaps of a site costs as many steps as it has rows: what both halves of a swap
    save together differs from the sum only at rows that both touch.

    Parameters
    ----------
    flat
        Rows and sites.
    is_open
        Which sites (m) are open; changed in place.
    p
        How many may be open.
    clock
        Read between pieces, if given.
    piece
        Entries that a piece looks at.

    Returns
    -------
    int
        What the plan costs in the end.
    """
    place = np.array([-1, 0])  # the site tried last, and how many tries in a row were in vain
    while True:
        value = _improve(flat, is_open, p, place, piece)
        if place[1] >= len(is_open) or (clock is not None and clock.left() <= 0):
            return value


@compiled_late(lambda flat, is_open, p, *_: 10 * len(flat.cols) + (p + 1) * len(is_open))
def _improve(flat, is_open, p, at, most):
    """Swap for so many entries; ``at`` keeps the last site tried, and tries in vain."""
    m = len(is_open)
    n = len(flat.outside)
    first = np.zeros(n, dtype=np.int64)
    second = np.zeros(n, dtype=np.int64)
    owner = np.full(n, -1, dtype=np.int64)
    loss = np.zeros(m, dtype=np.int64)
    for r in range(n):
        _look(flat, is_open, r, first, second, owner, loss)
    opened = where_true(is_open)
    count = len(opened)
    plan = np.empty(max(p, count), dtype=np.int64)
    copy_into(plan, opened)
    extra = np.zeros(m, dtype=np.int64)
    j, idle = at[0], at[1]
    work = 0
    while idle < m and work < most:
        j = (j + 1) % m
        idle += 1
        work += flat.colptr[j + 1] - flat.colptr[j]
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
    at[0], at[1] = j, idle
    return first.sum()


@compiled_late(lambda flat, *_: len(flat.cols) + len(flat.outside))
def reduce_costs(flat, price, reduced):
    """Write what each site costs less what its rows would pay.

    Parameters
    ----------
    flat
        Rows and sites.
    price
        What each row pays (n).
    reduced
        Takes the reduced costs (m).
    """
    reduced[:] = 0
    for r in range(len(price)):
        pays = price[r]
        for k in range(flat.indptr[r], flat.indptr[r + 1]):
            if flat.cost[k] >= pays:
                break
            reduced[flat.cols[k]] += flat.cost[k] - pays


@compiled_late(lambda ends, cost: 5 * (len(cost) + len(ends)))
def order_within(ends, cost):
    """Return the entries in order of cost within each row; of equals, the first one first.

    Parameters
    ----------
    ends
        Where each row ends.
    cost
        Cost of each entry.

    Returns
    -------
    Numbers of the entries.
    """
    order, spare = np.empty(len(cost), np.int64), np.empty(len(cost), np.int64)
    begin = 0
    for end in ends:
        for place in range(begin, end):
            order[place] = place
        sort_part(order, cost, begin, end, spare)
        begin = end
    return order
