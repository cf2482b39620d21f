"""Early results of a p-center: a plan with all its sites, and a bound.

Whether so many sites can serve all within a level is a set cover. A search over covers finds plans,
and the program without whole numbers shows for which levels there can be none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.covering_rows import merge_rows
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.covering import seek_cover
from planner.engine.siting.solver.early import Needs, find_plan
from planner.engine.siting.solver.facility_location import most_sites
from planner.engine.siting.solver.program import Clock, Program

WORK, STEPS, MOST_STEPS = 2e7, 200, 50_000  # looks at entries of one search, and how many flips
FIRST_SHARE = 0.15  # of the time left that the search for one plan under rules may take
SURE = 1e-6  # by how much a bound on a number of sites must exceed it


@dataclass(frozen=True, kw_only=True)
class Early:
    """A plan (m), and the number of the first level that no bound excludes."""

    is_open: NDArray[np.bool_]
    low: int


def look_early(
    question: SitingProblem, value: Floats, levels: Floats, clock: Clock
) -> Early | None:
    """Return a plan with all its sites, and a bound, before any program with whole numbers.

    Parameters
    ----------
    question
        The question.
    value
        Separation of each pair, along ``question.reach.data``.
    levels
        Values that occur, in order.
    clock
        Time left.

    Returns
    -------
    early
        None if no plan was found.
    """
    center = _Center(question, value)
    if center.most_new < 0 or not len(levels):
        return None
    best = center.seek(float(levels[-1]), clock.part(FIRST_SHARE))
    if best is None:
        return None
    low, high = center.least(levels), center.number(levels, best)
    floor = low
    while floor < high and clock.left() > 0:
        middle = (floor + high) // 2
        plan = center.seek(float(levels[middle]), clock.part(FIRST_SHARE))
        if plan is None:
            floor = middle + 1
        else:
            best, high = plan, center.number(levels, plan)
    return Early(is_open=best, low=center.lowest(levels, low, high, clock))


def bound_early(
    question: SitingProblem, value: Floats, levels: Floats, top: int, clock: Clock
) -> int:
    """Return the number of the first level that no bound excludes.

    Parameters
    ----------
    question, value, levels, clock
        As for `look_early`.
    top
        Number of the level of a plan.

    Returns
    -------
    The number, never above that of the plan.
    """
    center = _Center(question, value)
    return center.lowest(levels, min(center.least(levels), top), top, clock)


def reach_early(question: SitingProblem) -> NDArray[np.bool_] | None:
    """Return a plan that reaches all that can be; that none is found proves nothing.

    Parameters
    ----------
    question
        The question; number and existing sites are its only rules.

    Returns
    -------
    Flags of the sites (m); None if no such plan was found.
    """
    center = _Center(question, question.reach.data)
    farthest = float(
        question.reach.data.max(initial=0.0)
    )  # who is not reached is farther than that
    return None if center.most_new < 0 else center.seek(farthest, Clock(0.0))


class _Center:
    """The covers of a p-center."""

    def __init__(self, question: SitingProblem, value: Floats) -> None:
        self._question, self._value = question, value
        self._col = question.reach.indices
        self._row = np.repeat(np.arange(len(question.demand)), np.diff(question.reach.indptr))
        self.most_new = most_sites(question)

    def number(self, levels: Floats, is_open: NDArray[np.bool_]) -> int:
        """Return the number of the level within which a plan serves all.

        Parameters
        ----------
        levels
            Values that occur, in order.
        is_open
            Which sites (m) are open.
        """
        nearest = self._nearest(is_open)
        return int(np.searchsorted(levels, nearest[self._question.wanted].max(initial=0.0)))

    def least(self, levels: Floats) -> int:
        """Return the number of the level below which some demand has no site at all.

        Parameters
        ----------
        levels
            Values that occur, in order.
        """
        return self.number(levels, np.ones(len(self._question.sites), dtype=bool))

    def seek(self, level: float, clock: Clock) -> NDArray[np.bool_] | None:
        """Return a plan that serves all within a level; that none is found proves nothing.

        Parameters
        ----------
        level
            The level.
        clock
            Ends the search where there are further rules.
        """
        cover = self._cover(level)
        if cover is None:
            return None
        by, sites = cover
        if not self._question.plain:
            end = by.tocoo()
            shape = (by.shape[0], len(self._question.sites))
            must = sparse.coo_array((end.data, (end.coords[0], sites[end.coords[1]])), shape)
            return find_plan(self._question, Needs(must=must.tocsr()), clock)
        is_open = self._question.always.copy()
        if by.shape[0]:
            n, m = by.shape
            flip = (by.nnz / n) * (by.nnz / m)
            steps = int(np.clip(WORK / flip, STEPS, MOST_STEPS))
            found = seek_cover(
                by, np.ones(m), self._question.seed, steps=steps, enough=float(self.most_new)
            )
            if found.sum() > self.most_new:
                return None
            is_open[sites[found]] = True
        return is_open

    def lowest(self, levels: Floats, low: int, top: int, clock: Clock) -> int:
        """Return the number of the first level, from one to another, that no bound excludes.

        Parameters
        ----------
        levels
            Values that occur, in order.
        low, top
            Numbers of levels: all below the one are excluded, the other is not.
        clock
            Time left.
        """
        while low < top and clock.left() > 0:
            middle = (low + top) // 2
            if self.excluded(float(levels[middle]), clock):
                low = middle + 1
            else:
                top = middle
        return low

    def excluded(self, level: float, clock: Clock) -> bool:
        """Return whether it is sure that no plan serves all within a level.

        Parameters
        ----------
        level
            The level.
        clock
            Time left.
        """
        cover = self._cover(level)
        if cover is None:
            return True
        by, _ = cover
        if not by.shape[0]:
            return False
        program = Program(maximise=False)
        sites = program.columns(by.shape[1], worth=1.0)
        program.rows((sites, by), low=1.0)
        answer = program.solve(time_limit_s=clock.left(), seed=self._question.seed)
        if answer.prices is None:
            return False
        # Prices of rows that no site gathers more than 1 of bound the number of sites.
        price = np.maximum(answer.prices, 0.0)
        most = float((by.T @ price).max(initial=0.0))
        return float(price.sum()) / max(most, 1.0) > self.most_new + SURE

    def _nearest(self, is_open: NDArray[np.bool_]) -> Floats:
        nearest = np.full(len(self._question.demand), np.inf)
        usable = is_open[self._col]
        np.minimum.at(nearest, self._row[usable], self._value[usable])
        return nearest

    def _cover(self, level: float) -> tuple[sparse.csr_array, Ints] | None:
        """Return which free sites serve whom within a level, without what is served already.

        None if some demand has no site within it.
        """
        question = self._question
        free = np.flatnonzero(~question.always)
        undone = question.wanted & (self._nearest(question.always) > level)
        near = (self._value <= level) & undone[self._row] & ~question.always[self._col]
        number = np.cumsum(~question.always) - 1
        ends = (self._row[near], number[self._col[near]])
        shape = (len(undone), len(free))
        by = sparse.coo_array((np.ones(len(ends[0])), ends), shape=shape).tocsr()
        if (np.diff(by.indptr)[undone] == 0).any():
            return None
        by.sort_indices()
        return merge_rows(by, np.ones(len(undone)), np.flatnonzero(undone)).by, free
