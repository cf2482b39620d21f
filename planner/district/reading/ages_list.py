"""The list of how old people are: its rows by street, zone or district, as shares or as people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.district.area import AgeStructure
from planner.district.cells import blank, numbers
from planner.district.fields import (
    Notes,
    Understanding,
    data_columns,
    find_columns,
    named_column,
    tell_fields,
)
from planner.district.matching import half_width, heading, normal, scale_of
from planner.district.tables import columns_of, groups_known, share_words
from planner.errors import Problems
from planner.settings.files import AgesFile

LEVELS = ("street", "zone", "district")
_PERCENT = {"%", "percent", "百分比"}
_AGE = re.compile(r"aged_(\d+)")
MOST_PERCENT = 100.0


class _Counted(NamedTuple):
    """A column that counts a group, or tells its share."""

    column: str
    group: str
    is_share: bool
    factor: float  # that the heading multiplies by; 0.01 for per cent


def read_ages(
    frame: pd.DataFrame,
    file: str,
    asked: AgesFile,
    problems: Problems,
    understood: Understanding,
) -> AgeStructure | None:
    """Bring a list of ages to shares and counts by unit.

    Parameters
    ----------
    frame
        The list as read, on its rows.
    file
        What messages call it.
    asked
        How the scenario says to read it.
    problems
        Collects what is wrong: no units or groups, figures that may be shares or people, shares
        above one, more people of an age than people or than those who are younger, units twice.
    understood
        Takes how the columns were understood.

    Returns
    -------
    The age structure; None where the list cannot be used.
    """
    notes = Notes(file, problems)
    notes.understood = understood
    spec, units = columns_of("ages")
    found = find_columns(frame, spec, asked.columns, units, notes)
    taken = {column for own in found.values() for column in own}
    counted = _counted_columns(frame, asked, taken, notes)
    if not counted:
        there = ", ".join(data_columns(frame))
        notes.problems.add("io.ages_no_groups", file=file, value=there)
        return None
    of_groups = {f"{one.group}{' %' * one.is_share}": [one.column] for one in counted}
    taken |= {one.column for one in counted}
    tell_fields(frame, spec, {**found, **of_groups}, taken, notes)
    named = _units(frame, file, found, problems)
    people = _people(frame, found.get("population", []), notes)
    shares = pd.DataFrame(index=frame.index)
    counts = pd.DataFrame(index=frame.index)
    for one in counted:
        values = _figures(frame[one.column], one, asked, notes, has_people=people is not None)
        if values is None:
            continue
        cells, is_share = values
        told = shares if is_share else counts
        told[one.group] = cells
        if not is_share and people is not None:
            notes.rows("ages_above_all", frame[one.column][cells > people], one.group)
            shares[one.group] = shares.get(one.group, cells / people.where(people > 0))
    for told in (shares, counts):
        _check_nested(told, file, problems)
    groups = list(dict.fromkeys([*shares.columns, *counts.columns]))
    return AgeStructure(
        file=file,
        units=named,
        shares=shares.reindex(columns=groups),
        counts=counts.reindex(columns=groups),
    )


def _units(
    frame: pd.DataFrame, file: str, found: dict[str, list[str]], problems: Problems
) -> pd.DataFrame:
    """Return level and name of each row: the street's, else the zone's, else the district's."""
    named = pd.DataFrame({"level": "district", "name": ""}, index=frame.index)
    for level in reversed(LEVELS):
        for column in found.get(level, [])[:1]:
            filled = ~blank(frame[column])
            named.loc[filled, "level"] = level
            named.loc[filled, "name"] = frame.loc[filled, column].astype(str).str.strip()
    all_of_it = named["name"].map(normal).isin({normal(word) for word in share_words()[2]})
    named.loc[all_of_it, "level"] = "district"
    whole = named.index[named["level"] == "district"]
    for row in whole[1:]:
        value = named["name"][row] or len(frame)
        problems.add("io.ages_no_units", file=file, row=row, value=value, first=whole[0])
    own = named[named["level"] != "district"]
    keys = own["level"] + " " + own["name"].map(normal)
    for row in own.index[keys.duplicated()]:
        first = keys.index[keys == keys[row]][0]
        problems.add("io.ages_twice", file=file, row=row, value=own["name"][row], first=first)
    return named


def _people(frame: pd.DataFrame, columns: Sequence[str], notes: Notes) -> pd.Series | None:
    if not columns:
        return None
    factors = notes.understood.factors
    total = sum(numbers(frame[one]) * factors.get(one, 1.0) for one in columns)
    return pd.Series(total, index=frame.index)


def _counted_columns(
    frame: pd.DataFrame, asked: AgesFile, taken: set[str], notes: Notes
) -> list[_Counted]:
    """Return the columns of groups: as the scenario names them, else by their headings."""
    known = {normal(alias): group for group, own in groups_known().items() for alias in own}
    known |= {normal(group): group for group in groups_known()}
    counted: list[_Counted] = []
    for group, given in asked.groups.items():
        for name in [given] if isinstance(given, str) else given[:1]:
            column = named_column(frame, name)
            if column is None:
                notes.unknown_column(frame, name)
            else:
                counted.append(_taken_apart(column, known)._replace(group=group))
    own = {one.column for one in counted} | taken
    for column in data_columns(frame):
        one = _taken_apart(column, known)
        if one.group and column not in own and one.group not in asked.groups:
            counted.append(one)
    for at, one in enumerate(counted):
        same = [x.column for x in counted[:at] if x[1:3] == one[1:3]]
        if same:
            notes.add("two_columns", one.group, columns=", ".join([*same, one.column]))
    return counted


def _taken_apart(column: str, known: dict[str, str]) -> _Counted:
    """Return what a heading says: which group, whether its share, and what it multiplies by."""
    base, remarks = heading(column)
    shorter = _behind_shares().sub("", base)
    whole = known.get(normal(column)) or known.get(base)
    if whole is not None and not _PERCENT & set(remarks):
        scales = [scale_of(remark, columns_of("ages")[1]["people"]) for remark in remarks]
        factor = float(np.prod([scale or 1.0 for scale in scales]))
        return _Counted(column, whole, is_share=False, factor=factor)
    percent = bool(_PERCENT & set(remarks)) or base.endswith(("%", "percent", "pct", "百分比"))
    group = known.get(shorter.rstrip("%"), "")
    is_share = percent or shorter != base
    return _Counted(column, group, is_share=is_share, factor=0.01 if percent else 1.0)


@cache
def _behind_shares() -> re.Pattern[str]:
    shares, of_all, _ = share_words()
    before = "|".join(sorted(map(normal, of_all), key=len, reverse=True))
    behind = "|".join(sorted(map(normal, shares), key=len, reverse=True))
    return re.compile(rf"({before})?({behind}|%)+$")


def _figures(
    cells: pd.Series, one: _Counted, asked: AgesFile, notes: Notes, *, has_people: bool
) -> tuple[pd.Series, bool] | None:
    """Return the figures of a column as shares or as people, and which; None where that is open."""
    signed = cells.map(lambda cell: isinstance(cell, str) and half_width(cell).endswith("%"))
    bare = cells.where(~signed, cells.map(lambda cell: half_width(cell).rstrip("% ")))
    found = numbers(bare)
    notes.rows("not_a_number", cells[found.isna() & ~blank(cells)], one.column)
    notes.rows("too_small", cells[found < 0], one.column, min=0)
    kind = _kind_of_figures(found, one, asked, signed=bool(signed.any()), has_people=has_people)
    if kind is None:
        problems, low, high = notes.problems, float(found.min()), float(found.max())
        problems.add(
            "io.ages_unclear", file=notes.file, value=one.column, low=f"{low:g}", high=f"{high:g}"
        )
        return None
    if kind == "people":
        return found * one.factor, False
    shares = found * (0.01 if kind == "percent" else 1.0)
    notes.rows("ages_above_all", cells[shares > 1], one.column)
    return shares, True


def _kind_of_figures(
    found: pd.Series, one: _Counted, asked: AgesFile, *, signed: bool, has_people: bool
) -> str | None:
    """Return what figures are: ``people``, ``share``, ``percent``; None where nothing tells."""
    if signed or one.factor == 0.01:
        return "percent"
    if asked.unit is not None:
        return asked.unit
    some = found[found > 0]
    if not one.is_share and one.factor != 1.0:
        return "people"
    if some.empty:
        return "share" if one.is_share else "people"
    if some.max() <= 1.0:
        return "share"
    if one.is_share:
        return "percent" if some.min() > 1.0 else None
    whole = bool((some % 1 == 0).all())
    return "people" if whole and (has_people or some.max() > MOST_PERCENT) else None


def _check_nested(frame: pd.DataFrame, file: str, problems: Problems) -> None:
    """Note rows where more people are older than a higher age than than a lower one."""
    ages = {int(found[1]): group for group in frame if (found := _AGE.fullmatch(str(group)))}
    order = [ages[age] for age in sorted(ages)]
    for younger, older in pairwise(order):
        for row in frame.index[frame[older] > frame[younger] + 1e-9]:
            problems.add(
                "io.ages_not_nested", file=file, row=row, value=f"{frame[older][row]:g}",
                than=f"{frame[younger][row]:g}", older=older, younger=younger,
            )  # fmt: skip
