"""The features of layers that the page draws from their data: points, lines and polygons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import geopandas as gpd
import pandas as pd
import shapely

from planner.language import Lang
from planner.output.columns import heading
from planner.output.layers import KIND_COLOUR, LayerSpec, features, made_for
from planner.output.maps.cells import rounded, texts, whole
from planner.output.maps.payload.shapes import ColumnOfFeatures, FeatureClasses, FeatureLayer
from planner.output.maps.payload.units import Offsets, Place, Shape
from planner.output.maps.quantize import Quantizer
from planner.study.plan import Plan

TOLERANCE_M = 2.0
_DIGITS = {"share": 4, "minutes": 1, "figure": 3, "degrees": 6}


def feature_layers(
    plan: Plan,
    quantizer: Quantizer,
    lang: Lang,
    *,
    facilities: Mapping[Any, int],
    communities: pd.Index,
    more: Sequence[str] = (),
) -> list[FeatureLayer]:
    """Return the layers of a plan that have features, in the order of the legend.

    Parameters
    ----------
    plan
        The plan.
    quantizer
        Where shapes stand on the page.
    lang
        Language of the words.
    facilities
        Places of their labels in the page's columns.
    communities
        Labels of the communities, in the order of the page's columns.
    more
        Layers asked for beside those of the scenario.

    Returns
    -------
    Layers of a plan that have features, in the order of the legend.
    """
    places = {label: number for number, label in enumerate(communities)}
    found: list[FeatureLayer] = []
    for spec in made_for(plan, more):
        frame = features(plan, spec)
        blank = pd.Series([None] * len(frame), dtype=object)
        found.append(
            {
                "id": spec.id,
                "name": spec.name(lang),
                "about": spec.about(lang),
                "geometry": spec.geometry,
                "colour": None if spec.colour == KIND_COLOUR else spec.colour,
                "classes": _classes(spec),
                "title": texts(frame[spec.title] if spec.title else blank),
                "kind": texts(frame.get("kind", blank)),
                "facility": [facilities.get(one) for one in frame.get("facility", blank)],
                "community": [places.get(one) for one in frame.get("community", blank)],
                "columns": [_column(spec, name, frame, lang) for name in _shown(spec)],
                **_shapes(spec, frame.to_crs(plan.area.communities.crs), quantizer),
            }
        )
    return found


class _Shapes(TypedDict):
    point: list[Place | None] | None
    line: list[list[Offsets]] | None
    shape: list[Shape] | None


def _shapes(spec: LayerSpec, frame: gpd.GeoDataFrame, quantizer: Quantizer) -> _Shapes:
    """Return where the features stand; there are shapes of one sort alone."""
    shapes = frame.geometry.to_numpy()
    if spec.geometry == "point":
        return {"point": quantizer.points(shapes), "line": None, "shape": None}
    thin = shapely.simplify(shapes, TOLERANCE_M)
    if spec.geometry == "line":
        lines = [quantizer.lines(thin[[n]]) for n in range(len(thin))]
        return {"point": None, "line": lines, "shape": None}
    return {"point": None, "line": None, "shape": quantizer.polygons(thin)}


def _shown(spec: LayerSpec) -> list[str]:
    """Return the columns that cards show: the title heads them."""
    return [one.id for one in spec.columns if one.id != spec.title]


def _classes(spec: LayerSpec) -> FeatureClasses | None:
    if spec.classes is None:
        return None
    return {
        "column": _shown(spec).index(spec.classes.column),
        "bounds": list(spec.classes.bounds),
        "colours": list(spec.classes.colours),
    }


def _column(spec: LayerSpec, name: str, found: gpd.GeoDataFrame, lang: Lang) -> ColumnOfFeatures:
    measure = spec.measure(name) or "text"
    cells: Sequence[Any] = found[name]
    if measure == "text":
        values: list[Any] = list(texts(found[name]))
    elif measure == "count":
        values = [whole(value) for value in cells]
    else:
        values = [rounded(value, _DIGITS[measure]) for value in cells]
    return {"title": heading(name, lang), "measure": measure, "values": values}
