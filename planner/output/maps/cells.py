"""Values of a table as a page takes them: missing is `None`, whole numbers have no point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd


def texts(column: pd.Series) -> list[str | None]:
    """Write a column as text."""
    return [None if pd.isna(value) else str(value) for value in column]


def _cell(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if pd.isna(value) else make(value)


def rounded(value: Any, digits: int) -> float | None:
    """Round a number."""
    return None if pd.isna(value) else round(float(value), digits)


def tidy(value: Any, digits: int = 2) -> float | int | None:
    """Write whole numbers without a point."""
    if pd.isna(value):
        return None
    number = round(float(value), digits)
    return int(number) if number.is_integer() else number


whole = _cell(lambda value: round(float(value)))
flag = _cell(int)
