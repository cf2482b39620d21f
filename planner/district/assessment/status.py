"""The status of each target, decided here alone: report, map, workbook and record read it."""

from __future__ import annotations

from typing import Literal, get_args

import pandas as pd

Status = Literal["missed", "met", "listed", "missing"]
STATUSES: tuple[Status, ...] = get_args(Status)


def status_of(value: object, passed: object) -> Status:
    """Return what becomes of a target: `listed` has a figure that nothing is asked of (so far).

    Parameters
    ----------
    value
        Its figure, missing where the data tell none.
    passed
        Whether the threshold is reached; missing where there is none, or none yet.

    Examples
    --------
    >>> status_of(0.8, True), status_of(0.8, None), status_of(None, None)
    ('met', 'listed', 'missing')
    """
    if pd.isna(value):  # type: ignore[call-overload]
        return "missing"
    if pd.isna(passed):  # type: ignore[call-overload]
        return "listed"
    return "met" if passed else "missed"


def statuses(card: pd.DataFrame) -> pd.Series:
    """Return the status of each row of a scorecard.

    Parameters
    ----------
    card
        The scorecard, with ``value`` and ``pass``.
    """
    found = [status_of(*row) for row in zip(card["value"], card["pass"], strict=True)]
    return pd.Series(found, index=card.index, dtype=object)


def status_counts(card: pd.DataFrame) -> dict[Status, int]:
    """Return how many targets there are of each status.

    Parameters
    ----------
    card
        The scorecard, with ``value`` and ``pass``.
    """
    found = statuses(card) if len(card) else pd.Series(dtype=object)
    return {name: int(found.eq(name).sum()) for name in STATUSES}
