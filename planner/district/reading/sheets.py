"""Read tables of text and spreadsheets."""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from xml.parsers import expat

import numpy as np
import pandas as pd
import python_calamine

from planner.district.reading import layout
from planner.district.reading.bounds import check_cells, check_workbook
from planner.district.reading.encoding import common_name, decode, find_encoding
from planner.district.reading.excel import hidden_rows, merged_cells, silent_cells
from planner.district.reading.files import Note, one_line
from planner.errors import did_you_mean

TEXT = (".csv", ".tsv", ".txt")
WORKBOOK = (".xlsx", ".xlsm", ".xls", ".ods")

_LINES_ASKED = 30
_WORKSHEET = python_calamine.SheetTypeEnum.WorkSheet
_VISIBLE = python_calamine.SheetVisibleEnum.Visible
_WORKBOOK_ERRORS = (
    python_calamine.CalamineError, zipfile.BadZipFile, ValueError, OSError, KeyError, IndexError,
    zlib.error, expat.ExpatError, struct.error,
)  # fmt: skip
_SENTINEL = "\x00end\x00"


class Opened(NamedTuple):
    """A table as read: its rows, the encoding and the sheet where these were a question.

    ``asides`` are rows of totals and remarks, ``hidden`` rows of data that the sheet hides.
    """

    frame: pd.DataFrame
    encoding: str | None = None
    asides: tuple[int, ...] = ()
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    hidden: tuple[int, ...] = ()


def read_text(path: Path, note: Note, encoding: str | None) -> Opened | None:
    """Read a table of text: commas, semicolons, tabs or bars between its cells.

    Parameters
    ----------
    path
        The file.
    note
        Collects what is wrong: an encoding that does not decode, rows too long, an open quote.
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
    comma = "\t" if path.suffix.lower() == ".tsv" else _separator(text)
    counts = [line.count(comma) for line in text.split("\n")]
    if not check_cells(len(counts), max(counts) + 1, note, cells=sum(counts) + len(counts)):
        return None
    del data
    regular = _regular(text, comma, counts)
    rows = _parsed(text, comma, path.suffix, note) if regular is None else regular
    del text, counts  # of a long list they take as much as its cells
    if rows is None:
        return None
    frame, asides = layout.table(rows, note)
    return Opened(frame, common_name(codec), asides)


def _regular(text: str, comma: str, counts: Sequence[int]) -> np.ndarray | None:
    """Part a text without quotes and with as many cells in each line, as nearly every export is.

    Parameters
    ----------
    text
        The text.
    comma
        What parts its cells.
    counts
        How often that stands in each line.

    Returns
    -------
    Its cells, array (line, column) of text, as `csv.reader` gives them and in a third of the time;
    nothing where the text is of another kind.
    """
    ended = text.endswith("\n")
    alike = set(counts[:-1] if ended else counts)
    if len(alike) != 1 or alike == {0} or '"' in text or text.count("\r") != text.count("\r\n"):
        return None
    text = text.replace("\r\n", "\n").removesuffix("\n")
    cells = np.array(text.replace("\n", comma).split(comma), dtype=object)
    if max(map(len, cells)) > csv.field_size_limit():
        return None
    return cells.reshape(-1, alike.pop() + 1)


def _parsed(text: str, comma: str, suffix: str, note: Note) -> list[list[str]] | None:
    """Part a text with quotes or lines of unequal length; nothing where it cannot be."""
    lines = io.StringIO(f"{text}\n{_SENTINEL}", newline="")
    try:
        *rows, last = csv.reader(lines, delimiter=comma)
    except csv.Error as error:
        note("io.unreadable", value=suffix, detail=one_line(error))
        return None
    if last != [_SENTINEL]:
        note("io.open_quote", row=len(rows) + 1)
        return None
    return rows


def read_workbook(path: Path, note: Note, layer: str | None) -> Opened | None:
    """Read a sheet of a spreadsheet: the one named, else the first that is not hidden.

    Parameters
    ----------
    path
        An ``.xlsx``, ``.xlsm``, ``.xls`` or ``.ods`` file.
    note
        Collects what is wrong.
    layer
        Name of the sheet; None for the first that is not hidden.

    Returns
    -------
    Cells as the sheet holds them, on its own row numbers, the rows of totals and remarks, and the
    sheet's name where there are several; nothing where unreadable.
    """
    try:
        if not check_workbook(path, note):
            return None
        with pd.ExcelFile(path, engine="calamine") as book:
            opened: Any = book.book
            sheets = [sheet for sheet in opened.sheets_metadata if sheet.typ == _WORKSHEET]
            names = [str(sheet.name) for sheet in sheets]
            if layer is not None and layer not in names:
                note("io.no_layer", value=layer, hint=did_you_mean(layer, names))
                return None
            seen = [str(sheet.name) for sheet in sheets if sheet.visible == _VISIBLE]
            if layer is None and not seen:
                note("io.all_hidden", value=", ".join(names) or "-")
                return None
            name = layer or seen[0]
            sheet = pd.read_excel(  # noqa: TID251  files are read here
                book, sheet_name=name, header=None, dtype=object, keep_default_na=False
            )
            merged = opened.get_sheet_by_name(name).merged_cell_ranges or ()
        if path.suffix.lower() == ".ods":
            merged = merged_cells(path, name)
        rows = np.array(sheet, dtype=object)
        hidden = hidden_rows(path, name)
        for row, column, said in silent_cells(path, name):
            if row < rows.shape[0] and column < rows.shape[1]:
                rows[row, column] = said
    except _WORKBOOK_ERRORS as error:
        note("io.unreadable", value=path.suffix, detail=one_line(error))
        return None
    frame, asides = layout.table(rows, note, merged=merged)
    return Opened(
        frame,
        asides=asides,
        sheet=name if len(names) > 1 else None,
        other_sheets=tuple(other for other in names if other != name),
        hidden=tuple(row for row in hidden if row in frame.index),
    )


def _first_undecodable(data: bytes) -> int | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data[: error.start].count(b"\n") + 1
    return None


def _separator(text: str) -> str:
    """Find what parts the cells: it stands as often in most of the first lines, titles aside.

    Commas win a draw; a table of one column has none of them.
    """
    lines = list(islice((line for line in text.splitlines() if line.strip()), _LINES_ASKED))

    def _fit(mark: str) -> tuple[int, int]:
        counts = Counter(n for line in lines if (n := _unquoted(line).count(mark)))
        return max(((alike, n) for n, alike in counts.items()), default=(0, 0))

    return max(",\t;|", key=_fit)


def _unquoted(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)
