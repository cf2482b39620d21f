"""Plans with capacities: sites and sizes by greed, demand served as they open.

A plan is bettered by ruin and recreate (Schrimpf et al. 2000). That none is found proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.engine.siting.problem.choice import Sizes
from planner.engine.siting.problem.inputs import Floats
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver import early
from planner.engine.siting.solver.early import NOISE, RUINED, linear_rules
from planner.engine.siting.solver.early_moves import close_near
from planner.engine.siting.solver.greedy_kernels import ServingWays, open_and_fill, refill
from planner.engine.siting.solver.hosts import keeps_to_hosts
from planner.engine.siting.solver.program import Clock

SPARE = 5  # sites of a plan that are tried to be closed, each time


class GreedyAllocation(NamedTuple):
    """Sizes that a plan takes (k), and who is served where, along ``question.reach.data``."""

    taken: NDArray[np.bool_]
    flow: Floats


class GreedySearch:
    """Plans with capacities by greed, and better ones by ruin and recreate.

    Parameters
    ----------
    question, sizes
        The question and its sizes.
    usable
        Which pairs may be used, along ``question.reach.data``.
    enough
        Weight at which to stop opening.
    price
        What opening each site (m) counts beside its size, none if both are free.
    """

    def __init__(
        self,
        question: SitingProblem,
        sizes: Sizes,
        usable: NDArray[np.bool_],
        enough: float,
        price: Floats | None,
    ) -> None:
        self._question, self._sizes, self._price = question, sizes, price
        self._enough = enough
        reach, m = question.reach, len(question.sites)
        row = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
        entry = np.flatnonzero(usable & (question.weight[row] > 0))
        kept_row, kept_col = row[entry], reach.indices[entry]
        ways = np.bincount(kept_row, minlength=reach.shape[0])
        by_site = np.lexsort((ways[kept_row], kept_col))
        self._ways = ServingWays(
            rowptr=np.append(0, np.cumsum(ways)).astype(np.int64),
            cols=kept_col.astype(np.int64),
            colptr=np.append(0, np.cumsum(np.bincount(kept_col, minlength=m))).astype(np.int64),
            rows=kept_row[by_site].astype(np.int64),
            entry=entry[by_site].astype(np.int64),
            pair=entry.astype(np.int64),
        )
        self._standing = np.full(m, -1, dtype=np.int64)
        order = np.lexsort((-sizes.capacity, sizes.cost))[::-1]
        order = order[question.always[sizes.site[order]]]
        self._standing[sizes.site[order]] = order  # of existing sites the cheapest stands
        self._rules = linear_rules(question)
        budget = [i for i, limit in enumerate(question.limits) if limit.key == "budget"]
        self._budget = budget[0] if budget else -1

    def allocate(
        self, begun: NDArray[np.bool_] | None = None, favour: Floats | None = None
    ) -> GreedyAllocation | None:
        """Choose sites, and larger sizes, that serve most for what they cost, until it is enough.

        Parameters
        ----------
        begun
            Sizes (k) to begin with, one of a site at the most, beside what always stands.
        favour
            By what each site (m) seems to serve more than it does.

        Returns
        -------
        None if the plan breaks a rule.
        """
        question, sizes, m = self._question, self._sizes, len(self._question.sites)
        size_of = self._standing.copy()
        if begun is not None:
            size_of[sizes.site[begun]] = np.flatnonzero(begun)
        flow = np.zeros(question.reach.nnz)
        open_and_fill(
            self._ways,
            self._rules,
            self._budget,
            sizes.site.astype(np.int64),
            sizes.capacity.astype(np.float64),
            sizes.cost.astype(np.float64),
            np.zeros(m) if self._price is None else self._price,
            np.ones(m) if favour is None else favour,
            self._price is None,
            question.weight.astype(np.float64),
            question.whole,
            self._enough,
            size_of,
            flow,
        )
        taken = np.zeros(len(sizes.site), dtype=bool)
        taken[size_of[size_of >= 0]] = True
        return GreedyAllocation(taken=taken, flow=flow) if _keeps(question, sizes, taken) else None

    def improve(
        self,
        known: GreedyAllocation,
        clock: Clock,
        *,
        worth: Floats | None = None,
        cost: Callable[[NDArray[np.bool_]], float] | None = None,
        tries: int | None = None,
    ) -> GreedyAllocation:
        """Return a plan that serves no less, or costs no more: ruin and recreate.

        Some sites that serve the same demand are closed, or made as small as can be where they
        always stand, and greed goes on from there, with what sites serve a little wrong.

        Parameters
        ----------
        known
            A plan.
        clock
            Time left.
        worth
            What serving a unit counts, along ``question.reach.data``; by default 1.
        cost
            What sizes (k) count that serve enough, where that is to be small; without it the
            search ends where enough is served.
        tries
            How many plans to make; by default as many as there is time for.

        Returns
        -------
        The better plan, or that at hand.
        """
        question, m = self._question, len(self._question.sites)
        rng, nowhere = np.random.default_rng(question.seed), np.zeros(m, dtype=bool)

        def _rank(plan: GreedyAllocation) -> tuple[float, float]:
            served = float(plan.flow.sum() if worth is None else plan.flow @ worth)
            return min(served, self._enough), 0.0 if cost is None else -cost(plan.taken)

        best, stands = known, _rank(known)
        for _ in range(early.MOST_TRIES if tries is None else tries):
            if clock.left() <= 0 or (cost is None and stands[0] >= self._enough):
                break
            is_open = nowhere.copy()
            is_open[self._sizes.site[best.taken]] = True
            first, number = rng.integers([m, RUINED - 1])
            close_near(self._ways, nowhere, first, number + 2, is_open)
            begun = best.taken & is_open[self._sizes.site]
            other = self.allocate(begun, rng.uniform(1.0, NOISE, m))
            if other is not None and cost is not None:
                other = self._without_spare(other)
            if other is not None and (now := _rank(other)) >= stands:
                best, stands = other, now
        return best

    def _without_spare(self, plan: GreedyAllocation) -> GreedyAllocation:
        """Return a plan without those of its emptiest sites that it can do without."""
        question, sizes = self._question, self._sizes
        load = np.bincount(question.reach.indices, plan.flow, minlength=len(question.sites))
        may_go = np.flatnonzero(plan.taken & ~question.always[sizes.site])
        for k in may_go[np.argsort(load[sizes.site[may_go]], kind="stable")[:SPARE]]:
            taken = plan.taken.copy()
            taken[k] = False
            left_of = np.zeros(len(question.sites))
            left_of[sizes.site[taken]] = sizes.capacity[taken]
            left, flow = question.weight.astype(np.float64), np.zeros(question.reach.nnz)
            served = refill(self._ways, left_of, left, question.whole, flow)
            if served >= self._enough and _keeps(question, sizes, taken):
                plan = GreedyAllocation(taken=taken, flow=flow)
        return plan


def _keeps(question: SitingProblem, sizes: Sizes, taken: NDArray[np.bool_]) -> bool:
    """Return whether sizes keep to every rule on sites and hosts, and to the budget with theirs.

    Greed begins with what always stands, which alone may cost more than there is, and may end
    before a rule has all the sites that it asks for.
    """
    is_open = np.zeros(len(question.sites), dtype=bool)
    is_open[sizes.site[taken]] = True
    if (question.always & ~is_open).any() or not keeps_to_hosts(question, is_open):
        return False
    paid = float(sizes.cost[taken].sum())
    if question.hosts is not None:
        used = np.unique(question.hosts.of[is_open & (question.hosts.of >= 0)])
        paid += float(question.hosts.cost[used].sum())
    for limit in question.limits:
        more = paid if limit.key == "budget" else 0.0
        if not replace(limit, low=limit.low - more, high=limit.high - more).holds(is_open):
            return False
    return True
