"""Set a plan's tables as an Excel workbook."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any
from unicodedata import east_asian_width

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.formatting import rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from planner.language import Lang, has_text, text
from planner.report.content import Report, clean
from planner.report.office import MADE, repack
from planner.report.tables import Measure, columns_for_readers, for_readers, measure, tables
from planner.report.voice import missing
from planner.scenario import Plan

FORMATS: dict[Measure, str] = {
    "share": "0.0%",
    "count": "#,##0",
    "minutes": "0.0",
    "figure": "General",
    "degrees": "0.000000",
    "text": "General",
}
# A share and the columns of its row that it may be made of.
FORMULAS = {
    "share": (("covered", "people"), ("complete", "people"), ("meals", "need")),
    "has_share": (("has", "communities"),),
    "reached_share": (("reached", "communities"),),
    "linked_share": (("linked", "communities"),),
    "served_share": (("served", "people"),),
    "over_share": (("over_capacity", "people"),),
    "beyond_share": (("out_of_reach", "people"),),
    "use": (("people", "capacity"),),
}
# Tables whose rows each have their unit, and the columns that are in it.
OF_UNIT = {"scorecard": ("value", "must", "aim"), "reported": ("computed_value",)}
HEAD, RED, GREEN, DOUBT = "E9EDF2", "F4C7C3", "D3E9D5", "FFF2CC"
DARK, MIDDLE, PALE, BAR = "CF8C98", "F5DABD", "FBF5E6", "8FB0D6"
FONT = {"zh": "宋体", "en": "Calibri"}
LONGEST_TEXT = 32_000
NARROWEST, WIDEST, LOOKED_AT = 8, 42, 300

_FORMULA_CELL = re.compile(
    r'(<c r="([A-Z]+\d+)"[^>]*>)(<f>[^<]*</f>)<v ?/>|'
    r'(<c r="([A-Z]+\d+)"[^>]*>)(<f>[^<]*</f>)<v></v>'
)

Shown = dict[str, float]


def workbook(plan: Plan, report: Report) -> bytes:
    """Set a plan's tables as an Excel workbook: a sheet for each, after one of contents.

    Shares are formulas where the row holds what they are made of; their values are stored with
    them, so that programs that do not calculate show them too.

    Parameters
    ----------
    plan
        The plan.
    report
        The report, for its title page and its language.
    """
    made, lang = tables(plan), report.lang
    book, first = _new(report)
    parts: dict[int, Shown] = {}
    sheets: dict[str, Worksheet] = {}
    for place, (name, table) in enumerate(made.items(), start=2):
        key = f"report.sheet.{name}"
        sheets[name] = book.create_sheet(text(key, lang) if has_text(key) else name[:31])
        parts[place] = _fill(sheets[name], name, table, plan, lang)
    _contents(first, sheets, made, report)
    out = io.BytesIO()
    book.save(out)
    return repack(out.getvalue(), _with_values(out, parts))


def of_readable(
    shown: Mapping[str, pd.DataFrame],
    units: Mapping[str, list[Measure]],
    names: Mapping[str, str],
    report: Report,
) -> bytes:
    """Set tables that are in words already as an Excel workbook: a sheet for each.

    Parameters
    ----------
    shown
        The tables by name, with headings for readers.
    units
        What their columns are measured in.
    names
        Names of their sheets.
    report
        The report, for its title page and its language.
    """
    book, first = _new(report)
    sheets: dict[str, Worksheet] = {}
    for name, table in shown.items():
        sheet = sheets[name] = book.create_sheet(names[name])
        _head(sheet, table.columns, report.lang)
        for n, unit in enumerate(units[name], start=1):
            for row, value in enumerate(table.iloc[:, n - 1].tolist(), start=2):
                cell = sheet.cell(row, n)
                _write(cell, value)
                cell.number_format = FORMATS[unit]
        _dress(sheet, list(table.columns), units[name], len(table), report.lang)
    _contents(first, sheets, dict(shown), report)
    out = io.BytesIO()
    book.save(out)
    return repack(out.getvalue())


def _new(report: Report) -> tuple[Workbook, Worksheet]:
    """Begin a workbook; give its first sheet, too."""
    book = Workbook()
    book.properties.title, book.properties.creator = report.title, "planner"
    book.properties.created = MADE.replace(tzinfo=None)
    # Every cell starts from this style: setting a font on each would take most of the time.
    book._named_styles["Normal"].font = Font(name=FONT[report.lang], size=11)  # type: ignore[attr-defined]  # noqa: SLF001
    first = book.active
    assert isinstance(first, Worksheet)  # noqa: S101  a new workbook has one sheet
    first.title = text("report.sheet.contents", report.lang)
    return book, first


def _head(sheet: Worksheet, headings: Iterable[str], lang: Lang) -> None:
    """Write the headings of a table."""
    for n, words in enumerate(headings, start=1):
        cell = sheet.cell(1, n)
        _write(cell, words)
        cell.font = Font(name=FONT[lang], bold=True)
        cell.fill = PatternFill("solid", fgColor=HEAD)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cell.border = Border(bottom=Side("thin", color="808080"))


def _fill(sheet: Worksheet, name: str, table: pd.DataFrame, plan: Plan, lang: Lang) -> Shown:
    """Write a table; give what its formulas come to, by cell."""
    shown = for_readers(table, plan, lang)
    raw = columns_for_readers(table, lang)
    units = [measure(name, column, plan) for column in raw]
    place = {column: get_column_letter(n) for n, column in enumerate(raw, start=1)}
    _head(sheet, shown.columns, lang)
    results: Shown = {}
    in_share = [bool(v == "share") for v in table["unit"]] if name in OF_UNIT else []
    for n, (column, unit) in enumerate(zip(raw, units, strict=True), start=1):
        for row, value in enumerate(shown.iloc[:, n - 1].tolist(), start=2):
            cell = sheet.cell(row, n)
            _write(cell, value)
            percent = name in OF_UNIT and column in OF_UNIT[name] and in_share[row - 2]
            shape = FORMATS["share" if percent else unit]
            if shape != "General":
                cell.number_format = shape
            made_of = _made_of(column, table, row - 2, place)
            if made_of is not None:
                formula, result = made_of
                cell.value = formula
                results[cell.coordinate] = result
    _dress(sheet, raw, units, len(table), lang)
    return results


def _made_of(
    column: str, table: pd.DataFrame, row: int, place: dict[str, str]
) -> tuple[str, float] | None:
    """Write a share as a formula of its row, where that gives the very figure of the table."""
    known = (parts for parts in FORMULAS.get(column, ()) if set(parts) <= set(place))
    parts = next(known, None)
    if parts is None:
        return None
    value, over, under = (table[name].iloc[row] for name in (column, *parts))
    if missing(value) or missing(over) or missing(under) or not under:
        return None
    if not math.isclose(float(over) / float(under), float(value), rel_tol=1e-12, abs_tol=1e-15):
        return None
    cells = [f"{place[name]}{row + 2}" for name in parts]
    return f'=IF({cells[1]}=0,"",{cells[0]}/{cells[1]})', float(value)


def _write(cell: Cell | Any, value: Any) -> None:
    """Write a value as what it is; a text is never taken for a formula."""
    if missing(value):
        return
    if isinstance(value, bool | np.bool_):
        value = str(value)
    if isinstance(value, int | float | np.integer | np.floating):
        number = float(value)
        if math.isfinite(number):
            cell.value = int(number) if number.is_integer() else number
        return
    words = clean(value)[:LONGEST_TEXT]
    cell.value = words
    cell.data_type = "s"
    if words[:1] in "=+-@":
        cell.quotePrefix = True


def _dress(sheet: Worksheet, raw: list[str], units: list[Measure], rows: int, lang: Lang) -> None:
    """Freeze the headings, filter, set widths, colour shares and gaps, and set the paper."""
    rules: Any = rule  # without types of its own
    sheet.freeze_panes = "A2"
    last = get_column_letter(max(len(raw), 1))
    sheet.auto_filter.ref = f"A1:{last}{rows + 1}"
    for n, (column, unit) in enumerate(zip(raw, units, strict=True), start=1):
        letter = get_column_letter(n)
        cells = [cell.value for cell in sheet[letter][:LOOKED_AT]]
        rooms = [
            _room(str(value)) for value in cells[1:] if isinstance(value, str) and unit == "text"
        ]
        head = _room(str(cells[0])) * 0.6
        sheet.column_dimensions[letter].width = min(max(*rooms, head, NARROWEST, 0) + 2, WIDEST)
        if not rows:
            continue
        area = f"{letter}2:{letter}{rows + 1}"
        if unit == "share":
            sheet.conditional_formatting.add(
                area,
                rules.ColorScaleRule(
                    start_type="num", start_value=0, start_color=DARK,
                    mid_type="num", mid_value=0.6, mid_color=MIDDLE,
                    end_type="num", end_value=1, end_color=PALE,
                ),
            )  # fmt: skip
        elif column.startswith("lacking") or column in ("added", "short_by"):
            bar = rules.DataBarRule(start_type="num", start_value=0, end_type="max", color=BAR)
            sheet.conditional_formatting.add(area, bar)
        for key, colour in _MARKS.get(column, ()):
            words = f'"{text(key, lang)}"'
            fill = PatternFill(bgColor=colour, fill_type="solid")
            sheet.conditional_formatting.add(area, rules.CellIsRule("equal", [words], fill=fill))
    _paper(sheet)
    sheet.print_title_rows = "1:1"


def _paper(sheet: Worksheet) -> None:
    """Print on A4, all columns on one page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


_MARKS = {
    "pass": (("assessment.pass.no", RED), ("assessment.pass.yes", GREEN)),
    "grade": (("assessment.grade.unverified", DOUBT),),
}


def _contents(
    sheet: Worksheet,
    sheets: dict[str, Worksheet],
    made: dict[str, pd.DataFrame],
    report: Report,
) -> None:
    """Write the first sheet: what this is, what it rests on, and where the tables are."""
    lang = report.lang
    _write(sheet.cell(1, 1), report.title)
    sheet["A1"].font = Font(name=FONT[lang], bold=True, size=16)
    row = 2
    if report.mark:
        _write(sheet.cell(row, 1), report.mark)
        sheet.cell(row, 1).font = Font(name=FONT[lang], bold=True, color="B00020")
        row += 1
    notes = [text("report.about.formulas", lang), *([report.note] if report.note else [])]
    for name, told in (*report.facts, *(("", note) for note in notes)):
        _write(sheet.cell(row, 1), name)
        _write(sheet.cell(row, 2), told)
        row += 1
    for line in report.credit:
        _write(sheet.cell(row, 2), line)
        row += 1
    row += 1
    for name, target in sheets.items():
        link = sheet.cell(row, 1)
        _write(link, target.title)
        link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{target.title}'!A1")
        link.font = Font(name=FONT[lang], color="0B5394", underline="single")
        key = f"report.about.{name}"
        _write(sheet.cell(row, 2), text(key, lang) if has_text(key) else "")
        _write(sheet.cell(row, 3), text("report.about.rows", lang, n=len(made[name])))
        row += 1
    for cell in sheet["B"]:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    _paper(sheet)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 70
    sheet.sheet_view.showGridLines = False


def _room(words: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in words)


def _with_values(package: io.BytesIO, parts: dict[int, Shown]) -> dict[str, bytes]:
    """Store with each formula what it comes to: openpyxl leaves that to the reader's program."""
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(package) as archive:
        for place, results in parts.items():
            if not results:
                continue
            name = f"xl/worksheets/sheet{place}.xml"

            def stored(match: re.Match[str], results: Shown = results) -> str:
                head, cell, formula = match.group(1, 2, 3) if match[1] else match.group(4, 5, 6)
                return f"{head}{formula}<v>{results[cell]!r}</v>"

            xml = archive.read(name).decode("utf-8")
            found[name] = _FORMULA_CELL.sub(stored, xml).encode("utf-8")
    return found
