"""Checks of answers of the extremes and of fairness."""

from __future__ import annotations

from typing import Any

import numpy as np
from typing_extensions import override

from planner.engine.siting.models.fairness import Fair
from planner.engine.siting.verification.answer_check import NEAR
from planner.engine.siting.verification.plain_program import Numbers, Point
from planner.engine.siting.verification.plain_question import Terms
from planner.engine.siting.verification.plan_check import PlanCheck


class ExtremeCheck(PlanCheck):
    """The p-center and the p-dispersion: no plan is strictly better."""

    @override
    def write(self) -> None:
        part = self.part
        self.value = part.minutes * (part.weight[part.d] if self.asked.get("weighted") else 1.0)
        if self.has_capacity:
            part.add_served(self.flow, np.where(part.wanted, part.weight, 0.0), part.weight)

    def _apart(self) -> tuple[Numbers, Numbers, Point]:
        """Return pairs of sites with the metric between them, each as often as the table has it."""
        part = self.part
        one = part.sites.get_indexer(part.demand[part.d]).astype(np.int64)
        known = (one >= 0) & (one != part.s)
        return one[known], part.s[known], part.minutes[known]

    def _keep_to(self, limit: float) -> None:
        """Add that nobody is farther than a limit, or that no two sites are nearer."""
        part = self.part
        if not self.least:
            a, b, apart = self._apart()
            close = np.flatnonzero(apart < limit)
            row = np.tile(np.arange(len(close)), 2)
            column = part.open[np.concatenate([a[close], b[close]])]
            self.program.many("apart", close, (row, column, 1.0), high=1.0)
            return
        near = (self.value <= limit) & part.wanted[part.d]
        if self.has_capacity:
            far = self.flow[~near & part.wanted[part.d]]
            self.program.rule("near", limit, [(far, 1.0)], high=0.0)
            return
        number = np.cumsum(part.wanted) - 1
        entries = (number[part.d[near]], part.open[part.s[near]], 1.0)
        self.program.many("near", part.demand[part.wanted], entries, 1.0)

    @override
    def figures(self, point: Point) -> tuple[float, float]:
        """Return the extreme distance, measured anew, and the weight reached.

        Parameters
        ----------
        point
            Values of all variables.

        Returns
        -------
        Extreme distance and weight.
        """
        part, reached = self.part, super().figures(point)[1]
        if not self.least:
            a, b, apart = self._apart()
            both = (point[part.open[a]] > 0.5) & (point[part.open[b]] > 0.5)
            return float(apart[both].min(initial=np.inf)), reached
        used = point[part.open[part.s]] > 0.5
        if self.has_capacity:
            used = point[self.flow] > NEAR
            return float(self.value[used].max(initial=0.0)), reached
        near = np.full(len(part.demand), np.inf)
        np.minimum.at(near, part.d[used], self.value[used])
        return float(near[part.wanted].max(initial=0.0)), reached

    @override
    def optimum(self, nodes: int) -> float | None:
        """Return the answer's own figure if no plan is better by more than rounding; else note it.

        Parameters
        ----------
        nodes
            Nodes of the branch and bound after which HiGHS gives up.

        Returns
        -------
        The answer's own figure; None where HiGHS does not settle it.
        """
        mine, away = self.figures(self.at)[0], NEAR / 10 if self.least else -NEAR / 10
        if not np.isfinite(mine) or (self.least and mine <= 0):
            return mine
        if self.is_preferred and not self.asked.get("give_up"):
            self._keep_to(mine * (1 + away))
            self.check_points(nodes)
        self._keep_to(np.nextafter(mine * (1 - away), -np.inf if self.least else np.inf))
        better = self.program.best(np.zeros(self.program.n), nodes=nodes)
        if better is None:
            return None
        if np.isfinite(better) and self.status == "optimal" and not self.asked.get("give_up"):
            self.note("siting.verify_optimum", value=mine, best=f"< {mine}")
        return mine


class CenterCheck(ExtremeCheck):
    """The p-center: nobody who can be reached is farther than the farthest is."""

    least = True


class DispersionCheck(ExtremeCheck):
    """The p-dispersion: just so many sites, the nearest two as far apart as can be."""

    exactly = True

    @override
    def stated_covered(self) -> float:
        part, point = self.part, self.point()  # weights of sites are not what it is about
        return float(part.weight[part.hits(point) > 0].sum())


class FairCheck(PlanCheck):
    """A fair plan: first the worst-off group, or the spread of all, then all people."""

    def __init__(self, answer: Fair, table: Any, demand: Any) -> None:
        self.fair = answer
        super().__init__(answer.plan, table, demand, answer.asked)

    @override
    def write(self) -> None:
        part, groups, asked = self.part, self.asked["groups"], self.asked
        everyone = np.arange(len(part.demand))
        if self.has_capacity:
            part.add_served(self.flow, 0.0, part.weight)
        self.terms = self.reached(everyone)
        of = groups.reindex(part.demand)
        self.groups = []
        for name in of.dropna().unique():
            inside = np.flatnonzero((of == name).to_numpy())
            if (part.weight[inside] * part.wanted[inside]).sum() > 0:
                self.groups.append((name, inside))
        self.worst, self.best = self.program.variables(2, whole=False)
        for name, inside in self.groups:
            size = float(part.weight[inside].sum())
            if self.has_capacity:
                terms: Terms = [(self.flow[np.isin(part.d, inside)], 1.0 / size)]
            else:
                covered = self.terms[0][0]
                terms = [(covered[inside], part.weight[inside] / size)]
            low, high = np.array([self.worst]), np.array([self.best])
            self.program.rule("worst", name, [*terms, (low, -1.0)], low=0.0)
            self.program.rule("best", name, [*terms, (high, -1.0)], high=0.0)
        spread = asked.get("spread")
        if spread is not None:
            ends: Terms = [(np.array([self.best]), 1.0), (np.array([self.worst]), -1.0)]
            self.program.rule("spread", spread, ends, high=spread)
            covered = self.terms[0][0]
            each = np.arange(len(part.d))
            row, column = np.tile(each, 2), np.concatenate([covered[part.d], part.open[part.s]])
            sign = np.repeat([1.0, -1.0], len(each))
            self.program.many("told", each, (row, column, sign), 0.0)

    @override
    def point(self) -> Point:
        point = super().point()
        shares = []
        for _, inside in self.groups:
            weight = self.part.weight[inside]
            if self.has_capacity:
                got = point[self.flow[np.isin(self.part.d, inside)]].sum()
            else:
                got = weight @ point[self.terms[0][0][inside]]
            shares.append(float(got / weight.sum()))
        point[self.worst], point[self.best] = min(shares), max(shares)
        return point

    @override
    def optimum(self, nodes: int) -> float | None:
        """Return the most people covered, once no plan covers the worst-off group better.

        Parameters
        ----------
        nodes
            Nodes of the branch and bound after which HiGHS gives up.

        Returns
        -------
        The best objective; None where HiGHS does not settle it.
        """
        if self.asked.get("spread") is None:
            worth = np.zeros(self.program.n)
            worth[self.worst] = -1.0
            most = self.program.best(worth, nodes=nodes)
            if most is None:
                return None
            if self.at[self.worst] < -most - NEAR:
                if self.status == "optimal":
                    worst = float(self.at[self.worst])
                    self.note("siting.verify_worst", value=worst, best=-most)
                return None
            floor = float(self.at[self.worst]) * (1 - NEAR / 10)
            self.program.rule("floor", "worst", [(np.array([self.worst]), 1.0)], low=floor)
        return super().optimum(nodes)
