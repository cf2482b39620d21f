"""The table of the sites that a plan chooses."""

from __future__ import annotations

import geopandas as gpd
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
    of_chosen = reach[reach["facility"].isin([*result.fixed, *result.chosen])]
    times_reached = of_chosen.groupby("demand")["facility"].transform("size")
    alone = of_chosen[times_reached == 1]
    others = reach[reach["facility"].isin(candidates.index.difference(result.chosen))]
    lost, next_best = [], []
    for site in sites.index:
        only = alone.loc[alone["facility"] == site, "demand"]
        lost.append(float(weights[only].sum()))
        made_good = others[others["demand"].isin(only)]
        by_site = weights[made_good["demand"]].groupby(made_good["facility"].to_numpy()).sum()
        next_best.append(by_site.idxmax() if len(by_site) and by_site.max() > 0 else None)
    return sites.assign(lost=lost, next_best=pd.Series(next_best, index=sites.index, dtype=object))


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
