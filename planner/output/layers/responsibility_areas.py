"""The area that each facility is the nearest one for, and who lives there."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from planner.engine.coverage import TOLERANCE_MIN
from planner.output.layers.facilities import by_kind
from planner.output.layers.spec import FeatureColumn, LayerSpec
from planner.study.plan import Plan


def make_responsibility_areas(plan: Plan) -> gpd.GeoDataFrame:
    """Return the responsibility area of each facility: where no other of its kind is nearer.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    ``facility``, ``name``, ``kind``, ``people`` of the group that counts for whom it is the
    nearest, how many of them are ``covered``, ``area_km2`` and the area, which ends where the time
    ends that coverage searches.
    """
    walk, chosen = plan.settings.walk, plan.settings.coverage
    people = plan.area.demand[chosen.group]

    def _make(kind: str, own: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        areas = plan.area.network.responsibility_areas(
            own.geometry,
            minutes=max(chosen.search_min, chosen.cutoff_min),
            speed_mps=walk.speed.speed_mps,
            max_snap_m=walk.max_snap_m,
        )
        nearest = plan.coverage.nearest[plan.coverage.nearest["kind"] == kind]
        lives = nearest.assign(people=nearest["demand"].map(people).astype(float))
        near = lives[lives["minutes"] <= chosen.cutoff_min + TOLERANCE_MIN]

        def _of_each(rows: pd.DataFrame) -> pd.Series:
            sums = rows.groupby("facility")["people"].sum()
            found: pd.Series = areas["facility"].map(sums).fillna(0.0).astype(float)
            return found

        return areas.assign(
            name=areas["facility"].map(own["name"]),
            people=_of_each(lives),
            covered=_of_each(near),
            area_km2=areas["area_m2"] / 1e6,
        )

    return by_kind(plan, ["facility", "name", "kind", "people", "covered", "area_km2"], _make)


RESPONSIBILITY_AREAS = LayerSpec(
    id="responsibility_areas",
    order=140,
    of_walks=True,
    make=make_responsibility_areas,
    geometry="polygon",
    title="name",
    colour="#25305c",  # the circles on foot have the colour of the kind
    columns=(
        FeatureColumn(id="name", measure="text"),
        FeatureColumn(id="people", measure="count"),
        FeatureColumn(id="covered", measure="count"),
        FeatureColumn(id="area_km2", measure="figure"),
    ),
)
