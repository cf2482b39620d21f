"""What makes questions ready: age groups, spacing, quotas, and candidates thinned out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from planner.errors import Problems, SitingError
from planner.siting.limits import Quota
from planner.siting.reading import Label, in_order, read_matrix, read_od, read_weights


def by_group(
    od: pd.DataFrame,
    weights: pd.DataFrame,
    pace: Mapping[Any, float],
    *,
    metric: str = "minutes",
) -> tuple[pd.DataFrame, pd.Series]:
    """Split demand into groups with their own speeds and weights.

    Parameters
    ----------
    od
        Long table of demand, facility and the metric at the usual speed.
    weights
        Weight of each demand label (rows) and group (columns).
    pace
        What each group's time is a multiple of the usual: 1.25 for those a fifth slower.
    metric
        Column that measures time.

    Returns
    -------
    od, demand
        Table and weights whose demand labels are pairs of demand and group; apply the cutoff now.
    """
    groups = list(weights.columns)
    tables = [
        od.assign(
            demand=pd.Series(
                [(label, group) for label in od["demand"]], index=od.index, dtype=object
            ),
            **{metric: od[metric] * pace[group]},
        )
        for group in groups
    ]
    demand = pd.concat(
        [
            pd.Series(
                weights[group].to_numpy(),
                index=pd.MultiIndex.from_product([weights.index, [group]]),
            )
            for group in groups
        ]
    )
    return pd.concat(tables, ignore_index=True), demand


def too_close(
    between: pd.DataFrame, spacing: float, *, metric: str = "minutes"
) -> list[tuple[Label, Label]]:
    """List the pairs of sites nearer to each other than a spacing, for the rule ``conflicts``.

    Parameters
    ----------
    between
        Long table whose columns demand and facility both name sites.
    spacing
        Pairs with a smaller metric are too close.
    """
    near = between[(between[metric] < spacing) & (between["demand"] != between["facility"])]
    return list(zip(near["demand"], near["facility"], strict=True))


def zone_quotas(zones: pd.Series, *, at_least: int = 0, at_most: int | None = None) -> list[Quota]:
    """Write the same quota for every zone: ``at_least=1`` is "one per street".

    Parameters
    ----------
    zones
        Zone of each site label.
    """
    return [
        Quota(name=str(zone), sites=list(members), at_least=at_least, at_most=at_most)
        for zone, members in zones.groupby(zones).groups.items()
    ]


@dataclass(frozen=True, kw_only=True)
class Thinned:
    """Candidates that stand in for all.

    Parameters
    ----------
    kept
        Candidates kept.
    dropped
        One row per candidate dropped: site, stands_in, loss (weight that the site covers and the
        one standing in for it does not).
    """

    kept: pd.Index
    dropped: pd.DataFrame

    def loss_at_most(self, p: int) -> float:
        """Bound what the thinning can cost a plan of p sites, each replaced by its stand-in."""
        return float(self.dropped["loss"].nlargest(p).sum())


def thin(
    od: pd.DataFrame,
    demand: pd.Series,
    *,
    most: int | None = None,
    metric: str = "minutes",
    cutoff: float | None = None,
) -> Thinned:
    """Thin candidates out: first those that another one dominates, then those it nearly does.

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
    metric, cutoff
        As in `Rules`.

    Raises
    ------
    SitingError
        If the tables are unsound.
    """
    problems = Problems()
    weight = read_weights(demand, problems)
    od = read_od(od, metric, cutoff, problems)
    sites = in_order(pd.Index(od["facility"].unique()))
    reach = read_matrix(od, metric, demand.index, sites, problems)
    problems.raise_any(SitingError)
    row = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    covers = sparse.csr_array((np.ones(reach.nnz), reach.indices, reach.indptr), shape=reach.shape)
    weighed = sparse.csr_array((weight[row], reach.indices, reach.indptr), shape=reach.shape)
    shared = sparse.csr_array(covers.T @ weighed).toarray()
    loss = np.diag(shared)[:, None] - shared  # what each row's site covers and the column's not
    np.fill_diagonal(loss, np.inf)
    keep = np.ones(len(sites), dtype=bool)
    stand_in = np.arange(len(sites))
    nearest = loss.argmin(axis=1)
    while keep.sum() > 1:
        least = np.where(keep, loss[np.arange(len(sites)), nearest], np.inf)
        site = int(least.argmin())
        if least[site] > 0 and (most is None or keep.sum() <= most):
            break
        keep[site] = False
        stand_in[stand_in == site] = nearest[site]
        loss[:, site] = np.inf
        stale = np.flatnonzero(nearest == site)
        nearest[stale] = loss[stale].argmin(axis=1)
    given_up = np.diag(shared) - shared[np.arange(len(sites)), stand_in]
    dropped = np.flatnonzero(~keep)
    table = pd.DataFrame(
        {
            "site": sites[dropped],
            "stands_in": sites[stand_in[dropped]],
            "loss": np.maximum(given_up[dropped], 0.0),
        }
    )
    return Thinned(kept=sites[keep], dropped=table)
