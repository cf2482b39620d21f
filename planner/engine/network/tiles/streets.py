"""Streets that are too large for one network, asked tile by tile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner.engine.network.graph.build import metric_crs, note_labels
from planner.engine.network.graph.modes import WORTH
from planner.engine.network.graph.snapping import check_snap_limit, coordinates
from planner.engine.network.isochrones.raster import CELL_M
from planner.engine.network.isochrones.reach import simplified
from planner.engine.network.queries.times import labels_or_missing
from planner.engine.network.tiles.squares import Squares, StreetsBySquare
from planner.engine.network.tiles.tile import (
    Nearest,
    Run,
    Tile,
    areas_in_tile,
    kinds_in_tile,
    nearest_in_tile,
    times_in_tile,
)
from planner.errors import NetworkError, Problems, fail

# What ways are not bounded by a straight line.
_ONE_SPEED = ("geometry", "slope", WORTH[0], "seconds", "z")
_SLACK_M = 1.0  # beside the margin, lest rounding cut off a way of exactly the cutoff
_DRAWN_M = 20 * CELL_M  # beyond reach, what an outline may look at
_SECONDS = 60.0
_SQUARES = 8  # along a side of a tile: by these its streets are found


@dataclass(frozen=True, kw_only=True, eq=False)
class TiledStreets:
    """Streets that are too large for one network, asked tile by tile.

    Parameters
    ----------
    nodes
        One row per node, indexed by its id: `x` and `y` in metres.
    edges
        One row per edge, straight from node to node: `u`, `v`, `length_m`. Walkers alone, on flat
        ground: with slopes, vehicles' times or drawn lines a way is not bounded by its tile.
    crs
        Projected coordinate reference system in metres.
    tile_m
        Side of a tile, metres: the larger, the fewer streets are in two, and the more memory a
        worker takes.
    pass_over_m
        Parts of the whole shorter than this are scraps, passed over in putting places on streets.

    Raises
    ------
    NetworkError
        If edges have other columns of cost, name an unknown node, or are shorter than the straight
        line between their ends.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    crs: Any
    tile_m: float = 20_000.0
    pass_over_m: float = 0.0

    def __post_init__(self) -> None:
        problems = Problems()
        metric_crs(self.crs, problems)
        for name in _ONE_SPEED:
            if name in self.edges or (name == "z" and name in self.nodes):
                problems.add("network.tiles_plain", value=name)
        for end, at in (("u", self._streets.u), ("v", self._streets.v)):
            unknown = pd.Index(self.edges[end].to_numpy()[at < 0]).unique()
            note_labels(problems, "network.unknown_node", unknown)
        problems.raise_any(NetworkError)
        note_labels(problems, "network.tiles_short", self.edges.index[self._streets.too_short()])
        problems.raise_any(NetworkError)

    @cached_property
    def _streets(self) -> StreetsBySquare:
        side_m = self.tile_m / _SQUARES
        return StreetsBySquare(self.nodes, self.edges, side_m, self.pass_over_m)

    def tiles(
        self,
        homes: gpd.GeoSeries | None,
        facilities: gpd.GeoSeries,
        cutoff_min: float = 15.0,
        speed_mps: float = 1.0,
        max_snap_m: float = 200.0,
        *,
        kind: pd.Series | None = None,
        squares_of: Literal["homes", "facilities"] = "homes",
    ) -> Iterator[Tile]:
        """Yield the tiles, one after the other: never are two held here.

        Parameters
        ----------
        homes, facilities
            Points in the CRS of the streets, each with a label of its own; homes may be none.
        cutoff_min, speed_mps, max_snap_m
            As for `Network.nearest`; the cutoff is finite.
        kind
            Kind of each facility, on their index, where tiles are to have it.
        squares_of
            Which points are divided among tiles; of the others each tile has all within the margin.

        Yields
        ------
        The tiles that have such points and streets.

        Raises
        ------
        NetworkError
            If the points do not hold, or the cutoff or the speed sets no margin.
        """
        margin = cutoff_min * _SECONDS * speed_mps + _SLACK_M
        problems = Problems()
        if not np.isfinite(margin) or margin <= 0:
            problems.add("network.tiles_endless", value=cutoff_min)
        check_snap_limit(max_snap_m, problems)
        crs = metric_crs(self.crs, problems)
        home, place = (
            np.empty((0, 2)) if one is None else coordinates(one, crs, problems)
            for one in (homes, facilities)
        )
        problems.raise_any(NetworkError)
        own_xy, other_xy = (home, place) if squares_of == "homes" else (place, home)
        others = Squares(other_xy, self.tile_m)
        for own in Squares(own_xy, self.tile_m, self._streets.xy.min(axis=0)).each():
            low, high = own_xy[own].min(axis=0), own_xy[own].max(axis=0)
            near = np.sort(others.within(low - margin, high + margin))
            inside = (other_xy[near] >= low - margin) & (other_xy[near] <= high + margin)
            near = near[inside.all(axis=1)]
            at = (own, near) if squares_of == "homes" else (near, own)
            tables = [_table(xy, rows) for xy, rows in zip((home, place), at, strict=True)]
            if kind is not None:
                tables[1]["kind"] = kind.reindex(facilities.index).to_numpy()[at[1]]
            beyond = margin + max_snap_m + (0 if len(home) else _DRAWN_M)
            cut = self._streets.cut(low - beyond, high + beyond)
            if cut is not None:
                yield Tile(
                    nodes=cut[0],
                    edges=cut[1],
                    homes=tables[0],
                    facilities=tables[1],
                    crs=crs,
                    cutoff_min=cutoff_min,
                    speed_mps=speed_mps,
                    max_snap_m=max_snap_m,
                    pass_over_m=self.pass_over_m,
                )

    def nearest(
        self, homes: gpd.GeoSeries, facilities: gpd.GeoSeries, *, run: Run = map, **asked: Any
    ) -> pd.DataFrame:
        """Return the nearest facility of every home, as `Network.nearest` of the whole does.

        Parameters
        ----------
        homes, facilities
            Points in the CRS of the streets, each with a label of its own.
        run
            Maps a function over the tiles: the built-in `map`, `in_threads`, an executor's, or one
            that hands them to the workers of a cluster.
        **asked
            `cutoff_min`, `speed_mps` and `max_snap_m`, as for `tiles`.

        Returns
        -------
        `facility` and `minutes` on the homes' index, missing where none is within the cutoff. A
        point that is equally near to two streets, to the last bit, may be put on the other one.

        Raises
        ------
        NetworkError
            As `tiles`.
        """
        facility, minutes = np.full(len(homes), -1, np.int32), np.full(len(homes), np.nan)
        for found in run(nearest_in_tile, self.tiles(homes, facilities, **asked)):
            facility[found.home], minutes[found.home] = found.facility, found.minutes
        named = labels_or_missing(facilities.index, facility)
        return pd.DataFrame({"facility": named, "minutes": minutes}, index=homes.index, copy=False)

    def nearest_by_kind(
        self,
        homes: gpd.GeoSeries,
        facilities: gpd.GeoSeries,
        kind: pd.Series,
        *,
        run: Run = map,
        **asked: Any,
    ) -> pd.DataFrame:
        """Return the nearest facility of each kind for every home: what coverage is measured by.

        Parameters
        ----------
        homes, facilities, run, **asked
            As for `nearest`.
        kind
            Kind of each facility, on their index.

        Returns
        -------
        `demand`, `kind`, `facility` and `minutes`, kind after kind in the order in which they
        first occur, home after home; no row where none is within the cutoff. It is what
        `planner.coverage.measure` takes as `nearest`.

        Raises
        ------
        NetworkError
            As `tiles`, or if a facility has no kind.
        """
        number, names = pd.factorize(kind.reindex(facilities.index))
        if (number < 0).any():
            value = ", ".join(map(str, facilities.index[number < 0][:5]))
            raise fail(NetworkError, "network.tiles_kindless", value=value)
        codes = pd.Series(number, facilities.index)
        tiles = self.tiles(homes, facilities, kind=codes, **asked)
        found = [one for some in run(kinds_in_tile, tiles) for one in some]
        parts = [Nearest(*_by_home(found, n)) for n in range(len(names))]
        rows = [np.concatenate([one[column] for one in parts]) for column in range(3)]
        of_kind = np.repeat(np.arange(len(names)), [len(one.home) for one in parts])
        return pd.DataFrame(
            {
                "demand": homes.index.take(rows[0]),
                "kind": names.take(of_kind),
                "facility": facilities.index.take(rows[1]),
                "minutes": rows[2],
            },
            copy=False,
        )

    def travel_times(
        self, homes: gpd.GeoSeries, facilities: gpd.GeoSeries, *, run: Run = map, **asked: Any
    ) -> pd.DataFrame:
        """Return every pair of home and facility within the cutoff.

        Parameters
        ----------
        homes, facilities, run, **asked
            As for `nearest`.

        Returns
        -------
        `demand`, `facility` and `minutes`, as `Network.travel_times` of the whole gives them, tile
        after tile.

        Raises
        ------
        NetworkError
            As `tiles`.
        """
        found = list(run(times_in_tile, self.tiles(homes, facilities, **asked)))
        if not found:
            return pd.DataFrame(columns=["demand", "facility", "minutes"])
        pairs: pd.DataFrame = pd.concat(found, ignore_index=True)
        return pairs.assign(
            demand=homes.index.take(pairs["demand"]),
            facility=facilities.index.take(pairs["facility"]),
        )

    def catchments(
        self,
        homes: gpd.GeoSeries,
        facilities: gpd.GeoSeries,
        people: pd.DataFrame,
        *,
        run: Run = map,
        **asked: Any,
    ) -> pd.DataFrame:
        """Return the people within the cutoff of each facility.

        Parameters
        ----------
        homes, facilities, run, **asked
            As for `nearest`.
        people
            A column of people for each group, on the homes' index.

        Returns
        -------
        The same columns on the facilities' index: whom each facility can serve. People near to
        several count for each of them.

        Raises
        ------
        NetworkError
            As `tiles`.
        """
        weights = people.reindex(homes.index).to_numpy(np.float64)
        total = np.zeros((len(facilities), weights.shape[1]))
        tiles = self.tiles(homes, facilities, squares_of="facilities", **asked)
        for pairs in run(times_in_tile, tiles):  # a facility has all of its pairs in one tile
            in_order = pairs.sort_values(["facility", "demand"])  # sums are those of the whole
            np.add.at(total, in_order["facility"], weights[in_order["demand"]])
        return pd.DataFrame(total, index=facilities.index, columns=people.columns)

    def reach(
        self,
        facilities: gpd.GeoSeries,
        minutes: float | Iterable[float] = (5.0, 10.0, 15.0),
        *,
        dissolve: bool = False,
        simplify_m: float = 0.0,
        run: Run = map,
        **asked: Any,
    ) -> gpd.GeoDataFrame:
        """Return the area within reach of each facility along the streets.

        Parameters
        ----------
        facilities
            Points in the CRS of the streets, each with a label of its own.
        minutes, dissolve, simplify_m
            As for `Network.reach`.
        run, **asked
            As for `nearest`, without `cutoff_min`.

        Returns
        -------
        As `Network.reach` of the whole. Each area is drawn in one tile, which has all that it
        touches, and dissolved ones are put together: no border of a tile is an edge of an area.

        Raises
        ------
        NetworkError
            As `tiles`, or if a time is no positive number.
        """
        times = sorted({float(one) for one in (minutes if np.iterable(minutes) else [minutes])})
        if not times or not 0 < times[0] <= times[-1] < np.inf:
            raise fail(NetworkError, "network.bad_minutes", value=", ".join(map(str, times)))
        tiles = self.tiles(None, facilities, times[-1], squares_of="facilities", **asked)
        rough = 0.0 if dissolve else simplify_m
        draw = partial(areas_in_tile, minutes=times, dissolve=dissolve, simplify_m=rough)
        found = [one for one in run(draw, tiles) if len(one)]
        if not found:
            columns = ["minutes"] if dissolve else ["facility", "minutes"]
            return gpd.GeoDataFrame(columns=columns, geometry=[], crs=self.crs)
        areas = pd.concat(found, ignore_index=True)
        if not dissolve:
            areas = areas.sort_values("facility", kind="stable", ignore_index=True)
            return areas.assign(facility=facilities.index.take(areas["facility"]))
        rings: list[Any] = [
            shapely.union_all(areas.geometry[areas["minutes"] == one]) for one in times
        ]
        if simplify_m > 0:
            rings = simplified(rings, simplify_m)
        return gpd.GeoDataFrame({"minutes": times}, geometry=rings, crs=areas.crs)


def _table(xy: NDArray[np.float64], rows: NDArray[np.int32]) -> pd.DataFrame:
    return pd.DataFrame(xy[rows], columns=["x", "y"], index=rows.astype(np.int64))


def _by_home(found: list[Nearest], kind: int) -> list[NDArray[Any]]:
    """Join what tiles found of a kind, home after home."""
    of_kind = [one for one in found if one.kind == kind]
    if not of_kind:
        return [np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)]
    home, facility, minutes = (np.concatenate([one[n] for one in of_kind]) for n in range(3))
    turn = np.argsort(home, kind="stable")
    return [home[turn], facility[turn], minutes[turn]]
