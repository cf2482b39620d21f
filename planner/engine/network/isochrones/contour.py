# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""Trace the border of reach from cell to cell, each vertex where the exact border is.

The cells decide the shape of the border, the formula of travel times where it runs: between a cell
inside and its neighbour outside, time runs out along a straight line on one street, or where the
nearest street changes. So the polygon agrees with travel times to a millimetre,
though the raster is coarse.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.engine.jit import compiled, compiled_part
from planner.engine.network.isochrones.raster import Raster
from planner.engine.network.isochrones.reach_mask import (
    BEYOND,
    OWN,
    SegmentLine,
    foot_of,
    is_within,
    mask_within,
    segment_line,
    time_at,
    time_near_own,
)
from planner.engine.network.isochrones.reached_segments import SegmentBuffers
from planner.engine.network.search.kernels import NONE

_CLOSE = 2e-4  # share of the step between two cells
_TIE = 1e-9  # square metres: rounding, not distance
_ALL_INSIDE = np.uint64(0x0101010101010101)
# What stands in a cell: inside; inside, and the border to its east is traced; a bit for inside,
# and asked which ring passes to its west.
_INSIDE, _CROSSED, _ASKED = 1, 3, np.uint8(4)


class Rings(NamedTuple):
    """Closed rings, each shell before its holes: what a multipolygon is made of."""

    points: np.ndarray
    starts: np.ndarray  # int64, rings + 1: where each ring starts
    shells: np.ndarray  # int64, shells + 1: which rings are shells, and the number of rings


class Traced(NamedTuple):
    """Rings as they were traced, those below a least area without their points."""

    points: np.ndarray
    starts: np.ndarray  # int64, rings with points + 1: where each starts
    turns: np.ndarray  # int64, rings with points: the turn in which each was traced
    beside: np.ndarray  # int64, turns: of a hole, the next cell on its row whose west is a border
    border_cell: np.ndarray  # int64: each such cell
    border_turn: np.ndarray  # int64: the turn of the ring that passes to its west


def draw_outline(
    xy: np.ndarray,
    own: np.ndarray,
    buffers: SegmentBuffers,
    within: np.ndarray,
    raster: Raster,
    span: np.ndarray,
    limit: float,
    count: int,
    least: float,
) -> Rings:
    """Draw the border of what is within a limit, in a window of the raster.

    The inside lies to the left, so that shells turn left and holes right; cells that touch at a
    corner alone are parted. The buffers' states are left clear for the next drawing.

    Parameters
    ----------
    xy
        Vertices of the streets, vertices x 2, metres.
    own
        Facilities on the streets, see `Field`.
    buffers
        What `list_segments` found.
    within
        Memory for the cells of the window, see `mask_within`.
    raster, span
        The nearest segment of each cell, and the window: first and last column and row.
    limit
        How far reach goes, in metres walked.
    count
        Number of segments listed.
    least
        Rings and holes of a smaller area are left out, square metres.

    Returns
    -------
    The rings, each shell before its holes.
    """
    return _in_order(trace(xy, own, buffers, within, raster, span, limit, count, least))


def _in_order(traced: Traced) -> Rings:
    """Return the rings with every hole behind its shell."""
    points, starts, turns, beside, border_cell, border_turn = traced
    shell = np.arange(len(beside))  # of each turn, that of its shell
    holes = np.flatnonzero(beside != NONE)
    if len(holes):
        order = np.argsort(border_cell)
        found = np.searchsorted(border_cell, beside[holes], sorter=order)
        shell[holes] = border_turn[order[found]]
        # The border next to a hole is the shell's, or that of another hole in it.
        while (shell[shell] != shell).any():
            shell = shell[shell]
    of_shell = shell[turns]
    is_shell = of_shell == turns
    order = np.argsort(of_shell, kind="stable")  # a shell is traced before its holes
    shells = np.append(np.flatnonzero(is_shell[order]), len(turns))
    if (order[:-1] > order[1:]).any():
        parts = [points[starts[ring] : starts[ring + 1]] for ring in order.tolist()]
        points = np.concatenate(parts)
        starts = np.append(0, np.cumsum(np.diff(starts)[order]))
    return Rings(points, starts, shells)


@compiled
def trace(
    xy: np.ndarray,
    own: np.ndarray,
    buffers: SegmentBuffers,
    within: np.ndarray,
    raster: Raster,
    span: np.ndarray,
    limit: float,
    count: int,
    least: float,
) -> Traced:
    """Trace the rings of what is within a limit, from the lowest row on.

    Parameters
    ----------
    xy, own, buffers, within, raster, span, limit, count, least
        As for `draw_outline`.

    Returns
    -------
    The rings, and what tells in which of them each hole lies.
    """
    mask_within(xy, own, buffers, within, raster, span, limit, count)
    words = within.view(np.uint64)
    points, starts, turns = np.empty((4096, 2)), np.zeros(64, np.int64), np.empty(64, np.int64)
    beside, passed = np.empty(64, np.int64), np.zeros(64, np.int64)
    west = np.empty(4096, np.int64)  # cells that a ring passes to the west of, turn by turn
    rings, turn = 0, 0
    for row in range(1, len(within) - 1):
        for word in range(words.shape[1]):
            eight = words[row, word]
            if eight == 0 or (eight == _ALL_INSIDE and within[row, 8 * word + 8]):
                continue
            for column in range(8 * word, 8 * word + 8):
                if within[row, column] != _INSIDE or within[row, column + 1]:
                    continue
                points, end, area, west, past = _ring(
                    xy, own, buffers, raster, span, limit, within, row, column,
                    points, starts[rings], west, passed[turn],
                )  # fmt: skip
                if turn + 1 == len(passed):
                    beside, passed = _longer_list(beside), _longer_list(passed)
                beside[turn] = NONE
                if area < 0.0:
                    start = column
                    while within[row, start - 1]:
                        start -= 1
                    within[row, start] |= _ASKED
                    beside[turn] = row * within.shape[1] + start
                if abs(area) >= least:
                    if rings + 1 == len(starts):
                        starts, turns = _longer_list(starts), _longer_list(turns)
                    turns[rings] = turn
                    rings += 1
                    starts[rings] = end
                turn += 1
                passed[turn] = past
    for k in range(count):
        buffers.state[buffers.listed[k]] = BEYOND
    asked, by = np.empty(turn, np.int64), np.empty(turn, np.int64)
    n = 0
    for ring in range(turn):
        for k in range(passed[ring], passed[ring + 1]):
            if within[west[k] // within.shape[1], west[k] % within.shape[1]] & _ASKED:
                asked[n], by[n] = west[k], ring
                n += 1
    points, starts = points[: starts[rings]], starts[: rings + 1]
    return Traced(points, starts, turns[:rings], beside[:turn], asked[:n], by[:n])


@compiled_part
def _ring(
    xy: np.ndarray,
    own: np.ndarray,
    buffers: SegmentBuffers,
    raster: Raster,
    span: np.ndarray,
    limit: float,
    within: np.ndarray,
    row: int,
    column: int,
    points: np.ndarray,
    n: int,
    west: np.ndarray,
    past: int,
) -> tuple[np.ndarray, int, float, np.ndarray, int]:
    """Trace one ring from the border to the east of a cell.

    Its points are added to all points, and the cells that it passes to the west of to all such.

    Returns
    -------
    All points, where they end, the signed area, all cells to the east of a border, their end.
    """
    x0, y0, size, snap = raster.frame[0], raster.frame[1], raster.frame[2], raster.frame[3]
    cells, line = raster.cell, buffers.line
    # Steps ahead and to the left by heading: north, west, south, east.
    ahead_row, ahead_column = (1, 0, -1, 0), (0, -1, 0, 1)
    start, area, heading = n, 0.0, 0
    mine_of = other_of = -1
    mine = other = segment_line(xy, line, 0)
    while True:
        if heading == 0:
            if within[row, column] == _CROSSED:
                break
            within[row, column] = _CROSSED
        elif heading == 2:
            if past == len(west):
                west = _longer_list(west)
            west[past] = row * within.shape[1] + column
            past += 1
        right = (heading - 1) & 3
        other_row, other_column = row + ahead_row[right], column + ahead_column[right]
        here = cells[span[2] + row - 1, span[0] + column - 1] - 1
        there = here
        r, c = span[2] + other_row - 1, span[0] + other_column - 1
        if 0 <= r < cells.shape[0] and 0 <= c < cells.shape[1] and cells[r, c] > 0:
            there = cells[r, c] - 1
        x, y = x0 + (span[0] + column - 1) * size, y0 + (span[2] + row - 1) * size
        dx, dy = ahead_column[right] * size, ahead_row[right] * size
        if here != mine_of:
            mine_of, mine = here, segment_line(xy, line, here)
        if there != other_of:
            other_of, other = there, segment_line(xy, line, there)
        share = _border(buffers, own, mine, here, other, there, x, y, dx, dy, limit, snap)
        # Never on a cell's centre, where rings would touch themselves.
        share = min(max(share, _CLOSE), 1.0 - _CLOSE)
        if n + 1 >= len(points):
            points = _longer_points(points)
        points[n, 0], points[n, 1] = x + share * dx, y + share * dy
        if n > start:
            ax, ay = points[n - 1, 0] - points[start, 0], points[n - 1, 1] - points[start, 1]
            bx, by = points[n, 0] - points[start, 0], points[n, 1] - points[start, 1]
            area += 0.5 * (ax * by - ay * bx)
        n += 1
        # Turn left round the own corner, go straight on, or turn right round the other's.
        front_row, front_column = row + ahead_row[heading], column + ahead_column[heading]
        side_row, side_column = front_row + ahead_row[right], front_column + ahead_column[right]
        if within[front_row, front_column] == 0:
            heading = (heading + 1) & 3
        elif within[side_row, side_column] == 0:
            row, column = front_row, front_column
        else:
            row, column, heading = side_row, side_column, right
    points[n, 0], points[n, 1] = points[start, 0], points[start, 1]
    return points, n + 1, area, west, past


@compiled_part
def _longer_list(array: np.ndarray) -> np.ndarray:
    more = np.empty(2 * len(array), np.int64)
    for k in range(len(array)):
        more[k] = array[k]
    return more


@compiled_part
def _longer_points(points: np.ndarray) -> np.ndarray:
    more = np.empty((2 * len(points), 2))
    for k in range(len(points)):
        more[k, 0], more[k, 1] = points[k, 0], points[k, 1]
    return more


@compiled_part
def _border(
    buffers: SegmentBuffers,
    own: np.ndarray,
    mine: SegmentLine,
    here: int,
    other: SegmentLine,
    there: int,
    x: float,
    y: float,
    dx: float,
    dy: float,
    limit: float,
    snap: float,
) -> float:
    """Return the share of a step at which reach ends, from a place inside to one outside.

    By halves, though other ways take fewer looks: whoever is within a limit at a place is within
    every longer one there, so that the border of a longer limit never lies before that of a shorter
    one, and where both end at the same line, they end at the same place. Areas are nested thereby,
    to the last bit. Where both streets are equally near, it goes with the first.
    """
    state = buffers.state
    if state[here] == OWN or state[there] == OWN:
        return _border_near_own(buffers, own, mine, here, other, there, x, y, dx, dy, limit, snap)
    alone, beyond = here == there, state[there] == BEYOND
    low, high = 0.0, 1.0
    while high - low > _CLOSE:
        share = 0.5 * (low + high)
        px, py = x + share * dx, y + share * dy
        square, t = foot_of(mine, px, py)
        if alone:
            inside = is_within(square, time_at(mine, t), limit, snap)
        else:
            to_other, along_other = foot_of(other, px, py)
            if to_other < square - _TIE:
                time = time_at(other, along_other)
                inside = not beyond and is_within(to_other, time, limit, snap)
            else:
                inside = is_within(square, time_at(mine, t), limit, snap)
        if inside:
            low = share
        else:
            high = share
    return 0.5 * (low + high)


@compiled_part
def _border_near_own(
    buffers: SegmentBuffers,
    own: np.ndarray,
    mine: SegmentLine,
    here: int,
    other: SegmentLine,
    there: int,
    x: float,
    y: float,
    dx: float,
    dy: float,
    limit: float,
    snap: float,
) -> float:
    """Return the same where a facility stands on one of the streets."""
    low, high = 0.0, 1.0
    while high - low > _CLOSE:
        share = 0.5 * (low + high)
        px, py = x + share * dx, y + share * dy
        on, i = mine, here
        square, t = foot_of(mine, px, py)
        to_other, along_other = foot_of(other, px, py)
        if to_other < square - _TIE:
            on, i, square, t = other, there, to_other, along_other
        time = np.inf
        if buffers.state[i] == OWN:
            time = time_near_own(on, buffers.near, own, i, t)
        elif buffers.state[i] != BEYOND:
            time = time_at(on, t)
        if is_within(square, time, limit, snap):
            low = share
        else:
            high = share
    return 0.5 * (low + high)
