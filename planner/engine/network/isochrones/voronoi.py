"""Draw the borders between the areas of facilities, on the raster that reach is drawn on.

A place belongs to the facility that the foot of its way to the nearest street belongs to. Where two
neighbouring cells differ, the border between them is found by halving; where more than two of a
square differ, their borders meet in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from planner.engine.network.graph.arrays import Ground
from planner.engine.network.isochrones.raster import Raster
from planner.engine.network.search.kernels import NONE

_HALVINGS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Owners:
    """Nearest facility of the streets, piece by piece: see `reached_edges.cut_at_limit`."""

    ground: Ground
    begin: np.ndarray  # two per edge, and the share of it
    end: np.ndarray
    who: np.ndarray

    @classmethod
    def of(cls, ground: Ground, pieces: pd.DataFrame) -> Owners:
        """Build the table that places are looked up in.

        Parameters
        ----------
        ground
            Geometry of the streets.
        pieces
            What `cut_at_limit` found.

        Returns
        -------
        The table.
        """
        edge = 2.0 * pieces["edge"].to_numpy()
        begin, end = (edge + pieces[name].to_numpy() for name in ("start", "end"))
        return cls(ground=ground, begin=begin, end=end, who=pieces["who"].to_numpy(np.int64))

    def at(self, edge: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Return the facility that places on the streets belong to, -1 beyond reach.

        Parameters
        ----------
        edge, share
            Position of the edge, and share of it (n).

        Returns
        -------
        Number of the facility (n).
        """
        if not len(self.who):
            return np.full(len(edge), NONE)
        place = 2.0 * edge + share
        i = np.maximum(np.searchsorted(self.begin, place, side="right") - 1, 0)
        return np.where((self.begin[i] <= place) & (place <= self.end[i]), self.who[i], NONE)

    def by(self, segment: np.ndarray, xy: np.ndarray) -> np.ndarray:
        """Return the facility that places belong to which go by known segments.

        Parameters
        ----------
        segment
            First vertex of each segment (n), -1 for none.
        xy
            The places, n x 2, metres.

        Returns
        -------
        Number of the facility (n), -1 for none.
        """
        edge, share, _ = self._foot(segment, xy)
        return np.where(segment == NONE, NONE, self.at(edge, share))

    def near(self, one: np.ndarray, other: np.ndarray, xy: np.ndarray) -> np.ndarray:
        """Return the facility that places belong to which go by the nearer of two segments.

        Parameters
        ----------
        one, other
            First vertex of both segments (n), -1 for none.
        xy
            The places, n x 2, metres.

        Returns
        -------
        Number of the facility (n), -1 for none.
        """
        square, square_b = (
            np.where(segment == NONE, np.inf, self._foot(segment, xy)[2])
            for segment in (one, other)
        )
        return self.by(np.where(square_b < square, other, one), xy)

    def of_segments(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the facility at each segment's beginning, and whether it has all of it."""
        ground = self.ground
        edge, at = ground.vertex_edge, ground.vertex_at
        who = self.at(edge, at)
        place = 2.0 * edge + at
        after = np.searchsorted(self.begin, place, side="right")
        step = np.diff(at, append=0.0)
        ends = np.where(who == NONE, np.inf, self.end[np.maximum(after - 1, 0)])
        following = np.append(self.begin, np.inf)[after]
        return who, np.minimum(ends, following) >= place + step

    def _foot(
        self, segment: np.ndarray, xy: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the foot of places on segments: edge, share of it, squared distance."""
        i = np.maximum(segment, 0)
        ground = self.ground
        a, way = ground.vertex_xy[i], ground.vertex_xy[i + 1] - ground.vertex_xy[i]
        square = (way**2).sum(axis=1)
        t = np.divide(((xy - a) * way).sum(axis=1), square, out=np.zeros(len(i)), where=square > 0)
        t = np.clip(t, 0.0, 1.0)
        share = ground.vertex_at[i] + t * (ground.vertex_at[i + 1] - ground.vertex_at[i])
        return ground.vertex_edge[i], share, ((xy - a - t[:, None] * way) ** 2).sum(axis=1)


def draw_borders(owners: Owners, raster: Raster, span: np.ndarray) -> Any:
    """Return the borders in a window as short lines that meet at their ends.

    Parameters
    ----------
    owners
        Whose the streets are.
    raster, span
        The nearest segment of each cell, and the window: first and last column and row.

    Returns
    -------
    numpy.ndarray
        Lines, in no order; round every area they are closed.
    """
    x0, y0, size = raster.frame[:3]
    # Nothing lies beyond the window, so that every area is closed.
    cell = np.pad(raster.cell[span[2] : span[3], span[0] : span[1]] - 1, 1, constant_values=NONE)
    shape, segment = cell.shape, cell.ravel()

    def _place(number: np.ndarray) -> np.ndarray:
        row, column = np.divmod(number, shape[1])
        corner = np.array([x0 + size * (span[0] - 1), y0 + size * (span[2] - 1)])
        xy: np.ndarray = corner + size * np.column_stack([column, row])
        return xy

    who = _owners_of_cells(owners, segment, _place).reshape(shape)
    number = np.arange(segment.size).reshape(shape)
    sides, points = [], []
    crossings = 0
    for here, there in (np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:]):
        differs = who[here] != who[there]
        side = np.full(differs.shape, NONE, np.int32)
        a, b = number[here][differs], number[there][differs]
        side[differs] = crossings + np.arange(len(a))
        crossings += len(a)
        sides.append(side)
        points.append(_between(owners, segment[a], segment[b], _place(a), _place(b)))
    across, up = sides
    xy = np.concatenate(points)
    # The four sides of each square of cells: borders run from one crossing to the other.
    square = np.stack([across[:-1], across[1:], up[:, :-1], up[:, 1:]], axis=2)
    square = square[(square != NONE).any(axis=2)]
    square = -np.sort(-square, axis=1)  # crossings first
    two = square[:, 2] == NONE
    through = xy[square[two, :2]]
    many = square[~two]
    there = many != NONE
    middle = (xy[many] * there[:, :, None]).sum(axis=1) / there.sum(axis=1)[:, None]
    spokes = np.stack([xy[many], np.broadcast_to(middle[:, None], (*many.shape, 2))], axis=2)
    lines: Any = shapely.linestrings(np.concatenate([through, spokes[there]]))
    return lines


def _owners_of_cells(owners: Owners, segment: np.ndarray, place: Any) -> np.ndarray:
    """Return the facility of each cell; the foot is sought only on segments of more than one."""
    first, pure = owners.of_segments()
    i = np.maximum(segment, 0)
    who = np.where(segment == NONE, NONE, first[i])
    mixed = np.flatnonzero((segment != NONE) & ~pure[i])
    who[mixed] = owners.by(segment[mixed], place(mixed))
    return who


def _between(
    owners: Owners, one: np.ndarray, other: np.ndarray, here: np.ndarray, there: np.ndarray
) -> np.ndarray:
    """Return the border between neighbours by halving; each goes by a segment of its own."""
    mine = owners.by(one, here)
    for _ in range(_HALVINGS):
        middle: np.ndarray = 0.5 * (here + there)
        same = (owners.near(one, other, middle) == mine)[:, None]
        here, there = np.where(same, middle, here), np.where(same, there, middle)
    found: np.ndarray = 0.5 * (here + there)
    return found
