"""The roads that most people's cover hangs on."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from planner.output.layers.facilities import by_kind
from planner.output.layers.spec import FeatureColumn, LayerSpec
from planner.study.plan import Plan

MOST = 10  # roads of each kind


def make_critical_streets(plan: Plan) -> gpd.GeoDataFrame:
    """Return the stretches of road whose closing would leave most people without cover.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    ``kind``, ``rank``, ``road`` (its name, where it has one), ``cut_off`` (people of the group that
    counts who would no longer be covered), ``length_m`` and the line, at most `MOST` for each kind.
    """
    area, chosen, walk = plan.area, plan.settings.coverage, plan.settings.walk
    names = _names(plan)

    def _make(_: str, own: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        found = area.network.critical_streets(
            area.homes(walk.max_snap_m),
            own.geometry,
            weight=area.demand[chosen.group].astype(float),
            cutoff_min=chosen.cutoff_min,
            speed_mps=walk.speed.speed_mps,
            max_snap_m=walk.max_snap_m,
            top=MOST,
        )
        return found.assign(
            rank=range(1, len(found) + 1),
            cut_off=found["people"],
            road=[_name(names, edges) for edges in found["edges"]],
        )

    return by_kind(plan, ["kind", "rank", "road", "cut_off", "length_m"], _make)


def _names(plan: Plan) -> pd.Series:
    """Return the names of roads, on the label of the edge; empty where the data have none."""
    edges = plan.area.network.edges
    found = pd.Series(dtype=object)
    if "name" in edges:
        found = edges["name"]
    elif "line" in edges and "name" in plan.area.streets:
        found = edges["line"].map(plan.area.streets["name"])
    return found


def _name(names: pd.Series, edges: list[Any]) -> str | None:
    found = names.reindex(edges).dropna()
    return None if found.empty else str(found.iloc[0])


CRITICAL_STREETS = LayerSpec(
    id="critical_streets",
    order=160,
    of_streets=True,
    make=make_critical_streets,
    geometry="line",
    title="road",
    colour="#c1121f",
    columns=(
        FeatureColumn(id="rank", measure="count"),
        FeatureColumn(id="road", measure="text"),
        FeatureColumn(id="cut_off", measure="count"),
        FeatureColumn(id="length_m", measure="count"),
    ),
)
