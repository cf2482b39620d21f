"""Where shapes stand on a page: whole steps of a millionth of a degree, each from the one before.

A step is about a decimetre. Written as offsets, a vertex takes some six characters instead of
twenty, and two shapes that share a border still share it to the last digit.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.engine import crs

STEPS_PER_DEGREE = 1_000_000

Shapes = NDArray[np.object_]
Flat = list[int]


class Quantizer:
    """Converts shapes of the metric CRS to places on the page: whole steps from the south-west.

    Parameters
    ----------
    metric
        CRS of the shapes.
    bounds
        West, south, east and north of what is drawn, in that CRS.
    datum
        Datum of the page: ``"wgs84"``, or ``"gcj02"`` over a basemap that is shifted.
    """

    def __init__(self, metric: Any, bounds: NDArray[np.float64], datum: crs.Datum) -> None:
        self.to_degrees = crs.transformer_to_wgs84(metric)
        self.datum = datum
        self.origin = np.zeros(2, dtype=np.int64)
        west, south, east, north = bounds
        edge = shapely.segmentize(shapely.box(west, south, east, north), (east - west) / 4 or 1.0)
        around = self._steps(shapely.get_coordinates(edge))
        self.origin = around.min(axis=0)
        self.size = around.max(axis=0) - self.origin

    def _steps(self, xy: NDArray[np.float64]) -> NDArray[np.int64]:
        lon, lat = self.to_degrees.transform(xy[:, 0], xy[:, 1])
        degrees = np.column_stack(crs.from_wgs84(lon, lat, self.datum))
        return np.rint(degrees * STEPS_PER_DEGREE).astype(np.int64) - self.origin

    def metres(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Convert places on the page to the metric CRS.

        Parameters
        ----------
        steps
            Steps east and north, shape (n, 2).

        Returns
        -------
        Metres, shape (n, 2).
        """
        lon, lat = ((steps + self.origin) / STEPS_PER_DEGREE).T
        lon, lat = crs.to_wgs84(lon, lat, self.datum)
        return np.column_stack(self.to_degrees.transform(lon, lat, direction="INVERSE"))

    def points(self, shapes: Shapes) -> list[list[int] | None]:
        """Return points as places on the page.

        Parameters
        ----------
        shapes
            Points in the metric CRS; some may be missing or empty.

        Returns
        -------
        Steps east and north for each; None for a missing or empty one.
        """
        there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        placed = iter(self._steps(shapely.get_coordinates(shapes[there])).tolist())
        return [next(placed) if found else None for found in there]

    def run(self, xy: NDArray[np.float64]) -> Flat:
        """Return a row of points as one run of offsets.

        Parameters
        ----------
        xy
            Metres, shape (n, 2).

        Returns
        -------
        Steps east and north from the point before, flat.
        """
        offsets: Flat = np.diff(self._steps(xy), axis=0, prepend=0).ravel().tolist()
        return offsets

    def lines(self, shapes: Shapes) -> list[Flat]:
        """Return the single lines of all shapes as runs of offsets.

        Parameters
        ----------
        shapes
            Lines of one or several parts in the metric CRS.

        Returns
        -------
        A run for each part.
        """
        parts = shapely.get_parts(shapes)
        return self._runs(parts[shapely.get_type_id(parts) == 1])

    def polygons(self, shapes: Shapes) -> list[list[list[Flat]]]:
        """Return each shape as a list of polygons, a polygon as a list of rings.

        Parameters
        ----------
        shapes
            Polygons of one or several parts in the metric CRS.

        Returns
        -------
        For each shape its polygons, for each polygon its rings, as runs of offsets that are not
        closed.
        """
        parts, owner = shapely.get_parts(shapes, return_index=True)
        areal = shapely.get_type_id(parts) == 3
        parts, owner = parts[areal], owner[areal]
        rings, polygon = shapely.get_rings(parts, return_index=True)
        placed: list[list[list[Flat]]] = [[] for _ in shapes]
        of_part: list[list[Flat]] = [[] for _ in parts]
        for ring, part in zip(self._runs(rings), polygon, strict=True):
            of_part[part].append(ring[:-2])
        for rings_of_part, shape in zip(of_part, owner, strict=True):
            placed[shape].append(rings_of_part)
        return placed

    def _runs(self, lines: Shapes) -> list[Flat]:
        xy, owner = shapely.get_coordinates(lines, return_index=True)
        if not len(xy):
            return []
        steps = self._steps(xy)
        first = np.flatnonzero(np.diff(owner, prepend=-1))
        offsets = np.diff(steps, axis=0, prepend=0)
        offsets[first] = steps[first]
        return [run.ravel().tolist() for run in np.split(offsets, first[1:])]


def middles(shapes: Shapes) -> Shapes:
    """Return where a label stands best: the middle of the largest circle in the largest part.

    Parameters
    ----------
    shapes
        Polygons in a metric CRS.

    Returns
    -------
    A point for each; None for one without an area.
    """
    out = np.full(len(shapes), None, dtype=object)
    for number, shape in enumerate(shapes):
        parts = [part for part in shapely.get_parts(shape) if part.area > 0]
        if parts:
            largest = max(parts, key=lambda part: part.area)
            tolerance = max(1.0, math.sqrt(largest.area) / 50)
            circle = shapely.maximum_inscribed_circle(largest, tolerance=tolerance)
            out[number] = shapely.get_point(circle, 0)
    return out
