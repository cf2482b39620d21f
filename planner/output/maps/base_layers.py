"""What lies beneath and between the communities: streets, and the land and water behind them."""

from __future__ import annotations

from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner.engine.network.graph.merging import merge_lines
from planner.output.maps.cells import texts
from planner.output.maps.payload.shapes import BackdropShape, RoadLines
from planner.output.maps.quantize import Quantizer, Shapes, middles
from planner.output.maps.theme import STREETS, street_class
from planner.output.pieces import piece, shapes_told
from planner.study.plan import Plan

STREET_TOLERANCE_M = 2.0
BACKDROP_TOLERANCE_M = 3.0
FAR_M = 60_000.0
FRAME_SHARE = 0.005


def streets(plan: Plan, quantizer: Quantizer) -> list[RoadLines]:
    """Return the streets of each class merged to long lines, the least class first.

    Parameters
    ----------
    plan
        The plan, with streets in the quantizer's CRS, perhaps with ``highway`` and ``name``.
    quantizer
        Where shapes stand on the page.

    Returns
    -------
    The lines of each class that has any.
    """
    streets = plan.area.streets
    classes = _classes(streets)
    drawn: list[RoadLines] = []
    for name in STREETS:
        parts = shapely.get_parts(streets.geometry.to_numpy()[classes == name])
        if len(parts):
            thin = piece(plan, "streets", partial(shapes_told, parts), partial(_thin, parts))
            drawn.append({"road": name, "lines": quantizer.lines(thin)})
    return drawn


def _thin(parts: Shapes) -> Shapes:
    """Merge lines, and leave out the vertices that no reader can see."""
    thin = shapely.simplify(merge_lines(parts), STREET_TOLERANCE_M, preserve_topology=False)
    return np.array([thin], dtype=object)


def _classes(streets: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return how each street is drawn; streets of one tag and name are looked at once."""
    blank = pd.Series(None, index=streets.index, dtype=object)
    tag, name = (streets.get(column, blank).map(_first) for column in ("highway", "name"))
    tag_of, tags = pd.factorize(tag, use_na_sentinel=False)
    name_of, names = pd.factorize(name, use_na_sentinel=False)
    pairs, pair_of = np.unique(tag_of * len(names) + name_of, return_inverse=True)
    found = [street_class(tags[pair // len(names)], names[pair % len(names)]) for pair in pairs]
    return np.array(found, dtype=object)[pair_of]


def _first(value: object) -> object:
    return (value[0] if value else None) if isinstance(value, list) else value


def backdrop(
    backdrop: gpd.GeoDataFrame | None, quantizer: Quantizer, district: NDArray[np.float64]
) -> list[BackdropShape]:
    """Return land and water, each with its name and where that stands.

    Parameters
    ----------
    backdrop
        Land and water: ``kind``, perhaps ``name``, the shape; in the CRS of the quantizer.
    quantizer
        Where shapes stand on the page.
    district
        West, south, east and north of the communities.

    Returns
    -------
    A record for each shape; the sea is drawn on beyond the district.
    """
    if backdrop is None or backdrop.empty:
        return []
    shapes = shapely.simplify(backdrop.geometry.to_numpy(), BACKDROP_TOLERANCE_M)
    names = texts(backdrop["name"]) if "name" in backdrop else [None] * len(backdrop)
    labels = quantizer.points(middles(shapes))
    sea = (backdrop["kind"] == "sea").to_numpy()
    shapes[sea] = _endless(shapes[sea], district)
    placed = quantizer.polygons(shapes)
    return [
        {"kind": kind, "shape": shape, "name": name, "label": label}
        for kind, shape, name, label in zip(backdrop["kind"], placed, names, labels, strict=True)
    ]


def _endless(shapes: Shapes, district: NDArray[np.float64]) -> Shapes:
    """Draw the sea on beyond the frame it was cut at, so that no reader sees the frame.

    An edge along a side of the common bounds is the frame's, if the district ends before it; both
    of its ends move far out. A side that has the district behind it is a coast, however straight.
    """
    if not len(shapes):
        return shapes
    low, high = np.split(shapely.total_bounds(shapes), 2)
    near = FRAME_SHARE * (high - low).max()
    west_south, east_north = np.split(district, 2)
    sides = (
        (-1.0, low + near, low <= west_south + near),
        (1.0, high - near, high >= east_north - near),
    )

    def _widened(part: shapely.Polygon) -> shapely.Polygon:
        xy = shapely.get_coordinates(part.exterior)[:-1]
        out = np.zeros_like(xy)
        for sign, side, cut in sides:
            beside = cut & (sign * xy >= sign * side)
            out += sign * (beside & (np.roll(beside, 1, axis=0) | np.roll(beside, -1, axis=0)))
        return shapely.Polygon(xy + FAR_M * out, [hole.coords for hole in part.interiors])

    parts = [[_widened(part) for part in shapely.get_parts(shape)] for shape in shapes]
    return np.array([shapely.multipolygons(own) for own in parts], dtype=object)
