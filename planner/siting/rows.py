"""Demand as rows to be covered, each kept once.

Every covering model asks the same of a plan: which *rows* it covers, a row being demand of some
weight with the set of sites that cover it. Demand that shares its set shares its row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.siting.reading import Floats, Ints


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows to be covered.

    Parameters
    ----------
    weight
        Weight of each row (r).
    by
        Which sites cover it: ones in a sparse matrix (r x m).
    of
        Row of each demand (n), -1 where it has none.
    """

    weight: Floats
    by: sparse.csr_array
    of: Ints


def merge_rows(by: sparse.csr_array, weight: Floats, wanted: Ints | None = None) -> Rows:
    """Merge rows with the same set of sites; rows without any are left out.

    Parameters
    ----------
    by
        Pattern (n x m) with sorted indices; the values are not read.
    weight
        Weight of each row (n).
    wanted
        Numbers of the rows to take, all by default.
    """
    n = by.shape[0]
    counts = np.diff(by.indptr)
    some = counts > 0
    if wanted is not None:
        chosen = np.zeros(n, dtype=bool)
        chosen[wanted] = True
        some &= chosen
    # A sum of random 64-bit keys, one per site, names a set; sets of one name are then compared.
    keys = np.random.default_rng(0).integers(0, 2**64, size=by.shape[1], dtype=np.uint64)
    names = np.zeros(n, dtype=np.uint64)
    if by.nnz:
        starts = by.indptr[:-1][counts > 0]  # empty rows would cut their neighbours short
        names[counts > 0] = np.add.reduceat(keys[by.indices], starts)
    rows = np.flatnonzero(some)
    _, first, group = np.unique(names[rows], return_index=True, return_inverse=True)
    _check_same(by, rows, rows[first][group])
    order = np.argsort(first)  # rows stand in order of their first demand
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    of = np.full(n, -1, dtype=np.int64)
    of[rows] = rank[group]
    kept = by[rows[first[order]]]
    pattern = sparse.csr_array((np.ones(kept.nnz), kept.indices, kept.indptr), shape=kept.shape)
    total = np.bincount(of[rows], weights=weight[rows], minlength=len(order)).astype(np.float64)
    return Rows(weight=total, by=pattern, of=of)


def _check_same(by: sparse.csr_array, rows: Ints, models: Ints) -> None:
    """Make sure that rows of one name are the same set: a collision would falsify a proof."""
    differ = rows != models
    rows, models = rows[differ], models[differ]
    counts = np.diff(by.indptr)
    if not np.array_equal(counts[rows], counts[models]):
        raise ArithmeticError("two sets of sites share a 64-bit name")
    shift = np.repeat(by.indptr[models] - by.indptr[rows], counts[rows])
    ends = np.cumsum(counts[rows])
    inside = np.arange(ends[-1] if len(ends) else 0) + np.repeat(
        by.indptr[rows] - (ends - counts[rows]), counts[rows]
    )
    if not np.array_equal(by.indices[inside], by.indices[inside + shift]):
        raise ArithmeticError("two sets of sites share a 64-bit name")
