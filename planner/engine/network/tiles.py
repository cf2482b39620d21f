"""One large network in tiles, so that no worker holds it all: the answers are those of the whole.

A tile is a square of homes with all that they can reach: the facilities and streets within a margin
of cutoff times speed. A way within the cutoff is never longer than that, and a straight line never
longer than the way, so it lies wholly within the margin. Streets are taken a little farther out, as
far as anybody is put on a street, so that each facility stands where it does in the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array

from planner.engine.network.graph.build import note_labels
from planner.engine.network.graph.scraps import SHARE_OF_LONGEST
from planner.engine.network.network import Network
from planner.errors import NetworkError, Problems

_ONE_SPEED = ("geometry", "slope", "seconds", "z")  # what ways are not bounded by a straight line
_SLACK_M = 1.0  # beside the margin, lest rounding cut off a way of exactly the cutoff
_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Tile:
    """A square of homes with all that they can reach: what one worker is sent.

    Parameters
    ----------
    nodes, edges
        Tables as `Network.from_edges` takes them; `edges` has `scrap` as well, which tells whether
        an edge belongs to a scrap of the whole.
    homes, facilities
        Points.
    crs
        Their system, in metres.
    cutoff_min, speed_mps, max_snap_m
        As for `Network.nearest`.
    pass_over_m
        As of the whole.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    homes: gpd.GeoSeries
    facilities: gpd.GeoSeries
    crs: Any
    cutoff_min: float
    speed_mps: float
    max_snap_m: float
    pass_over_m: float

    def network(self) -> Network:
        """Build the network of the tile; what is a scrap in it is what is one in the whole."""
        made = Network.from_edges(self.nodes, self.edges.drop(columns="scrap"), self.crs)
        scraps = self.edges["scrap"].reindex(made.edge_label).to_numpy()
        return replace(made, pass_over_m=self.pass_over_m, kept={"scraps": scraps})


Run = Callable[[Callable[[Tile], pd.DataFrame], Iterable[Tile]], Iterable[pd.DataFrame]]


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
        for name in _ONE_SPEED:
            if name in self.edges or (name == "z" and name in self.nodes):
                problems.add("network.tiles_plain", value=name)
        for end, at in (("u", self._u), ("v", self._v)):
            unknown = pd.Index(self.edges[end].to_numpy()[at < 0]).unique()
            note_labels(problems, "network.unknown_node", unknown)
        problems.raise_any(NetworkError)
        chord = np.hypot(*(self._xy[self._u] - self._xy[self._v]).T)
        short = np.flatnonzero(self.edges["length_m"].to_numpy(float) < chord * (1 - 1e-6) - 1e-3)
        note_labels(problems, "network.tiles_short", self.edges.index[short])
        problems.raise_any(NetworkError)

    @cached_property
    def _xy(self) -> NDArray[np.float64]:
        return self.nodes[["x", "y"]].to_numpy(float)

    @cached_property
    def _u(self) -> NDArray[np.intp]:
        return self.nodes.index.get_indexer(pd.Index(self.edges["u"]))

    @cached_property
    def _v(self) -> NDArray[np.intp]:
        return self.nodes.index.get_indexer(pd.Index(self.edges["v"]))

    @cached_property
    def _scrap(self) -> NDArray[np.bool_]:
        """Whether each edge belongs to a scrap, as `scrap_edges` has it of the whole network."""
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  slow to load

        links = coo_array(
            (np.ones(len(self._u), np.int8), (self._u, self._v)), shape=(len(self.nodes),) * 2
        )
        part = connected_components(links, directed=False)[1][self._u]
        length = np.bincount(part, weights=self.edges["length_m"].to_numpy(float))
        least = min(self.pass_over_m, SHARE_OF_LONGEST * float(length.max()))
        found: NDArray[np.bool_] = (length < least)[part]
        return found

    def tiles(
        self,
        homes: gpd.GeoSeries,
        facilities: gpd.GeoSeries,
        cutoff_min: float = 15.0,
        speed_mps: float = 1.0,
        max_snap_m: float = 200.0,
    ) -> Iterator[Tile]:
        """Yield the tiles that have homes, one after the other: never are two held here.

        Parameters
        ----------
        homes, facilities
            Points in the CRS of the streets, each with a label of its own.
        cutoff_min, speed_mps, max_snap_m
            As for `Network.nearest`; the cutoff is finite.

        Yields
        ------
        The tiles.

        Raises
        ------
        NetworkError
            If the cutoff or the speed sets no margin.
        """
        margin = cutoff_min * _SECONDS * speed_mps + _SLACK_M
        if not np.isfinite(margin) or margin <= 0:
            problems = Problems()
            problems.add("network.tiles_endless", value=cutoff_min)
            problems.raise_any(NetworkError)
        home, place = (np.column_stack([of.x, of.y]) for of in (homes, facilities))
        row = np.floor((home - self._xy.min(axis=0)) / self.tile_m).astype(np.int64)
        west, south = np.minimum(self._xy[self._u], self._xy[self._v]).T
        east, north = np.maximum(self._xy[self._u], self._xy[self._v]).T
        for square in np.unique(row, axis=0):
            own = np.flatnonzero((row == square).all(axis=1))
            low, high = home[own].min(axis=0) - margin, home[own].max(axis=0) + margin
            near = ((place >= low) & (place <= high)).all(axis=1)
            (x0, y0), (x1, y1) = low - max_snap_m, high + max_snap_m
            kept = np.flatnonzero((west <= x1) & (east >= x0) & (south <= y1) & (north >= y0))
            if len(kept):
                yield Tile(
                    nodes=self.nodes.iloc[np.union1d(self._u[kept], self._v[kept])],
                    edges=self.edges.iloc[kept].assign(scrap=self._scrap[kept]),
                    homes=homes.iloc[own],
                    facilities=facilities[near],
                    crs=self.crs,
                    cutoff_min=cutoff_min,
                    speed_mps=speed_mps,
                    max_snap_m=max_snap_m,
                    pass_over_m=self.pass_over_m,
                )

    def nearest(
        self, homes: gpd.GeoSeries, facilities: gpd.GeoSeries, *, run: Run = map, **asked: float
    ) -> pd.DataFrame:
        """Return the nearest facility of every home, as `Network.nearest` of the whole does.

        Parameters
        ----------
        homes, facilities
            Points in the CRS of the streets, each with a label of its own.
        run
            Maps a function over the tiles: the built-in `map`, an executor's, or one that hands
            them to the workers of a cluster.
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
        found = list(run(nearest_in_tile, self.tiles(homes, facilities, **asked)))
        joined = pd.concat(found) if found else pd.DataFrame(columns=["facility", "minutes"])
        return joined.reindex(homes.index)

    def travel_times(
        self, homes: gpd.GeoSeries, facilities: gpd.GeoSeries, *, run: Run = map, **asked: float
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
        empty = pd.DataFrame(columns=["demand", "facility", "minutes"])
        return pd.concat(found, ignore_index=True) if found else empty


def nearest_in_tile(tile: Tile) -> pd.DataFrame:
    """Return the nearest facility of every home of a tile.

    Parameters
    ----------
    tile
        The tile.

    Returns
    -------
    As `Network.nearest`.
    """
    if tile.facilities.empty:
        missing = {"facility": None, "minutes": np.nan}
        return pd.DataFrame(missing, index=tile.homes.index)
    return tile.network().nearest(
        tile.homes, tile.facilities, tile.cutoff_min, tile.speed_mps, tile.max_snap_m
    )


def times_in_tile(tile: Tile) -> pd.DataFrame:
    """Return every pair of home and facility of a tile within the cutoff.

    Parameters
    ----------
    tile
        The tile.

    Returns
    -------
    As `Network.travel_times`.
    """
    if tile.facilities.empty:
        return pd.DataFrame(columns=["demand", "facility", "minutes"])
    return tile.network().travel_times(
        tile.homes, tile.facilities, tile.cutoff_min, tile.speed_mps, tile.max_snap_m
    )
