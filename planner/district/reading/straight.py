"""Ground to walk on where there are no streets: a lattice over all that the district holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pyproj
import shapely

from planner.district.area import StraightWays
from planner.district.boundaries import are_points, neighbours_m
from planner.district.reading.extent import reach_m
from planner.engine.network import Network, lattice, spacing_of
from planner.settings import Settings

MARGIN_M = 200.0


def straight_ways(
    communities: gpd.GeoDataFrame,
    places: Sequence[gpd.GeoDataFrame],
    settings: Settings,
    metric: pyproj.CRS,
) -> tuple[Network, StraightWays]:
    """Return a lattice on which ways are a multiple of the straight line, and its extent.

    Parameters
    ----------
    communities
        Communities without strays, in any CRS.
    places
        Homes, facilities, candidates, outlines: the lattice reaches each that anybody may walk to.
    settings
        What the run is asked to do.
    metric
        The CRS in metres that the network is in.

    Returns
    -------
    (network, ways)
        The lattice, and what it stands for.
    """
    own = communities.geometry.to_crs(metric)
    hull = own.union_all().convex_hull
    margin_m = max(MARGIN_M, neighbours_m(own)) if are_points(communities) else MARGIN_M
    far_m = reach_m(settings)
    found = [hull.buffer(margin_m)]
    for frame in places:
        shapes = frame.geometry.to_crs(metric)
        near = shapes[shapes.distance(hull) < far_m]
        found.append(near.union_all().convex_hull.buffer(MARGIN_M))
    extent: Any = shapely.convex_hull(shapely.union_all(found))
    spacing_m = spacing_of(extent)
    factor = settings.streets.factor
    nodes, edges = lattice(extent.buffer(2 * spacing_m), spacing_m, factor)
    network = Network.from_edges(nodes, edges, metric)
    return network, StraightWays(extent=extent, detour=factor)
