"""Points on the nearest street: the foot of the perpendicular, and what has no street near."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from planner.engine.network.graph.arrays import Streets
from planner.engine.network.graph.scraps import ground_without_scraps, scrap_edges
from planner.engine.network.graph.segments import find_feet
from planner.errors import NetworkError, Problems, fail

Points: TypeAlias = "gpd.GeoSeries | gpd.GeoDataFrame | Snapped"


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapped:
    """Points put on the nearest street.

    Parameters
    ----------
    network
        The network they stand on.
    points
        One row per point, on the points' index: `edge` (label), `offset_m` along it, `x` and `y` of
        the foot, `access_m` from the point to the foot, `part` of the network (0 is the largest).
        All are missing where no street is near enough.
    unreachable
        The points with no street within the limit: `nearest_m` is how far the nearest one is.
    max_snap_m
        The limit.
    edge, fraction
        Position of the edge in the network's own order (-1 where there is none), and the share of
        the edge before the foot.
    xy
        The points themselves, n x 2.
    kept
        What the network has worked out about them, reused from question to question.
    """

    network: Streets
    points: pd.DataFrame
    unreachable: pd.DataFrame
    max_snap_m: float
    edge: np.ndarray
    fraction: np.ndarray
    access_m: np.ndarray
    xy: np.ndarray
    kept: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def index(self) -> pd.Index:
        """Labels of the points."""
        return self.points.index

    def __len__(self) -> int:
        return len(self.edge)


def snap(network: Streets, points: Points, max_snap_m: float) -> Snapped:
    """Return points with the street each stands on, after checking them: see `Network.snap`.

    Parameters
    ----------
    network
        The streets.
    points
        The points, in the network's system; snapped ones of the same network are returned.
    max_snap_m
        How far a point may lie from its street, metres.

    Returns
    -------
    Foot, edge and distance of each point.

    Raises
    ------
    NetworkError
        With everything that is wrong with the points.
    """
    max_snap_m = float(max_snap_m)
    if isinstance(points, Snapped):
        if points.network is not network:
            raise fail(NetworkError, "network.snapped_elsewhere")
        return points
    problems = Problems()
    check_snap_limit(max_snap_m, problems)
    xy = coordinates(points, network.crs, problems)
    return snap_coordinates(network, points.index, xy, max_snap_m)


def coordinates(points: Any, crs: CRS, problems: Problems) -> np.ndarray:
    """Return the coordinates of points, after checking them.

    Parameters
    ----------
    points
        The points.
    crs
        The system that they are to be in.
    problems
        What is wrong already; it is told with what is found here.

    Returns
    -------
    x and y, n x 2; not a number for a point without geometry.

    Raises
    ------
    NetworkError
        With everything that is wrong.
    """
    if not isinstance(points, gpd.GeoSeries | gpd.GeoDataFrame):
        problems.add("network.not_points", value=type(points).__name__)
        problems.raise_any(NetworkError)
    place = points.geometry
    if place.crs is None:
        problems.add("network.points_without_crs")
    elif place.crs != crs:
        names = {"value": place.crs.to_string(), "wanted": crs.to_string()}
        problems.add("network.other_crs", **names)
    if not points.index.is_unique:
        repeated = points.index[points.index.duplicated()].unique()
        problems.add("network.duplicate_label", value=", ".join(map(str, repeated[:5])))
    geometry = np.asarray(place.array)
    other = np.flatnonzero(shapely.get_type_id(geometry) > 0)
    if len(other):
        kinds = sorted({geometry[row].geom_type for row in other})
        problems.add("network.not_points", value=", ".join(kinds))
    problems.raise_any(NetworkError)
    xy = np.full((len(place), 2), np.nan)
    somewhere = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    xy[somewhere] = shapely.get_coordinates(geometry[somewhere])
    return xy


def check_snap_limit(max_snap_m: float, problems: Problems) -> None:
    """Note a snap limit that is not positive.

    Parameters
    ----------
    max_snap_m
        The limit, metres.
    problems
        Takes what is wrong.
    """
    if not max_snap_m > 0:
        problems.add("network.bad_snap", value=max_snap_m)


def snap_coordinates(
    network: Streets, index: pd.Index, xy: np.ndarray, max_snap_m: float
) -> Snapped:
    """Return places with the street each stands on: see `Network.snap`.

    Parameters
    ----------
    network
        The streets.
    index
        Labels of the places.
    xy
        Their coordinates in the network's system, n x 2, metres; kept.
    max_snap_m
        How far a place may lie from its street, metres.

    Returns
    -------
    Foot, edge and distance of each place.
    """
    edge, fraction, foot, access = find_feet(network.ground, xy, max_snap_m)
    hit = edge >= 0
    if network.pass_over_m > 0:
        # Who lies by a scrap stands on the streets that lead on, where there are any in reach.
        stuck = np.flatnonzero(hit & scrap_edges(network)[np.where(hit, edge, 0)])
        found = find_feet(ground_without_scraps(network), xy[stuck], max_snap_m)
        out = found[0] >= 0
        for all_of, own in zip((edge, fraction, foot, access), found, strict=True):
            all_of[stuck[out]] = own[out]
    safe = np.where(hit, edge, 0)
    share = np.where(network.edge_turned[safe], 1 - fraction, fraction)
    label = network.edge_label.take(safe)
    part = network.part_of_junction[network.graph.chain_a[network.edge_chain[safe]]]
    points = pd.DataFrame(
        {
            "edge": label.where(hit) if not hit.all() else label,
            "offset_m": share * network.edge_length_m[safe],
            "x": foot[:, 0],
            "y": foot[:, 1],
            "access_m": access,
            "part": pd.arrays.IntegerArray(np.where(hit, part, 0).astype(np.int32), ~hit),
        },
        index=index,
    )
    lost = np.flatnonzero(~hit)
    far = find_feet(network.ground, xy[lost], np.inf)[3]
    unreachable = pd.DataFrame({"nearest_m": far}, index=index[lost])
    for array in (edge, fraction, access, xy):
        array.flags.writeable = False
    return Snapped(
        network=network,
        points=points,
        unreachable=unreachable,
        max_snap_m=max_snap_m,
        edge=edge,
        fraction=fraction,
        access_m=access,
        xy=xy,
    )
