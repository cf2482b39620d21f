"""Fronts: how much of one aim has to be given up for another, every plan exact in both.

Preference has no say in them, and ``time_limit_s`` holds for each plan.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd

from planner.engine.siting.models.classic import max_cover, p_median, set_cover
from planner.engine.siting.problem.constraints import Floor, Quota
from planner.engine.siting.problem.inputs import Floats
from planner.engine.siting.problem.result import Solution
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
    much for less. It is walked from the dearest plan down (epsilon constraint); costs that differ
    by less than a millionth of their sum count as equal.

    Parameters
    ----------
    od, demand, times
        As for `max_cover`.
    most
        How many plans at most.
    **rules
        Where costs are given they are traded, less what closing sites gives back; else the number
        of new sites. A ``budget`` caps the dearest plan; ``time_limit_s`` holds for each plan.

    Returns
    -------
    front
        One row per plan, the cheapest first: cost, covered, share, proven, plan.

    Raises
    ------
    SitingError
        If the question is unsound or has capacities; a `NoPlanError` if no plan keeps to its rules.
    """
    if rules.get("capacity") is not None or rules.get("sizes") is not None:
        raise fail(SitingError, "siting.no_capacity_front")
    cost = rules.get("cost")
    if cost is None:
        named = pd.Index(list(rules.get("candidates") or ()))
        cost = pd.Series(1.0, index=pd.Index(od["facility"].unique()).append(named).unique())
    back, charge = (pd.Series(rules.get(name) or {}, dtype=float) for name in OTHER_COSTS)
    step = resolution(np.concatenate([pd.Series(cost, dtype=float), back, charge])) / 2
    free: Rules = {**rules, "cost": cost, "budget": None, "preference": None}
    total, given_back = float(demand.sum()), float(back.sum())
    budget = rules.get("budget")
    if budget is None:
        budget = float(pd.Series(cost).sum() + charge.sum())
    rows: list[tuple[float, float, float, bool, Solution]] = []
    while len(rows) < most:
        try:
            widest = _widest(od, demand, times, {**free, "budget": budget})
        except NoPlanError:
            if not rows:
                raise
            break
        covered = widest.objective
        share = covered / total * (1 - MARGIN) if total else 0.0
        cheapest = set_cover(od, demand, share=share, times=times, **free)
        proven = widest.status == cheapest.status == "optimal"
        paid = round(cheapest.objective - given_back, 9)  # 95.3, not 95.30000000000001
        if rows and paid > budget + step / 2:  # what exists alone costs more, its buildings do
            break
        rows.append((paid, covered, covered / total if total else 1.0, proven, cheapest))
        budget = paid - step
        if budget < 0 and not len(back):
            break
    names = pd.Index(["cost", "covered", "share", "proven", "plan"])
    return pd.DataFrame(rows[::-1], columns=names)


def _widest(od: pd.DataFrame, demand: pd.Series, times: int, rules: Rules) -> Solution:
    """Cover most within a budget, be it too small for any new site."""
    try:
        return max_cover(od, demand, times=times, **rules)
    except SitingError as wrong:
        if {problem.key for problem in wrong.problems} != {"siting.budget_small"}:
            raise
        new = pd.Series(rules["cost"]).index.difference(list(rules.get("fixed") or ()))
        nothing = Quota(name="new", sites=list(new), at_most=0)
        rules = {**rules, "quotas": [*(rules.get("quotas") or ()), nothing], "budget": None}
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
        One row per plan, the shortest mean first: mean, share, proven, plan. No plan of the front
        is bettered in both by another.
    """
    total = float(demand.sum())
    metric = str(rules.get("metric", "minutes"))
    cutoff = rules.get("cutoff")
    near = od[od[metric] <= (within if cutoff is None else min(within, cutoff))]
    given = list(rules.get("floors", ()))
    step = resolution(demand.to_numpy(np.float64)) / 2
    rows: list[tuple[float, float, bool, Solution]] = []
    covered = -step
    while len(rows) < most and covered < total:
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
    return _best_of_equals(front)


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
        One row per plan, the shortest mean first: mean, longest, proven, plan.
    """
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
    while len(rows) < most and wanted <= set(nearer["demand"]):
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
    return _best_of_equals(front)


def _mean(plan: Solution, demand: pd.Series) -> float:
    """Return the weighted sum of a plan divided by the demand that some site can reach."""
    return plan.objective / max(plan.total - float(demand[plan.unreached].sum()), MARGIN)


def _best_of_equals(front: pd.DataFrame) -> pd.DataFrame:
    """Return the last plan of those with one mean: each step is better in the other aim."""
    mean = front["mean"].to_numpy()
    same = (mean[1:] - mean[:-1]) <= MARGIN * abs(mean[:-1])
    return front[[*(~same), True] if len(front) else []].reset_index(drop=True)
