"""Points and streets by squares of the ground: those of a window are found without all others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array

from planner.engine.network.graph.scraps import SHARE_OF_LONGEST

_SOME = 2**20  # edges looked at in one go: copies of all would take a gigabyte


class Squares:
    """Points sorted by the square they lie in.

    Parameters
    ----------
    xy
        Their coordinates, n x 2, metres; one that is not a number lies nowhere.
    side_m
        Side of a square, metres.
    low
        A corner of a square; the least coordinates if not given.
    """

    def __init__(
        self, xy: NDArray[np.float64], side_m: float, low: NDArray[np.float64] | None = None
    ) -> None:
        there = np.flatnonzero(np.isfinite(xy).all(axis=1))
        some = xy if len(there) == len(xy) else xy[there]
        self.side_m = side_m
        self.low = np.zeros(2) if not len(some) else some.min(axis=0) if low is None else low
        column, row = (
            np.floor((some[:, axis] - self.low[axis]) / side_m).astype(np.int64) for axis in (0, 1)
        )
        self._first = np.array([one.min(initial=0) for one in (column, row)])
        self._columns = int(column.max(initial=0) - self._first[0]) + 1
        square = (row - self._first[1]) * self._columns + (column - self._first[0])
        order = np.argsort(square, kind="stable")
        self._square = square[order]
        self._order = there[order].astype(np.int32)

    def within(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the points of all squares that a window touches, in no order.

        Parameters
        ----------
        low, high
            Least and greatest coordinates of the window, metres.
        """
        ends = np.floor((np.array([low, high]) - self.low) / self.side_m) - self._first
        left, right = np.clip(ends[:, 0], [0, -1], [self._columns, self._columns - 1]).astype(int)
        last = self._square[-1] // self._columns if len(self._square) else -1
        rows = np.arange(max(ends[0, 1], 0), min(ends[1, 1], last) + 1, dtype=np.int64)
        if left > right or not len(rows):
            return self._order[:0]
        begin = np.searchsorted(self._square, rows * self._columns + left)
        end = np.searchsorted(self._square, rows * self._columns + right, side="right")
        return np.concatenate([self._order[a:b] for a, b in zip(begin, end, strict=True)])

    def each(self) -> Iterator[NDArray[np.int32]]:
        """Return the points of each square that has any, in their own order."""
        starts = np.flatnonzero(np.diff(self._square, prepend=-1))
        return (one for one in np.split(self._order, starts[1:]) if len(one))


class StreetsBySquare:
    """Streets, straight from node to node, found by where they lie.

    Parameters
    ----------
    nodes
        Nodes: `x` and `y`, metres.
    edges
        Edges: `u`, `v` (labels of nodes) and `length_m`.
    side_m
        Side of a square, metres.
    pass_over_m
        Parts shorter than this are scraps.
    """

    def __init__(
        self, nodes: pd.DataFrame, edges: pd.DataFrame, side_m: float, pass_over_m: float
    ) -> None:
        self.xy: NDArray[np.float64] = nodes[["x", "y"]].to_numpy(float)
        self.length: NDArray[np.float64] = edges["length_m"].to_numpy(float)
        # Places of the ends among the nodes; -1 for an unknown one.
        self.u, self.v = (
            nodes.index.get_indexer(pd.Index(edges[end])).astype(np.int32) for end in ("u", "v")
        )
        self._side_m, self._pass_over_m = side_m, pass_over_m
        # Place of each node in the piece that is being cut; -1 for those not in it.
        self._number = np.full(len(nodes), -1, np.int32)

    def _some(self) -> Iterator[NDArray[np.intp]]:
        count = len(self.length)
        return (np.arange(first, min(first + _SOME, count)) for first in range(0, count, _SOME))

    def too_short(self) -> NDArray[np.intp]:
        """Return the edges that are shorter than the straight line between their ends."""
        found = [np.empty(0, np.intp)]
        for at in self._some():
            chord = np.hypot(*(self.xy[self.u[at]] - self.xy[self.v[at]]).T)
            found.append(at[self.length[at] < chord * (1 - 1e-6) - 1e-3])
        return np.concatenate(found)

    @cached_property
    def _middles(self) -> tuple[Squares, NDArray[np.intp]]:
        """Edges by the square of their middle, and those longer than a square, in no square."""
        middle = np.empty((len(self.length), 2))
        for at in self._some():
            a, b = self.xy[self.u[at]], self.xy[self.v[at]]
            middle[at] = (a + b) / 2
            middle[at[(np.abs(a - b) > self._side_m).any(axis=1)]] = np.nan
        return Squares(middle, self._side_m), np.flatnonzero(np.isnan(middle[:, 0]))

    @cached_property
    def _scrap(self) -> NDArray[np.bool_]:
        """Whether each edge belongs to a scrap, as `scrap_edges` has it of the whole network."""
        if self._pass_over_m <= 0:
            return np.zeros(len(self.length), bool)
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  slow to load

        links = coo_array(
            (np.ones(len(self.u), np.int8), (self.u, self.v)), shape=(len(self.xy),) * 2
        )
        part = connected_components(links, directed=False)[1][self.u]
        length = np.bincount(part, weights=self.length)
        least = min(self._pass_over_m, SHARE_OF_LONGEST * float(length.max()))
        found: NDArray[np.bool_] = (length < least)[part]
        return found

    def cut(
        self, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> tuple[pd.DataFrame, pd.DataFrame] | None:
        """Cut out the streets that touch a window, in their own order.

        Parameters
        ----------
        low, high
            Least and greatest coordinates of the window, metres.

        Returns
        -------
        Nodes (`x`, `y`) and edges (`u`, `v`, `length_m`, `scrap`) numbered from 0; None where there
        are none.
        """
        squares, long = self._middles
        half = squares.side_m / 2
        kept = np.sort(np.concatenate([squares.within(low - half, high + half), long]))
        a, b = self.xy[self.u[kept]], self.xy[self.v[kept]]
        kept = kept[((np.minimum(a, b) <= high) & (np.maximum(a, b) >= low)).all(axis=1)]
        if not len(kept):
            return None
        u, v = self.u[kept], self.v[kept]
        self._number[u] = self._number[v] = 0
        nodes = np.flatnonzero(self._number >= 0)
        self._number[nodes] = np.arange(len(nodes), dtype=np.int32)
        u, v = self._number[u], self._number[v]
        self._number[nodes] = -1
        edges = {"u": u, "v": v, "length_m": self.length[kept], "scrap": self._scrap[kept]}
        return pd.DataFrame(self.xy[nodes], columns=["x", "y"]), pd.DataFrame(edges)
