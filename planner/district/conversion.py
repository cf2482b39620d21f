"""Columns brought to the type of their contract; each value that is not of it is noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from planner.district.cells import blank, faults, numbers, years
from planner.district.fields import Notes
from planner.district.matching import normal
from planner.errors import Problems
from planner.language import Lang
from planner.standards import Kind

MOST_WORDS_SHOWN = 4
MOST = 1e12  # of any number: square metres and money of a whole country
YEARS = 1800, 2200
# What stands in a column that the data do not have, and its type.
_NOTHING: dict[str, tuple[Any, Any]] = {
    "text": (None, object),
    "number": (np.nan, float),
    "year": (pd.NA, "Int64"),
}


def combined(
    frame: pd.DataFrame,
    names: Sequence[str],
    name: str,
    rule: Mapping[str, Any],
    notes: Notes,
) -> pd.Series:
    """Return one column as it is, or the sum of several, after what their headings multiply by.

    Parameters
    ----------
    frame
        The data.
    names
        The columns of the data that are read as one.
    name, rule, notes
        As for `converted`.

    Returns
    -------
    The column, not converted where it is one as it stands.
    """
    factors = notes.understood.factors
    if rule["type"] != "number" or (len(names) == 1 and names[0] not in factors):
        return frame[names[0]]
    least = {"min": rule["min"]} if "min" in rule and len(names) > 1 else {}
    parts = [_numbers(frame[one], name, least, notes) * factors.get(one, 1.0) for one in names]
    return pd.concat(parts, axis=1).sum(axis=1, min_count=1)


def word_of_scenario(
    given: pd.Series, name: str, rule: Mapping[str, Any], kinds: Mapping[str, Kind], notes: Notes
) -> Any:
    """Convert a word of the scenario; a wrong one is told of the scenario's key, not of a row.

    Parameters
    ----------
    given
        The word, on the row that names the scenario's key.
    name, rule, kinds, notes
        As for `converted`.

    Returns
    -------
    The value that it means.
    """
    own = Notes(str(given.index[0]), Problems())
    meant = converted(given, name, rule, kinds, own).iloc[0]
    for problem in own.problems.found:
        notes.problems.found.append(replace(problem, row=None))
    return meant


def by_default(rows: pd.Index, name: str, rule: Mapping[str, Any], notes: Notes) -> pd.Series:
    """Return a column that the data do not have: what its rule has by default, converted once.

    Parameters
    ----------
    rows
        The rows of the data.
    name, rule, notes
        As for `converted`.

    Returns
    -------
    The default on each row.
    """
    if "default" not in rule and rule["type"] in _NOTHING:
        nothing, its_type = _NOTHING[rule["type"]]
        lacking: pd.Series = pd.Series([nothing] * len(rows), index=rows, dtype=its_type)
        return lacking
    one = converted(pd.Series([rule.get("default")], dtype=object), name, rule, {}, notes)
    return one.take(np.zeros(len(rows), dtype=int)).set_axis(rows)


def converted(
    series: pd.Series,
    name: str,
    rule: Mapping[str, Any],
    kinds: Mapping[str, Kind],
    notes: Notes,
) -> pd.Series:
    """Convert a column to its type, noting each value that is not of it.

    Parameters
    ----------
    series
        The cells as read.
    name
        Name of the column in the contract.
    rule
        Its rule in the contract: type, bounds, default and the like.
    kinds
        The kinds by their name.
    notes
        Takes what is wrong and how columns were understood.

    Returns
    -------
    The values; missing where a cell is empty or not of the type.

    Raises
    ------
    KeyError
        If the rule names a type that there is none of: a fault of the contract.
    """
    if isinstance(series.dtype, pd.StringDtype):
        series = series.astype(object)  # its cells are gone through several times
    if rule["type"] == "number":
        return _numbers(series, name, rule, notes)
    series = _without_faults(series, name, notes)
    match rule["type"]:
        case "text":
            return _texts(series, name, rule, notes)
        case "year":
            return _years(series, name, notes)
        case "choice":
            return _choices(series, name, rule, notes)
        case "kind":
            known = {normal(kind.id): kind.id for kind in kinds.values()}
            for kind in kinds.values():
                for alias in (kind.zh, kind.en, *kind.aliases):
                    known.setdefault(normal(alias), kind.id)
            notes.where("missing_value", series, blank(series), name)
            names: dict[Lang, str] = {
                "zh": "、".join(f"{kind.id}（{kind.zh}）" for kind in kinds.values()),
                "en": ", ".join(kinds),
            }
            return _looked_up(series, name, known, names, notes, fault="unknown_kind")
    raise KeyError(rule["type"])


def _without_faults(series: pd.Series, name: str, notes: Notes) -> pd.Series:
    """Note cells that say nothing by themselves, each once, and empty them for what follows."""
    found = faults(series)
    if found.isna().all():
        return series
    for fault in ("error", "unkept", "merged"):
        notes.rows(f"{fault}_cell", series[found == fault], name)
    return series.mask(found.notna())


def _texts(series: pd.Series, name: str, rule: Mapping[str, Any], notes: Notes) -> pd.Series:
    cells = series
    if series.dtype.kind == "f" and (series.dropna() % 1 == 0).all():
        cells = series.astype("Int64")  # numbers of a file that knows no whole ones
    empty = blank(series)
    said = [None if none else str(cell).strip() for cell, none in zip(cells, empty, strict=True)]
    texts = pd.Series(said, series.index, dtype=object)
    if rule.get("required"):
        notes.where("missing_value", series, texts.isna(), name)
    if rule.get("unique"):
        notes.where("duplicate", texts, ~empty & texts.duplicated(keep="first"), name)
    return texts


def _numbers(series: pd.Series, name: str, rule: Mapping[str, Any], notes: Notes) -> pd.Series:
    """Read numbers, in full width too, with thousands set apart and a unit behind them."""
    series = _without_faults(series, name, notes)
    empty = blank(series)
    found = numbers(series)
    values = found.to_numpy()
    wrong = (np.isnan(values) & ~empty.to_numpy()) | np.isinf(values)
    if wrong.any():
        faulty = series[wrong]
        said = faulty.astype("string").str
        comma = said.contains("[,，、]", regex=True).fillna(False).astype(bool)
        notes.rows("comma", faulty[comma], name)
        notes.rows("not_a_number", faulty[~comma], name)
    if rule.get("required"):
        notes.where("missing_value", series, empty, name)
    if "min" in rule:
        notes.where("too_small", series, values < rule["min"], name, min=rule["min"])
    most = rule.get("max", MOST)
    large = (np.abs(values) > most) & np.isfinite(values)
    notes.where("too_large", series, large, name, max=f"{most:g}")
    return found


def _years(series: pd.Series, name: str, notes: Notes) -> pd.Series:
    found = years(series)
    first, last = YEARS
    wrong = (found.isna() & ~blank(series)) | (found < first) | (found > last)
    notes.where("not_a_year", series, wrong.fillna(value=False), name)
    return found


def _choices(series: pd.Series, name: str, rule: Mapping[str, Any], notes: Notes) -> pd.Series:
    known = {
        normal(alias): choice
        for choice, aliases in rule["choices"].items()
        for alias in (choice, *aliases)
    }
    filled = series.astype(object).mask(blank(series), rule.get("default"))
    if rule.get("required"):
        notes.where("missing_value", series, blank(filled), name)
    words = {choice: aliases[:MOST_WORDS_SHOWN] for choice, aliases in rule["choices"].items()}
    names: dict[Lang, str] = {
        "zh": "、".join(f"{choice}（{'、'.join(own)}）" for choice, own in words.items()),
        "en": ", ".join(f"{choice} ({', '.join(own)})" for choice, own in words.items()),
    }
    return _looked_up(filled, name, known, names, notes)


def _looked_up(
    series: pd.Series,
    name: str,
    known: Mapping[str, str],
    choices: Mapping[Lang, str],
    notes: Notes,
    *,
    fault: str = "unknown_value",
) -> pd.Series:
    """Find the name meant by each cell, among the names known."""
    empty = blank(series)
    there = set(known.values())
    own = {word: meaning for word, meaning in notes.words.items() if meaning in there}
    known = {**known, **own}
    cells = [None if none else cell for cell, none in zip(series, empty, strict=True)]
    meaning = {cell: known.get(normal(cell)) for cell in dict.fromkeys(cells) if cell is not None}
    values = pd.Series([meaning.get(cell) for cell in cells], series.index, dtype=object)
    notes.where(fault, series, values.isna() & ~empty, name, known=dict(choices))
    told = {str(cell): meant for cell, meant in meaning.items() if meant is not None}
    notes.understood.words.setdefault(name, {}).update(told)
    return values
