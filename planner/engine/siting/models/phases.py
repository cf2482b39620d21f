"""Multi-period covering: sites by year, when a site once opened stays open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.engine.siting.problem.choice import check_choice
from planner.engine.siting.problem.covering_rows import merge_rows
from planner.engine.siting.problem.inputs import Floats, Ints, Label
from planner.engine.siting.problem.measures import reached_by
from planner.engine.siting.problem.problem import SitingProblem, build_problem
from planner.engine.siting.problem.result import (
    PROOF,
    Solution,
    heed_preference,
    make_solution,
    record_question,
)
from planner.engine.siting.problem.rules import Rules
from planner.engine.siting.solver.early import Needs, find_plan
from planner.engine.siting.solver.location_program import add_sites, identity, point_of
from planner.engine.siting.solver.program import Clock, Program
from planner.errors import SitingError, fail

START_SHARE = 0.25  # of the time, at most, for a plan to begin with


@dataclass(frozen=True, kw_only=True)
class Phased:
    """Sites by year.

    Parameters
    ----------
    plans
        The plan of each year, with the sites of the years before.
    opens
        Year in which each new site opens, the earliest first.
    objective, bound, gap, status
        Of the sum over years of weight covered, as in `Solution`. The single plans' own bounds are
        those of their years' shares in this sum.
    asked
        What was asked, as in `Solution`.
    """

    plans: dict[Any, Solution]
    opens: pd.Series
    objective: float
    bound: float
    gap: float
    status: str
    asked: Mapping[str, Any] = field(default_factory=dict, repr=False)


@record_question
def phase_cover(
    od: pd.DataFrame,
    demand: pd.DataFrame,
    *,
    p: Mapping[Any, int] | None = None,
    budgets: Mapping[Any, float] | None = None,
    **rules: Unpack[Rules],
) -> Phased:
    """Cover most over all years, when sites once opened stay.

    Multi-period maximal covering (Schilling 1980). The rules on the choice (quotas, floors and so
    on) hold for the last year.

    Parameters
    ----------
    od
        Long table of demand, facility and minutes.
    demand
        Weight of each demand label (rows) in each year (columns, in order).
    p
        How many new sites there may be by each year, all earlier ones counted.
    budgets
        What may have been spent by each year.
    **rules
        See `Rules`; there are no capacities, host costs, movable or closable sites here.

    Returns
    -------
    The plan of each year, and the year in which each site opens.

    Raises
    ------
    SitingError
        If the years do not match, the question is unsound, or a rule cannot be phased.
    """
    years = list(demand.columns)
    number, asked = _of_last_year(years, p, budgets, rules)
    final = build_problem("phase_cover", od, demand[years[-1]], p=number, **asked)
    clock = Clock(final.time_limit_s)
    program = Program(maximise=True)
    sites: dict[Any, Ints] = {years[-1]: add_sites(program, final)}
    new = np.arange(final.n_fixed, len(final.sites))
    for year, after in zip(years[-2::-1], years[:0:-1], strict=True):
        columns = program.columns(len(final.sites), low=_existing(final), whole=True)
        sites[year] = columns
        m = identity(len(columns))
        program.rows((columns, m), (sites[after], -m), high=0.0)
        if p is not None:
            program.row(columns[new], np.ones(len(new)), high=float(p[year]))
        if budgets is not None:
            program.row(columns[new], final.cost[new], high=float(budgets[year]))
    most = 0.0
    for year in years:
        rows = merge_rows(final.reach, demand[year].to_numpy(np.float64))
        covered = program.columns(len(rows.weight), worth=rows.weight)
        program.rows((sites[year], rows.by), (covered, -identity(len(covered))), low=0.0)
        most += float(rows.weight.sum())
    known = _early(final, demand, p, budgets, clock)
    start = None
    if known is not None:
        columns = np.concatenate([sites[year] for year in years])
        values = np.concatenate([known[year] for year in years]).astype(np.float64)
        start = (columns, values)
    answer = program.solve(time_limit_s=clock.left(), seed=final.seed, start=start)
    is_settled = final.preference is None
    if answer.point is None and not answer.infeasible and known is not None:
        is_open = known
    else:
        point, is_settled = point_of(final, answer, sites[years[-1]], program, clock)
        is_open = {year: point[sites[year]] > 0.5 for year in years}
    bound = min(answer.bound, most)
    phased = _collect(od, demand, rules, final=final, is_open=is_open, bound=bound)
    if is_settled:
        return phased
    plans = {year: heed_preference(plan, False) for year, plan in phased.plans.items()}
    return replace(phased, plans=plans, status="feasible")


def _early(
    final: SitingProblem,
    demand: pd.DataFrame,
    p: Mapping[Any, int] | None,
    budgets: Mapping[Any, float] | None,
    clock: Clock,
) -> dict[Any, NDArray[np.bool_]] | None:
    """Return a plan of each year by greed: of the last year first, then part of the year after's.

    None if no plan of the last year was found, which proves nothing.
    """
    years = list(demand.columns)
    rows = merge_rows(final.reach, final.weight)
    needs = Needs(share_of=(rows.by, rows.weight), share=float(rows.weight.sum()), wish=True)
    latest = find_plan(final, needs, clock.part(START_SHARE))
    if latest is None:
        return None
    plans = {years[-1]: latest}
    for year in years[-2::-1]:
        rows = merge_rows(final.reach, demand[year].to_numpy(np.float64))
        plan, offered = _existing(final) > 0, latest.copy()
        left = np.where(rows.by @ plan.astype(np.float64) > 0, 0.0, rows.weight)
        offered &= ~plan
        by_site = rows.by.tocsc()
        while True:
            if p is not None and plan[final.n_fixed :].sum() >= p[year]:
                break
            if budgets is not None:
                new = np.flatnonzero(plan[final.n_fixed :]) + final.n_fixed
                offered &= final.cost <= budgets[year] - final.cost[new].sum()
            gain = np.where(offered, by_site.T @ left, 0.0)
            best = int(gain.argmax())
            if gain[best] <= 0.0:
                break
            plan[best], offered[best] = True, False
            left[by_site.indices[by_site.indptr[best] : by_site.indptr[best + 1]]] = 0.0
        plans[year] = latest = plan
    return {year: plans[year] for year in years}


def check_phases(
    p: Mapping[Any, int] | None, budgets: Mapping[Any, float] | None, **rules: Unpack[Rules]
) -> None:
    """Check whether a plan over years can keep to its rules, before an OD table is computed.

    Parameters
    ----------
    p, budgets
        As `phase_cover` takes them, the years in order.
    **rules
        See `Rules`; ``candidates`` must be given. Floors are passed over: they need the OD table.

    Raises
    ------
    SitingError
        With everything that is wrong: the same that `phase_cover` raises of such a question.
    """
    number, asked = _of_last_year(list(p or budgets or ()), p, budgets, rules)
    check_choice(p=number, **asked)


def _of_last_year(
    years: list[Any],
    p: Mapping[Any, int] | None,
    budgets: Mapping[Any, float] | None,
    rules: Rules,
) -> tuple[int | None, Rules]:
    """Return the number of sites and the rules of the last year, after checking the years."""
    for name in ("budget", "capacity", "sizes", "closable", "movable", "host_cost"):
        given: Any = rules.get(name)
        if given is not None and (name == "budget" or len(given)):
            raise fail(SitingError, "siting.not_phased", value=name)
    _check_years(years, p, budgets)
    asked: Rules = {**rules, "budget": None if budgets is None else budgets[years[-1]]}
    return None if p is None else p[years[-1]], asked


def _existing(question: SitingProblem) -> Floats:
    low = np.zeros(len(question.sites))
    low[: question.n_fixed] = 1.0
    return low


def _check_years(
    years: list[Any], p: Mapping[Any, int] | None, budgets: Mapping[Any, float] | None
) -> None:
    if not years or (p is None and budgets is None):
        raise fail(SitingError, "siting.no_limit")
    for steps in (p, budgets):
        if steps is None:
            continue
        if set(steps) != set(years):
            differing = sorted(map(str, set(steps) ^ set(years)))
            raise fail(SitingError, "siting.years_unknown", value=", ".join(differing))
        for before, after in pairwise(years):
            if steps[after] < steps[before]:
                raise fail(SitingError, "siting.years_fall", value=after)


def _collect(
    od: pd.DataFrame,
    demand: pd.DataFrame,
    rules: Rules,
    *,
    final: SitingProblem,
    is_open: dict[Any, NDArray[np.bool_]],
    bound: float,
) -> Phased:
    """Return each year's plan measured from the table, and the figures of all years."""
    plans: dict[Any, Solution] = {}
    reached = {year: reached_by(final, plan) for year, plan in is_open.items()}
    objective = sum(
        float(demand[year].to_numpy(np.float64)[reached[year]].sum()) for year in is_open
    )
    proven = bound - objective <= PROOF * abs(bound)
    loose: Rules = {**rules, "budget": None, "quotas": (), "floors": (), "mandatory": ()}
    loose["unlike"], loose["preference"] = (), None
    for year, plan in is_open.items():
        question = build_problem("phase_cover", od, demand[year], **loose)
        covered = float(question.weight[reached[year]].sum())
        slack = 0.0 if proven else bound - objective
        plans[year] = make_solution(question, plan, covered, covered + slack)
    opens: dict[Label, Any] = {}
    for year, found in plans.items():
        for site in found.chosen:
            opens.setdefault(site, year)
    gap = 0.0 if proven else (bound - objective) / bound
    return Phased(
        plans=plans,
        opens=pd.Series(opens, name="year", dtype=object),
        objective=objective,
        bound=objective if proven else bound,
        gap=gap,
        status="optimal" if proven else "feasible",
    )
