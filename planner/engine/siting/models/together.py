"""Several kinds sited together, where one building may house several services."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from planner.engine.siting.models.classic import max_cover
from planner.engine.siting.problem.constraints import Floor, Quota
from planner.engine.siting.problem.inputs import Label, PerLabel
from planner.engine.siting.problem.problem import SitingProblem, build_problem
from planner.engine.siting.problem.result import (
    PROOF,
    Solution,
    make_solution,
    reached_by,
    record_question,
)
from planner.engine.siting.problem.rules import Rules
from planner.errors import NoPlanError, Problems, SitingError, fail


@dataclass(frozen=True, kw_only=True)
class Together:
    """Sites of several kinds.

    Parameters
    ----------
    plans
        The plan of each kind; its cost is that of its services, and its bound that of its share in
        the whole.
    buildings
        One row per building used, that with most services first: building, cost (once), kinds
        (those it houses).
    cost
        Of services and buildings together.
    objective, bound, gap, status
        Of the weight covered, added up over the kinds, as in `Solution`.
    asked
        What was asked, as in `Solution`.
    """

    plans: dict[str, Solution]
    buildings: pd.DataFrame
    cost: float
    objective: float
    bound: float
    gap: float
    status: str
    asked: Mapping[str, Any] = field(default_factory=dict, repr=False)


@record_question
def cover_together(
    od: Mapping[str, pd.DataFrame],
    demand: Mapping[str, pd.Series],
    *,
    p: Mapping[str, int] | None = None,
    fixed: Mapping[str, Iterable[Label]] | None = None,
    candidates: Mapping[str, Collection[Label]] | None = None,
    cost: Mapping[str, PerLabel] | None = None,
    building_cost: PerLabel | None = None,
    buildings: int | None = None,
    budget: float | None = None,
    forbidden: Collection[Label] = (),
    quotas: Mapping[str, Iterable[Quota]] | None = None,
    floors: Mapping[str, Iterable[Floor]] | None = None,
    conflicts: Iterable[tuple[Label, Label]] = (),
    metric: str = "minutes",
    time_limit_s: float = 60.0,
    seed: int = 0,
) -> Together:
    """Cover most demand of several kinds, when services may share a building.

    Maximal covering of several commodities with a fixed charge for each site that is used at all
    (the hierarchical and multi-service covering models of Moore & ReVelle 1982).

    Parameters
    ----------
    od
        Table of demand, facility and minutes of each kind; facilities are buildings. A kind's own
        limit is how far its table reaches.
    demand
        Weight of each demand label, for each kind; kinds that matter more have larger weights.
    p
        How many new services there may be of each kind; kinds left out are not limited.
    fixed
        Existing sites of each kind: they serve, cost nothing, and house nothing new.
    candidates
        Buildings that may take each kind; by default all of its table that are not fixed.
    cost
        What a service of each kind costs in each building, beside the building.
    building_cost
        What each building costs once, however many services it houses.
    buildings
        How many buildings may be used.
    budget
        What services and buildings may cost together.
    forbidden
        Buildings that must not be used.
    quotas, floors
        Bounds on the sites of a kind in each group, and least shares of demand groups that its
        sites cover.
    conflicts
        Pairs of buildings that may not both be used.
    metric, time_limit_s, seed
        As in `Rules`.

    Raises
    ------
    SitingError
        If nothing limits the plan, or the question is unsound; a `NoPlanError` if its rules
        contradict each other.
    """
    p, fixed, cost = p or {}, fixed or {}, cost or {}
    counted = {kind: tuple((quotas or {}).get(kind, ())) for kind in od}
    shares = {kind: tuple((floors or {}).get(kind, ())) for kind in od}
    if budget is None and buildings is None and set(p) != set(od):
        raise fail(SitingError, "siting.no_limit")
    has_costs = bool(cost) or building_cost is not None
    problems = Problems()
    asked: dict[str, SitingProblem] = {}
    for kind, table in od.items():
        rules: Rules = {
            "fixed": fixed.get(kind, ()),
            "forbidden": forbidden,
            "quotas": counted[kind],
            "floors": shares[kind],
            "metric": metric,
            "time_limit_s": time_limit_s,
            "seed": seed,
        }
        if candidates is not None:
            rules["candidates"] = candidates[kind]
        if kind in cost:
            rules["cost"] = cost[kind]
        try:
            asked[kind] = build_problem(
                "cover_together", table, demand[kind], p=p.get(kind), **rules
            )
        except SitingError as wrong:
            problems.found += wrong.problems
    if budget is not None and not has_costs:
        problems.add("siting.budget_without_cost")
    sound = all(problem.key == "siting.floor_high" for problem in problems.found)
    problems.raise_any(NoPlanError if sound else SitingError)
    return _solve(
        asked,
        p=p,
        building_cost=building_cost,
        buildings=buildings,
        budget=budget,
        counted=counted,
        shares=shares,
        conflicts=tuple(conflicts),
        metric=metric,
    )


def _solve(
    asked: Mapping[str, SitingProblem],
    *,
    p: Mapping[str, int],
    building_cost: PerLabel | None,
    buildings: int | None,
    budget: float | None,
    counted: Mapping[str, tuple[Quota, ...]],
    shares: Mapping[str, tuple[Floor, ...]],
    conflicts: tuple[tuple[Label, Label], ...],
    metric: str,
) -> Together:
    """Lay the questions side by side, demand and sites numbered on, and solve them as one."""
    first = next(iter(asked.values()))
    tables, weights, prices, hosts, quotas, floors = [], [], [], [], [], []
    fixed: list[int] = []
    demand_from, site_from = 0, 0
    numbers: dict[str, np.ndarray] = {}
    for kind, question in asked.items():
        reach = question.reach.tocoo()
        tables.append(
            pd.DataFrame(
                {
                    "demand": reach.coords[0] + demand_from,
                    "facility": reach.coords[1] + site_from,
                    metric: reach.data,
                }
            )
        )
        weights.append(question.weight)
        own = np.arange(len(question.sites)) + site_from
        numbers[kind] = own
        fixed += own[: question.n_fixed].tolist()
        new = question.sites[question.n_fixed :]
        prices.append(pd.Series(question.cost[question.n_fixed :], index=own[question.n_fixed :]))
        hosts.append(pd.Series(new, index=own[question.n_fixed :], dtype=object))
        if kind in p:
            most = p[kind] + question.n_fixed
            quotas.append(Quota(name=kind, sites=own.tolist(), at_most=most))
        for quota in counted[kind]:
            inside = own[question.sites.isin(list(quota.sites))].tolist()
            quotas.append(replace(quota, name=f"{quota.name} ({kind})", sites=inside))
        for floor in shares[kind]:
            people = np.ones(len(question.demand), dtype=bool)
            if floor.demand is not None:
                people = np.asarray(question.demand.isin(list(floor.demand)))
            members = (np.flatnonzero(people) + demand_from).tolist()
            floors.append(replace(floor, name=f"{floor.name} ({kind})", demand=members))
        demand_from, site_from = demand_from + len(question.demand), site_from + len(own)
    host, price = pd.concat(hosts), pd.concat(prices)
    charge = pd.Series(0.0 if building_cost is None else building_cost, index=host.unique())
    if building_cost is not None:
        charge = pd.Series(building_cost).reindex(host.unique())
    if budget is not None and (least := float((price + host.map(charge)).min())) > budget:
        raise fail(SitingError, "siting.budget_small", value=budget, least=least)
    rules: Rules = {
        "fixed": fixed,
        "candidates": host.index.tolist(),
        "metric": metric,
        "cost": price,
        "budget": budget,
        "hosts": host,
        "host_cost": charge,
        "most_hosts": buildings,
        "quotas": quotas,
        "floors": floors,
        "conflicts": [
            pair
            for a, b in conflicts
            for pair in product(host.index[host == a], host.index[host == b])
        ],
        "time_limit_s": first.time_limit_s,
        "seed": first.seed,
    }
    weight = pd.Series(np.concatenate(weights))
    joint = max_cover(pd.concat(tables, ignore_index=True), weight, p=len(host), **rules)
    slack = joint.bound - joint.objective
    chosen = set(joint.chosen)
    used: dict[Label, list[str]] = {}
    plans: dict[str, Solution] = {}
    for kind, question in asked.items():
        is_open = np.asarray(pd.Index(numbers[kind]).isin([*chosen, *fixed]))
        covered = float(question.weight[reached_by(question, is_open)].sum())
        plans[kind] = make_solution(question, is_open, covered, covered + slack)
        for site in plans[kind].chosen:
            used.setdefault(site, []).append(kind)
    objective = sum(plan.objective for plan in plans.values())
    if abs(objective - joint.objective) > PROOF * max(1.0, abs(objective)):
        raise ArithmeticError("the kinds cover another weight than the whole")
    paid = {site: float(value) for site, value in charge.items()}
    rows = [(site, paid[site], tuple(kinds)) for site, kinds in used.items()]
    rows.sort(key=lambda row: (-len(row[2]), str(row[0])))
    return Together(
        plans=plans,
        buildings=pd.DataFrame(rows, columns=pd.Index(["building", "cost", "kinds"])),
        cost=joint.cost,
        objective=joint.objective,
        bound=joint.bound,
        gap=joint.gap,
        status=joint.status,
    )
