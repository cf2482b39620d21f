"""The register of map layers: what a scenario, the page, the tables and a GIS have of each.

To add a layer, `register` its `LayerSpec` and write its texts; nothing else has to know of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd

from planner.errors import Problem, SettingsError, did_you_mean
from planner.output.layers.critical_streets import CRITICAL_STREETS
from planner.output.layers.page import PAGE_LAYERS
from planner.output.layers.pedestrian_shed import PEDESTRIAN_SHED
from planner.output.layers.reached_streets import REACHED_STREETS
from planner.output.layers.responsibility_areas import RESPONSIBILITY_AREAS
from planner.output.layers.routes import ROUTES
from planner.output.layers.spec import KIND_COLOUR, Classes, FeatureColumn, LayerSpec, Measure
from planner.output.layers.street_faults import STREET_DENSITY, STREET_FAULTS
from planner.settings import Settings
from planner.study.plan import Plan

__all__ = [
    "KIND_COLOUR",
    "LAYERS",
    "Classes",
    "FeatureColumn",
    "LayerSpec",
    "Measure",
    "check_layers",
    "features",
    "in_order",
    "made_for",
    "of_features",
    "register",
    "unknown_layer",
]

LAYERS: dict[str, LayerSpec] = {
    spec.id: spec
    for spec in (
        *PAGE_LAYERS,
        ROUTES,
        RESPONSIBILITY_AREAS,
        REACHED_STREETS,
        PEDESTRIAN_SHED,
        CRITICAL_STREETS,
        *STREET_FAULTS,
        STREET_DENSITY,
    )
}


def register(spec: LayerSpec) -> LayerSpec:
    """Add a layer to the register, and return it.

    Parameters
    ----------
    spec
        What is registered.

    Returns
    -------
    The same.

    Raises
    ------
    ValueError
        If there is one of that name: a mistake of whoever writes it.
    """
    if spec.id in LAYERS:
        raise ValueError(f"there is a layer {spec.id!r} already")
    LAYERS[spec.id] = spec
    return spec


def in_order() -> list[LayerSpec]:
    """Return all layers in the order of the legend."""
    return sorted(LAYERS.values(), key=lambda spec: spec.order)


def made_for(plan: Plan, more: Sequence[str] = ()) -> list[LayerSpec]:
    """Return the layers that have features of their own and are asked for, or stand unasked.

    Parameters
    ----------
    plan
        The plan: ``outputs.layers`` of its settings asks for layers, and so does ``map.layers``.
    more
        Further layers asked for.

    Returns
    -------
    Layers that have features of their own and are asked for, in the order of the legend.
    """
    settings = plan.settings
    asked = {*settings.outputs.layers, *(settings.map.layers or ()), *more}
    return [
        spec
        for spec in in_order()
        if spec.make is not None
        and (spec.id in asked or (spec.unasked is not None and spec.unasked(plan)))
    ]


def of_features(name: str) -> LayerSpec | None:
    """Return the layer of a name that has features, and so a table of its own; else None.

    Parameters
    ----------
    name
        Name of the table.

    Returns
    -------
    Layer of a name that has features, and so a table of its own; else None.
    """
    spec = LAYERS.get(name)
    return spec if spec is not None and spec.make is not None else None


def features(plan: Plan, spec: LayerSpec) -> gpd.GeoDataFrame:
    """Return the features of a layer, made once for a plan.

    Parameters
    ----------
    plan
        The plan.
    spec
        What is registered.

    Returns
    -------
    A row for each feature: its columns, the labels that it belongs to, its shape.
    """
    key = f"layer {spec.id}"
    if key not in plan.kept:
        assert spec.make is not None  # noqa: S101  those of the page's own have no features
        plan.kept[key] = spec.make(plan).reset_index(drop=True)
    found: gpd.GeoDataFrame = plan.kept[key]
    return found


def check_layers(settings: Settings) -> None:
    """Check that there are the layers that a scenario names.

    Parameters
    ----------
    settings
        The settings of the run.

    Raises
    ------
    SettingsError
        Naming every one that there is not, the nearest that there is, and all; and those of the
        streets where there are none, or of walks where a table gives the times.
    """
    of_page = {spec.id for spec in LAYERS.values() if spec.make is None}
    asked = [("map.layers", name, list(LAYERS)) for name in settings.map.layers or ()]
    asked += [
        ("outputs.layers", name, [one for one in LAYERS if one not in of_page])
        for name in settings.outputs.layers
    ]
    wrong = [
        unknown_layer(name, known, file=where) for where, name, known in asked if name not in known
    ]
    if settings.streets.straight:
        wrong += [
            Problem(key="map.layer_of_streets", file=where, value=name)
            for where, name, _ in asked
            if name in LAYERS and LAYERS[name].of_streets
        ]
    if settings.ground == "table":
        wrong += [
            Problem(key="travel.layer_of_walks", file=where, value=name)
            for where, name, _ in asked
            if name in LAYERS and (LAYERS[name].of_streets or LAYERS[name].of_walks)
        ]
    if settings.means.is_vehicle:
        wrong += [
            Problem(key="modes.layer_on_foot", file=where, value=name)
            for where, name, _ in asked
            if name in LAYERS and LAYERS[name].on_foot
        ]
    if wrong:
        raise SettingsError(wrong)


def unknown_layer(asked: str, known: Sequence[str], file: str | None = None) -> Problem:
    """Return the problem that there is no such layer, with the nearest one and all there are.

    Parameters
    ----------
    asked
        The name asked for.
    known
        The names that exist.
    file
        The key of the settings that names it; None where it is an argument.

    Returns
    -------
    Problem that there is no such layer, with the nearest one and all there are.
    """
    hint = did_you_mean(asked, known, all_too=True)
    return Problem(key="map.unknown_layer", file=file, value=asked, params={"hint": hint})
