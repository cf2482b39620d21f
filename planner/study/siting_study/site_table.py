"""The table of the sites that a plan chooses."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.engine import siting
from planner.engine.siting import Solution

OF_SITE = ["name", "host", "floor_area_m2", "cost", "community"]


def tell_sites(
    candidates: gpd.GeoDataFrame,
    result: Solution,
    reach: pd.DataFrame,
    weights: pd.Series,
    *,
    within_limit: bool = True,
    years: pd.Series | None = None,
) -> gpd.GeoDataFrame:
    """Build the table of the chosen sites: what each adds, and what is lost without it.

    Parameters
    ----------
    candidates
        Candidates on their label, with name, place and cost.
    result
        The plan.
    reach
        The OD table within the limit.
    weights
        People on the label of demand.
    within_limit
        Whether the plan's own table is ``reach``; else it goes beyond the limit, and what each site
        adds within it is ranked anew.
    years
        The year in which each site opens; None where there are no phases.

    Returns
    -------
    The chosen sites, in the order of what they add: the candidate's columns, those of the rank,
    ``lost`` (people whom nobody else covers), ``next_best`` (the candidate that would cover most of
    them), and ``year``, ``size``, ``served`` where the plan has them.
    """
    added = result.added
    if not within_limit:
        added = siting.rank_within(result.fixed, result.chosen, reach, weights)
    kinds = {"rank": int, "added": float, "cumulative": float}
    added = added.set_index("site")[[*kinds]].astype(kinds)
    sites = candidates.loc[list(added.index), [*OF_SITE, "geometry"]].join(added)
    if years is not None:
        sites["year"] = years.reindex(sites.index)
    if len(result.sizes):
        sites["size"] = result.sizes.reindex(sites.index)
        sites["served"] = _served(result).reindex(sites.index, fill_value=0.0)
    lost, next_best = _without(sites.index, result, reach, weights, candidates.index)
    return sites.assign(lost=lost, next_best=next_best)


def tell_upgraded(existing: gpd.GeoDataFrame, result: Solution) -> pd.DataFrame:
    """Build the table of existing sites that are extended.

    Parameters
    ----------
    existing
        Facilities in operation, on their label, with ``name``.
    result
        The plan, with sizes.

    Returns
    -------
    ``name``, ``size`` and ``served`` (people) on the label.
    """
    sizes = result.sizes[result.sizes.index.isin(existing.index)]
    larger = sizes[sizes != "existing"]
    table = pd.DataFrame({"name": existing["name"].reindex(larger.index), "size": larger})
    return table.assign(served=_served(result).reindex(larger.index, fill_value=0.0))


def _served(result: Solution) -> pd.Series:
    return result.flows.groupby("site")["weight"].sum()


def _without(
    sites: pd.Index,
    result: Solution,
    reach: pd.DataFrame,
    weights: pd.Series,
    candidates: pd.Index,
) -> tuple[pd.Series, pd.Series]:
    """Return the people lost without each site, and the candidate that would cover most of them.

    Of candidates that would cover as many the first by its label is named.
    """
    demand, homes = pd.factorize(reach["demand"])
    facility, labels = pd.factorize(reach["facility"], sort=True)
    people = weights.reindex(homes).to_numpy(float)[demand]
    stands = labels.isin([*result.fixed, *result.chosen])[facility]
    covered = np.bincount(demand[stands], minlength=len(homes))
    alone = stands & (covered[demand] == 1)
    lost = pd.Series(people[alone]).groupby(facility[alone]).sum()
    by = np.full(len(homes), -1)  # who alone covers a home
    by[demand[alone]] = facility[alone]
    free = labels.isin(candidates.difference(list(result.chosen)))[facility] & (by[demand] >= 0)
    pair = by[demand[free]] * len(labels) + facility[free]
    made_good = pd.Series(people[free]).groupby(pair).sum()
    made_good = made_good[made_good > 0].sort_values(ascending=False, kind="stable")
    own, other = np.divmod(made_good.index.to_numpy(np.int64), max(len(labels), 1))
    best: dict[object, object] = {}
    for site, candidate in zip(labels[own], labels[other], strict=True):
        best.setdefault(site, candidate)
    lost = lost.set_axis(labels[lost.index]).reindex(sites, fill_value=0.0)
    return lost, pd.Series([best.get(site) for site in sites], index=sites, dtype=object)
