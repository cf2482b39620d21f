"""The cheapest cover and its proof: a local search for the plan, HiGHS for the bound.

A good cover known beforehand spares the proof most of its work, and where the proof is out of reach
the search finds what HiGHS does not.
"""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN202, NPY002, PLR0917

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.jit import compiled, compiled_part
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.solver.cover_bound import bound_cover, is_worth_bounding
from planner.engine.siting.solver.program import Clock, Program
from planner.engine.siting.solver.written_out import copy_into

STEPS_A_SITE = 50  # of one piece of the search
MOST_WORK = 50_000_000  # entries that a piece looks at, at most: a tenth of a second or two
BOUND_SHARE = 0.3  # of the time, for prices that bound, where the program is large
FIRST_SHARE = 0.1  # of the time, before the search goes on where HiGHS is not done
MORE_SHARE, MORE_PIECES = 0.4, 400


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


def least_cover(
    by: sparse.csr_array, worth: Floats, seed: int, unit: float, clock: Clock
) -> tuple[NDArray[np.bool_], float]:
    """Return the cheapest cover found, and a lower bound on any.

    HiGHS proves most questions of a district at once. Where it does not, the search goes on, and
    HiGHS begins anew from what it found.

    Parameters
    ----------
    by, worth, seed
        As in `seek_cover`.
    unit
        A step of which every cover's worth is a multiple, zero if there is none.
    clock
        Time left.

    Returns
    -------
    Sites opened (m), and the bound.
    """
    program = Program(maximise=False)
    sites = program.columns(len(worth), worth=worth, whole=True)
    program.rows((sites, by), low=1.0)
    known, bound = seek_cover(by, worth, seed), 0.0
    if is_worth_bounding(by):
        bound = bound_cover(by, worth, float(worth @ known), clock.part(BOUND_SHARE), unit=unit)
    for pieces, share in ((0, FIRST_SHARE), (MORE_PIECES, 1.0)):
        if pieces:
            until = clock.part(MORE_SHARE)
            enough = bound + unit * (1.0 - 1e-6)
            known = seek_cover(
                by, worth, seed, start=known, enough=enough, pieces=pieces, clock=until
            )
        least = float(worth @ known)
        time = clock.left() * share
        answer = program.solve(
            time_limit_s=time,
            seed=seed,
            unit=unit,
            start=(sites, known.astype(np.float64)),
        )
        bound = max(bound, answer.bound)
        if answer.point is not None and answer.objective < least:
            known = answer.point[sites] > 0.5
            least = float(worth @ known)
        if least - bound < max(unit * (1.0 - 1e-6), 1e-9) or clock.left() <= 0:
            break
    return known, bound


def seek_cover(
    by: sparse.csr_array,
    worth: Floats,
    seed: int,
    *,
    start: NDArray[np.bool_] | None = None,
    steps: int | None = None,
    enough: float = -np.inf,
    pieces: int = 1,
    clock: Clock | None = None,
) -> NDArray[np.bool_]:
    """Return a cover of every row that counts little, found by row weighting (Gao et al. 2015).

    Parameters
    ----------
    by
        Which sites cover each row: ones (r x m), no row empty.
    worth
        What opening each site (m) counts, none below zero.
    seed
        Of the choice of rows.
    start
        A cover (m) to better; by default one is made.
    steps
        Sites to flip in a piece at the most, by default so many for each site.
    enough
        What a cover may count for the search to end with it.
    pieces
        How long to search.
    clock
        Stops the search between pieces.

    Returns
    -------
    Flags of the sites (m).
    """
    n, m = by.shape
    columns = sparse.csr_array(by.T)
    cover = _Cover(
        rowptr=by.indptr.astype(np.int64),
        cols=by.indices.astype(np.int32),
        colptr=columns.indptr.astype(np.int64),
        rows=columns.indices.astype(np.int32),
        is_open=np.zeros(m, dtype=np.bool_),
        hits=np.zeros(n, dtype=np.int64),
        weight=np.ones(n, dtype=np.int64),
        score=np.diff(columns.indptr).astype(np.int64),
        bare=np.arange(n),
        place=np.arange(n),
        since=np.zeros(m, dtype=np.int64),
        fresh=np.ones(m, dtype=np.bool_),
    )
    best = np.ones(m, dtype=np.bool_) if start is None else start.copy()
    left = n
    each = STEPS_A_SITE * m if steps is None else steps
    for piece in range(pieces):
        first, number = 1 + piece * each, (seed * 1_000 + piece) % 2**32
        left = _seek(cover, worth, best, left, first, each, MOST_WORK, enough, number)
        if worth[best].sum() <= enough or (clock is not None and clock.left() <= 0):
            break
    return best


@compiled
def _seek(cover, worth, best, left, first, steps, most, enough, seed):
    """Close two sites of a cover, mend it at less than the best known, and again.

    ``left`` rows are bare to begin with; ``best`` is changed in place. Returns how many are bare in
    the end, for the next piece.
    """
    np.random.seed(seed)
    rowptr, cols, bare = cover.rowptr, cover.cols, cover.bare
    is_open, fresh, since = cover.is_open, cover.fresh, cover.since
    weight, score = cover.weight, cover.score
    each = len(cols) // max(len(weight), 1) + 1  # sites of a row
    least = worth[best].sum()
    total = worth[is_open].sum()
    latest = -1
    work = 0
    for step in range(first, first + steps):
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
            work += (cover.colptr[found + 1] - cover.colptr[found]) * each
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
                copy_into(best, is_open)
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
                work += (cover.colptr[out + 1] - cover.colptr[out]) * each
                total -= worth[out]
                since[out] = step
                fresh[out] = False
        if work > most:
            break
    return left


@compiled_part
def _beats(score, worth, since, one, other):
    """Return whether a site gives more weight for its worth; of equals, that left alone longer."""
    more = score[one] * worth[other] - score[other] * worth[one]
    return more > 0.0 or (more == 0.0 and since[one] < since[other])


@compiled_part
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
