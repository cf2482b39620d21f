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
    cells, of_point = _polygons(cells)
    owner = table["owner"].to_numpy(np.int64)[of_point]
    order = np.argsort(owner, kind="stable")
    found, first = np.unique(owner[order], return_index=True)
    joined = [shapely.coverage_union_all(own) for own in np.split(cells[order], first[1:])]
    parts = gpd.GeoSeries([_ground(shapely.intersection(one, within)) for one in joined], found)
    return parts[~parts.is_empty]


def _polygons(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the polygons of cells, in their order, and the number of the cell of each.

    Cut at the frame that it is drawn in, a cell may hold a stray line beside its polygon; nearly
    every one is a polygon alone.
    """
    plain = shapely.get_type_id(cells) == shapely.GeometryType.POLYGON
    parts, of_cell = shapely.get_parts(cells[~plain], return_index=True)
    areal = shapely.get_dimensions(parts) == 2
    found = np.concatenate([cells[plain], parts[areal]])
    cell = np.concatenate([np.flatnonzero(plain), np.flatnonzero(~plain)[of_cell[areal]]])
    order = np.argsort(cell, kind="stable")
    return found[order], cell[order]


def _ground(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a shape: cut along a border, it may hold lines as well."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
