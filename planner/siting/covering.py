"""Search for a cheap cover: a good one known beforehand spares the proof most of its work."""
# numba infers the types; mypy and ruff are told not to ask for them.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN202, NPY002

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.compiling import compiled
from planner.siting.reading import Floats, Ints

STEPS_A_SITE = 50


class _Cover(NamedTuple):
    """Who covers what, and where the search stands.

    Parameters
    ----------
    rowptr, cols, colptr, rows
        Sites of each row, and rows of each site.
    is_open, hits
        Sites open, and how many open sites cover each row.
    weight
        How hard each row has been to cover so far.
    score
        Weight of the rows that flipping a site makes covered, or bare.
    bare, place
        Rows that are not covered stand first in ``bare``; row r stands at ``place[r]``.
    since, fresh
        Step at which each site was flipped, and whether its surroundings have changed since.
    """

    rowptr: Ints
    cols: Ints
    colptr: Ints
    rows: Ints
    is_open: NDArray[np.bool_]
    hits: Ints
    weight: Ints
    score: Ints
    bare: Ints
    place: Ints
    since: Ints
    fresh: NDArray[np.bool_]


def seek_cover(
    by: sparse.csr_array,
    worth: Floats,
    seed: int,
    *,
    steps: int | None = None,
    enough: float = -np.inf,
) -> NDArray[np.bool_]:
    """Find a cover of every row that counts little, by row weighting (Gao et al. 2015).

    Parameters
    ----------
    by
        Which sites cover each row: ones (r x m), no row empty.
    worth
        What opening each site (m) counts, none below zero.
    seed
        Of the choice of rows.
    steps
        Sites to flip at the most, by default so many for each site.
    enough
        What a cover may count for the search to end with it.
    """
    n, m = by.shape
    columns = sparse.csr_array(by.T)
    cover = _Cover(
        rowptr=by.indptr,
        cols=by.indices,
        colptr=columns.indptr,
        rows=columns.indices,
        is_open=np.zeros(m, dtype=np.bool_),
        hits=np.zeros(n, dtype=np.int64),
        weight=np.ones(n, dtype=np.int64),
        score=np.diff(columns.indptr).astype(np.int64),
        bare=np.arange(n),
        place=np.arange(n),
        since=np.zeros(m, dtype=np.int64),
        fresh=np.ones(m, dtype=np.bool_),
    )
    best: NDArray[np.bool_] = _seek(
        cover, worth, STEPS_A_SITE * m if steps is None else steps, enough, seed % 2**32
    )
    return best


@compiled
def _seek(cover, worth, steps, enough, seed):
    """Close two sites of a cover, mend it at less than the best known, and again."""
    np.random.seed(seed)
    rowptr, cols, bare = cover.rowptr, cover.cols, cover.bare
    is_open, fresh, since = cover.is_open, cover.fresh, cover.since
    weight, score = cover.weight, cover.score
    best = np.ones(len(worth), dtype=np.bool_)
    least = worth.sum()
    total = 0.0
    left = len(bare)
    latest = -1
    for step in range(1, steps + 1):
        while left > 0:
            r = bare[np.random.randint(left)]
            found = -1
            for k in range(rowptr[r], rowptr[r + 1]):
                j = cols[k]
                if fresh[j] and (found < 0 or _beats(score, worth, since, j, found)):
                    found = j
            if found < 0 or (step > 1 and total + worth[found] >= least):
                break
            left = _flip(cover, found, left)
            total += worth[found]
            since[found] = step
            latest = found
            for i in range(left):
                r = bare[i]
                weight[r] += 1
                for k in range(rowptr[r], rowptr[r + 1]):
                    score[cols[k]] += 1
        closings = 1
        if left == 0:
            total = worth[is_open].sum()  # so that no rounding gathers
            if total <= least:
                least = total
                best[:] = is_open
                if least <= enough:
                    break
            closings = 2
        for _ in range(closings):
            out = -1
            for j in range(len(worth)):
                may_go = is_open[j] and j != latest
                if may_go and (out < 0 or _beats(score, worth, since, out, j)):
                    out = j
            if out >= 0:
                left = _flip(cover, out, left)
                total -= worth[out]
                since[out] = step
                fresh[out] = False
    return best


@compiled
def _beats(score, worth, since, one, other):
    """Tell whether a site gives more weight for its worth; of equals, that left alone longer."""
    more = score[one] * worth[other] - score[other] * worth[one]
    return more > 0.0 or (more == 0.0 and since[one] < since[other])


@compiled
def _flip(cover, site, left):
    """Open a closed site or close an open one; return how many rows are bare then."""
    rowptr, cols, bare, place = cover.rowptr, cover.cols, cover.bare, cover.place
    is_open, fresh, hits = cover.is_open, cover.fresh, cover.hits
    weight, score = cover.weight, cover.score
    is_open[site] = not is_open[site]
    sign = 1 if is_open[site] else -1
    alone = 1 if is_open[site] else 0  # the count at which a row is covered first, or bare again
    for q in range(cover.colptr[site], cover.colptr[site + 1]):
        r = cover.rows[q]
        hits[r] += sign
        turned = hits[r] == alone
        shared = hits[r] == alone + 1  # one other site covers it: it is needed less, or more
        for k in range(rowptr[r], rowptr[r + 1]):
            j = cols[k]
            if j == site:
                continue
            fresh[j] = True
            if turned or (shared and is_open[j]):
                score[j] -= sign * weight[r]
        if turned:
            left -= sign
            at = left if sign > 0 else left - 1
            other = bare[at]
            bare[place[r]], place[other] = other, place[r]
            bare[at], place[r] = r, at
    return left
