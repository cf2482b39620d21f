"""Rows of data as a workbook's XML.

openpyxl makes an object of every cell and an element of every object, which takes most of a
workbook's time. It still makes the sheets, their headings, styles, rules, filters and charts; rows
of data are written beside it and set in their place.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from planner.output.report.writers.cells import FORMULA_STARTS, as_written

_END = "</sheetData>"
_SIZE = re.compile(r'<dimension ref="A1:([A-Z]+)\d+"/>')


@dataclass
class SheetRows:
    """Data below the headings of a sheet, column by column."""

    sheet: Worksheet
    columns: list[list[str]] = field(default_factory=list)
    _styles: dict[tuple[str, bool], str] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    def add(
        self, values: list[Any], shapes: list[str], formulas: Mapping[int, tuple[str, float]]
    ) -> list[Any]:
        """Write the next column.

        Parameters
        ----------
        values
            A value for each row; a missing one leaves its cell empty.
        shapes
            A number format for each.
        formulas
            By position of the row: the formula in place of the value, and what it comes to.

        Returns
        -------
        What stands in each cell: a number, a text, or None.
        """
        letter = get_column_letter(len(self.columns) + 1)
        cells: list[str] = []
        shown: list[Any] = []
        for n, (value, shape) in enumerate(zip(values, shapes, strict=True)):
            written = as_written(value)
            if n in formulas:
                written, result = formulas[n]
                content = f"><f>{escape(written[1:])}</f><v>{result!r}</v></c>"
            elif written is None:
                content = "/>"
            elif isinstance(written, str):
                content = self._text(written)
            else:
                content = f' t="n"><v>{written:.16g}</v></c>'
            words = "" if n in formulas or not isinstance(written, str) else written
            style = self._style(shape, quoted=words.startswith(FORMULA_STARTS))
            there = written is not None or style
            cells.append(f'<c r="{letter}{n + 2}"{style}{content}' if there else "")
            shown.append(written)
        self.columns.append(cells)
        return shown

    def _text(self, words: str) -> str:
        if words not in self._texts:
            told = f"><is><t>{escape(words)}</t></is></c>" if words else "/>"
            self._texts[words] = f' t="inlineStr"{told}'
        return self._texts[words]

    def _style(self, shape: str, *, quoted: bool) -> str:
        """Return the number of a style in the workbook as an attribute; none for the plain one."""
        if (shape, quoted) not in self._styles:
            cell: Any = Cell(self.sheet, row=1, column=1)
            if shape != "General":
                cell.number_format = shape
            if quoted:
                cell.quotePrefix = True
            self._styles[shape, quoted] = f' s="{cell.style_id}"' if cell.has_style else ""
        return self._styles[shape, quoted]

    def xml(self) -> str:
        """Return the rows as a sheet holds them."""
        return "".join(
            f'<row r="{n}">{"".join(cells)}</row>'
            for n, cells in enumerate(zip(*self.columns, strict=True), start=2)
        )


def with_rows(package: io.BytesIO, filled: Mapping[int, SheetRows]) -> dict[str, bytes]:
    """Return sheets with their rows of data.

    Parameters
    ----------
    package
        The workbook, as openpyxl saves it.
    filled
        The rows, by the number of their sheet from 1.

    Returns
    -------
    XML of those sheets, by their name in the package.
    """
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(package) as archive:
        for place, rows in filled.items():
            name = f"xl/worksheets/sheet{place}.xml"
            before, end, after = archive.read(name).decode("utf-8").partition(_END)
            last = 1 + len(rows.columns[0]) if rows.columns else 1
            before = _SIZE.sub(rf'<dimension ref="A1:\g<1>{last}"/>', before)
            found[name] = f"{before}{rows.xml()}{end}{after}".encode()
    return found
