"""Where a map lies on its page, and how shapes of the ground become outlines there."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.path import Path
from numpy.typing import NDArray

from planner.output.report.figures.canvas import Box, Mark, Outline, Shape

MOST_MERGED = 150_000  # points of lines that are merged
MOST_IN_PATH = 20_000  # points: a longer path takes more than its share of time


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where the map lies on the page.

    Parameters
    ----------
    view
        West, south, east and north of what it shows, in metres.
    box
        Its box on the page, in points.
    pixel
        Metres of a pixel: what is smaller is not drawn.
    """

    view: tuple[float, float, float, float]
    box: Box
    pixel: float

    @property
    def metres(self) -> float:
        """Metres of a point."""
        return (self.view[2] - self.view[0]) / self.box[2]

    def place(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where places are on the page.

        Parameters
        ----------
        xy
            Metres, shape (n, 2).

        Returns
        -------
        Points, shape (n, 2).
        """
        placed: NDArray[np.float64] = (xy - self.view[:2]) / self.metres + self.box[:2]
        return placed

    def merged(self, lines: gpd.GeoSeries) -> NDArray[np.object_]:
        """Merge lines at their ends and thin them to what a pixel shows.

        Parameters
        ----------
        lines
            The lines, in metres.

        Returns
        -------
        The long lines.
        """
        if lines.empty:
            return np.array([], dtype=object)
        parts = shapely.get_parts(lines.to_numpy())
        if shapely.get_num_coordinates(parts).sum() > MOST_MERGED:
            return self._on_grid(parts)
        merged = shapely.line_merge(shapely.multilinestrings(parts))
        return np.asarray(
            shapely.get_parts(shapely.simplify(merged, self.pixel, preserve_topology=False))
        )

    def _on_grid(self, lines: NDArray[np.object_]) -> NDArray[np.object_]:
        """Move lines to a grid of half pixels, and leave out what lies there already.

        What remains is bounded by the pixels of the picture, however many streets there are; and
        to merge a million of lines takes minutes.
        """
        xy, line = shapely.get_coordinates(lines, return_index=True)
        half = self.pixel / 2
        cell = np.rint((xy - self.view[:2]) / half).astype(np.int64)
        step = (line[1:] == line[:-1]) & (cell[1:] != cell[:-1]).any(axis=1)
        ends = np.stack([cell[:-1][step], cell[1:][step]], axis=1)
        turned = (ends[:, 0, 0] > ends[:, 1, 0]) | (
            (ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1])
        )
        ends[turned] = ends[turned, ::-1]
        once = pd.DataFrame(ends.reshape(-1, 4)).drop_duplicates().to_numpy()
        placed = once.reshape(-1, 2) * half + self.view[:2]
        drawn: Any = shapely.linestrings(placed.reshape(-1, 2, 2))
        return np.atleast_1d(drawn)

    def lines(
        self, shapes: Any, colour: str, width: float, dashes: tuple[float, ...] = ()
    ) -> list[Mark]:
        """Draw lines as a few paths: one by one they take most of a picture's time and room.

        Parameters
        ----------
        shapes
            Lines or rings, in metres.
        colour, width, dashes
            How they are drawn; dashes are in widths of the line.

        Returns
        -------
        The marks.
        """
        xy, line = shapely.get_coordinates(shapes, return_index=True)
        if not len(xy):
            return []
        first = np.flatnonzero(np.diff(line, prepend=-1))
        codes = np.full(len(xy), Path.LINETO, dtype=Path.code_type)
        codes[first] = Path.MOVETO
        placed = self.place(xy)
        # A path ends with a line, the first beyond each so many points.
        cuts = [*first[np.flatnonzero(np.diff(first // MOST_IN_PATH, prepend=-1))], len(xy)]
        paths = [Path(placed[a:b], codes[a:b]) for a, b in itertools.pairwise(cuts)]
        marks: list[Mark] = [
            Shape(
                outline=Outline(path), edge=colour, line=width,
                dashes=tuple(dash * width for dash in dashes),
            )
            for path in paths
        ]  # fmt: skip
        return marks

    def outlines(self, shapes: Any) -> list[Outline | None]:
        """Make an outline of each polygon, holes left open; None where there is nothing.

        Parameters
        ----------
        shapes
            Polygons of one or several parts, in metres.

        Returns
        -------
        An outline for each.
        """
        thin = shapely.simplify(np.asarray(shapes, dtype=object), self.pixel / 2)
        return [self._outline(shape) for shape in thin]

    def _outline(self, shape: Any) -> Outline | None:
        parts: Any = shapely.get_parts(shape) if shape is not None else np.array([], dtype=object)
        areal = parts[(shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)]
        xy, ring = shapely.get_coordinates(
            shapely.get_rings(shapely.orient_polygons(areal)), return_index=True
        )
        if not len(xy):
            return None
        codes = np.full(len(xy), Path.LINETO, dtype=Path.code_type)
        first = np.flatnonzero(np.diff(ring, prepend=-1))
        codes[first] = Path.MOVETO
        codes[np.append(first[1:], len(xy)) - 1] = Path.CLOSEPOLY
        return Outline(Path(self.place(xy), codes))
