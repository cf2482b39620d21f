# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""Which cells of a raster lie within reach.

Most cells follow from the street segment that they go by; near the border each is worked out by
the formula that travel times follow.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.engine.jit import compiled
from planner.engine.network.graph.arrays import Ground
from planner.engine.network.isochrones.raster import Raster
from planner.engine.network.search.kernels import FAR, Graph

BEYOND, INSIDE, PART, OWN = 0, 1, 2, 3  # how much of the ground by a segment is within reach
_SOME_PART = np.uint64(0x0202020202020202)  # the bit of PART and OWN in each of eight cells


class Edges(NamedTuple):
    """What it costs to stand on an edge: its chain, the way to it from both ends, its own cost."""

    chain: np.ndarray
    from_a: np.ndarray
    from_b: np.ndarray
    forward: np.ndarray
    backward: np.ndarray


class Field(NamedTuple):
    """A search from one facility or many, and all that the time at a place depends on."""

    graph: Graph
    edges: Edges
    ground: Ground
    chain_edge: np.ndarray
    edge_vertex: np.ndarray
    cost: np.ndarray  # of each junction, FAR beyond the limit
    own_chain: np.ndarray  # int32: chains of the facilities, ascending
    own: np.ndarray  # float64: their metres' worth from A, from B, of access
    metre: float  # cost of a metre


class SegmentBuffers(NamedTuple):
    """What is worked out by segment; a segment's lines are written before they are read."""

    state: np.ndarray  # uint8, BEYOND between drawings; the last one stands for no segment
    line: np.ndarray  # float64: metres' worth by end A at share t, [0] + t * [1]; by B, [2], [3]
    near: np.ndarray  # float64, for OWN: which facilities, and the same lines without the way there
    listed: np.ndarray  # int32: segments within the limit
    longest: np.ndarray  # float64: no time on a listed segment is longer


class CellMask(NamedTuple):
    """Memory for the cells of a window with a margin; rows are whole words of eight cells."""

    within: np.ndarray  # uint8
    border: np.ndarray  # int32: number of the ring that passes to the west of a cell


@compiled
def list_segments(
    field: Field, buffers: SegmentBuffers, reached: np.ndarray, snap: float, limit: float
) -> tuple[int, np.ndarray]:
    """List the segments within a limit, and the box around all they bring near.

    Parameters
    ----------
    field
        The search, and the streets.
    buffers
        Take the segments, and the time on each as a line along it.
    reached
        Numbers of the junctions within the limit.
    snap
        How far a place may lie from its street, metres.
    limit
        How far reach goes, in metres walked.

    Returns
    -------
    (count, box)
        Number of segments listed; least and largest x and y.
    """
    xy, vertex_at = field.ground.vertex_xy, field.ground.vertex_at
    forward, backward = field.edges.forward, field.edges.backward
    before, after = field.edges.from_a, field.edges.from_b
    chain_edge, edge_vertex = field.chain_edge, field.edge_vertex
    arc_start, arc_chain = field.graph.arc_start, field.graph.arc_chain
    chain_a, chain_b = field.graph.chain_a, field.graph.chain_b
    own_chain, own = field.own_chain, field.own
    cost, worth = field.cost, 1.0 / field.metre
    line, near, listed, longest = buffers.line, buffers.near, buffers.listed, buffers.longest
    low_x = low_y = np.inf
    high_x = high_y = -np.inf
    count = 0
    # First the chains that facilities stand on, where time runs from inside; then the chains of
    # every junction reached, each once: in the turn of its end A, unless that is beyond the limit.
    for turn in range(-len(own_chain), len(reached)):
        begin, end = 0, 1
        if turn >= 0:
            begin, end = arc_start[reached[turn]], arc_start[reached[turn] + 1]
        for arc in range(begin, end):
            if turn < 0:
                chain = own_chain[turn]
                first, last = _on_chain(own_chain, chain)
                if len(own_chain) + turn != first:
                    continue
            else:
                chain = arc_chain[arc] >> 1
                if arc_chain[arc] & 1 and cost[chain_a[chain]] < FAR:
                    continue  # in the turn of its end A
                first, last = _on_chain(own_chain, chain)
                if first < last:
                    continue  # done before
            at_a, at_b = cost[chain_a[chain]], cost[chain_b[chain]]
            for edge in range(chain_edge[chain], chain_edge[chain + 1]):
                # Metres' worth from end A along the edge, and by it from the facility; so from B.
                from_a = from_b = by_a = by_b = np.inf
                ahead = back = 0.0
                if forward[edge] < FAR:
                    from_a, ahead = before[edge] * worth, forward[edge] * worth
                    if at_a < FAR:
                        by_a = (at_a + before[edge]) * worth
                if backward[edge] < FAR:
                    from_b, back = (after[edge] + backward[edge]) * worth, backward[edge] * worth
                    if at_b < FAR:
                        by_b = (at_b + after[edge] + backward[edge]) * worth
                for i in range(edge_vertex[edge], edge_vertex[edge + 1] - 1):
                    at, then = vertex_at[i], vertex_at[i + 1]
                    a, b = by_a + at * ahead, by_b - at * back
                    low, high = np.inf, 0.0
                    for k in range(first, last):
                        # Facilities before a segment or behind it are one more way to its ends.
                        if own[k, 0] <= from_a + at * ahead < np.inf:
                            a = min(a, own[k, 2] + from_a + at * ahead - own[k, 0])
                        elif own[k, 0] < from_a + then * ahead < np.inf:
                            low, high = min(low, own[k, 2]), np.inf
                        if own[k, 1] <= from_b - then * back < np.inf:
                            b = min(b, own[k, 2] + from_b - at * back - own[k, 1])
                        elif own[k, 1] < from_b - at * back < np.inf:
                            low, high = min(low, own[k, 2]), np.inf
                    step_a, step_b = (then - at) * ahead, (at - then) * back
                    # Time along a segment is the lesser of two lines, so it is least at an end.
                    low = min(low, a, b + step_b)
                    if low > limit:
                        continue
                    line[i, 0], line[i, 1], line[i, 2], line[i, 3] = a, step_a, b, step_b
                    if high == np.inf:
                        near[i, 0], near[i, 1] = first, last
                        near[i, 2], near[i, 3] = from_a + at * ahead, step_a
                        near[i, 4], near[i, 5] = from_b - at * back, step_b
                    listed[count] = i
                    longest[count] = max(high, min(a + step_a, b))
                    count += 1
                    margin = min(snap, limit - low)
                    for p in (i, i + 1):
                        x, y = xy[p, 0], xy[p, 1]
                        low_x, high_x = min(low_x, x - margin), max(high_x, x + margin)
                        low_y, high_y = min(low_y, y - margin), max(high_y, y + margin)
    return count, np.array([low_x, low_y, high_x, high_y])


@compiled
def _on_chain(own_chain: np.ndarray, chain: int) -> tuple[int, int]:
    """Return which of the facilities stand on a chain: the first, and the one after the last."""
    low, high = 0, len(own_chain)
    while low < high:
        middle = (low + high) >> 1
        if own_chain[middle] < chain:
            low = middle + 1
        else:
            high = middle
    while high < len(own_chain) and own_chain[high] == chain:
        high += 1
    return low, high


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


@compiled
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


@compiled
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


@compiled
def slack(on: SegmentLine, x: float, y: float, limit: float, snap: float) -> float:
    """Return the metres that are left at a place that goes by a segment; below zero outside.

    Parameters
    ----------
    on
        The segment.
    x, y
        The place, metres.
    limit
        How far reach goes, in metres walked.
    snap
        How far a place may lie from its street, metres.

    Returns
    -------
    Metres walked.
    """
    square, t = foot_of(on, x, y)
    time = min(on.a + t * on.a_step, on.b + t * on.b_step)
    left: float = min(limit - time, snap) - np.sqrt(square)
    return left


@compiled
def slack_near_own(
    on: SegmentLine,
    near: np.ndarray,
    own: np.ndarray,
    i: int,
    x: float,
    y: float,
    limit: float,
    snap: float,
) -> float:
    """Return the metres that are left at a place by a segment that a facility stands on.

    Parameters
    ----------
    on, x, y, limit, snap
        As for `slack`.
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
    square, t = foot_of(on, x, y)
    time = min(on.a + t * on.a_step, on.b + t * on.b_step)
    from_a, from_b = near[i, 2] + t * near[i, 3], near[i, 4] + t * near[i, 5]
    for k in range(int(near[i, 0]), int(near[i, 1])):
        if own[k, 0] <= from_a < np.inf:
            time = min(time, own[k, 2] + from_a - own[k, 0])
        if own[k, 1] <= from_b < np.inf:
            time = min(time, own[k, 2] + from_b - own[k, 1])
    left: float = min(limit - time, snap) - np.sqrt(square)
    return left


@compiled
def mask_within(
    xy: np.ndarray,
    own: np.ndarray,
    buffers: SegmentBuffers,
    mask: CellMask,
    raster: Raster,
    span: np.ndarray,
    limit: float,
    count: int,
) -> np.ndarray:
    """Mark the cells of a window that can be reached within a limit.

    A segment that lies inside as a whole, with all the ground that goes by it, settles its cells
    at once; the others are worked out in runs of cells by one segment. The listed segments leave
    with their state.

    Parameters
    ----------
    xy, own, buffers, mask, raster, span, limit, count
        As for `contour.draw_outline`.

    Returns
    -------
    numpy.ndarray
        The mask, rows + 2 x columns and a margin: 1 inside.
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
    out = mask.within
    for r in range(rows + 2):
        for c in range(out.shape[1]):
            if r in (0, rows + 1) or c == 0 or c > columns:
                out[r, c] = 0
    for r in range(rows):
        segments, flags = cells[span[2] + r, span[0] : span[1]], out[r + 1, 1 : columns + 1]
        for c in range(columns):
            flags[c] = state[segments[c]]
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
                segment, end = segments[c], c + 1
                while end < columns and segments[end] == segment:
                    end += 1
                on, x = segment_line(xy, line, segment), x0 + span[0] * size
                if state[segment] == OWN:
                    for k in range(c, end):
                        left = slack_near_own(
                            on, buffers.near, own, segment, x + k * size, y, limit, snap
                        )
                        flags[k] = left >= 0.0
                else:
                    for k in range(c, end):
                        flags[k] = slack(on, x + k * size, y, limit, snap) >= 0.0
                c = end
    return out
