"""Which column of the data is which column of a contract: as the scenario says, else by alias."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from planner.district.matching import heading, normal, scale_of
from planner.errors import Problems, did_you_mean

_AT_YEAR = re.compile(r"(?:(?:19|20)\d\d年?)?(.*?)(?:(?:19|20)\d\d年?)?")
_UNIT_IS = re.compile(r"^单位[:：]?\s*")
_NOT_COLUMNS = {"lon", "lat", "x", "y"}  # named in a scenario's `columns`, and read as coordinates

Rule = Mapping[str, Any]
Units = Mapping[str, Mapping[str, float]]


@dataclass
class Understanding:
    """How the columns of a file were understood.

    Parameters
    ----------
    fields
        For each column of the contract that was found, the columns of the file it comes from.
    factors
        For each column of the file whose heading names a unit that multiplies, by how much.
    unused
        Columns of the file that stand for nothing, in the file's order.
    near
        Of those, which look like a column of the contract: the column of the file, and the
        contract's.
    words
        For each column of kinds or statuses, what each word of the file was taken for.
    yuan
        For each column of money whose heading names its unit, how many yuan that is.
    """

    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    near: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    yuan: dict[str, float] = field(default_factory=dict)


class Notes:
    """The problems of one file, gathered row by row."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.file = file
        self.problems = problems
        self.understood = Understanding()
        self.two: set[str] = set()  # columns of the contract that two of the data stand for
        self.words: dict[str, str] = {}  # what an office's own words mean, in their normal form

    def add(self, key: str, value: Any = None, **params: Any) -> None:
        """Note one problem of the file.

        Parameters
        ----------
        key
            Key of the text in the catalogue, without ``tables.``.
        value
            What is wrong, as the file has it.
        **params
            Further values of the text; ``row`` and ``column`` say where.
        """
        self.problems.add(f"tables.{key}", file=self.file, value=value, **params)

    def rows(self, key: str, rows: pd.Series, column: str, **params: Any) -> None:
        """Note each row; the column is called as its file calls it, where it comes from one.

        Parameters
        ----------
        key
            Key of the text in the catalogue, without ``tables.``.
        rows
            The values that are wrong, on the row of the file, by the name of the file's column.
        column
            The contract's name of the column, for a series without a name.
        **params
            Further values of the text.
        """
        column = column if rows.name is None else str(rows.name)
        for row, value in rows.items():
            shown = None if pd.isna(value) else value
            self.add(key, shown, row=str(row), column=column, **params)

    def where(
        self, key: str, cells: pd.Series, wrong: pd.Series | np.ndarray, column: str, **params: Any
    ) -> None:
        """Note each row where something is wrong, which is nearly always none.

        Parameters
        ----------
        key
            As for `rows`.
        cells
            The values on the row of the file.
        wrong
            Which of them are wrong.
        column, **params
            As for `rows`.
        """
        if wrong.any():
            self.rows(key, cells[wrong], column, **params)

    def unknown_column(self, frame: pd.DataFrame, name: str) -> None:
        """Note a column that the scenario names and the data do not have.

        Parameters
        ----------
        frame
            The data.
        name
            The column as the scenario names it.
        """
        self.add("no_such_column", name, hint=did_you_mean(name, data_columns(frame)))


def data_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns of a table but for its shapes.

    Parameters
    ----------
    frame
        The data, with or without ``geometry``.

    Returns
    -------
    Names of columns, in the table's order.
    """
    return [str(column) for column in frame.columns if column != "geometry"]


def named_column(frame: pd.DataFrame, name: str) -> str | None:
    """Return the column that a scenario names: exactly so, else the only one that is equal.

    Parameters
    ----------
    frame
        The data.
    name
        The name that the scenario gives.

    Returns
    -------
    The name in the data; None where there is none, or where several are equal but for case, width
    or script.
    """
    if name in frame.columns:
        return name
    same = [column for column in data_columns(frame) if normal(column) == normal(name)]
    return same[0] if len(same) == 1 else None


def find_columns(
    frame: pd.DataFrame,
    spec: Mapping[str, Rule],
    columns: Mapping[str, str | list[str]],
    units: Units,
    notes: Notes,
) -> dict[str, list[str]]:
    """Find the data's column, or columns, for each column of a contract.

    Parameters
    ----------
    frame
        The data.
    spec
        The columns of the contract, each with its aliases and the name of its units.
    columns
        Those that the scenario names.
    units
        For each name of units, how many one of a unit counts for.
    notes
        Collects what is wrong, and by how much a unit in a heading multiplies.

    Returns
    -------
    Columns of the data by column of the contract; none where two stand for the same, which is
    noted.
    """
    found: dict[str, list[str]] = {}
    taken: set[str] = set()
    for name, given in columns.items():
        if name not in spec:
            if name not in _NOT_COLUMNS:
                notes.add("not_in_contract", name, hint=did_you_mean(name, spec))
            continue
        found[name] = _as_named(frame, given, notes)
        taken.update(found[name])
    for name, rule in spec.items():
        if name in columns:
            continue
        free = [column for column in data_columns(frame) if column not in taken]
        known = units.get(rule.get("unit", ""), {})
        same = _by_alias(free, (name, *rule.get("aliases", [])), known)
        if len(same) > 1:
            notes.add("two_columns", name, columns=", ".join(same))
            notes.two.add(name)
        elif same:
            found[name] = same
        taken.update(same)
    for name, own in found.items():
        known = units.get(spec[name].get("unit", ""), {})
        for column in own:
            factor = _factor(column, known)
            if factor != 1.0:
                notes.understood.factors[column] = factor
        if spec[name].get("unit") == "money":
            _note_money(name, own, units.get("yuan", {}), notes)
    return {name: names for name, names in found.items() if names}


def _note_money(name: str, columns: Sequence[str], yuan: Mapping[str, float], notes: Notes) -> None:
    """Note the unit of money that headings name; columns in different ones cannot be summed."""
    said = {
        column: yuan[remark]
        for column in columns
        for remark in (_UNIT_IS.sub("", one).strip() for one in heading(column).remarks)
        if remark in yuan
    }
    if len(set(said.values())) > 1:
        notes.add("mixed_money", ", ".join(said))
    elif said:
        notes.understood.yuan[name] = next(iter(said.values()))


def find_groups(
    frame: pd.DataFrame,
    groups: Mapping[str, str | list[str]],
    aliases: Mapping[str, Sequence[str]],
    *,
    taken: set[str],
    units: Units,
    notes: Notes,
) -> dict[str, list[str]]:
    """Find the data's columns for each demand group: as the scenario names them, else by alias.

    Parameters
    ----------
    frame
        The data.
    groups
        Column or columns (which are added up) of each group, as the scenario names them.
    aliases
        Other names of each group that may be known by alias.
    taken
        Columns of the data that stand for something else.
    units
        For each column of the contract, its units and what each multiplies by; ``people`` is used.
    notes
        Collects problems and, in ``understood``, the factors of headings such as 万人.

    Returns
    -------
    Columns of the data by group, for the groups found.
    """
    found = {name: _as_named(frame, given, notes) for name, given in groups.items()}
    people = units.get("people", {})
    free = [column for column in data_columns(frame) if column not in taken]
    for name, others in aliases.items():
        if name in found:
            continue
        same = _by_alias(free, (name, *others), people)
        if len(same) > 1:
            notes.add("two_columns", name, columns=", ".join(same))
        elif same:
            found[name] = same
    for own in found.values():
        for column in own:
            factor = _factor(column, people)
            if factor != 1.0:
                notes.understood.factors[column] = factor
    return {name: names for name, names in found.items() if names}


def tell_fields(
    frame: pd.DataFrame,
    spec: Mapping[str, Rule],
    found: Mapping[str, Sequence[str]],
    taken: set[str],
    notes: Notes,
) -> None:
    """Record which columns were found, which were not used, and which of these look like one.

    Parameters
    ----------
    frame
        The data.
    spec
        The rules of each column of the contract, with its ``aliases``.
    found
        Columns of the data, by column of the contract.
    taken
        Columns of the data that stand for something.
    notes
        Its ``understood`` is filled in.
    """
    told = notes.understood
    told.fields = {name: tuple(own) for name, own in found.items()}
    told.unused = tuple(column for column in data_columns(frame) if column not in taken)
    missing = {
        normal(alias): name
        for name, rule in spec.items()
        if name not in found
        for alias in (name, *rule.get("aliases", []))
    }
    for column in told.unused:
        base = heading(column).base
        if base in missing:
            told.near[column] = missing[base]


def _as_named(frame: pd.DataFrame, given: str | list[str], notes: Notes) -> list[str]:
    names = given if isinstance(given, list) else [given]
    known = [named_column(frame, one) for one in names]
    for one, column in zip(names, known, strict=True):
        if column is None:
            notes.unknown_column(frame, one)
    return [column for column in known if column is not None]


def _by_alias(free: Sequence[str], aliases: Sequence[str], units: Mapping[str, float]) -> list[str]:
    """List the columns that the first alias to have any stands for.

    An alias word for word comes before one with a unit or a year beside it.
    """
    exact: Callable[[str], str] = normal
    for key in (exact, _without_unit(units), _without_year(units)):
        keys = {column: key(column) for column in free}
        for alias in map(normal, aliases):
            same = [column for column, base in keys.items() if base == alias]
            if same:
                return same
    return []


def _without_unit(units: Mapping[str, float]) -> Callable[[str], str]:
    def key(column: str) -> str:
        """Return what a heading is compared by, without a unit of those known.

        Parameters
        ----------
        column
            The heading as written.
        """
        base, remarks = heading(column)
        known = all(scale_of(remark, units) is not None for remark in remarks)
        return base if known else normal(column)

    return key


def _without_year(units: Mapping[str, float]) -> Callable[[str], str]:
    bare = _without_unit(units)

    def key(column: str) -> str:
        """Return what a heading is compared by, without the year it speaks of.

        Parameters
        ----------
        column
            The heading as written.
        """
        found = _AT_YEAR.fullmatch(bare(column))
        return found[1] if found else bare(column)

    return key


def _factor(column: str, units: Mapping[str, float]) -> float:
    """Return what a unit in a heading multiplies by; an unknown remark multiplies nothing."""
    factor = 1.0
    for remark in heading(column).remarks:
        factor *= scale_of(remark, units) or 1.0
    return factor
