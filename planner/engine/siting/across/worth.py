"""What plans of a district are worth, and the best one where a price is charged for its cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.models.covering import share_kept
from planner.engine.siting.problem.covering_rows import entries_of, merge_rows
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.measures import reached_by
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.infeasibility import contradiction
from planner.engine.siting.solver.location_program import add_sites, identity, plan_of
from planner.engine.siting.solver.program import Clock, Program


@dataclass(frozen=True, kw_only=True)
class ServiceWorth:
    """A question whose plans are worth the sum of what each demand gains by its best open site.

    Parameters
    ----------
    question
        The question in arrays, without a limit on cost or number.
    cost
        What each site (m) costs the whole.
    gain
        What a demand gains by a site, along ``question.reach.data``.
    without
        What each demand (n) is worth without a site.
    times
        How many open sites have to reach a demand for it to count.
    all_served
        Whether all demand that can be reached has to be.
    """

    question: SitingProblem
    cost: Floats
    gain: Floats
    without: Floats
    times: int = 1
    all_served: bool = False

    def of(self, is_open: NDArray[np.bool_]) -> float:
        """Return what a plan is worth.

        Parameters
        ----------
        is_open
            Which sites (m) are open.
        """
        question = self.question
        if self.times > 1:
            return float(question.weight[reached_by(question, is_open, self.times)].sum())
        best = self.without.copy()
        row, at = entries_of(question.reach, is_open)
        np.maximum.at(best, row, self.gain[at])
        return float(best.sum())

    def serves(self, is_open: NDArray[np.bool_]) -> bool:
        """Return whether a plan serves all whom it has to.

        Parameters
        ----------
        is_open
            Which sites (m) are open.
        """
        reached = reached_by(self.question, is_open)
        return not self.all_served or not (self.question.wanted & ~reached).any()

    def cheapest(self) -> tuple[NDArray[np.bool_], float]:
        """Return a plan that costs least of those that keep to the rules, and a bound on its cost.

        Raises
        ------
        NoPlanError
            If there is none.
        """
        program, clock = Program(maximise=True), Clock(self.question.time_limit_s)
        sites = add_sites(program, self.question, worth=-self.cost)
        self._serve(program, sites)
        answer = program.solve(time_limit_s=clock.left(), seed=self.question.seed)
        if answer.infeasible:
            raise contradiction(self.question, self._must())
        is_open, _ = plan_of(self.question, answer, sites, program, clock)
        return is_open, -answer.bound

    def priced(self, price: float) -> tuple[NDArray[np.bool_] | None, float]:
        """Return the best plan where a unit of cost is charged, and a bound on any.

        Parameters
        ----------
        price
            What a unit of cost takes off a plan's worth.

        Returns
        -------
        The plan, None if none was found in time; no plan's worth less the price of its cost is
        above the bound.

        Raises
        ------
        NoPlanError
            If there is none.
        """
        question, clock = self.question, Clock(self.question.time_limit_s)
        program = Program(maximise=True)
        sites = add_sites(program, question, worth=-price * self.cost)
        self._serve(program, sites)
        flat = np.array_equal(self.gain, question.weight[self._row()])
        base = self._add_cover(program, sites) if flat else self._add_service(program, sites)
        answer = program.solve(time_limit_s=clock.left(), seed=question.seed)
        if answer.infeasible:
            raise contradiction(question, self._must())
        found = None if answer.point is None else np.asarray(answer.point[sites] > 0.5)
        return found, base + answer.bound

    def _row(self) -> Ints:
        reach = self.question.reach
        return np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))

    def _must(self) -> sparse.csr_array | None:
        if not self.all_served:
            return None
        question = self.question
        rows = merge_rows(question.reach, question.weight, np.flatnonzero(question.wanted))
        return rows.by

    def _serve(self, program: Program, sites: Ints) -> None:
        must = self._must()
        if must is not None:
            program.rows((sites, must), low=1.0)

    def _add_cover(self, program: Program, sites: Ints) -> float:
        """Add what covering counts, and return what counts in every plan."""
        question, times = self.question, self.times
        done = reached_by(question, question.always, times)
        able = reached_by(question, np.ones(len(question.sites), dtype=bool), times)
        rows = merge_rows(question.reach, question.weight, np.flatnonzero(able & ~done))
        covered = program.columns(len(rows.weight), worth=rows.weight, whole=times > 1)
        program.rows((sites, rows.by), (covered, -times * identity(len(covered))), low=0.0)
        return float(question.weight[done].sum())

    def _add_service(self, program: Program, sites: Ints) -> float:
        """Add what being served by a nearer site counts, and return what counts in every plan."""
        question, row = self.question, self._row()
        reach, always = question.reach, question.always
        base = self.without.copy()
        settled = always[reach.indices]
        np.maximum.at(base, row[settled], self.gain[settled])
        more = self.gain - base[row]
        entry = np.flatnonzero(~settled & (more > 0))
        served = program.columns(len(entry), worth=more[entry])
        number, ones = np.arange(len(entry)), np.ones(len(entry))
        opened = sparse.coo_array(
            (ones, (number, reach.indices[entry])), (len(entry), len(sites))
        ).tocsr()
        program.rows((sites, opened), (served, -identity(len(entry))), low=0.0)
        once = sparse.coo_array((ones, (row[entry], number)), (len(base), len(entry))).tocsr()
        program.rows((served, once[np.flatnonzero(np.diff(once.indptr))]), high=1.0)
        return float(base.sum())


def worth_of(question: SitingProblem, cost: Floats, own: Mapping[str, Any]) -> ServiceWorth:
    """Return what plans of a question are worth.

    Parameters
    ----------
    question
        The question; its ``model`` says what counts.
    cost
        What each site (m) costs the whole.
    own
        The model's own parameters.

    Returns
    -------
    For covering the weight covered, for the p-median the weighted minutes with a minus.
    """
    reach, weight = question.reach, question.weight
    row = np.repeat(np.arange(len(weight)), np.diff(reach.indptr))
    if question.model != "p_median":
        decay, gain = own.get("decay"), weight[row]
        if decay is not None:
            gain = gain * share_kept(decay, reach.data)
        return ServiceWorth(
            question=question, cost=cost, gain=gain, without=np.zeros(len(weight)),
            times=int(own.get("times") or 1),
        )  # fmt: skip
    gain, beyond = -weight[row] * reach.data, own.get("beyond")
    if beyond is not None:
        without = np.where(question.reached, -weight * float(beyond), 0.0)
    else:
        without = np.zeros(len(weight))
        np.minimum.at(without, row, gain)
    return ServiceWorth(
        question=question, cost=cost, gain=gain, without=without, all_served=beyond is None
    )
