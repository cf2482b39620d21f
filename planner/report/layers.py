"""The layers of a plan that a GIS opens."""

from __future__ import annotations

import geopandas as gpd

from planner.report.tables import chosen_sites
from planner.scenario import Plan


def layers(plan: Plan) -> dict[str, gpd.GeoDataFrame]:
    """Make the layers that a GIS opens: one row a feature, figures as columns.

    Returns
    -------
    ``communities`` (share covered, reached and linked by kind), ``facilities``, ``candidates``,
    ``demand`` (minutes to the nearest of each kind), ``rings``, ``sites``, ``streets``.
    """
    communities = plan.area.communities.copy()
    demand = plan.area.demand.copy()
    units = plan.coverage.units
    for kind in plan.kinds:
        own = units[units["kind"] == kind].set_index("community")
        for column in ("share", "has", "reached", "linked"):
            communities[f"{kind}_{column}"] = own[column].reindex(communities.index)
        nearest = plan.coverage.nearest
        near = nearest[nearest["kind"] == kind].set_index("demand")["minutes"]
        demand[f"{kind}_minutes"] = near.reindex(demand.index)
    found: dict[str, gpd.GeoDataFrame] = {
        "communities": communities.drop(columns="id"),
        "facilities": plan.area.facilities.drop(columns=["id", "outside"]),
        "candidates": plan.area.candidates.drop(columns=["id", "outside"], errors="ignore"),
        "demand": demand,
        "rings": plan.rings,
        "sites": chosen_sites(plan),
        "streets": plan.area.streets,
    }
    return {name: layer for name, layer in found.items() if len(layer)}
