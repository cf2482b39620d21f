"""Which facilities serve at the time that a scenario asks about, and what is told of it."""

from __future__ import annotations

import pandas as pd

from planner.district.estimates import DataEstimate
from planner.district.opening_hours import DAYS, open_through, span_of, week_of
from planner.errors import Problems
from planner.language import LANGS, text
from planner.settings import Settings

_SETS = {"weekday": DAYS[:5], "weekend": DAYS[5:]}


def check_hours(facilities: pd.DataFrame, file: str, problems: Problems) -> None:
    """Note opening hours that cannot be read, each with its row.

    Parameters
    ----------
    facilities
        Facilities of one file on their row, perhaps with ``hours``.
    file
        What messages call the file.
    problems
        Collects what is wrong.
    """
    if "hours" not in facilities:
        return
    given = facilities["hours"].dropna().astype(str)
    for row, words in given[given.str.strip() != ""].items():
        if week_of(words) is None:
            problems.add("hours.unreadable", file=file, row=str(row), value=words)


def serving(
    facilities: pd.DataFrame, settings: Settings, problems: Problems
) -> tuple[pd.DataFrame, tuple[DataEstimate, ...]]:
    """Return facilities with whether each is open when the scenario asks, and what is told of it.

    Parameters
    ----------
    facilities
        Facilities on their label, perhaps with ``hours``.
    settings
        The scenario: ``hours``.
    problems
        Takes that no facility has hours, and a span that is none.

    Returns
    -------
    The facilities, with ``open_then`` where the scenario asks; and what stands beside every
    headline, nothing where it does not.
    """
    asked = settings.hours
    if asked is None:
        return facilities, ()
    span = span_of(asked.open_at)
    if span is None:
        problems.add("hours.bad_span", file="hours.open_at", value=asked.open_at)
        return facilities, ()
    if "hours" not in facilities or facilities["hours"].isna().all():
        problems.add("hours.no_column", file="[hours]", value=asked.open_at, open_at=asked.open_at)
        return facilities, ()
    days = tuple(DAYS.index(day) for day in _SETS.get(asked.day, (asked.day,)))
    known = open_through(facilities["hours"], days, span)
    stands = facilities["status"] == "existing"
    told = {
        "open_at": asked.open_at,
        "day": {lang: text(f"hours.day.{asked.day}", lang) for lang in LANGS},
        "of": int(stands.sum()),
        "n": int((known.fillna(False) & stands).sum()),
        "shut": int((~known.fillna(True) & stands).sum()),
        "without": int((known.isna() & stands).sum()),
        "as": {lang: text(f"hours.unknown.{asked.unknown}", lang) for lang in LANGS},
    }
    then = known.fillna(asked.unknown == "open").astype(bool)
    return facilities.assign(open_then=then), (DataEstimate(what="hours", how="asked", named=told),)
