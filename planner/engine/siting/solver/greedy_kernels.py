"""Compiled loops that open sites and fill them by greed."""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN002, ANN201, ANN202, PLR0917

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.engine.jit import compiled, compiled_late, compiled_part
from planner.engine.siting.problem.inputs import Ints
from planner.engine.siting.solver.written_out import order_of


class ServingWays(NamedTuple):
    """Who may be served where, by demand and by site; a site's own with the fewest ways first.

    ``entry`` and ``pair`` are the places of pairs along ``question.reach.data``, by site and by
    demand.
    """

    rowptr: Ints
    cols: Ints
    colptr: Ints
    rows: Ints
    entry: Ints
    pair: Ints


def _steps(ways, _rules, _budget, site, *_):
    """Return about how many steps it takes to open one site in ten and to fill them."""
    return 5 * len(ways.cols) + 3 * len(ways.rowptr) + len(site) * (len(site) // 10 + 1)


@compiled_late(_steps)
def open_and_fill(
    ways,
    rules,
    budget,
    site,
    capacity,
    cost,
    price,
    favour,
    free,
    weight,
    whole,
    enough,
    size_of,
    flow,
):
    """Open and fill sites one by one, that first which serves most more for what it costs.

    Parameters
    ----------
    ways
        Who may be served where, see `ServingWays`.
    rules, budget
        Linear rules on the choice of sites, and which of them is the budget, -1 for none.
    site, capacity, cost
        Of each size (k): its site, what it can serve, and what it costs.
    price
        What opening each site (m) counts beside its size.
    favour
        By what each site (m) seems to serve more than it does.
    free
        Whether what serves most comes first, whatever it costs.
    weight
        Weight of each demand (n).
    whole
        Whether demand is not divided.
    enough
        The search ends where so much is served.
    size_of
        The size that each site (m) has, -1 for none; changed in place.
    flow
        How much each pair carries, along ``question.reach.data``; changed in place.
    """
    m = len(size_of)
    left = weight.copy()
    waiting = np.zeros(m)  # weight not yet served that each site could reach
    used = np.zeros(len(rules.low))
    left_of = np.zeros(m)
    served = 0.0
    for j in range(m):
        if size_of[j] >= 0:
            left_of[j] = capacity[size_of[j]]
            _count(rules, used, j)
            if budget >= 0:
                used[budget] += cost[size_of[j]]
    served += refill(ways, left_of, left, whole, flow)
    for r in range(len(weight)):
        for k in range(ways.rowptr[r], ways.rowptr[r + 1]):
            waiting[ways.cols[k]] += left[r]
    while True:
        lacks = False
        for i in range(len(used)):
            lacks = lacks or used[i] < rules.low[i]
        if served >= enough and not lacks:
            break
        found, most = -1, 0.0
        for k in range(len(site)):
            j = site[k]
            now = size_of[j]
            more, paid = capacity[k], cost[k] + price[j]
            if now >= 0:
                more, paid = capacity[k] - capacity[now], cost[k] - cost[now]
            gain = min(more, waiting[j])
            helps = False
            if lacks and now < 0:
                for i in range(rules.ptr[j], rules.ptr[j + 1]):
                    short = used[rules.rule[i]] < rules.low[rules.rule[i]]
                    helps = helps or (short and rules.factor[i] > 0.0)
            if lacks and not helps:
                continue
            if gain <= 1e-9 and not helps:
                continue
            if now < 0 and not _allowed(rules, used, j, budget, cost[k]):
                continue
            if now >= 0 and budget >= 0 and used[budget] + paid > rules.high[budget]:
                continue
            worth = gain + 1e-9 if free else (gain + 1e-9) / (paid + 1e-6)
            worth *= favour[j]
            if now >= 0 and free:
                worth = 2.0 * gain * favour[j]  # larger sizes take no site
            if worth > most:
                found, most = k, worth
        if found < 0:
            break
        j = site[found]
        now = size_of[j]
        if now < 0:
            _count(rules, used, j)
        if budget >= 0:
            used[budget] += cost[found] - (cost[now] if now >= 0 else 0.0)
        left_of[j] += capacity[found] - (capacity[now] if now >= 0 else 0.0)
        size_of[j] = found
        served += _fill(ways, j, left_of, left, waiting, whole, flow)


@compiled
def refill(ways, left_of, left, whole, flow):
    """Serve demand from sites that stand; return how much.

    Demand with the fewest open sites comes first, each from the site with most room; who finds none
    takes the place of somebody who can go elsewhere.

    Parameters
    ----------
    ways
        Who may be served where.
    left_of
        Room of each site (m), 0 where it is closed; changed in place.
    left
        Weight of each demand (n) not yet served; changed in place.
    whole
        Whether each demand is served by one site alone.
    flow
        Weight served of each pair; changed in place.

    Returns
    -------
    float
        The weight served.
    """
    n = len(left)
    is_open = left_of > 0.0
    some = np.zeros(n, dtype=np.int64)
    most = len(ways.cols)  # looks at pairs to make room, as many again as without
    for r in range(n):
        for k in range(ways.rowptr[r], ways.rowptr[r + 1]):
            some[r] += is_open[ways.cols[k]]
    served = 0.0
    for r in order_of(some):
        if some[r] == 0:
            continue
        served += _place(ways, r, left_of, left, whole, flow)
        if left[r] > 0.0:
            for k in range(ways.rowptr[r], ways.rowptr[r + 1]):
                j = ways.cols[k]
                if is_open[j] and left[r] > 0.0 and most > 0:
                    most -= _make_room(ways, j, left_of, left[r], whole, flow)
                    served += _place(ways, r, left_of, left, whole, flow)
    return served


@compiled_part
def _place(ways, r, left_of, left, whole, flow):
    """Serve a demand from the sites with most room; return how much."""
    done = 0.0
    while left[r] > 0.0:
        found = -1
        for k in range(ways.rowptr[r], ways.rowptr[r + 1]):
            j = ways.cols[k]
            if left_of[j] > 1e-12 and (found < 0 or left_of[j] > left_of[ways.cols[found]]):
                found = k
        if found < 0 or (whole and left_of[ways.cols[found]] < left[r]):
            break
        took = min(left[r], left_of[ways.cols[found]])
        left_of[ways.cols[found]] -= took
        left[r] -= took
        flow[ways.pair[found]] += took
        done += took
    return done


@compiled_part
def _make_room(ways, j, left_of, wanted, whole, flow):
    """Move people of a full site elsewhere until so many fit in; return the looks at pairs."""
    looks = 0
    for q in range(ways.colptr[j], ways.colptr[j + 1]):
        if left_of[j] >= wanted:
            break
        e = ways.entry[q]
        looks += 1
        if flow[e] <= 0.0:
            continue
        r = ways.rows[q]
        for k in range(ways.rowptr[r], ways.rowptr[r + 1]):
            i = ways.cols[k]
            looks += 1
            if i == j or left_of[i] <= 1e-12 or (whole and left_of[i] < flow[e]):
                continue
            moved = flow[e] if whole else min(flow[e], left_of[i], wanted - left_of[j])
            flow[e] -= moved
            flow[ways.pair[k]] += moved
            left_of[i] -= moved
            left_of[j] += moved
            if flow[e] <= 0.0 or left_of[j] >= wanted:
                break
    return looks


@compiled_part
def _count(rules, used, j):
    """Count an open site in its rules."""
    for k in range(rules.ptr[j], rules.ptr[j + 1]):
        used[rules.rule[k]] += rules.factor[k]


@compiled_part
def _allowed(rules, used, j, budget, extra):
    """Return whether no rule forbids a site at a size of such a cost."""
    charged = False
    for k in range(rules.ptr[j], rules.ptr[j + 1]):
        i, factor = rules.rule[k], rules.factor[k]
        if i == budget:
            factor += extra
            charged = True
        if factor > 0.0 and used[i] + factor > rules.high[i]:
            return False
    return budget < 0 or charged or used[budget] + extra <= rules.high[budget]


@compiled_part
def _fill(ways, j, left_of, left, waiting, whole, flow):
    """Serve those who wait from what a site has left, fewest ways first; return how many."""
    done = 0.0
    for q in range(ways.colptr[j], ways.colptr[j + 1]):
        if left_of[j] <= 1e-12:
            break
        r = ways.rows[q]
        took = min(left_of[j], left[r])
        if took <= 0.0 or (whole and took < left[r]):
            continue
        left_of[j] -= took
        left[r] -= took
        done += took
        flow[ways.entry[q]] += took
        for k in range(ways.rowptr[r], ways.rowptr[r + 1]):
            waiting[ways.cols[k]] -= took
    return done
