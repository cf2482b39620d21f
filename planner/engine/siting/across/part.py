"""The question of one district of several that share a number of sites or a sum of money."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from planner.engine.siting.across.worth import ServiceWorth, worth_of
from planner.engine.siting.models.covering import max_cover
from planner.engine.siting.models.median import p_median
from planner.engine.siting.problem.constraints import Quota
from planner.engine.siting.problem.inputs import Label
from planner.engine.siting.problem.measures import unit_of
from planner.engine.siting.problem.problem import build_problem
from planner.engine.siting.problem.result import Solution
from planner.engine.siting.problem.rules import Rules
from planner.errors import NoPlanError, Problems, SitingError

Unit = Literal["sites", "cost"]
Way = Literal["least", "price", "within"]
# Models whose objectives add up over districts.
MODELS: dict[str, Callable[..., Solution]] = {"max_cover": max_cover, "p_median": p_median}
OWN = ("times", "decay", "beyond")
SHARED = ("budget", "preference", "give_up")  # which the whole decides, or which has no say in it
NOT_SHARED = (
    "closable",
    "movable",
    "sizes",
    "capacity",
    "host_cost",
    "most_hosts",
    "unlike",
    "whole",
)


@dataclass(frozen=True, kw_only=True)
class PartQuestion:
    """The siting question of one district.

    Parameters
    ----------
    name
        Name of the district.
    model
        ``"max_cover"`` or ``"p_median"``.
    od, demand
        As the model takes them.
    rules
        See `Rules`; a budget and preference are passed over, since the whole decides.
    own
        The model's own parameters, but for ``p``: ``times``, ``decay``, ``beyond``.
    """

    name: str
    model: str
    od: pd.DataFrame
    demand: pd.Series
    rules: Rules
    own: Mapping[str, Any] = field(default_factory=dict)

    @property
    def least(self) -> bool:
        """Whether the objective is made small."""
        return self.model == "p_median"

    def ruled(self) -> Rules:
        """Return the rules that hold within the district whatever its share is."""
        return cast("Rules", {n: rule for n, rule in self.rules.items() if n not in SHARED})


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What the whole has to know of a district before it is asked.

    Parameters
    ----------
    name
        Name of the district.
    costs
        Cost of each candidate, 1 each where sites are counted.
    least
        Whether the objective is made small.
    step
        A step of which every objective is a multiple, 0 if there is none.
    pairs
        Rows of its OD table.
    before
        The objective by what stands; missing where that leaves somebody unserved who must be.
    people
        Weight of all demand.
    """

    name: str
    costs: tuple[float, ...]
    least: bool
    step: float
    pairs: int
    before: float
    people: float


@dataclass(frozen=True, kw_only=True)
class PartAsk:
    """What a district is asked.

    Parameters
    ----------
    name
        Name of the district.
    way
        ``"least"`` for the cheapest plan that keeps to its rules, ``"price"`` for the best plan
        where a unit of cost is charged so much, ``"within"`` for the best plan of so much.
    at
        The price, or the most that may be spent.
    """

    name: str
    way: Way
    at: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a district answers; worth is its objective, negative where that is made small.

    Parameters
    ----------
    sites
        The new sites of its plan.
    cost, worth
        What that plan costs and is worth; minus infinity where none was found in time.
    bound
        For ``"price"``: no plan's worth less the price of its cost is above it. For ``"within"``:
        no plan's worth is. For ``"least"``: no plan costs less.
    """

    sites: tuple[Label, ...]
    cost: float
    worth: float
    bound: float


def read_part(part: PartQuestion, unit: Unit) -> ServiceWorth:
    """Return a district's question in arrays, its number of sites and budget left open.

    Parameters
    ----------
    part
        The question.
    unit
        What the districts share.

    Returns
    -------
    The question, with what a unit of cost is.

    Raises
    ------
    SitingError
        With everything that is wrong.
    """
    problems = Problems()
    if part.model not in MODELS:
        problems.add("across.model", file=part.name, value=part.model, known=", ".join(MODELS))
    for name in NOT_SHARED:
        given = part.rules.get(name)
        if given is not None and not (hasattr(given, "__len__") and not len(given)):
            problems.add("across.not_shared", file=part.name, value=name)
    problems.raise_any(SitingError)
    question = build_problem(
        part.model, part.od, part.demand, least=part.least, may_be_whole=True, **part.ruled()
    )
    if unit == "cost" and not question.has_costs:
        problems.add("siting.budget_without_cost", file=part.name)
        problems.raise_any(SitingError)
    cost = question.cost if unit == "cost" else np.ones(len(question.sites))
    cost = np.where(np.arange(len(cost)) < question.n_fixed, 0.0, cost)
    return worth_of(question, cost, dict(part.own))


def brief_of(part: PartQuestion, unit: Unit) -> Brief:
    """Return what the whole has to know of a district.

    Parameters
    ----------
    part
        The question.
    unit
        What the districts share.

    Returns
    -------
    The brief.

    Raises
    ------
    SitingError
        With everything that is wrong with the question.
    """
    read = read_part(part, unit)
    question = read.question
    stands = np.arange(len(question.sites)) < question.n_fixed
    exact = not part.least and part.own.get("decay") is None
    return Brief(
        name=part.name,
        costs=tuple(read.cost[question.n_fixed :].tolist()),
        least=part.least,
        step=unit_of(question.weight) if exact else 0.0,
        pairs=len(part.od),
        before=abs(read.of(stands)) if read.serves(stands) else float("nan"),
        people=float(question.weight.sum()),
    )


def answer(part: PartQuestion, unit: Unit, ask: PartAsk) -> Told:
    """Answer for a district.

    Parameters
    ----------
    part
        Its question.
    unit
        What the districts share.
    ask
        What it is asked.

    Returns
    -------
    The plan and its bound.

    Raises
    ------
    SitingError
        If the question is unsound; a `NoPlanError` if it has no plan.
    """
    if ask.way == "within":
        return _within(part, unit, ask.at)
    read = read_part(part, unit)
    is_open, bound = read.cheapest() if ask.way == "least" else read.priced(ask.at)
    if is_open is None:
        return Told(sites=(), cost=0.0, worth=-np.inf, bound=bound)
    question = read.question
    new = np.flatnonzero(is_open[question.n_fixed :]) + question.n_fixed
    return Told(
        sites=tuple(question.sites[new]),
        cost=round(float(read.cost[new].sum()), 9),
        worth=read.of(is_open),
        bound=bound,
    )


def _within(part: PartQuestion, unit: Unit, most: float) -> Told:
    """Return the best plan of so much, and its bound."""
    try:
        return told_of(solve(part, unit, most), unit)
    except NoPlanError:  # there is one of the least cost: time was too short to find it
        return Told(sites=(), cost=0.0, worth=-np.inf, bound=np.inf)


def told_of(found: Solution, unit: Unit) -> Told:
    """Return a model's answer as a district tells it.

    Parameters
    ----------
    found
        The model's answer.
    unit
        What the districts share.

    Returns
    -------
    The same plan and bound.
    """
    sign = -1.0 if found.model == "p_median" else 1.0
    return Told(
        sites=found.chosen,
        cost=round(found.cost, 9) if unit == "cost" else float(len(found.chosen)),
        worth=sign * found.objective,
        bound=sign * found.bound,
    )


def solve(part: PartQuestion, unit: Unit, most: float) -> Solution:
    """Ask a model for the best plan of so many sites, or of so much money.

    Parameters
    ----------
    part
        The question.
    unit, most
        What is limited, and to how much.

    Returns
    -------
    The model's answer; without new sites where the money is too little for any.

    Raises
    ------
    SitingError
        As the model raises it.
    """
    od, demand, rules, model = part.od, part.demand, part.ruled(), MODELS[part.model]
    given = rules.get("candidates")
    offered = pd.Index(od["facility"].unique() if given is None else list(given))
    barred = [*(rules.get("fixed") or ()), *(rules.get("forbidden") or ())]
    new = offered[~offered.isin(barred)]
    asked: dict[str, Any] = {name: value for name, value in part.own.items() if value is not None}
    if unit == "sites":
        free: Rules = {**rules, "cost": None}
        return model(od, demand, p=min(int(most), len(new)), **asked, **free)
    try:
        return model(od, demand, **asked, **{**rules, "budget": most})
    except SitingError as wrong:
        if {problem.key for problem in wrong.problems} != {"siting.budget_small"}:
            raise
        nothing = Quota(name="new", sites=list(new), at_most=0)
        none: Rules = {**rules, "quotas": [*(rules.get("quotas") or ()), nothing]}
        return model(od, demand, p=0, **asked, **none)
