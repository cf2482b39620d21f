# ruff: noqa: FBT001, PLR0917 (compiled functions take their arguments by place)
"""The reach of a facility on the ground: which cells lie within a limit, and their outline.

Most cells are told at a glance by the street segment that they go by; near the border each is
worked out by the formula that travel times follow, and so is every vertex of the outline.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.compiling import compiled
from planner.network.arrays import Ground
from planner.network.kernels import FAR, Graph, Spots, queue_for, search_one
from planner.network.raster import Raster
from planner.network.snapping import foot_on

_HALVINGS = 8


class Edges(NamedTuple):
    """What it costs to stand on an edge: its chain, the way to it from both ends, its own cost."""

    chain: np.ndarray
    from_a: np.ndarray
    from_b: np.ndarray
    forward: np.ndarray
    backward: np.ndarray


class Field(NamedTuple):
    """A facility's search, and all that is needed to tell the time at a place."""

    graph: Graph
    edges: Edges
    ground: Ground
    cost: np.ndarray  # of each junction, FAR beyond the limit
    own: np.ndarray  # float64: chain of the facility, metres' worth from A, from B, of access
    metre: float  # cost of a metre


@compiled
def settle(field: Field, spots: Spots, source: int, limit: int) -> np.ndarray:
    """Search from one spot into the field's costs; return the junctions reached."""
    reached = np.empty(len(field.cost), np.int32)
    count = search_one(
        field.graph,
        spots,
        source,
        limit,
        field.cost,
        np.empty(0, np.int32),
        reached,
        queue_for(field.graph),
    )
    return reached[:count].copy()


@compiled
def _line_of(
    segment: int,
    vertex_edge: np.ndarray,
    vertex_at: np.ndarray,
    forward: np.ndarray,
    backward: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    metre: float,
    line: np.ndarray,
) -> None:
    """Metres' worth from A at share t of a segment, line[0] + t * line[1]; from B, line[2], [3]."""
    edge = vertex_edge[segment]
    at, step = vertex_at[segment], vertex_at[segment + 1] - vertex_at[segment]
    line[0], line[1], line[2], line[3] = np.inf, 0.0, np.inf, 0.0
    if forward[edge] < FAR:
        line[0] = (before[edge] + at * forward[edge]) / metre
        line[1] = step * forward[edge] / metre
    if backward[edge] < FAR:
        line[2] = (after[edge] + (1.0 - at) * backward[edge]) / metre
        line[3] = -step * backward[edge] / metre


@compiled
def _time_at(
    line: np.ndarray, t: float, at_a: float, at_b: float, is_own: bool, own: np.ndarray
) -> float:
    """Metres' worth of time on the street at share t of a segment."""
    from_a = line[0] + t * line[1]
    from_b = line[2] + t * line[3]
    best: float = min(at_a + from_a, at_b + from_b)
    if is_own:
        if own[1] <= from_a < np.inf:
            best = min(best, own[3] + from_a - own[1])
        if own[2] <= from_b < np.inf:
            best = min(best, own[3] + from_b - own[2])
    return best


@compiled
def _metres(cost: int, metre: float) -> float:
    worth: float = cost / metre if cost < FAR else np.inf
    return worth


@compiled
def survey(
    field: Field,
    chain_edge: np.ndarray,
    edge_vertex: np.ndarray,
    reached: np.ndarray,
    snap: float,
    limit: float,
    segments: np.ndarray,
    least: np.ndarray,
    longest: np.ndarray,
) -> tuple[int, np.ndarray]:
    """List the segments within a limit (metres' worth), and the box around all they bring near.

    Returns how many segments stand in `segments`, with the `least` time on each of them and no less
    than the `longest`; and the box.
    """
    xy, vertex_edge, vertex_at = (
        field.ground.vertex_xy,
        field.ground.vertex_edge,
        field.ground.vertex_at,
    )
    forward, backward = field.edges.forward, field.edges.backward
    before, after = field.edges.from_a, field.edges.from_b
    arc_start, arc_chain = field.graph.arc_start, field.graph.arc_chain
    chain_a, chain_b = field.graph.chain_a, field.graph.chain_b
    cost, own, metre = field.cost, field.own, field.metre
    low_x = low_y = np.inf
    high_x = high_y = -np.inf
    line = np.empty(4)
    count = 0
    for turn in range(-1, len(reached)):
        begin, end = 0, 1
        if turn >= 0:
            begin, end = arc_start[reached[turn]], arc_start[reached[turn] + 1]
        for arc in range(begin, end):
            chain = int(own[0])
            if turn >= 0:
                chain = arc_chain[arc] >> 1
                if chain == own[0] or (arc_chain[arc] & 1 and cost[chain_a[chain]] < FAR):
                    continue  # done before, or in the turn of its end A
            at_a, at_b = _metres(cost[chain_a[chain]], metre), _metres(cost[chain_b[chain]], metre)
            last = edge_vertex[chain_edge[chain + 1]] - 1
            for i in range(edge_vertex[chain_edge[chain]], last):
                if vertex_edge[i] != vertex_edge[i + 1]:
                    continue
                _line_of(i, vertex_edge, vertex_at, forward, backward, before, after, metre, line)
                low = min(
                    _time_at(line, 0.0, at_a, at_b, turn < 0, own),
                    _time_at(line, 1.0, at_a, at_b, turn < 0, own),
                )
                if turn < 0:
                    low = own[3]
                if low > limit:
                    continue
                segments[count] = i
                least[count] = low
                longest[count] = min(
                    at_a + max(line[0], line[0] + line[1]), at_b + max(line[2], line[2] + line[3])
                )
                count += 1
                margin = min(snap, limit - low)
                for p in (i, i + 1):
                    low_x, high_x = min(low_x, xy[p, 0] - margin), max(high_x, xy[p, 0] + margin)
                    low_y, high_y = min(low_y, xy[p, 1] - margin), max(high_y, xy[p, 1] + margin)
    return count, np.array([low_x, low_y, high_x, high_y])


@compiled
def inside(
    field: Field,
    raster: Raster,
    span: np.ndarray,
    limit: float,
    segments: np.ndarray,
    longest: np.ndarray,
    state: np.ndarray,
) -> np.ndarray:
    """Tell which cells of a window can be reached within a limit (metres' worth).

    `state` must come in as zero for every segment; it goes out so.
    """
    x0, y0, size, snap = raster.frame[0], raster.frame[1], raster.frame[2], raster.frame[3]
    cells, off, xy = raster.cell, raster.off, field.ground.vertex_xy
    vertex_edge, vertex_at = field.ground.vertex_edge, field.ground.vertex_at
    edge_chain, forward, backward = field.edges.chain, field.edges.forward, field.edges.backward
    before, after = field.edges.from_a, field.edges.from_b
    chain_a, chain_b = field.graph.chain_a, field.graph.chain_b
    cost, own, metre = field.cost, field.own, field.metre
    for k in range(len(segments)):
        # A whole segment may lie inside, with all the ground that goes by it.
        i = segments[k]
        state[i] = 1 if longest[k] + off[i] <= limit and off[i] <= snap else 2
    out = np.zeros((span[3] - span[2] + 2, span[1] - span[0] + 2), np.uint8)
    line = np.empty(4)
    last = -1
    at_a = at_b = np.inf
    is_own = False
    for row in range(span[2], span[3]):
        y = y0 + row * size
        for column in range(span[0], span[1]):
            segment = int(cells[row, column])
            if segment < 0 or state[segment] == 0:
                continue
            within = True
            if state[segment] == 2:
                if segment != last:
                    last = segment
                    chain = edge_chain[vertex_edge[segment]]
                    is_own = chain == own[0]
                    at_a = _metres(cost[chain_a[chain]], metre)
                    at_b = _metres(cost[chain_b[chain]], metre)
                    _line_of(
                        segment,
                        vertex_edge,
                        vertex_at,
                        forward,
                        backward,
                        before,
                        after,
                        metre,
                        line,
                    )
                square, t = foot_on(xy, segment, x0 + column * size, y)
                distance = np.sqrt(square)
                time = _time_at(line, t, at_a, at_b, is_own, own)
                within = time + distance <= limit and distance <= snap
            if within:
                out[row - span[2] + 1, column - span[0] + 1] = 1
    for k in range(len(segments)):
        state[segments[k]] = 0
    return out


@compiled
def outline(
    field: Field, raster: Raster, span: np.ndarray, limit: float, within: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Follow the borders of the cells inside a limit, each vertex moved onto the exact border.

    Between a cell inside and its neighbour outside the border is found by halving. The inside lies
    to the left, so that outer rings turn left and holes right; cells that touch at a corner alone
    are parted.

    Returns
    -------
    (points, starts, areas)
        Vertices of all rings, each ring closed; where each ring starts; and its signed area.
    """
    x0, y0, size, snap = raster.frame[0], raster.frame[1], raster.frame[2], raster.frame[3]
    cells, xy = raster.cell, field.ground.vertex_xy
    vertex_edge, vertex_at = field.ground.vertex_edge, field.ground.vertex_at
    edge_chain, forward, backward = field.edges.chain, field.edges.forward, field.edges.backward
    before, after = field.edges.from_a, field.edges.from_b
    chain_a, chain_b = field.graph.chain_a, field.graph.chain_b
    cost, own, metre = field.cost, field.own, field.metre
    rows, columns = within.shape
    crossings, rings = 0, 0
    for r in range(1, rows - 1):
        for c in range(1, columns - 1):
            if within[r, c]:
                north, east = within[r + 1, c] == 0, within[r, c + 1] == 0
                crossings += north + east + (within[r - 1, c] == 0) + (within[r, c - 1] == 0)
                rings += east
    points = np.empty((crossings + rings, 2))
    starts = np.empty(rings + 1, np.int64)
    areas = np.empty(rings)
    pair = np.empty(2, np.int64)
    lines = np.empty((2, 4))
    ends = np.empty((2, 2))
    # Steps ahead and to the left by heading: north, west, south, east.
    ahead_row, ahead_column = np.array([1, 0, -1, 0]), np.array([0, -1, 0, 1])
    n, ring = 0, 0
    for first_row in range(1, rows - 1):
        for first_column in range(1, columns - 1):
            if within[first_row, first_column] != 1 or within[first_row, first_column + 1]:
                continue
            # Start between this cell and the one to the east, going north.
            row, column, heading = first_row, first_column, 0
            starts[ring] = n
            area = 0.0
            while True:
                if heading == 0:
                    if within[row, column] == 3:
                        break
                    within[row, column] = 3  # this crossing is done
                right = heading - 1 if heading else 3
                other_row, other_column = row + ahead_row[right], column + ahead_column[right]
                xa, ya = x0 + (span[0] + column - 1) * size, y0 + (span[2] + row - 1) * size
                xb = xa + ahead_column[right] * size
                yb = ya + ahead_row[right] * size
                pair[0] = cells[span[2] + row - 1, span[0] + column - 1]
                pair[1] = pair[0]
                r, c = span[2] + other_row - 1, span[0] + other_column - 1
                if 0 <= r < cells.shape[0] and 0 <= c < cells.shape[1] and cells[r, c] >= 0:
                    pair[1] = cells[r, c]
                for k in range(2):
                    _line_of(
                        pair[k], vertex_edge, vertex_at, forward, backward, before, after, metre,
                        lines[k],
                    )  # fmt: skip
                    chain = edge_chain[vertex_edge[pair[k]]]
                    ends[k, 0] = _metres(cost[chain_a[chain]], metre)
                    ends[k, 1] = _metres(cost[chain_b[chain]], metre)
                for _ in range(_HALVINGS):
                    x, y = 0.5 * (xa + xb), 0.5 * (ya + yb)
                    square, t = foot_on(xy, pair[0], x, y)
                    k = 0
                    if pair[0] != pair[1]:
                        distance, share = foot_on(xy, pair[1], x, y)
                        if distance < square:
                            square, t, k = distance, share, 1
                    distance = np.sqrt(square)
                    is_own = edge_chain[vertex_edge[pair[k]]] == own[0]
                    time = _time_at(lines[k], t, ends[k, 0], ends[k, 1], is_own, own)
                    if time + distance <= limit and distance <= snap:
                        xa, ya = x, y
                    else:
                        xb, yb = x, y
                points[n, 0], points[n, 1] = 0.5 * (xa + xb), 0.5 * (ya + yb)
                if n > starts[ring]:
                    area += _cross(points, starts[ring], n - 1, n)
                n += 1
                # Turn left round the own corner, go straight on, or turn right round the other's.
                front_row, front_column = row + ahead_row[heading], column + ahead_column[heading]
                side_row, side_column = (
                    front_row + ahead_row[right],
                    front_column + ahead_column[right],
                )
                if within[front_row, front_column] == 0:
                    heading = heading + 1 if heading < 3 else 0
                elif within[side_row, side_column] == 0:
                    row, column = front_row, front_column
                else:
                    row, column, heading = side_row, side_column, right
            points[n, 0], points[n, 1] = points[starts[ring], 0], points[starts[ring], 1]
            n += 1
            areas[ring] = 0.5 * area
            ring += 1
    starts[ring] = n
    return points[:n], starts[: ring + 1], areas[:ring]


@compiled
def _cross(points: np.ndarray, origin: int, i: int, j: int) -> float:
    ax, ay = points[i, 0] - points[origin, 0], points[i, 1] - points[origin, 1]
    bx, by = points[j, 0] - points[origin, 0], points[j, 1] - points[origin, 1]
    cross: float = ax * by - ay * bx
    return cross
