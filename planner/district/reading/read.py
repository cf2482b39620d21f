"""Read one file that a scenario names, as it is: raw columns, and shapes where they are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from planner.district.cells import faults
from planner.district.matching import normal, value_key
from planner.district.once import Once
from planner.district.reading.coordinates import is_projected, none_left_out, points
from planner.district.reading.database import (
    DUCKDB,
    is_database,
    read_database,
    sha256_of_rows,
)
from planner.district.reading.digests import DATABASE, sha256
from planner.district.reading.files import Note, crs_name, locate, place
from planner.district.reading.osm_extract import PBF, features
from planner.district.reading.sheets import TEXT, WORKBOOK, Opened, read_text, read_workbook
from planner.district.reading.vector import PARQUET, VECTOR, read_vector
from planner.engine.crs import WGS84, Datum
from planner.errors import Problems, did_you_mean
from planner.settings import Source

TABLE_FILES = (*VECTOR, *PARQUET, *TEXT, *WORKBOOK, *DUCKDB)


@dataclass(frozen=True, kw_only=True)
class Raw:
    """A file as read.

    Parameters
    ----------
    frame
        Its rows with the columns as the file names them, on the row as a person counts it: from 2
        below the header of a sheet, from 1 in a file of features. With shapes in a known CRS, or a
        plain table where the file has neither shapes nor coordinates.
    file
        The file as the scenario names it.
    label
        What messages call it: with its sheet, where the scenario names one.
    path
        Where it lies.
    sha256
        Digest of its content.
    rows
        Rows in the file, before the filter and before any was skipped.
    left_out
        Rows left out, on their row: ``name`` where it is known, and ``reason``.
    asides
        Rows of the sheet that hold totals or remarks, and are no data.
    sheet
        The sheet read, where the file has several.
    other_sheets
        The sheets that were not read, where the scenario names none.
    hidden
        Rows that the sheet hides and that were read all the same.
    encoding
        Encoding of its text, where that was a question.
    crs
        The CRS that it names or is declared in; missing where a datum alone says it.
    datum
        The datum declared, or else named by the headings of the coordinates.
    used
        Columns that hold coordinates or that the filter asks.
    """

    frame: pd.DataFrame
    file: str
    label: str
    path: Path
    sha256: str
    rows: int
    left_out: pd.DataFrame
    asides: tuple[int, ...]
    sheet: str | None
    other_sheets: tuple[str, ...]
    encoding: str | None
    crs: str | None
    datum: str | None
    used: tuple[str, ...] = ()
    hidden: tuple[int, ...] = ()

    @property
    def skipped(self) -> int:
        """Rows left out because they have no usable coordinates or shape."""
        return len(self.left_out)


def read_raw(
    source: Source, folder: Path, problems: Problems, once: Once | None = None
) -> Raw | None:
    """Read a file.

    Coordinates with a declared datum are converted here, once, to EPSG:4326; others stay in their
    CRS. Rows that the filter ``where`` leaves out are dropped first: a fault in them stops nobody.

    Parameters
    ----------
    source
        The file, and how to read it.
    folder
        What its path is relative to.
    problems
        Collects what is wrong.
    once
        Opens a file once, where scenarios are read in turn; None opens it each time.

    Returns
    -------
    The file; nothing where it cannot be read or placed, which a problem says, and where it has no
    rows and may be empty.
    """
    note: Note = partial(problems.add, file=source.label)
    found = _opened(source, folder, note, once)
    if found is None:
        return None
    path, opened, digest = found
    whole = opened.frame
    if whole.empty:
        if source.empty == "skip":
            return None
        note("io.empty", value=0)
        if source.layer is None:
            note_sheet(opened.sheet, opened.other_sheets, note)
        return None
    frame, used = _wanted(whole, source.where, note)
    asked, left_out = frame, none_left_out(frame)
    undeclared, datum = "io.no_crs", source.datum
    if not isinstance(frame, gpd.GeoDataFrame):
        frame, left_out, said, own = points(frame, source, note, projected=is_projected(source.crs))
        used = (*used, *own)
        undeclared = "io.no_datum"
        if datum is None and source.crs is None:
            datum = said
    elif source.missing_coordinates == "skip":
        without = frame.geometry.isna() | frame.geometry.is_empty
        left_out = pd.DataFrame({"reason": "no_shape"}, index=frame.index[without])
        frame = frame[~without]
    crs = source.crs
    if isinstance(frame, gpd.GeoDataFrame):
        crs = crs or crs_name(frame.crs)
        placed = _placed(frame, source, note, datum=datum, undeclared=undeclared)
        if placed is None:
            return None
        frame = placed
    return Raw(
        frame=frame,
        file=source.file,
        label=source.label,
        path=path,
        sha256=digest,
        rows=len(whole),
        left_out=_named(left_out, asked),
        asides=opened.asides,
        sheet=opened.sheet,
        other_sheets=() if source.layer else opened.other_sheets,
        encoding=opened.encoding,
        crs=crs,
        datum=datum,
        used=used,
        hidden=tuple(row for row in opened.hidden if row in frame.index),
    )


def _placed(
    frame: gpd.GeoDataFrame, source: Source, note: Note, *, datum: Datum | None, undeclared: str
) -> gpd.GeoDataFrame | None:
    """Return rows where they lie on the ground; None where it is not clear in which CRS they are.

    Rows without a place stay where places are found by name.
    """
    known = frame
    if source.finds_places:
        known = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    if known.empty and source.finds_places:
        return _with_the_placeless(frame, known.set_crs(WGS84, allow_override=True))
    placed = place(
        known,
        note,
        datum=datum,
        crs=source.crs,
        undeclared=undeclared,
        seven=source.seven_parameters,
    )
    return placed if placed is None or known is frame else _with_the_placeless(frame, placed)


def _opened(
    source: Source, folder: Path, note: Note, once: Once | None
) -> tuple[Path, Opened, str] | None:
    """Open what a source names: where it lies, its rows, and the digest of its content."""
    if source.query is not None:
        if not is_database(source.file):
            note("io.query_needs_database", value=source.file)
            return None
        if source.layer is not None:
            note("io.table_and_query", value=source.layer)
            return None
    if source.file.startswith(DATABASE):
        rows = read_database(source.file, None, note, table=source.layer, query=source.query)
        return None if rows is None else (Path(source.file), Opened(rows), sha256_of_rows(rows))
    path = locate(source.file, folder, note)
    opened = None if path is None else open_table(path, source, note, once)
    return None if path is None or opened is None else (path, opened, sha256(path))


def _with_the_placeless(frame: gpd.GeoDataFrame, placed: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return all rows, those without a place among those that have been placed."""
    shapes = placed.geometry.reindex(frame.index)
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes, crs=placed.crs)


def note_sheet(sheet: str | None, others: tuple[str, ...], note: Note) -> None:
    """Note that but one of several sheets was read, where that may be why something is missing.

    Parameters
    ----------
    sheet
        The sheet that was read.
    others
        The sheets that were not.
    note
        Collects what is wrong.
    """
    if others:
        note("io.only_sheet", value=sheet, others=", ".join(others))


def _named(left_out: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Add what the rows left out are called: by a column of names, else by the first column."""
    if left_out.empty:
        return left_out
    columns = [str(column) for column in frame.columns if column != "geometry"]
    names = [column for column in columns if normal(column).endswith(("名称", "名", "name"))]
    first = (names or columns)[:1]
    names_of = (
        frame[first[0]].astype(object) if first else pd.Series(None, frame.index, dtype=object)
    )
    return left_out.assign(name=names_of.reindex(left_out.index))


def open_table(path: Path, source: Source, note: Note, once: Once | None = None) -> Opened | None:
    """Open a file as it is, before any place in it is known.

    Parameters
    ----------
    path
        Where it lies.
    source
        How to read it: layer or sheet, encoding, tags of an extract.
    note
        Collects what is wrong.
    once
        Opens a file once, where scenarios are read in turn; None opens it each time.

    Returns
    -------
    Its rows, or nothing where it cannot be read.
    """
    once = once or Once(holds=False)
    suffix = path.suffix.lower()
    if suffix == PBF:
        found = features(path, source.osm, note)
        return None if found is None else Opened(found)
    if source.osm:
        note("io.osm_needs_pbf", value=suffix)
        return None
    if suffix in (*VECTOR, *PARQUET):
        shapes = read_vector(path, note, layer=source.layer, encoding=source.encoding, once=once)
        return None if shapes is None else Opened(*shapes)
    if suffix in DUCKDB:
        rows = read_database(source.file, path, note, table=source.layer, query=source.query)
        return None if rows is None else Opened(rows)
    if suffix in TEXT:
        told = (str(path.resolve()), source.encoding)
        return once.noted("text", told, note, lambda note: read_text(path, note, source.encoding))
    if suffix in WORKBOOK:
        told = (str(path.resolve()), source.layer)
        return once.noted("book", told, note, lambda note: read_workbook(path, note, source.layer))
    known = (*VECTOR, *PARQUET, *TEXT, *WORKBOOK, *DUCKDB, PBF)
    note("io.unknown_suffix", value=suffix or path.name, known=" ".join(known))
    return None


def _wanted(
    frame: pd.DataFrame, where: Mapping[str, Any], note: Note
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Keep the rows that pass the filter; return the columns that it asks, too."""
    keep = pd.Series(True, index=frame.index)
    known = [str(column) for column in frame.columns if column != "geometry"]
    used = []
    for column, wanted in where.items():
        same = [one for one in known if one == column] or [
            one for one in known if normal(one) == normal(column)
        ]
        if len(same) != 1:
            note("tables.no_such_column", value=column, hint=did_you_mean(column, known))
            continue
        used.append(same[0])
        values = wanted if isinstance(wanted, list) else [wanted]
        cells = frame[same[0]]
        for row, cell, fault in zip(cells.index, cells, faults(cells), strict=True):
            if fault is not None:
                note(f"tables.{fault}_cell", row=row, value=cell, column=same[0])
        keep &= cells.map(value_key).isin({value_key(value) for value in values})
    if where and not keep.any():
        words = ", ".join(f"{column} = {value}" for column, value in where.items())
        note("io.nothing_wanted", value=words)
    return frame[keep], tuple(used)
