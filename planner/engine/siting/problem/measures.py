"""Measures of a plan from the OD table: whom it reaches, its hosts, what each site adds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.covering_rows import entries_of
from planner.engine.siting.problem.inputs import Floats, Ints, Label, read_matrix
from planner.engine.siting.problem.problem import SitingProblem
from planner.errors import Problems


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
    reach: sparse.csr_array, weight: Floats, sites: pd.Index, *, old: NDArray[np.bool_], new: Ints
) -> tuple[Ints, pd.DataFrame]:
    """Return new sites in the order of what each adds: demand first, then metric saved.

    Parameters
    ----------
    reach
        The metric between demand and sites (n x m).
    weight, sites
        Weights of demand (n), and labels of sites (m).
    old
        Which sites (m) exist and stay open.
    new
        Numbers of the new sites, those equal in all in the order given.

    Returns
    -------
    order, table
        The numbers in order; and rank, site, added, cumulative and saved of each, as in `Solution`.
    """
    metric = np.full(len(weight), np.inf)
    row, at = entries_of(reach, old)
    np.minimum.at(metric, row, reach.data[at])
    number = np.full(len(sites), -1)
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
        table.append((rank, sites[new[best]], adds[best], reached, saves[best]))
        own = slice(by_site.indptr[best], by_site.indptr[best + 1])
        served, now = by_site.indices[own], by_site.data[own]
        nearer = now < metric[served]
        metric[served[nearer]] = now[nearer]
        # Only sites that reach somebody served better now have another sum than before.
        stale = np.unique(by_row[served[nearer]].indices)
        stale = stale[left[stale]]
    names = ["rank", "site", "added", "cumulative", "saved"]
    return np.array(order, dtype=np.int64), pd.DataFrame(table, columns=pd.Index(names))


def rank_within(
    fixed: Sequence[Label], chosen: Sequence[Label], od: pd.DataFrame, demand: pd.Series
) -> pd.DataFrame:
    """Return what each new site of a plan adds by another OD table than the plan's own.

    Parameters
    ----------
    fixed, chosen
        Labels of existing sites that stay, and of new ones.
    od
        Long table of demand, facility and minutes, within the limit that counts.
    demand
        Weight of each demand label.

    Returns
    -------
    A table as ``added`` of `Solution`.
    """
    sites = pd.Index([*fixed, *chosen])
    reach = read_matrix(od, "minutes", demand.index, sites, Problems())
    new = np.arange(len(fixed), len(sites))
    weight = demand.to_numpy(np.float64)
    return rank_sites(reach, weight, sites, old=np.arange(len(sites)) < len(fixed), new=new)[1]


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
