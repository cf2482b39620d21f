"""Streets from an extract, a graph, a file of lines or a database, or asked of OpenStreetMap."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import shapely

from planner.district.once import Once
from planner.district.reading.database import DUCKDB, is_database, read_database, sha256_of_rows
from planner.district.reading.digests import DATABASE, sha256
from planner.district.reading.files import Note, crs_name, locate, place
from planner.district.reading.osm_extract import PBF, extract_lines
from planner.district.reading.osm_graphs import ask_openstreetmap, graph_file_lines
from planner.district.reading.osm_xml import read_ways
from planner.district.reading.street_lines import RawStreets, by_users, only_lines
from planner.district.reading.vector import PARQUET, VECTOR, read_vector
from planner.errors import Problems
from planner.settings import StreetSettings
from planner.settings.heights import LINES
from planner.standards import StreetUsers

OSM_XML = (".osm", ".xml")
GRAPHML = ".graphml"
STREET_FILES = (PBF, ".osm", GRAPHML)  # they hold streets, whatever else


def read_streets(
    streets: StreetSettings,
    area_wgs84: shapely.Geometry | None,
    folder: Path,
    problems: Problems,
    users: StreetUsers = "walkers",
    *,
    once: Once | None = None,
) -> RawStreets | None:
    """Read streets from an extract, a graph or a file of lines, or ask OpenStreetMap for them.

    Parameters
    ----------
    streets
        The file or the place, and how to read it.
    area_wgs84
        Where streets are wanted, in degrees: an extract is read, and OpenStreetMap is asked, for
        this area. Without it all of an extract is read, and the place is looked up by its name.
    folder
        What paths are relative to.
    problems
        Collects what is wrong.
    users
        Whose streets residents come along.
    once
        Opens a file of lines once, where scenarios are read in turn; None opens it each time.

    Returns
    -------
    The streets, or nothing where they cannot be had; then a problem says why.
    """
    if streets.file is None:
        asked: Note = partial(problems.add, file=streets.place)
        return ask_openstreetmap(streets, area_wgs84, asked, users)
    note: Note = partial(problems.add, file=streets.file)
    opened = _opened(streets, streets.file, area_wgs84, folder, note, once=once)
    if opened is None:
        return None
    lines, path, encoding, cut = opened
    digest = sha256_of_rows(lines) if streets.file.startswith(DATABASE) else sha256(path)
    only, rows = only_lines(lines, streets, note), len(lines)
    if only is None:
        return None
    del lines, opened  # millions of them take gigabytes
    seven = streets.seven_parameters
    placed = place(only.kept, note, datum=streets.datum, crs=streets.crs, seven=seven)
    if placed is None:
        return None
    parted = by_users(placed, note, users)
    return (
        None
        if parted is None
        else RawStreets(
            lines=parted.walked,
            roads=parted.driven,
            ridden=parted.ridden,
            not_walked=parted.not_walked,
            cut=cut,
            file=streets.file,
            path=path,
            sha256=digest,
            rows=rows,
            dropped=only.dropped,
            understood=only.understood,
            crs=streets.crs or crs_name(only.kept.crs),
            datum=streets.datum,
            encoding=encoding,
        )
    )


class _OpenedStreets(NamedTuple):
    """Lines as a file has them, where it lies, its encoding, and how many ways were cut."""

    lines: gpd.GeoDataFrame
    path: Path
    encoding: str | None = None
    cut: int = 0


def _opened(
    streets: StreetSettings,
    file: str,
    area_wgs84: shapely.Geometry | None,
    folder: Path,
    note: Note,
    *,
    once: Once | None,
) -> _OpenedStreets | None:
    """Open an extract, a graph, a file of lines or a table of a database."""
    if streets.query is not None and not is_database(file):
        note("io.query_needs_database", value=file)
        return None
    if file.startswith(DATABASE):
        return _of_database(streets, file, Path(file), note)
    path = locate(file, folder, partial(_tell_no_file, note))
    if path is None:
        return None
    suffix = path.suffix.lower()
    encoding, cut = None, 0
    if suffix in DUCKDB:
        return _of_database(streets, file, path, note)
    if suffix == PBF:
        lines, cut = extract_lines(path, area_wgs84, note)
    elif suffix in OSM_XML:
        ways = read_ways(path, note)
        lines, cut = (None, 0) if ways is None else (ways.lines, ways.cut + ways.lost)
    elif suffix == GRAPHML:
        lines = graph_file_lines(path, note)
    elif suffix in (*VECTOR, *PARQUET):
        found = read_vector(
            path,
            note,
            layer=streets.layer,
            encoding=streets.encoding,
            heights=streets.heights is not None and streets.heights.file == LINES,
            once=once,
        )
        lines, encoding = found or (None, None)
    else:
        known = (PBF, *OSM_XML, GRAPHML, *VECTOR, *PARQUET, *DUCKDB)
        note("io.unknown_suffix", value=suffix or path.name, known=" ".join(known))
        return None
    return None if lines is None else _OpenedStreets(lines, path, encoding, cut)


def _of_database(
    streets: StreetSettings, file: str, path: Path, note: Note
) -> _OpenedStreets | None:
    at = None if file.startswith(DATABASE) else path
    rows = read_database(file, at, note, table=streets.layer, query=streets.query)
    return None if rows is None else _OpenedStreets(rows, path)


def _tell_no_file(note: Note, key: str, **told: Any) -> None:
    """Note what is wrong with a file of streets; where there is none, how to get one."""
    note("io.no_street_file" if key == "io.no_file" else key, **told)
