"""A first plan with capacities: sites and sizes by greed, demand served as they open."""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN202, PLR0917

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.engine.jit import compiled
from planner.engine.siting.problem.choice import Sizes
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.early import linear_rules
from planner.engine.siting.solver.hosts import keeps_to_hosts


class _Ways(NamedTuple):
    """Who may be served where, by demand and by site; a site's own with the fewest ways first."""

    rowptr: Ints
    cols: Ints
    colptr: Ints
    rows: Ints
    entry: Ints


class GreedyAllocation(NamedTuple):
    """Sizes that a plan takes (k), and who is served where, along ``question.reach.data``."""

    taken: NDArray[np.bool_]
    flow: Floats


def allocate_greedily(
    question: SitingProblem,
    sizes: Sizes,
    usable: NDArray[np.bool_],
    enough: float,
    price: Floats | None,
) -> GreedyAllocation | None:
    """Choose sites, and larger sizes, that serve most for what they cost, until enough is served.

    Parameters
    ----------
    question, sizes
        The question and its sizes.
    usable
        Which pairs may be used, along ``question.reach.data``.
    enough
        Weight at which to stop opening.
    price
        What opening each site (m) counts beside its size, none if both are free.

    Returns
    -------
    None if the plan breaks a rule.
    """
    reach, m = question.reach, len(question.sites)
    row = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    entry = np.flatnonzero(usable & (question.weight[row] > 0))
    kept_row, kept_col = row[entry], reach.indices[entry]
    ways = np.bincount(kept_row, minlength=reach.shape[0])
    by_site = np.lexsort((ways[kept_row], kept_col))
    table = _Ways(
        rowptr=np.append(0, np.cumsum(ways)).astype(np.int64),
        cols=kept_col.astype(np.int64),
        colptr=np.append(0, np.cumsum(np.bincount(kept_col, minlength=m))).astype(np.int64),
        rows=kept_row[by_site].astype(np.int64),
        entry=entry[by_site].astype(np.int64),
    )
    rules = linear_rules(question)
    budget = [i for i, limit in enumerate(question.limits) if limit.key == "budget"]
    size_of = np.full(m, -1, dtype=np.int64)
    order = np.lexsort((-sizes.capacity, sizes.cost))
    for k in order[::-1]:  # of existing sites the cheapest stands
        if question.always[sizes.site[k]]:
            size_of[sizes.site[k]] = k
    flow = np.zeros(reach.nnz)
    _allocate(
        table,
        rules,
        budget[0] if budget else -1,
        sizes.site.astype(np.int64),
        sizes.capacity.astype(np.float64),
        sizes.cost.astype(np.float64),
        np.zeros(m) if price is None else price,
        price is None,
        question.weight.astype(np.float64),
        question.whole,
        enough,
        size_of,
        flow,
    )
    taken = np.zeros(len(sizes.site), dtype=bool)
    taken[size_of[size_of >= 0]] = True
    return GreedyAllocation(taken=taken, flow=flow) if _keeps(question, sizes, taken) else None


def _keeps(question: SitingProblem, sizes: Sizes, taken: NDArray[np.bool_]) -> bool:
    """Return whether sizes keep to every rule on sites and hosts, and to the budget with theirs.

    Greed begins with what always stands, which alone may cost more than there is, and may end
    before a rule has all the sites that it asks for.
    """
    is_open = np.zeros(len(question.sites), dtype=bool)
    is_open[sizes.site[taken]] = True
    if (question.always & ~is_open).any() or not keeps_to_hosts(question, is_open):
        return False
    paid = float(sizes.cost[taken].sum())
    if question.hosts is not None:
        used = np.unique(question.hosts.of[is_open & (question.hosts.of >= 0)])
        paid += float(question.hosts.cost[used].sum())
    for limit in question.limits:
        more = paid if limit.key == "budget" else 0.0
        if not replace(limit, low=limit.low - more, high=limit.high - more).holds(is_open):
            return False
    return True


@compiled
def _allocate(
    ways,
    rules,
    budget,
    site,
    capacity,
    cost,
    price,
    free,
    weight,
    whole,
    enough,
    size_of,
    flow,
):
    """Open and fill sites one by one; ``size_of`` and ``flow`` are changed in place."""
    m = len(size_of)
    left = weight.copy()
    waiting = np.zeros(m)  # weight not yet served that each site could reach
    for j in range(m):
        for q in range(ways.colptr[j], ways.colptr[j + 1]):
            waiting[j] += weight[ways.rows[q]]
    used = np.zeros(len(rules.low))
    left_of = np.zeros(m)
    served = 0.0
    for j in range(m):
        if size_of[j] >= 0:
            left_of[j] = capacity[size_of[j]]
            _count(rules, used, j)
            if budget >= 0:
                used[budget] += cost[size_of[j]]
    for j in range(m):
        if size_of[j] >= 0:
            served += _fill(ways, j, left_of, left, waiting, whole, flow)
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
            if now >= 0 and free:
                worth = 2.0 * gain  # larger sizes take no site
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
def _count(rules, used, j):
    """Count an open site in its rules."""
    for k in range(rules.ptr[j], rules.ptr[j + 1]):
        used[rules.rule[k]] += rules.factor[k]


@compiled
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


@compiled
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
