"""Changes: what is opened, closed, moved or extended, and how communities change their borders.

A change has a year, and holds from that year on. `apply` brings tables to the state of a year;
so any figure can be computed for a year, and over years (`over_years`). Nothing is changed in
place. What became of each community stands in ``lineage``, with which figures measured before are
carried over to the new borders (`carry`) and compared with those measured after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from planner.district.changes import borders, facilities
from planner.district.changes.district import (
    Change,
    Close,
    Convert,
    District,
    Expand,
    Link,
    Merge,
    Move,
    Open,
    Split,
)
from planner.district.changes.facilities import check_years, extend
from planner.errors import InputError, Problems

__all__ = [
    "Change",
    "Close",
    "Convert",
    "District",
    "Expand",
    "Link",
    "Merge",
    "Move",
    "Open",
    "Split",
    "apply",
    "carry",
    "check_years",
    "extend",
    "over_years",
]

_ACTIONS: dict[type[Change], Callable[[District, Any, Problems], District]] = {
    Open: facilities.open_facility,
    Close: facilities.close_facility,
    Move: facilities.move_facility,
    Expand: facilities.expand_facility,
    Link: facilities.link_community,
    Merge: borders.merge,
    Split: borders.split,
    Convert: borders.convert,
}


def apply(district: District, changes: Iterable[Change], *, year: int | None) -> District:
    """Return tables in the state of a year.

    Changes of the year and before are made in the order of their years; without a year all are.

    Parameters
    ----------
    district
        The tables before any change.
    changes
        The changes, in any order.
    year
        The year; None makes all of them.

    Returns
    -------
    The tables then, with ``lineage`` from the communities of before to those of then, and remarks.

    Raises
    ------
    InputError
        If a change names what does not exist then, takes an id that is in use, has shares that do
        not add up to 1, shapes that leave people out, or takes away more than there is. All at
        once.
    """
    problems = Problems()
    own = district.communities.index
    now = replace(
        district, lineage=pd.DataFrame({"before": own, "after": own, "share": np.ones(len(own))})
    )
    due = [c for c in changes if year is None or c.year is None or c.year <= year]
    for change in sorted(due, key=lambda c: -np.inf if c.year is None else c.year):
        told = len(problems.found)
        now = _ACTIONS[type(change)](now, change, problems)
        problems.found[told:] = [
            replace(problem, file=problem.file or change.where) for problem in problems.found[told:]
        ]
    problems.raise_any(InputError)
    return now


def over_years(years: Iterable[int], figures: Callable[[int], pd.DataFrame]) -> pd.DataFrame:
    """Concatenate the figures of several years, with ``year`` as the first column.

    Parameters
    ----------
    years
        The years.
    figures
        Computes the table of a year.

    Returns
    -------
    The tables below each other, on a new index.
    """
    parts = [figures(year).assign(year=year) for year in years]
    table = pd.concat(parts, ignore_index=True)
    return table[["year", *table.columns.drop("year")]]


def carry(counts: pd.DataFrame, lineage: pd.DataFrame) -> pd.DataFrame:
    """Convert counts of the old communities (people, covered) to the new ones.

    Parameters
    ----------
    counts
        On the old id, columns that may be added up.
    lineage
        As `apply` returns it.

    Returns
    -------
    The counts on the new id, each old community's divided by the shares of its people.
    """
    old = counts.reindex(lineage["before"]).to_numpy(float)
    parts = pd.DataFrame(old * lineage[["share"]].to_numpy(float), columns=counts.columns)
    return parts.groupby(lineage["after"].to_numpy(), sort=False).sum()
