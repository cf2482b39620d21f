"""Demand as rows to be covered, each kept once.

Every covering model asks the same of a plan: which *rows* it covers, a row being demand of some
weight with the set of sites that cover it. Demand that shares its set shares its row.
"""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN202, B905

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.jit import compiled
from planner.engine.siting.problem.inputs import Floats, Ints


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
    """Return rows with the same set of sites merged; rows without any are left out.

    Parameters
    ----------
    by
        Pattern (n x m) with sorted indices; the values are not read.
    weight
        Weight of each row (n).
    wanted
        Numbers of the rows to take, all by default.

    Returns
    -------
    The merged rows, and which row each demand became.
    """
    taken = np.diff(by.indptr) > 0
    if wanted is not None:
        chosen = np.zeros(len(taken), dtype=bool)
        chosen[wanted] = True
        taken &= chosen
    first, of = group_rows(by.indptr, by.indices, taken)
    kept = by[first]
    rows = np.flatnonzero(taken)
    pattern = sparse.csr_array((np.ones(kept.nnz), kept.indices, kept.indptr), shape=kept.shape)
    total = np.bincount(of[rows], weights=weight[rows], minlength=len(first)).astype(np.float64)
    return Rows(weight=total, by=pattern, of=of)


def group_rows(
    indptr: Ints, indices: Ints, taken: NDArray[np.bool_] | None = None
) -> tuple[Ints, Ints]:
    """Group rows that hold the same indices in the same order; empty rows belong to none.

    A sum of random 64-bit keys names each list, so that no lists are compared but those of one
    name, which are then checked: a collision would falsify a proof.

    Parameters
    ----------
    indptr, indices
        Rows as in a compressed sparse matrix (n).
    taken
        Rows to look at, by default all that are not empty.

    Returns
    -------
    first, of
        First row of each group, and the group of each row (n), -1 where it has none.

    Raises
    ------
    ArithmeticError
        If two lists share a name; among a million lists the chance is 3 in 100 million.
    """
    # One type of numbers, however long: loops are compiled once.
    indptr, indices = indptr.astype(np.int64), indices.astype(np.int32, copy=False)
    counts = np.diff(indptr)
    if taken is None:
        taken = counts > 0
    keys = np.random.default_rng(0).integers(
        0, 2**64, size=int(indices.max(initial=-1)) + 1, dtype=np.uint64
    )
    names = _name_rows(indptr, indices, keys)
    rows = np.flatnonzero(taken)
    _, first, group = np.unique(names[rows], return_index=True, return_inverse=True)
    order = np.argsort(first)  # groups stand in the order of their first rows
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    of = np.full(len(counts), -1, dtype=np.int64)
    of[rows] = rank[group]
    first = rows[first[order]]
    if not _same_rows(indptr, indices, rows, first[of[rows]]):
        raise ArithmeticError("two lists of sites share a 64-bit name")
    return first, of


def entries_of(reach: sparse.csr_array, chosen: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the entries that lie on chosen sites.

    No array as long as the table is made but of booleans: tables of ten million pairs are usual.

    Parameters
    ----------
    reach
        The OD table (n x m).
    chosen
        Which sites (m) to look at.

    Returns
    -------
    row, at
        Demand of each entry, and where the entry is stored in ``reach.data``.
    """
    at = np.flatnonzero(chosen[reach.indices])
    return np.searchsorted(reach.indptr, at, side="right") - 1, at


@compiled
def _name_rows(indptr, indices, keys):
    """Return the sum of the keys of each row's indices, each times an odd number for its place."""
    names = np.zeros(len(indptr) - 1, dtype=np.uint64)
    for r in range(len(names)):
        odd = np.uint64(1)
        for k in range(indptr[r], indptr[r + 1]):
            names[r] += keys[indices[k]] * odd
            odd += np.uint64(2)
    return names


@compiled
def _same_rows(indptr, indices, rows, models):
    """Return whether each row holds just what its model holds."""
    for a, b in zip(rows, models):
        size = indptr[a + 1] - indptr[a]
        if indptr[b + 1] - indptr[b] != size:
            return False
        for k in range(size):
            if indices[indptr[a] + k] != indices[indptr[b] + k]:
                return False
    return True
