"""Figures of the areas within reach: responsibility areas, and how well streets serve a site."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.engine.network.graph.segments import find_feet
from planner.engine.network.isochrones.raster import rasters_of
from planner.engine.network.isochrones.reach import reach
from planner.engine.network.isochrones.voronoi import Owners, draw_borders
from planner.engine.network.queries.query import NetworkQuery
from planner.engine.network.queries.reached_edges import cut_at_limit
from planner.engine.network.search.kernels import NONE


def responsibility_areas(asked: NetworkQuery) -> gpd.GeoDataFrame:
    """Return the area of each facility: see `Network.responsibility_areas`.

    Parameters
    ----------
    asked
        The query about the facilities.

    Returns
    -------
    `facility`, `area_m2` and the area.
    """
    network, facility = asked.network, asked.facility
    full = reach(asked, [asked.cutoff_min], dissolve=True)
    if full.empty:
        table: dict[str, list[float]] = {"facility": [], "area_m2": []}
        return gpd.GeoDataFrame(table, geometry=[], crs=network.crs)
    area = full.geometry.iloc[0]
    owners = Owners.of(network.ground, cut_at_limit(asked))
    rasters = rasters_of(network, asked.facilities.max_snap_m)
    raster, span = rasters.window(network.ground, np.asarray(area.bounds))
    faces = shapely.get_parts(shapely.polygonize(draw_borders(owners, raster, span)))
    faces = shapely.get_parts(shapely.intersection(faces, area))
    faces = faces[shapely.area(faces) > 0]
    rest = shapely.get_parts(shapely.difference(area, shapely.union_all(faces)))
    parts = np.concatenate([faces, rest[shapely.area(rest) > 0]])
    xy = shapely.get_coordinates(shapely.point_on_surface(parts))
    edge, share, _, _ = find_feet(network.ground, xy, np.inf)
    who = owners.at(edge, share)
    stray = who == NONE  # slivers on the border of reach, by streets just beyond it
    if stray.any() and not stray.all():
        tree = shapely.STRtree(parts[~stray])
        who[stray] = who[~stray][tree.nearest(parts[stray])]
    found = np.unique(who[who != NONE])
    geometry = [shapely.union_all(parts[who == one]) for one in found]
    return gpd.GeoDataFrame(
        {"facility": facility.take(found), "area_m2": shapely.area(geometry)},
        geometry=geometry,
        crs=network.crs,
    )


def shed_ratio(asked: NetworkQuery) -> pd.DataFrame:
    """Return how reach compares with the circle: see `Network.shed_ratio`.

    Parameters
    ----------
    asked
        The query about the facilities.

    Returns
    -------
    `area_m2`, `circle_m2` and `ratio` on the facilities' index.
    """
    drawn = reach(asked, [asked.cutoff_min])
    area = pd.Series(drawn.area.to_numpy(), index=drawn["facility"]).reindex(asked.facility)
    circle = np.pi * (asked.cutoff_min * 60 * asked.speed_mps) ** 2
    return pd.DataFrame({"area_m2": area, "circle_m2": circle, "ratio": area / circle})
