"""The roads within reach of each facility, cut where time runs out or another one is nearer."""

from __future__ import annotations

import geopandas as gpd

from planner.output.layers.facilities import by_kind
from planner.output.layers.spec import KIND_COLOUR, FeatureColumn, LayerSpec
from planner.study.plan import Plan


def make_reached_streets(plan: Plan) -> gpd.GeoDataFrame:
    """Return the roads within the cutoff of each facility, as far as it is the nearest one.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    ``facility``, ``name``, ``kind``, ``road_km`` and the lines; no row for a facility that reaches
    no road.
    """
    walk, minutes = plan.settings.walk, plan.settings.coverage.cutoff_min

    def _make(_: str, own: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        pieces = plan.area.network.reached_edges(
            own.geometry,
            minutes=minutes,
            speed_mps=walk.speed.speed_mps,
            max_snap_m=walk.max_snap_m,
        )
        roads = pieces.dissolve("facility", aggfunc={"length_m": "sum"}).reset_index()
        return roads.assign(
            name=roads["facility"].map(own["name"]), road_km=roads["length_m"] / 1e3
        )

    return by_kind(plan, ["facility", "name", "kind", "road_km"], _make)


REACHED_STREETS = LayerSpec(
    id="reached_streets",
    order=145,
    of_streets=True,
    make=make_reached_streets,
    geometry="line",
    title="name",
    colour=KIND_COLOUR,
    columns=(
        FeatureColumn(id="name", measure="text"),
        FeatureColumn(id="road_km", measure="figure"),
    ),
)
