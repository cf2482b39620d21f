"""Checks of answers that are one plan: covering, gradual covering, set covering, the p-median."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from typing_extensions import override

from planner.engine.siting.problem.result import Solution
from planner.engine.siting.verification.answer_check import NEAR, AnswerCheck
from planner.engine.siting.verification.plain_program import Numbers, Point
from planner.engine.siting.verification.plain_question import PlainQuestion, Terms


class PlanCheck(AnswerCheck):
    """Check of an answer that is one plan; subclasses add the objective of their model."""

    exactly = False  # whether just as many sites must be chosen as are asked for

    def __init__(self, answer: Solution, table: Any, demand: Any, asked: Any = None) -> None:
        super().__init__()
        self.answer, self.asked = answer, answer.asked if asked is None else asked
        self.stated, self.bound, self.status = answer.objective, answer.bound, answer.status
        self.part = PlainQuestion(self.program, table, demand, self.asked)
        self.parts = [self.part]
        self.part.add_rules(exactly=self.exactly)
        self.filled: list[tuple[Numbers, Any]] = []
        self.flow = np.zeros(0, dtype=np.int64)
        self.has_capacity = len(self.part.size) > 0
        if self.has_capacity:
            self.flow = self.part.add_flows(self.part.weight[self.part.d])
            self.part.add_capacity(self.flow)
        self.write()
        for floor in self.asked.get("floors") or ():
            members = self.part.members(floor.demand)
            terms = self.reached(members, floor.within)
            least = floor.share * float(self.part.weight[members].sum())
            self.program.rule("floor", floor.name, terms, low=least)

    @property
    @override
    def is_preferred(self) -> bool:
        return self.asked.get("preference") is not None and not self.answer.preference_open

    @property
    def chosen(self) -> set[Any]:
        """The sites that the plan opens."""
        return {*self.answer.chosen, *self.answer.fixed}

    @override
    def stated_covered(self) -> float:
        return self.answer.covered

    def reached(self, members: Numbers, within: float = np.inf, times: int = 1) -> Terms:
        """Return terms that add up the weight covered, or served, of some demand.

        Parameters
        ----------
        members
            Numbers of the demand.
        within
            Largest metric that counts.
        times
            How many open sites must reach it.

        Returns
        -------
        Variables, each list with the weight of each.
        """
        part = self.part
        if self.has_capacity:
            counts = np.isin(part.d, members) & (part.minutes <= within)
            return [(self.flow[counts], 1.0)]
        covered, weight = part.add_cover(members, within=within, times=times)
        self.filled.append((covered, lambda point: part.hits(point, within)[members] >= times))
        return [(covered, weight)]

    def write(self) -> None:
        """Add the objective of the model, and what must be done for demand."""
        raise NotImplementedError

    def _nearest(self, point: Point, way: Point) -> Point:
        """Return 1 for the pair of each demand that counts least among open sites."""
        part = self.part
        usable = np.flatnonzero((point[part.open[part.s]] > 0.5) & part.wanted[part.d])
        if self.asked.get("beyond") is not None:  # else nobody is better left out
            usable = usable[way[usable] < 0]
        order = usable[np.lexsort((way[usable], part.d[usable]))]
        first = np.ones(len(order), dtype=bool)
        first[1:] = part.d[order[1:]] != part.d[order[:-1]]
        taken = np.zeros(len(part.d))
        taken[order[first]] = 1.0
        return taken

    @override
    def point(self) -> Point:
        point = np.zeros(self.program.n)
        self.part.fill(point, self.chosen, self.answer.sizes)
        for numbers, values in self.filled:
            point[numbers] = values(point)
        if self.has_capacity:
            flows = self.answer.flows
            row = self.part.demand.get_indexer(pd.Index(flows["demand"]))
            site = self.part.sites.get_indexer(pd.Index(flows["site"]))
            served = pd.Series(flows["weight"].to_numpy(np.float64), index=[row, site])
            pairs = pd.MultiIndex.from_arrays([self.part.d, self.part.s])
            point[self.flow] = served.groupby(level=[0, 1]).sum().reindex(pairs).fillna(0.0)
            if len(self.part.alone):
                point[self.part.alone] = point[self.flow] > 0
        return point

    @override
    def check_proof(self, best: float) -> None:
        """Compare the best objective with the claim, but for what preference may give up.

        Parameters
        ----------
        best
            The best objective of any plan.
        """
        given = self.asked.get("give_up", 0.0) if self.asked.get("preference") is not None else 0.0
        sign, slack = 1.0 if self.least else -1.0, NEAR * max(1.0, abs(best))
        beyond = sign * (self.stated - best) > given * abs(best) + slack
        if beyond and given and self.is_preferred:
            self.note("siting.verify_optimum", value=self.stated, best=best)
        super().check_proof(best)


class CoverCheck(PlanCheck):
    """Covering: most weight reached, so many times; or gradually, by the minutes."""

    @override
    def write(self) -> None:
        part, asked = self.part, self.asked
        if asked.get("decay") is not None:
            worth = part.kept() * (1.0 if self.has_capacity else part.weight[part.d])
            if not self.has_capacity:
                self.flow = part.add_flows(np.ones(len(part.d)))
                self.filled.append((self.flow, lambda point: self._nearest(point, -worth)))
            part.add_served(self.flow, 0.0, part.weight if self.has_capacity else 1.0)
            self.terms = [(self.flow, worth)]
            return
        if self.has_capacity:
            part.add_served(self.flow, 0.0, part.weight)
        self.terms = self.reached(np.arange(len(part.demand)), times=asked.get("times", 1))


class SetCoverCheck(PlanCheck):
    """Set covering: fewest sites, or least cost, that reach all who can be, or a share."""

    least = True

    @override
    def write(self) -> None:
        part, asked = self.part, self.asked
        everyone, total = np.arange(len(part.demand)), float(part.weight.sum())
        times, share = asked.get("times", 1), asked.get("share", 1.0)
        self.terms = self.spared()
        able = np.bincount(part.d, minlength=len(part.demand)) >= times
        must = np.flatnonzero(part.wanted & able) if share == 1 else everyone
        least = float(part.weight[must].sum()) if share == 1 else share * total
        if self.has_capacity:
            part.add_served(self.flow, 0.0, part.weight)
        self.program.rule("share", share, self.reached(must, times=times), low=least)

    def spared(self) -> Terms:
        """Return terms that add up what a set cover spares: costs where given, else new sites."""
        part = self.part
        if self.asked.get("cost") is not None or self.asked.get("sizes") is not None:
            return part.spending()
        charge = part.spending()[1:] if self.asked.get("host_cost") is not None else []
        return [(part.at(part.new), 1.0), *charge]


class MedianCheck(PlanCheck):
    """The p-median: least weighted minutes to the nearest site."""

    least = True

    @override
    def write(self) -> None:
        part, beyond = self.part, self.asked.get("beyond")
        wanted = part.wanted.astype(float)
        unit = part.weight if self.has_capacity else np.ones(len(part.weight))
        way = part.minutes - (beyond or 0.0)
        if not self.has_capacity:
            self.flow = part.add_flows(np.where(part.wanted[part.d], 1.0, 0.0))
            self.filled.append((self.flow, lambda point: self._nearest(point, way)))
        part.add_served(self.flow, 0.0 if beyond is not None else wanted * unit, unit)
        self.terms = [(self.flow, way * (1.0 if self.has_capacity else part.weight[part.d]))]
        self.constant = (beyond or 0.0) * float(part.weight @ wanted)
