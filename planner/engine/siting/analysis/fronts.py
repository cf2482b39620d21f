"""Fronts: how much of one aim has to be given up for another, every plan exact in both.

Preference has no say in them, and ``time_limit_s`` holds for each plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Unpack

import numpy as np
import pandas as pd

from planner.engine.siting.models.covering import max_cover, set_cover
from planner.engine.siting.models.median import p_median
from planner.engine.siting.problem.constraints import Floor, Quota
from planner.engine.siting.problem.inputs import Floats
from planner.engine.siting.problem.problem import build_problem
from planner.engine.siting.problem.result import Solution, check_most, cut_front
from planner.engine.siting.problem.rules import Rules
from planner.errors import NoPlanError, SitingError, fail

MARGIN = 1e-8  # share by which a figure is relaxed when it is asked of the next plan
DIGITS = 6  # decimals up to which figures are told apart
OTHER_COSTS = ("closable", "host_cost")


def cover_front(
    od: pd.DataFrame,
    demand: pd.Series,
    *,
    times: int = 1,
    most: int = 50,
    **rules: Unpack[Rules],
) -> pd.DataFrame:
    """Return plans between the cost, or the number, of sites and the people covered.

    Every plan of the front is exact in both: no plan covers more for as much, and none covers as
    much for less. The dearest and the cheapest come first, then one within the widest stretch of
    cost still open (epsilon constraint), until none is or there are as many as asked; costs that
    differ by less than a millionth of their sum count as equal.

    Parameters
    ----------
    od, demand, times
        As for `max_cover`.
    most
        How many plans at most. Where the front has more, those shown lie all along it.
    **rules
        Where costs are given they are traded, less what closing sites gives back; else the number
        of new sites. A ``budget`` caps the dearest plan; ``time_limit_s`` holds for each plan.

    Returns
    -------
    front
        One row per plan, the cheapest first: cost, covered, share, proven, further, plan.
        ``further`` says where plans may lie between one and the next that are not shown.

    Raises
    ------
    SitingError
        If the question is unsound or has capacities; a `NoPlanError` if no plan keeps to its rules.
    """
    if rules.get("capacity") is not None or rules.get("sizes") is not None:
        raise fail(SitingError, "siting.no_capacity_front")
    check_most(most)
    walk = _CostWalk(od, demand, times, rules)
    while len(walk.points) < most and walk.step_on():
        pass
    total, front = walk.total, walk.front()
    rows = [
        (
            point.cost,
            point.covered,
            point.covered / total if total else 1.0,
            point.proven,
            after is not None and walk.is_open(point, after),
            point.plan,
        )
        for point, after in zip(front, [*front[1:], None], strict=True)
    ]
    names = ["cost", "covered", "share", "proven", "further", "plan"]
    return pd.DataFrame(rows, columns=pd.Index(names))


@dataclass(frozen=True, kw_only=True)
class _Point:
    """A plan of a front over cost."""

    cost: float
    covered: float
    proven: bool
    plan: Solution


class _CostWalk:
    """A front over cost as far as it is known: plans, and stretches of cost between them.

    Costs are multiples of twice ``step``, so that a budget halfway between two is met exactly.
    """

    def __init__(self, od: pd.DataFrame, demand: pd.Series, times: int, rules: Rules) -> None:
        cost = rules.get("cost")
        if cost is None:
            named = pd.Index(list(rules.get("candidates") or ()))
            cost = pd.Series(1.0, index=pd.Index(od["facility"].unique()).append(named).unique())
        back, charge = (pd.Series(rules.get(name) or {}, dtype=float) for name in OTHER_COSTS)
        self._od, self._demand, self._times = od, demand, times
        self._step = resolution(np.concatenate([pd.Series(cost, dtype=float), back, charge])) / 2
        self._rules: Rules = {**rules, "cost": cost, "budget": None, "preference": None}
        self._given_back, self.total = float(back.sum()), float(demand.sum())
        budget = rules.get("budget")
        if budget is None:
            budget = float(pd.Series(cost).sum() + charge.sum())
        self._cleared: dict[float, float] = {}  # up to where no plan lies above a plan's cost
        self._left: set[float] = set()  # costs below which time was too short to find a plan
        self.points = [self._within(budget)]

    def step_on(self) -> bool:
        """Find a further plan, or that there is none somewhere; tell if anything was open still."""
        if len(self.points) == 1 and self.points[0].cost not in self._left:
            self._add_cheapest()
            return True
        gaps = [
            pair
            for pair in pairwise(self.points)
            if self.is_open(*pair) and pair[1].cost not in self._left
        ]
        if not gaps:
            return False
        self._look_between(*max(gaps, key=lambda pair: pair[1].cost - self._clear_to(pair[0])))
        return True

    def is_open(self, below: _Point, above: _Point) -> bool:
        """Return whether a plan may lie between two neighbours.

        Parameters
        ----------
        below, above
            The cheaper and the dearer of the two.
        """
        return above.cost - self._clear_to(below) > 3 * self._step

    def front(self) -> list[_Point]:
        """Return the plans that none known is better than, the cheapest first."""
        return [
            point
            for number, point in enumerate(self.points)
            if all(other.covered < point.covered for other in self.points[:number])
        ]

    def _clear_to(self, below: _Point) -> float:
        return max(below.cost, self._cleared.get(below.cost, below.cost))

    def _add_cheapest(self) -> None:
        """Add the plan that covers most of those that cost least."""
        dearest = self.points[0]
        least = set_cover(self._od, self._demand, share=0.0, times=self._times, **self._rules)
        paid = round(least.objective - self._given_back, 9)
        self._left.add(dearest.cost)
        if paid < dearest.cost - self._step:
            cheapest = self._within(paid + self._step)
            if cheapest.cost < dearest.cost - self._step:
                self._left.discard(dearest.cost)
                self.points.insert(0, cheapest)

    def _look_between(self, below: _Point, above: _Point) -> None:
        """Ask for the best plan of half the open stretch, then for the next below its end."""
        clear = self._clear_to(below)
        number = round((above.cost - clear) / (4 * self._step))
        halfway = clear + (2 * number + 1) * self._step
        highest = above.cost - self._step
        budget = min(halfway if clear == below.cost else highest, highest)
        found = self._within(budget)
        if found.cost > budget + self._step / 2:
            self._left.add(above.cost)
        elif found.cost < below.cost + self._step:
            self._cleared[below.cost] = budget - self._step
        else:
            self.points = sorted([*self.points, found], key=lambda point: point.cost)

    def _within(self, budget: float) -> _Point:
        """Return the cheapest of the plans that cover most within a budget."""
        widest = _widest(self._od, self._demand, self._times, {**self._rules, "budget": budget})
        covered = widest.objective
        share = covered / self.total * (1 - MARGIN) if self.total else 0.0
        cheapest = set_cover(self._od, self._demand, share=share, times=self._times, **self._rules)
        return _Point(
            cost=round(cheapest.objective - self._given_back, 9),  # 95.3, not 95.30000000000001
            covered=covered,
            proven=widest.status == cheapest.status == "optimal",
            plan=cheapest,
        )


def _widest(od: pd.DataFrame, demand: pd.Series, times: int, rules: Rules) -> Solution:
    """Cover most within a budget, be it too small for any new site."""
    try:
        return max_cover(od, demand, times=times, **rules)
    except SitingError as wrong:
        if {problem.key for problem in wrong.problems} != {"siting.budget_small"}:
            raise
        new = pd.Series(rules["cost"]).index.difference(list(rules.get("fixed") or ()))
        nothing = Quota(name="new", sites=list(new), at_most=0)
        free = pd.Series(0.0, index=pd.Series(rules["cost"]).index)
        rules = {**rules, "quotas": [*(rules.get("quotas") or ()), nothing], "cost": free}
        try:
            return max_cover(od, demand, p=0, times=times, **rules)
        except SitingError as unmet:  # some rule asks for a site at least
            raise NoPlanError(unmet.problems) from unmet


def resolution(values: Floats) -> float:
    """Return a step of which sums of some figures are multiples: a decimal one, if there is any.

    Without one, a millionth of their sum is returned.

    Parameters
    ----------
    values
        The figures.

    Returns
    -------
    The step, above 0.
    """
    for digits in range(DIGITS + 1):
        scaled = values * 10.0**digits
        if np.allclose(scaled, np.round(scaled), rtol=0.0, atol=1e-6):
            return 10.0**-digits
    return float(max(np.abs(values).sum(), MARGIN) * 10.0**-DIGITS)


def time_front(
    od: pd.DataFrame,
    demand: pd.Series,
    *,
    within: float,
    p: int | None = None,
    beyond: float | None = None,
    most: int = 20,
    **rules: Unpack[Rules],
) -> pd.DataFrame:
    """Return plans between the share of people within a limit and the mean time of all.

    Parameters
    ----------
    od, demand
        As for `p_median`; the table reaches farther than ``within``.
    within
        Minutes that count as covered.
    p, beyond
        As for `p_median`.
    most
        How many plans at most.
    **rules
        See `Rules`.

    Returns
    -------
    front
        One row per plan, the shortest mean first: mean, share, proven, further, plan. No plan of
        the front is bettered in both by another; ``further`` says where the front goes on beyond
        the last one shown.

    Raises
    ------
    SitingError
        If ``within`` is below 0 or ``most`` too small, or for what `p_median` refuses.
    """
    check_most(most)
    if not within >= 0:
        raise fail(SitingError, "siting.cutoff", value=within)
    build_problem("p_median", od, demand, p=p, may_be_whole=True, **rules)  # tells what is wrong
    total = float(demand.sum())
    metric = str(rules.get("metric", "minutes"))
    cutoff = rules.get("cutoff")
    near = od[od[metric] <= (within if cutoff is None else min(within, cutoff))]
    given = list(rules.get("floors", ()))
    step = resolution(demand.to_numpy(np.float64)) / 2
    rows: list[tuple[float, float, bool, Solution]] = []
    covered = -step
    while len(rows) <= most and covered < total:
        target = min(max(covered + step, 0.0) / total, 1.0) if total else 0.0
        floor = Floor(name=str(within), share=target, within=within)
        asked: Rules = {**rules, "floors": [*given, floor], "preference": None}
        try:
            plan = p_median(od, demand, p=p, beyond=beyond, **asked)
        except NoPlanError:
            if not rows:
                raise
            break
        is_open = {*plan.chosen, *plan.fixed}
        reached = near["demand"][near["facility"].isin(is_open)].unique()
        covered = float(demand[demand.index.isin(reached)].sum())
        mean = _mean(plan, demand)
        share = covered / total if total else 1.0
        rows.append((mean, share, plan.status == "optimal", plan))
    front = pd.DataFrame(rows, columns=pd.Index(["mean", "share", "proven", "plan"]))
    return cut_front(_best_of_equals(front), most)


def mean_max_front(
    od: pd.DataFrame,
    demand: pd.Series,
    *,
    p: int | None = None,
    most: int = 20,
    **rules: Unpack[Rules],
) -> pd.DataFrame:
    """Return plans between the mean time of all and the longest of anyone (p-median, p-center).

    Walked from the p-median down: each next plan is the best of those whose longest time is
    shorter. Weigh the two columns to find the cent-dian (Halpern 1976) of any weights: it is among
    these plans.

    Parameters
    ----------
    od, demand
        As for `p_median`.
    p
        How many new sites at most.
    most
        How many plans at most.
    **rules
        See `Rules`.

    Returns
    -------
    front
        One row per plan, the shortest mean first: mean, longest, proven, further, plan; ``further``
        says where the front goes on beyond the last one shown.
    """
    check_most(most)
    build_problem("p_median", od, demand, p=p, may_be_whole=True, **rules)  # tells what is wrong
    metric = str(rules.get("metric", "minutes"))
    cutoff, kept = rules.get("cutoff"), list(rules.get("fixed") or ())
    barred, offered = set(rules.get("forbidden") or ()), rules.get("candidates")
    if offered is None:  # named once, so that those that only serve far demand stay to be counted
        offered = [site for site in od["facility"].unique() if site not in kept]
    offered = [site for site in offered if site not in barred]
    usable = od["facility"].isin([*kept, *offered])
    within = od[usable if cutoff is None else usable & (od[metric] <= cutoff)]
    wanted = set(demand.index[(demand > 0) & demand.index.isin(within["demand"])])
    asked: Rules = {**rules, "candidates": offered, "forbidden": (), "preference": None}
    nearer = within
    rows: list[tuple[float, float, bool, Solution]] = []
    while len(rows) <= most and wanted <= set(nearer["demand"]):
        try:
            plan = p_median(od, demand, p=p, **asked)
        except SitingError:
            if not rows:
                raise
            break
        is_open = {*plan.chosen, *plan.fixed}
        ways = nearer[nearer["facility"].isin(is_open) & nearer["demand"].isin(wanted)]
        longest = float(ways.groupby("demand")[metric].min().max()) if wanted else 0.0
        mean = _mean(plan, demand)
        rows.append((mean, longest, plan.status == "optimal", plan))
        nearer = within[within[metric] < longest]
        if nearer.empty:
            break
        asked["cutoff"] = float(nearer[metric].max())
    front = pd.DataFrame(rows, columns=pd.Index(["mean", "longest", "proven", "plan"]))
    return cut_front(_best_of_equals(front), most)


def _mean(plan: Solution, demand: pd.Series) -> float:
    """Return the weighted sum of a plan divided by the demand that some site can reach."""
    return plan.objective / max(plan.total - float(demand[plan.unreached].sum()), MARGIN)


def _best_of_equals(front: pd.DataFrame) -> pd.DataFrame:
    """Return the last plan of those with one mean: each step is better in the other aim."""
    mean = front["mean"].to_numpy()
    same = (mean[1:] - mean[:-1]) <= MARGIN * abs(mean[:-1])
    return front[[*(~same), True] if len(front) else []].reset_index(drop=True)
