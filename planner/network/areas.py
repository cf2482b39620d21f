# ruff: noqa: PLR0917 (the arguments every question shares)
"""What the areas within reach tell: whose area a place is in, and how well streets serve a site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from planner.network.snapping import Points
    from planner.network.streets import Network
    from planner.network.times import Direction

_SPACING_M = 10.0


def responsibility_areas(
    network: Network,
    facilities: Points,
    minutes: float = 15.0,
    speed_mps: float = 1.0,
    max_snap_m: float = 200.0,
    direction: Direction = "to_facility",
) -> gpd.GeoDataFrame:
    """Draw the area each facility is the nearest one for, along the streets.

    Parameters
    ----------
    network, facilities, minutes, speed_mps, max_snap_m, direction
        As for `Network.reach`.

    Returns
    -------
    geopandas.GeoDataFrame
        `facility`, `area_m2` and the area, one row per facility that is the nearest one anywhere.
        Areas do not overlap, and together they fill what is within reach.

    Notes
    -----
    A network Voronoi diagram: ground goes with the nearest street, and that with the facility it is
    nearest to (`Network.reached_edges`). Streets count every ten metres, so that borders between
    areas are good to about that; `Network.nearest` tells any one place exactly.
    """
    at = network.snap(facilities, max_snap_m)
    pieces = network.reached_edges(at, minutes, speed_mps, max_snap_m, direction)
    whole = network.reach(at, [minutes], speed_mps, max_snap_m, direction, dissolve=True)
    pieces = pieces[pieces.length > 0]
    if pieces.empty:
        table: dict[str, list[float]] = {"facility": [], "area_m2": []}
        return gpd.GeoDataFrame(table, geometry=[], crs=network.crs)
    steps = np.ceil(pieces.length.to_numpy() / _SPACING_M).astype(np.int64)
    owner = np.repeat(np.arange(len(pieces)), steps)
    turn = np.arange(len(owner)) - np.repeat(np.cumsum(steps) - steps, steps)
    share = (turn + 0.5) / steps[owner]
    spot = shapely.line_interpolate_point(
        np.asarray(pieces.geometry)[owner], share, normalized=True
    )
    place, first = np.unique(shapely.get_coordinates(spot), axis=0, return_index=True)
    who = pieces["facility"].to_numpy()[owner[first]]
    area = whole.geometry.iloc[0]
    cells: Any = shapely.voronoi_polygons(shapely.multipoints(place), extend_to=area, ordered=True)
    parts = gpd.GeoSeries(list(cells.geoms), crs=network.crs)
    joined = {name: shapely.coverage_union_all(np.asarray(one)) for name, one in parts.groupby(who)}
    order = [name for name in at.index if name in joined]
    geometry = [shapely.intersection(joined[name], area) for name in order]
    return gpd.GeoDataFrame(
        {"facility": order, "area_m2": shapely.area(geometry)}, geometry=geometry, crs=network.crs
    )


def shed_ratio(
    network: Network,
    facilities: Points,
    minutes: float = 15.0,
    speed_mps: float = 1.0,
    max_snap_m: float = 200.0,
    direction: Direction = "to_facility",
) -> pd.DataFrame:
    """Compare the area within reach with the circle a crow would reach: the pedestrian shed ratio.

    A low ratio shows a site cut off by a river, a railway or a wall, where a bridge or a gate would
    help most; 0.6 and more is a good street network.

    Parameters
    ----------
    network, facilities, minutes, speed_mps, max_snap_m, direction
        As for `Network.reach`.

    Returns
    -------
    pandas.DataFrame
        `area_m2`, `circle_m2` and `ratio` on the facilities' index; missing for a facility without
        a street near.
    """
    at = network.snap(facilities, max_snap_m)
    drawn = network.reach(at, [minutes], speed_mps, max_snap_m, direction)
    area = pd.Series(drawn.area.to_numpy(), index=drawn["facility"]).reindex(at.index)
    circle = np.pi * (minutes * 60 * speed_mps) ** 2
    return pd.DataFrame({"area_m2": area, "circle_m2": circle, "ratio": area / circle})
