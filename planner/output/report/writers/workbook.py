"""Set a plan's tables as an Excel workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.formatting import rule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from planner.language import Lang, has_text, text
from planner.language.numbers import digits_of, number
from planner.output.columns import Measure
from planner.output.layers import of_features
from planner.output.report.content import Report, clean, display_width
from planner.output.report.table_words import (
    CARDS,
    columns_for_readers,
    for_readers,
    measure,
    model_name,
)
from planner.output.report.tables import tables
from planner.output.report.writers.cells import (
    BAR,
    DARK,
    DOUBT,
    FORMATS,
    GREEN,
    MIDDLE,
    OVER_FIGURES,
    PALE,
    RED,
    Placed,
    Sources,
    font,
    head,
    lines_of,
    longest_word,
    paper,
    with_values,
    write,
)
from planner.output.report.writers.graphs import graphs
from planner.output.report.writers.office import MADE, office_tag, repack
from planner.output.report.writers.recount import recount
from planner.output.report.writers.rows import SheetRows, with_rows
from planner.study.plan import Plan

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
OF_UNIT = {
    **dict.fromkeys(CARDS, ("value", "must", "aim")),
    "reported": ("computed_value",),
}
NARROWEST, WIDEST, LOOKED_AT = 8, 42, 300
LINE_PT, CONTENTS_WIDTHS = 15, (22, 70)
OTHERS = ("checks", "graphs")  # sheets that are not a table of their own


def workbook(plan: Plan, report: Report) -> bytes:
    """Return a plan's tables as an Excel workbook: a sheet for each, after one of contents.

    Shares are formulas where the row holds what they are made of; their values are stored with
    them, so that programs that do not calculate show them too.

    Parameters
    ----------
    plan
        The plan.
    report
        The report, for its title page and its language.

    Returns
    -------
    The file.
    """
    made, lang = tables(plan), report.lang
    book, first = _new(report)
    filled: list[SheetRows] = []
    placed: dict[str, Placed] = {}
    for name, table in made.items():
        sheet = book.create_sheet(sheet_name(name, lang))
        columns = columns_for_readers(table, lang)
        letters = {column: get_column_letter(n) for n, column in enumerate(columns, start=1)}
        placed[name] = Placed(sheet=sheet, letters=letters, rows=len(table))
        filled.append(_fill(placed[name], name, table, plan, lang))
    others = {name: book.create_sheet(text(f"report.sheet.{name}", lang)) for name in OTHERS}
    sources = Sources(plan=plan, made=made, placed=placed, lang=lang)
    results = [recount(others["checks"], sources), graphs(others["graphs"], sources)]
    sheets = {name: own.sheet for name, own in placed.items()} | others
    _contents(first, sheets, made, report, questions(plan, lang))
    out = io.BytesIO()
    book.save(out)
    parts = with_rows(out, dict(enumerate(filled, start=2)))
    parts |= with_values(out, dict(enumerate(results, start=2 + len(filled))))
    return repack(out.getvalue(), parts)


def sheet_name(name: str, lang: Lang) -> str:
    """Return the name of a table's sheet.

    Parameters
    ----------
    name
        Name of the table.
    lang
        The language.

    Returns
    -------
    Name of a table's sheet.
    """
    layer = of_features(name)
    return layer.name(lang) if layer else text(f"report.sheet.{name}", lang)


def about_sheet(name: str, lang: Lang) -> str:
    """Return what a sheet holds, for the list of contents.

    Parameters
    ----------
    name
        Name of the table.
    lang
        The language.

    Returns
    -------
    What a sheet holds, for the list of contents.
    """
    if layer := of_features(name):
        return layer.about(lang)
    key = f"report.about.{name}"
    return text(key, lang) if has_text(key) else ""


def questions(plan: Plan, lang: Lang) -> list[tuple[str, str]]:
    """Return what the numbers of questions in the sheets stand for.

    Parameters
    ----------
    plan
        The plan.
    lang
        Language of the words.

    Returns
    -------
    For each question its number and sheet in words, and what it is about.
    """
    asked = {
        "siting": [(a.question.kind, model_name(a.question.model, lang)) for a in plan.siting],
        "service": [(a.question.kind, "") for a in plan.service],
        "delivery": [(a.question.kind, "") for a in plan.delivery],
    }
    return [
        (
            text(f"report.question.{about}", lang, n=n),
            " · ".join(part for part in (clean(plan.area.kinds[kind].name(lang)), how) if part),
        )
        for about, found in asked.items()
        for n, (kind, how) in enumerate(found, start=1)
    ]


def of_readable(
    shown: Mapping[str, pd.DataFrame],
    units: Mapping[str, list[Measure]],
    names: Mapping[str, str],
    report: Report,
) -> bytes:
    """Return tables that are in words already as an Excel workbook: a sheet for each.

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

    Returns
    -------
    The file.
    """
    book, first = _new(report)
    sheets: dict[str, Worksheet] = {}
    for name, table in shown.items():
        sheet = sheets[name] = book.create_sheet(names[name])
        head(sheet, table.columns, report.lang)
        for n, unit in enumerate(units[name], start=1):
            for row, value in enumerate(table.iloc[:, n - 1].tolist(), start=2):
                cell = sheet.cell(row, n)
                write(cell, value)
                cell.number_format = _format(unit, table.iloc[:, n - 1])
        values = [[cell.value for cell in column[1:]] for column in sheet.iter_cols()]
        _dress(sheet, list(table.columns), units[name], values, report.lang)
    _contents(first, sheets, dict(shown), report)
    out = io.BytesIO()
    book.save(out)
    return repack(out.getvalue())


def _new(report: Report) -> tuple[Workbook, Worksheet]:
    """Begin a workbook; give its first sheet, too."""
    book = Workbook()
    book.properties.title, book.properties.creator = report.title, "planner"
    book.properties.language = office_tag(report.lang)
    book.properties.created = MADE.replace(tzinfo=None)
    # Every cell starts from this style: setting a font on each would take most of the time.
    book._named_styles["Normal"].font = Font(name=font(report.lang), size=11)  # type: ignore[attr-defined]  # noqa: SLF001
    first = book.active
    assert isinstance(first, Worksheet)  # noqa: S101  a new workbook has one sheet
    first.title = text("report.sheet.contents", report.lang)
    return book, first


def _fill(own: Placed, name: str, table: pd.DataFrame, plan: Plan, lang: Lang) -> SheetRows:
    """Write the headings of a table on its sheet; return its rows, with what formulas come to."""
    shown = for_readers(table, plan, lang)
    raw = columns_for_readers(table, lang)
    units = [measure(name, column, plan) for column in raw]
    head(own.sheet, shown.columns, lang)
    filled = SheetRows(own.sheet)
    values = [
        filled.add(
            column.tolist(), _shapes(name, table, raw_name, unit, column.tolist()),
            _made_of(raw_name, table, own.letters),
        )
        for raw_name, unit, (_, column) in zip(raw, units, shown.items(), strict=True)
    ]  # fmt: skip
    _dress(own.sheet, raw, units, values, lang)
    return filled


def _shapes(
    name: str, table: pd.DataFrame, column: str, unit: Measure, values: list[Any]
) -> list[str]:
    """Choose a number format for each row of a column."""
    if name not in OF_UNIT:
        return [_format(unit, table[column])] * len(table)
    shapes = (
        [_format(unit, pd.Series([value])) for value in values]  # the rows have units of their own
        if unit == "figure"
        else [_format(unit, table[column])] * len(table)
    )
    if column not in OF_UNIT[name]:
        return shapes
    percent = [bool(v == "share") for v in table["unit"]]
    return [FORMATS["share"] if own else shape for own, shape in zip(percent, shapes, strict=True)]


def _format(unit: Measure, values: pd.Series) -> str:
    """Choose a number format: figures of a column have decimals alike, as in the report."""
    if unit not in ("figure", "limit"):
        return FORMATS[unit]
    digits = digits_of(values)
    return f"#,##0.{'0' * digits}" if digits else FORMATS["count"]


def _made_of(
    column: str, table: pd.DataFrame, place: dict[str, str]
) -> dict[int, tuple[str, float]]:
    """Write shares as formulas of their rows, where those give the very figures of the table.

    Returns
    -------
    By position of the row: the formula, and what it comes to.
    """
    known = (parts for parts in FORMULAS.get(column, ()) if set(parts) <= set(place))
    parts = next(known, None)
    if parts is None:
        return {}
    value, over, under = (
        pd.to_numeric(table[name], errors="coerce").to_numpy(float, na_value=np.nan)
        for name in (column, *parts)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        same = (under != 0) & np.isclose(over / under, value, rtol=1e-12, atol=1e-15)
    over_at, under_at = (place[name] for name in parts)
    return {
        row: (
            f'=IF({under_at}{row + 2}=0,"",{over_at}{row + 2}/{under_at}{row + 2})',
            float(value[row]),
        )
        for row in np.flatnonzero(same).tolist()
    }


def _dress(
    sheet: Worksheet, raw: list[str], units: list[Measure], values: list[list[Any]], lang: Lang
) -> None:
    """Freeze the headings, filter, set widths, colour shares and gaps, and set the paper."""
    rules: Any = rule  # without types of its own
    sheet.freeze_panes = "A2"
    lines = 1
    rows = len(values[0]) if values else 0
    last = get_column_letter(max(len(raw), 1))
    sheet.auto_filter.ref = f"A1:{last}{rows + 1}"
    for n, (column, unit) in enumerate(zip(raw, units, strict=True), start=1):
        letter, heading = get_column_letter(n), str(sheet.cell(1, n).value)
        seen = values[n - 1][: LOOKED_AT - 1]
        widths = [
            display_width(value) for value in seen if isinstance(value, str) and unit == "text"
        ]
        title = max(display_width(heading) * 0.6, longest_word(heading))
        width = min(max(*widths, title, NARROWEST, 0) + 2, WIDEST)
        sheet.column_dimensions[letter].width = width
        lines = max(lines, lines_of(heading, width))
        if unit != "text" or any(isinstance(value, int | float) for value in seen):
            sheet.cell(1, n).alignment = OVER_FIGURES
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
    sheet.row_dimensions[1].height = LINE_PT * lines + 3
    paper(sheet, lang)
    sheet.print_title_rows = "1:1"


_MARKS = {
    "pass": (("assessment.status.missed", RED), ("assessment.status.met", GREEN)),
    "grade": (("assessment.grade.unverified", DOUBT),),
}


def _contents(
    sheet: Worksheet,
    sheets: dict[str, Worksheet],
    made: dict[str, pd.DataFrame],
    report: Report,
    asked: Iterable[tuple[str, str]] = (),
) -> None:
    """Write the first sheet: what this is, what it rests on, and where the tables are."""
    lang = report.lang
    write(sheet.cell(1, 1), report.title)
    sheet["A1"].font = Font(name=font(lang), bold=True, size=16)
    row = 2
    if report.mark:
        write(sheet.cell(row, 1), report.mark)
        sheet.cell(row, 1).font = Font(name=font(lang), bold=True, color="B00020")
        row += 1
    notes = [text("report.about.formulas", lang), *([report.note] if report.note else [])]
    for name, told in (*report.facts, *(("", note) for note in notes)):
        write(sheet.cell(row, 1), name)
        write(sheet.cell(row, 2), told)
        row += 1
    for line in report.credit:
        write(sheet.cell(row, 2), line)
        row += 1
    row += 1
    for name, target in sheets.items():
        link = sheet.cell(row, 1)
        write(link, target.title)
        link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{target.title}'!A1")
        link.font = Font(name=font(lang), color="0B5394", underline="single")
        write(sheet.cell(row, 2), about_sheet(name, lang))
        if name in made:
            write(sheet.cell(row, 3), text("report.about.rows", lang, n=number(len(made[name]))))
        row += 1
    row += 1
    for name, told in asked:
        write(sheet.cell(row, 1), name)
        write(sheet.cell(row, 2), told)
        row += 1
    for cell in (*sheet["A"], *sheet["C"]):
        cell.alignment = Alignment(vertical="top")
    for cell in sheet["B"]:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        lines = lines_of(str(cell.value or ""), CONTENTS_WIDTHS[1])
        if lines > 1:
            sheet.row_dimensions[cell.row].height = LINE_PT * lines
    paper(sheet, lang)
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "portrait", 1
    for letter, width in zip("AB", CONTENTS_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.sheet_view.showGridLines = False
