"""Where a place that is an area is entered: at its edge, which people walk to, not at its middle.

A park, a square or a campus may reach from street to street. Its middle can lie hundreds of metres
from any of them while a resident stands at its gate. Where the gates are is seldom known, so that
every point of the edge near a street counts as one, a few metres apart.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.engine.network import Network

LEAST_AREA_M2 = 2000.0  # the smallest emergency shelter of GB 51143; what is smaller is a point
STEP_M = 5.0
MOST = 500  # of one place: the edge of a large one is taken in longer steps
COLUMN = "entrances"


def along_edge(outlines: gpd.GeoSeries) -> np.ndarray:
    """Return points along the edge of each area, nothing for what is small or no area.

    Parameters
    ----------
    outlines
        Polygons in metres; missing where a place is a point.

    Returns
    -------
    One multipoint for each outline, or None.
    """
    shapes = outlines.to_numpy()
    found = np.full(len(shapes), None, dtype=object)
    for i in np.flatnonzero(shapely.area(shapes) >= LEAST_AREA_M2):
        edge: Any = shapely.boundary(shapes[i])
        steps = max(STEP_M, edge.length / MOST)
        parts = shapely.get_parts(edge)
        points = [shapely.line_interpolate_point(one, _metres(one, steps)) for one in parts]
        found[i] = shapely.multipoints(np.concatenate(points))
    return found


def _metres(line: Any, step: float) -> np.ndarray:
    """Return where along a line points stand, at most so far apart."""
    return np.linspace(0.0, line.length, int(np.ceil(line.length / step)) + 1)


def near_streets(frame: gpd.GeoDataFrame, network: Network, max_snap_m: float) -> gpd.GeoDataFrame:
    """Keep the entrances that a street is near to, the nearest first.

    Parameters
    ----------
    frame
        Places, some with entrances.
    network
        The streets.
    max_snap_m
        How far a street may be, metres.

    Returns
    -------
    The places, with ``nearest_m``: how far the nearest street is where it is too far, else missing.
    """
    off = network.snap(frame.geometry, max_snap_m=max_snap_m).unreachable["nearest_m"]
    frame = frame.assign(nearest_m=off.reindex(frame.index))
    if COLUMN not in frame:
        return frame
    kept = frame[COLUMN].to_numpy(dtype=object, copy=True)
    nearest = frame["nearest_m"].to_numpy(copy=True)
    for i in np.flatnonzero(shapely.is_geometry(kept)):
        points = gpd.GeoSeries(shapely.get_parts(kept[i]), crs=frame.crs)
        snapped = network.snap(points, max_snap_m=max_snap_m)
        order = np.argsort(snapped.access_m, kind="stable")[: np.isfinite(snapped.access_m).sum()]
        if len(order):
            kept[i], nearest[i] = shapely.multipoints(points.to_numpy()[order]), np.nan
        else:
            kept[i], nearest[i] = None, snapped.unreachable["nearest_m"].min()
    return frame.assign(**{COLUMN: kept, "nearest_m": nearest})


def main_entrance(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return one point for each place: its own, or of an area the entrance nearest to a street.

    Parameters
    ----------
    frame
        Places, with ``entrances`` and ``nearest_m`` where some are areas.

    Returns
    -------
    A point for each place, on its label.
    """
    areas = has_entrances(frame)
    if not areas.any():
        return frame.geometry
    points = frame.geometry.to_numpy(copy=True)
    points[areas] = [shapely.get_parts(one)[0] for one in frame[COLUMN][areas]]
    return gpd.GeoSeries(points, frame.index, crs=frame.crs)


def all_entrances(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoSeries, pd.Index]:
    """Return every point where places are entered, and the label of the place of each.

    Parameters
    ----------
    frame
        Places, with ``entrances`` and ``nearest_m`` where some are areas.

    Returns
    -------
    The points, numbered from 0 (on the labels where each place has one), and their places.
    """
    areas = has_entrances(frame)
    if not areas.any():
        return frame.geometry, frame.index
    shapes = frame.geometry.to_numpy(copy=True)
    shapes[areas] = frame[COLUMN].to_numpy()[areas]
    points, place = shapely.get_parts(shapes, return_index=True)
    return gpd.GeoSeries(points, crs=frame.crs), frame.index.take(place)


def has_entrances(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Return which places are areas that are entered at their edge.

    Parameters
    ----------
    frame
        Places, with ``entrances`` and ``nearest_m`` where some are areas.

    Returns
    -------
    A truth value for each place.
    """
    if COLUMN not in frame:
        return np.zeros(len(frame), bool)
    known: np.ndarray = shapely.is_geometry(frame[COLUMN].to_numpy(dtype=object))
    return known
