"""One tile: what a worker is sent, what it computes of it, and workers of this process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.engine.network.graph.snapping import Snapped, snap_coordinates
from planner.engine.network.network import Network

Made = TypeVar("Made")
Run = Callable[[Callable[["Tile"], Any], Iterable["Tile"]], Iterable[Any]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Tile:
    """A square of places with all that they can reach: what one worker is sent.

    Parameters
    ----------
    nodes, edges
        Tables as `Network.from_edges` takes them, numbered from 0; `edges` has `scrap` as well,
        which tells whether an edge belongs to a scrap of the whole.
    homes, facilities
        Tables of `x` and `y`, metres, on the place of each among all; `facilities` may have `kind`.
    crs
        Their system, in metres.
    cutoff_min, speed_mps, max_snap_m
        As for `Network.nearest`.
    pass_over_m
        As of the whole.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    homes: pd.DataFrame
    facilities: pd.DataFrame
    crs: Any
    cutoff_min: float
    speed_mps: float
    max_snap_m: float
    pass_over_m: float

    @cached_property
    def _network(self) -> Network:
        made = Network.from_edges(self.nodes, self.edges.drop(columns="scrap"), self.crs)
        scraps = self.edges["scrap"].to_numpy()[made.edge_label]
        return replace(made, pass_over_m=self.pass_over_m, kept={"scraps": scraps})

    def network(self) -> Network:
        """Return the network of the tile; what is a scrap in it is what is one in the whole."""
        return self._network

    def on_streets(self, places: pd.DataFrame) -> Snapped:
        """Return places with the street of the tile that each stands on.

        Parameters
        ----------
        places
            Rows of `homes` or `facilities`.
        """
        xy = places[["x", "y"]].to_numpy(np.float64)
        return snap_coordinates(self.network(), places.index, xy, self.max_snap_m)


class Nearest(NamedTuple):
    """The nearest facilities of the homes of a tile."""

    home: NDArray[Any]  # its place among all homes
    facility: NDArray[Any]  # place among all facilities; -1 where none is within the cutoff
    minutes: NDArray[Any]
    kind: Any = None  # of the facilities


def nearest_in_tile(tile: Tile) -> Nearest:
    """Return the nearest facility of every home of a tile.

    Parameters
    ----------
    tile
        The tile.

    Returns
    -------
    As `Network.nearest`, by places among all.
    """
    homes = tile.homes.index.to_numpy()
    if tile.facilities.empty:
        return Nearest(homes, np.full(len(homes), -1), np.full(len(homes), np.nan))
    return _nearest(tile, tile.on_streets(tile.homes), tile.facilities)


def kinds_in_tile(tile: Tile) -> list[Nearest]:
    """Return the nearest facility of each kind for every home of a tile that reaches one.

    Parameters
    ----------
    tile
        The tile; its facilities have `kind`.

    Returns
    -------
    Kind after kind, without homes that reach none.
    """
    if tile.facilities.empty:
        return []
    homes = tile.on_streets(tile.homes)
    found = []
    for kind, places in tile.facilities.groupby("kind", sort=False):
        all_of = _nearest(tile, homes, places)
        reached = all_of.facility >= 0
        home, facility, minutes = (one[reached] for one in all_of[:3])
        found.append(Nearest(home, facility, minutes, kind))
    return found


def _nearest(tile: Tile, homes: Snapped, facilities: pd.DataFrame) -> Nearest:
    found = tile.network().nearest(
        homes, tile.on_streets(facilities), tile.cutoff_min, tile.speed_mps
    )
    facility = found["facility"].fillna(-1).to_numpy(np.int64)
    return Nearest(homes.index.to_numpy(), facility, found["minutes"].to_numpy())


def times_in_tile(tile: Tile) -> pd.DataFrame:
    """Return every pair of home and facility of a tile within the cutoff.

    Parameters
    ----------
    tile
        The tile.

    Returns
    -------
    As `Network.travel_times`, by places among all.
    """
    if tile.facilities.empty or tile.homes.empty:
        return pd.DataFrame({"demand": [], "facility": [], "minutes": []}).astype(
            {"demand": np.int64, "facility": np.int64}
        )
    return tile.network().travel_times(
        tile.on_streets(tile.homes),
        tile.on_streets(tile.facilities),
        tile.cutoff_min,
        tile.speed_mps,
    )


def areas_in_tile(
    tile: Tile, minutes: list[float], *, dissolve: bool, simplify_m: float
) -> gpd.GeoDataFrame:
    """Return the area within reach of each facility of a tile.

    Parameters
    ----------
    tile
        The tile.
    minutes, dissolve, simplify_m
        As for `Network.reach`.

    Returns
    -------
    As `Network.reach`, by places among all.
    """
    return tile.network().reach(
        tile.on_streets(tile.facilities),
        minutes,
        tile.speed_mps,
        dissolve=dissolve,
        simplify_m=simplify_m,
    )


def in_threads(workers: int) -> Run:
    """Return what computes tiles in threads of this process, without holding many at a time.

    Parameters
    ----------
    workers
        How many threads; one tile more than these is held.

    Returns
    -------
    What `TiledStreets` takes as `run`.
    """

    def run(work: Callable[[Tile], Made], tiles: Iterable[Tile]) -> Iterator[Made]:
        """Compute tiles, as many at a time as there are threads.

        Parameters
        ----------
        work
            Computes a tile.
        tiles
            The tiles; each is taken once a thread is near to free.
        """
        waiting: deque[Future[Made]] = deque()
        with ThreadPoolExecutor(workers, "tile") as pool:
            for tile in tiles:
                waiting.append(pool.submit(work, tile))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    return run
