"""Fronts: how much of one aim has to be given for another, every plan exact in both."""

from __future__ import annotations

from contextlib import suppress
from typing import Unpack

import pandas as pd

from planner.errors import SitingError
from planner.siting.limits import Floor
from planner.siting.models import max_cover, p_median, set_cover
from planner.siting.question import Rules
from planner.siting.result import Siting

SHY = 1e-9  # share by which a figure is relaxed when it is asked of the next plan


def cover_front(
    od: pd.DataFrame, demand: pd.Series, *, most: int = 50, **rules: Unpack[Rules]
) -> pd.DataFrame:
    """Trade the cost, or the number, of sites against people covered.

    Every plan of the front is exact in both: no plan covers more for as much, and none covers as
    much for less. It is walked from the dearest plan down (epsilon constraint).

    Parameters
    ----------
    od, demand
        As for `max_cover`.
    most
        How many plans at most.
    **rules
        Where costs are given they are traded, else the number of new sites; a ``budget`` caps the
        dearest plan.

    Returns
    -------
    front
        One row per plan, the cheapest first: cost, covered, share, proven, plan.
    """
    cost = rules.get("cost")
    if cost is None:
        named = pd.Index(list(rules.get("candidates") or ()))
        cost = pd.Series(1.0, index=pd.Index(od["facility"].unique()).append(named).unique())
    prices = pd.Series(cost)
    step = 0.5 if (prices == prices.round()).all() else 0.0  # whole costs differ by 1 at least
    free: Rules = {**rules, "cost": cost, "budget": None}
    budget = rules.get("budget")
    if budget is None:
        budget = float(prices.sum())
    rows: list[tuple[float, float, float, bool, Siting]] = []
    while len(rows) < most:
        bound: Rules = {**free, "budget": budget}
        try:
            widest = max_cover(od, demand, **bound)
            cheapest = set_cover(od, demand, share=widest.share * (1 - SHY), **free)
        except SitingError:
            if not rows:
                raise
            break
        proven = widest.status == cheapest.status == "optimal"
        rows.append((cheapest.cost, cheapest.covered, cheapest.share, proven, cheapest))
        if not cheapest.chosen:
            break
        budget = cheapest.cost - max(SHY * cheapest.cost, step)
        if budget < prices.min():
            with suppress(SitingError):  # the rules may ask for a site at least
                nothing = max_cover(od, demand, p=0, **free)
                rows.append((0.0, nothing.covered, nothing.share, True, nothing))
            break
    names = pd.Index(["cost", "covered", "share", "proven", "plan"])
    return pd.DataFrame(rows[::-1], columns=names)


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
    """Trade the share of people within a limit against the mean time of all.

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
    near = od[od[metric] <= within]
    given = list(rules.get("floors", ()))
    step = 1.0 if (demand == demand.round()).all() else SHY * total
    rows: list[tuple[float, float, bool, Siting]] = []
    covered = -1.0
    while len(rows) < most and covered < total:
        target = min(max(covered + step, 0.0) / total, 1.0)
        floor = Floor(name=str(within), share=target, within=within)
        asked: Rules = {**rules, "floors": [*given, floor]}
        try:
            plan = p_median(od, demand, p=p, beyond=beyond, **asked)
        except SitingError:
            if not rows:
                raise
            break
        is_open = {*plan.chosen, *plan.fixed}
        reached = near["demand"][near["facility"].isin(is_open)].unique()
        covered = float(demand[demand.index.isin(reached)].sum())
        mean = _mean(plan, demand)
        rows.append((mean, covered / total, plan.status == "optimal", plan))
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
    """Trade the mean time of all against the longest time of anyone (p-median against p-center).

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
    cutoff = rules.get("cutoff")
    within = od if cutoff is None else od[od[metric] <= cutoff]
    reachable = demand[demand.index.isin(within["demand"])]
    nearer = within
    if rules.get("candidates") is None:  # those that only serve far demand stay to be counted
        kept = set(rules.get("fixed", ()))
        rules["candidates"] = [site for site in od["facility"].unique() if site not in kept]
    rows: list[tuple[float, float, bool, Siting]] = []
    while len(rows) < most and set(reachable.index) == set(nearer["demand"]):
        try:
            plan = p_median(nearer, demand, p=p, **rules)
        except SitingError:
            if not rows:
                raise
            break
        is_open = {*plan.chosen, *plan.fixed}
        nearest = nearer[nearer["facility"].isin(is_open)].groupby("demand")[metric].min()
        longest = float(nearest.max())
        mean = _mean(plan, demand)
        rows.append((mean, longest, plan.status == "optimal", plan))
        nearer = within[within[metric] < longest]
    front = pd.DataFrame(rows, columns=pd.Index(["mean", "longest", "proven", "plan"]))
    return _best_of_equals(front)


def _mean(plan: Siting, demand: pd.Series) -> float:
    """Divide the weighted sum of a plan by the demand that some site can reach."""
    return plan.objective / max(plan.total - float(demand[plan.unreached].sum()), SHY)


def _best_of_equals(front: pd.DataFrame) -> pd.DataFrame:
    """Keep the last plan of those with one mean: each step is better in the other aim."""
    mean = front["mean"].to_numpy()
    same = (mean[1:] - mean[:-1]) <= SHY * abs(mean[:-1])
    return front[[*(~same), True] if len(front) else []].reset_index(drop=True)
