# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""Which street each cell of the ground goes by: a raster of nearest segments, filled when needed.

A cell goes by the segment nearest to its centre. Cells are worked out block by block: whatever is
nearest to a cell of a block is near the block's centre, so that few segments have to be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.engine.jit import compiled, compiled_part
from planner.engine.network.graph.arrays import Ground, Streets
from planner.engine.network.graph.segments import NO_GUESS, foot_on, nearest_segment

CELL_M = 5.0
_BLOCK = 8  # cells along a side of the blocks that are worked out in one go
_PART = 4  # cells along a side of the parts of a block whose streets are sorted
_MOST_CELLS = 2 * 10**8


class Raster(NamedTuple):
    """Nearest segment of each cell, within the snap limit."""

    cell: np.ndarray  # int32, rows x columns: first vertex of the segment and 1; 0 for none so far
    ready: np.ndarray  # bool, one per block: whether its cells are worked out
    off: np.ndarray  # float64, per segment: metres to the farthest cell that goes by it
    frame: np.ndarray  # float64: x and y of the first cell's centre, cell size, snap limit


@dataclass(frozen=True, kw_only=True)
class Rasters:
    """The raster of a network, shared between threads; none where the network is too wide."""

    full: Raster | None
    snap_m: float
    lock: Lock = field(default_factory=Lock)

    def window(
        self, ground: Ground, box: np.ndarray, near: np.ndarray | None = None
    ) -> tuple[Raster, np.ndarray]:
        """Return the raster with the cells of a box filled, and the window of these cells.

        Parameters
        ----------
        ground
            The segments and their grid.
        box
            Least and largest x and y (x, y, x, y), metres.
        near
            First vertices of segments: cells that lie by none of them may stay as they are. All
            cells are filled by default.

        Returns
        -------
        (raster, span)
            The raster, and first and last column, first and last row of the window (4).
        """
        raster = self.full or _blank(box, self.snap_m, len(ground.vertex_xy))
        x0, y0, size, _ = raster.frame
        rows, columns = raster.cell.shape
        low = np.floor((box[:2] - [x0, y0]) / size).astype(np.int64) - 1
        high = np.ceil((box[2:] - [x0, y0]) / size).astype(np.int64) + 2
        low, high = np.maximum(low, 0), np.minimum(high, [columns, rows])
        span = np.array([low[0], high[0], low[1], high[1]])
        blocks = np.array(
            [low[1] // _BLOCK, -(-high[1] // _BLOCK), low[0] // _BLOCK, -(-high[0] // _BLOCK)]
        )
        ready = raster.ready[blocks[0] : blocks[1], blocks[2] : blocks[3]]
        wanted = ~ready
        if near is not None and wanted.any():
            wanted &= _blocks_near(ground.vertex_xy, near, raster.frame, blocks)
        if wanted.any():
            with self.lock:  # others may have worked some out meanwhile
                _work_out(ground, raster, wanted & ~ready, blocks[0], blocks[2])
        return raster, span


def rasters_of(network: Streets, snap_m: float) -> Rasters:
    """Return the raster of a network for a snap limit, begun where there is none yet.

    Parameters
    ----------
    network
        The streets.
    snap_m
        How far a place may lie from its street, metres.

    Returns
    -------
    The raster and its lock.
    """
    key = ("raster", snap_m)
    if key not in network.kept:
        xy = network.ground.vertex_xy
        box = np.concatenate([xy.min(axis=0) - snap_m, xy.max(axis=0) + snap_m])
        cells = np.prod((box[2:] - box[:2]) / CELL_M)
        full = _blank(box, snap_m, len(xy)) if cells <= _MOST_CELLS else None
        network.kept[key] = Rasters(full=full, snap_m=snap_m)
    found: Rasters = network.kept[key]
    return found


def _blank(box: np.ndarray, snap_m: float, vertices: int) -> Raster:
    # Blocks lie where they lie in the whole system, wherever a network ends: streets cut out of a
    # larger network are drawn as there.
    low = np.floor((box[:2] - 4 * CELL_M) / (CELL_M * _BLOCK)) * (CELL_M * _BLOCK)
    columns, rows = (-(-(box[2:] - low + 4 * CELL_M) // (CELL_M * _BLOCK))).astype(np.int64)
    return Raster(
        np.zeros((rows * _BLOCK, columns * _BLOCK), np.int32),
        np.zeros((rows, columns), np.bool_),
        np.zeros(vertices),
        np.array([*low, CELL_M, snap_m]),
    )


def _blocks_near(
    xy: np.ndarray, near: np.ndarray, frame: np.ndarray, blocks: np.ndarray
) -> NDArray[np.bool_]:
    """Return which blocks hold a cell that may lie by a segment, or beside such a cell.

    Parameters
    ----------
    xy
        Vertices, vertices x 2, metres.
    near
        First vertices of the segments.
    frame
        That of the raster.
    blocks
        First and last row of blocks, first and last column, the last ones excluded.

    Returns
    -------
    Rows x columns.
    """
    first, shape = blocks[[2, 0]], (blocks[3] - blocks[2], blocks[1] - blocks[0])  # x, y
    wide, side = frame[3] + 2 * frame[2], _BLOCK * frame[2]
    ends = np.stack([xy[near], xy[near + 1]]) - frame[:2]
    low = np.clip((ends.min(axis=0) - wide) // side - first, 0, shape).astype(np.int64)
    high = np.clip((ends.max(axis=0) + wide) // side + 1 - first, 0, shape).astype(np.int64)
    # A rectangle of ones for each segment, by what changes at its corners.
    across = shape[0] + 1
    change = np.zeros(across * (shape[1] + 1), np.int64)
    for x, y, step in ((low, low, 1), (high, high, 1), (low, high, -1), (high, low, -1)):
        change += step * np.bincount(y[:, 1] * across + x[:, 0], minlength=len(change))
    table = change.reshape(-1, across).cumsum(axis=0).cumsum(axis=1)
    return table[:-1, :-1] > 0


@compiled
def _work_out(ground: Ground, raster: Raster, wanted: np.ndarray, top: int, west: int) -> None:
    """Find the nearest segment of every cell in some blocks, from a row and a column of them on."""
    x0, y0, size, snap = raster.frame[0], raster.frame[1], raster.frame[2], raster.frame[3]
    xy, cells, ready, off = ground.vertex_xy, raster.cell, raster.ready, raster.off
    gx, gy, grid = ground.frame[0], ground.frame[1], ground.frame[2]
    grid_columns, grid_rows = int(ground.frame[3]), int(ground.frame[4])
    cell_start, cell_segment = ground.cell_start, ground.cell_segment
    near, apart = np.empty(1024, np.int64), np.empty(1024)
    half = 0.5 * (_BLOCK - 1) * size
    reach = half * np.sqrt(2.0)
    for block_row in range(top, top + wanted.shape[0]):
        guess = NO_GUESS
        for block_column in range(west, west + wanted.shape[1]):
            if not wanted[block_row - top, block_column - west]:
                continue
            row, column = block_row * _BLOCK, block_column * _BLOCK
            x, y = x0 + column * size + half, y0 + row * size + half
            guess, square = nearest_segment(ground, x, y, snap + reach, guess)
            # Whatever is nearest to a cell of the block is no farther from its centre than this.
            wide = np.sqrt(square) + 2 * reach + 1e-6
            count = 0
            if guess >= 0:
                first = min(max(int((y - wide - gy) / grid), 0), grid_rows - 1)
                last = min(max(int((y + wide - gy) / grid), 0), grid_rows - 1)
                left = min(max(int((x - wide - gx) / grid), 0), grid_columns - 1)
                right = min(max(int((x + wide - gx) / grid), 0), grid_columns - 1)
                for r in range(first, last + 1):
                    for k in range(
                        cell_start[r * grid_columns + left],
                        cell_start[r * grid_columns + right + 1],
                    ):
                        i = cell_segment[k]
                        distance, _ = foot_on(xy, i, x, y)
                        if distance <= wide * wide:
                            if count == len(near):
                                count = _without_twins(near)
                            if count < len(near):
                                near[count] = i
                                count += 1
            if count == len(near):  # more streets than fit: look the cells up by themselves
                for r in range(row, row + _BLOCK):
                    for c in range(column, column + _BLOCK):
                        cx, cy = x0 + c * size, y0 + r * size
                        found, best = nearest_segment(ground, cx, cy, snap + 2 * size, guess)
                        cells[r, c] = found + 1
                        if found >= 0:
                            off[found] = max(off[found], np.sqrt(best))
            else:
                for r in range(row, row + _BLOCK, _PART):
                    for c in range(column, column + _BLOCK, _PART):
                        _fill_part(ground, raster, near[:count], apart, r, c)
            ready[block_row, block_column] = True


@compiled_part
def _fill_part(
    ground: Ground,
    raster: Raster,
    near: np.ndarray,
    apart: np.ndarray,
    row: int,
    column: int,
) -> None:
    """Find the nearest segment of every cell in a part of a block.

    Segments are sorted by their distance from the part's centre, those too far for any of its
    cells left out: a cell looks at the first few, until the next one cannot be nearer.

    Parameters
    ----------
    near
        The segments that may be nearest to a cell of the block; sorted anew, in place.
    apart
        Takes the distance of each from the part's centre, in metres.
    row, column
        The part's first cell.
    """
    x0, y0, size, snap = raster.frame[0], raster.frame[1], raster.frame[2], raster.frame[3]
    xy = ground.vertex_xy
    half = 0.5 * (_PART - 1) * size
    x, y = x0 + column * size + half, y0 + row * size + half
    least = np.inf
    for k in range(len(near)):
        square, _ = foot_on(xy, near[k], x, y)
        apart[k] = np.sqrt(square)
        least = min(least, apart[k])
    most = least + 2 * half * np.sqrt(2.0) + 1e-6
    count = 0
    for k in range(len(near)):
        if apart[k] > most:
            continue
        segment, far, at = near[k], apart[k], count
        near[k], apart[k] = near[count], apart[count]  # none is lost: other parts need them
        while at > 0 and apart[at - 1] > far:
            near[at], apart[at] = near[at - 1], apart[at - 1]
            at -= 1
        near[at], apart[at] = segment, far
        count += 1
    for r in range(row, row + _PART):
        for c in range(column, column + _PART):
            cx, cy = x0 + c * size, y0 + r * size
            aside = np.sqrt((cx - x) ** 2 + (cy - y) ** 2) + 1e-6
            found, best = -1, (snap + 2 * size) ** 2
            far = snap + 2 * size
            for k in range(count):
                if apart[k] > far + aside:
                    break
                if near[k] == found:
                    continue
                distance, _ = foot_on(xy, near[k], cx, cy)
                if distance < best or (distance == best and near[k] < found):
                    best, found = distance, near[k]
                    far = np.sqrt(best)
            raster.cell[r, c] = found + 1
            if found >= 0:
                raster.off[found] = max(raster.off[found], far)


@compiled_part
def _without_twins(near: np.ndarray) -> int:
    """Sort a full list and drop what stands there twice; return how many are left."""
    count = 0
    for k in range(len(near)):
        new, at = near[k], count
        while at > 0 and near[at - 1] > new:
            at -= 1
        if at > 0 and near[at - 1] == new:
            continue
        for i in range(count, at, -1):
            near[i] = near[i - 1]
        near[at] = new
        count += 1
    return count
