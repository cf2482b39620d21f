# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""Candidates thinned out, with a bound on the coverage that this may cost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.jit import compiled, compiled_part
from planner.engine.labels import in_order
from planner.engine.siting.problem.inputs import Floats, Label, read_matrix, read_od, read_weights
from planner.errors import Problems, SitingError


@dataclass(frozen=True, kw_only=True)
class Thinned:
    """Candidates that stand in for all.

    Parameters
    ----------
    kept
        Candidates kept.
    dropped
        One row per candidate dropped: site, stands_in (missing where none that is kept shares
        anybody with it), loss (weight that the site covers and the one standing in for it does
        not).
    beyond
        Weight that candidates dropped reach, and none that is kept.
    """

    kept: pd.Index
    dropped: pd.DataFrame
    beyond: float

    def loss_at_most(self, p: int) -> float:
        """Return the most that thinning can cost a plan of p sites, each replaced by its stand-in.

        Parameters
        ----------
        p
            How many new sites the plan has.

        Returns
        -------
        Weight of demand.
        """
        return float(self.dropped["loss"].nlargest(p).sum())


def thin(
    od: pd.DataFrame,
    demand: pd.Series,
    *,
    most: int | None = None,
    least: int = 1,
    among: Collection[Label] | None = None,
    alike: pd.Series | None = None,
    dominated: bool = True,
    metric: str = "minutes",
    cutoff: float | None = None,
) -> Thinned:
    """Return fewer candidates: without those that another one dominates, then nearly dominates.

    A candidate whose demand another one covers too can be dropped without any loss of coverage
    (column dominance). Beyond that, the one that loses least to a kept one is dropped, until so
    many are left.

    Parameters
    ----------
    od
        Long table of demand, facility and the metric.
    demand
        Weight of each demand label.
    most
        How many candidates to keep at most; by default all that are not dominated.
    least
        How many to keep at least, dominated or not.
    among
        Candidates of which to keep some; all others are dropped at once, and the bound counts
        them too. By default none is.
    alike
        A candidate may be dropped for one of the same value only (its street, where a quota counts
        them by street).
    dominated
        Whether to drop what is dominated even where there are no more than ``most``.
    metric, cutoff
        As in `Rules`.

    Returns
    -------
    The candidates kept, those dropped, and what that may cost.

    Raises
    ------
    SitingError
        If the tables are unsound.

    Examples
    --------
    >>> od = pd.DataFrame({"demand": [1, 2, 2], "facility": ["x", "x", "y"], "minutes": 5.0})
    >>> thin(od, pd.Series({1: 10, 2: 20})).kept.tolist()
    ['x']
    """
    problems = Problems()
    weight = read_weights(demand, problems)
    od = read_od(od, metric, cutoff, problems)
    sites = in_order(pd.Index(od["facility"].unique()))
    # Demand without weight tells no two sites apart: often most is covered by what stands.
    reach = read_matrix(od, metric, demand.index, sites, problems, wanted=weight > 0)
    problems.raise_any(SitingError)
    row = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    covers = sparse.csr_array((np.ones(reach.nnz), reach.indices, reach.indptr), shape=reach.shape)
    weighed = sparse.csr_array((weight[row], reach.indices, reach.indptr), shape=reach.shape)
    offered = np.ones(len(sites), dtype=bool)
    if among is not None:
        offered = np.asarray(sites.isin(list(among)))
    of = np.zeros(len(sites), dtype=np.int64)
    if alike is not None:
        of = pd.factorize(alike.reindex(sites), use_na_sentinel=False)[0]
    keep = offered.copy()
    inside = np.flatnonzero(offered)
    shared = sparse.csr_array(covers[:, inside].T @ weighed[:, inside])
    sorts = np.unique(of[inside], return_inverse=True)[1]
    most = len(inside) if most is None else most
    keep[inside] = _keep(shared.indptr, shared.indices, shared.data, sorts, most, least, dominated)
    table = _stand_ins(covers, weighed, sites, keep)
    seen = np.unique(row[keep[reach.indices]])
    beyond = float(weight[np.unique(row)].sum() - weight[seen].sum())
    return Thinned(kept=sites[keep], dropped=table, beyond=max(beyond, 0.0))


@compiled
def _keep(
    start: NDArray[np.int32],
    other: NDArray[np.int32],
    shared: Floats,
    of: NDArray[np.int64],
    most: int,
    least: int,
    dominated: bool,  # noqa: FBT001
) -> NDArray[np.bool_]:
    """Drop the site that loses least to another one of its sort, again and again.

    Sites share demand with few others: only those are held, row by row, and a site looks for
    another one anew where the one nearest to it is dropped.

    Parameters
    ----------
    start, other, shared
        The weight that each pair of sites both cover, as sparse rows (m x m).
    of
        Sort of each site, counted from 0.
    most, least
        How many to keep at most and at least.
    dominated
        Whether to go on below ``most`` with those that lose nothing.
    """
    n = len(of)
    keep, left = np.ones(n, np.bool_), np.zeros(n, np.int64)
    own, loss, nearest = np.zeros(n), np.empty(n), np.empty(n, np.int64)
    for site in range(n):
        left[of[site]] += 1
        for k in range(start[site], start[site + 1]):
            if other[k] == site:
                own[site] = shared[k]
    for site in range(n):
        loss[site], nearest[site] = _least_loss(site, start, other, shared, of, own, keep, left)
    kept = n
    while kept > max(least, 1):
        gone = 0
        for site in range(n):
            if loss[site] < loss[gone]:
                gone = site
        if loss[gone] == np.inf or (kept <= most and (loss[gone] > 0.0 or not dominated)):
            break
        keep[gone], loss[gone] = False, np.inf
        kept -= 1
        left[of[gone]] -= 1
        if left[of[gone]] == 1:  # the last of its sort stays
            for site in range(n):
                if keep[site] and of[site] == of[gone]:
                    loss[site] = np.inf
            continue
        for k in range(start[gone], start[gone + 1]):
            site = other[k]
            if keep[site] and nearest[site] == gone:
                loss[site], nearest[site] = _least_loss(
                    site, start, other, shared, of, own, keep, left
                )
    return keep


@compiled_part
def _least_loss(
    site: int,
    start: NDArray[np.int32],
    other: NDArray[np.int32],
    shared: Floats,
    of: NDArray[np.int64],
    own: Floats,
    keep: NDArray[np.bool_],
    left: NDArray[np.int64],
) -> tuple[float, int]:
    """Return what a site covers and the kept one of its sort that shares most does not; and which.

    Infinite where it is the last of its sort; -1 where none of its sort shares anything.
    """
    if left[of[site]] < 2:
        return np.inf, -1
    best, nearest = 0.0, -1
    for k in range(start[site], start[site + 1]):
        if other[k] != site and keep[other[k]] and of[other[k]] == of[site] and shared[k] > best:
            best, nearest = shared[k], other[k]
    return own[site] - best, nearest


def _stand_ins(
    covers: sparse.csr_array,
    weighed: sparse.csr_array,
    sites: pd.Index,
    keep: NDArray[np.bool_],
) -> pd.DataFrame:
    """Find for each site dropped the kept one that covers most of what it covers."""
    kept, gone = np.flatnonzero(keep), np.flatnonzero(~keep)
    shared = sparse.csr_array(covers[:, gone].T @ weighed[:, kept])
    shared.sort_indices()  # of those that share as much, the first stands in
    loss = np.asarray(weighed[:, gone].sum(axis=0)).ravel()
    stand_in = pd.Series(None, index=range(len(gone)), dtype=object)
    sharing = np.flatnonzero(np.diff(shared.indptr))
    if len(sharing):
        most = np.maximum.reduceat(shared.data, shared.indptr[sharing])
        number = np.repeat(np.arange(len(sharing)), np.diff(shared.indptr)[sharing])
        most_shared = np.flatnonzero(shared.data == most[number])
        first = most_shared[np.unique(number[most_shared], return_index=True)[1]]
        loss[sharing] -= most
        stand_in[sharing] = sites[kept[shared.indices[first]]]
    return pd.DataFrame(
        {"site": sites[gone], "stands_in": stand_in, "loss": np.maximum(loss, 0.0)}
    ).reset_index(drop=True)
