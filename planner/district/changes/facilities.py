"""Facilities over the years: opened, closed, moved, extended, linked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.district.changes.district import (
    Close,
    District,
    Expand,
    Link,
    Move,
    Open,
    holder,
    is_free,
    is_known,
)
from planner.errors import InputError, Problem, Problems

# What the place and the year of a change decide.
_KEPT = {"geometry", "entrances", "id", "operating", "opened", "status"}
_KEPT_AMOUNTS = _KEPT | {"closed", "community"}
_TEXTS = {"name", "kind", "tier"}


def open_facility(now: District, change: Open, problems: Problems) -> District:
    """Return the tables with a facility added that exists from then on.

    Parameters
    ----------
    now
        The tables before the change.
    change
        The facility's id, place and columns.
    problems
        Collects what is wrong; the tables are not to be used then.

    Returns
    -------
    The tables after it.
    """
    is_free(change.facility, now.facilities.index, problems)
    kinds = now.facilities.dtypes
    for name in change.columns:
        is_known(name, now.facilities.columns, "column", problems)
    lacking = {"name", "kind"}.intersection(now.facilities.columns).difference(change.columns)
    for name in sorted(lacking):
        problems.add("changes.open_lacks", value=change.facility, column=name)
    given = _checked(change, kinds, problems)
    values: dict[str, Any] = {"id": change.facility, "status": "existing", "opened": change.year}
    values |= {"community": holder(now.communities, change.at), **given}
    values["geometry"] = change.at
    row = {
        name: values.get(name, False if pd.api.types.is_bool_dtype(kinds[name]) else None)
        for name in now.facilities.columns
    }
    added = gpd.GeoDataFrame([row], index=[change.facility], crs=now.facilities.crs)
    # A column of plain integers cannot hold a missing one, and becomes one of fractions.
    fits = [c for c in row if not (row[c] is None and kinds[c] == np.dtype(np.int64))]
    added = added.astype(kinds[fits].drop("geometry").to_dict())
    return replace(now, facilities=pd.concat([now.facilities, added]))


def _checked(change: Open, kinds: Any, problems: Problems) -> dict[str, Any]:
    """Return the columns that a new facility is given, as far as each is of its column's type."""
    fitting = {}
    for name, value in change.columns.items():
        is_number = name in kinds and pd.api.types.is_numeric_dtype(kinds[name])
        if name in _KEPT:
            problems.add("changes.kept_column", value=name)
        elif is_number and not isinstance(value, int | float):
            problems.add("changes.no_number", value=value, column=name)
        elif is_number and value < 0:
            problems.add("changes.below_zero", value=change.facility, column=name)
        elif name in kinds and not is_number and isinstance(value, int | float) and name in _TEXTS:
            fitting[name] = f"{value:g}"
        else:
            fitting[name] = value
    return fitting


def close_facility(now: District, change: Close, problems: Problems) -> District:
    """Return the tables with a facility closed.

    Parameters
    ----------
    now
        The tables before the change.
    change
        The facility's id, and the year from which it does not operate.
    problems
        Collects what is wrong; the tables are not to be used then.

    Returns
    -------
    The tables after it.
    """
    if not is_known(change.facility, now.facilities.index, "facility", problems):
        return now
    facilities = now.facilities.copy()
    opened = facilities.loc[change.facility, "opened"]
    if change.year is not None and pd.notna(opened) and change.year < opened:
        problems.add(
            "changes.closes_first", value=change.facility, opened=int(opened), closed=change.year
        )
    facilities.loc[change.facility, "status"] = "closed"
    facilities.loc[change.facility, "closed"] = change.year
    return replace(now, facilities=facilities)


def move_facility(now: District, change: Move, problems: Problems) -> District:
    """Return the tables with a facility at another place.

    Parameters
    ----------
    now
        The tables before the change.
    change
        The facility's id and new place.
    problems
        Collects what is wrong; then the tables stay as they are.

    Returns
    -------
    The tables after it; the facility belongs to the community that holds the new place.
    """
    if not is_known(change.facility, now.facilities.index, "facility", problems):
        return now
    facilities = now.facilities.copy()
    facilities.loc[[change.facility], "geometry"] = gpd.GeoSeries(
        [change.at], [change.facility], crs=facilities.crs
    )
    if "entrances" in facilities:  # those of the old place
        facilities["entrances"] = facilities["entrances"].mask(facilities.index == change.facility)
    if "community" in facilities:
        facilities.loc[change.facility, "community"] = holder(now.communities, change.at)
    return replace(now, facilities=facilities)


def expand_facility(now: District, change: Expand, problems: Problems) -> District:
    """Return the tables with a facility's amounts extended.

    Parameters
    ----------
    now
        The tables before the change.
    change
        The facility's id, and what is added to which column, in that column's unit.
    problems
        Collects what is wrong; the tables are not to be used then.

    Returns
    -------
    The tables after it; an amount that is not known stays so, with a remark.
    """
    known = is_known(change.facility, now.facilities.index, "facility", problems)
    named = [is_known(name, now.facilities.columns, "column", problems) for name in change.add]
    for name in change.add:
        if name in _KEPT_AMOUNTS or (name in now.facilities and not _counts(now.facilities[name])):
            problems.add("changes.no_amounts", value=name)
            named.append(False)
    if not known or not all(named):
        return now
    rows = [{"facility": change.facility, "year": None, "column": c} for c in change.add]
    facilities = extend(
        now.facilities, pd.DataFrame(rows).assign(added=[*change.add.values()]), None
    )
    notes = now.notes
    for name in change.add:
        amount: Any = facilities.loc[change.facility, name]
        if amount < 0:
            problems.add("changes.below_zero", value=change.facility, column=name)
        if pd.isna(amount):
            note = Problem(key="changes.unknown_amount", value=change.facility)
            notes = (*notes, replace(note, params={"column": name}))
    return replace(now, facilities=facilities, notes=notes)


def _counts(column: pd.Series) -> bool:
    """Return whether a column holds amounts: numbers, however they were read."""
    numbers = pd.to_numeric(column.astype("string"), errors="coerce")
    return bool((numbers.notna() | column.isna()).all())


def link_community(now: District, change: Link, problems: Problems) -> District:
    """Return the tables with a link begun or ended.

    Parameters
    ----------
    now
        The tables before the change.
    change
        Facility, community and kind of link, and whether it ceases.
    problems
        Collects what is wrong; the tables are not to be used then.

    Returns
    -------
    The tables after it.
    """
    is_known(change.facility, now.facilities.index, "facility", problems)
    is_known(change.community, now.communities.index, "community", problems)
    row = {"facility": change.facility, "community": change.community, "link": change.link}
    same = (now.links[list(row)] == pd.Series(row)).all(axis=1)
    if change.cease:
        if not same.any():
            pair = f"{change.facility} - {change.community}"
            problems.add("changes.unknown_link", value=pair, link=change.link)
        return replace(now, links=now.links[~same])
    if same.any():
        return now
    return replace(now, links=pd.concat([now.links, pd.DataFrame([row])], ignore_index=True))


def extend(facilities: pd.DataFrame, extensions: pd.DataFrame, year: int | None) -> pd.DataFrame:
    """Return facilities with what extensions have added by a year.

    Parameters
    ----------
    facilities
        Facilities on their id.
    extensions
        ``facility``, ``year`` (missing if it stands), ``added``, and ``column`` (``capacity`` if
        missing) that it is added to.
    year
        The year; without one all are added.

    Returns
    -------
    The facilities, their columns extended; an amount that is not known stays missing.

    Raises
    ------
    InputError
        If an extension names an unknown facility or column, or has no amount. All at once.
    """
    problems = Problems()
    years = pd.to_numeric(extensions["year"])
    table = extensions.assign(column=extensions.get("column", "capacity")).fillna(
        {"column": "capacity"}
    )
    for row, wrong in table.iterrows():
        if pd.isna(wrong["added"]):
            problems.add("changes.no_amount", file="extensions", row=str(row))
        is_known(wrong["facility"], facilities.index, "facility", problems, row=str(row))
        is_known(wrong["column"], facilities.columns, "column", problems, row=str(row))
    problems.raise_any(InputError)
    due = table[years.isna() | (years <= year)] if year is not None else table
    result = facilities.copy()
    for column, rows in due.groupby("column"):
        sums = rows.groupby("facility")["added"].sum().reindex(facilities.index, fill_value=0.0)
        result[column] = pd.to_numeric(result[column]) + sums
    return result


def check_years(facilities: pd.DataFrame, problems: Problems) -> None:
    """Check that no facility closes before it opens.

    Parameters
    ----------
    facilities
        Facilities with ``opened`` and ``closed``, perhaps ``file``, ``row`` and ``name``.
    problems
        Collects what is wrong, one problem for each facility.
    """
    opened, closed = (pd.to_numeric(facilities[name]) for name in ("opened", "closed"))
    wrong = (closed < opened).fillna(False)
    for label, row in facilities[wrong].iterrows() if wrong.any() else ():
        problems.add(
            "changes.closes_first",
            file=str(row.get("file", "facilities")),
            row=str(row.get("row", label)),
            value=row.get("name", label),
            opened=int(row["opened"]),
            closed=int(row["closed"]),
        )
