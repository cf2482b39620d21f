"""Make covering problems small without losing an answer: dominance and forced sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.engine.siting.problem.inputs import Floats, Ints

PAIRS = 20_000_000  # comparing more pairs than this costs more than it saves


@dataclass(frozen=True, kw_only=True)
class Reduced:
    """What is left of a covering problem.

    Parameters
    ----------
    by
        Rows and sites left, as ones in a sparse matrix.
    sites
        Caller's numbers of the sites left.
    forced
        Caller's numbers of the sites that are open in some best plan.
    """

    by: sparse.csr_array
    sites: Ints
    forced: Ints


def reduce_cover(by: sparse.csr_array, worth: Floats) -> Reduced:
    """Reduce "cover every row at the least worth" until nothing more can be left out.

    A row goes if another asks for more; a site goes if another covers as much for no more; a site
    that alone covers a row is opened (Toregas & ReVelle 1972).

    Parameters
    ----------
    by
        Which sites cover each row: ones (r x m), no row empty.
    worth
        What opening each site (m) counts, none below zero.

    Returns
    -------
    What is left of rows and sites, and the sites that are open in some best plan.
    """
    sites, forced = np.arange(by.shape[1]), np.zeros(0, dtype=np.int64)
    while True:
        before = by.shape
        by = by[~_contained(by, np.zeros(by.shape[0]), larger_goes=True)]
        lone = np.unique(by.indices[by.indptr[:-1][np.diff(by.indptr) == 1]])
        if len(lone):
            forced = np.concatenate([forced, sites[lone]])
            served = np.isin(by.indices, lone)
            row = np.repeat(np.arange(by.shape[0]), np.diff(by.indptr))
            by = by[np.setdiff1d(np.arange(by.shape[0]), row[served])]
        columns = sparse.csr_array(by.T)
        used = np.diff(columns.indptr) > 0
        keep = used & ~_contained(columns, worth[sites], larger_goes=False)
        by, sites = sparse.csr_array(columns[keep].T), sites[keep]
        by.sort_indices()
        if by.shape == before:
            return Reduced(by=by, sites=sites, forced=forced)


def _contained(sets: sparse.csr_array, worth: Floats, *, larger_goes: bool) -> np.ndarray:
    """Return which sets go since another contains them, or lies within them, for no more worth.

    Of equal sets the first stays.
    """
    gone = np.zeros(sets.shape[0], dtype=bool)
    if (np.diff(sparse.csr_array(sets.T).indptr).astype(np.float64) ** 2).sum() > PAIRS:
        return gone
    size = np.diff(sets.indptr)
    shared = (sets @ sets.T).tocoo()
    one, other = shared.coords
    inner = other if larger_goes else one
    outer = one if larger_goes else other
    holds = (shared.data >= size[inner]) & (one != other) & (worth[other] <= worth[one])
    equal = holds & (size[one] == size[other]) & (worth[one] == worth[other])
    gone[one[holds & (~equal | (other < one)) & (size[inner] <= size[outer])]] = True
    return gone
