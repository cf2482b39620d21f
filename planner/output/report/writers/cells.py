"""Cells of a workbook: what is written as what, and what a formula comes to."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from planner.language import Lang, text
from planner.output.columns import Measure
from planner.output.report.content import clean, display_width
from planner.output.report.phrasing import missing
from planner.output.report.writers.office import office_tag
from planner.study.plan import Plan

FORMATS: dict[Measure, str] = {
    "share": "0.0%",
    "count": "#,##0",
    "change": "+#,##0;−#,##0;0",
    "points": "+0.0;−0.0;0.0",
    "minutes": "0.0",
    "limit": "#,##0.##",
    "figure": "#,##0.##",
    "degrees": "0.000000",
    "text": "General",
}
HEAD, RED, GREEN, DOUBT = "E9EDF2", "F4C7C3", "D3E9D5", "FFF2CC"
DARK, MIDDLE, PALE, BAR = "8D89B0", "DEDCE8", "FBF5E6", "8FB0D6"
FONT, TRADITIONAL = {"zh-CN": "宋体", "en-GB": "Calibri"}, "新細明體"
LONGEST_TEXT = 32_000
FORMULA_STARTS = ("=", "+", "-", "@")  # of a text that a program might take for a formula
OVER_FIGURES = Alignment(horizontal="right", vertical="center", wrap_text=True)
BOLD = 1.2  # how much wider than its signs a word in bold may be

_FORMULA_CELL = re.compile(
    r'(<c r="([A-Z]+\d+)"[^>]*>)(<f>[^<]*</f>)<v ?/>|'
    r'(<c r="([A-Z]+\d+)"[^>]*>)(<f>[^<]*</f>)<v></v>'
)
_SIGN_BY_NUMBER = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

Shown = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A table in its sheet: the letter of each column of the data model, and its rows."""

    sheet: Worksheet
    letters: dict[str, str]
    rows: int

    def cells(self, column: str, first: int = 0, rows: int | None = None) -> str:
        """Return the address of a column's cells, or of some, as formulas and charts use it.

        Parameters
        ----------
        column
            The column of the data model.
        first
            The first row of data, from 0.
        rows
            How many rows; all if not given.

        Returns
        -------
        Such as ``'Gaps'!$B$2:$B$9``.
        """
        letter, top = self.letters[column], first + 2
        last = top + (self.rows if rows is None else rows) - 1
        return f"'{self.sheet.title}'!${letter}${top}:${letter}${last}"


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What sheets of formulas and charts are made from: the tables, and where they stand."""

    plan: Plan
    made: Mapping[str, pd.DataFrame]
    placed: Mapping[str, Placed]
    lang: Lang

    def rows_of(self, table: str, **wanted: object) -> pd.DataFrame:
        """Return the rows of a table that hold what is wanted, numbered as they stand in its sheet.

        There are no rows where there is no such table.

        Parameters
        ----------
        table
            Name of the table.
        **wanted
            Value of each column that the rows must hold.

        Returns
        -------
        Rows, their index the position in the sheet's data, from 0.
        """
        rows = self.made.get(table, pd.DataFrame()).reset_index(drop=True)
        if not len(rows):
            return rows
        chosen = np.ones(len(rows), np.bool_)
        for column, value in wanted.items():
            chosen &= (rows[column] == value).to_numpy(bool, na_value=False)
        return rows[chosen]


def as_written(value: Any) -> int | float | str | None:
    """Return what a cell holds of a value: a number, a text on one line, or nothing.

    Parameters
    ----------
    value
        The value; a missing one, and a number without end, leave the cell empty.

    Returns
    -------
    What it holds.
    """
    if type(value) is not str and missing(value):
        return None
    if isinstance(value, bool | np.bool_):
        value = str(value)
    if isinstance(value, int | float | np.integer | np.floating):
        number = float(value)
        if not math.isfinite(number):
            return None
        return int(number) if number.is_integer() else number
    # Excel reads _x0041_ in a text as the sign of that number, unless its first sign is escaped.
    return _SIGN_BY_NUMBER.sub("_x005F_", clean(value)[:LONGEST_TEXT])


def write(cell: Cell | Any, value: Any) -> None:
    """Write a value as what it is; a text is never taken for a formula.

    Parameters
    ----------
    cell
        The cell.
    value
        The value; a missing one leaves the cell empty.
    """
    written = as_written(value)
    if written is None:
        return
    cell.value = written
    if isinstance(written, str):
        cell.data_type = "s"
        if written.startswith(FORMULA_STARTS):
            cell.quotePrefix = True


def font(lang: Lang) -> str:
    """Return the name of the font of a workbook in a language.

    Parameters
    ----------
    lang
        The language; traditional characters have a font of their own.

    Returns
    -------
    The name.
    """
    return FONT.get(office_tag(lang), TRADITIONAL)


def head(sheet: Worksheet, headings: Iterable[str], lang: Lang) -> None:
    """Write the headings of a table.

    Parameters
    ----------
    sheet
        The sheet.
    headings
        The headings, from its first column on.
    lang
        Language, which decides the font.
    """
    for n, words in enumerate(headings, start=1):
        cell = sheet.cell(1, n)
        write(cell, words)
        cell.font = Font(name=font(lang), bold=True)
        cell.fill = PatternFill("solid", fgColor=HEAD)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cell.border = Border(bottom=Side("thin", color="808080"))


def lines_of(words: str, width: float) -> int:
    """Count the lines that a text takes in a column, set in bold.

    Parameters
    ----------
    words, width
        The text, and the column's width in signs.

    Returns
    -------
    The number of lines.
    """
    return math.ceil(display_width(words) * 1.1 / (width - 1))


def longest_word(words: str) -> float:
    """Return the width in signs that no word of a heading needs more than, set in bold.

    Parameters
    ----------
    words
        The heading.

    Returns
    -------
    The width.
    """
    return max((BOLD * len(word) for word in words.split()), default=0.0)


def paper(sheet: Worksheet, lang: Lang) -> None:
    """Set a sheet to print on A4, all columns on one page, with its name and numbered pages.

    Parameters
    ----------
    sheet
        The sheet.
    lang
        Language of the page numbers.
    """
    told = text("report.page_of", lang, page="&P", pages="&N")
    for running, place, words in (
        (sheet.oddFooter, "center", told), (sheet.oddHeader, "right", "&A"),
    ):  # fmt: skip
        getattr(running, place).text = words
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def with_values(package: io.BytesIO, parts: dict[int, Shown]) -> dict[str, bytes]:
    """Return sheets with what each formula comes to: openpyxl leaves that to the reader's program.

    Parameters
    ----------
    package
        The workbook, as openpyxl saves it.
    parts
        What the formulas come to, by cell, for the number of each sheet from 1.

    Returns
    -------
    XML of the sheets that have formulas, by their name in the package.
    """
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(package) as archive:
        for place, results in parts.items():
            if not results:
                continue
            name = f"xl/worksheets/sheet{place}.xml"

            def _stored(match: re.Match[str], results: Shown = results) -> str:
                head, cell, formula = match.group(1, 2, 3) if match[1] else match.group(4, 5, 6)
                return f"{head}{formula}<v>{results[cell]!r}</v>"

            xml = archive.read(name).decode("utf-8")
            found[name] = _FORMULA_CELL.sub(_stored, xml).encode("utf-8")
    return found
