"""Shapes of a district for the map of the whole: its outline, and its communities in little."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner.engine.crs import WGS84
from planner.output.maps.page import in_script

STEPS_PER_DEGREE = 100_000  # about a metre
MOST_POINTS = 160  # of an outline: thousands of them go into one page
_FINEST_M, _COMMUNITY_M = 20.0, 8.0
_LEAST_PART = 0.01  # of the largest part of an outline

Rings = list[list[int]]


def outline(communities: gpd.GeoDataFrame) -> Rings:
    """Return the outline of a district, of a hundred points or so.

    Parameters
    ----------
    communities
        Its communities as polygons, in a CRS in metres.

    Returns
    -------
    The outer rings, each as ``[x, y, dx, dy, …]`` in 1/100,000 of a degree of WGS 84.
    """
    whole = shapely.union_all(shapely.make_valid(communities.geometry.to_numpy()))
    parts = shapely.get_parts(whole)
    parts = parts[shapely.area(parts) >= _LEAST_PART * max(shapely.area(parts).max(), 1e-9)]
    solid = shapely.polygons(shapely.get_exterior_ring(parts[shapely.get_type_id(parts) == 3]))
    tolerance, light = _FINEST_M, solid
    while True:
        light = shapely.simplify(solid, tolerance)
        if shapely.get_num_coordinates(light).sum() <= MOST_POINTS * max(1, len(solid) ** 0.5):
            break
        tolerance *= 1.5
    return _rings(gpd.GeoSeries(light, crs=communities.crs))


def detail(name: str, communities: gpd.GeoDataFrame, kinds: list[str]) -> str:
    """Return a script that hands the communities of a district to the map of the whole.

    Parameters
    ----------
    name
        The district, as the map calls it.
    communities
        As `planner.output.report.layers` gives them: ``name`` and the ``KIND_share`` of each kind.
    kinds
        The kinds of facility.

    Returns
    -------
    A call ``planBatch.add(name, rows)``; a row is a name, rings as in `outline`, and its shares.
    """
    shapes = communities.geometry.simplify(_COMMUNITY_M)
    shares = communities[[f"{kind}_share" for kind in kinds]].astype(float).round(4)
    rows: list[Any] = []
    for place, (label, shape) in enumerate(zip(communities["name"], shapes, strict=True)):
        own = [None if pd.isna(one) else float(one) for one in shares.iloc[place]]
        rings = _rings(gpd.GeoSeries([shape], crs=communities.crs))
        rows.append([str(label), rings, own])
    told = json.dumps([name, kinds, rows], ensure_ascii=False, separators=(",", ":"))
    return f"planBatch.add(...{in_script(told)});\n"


def _rings(shapes: gpd.GeoSeries) -> Rings:
    """Return the outer rings of polygons as steps from point to point."""
    parts = shapely.get_parts(shapes.to_crs(WGS84).to_numpy())
    parts = parts[shapely.get_type_id(parts) == 3]
    return [_steps(shapely.get_coordinates(ring)) for ring in shapely.get_exterior_ring(parts)]


def _steps(points: NDArray[np.float64]) -> list[int]:
    whole = np.rint(points[:-1] * STEPS_PER_DEGREE).astype(np.int64)
    kept = np.vstack([whole[:1], np.diff(whole, axis=0)])
    return [int(one) for one in kept.ravel()]
