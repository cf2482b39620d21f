"""Solve a question by its model: its plan, other plans near it, and its fronts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import geopandas as gpd
import pandas as pd

from planner.engine import siting
from planner.engine.siting import Rules, Solution, Verification
from planner.errors import NoPlanError, Problem
from planner.settings import SitingQuestion
from planner.settings.siting import Trade
from planner.study.siting_study.checks import steps
from planner.study.siting_study.demand import SitingCase

FRONT = ["cost", "covered", "share", "proven", "further"]  # columns
EFFORT = {"nodes": 200, "entries": 30_000}  # of HiGHS when it checks an answer
MOST_TRADES = 10  # plans of a front where the question does not say


@dataclass(frozen=True, kw_only=True)
class Solved:
    """A plan and what checking it anew found; years of sites where phased, shares where fair."""

    result: Solution
    verified: Verification | None = None
    years: pd.Series | None = None
    shares: pd.DataFrame = field(default_factory=pd.DataFrame)
    price: float = float("nan")


def solve(case: SitingCase, od: pd.DataFrame, rules: Rules) -> Solved:
    """Solve a question by its model.

    Parameters
    ----------
    case
        The question: its model, that model's parameters, and who counts.
    od
        The OD table that the model works on.
    rules
        The question's rules in labels, as `checked_rules` gives them, and its floors.

    Returns
    -------
    The plan, and what checking it anew found.

    Raises
    ------
    NoPlanError
        If the question has no plan.
    SitingError
        If it has no sound form.
    """
    question, people = case.question, case.people
    if question.phases:
        new, budgets = steps(question)
        years = sorted({phase.year for phase in question.phases})
        each = pd.DataFrame(dict.fromkeys(years, people.weight))
        phased = siting.phase_cover(od, each, p=new, budgets=budgets, **rules)
        return Solved(
            result=phased.plans[years[-1]],
            verified=siting.verify(phased, od, each, **EFFORT),
            years=phased.opens,
        )
    answer = bind(case)(od, people.weight, **rules)
    checked = siting.verify(
        answer, od, None if question.spec.table == "sites" else people.weight, **EFFORT
    )
    if isinstance(answer, siting.Fair):
        shares = answer.shares.rename_axis("unit").reset_index()
        return Solved(result=answer.plan, verified=checked, shares=shares, price=answer.price[0])
    return Solved(result=answer, verified=checked)


def units(case: SitingCase) -> pd.Series:
    """Return the unit that each demand label belongs to, for fairness.

    Parameters
    ----------
    case
        The question, whose ``fair_by`` names the level, and who counts.

    Returns
    -------
    Names of units on the label of demand.
    """
    home = case.people.point.map(case.area.demand["community"])
    if case.question.fair_by == "community":
        return home
    return home.map(case.area.communities[case.question.fair_by])


def bind(case: SitingCase) -> Callable[..., Solution | siting.Fair]:
    """Return the function of a question's model with its own parameters set.

    Parameters
    ----------
    case
        The question, and who counts.

    Returns
    -------
    A function of the OD table, the weights and the rules (as keywords) that returns an answer.
    """
    question, spec = case.question, case.question.spec
    own: dict[str, Callable[[], object]] = {
        "p": lambda: question.new,
        "share": lambda: question.share,
        "times": lambda: question.times,
        "decay": lambda: question.decay or None,
        "beyond": lambda: question.beyond_min,
        "weighted": lambda: question.weighted,
        "groups": lambda: units(case),
        "spread": lambda: question.spread,
    }
    asked = {name: value() for name, value in own.items() if name in spec.takes}
    if spec.table == "sites":
        return lambda od, _, **rules: spec.solve(od, **asked, **rules)
    return partial(spec.solve, **asked)


def near_plans(
    case: SitingCase, od: pd.DataFrame, rules: Rules, candidates: gpd.GeoDataFrame
) -> pd.DataFrame:
    """List other plans near the best, best first, each with its sites.

    Parameters
    ----------
    case
        The question, which says how many and how near, and who counts.
    od
        The OD table that the model works on.
    rules
        The question's rules in labels.
    candidates
        Candidates on their label, with ``name``.

    Returns
    -------
    A row for each site of each plan: ``plan`` (1 is the best), ``site``, ``name``, ``objective``,
    ``share``, ``in_all``; no row where none are asked for.
    """
    columns, question = ["plan", "site", "name", "objective", "share", "in_all"], case.question
    if not question.alternatives or question.phases:
        return pd.DataFrame(columns=columns)
    found = siting.alternatives(
        cast("Callable[..., Solution]", bind(case)),  # such models answer with one plan
        od,
        case.people.weight,
        k=question.alternatives + 1,
        within=question.within,
        **rules,
    )
    rows = [
        {
            "plan": number,
            "site": site,
            "name": candidates.loc[site, "name"],
            "objective": plan.objective,
            "share": plan.share,
            "in_all": site in found.shared,
        }
        for number, plan in enumerate(found.plans, start=1)
        for site in plan.chosen
    ]
    return pd.DataFrame(rows, columns=columns)


def front(
    question: SitingQuestion, reach: pd.DataFrame, weight: pd.Series, rules: Rules
) -> pd.DataFrame:
    """Compute the front of the number or the cost of sites against people covered.

    Parameters
    ----------
    question
        The question; ``front`` is the most sites or, with a budget, steps, and ``times`` and
        ``budget`` count beside: nothing else of it does.
    reach
        The OD table within the limit.
    weight
        Who counts: the people at each point.
    rules
        The question's rules in labels.

    Returns
    -------
    ``cost``, ``covered``, ``share``, ``proven``, ``further``.
    """
    if question.budget is None:
        rules = {**rules, "budget": float(question.front)}
    most, times = question.front + 1, question.times
    return siting.cover_front(reach, weight, times=times, most=most, **rules)[FRONT]


def trades(
    case: SitingCase, *, reach: pd.DataFrame, far: pd.DataFrame, rules: Rules
) -> dict[str, pd.DataFrame]:
    """Compute the further fronts that a question asks for; one that has no plan is left out.

    Parameters
    ----------
    case
        The question. Those left without a site count as if they walked ``search_min``.
    reach, far
        Tables of minutes within the limit, and as far as anybody searches.
    rules
        The question's rules in labels.

    Returns
    -------
    A front for each name in ``trade``, as `planner.siting` gives it but for the plans.
    """
    question, people = case.question, case.people
    ask: dict[Trade, Callable[[], pd.DataFrame]] = {
        "time": lambda: siting.time_front(
            far,
            people.weight,
            within=case.minutes,
            p=question.new,
            beyond=question.beyond_min or case.search_min,
            most=MOST_TRADES,
            **rules,
        ),
        "longest": lambda: siting.mean_max_front(
            far, people.weight, p=question.new, most=MOST_TRADES, **rules
        ),
        "fairness": lambda: siting.fair_front(
            reach,
            people.weight,
            units(case),
            p=question.new,
            most=MOST_TRADES,
            **rules,
        ),
    }
    found: dict[str, pd.DataFrame] = {}
    for name in dict.fromkeys(question.trade):
        try:
            found[name] = ask[name]().drop(columns="plan")
        except NoPlanError:
            continue
    return found


def notes_on_fronts(front: pd.DataFrame, trades: dict[str, pd.DataFrame]) -> tuple[Problem, ...]:
    """Return a note for each front that shows some of its plans only.

    Parameters
    ----------
    front
        The front of sites and cover, with ``further``.
    trades
        Other fronts by name, with ``further``.

    Returns
    -------
    A note for each front that was cut.
    """
    notes = []
    if len(front) and front["further"].any():
        notes.append(Problem(key="siting.front_sampled", value=len(front)))
    for name, table in trades.items():
        if table["further"].any():
            notes.append(Problem(key=f"siting.cut_{name}", value=len(table)))
    return tuple(notes)
