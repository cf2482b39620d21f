"""The layers of a plan that a GIS opens."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from planner.output.indicators import columns
from planner.output.layers import features, made_for
from planner.output.pieces import piece, shapes_told
from planner.output.report.tables import chosen_sites
from planner.study.plan import Plan

# Circles are drawn by the point on every cell of a raster; most of these lie on one line.
RING_TOLERANCE_M = 0.25


def layers(plan: Plan) -> dict[str, gpd.GeoDataFrame]:
    """Build the layers that a GIS opens: one row a feature, figures as columns.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    ``communities`` (share covered, reached and linked by kind), ``facilities``, ``candidates``,
    ``demand`` (minutes to the nearest of each kind), ``rings``, ``sites``, ``streets``, and the
    layers asked for. What has a label bears it as ``id``, the first column.
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
    for one in columns(plan):
        name = one.name if one.kind is None else f"{one.kind}_{one.name}"
        communities[name] = one.figures.reindex(communities.index)
    found: dict[str, gpd.GeoDataFrame] = {
        "communities": _labelled(communities),
        "facilities": _labelled(plan.area.facilities),
        "candidates": _labelled(plan.area.candidates),
        "demand": _labelled(demand),
        "rings": _light(plan),
        "sites": _labelled(chosen_sites(plan)),
        "streets": plan.area.streets,
        **{spec.id: features(plan, spec) for spec in made_for(plan)},
    }
    return {name: layer for name, layer in found.items() if len(layer)}


def _labelled(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer with the label as its first column: a layer has no index."""
    plain = frame.drop(columns=["id", "outside", "entrances"], errors="ignore")
    return plain.rename_axis("id").reset_index()


def _light(plan: Plan) -> gpd.GeoDataFrame:
    """Leave out points that move no border by more than the tolerance: a third of them remains."""
    whole = plan.rings.geometry.to_numpy()

    def lightened() -> NDArray[np.object_]:
        # The simplifier makes what crosses itself valid again.
        light = shapely.simplify(whole, RING_TOLERANCE_M, preserve_topology=False)
        kept: NDArray[np.object_] = np.where(shapely.is_empty(light), whole, light)
        return kept

    light = piece(plan, "light circles", lambda: shapes_told(whole), lightened)
    return plan.rings.set_geometry(light, crs=plan.rings.crs)
