"""What an .xlsx file holds that its reader passes over: errors, and formulas without a value.

python-calamine gives both as empty cells. The file is a zip of XML; the sheet's text is searched
for such cells, which is quick and acts on nothing in it.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from planner.district.cells import Unkept

XLSX = (".xlsx", ".xlsm")

_CELL = re.compile(
    rb"<(?:\w+:)?c\b(?P<attributes>[^>]*?)(?:/>|>(?P<inner>.*?)</(?:\w+:)?c>)", re.DOTALL
)
_REFERENCE = re.compile(rb'\br\s*=\s*["\']([A-Z]{1,3})(\d{1,7})["\']')
_ERROR = re.compile(rb'\bt\s*=\s*["\']e["\']')
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)</")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)</)")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
MOST_BYTES = 512 * 2**20  # of a sheet's text; calamine has read it by then


def silent_cells(path: Path, sheet: str) -> Iterator[tuple[int, int, str]]:
    """Return the cells that are an error or a formula without a value: row, column, and the text.

    Parameters
    ----------
    path
        A file with one of the suffixes in `XLSX`.
    sheet
        Name of the sheet.

    Returns
    -------
    Row and column, counted from 0, and the error, or the formula as `district.cells.Unkept`.
    Nothing where the file is laid out in another way.
    """
    with zipfile.ZipFile(path) as book:
        part = _part(book, sheet)
        if part is None or book.getinfo(part).file_size > MOST_BYTES:
            return
        text = book.read(part)
    if not (_ERROR.search(text) or _FORMULA.search(text)):
        return
    for cell in _CELL.finditer(text):
        attributes, inner = cell["attributes"], cell["inner"] or b""
        at = _REFERENCE.search(attributes)
        if at is None:
            continue
        value = _VALUE.search(inner)
        formula = _FORMULA.search(inner)
        row, column = int(at[2]) - 1, _column(at[1].decode())
        if _ERROR.search(attributes):
            yield row, column, unescape(value[1].decode()) if value else "#N/A"
        elif formula is not None and (value is None or not value[1]) and b"<is" not in inner:
            if b't="str"' in attributes and value is not None:
                continue  # a formula whose kept value is the empty text
            yield row, column, Unkept("=" + unescape((formula[1] or b"").decode(errors="replace")))


def _part(book: zipfile.ZipFile, sheet: str) -> str | None:
    """Find the part of the file that holds a sheet."""
    names = set(book.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    listed = book.read("xl/workbook.xml")
    relation = next(
        (
            _attribute(found[0], rb"(?:\w+:)?id")
            for found in _SHEET.finditer(listed)
            if _attribute(found[0], b"name") == sheet
        ),
        None,
    )
    for found in _RELATION.finditer(book.read("xl/_rels/workbook.xml.rels")):
        if relation is not None and _attribute(found[0], b"Id") == relation:
            target = _attribute(found[0], b"Target") or ""
            part = (
                target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            )
            return part if part in names else None
    return None


def _attribute(tag: bytes, name: bytes) -> str | None:
    found = re.search(rb"\s" + name + rb'\s*=\s*(?:"([^"]*)"|\'([^\']*)\')', tag)
    return None if found is None else unescape((found[1] or found[2] or b"").decode())


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1
