"""The workbook to fill in: its first sheet explains every column, the others hold them."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from planner.language import Lang, text
from planner.output.template.sheets import Column, Sheet, Template

ROWS = 5000  # that drop-downs reach down to
HEAD, PALE = "E9EDF2", "8A8F98"
WIDEST, LONGEST_LIST = 60, 255  # Excel takes no longer list of words


def workbook(made: Template, scenario: str) -> bytes:
    """Return the workbook to fill in.

    Parameters
    ----------
    made
        The template.
    scenario
        Name of the scenario's file, which the first sheet tells.

    Returns
    -------
    The file.
    """
    book = Workbook()
    first = book.active
    assert first is not None  # noqa: S101  a new workbook has a sheet
    _about(first, made, scenario)
    for sheet in made.sheets:
        _fill(book.create_sheet(sheet.title), sheet, made.lang)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _about(sheet: Worksheet, made: Template, scenario: str) -> None:
    """Write the sheet that explains every column."""
    lang = made.lang
    sheet.title = text("template.sheet.about", lang)
    sheet.append([text("template.about.title", lang, name=made.profile.name(lang))])
    for name in ("fill", "empty", "places", "run"):
        sheet.append([text(f"template.about.{name}", lang, scenario=scenario)])
    sheet.append([])
    heads = ("sheet", "column", "need", "unit", "words", "targets")
    sheet.append([text(f"template.column.{name}", lang) for name in heads])
    sheet["A1"].font = Font(bold=True, size=14)
    for cell in sheet[sheet.max_row]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=HEAD)
    for one in made.sheets:
        for column in one.columns:
            targets = column.targets or (one.targets if column.need == "required" else ())
            need = text(f"template.need.{column.need}", lang)
            told = _told(column, lang)
            sheet.append([one.title, column.heading, need, column.unit, told, ", ".join(targets)])
    for letter, width in zip("ABCDEF", (26, 26, 18, 16, 46, WIDEST), strict=True):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=8, min_col=5, max_col=6):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _told(column: Column, lang: Lang) -> str:
    """Return what a column may say."""
    joined = text("problems.comma", lang).join(column.words)
    if column.several:
        return text("template.words.several", lang, words=joined)
    if not column.words:
        if column.need != "asked" or column.unit:
            return ""
        key = "template.words.level" if column.level else "template.words.anything"
        return text(key, lang)
    return joined if column.closed else text("template.words.such_as", lang, words=joined)


def _fill(sheet: Worksheet, made: Sheet, lang: Lang) -> None:
    """Write headings, the row of examples and the drop-downs of a sheet."""
    sheet.append([column.heading for column in made.columns])
    sheet.append([column.example for column in made.columns])
    sheet.freeze_panes = "A2"
    for n, column in enumerate(made.columns, start=1):
        letter = get_column_letter(n)
        top, example = sheet[f"{letter}1"], sheet[f"{letter}2"]
        top.font, top.fill = Font(bold=True), PatternFill("solid", fgColor=HEAD)
        example.font = Font(italic=True, color=PALE)
        wide = 2 if lang == "zh" else 1.2
        sheet.column_dimensions[letter].width = max(12, wide * len(column.heading) + 4)
        listed = ",".join(column.words)
        if column.words and not column.several and len(listed) <= LONGEST_LIST:
            rule = DataValidation(
                type="list",
                formula1=f'"{listed}"',
                allow_blank=True,
                showErrorMessage=True,
                errorStyle="stop" if column.closed else "warning",
            )
            rule.add(f"{letter}3:{letter}{ROWS}")
            sheet.add_data_validation(rule)
