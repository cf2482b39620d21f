"""Several kinds of service sited jointly, where one building may house several of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from planner.engine.siting.models.covering import max_cover
from planner.engine.siting.problem.constraints import Floor, Quota
from planner.engine.siting.problem.inputs import Label, PerLabel, read_per_site
from planner.engine.siting.problem.measures import reached_by
from planner.engine.siting.problem.problem import SitingProblem, build_problem
from planner.engine.siting.problem.result import PROOF, Solution, make_solution, record_question
from planner.engine.siting.problem.rules import Rules
from planner.errors import NoPlanError, Problems, SitingError, fail


@dataclass(frozen=True, kw_only=True)
class Together:
    """Sites of several kinds of service.

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

    Returns
    -------
    The plan of each kind, and the buildings used.

    Raises
    ------
    SitingError
        If nothing limits the plan, or the question is unsound; a `NoPlanError` if its rules
        contradict each other.
    """
    p, cost = p or {}, cost or {}
    counted = {kind: tuple((quotas or {}).get(kind, ())) for kind in od}
    shares = {kind: tuple((floors or {}).get(kind, ())) for kind in od}
    if budget is None and buildings is None and set(p) != set(od):
        raise fail(SitingError, "siting.no_limit")
    problems = Problems()
    asked: dict[str, SitingProblem] = {}
    for kind, table in od.items():
        rules: Rules = {
            "fixed": (fixed or {}).get(kind, ()),
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
    new = {kind: own.sites[own.n_fixed :] for kind, own in asked.items()}
    _check_costs(new, cost, building_cost, budget, problems)
    sound = all(problem.key == "siting.floor_high" for problem in problems.found)
    problems.raise_any(NoPlanError if sound else SitingError)
    joint = _join(asked, p, counted, shares, metric)
    host = joint.host
    charge = pd.Series(0.0 if building_cost is None else building_cost, index=host.unique())
    if building_cost is not None:
        charge = pd.Series(building_cost).reindex(host.unique())
    one: Rules = {
        **joint.rules,
        "metric": metric,
        "budget": budget,
        "host_cost": charge,
        "most_hosts": buildings,
        "conflicts": [
            pair
            for a, b in conflicts
            for pair in product(
                joint.host.index[joint.host == a], joint.host.index[joint.host == b]
            )
        ],
        "time_limit_s": time_limit_s,
        "seed": seed,
    }
    answer = max_cover(joint.od, joint.weight, p=len(host), **one)
    return _collect(asked, joint, answer, charge)


def check_joint_costs(
    candidates: Mapping[str, Collection[Label]],
    *,
    cost: Mapping[str, PerLabel] | None = None,
    building_cost: PerLabel | None = None,
    budget: float | None = None,
) -> None:
    """Check whether a budget of several kinds can pay for anything, before OD tables are computed.

    Parameters
    ----------
    candidates
        Buildings that may take each kind, forbidden ones left out.
    cost, building_cost, budget
        As `cover_together` takes them.

    Raises
    ------
    SitingError
        With everything that is wrong: the same that `cover_together` raises of such a question.
    """
    problems = Problems()
    new = {kind: pd.Index(list(own)) for kind, own in candidates.items()}
    _check_costs(new, cost or {}, building_cost, budget, problems)
    problems.raise_any(SitingError)


def _check_costs(
    new: Mapping[str, pd.Index],
    cost: Mapping[str, PerLabel],
    building_cost: PerLabel | None,
    budget: float | None,
    problems: Problems,
) -> None:
    """Note costs that are missing, and a budget that pays for no service in any building."""
    houses = pd.Index([]).append([own for own in new.values() if len(own)]).unique()
    charge = pd.Series(0.0, index=houses)
    if building_cost is not None:
        paid = read_per_site("host_cost", building_cost, houses, problems, needed=houses)
        charge = pd.Series(paid, index=houses)
    if budget is None:
        return
    if not cost and building_cost is None:
        problems.add("siting.budget_without_cost")
        return
    prices = [
        charge[own] + pd.Series(cost.get(kind, {}), dtype=float).reindex(own, fill_value=0.0)
        for kind, own in new.items()
    ]
    # Where nothing may be built there is nothing to pay; whether that is a plan is asked later.
    least = float(pd.concat(prices).min()) if prices else -np.inf
    if least > budget:
        problems.add("siting.budget_small", value=budget, least=least)


@dataclass(frozen=True, kw_only=True)
class _Joint:
    """The questions of all kinds as one: demand and sites are numbered through.

    Parameters
    ----------
    od, weight
        Table and weights of all demand, by number.
    rules
        What each kind asks for, in these numbers.
    host, price
        Building and cost of each new service, by number.
    numbers
        Numbers of the sites of each kind, in the order of its question.
    """

    od: pd.DataFrame
    weight: pd.Series
    rules: Rules
    host: pd.Series
    price: pd.Series
    numbers: dict[str, np.ndarray]


def _join(
    asked: Mapping[str, SitingProblem],
    p: Mapping[str, int],
    counted: Mapping[str, tuple[Quota, ...]],
    shares: Mapping[str, tuple[Floor, ...]],
    metric: str,
) -> _Joint:
    """Return the questions of all kinds as one, a kind's limits as quotas and floors."""
    tables, quotas, floors = [], [], []
    numbers: dict[str, np.ndarray] = {}
    fixed: list[int] = []
    demand_from, site_from = 0, 0
    for kind, question in asked.items():
        reach = question.reach.tocoo()
        demand, site = reach.coords[0] + demand_from, reach.coords[1] + site_from
        tables.append(pd.DataFrame({"demand": demand, "facility": site, metric: reach.data}))
        own = np.arange(len(question.sites)) + site_from
        numbers[kind] = own
        fixed += own[: question.n_fixed].tolist()
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
    new = {kind: slice(question.n_fixed, None) for kind, question in asked.items()}
    host = pd.concat(
        pd.Series(question.sites[new[kind]], index=numbers[kind][new[kind]], dtype=object)
        for kind, question in asked.items()
    )
    price = pd.concat(
        pd.Series(question.cost[new[kind]], index=numbers[kind][new[kind]])
        for kind, question in asked.items()
    )
    return _Joint(
        od=pd.concat(tables, ignore_index=True),
        weight=pd.Series(np.concatenate([question.weight for question in asked.values()])),
        rules={
            "fixed": fixed,
            "candidates": host.index.tolist(),
            "cost": price,
            "hosts": host,
            "quotas": quotas,
            "floors": floors,
        },
        host=host,
        price=price,
        numbers=numbers,
    )


def _collect(
    asked: Mapping[str, SitingProblem], joint: _Joint, answer: Solution, charge: pd.Series
) -> Together:
    """Return the plan of each kind, measured from its own table, and the buildings used."""
    slack = answer.bound - answer.objective
    is_chosen = {*answer.chosen, *joint.rules["fixed"]}
    used: dict[Label, list[str]] = {}
    plans: dict[str, Solution] = {}
    for kind, question in asked.items():
        is_open = np.asarray(pd.Index(joint.numbers[kind]).isin(list(is_chosen)))
        covered = float(question.weight[reached_by(question, is_open)].sum())
        plans[kind] = make_solution(question, is_open, covered, covered + slack)
        for site in plans[kind].chosen:
            used.setdefault(site, []).append(kind)
    objective = sum(plan.objective for plan in plans.values())
    if abs(objective - answer.objective) > PROOF * max(1.0, abs(objective)):
        raise ArithmeticError("the kinds cover another weight than the whole")
    paid = {site: float(value) for site, value in charge.items()}
    rows = [(site, paid[site], tuple(kinds)) for site, kinds in used.items()]
    rows.sort(key=lambda row: (-len(row[2]), str(row[0])))
    return Together(
        plans=plans,
        buildings=pd.DataFrame(rows, columns=pd.Index(["building", "cost", "kinds"])),
        cost=answer.cost,
        objective=answer.objective,
        bound=answer.bound,
        gap=answer.gap,
        status=answer.status,
    )
