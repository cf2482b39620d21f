"""Large questions with places: plans and bounds that do not wait for a program over all pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from planner.engine.siting.models.capacity_program import (
    ServiceAim,
    capacity_of,
    rows_of,
    serve,
    site_worth,
    sizes_of,
)
from planner.engine.siting.models.capacity_start import (
    first_plan,
    search_of,
    served_enough,
)
from planner.engine.siting.models.undivided import settle_undivided
from planner.engine.siting.models.undivided_search import improve_undivided
from planner.engine.siting.models.without_places import bound_cost, bound_service
from planner.engine.siting.problem.inputs import Floats
from planner.engine.siting.problem.measures import host_cost
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.early_capacity import GreedyAllocation, GreedySearch
from planner.engine.siting.solver.location_benders import solve_by_benders
from planner.engine.siting.solver.program import Clock

LARGE = 20_000  # pairs from which the program over all of them is not what comes first
WRITE_S = 2e-6  # seconds that a program takes to be written, a pair
PROGRAM_S = 2e-5  # seconds, a pair, below which HiGHS makes nothing of it
DECOMPOSE_S = 4e-6  # seconds, a pair, below which Benders decomposition makes nothing of it
PLAN_SHARE, BOUND_SHARE, MOST_SHARE, NEARER_SHARE = 0.3, 0.5, 0.9, 0.3  # of the time left


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What is known before the program over all pairs.

    Parameters
    ----------
    known
        A plan, if there is one.
    bound
        On the model's objective.
    is_last
        Whether that is the answer: no time is left for the program, or none is needed.
    infeasible
        Whether it is sure that there is no plan.
    """

    known: GreedyAllocation | None
    bound: float
    is_last: bool
    infeasible: bool = False


def begin(
    question: SitingProblem, aim: ServiceAim, beyond: float | None, unit: float, clock: Clock
) -> Begun:
    """Return a plan and a bound, by which large questions are answered where time is short.

    Parameters
    ----------
    question, aim
        The question, equal demand merged where it may be divided, and what serving counts.
    beyond
        What a unit left unserved counts where the least metric is sought; None if all must be.
    unit
        A step of which the objective is a multiple, zero if there is none.
    clock
        Time left.

    Returns
    -------
    What is known.
    """
    search = None if question.floors else search_of(question, aim)
    known = None if search is None else first_plan(question, aim, search)
    bound = loosest(question, aim, beyond)
    if not is_large(question):
        is_last = known is not None and too_short(question, clock)
        return Begun(known=known, bound=bound, is_last=is_last)
    large = _Large(question, aim, beyond, search, known, bound, clock)
    if aim.fewest:
        large.bound_cost(unit)
    else:
        if not aim.most:
            large.serve_nearer()
        alone = aim.most or bool(question.floors) or question.preference is not None
        alone = alone or clock.left() < DECOMPOSE_S * question.reach.nnz
        large.bound_service(BOUND_SHARE if aim.most or not alone else MOST_SHARE)
        if not alone:
            large.decompose()
    if large.infeasible:
        return Begun(known=None, bound=bound, is_last=True, infeasible=True)
    done = large.done and question.preference is None  # which chooses among plans as good
    short = too_short(question, clock)
    if not done and short and (aim.most or aim.fewest) and large.known is not None:
        large.improve(clock)
    elif not done:  # HiGHS is all that is left to try
        short = large.known is not None and clock.left() < WRITE_S * question.reach.nnz
    return Begun(known=large.known, bound=large.bound, is_last=done or short)


def is_large(question: SitingProblem) -> bool:
    """Return whether searches and bounds of our own come before the program over all pairs.

    Parameters
    ----------
    question
        The question.

    Returns
    -------
    True if they do.
    """
    return question.reach.nnz > LARGE


def too_short(question: SitingProblem, clock: Clock) -> bool:
    """Return whether time is too short for HiGHS to make anything of a program over all pairs.

    Parameters
    ----------
    question
        The question.
    clock
        Time left.

    Returns
    -------
    True if only searches and bounds of our own are worth it.
    """
    pair_s = PROGRAM_S if is_large(question) else WRITE_S
    return clock.left() < pair_s * question.reach.nnz


def loosest(question: SitingProblem, aim: ServiceAim, beyond: float | None) -> float:
    """Return a bound on the objective at once: all are served where it counts best.

    Parameters
    ----------
    question, aim, beyond
        As for `begin`.

    Returns
    -------
    The bound.
    """
    if aim.fewest:
        return float(site_worth(question)[question.always].sum())
    none = 0.0 if aim.most or beyond is not None else np.inf
    best = np.full(len(question.weight), none)
    each = np.maximum if aim.most else np.minimum
    each.at(best, rows_of(question), np.where(aim.usable, aim.worth, none))
    left_out = 0.0 if beyond is None else beyond
    wanted = question.wanted
    return float((best[wanted] + left_out) @ question.weight[wanted])


def spent(question: SitingProblem, taken: NDArray[np.bool_]) -> float:
    """Return what is spared where least cost is sought: of sites, their sizes and their hosts.

    Parameters
    ----------
    question
        The question.
    taken
        Which sizes (k) a plan takes.

    Returns
    -------
    The sum.
    """
    sizes, is_open = sizes_of(question), question.always.copy()
    is_open[sizes.site[taken]] = True
    own = float(site_worth(question) @ is_open) + float(sizes.cost[taken].sum())
    return own + host_cost(question, is_open)


class _Large:
    """The best plan so far of a large question, and its bound."""

    def __init__(  # noqa: PLR0917
        self,
        question: SitingProblem,
        aim: ServiceAim,
        beyond: float | None,
        search: GreedySearch | None,
        known: GreedyAllocation | None,
        bound: float,
        clock: Clock,
    ) -> None:
        self._question, self._aim, self._beyond = question, aim, beyond
        self._search, self._clock = search, clock
        self.known, self.bound, self.done, self.infeasible = known, bound, False, False

    def bound_cost(self, unit: float) -> None:
        """Better the plan for some time, then raise the bound on its cost.

        Parameters
        ----------
        unit
            A step of which every plan's cost is a multiple, zero if there is none.
        """
        self.improve(self._clock.part(PLAN_SHARE))
        target = np.inf if self.known is None else spent(self._question, self.known.taken)
        early = self._clock.part(BOUND_SHARE)
        found = bound_cost(self._question, self._aim, target, unit, early)
        self.bound = max(self.bound, found)
        self.done = target - self.bound < max(unit * (1 - 1e-6), 1e-9)

    def bound_service(self, share: float) -> None:
        """Bound the objective without places, and try the plan that is best without them.

        Parameters
        ----------
        share
            Share of the time left, from 0 to 1.
        """
        question, aim = self._question, self._aim
        early = self._clock.part(share)
        found, is_open = bound_service(question, aim, self._beyond, early)
        self.bound = min(self.bound, found) if aim.most else max(self.bound, found)
        if is_open is None or self._search is None:
            return
        sizes = sizes_of(question)
        begun = np.zeros(len(sizes.site), dtype=bool)
        order = np.lexsort((-sizes.capacity, sizes.cost, sizes.site))
        first = np.append(True, np.diff(sizes.site[order]) > 0)
        begun[order[first]] = True  # the cheapest size of each site
        other = self._search.allocate(begun & is_open[sizes.site])
        other = None if other is None else served_enough(question, aim, other)
        if other is None:
            return
        if not aim.most:  # greed knows nothing of the metric
            self.known = self._whole(other)
        elif self.known is None or float((other.flow - self.known.flow) @ aim.worth) > 0.0:
            self.known = other

    def decompose(self) -> None:
        """Serve all, or those for whom it pays, at the least metric by Benders decomposition."""
        question, sizes = self._question, sizes_of(self._question)
        begun = None if self.known is None else self.known.taken
        found = solve_by_benders(
            question, sizes, self._clock, begun, bound=self.bound, beyond=self._beyond
        )
        self.infeasible, self.bound = found.infeasible, max(self.bound, found.bound)
        if found.taken is not None and (begun is None or (found.taken != begun).any()):
            flow = np.zeros(question.reach.nnz)
            self.known = self._whole(GreedyAllocation(taken=found.taken, flow=flow))
        self.done = found.taken is not None and not question.whole

    def improve(self, clock: Clock) -> None:
        """Better the plan by ruin and recreate, where that knows what serving counts.

        Parameters
        ----------
        clock
            Stops the work.
        """
        aim = self._aim
        if self._search is None or self.known is None or not (aim.most or aim.fewest):
            return
        if aim.fewest:
            cost = partial(spent, self._question)
            self.known = self._search.improve(self.known, clock, cost=cost)
        else:
            self.known = self._search.improve(self.known, clock, worth=aim.worth)

    def _whole(self, plan: GreedyAllocation) -> GreedyAllocation | None:
        """Return a plan with its demand served at the least metric, where it is not divided.

        The plan at hand where somebody does not fit.
        """
        question, aim = self._question, self._aim
        if not question.whole:
            return plan
        capacity = capacity_of(question, plan.taken)
        flow = serve(replace(question, floors=()), capacity, aim, self._clock)
        settled = settle_undivided(question, capacity, aim.worth, flow, aim.partial)
        if settled is None:
            return self.known
        settled = self._nearer(capacity, settled)
        cost = float(settled @ aim.worth)
        if self.known is not None and float(self.known.flow @ aim.worth) <= cost:
            return self.known
        return plan._replace(flow=settled)

    def serve_nearer(self) -> None:
        """Better who is served where by the first plan, in which greed knew nothing of the way."""
        if self.known is not None and self._question.whole:
            capacity = capacity_of(self._question, self.known.taken)
            self.known = self.known._replace(flow=self._nearer(capacity, self.known.flow))

    def _nearer(self, capacity: Floats, flow: Floats) -> Floats:
        question, aim = self._question, self._aim
        if question.floors:  # which may need somebody whom it pays to leave out
            return flow
        clock = self._clock.part(NEARER_SHARE)
        return improve_undivided(
            question, capacity, aim.worth, flow, partial=aim.partial, clock=clock
        )
