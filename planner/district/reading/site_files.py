"""The files of facilities and candidates."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj

from planner.district.changes import check_years
from planner.district.entrances import along_edge
from planner.district.reading.reproject import reproject
from planner.district.reading.table_reader import TableReader
from planner.district.serving_hours import check_hours
from planner.district.tables import Table, conform
from planner.errors import Problems


def read_sites(
    reader: TableReader, communities: gpd.GeoDataFrame | None
) -> tuple[list[Any], list[Any]]:
    """Read facilities and candidates, each file by itself; None stands for one with faults.

    Parameters
    ----------
    reader
        Reads the scenario's files.
    communities
        The communities that rows without coordinates may name; None where there are none.

    Returns
    -------
    Facilities and candidates, a table for each file.
    """
    facilities = [
        reader.points(
            source,
            "facilities",
            {"kind": source.kind, "tier": source.tier, "status": source.status},
            f"facilities.{number}",
            communities=communities,
        )
        for number, source in enumerate(reader.settings.facilities)
    ]
    if reader.settings.hours is not None:
        for source, found in zip(reader.settings.facilities, facilities, strict=True):
            if found is not None:
                check_hours(found, source.label, reader.problems)
    for found in facilities:
        if found is not None and {"opened", "closed"} <= set(found.columns):
            check_years(found, reader.problems)
    candidates = [
        reader.points(source, "candidates", {}, communities=communities)
        for source in reader.settings.candidates
    ]
    return facilities, candidates


def check_money(reader: TableReader) -> None:
    """Check that files whose costs are compared count them in one unit.

    Parameters
    ----------
    reader
        Reads the scenario's files.
    """
    counted = [
        (entry.file, entry.understood.yuan["cost"])
        for entry in reader.inputs
        if entry.understood is not None and "cost" in entry.understood.yuan
    ]
    if len({yuan for _, yuan in counted}) > 1:
        first = counted[0][1]
        for file, yuan in counted:
            if yuan != first:
                files = ", ".join(name for name, _ in counted)
                reader.problems.add("tables.mixed_money", file=file, value=files)


def with_entrances(
    given: gpd.GeoDataFrame | None, moved: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame | None:
    """Exchange where areas are entered for their outlines, which were not moved.

    Parameters
    ----------
    given
        A table of sites as it was read; None where there is none.
    moved
        The same in metres.

    Returns
    -------
    What was moved, with ``entrances`` in place of ``outline`` where it has that.
    """
    if given is None or moved is None or "outline" not in given:
        return moved
    outlines = gpd.GeoDataFrame(geometry=given["outline"].to_numpy(), crs=given.crs)
    there = reproject(outlines, moved.crs, Problems().add)
    edges = None if there is None else along_edge(there.frame.geometry)
    return moved.drop(columns="outline").assign(entrances=edges)


def stacked(
    parts: list[gpd.GeoDataFrame | None], table: Table, metric: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Stack the tables of several files, all in one CRS.

    Parameters
    ----------
    parts
        The tables; None for files with faults.
    table
        The contract that an empty table is made to.
    metric
        The CRS that all are in.

    Returns
    -------
    One table; without rows where there is no part.
    """
    found = [part for part in parts if part is not None]
    if found:
        return gpd.GeoDataFrame(pd.concat(found), crs=metric)
    empty = conform(
        gpd.GeoDataFrame({"name": [], "kind": []}, geometry=[], crs=metric),
        table,
        file="-",
        problems=Problems(),
    )
    marks = {"file": None, "outside": None, "approximate": False, "community": None}
    return gpd.GeoDataFrame(empty.assign(**marks), crs=metric)
