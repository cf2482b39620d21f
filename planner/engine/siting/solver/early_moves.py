"""Moves of the early search, compiled: open what helps most, close what is idle or near."""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN002, ANN201, ANN202, PLR0917

from __future__ import annotations

import numpy as np

from planner.engine.jit import compiled_late, compiled_part
from planner.engine.siting.solver.written_out import order_of, where_true

MUST = -1


def _steps_by_names(flat, names, limits, *_):
    """Return about how many steps it takes to open one site in ten."""
    return 3 * len(flat.cols) + len(limits.rule) + len(names) * (len(names) // 10 + 1)


@compiled_late(_steps_by_names)
def open_what_saves(flat, names, limits, price, begun, is_open) -> None:
    """Open the site that saves most for its price and that no rule forbids, one after another.

    Parameters
    ----------
    flat
        Rows and sites of a reduced problem.
    names
        Number of each of its sites (m) among all.
    limits
        The rules by site, of all sites.
    price
        Price of each of its sites.
    begun
        Which of its sites are open to begin with.
    is_open
        Which of all sites are open; changed in place.
    """
    used = np.zeros(len(limits.low))
    for j in range(len(is_open)):
        if is_open[j]:
            _count(limits, used, j)
    paid, saves = flat.outside.copy(), np.zeros(len(names), dtype=np.int64)
    for r in range(len(paid)):
        for k in range(flat.indptr[r], flat.indptr[r + 1]):
            saves[flat.cols[k]] += max(paid[r] - flat.cost[k], 0)
    for j in begun:
        _save(flat, j, paid, saves)
    while True:
        found, most = -1, 0.0
        for j in range(len(names)):
            name = names[j]
            if is_open[name] or saves[j] <= most * price[j]:
                continue
            allowed = True
            for k in range(limits.ptr[name], limits.ptr[name + 1]):
                rule = limits.rule[k]
                if limits.factor[k] > 0.0 and used[rule] + limits.factor[k] > limits.high[rule]:
                    allowed = False
                    break
            if allowed:
                found, most = j, saves[j] / price[j]
        if found < 0:
            break
        is_open[names[found]] = True
        _count(limits, used, names[found])
        _save(flat, found, paid, saves)


@compiled_part
def _save(flat, j, paid, saves):
    """Serve from a site whom it serves for less, and take off what others would save there."""
    for q in range(flat.colptr[j], flat.colptr[j + 1]):
        r, cost = flat.rows[q], flat.colcost[q]
        if cost < paid[r]:
            for k in range(flat.indptr[r], flat.indptr[r + 1]):
                saved = paid[r] - flat.cost[k]
                if saved <= 0:  # rows list their cheapest sites first
                    break
                saves[flat.cols[k]] -= saved - max(cost - flat.cost[k], 0)
            paid[r] = cost


@compiled_late(lambda ways, always, *_: len(ways.cols) + 5 * len(always))
def close_near(ways, always, first, number, is_open) -> None:
    """Close some site and those that serve most of its demand, too.

    Parameters
    ----------
    ways
        Sites of each row and rows of each site: rowptr, cols, colptr, rows.
    always
        Sites (m) that every plan opens.
    first
        Number of a site that may be closed, among those.
    number
        How many to close.
    is_open
        Which sites (m) are open; changed in place.
    """
    may_go = where_true(is_open & ~always)
    if len(may_go) == 0:
        return
    one = may_go[first % len(may_go)]
    shared = np.zeros(len(is_open))
    for q in range(ways.colptr[one], ways.colptr[one + 1]):
        r = ways.rows[q]
        for k in range(ways.rowptr[r], ways.rowptr[r + 1]):
            shared[ways.cols[k]] += 1.0
    shared[one] = np.inf
    apart = np.empty(len(may_go))
    for at in range(len(may_go)):
        apart[at] = -shared[may_go[at]]
    for at in order_of(apart)[:number]:
        is_open[may_go[at]] = False


@compiled_part
def _count(limits, used, j):
    """Count a site in its rules."""
    for k in range(limits.ptr[j], limits.ptr[j + 1]):
        used[limits.rule[k]] += limits.factor[k]


def _steps_by_rows(rows, limits, *_):
    """Return about how many steps it takes to open one site in ten."""
    sites = len(rows.colptr)
    return 3 * len(rows.cols) + len(limits.rule) + sites * (sites // 10 + 1)


@compiled_late(_steps_by_rows)
def open_all(rows, limits, least, scale, price, times, is_open):
    """Open sites until nothing lacks or no rule lets one more; return rows and floors that lack.

    Parameters
    ----------
    rows
        Rows of demand and of floors (`early.find_plan` builds them): by row and by site, with their
        weights and the floor that each counts for, or `MUST`.
    limits
        The linear rules by site (`early.RulesBySite`), with the bounds of each.
    least
        (floors,) float: what each floor asks for.
    scale
        (floors,) float: what the gain of each floor is divided by.
    price
        (sites,) float: what opening each site costs.
    times
        How often each row is to be served.
    is_open
        (sites,) bool: the sites that are open; changed in place.

    Returns
    -------
    (rows,) bool, the rows that must be served and are not; (floors,) float, what floors still lack.
    """
    m, kinds = len(is_open), len(least)
    hits = np.zeros(len(rows.weight), dtype=np.int64)
    gain = np.zeros((kinds + 1, m))  # what must be served stands last
    short = least.copy()
    used = np.zeros(len(limits.low))
    left = 0
    for r in range(len(rows.weight)):
        kind = rows.of[r] if rows.of[r] >= 0 else kinds
        left += kind == kinds
        for k in range(rows.rowptr[r], rows.rowptr[r + 1]):
            gain[kind, rows.cols[k]] += rows.weight[r] / times
    for j in range(m):
        if is_open[j]:
            left = _open(rows, limits, j, times, hits, gain, short, used, left)
    while True:
        lacks = False
        for i in range(len(used)):
            if used[i] < limits.low[i]:
                lacks = True
        needed = lacks or left > 0
        for kind in range(kinds):
            needed = needed or short[kind] > 0.0
        if not needed:
            break
        found, most = -1, -1.0
        for j in range(m):
            if is_open[j]:
                continue
            allowed, helps = True, False
            for k in range(limits.ptr[j], limits.ptr[j + 1]):
                i, factor = limits.rule[k], limits.factor[k]
                if factor > 0.0 and used[i] + factor > limits.high[i]:
                    allowed = False
                    break
                helps = helps or (factor > 0.0 and used[i] < limits.low[i])
            if not allowed or (lacks and not helps):
                continue
            worth = gain[kinds, j] if left > 0 else 0.0
            for kind in range(kinds):
                if short[kind] > 0.0:
                    worth += min(gain[kind, j], short[kind]) / scale[kind]
            worth /= price[j]
            if worth > most and (worth > 0.0 or helps):
                found, most = j, worth
        if found < 0:
            break
        is_open[found] = True
        left = _open(rows, limits, found, times, hits, gain, short, used, left)
    missed = np.zeros(len(rows.weight), dtype=np.bool_)
    for r in range(len(missed)):
        missed[r] = rows.of[r] < 0 and hits[r] < times
    return missed, short


@compiled_part
def _open(rows, limits, j, times, hits, gain, short, used, left):
    """Open a site: count its rows, and take off what other sites would gain by them."""
    kinds = len(short)
    _count(limits, used, j)
    for q in range(rows.colptr[j], rows.colptr[j + 1]):
        r = rows.rows[q]
        hits[r] += 1
        if hits[r] > times:
            continue
        kind = rows.of[r] if rows.of[r] >= 0 else kinds
        before = rows.weight[r] / (times - hits[r] + 1)
        after = 0.0 if hits[r] == times else rows.weight[r] / (times - hits[r])
        for k in range(rows.rowptr[r], rows.rowptr[r + 1]):
            gain[kind, rows.cols[k]] += after - before
        if hits[r] == times:
            if kind == kinds:
                left -= 1
            else:
                short[kind] -= rows.weight[r]
    return left


@compiled_late(lambda rows, limits, *_: 3 * len(rows.cols) + 2 * len(limits.rule))
def close_idle(rows, limits, least, dearest, times, always, is_open):
    """Close sites that nothing needs, the dearest first.

    Parameters
    ----------
    rows
        Rows of demand and of floors (`early.find_plan` builds them): by row and by site, with their
        weights and the floor that each counts for, or `MUST`.
    limits
        The linear rules by site (`early.RulesBySite`), with the bounds of each.
    least
        (floors,) float: what each floor asks for.
    dearest
        (sites,) int: the sites, the one that costs most to open first.
    times
        How often each row is to be served.
    always
        (sites,) bool: the sites that stay open.
    is_open
        (sites,) bool: the sites that are open; changed in place.
    """
    hits = np.zeros(len(rows.weight), dtype=np.int64)
    spare = -least.copy()
    used = np.zeros(len(limits.low))
    for j in range(len(is_open)):
        if is_open[j]:
            for q in range(rows.colptr[j], rows.colptr[j + 1]):
                r = rows.rows[q]
                hits[r] += 1
                if hits[r] == times and rows.of[r] >= 0:
                    spare[rows.of[r]] += rows.weight[r]
            for k in range(limits.ptr[j], limits.ptr[j + 1]):
                used[limits.rule[k]] += limits.factor[k]
    for j in dearest:
        if not is_open[j] or always[j]:
            continue
        lost = np.zeros(len(least))
        needed = False
        for q in range(rows.colptr[j], rows.colptr[j + 1]):
            r = rows.rows[q]
            if hits[r] == times:
                if rows.of[r] < 0:
                    needed = True
                    break
                lost[rows.of[r]] += rows.weight[r]
        for kind in range(len(least)):
            needed = needed or lost[kind] > spare[kind]
        for k in range(limits.ptr[j], limits.ptr[j + 1]):
            needed = needed or used[limits.rule[k]] - limits.factor[k] < limits.low[limits.rule[k]]
        if needed:
            continue
        is_open[j] = False
        for q in range(rows.colptr[j], rows.colptr[j + 1]):
            r = rows.rows[q]
            hits[r] -= 1
            if hits[r] == times - 1 and rows.of[r] >= 0:
                spare[rows.of[r]] -= rows.weight[r]
        for k in range(limits.ptr[j], limits.ptr[j + 1]):
            used[limits.rule[k]] -= limits.factor[k]
