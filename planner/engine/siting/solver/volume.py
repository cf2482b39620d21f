"""The volume algorithm: prices of rows and rules that bound the cost of every plan.

The p-median and covering, with the condition "each row is served once" dropped at a price for each
row, fall apart into sites: each is worth what its rows pay beyond their cost there, and the p best
are taken. Whatever the prices, that is a bound. Raising it is a concave problem without a gradient;
a plain subgradient method jumps about and says nothing of the optimum. The volume algorithm
(Barahona & Anbil 2000) steps along an average of past violations, weighted so that it is short, and
the same average of the sites taken tells how far each is open in the relaxed optimum.
"""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN002, ANN201, ANN202, PLR0917

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.engine.jit import compiled_late, compiled_part
from planner.engine.siting.solver.kernels import PIECE, reduce_costs
from planner.engine.siting.solver.written_out import copy_into, total_of

STALLED = 3e-4  # share of the gap that a hundred rounds must close to go on
MULTIPLIER_SPEED = 0.3  # how fast multipliers of rules move beside the prices of rows
_FIRST_ROUNDS = 16  # of the first piece; each has twice as many as the one before


class _VolumeState(NamedTuple):
    """Where the volume algorithm stands between pieces.

    Parameters
    ----------
    trial, slack
        Prices of rows (n) to try next; average violation of "each row is served once".
    multipliers, over
        Multipliers of rules (k) to try next; average use of each rule.
    best
        The best bound, and what it was at the last looks for steps and for a stall.
    steps
        Factor of the steps, and the most that a round counts in the averages.
    idle
        Rounds in a row that brought nothing.
    """

    trial: NDArray[np.float64]
    slack: NDArray[np.float64]
    multipliers: NDArray[np.float64]
    over: NDArray[np.float64]
    best: NDArray[np.float64]
    steps: NDArray[np.float64]
    idle: NDArray[np.int64]


def raise_bound(
    flat, rules, p, price, multiplier, share, target, rounds, cooling, clock=None, piece=PIECE
):
    """Raise the Lagrangian bound by the volume algorithm (Barahona & Anbil 2000).

    Parameters
    ----------
    flat, rules, p
        The problem: rows and sites, rules on the sites, and how many may be opened.
    price
        What each row pays (n, floats); changed in place.
    multiplier
        Cost of a unit of each rule (k): above zero for its upper bound, below for its lower;
        changed in place.
    share
        How far each site (m) is open on average; changed in place.
    target
        What a plan costs: the bound is worth no more.
    rounds
        How many at most.
    cooling
        Steps shrink by it whenever five rounds have brought nothing: nearer to 1 takes longer and
        comes closer to the best bound.
    clock
        Read between pieces, if given.
    piece
        Entries that a piece looks at; pieces change nothing else.

    Returns
    -------
    float
        The bound reached, in floating point: certify it before using it.
    """
    state = _VolumeState(
        trial=price.copy(),
        slack=np.zeros(len(price)),
        multipliers=multiplier.copy(),
        over=np.zeros(len(multiplier)),
        best=np.array([-np.inf, -np.inf, -np.inf]),
        steps=np.array([0.5, 0.3]),
        idle=np.zeros(1, dtype=np.int64),
    )
    at_once = max(1, piece // max(len(flat.cols), 1))
    some, first, looked, done = min(_FIRST_ROUNDS, at_once), 0, 0, False
    while first < rounds and not done:
        last = min(first + some, rounds)
        ends = (first, last, cooling, state)
        done = _rounds(flat, rules, p, price, multiplier, share, target, *ends)
        some, first = min(2 * some, at_once), last
        if clock is not None and first - looked >= at_once:
            if clock.left() <= 0:
                break
            looked = first
    return float(state.best[0])


def _steps(flat, rules, _p, price, _multiplier, share, _target, first, last, *_):
    """Return about how many steps rounds of the volume algorithm take."""
    a_round = 2 * len(flat.cols) + 6 * len(price) + 6 * len(share) + 2 * len(rules.rule)
    return (last - first + 1) * a_round


@compiled_late(_steps)
def _rounds(flat, rules, p, price, multiplier, share, target, first, last, cooling, state):
    """Run rounds of the volume algorithm; return whether it has come to its end."""
    n, m = len(flat.outside), len(share)
    trial, multipliers = state.trial, state.multipliers
    reduced, taken = np.zeros(m), np.zeros(m, dtype=np.bool_)
    now, used, beyond = np.zeros(n), np.zeros(len(multiplier)), np.zeros(len(multiplier))
    weight, farthest = _scales(flat, rules)
    best, checked, before = state.best
    factor, most = state.steps
    idle = state.idle[0]
    done = True
    for t in range(first, last):
        reduce_costs(flat, trial, reduced)
        bound = total_of(trial) + _charge(rules, multipliers, reduced) + _pick(reduced, p, taken)
        _violations(flat, trial, taken, now)
        _use(rules, taken, used)
        product, blend = _blend(rules, state, now, used, weight, most)
        _average(state, share, now, used, taken, 1.0 if t == 0 else blend)
        if bound > best:
            if bound - best > 1e-6 * abs(bound):
                idle = 0
            best = bound
            copy_into(price, trial)
            copy_into(multiplier, multipliers)
            # The round points where the rounds before it did: steps may be longer.
            if product >= 0.0:
                factor = min(factor * 1.1, 2.0)
        else:
            idle += 1
            if idle >= 5:
                factor *= cooling
                idle = 0
        # Where the bound hardly rises, each round counts less in the averages: they come to rest.
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
        norm = _direction(flat, rules, price, multiplier, state, weight, beyond)
        if norm < 1e-12:
            break
        step = factor * (target - best) / norm
        _step(flat, rules, price, multiplier, state, beyond, weight, farthest, step)
    else:
        done = False
    state.best[0], state.best[1], state.best[2] = best, checked, before
    state.steps[0], state.steps[1] = factor, most
    state.idle[0] = idle
    return done


@compiled_part
def _violations(flat, trial, taken, now):
    """Compute for each row 1 less the sites taken that serve it for less than it pays."""
    colptr, rows, colcost = flat.colptr, flat.rows, flat.colcost
    now[:] = 1.0
    for j in range(len(taken)):
        if not taken[j]:
            continue
        for q in range(colptr[j], colptr[j + 1]):
            if colcost[q] < trial[rows[q]]:
                now[rows[q]] -= 1.0


@compiled_part
def _blend(rules, state, now, used, weight, most):
    """Return a round's product with the averages, and its weight that makes these shortest.

    The average violation is what keeps the bound from rising: the nearer it is to zero, the
    nearer the shares are to the relaxed optimum. The weight lies between a tenth of ``most`` and
    ``most``.
    """
    slack, over, multipliers = state.slack, state.over, state.multipliers
    product, to_now, along = 0.0, 0.0, 0.0
    for k in range(len(over)):
        change = (over[k] - used[k]) * weight[k]
        to_now += change * change
        along += _beyond(rules, multipliers, over, k) * weight[k] * change
        product += (
            _beyond(rules, multipliers, over, k)
            * _beyond(rules, multipliers, used, k)
            * (weight[k] * weight[k])
        )
    for r in range(len(now)):
        product += now[r] * slack[r]
        change = slack[r] - now[r]
        to_now += change * change
        along += slack[r] * change
    if to_now > 0.0:
        return product, min(most, max(along / to_now, most / 10.0))
    return product, most


@compiled_part
def _average(state, share, now, used, taken, blend):
    """Count a round in the averages of violations, shares and uses of rules."""
    slack, over = state.slack, state.over
    for r in range(len(now)):
        slack[r] = blend * now[r] + (1.0 - blend) * slack[r]
    for j in range(len(share)):
        share[j] = blend * taken[j] + (1.0 - blend) * share[j]
    for k in range(len(over)):
        over[k] = blend * used[k] + (1.0 - blend) * over[k]


@compiled_part
def _direction(flat, rules, price, multiplier, state, weight, beyond):
    """Write how far rules lie beyond their bounds; return the squared length of the direction.

    Prices that stand at an end of their range and would be pushed beyond it do not count.
    """
    outside, slack = flat.outside, state.slack
    norm = 0.0
    for r in range(len(price)):
        if not (
            (price[r] <= 0.0 and slack[r] < 0.0) or (price[r] >= outside[r] and slack[r] > 0.0)
        ):
            norm += slack[r] * slack[r]
    for k in range(len(multiplier)):
        beyond[k] = _beyond(rules, multiplier, state.over, k)
        weighted = beyond[k] * weight[k]
        norm += weighted * weighted
    return norm


@compiled_part
def _step(flat, rules, price, multiplier, state, beyond, weight, farthest, step):
    """Write the prices and multipliers to try next: the best ones, moved along the averages."""
    outside, trial, slack = flat.outside, state.trial, state.slack
    for r in range(len(price)):
        trial[r] = min(max(price[r] + step * slack[r], 0.0), outside[r])
    for k in range(len(multiplier)):
        moved = multiplier[k] + step * beyond[k] * (weight[k] * weight[k])
        if moved * multiplier[k] < 0.0 and rules.low[k] < rules.high[k]:
            moved = 0.0  # from one bound of a rule to the other it stops at none
        state.multipliers[k] = min(max(moved, -farthest[k]), farthest[k])


@compiled_part
def _pick(reduced, p, taken):
    """Mark the p sites of the lowest reduced cost below zero; return their sum."""
    m = len(reduced)
    taken[:] = False
    if p <= 0 or m == 0:
        return 0.0
    edge = 0.0
    if p < m:
        edge = min(_smallest(reduced.copy(), p - 1), 0.0)
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


@compiled_part
def _smallest(values, k):
    """Return the value that k others come before in order, by quickselect; values are moved about.

    ``np.partition`` does the same: compiling it takes as long as compiling the rest of this file.
    """
    low, high = 0, len(values) - 1
    while low < high:
        middle = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < middle:
                i += 1
            while values[j] > middle:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            break
    return values[k]


@compiled_part
def _scales(flat, rules):
    """Return how fast each rule's multiplier moves beside the prices, and how far at most."""
    most = np.zeros(len(rules.high))
    shared = 1
    for j in range(len(rules.ptr) - 1):
        shared = max(shared, rules.ptr[j + 1] - rules.ptr[j])
        for q in range(rules.ptr[j], rules.ptr[j + 1]):
            most[rules.rule[q]] = max(most[rules.rule[q]], abs(rules.factor[q]))
    entries = max(len(flat.cols) / max(len(flat.colptr) - 1, 1), 1.0)
    for k in range(len(most)):
        most[k] = max(most[k], 1e-9)
    return MULTIPLIER_SPEED * np.sqrt(entries) / most, 2.0**44 / shared / most


@compiled_part
def _charge(rules, multiplier, reduced):
    """Add multipliers to what sites cost; return what a plan gets back for keeping to the rules."""
    back = 0.0
    for k in range(len(multiplier)):
        if multiplier[k] > 0.0:
            back -= multiplier[k] * (rules.high[k] + rules.tolerance[k])
        elif multiplier[k] < 0.0:
            back -= multiplier[k] * (rules.low[k] - rules.tolerance[k])
    if len(multiplier):
        for j in range(len(reduced)):
            for q in range(rules.ptr[j], rules.ptr[j + 1]):
                reduced[j] += multiplier[rules.rule[q]] * rules.factor[q]
    return back


@compiled_part
def _use(rules, taken, used):
    """Write what sites taken come to in each rule."""
    used[:] = 0.0
    for j in range(len(taken)):
        if taken[j]:
            for q in range(rules.ptr[j], rules.ptr[j + 1]):
                used[rules.rule[q]] += rules.factor[q]


@compiled_part
def _beyond(rules, multiplier, used, k):
    """Return how far a rule's use lies beyond the bound that its multiplier is for, or within."""
    if multiplier[k] > 0.0 or (multiplier[k] == 0.0 and used[k] > rules.high[k]):
        return used[k] - rules.high[k]
    if multiplier[k] < 0.0 or used[k] < rules.low[k]:
        return used[k] - rules.low[k]
    return 0.0
