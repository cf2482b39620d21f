"""What a spreadsheet holds that its reader passes over: errors, and formulas without a value.

python-calamine gives both as empty cells, or as something else. An .xlsx or .ods file is a zip of
XML; the sheet's text is searched for such cells, which is quick and acts on nothing in it. An .xls
file is read by xlrd, which tells errors; it always holds the values of its formulas.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from xml.parsers import expat

from planner.district.cells import Unkept

_CELL = re.compile(
    rb"<(?:\w+:)?c\b(?P<attributes>[^>]*?)(?:/>|>(?P<inner>.*?)</(?:\w+:)?c>)", re.DOTALL
)
_REFERENCE = re.compile(rb'\br\s*=\s*["\']([A-Z]{1,3})(\d{1,7})["\']')
_ERROR = re.compile(rb'\bt\s*=\s*["\']e["\']')
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)</")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)</)")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b(?=[^>]*\shidden\s*=\s*[\"'](?:1|true)[\"'])[^>]*>")
_ROW_NUMBER = re.compile(rb"\sr\s*=\s*[\"'](\d{1,7})[\"']")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_MOST_REPEATED = 1000
MOST_BYTES = 512 * 2**20  # of a sheet's text; calamine has read it by then


Area = tuple[tuple[int, int], tuple[int, int]]


def merged_cells(path: Path, sheet: str) -> list[Area]:
    """Return which cells of an .ods sheet are merged; python-calamine tells those of Excel's alone.

    Parameters
    ----------
    path
        An ``.ods`` file.
    sheet
        Name of the sheet.

    Returns
    -------
    Row and column, counted from 0, of the first and the last cell of each.
    """
    return _read_ods(path, sheet).merged


def hidden_rows(path: Path, sheet: str) -> tuple[int, ...]:
    """Return the rows of a sheet that are hidden or filtered away: they are read like any other.

    Parameters
    ----------
    path
        A spreadsheet; of an ``.xls`` file none are known.
    sheet
        Name of the sheet.

    Returns
    -------
    Rows as a person counts them, from 1.
    """
    if path.suffix.lower() == ".ods":
        return tuple(_read_ods(path, sheet).hidden)
    if path.suffix.lower() == ".xls":
        return ()
    with zipfile.ZipFile(path) as book:
        part = _part(book, sheet)
        text = b"" if part is None else book.read(part)
    numbers = (_ROW_NUMBER.search(row) for row in _HIDDEN_ROW.findall(text))
    return tuple(int(number[1]) for number in numbers if number is not None)


def silent_cells(path: Path, sheet: str) -> Iterator[tuple[int, int, str]]:
    """Return the cells that are an error or a formula without a value: row, column, and the text.

    Parameters
    ----------
    path
        A spreadsheet: ``.xlsx``, ``.xlsm``, ``.ods`` or ``.xls``.
    sheet
        Name of the sheet.

    Returns
    -------
    Row and column, counted from 0, and the error, or the formula as `district.cells.Unkept`.
    Nothing where the file is laid out in another way.
    """
    suffix = path.suffix.lower()
    if suffix == ".xls":
        yield from _errors_of_xls(path, sheet)
    elif suffix == ".ods":
        yield from _read_ods(path, sheet).cells
    else:
        yield from _of_xlsx(path, sheet)


def _errors_of_xls(path: Path, sheet: str) -> Iterator[tuple[int, int, str]]:
    import xlrd  # noqa: PLC0415  few lists are of this kind

    try:
        book = xlrd.open_workbook(path, logfile=io.StringIO(), ragged_rows=True)
        found = book.sheet_by_name(sheet)
    except Exception as error:  # xlrd raises whatever a damaged record leads to
        raise ValueError(str(error)) from error
    for row in range(found.nrows):
        for column, cell in enumerate(found.row(row)):
            if cell.ctype == xlrd.XL_CELL_ERROR:
                yield row, column, xlrd.error_text_from_code.get(cell.value, "#N/A")


def _read_ods(path: Path, sheet: str) -> _OdsCells:
    with zipfile.ZipFile(path) as book, book.open("content.xml") as content:
        found = _OdsCells(sheet)
        found.parser.ParseFile(content)
    return found


class _OdsCells:
    """Finds such cells, and merged ones, in the XML of an .ods file; fed with it."""

    def __init__(self, sheet: str) -> None:
        self.cells: list[tuple[int, int, str]] = []
        self.merged: list[Area] = []
        self.hidden: list[int] = []
        self._sheet, self._own = sheet, False
        self._row = self._column = self._rows = self._columns = 0
        self._said: list[str] | None = None
        self._is_error = self._is_empty = False
        self._formula = ""
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.StartElementHandler = self._started
        self.parser.EndElementHandler = self._ended
        self.parser.CharacterDataHandler = self._read

    def _started(self, name: str, given: dict[str, str]) -> None:
        word = name.rpartition("}")[2]
        said = {key.rpartition("}")[2]: value for key, value in given.items()}
        if word == "table":
            self._own = said.get("name") == self._sheet
            self._row = self._rows = 0
        elif word == "table-row":
            self._row += self._rows
            self._rows = _repeated(said, "number-rows-repeated")
            self._column = self._columns = 0
            if self._own and said.get("visibility") in {"collapse", "filter"}:
                rows = min(self._rows, _MOST_REPEATED)
                self.hidden += range(self._row + 1, self._row + rows + 1)
        elif word in {"table-cell", "covered-table-cell"}:
            self._column += self._columns
            self._columns = _repeated(said, "number-columns-repeated")
            kinds = [value for key, value in given.items() if key.endswith("}value-type")]
            self._formula = said.get("formula", "")
            self._is_error = "error" in kinds
            self._is_empty = not kinds and bool(self._formula)
            self._said = [] if self._own else None
            rows, columns = (_repeated(said, f"number-{of}-spanned") for of in ("rows", "columns"))
            if self._own and (rows, columns) != (1, 1):
                last = self._row + rows - 1, self._column + columns - 1
                self.merged.append(((self._row, self._column), last))

    def _read(self, text: str) -> None:
        if self._said is not None:
            self._said.append(text)

    def _ended(self, name: str) -> None:
        if name.rpartition("}")[2] not in {"table-cell", "covered-table-cell"}:
            return
        said = "".join(self._said or ()).strip()
        if self._said is not None and (self._is_error or (self._is_empty and not said)):
            text = (said or "#N/A") if self._is_error else Unkept(f"={self._formula}")
            for row in range(min(self._rows, _MOST_REPEATED)):
                for column in range(min(self._columns, _MOST_REPEATED)):
                    self.cells.append((self._row + row, self._column + column, text))
        self._said = None


def _repeated(said: dict[str, str], name: str) -> int:
    number = said.get(name, "1")
    return int(number) if number.isdecimal() else 1


def _of_xlsx(path: Path, sheet: str) -> Iterator[tuple[int, int, str]]:
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
