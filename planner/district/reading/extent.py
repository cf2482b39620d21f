"""How far around the district streets are read, so that no limit of a run meets their end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from planner.district.far_off import STRAY_M, far_from_most
from planner.engine import crs
from planner.engine.crs import WGS84
from planner.engine.network.graph.modes import LEVELLEST, slope_factor
from planner.settings import Settings
from planner.standards import speeds

SPARE_M = 500.0  # where an extract is cut, lines may be bent: farther out than anybody goes
_DEGREE_M = 111_000.0


def around(
    communities: gpd.GeoDataFrame, places: Sequence[gpd.GeoDataFrame], settings: Settings
) -> shapely.Geometry:
    """Return the area to ask streets for: all that anybody reaches within any limit of the run.

    Parameters
    ----------
    communities
        The communities; strays among them are left aside.
    places
        Facilities and candidates: streets are read as far as to each that is near enough to
        matter.
    settings
        What the run is asked to do.

    Returns
    -------
    A shape in degrees.
    """
    shapes = communities.geometry[communities.is_valid & ~communities.is_empty]
    shapes = shapes[~strays(shapes)]
    metric = centred(shapes)
    metres = reach_m(settings)
    wide = shapes.to_crs(metric).buffer(metres + SPARE_M).union_all()
    margin = settings.walk.max_snap_m + SPARE_M
    for frame in places:
        points = shapely.point_on_surface(_beyond(frame.geometry.to_crs(metric), wide, margin))
        near = points[shapely.distance(points, wide) < metres + SPARE_M]
        wide = wide.union(shapely.union_all(shapely.buffer(near, margin, quad_segs=16)))
    whole: shapely.Geometry = gpd.GeoSeries([wide], crs=metric).to_crs(WGS84).iloc[0]
    return whole


def _beyond(places: gpd.GeoSeries, wide: Any, margin: float) -> np.ndarray:
    """Return the shapes but the points well within an area: around those nothing is added to it."""
    shapes = np.asarray(places.array)
    inner = wide.buffer(-margin)
    shapely.prepare(inner)
    plain = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    well_within = plain & shapely.contains_properly(inner, shapes)
    beyond: np.ndarray = shapes[~well_within]
    return beyond


def reach_m(settings: Settings) -> float:
    """Return how far anybody goes in a run: the longest limit at the highest speed, metres.

    Parameters
    ----------
    settings
        The settings of the run.
    """
    chosen = settings.coverage
    asked = [question.model_dump() for question in (*settings.siting, *settings.service)]
    minutes = [chosen.search_min, chosen.cutoff_min, *chosen.minutes, *_numbers(asked, "_min")]
    minutes += _numbers(asked, "minutes")
    paces = [speeds()[name].speed_mps for name in _words(asked, "preset") if name in speeds()]
    pace = max([settings.walk.speed.speed_mps, *paces, *_numbers(asked, "speed_mps")])
    if settings.streets.heights is not None and settings.walk.way != "both":
        pace /= float(slope_factor(np.array(LEVELLEST)))  # gently down, metres take less
    # A vehicle's search beyond the limits would ask for a whole province's streets.
    limits = [chosen.cutoff_min, *chosen.minutes, *_numbers(asked, "minutes")]
    ridden = max(limits) * settings.means.fastest_mps
    driven = (
        max(question.window_min, chosen.search_min) * question.speed_mps
        for question in settings.delivery
    )
    return 60.0 * max([max(minutes) * pace, ridden, *driven]) + settings.walk.max_snap_m


def centred(shapes: gpd.GeoSeries) -> pyproj.CRS:
    """Return the CRS in metres for most of the shapes: one stray among them moves nothing.

    Parameters
    ----------
    shapes
        Shapes in degrees.

    Returns
    -------
    The projected CRS of the middle (median) of the shapes.
    """
    x, y = _middles(shapes)
    return crs.metric_crs(float(np.median(x)), float(np.median(y)))


def with_footprints(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return buildings with their footprint in square metres in place of their outline.

    Parameters
    ----------
    buildings
        Points, in any CRS, with ``outline`` (polygons in it) where they were areas.

    Returns
    -------
    The buildings with ``footprint_m2``, missing for those known by a point.
    """
    if "outline" not in buildings:
        return buildings.assign(footprint_m2=np.nan)
    outlines = gpd.GeoSeries(buildings["outline"].to_numpy(), buildings.index, buildings.crs)
    metric = outlines.to_crs(centred(buildings.geometry))
    return buildings.drop(columns="outline").assign(footprint_m2=metric.area)


def strays(shapes: gpd.GeoSeries, around_them: gpd.GeoSeries | None = None) -> np.ndarray:
    """Return which shapes lie far from the others: 100 km off, and many times their spread.

    Parameters
    ----------
    shapes
        Shapes in degrees.
    around_them
        What must lie near: then a shape 100 km off the middle of these is a stray, too.

    Returns
    -------
    Boolean array, one for each shape.
    """
    x, y = _middles(shapes)
    if not len(x):
        return np.zeros(0, bool)
    lat = np.median(y)
    far = far_from_most(x * np.cos(np.radians(lat)) * _DEGREE_M, y * _DEGREE_M)
    if around_them is None or not len(around_them):
        return far
    lon, lat = (float(np.median(axis)) for axis in _middles(around_them))
    east = (x - lon) * np.cos(np.radians(lat))
    off: np.ndarray = far | (_DEGREE_M * np.hypot(east, y - lat) > STRAY_M)
    return far if off.all() else off


def _middles(shapes: gpd.GeoSeries) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle of each shape's bounds in degrees, missing where it is empty."""
    bounds = shapely.bounds(shapes.to_numpy())
    x, y = (bounds[:, :2] + bounds[:, 2:]).T / 2
    if shapes.crs is None or shapes.crs == WGS84:
        return x, y
    there = ~np.isnan(x)
    lon, lat = crs.transformer_to_wgs84(shapes.crs).transform(x[there], y[there])
    x[there], y[there] = lon, lat
    return x, y


def _numbers(node: Any, ending: str) -> list[float]:
    return [float(value) for value in _found(node, ending) if isinstance(value, int | float)]


def _words(node: Any, ending: str) -> list[str]:
    return [value for value in _found(node, ending) if isinstance(value, str)]


def _found(node: Any, ending: str) -> Iterator[Any]:
    """Walk through what a question says, and give each value whose key ends so."""
    if isinstance(node, dict):
        for key, value in node.items():
            if str(key).endswith(ending) and not isinstance(value, dict):
                yield from value if isinstance(value, list | tuple) else (value,)
            else:
                yield from _found(value, ending)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _found(value, ending)
