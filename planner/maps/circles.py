"""The circles on foot of a kind, nested: none crosses another."""

from __future__ import annotations

import itertools
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from planner.maps.cells import tidy
from planner.maps.placing import Placing

RING_TOLERANCE_M = 4.0
RING_CRUMB_M2 = 400.0
RING_HOLE_M2 = 2500.0


def nested(rings: gpd.GeoDataFrame, placing: Placing) -> list[list[Any]]:
    """Nest the circles of a kind: they are simplified together, so that none crosses another."""
    rings = rings.sort_values("minutes")
    shapes = [shape for shape in rings.geometry if shape is not None and not shape.is_empty]
    if not shapes:
        return []
    bands = [shapes[0], *(outer.difference(inner) for inner, outer in itertools.pairwise(shapes))]
    simple = shapely.coverage_simplify(np.array(bands, dtype=object), RING_TOLERANCE_M)
    # No coverage union: it refuses bands that overlap by a rounding, as some of many circles do.
    nested = [_clean(shapely.union_all(simple[: n + 1])) for n in range(len(simple))]
    placed = placing.polygons(np.array(nested, dtype=object))
    return [[tidy(minutes), shape] for minutes, shape in zip(rings["minutes"], placed, strict=True)]


def _clean(shape: Any) -> Any:
    """Drop the crumbs that no reader can see."""
    kept = [
        shapely.Polygon(
            part.exterior,
            [hole for hole in part.interiors if shapely.Polygon(hole).area > RING_HOLE_M2],
        )
        for part in shapely.get_parts(shape)
        if part.area > RING_CRUMB_M2
    ]
    return shapely.multipolygons(kept) if kept else shape
