"""Contracts of the tables, and how raw data are brought to them.

What each table must hold stands in ``tables.toml``: names, types, bounds, and the names under
which a column is found in data. `conform` finds the columns (by the scenario, else by alias, in
simplified and traditional Chinese and English), converts them, and notes every problem with file,
row and value.

The OD table that everything above consumes is long: ``demand`` and ``facility`` are labels of the
two tables, ``minutes`` is the travel time; a pair beyond the cutoff has no row.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import opencc
import pandas as pd
import shapely

from planner.errors import Problems
from planner.standards import Kind

Table = Literal["communities", "demand", "facilities", "candidates", "links"]

MOST_ROWS_NAMED = 20
MOST = 1e12  # of any number: square metres and money of a whole country
YEARS = 1800, 2200
# What is written behind a number and changes nothing about it, unlike 万 or 亩.
_UNIT = re.compile(r"(?<=\d)\s*(人|位|名|张|張|床|个|個|处|處|间|間|份|户|戶|元|平方米|平米|m2)$")


class _Notes:
    """Notes the problems of one file, row by row."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.file = file
        self.problems = problems

    def add(self, key: str, value: Any = None, **params: Any) -> None:
        self.problems.add(f"tables.{key}", file=self.file, value=value, **params)

    def rows(self, key: str, rows: pd.Series, column: str, **params: Any) -> None:
        """Note each row, and from the twentieth on only how many more there are.

        The column is called as its file calls it, where it comes from one.
        """
        column = column if rows.name is None else str(rows.name)
        for row, value in rows.head(MOST_ROWS_NAMED).items():
            shown = None if pd.isna(value) else value
            self.add(key, shown, row=str(row), column=column, **params)
        if len(rows) > MOST_ROWS_NAMED:
            self.add("and_more", len(rows) - MOST_ROWS_NAMED, column=column)

    def unknown_column(self, frame: pd.DataFrame, name: str) -> None:
        self.add("no_such_column", name, nearest=_nearest(name, _data_columns(frame)))


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

    Returns
    -------
    DataFrame or GeoDataFrame with the columns of the contract, missing ones filled with missing
    values, demand groups and attributes behind them; the index is the row of the file.
    """
    notes = _Notes(file, problems)
    contract = _contracts()[table]
    spec: dict[str, dict[str, Any]] = contract["columns"]
    known: dict[str, dict[str, Any]] = contract.get("attributes", {})
    found = _find_columns(raw, {**spec, **known}, columns or {}, notes)
    out: dict[str, Any] = {}
    for name, rule in spec.items():
        if constants and constants.get(name) is not None:
            series = pd.Series(constants[name], index=raw.index, dtype=object)
        elif name in found:
            series = _combined(raw, found[name], rule, notes)
        elif rule.get("required"):
            if name not in (columns or {}):
                aliases = ", ".join([name, *rule.get("aliases", [])[:4]])
                there = ", ".join(_data_columns(raw))
                notes.add("missing_column", name, aliases=aliases, columns=there)
            continue
        else:
            series = pd.Series(rule.get("default"), index=raw.index, dtype=object)
        out[name] = _converted(series, name, rule, kinds or {}, notes)
    if "population" in spec:
        out |= _groups(raw, found, groups or {}, notes)
    for name in [name for name in known if name in found]:
        series = _combined(raw, found[name], known[name], notes)
        out[name] = _converted(series, name, known[name], kinds or {}, notes)
    for name, given in (attributes or {}).items():
        column = _column(raw, given)
        if column is None:
            notes.unknown_column(raw, given)
        else:
            out[name] = raw[column].astype(object)
    result = pd.DataFrame(out, index=raw.index)
    if "geometry" in contract and isinstance(raw, gpd.GeoDataFrame):
        shapes = _checked_geometry(raw.geometry, contract["geometry"], notes)
        result = gpd.GeoDataFrame(result, geometry=shapes, crs=raw.crs)
    elif "geometry" in contract:
        notes.add("no_geometry")
    return result


def group_columns(frame: pd.DataFrame) -> list[str]:
    """List the columns that count people: ``population``, then the demand groups."""
    known = {
        name for table in ("communities", "demand") for name in _contracts()[table]["columns"]
    } - {"population"}
    return [
        str(name)
        for name in frame.columns
        if name not in known and name != "geometry" and pd.api.types.is_numeric_dtype(frame[name])
    ]


def in_operation(facilities: pd.DataFrame, year: int | None) -> pd.Series:
    """Tell which facilities operate in a year.

    An existing facility operates from its opening year (or always, where none is given) until
    before its closing year, and so did one that is closed now, if its closing year is known. One
    under construction or proposed operates from its opening year on, and never where none is
    given. Without a year, what exists now operates.

    Returns
    -------
    Boolean series on the index of the facilities.
    """
    existing = facilities["status"] == "existing"
    opened, ends = facilities["opened"], facilities["closed"]
    if year is None:
        return existing & ends.isna()
    stood = existing | ((facilities["status"] == "closed") & ends.notna())
    planned = facilities["status"].isin(["under_construction", "proposed"])
    begun = opened.le(year).fillna(False)
    ended = ends.le(year).fillna(False)
    operates = ((stood & (opened.isna() | begun)) | (planned & begun)) & ~ended
    return operates.astype(bool)


@cache
def _contracts() -> dict[str, Any]:
    return tomllib.loads(files("planner").joinpath("tables.toml").read_text("utf-8"))


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def normal(name: object) -> str:
    """Bring a name to the form in which names are compared.

    Simplified script, half width, lower case, without spaces, quotes and a unit in brackets.

    Examples
    --------
    >>> normal("可安置人數（人）") == normal(" 可安置人数 ")
    True
    >>> normal("Floor_Area (m2)")
    'floorarea'
    """
    plain = unicodedata.normalize("NFKC", str(name))
    plain = re.sub(r"\(.*?\)", "", plain) or plain
    simplified: str = _simplifier().convert(plain)
    return re.sub(r"[\s_\-\"'“”‘’]+", "", simplified).casefold()


def _data_columns(frame: pd.DataFrame) -> list[str]:
    return [str(column) for column in frame.columns if column != "geometry"]


def _nearest(name: str, known: list[str]) -> str:
    """Name the known name nearest to another, or all of them."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return close[0] if close else ", ".join(known)


def _column(frame: pd.DataFrame, name: str) -> str | None:
    if name in frame.columns:
        return name
    same = [str(column) for column in frame.columns if normal(column) == normal(name)]
    return same[0] if len(same) == 1 else None


def _find_columns(
    frame: pd.DataFrame,
    spec: Mapping[str, Mapping[str, Any]],
    columns: Mapping[str, str | list[str]],
    notes: _Notes,
) -> dict[str, list[str]]:
    """Find the data's column, or columns, for each column of the contract."""
    found: dict[str, list[str]] = {}
    taken: set[str] = set()
    for name, given in columns.items():
        if name not in spec:
            if name not in {"lon", "lat", "x", "y"}:
                notes.add("not_in_contract", name, nearest=_nearest(name, list(spec)))
            continue
        names = given if isinstance(given, list) else [given]
        known = [_column(frame, one) for one in names]
        for one, column in zip(names, known, strict=True):
            if column is None:
                notes.unknown_column(frame, one)
        found[name] = [column for column in known if column is not None]
        taken.update(found[name])
    for name, rule in spec.items():
        if name in columns:
            continue
        wanted = [normal(alias) for alias in (name, *rule.get("aliases", []))]
        free = {
            normal(column): str(column)
            for column in reversed(frame.columns)
            if str(column) not in taken and column != "geometry"
        }
        match = next((free[alias] for alias in wanted if alias in free), None)
        if match is not None:
            found[name] = [match]
            taken.add(match)
    return {name: names for name, names in found.items() if names}


def _combined(
    frame: pd.DataFrame,
    names: Sequence[str],
    rule: Mapping[str, Any],
    notes: _Notes,
) -> pd.Series:
    if len(names) == 1:
        return frame[names[0]]
    parts = [_numbers(frame[name], name, rule, notes) for name in names]
    return pd.concat(parts, axis=1).sum(axis=1, min_count=1)


def _groups(
    frame: pd.DataFrame,
    found: Mapping[str, list[str]],
    groups: Mapping[str, str | list[str]],
    notes: _Notes,
) -> dict[str, pd.Series]:
    aliases: dict[str, list[str]] = _contracts()["groups"]
    taken = {column for columns in found.values() for column in columns}
    free = {normal(c): str(c) for c in reversed(frame.columns) if str(c) not in taken}
    wanted: dict[str, list[str]] = {}
    for name, given in groups.items():
        names = given if isinstance(given, list) else [given]
        known = [_column(frame, one) for one in names]
        for one, column in zip(names, known, strict=True):
            if column is None:
                notes.unknown_column(frame, one)
        wanted[name] = [column for column in known if column is not None]
    for name, others in aliases.items():
        match = next((free[normal(a)] for a in (name, *others) if normal(a) in free), None)
        if name not in wanted and match is not None:
            wanted[name] = [match]
    rule = {"type": "number", "min": 0}
    counts: dict[str, pd.Series] = {}
    for name, columns in wanted.items():
        if columns:
            series = _combined(frame, columns, rule, notes)
            counts[name] = _converted(series, name, rule, {}, notes)
    return counts


def _converted(
    series: pd.Series,
    name: str,
    rule: Mapping[str, Any],
    kinds: Mapping[str, Kind],
    notes: _Notes,
) -> pd.Series:
    """Convert a column to its type, noting each value that is not of it."""
    match rule["type"]:
        case "text":
            return _texts(series, name, rule, notes)
        case "number":
            return _numbers(series, name, rule, notes)
        case "year":
            return _years(series, name, notes)
        case "choice":
            return _choices(series, name, rule, notes)
        case "kind":
            known = {normal(kind.id): kind.id for kind in kinds.values()}
            for kind in kinds.values():
                for alias in (kind.zh, kind.en, *kind.aliases):
                    known.setdefault(normal(alias), kind.id)
            notes.rows("missing_value", series[_blank(series)], name)
            return _looked_up(series, name, known, list(kinds), notes, fault="unknown_kind")
    raise KeyError(rule["type"])


def _blank(series: pd.Series) -> pd.Series:
    return series.isna() | series.astype("string").str.strip().eq("").fillna(False)


def _texts(series: pd.Series, name: str, rule: Mapping[str, Any], notes: _Notes) -> pd.Series:
    whole = pd.to_numeric(series, errors="coerce") if series.dtype.kind == "f" else None
    texts = series.astype("string").str.strip()
    if whole is not None and (whole.dropna() % 1 == 0).all():
        texts = whole.astype("Int64").astype("string")
    texts = texts.mask(_blank(series))
    if rule.get("required"):
        notes.rows("missing_value", series[texts.isna()], name)
    if rule.get("unique"):
        twice = texts[texts.notna() & texts.duplicated(keep="first")]
        notes.rows("duplicate", twice, name)
    return texts.astype(object).where(texts.notna(), None)


def _numbers(series: pd.Series, name: str, rule: Mapping[str, Any], notes: _Notes) -> pd.Series:
    """Read numbers, in full width too, with thousands set apart and a unit behind them."""
    blank = _blank(series)
    if pd.api.types.is_numeric_dtype(series):
        numbers = series.astype(float)
    else:
        plain = series.astype("string").map(
            lambda cell: _UNIT.sub(
                "", unicodedata.normalize("NFKC", cell).strip().replace(",", "")
            ),
            na_action="ignore",
        )
        numbers = pd.to_numeric(plain, errors="coerce").astype(float)
    wrong = (numbers.isna() & ~blank) | np.isinf(numbers)
    notes.rows("not_a_number", series[wrong], name)
    if rule.get("required"):
        notes.rows("missing_value", series[blank], name)
    if "min" in rule:
        notes.rows("too_small", series[numbers < rule["min"]], name, min=rule["min"])
    most = rule.get("max", MOST)
    notes.rows(
        "too_large", series[(numbers.abs() > most) & np.isfinite(numbers)], name, max=f"{most:g}"
    )
    return numbers


def _years(series: pd.Series, name: str, notes: _Notes) -> pd.Series:
    texts = series.astype("string").str.strip()
    years = pd.to_numeric(texts.str.extract(r"^(\d{4})(?:\D.*)?$")[0], errors="coerce")
    first, last = YEARS
    wrong = (years.isna() & ~_blank(series)) | (years < first) | (years > last)
    notes.rows("not_a_year", series[wrong], name)
    return years.astype("Int64")


def _choices(series: pd.Series, name: str, rule: Mapping[str, Any], notes: _Notes) -> pd.Series:
    known = {
        normal(alias): choice
        for choice, aliases in rule["choices"].items()
        for alias in (choice, *aliases)
    }
    filled = series.astype(object).mask(_blank(series), rule.get("default"))
    if rule.get("required"):
        notes.rows("missing_value", series[_blank(filled)], name)
    return _looked_up(filled, name, known, list(rule["choices"]), notes)


def _looked_up(
    series: pd.Series,
    name: str,
    known: Mapping[str, str],
    choices: Sequence[str],
    notes: _Notes,
    *,
    fault: str = "unknown_value",
) -> pd.Series:
    """Find the name meant by each cell, among the names known."""
    blank = _blank(series)
    values = series.map(lambda cell: known.get(normal(cell)))
    wrong = values.isna() & ~blank
    notes.rows(fault, series[wrong], name, known=", ".join(choices))
    return values.astype(object).where(values.notna(), None)


def _checked_geometry(shapes: gpd.GeoSeries, kind: str, notes: _Notes) -> gpd.GeoSeries:
    empty = shapes.isna() | shapes.is_empty
    notes.rows("empty_geometry", pd.Series("", shapes.index)[empty], "geometry")
    if kind == "point":
        return gpd.GeoSeries(shapes.representative_point(), index=shapes.index, crs=shapes.crs)
    polygonal = shapes.geom_type.isin(["Polygon", "MultiPolygon"])
    others = shapes.geom_type[~polygonal & ~empty]
    if len(others) and not polygonal.any():
        notes.add("no_polygons", ", ".join(sorted(set(others))))
        return shapes
    notes.rows("not_a_polygon", others, "geometry")
    invalid = polygonal & ~empty & ~shapes.is_valid
    reasons = pd.Series(shapely.is_valid_reason(shapes[invalid].values), shapes.index[invalid])
    notes.rows("invalid_polygon", reasons, "geometry")
    return shapes
