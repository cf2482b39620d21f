"""Bring layers to the CRS that is computed in, by operations of known accuracy alone.

Where PROJ knows no operation between two datums it takes a ballpark step: coordinates stay, and
places are off by tens to hundreds of metres. Such a step is taken only between WGS 84 and
CGCS2000, which agree within a metre; through WGS 84 there often is a better way.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from pyproj.aoi import AreaOfInterest
from pyproj.transformer import TransformerGroup

from planner.district.reading.files import Note, crs_name
from planner.engine.crs import WGS84

ROUGH_M = 2.0  # an operation less accurate than this is told
_GLOBAL_DATUMS = ("WGS 84", "World Geodetic System 1984", "CGCS2000", "China 2000")


class Moved(NamedTuple):
    """A layer in another CRS, and how accurate the way there is, m: 0 within one datum."""

    frame: gpd.GeoDataFrame
    accuracy_m: float


def reproject(frame: gpd.GeoDataFrame, target: pyproj.CRS, note: Note) -> Moved | None:
    """Bring a layer to a CRS.

    Parameters
    ----------
    frame
        The layer, in a known CRS.
    target
        The CRS wanted.
    note
        Collects what is wrong: no operation is known between the two datums.

    Returns
    -------
    The layer in the CRS, or nothing where no operation is known.
    """
    source = frame.crs
    if frame.empty or _is_global(source) == _is_global(target) is True or _same(source, target):
        return Moved(frame.to_crs(target), 0.0)
    for way in ((source, target), (source, pyproj.CRS(WGS84), target)):
        found = _operations(way, frame)
        if found is not None:
            steps, accuracy = found
            shapes = frame.geometry.to_numpy()
            for step in steps:
                shapes = shapely.transform(shapes, partial(_stepped, step))
            return Moved(frame.set_geometry(shapes).set_crs(target, allow_override=True), accuracy)
    note("io.no_operation", value=crs_name(source), target=crs_name(target))
    return None


def _operations(
    way: tuple[pyproj.CRS, ...], frame: gpd.GeoDataFrame
) -> tuple[list[pyproj.Transformer], float] | None:
    """Find the best operation of each step of a way; nothing where one is a ballpark step."""
    steps, worst = [], 0.0
    for one, two in pairwise(way):
        if _is_global(one) and _is_global(two):
            steps.append(pyproj.Transformer.from_crs(one, two, always_xy=True))
            continue
        group = TransformerGroup(one, two, always_xy=True, area_of_interest=_area(frame))
        sound = [step for step in group.transformers if "allpark" not in step.description]
        if not sound:
            return None
        steps.append(sound[0])
        worst = max(worst, sound[0].accuracy)
    return steps, worst


def _stepped(step: pyproj.Transformer, xy: np.ndarray) -> np.ndarray:
    return np.column_stack(step.transform(*xy.T))


def _area(frame: gpd.GeoDataFrame) -> Any:
    """Return where a layer lies, in degrees of its own datum."""
    geographic = frame.crs.geodetic_crs
    if geographic is None:
        return None
    to_degrees = pyproj.Transformer.from_crs(frame.crs, geographic, always_xy=True)
    bounds = to_degrees.transform_bounds(*frame.total_bounds)
    return AreaOfInterest(*bounds) if np.isfinite(bounds).all() else None


def _is_global(crs: pyproj.CRS) -> bool:
    """Return whether a CRS rests on WGS 84 or CGCS2000."""
    base = crs.geodetic_crs
    if base is None or crs.is_bound:
        return False
    names = (base.name, base.datum.name if base.datum is not None else "")
    return any(word in name for name in names for word in _GLOBAL_DATUMS)


def _same(one: pyproj.CRS, two: pyproj.CRS) -> bool:
    """Return whether two CRS rest on one datum."""
    if one.is_bound or two.is_bound or one.geodetic_crs is None or two.geodetic_crs is None:
        return bool(one.equals(two))
    return bool(one.geodetic_crs.datum == two.geodetic_crs.datum)
