"""Values of a table as a page takes them: missing is `None`, whole numbers have no point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from planner.language import numbers

EXACT = 12  # decimals: no rounding to one or two decimals can tell the rest


def texts(column: pd.Series) -> list[str | None]:
    """Return a column as texts.

    Parameters
    ----------
    column
        Any values.

    Returns
    -------
    A text for each; None where missing.
    """
    return [None if pd.isna(value) else str(value) for value in column]


def _cell(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if pd.isna(value) else make(value)


def rounded(value: Any, digits: int) -> float | None:
    """Return a number, rounded.

    Parameters
    ----------
    value
        A number; missing or NaN.
    digits
        Decimals.

    Returns
    -------
    The number; None where missing.
    """
    return None if pd.isna(value) else round(float(value), digits)


def exact(value: Any) -> float | None:
    """Return a figure that the page writes: as it is, for rounding it twice would change it.

    Parameters
    ----------
    value
        The figure; may be missing.
    """
    return rounded(value, EXACT)


def tidy(value: Any, digits: int = 2) -> float | int | None:
    """Return a number, rounded; a whole one without a point.

    Parameters
    ----------
    value
        A number; missing or NaN.
    digits
        Decimals.

    Returns
    -------
    The number; None where missing.
    """
    if pd.isna(value):
        return None
    number = round(float(value), digits)
    return int(number) if number.is_integer() else number


whole = _cell(numbers.whole)
flag = _cell(int)
