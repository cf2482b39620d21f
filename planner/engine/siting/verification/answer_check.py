"""Parts of every check of an answer: first the rules, then figures, then the optimum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planner.engine.siting.verification.plain_program import PlainProgram, Point
from planner.engine.siting.verification.plain_question import PlainQuestion, Terms
from planner.errors import Problem

NEAR = 1e-6  # relative difference of two figures that rounding explains


@dataclass(frozen=True, kw_only=True)
class Verification:
    """Result of a check of an answer, made anew from the tables.

    Parameters
    ----------
    holds
        Whether everything that was checked is as the answer says.
    wrong
        What is not, one problem each.
    rules
        Number of rules looked at.
    objective, covered
        The model's objective and the weight reached, added up from the table.
    optimum
        Best objective of any plan by HiGHS; missing where that was not settled.
    settled
        Whether HiGHS settled the best objective.
    """

    holds: bool
    wrong: tuple[Problem, ...]
    rules: int
    objective: float
    covered: float
    optimum: float
    settled: bool


class AnswerCheck:
    """Check of an answer: a program, and the point that its plan stands for.

    Subclasses write the rules, the objective (``terms``, ``constant``, ``least``) and the point.
    """

    least = False
    constant = 0.0
    stated: float
    at: Point
    asked: Mapping[str, Any]
    bound: float
    status: str

    def __init__(self) -> None:
        self.program = PlainProgram()
        self.parts: list[PlainQuestion] = []
        self.terms: Terms = []
        self.wrong: list[Problem] = []

    def point(self) -> Point:
        """Return the values that the plan gives to all variables."""
        raise NotImplementedError

    def figures(self, point: Point) -> tuple[float, float]:
        """Return the objective and the weight reached, added up anew.

        Parameters
        ----------
        point
            Values of all variables.

        Returns
        -------
        Objective and weight.
        """
        reached = sum(float(part.weight[part.hits(point) > 0].sum()) for part in self.parts)
        return float(self.worth() @ point) + self.constant, reached

    def stated_covered(self) -> float:
        """Return the weight reached as the answer states it."""
        raise NotImplementedError

    def worth(self) -> Point:
        """Return what a unit of each variable counts in the objective."""
        worth = np.zeros(self.program.n)
        for numbers, factor in self.terms:
            np.add.at(worth, numbers, factor)
        return worth

    def optimum(self, nodes: int) -> float | None:
        """Return the best objective of any plan, None where HiGHS does not settle it.

        Note, too, where preference chose fewer points than it could have.

        Parameters
        ----------
        nodes
            Nodes of the branch and bound after which HiGHS gives up.

        Returns
        -------
        The best objective.
        """
        sign = 1.0 if self.least else -1.0
        worth = self.worth()
        least = self.program.best(sign * worth, nodes=nodes)
        if least is None:
            return None
        best = sign * least + self.constant
        if self.is_preferred and np.isfinite(best):
            slack = self.asked.get("give_up", 0.0) * abs(best) + NEAR * max(1.0, abs(best)) / 10
            used, high = np.flatnonzero(worth), least + slack
            self.program.rule("preference", best, [(used, sign * worth[used])], high=high)
            self.check_points(nodes)
        return best

    @property
    def is_preferred(self) -> bool:
        """Whether the answer says that no plan as good has more points of preference."""
        return False

    def check_points(self, nodes: int) -> None:
        """Note where the plan has fewer points of preference than another within the rules.

        Parameters
        ----------
        nodes
            Nodes of the branch and bound after which HiGHS gives up.
        """
        part = self.parts[-1]
        points = pd.Series(self.asked["preference"], dtype=float).reindex(part.sites)
        liked = np.where(part.sites.isin(part.new), points.fillna(0.0), 0.0)
        worth = np.zeros(self.program.n)
        worth[part.open] = -liked
        most = self.program.best(worth, nodes=nodes)
        mine = float(liked @ self.at[part.open])
        if most is not None and mine < -most - 10 * NEAR * max(1.0, abs(most)):
            self.note("siting.verify_points", value=mine, best=-most)

    def verify(self, *, nodes: int, entries: int, time_limit_s: float) -> Verification:
        """Check the rules, then the figures, then the optimum.

        Parameters
        ----------
        nodes
            Nodes of the branch and bound after which HiGHS gives up; at 0 it is not asked.
        entries
            Pairs of demand and site above which HiGHS is not asked.
        time_limit_s
            Seconds after which HiGHS gives up.

        Returns
        -------
        What was checked, and what is wrong.
        """
        self.program.time_limit_s = time_limit_s
        self.at = point = self.point()
        for key, name in self.program.broken(point):
            self.note("siting.verify_rule", value=key, name=str(name))
        objective, covered = self.figures(point)
        self.compare("objective", self.stated, objective)
        self.compare("covered", self.stated_covered(), covered)
        best, rules = None, sum(len(rule.names) for rule in self.program.rules)
        asked = nodes > 0 and sum(len(part.d) for part in self.parts) <= entries
        if asked and not self.wrong:
            best = self.optimum(nodes)
        if best is not None:
            self.check_proof(best)
        return Verification(
            holds=not self.wrong,
            wrong=tuple(self.wrong),
            rules=rules,
            objective=objective,
            covered=covered,
            optimum=np.nan if best is None else best,
            settled=best is not None,
        )

    def check_proof(self, best: float) -> None:
        """Compare the best objective with what the answer claims.

        Parameters
        ----------
        best
            The best objective of any plan.
        """
        sign, slack = 1.0 if self.least else -1.0, NEAR * max(1.0, abs(best))
        if sign * (self.bound - best) > slack:
            self.note("siting.verify_bound", value=self.bound, best=best)
        if self.status == "optimal" and sign * (self.stated - best) > slack:
            self.note("siting.verify_optimum", value=self.stated, best=best)

    def compare(self, name: str, stated: float, found: float) -> None:
        """Note a figure that is not as stated.

        Parameters
        ----------
        name
            What the figure is.
        stated, found
            As the answer states it, and added up anew.
        """
        if np.isnan(stated) and not np.isfinite(found):
            return
        if stated != found and not abs(stated - found) <= NEAR * max(1.0, abs(stated), abs(found)):
            self.note("siting.verify_figure", value=name, told=stated, found=found)

    def note(self, key: str, *, value: Any, **params: Any) -> None:
        """Note something that is not as the answer says.

        Parameters
        ----------
        key
            Text of the problem in the catalogue.
        value
            What it is about.
        **params
            Further values of the text.
        """
        self.wrong.append(Problem(key=key, value=value, params=params))
