"""Contracts of the tables, and how raw data are brought to them.

What each table must hold stands in ``tables.toml``: names, types, bounds, and the names under
which a column is found in data. `conform` finds the columns (by the scenario, else by alias, in
simplified and traditional Chinese and English), converts them, and notes every problem with file,
row and value.

The OD table that everything above consumes is long: ``demand`` and ``facility`` are labels of the
two tables, ``minutes`` is the travel time; a pair beyond the cutoff has no row.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import shapely

from planner.district.cells import says_nothing
from planner.district.conversion import by_default, combined, converted, word_of_scenario
from planner.district.fields import (
    Notes,
    Understanding,
    data_columns,
    find_columns,
    find_groups,
    named_column,
    tell_fields,
)
from planner.district.matching import normal
from planner.errors import Problems
from planner.standards import Kind

Table = Literal[
    "communities", "demand", "facilities", "candidates", "links", "travel", "ages", "buildings"
]
_LINES = ("LineString", "MultiLineString", "LinearRing")


def conform(
    raw: pd.DataFrame,
    table: Table,
    *,
    file: str,
    problems: Problems,
    columns: Mapping[str, str | list[str]] | None = None,
    attributes: Mapping[str, str] | None = None,
    groups: Mapping[str, str | list[str]] | None = None,
    constants: Mapping[str, Any] | None = None,
    kinds: Mapping[str, Kind] | None = None,
    words: Mapping[str, str] | None = None,
    scenario_key: str = "",
    spoken_for: Sequence[str] = (),
    optional: Sequence[str] = (),
    understood: Understanding | None = None,
) -> pd.DataFrame:
    """Bring raw data to the contract of a table.

    Parameters
    ----------
    raw
        Columns as the file has them, with a geometry where the contract asks for one; the index
        is the row as a person counts it.
    table
        Name of the contract.
    file
        What the messages call the data.
    problems
        Collects what is wrong.
    columns
        Column of the data for a column of the contract; of several, the sum.
    attributes
        Further columns to keep: name, and the column of the data.
    groups
        Demand groups: name, and the column (or columns, summed) that counts them.
    constants
        Values that hold for all rows, whatever the data say, such as the kind.
    kinds
        The kinds of facility known, by id.
    words
        What an office's own words for kinds, statuses and the like mean; they come before ours.
    scenario_key
        What the messages call the part of the scenario that the constants come from.
    spoken_for
        Columns of the data that were used already, for coordinates, say, or to filter.
    optional
        Required columns of the contract that may lack here.
    understood
        Takes how the columns were understood.

    Returns
    -------
    DataFrame or GeoDataFrame with the columns of the contract, missing ones filled with missing
    values, demand groups and attributes behind them; the index is the row of the file. Where the
    contract asks for points and the file has areas, their ``outline`` stands beside the points.
    """
    notes = Notes(file, problems)
    notes.understood = understood or notes.understood
    notes.words = {normal(word): meaning for word, meaning in (words or {}).items()}
    contract = _contracts()[table]
    spec: dict[str, dict[str, Any]] = contract["columns"]
    known: dict[str, dict[str, Any]] = contract.get("attributes", {})
    found = find_columns(raw, {**spec, **known}, columns or {}, _units(), notes)
    out: dict[str, Any] = {}
    for name, rule in spec.items():
        if constants and constants.get(name) is not None:
            # A wrong word of the scenario is the scenario's fault, once, and no row's.
            given = pd.Series([constants[name]], index=[f"{scenario_key}.{name}"], dtype=object)
            meant = word_of_scenario(given, name, rule, kinds or {}, notes)
            out[name] = pd.Series(meant, index=raw.index, dtype=object)
            continue
        if name in found:
            series = combined(raw, found[name], name, rule, notes)
        elif rule.get("required"):
            if name not in (columns or {}) and name not in notes.two and name not in optional:
                aliases = ", ".join([name, *rule.get("aliases", [])[:4]])
                there = ", ".join(data_columns(raw))
                notes.add("missing_column", name, aliases=aliases, columns=there)
            continue
        else:
            out[name] = by_default(raw.index, name, rule, notes)
            continue
        out[name] = converted(series, name, rule, kinds or {}, notes)
    if "population" in spec:
        counts, of_groups = _groups(raw, found, groups or {}, notes)
        out |= counts
        found |= of_groups
    for name in [name for name in known if name in found and name not in out]:
        if all(says_nothing(raw[column]) for column in found[name]):
            continue  # a column that nobody filled in is none
        series = combined(raw, found[name], name, known[name], notes)
        out[name] = converted(series, name, known[name], kinds or {}, notes)
    for name, wanted in (attributes or {}).items():
        column = named_column(raw, wanted)
        if column is None:
            notes.unknown_column(raw, wanted)
        else:
            out[name] = raw[column].astype(object)
            found[name] = [column]
    taken = {one for names in found.values() for one in names} | set(spoken_for)
    if len(raw):  # what nobody filled in is not told as unused
        others = [column for column in data_columns(raw) if column not in taken]
        taken |= {column for column in others if says_nothing(raw[column])}
    tell_fields(raw, {**spec, **known}, found, taken, notes)
    result = pd.DataFrame(out, index=raw.index)
    if "geometry" in contract and isinstance(raw, gpd.GeoDataFrame):
        shapes = _checked_geometry(raw.geometry, contract["geometry"], notes)
        if contract.get("outline") and _polygonal(raw.geometry).any():
            result["outline"] = raw.geometry.where(_polygonal(raw.geometry))
        result = gpd.GeoDataFrame(result, geometry=shapes, crs=raw.crs)
    elif "geometry" in contract:
        notes.add("no_geometry")
    return result


def meanings(kinds: Mapping[str, Kind]) -> list[str]:
    """Return what a word of data can mean: kinds, statuses, settlements and links.

    Parameters
    ----------
    kinds
        The kinds of facility known, by id.

    Returns
    -------
    Their ids.
    """
    choices = [
        choice
        for contract in _contracts().values()
        for rule in contract.get("columns", {}).values()
        for choice in rule.get("choices", {})
    ]
    return [*kinds, *dict.fromkeys(choices)]


def group_columns(frame: pd.DataFrame) -> list[str]:
    """List the columns that count people: ``population``, then the demand groups.

    Parameters
    ----------
    frame
        Communities or demand points, by their contract.

    Returns
    -------
    The numeric columns that are no other column of a contract, in the table's order.
    """
    known = {
        name for table in ("communities", "demand") for name in _contracts()[table]["columns"]
    } - {"population"}
    return [
        str(name)
        for name in frame.columns
        if name not in known and name != "geometry" and pd.api.types.is_numeric_dtype(frame[name])
    ]


def columns_of(table: Table) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, float]]]:
    """Return the rules of a contract's columns, those found where the data have them too.

    Parameters
    ----------
    table
        Name of the contract.

    Returns
    -------
    The rule of each column: ``type``, ``aliases``, ``unit``, ``choices``, ``required``; and for
    each name of units how many one of a unit counts for.
    """
    contract = _contracts()[table]
    like = {name: _contracts()["communities"]["columns"][name] for name in contract.get("like", ())}
    return {**like, **contract["columns"], **contract.get("attributes", {})}, _units()


def groups_known() -> dict[str, list[str]]:
    """Return the demand groups that are found by a heading, each with its headings."""
    groups: dict[str, list[str]] = _contracts()["groups"]
    return groups


def share_words() -> tuple[list[str], list[str], list[str]]:
    """Return words of the list of ages: behind a share, before that, and for all of the district.

    Returns
    -------
    (shares, of_all, whole)
        As offices write them.
    """
    contract = _contracts()["ages"]
    return contract["shares"], contract["of_all"], contract["whole"]


def contract_columns(table: Table) -> tuple[str, ...]:
    """Return the columns that a contract knows: its own, and those found where the data have them.

    Parameters
    ----------
    table
        Name of the contract.
    """
    contract = _contracts()[table]
    return (*contract["columns"], *contract.get("attributes", {}))


def in_operation(facilities: pd.DataFrame, year: int | None) -> pd.Series:
    """Return which facilities operate in a year.

    An existing facility operates from its opening year (or always, where none is given) until
    before its closing year, and so did one that is closed now, if its closing year is known. One
    under construction or proposed operates from its opening year on, and never where none is
    given. Without a year, what exists now operates.

    Parameters
    ----------
    facilities
        Facilities with ``status``, ``opened`` and ``closed`` (years, missing where not known), and
        ``open_then`` where the scenario asks who is open at a time: others do not operate.
    year
        The year; None means now.

    Returns
    -------
    Boolean series on the index of the facilities.
    """
    serves = _serves(facilities)
    existing = facilities["status"] == "existing"
    opened, ends = facilities["opened"], facilities["closed"]
    if year is None:
        return existing & ends.isna() & serves
    stood = existing | ((facilities["status"] == "closed") & ends.notna())
    planned = facilities["status"].isin(["under_construction", "proposed"])
    begun = opened.le(year).fillna(False)
    ended = ends.le(year).fillna(False)
    operates = ((stood & (opened.isna() | begun)) | (planned & begun)) & ~ended
    return operates.astype(bool) & serves


def _serves(facilities: pd.DataFrame) -> pd.Series:
    """Return which facilities are open when the scenario asks; those of a change always are."""
    if "open_then" not in facilities:
        return pd.Series(True, index=facilities.index)
    return facilities["open_then"].astype("boolean").fillna(True).astype(bool)


@cache
def _contracts() -> dict[str, Any]:
    return tomllib.loads(files("planner.district").joinpath("tables.toml").read_text("utf-8"))


def money_units() -> frozenset[str]:
    """Return the units of money that may stand in brackets behind a heading."""
    return frozenset(_units()["money"])


def _units() -> dict[str, dict[str, float]]:
    units: dict[str, dict[str, float]] = _contracts()["units"]
    return {**units, "yuan": _contracts()["yuan"]}


def _groups(
    frame: pd.DataFrame,
    found: Mapping[str, list[str]],
    groups: Mapping[str, str | list[str]],
    notes: Notes,
) -> tuple[dict[str, pd.Series], dict[str, list[str]]]:
    """Read the demand groups; return their columns of the data, too."""
    taken = {column for columns in found.values() for column in columns}
    wanted = find_groups(
        frame, groups, _contracts()["groups"], taken=taken, units=_units(), notes=notes
    )
    rule = {"type": "number", "min": 0}
    for name in [name for name in wanted if name not in groups]:  # nobody filled it in
        if len(frame) and all(says_nothing(frame[column]) for column in wanted[name]):
            del wanted[name]
    counts = {
        name: converted(combined(frame, columns, name, rule, notes), name, rule, {}, notes)
        for name, columns in wanted.items()
    }
    return counts, wanted


def _checked_geometry(shapes: gpd.GeoSeries, kind: str, notes: Notes) -> gpd.GeoSeries:
    empty = shapes.isna() | shapes.is_empty
    if empty.any():
        notes.rows("empty_geometry", pd.Series("", shapes.index)[empty], "geometry")
    if kind == "point":
        kinds = shapes.geom_type
        if (kinds == "Point").all():
            return shapes
        # A way drawn among places has a middle, but nobody is served there.
        notes.rows("line_for_place", kinds[kinds.isin(_LINES) & ~empty], "geometry")
        return gpd.GeoSeries(shapes.representative_point(), index=shapes.index, crs=shapes.crs)
    polygonal = _polygonal(shapes)
    others = shapes.geom_type[~polygonal & ~empty]
    if set(others) == {"Point"} and not polygonal.any():
        return shapes  # boundaries are estimated from them
    if len(others) and not polygonal.any():
        notes.add("no_polygons", ", ".join(sorted(set(others))))
        return shapes
    notes.rows("not_a_polygon", others, "geometry")
    invalid = polygonal & ~empty & ~shapes.is_valid
    reasons = pd.Series(shapely.is_valid_reason(shapes[invalid].values), shapes.index[invalid])
    notes.rows("invalid_polygon", reasons, "geometry")
    return shapes


def _polygonal(shapes: gpd.GeoSeries) -> pd.Series:
    return pd.Series(shapes.geom_type.isin(["Polygon", "MultiPolygon"]), shapes.index)
