# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""Draw the area within reach: where time, or the way to the nearest street, runs out.

The border is followed from cell to cell of a fine grid, and each of its vertices put where the
exact formula says that the border is. Coverage itself is never read off a polygon: `travel_times`
decides, the polygon shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from planner.engine.network.graph.arrays import Streets
from planner.engine.network.graph.segments import foot_on, nearest_segment
from planner.engine.network.graph.snapping import Snapped
from planner.engine.network.isochrones.contour import Rings, draw_outline
from planner.engine.network.isochrones.raster import Rasters, rasters_of
from planner.engine.network.isochrones.reached_segments import (
    Edges,
    Field,
    SegmentBuffers,
    list_segments,
)
from planner.engine.network.queries.positions import positions_of
from planner.engine.network.queries.query import NetworkQuery, cost_limit, cost_per_minute
from planner.engine.network.search.closest import nearest_source
from planner.engine.network.search.kernels import FAR, NANO, Spots, make_queue_for, search_one
from planner.engine.network.search.threads import WORKERS, in_chunks
from planner.errors import NetworkError, fail

_SMALL = 1.0  # cells: rings and holes below this are noise of the grid


def reach(
    asked: NetworkQuery,
    minutes: float | Iterable[float],
    *,
    dissolve: bool = False,
    simplify_m: float = 0.0,
) -> gpd.GeoDataFrame:
    """Return the area within reach of each facility: see `Network.reach`.

    Parameters
    ----------
    asked
        The query, without a cutoff of its own.
    minutes
        The times to draw, above 0.
    dissolve
        Whether all facilities share one area per time.
    simplify_m
        Side of the triangles that may be cut off from the outline, metres; 0 leaves it.

    Returns
    -------
    `facility` (unless dissolved), `minutes` and the area, facility after facility.

    Raises
    ------
    NetworkError
        If a time is no positive number.
    """
    given = minutes if np.iterable(minutes) else [minutes]
    times = sorted({float(one) for one in given})
    if not times or not 0 < times[0] <= times[-1] < np.inf:
        raise fail(NetworkError, "network.bad_minutes", value=", ".join(map(str, times)))
    network, at, speed_mps = asked.network, asked.facilities, asked.speed_mps
    per_min = cost_per_minute(network, speed_mps)
    limits = [cost_limit(one, per_min) for one in times]
    metre = NANO if network.unit == "m" else NANO / speed_mps
    rasters = rasters_of(network, at.max_snap_m)
    chosen = np.flatnonzero(at.edge >= 0)
    # Facilities in one place are drawn once.
    _, first_of, place = np.unique(at.xy[chosen], axis=0, return_index=True, return_inverse=True)
    drawn = chosen[first_of]
    # One neighbour after the other, along the curve that junctions are numbered by: they share
    # streets and ground, which so stay in the processor's cache.
    turn = np.argsort(network.graph.chain_a[network.edge_chain[at.edge[drawn]]], kind="stable")

    def _draw(first: int, last: int) -> list[list[shapely.Geometry]]:
        drawer = _IsochroneDrawer(network, at, speed_mps, limits, metre, rasters)
        return [drawer.rings(drawn[[one]]) for one in turn[first:last]]

    if dissolve and len(drawn) and rasters.full:
        # The region of the nearest facility is the union of all: one drawing for all facilities.
        areas = [_IsochroneDrawer(network, at, speed_mps, limits, metre, rasters).rings(drawn)]
    else:
        chunk = max(16, len(drawn) // (4 * WORKERS))
        areas = [rings for some in in_chunks(len(drawn), _draw, chunk) for rings in some]
        if dissolve and areas:
            areas = [[shapely.union_all(list(one)) for one in zip(*areas, strict=True)]]
    if simplify_m > 0:
        areas = [simplified(rings, simplify_m) for rings in areas]
    table: dict[str, Any] = {}
    if not dissolve:
        areas = [areas[one] for one in np.argsort(turn)[place.ravel()]]
        table["facility"] = at.index.take(np.repeat(chosen, len(times)))
    table["minutes"] = np.tile(times, len(areas))
    flat = [area for rings in areas for area in rings]
    return gpd.GeoDataFrame(table, geometry=flat, crs=network.crs)


def simplified(rings: list[shapely.Geometry], tolerance_m: float) -> list[shapely.Geometry]:
    """Return nested areas simplified, the smallest first, so that they stay nested.

    The bands between them are simplified together, as one coverage, and put together again; an area
    that would vanish keeps its own shape.

    Parameters
    ----------
    rings
        Areas, each inside the next.
    tolerance_m
        Side of the triangles that may be cut off, metres.

    Returns
    -------
    The areas, in the same order.
    """
    bands = [rings[0], *(shapely.difference(b, a) for a, b in pairwise(rings))]
    plain = shapely.coverage_simplify(bands, tolerance_m)
    out: list[shapely.Geometry] = []
    for band in plain:
        out.append(shapely.union(out[-1], band) if out else band)
    return out if all(shapely.area(out) > 0) and all(shapely.is_valid(out)) else rings


class _IsochroneDrawer:
    """Draws one facility after the other, with one set of working buffers."""

    def __init__(
        self,
        network: Streets,
        at: Snapped,
        speed_mps: float,
        limits: list[int],
        metre: float,
        rasters: Rasters,
    ) -> None:
        self.network, self.at, self.rasters = network, at, rasters
        self.spots = positions_of(network, at, speed_mps).spots
        self.limits, self.metre = limits, metre
        junctions, vertices = len(network.part_of_junction), len(network.ground.vertex_xy)
        self.cost = np.full(junctions, FAR, np.int64)
        self.reached = np.empty(junctions + 1, np.int32)
        self.queue = make_queue_for(network.graph)
        self.buffers = SegmentBuffers(
            np.zeros(vertices + 1, np.uint8),
            np.empty((vertices, 4)),
            np.empty((vertices, 6)),
            np.empty(vertices, np.int32),
            np.empty(vertices),
        )
        self.cells = np.empty(0, np.uint8)
        self.edges = Edges(
            network.edge_chain,
            network.edge_from_a,
            network.edge_from_b,
            network.edge_forward,
            network.edge_backward,
        )

    def rings(self, sources: np.ndarray) -> list[shapely.Geometry]:
        """Return what is within reach of any of some facilities, the shortest time first.

        Parameters
        ----------
        sources
            Numbers of the facilities.
        """
        graph, limit = self.network.graph, self.limits[-1]
        if len(sources) == 1:
            count = search_one(
                graph, self.spots, sources[0], limit, self.cost, None, self.reached, self.queue
            )
            reached = self.reached[:count]
            areas = self._nested(self._field(sources, self.cost), reached, self.at.xy[sources])
            self.cost[reached] = FAR
            return areas
        spots = Spots(*(column[sources] for column in self.spots))
        order = np.argsort(spots.chain, kind="stable").astype(np.int32)
        cost, _, _ = nearest_source(graph, spots, order, limit)
        reached = np.flatnonzero(cost < FAR).astype(np.int32)
        return self._nested(self._field(sources, cost), reached, self.at.xy[sources])

    def _field(self, sources: np.ndarray, cost: np.ndarray) -> Field:
        network, spots = self.network, self.spots
        sources = sources[np.argsort(spots.chain[sources], kind="stable")]
        own = (spots.from_a[sources], spots.from_b[sources], spots.access[sources])
        return Field(
            network.graph,
            self.edges,
            network.ground,
            network.chain_edge,
            network.edge_vertex,
            cost,
            spots.chain[sources],
            np.column_stack(own) / self.metre,
            float(self.metre),
        )

    def _nested(
        self, field: Field, reached: np.ndarray, places: np.ndarray
    ) -> list[shapely.Geometry]:
        # The outline of a longer time holds that of a shorter one to the last bit. The way from a
        # facility to its street is none of it: it is added where time runs out on it.
        areas: list[shapely.Geometry] = []
        has_ways, missed = False, places
        for limit in self.limits:
            area = self._area(field, reached, limit / self.metre)
            if len(missed) > 1:
                shapely.prepare(area)
            if len(missed):  # who lies in a smaller area lies in this one
                missed = missed[~shapely.contains_xy(area, *missed.T)]
            if len(missed):
                area = shapely.union_all([area, *(self._leg(place) for place in missed)])
            if has_ways and not shapely.covers(area, areas[-1]):
                area = shapely.union(area, areas[-1])
            has_ways = has_ways or len(missed) > 0
            areas.append(area)
        return areas

    def _area(self, field: Field, reached: np.ndarray, limit: float) -> Any:
        count, box = list_segments(field, self.buffers, reached, self.rasters.snap_m, limit)
        if not count:  # time runs out before the street
            return shapely.Polygon()
        near = self.buffers.listed[:count]
        raster, span = self.rasters.window(self.network.ground, box, near)
        within = self._cells(int(span[3] - span[2]) + 2, (int(span[1] - span[0]) + 9) // 8 * 8)
        xy, least = self.network.ground.vertex_xy, _SMALL * raster.frame[2] ** 2
        return _polygons(
            draw_outline(xy, field.own, self.buffers, within, raster, span, limit, count, least)
        )

    def _cells(self, rows: int, columns: int) -> np.ndarray:
        """Return memory for so many cells: that of the area before where it is enough."""
        wanted = rows * columns
        if wanted > len(self.cells):
            self.cells = np.empty(2 * wanted, np.uint8)  # what is not used costs nothing
        return self.cells[:wanted].reshape(rows, columns)

    def _leg(self, place: np.ndarray) -> Any:
        """Return the way from the facility to its street as an area, a metre to each side."""
        xy = self.network.ground.vertex_xy
        i, _ = nearest_segment(self.network.ground, place[0], place[1], np.inf, -1)
        _, t = foot_on(xy, i, place[0], place[1])
        foot = xy[i] + t * (xy[i + 1] - xy[i])
        return shapely.buffer(shapely.linestrings([place, foot]), 1.0)


def _polygons(rings: Rings) -> Any:
    parts = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, rings.points, (rings.starts, rings.shells)
    )
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
