"""The p-center with capacities: all are served, the farthest as near as can be, by bisection."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.engine.siting.models.capacity import (
    LEAST_FLOW,
    merge_alike,
    solution_of,
    why_not_all,
)
from planner.engine.siting.models.capacity_large import is_large, too_short
from planner.engine.siting.models.capacity_program import (
    ServiceAim,
    capacity_of,
    read_plan,
    rows_of,
    serve,
    solve_flow,
    write_program,
)
from planner.engine.siting.models.capacity_start import opened, search_of, served_enough
from planner.engine.siting.models.center import bound_early
from planner.engine.siting.models.without_places import without_places
from planner.engine.siting.problem.inputs import Floats
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.problem.result import Solution, heed_preference
from planner.engine.siting.solver.early_capacity import GreedyAllocation
from planner.engine.siting.solver.location_program import point_of
from planner.engine.siting.solver.program import Clock
from planner.errors import NoPlanError, fail

NEAR = 1e-9  # share of all weight that rounding may leave unserved
BOUND_SHARE, LEVEL_SHARE = 0.4, 0.25  # of the time left, that a level may take at first


class LevelPlan(NamedTuple):
    """Sites (m) and sizes (k) of a plan, the number of its level, whether preference is settled."""

    is_open: NDArray[np.bool_]
    taken: NDArray[np.bool_]
    number: int
    is_settled: bool


def center_with_capacity(question: SitingProblem, clock: Clock, value: Floats) -> Solution:
    """Serve all that can be reached, the farthest as near as can be, by bisection.

    A level for which there is no time is left for later; that it could be kept is then still open.

    Parameters
    ----------
    question, clock
        The question, and the time left.
    value
        Separation of each pair, along ``question.reach.data``; weightless demand takes no place.

    Returns
    -------
    The answer, with who is served where.

    Raises
    ------
    NoPlanError
        If no sites can serve all: with what stands in the way, where that is known.
    """
    levels = np.unique(np.append(0.0, value[question.wanted[rows_of(question)]]))
    search = _Levels(question, value, levels, clock)
    best = search.find(np.inf, 1.0)
    if best is None:
        raise why_not_all(*merge_alike(question, search.aim(np.inf)))
    search.has_plan = True
    low, high, share = 0, best.number, 1.0
    if is_large(question):
        # Without places as many sites serve all as near at least: what is excluded then is now.
        early = clock.part(BOUND_SHARE)
        low = bound_early(without_places(question), value, levels, high, early)
        share = LEVEL_SHARE
    open_from = low
    while low < high and clock.left() > 0:
        middle = (open_from + high) // 2
        try:
            better = search.find(float(levels[middle]), share)
        except NoPlanError:
            open_from = middle + 1
        else:
            if better is None:
                low = open_from = middle + 1
            else:
                best, high = better, better.number
        if open_from >= high:
            if share == 1.0:  # what had all the time there was will have no more
                break
            open_from, share = low, 1.0
    if question.preference is not None and question.give_up:
        further = None
        with suppress(NoPlanError):  # no time was left
            further = search.find(float(levels[best.number]) * (1 + question.give_up), 1.0)
        best = further or best._replace(is_settled=False)
    is_open, taken, number, is_settled = best
    is_settled &= question.preference is None or low >= high
    if question.preference is not None:  # whose plan may serve all from nearer than it was let
        number = search.least(capacity_of(question, taken), low, number)
    farthest = float(levels[number])
    served = serve(question, capacity_of(question, taken), search.aim(farthest), clock)
    objective = float(value[served > LEAST_FLOW].max(initial=0.0))
    bound = min(float(levels[low]), objective)
    found = solution_of(question, is_open, taken, served, objective=objective, bound=bound)
    return heed_preference(found, is_settled)


class _Levels:
    """Plans that serve all within a level."""

    def __init__(
        self, question: SitingProblem, value: Floats, levels: Floats, clock: Clock
    ) -> None:
        self._question, self._value = question, value
        self._levels, self._clock = levels, clock
        self.has_plan = False

    def aim(self, level: float) -> ServiceAim:
        """Return what serving within a level counts: nothing, as long as all are served.

        Parameters
        ----------
        level
            Separation within which all are to be served.
        """
        value = self._value
        return ServiceAim(most=False, worth=np.zeros(len(value)), share=1.0, usable=value <= level)

    def find(self, level: float, share: float) -> LevelPlan | None:
        """Return a plan's sites, sizes and level, None if there is none; take a share of the time.

        Parameters
        ----------
        level
            Separation within which all are to be served.
        share
            Share of the time left, from 0 to 1.

        Raises
        ------
        NoPlanError
            If time is too short to tell.
        """
        question, clock, within = self._question, self._clock.part(share), self.aim(level)
        merged, merged_aim = merge_alike(question, within)
        known, is_settled = None, True
        if question.preference is None:
            known = self._early(merged, merged_aim, clock)
        if known is not None:  # any plan will do
            taken, is_open = known.taken, opened(question, known)
        else:
            if self.has_plan and too_short(merged, clock):
                raise fail(NoPlanError, "siting.no_plan_in_time", value=question.time_limit_s)
            made = write_program(merged, merged_aim)
            answer = made.program.solve(time_limit_s=clock.left(), seed=question.seed)
            if answer.infeasible:
                return None
            point, is_settled = point_of(merged, answer, made.site, made.program, clock)
            is_open, taken = read_plan(question, made, point)
        served = serve(question, capacity_of(question, taken), within, clock)
        used = self._value[served > LEAST_FLOW].max(initial=0.0)
        return LevelPlan(is_open, taken, int(np.searchsorted(self._levels, used)), is_settled)

    def least(self, capacity: Floats, low: int, high: int) -> int:
        """Return the number of the least level, between two, within which a plan serves all.

        Parameters
        ----------
        capacity
            What each site (m) of the plan can serve, in people.
        low, high
            Numbers of levels; within the higher one the plan serves all.
        """
        question, any_site = self._question, np.ones(self._question.reach.nnz)
        everything = float(question.weight[question.wanted].sum())
        counts = question.wanted[rows_of(question)]
        while low < high and (self._clock.left() > 0 or not is_large(question)):
            middle, served = (low + high) // 2, 0.0
            within = self.aim(float(self._levels[middle]))
            with suppress(ArithmeticError):  # a floor is missed
                flow = solve_flow(question, capacity, within, worth=any_site, maximise=True)[1]
                served = float(flow[counts].sum())
            low, high = (low, middle) if served >= everything * (1 - NEAR) else (middle + 1, high)
        return high

    @staticmethod
    def _early(question: SitingProblem, aim: ServiceAim, clock: Clock) -> GreedyAllocation | None:
        """Return a plan without a program; that none is found proves nothing."""
        if question.floors:
            return None
        search = search_of(question, aim)
        found = search.allocate()
        if found is None:
            return None
        known = served_enough(question, aim, found)
        if known is None and is_large(question):
            known = served_enough(question, aim, search.improve(found, clock.part(0.5)))
        return known
