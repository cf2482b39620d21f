"""The people of a raster's cells, each cell cut at the borders of communities."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.district.area import PopulationGrid, Tables
from planner.district.checks import MOST_NAMED
from planner.district.placing import Findings
from planner.errors import Problems

_WHOLE = 1.0 - 1e-6  # of a cell: what lies within a community but for rounding


def with_cells(
    tables: Tables, communities: gpd.GeoDataFrame, findings: Findings
) -> tuple[Tables, gpd.GeoDataFrame]:
    """Return the tables with the cells of their raster, cut at the borders of communities.

    Parameters
    ----------
    tables
        The tables as read, with a raster or without one.
    communities
        Communities on their label, with ``inside``.
    findings
        Takes communities that count and that the raster does not reach, and how many people both
        know of.

    Returns
    -------
    (tables, communities)
        The tables with ``cells``; the communities with the people of theirs where the file has no
        ``population``.
    """
    if tables.grid is None:
        return tables, communities
    cells = cells_of(tables.grid, communities, findings.problems)
    people = cells.groupby("community")["weight"].sum().reindex(communities.index).fillna(0.0)
    if "population" not in communities:
        communities = communities.assign(population=people)
    else:
        held, said = (
            f"{one[communities['inside']].sum():,.0f}"
            for one in (people, communities["population"])
        )
        told: dict[str, object] = {"file": tables.grid.file, "held": held, "said": said}
        findings.notes.append(("area.raster_sum", told))
    return replace(tables, cells=cells), communities


def cells_of(
    grid: PopulationGrid, communities: gpd.GeoDataFrame, problems: Problems
) -> gpd.GeoDataFrame:
    """Return the cells of each community with the people of the part that lies within it.

    The share of a cell within a polygon is exact (exactextract), however small the polygon; people
    are taken to live evenly within a cell.

    Parameters
    ----------
    grid
        The raster around the district.
    communities
        Polygons on their label, with ``name`` and ``inside`` (whether they count), in a metric CRS.
    problems
        Collects communities that the raster does not reach.

    Returns
    -------
    Points in the CRS of the communities, with ``community`` and ``weight`` (people, above zero):
    the middle of the cell, or a point of the part within.
    """
    from exactextract import exact_extract  # noqa: PLC0415  an extra
    from exactextract.raster import NumPyRasterSource  # noqa: PLC0415

    shapes = communities.geometry.to_crs(grid.crs)
    reached = shapes.covered_by(shapely.box(*grid.bounds))
    beyond = communities[~reached & communities["inside"]]
    if len(beyond):
        named = ", ".join(map(str, beyond["name"].head(MOST_NAMED)))
        more = " …" if len(beyond) > MOST_NAMED else ""
        problems.add("area.raster_partly", file=grid.file, value=named + more, n=len(beyond))
    wkt = grid.crs.to_wkt()
    source = NumPyRasterSource(grid.people, *grid.bounds, srs_wkt=wkt)
    areas = gpd.GeoDataFrame({"label": range(len(shapes))}, geometry=shapes.to_numpy(), crs=wkt)
    told = exact_extract(
        source, areas, ["values", "coverage", "center_x", "center_y"],
        include_cols=["label"], output="pandas",
    )  # fmt: skip
    parts = [np.concatenate(told[name].to_numpy()) for name in told.columns if name != "label"]
    at = np.repeat(told["label"].to_numpy(), told["values"].map(len))
    people, coverage, x, y = (part.astype(float) for part in parts)
    weight = np.nan_to_num(people) * coverage
    some = weight > 0
    at, coverage, x, y = at[some], coverage[some], x[some], y[some]
    places = _places(grid, shapes.to_numpy()[at], coverage, x, y)
    frame = pd.DataFrame({"community": communities.index[at], "weight": weight[some]})
    return gpd.GeoDataFrame(frame, geometry=places, crs=grid.crs).to_crs(communities.crs)


def _places(
    grid: PopulationGrid, shapes: np.ndarray, coverage: np.ndarray, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Return a place within the community for each cell: its middle, or of the part within."""
    places = np.asarray(shapely.points(x, y), dtype=object)
    west, south, east, north = grid.bounds
    half = (east - west) / grid.people.shape[1] / 2, (north - south) / grid.people.shape[0] / 2
    cut = coverage < _WHOLE
    boxes = shapely.box(x[cut] - half[0], y[cut] - half[1], x[cut] + half[0], y[cut] + half[1])
    within = shapely.intersection(boxes, shapes[cut])
    inside = shapely.point_on_surface(within)
    places[cut] = np.where(shapely.is_empty(inside), places[cut], inside)
    return places
