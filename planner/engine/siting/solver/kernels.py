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
from numpy.typing import NDArray

from planner.engine.jit import compiled

STALLED = 3e-4  # share of the gap that a hundred rounds must close to go on
PIECE = 20_000_000  # entries that loops look at between looks at the clock: a tenth of a second
TOLL_PACE = 0.3  # how fast tolls of rules move beside the prices of rows


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


@compiled
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


@compiled
def cost_of(flat, is_open):
    """Add up what rows pay for a plan."""
    total = 0
    for r in range(len(flat.outside)):
        pays = flat.outside[r]
        for k in range(flat.indptr[r], flat.indptr[r + 1]):
            if is_open[flat.cols[k]]:
                pays = flat.cost[k]
                break
        total += pays
    return total


@compiled
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


def improve(flat, is_open, p, clock=None, piece=5 * PIECE):
    """Add and swap sites while that saves anything (Resende & Werneck 2007); change in place.

    The clock, if given, is read after pieces of so many entries. Returns what the plan costs in the
    end.
    """
    place = np.array([-1, 0])  # the site tried last, and how many tries in a row were in vain
    while True:
        value = _improve(flat, is_open, p, place, piece)
        if place[1] >= len(is_open) or (clock is not None and clock.left() <= 0):
            return value


@compiled
def _improve(flat, is_open, p, at, most):
    """Go on with swaps for so many entries; ``at`` keeps the last site tried, and idle tries."""
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


@compiled
def reduce_costs(flat, price, reduced):
    """Work out what each site costs less what its rows would pay, rows paying ``price``."""
    reduced[:] = 0
    for r in range(len(price)):
        pays = price[r]
        for k in range(flat.indptr[r], flat.indptr[r + 1]):
            if flat.cost[k] >= pays:
                break
            reduced[flat.cols[k]] += flat.cost[k] - pays


@compiled
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


class _Pace(NamedTuple):
    """Where the volume algorithm stands between pieces.

    Parameters
    ----------
    trial, slack
        Prices of rows (n) to try next; average violation of "each row is served once".
    tolls, over
        Tolls of rules (k) to try next; average use of each rule.
    best
        The best bound, and what it was at the last looks for steps and for a stall.
    steps
        Factor of the steps, and the most that a round counts in the averages.
    idle
        Rounds in a row that brought nothing.
    """

    trial: NDArray[np.float64]
    slack: NDArray[np.float64]
    tolls: NDArray[np.float64]
    over: NDArray[np.float64]
    best: NDArray[np.float64]
    steps: NDArray[np.float64]
    idle: NDArray[np.int64]


def volume(flat, rules, p, price, toll, share, target, rounds, cooling, clock=None, piece=PIECE):
    """Raise the Lagrangian bound by the volume algorithm (Barahona & Anbil 2000).

    ``price`` (what rows pay, floats), ``toll`` (what a unit of each rule costs: above zero for its
    upper bound, below for its lower) and ``share`` (how far each site is open on average) are
    changed in place. Steps shrink by ``cooling`` whenever five have brought nothing: nearer to 1
    takes longer and comes closer to the best bound. The clock, if given, is read between pieces of
    so many entries, which change nothing else. Returns the bound reached, in floating point:
    certify it before using it.
    """
    pace = _Pace(
        trial=price.copy(),
        slack=np.zeros(len(price)),
        tolls=toll.copy(),
        over=np.zeros(len(toll)),
        best=np.array([-np.inf, -np.inf, -np.inf]),
        steps=np.array([0.5, 0.3]),
        idle=np.zeros(1, dtype=np.int64),
    )
    at_once = max(1, piece // max(len(flat.cols), 1))
    for first in range(0, rounds, at_once):
        last = min(first + at_once, rounds)
        if _rounds(flat, rules, p, price, toll, share, target, first, last, cooling, pace):
            break
        if clock is not None and clock.left() <= 0:
            break
    return float(pace.best[0])


@compiled
def _rounds(flat, rules, p, price, toll, share, target, first, last, cooling, pace):
    """Go on with the volume algorithm for some rounds, and tell whether it has come to its end."""
    outside, colptr, rows, colcost = flat.outside, flat.colptr, flat.rows, flat.colcost
    n, m = len(outside), len(share)
    reduced = np.zeros(m)
    taken = np.zeros(m, dtype=np.bool_)
    trial, slack, tolls, over = pace.trial, pace.slack, pace.tolls, pace.over
    now = np.zeros(n)
    weight, most_toll = _scales(flat, rules)
    used = np.zeros(len(toll))
    beyond = np.zeros(len(toll))
    best, checked, before = pace.best
    factor, most = pace.steps
    idle = pace.idle[0]
    done = True
    for t in range(first, last):
        reduce_costs(flat, trial, reduced)
        bound = trial.sum() + _charge(rules, tolls, reduced) + _pick(reduced, p, taken)
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
        if len(toll):
            _use(rules, taken, used)
            for k in range(len(toll)):
                change = (over[k] - used[k]) * weight[k]
                to_now += change * change
                along += _beyond(rules, tolls, over, k) * weight[k] * change
                product += (
                    _beyond(rules, tolls, over, k) * _beyond(rules, tolls, used, k) * weight[k] ** 2
                )
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
        for k in range(len(toll)):
            over[k] = blend * used[k] + (1.0 - blend) * over[k]
        if bound > best:
            if bound - best > 1e-6 * abs(bound):
                idle = 0
            best = bound
            price[:] = trial
            toll[:] = tolls
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
        for k in range(len(toll)):
            beyond[k] = _beyond(rules, toll, over, k)
            norm += (beyond[k] * weight[k]) ** 2
        if norm < 1e-12:
            break
        step = factor * (target - best) / norm
        for r in range(n):
            trial[r] = min(max(price[r] + step * slack[r], 0.0), outside[r])
        for k in range(len(toll)):
            moved = toll[k] + step * beyond[k] * weight[k] ** 2
            if moved * toll[k] < 0.0 and rules.low[k] < rules.high[k]:
                moved = 0.0  # from one bound of a rule to the other it stops at none
            tolls[k] = min(max(moved, -most_toll[k]), most_toll[k])
    else:
        done = False
    pace.best[0], pace.best[1], pace.best[2] = best, checked, before
    pace.steps[0], pace.steps[1] = factor, most
    pace.idle[0] = idle
    return done


@compiled
def _scales(flat, rules):
    """Choose how fast each rule's toll moves beside the prices of rows, and how far at most."""
    most = np.zeros(len(rules.high))
    shared = 1
    for j in range(len(rules.ptr) - 1):
        shared = max(shared, rules.ptr[j + 1] - rules.ptr[j])
        for q in range(rules.ptr[j], rules.ptr[j + 1]):
            most[rules.rule[q]] = max(most[rules.rule[q]], abs(rules.factor[q]))
    entries = max(len(flat.cols) / max(len(flat.colptr) - 1, 1), 1.0)
    for k in range(len(most)):
        most[k] = max(most[k], 1e-9)
    return TOLL_PACE * np.sqrt(entries) / most, 2.0**44 / shared / most


@compiled
def _charge(rules, toll, reduced):
    """Add tolls to what sites cost, and tell what a plan gets back for keeping to the rules."""
    back = 0.0
    for k in range(len(toll)):
        if toll[k] > 0.0:
            back -= toll[k] * (rules.high[k] + rules.ease[k])
        elif toll[k] < 0.0:
            back -= toll[k] * (rules.low[k] - rules.ease[k])
    if len(toll):
        for j in range(len(reduced)):
            for q in range(rules.ptr[j], rules.ptr[j + 1]):
                reduced[j] += toll[rules.rule[q]] * rules.factor[q]
    return back


@compiled
def _use(rules, taken, used):
    """Add up what sites taken come to in each rule."""
    used[:] = 0.0
    for j in range(len(taken)):
        if taken[j]:
            for q in range(rules.ptr[j], rules.ptr[j + 1]):
                used[rules.rule[q]] += rules.factor[q]


@compiled
def _beyond(rules, toll, used, k):
    """Tell how far a rule's use lies beyond the bound that its toll is for, or within."""
    if toll[k] > 0.0 or (toll[k] == 0.0 and used[k] > rules.high[k]):
        return used[k] - rules.high[k]
    if toll[k] < 0.0 or used[k] < rules.low[k]:
        return used[k] - rules.low[k]
    return 0.0
