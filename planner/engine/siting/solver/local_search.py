"""Iterated local search by swaps: until none saves, then a random shake, and again.

What every swap would save stands in tables that are kept up to date (Resende & Werneck 2007), so
that a look at all of them costs as many additions as there are swaps. Shakes grow while they bring
nothing (variable neighbourhood search, Hansen & Mladenović 1997).
"""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN002, ANN201, ANN202, NPY002, PLR0917

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.engine.jit import compiled, compiled_late, compiled_part
from planner.engine.siting.solver import kernels
from planner.engine.siting.solver.linear_constraints import keeps, with_spares
from planner.engine.siting.solver.program import Clock
from planner.engine.siting.solver.reduced import ReducedProblem
from planner.engine.siting.solver.written_out import copy_into, where_true

PIECE = 500_000_000  # entries of the problem times shakes between looks at the clock
ALL = 2**62
WORK = 30_000_000  # entries and swaps that a piece looks at, at the most: a third of a second
PIECE_SEED = 7919  # so that pieces draw other shakes than the next seed does
SWAPS = 20_000_000  # a table of more swaps than this takes too much memory


class _Plan(NamedTuple):
    """A plan, whose places hold one site each, and what changing it saves.

    Parameters
    ----------
    site, place
        Site at each place (p), and place of each site (m), -1 where it is closed.
    first, second, owner
        Cost of each row (n) at its cheapest and next open site, and the place of the cheapest, -1
        where there is none.
    gain, loss, extra
        What opening a site (m) saves and closing a place (p) costs; what both together save beyond
        the sum of the two (m x p).
    work
        How many entries and swaps have been looked at (1).
    """

    site: NDArray[np.int64]
    place: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    owner: NDArray[np.int64]
    gain: NDArray[np.int64]
    loss: NDArray[np.int64]
    extra: NDArray[np.int64]
    work: NDArray[np.int64]


def improve(
    core: ReducedProblem,
    is_open: NDArray[np.bool_],
    *,
    tries: int = 0,
    seed: int = 0,
    clock: Clock | None = None,
    piece: int = PIECE,
) -> int:
    """Improve a plan by single swaps until none saves, then by shakes.

    Where there are rules, a plan that does not keep to them is left alone. Places that a plan
    leaves empty hold sites that serve nobody, so that a swap may also open or close a site.

    Parameters
    ----------
    core
        The problem.
    is_open
        Which sites (m) are open; changed in place.
    tries
        How many shakes.
    seed
        Of the shakes.
    clock
        Read between pieces, if given: of a large problem, a few shakes each.
    piece
        Entries of the problem times shakes of a piece.

    Returns
    -------
    int
        What the plan costs, the base left out.
    """
    p, reach = core.p, max(2, core.p // 6)
    flat, rules, m = core.flat, core.rules, len(is_open)
    if not core.has_rules:
        value = int(kernels.improve(flat, is_open, p, clock))  # fills up, too
    elif not keeps(rules, is_open) or p * (m + p) > SWAPS:
        return int(kernels.cost_of(flat, is_open))
    look = p * (m + p) if core.has_rules else 0  # swaps held against the rules each time
    each = max(1, piece // max(len(flat.cols), look * reach, 1))  # shakes of a piece
    if core.has_rules and not _descend_in_time(core, is_open, reach, clock):
        return int(kernels.cost_of(flat, is_open))
    most = ALL if clock is None else WORK
    first, last = 0, max(tries, int(core.has_rules))
    while first < last:
        some, number = min(each, tries - first), (seed + first * PIECE_SEED) % 2**32
        if not core.has_rules:
            value, done = iterated_local_search(flat, is_open, some, reach, number, most)
        else:
            value, done = _improve_ruled(core, is_open, some, reach, number, most)
        first += max(done, 1)
        if clock is not None and clock.left() <= 0:
            break
    return int(value)


def _descend_in_time(
    core: ReducedProblem, is_open: NDArray[np.bool_], reach: int, clock: Clock | None
) -> bool:
    """Make swaps that save, so many at a time; return whether none was left when time was up."""
    if clock is None:
        return True
    value = kernels.cost_of(core.flat, is_open)
    while (better := _improve_ruled(core, is_open, 0, reach, 0, WORK)[0]) < value:
        value = better
        if clock.left() <= 0:
            return False
    return True


def _improve_ruled(
    core: ReducedProblem, is_open: NDArray[np.bool_], tries: int, reach: int, seed: int, most: int
) -> tuple[int, int]:
    """Improve a plan that keeps to the rules by swaps that do; change it in place.

    Returns what it costs, and how many shakes were made.
    """
    p, m, flat = core.p, len(is_open), core.flat
    flat = flat._replace(colptr=np.append(flat.colptr, np.repeat(flat.colptr[-1:], p)))
    rules = with_spares(core.rules, is_open, p)
    places = np.append(is_open, np.arange(p) < p - is_open.sum())
    value, done = constrained_local_search(flat, rules, places, tries, reach, seed, most)
    is_open[:] = places[:m]
    return int(value), int(done)


@compiled
def iterated_local_search(flat, is_open, tries, reach, seed, most):
    """Shake a plan by random swaps and improve it again, time after time.

    Parameters
    ----------
    flat
        Rows and sites.
    is_open
        Which sites (m) are open; changed in place to the best plan found.
    tries
        How many shakes.
    reach
        Most swaps of a shake; they begin with one.
    seed
        Of the shakes.
    most
        Entries that may be looked at before the last shake.

    Returns
    -------
    value, done
        What the best plan found costs, and how many shakes were made.
    """
    np.random.seed(seed)
    plan = _make(flat, is_open)
    value = plan.first.sum() - _descend(flat, plan)
    best, known = value, plan.site.copy()
    p, m = len(plan.site), len(plan.place)
    strength, done = 1, tries
    for shake in range(tries if 0 < p < m else 0):
        if plan.work[0] > most:
            done = shake
            break
        for _ in range(strength):
            j = np.random.randint(m)
            while plan.place[j] >= 0:
                j = np.random.randint(m)
            value -= _swap(flat, plan, j, np.random.randint(p))
        value -= _descend(flat, plan)
        if value < best:
            best = value
            copy_into(known, plan.site)
            strength = 1
            continue
        strength = strength % reach + 1
        value -= _return_to(flat, plan, known)
    is_open[:] = False
    for j in known:
        is_open[j] = True
    return best, done


@compiled_part
def _make(flat, is_open):
    site = where_true(is_open)
    n, m, p = len(flat.outside), len(is_open), len(site)
    place = np.full(m, -1)
    for k in range(p):
        place[site[k]] = k
    first, second, owner = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    gain, loss = np.zeros(m, np.int64), np.zeros(p, np.int64)
    extra = np.zeros((m, p), np.int64)
    for r in range(n):
        _look(flat.indptr, flat.cols, flat.cost, flat.outside, place, first, second, owner, r)
        _count(flat.indptr, flat.cols, flat.cost, first, second, owner, gain, loss, extra, r, 1)
    return _Plan(site, place, first, second, owner, gain, loss, extra, np.zeros(1, np.int64))


@compiled_part
def _look(indptr, cols, cost, outside, place, first, second, owner, r):
    """Find the two cheapest open sites of a row."""
    one, two, at = outside[r], outside[r], -1
    for k in range(indptr[r], indptr[r + 1]):
        if place[cols[k]] < 0:
            continue
        if at >= 0:
            two = cost[k]
            break
        one, at = cost[k], place[cols[k]]
    first[r], second[r], owner[r] = one, two, at


@compiled_part
def _count(indptr, cols, cost, first, second, owner, gain, loss, extra, r, sign):
    """Count a row in the tables of savings, or take it out again; return the entries looked at."""
    one, two, at = first[r], second[r], owner[r]
    looked = 0
    for k in range(indptr[r], indptr[r + 1]):
        if cost[k] >= two:
            break
        looked += 1
        if cost[k] < one:
            gain[cols[k]] += sign * (one - cost[k])
        if at >= 0:
            extra[cols[k], at] += sign * (two - max(cost[k], one))
    if at >= 0:
        loss[at] += sign * (two - one)
    return looked


@compiled_part
def _swap(flat, plan, j, at):
    """Open a closed site at another's place; return what that saved."""
    indptr, cols, cost, colptr, rows, colcost, outside = flat
    site, place, first, second, owner, gain, loss, extra, work = plan
    # Opening and closing together save what both do alone, but at rows that both touch: whose
    # cheapest site closes, and which the new site serves for less than their next one.
    saved = gain[j] - loss[at] + extra[j, at]
    out = site[at]
    site[at], place[j], place[out] = j, at, -1
    for changed in (out, j):
        for q in range(colptr[changed], colptr[changed + 1]):
            r = rows[q]
            if colcost[q] <= second[r]:
                ends = (indptr, cols, cost)
                looked = _count(*ends, first, second, owner, gain, loss, extra, r, -1)
                _look(indptr, cols, cost, outside, place, first, second, owner, r)
                looked += _count(*ends, first, second, owner, gain, loss, extra, r, 1)
                work[0] += looked
        work[0] += colptr[changed + 1] - colptr[changed]
    return saved


@compiled_part
def _descend(flat, plan):
    """Make the best swap while one saves anything; return what all of them saved."""
    place, gain, loss, extra = plan.place, plan.gain, plan.loss, plan.extra
    total = 0
    while True:
        plan.work[0] += len(place) * len(loss)
        best, best_j = 0, -1
        for j in range(len(place)):
            if place[j] < 0:
                most = best
                for at in range(len(loss)):
                    most = max(most, gain[j] - loss[at] + extra[j, at])
                if most > best:
                    best, best_j = most, j
        if best_j < 0:
            return total
        at = 0
        while gain[best_j] - loss[at] + extra[best_j, at] < best:
            at += 1
        total += _swap(flat, plan, best_j, at)


@compiled_part
def _return_to(flat, plan, known):
    """Swap back to a known plan; return what that saved."""
    wanted = np.zeros(len(plan.place), dtype=np.bool_)
    wanted[known] = True
    spare = 0
    total = 0
    for j in known:
        if plan.place[j] >= 0:
            continue
        while wanted[plan.site[spare]]:
            spare += 1
        total += _swap(flat, plan, j, spare)
    return total


def _steps_of_descent(flat, rules, is_open, tries, *_):
    """Return about how many steps a descent of some swaps takes; one with shakes takes many."""
    if tries:  # Python would draw from what the user draws random numbers from
        return np.inf
    sites = len(is_open)
    return 4 * len(flat.cols) + len(rules.rule) + 2 * sites * (int(is_open.sum()) + 1)


@compiled_late(_steps_of_descent)
def constrained_local_search(flat, rules, is_open, tries, reach, seed, most):
    """Shake and improve a plan by swaps that keep to rules: see `iterated_local_search`.

    Parameters
    ----------
    flat, tries, reach, seed
        As for `iterated_local_search`.
    rules
        The rules, with the plan counted; ``used`` and ``services`` are kept up to date.
    is_open
        Which sites (m) are open; changed in place to the best plan found.
    most
        Entries and swaps that may be looked at before the last shake, or the last swap.

    Returns
    -------
    value, done
        What the best plan found costs, and how many shakes were made.
    """
    if tries:
        np.random.seed(seed)
    plan = _make(flat, is_open)
    value = plan.first.sum() - _descend_ruled(flat, plan, rules, most)
    best, known, used, services = value, plan.site.copy(), rules.used.copy(), rules.services.copy()
    p, m = len(plan.site), len(plan.place)
    strength, done = 1, tries
    for shake in range(tries if 0 < p < m else 0):
        if plan.work[0] > most:
            done = shake
            break
        for _ in range(strength * 20):  # most swaps break a rule: some are tried in vain
            j, at = np.random.randint(m), np.random.randint(p)
            if plan.place[j] < 0 and _allowed(rules, plan.site[at], j):
                value -= _swap(flat, plan, j, at)
                strength -= 1
            if strength == 0:
                break
        value -= _descend_ruled(flat, plan, rules, most)
        if value < best:
            best = value
            copy_into(known, plan.site)
            copy_into(used, rules.used)
            copy_into(services, rules.services)
        else:
            value -= _return_to(flat, plan, known)
            copy_into(rules.used, used)
            copy_into(rules.services, services)
        strength = np.random.randint(reach) + 1
    is_open[:] = False
    for j in known:
        is_open[j] = True
    return best, done


@compiled_part
def _descend_ruled(flat, plan, rules, most):
    """Make the best swap that keeps to the rules while one saves; return what all saved."""
    site, place, gain, loss, extra = plan.site, plan.place, plan.gain, plan.loss, plan.extra
    total = 0
    while plan.work[0] <= most:
        plan.work[0] += len(place) * len(loss)
        best, best_j, best_at = 0, -1, -1
        for j in range(len(place)):
            if place[j] >= 0:
                continue
            for at in range(len(loss)):
                saves = gain[j] - loss[at] + extra[j, at]
                if saves > best and _allowed(rules, site[at], j):
                    _take(rules, j, site[at])
                    best, best_j, best_at = saves, j, at
        if best_j < 0:
            return total
        _take(rules, site[best_at], best_j)
        total += _swap(flat, plan, best_j, best_at)
    return total


@compiled_part
def _allowed(rules, out, j):
    """Count a swap in the rules if it keeps to them all; return whether it does."""
    _take(rules, out, j)
    if (
        _within(rules, out)
        and _within(rules, j)
        and (rules.host[out] < 0 or _within(rules, len(rules.host) + rules.host[out]))
        and (rules.host[j] < 0 or _within(rules, len(rules.host) + rules.host[j]))
    ):
        return True
    _take(rules, j, out)
    return False


@compiled_part
def _within(rules, at):
    """Return whether the rules that count a site, or a host, are kept to."""
    for q in range(rules.ptr[at], rules.ptr[at + 1]):
        k = rules.rule[q]
        if not rules.low[k] - 1e-9 <= rules.used[k] <= rules.high[k] + 1e-9:
            return False
    return True


@compiled_part
def _take(rules, out, j):
    """Count a swap in the rules; a host counts once as soon as it takes a site."""
    _count_in(rules, out, -1.0)
    _count_in(rules, j, 1.0)
    host = rules.host[out]
    if host >= 0:
        rules.services[host] -= 1
        if rules.services[host] == 0:
            _count_in(rules, len(rules.host) + host, -1.0)
    host = rules.host[j]
    if host >= 0:
        rules.services[host] += 1
        if rules.services[host] == 1:
            _count_in(rules, len(rules.host) + host, 1.0)


@compiled_part
def _count_in(rules, at, sign):
    for q in range(rules.ptr[at], rules.ptr[at + 1]):
        rules.used[rules.rule[q]] += sign * rules.factor[q]
