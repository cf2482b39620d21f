"""Generated places where the user has none: spread points, hexagons, one point per cell."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

LEAST_POINTS = 12
FINEST_SPACING_M = 5.0
MOST_PLACES = 2_000_000  # of a grid: a hundred times those of a district


def spread_points(shapes: gpd.GeoSeries, spacing_m: float) -> gpd.GeoDataFrame:
    """Return points spread over the area of each polygon.

    Parameters
    ----------
    shapes
        Polygons in a metric CRS.
    spacing_m
        Distance between neighbouring points of the square grid. A polygon too small for a dozen
        of them gets a grid as fine as it takes.

    Returns
    -------
    Points with the column ``community``: the label of their polygon. Every polygon has at least
    one point.

    Examples
    --------
    >>> square = gpd.GeoSeries([shapely.box(0, 0, 500, 400)], index=["A"], crs="EPSG:3857")
    >>> len(spread_points(square, 100))
    20
    """
    labels: list[object] = []
    points: list[np.ndarray] = []
    for label, shape in shapes.items():
        inside = _grid(shape, spacing_m)
        spacing = spacing_m
        while len(inside) < LEAST_POINTS and spacing > FINEST_SPACING_M:
            spacing /= 2
            inside = _grid(shape, spacing)
        if not len(inside):
            inside = shapely.get_coordinates(shape.representative_point())
        points.append(inside)
        labels += [label] * len(inside)
    xy = np.concatenate(points) if points else np.empty((0, 2))
    return gpd.GeoDataFrame(
        {"community": labels}, geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=shapes.crs
    )


def spread_along(shapes: gpd.GeoSeries, lines: gpd.GeoSeries, spacing_m: float) -> gpd.GeoDataFrame:
    """Return points spread along the lines within each polygon.

    Parameters
    ----------
    shapes
        Polygons in a metric CRS.
    lines
        Lines in the same CRS.
    spacing_m
        Distance between neighbouring points along a line; it goes on from one line to the next, so
        that each point stands for the same length. A polygon with too little for a dozen of them
        gets points as close as it takes.

    Returns
    -------
    Points with the column ``community``: the label of their polygon. A polygon without lines has
    none.

    Examples
    --------
    >>> square = gpd.GeoSeries([shapely.box(0, 0, 500, 400)], index=["A"], crs="EPSG:3857")
    >>> street = gpd.GeoSeries([shapely.LineString([(-100, 50), (400, 50)])], crs="EPSG:3857")
    >>> found = spread_along(square, street, 25)
    >>> len(found), float(found.geometry.x.min()), float(found.geometry.x.max())
    (16, 12.5, 387.5)
    """
    parts = lines.to_numpy()
    area, line = shapely.STRtree(parts).query(shapes.to_numpy(), predicate="intersects")
    within = _cut(parts, line, shapes.to_numpy(), area)
    pieces, at = shapely.get_parts(within, return_index=True)
    pieces, at = shapely.get_parts(pieces), area[at]
    metres = shapely.length(pieces)
    order = np.flatnonzero(metres > 0)
    order = order[np.argsort(at[order], kind="stable")]
    pieces, at, metres = pieces[order], at[order], metres[order]
    owners, first = np.unique(at, return_index=True)
    total = np.add.reduceat(metres, first) if len(first) else metres
    closest = np.ceil(total / FINEST_SPACING_M)
    n = np.maximum(np.rint(total / spacing_m), np.minimum(LEAST_POINTS, closest)).astype(np.int64)
    owner = np.repeat(np.arange(len(owners)), n)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(n) - n, n)
    begin = np.cumsum(metres) - metres
    place = begin[first][owner] + (step + 0.5) * (total / np.maximum(n, 1))[owner]
    piece = np.clip(np.searchsorted(begin, place, side="right") - 1, 0, None)
    found = shapely.line_interpolate_point(pieces[piece], place - begin[piece])
    return gpd.GeoDataFrame(
        {"community": shapes.index.take(owners[owner])}, geometry=found, crs=shapes.crs
    )


def _cut(lines: np.ndarray, line: np.ndarray, areas: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Return what of each line lies within its area: most lie there wholly, and need no cut."""
    shapely.prepare(areas)
    # Only what an intersection would leave as it is: it cuts a line where it crosses itself, and
    # drops a vertex that is there twice.
    once = shapely.get_num_coordinates(shapely.remove_repeated_points(lines))
    plain = (shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING) & (
        once == shapely.get_num_coordinates(lines)
    )
    plain &= shapely.is_simple(lines) & ~shapely.has_z(lines)
    cut: np.ndarray = lines[line]
    across = ~(plain[line] & shapely.contains_properly(areas[area], cut))
    cut[across] = shapely.intersection(cut[across], areas[area[across]])
    return cut


def grid_size(shapes: gpd.GeoSeries, spacing_m: float) -> int:
    """Return how many places a grid over the bounds of each polygon has, about.

    Parameters
    ----------
    shapes
        Polygons in a metric CRS.
    spacing_m
        Distance between neighbouring places.

    Returns
    -------
    The number of places.

    Examples
    --------
    >>> grid_size(gpd.GeoSeries([shapely.box(0, 0, 500, 400)]), 100)
    20
    """
    west, south, east, north = shapes.bounds.to_numpy().T
    return int(np.nansum((east - west) * (north - south)) / spacing_m**2)


def hexagons(extent: BaseGeometry, width_m: float, crs: object) -> gpd.GeoDataFrame:
    """Return hexagons that cover an area.

    Parameters
    ----------
    extent
        The area, in a metric CRS.
    width_m
        Distance between the centres of neighbouring hexagons.
    crs
        The CRS of the area.

    Returns
    -------
    Whole hexagons whose centre lies in the area, with the columns ``id`` and ``name``: a letter
    for the row from north to south and a number from west to east.
    """
    west, south, east, north = extent.bounds
    step_y = width_m * np.sqrt(3) / 2
    rows = int((north - south) / step_y) + 2
    columns = int((east - west) / width_m) + 2
    row, column = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    x = west + (column + 0.5 * (row % 2)) * width_m
    y = north - row * step_y
    inside = shapely.contains_xy(extent, x, y)
    turn = np.radians(30 + 60 * np.arange(6))
    corners = np.stack([np.cos(turn), np.sin(turn)], axis=1) * width_m / np.sqrt(3)
    centres = np.stack([x[inside], y[inside]], axis=1)
    # Cells on the very bounds have their centre without: count from the first that is there.
    lines, places = (grid[inside] - grid[inside].min(initial=grid.max()) for grid in (row, column))
    ids = [f"{_letters(r)}{c + 1:02d}" for r, c in zip(lines, places, strict=True)]
    shapes = shapely.polygons(centres[:, None, :] + corners[None, :, :])
    return gpd.GeoDataFrame({"id": ids, "name": ids}, geometry=shapes, crs=crs)


def one_per_cell(points: gpd.GeoSeries, spacing_m: float) -> pd.Index:
    """Return one point for each cell of a square grid: that nearest to the cell's centre.

    Parameters
    ----------
    points
        Points in a metric CRS.
    spacing_m
        Width of a cell.

    Returns
    -------
    Labels of the points chosen, in rows from north-west to south-east.
    """
    xy = shapely.get_coordinates(points.to_numpy())
    cell = np.floor(xy / spacing_m).astype(np.int64)
    off = np.hypot(*(xy - (cell + 0.5) * spacing_m).T)
    frame = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "i": cell[:, 0], "j": -cell[:, 1]})
    chosen = frame.assign(off=off).sort_values(["j", "i", "off", "x", "y"])
    labels: pd.Index = points.index[chosen.drop_duplicates(["j", "i"]).index]
    return labels


def _grid(shape: BaseGeometry, spacing_m: float) -> np.ndarray:
    west, south, east, north = shape.bounds
    x = np.arange(np.floor(west / spacing_m), np.ceil(east / spacing_m)) + 0.5
    y = np.arange(np.floor(south / spacing_m), np.ceil(north / spacing_m)) + 0.5
    gx, gy = np.meshgrid(x * spacing_m, y * spacing_m)
    inside = shapely.contains_xy(shape, gx, gy)
    return np.stack([gx[inside], gy[inside]], axis=1)


def _letters(number: int) -> str:
    """Return A, B, ... Z, AA, AB, ... for 0, 1, ..."""
    letters = ""
    number = int(number) + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
