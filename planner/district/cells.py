"""Parse cells of tables: numbers, years, and cells whose value cannot be relied on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from types import NoneType
from typing import Any

import numpy as np
import pandas as pd

from planner.district.matching import half_width

# What is written behind a number and changes nothing about it, unlike 万 or 亩.
_UNIT = re.compile(
    r"(?<=\d)\s*(人|位|名|口|张|張|床|个|個|处|處|间|間|份|客|餐|席|座|户|戶|元|"
    r"平方米|平米|㎡|m2|m²)$"
)
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?")
_MONTH, _DAY = r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])"
_YEAR = re.compile(
    rf"(?P<year>(1[89]|2[01])\d\d)(年度?)?(?:\.0|年?[初底末]|年?{_MONTH}月?(份|底|末|{_DAY}日)?|"
    rf"[-/.]{_MONTH}([-/.]{_DAY}([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?)?)?"
)
ERRORS = frozenset({
    "#n/a", "#ref!", "#div/0!", "#value!", "#name?", "#num!", "#null!", "#spill!", "#calc!",
    "#field!", "#blocked!", "#connect!", "#unknown!", "#getting_data", "#error!", "#busy!",
})  # fmt: skip
_GLANCE = 100  # cells that tell most columns from an empty one
_LIBRE_ERROR = re.compile(r"err:\d{3}")


_UNHEADED = re.compile(r"Unnamed: (\d+)")


def unheaded(column: int) -> str:
    """Return what a column without a heading is called, as pandas does.

    Parameters
    ----------
    column
        The column, counted from 0.
    """
    return f"Unnamed: {column}"


def place_of_unheaded(name: str) -> str | None:
    """Return the letters of a column that has no heading.

    Parameters
    ----------
    name
        What the column is called.

    Returns
    -------
    The letters, as a spreadsheet shows them; None for a column with a heading.

    Examples
    --------
    >>> place_of_unheaded(unheaded(27)), place_of_unheaded("容量")
    ('AB', None)
    """
    found = _UNHEADED.fullmatch(name)
    return None if found is None else column_letters(int(found[1]))


def column_letters(column: int) -> str:
    """Return a column's letters, as a spreadsheet shows them.

    Parameters
    ----------
    column
        The column, counted from 0.
    """
    letters = ""
    while column >= 0:
        letters = chr(ord("A") + column % 26) + letters
        column = column // 26 - 1
    return letters


class Unkept(str):
    """The text of a formula whose value the file does not hold."""

    __slots__ = ()


class Merged(str):
    """A number that is merged over this row and others: it stands for them together."""

    __slots__ = ()


def fault_of(cell: Any) -> str | None:
    """Return what is wrong with a cell by itself, if anything is.

    Parameters
    ----------
    cell
        A cell as a reader gives it: a text, a number, a date or nothing.

    Returns
    -------
    ``error`` (a formula's error value), ``unkept`` (a formula without its value), ``merged`` (a
    number that stands for several rows), or None.
    """
    if not isinstance(cell, str):
        return None
    if isinstance(cell, Merged):
        return "merged"
    if isinstance(cell, Unkept):
        return "unkept"
    low = cell.strip().casefold()
    return "error" if low in ERRORS or _LIBRE_ERROR.fullmatch(low) else None


def faults(series: pd.Series) -> pd.Series:
    """Return what is wrong with each cell of a column by itself: see `fault_of`.

    Parameters
    ----------
    series
        A column of cells.

    Returns
    -------
    Series of ``error``, ``unkept``, ``merged`` or None, on the index of the column.
    """
    found = np.full(len(series), None, dtype=object)
    if series.dtype.kind not in "iufbM" and not _plain(series):
        doubtful = [
            isinstance(cell, str) and (type(cell) is not str or "#" in cell or ":" in cell)
            for cell in series
        ]
        for place in np.flatnonzero(doubtful):  # nearly no cell of a long list is
            found[place] = fault_of(series.iloc[place])
    return pd.Series(found, series.index, dtype=object)


def _plain(series: pd.Series) -> bool:
    """Return whether a column is of texts without what an error has: seen at once, not by cell."""
    if set(map(type, series)) - {str, NoneType}:
        return False
    said = "\n".join(filter(None, series))
    return "#" not in said and ":" not in said


def text_of(cell: object) -> str:
    """Return what a cell says, without space around it; empty where it says nothing.

    Parameters
    ----------
    cell
        The cell as read.

    Examples
    --------
    >>> text_of("  东里 "), text_of(float("nan")), text_of(None), text_of(12)
    ('东里', '', '', '12')
    """
    return "" if cell is None or cell != cell else str(cell).strip()  # noqa: PLR0124  NaN


def blank(series: pd.Series) -> pd.Series:
    """Return which cells are empty or hold white space alone.

    Parameters
    ----------
    series
        A column of cells.

    Returns
    -------
    Boolean series on the index of the column.
    """
    empty = series.isna()
    if series.dtype.kind in "iufbM":
        return empty
    said = [isinstance(cell, str) and (not cell or cell.isspace()) for cell in series]
    return empty | np.array(said, dtype=bool)


def says_nothing(series: pd.Series) -> bool:
    """Return whether every cell of a column is empty: see `blank`.

    Parameters
    ----------
    series
        A column of cells.
    """
    return bool(blank(series.head(_GLANCE)).all() and blank(series).all())


def number(cell: object) -> float:
    """Return the number that a cell holds, NaN where it holds none.

    A comma is taken for one that sets thousands apart where it stands as such alone: "1,200" is
    1200, while "1,5", "20，30" and "12,34" are none.

    Parameters
    ----------
    cell
        A number or a text: in full width too, with a unit of people, places or the like behind it.

    Returns
    -------
    The number; NaN for what is none, for a boolean and for an empty cell.

    Examples
    --------
    >>> number("1,200 人"), number("２０"), number("20，30")
    (1200.0, 20.0, nan)
    """
    if isinstance(cell, bool | np.bool_) or cell is None:
        return np.nan
    if isinstance(cell, int | float | np.number):
        return float(cell)
    text = str(cell).strip()
    if "，" in text:  # nobody sets thousands apart with it; two numbers, or a list
        return np.nan
    text = _UNIT.sub("", half_width(text)).strip()
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    return float(text) if _NUMBER.fullmatch(text) else np.nan


def numbers(series: pd.Series) -> pd.Series:
    """Return a column as float; what is not a number becomes NaN.

    Parameters
    ----------
    series
        A column of cells; booleans are no numbers.

    Returns
    -------
    Float series on the index of the column.
    """
    if pd.api.types.is_bool_dtype(series):
        return pd.Series(np.nan, index=series.index)
    if pd.api.types.is_numeric_dtype(series):
        return series.astype(float)
    return pd.Series(_each(number, series), index=series.index, dtype=float)


def _each(read: Callable[[object], Any], cells: Iterable[object]) -> list[Any]:
    """Read each cell; a text that stands in many cells is read once."""
    known: dict[str, Any] = {}
    found = []
    for cell in cells:
        if type(cell) is not str:
            found.append(None if cell is None else read(cell))
            continue
        if cell not in known:
            known[cell] = read(cell)
        found.append(known[cell])
    return found


def year(cell: object) -> int | None:
    """Return the year that a cell holds: alone, or at the head of a date.

    Parameters
    ----------
    cell
        A number, a date or a text.

    Returns
    -------
    The year, or None where the cell does not hold exactly one.

    Examples
    --------
    >>> year("2019年1月"), year("2018-2020"), year("2019（2021年关闭）")
    (2019, None, None)
    """
    found = _YEAR.fullmatch(half_width(cell))
    return int(found["year"]) if found else None


def years(series: pd.Series) -> pd.Series:
    """Return a column as years; what is not a year is missing.

    Parameters
    ----------
    series
        A column of cells.

    Returns
    -------
    Series of nullable integers (``Int64``) on the index of the column.
    """
    found = _each(year, series.astype(object).mask(blank(series), None))
    return pd.Series(pd.array(found, dtype="Int64"), index=series.index)
