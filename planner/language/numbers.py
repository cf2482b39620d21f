"""The one way numbers are written, in texts, tables, pictures and on the map.

Rounding is that of a reader with a calculator: halves go away from zero, and they are judged by the
figure as it is written, not by its binary form. The page's script rounds so too (`numbers.js`), and
spreadsheets do. A minus sign is a real one, a missing figure a dash.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

DASH = "–"
MINUS = "−"
MOST_DIGITS = 2


def rounded(value: float, digits: int = 0) -> Decimal:
    """Return a number rounded as it is written.

    Parameters
    ----------
    value
        The figure.
    digits
        Decimals.

    Examples
    --------
    >>> rounded(0.5), rounded(2.675, 2), rounded(-2.5)
    (Decimal('1'), Decimal('2.68'), Decimal('-3'))
    """
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def whole(value: float) -> int:
    """Return the whole number that `number` writes.

    Parameters
    ----------
    value
        The figure.
    """
    return int(rounded(value))


def number(value: Any) -> str:
    """Return a count of people or things with separators, a dash where it is missing.

    Parameters
    ----------
    value
        The figure; may be missing.

    Examples
    --------
    >>> number(39590.0), number(122.5), number(None)
    ('39,590', '123', '–')
    """
    return fixed(value, 0)


def percent(value: Any, digits: int = 1) -> str:
    """Return a share as a percentage, a dash where it is missing.

    Parameters
    ----------
    value
        The share, 0 to 1 or more; may be missing.
    digits
        Decimals of the percentage.

    Examples
    --------
    >>> percent(194 / 242), percent(1 / 16), percent(None)
    ('80.2%', '6.3%', '–')
    """
    return DASH if _missing(value) else f"{_written(_hundredfold(value, digits))}%"


def given_percent(value: float) -> str:
    """Return a share that somebody chose as a percentage, with no more decimals than it has.

    Parameters
    ----------
    value
        The share, 0 to 1 or more.

    Examples
    --------
    >>> given_percent(0.5), given_percent(0.125)
    ('50%', '12.5%')
    """
    return f"{measured(Decimal(repr(float(value))) * 100)}%"


def minutes(value: Any) -> str:
    """Return measured minutes with one decimal, a dash where they are missing.

    Parameters
    ----------
    value
        The figure; may be missing.

    Examples
    --------
    >>> minutes(12), minutes(41.25)
    ('12.0', '41.3')
    """
    return fixed(value, 1)


def measured(value: Any) -> str:
    """Return a figure of any unit with at most two decimals, a dash where it is missing.

    Parameters
    ----------
    value
        The figure; may be missing.

    Examples
    --------
    >>> measured(12.50), measured(1500.0), measured(0.333)
    ('12.5', '1,500', '0.33')
    """
    told = fixed(value, MOST_DIGITS)
    return told.rstrip("0").rstrip(".") if "." in told else told


def fixed(value: Any, digits: int) -> str:
    """Return a figure with so many decimals, a dash where it is missing.

    Parameters
    ----------
    value
        The figure; may be missing.
    digits
        Decimals.
    """
    return DASH if _missing(value) else _written(rounded(value, digits))


def digits_of(values: Iterable[Any]) -> int:
    """Return the decimals a column of figures is written with: as many as its finest needs.

    Parameters
    ----------
    values
        The figures of the column; missing ones do not count.

    Examples
    --------
    >>> digits_of([1.5, 2, 3.25]), digits_of([1.0, None])
    (2, 0)
    """
    known = [rounded(value, MOST_DIGITS) for value in values if not _missing(value)]
    return max((-_exponent(value.normalize()) for value in known), default=0)


def signed(value: Any, digits: int = 0) -> str:
    """Return a difference with its sign, none where it comes to nothing.

    Parameters
    ----------
    value
        The figure; may be missing.
    digits
        Decimals.

    Examples
    --------
    >>> signed(1186), signed(-2.5), signed(0.04, 1)
    ('+1,186', '−3', '0.0')
    """
    if _missing(value):
        return DASH
    change = rounded(value, digits)
    return f"+{_written(change)}" if change > 0 else _written(change)


def points(change: Any) -> str:
    """Return a difference of two shares in percentage points, with its sign.

    Parameters
    ----------
    change
        The difference, as a share (0.01 is one point).

    Examples
    --------
    >>> points(0.01448), points(-0.0004)
    ('+1.4', '0.0')
    """
    return DASH if _missing(change) else signed(_hundredfold(change, 1), 1)


def _hundredfold(share: float, digits: int) -> Decimal:
    exact = Decimal(repr(float(share))) * 100
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return min(exponent, 0) if isinstance(exponent, int) else 0


def _written(value: Decimal) -> str:
    told = f"{abs(value):,f}"
    return f"{MINUS}{told}" if value < 0 else told


def _missing(value: Any) -> bool:
    if value is None:
        return True
    try:
        return not math.isfinite(float(value))
    except (TypeError, ValueError):
        return True
