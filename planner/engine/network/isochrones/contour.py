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

from planner.engine.jit import compiled
from planner.engine.network.isochrones.raster import Raster
from planner.engine.network.isochrones.reach_mask import (
    BEYOND,
    OWN,
    CellMask,
    SegmentLine,
    foot_of,
    mask_within,
    segment_line,
    slack,
    slack_near_own,
)
from planner.engine.network.isochrones.reached_segments import SegmentBuffers
from planner.engine.network.search.kernels import NONE

_SAME = 255  # instead of what is known of a street: it is the same one
_CLOSE = 2e-4  # share of the step between two cells
_MOST = 40
_TIE = 1e-9  # square metres: rounding, not distance
_ALL_INSIDE = np.uint64(0x0101010101010101)


class Rings(NamedTuple):
    """Closed rings, each shell before its holes: what a multipolygon is made of."""

    points: np.ndarray
    starts: np.ndarray  # int64, rings + 1: where each ring starts
    shells: np.ndarray  # int64, shells + 1: which rings are shells, and the number of rings


@compiled
def draw_outline(
    xy: np.ndarray,
    own: np.ndarray,
    buffers: SegmentBuffers,
    mask: CellMask,
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
    mask
        Memory for the cells of the window.
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
    within = mask_within(xy, own, buffers, mask, raster, span, limit, count)
    words = within.view(np.uint64)
    points, starts = np.empty((4096, 2)), np.zeros(64, np.int64)
    shells = np.empty(64, np.int64)  # of each ring, the ring that it is a hole of, or its own
    traced = np.empty(64, np.int64)  # of each ring that was followed, its shell: -1, left out
    rings, turns = 0, 0
    for row in range(1, len(within) - 1):
        for word in range(words.shape[1]):
            eight = words[row, word]
            if eight == 0 or (eight == _ALL_INSIDE and within[row, 8 * word + 8]):
                continue
            for column in range(8 * word, 8 * word + 8):
                if within[row, column] != 1 or within[row, column + 1]:
                    continue
                points, end, area = _ring(
                    xy, own, buffers, mask, raster, span, limit, within, row, column, turns,
                    points, starts[rings],
                )  # fmt: skip
                shell = rings if area >= least else NONE
                if area < 0.0:
                    # The border next to the west is the shell's, or of another hole in it.
                    west = column
                    while within[row, west - 1]:
                        west -= 1
                    shell = traced[mask.border[row, west]]
                if turns == len(traced):
                    traced = _longer_list(traced)
                traced[turns] = shell
                turns += 1
                if abs(area) >= least:
                    if rings + 1 == len(starts):
                        starts, shells = _longer_list(starts), _longer_list(shells)
                    shells[rings] = shell
                    rings += 1
                    starts[rings] = end
    for k in range(count):
        buffers.state[buffers.listed[k]] = BEYOND
    return _ordered(points[: starts[rings]], starts[: rings + 1], shells[:rings])


@compiled
def _ordered(points: np.ndarray, starts: np.ndarray, shells: np.ndarray) -> Rings:
    """Return the rings with every hole behind its shell."""
    rings = len(shells)
    place = np.zeros(rings + 1, np.int64)  # of each shell, then of the next of its rings
    count = 0
    for k in range(rings):
        place[shells[k] + 1] += 1
        count += shells[k] == k
    first = np.empty(count + 1, np.int64)
    shell = 0
    for k in range(rings):
        if shells[k] == k:
            first[shell] = place[k]
            shell += 1
        place[k + 1] += place[k]
    first[shell] = rings
    if count <= 1:
        return Rings(points, starts, first)
    order = np.empty(rings, np.int64)
    for k in range(rings):
        order[place[shells[k]]] = k
        place[shells[k]] += 1
    moved, at = np.empty((len(points), 2)), np.zeros(rings + 1, np.int64)
    for turn in range(rings):
        n = at[turn]
        for k in range(starts[order[turn]], starts[order[turn] + 1]):
            moved[n, 0], moved[n, 1] = points[k, 0], points[k, 1]
            n += 1
        at[turn + 1] = n
    return Rings(moved, at, first)


@compiled
def _ring(
    xy: np.ndarray,
    own: np.ndarray,
    buffers: SegmentBuffers,
    mask: CellMask,
    raster: Raster,
    span: np.ndarray,
    limit: float,
    within: np.ndarray,
    row: int,
    column: int,
    ring: int,
    points: np.ndarray,
    n: int,
) -> tuple[np.ndarray, int, float]:
    """Trace one ring from the border to the east of a cell; return its points and signed area."""
    x0, y0, size, snap = raster.frame[0], raster.frame[1], raster.frame[2], raster.frame[3]
    cells, border, state, line = raster.cell, mask.border, buffers.state, buffers.line
    # Steps ahead and to the left by heading: north, west, south, east.
    ahead_row, ahead_column = (1, 0, -1, 0), (0, -1, 0, 1)
    start, area, heading = n, 0.0, 0
    mine_of = other_of = -1
    mine = other = segment_line(xy, line, 0)
    while True:
        if heading == 0:
            if within[row, column] == 3:
                break
            within[row, column] = 3  # this crossing is done
        elif heading == 2:
            border[row, column] = ring
        right = (heading - 1) & 3
        other_row, other_column = row + ahead_row[right], column + ahead_column[right]
        here = cells[span[2] + row - 1, span[0] + column - 1]
        there = here
        r, c = span[2] + other_row - 1, span[0] + other_column - 1
        if 0 <= r < cells.shape[0] and 0 <= c < cells.shape[1] and cells[r, c] >= 0:
            there = cells[r, c]
        x, y = x0 + (span[0] + column - 1) * size, y0 + (span[2] + row - 1) * size
        dx, dy = ahead_column[right] * size, ahead_row[right] * size
        if here != mine_of:
            mine_of, mine = here, segment_line(xy, line, here)
        if there != other_of:
            other_of, other = there, segment_line(xy, line, there)
        if state[here] == OWN or state[there] == OWN:
            share = _bisect(buffers, own, mine, here, other, there, x, y, dx, dy, limit, snap)
        else:
            known = state[there] if there != here else _SAME
            share = _crossing(mine, other, known, x, y, dx, dy, limit, snap)
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
    return points, n + 1, area


@compiled
def _longer_list(array: np.ndarray) -> np.ndarray:
    more = np.empty(2 * len(array), np.int64)
    for k in range(len(array)):
        more[k] = array[k]
    return more


@compiled
def _longer_points(points: np.ndarray) -> np.ndarray:
    more = np.empty((2 * len(points), 2))
    for k in range(len(points)):
        more[k, 0], more[k, 1] = points[k, 0], points[k, 1]
    return more


@compiled
def _crossing(
    mine: SegmentLine,
    other: SegmentLine,
    known: int,
    x: float,
    y: float,
    dx: float,
    dy: float,
    limit: float,
    snap: float,
) -> float:
    """Return the share of a step at which reach ends, from a place inside to one outside.

    `known` is the state of the street that the place outside goes by.
    """
    on, low, high = mine, 0.0, 1.0
    if known != _SAME:
        turn = _change(mine, other, x, y, dx, dy)
        at_x, at_y = x + turn * dx, y + turn * dy
        if slack(mine, at_x, at_y, limit, snap) < 0.0:
            high = turn
        elif known == BEYOND or slack(other, at_x, at_y, limit, snap) < 0.0:
            return turn
        else:
            on, low = other, turn
    return _end(on, x, y, dx, dy, low, high, limit, snap)


@compiled
def _change(
    mine: SegmentLine, other: SegmentLine, x: float, y: float, dx: float, dy: float
) -> float:
    """Return the share of a step where another street becomes the nearest.

    Round a corner both are equally near over a stretch of the step: that goes with the first.
    """
    low, high = 0.0, 1.0
    at_low = min(_farther(mine, other, x, y), 0.0)
    at_high = max(_farther(mine, other, x + dx, y + dy), 0.0)
    if at_high == 0.0:
        return high
    share = high
    for turn in range(_MOST):
        share = _next(low, high, at_low, at_high, turn)
        at = _farther(mine, other, x + share * dx, y + share * dy)
        if at != 0.0 and abs(at) * (high - low) <= _CLOSE * (at_high - at_low):
            break
        if at <= 0.0:
            low, at_low = share, at
        else:
            high, at_high = share, at
        if high - low <= _CLOSE:
            break
    return share


@compiled
def _farther(mine: SegmentLine, other: SegmentLine, x: float, y: float) -> float:
    """Return how much farther, in square metres, one street is than the other; 0 is a tie."""
    more: float = foot_of(mine, x, y)[0] - foot_of(other, x, y)[0]
    return more if abs(more) > _TIE else 0.0


@compiled
def _end(
    on: SegmentLine,
    x: float,
    y: float,
    dx: float,
    dy: float,
    low: float,
    high: float,
    limit: float,
    snap: float,
) -> float:
    """Return the share of a step where what is left by one street is used up."""
    at_low = slack(on, x + low * dx, y + low * dy, limit, snap)
    at_high = slack(on, x + high * dx, y + high * dy, limit, snap)
    if at_low < 0.0:
        return low
    if at_high >= 0.0:
        return high
    share = low
    for turn in range(_MOST):
        share = _next(low, high, at_low, at_high, turn)
        at = slack(on, x + share * dx, y + share * dy, limit, snap)
        if abs(at) * (high - low) <= _CLOSE * (at_low - at_high):
            break
        if at >= 0.0:
            low, at_low = share, at
        else:
            high, at_high = share, at
        if high - low <= _CLOSE:
            break
    return share


@compiled
def _bisect(
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
    """Return the share of a step where reach ends, by a street that a facility stands on."""
    low, high = 0.0, 1.0
    while high - low > _CLOSE:
        share = 0.5 * (low + high)
        px, py = x + share * dx, y + share * dy
        on, i = mine, here
        if foot_of(other, px, py)[0] < foot_of(mine, px, py)[0]:
            on, i = other, there
        left = -1.0
        if buffers.state[i] == OWN:
            left = slack_near_own(on, buffers.near, own, i, px, py, limit, snap)
        elif buffers.state[i] != BEYOND:
            left = slack(on, px, py, limit, snap)
        if left >= 0.0:
            low = share
        else:
            high = share
    return 0.5 * (low + high)


@compiled
def _next(low: float, high: float, at_low: float, at_high: float, turn: int) -> float:
    """Return the next share to look at: by a straight line, by halves where that is slow."""
    if turn > 1 and turn & 1:
        return 0.5 * (low + high)
    return low + (high - low) * at_low / (at_low - at_high)
