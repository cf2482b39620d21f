"""Headings of columns, which tables, the workbook and the map share."""

from __future__ import annotations

from planner.language import Lang, group_name, has_text, text
from planner.output.indicators import INDICATORS
from planner.output.layers import Measure

__all__ = ["Measure", "heading", "measure_of_indicator"]

_OF_UNIT: dict[str, Measure] = {
    "share": "share",
    "minutes": "minutes",
    "people": "count",
    "amount": "figure",
}


def heading(column: str, lang: Lang) -> str:
    """Return the heading of a column, or the name of a demand group, for readers.

    Parameters
    ----------
    column
        Name of the column.
    lang
        The language.

    Returns
    -------
    Heading of a column, or the name of a demand group, for readers.
    """
    if column.startswith("lacking_"):
        group = heading(column.removeprefix("lacking_"), lang)
        return text("columns.lacking_group", lang, group=group)
    known = (key for key in (f"columns.{column}", f"report.column.{column}") if has_text(key))
    key = next(known, None)
    if key is None and column in INDICATORS and INDICATORS[column].column:
        key = f"{INDICATORS[column].key}.title"
    return text(key, lang) if key else group_name(column, lang)


def measure_of_indicator(column: str) -> Measure | None:
    """Return what the column of an indicator is measured in; None if it is of none.

    Parameters
    ----------
    column
        Name of the column.

    Returns
    -------
    What the column of an indicator is measured in; None if it is of none.
    """
    return _OF_UNIT[INDICATORS[column].unit] if column in INDICATORS else None
