"""Measures of a plan from the OD table: whom it reaches, its hosts, what each site adds."""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN202, PLR0917

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.jit import compiled_late
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
    least = np.full(reach.shape[0], np.inf)
    np.minimum.at(least, row, metric)
    first = np.flatnonzero(metric == least[row])[
        ::-1
    ]  # so that the first of equals is written last
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
    by_row = sparse.csr_array((values, (row, number)), shape=(len(weight), len(new)))
    by_site = sparse.csr_array((values, (number, row)), shape=(len(new), len(weight)))
    ends = (by_row.indptr, by_row.indices, by_site.indptr, by_site.indices, by_site.data)
    order, adds, saves = _rank(*ends, weight, metric)
    table = pd.DataFrame(
        {
            "rank": np.arange(1, len(new) + 1),
            "site": sites[new[order]],
            "added": adds,
            "cumulative": reached + np.cumsum(adds),
            "saved": saves,
        }
    )
    return new[order], table


@compiled_late(lambda _1, near, ptr, *_: 4 * len(near) + len(ptr) * len(ptr))
def _rank(row_ptr, row_sites, ptr, rows, metric_of, weight, metric):
    """Return sites in the order of what each adds, and what it adds and saves.

    ``metric`` is that of each row (n) so far, and changed in place.
    """
    k = len(ptr) - 1
    adds, saves = np.zeros(k), np.zeros(k)
    stale, left = np.ones(k, dtype=np.bool_), np.ones(k, dtype=np.bool_)
    order = np.zeros(k, dtype=np.int64)
    for rank in range(k):
        best = -1
        for j in range(k):
            if not left[j]:
                continue
            if stale[j]:
                adds[j], saves[j], stale[j] = 0.0, 0.0, False
                for q in range(ptr[j], ptr[j + 1]):
                    r = rows[q]
                    if metric[r] == np.inf:
                        adds[j] += weight[r]
                    elif metric_of[q] < metric[r]:
                        saves[j] += weight[r] * (metric[r] - metric_of[q])
            equal = best >= 0 and adds[j] == adds[best]
            if best < 0 or adds[j] > adds[best] or (equal and saves[j] > saves[best]):
                best = j
        order[rank], left[best] = best, False
        for q in range(ptr[best], ptr[best + 1]):
            r = rows[q]
            if metric_of[q] < metric[r]:
                metric[r] = metric_of[q]
                # Only sites that reach somebody served better now have another sum than before.
                for f in range(row_ptr[r], row_ptr[r + 1]):
                    stale[row_sites[f]] = True
    return order, adds[order], saves[order]


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
