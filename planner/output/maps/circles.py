"""The circles on foot of a kind, nested: none crosses another."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from planner.output.maps.cells import tidy
from planner.output.maps.payload.facilities import RingShape
from planner.output.maps.quantize import Quantizer
from planner.output.pieces import piece, shapes_told
from planner.study.plan import Plan

RING_TOLERANCE_M = 2.0
RING_CRUMB_M2 = 400.0
RING_HOLE_M2 = 2500.0


def nested(plan: Plan, rings: gpd.GeoDataFrame, quantizer: Quantizer) -> list[RingShape]:
    """Return the circles of a kind nested: thinned out, and each cut to the one around it.

    Circles thinned out one by one may cross where their borders run close; once they are thin,
    cutting is cheap. To simplify all bands as one coverage takes four times as long.

    Parameters
    ----------
    plan
        The plan, which keeps them.
    rings
        The areas of one kind, ``minutes`` and the shape, in the quantizer's CRS.
    quantizer
        Where shapes stand on the page.

    Returns
    -------
    A record for each limit, the shortest first.
    """
    rings = rings[~(rings.geometry.isna() | rings.geometry.is_empty)].sort_values("minutes")
    if rings.empty:
        return []
    whole = rings.geometry.to_numpy()
    thin = piece(plan, "circles", lambda: shapes_told(whole), lambda: _thin(whole))
    placed = quantizer.polygons(thin)
    return [
        {"minutes": tidy(minutes), "shape": shape}
        for minutes, shape in zip(rings["minutes"], placed, strict=True)
    ]


def _thin(whole: NDArray[np.object_]) -> NDArray[np.object_]:
    # The simplifier makes what crosses itself valid again.
    thin = shapely.simplify(whole, RING_TOLERANCE_M, preserve_topology=False)
    for inner in range(len(thin) - 2, -1, -1):
        thin[inner] = shapely.intersection(thin[inner], thin[inner + 1])
    return np.array([_clean(shape) for shape in thin], dtype=object)


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
