"""Draw the area within reach: contours of travel time off the nearest street.

A facility's time surface is evaluated on a fine grid, each cell going by its nearest street, and
contoured where time or the way to the street runs out. Each contour vertex is then moved along its
grid line to where the exact formula says that the border is. Coverage itself is never read off a
polygon: `travel_times` decides, the polygon shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from contourpy import FillType, contour_generator
from numba import njit

from planner.errors import NetworkError, fail
from planner.network.kernels import FAR, NANO, Graph, Spots, search_one
from planner.network.snapping import Ground, foot_on, in_chunks, nearest_segment
from planner.network.times import cost_limit, cost_per_minute, placed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.network.streets import Network, Points
    from planner.network.times import Direction

_CELL_M = 5.0
_CLIP = 1.5  # cells beyond which the field is flat
_SMALL = 1.0  # cells: rings and holes below this are noise of the grid
_MOST_CELLS = 2 * 10**8
_HALVINGS = 12


class Edges(NamedTuple):
    """What it costs to stand on an edge: its chain, the way to its ends, and its own cost."""

    chain: np.ndarray
    from_a: np.ndarray
    from_b: np.ndarray
    forward: np.ndarray
    backward: np.ndarray


class Raster(NamedTuple):
    """Nearest segment per cell, filled in as cells are first looked at: 0 unknown, else id + 2."""

    cell: np.ndarray  # int32, rows x columns
    frame: np.ndarray  # float64: x and y of the first cell's centre, cell size, snap limit


def reach(
    network: Network,
    facilities: Points,
    minutes: Iterable[float],
    speed_mps: float,
    max_snap_m: float,
    direction: Direction,
    *,
    dissolve: bool,
) -> gpd.GeoDataFrame:
    """Draw the area within reach of each facility: see `Network.reach`."""
    times = sorted({float(one) for one in minutes})
    if not times or not 0 < times[0] <= times[-1] < np.inf:
        raise fail(NetworkError, "network.bad_minutes", value=", ".join(map(str, times)))
    per_min = [cost_per_minute(network, one, speed_mps) for one in times]
    at = network.snap(facilities, max_snap_m)
    network = network.travelled(direction)
    spots = placed(network, at, speed_mps).spots
    limits = np.array([cost_limit(one, k) for one, k in zip(times, per_min, strict=True)])
    metre = NANO if network.unit == "m" else NANO / speed_mps
    edges = edges_of(network)
    raster = raster_of(network, at.max_snap_m)
    chosen = np.flatnonzero(at.edge >= 0)

    def draw(first: int, last: int) -> list[np.ndarray]:
        cost = np.full(len(network.part_of_junction), FAR, np.int64)
        return [
            _areas(
                network,
                edges,
                raster,
                at.max_snap_m,
                spots,
                source,
                limits,
                metre,
                cost,
                at.xy[source],
            )
            for source in chosen[first:last]
        ]

    drawn = [area for some in in_chunks(len(chosen), draw, 8) for area in some]
    areas = np.array(drawn, dtype=object).reshape(-1, len(times))
    if dissolve:
        geometry = [shapely.union_all(column) for column in areas.T] if len(areas) else []
        table = {"minutes": times if len(areas) else []}
    else:
        geometry = areas.ravel()
        table = {
            "facility": at.index.take(np.repeat(chosen, len(times))),
            "minutes": np.tile(times, len(chosen)),
        }
    return gpd.GeoDataFrame(table, geometry=geometry, crs=network.crs)


def edges_of(network: Network) -> Edges:
    """Gather the costs of edges for the kernels."""
    return Edges(
        network.edge_chain,
        network.edge_from_a,
        network.edge_from_b,
        network.edge_forward,
        network.edge_backward,
    )


def raster_of(network: Network, snap_m: float) -> Raster | None:
    """Find or start the raster of nearest segments of a network; none where it is too wide."""
    key = ("raster", snap_m)
    if key not in network.kept:
        margin = snap_m + 4 * _CELL_M
        low = network.ground.vertex_xy.min(axis=0) - margin
        high = network.ground.vertex_xy.max(axis=0) + margin
        columns, rows = (np.ceil((high - low) / _CELL_M) + 1).astype(np.int64)
        fits = columns * rows <= _MOST_CELLS
        frame = np.array([*low, _CELL_M, snap_m])
        network.kept[key] = Raster(np.zeros((rows, columns), np.int32), frame) if fits else None
    return network.kept[key]


def _areas(
    network: Network,
    edges: Edges,
    raster: Raster | None,
    snap_m: float,
    spots: Spots,
    source: int,
    limits: np.ndarray,
    metre: float,
    cost: np.ndarray,
    place: np.ndarray,
) -> list[shapely.Geometry]:
    """Draw one facility's areas, the shortest time first."""
    graph, ground = network.graph, network.ground
    reached = settle(graph, spots, source, limits[-1], cost)
    box = extent(graph, ground, network.chain_edge, network.edge_vertex, spots, source, reached)
    margin = min(snap_m, limits[-1] / metre) + 4 * _CELL_M
    raster = raster if raster is not None else _own_raster(box, margin, snap_m)
    x0, y0, size, _ = raster.frame
    rows, columns = raster.cell.shape
    c0, c1 = (
        int(np.clip(v, 0, columns))
        for v in ((box[0] - margin - x0) // size, (box[2] + margin - x0) // size + 2)
    )
    r0, r1 = (
        int(np.clip(v, 0, rows))
        for v in ((box[1] - margin - y0) // size, (box[3] + margin - y0) // size + 2)
    )
    time, off = surface(graph, edges, ground, raster, spots, source, cost, metre, c0, c1, r0, r1)
    areas: list[shapely.Geometry] = []
    for limit in limits:
        field = level(time, off, limit / metre, snap_m, size * _CLIP)
        polygons, offsets = contour_generator(z=field, fill_type=FillType.OuterOffset).filled(
            -1e9, 0.0
        )
        parts = []
        for points, offset in zip(polygons, offsets, strict=True):
            slide(
                graph,
                edges,
                ground,
                raster,
                spots,
                source,
                cost,
                metre,
                limit / metre,
                points,
                field,
                c0,
                r0,
            )
            rings = [points[a:b] for a, b in zip(offset[:-1], offset[1:], strict=True)]
            if (part := _polygon(rings, place, size)) is not None:
                parts.append(part)
        area = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
        if areas and not shapely.covers(area, areas[-1]):
            area = shapely.union(area, areas[-1])
        if not shapely.contains_xy(area, *place):
            area = shapely.union(area, _leg(network, spots, source, place))
        areas.append(area)
    cost[reached] = FAR
    return areas


def _own_raster(box: np.ndarray, margin: float, snap_m: float) -> Raster:
    columns, rows = (np.ceil((box[2:] - box[:2] + 2 * margin) / _CELL_M) + 3).astype(np.int64)
    frame = np.array([box[0] - margin - _CELL_M, box[1] - margin - _CELL_M, _CELL_M, snap_m])
    return Raster(np.zeros((rows, columns), np.int32), frame)


def _polygon(rings: list[np.ndarray], place: np.ndarray, size: float) -> shapely.Polygon | None:
    """Make a polygon of an outer ring and its holes, without those that are noise of the grid."""
    areas = [abs(_signed_area(ring)) for ring in rings]
    least = _SMALL * size * size
    outer = shapely.Polygon(rings[0])
    if areas[0] < least and not shapely.contains_xy(outer, *place):
        return None
    holes = [ring for ring, area in zip(rings[1:], areas[1:], strict=True) if area >= least]
    return shapely.Polygon(rings[0], holes) if holes else outer


def _signed_area(ring: np.ndarray) -> float:
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return 0.5 * float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))


def _leg(network: Network, spots: Spots, source: int, place: np.ndarray) -> shapely.Geometry:
    """Draw the way from the facility to its street, a metre to each side."""
    i, _ = nearest_segment(network.ground, place[0], place[1], np.inf, -1)
    a, b = network.ground.vertex_xy[i], network.ground.vertex_xy[i + 1]
    _, t = foot_on(network.ground.vertex_xy, i, place[0], place[1])
    return shapely.buffer(shapely.linestrings([place, a + t * (b - a)]), 1.0)


@njit(cache=True, nogil=True)
def settle(graph: Graph, spots: Spots, source, limit, cost):
    """Search from one spot into `cost`; return the junctions reached."""
    room = len(graph.arc_head) + 2
    reached = np.empty(len(cost), np.int32)
    count = search_one(
        graph,
        spots,
        source,
        limit,
        cost,
        np.empty(0, np.int32),
        reached,
        np.empty(room, np.int64),
        np.empty(room, np.int32),
    )
    return reached[:count].copy()


@njit(cache=True, nogil=True)
def extent(graph: Graph, ground: Ground, chain_edge, edge_vertex, spots: Spots, source, reached):
    """Box around every chain that leaves a reached junction, and the spot's own."""
    box = np.array([np.inf, np.inf, -np.inf, -np.inf])
    for turn in range(-1, len(reached)):
        begin, end = 0, 1
        if turn >= 0:
            begin, end = graph.arc_start[reached[turn]], graph.arc_start[reached[turn] + 1]
        for arc in range(begin, end):
            chain = spots.chain[source] if turn < 0 else graph.arc_chain[arc] >> 1
            for p in range(edge_vertex[chain_edge[chain]], edge_vertex[chain_edge[chain + 1]]):
                x, y = ground.vertex_xy[p, 0], ground.vertex_xy[p, 1]
                box[0], box[1] = min(box[0], x), min(box[1], y)
                box[2], box[3] = max(box[2], x), max(box[3], y)
    return box


@njit(cache=True, nogil=True, inline="always")
def _shares(segment, vertex_edge, vertex_at, forward, backward, before, after, metre, out):
    """Cost in metres' worth from A and from B at share t of a segment: out[0] + t * out[1], and B."""
    edge = vertex_edge[segment]
    at, step = vertex_at[segment], vertex_at[segment + 1] - vertex_at[segment]
    out[0], out[1], out[2], out[3] = np.inf, 0.0, np.inf, 0.0
    if forward[edge] < FAR:
        out[0] = (before[edge] + at * forward[edge]) / metre
        out[1] = step * forward[edge] / metre
    if backward[edge] < FAR:
        out[2] = (after[edge] + (1.0 - at) * backward[edge]) / metre
        out[3] = -step * backward[edge] / metre


@njit(cache=True, nogil=True, inline="always")
def _time_at(line, t, at_a, at_b, own, source_a, source_b, source_access):
    """Cost in metres' worth of the place at share t of a segment, from both ends of its chain."""
    from_a = line[0] + t * line[1]
    from_b = line[2] + t * line[3]
    best = min(at_a + from_a, at_b + from_b)
    if own:
        if from_a >= source_a and from_a < np.inf:
            best = min(best, source_access + from_a - source_a)
        if from_b >= source_b and from_b < np.inf:
            best = min(best, source_access + from_b - source_b)
    return best


@njit(cache=True, nogil=True)
def surface(graph, edges, ground, raster, spots, source, cost, metre, c0, c1, r0, r1):
    """Evaluate a window of the time surface: metres' worth of time, and metres to the street."""
    x0, y0, size, snap = raster.frame[0], raster.frame[1], raster.frame[2], raster.frame[3]
    cells, xy = raster.cell, ground.vertex_xy
    vertex_edge, vertex_at = ground.vertex_edge, ground.vertex_at
    edge_chain, forward, backward = edges.chain, edges.forward, edges.backward
    before, after = edges.from_a, edges.from_b
    chain_a, chain_b = graph.chain_a, graph.chain_b
    own_chain = spots.chain[source]
    own_a, own_b = spots.from_a[source] / metre, spots.from_b[source] / metre
    own_access = spots.access[source] / metre
    time = np.full((r1 - r0, c1 - c0), np.inf)
    off = np.full((r1 - r0, c1 - c0), np.inf)
    line = np.empty(4)
    last = -1
    at_a = at_b = np.inf
    own = False
    for row in range(r0, r1):
        y = y0 + row * size
        for column in range(c0, c1):
            x = x0 + column * size
            known = cells[row, column]
            if known == 0:
                found, _ = nearest_segment(ground, x, y, snap + 2 * size, last)
                known = found + 2
                cells[row, column] = known
            segment = known - 2
            if segment < 0:
                continue
            if segment != last:
                last = segment
                chain = edge_chain[vertex_edge[segment]]
                at_a, at_b = (
                    _metres(cost[chain_a[chain]], metre),
                    _metres(cost[chain_b[chain]], metre),
                )
                own = chain == own_chain
                if own or min(at_a, at_b) < np.inf:
                    _shares(
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
            square, t = foot_on(xy, segment, x, y)
            distance = np.sqrt(square)
            off[row - r0, column - c0] = distance
            if own or min(at_a, at_b) < np.inf:
                time[row - r0, column - c0] = distance + _time_at(
                    line, t, at_a, at_b, own, own_a, own_b, own_access
                )
    return time, off


@njit(cache=True, nogil=True, inline="always")
def _metres(cost, metre):
    return cost / metre if cost < FAR else np.inf


@njit(cache=True, nogil=True)
def level(time, off, limit, snap, clip):
    """Field that is zero on the border: positive beyond the time or the snap limit, and flat far off."""
    field = np.empty(time.shape)
    for row in range(time.shape[0]):
        for column in range(time.shape[1]):
            over = max(time[row, column] - limit, off[row, column] - snap)
            field[row, column] = min(max(over, -clip), clip)
    return field


@njit(cache=True, nogil=True)
def slide(graph, edges, ground, raster, spots, source, cost, metre, limit, points, field, c0, r0):
    """Move contour vertices along their grid lines onto the exact border; grid units to metres."""
    x0, y0, size, snap = raster.frame[0], raster.frame[1], raster.frame[2], raster.frame[3]
    cells, xy = raster.cell, ground.vertex_xy
    vertex_edge, vertex_at = ground.vertex_edge, ground.vertex_at
    edge_chain, forward, backward = edges.chain, edges.forward, edges.backward
    before, after = edges.from_a, edges.from_b
    chain_a, chain_b = graph.chain_a, graph.chain_b
    own_chain = spots.chain[source]
    own_a, own_b = spots.from_a[source] / metre, spots.from_b[source] / metre
    own_access = spots.access[source] / metre
    pair = np.empty(2, np.int64)
    lines = np.empty((2, 4))
    ends = np.empty((2, 2))
    for p in range(len(points)):
        # One of the two is a whole number, up to rounding: the vertex lies on that grid line.
        aside = abs(points[p, 0] - np.rint(points[p, 0]))
        above = abs(points[p, 1] - np.rint(points[p, 1]))
        across, upward = aside > above, above > aside
        column = int(points[p, 0] if across else np.rint(points[p, 0]))
        row = int(points[p, 1] if upward else np.rint(points[p, 1]))
        xa, ya = x0 + (c0 + column) * size, y0 + (r0 + row) * size
        if across == upward:
            points[p, 0], points[p, 1] = xa, ya
            continue
        next_column, next_row = column + across, row + upward
        xb, yb = x0 + (c0 + next_column) * size, y0 + (r0 + next_row) * size
        pair[0] = cells[r0 + row, c0 + column] - 2
        pair[1] = cells[r0 + next_row, c0 + next_column] - 2
        for k in range(2):
            if pair[k] < 0:
                pair[k] = pair[1 - k]
            _shares(
                pair[k], vertex_edge, vertex_at, forward, backward, before, after, metre, lines[k]
            )
            chain = edge_chain[vertex_edge[pair[k]]]
            ends[k, 0] = _metres(cost[chain_a[chain]], metre)
            ends[k, 1] = _metres(cost[chain_b[chain]], metre)
        if field[row, column] > 0:
            xa, ya, xb, yb = xb, yb, xa, ya
        for _ in range(_HALVINGS):
            x, y = 0.5 * (xa + xb), 0.5 * (ya + yb)
            square, t = foot_on(xy, pair[0], x, y)
            k = 0
            if pair[0] != pair[1]:
                other, s = foot_on(xy, pair[1], x, y)
                if other < square:
                    square, t, k = other, s, 1
            distance = np.sqrt(square)
            own = edge_chain[vertex_edge[pair[k]]] == own_chain
            total = distance + _time_at(
                lines[k], t, ends[k, 0], ends[k, 1], own, own_a, own_b, own_access
            )
            if total <= limit and distance <= snap:
                xa, ya = x, y
            else:
                xb, yb = x, y
        points[p, 0], points[p, 1] = 0.5 * (xa + xb), 0.5 * (ya + yb)
