# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""Which segments of streets lie within reach, and the time along each as a line."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.engine.jit import compiled, compiled_part
from planner.engine.network.graph.arrays import Ground
from planner.engine.network.search.kernels import FAR, Graph


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
    own_chain, own, cost, worth = field.own_chain, field.own, field.cost, 1.0 / field.metre
    line, near, listed, longest = buffers.line, buffers.near, buffers.listed, buffers.longest
    low_x, low_y, high_x, high_y = np.inf, np.inf, -np.inf, -np.inf
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
                from_a, by_a, ahead = _by_end(at_a, before[edge], forward[edge], 0, worth)
                whole = backward[edge]
                from_b, by_b, back = _by_end(at_b, after[edge], whole, whole, worth)
                for i in range(edge_vertex[edge], edge_vertex[edge + 1] - 1):
                    at, then = vertex_at[i], vertex_at[i + 1]
                    a, b = by_a + at * ahead, by_b - at * back
                    low, high = np.inf, 0.0
                    if first < last:
                        along = (from_a, ahead, from_b, back, at, then)
                        a, b, low, high = _by_own(own, first, last, along, a, b)
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


@compiled_part
def _by_end(
    at_end: int, before: int, along: int, whole: int, worth: float
) -> tuple[float, float, float]:
    """Return metres' worth from a chain's end to an edge, and by that end from the facility.

    Both count up to the edge's own end A, infinite where the edge does not lead that way; last what
    the whole edge takes, 0 then.
    """
    if along >= FAR:
        return np.inf, np.inf, 0.0
    by_end = (at_end + before + whole) * worth if at_end < FAR else np.inf
    return (before + whole) * worth, by_end, along * worth


@compiled_part
def _by_own(
    own: np.ndarray,
    first: int,
    last: int,
    along: tuple[float, float, float, float, float, float],
    a: float,
    b: float,
) -> tuple[float, float, float, float]:
    """Return the times at a segment's ends by the facilities of its chain, and on it.

    Facilities before a segment or behind it are one more way to its ends; of those on it the least
    time, and infinity where there are any, since none is longest then.
    """
    from_a, ahead, from_b, back, at, then = along
    low, high = np.inf, 0.0
    for k in range(first, last):
        if own[k, 0] <= from_a + at * ahead < np.inf:
            a = min(a, own[k, 2] + from_a + at * ahead - own[k, 0])
        elif own[k, 0] < from_a + then * ahead < np.inf:
            low, high = min(low, own[k, 2]), np.inf
        if own[k, 1] <= from_b - then * back < np.inf:
            b = min(b, own[k, 2] + from_b - at * back - own[k, 1])
        elif own[k, 1] < from_b - at * back < np.inf:
            low, high = min(low, own[k, 2]), np.inf
    return a, b, low, high


@compiled_part
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
