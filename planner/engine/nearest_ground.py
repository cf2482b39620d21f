"""Divide ground among owners of points: every place goes with the nearest point."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


def nearest_ground(xy: np.ndarray, owner: np.ndarray, within: shapely.Geometry) -> gpd.GeoSeries:
    """Return the part of an area that lies nearest to the points of each owner.

    Parameters
    ----------
    xy
        Points, n x 2, in metres. Of several at one place the first stands.
    owner
        Number of each point's owner (n).
    within
        The area, polygons.

    Returns
    -------
    Polygons on the number of their owner, for each that has any ground. They do not overlap, and
    together they are the area.

    Notes
    -----
    Voronoi cells (Aurenhammer 1991) of all points, joined by owner.

    Examples
    --------
    >>> ends = np.array([[0.0, 0.0], [100.0, 0.0]])
    >>> nearest_ground(ends, np.array([7, 9]), shapely.box(0, 0, 60, 10)).area.to_dict()
    {7: 500.0, 9: 100.0}
    """
    table = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "owner": owner})
    table = table.drop_duplicates(["x", "y"], ignore_index=True)
    if table.empty or shapely.is_empty(within):
        return gpd.GeoSeries([], index=pd.Index([], dtype=np.int64))
    points = shapely.multipoints(table[["x", "y"]].to_numpy())
    cells = np.array([within])
    if len(table) > 1:
        drawn = shapely.voronoi_polygons(points, extend_to=within, ordered=True)
        cells = shapely.get_parts(drawn)
    # Cut at the frame that it is drawn in, a cell may hold a stray line beside its polygon.
    cells, of_point = shapely.get_parts(cells, return_index=True)
    whole = shapely.get_dimensions(cells) == 2
    cells, owner = cells[whole], table["owner"].to_numpy(np.int64)[of_point[whole]]
    order = np.argsort(owner, kind="stable")
    found, first = np.unique(owner[order], return_index=True)
    joined = [shapely.coverage_union_all(own) for own in np.split(cells[order], first[1:])]
    parts = gpd.GeoSeries([_ground(shapely.intersection(one, within)) for one in joined], found)
    return parts[~parts.is_empty]


def _ground(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a shape: cut along a border, it may hold lines as well."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
