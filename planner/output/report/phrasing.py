"""How a plan's figures are said: numbers, names and tables in a language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from planner.district.cost_unit import with_unit
from planner.language import Lang, group_name, text
from planner.language.numbers import (
    DASH,
    digits_of,
    fixed,
    measured,
    minutes,
    number,
    percent,
    signed,
)
from planner.output.columns import Measure
from planner.output.report.content import Table, clean, picture_anchor, reference, table_anchor
from planner.output.report.table_words import for_readers, measure
from planner.study.plan import Plan

LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True)
class ReportContext:
    """A plan, its tables, and the language they are told in."""

    plan: Plan
    made: Mapping[str, pd.DataFrame]
    lang: Lang

    def say(self, key: str, /, **values: object) -> str:
        """Return a text of the catalogue with its values filled in.

        Parameters
        ----------
        key
            Name of the text, ``file.entry``.
        **values
            Values of its placeholders.

        Returns
        -------
        The text in the report's language.
        """
        return text(key, self.lang, **values)

    def kind(self, kind: str) -> str:
        """Return the name of a kind of facility.

        Parameters
        ----------
        kind
            The kind's id.

        Returns
        -------
        The name in the report's language.
        """
        return self.plan.area.kinds[kind].name(self.lang)

    def people(self, group: str) -> str:
        """Return the name of a group of people as a sentence has it.

        Parameters
        ----------
        group
            The group: a column of the demand.

        Returns
        -------
        Such as ``people aged 60 and over``.
        """
        return group_name(group, self.lang, form="whom")

    def money(self, amount: Any) -> str:
        """Return an amount of money, in the unit of the candidates where that is known.

        Parameters
        ----------
        amount
            The amount.
        """
        return with_unit(measured(amount), self.plan.area.cost_unit, self.lang)

    def where_people_live(self) -> str:
        """Return where the people of the plan are: at the points given, or spread, and how."""
        area = self.plan.area
        how = next((one.how for one in area.estimates if one.what == "people"), None)
        key = "report.points" if how is None else f"report.spread_{how}"
        return self.say(key, n=number(len(area.demand)))

    def joined(self, *sentences: str) -> str:
        """Join sentences as the language sets them: apart in English, close in Chinese.

        Parameters
        ----------
        *sentences
            Sentences; empty ones are left out.

        Returns
        -------
        The text.
        """
        return ("" if self.lang == "zh" else " ").join(part for part in sentences if part)

    def table_of(self, name: str, question: int = 0) -> str:
        """Return a reference to a table.

        Parameters
        ----------
        name
            Name of the table.
        question
            Number of its question; 0 for none.

        Returns
        -------
        What stands for it in a text.
        """
        return reference(table_anchor(name, question))

    def picture_of(self, name: str) -> str:
        """Return a reference to a picture.

        Parameters
        ----------
        name
            Name of the picture.

        Returns
        -------
        What stands for it in a text.
        """
        return reference(picture_anchor(name))

    def names(self, values: pd.Series, most: int) -> str:
        """List names in a sentence, the first of them if there are more.

        Parameters
        ----------
        values
            The names.
        most
            How many are listed.

        Returns
        -------
        The text.
        """
        shown = self.say("report.comma").join(brief(value) for value in values[:most])
        return shown if len(values) <= most else self.say("report.and_more", names=shown)

    def table(
        self,
        name: str,
        caption: str,
        frame: pd.DataFrame,
        *,
        heads: Mapping[str, str] | None = None,
        units: Mapping[str, Measure] | None = None,
        question: int = 0,
    ) -> Table:
        """Build a table in words.

        Parameters
        ----------
        name
            Name of the table.
        caption
            What stands above it.
        frame
            The figures, with the columns of the data model.
        heads
            Headings of columns that the data model does not have, or calls otherwise.
        units
            What columns are measured in that the data model does not have.
        question
            Number of the question it answers, 0 for none.

        Returns
        -------
        The table, all cells as texts.
        """
        heads = heads or {}
        units = units or {}
        measures = [
            units.get(column) or measure(name, column, self.plan) for column in frame.columns
        ]
        shown = for_readers(frame, self.plan, self.lang)
        columns = [written(shown.iloc[:, i], unit) for i, unit in enumerate(measures)]
        return Table(
            name=name,
            caption=caption,
            head=tuple(
                brief(heads.get(raw, told))
                for raw, told in zip(frame.columns, shown.columns, strict=True)
            ),
            rows=tuple(zip(*columns, strict=True)),
            right=tuple(unit != "text" for unit in measures),
            question=question,
        )


def written(values: Iterable[Any], unit: Measure) -> list[str]:
    """Return a column in its measure, with decimals alike; what is a text already stays.

    Parameters
    ----------
    values
        The column; shares run from 0 to 1, differences of shares are in percentage points.
    unit
        What it is measured in.

    Returns
    -------
    A text for each value; a dash where it is missing.
    """
    cells = list(values)
    digits = digits_of(cell for cell in cells if not isinstance(cell, str))
    write: dict[Measure, Callable[[Any], str]] = {
        "share": percent,
        "count": number,
        "change": signed,
        "points": lambda value: signed(value, 1),
        "minutes": minutes,
        "degrees": lambda value: fixed(value, 6),
        "limit": measured,
        "figure": lambda value: fixed(value, digits),
        "text": lambda value: brief(value) or DASH,
    }
    return [
        (brief(cell) or DASH) if missing(cell) or isinstance(cell, str) else write[unit](cell)
        for cell in cells
    ]


def brief(value: Any) -> str:
    """Cut a text that is too long for a cell or a sentence; workbooks hold it whole.

    Parameters
    ----------
    value
        Anything; its text is used.

    Returns
    -------
    The text on one line, of at most 60 signs; a dash where it is missing.

    Examples
    --------
    >>> brief("x" * 80) == "x" * 59 + "…"
    True
    """
    words = DASH if missing(value) else clean(value)
    return words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME - 1]}…"


def sentence(words: str) -> str:
    """Begin a note with a capital, as a sentence does.

    Parameters
    ----------
    words
        The note.

    Returns
    -------
    The text on one line.

    Examples
    --------
    >>> sentence("the communities do not touch.")
    'The communities do not touch.'
    >>> sentence("roads.geojson: 2 ends miss another line.")
    'roads.geojson: 2 ends miss another line.'
    """
    told = clean(words)
    first = told.split(maxsplit=1)[:1]
    if first and "." in first[0].rstrip("."):  # a file keeps its name
        return told
    return told[:1].upper() + told[1:]


def missing(value: Any) -> bool:
    """Return whether a value is missing.

    Parameters
    ----------
    value
        Anything; a table or list is not missing.

    Returns
    -------
    True for None, NaN and the like.
    """
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))
