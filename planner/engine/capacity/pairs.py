"""An OD table, people and capacities as arrays, checked once for every question asked of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute
from scipy import sparse

from planner.engine.labels import in_order, shorten
from planner.errors import InputError, Problems

Floats = NDArray[np.float64]
Ints = NDArray[np.signedinteger[Any]]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Who can reach what: an OD table as compressed sparse rows.

    Rows (demand) and columns (facilities) stand in the order of their labels, so that the order
    of the tables changes nothing.

    Parameters
    ----------
    demand, facilities
        Labels of the rows (n) and of the columns (m).
    people
        People of each row (n).
    capacity
        Capacity of each column (m), NaN where it is not known.
    indptr, col, minutes
        Facilities within reach of row ``i``: ``col[indptr[i]:indptr[i + 1]]`` in ascending
        order, with the travel time alongside.
    demand_index, facility_index
        The labels in the order of the tables given; results come back on these.
    """

    demand: pd.Index
    facilities: pd.Index
    people: Floats
    capacity: Floats
    indptr: Ints
    col: Ints
    minutes: Floats
    demand_index: pd.Index
    facility_index: pd.Index

    @property
    def row(self) -> Ints:
        """The row of each pair."""
        return np.repeat(np.arange(len(self.demand)), np.diff(self.indptr))

    @property
    def reached(self) -> Bools:
        """Whether each row has any facility within reach."""
        return np.diff(self.indptr) > 0

    def select(self, chosen: Bools) -> Pairs:
        """Return the same rows and facilities with some of the pairs alone.

        Parameters
        ----------
        chosen
            Whether each pair stays.

        Returns
        -------
        The pairs that stay.
        """
        kept = np.concatenate([[0], np.cumsum(chosen)])
        return Pairs(
            demand=self.demand,
            facilities=self.facilities,
            people=self.people,
            capacity=self.capacity,
            indptr=kept[self.indptr],
            col=self.col[chosen],
            minutes=self.minutes[chosen],
            demand_index=self.demand_index,
            facility_index=self.facility_index,
        )


def read_pairs(
    od: pd.DataFrame,
    people: pd.Series,
    capacity: pd.Series,
    *,
    cutoff_min: float | None = None,
) -> Pairs:
    """Return an OD table as arrays, after checking it.

    Parameters
    ----------
    od
        ``demand``, ``facility``, ``minutes``; a pair beyond reach has no row. Facilities that
        ``capacity`` does not name are left out.
    people
        People (or what is to be served) of each demand label; labels without a pair are out of
        reach.
    capacity
        Capacity of each facility in the same unit as ``people``; missing where it is not known.
    cutoff_min
        Pairs beyond it are left out.

    Returns
    -------
    Rows, columns and minutes as compressed sparse rows.

    Raises
    ------
    InputError
        If columns, numbers or labels are missing, negative, unknown or given twice. All at once.

    Examples
    --------
    >>> od = pd.DataFrame({"demand": ["a", "b"], "facility": ["x", "x"], "minutes": [4.0, 9.0]})
    >>> pairs = read_pairs(od, pd.Series({"a": 30, "b": 20, "c": 5}), pd.Series({"x": 40}))
    >>> pairs.reached.tolist()
    [True, True, False]
    """
    problems = Problems()
    weights = _numbers(people, "people", problems, may_miss=False)
    places = _numbers(capacity, "capacity", problems, may_miss=True)
    lacking = [name for name in ("demand", "facility", "minutes") if name not in od.columns]
    if lacking:
        problems.add("capacity.od_columns", value=", ".join(lacking))
    problems.raise_any(InputError)
    minutes = pd.to_numeric(od["minutes"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    for key, wrong in (("minutes_missing", np.isnan(minutes)), ("minutes_negative", minutes < 0)):
        if wrong.any():
            problems.add(f"capacity.{key}", value=int(wrong.sum()), rows=_rows(wrong))
    if cutoff_min is not None and not cutoff_min >= 0:
        problems.add("capacity.cutoff", value=cutoff_min)
    demand, facilities = in_order(people.index), in_order(capacity.index)
    row, col = _positions(od["demand"], demand), _positions(od["facility"], facilities)
    if (row < 0).any():
        unknown = pd.Index(od["demand"].to_numpy()[row < 0]).unique()
        problems.add("capacity.demand_unknown", value=shorten(unknown))
    problems.raise_any(InputError)
    keep = col >= 0
    if cutoff_min is not None:
        keep &= minutes <= cutoff_min
    if not keep.all():
        row, col, minutes = row[keep], col[keep], minutes[keep]
    shape = (len(demand), len(facilities))
    matrix = sparse.coo_array(
        (minutes, (row.astype(np.int32), col.astype(np.int32))), shape
    ).tocsr()
    if matrix.nnz < len(minutes):  # equal pairs were added up: name them
        twice = pd.Series(row * shape[1] + col).duplicated().to_numpy()
        pairs = zip(demand[row[twice]], facilities[col[twice]], strict=True)
        problems.add("capacity.pair_twice", value=shorten(f"{a} - {b}" for a, b in pairs))
    problems.raise_any(InputError)
    matrix.sort_indices()
    return Pairs(
        demand=demand,
        facilities=facilities,
        people=weights[people.index.get_indexer(demand)],
        capacity=places[capacity.index.get_indexer(facilities)],
        indptr=matrix.indptr.astype(np.int64),
        col=matrix.indices,
        minutes=matrix.data,
        demand_index=people.index,
        facility_index=capacity.index,
    )


def _numbers(series: pd.Series, name: str, problems: Problems, *, may_miss: bool) -> Floats:
    """Check a column of amounts, and that no label stands twice."""
    numbers: Floats = pd.to_numeric(series, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    missing = np.isnan(numbers)
    wrong = (missing & series.notna().to_numpy()) | np.isinf(numbers)
    wrong |= missing & (not may_miss)
    for key, rows in (("not_a_number", wrong), ("negative", numbers < 0)):
        if rows.any():
            problems.add(f"capacity.{key}", value=shorten(series.index[rows]), name=name)
    if not series.index.is_unique:
        twice = series.index[series.index.duplicated()].unique()
        problems.add("capacity.label_twice", value=shorten(twice), name=name)
    return numbers


def _positions(labels: pd.Series, index: pd.Index) -> Ints:
    """Return the position of each label in an index, -1 where it is not there."""
    if isinstance(labels.dtype, pd.CategoricalDtype):
        places = np.append(index.get_indexer(labels.cat.categories), -1)
        return np.asarray(places[labels.cat.codes.to_numpy()])
    if isinstance(labels.dtype, pd.StringDtype) and isinstance(index.dtype, pd.StringDtype):
        # Arrow looks text up about twenty times as fast as pandas does.
        texts = pa.array(labels)
        found = compute.index_in(texts, value_set=pa.array(index.to_series()).cast(texts.type))
        return np.asarray(found.fill_null(-1))
    return np.asarray(index.get_indexer(pd.Index(labels)))


def _rows(wrong: Bools) -> str:
    return shorten(np.flatnonzero(wrong) + 1)
