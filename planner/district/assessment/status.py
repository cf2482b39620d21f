"""The status of each target, decided here alone: report, map, workbook and record read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import pandas as pd

Status = Literal["missed", "met", "due_later", "listed", "not_applicable", "missing"]
STATUSES: tuple[Status, ...] = get_args(Status)

# Why a target has no figure though the data say all it asks: there is nothing that it is about.
NOT_APPLICABLE = frozenset({
    "excused", "scope_empty", "zero_denominator", "one_part", "parts_empty",
})  # fmt: skip


def applies(why: tuple[str, Mapping[str, object]] | None) -> bool:
    """Return whether a target concerns the district.

    It does not where the scenario says so, and where the data that it asks for are there and hold
    nothing that it is about: no village, no facility of the condition, nobody of the group. Data
    that are not there tell nothing, so that it concerns the district until they do.

    Parameters
    ----------
    why
        Why its figure is missing: a key of the texts with its values; None where there is one.

    Examples
    --------
    >>> applies(("scope_empty", {})), applies(("no_kind", {})), applies(None)
    (False, True, True)
    """
    return why is None or why[0] not in NOT_APPLICABLE


def status_of(value: object, passed: object, due: object, applies: object) -> Status:
    """Return what becomes of a target.

    ``met`` and ``missed`` have a figure held against a threshold, ``due_later`` one whose threshold
    holds from a later year on, ``listed`` one that nothing is asked of. Without a figure,
    ``missing`` lacks data, and ``not_applicable`` concerns nothing in the district: see `applies`.

    Parameters
    ----------
    value
        Its figure, missing where the data tell none.
    passed
        Whether the threshold is reached; missing where there is none, or none yet.
    due
        The later year from which the threshold holds; missing where it holds now, or is none.
    applies
        Whether the target concerns the district.

    Examples
    --------
    >>> status_of(0.8, True, None, True), status_of(0.8, None, 2025, True)
    ('met', 'due_later')
    >>> status_of(None, None, None, True), status_of(None, None, None, False)
    ('missing', 'not_applicable')
    """
    if pd.isna(value):  # type: ignore[call-overload]
        return "missing" if applies else "not_applicable"
    if pd.isna(passed):  # type: ignore[call-overload]
        return "listed" if pd.isna(due) else "due_later"  # type: ignore[call-overload]
    return "met" if passed else "missed"


def statuses(card: pd.DataFrame) -> pd.Series:
    """Return the status of each row of a scorecard.

    Parameters
    ----------
    card
        The scorecard, with ``value``, ``pass``, ``due`` and ``applies``.
    """
    rows = zip(*(card[name] for name in ("value", "pass", "due", "applies")), strict=True)
    found = [status_of(*row) for row in rows]
    return pd.Series(found, index=card.index, dtype=object)


def status_counts(card: pd.DataFrame) -> dict[Status, int]:
    """Return how many targets there are of each status.

    Parameters
    ----------
    card
        The scorecard, with ``value``, ``pass``, ``due`` and ``applies``.
    """
    found = statuses(card) if len(card) else pd.Series(dtype=object)
    return {name: int(found.eq(name).sum()) for name in STATUSES}
