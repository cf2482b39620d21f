"""Boundaries of communities that are known by a point alone, estimated along the streets."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.district.area import Tables
from planner.district.estimates import DataEstimate
from planner.district.matching import normal
from planner.engine.nearest_ground import nearest_ground
from planner.errors import Problems, did_you_mean
from planner.settings import Settings


def with_boundaries(
    tables: Tables, settings: Settings, extent: shapely.Polygon, problems: Problems
) -> tuple[gpd.GeoDataFrame | None, tuple[DataEstimate, ...]]:
    """Return the communities with an area each: as read, or estimated where they are points.

    A place belongs to the community whose point is nearest along the streets, within the outline:
    the district's, that of the community's own street, or else the streets' extent as far from the
    outermost points as points lie from each other.

    Parameters
    ----------
    tables
        The tables as read.
    settings
        What the run is asked to do.
    extent
        The streets' extent.
    problems
        Collects points at one place, points beyond their outline, streets without an outline, and
        an outline that nothing needs.

    Returns
    -------
    (communities, estimates)
        The communities, None where there are none; what is estimated of them.
    """
    frame, file = tables.communities, settings.communities.file
    if frame is None or not are_points(frame):
        if tables.outline is not None:
            problems.add("area.outline_of_polygons", file=file, value="communities.within")
        return frame, ()
    if not _stand_apart(frame, file, problems):
        return frame.assign(geometry=frame.buffer(1.0)), ()
    shapes = pd.Series(frame.geometry.to_numpy(), frame.index)
    for rows, outline in _outlines(frame, tables.outline, settings, extent, problems):
        own = frame.loc[rows]
        beyond = own[~own.intersects(outline)]
        for row, name in beyond["name"].items():
            metres = f"{beyond.geometry[row].distance(outline):,.0f}"
            problems.add("area.beyond_outline", file=file, row=str(row), value=name, metres=metres)
        shapes.update(_divided(tables, own.geometry, outline))
    areas = gpd.GeoSeries(shapes, crs=frame.crs)
    areas = areas.where(areas.geom_type != "Point", areas.buffer(1.0))  # told above: beyond
    how = _how(tables.outline, frame) if tables.straight is None else "straight"
    return frame.assign(geometry=areas), (
        DataEstimate(what="boundaries", how=how, named={"n": len(frame)}),
    )


def _divided(tables: Tables, places: gpd.GeoSeries, outline: shapely.Geometry) -> pd.Series:
    """Return the part of an outline that is nearest to each place: along the streets, if any."""
    if tables.straight is None:
        parts = tables.network.divided_ground(places, outline).set_index("facility").geometry
        return pd.Series(parts.to_numpy(), parts.index)
    xy = shapely.get_coordinates(places.to_numpy())
    near = nearest_ground(xy, np.arange(len(xy)), outline)
    return pd.Series(near.to_numpy(), places.index[near.index])


def are_points(frame: gpd.GeoDataFrame) -> bool:
    """Return whether communities are known by points alone.

    Parameters
    ----------
    frame
        Communities as read.
    """
    return bool(len(frame)) and bool((frame.geom_type == "Point").all())


def _stand_apart(frame: gpd.GeoDataFrame, file: str | None, problems: Problems) -> bool:
    """Note communities at one place: nothing tells their areas apart."""
    xy = pd.Series(frame.geometry.to_wkb(), frame.index)
    again = xy[xy.duplicated()]
    for row, place in again.items():
        first = xy.index[xy == place][0]
        name = frame["name"][row]
        problems.add("area.points_at_one_place", file=file, row=str(row), value=name, first=first)
    return again.empty


def _how(outline: gpd.GeoDataFrame | None, frame: gpd.GeoDataFrame) -> str:
    if outline is None:
        return "no_outline"
    return "outline" if len(outline) == 1 or frame["street"].isna().all() else "outlines"


def _outlines(
    frame: gpd.GeoDataFrame,
    outline: gpd.GeoDataFrame | None,
    settings: Settings,
    extent: shapely.Polygon,
    problems: Problems,
) -> Iterator[tuple[pd.Index, shapely.Geometry]]:
    """Yield the rows that share an outline, with it."""
    if outline is None:
        yield frame.index, _as_far_as_neighbours(frame.geometry, extent)
        return
    if _how(outline, frame) == "outline":
        yield frame.index, outline.union_all()
        return
    keys = outline["name"].map(normal)
    shapes = {key: outline.geometry[keys == key].union_all() for key in keys.unique()}
    names = [str(name) for name in outline["name"]]
    streets = frame["street"].map(normal, na_action="ignore")
    for row in frame.index[~streets.isin(list(shapes))]:
        said = frame["street"][row]
        problems.add(
            "area.no_outline_of_street",
            file=settings.communities.file,
            row=row,
            value="–" if pd.isna(said) else said,
            name=frame["name"][row],
            hint=did_you_mean(said, names),
        )
    for key, shape in shapes.items():
        rows = frame.index[streets == key]
        if len(rows):
            yield rows, shape


def neighbours_m(points: gpd.GeoSeries) -> float:
    """Return how far the nearest other point is from a point, metres: the median.

    Parameters
    ----------
    points
        Points in a metric CRS.

    Returns
    -------
    Metres; 0 for one point alone.
    """
    places = points.to_numpy()
    if len(places) < 2:
        return 0.0
    tree = shapely.STRtree(places)
    near = tree.query_nearest(places, exclusive=True, all_matches=False, return_distance=True)
    return float(np.median(near[1]))


def _as_far_as_neighbours(points: gpd.GeoSeries, extent: shapely.Polygon) -> shapely.Geometry:
    """Return the streets' extent around the points: as far beyond them as their neighbours are."""
    if len(points) < 2:
        return extent
    hull = shapely.MultiPoint(shapely.get_coordinates(points.to_numpy())).convex_hull
    near: shapely.Geometry = hull.buffer(neighbours_m(points)).intersection(extent.union(hull))
    return near
