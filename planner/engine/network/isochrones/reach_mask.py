# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""Which cells of a raster lie within reach.

Most cells follow from the street segment that they go by; near the border each is worked out by
the formula that travel times follow.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.engine.jit import compiled_part
from planner.engine.network.isochrones.raster import Raster
from planner.engine.network.isochrones.reached_segments import SegmentBuffers

BEYOND, INSIDE, PART, OWN = 0, 1, 2, 3  # how much of the ground by a segment is within reach
_SOME_PART = np.uint64(0x0202020202020202)  # the bit of PART and OWN in each of eight cells


class SegmentLine(NamedTuple):
    """A segment, and the time along it: kept in registers by those who work out places by it."""

    x: float
    y: float
    way_x: float
    way_y: float
    per_square: float  # of its length, 0 where it has none
    a: float
    a_step: float
    b: float
    b_step: float


@compiled_part
def segment_line(xy: np.ndarray, line: np.ndarray, i: int) -> SegmentLine:
    """Return a segment and the time along it.

    Parameters
    ----------
    xy
        Vertices, vertices x 2, metres.
    line
        Time along each segment, see `SegmentBuffers`.
    i
        First vertex of the segment.

    Returns
    -------
    The segment.
    """
    way_x, way_y = xy[i + 1, 0] - xy[i, 0], xy[i + 1, 1] - xy[i, 1]
    square = way_x * way_x + way_y * way_y
    per_square = 1.0 / square if square > 0.0 else 0.0
    return SegmentLine(
        xy[i, 0], xy[i, 1], way_x, way_y, per_square,
        line[i, 0], line[i, 1], line[i, 2], line[i, 3],
    )  # fmt: skip


@compiled_part
def foot_of(on: SegmentLine, x: float, y: float) -> tuple[float, float]:
    """Return the squared distance from a point to a segment, and the share of it before the foot.

    Parameters
    ----------
    on
        The segment.
    x, y
        The point, metres.

    Returns
    -------
    Squared distance, and share from 0 to 1.
    """
    px, py = x - on.x, y - on.y
    t = min(max((px * on.way_x + py * on.way_y) * on.per_square, 0.0), 1.0)
    gx, gy = px - t * on.way_x, py - t * on.way_y
    return gx * gx + gy * gy, t


@compiled_part
def time_at(on: SegmentLine, t: float) -> float:
    """Return the time to a place on a segment.

    Parameters
    ----------
    on
        The segment.
    t
        Share of the segment before the place.

    Returns
    -------
    Metres walked.
    """
    time: float = min(on.a + t * on.a_step, on.b + t * on.b_step)
    return time


@compiled_part
def time_near_own(on: SegmentLine, near: np.ndarray, own: np.ndarray, i: int, t: float) -> float:
    """Return the time to a place on a segment that a facility stands on.

    Parameters
    ----------
    on, t
        As for `time_at`.
    near
        What is known of such segments, see `SegmentBuffers`.
    own
        Facilities on the streets, see `Field`.
    i
        First vertex of the segment.

    Returns
    -------
    Metres walked.
    """
    time: float = time_at(on, t)
    from_a, from_b = near[i, 2] + t * near[i, 3], near[i, 4] + t * near[i, 5]
    for k in range(int(near[i, 0]), int(near[i, 1])):
        if own[k, 0] <= from_a < np.inf:
            time = min(time, own[k, 2] + from_a - own[k, 0])
        if own[k, 1] <= from_b < np.inf:
            time = min(time, own[k, 2] + from_b - own[k, 1])
    return time


@compiled_part
def is_within(square: float, time: float, limit: float, snap: float) -> bool:
    """Return whether a place is within reach by its foot on a segment.

    Parameters
    ----------
    square
        Squared distance from the place to its foot.
    time
        Time to the foot, in metres walked.
    limit
        How far reach goes, in metres walked.
    snap
        How far a place may lie from its street, metres.
    """
    left = min(limit - time, snap)
    return left >= 0.0 and left * left >= square


@compiled_part
def mask_within(
    xy: np.ndarray,
    own: np.ndarray,
    buffers: SegmentBuffers,
    out: np.ndarray,
    raster: Raster,
    span: np.ndarray,
    limit: float,
    count: int,
) -> None:
    """Mark the cells of a window that can be reached within a limit.

    A segment that lies inside as a whole, with all the ground that goes by it, settles its cells
    at once; the others are worked out in runs of cells by one segment. The listed segments leave
    with their state.

    Parameters
    ----------
    out
        Takes the mask, uint8, rows + 2 x columns and a margin: 1 inside. Its rows are whole words
        of eight cells.
    xy, own, buffers, raster, span, limit, count
        As for `contour.draw_outline`.
    """
    x0, y0, size, snap = raster.frame[0], raster.frame[1], raster.frame[2], raster.frame[3]
    cells, off, state, line = raster.cell, raster.off, buffers.state, buffers.line
    listed, longest = buffers.listed, buffers.longest
    for k in range(count):
        # A whole segment may lie inside, with all the ground that goes by it.
        i = listed[k]
        if longest[k] == np.inf:
            state[i] = OWN
        else:
            state[i] = INSIDE if longest[k] + off[i] <= limit and off[i] <= snap else PART
    rows, columns = span[3] - span[2], span[1] - span[0]
    for r in range(rows + 2):
        for c in range(out.shape[1]):
            if r in (0, rows + 1) or c == 0 or c > columns:
                out[r, c] = 0
    for r in range(rows):
        segments, flags = cells[span[2] + r, span[0] : span[1]], out[r + 1, 1 : columns + 1]
        for c in range(columns):
            flags[c] = state[segments[c] - 1]
    words = out.view(np.uint64)
    for r in range(1, rows + 1):
        y = y0 + (span[2] + r - 1) * size
        segments, flags = cells[span[2] + r - 1, span[0] : span[1]], out[r, 1 : columns + 1]
        for word in range(words.shape[1]):
            if words[r, word] & _SOME_PART == 0:
                continue
            c, last = max(8 * word - 1, 0), min(8 * word + 7, columns)
            while c < last:
                if flags[c] < PART:
                    c += 1
                    continue
                segment, end = segments[c] - 1, c + 1
                while end < columns and segments[end] == segments[c]:
                    end += 1
                on, x = segment_line(xy, line, segment), x0 + span[0] * size
                near_own = state[segment] == OWN
                for k in range(c, end):
                    square, t = foot_of(on, x + k * size, y)
                    if near_own:
                        time = time_near_own(on, buffers.near, own, segment, t)
                    else:
                        time = time_at(on, t)
                    flags[k] = is_within(square, time, limit, snap)
                c = end
