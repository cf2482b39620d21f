"""Read tables of text and spreadsheets, and make points of their coordinate columns."""

from __future__ import annotations

import csv
import difflib
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.parsers import expat

import geopandas as gpd
import numpy as np
import pandas as pd
import python_calamine

from planner.io import layout
from planner.io.bounds import check_workbook
from planner.io.encoding import common_name, decode, find_encoding
from planner.io.files import Note, one_line
from planner.settings import Source
from planner.tables import MOST_ROWS_NAMED, normal

TEXT = (".csv", ".tsv", ".txt")
WORKBOOK = (".xlsx", ".xlsm", ".xls", ".ods")


_LON = ("lon", "lng", "long", "longitude", "经度", "东经", "x", "x坐标", "坐标x", "经度坐标")
_LAT = ("lat", "latitude", "纬度", "北纬", "y", "y坐标", "坐标y", "纬度坐标")
_EASTING = ("x", "easting", "east", "x坐标", "坐标x", "东坐标", "coordx", "xcoord")
_NORTHING = ("y", "northing", "north", "y坐标", "坐标y", "北坐标", "coordy", "ycoord")
# What a column's name says of its datum, beside the coordinate.
_DATUM_WORDS = re.compile(
    r"wgs84|wgs|gcj02|gcj|bd09|cgcs2000|epsg4326|twd97|tm2|百度|高德|腾讯|火星|天地图"
)
_THOUSANDS = re.compile(r"^-?\d{1,3}(,\d{3})+(\.\d+)?$")
_AROUND_A_NUMBER = " \t\r\n\"'`“”‘’「」,;°度EeNn东经北纬東經緯"
_WORKBOOK_ERRORS = (
    python_calamine.CalamineError, ValueError, OSError, KeyError, IndexError, zipfile.BadZipFile,
    zlib.error, expat.ExpatError, struct.error,
)  # fmt: skip
_SENTINEL = "\x00end\x00"


class Opened(NamedTuple):
    """A table as read: its rows, the encoding and the sheet where these were a question."""

    frame: pd.DataFrame
    encoding: str | None = None
    asides: tuple[int, ...] = ()
    sheet: str | None = None


def read_text(path: Path, note: Note, encoding: str | None) -> Opened | None:
    """Read a table of text: commas, semicolons, tabs or bars between its cells.

    Parameters
    ----------
    path
        The file.
    note
        Takes what is wrong: an encoding that does not decode, rows too long, an open quote.
    encoding
        Encoding, where declared.

    Returns
    -------
    Cells as text, missing where empty, on the row as a spreadsheet counts it (the first row below
    a header in row 1 is 2), the encoding, and the rows of totals and remarks; nothing where
    unreadable.
    """
    data = path.read_bytes()
    codec = encoding or find_encoding([data])
    if codec is None:
        note("io.wrong_encoding", row=_first_undecodable(data), value="?")
        return None
    try:
        text = decode(data, codec)
    except LookupError:
        note("io.unknown_encoding", value=codec)
        return None
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        note("io.wrong_encoding", row=row, value=codec)
        return None
    text = text.removeprefix("\ufeff")
    head = next((line for line in text.splitlines() if line.strip()), "")
    comma = "\t" if path.suffix.lower() == ".tsv" else max(",\t;|", key=head.count)
    lines = io.StringIO(f"{text}\n{_SENTINEL}", newline="")
    try:
        *rows, last = csv.reader(lines, delimiter=comma)
    except csv.Error as error:
        note("io.unreadable", value=path.suffix, detail=one_line(error))
        return None
    if last != [_SENTINEL]:
        note("io.open_quote", row=len(rows) + 1)
        return None
    frame, asides = layout.table(rows, note)
    return Opened(frame, common_name(codec), asides)


def read_workbook(path: Path, note: Note, layer: str | None) -> Opened | None:
    """Read a sheet of a spreadsheet: the one named, else the first.

    Returns
    -------
    Cells as the sheet holds them, on its own row numbers, the rows of totals and remarks, and the
    sheet's name where there are several; nothing where unreadable.
    """
    try:
        if not check_workbook(path, note):
            return None
        with pd.ExcelFile(path, engine="calamine") as book:
            names = [str(name) for name in book.sheet_names]
            if layer is not None and layer not in names:
                close = difflib.get_close_matches(layer, names, n=1, cutoff=0.3)
                note("io.no_layer", value=layer, nearest=close[0] if close else ", ".join(names))
                return None
            sheet = pd.read_excel(  # noqa: TID251  files are read here
                book, sheet_name=layer or 0, header=None, dtype=object, keep_default_na=False
            )
            merged = book.book.get_sheet_by_name(layer or names[0]).merged_cell_ranges or ()
    except _WORKBOOK_ERRORS as error:
        note("io.unreadable", value=path.suffix, detail=one_line(error))
        return None
    frame, asides = layout.table(sheet.to_numpy(dtype=object).tolist(), note, merged=merged)
    return Opened(frame, asides=asides, sheet=layer or names[0] if len(names) > 1 else None)


def points(
    frame: pd.DataFrame, source: Source, note: Note, *, projected: bool
) -> tuple[pd.DataFrame, int]:
    """Make points of a table's coordinate columns.

    Parameters
    ----------
    frame
        The table as read.
    source
        What the scenario says of it: names of columns, and whether rows without coordinates are
        skipped.
    note
        Takes what is wrong: each row without coordinates, or with something else in their place.
    projected
        Whether the coordinates are metres.

    Returns
    -------
    The rows that have coordinates, as points without a CRS (the table as it was where it has no
    such columns), and how many rows were skipped.
    """
    names = _coordinate_columns(frame, source, note, projected=projected)
    if names is None:
        return frame, 0
    cells = [frame[name].map(_cleaned, na_action=None) for name in names]
    x, y = (pd.to_numeric(column, errors="coerce").astype(float) for column in cells)
    blank = (cells[0] == "") | (cells[1] == "") | ((x == 0) & (y == 0))
    wrong = ~blank & ~(np.isfinite(x) & np.isfinite(y))
    usable = ~(blank | wrong)
    if source.missing_coordinates == "error":
        shown = cells[0].replace("", "–") + ", " + cells[1].replace("", "–")
        _note_rows("io.missing_coordinates", shown[blank], note)
        _note_rows("io.not_a_coordinate", shown[wrong], note)
    placed = gpd.GeoDataFrame(
        frame[usable], geometry=gpd.points_from_xy(x[usable], y[usable]), crs=None
    )
    skipped = int((~usable).sum()) if source.missing_coordinates == "skip" else 0
    return placed, skipped


def _first_undecodable(data: bytes) -> int | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data[: error.start].count(b"\n") + 1
    return None


def _coordinate_columns(
    frame: pd.DataFrame, source: Source, note: Note, *, projected: bool
) -> tuple[str, str] | None:
    """Find the columns of longitude and latitude: those named, else by alias."""
    known = [str(column) for column in frame.columns]
    plain = {normal(name): name for name in reversed(known)}
    found = []
    for keys, aliases in (
        (("lon", "x"), _EASTING + _LON if projected else _LON),
        (("lat", "y"), _NORTHING + _LAT if projected else _LAT),
    ):
        named = next((source.columns[key] for key in keys if key in source.columns), None)
        if named is None:
            found.append(_by_alias(plain, [normal(alias) for alias in aliases], source.datum))
            continue
        name = named[0] if isinstance(named, list) else named
        column = name if name in known else plain.get(normal(name))
        if column is None:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            note(
                "tables.no_such_column", value=name, nearest=close[0] if close else ", ".join(known)
            )
        found.append(column)
    x, y = found
    return None if x is None or y is None else (x, y)


def _by_alias(plain: dict[str, str], aliases: Sequence[str], datum: str | None) -> str | None:
    """Choose a column by alias; of several, the one whose name says the datum declared."""
    candidates = [
        (datum is not None and datum not in name, aliases.index(word), column)
        for name, column in plain.items()
        if (word := _DATUM_WORDS.sub("", name)) in aliases
    ]
    return min(candidates)[2] if candidates else None


def _cleaned(cell: Any) -> str:
    """Strip what stands around a number: quotes, spaces, a degree sign; full width to half."""
    if cell is None or cell != cell:  # noqa: PLR0124  NaN is not itself
        return ""
    text = unicodedata.normalize("NFKC", str(cell)).strip(_AROUND_A_NUMBER)
    return text.replace(",", "") if _THOUSANDS.match(text) else text


def _note_rows(key: str, rows: pd.Series, note: Note) -> None:
    for row, value in rows.head(MOST_ROWS_NAMED).items():
        note(key, row=row, value=value)
    if len(rows) > MOST_ROWS_NAMED:
        note("io.and_more", value=len(rows) - MOST_ROWS_NAMED)
