# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""Segments of the streets in a grid of cells, and the nearest of them to a point.

Streets are kept as one long list of vertices; segment i runs from vertex i to vertex i + 1 of the
same edge. The grid lists the segments that pass through each of its cells, and a point looks at
cells in growing rings until no unseen segment can be nearer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.engine.jit import compiled, compiled_part
from planner.engine.network.graph.arrays import Ground
from planner.engine.network.search.threads import in_chunks

_CHUNK = 4096
_SURELY = 1 - 1e-12  # sums of squares are rounded
NO_GUESS: Any = np.int64(-1)  # of a type, so that one compiled search serves all


def build_ground(vertex_xy: np.ndarray, edge_start: np.ndarray) -> Ground:
    """Build the grid of square cells that finds the segments of edges.

    Parameters
    ----------
    vertex_xy
        Vertices of all edges, one edge after the other, vertices x 2, metres.
    edge_start
        First vertex of each edge, edges + 1.

    Returns
    -------
    Vertices, the segments' grid and its frame.
    """
    count = np.diff(edge_start)
    edge = np.repeat(np.arange(len(count), dtype=np.int32), count)
    step = np.zeros(len(vertex_xy))
    step[1:] = np.hypot(*(vertex_xy[1:] - vertex_xy[:-1]).T)
    step[edge_start[:-1]] = 0
    run = np.cumsum(step)
    run -= np.repeat(run[edge_start[:-1]], count)
    drawn = np.repeat(run[edge_start[1:] - 1], count)
    at = np.divide(run, drawn, out=np.zeros_like(run), where=drawn > 0)
    at[edge_start[1:] - 1] = 1.0
    at[edge_start[:-1]] = 0.0
    segments = len(vertex_xy) - len(count)
    low, high = vertex_xy.min(axis=0), vertex_xy.max(axis=0)
    width, height = np.maximum(high - low, 1.0)
    size = max(float(np.sqrt(width * height / segments)), max(width, height) / 4096, 5.0)
    frame = np.array([*low, size, width // size + 1, height // size + 1])
    start, segment = _fill_grid(vertex_xy, edge, frame)
    return Ground(vertex_xy, at, edge, start, segment, frame)


@compiled
def _fill_grid(
    xy: np.ndarray, edge: np.ndarray, frame: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    x0, y0, size = frame[0], frame[1], frame[2]
    columns, rows = int(frame[3]), int(frame[4])
    start = np.zeros(columns * rows + 1, np.int64)
    segment = np.empty(0, np.int32)
    for sweep in range(2):  # count, then place
        for i in range(len(xy) - 1):
            if edge[i] != edge[i + 1]:
                continue
            ax, ay, bx, by = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
            if ay > by:
                ax, ay, bx, by = bx, by, ax, ay
            first = min(max(int((ay - y0) / size), 0), rows - 1)
            last = min(max(int((by - y0) / size), 0), rows - 1)
            for row in range(first, last + 1):
                low = max(ay, y0 + row * size)
                high = min(by, y0 + (row + 1) * size)
                if by > ay:
                    left = ax + (bx - ax) * min(max((low - ay) / (by - ay), 0.0), 1.0)
                    right = ax + (bx - ax) * min(max((high - ay) / (by - ay), 0.0), 1.0)
                else:
                    left, right = ax, bx
                if left > right:
                    left, right = right, left
                begin = min(max(int((left - x0) / size - 1e-9), 0), columns - 1)
                end = min(max(int((right - x0) / size + 1e-9), 0), columns - 1)
                for column in range(begin, end + 1):
                    cell = row * columns + column
                    if sweep == 0:
                        start[cell + 1] += 1
                    else:
                        segment[start[cell]] = i
                        start[cell] += 1
        if sweep == 0:
            for cell in range(columns * rows):
                start[cell + 1] += start[cell]
            segment = np.empty(start[-1], np.int32)
    for cell in range(columns * rows, 0, -1):
        start[cell] = start[cell - 1]
    start[0] = 0
    return start, segment


@compiled_part
def foot_on(xy: np.ndarray, i: int, x: float, y: float) -> tuple[float, float]:
    """Return the foot of a point on a segment.

    Parameters
    ----------
    xy
        Vertices, vertices x 2, metres.
    i
        First vertex of the segment.
    x, y
        The point.

    Returns
    -------
    (square, share)
        Squared distance from the point to the foot, and the share of the segment before the foot.
    """
    ax, ay = xy[i, 0], xy[i, 1]
    dx, dy = xy[i + 1, 0] - ax, xy[i + 1, 1] - ay
    px, py = x - ax, y - ay
    square = dx * dx + dy * dy
    t = 0.0
    if square > 0.0:
        t = min(max((px * dx + py * dy) / square, 0.0), 1.0)
    if t == 1.0:  # to the vertex itself, so that streets which share it are equally near
        gx, gy = x - xy[i + 1, 0], y - xy[i + 1, 1]
    else:
        gx, gy = px - t * dx, py - t * dy
    return gx * gx + gy * gy, t


@compiled
def nearest_segment(
    ground: Ground, x: float, y: float, limit: float, guess: int
) -> tuple[int, float]:
    """Find the segment nearest to one point.

    Of segments equally near, the one that stands first in the network's order wins.

    Parameters
    ----------
    ground
        The segments and their grid.
    x, y
        The point, metres.
    limit
        Largest distance that counts, metres.
    guess
        A segment thought to be near, or -1: it only saves time.

    Returns
    -------
    (segment, square)
        Its first vertex, -1 for none, and the squared distance.
    """
    frame = ground.frame
    size = frame[2]
    columns, rows = int(frame[3]), int(frame[4])
    xy = ground.vertex_xy
    best = limit * limit
    found = -1
    if guess >= 0:
        square, _ = foot_on(xy, guess, x, y)
        if square <= best:
            best = square
            found = guess
    fx, fy = (x - frame[0]) / size, (y - frame[1]) / size
    # Rings are counted from the cell of the grid that is nearest to the point.
    cx = int(min(max(fx, 0.0), columns - 1.0))
    cy = int(min(max(fy, 0.0), rows - 1.0))
    margin = min(fx - cx, cx + 1 - fx, fy - cy, cy + 1 - fy) * size
    east, north = max(-fx, fx - columns, 0.0) * size, max(-fy, fy - rows, 0.0) * size
    outside = east * east + north * north  # squared, from the point to the grid
    if outside > 0.0:
        if outside > best:
            return found, best
        margin = 0.0
    for ring in range(max(columns, rows)):
        for row in range(max(cy - ring, 0), min(cy + ring, rows - 1) + 1):
            edge_row = row in (cy - ring, cy + ring)
            step = 1 if edge_row or ring == 0 else 2 * ring
            for column in range(cx - ring, cx + ring + 1, step):
                if column < 0 or column >= columns:
                    continue
                cell = row * columns + column
                for k in range(ground.cell_start[cell], ground.cell_start[cell + 1]):
                    i = ground.cell_segment[k]
                    square, _ = foot_on(xy, i, x, y)
                    if square < best or (square == best and (found < 0 or i < found)):
                        best = square
                        found = i
        # What lies in no ring so far is farther off by that, beside the way to the grid or on it.
        seen = ring * size + margin
        if (seen * seen + outside) * _SURELY > best:
            break
    return found, best


@compiled
def _snap_some(
    ground: Ground,
    xy: np.ndarray,
    order: np.ndarray,
    limit: float,
    first: int,
    last: int,
    edge: np.ndarray,
    fraction: np.ndarray,
    foot: np.ndarray,
    access: np.ndarray,
) -> None:
    guess = NO_GUESS
    for turn in range(first, last):
        p = order[turn]
        if np.isnan(xy[p, 0]) or np.isnan(xy[p, 1]):
            continue
        i, square = nearest_segment(ground, xy[p, 0], xy[p, 1], limit, guess)
        guess = i
        if i < 0:
            continue
        square, t = foot_on(ground.vertex_xy, i, xy[p, 0], xy[p, 1])
        edge[p] = ground.vertex_edge[i]
        fraction[p] = ground.vertex_at[i] + t * (ground.vertex_at[i + 1] - ground.vertex_at[i])
        for c in range(2):
            a, b = ground.vertex_xy[i, c], ground.vertex_xy[i + 1, c]
            foot[p, c] = a + t * (b - a)
        access[p] = np.sqrt(square)


def find_feet(
    ground: Ground, xy: np.ndarray, limit_m: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Find the nearest edge of each point.

    Parameters
    ----------
    ground
        The segments and their grid.
    xy
        The points, n x 2, metres; a missing one has no street.
    limit_m
        Largest distance that counts, metres.

    Returns
    -------
    (edge, fraction, foot, access)
        Per point: position of the edge (-1 for none), share of it before the foot, the foot
        (n x 2), and its distance in metres; missing where there is none.
    """
    n, xy = len(xy), np.ascontiguousarray(xy)  # of one layout: the loop is compiled once
    edge, fraction, access = np.full(n, -1, np.int32), np.full(n, np.nan), np.full(n, np.nan)
    foot = np.full((n, 2), np.nan)
    # Point after point along the rows of the grid: neighbours find their streets in the cache.
    y0, size = ground.frame[1:3]
    order = np.lexsort((xy[:, 0], (xy[:, 1] - y0) // size)) if n > _CHUNK else np.arange(n)

    def _work(a: int, b: int) -> None:
        _snap_some(ground, xy, order, limit_m, a, b, edge, fraction, foot, access)

    in_chunks(n, _work, _CHUNK)
    return edge, fraction, foot, access
