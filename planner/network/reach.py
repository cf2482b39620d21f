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

from planner.errors import NetworkError, fail
from planner.network.arrays import Streets
from planner.network.kernels import FAR, NANO
from planner.network.question import Question, cost_limit, cost_per_minute
from planner.network.raster import Rasters, rasters_of
from planner.network.snapping import Snapped, foot_on, in_chunks, nearest_segment
from planner.network.spots import placed
from planner.network.surface import Edges, Field, inside, outline, settle, survey

_SMALL = 1.0  # cells: rings and holes below this are noise of the grid


def reach(
    asked: Question,
    minutes: float | Iterable[float],
    *,
    dissolve: bool = False,
    simplify_m: float = 0.0,
) -> gpd.GeoDataFrame:
    """Draw the area within reach of each facility: see `Network.reach`."""
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

    def draw(first: int, last: int) -> list[list[shapely.Geometry]]:
        artist = _Artist(network, at, speed_mps, limits, metre, rasters)
        return [artist.rings(int(source)) for source in drawn[first:last]]

    areas = [rings for some in in_chunks(len(drawn), draw, 16) for rings in some]
    if dissolve and areas:
        areas = [[shapely.union_all(list(one)) for one in zip(*areas, strict=True)]]
    if simplify_m > 0:
        areas = [simplified(rings, simplify_m) for rings in areas]
    table: dict[str, Any] = {}
    if not dissolve:
        areas = [areas[one] for one in place.ravel()]
        table["facility"] = at.index.take(np.repeat(chosen, len(times)))
    table["minutes"] = np.tile(times, len(areas))
    flat = [area for rings in areas for area in rings]
    return gpd.GeoDataFrame(table, geometry=flat, crs=network.crs)


def simplified(rings: list[shapely.Geometry], tolerance_m: float) -> list[shapely.Geometry]:
    """Simplify nested areas, the smallest first, so that they stay nested.

    The bands between them are simplified together, as one coverage, and put together again; an area
    that would vanish keeps its own shape.

    Parameters
    ----------
    rings
        Areas, each inside the next.
    tolerance_m
        Side of the triangles that may be cut off, metres.
    """
    bands = [rings[0], *(shapely.difference(b, a) for a, b in pairwise(rings))]
    plain = shapely.coverage_simplify(bands, tolerance_m)
    out: list[shapely.Geometry] = []
    for band in plain:
        out.append(shapely.union(out[-1], band) if out else band)
    return out if all(shapely.area(out) > 0) and all(shapely.is_valid(out)) else rings


class _Artist:
    """Draws one facility after the other, with one set of working arrays."""

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
        self.spots = placed(network, at, speed_mps).spots
        self.limits, self.metre = limits, metre
        self.cost = np.full(len(network.part_of_junction), FAR, np.int64)
        vertices = len(network.ground.vertex_xy)
        self.segments = np.empty(vertices, np.int32)
        self.least, self.longest = np.empty(vertices), np.empty(vertices)
        self.state = np.zeros(vertices, np.uint8)
        self.edges = Edges(
            network.edge_chain,
            network.edge_from_a,
            network.edge_from_b,
            network.edge_forward,
            network.edge_backward,
        )

    def rings(self, source: int) -> list[shapely.Geometry]:
        """Draw one facility's areas, the shortest time first."""
        network, spots, place = self.network, self.spots, self.at.xy[source]
        own = np.array([spots.from_a[source], spots.from_b[source], spots.access[source]])
        field = Field(
            network.graph,
            self.edges,
            network.ground,
            self.cost,
            np.concatenate([[spots.chain[source]], own / self.metre]),
            float(self.metre),
        )
        reached = settle(field, spots, source, self.limits[-1])
        areas: list[shapely.Geometry] = []
        for limit in self.limits:
            area = self._area(field, reached, limit / self.metre)
            if areas and not shapely.covers(area, areas[-1]):
                area = shapely.union(area, areas[-1])
            if not shapely.contains_xy(area, *place):
                area = shapely.union(area, self._leg(place))
            areas.append(area)
        self.cost[reached] = FAR
        return areas

    def _area(self, field: Field, reached: np.ndarray, limit: float) -> Any:
        network, snap_m = self.network, self.rasters.snap_m
        count, box = survey(
            field,
            network.chain_edge,
            network.edge_vertex,
            reached,
            snap_m,
            limit,
            self.segments,
            self.least,
            self.longest,
        )
        if not count:  # time runs out before the street
            return shapely.Polygon()
        raster, span = self.rasters.window(network.ground, box)
        near, longest = self.segments[:count], self.longest[:count]
        within = inside(field, raster, span, limit, near, longest, self.state)
        points, starts, areas = outline(field, raster, span, limit, within)
        return _polygons(points, starts, areas, _SMALL * raster.frame[2] ** 2)

    def _leg(self, place: np.ndarray) -> Any:
        """Draw the way from the facility to its street, a metre to each side."""
        xy = self.network.ground.vertex_xy
        i, _ = nearest_segment(self.network.ground, place[0], place[1], np.inf, -1)
        _, t = foot_on(xy, i, place[0], place[1])
        foot = xy[i] + t * (xy[i + 1] - xy[i])
        return shapely.buffer(shapely.linestrings([place, foot]), 1.0)


def _polygons(points: np.ndarray, starts: np.ndarray, areas: np.ndarray, least: float) -> Any:
    """Make polygons of rings: outer ones turn left, holes right; what is too small is noise."""
    big = np.flatnonzero(np.abs(areas) >= least)
    rings: list[Any] = [shapely.linearrings(points[starts[k] : starts[k + 1]]) for k in big]
    outer = [ring for ring, k in zip(rings, big, strict=True) if areas[k] > 0]
    holes = [ring for ring, k in zip(rings, big, strict=True) if areas[k] < 0]
    if not outer:
        return shapely.Polygon()
    if len(outer) == 1:
        return shapely.polygons(outer[0], holes or None)
    at = points[starts[big[areas[big] < 0]]]
    shells: Any = shapely.polygons(outer)
    order = np.argsort(shapely.area(shells), kind="stable")  # a hole belongs to the smallest shell
    owner = np.full(len(holes), -1)
    for k in order:
        if holes:
            owner[(owner < 0) & shapely.intersects_xy(shells[k], *at.T)] = k
    return shapely.multipolygons(
        [
            shapely.polygons(ring, [holes[h] for h in np.flatnonzero(owner == k)] or None)
            for k, ring in enumerate(outer)
        ]
    )
