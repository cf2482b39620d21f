"""Where the streets do not make a network, and where they are too thin for their people."""

from __future__ import annotations

from functools import partial

import geopandas as gpd

from planner.engine.crs import WGS84
from planner.output.layers.spec import Classes, FeatureColumn, LayerSpec
from planner.output.palette import BELOW_COLOURS
from planner.study.plan import Plan

_PLACE = (
    FeatureColumn(id="longitude", measure="degrees"),
    FeatureColumn(id="latitude", measure="degrees"),
)


def has_faults(fault: str, plan: Plan) -> bool:
    """Return whether the streets of a plan have a fault anywhere.

    Parameters
    ----------
    fault
        Its name in ``StudyArea.faults``.
    plan
        The plan.

    Returns
    -------
    Whether there is one.
    """
    faults = plan.area.faults
    return bool(len(faults) and (faults["fault"] == fault).any())


def make_faults(fault: str, plan: Plan) -> gpd.GeoDataFrame:
    """Return the places of one kind of fault of the streets.

    Parameters
    ----------
    fault
        Its name in ``StudyArea.faults``.
    plan
        The plan.

    Returns
    -------
    ``longitude``, ``latitude`` in WGS 84, of a scrap its ``length_m``, and a point.
    """
    faults, crs = plan.area.faults, plan.area.communities.crs
    if not has_faults(fault, plan):
        nothing: dict[str, list[float]] = {"longitude": [], "latitude": []}
        nothing |= {"length_m": []} if fault == "scrap" else {}
        return gpd.GeoDataFrame(nothing, geometry=[], crs=crs)
    found = faults[faults["fault"] == fault]
    degrees = found.geometry.to_crs(WGS84)
    figures = {"length_m": found["length_m"]} if fault == "scrap" else {}
    figures |= {"longitude": degrees.x, "latitude": degrees.y}
    return gpd.GeoDataFrame(figures, geometry=found.geometry, crs=crs)


def is_thin(plan: Plan) -> bool:
    """Return whether the streets of some community are too thin for its people.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    Whether there is such a community.
    """
    return bool(len(plan.area.density) and plan.area.density["thin"].any())


def make_street_density(plan: Plan) -> gpd.GeoDataFrame:
    """Return how thin the streets of each community are against its area and its people.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    ``community``, ``name``, ``street_km``, ``km_per_km2``, ``km_per_1000``, ``far_share`` and the
    polygon of each community that counts: see `planner.district.street_density`.
    """
    area = plan.area
    communities = area.communities.loc[area.density.index.intersection(area.communities.index)]
    density = area.density.loc[communities.index]
    figures = ["street_km", "km_per_km2", "km_per_1000", "far_share"]
    return gpd.GeoDataFrame(
        {
            "community": communities.index,
            "name": communities["name"].to_numpy(),
            **{name: density[name].to_numpy() for name in figures},
        },
        geometry=communities.geometry.to_numpy(),
        crs=communities.crs,
    )


def _fault(fault: str, order: int, colour: str) -> LayerSpec:
    length = (FeatureColumn(id="length_m", measure="count"),) if fault == "scrap" else ()
    return LayerSpec(
        id=f"street_{fault}s",
        order=order,
        of_streets=True,
        unasked=partial(has_faults, fault),
        make=partial(make_faults, fault),
        geometry="point",
        colour=colour,
        columns=(*length, *_PLACE),
    )


STREET_FAULTS = (
    _fault("crossing", 170, "#c1121f"),
    _fault("near_end", 171, "#e07a00"),
    _fault("double", 172, "#7a2a75"),
    _fault("scrap", 173, "#5f6b7a"),
)
STREET_DENSITY = LayerSpec(
    id="street_density",
    order=180,
    of_streets=True,
    unasked=is_thin,
    make=make_street_density,
    geometry="polygon",
    title="name",
    classes=Classes(
        column="km_per_km2", bounds=(2.0, 4.0, 8.0), colours=(*BELOW_COLOURS, "#78b7c9")
    ),
    columns=(
        FeatureColumn(id="name", measure="text"),
        FeatureColumn(id="km_per_km2", measure="figure"),
        FeatureColumn(id="km_per_1000", measure="figure"),
        FeatureColumn(id="street_km", measure="figure"),
        FeatureColumn(id="far_share", measure="share"),
    ),
)
