"""Divide ground among places on the streets: all of it, however far from a street."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from planner.engine.nearest_ground import nearest_ground
from planner.engine.network.queries.query import NetworkQuery
from planner.engine.network.queries.reached_edges import reached_edges

SPACING_M = 20.0
MOST_POINTS = 200_000  # streets of a county are taken more coarsely
AROUND_M = 1000.0  # streets beyond the border that may be the nearest ones within


def divided_ground(asked: NetworkQuery, within: shapely.Geometry) -> gpd.GeoDataFrame:
    """Return the part of an area that is nearest to each place: see `Network.divided_ground`.

    Parameters
    ----------
    asked
        The query about the places.
    within
        The area.

    Returns
    -------
    `facility` and its part of the area.
    """
    xy, who = _along_streets(asked, within)
    own = asked.facilities.xy
    there = np.flatnonzero(np.isfinite(own).all(axis=1))
    # A place comes first, so that no street's point stands in its stead.
    parts = nearest_ground(np.concatenate([own[there], xy]), np.concatenate([there, who]), within)
    return gpd.GeoDataFrame(
        {"facility": asked.facility.take(parts.index)},
        geometry=parts.to_numpy(),
        crs=asked.network.crs,
    )


def _along_streets(asked: NetworkQuery, within: shapely.Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Return points along the streets around an area, and the number of the place of each."""
    pieces = reached_edges(asked)
    near = pieces[pieces.intersects(shapely.buffer(within, AROUND_M))]
    pieces = near if len(near) else pieces
    metres = pieces.length.to_numpy()
    spacing = max(SPACING_M, metres.sum() / MOST_POINTS)
    n = np.maximum(np.rint(metres / spacing), 1).astype(np.int64)
    row = np.repeat(np.arange(len(pieces)), n)
    step = np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n)
    # Half a step from either end, so that a border crosses the street where it was cut.
    share = (step + 0.5) / n[row]
    lines = pieces.geometry.to_numpy()[row]
    points = shapely.line_interpolate_point(lines, share, normalized=True)
    return shapely.get_coordinates(points), asked.facility.get_indexer(pieces["facility"])[row]
