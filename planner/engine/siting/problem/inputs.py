"""From a user's tables and labels to arrays, noting everything that is wrong."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import Problem, Problems

Label = Hashable
Floats = NDArray[np.float64]
Ints = NDArray[np.signedinteger[Any]]
PerLabel = Mapping[Any, float] | pd.Series

SHOWN = 5  # labels named in one message
AT_ONCE = 1_000_000  # pairs of a table looked up at once


def shorten(labels: Iterable[Any]) -> str:
    """Name the first few labels, and say how many more there are."""
    names = [str(label) for label in labels]
    rest = f" (+{len(names) - SHOWN})" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + rest


def read_numbers(column: pd.Series) -> Floats:
    """Read a column as numbers, missing where there are none; numbers are not copied."""
    if column.dtype == np.float64:
        return column.to_numpy()
    return pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)


def read_weights(demand: pd.Series, problems: Problems) -> Floats:
    """Check the weights of demand."""
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
    """Check the columns and the metric of an OD table, and cut it off.

    A table without its columns comes back empty, so that the rest can still be checked.
    """
    missing = [name for name in ("demand", "facility", metric) if name not in od.columns]
    if missing:
        problems.add("siting.od_columns", value=", ".join(missing))
        return pd.DataFrame({"demand": [], "facility": [], metric: []})
    values = read_numbers(od[metric])
    for key, wrong in (
        ("siting.metric_missing", np.isnan(values)),
        ("siting.metric_negative", values < 0),
        ("siting.label_missing", od["demand"].isna() | od["facility"].isna()),
    ):
        if np.any(wrong):
            rows = np.flatnonzero(wrong)
            problems.add(key, value=metric, n=len(rows), rows=shorten(rows + 1))
    if cutoff is None:
        return od
    if not cutoff >= 0:
        problems.add("siting.cutoff", value=cutoff)
    return od[values <= cutoff]


def read_matrix(
    od: pd.DataFrame, metric: str, demand: pd.Index, sites: pd.Index, problems: Problems
) -> sparse.csr_array:
    """Turn an OD table into a sparse matrix (demand x sites); other facilities are left out."""
    shape = (len(demand), len(sites))
    if not (demand.is_unique and sites.is_unique):
        return sparse.csr_array(shape)
    row, col = _find(demand, od["demand"]), _find(sites, od["facility"])
    if (row < 0).any():
        unknown = pd.Index(od["demand"][row < 0].unique())
        problems.add("siting.demand_unknown", value=shorten(unknown))
    keep = (row >= 0) & (col >= 0)
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
    """Find labels in an index, -1 where it lacks them, a part at a time to spare memory."""
    found = np.empty(len(labels), dtype=np.int32)
    for start in range(0, len(labels), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        found[part] = index.get_indexer(pd.Index(labels.iloc[part]))
    return found


def _is_sorted(row: Ints, col: Ints) -> bool:
    """Tell whether pairs stand in the order of a sparse matrix, none of them twice."""
    for start in range(0, len(row) - 1, AT_ONCE):
        one, other = slice(start, start + AT_ONCE), slice(start + 1, start + AT_ONCE + 1)
        size = len(row[other])
        step = row[other] - row[one][:size]
        if ((step < 0) | ((step == 0) & (col[other] <= col[one][:size]))).any():
            return False
    return True


def read_labels(name: str, labels: Iterable[Label] | None, problems: Problems) -> pd.Index:
    """Check a list of site labels: none twice, none missing."""
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
    """Find the sites that a rule names; an unknown name is a problem."""
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
    """Look up one number per site; sites in ``needed`` must have one, others default to zero."""
    if values is None:
        return None
    found = pd.to_numeric(pd.Series(values), errors="coerce").reindex(sites)
    if needed is not None:
        lacking = needed[found.reindex(needed).isna()]
        if len(lacking):
            problems.add("siting.value_missing", value=shorten(lacking), name=name)
    numbers: Floats = found.fillna(0.0).to_numpy(np.float64)
    if (numbers < 0).any() and name != "preference":
        problems.add("siting.value_negative", value=shorten(sites[numbers < 0]), name=name)
    return numbers


def in_order(labels: pd.Index) -> pd.Index:
    """Sort labels of any kinds, so that the order of rows changes nothing."""
    ordered = sorted(labels, key=lambda label: (type(label).__name__, label))
    index: pd.Index = pd.Index(ordered, dtype=labels.dtype)
    return index


def idle_notes(
    candidates: pd.Index, facilities: pd.Index, problems: Problems
) -> tuple[Problem, ...]:
    """Note candidates that reach no demand; a question with no other candidate has no sense."""
    idle = candidates[~candidates.isin(facilities)]
    if len(candidates) and len(idle) == len(candidates):
        problems.add("siting.candidates_idle", value=shorten(idle))
        return ()
    return (Problem(key="siting.candidate_idle", value=shorten(idle)),) if len(idle) else ()
