"""Measures of a plan from the OD table: whom it reaches, its hosts, what each site adds."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.covering_rows import entries_of
from planner.engine.siting.problem.inputs import Floats, Ints, Label
from planner.engine.siting.problem.problem import SitingProblem


def host_cost(question: SitingProblem, is_open: NDArray[np.bool_]) -> float:
    """Return the sum of what the hosts cost that a plan uses.

    Parameters
    ----------
    question
        The question.
    is_open
        Which sites (m) the plan opens.

    Returns
    -------
    The sum; 0 where hosts cost nothing.
    """
    if question.hosts is None:
        return 0.0
    return float(question.hosts.cost[used_hosts(question, is_open)].sum())


def used_hosts(question: SitingProblem, is_open: NDArray[np.bool_]) -> Ints:
    """Return the hosts that a plan uses.

    Parameters
    ----------
    question
        The question.
    is_open
        Which sites (m) the plan opens.

    Returns
    -------
    Numbers of the hosts, ascending.
    """
    if question.hosts is None:
        return np.zeros(0, dtype=np.int64)
    used = np.unique(question.hosts.of[is_open])
    return np.asarray(used[used >= 0], dtype=np.int64)


def reached_by(
    question: SitingProblem, is_open: NDArray[np.bool_], times: int = 1
) -> NDArray[np.bool_]:
    """Return which demand (n) at least so many open sites reach.

    Parameters
    ----------
    question
        The question.
    is_open
        Which sites (m) are open.
    times
        How many of them have to reach it.

    Returns
    -------
    Flags of the demand.
    """
    hits = np.bincount(entries_of(question.reach, is_open)[0], minlength=len(question.demand))
    return np.asarray(hits >= times)


def nearest_site(question: SitingProblem, is_open: NDArray[np.bool_]) -> Ints:
    """Return the nearest open site of each demand (n), -1 where none is within the cutoff.

    Of sites equally near, the one that stands first in the question is taken.

    Parameters
    ----------
    question
        The question.
    is_open
        Which sites (m) are open.

    Returns
    -------
    Number of a site for each demand.
    """
    reach = question.reach
    row, at = entries_of(reach, is_open)
    site, metric = reach.indices[at], reach.data[at]
    order = np.lexsort((site, metric, row))
    row, site = row[order], site[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = row[1:] != row[:-1]
    nearest = np.full(reach.shape[0], -1, dtype=np.int64)
    nearest[row[first]] = site[first]
    return nearest


def rank_sites(
    question: SitingProblem, is_open: NDArray[np.bool_], new: Ints
) -> tuple[Ints, pd.DataFrame]:
    """Return new sites in the order of what each adds: demand first, then metric saved.

    Parameters
    ----------
    question
        The question.
    is_open
        Which sites (m) the plan opens.
    new
        Numbers of the new sites among them.

    Returns
    -------
    order, table
        The numbers in order; and rank, site, added, cumulative and saved of each, as in `Solution`.
    """
    reach, weight = question.reach, question.weight
    metric = np.full(len(weight), np.inf)
    is_old = is_open & (np.arange(len(is_open)) < question.n_fixed)
    row, at = entries_of(reach, is_old)
    np.minimum.at(metric, row, reach.data[at])
    number = np.full(len(question.sites), -1)
    number[new] = np.arange(len(new))
    row, at = entries_of(reach, number >= 0)
    values, number = reach.data[at], number[reach.indices[at]]
    reached = float(weight[np.isfinite(metric)].sum())
    order: list[int] = []
    table: list[tuple[int, Label, float, float, float]] = []
    left = np.ones(len(new), dtype=bool)
    by_row = sparse.csr_array((values, (row, number)), shape=(len(weight), len(new)))
    by_site = sparse.csr_array((values, (number, row)), shape=(len(new), len(weight)))
    adds, saves, stale = np.zeros(len(new)), np.zeros(len(new)), np.arange(len(new))
    for rank in range(1, len(new) + 1):
        part = by_site[stale]
        of, inside = np.repeat(np.arange(len(stale)), np.diff(part.indptr)), part.indices
        before = metric[inside]
        fresh = np.isinf(before)
        gain = np.where(fresh, 0.0, np.maximum(before - part.data, 0.0))
        adds[stale] = np.bincount(of, weight[inside] * fresh, minlength=len(stale))
        saves[stale] = np.bincount(of, weight[inside] * gain, minlength=len(stale))
        best = int(np.lexsort((np.arange(len(new)), -saves, -adds, ~left))[0])
        left[best] = False
        reached += float(adds[best])
        order.append(int(new[best]))
        table.append((rank, question.sites[new[best]], adds[best], reached, saves[best]))
        own = slice(by_site.indptr[best], by_site.indptr[best + 1])
        served, now = by_site.indices[own], by_site.data[own]
        nearer = now < metric[served]
        metric[served[nearer]] = now[nearer]
        # Only sites that reach somebody served better now have another sum than before.
        stale = np.unique(by_row[served[nearer]].indices)
        stale = stale[left[stale]]
    names = ["rank", "site", "added", "cumulative", "saved"]
    return np.array(order, dtype=np.int64), pd.DataFrame(table, columns=pd.Index(names))


def unit_of(values: Floats) -> float:
    """Return a step of which every sum of values is a multiple: 1 for whole numbers, else 0.

    Parameters
    ----------
    values
        The values.

    Returns
    -------
    The step.
    """
    return 1.0 if np.array_equal(values, np.round(values)) else 0.0
