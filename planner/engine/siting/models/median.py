"""The p-median, with a penalty for demand that is left unserved."""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.engine.labels import shorten
from planner.engine.siting.models.capacity import solve_with_capacity
from planner.engine.siting.models.center import reach_early
from planner.engine.siting.problem.covering_rows import entries_of, merge_rows
from planner.engine.siting.problem.inputs import Floats
from planner.engine.siting.problem.measures import nearest_site, reached_by, unit_of
from planner.engine.siting.problem.problem import SitingProblem, build_problem
from planner.engine.siting.problem.result import (
    Solution,
    heed_preference,
    make_solution,
    record_question,
)
from planner.engine.siting.problem.rules import Rules
from planner.engine.siting.solver.early import Needs, find_plan
from planner.engine.siting.solver.facility_location import Served, solve_service
from planner.engine.siting.solver.infeasibility import contradiction
from planner.engine.siting.solver.location_program import add_sites
from planner.engine.siting.solver.program import Clock, Program
from planner.errors import NoPlanError, SitingError, fail

STEP_S = 4e-6  # for each pair: where less time is left, one cost of leaving out is tried alone


@record_question
def p_median(
    od: pd.DataFrame,
    demand: pd.Series,
    *,
    p: int | None = None,
    beyond: float | None = None,
    **rules: Unpack[Rules],
) -> Solution:
    """Choose sites so that the weighted sum of minutes to the nearest one is least.

    The p-median (Hakimi 1964; ReVelle & Swain 1970). Divide the objective by ``covered`` for the
    mean.

    Parameters
    ----------
    od
        Long table of demand, facility and minutes.
    demand
        Weight of each demand label.
    p
        How many new sites at most; may be left out where a budget is given.
    beyond
        Minutes counted for demand left without a site. By default all demand with weight that can
        be reached must be; what cannot is in ``unreached`` and counts nothing.
    **rules
        See `Rules`.

    Returns
    -------
    The answer; its objective is the sum of weight times minutes.

    Raises
    ------
    SitingError
        If so few sites cannot reach all demand, or the question is unsound.
    """
    if p is None and rules.get("budget") is None:
        raise fail(SitingError, "siting.no_limit")
    if beyond is not None and not 0 <= beyond < np.inf:
        raise fail(SitingError, "siting.beyond_wrong", value=beyond)
    question = build_problem("p_median", od, demand, p=p, least=True, may_be_whole=True, **rules)
    clock = Clock(question.time_limit_s)
    if question.sizes is not None:
        return solve_with_capacity(question, clock, seeks="metric", beyond=beyond)
    reach, weight = question.reach, question.weight
    row = np.repeat(np.arange(len(weight)), np.diff(reach.indptr))
    cost = reach.data * weight[row]
    worst = np.zeros(len(weight))
    np.maximum.at(worst, row, cost)
    if beyond is not None:
        outside = np.where(question.reached, weight * beyond, 0.0)
        served = solve_service(question, cost, outside, clock)
    else:
        outside, served = _serve_all(question, cost, worst, clock)
    nearest = nearest_site(question, served.is_open)
    if beyond is None and ((nearest < 0) & question.wanted).any():
        left = question.demand[(nearest < 0) & question.wanted]
        must = merge_rows(reach, weight, np.flatnonzero(question.wanted)).by
        if served.bound > worst.sum():
            raise contradiction(question, must)
        raise fail(NoPlanError, "siting.not_all_reached", value=shorten(left))
    best = outside.copy()
    row, at = entries_of(reach, served.is_open)
    np.minimum.at(best, row, cost[at])
    whole = unit_of(cost) if beyond is None or beyond == round(beyond) else 0.0
    found = make_solution(
        question,
        served.is_open,
        float(best.sum()),
        served.bound,
        unit=whole,
        proven=served.proven,
        spare=True,
        proof=served.proof,
    )
    return heed_preference(found, served.is_settled)


def _serve_all(
    question: SitingProblem, cost: Floats, worst: Floats, clock: Clock
) -> tuple[Floats, Served]:
    """Serve all demand that can be reached; return what each costs if left out, and the plan.

    Leaving out must never pay. A cost that is sure to be high enough leaves few bits for all else,
    so lower ones are tried first, for a part of the time: once nobody is left out at one, the rest
    of the time goes to that. Where preference decides, only a plan that is best by itself will do.
    """
    partial = question.wanted & (np.diff(question.reach.indptr) < len(question.sites))
    base, sure = np.where(question.wanted, worst + 1.0, 0.0), float(worst.sum())
    if question.preference is not None:  # nor may leaving out be what is given up for preference
        partial, sure = question.wanted, sure * (1.0 + question.give_up)
    steps: tuple[tuple[float, float], ...] = ((sure / 64, 0.15), (sure / 8, 0.3), (sure, 1.0))
    if question.preference is None and clock.left() < STEP_S * question.reach.nnz:
        steps = ((sure / 64, 1.0),)
    plan = None if question.plain or not partial.any() else _reach(question, clock.part(0.25))
    linear = not question.floors and question.hosts is None and question.preference is None
    for price, time in steps if partial.any() else steps[-1:]:
        outside = base.copy()
        outside[partial] += price
        start = None if linear else plan
        served = solve_service(question, cost, outside, clock.part(time), start=start)
        everybody = not (question.wanted & ~reached_by(question, served.is_open)).any()
        if everybody and served.proven:
            break
        if everybody and question.preference is None:
            if time < 1.0:
                served = solve_service(question, cost, outside, clock, start=served.is_open)
            break
    if not everybody and question.preference is None:
        plan = _reaching(question, clock) if plan is None else plan
        if plan is not None:
            served = replace(served, is_open=plan, proven=False)
    return outside, served


def _reaching(question: SitingProblem, clock: Clock) -> NDArray[np.bool_] | None:
    """Return a plan that reaches all that can be, after a second at least; None if none."""
    plan = _reach(question, clock)
    if plan is None:
        program = Program(maximise=False)
        sites = add_sites(program, question)
        must = merge_rows(question.reach, question.weight, np.flatnonzero(question.wanted)).by
        program.rows((sites, must), low=1.0)
        left = max(clock.left(), 1.0)
        answer = program.solve(time_limit_s=left, seed=question.seed)
        plan = None if answer.point is None else answer.point[sites] > 0.5
    return plan


def _reach(question: SitingProblem, clock: Clock) -> NDArray[np.bool_] | None:
    """Return a plan that reaches all that can be; that none is found proves nothing."""
    if question.plain:
        return reach_early(question)
    must = merge_rows(question.reach, question.weight, np.flatnonzero(question.wanted)).by
    return find_plan(question, Needs(must=must), clock)
