"""Checks of answers of several plans that share their rules: over years, or in shared buildings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from typing_extensions import override

from planner.engine.siting.models.phases import Phased
from planner.engine.siting.models.together import Together
from planner.engine.siting.verification.answer_check import AnswerCheck
from planner.engine.siting.verification.plain_program import Numbers, Point
from planner.engine.siting.verification.plain_question import PlainQuestion, Terms


class PhasedCheck(AnswerCheck):
    """Check of a plan over years: sites once opened stay, the rules hold in the last year."""

    def __init__(self, answer: Phased, table: Any, demand: Any) -> None:
        super().__init__()
        self.answer, asked = answer, answer.asked
        self.asked = asked
        self.stated, self.bound, self.status = answer.objective, answer.bound, answer.status
        years, p, budgets = list(demand.columns), asked.get("p"), asked.get("budgets")
        self.filled: list[tuple[Numbers, Any]] = []
        for year in years:
            own = {**asked, "p": None if p is None else p[year]}
            own["budget"] = None if budgets is None else budgets[year]
            if year != years[-1]:
                for name in ("quotas", "floors", "unlike", "mandatory"):
                    own.pop(name, None)
            part = PlainQuestion(self.program, table, demand[year], own)
            part.add_rules()
            covered, weight = part.add_cover(np.arange(len(part.demand)))
            self.filled.append((covered, part))
            self.terms.append((covered, weight))
            if self.parts:
                for before, after in zip(self.parts[-1].open, part.open, strict=True):
                    stays: Terms = [(np.array([before]), 1.0), (np.array([after]), -1.0)]
                    self.program.rule("phase", year, stays, high=0.0)
            self.parts.append(part)
        for floor in asked.get("floors") or ():
            members = self.parts[-1].members(floor.demand)
            covered, weight = self.parts[-1].add_cover(members, within=floor.within)
            least = floor.share * float(self.parts[-1].weight[members].sum())
            self.program.rule("floor", floor.name, [(covered, weight)], low=least)
            self.filled.append((covered, (self.parts[-1], members, floor.within)))

    @override
    def point(self) -> Point:
        point = np.zeros(self.program.n)
        for part, plan in zip(self.parts, self.answer.plans.values(), strict=True):
            part.fill(point, {*plan.chosen, *plan.fixed}, plan.sizes)
        for numbers, what in self.filled:
            part, members, within = (
                what if isinstance(what, tuple) else (what, np.arange(len(numbers)), np.inf)
            )
            point[numbers] = part.hits(point, within)[members] > 0
        return point

    @override
    def stated_covered(self) -> float:
        return sum(plan.covered for plan in self.answer.plans.values())

    @property
    @override
    def is_preferred(self) -> bool:
        is_open = any(plan.preference_open for plan in self.answer.plans.values())
        return self.asked.get("preference") is not None and not is_open


class JointCheck(AnswerCheck):
    """Check of several services in shared buildings."""

    def __init__(self, answer: Together, table: Any, demand: Any) -> None:
        super().__init__()
        self.answer, asked = answer, answer.asked
        self.stated, self.bound, self.status = answer.objective, answer.bound, answer.status
        per_kind = ("p", "fixed", "candidates", "cost", "quotas", "floors")
        self.filled: list[tuple[Numbers, PlainQuestion, Numbers, float]] = []
        shared = {"forbidden": asked.get("forbidden", ()), "metric": asked.get("metric", "minutes")}
        spending: Terms = []
        for kind, own_table in table.items():
            own = {name: (asked.get(name) or {}).get(kind) for name in per_kind}
            part = PlainQuestion(self.program, own_table, demand[kind], {**shared, **own})
            part.add_rules()
            self.parts.append(part)
            covered, weight = part.add_cover(np.arange(len(part.demand)))
            self.terms.append((covered, weight))
            self.filled.append((covered, part, np.arange(len(part.demand)), np.inf))
            spending += part.spending()
            for floor in own.get("floors") or ():
                members = part.members(floor.demand)
                inside, each = part.add_cover(members, within=floor.within)
                least = floor.share * float(part.weight[members].sum())
                self.program.rule("floor", floor.name, [(inside, each)], low=least)
                self.filled.append((inside, part, members, floor.within))
        names = pd.Index(pd.unique(np.array([s for part in self.parts for s in part.new], object)))
        self.used, self.names = self.program.variables(len(names)), names
        for part in self.parts:
            for site in part.new:
                house = self.used[names.get_indexer(pd.Index([site]))]
                self.program.rule("host", site, [(part.at([site]), 1.0), (house, -1.0)], high=0.0)
        charge = asked.get("building_cost")
        if charge is not None:
            costs = pd.Series(charge, index=names) if np.isscalar(charge) else pd.Series(charge)
            spending.append((self.used, costs.reindex(names).to_numpy(np.float64)))
        if asked.get("budget") is not None:
            self.program.rule("budget", asked["budget"], spending, high=asked["budget"])
        if asked.get("buildings") is not None:
            most = asked["buildings"]
            self.program.rule("hosts", most, [(self.used, 1.0)], high=most)
        for a, b in asked.get("conflicts") or ():
            pair = self.used[names.isin([a, b])]
            if len(pair) == 2:
                self.program.rule("conflict", f"{a} - {b}", [(pair, 1.0)], high=1.0)

    @override
    def point(self) -> Point:
        point = np.zeros(self.program.n)
        chosen: set[Any] = set()
        for part, plan in zip(self.parts, self.answer.plans.values(), strict=True):
            part.fill(point, {*plan.chosen, *plan.fixed}, plan.sizes)
            chosen |= set(plan.chosen)
        point[self.used] = self.names.isin(list(chosen))
        for numbers, part, members, within in self.filled:
            point[numbers] = part.hits(point, within)[members] > 0
        return point

    @override
    def stated_covered(self) -> float:
        return sum(plan.covered for plan in self.answer.plans.values())
