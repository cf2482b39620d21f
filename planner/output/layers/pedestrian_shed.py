"""How much of the circle around a facility its streets make reachable."""

from __future__ import annotations

import geopandas as gpd

from planner.output.layers.facilities import by_kind
from planner.output.layers.spec import Classes, FeatureColumn, LayerSpec
from planner.output.palette import BELOW_COLOURS
from planner.study.plan import Plan


def make_pedestrian_shed(plan: Plan) -> gpd.GeoDataFrame:
    """Return the pedestrian-shed ratio of each facility, within the cutoff.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    ``facility``, ``name``, ``kind``, ``shed_ratio`` (area within reach over that of the circle
    with the same walk as radius), ``reach_km2``, ``circle_km2`` and the facility's point; no row
    for a facility without a street near.
    """
    walk, minutes = plan.settings.walk, plan.settings.coverage.cutoff_min

    def _make(_: str, own: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shed = plan.area.network.shed_ratio(
            own.geometry,
            minutes=minutes,
            speed_mps=walk.speed.speed_mps,
            max_snap_m=walk.max_snap_m,
        ).dropna(subset=["ratio"])
        there = own.loc[shed.index]
        return gpd.GeoDataFrame(
            {
                "facility": shed.index,
                "name": there["name"].to_numpy(),
                "shed_ratio": shed["ratio"].to_numpy(),
                "reach_km2": shed["area_m2"].to_numpy() / 1e6,
                "circle_km2": shed["circle_m2"].to_numpy() / 1e6,
            },
            geometry=there.geometry.to_numpy(),
            crs=own.crs,
        )

    columns = ["facility", "name", "kind", "shed_ratio", "reach_km2", "circle_km2"]
    return by_kind(plan, columns, _make)


PEDESTRIAN_SHED = LayerSpec(
    id="pedestrian_shed",
    order=150,
    of_streets=True,
    on_foot=True,
    make=make_pedestrian_shed,
    geometry="point",
    title="name",
    classes=Classes(
        column="shed_ratio", bounds=(0.3, 0.45, 0.6), colours=(*BELOW_COLOURS, "#78b7c9")
    ),
    columns=(
        FeatureColumn(id="name", measure="text"),
        FeatureColumn(id="shed_ratio", measure="share"),
        FeatureColumn(id="reach_km2", measure="figure"),
        FeatureColumn(id="circle_km2", measure="figure"),
    ),
)
