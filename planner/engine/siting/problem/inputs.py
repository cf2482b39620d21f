"""Convert a user's tables and labels to arrays, noting everything that is wrong."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.labels import shorten
from planner.errors import Problem, Problems

Label = Hashable
Floats = NDArray[np.float64]
Ints = NDArray[np.signedinteger[Any]]
PerLabel = Mapping[Any, float] | pd.Series

AT_ONCE = 1_000_000  # pairs of a table looked up at once


def is_count(value: object, least: int = 0) -> bool:
    """Return whether a value is a whole number from a least one up.

    Parameters
    ----------
    value
        The value; a truth value is none.
    least
        The least number.

    Returns
    -------
    True if it is.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        return False
    return bool(np.isfinite(value) and value == int(value) and value >= least)


def read_numbers(column: pd.Series) -> Floats:
    """Return a column as float; what is not a number becomes NaN. Floats are not copied.

    Parameters
    ----------
    column
        The column.

    Returns
    -------
    The numbers (n).
    """
    if column.dtype == np.float64:
        return column.to_numpy()
    return pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)


def read_weights(demand: pd.Series, problems: Problems) -> Floats:
    """Return the weights of demand, noting what is missing, negative or given twice.

    Parameters
    ----------
    demand
        Weight of each demand label.
    problems
        Takes what is wrong.

    Returns
    -------
    The weights (n), as they were given.
    """
    weight = read_numbers(demand)
    for key, wrong in (
        ("siting.weight_missing", ~np.isfinite(weight)),
        ("siting.weight_negative", weight < 0),
    ):
        if wrong.any():
            problems.add(key, value=shorten(demand.index[wrong]))
    if not demand.index.is_unique:
        twice = demand.index[demand.index.duplicated()].unique()
        problems.add("siting.demand_twice", value=shorten(twice))
    if not len(demand):
        problems.add("siting.no_demand")
    return weight


def read_od(
    od: pd.DataFrame, metric: str, cutoff: float | None, problems: Problems
) -> pd.DataFrame:
    """Return an OD table cut off, noting missing columns and values that make no sense.

    A table without its columns comes back empty, or its metric missing, so that the rest can still
    be checked.

    Parameters
    ----------
    od
        Long table with the columns demand, facility and the metric.
    metric
        Name of the column that measures separation.
    cutoff
        Largest value that counts; None for any.
    problems
        Takes what is wrong.

    Returns
    -------
    The rows of the table within the cutoff.
    """
    missing = [name for name in ("demand", "facility", metric) if name not in od.columns]
    if missing:
        problems.add("siting.od_columns", value=", ".join(missing))
        kept = od.reindex(columns=["demand", "facility", metric])
        return kept if missing == [metric] else kept[:0]
    values = read_numbers(od[metric])
    for key, wrong in (
        *(() if _are_lengths(values, cutoff) else _no_lengths(values, cutoff)),
        ("siting.label_missing", od["demand"].isna() | od["facility"].isna()),
    ):
        if np.any(wrong):
            rows = np.flatnonzero(wrong)
            problems.add(key, value=metric, n=len(rows), rows=shorten(rows + 1))
    if cutoff is None:
        return od
    if not cutoff >= 0:
        problems.add("siting.cutoff", value=cutoff)
        return od
    return od[values <= cutoff]


def _are_lengths(values: Floats, cutoff: float | None) -> bool:
    """Return whether no value is missing, below zero, or infinite where nothing cuts it off."""
    if not len(values):
        return True
    return bool(values.min() >= 0) and (cutoff is not None or bool(values.max() < np.inf))


def _no_lengths(
    values: Floats, cutoff: float | None
) -> tuple[tuple[str, NDArray[np.bool_]], tuple[str, NDArray[np.bool_]]]:
    """Return which values are missing, or infinite where nothing cuts them off, and below zero."""
    missing = np.isnan(values) if cutoff is not None else ~np.isfinite(values)
    return ("siting.metric_missing", missing), ("siting.metric_negative", values < 0)


def read_matrix(
    od: pd.DataFrame,
    metric: str,
    demand: pd.Index,
    sites: pd.Index,
    problems: Problems,
    *,
    wanted: NDArray[np.bool_] | None = None,
) -> sparse.csr_array:
    """Return an OD table as a sparse matrix (n x m); facilities that are no sites are left out.

    Parameters
    ----------
    od, metric
        The table, and its column that measures separation.
    demand, sites
        Labels of the rows (n) and of the columns (m).
    problems
        Takes labels that are not known and pairs that stand there twice.
    wanted
        Demand (n) whose pairs are looked at; None for all.

    Returns
    -------
    The metric of each pair; pairs that the table lacks have no entry.
    """
    shape = (len(demand), len(sites))
    if not (demand.is_unique and sites.is_unique):
        return sparse.csr_array(shape)
    row, col = _find(demand, od["demand"]), _find(sites, od["facility"])
    if (row < 0).any():
        unknown = pd.Index(od["demand"][row < 0].unique())
        problems.add("siting.demand_unknown", value=shorten(unknown))
    keep = (row >= 0) & (col >= 0)
    if wanted is not None:
        keep &= wanted[row]
    values = read_numbers(od[metric])
    if not keep.all():
        row, col, values = row[keep], col[keep], values[keep]
    if _is_sorted(row, col):
        ends = np.searchsorted(row, np.arange(shape[0] + 1, dtype=np.int32))
        ends = ends.astype(np.int32 if len(row) < 2**31 else np.int64)  # as the columns, or longer
        return sparse.csr_array((values, col, ends), shape=shape)
    reach = sparse.coo_array((values, (row, col)), shape).tocsr()
    if reach.nnz < len(values):  # duplicates were added up: name them
        twice = pd.Series(row * len(sites) + col).duplicated().to_numpy()
        pairs = zip(demand[row[twice]], sites[col[twice]], strict=True)
        problems.add("siting.pair_twice", value=shorten(f"{a} - {b}" for a, b in pairs))
    reach.sort_indices()
    return reach


def _find(index: pd.Index, labels: pd.Series) -> Ints:
    """Return the position of labels in an index, -1 where it lacks them, part by part."""
    if isinstance(index, pd.RangeIndex) and index.equals(pd.RangeIndex(len(index))):
        number = labels.to_numpy()
        if number.dtype.kind == "i":  # they are positions already
            return np.where((number >= 0) & (number < len(index)), number, -1).astype(np.int32)
    found = np.empty(len(labels), dtype=np.int32)
    for start in range(0, len(labels), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        found[part] = index.get_indexer(pd.Index(labels.iloc[part]))
    return found


def _is_sorted(row: Ints, col: Ints) -> bool:
    """Return whether pairs stand in the order of a sparse matrix, none of them twice."""
    for start in range(0, len(row) - 1, AT_ONCE):
        one, other = slice(start, start + AT_ONCE), slice(start + 1, start + AT_ONCE + 1)
        size = len(row[other])
        step = row[other] - row[one][:size]
        if ((step < 0) | ((step == 0) & (col[other] <= col[one][:size]))).any():
            return False
    return True


def read_labels(name: str, labels: Iterable[Label] | None, problems: Problems) -> pd.Index:
    """Return a list of site labels as an index, noting those that are missing or given twice.

    Parameters
    ----------
    name
        Name of the list, for messages.
    labels
        The labels; None for none.
    problems
        Takes what is wrong.

    Returns
    -------
    The labels, each once.
    """
    index = pd.Index([] if labels is None else list(labels))
    if index.hasnans:
        problems.add("siting.list_missing", value=name)
        index = index.dropna()
    if not index.is_unique:
        twice = index[index.duplicated()].unique()
        problems.add("siting.list_twice", value=shorten(twice), name=name)
        index = index.unique()
    return index


def read_positions(name: str, labels: Iterable[Label], sites: pd.Index, problems: Problems) -> Ints:
    """Return the numbers of the sites that a rule names; an unknown name is a problem.

    Parameters
    ----------
    name
        Name of the rule, for messages.
    labels
        The labels that it names.
    sites
        Labels of all sites (m).
    problems
        Takes what is wrong.

    Returns
    -------
    Numbers of the sites that are known.
    """
    index = pd.Index(list(labels))
    found = sites.get_indexer(index) if len(index) else np.zeros(0, dtype=np.int64)
    if (found < 0).any():
        problems.add("siting.site_unknown", value=shorten(index[found < 0]), name=name)
    return np.asarray(found[found >= 0], dtype=np.int64)


def read_per_site(
    name: str,
    values: PerLabel | None,
    sites: pd.Index,
    problems: Problems,
    needed: pd.Index | None = None,
) -> Floats | None:
    """Return one number per site (m), None where no values are given.

    Parameters
    ----------
    name
        What the numbers are, for messages.
    values
        Number of each site label.
    sites
        Labels of all sites (m).
    problems
        Takes what is wrong.
    needed
        Sites that must have a number, by default those that are named; others default to zero.

    Returns
    -------
    The numbers (m).
    """
    if values is None:
        return None
    found = pd.to_numeric(pd.Series(values), errors="coerce").reindex(sites)
    if needed is None:
        needed = sites[sites.isin(pd.Series(values, dtype=object).index)]
    lacking = needed[found.reindex(needed).isna()]
    if len(lacking):
        problems.add("siting.value_missing", value=shorten(lacking), name=name)
    numbers: Floats = found.fillna(0.0).to_numpy(np.float64)
    if np.isinf(numbers).any() and name != "capacity":
        problems.add("siting.value_infinite", value=shorten(sites[np.isinf(numbers)]), name=name)
    if (numbers < 0).any() and name != "preference":
        problems.add("siting.value_negative", value=shorten(sites[numbers < 0]), name=name)
    return numbers


def idle_notes(
    candidates: pd.Index, facilities: pd.Index, problems: Problems
) -> tuple[Problem, ...]:
    """Return a note on candidates that reach no demand; if no other is left, that is a problem.

    Parameters
    ----------
    candidates
        Labels of the candidates.
    facilities
        Labels of the facilities that the OD table names.
    problems
        Takes what is wrong.

    Returns
    -------
    One note, or none.
    """
    idle = candidates[~candidates.isin(facilities)]
    if len(candidates) and len(idle) == len(candidates):
        problems.add("siting.candidates_idle", value=shorten(idle))
        return ()
    return (Problem(key="siting.candidate_idle", value=shorten(idle)),) if len(idle) else ()
