"""Models of the extreme: the farthest demand, and the two nearest sites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.models.capacity_center import center_with_capacity
from planner.engine.siting.models.center import Early, look_early
from planner.engine.siting.problem.covering_rows import merge_rows
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem, build_problem
from planner.engine.siting.problem.result import (
    Solution,
    heed_preference,
    make_solution,
    record_question,
)
from planner.engine.siting.problem.rules import Rules
from planner.engine.siting.solver.highs import is_proven
from planner.engine.siting.solver.infeasibility import contradiction
from planner.engine.siting.solver.location_program import add_sites
from planner.engine.siting.solver.program import Clock, Program
from planner.errors import NoPlanError, Problem, SitingError, fail

Plan = NDArray[np.bool_]
SHARE = 0.25  # of the time left that a level may take at first


@record_question
def p_center(
    od: pd.DataFrame,
    demand: pd.Series,
    *,
    p: int | None = None,
    weighted: bool = False,
    **rules: Unpack[Rules],
) -> Solution:
    """Choose sites so that the farthest demand is as near as can be.

    The p-center (Hakimi 1964), by bisection over covering problems (Minieka 1970): exact, since the
    answer is one of the table's values.

    Parameters
    ----------
    od
        Long table of demand, facility and minutes.
    demand
        Weight of each demand label.
    p
        How many new sites at most; may be left out where a budget is given.
    weighted
        Whether minutes count times weight.
    **rules
        See `Rules`.

    Returns
    -------
    The answer; its objective is the farthest demand's separation.

    Raises
    ------
    SitingError
        If so few sites cannot reach all demand, or the question is unsound.
    """
    if p is None and rules.get("budget") is None:
        raise fail(SitingError, "siting.no_limit")
    question = build_problem("p_center", od, demand, p=p, least=True, **rules)
    reach = question.reach
    row = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    value = reach.data * question.weight[row] if weighted else reach.data
    if question.sizes is not None:
        return center_with_capacity(question, Clock(question.time_limit_s), value)

    def _farthest(is_open: Plan) -> float:
        nearest = np.full(reach.shape[0], np.inf)
        usable = is_open[reach.indices]
        np.minimum.at(nearest, row[usable], value[usable])
        return float(nearest[question.wanted].max(initial=0.0))

    def _within(limit: float) -> tuple[sparse.csr_array, float, float] | None:
        near = (value <= limit) & question.wanted[row]
        by = sparse.coo_array(
            (np.ones(near.sum()), (row[near], reach.indices[near])), shape=reach.shape
        ).tocsr()
        out_of_reach = (np.diff(by.indptr)[question.wanted] == 0).any()
        return None if out_of_reach else (merge_rows(by, question.weight).by, 1.0, np.inf)

    clock = Clock(question.time_limit_s)
    levels = np.unique(np.append(0.0, value[question.wanted[row]]))
    levels = levels[levels >= _farthest(np.ones(len(question.sites), dtype=bool))]
    early = look_early(question, value, levels, clock)
    plan, bound, is_settled = _bisect(
        question, levels, _farthest, _within, clock=clock, early=early
    )
    return heed_preference(make_solution(question, plan, _farthest(plan), bound), is_settled)


@record_question
def p_dispersion(
    od: pd.DataFrame, demand: pd.Series | None = None, *, p: int, **rules: Unpack[Rules]
) -> Solution:
    """Choose just p sites so that the nearest two are as far apart as can be.

    The p-dispersion problem (Kuby 1987), by bisection over packing problems.

    Parameters
    ----------
    od
        Long table between sites: the columns demand and facility both name sites. Pairs that it
        lacks are farther apart than any it holds.
    demand
        Not needed; by default each site weighs 1.
    p
        How many new sites; existing ones count for the distances.
    **rules
        See `Rules`.

    Returns
    -------
    plan
        Its objective is missing where no two of the sites are in the table: they are farther
        apart than it looks.

    Raises
    ------
    SitingError
        If the question is unsound.
    """
    if demand is None:
        demand = pd.Series(1.0, index=pd.Index(od["demand"].unique()))
    question = build_problem("p_dispersion", od, demand, p=p, exactly=True, **rules)
    if question.sizes is not None:
        raise fail(SitingError, "siting.no_capacity_apart")
    a, b, apart = _pairs(question)

    def _nearness(is_open: Plan) -> float:
        return -float(apart[is_open[a] & is_open[b]].min(initial=np.inf))

    def _within(limit: float) -> tuple[sparse.csr_array, float, float]:
        near = np.flatnonzero(apart < -limit)
        entry = np.tile(np.arange(len(near)), 2)
        ends = np.concatenate([a[near], b[near]])
        shape = (len(near), len(question.sites))
        both = sparse.coo_array((np.ones(len(ends)), (entry, ends)), shape=shape).tocsr()
        return both, -np.inf, 1.0

    levels = np.unique(np.append(-apart, -np.inf))
    clock = Clock(question.time_limit_s)
    plan, bound, is_settled = _bisect(question, levels, _nearness, _within, clock=clock)
    found = make_solution(question, plan, -_nearness(plan), -bound)
    if np.isfinite(found.bound):
        return heed_preference(found, is_settled)
    proven = found.status == "optimal"
    far = replace(
        found,
        objective=found.objective if np.isfinite(found.objective) else np.nan,
        bound=np.nan,
        gap=0.0 if proven else np.nan,
        notes=(*found.notes, Problem(key="siting.unconnected")) if proven else found.notes,
    )
    return heed_preference(far, is_settled)


def _bisect(
    question: SitingProblem,
    levels: Floats,
    measure: Callable[[Plan], float],
    within: Callable[[float], tuple[sparse.csr_array, float, float] | None],
    *,
    clock: Clock,
    early: Early | None = None,
) -> tuple[Plan, float, bool]:
    """Find a plan of the least measure, which is one of the levels, and a bound on it.

    The last value says whether preference is settled.

    ``within`` writes, as rows on the sites with bounds, that the measure is at most a level, or
    tells that no plan's can be. A level that takes too long is left for later, so that it neither
    keeps a plan from coming nor the bound from rising on either side of it.
    """

    def _find(rows: tuple[sparse.csr_array, float, float], share: float) -> Plan | None:
        matrix, least, most = rows
        program = Program(maximise=False)
        sites = add_sites(program, question)
        program.rows((sites, matrix), low=least, high=most)
        answer = program.solve(time_limit_s=clock.left() * share, seed=question.seed)
        if answer.point is None and not answer.infeasible:
            raise TimeoutError
        return None if answer.point is None else answer.point[sites] > 0.5

    plan = _any_plan(question, within(np.inf), _find) if early is None else early.is_open
    low, high = 0 if early is None else early.low, int(np.searchsorted(levels, measure(plan)))
    open_from, share = low, SHARE  # levels below are settled, or left for later
    while low < high and clock.left() > 0:
        middle = (open_from + high) // 2
        rows = within(float(levels[middle]))
        try:
            better = None if rows is None else _find(rows, share)
        except TimeoutError:
            open_from = middle + 1
        else:
            if better is not None:
                plan = better
                high = int(np.searchsorted(levels, measure(plan)))
            else:  # nor is there one within any level below
                low = open_from = middle + 1
        if open_from >= high:
            open_from, share = low, 1.0
    is_settled = True
    if question.preference is not None:
        plan, is_settled = _preferred(question, plan, measure(plan), within, clock)
        is_settled &= low >= high
    return plan, float(levels[low]) if len(levels) else 0.0, is_settled


def _preferred(
    question: SitingProblem,
    plan: Plan,
    measured: float,
    within: Callable[[float], tuple[sparse.csr_array, float, float] | None],
    clock: Clock,
) -> tuple[Plan, bool]:
    """Return the plan with most points among those as good as one, but for what may be given up.

    Return beside it whether it is sure that none has more.
    """
    given_up = question.give_up * abs(measured) if np.isfinite(measured) else 0.0
    rows = within(measured + given_up)
    points = question.preference
    if rows is None or points is None:
        return plan, False
    matrix, least, most = rows
    program = Program(maximise=True)
    sites = add_sites(program, question, worth=points)
    program.rows((sites, matrix), low=least, high=most)
    start = (sites, plan.astype(np.float64))
    answer = program.solve(time_limit_s=clock.left(), seed=question.seed, start=start)
    if answer.point is None:
        return plan, False
    return answer.point[sites] > 0.5, is_proven(answer)


def _any_plan(
    question: SitingProblem,
    rows: tuple[sparse.csr_array, float, float] | None,
    find: Callable[[tuple[sparse.csr_array, float, float], float], Plan | None],
) -> Plan:
    """Return a plan of any measure, or raise the reason why there is none."""
    try:
        plan = None if rows is None else find(rows, 1.0)
    except TimeoutError as late:
        raise fail(NoPlanError, "siting.no_plan_in_time", value=question.time_limit_s) from late
    if plan is None:
        must = None if rows is None or rows[1] == -np.inf else rows[0]
        raise contradiction(question, must)
    return plan


def _pairs(question: SitingProblem) -> tuple[Ints, Ints, Floats]:
    """Return pairs of sites with the smaller of their two distances."""
    reach = question.reach.tocoo()
    a = question.sites.get_indexer(question.demand)[reach.coords[0]]
    b = reach.coords[1]
    known = (a >= 0) & (a != b)
    pairs = pd.DataFrame(
        {
            "a": np.minimum(a, b)[known],
            "b": np.maximum(a, b)[known],
            "apart": reach.data[known],
        }
    )
    nearest = pairs.groupby(["a", "b"], as_index=False)["apart"].min()
    return nearest["a"].to_numpy(), nearest["b"].to_numpy(), nearest["apart"].to_numpy(np.float64)
