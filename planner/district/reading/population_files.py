"""The files that tell where people live: points, buildings, or a raster of population."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from planner.district.area import Input, PopulationGrid
from planner.district.boundaries import are_points
from planner.district.reading.extent import with_footprints
from planner.district.reading.files import crs_name
from planner.district.reading.ground import WalkedGround
from planner.district.reading.raster import RasterFile, open_raster, read_grid
from planner.district.reading.table_reader import TableReader
from planner.settings import Demand

AROUND_M = 5000.0  # of points and streets: areas that are estimated or laid reach no farther


def read_demand(reader: TableReader) -> gpd.GeoDataFrame | None:
    """Read where people live, where the scenario has a table of that.

    Parameters
    ----------
    reader
        Reads the scenario's files.

    Returns
    -------
    Places with their people, or buildings where people are estimated from floor area;
    None where the scenario names none, or they cannot be read.
    """
    given = reader.settings.demand
    if given is None or given.people == "communities" or given.is_raster:
        return None
    if given.people_per_m2 is None:
        frame = reader.table(given, "demand", groups=given.groups)
        return None if frame is None else gpd.GeoDataFrame(frame.drop(columns="file"))
    raw = reader.read(given, "demand")
    return None if raw is None else gpd.GeoDataFrame(raw.frame)


def read_buildings(reader: TableReader) -> gpd.GeoDataFrame | None:
    """Read the buildings that the people of communities live in, with their footprints.

    Parameters
    ----------
    reader
        Reads the scenario's files.

    Returns
    -------
    Buildings with their ``footprint``; None where the scenario names none, or they cannot be read.
    """
    given = reader.settings.demand
    if given is None or given.people == "own" or given.is_raster:
        return None
    frame = reader.table(given, "buildings")
    return None if frame is None else with_footprints(gpd.GeoDataFrame(frame))


def open_population(reader: TableReader) -> RasterFile | None:
    """Open the raster of population, where the scenario names one.

    Parameters
    ----------
    reader
        Reads the scenario's files.

    Returns
    -------
    The raster; None where there is none, or it cannot be read.
    """
    given = reader.settings.demand
    if given is None or not given.is_raster:
        return None
    return open_raster(given, reader.folder, reader.problems)


def read_population(
    reader: TableReader,
    raster: RasterFile | None,
    ground: WalkedGround,
    communities: gpd.GeoDataFrame | None,
) -> PopulationGrid | None:
    """Read the cells of the raster around the district.

    Parameters
    ----------
    reader
        Reads the scenario's files.
    raster
        The raster that was opened; None where there is none.
    ground
        The streets.
    communities
        The communities in the CRS of the streets; None where hexagons stand for them.

    Returns
    -------
    The cells; None where there is no raster, or it cannot be read.
    """
    if raster is None:
        return None
    shapes = ground.lines if communities is None else communities
    assert shapes is not None  # noqa: S101  hexagons need streets
    drawn = communities is not None and not are_points(communities)
    around = shapes.geometry if drawn else shapes.geometry.buffer(AROUND_M)
    grid = read_grid(raster, around, reader.problems)
    if grid is not None:
        rows, used = grid.people.size, int((grid.people > 0).sum())
        reader.inputs.append(
            Input(
                role="raster",
                file=raster.file,
                sha256=raster.sha256,
                rows=rows,
                used=used,
                crs=crs_name(raster.crs),
            )
        )
    return grid


def with_people(demand: gpd.GeoDataFrame, given: Demand | None) -> gpd.GeoDataFrame:
    """Estimate people from floor area where that is asked.

    Parameters
    ----------
    demand
        Places with their people, or buildings, in metres.
    given
        What the scenario says of them.

    Returns
    -------
    Places with their people.
    """
    frame = demand
    if given is None or given.people_per_m2 is None:
        return frame
    levels = frame.get("building:levels", pd.Series(1.0, index=frame.index))
    floors = pd.to_numeric(levels, errors="coerce").fillna(1.0)
    people = frame.area * floors * given.people_per_m2
    frame = frame[["id"]].assign(
        community=None, population=people, geometry=frame.representative_point()
    )
    return gpd.GeoDataFrame(frame, crs=demand.crs)
