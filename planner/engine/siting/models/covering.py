"""The covering models: maximal covering and set covering."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.engine.labels import shorten
from planner.engine.siting.models.capacity import solve_with_capacity
from planner.engine.siting.models.capacity_program import site_worth
from planner.engine.siting.problem.covering_rows import Rows, entries_of, merge_rows
from planner.engine.siting.problem.inputs import Floats, Ints, is_count
from planner.engine.siting.problem.measures import host_cost, reached_by, unit_of
from planner.engine.siting.problem.problem import SitingProblem, build_problem
from planner.engine.siting.problem.result import (
    Solution,
    heed_preference,
    make_solution,
    record_question,
)
from planner.engine.siting.problem.rules import Rules
from planner.engine.siting.solver.cover_bound import bound_cover, is_worth_bounding
from planner.engine.siting.solver.covering import least_cover
from planner.engine.siting.solver.dominance import reduce_cover
from planner.engine.siting.solver.early import Needs, find_plan, improve_plan
from planner.engine.siting.solver.facility_location import solve_service
from planner.engine.siting.solver.infeasibility import contradiction
from planner.engine.siting.solver.location_program import add_sites, identity, plan_of
from planner.engine.siting.solver.program import Clock, Program
from planner.errors import NoPlanError, Problem, SitingError, fail

START_SHARE = 0.25  # of the time, at most, for a plan to begin with
Decay = Callable[[Floats], Floats] | Mapping[float, float]


@record_question
def max_cover(
    od: pd.DataFrame,
    demand: pd.Series,
    *,
    p: int | None = None,
    times: int = 1,
    decay: Decay | None = None,
    **rules: Unpack[Rules],
) -> Solution:
    """Cover as much demand as a number of sites, or a budget, allows.

    The maximal covering location problem (Church & ReVelle 1974, doi:10.1007/BF01942293); with
    ``times`` = 2, backup coverage (Hogan & ReVelle 1986); with ``decay``, gradual coverage (Berman,
    Krass & Drezner 2003); with ``capacity``, as many are served as places allow.

    Parameters
    ----------
    od
        Long table of demand, facility and minutes: who reaches whom.
    demand
        Weight of each demand label; the objective is the weight covered, by existing sites too.
    p
        How many new sites at most; may be left out where a budget is given.
    times
        How many open sites must reach a demand for it to count.
    decay
        Share of a demand that counts at so many minutes: a function of an array, falling from 1
        to 0; or steps, as ``{5: 1.0, 10: 0.6, 15: 0.3}``: up to 5 minutes all, beyond 15 nothing.
    **rules
        Existing sites, candidates, costs and all else: see `Rules`.

    Returns
    -------
    The answer; its objective is the weight covered.

    Raises
    ------
    SitingError
        If the question is unsound, or its rules contradict each other.

    Examples
    --------
    >>> od = pd.DataFrame({"demand": ["a", "b", "b", "c"], "facility": [1, 1, 2, 2], "minutes": 5})
    >>> max_cover(od, pd.Series({"a": 10, "b": 20, "c": 5}), p=1).chosen
    (1,)
    """
    if p is None and rules.get("budget") is None:
        raise fail(SitingError, "siting.no_limit")
    _check_times(times)
    question = build_problem("max_cover", od, demand, p=p, may_be_whole=True, **rules)
    clock = Clock(question.time_limit_s)
    if question.sizes is not None:
        if times > 1:
            raise fail(SitingError, "siting.no_capacity_times")
        kept = None if decay is None else share_kept(decay, question.reach.data)
        return solve_with_capacity(question, clock, kept=kept)
    if times > 1:
        if decay is not None:
            raise fail(SitingError, "siting.no_decay_times")
        return _cover_often(question, times, clock)
    weight, reach = question.weight, question.reach
    lost = None
    if decay is not None:
        lost = (1.0 - share_kept(decay, reach.data)) * np.repeat(weight, np.diff(reach.indptr))
    served = solve_service(question, lost, weight, clock, total=float(weight.sum()))
    left = weight.copy()
    row, at = entries_of(reach, served.is_open)
    np.minimum.at(left, row, 0.0 if lost is None else lost[at])
    total = float(weight.sum())
    found = make_solution(
        question,
        served.is_open,
        float((weight - left).sum()),
        total - served.bound,
        unit=unit_of(weight) if decay is None else 0.0,
        proven=served.proven,
        spare=True,
        proof=served.proof,
    )
    return heed_preference(found, served.is_settled)


@record_question
def set_cover(
    od: pd.DataFrame,
    demand: pd.Series,
    *,
    share: float = 1.0,
    times: int = 1,
    **rules: Unpack[Rules],
) -> Solution:
    """Cover a share of demand with the fewest sites, or at the least cost.

    The location set covering problem (Toregas et al. 1971, doi:10.1287/opre.19.6.1363); with a
    share below 1, its partial form; with ``times`` = 2, a second site stands in for each (Church &
    Gerrard 2003). Where costs are given, they are what is made small.

    Parameters
    ----------
    od
        Long table of demand, facility and minutes.
    demand
        Weight of each demand label.
    share
        Share of all weight to be covered, existing sites included. At 1, all demand with weight
        that can be covered is, and the rest is in ``unreached``.
    times
        How many open sites must reach a demand for it to be covered. Demand that fewer sites of
        the question can reach is named in a note.
    **rules
        See `Rules`.

    Returns
    -------
    The answer; its objective is the number of new sites, or their cost.

    Raises
    ------
    SitingError
        If the share is out of reach, the question unsound, or its rules contradict each other.
    ArithmeticError
        If the solver's plan covers less than it says: it is never handed out.
    """
    if not 0 <= share <= 1:
        raise fail(SitingError, "siting.share_wrong", value=share)
    _check_times(times)
    question = build_problem("set_cover", od, demand, least=True, may_be_whole=True, **rules)
    clock = Clock(question.time_limit_s)
    _check_share(question, share, times)
    if question.sizes is not None:
        if times > 1:
            raise fail(SitingError, "siting.no_capacity_times")
        return solve_with_capacity(question, clock, seeks="cost", share=share)
    if share == 1 and question.plain and times == 1:
        return _cover_all(question, clock)
    weight, done = question.weight, reached_by(question, question.always, times)
    able = reached_by(question, np.ones(len(question.sites), dtype=bool), times)
    rows = merge_rows(question.reach, weight, np.flatnonzero(able & ~done & question.wanted))
    program = Program(maximise=False)
    worth = site_worth(question)
    sites = add_sites(program, question, worth=worth, host_weight=1.0)
    target, must = 0.0, None
    needs = Needs(must=rows.by, times=times, price=worth)
    if share == 1:
        must = rows.by
        program.rows((sites, must), low=float(times))
    else:
        target = share * float(weight.sum())
        if unit_of(weight):
            target = float(np.ceil(target * (1 - 1e-12)))
        covered = program.columns(len(rows.weight), whole=times > 1)
        program.rows((sites, rows.by), (covered, -times * identity(len(rows.weight))), low=0.0)
        left = target - float(weight[done].sum())
        program.row(covered, rows.weight, low=left)
        needs = replace(needs, must=None, share_of=(rows.by, rows.weight), share=left)
    unit = unit_of(worth) if question.hosts is None else 0.0
    known, least = _begin(question, needs, rows, unit, clock)
    answer = program.solve(
        time_limit_s=clock.left(), seed=question.seed, unit=unit, start=_started(sites, known)
    )
    if answer.infeasible and must is not None:
        raise contradiction(question, must, float(times))
    is_open, is_settled = known, question.preference is None
    if answer.point is not None or is_open is None:
        is_open, is_settled = plan_of(
            question, answer, sites, program, clock, bound=least, unit=unit
        )
    if weight[reached_by(question, is_open, times)].sum() < target * (1 - 1e-9):
        raise ArithmeticError("the plan covers less than its share")
    objective = float(worth @ is_open) + host_cost(question, is_open)
    bound = max(answer.bound, least)
    few = question.demand[question.wanted & ~able]
    notes = [Problem(key="siting.few_in_reach", value=shorten(few), params={"times": times})]
    shown = tuple(notes) if len(few) else ()
    found = make_solution(question, is_open, objective, bound, unit=unit, notes=shown)
    return heed_preference(found, is_settled)


def _begin(
    question: SitingProblem, needs: Needs, rows: Rows, unit: float, clock: Clock
) -> tuple[NDArray[np.bool_] | None, float]:
    """Return a plan to begin with, if there is one, and a lower bound on what plans cost.

    Where HiGHS would prove the program as soon, neither is worked at.
    """
    always, worth = question.always, site_worth(question)
    known = find_plan(question, needs, clock.part(START_SHARE))
    least = float(worth[always].sum())
    if not is_worth_bounding(rows.by) or clock.left() <= 0:
        return known, least
    if known is not None:
        known = improve_plan(question, needs, known, clock.part(START_SHARE))
    # What is open in every plan is paid in any case, and then covers for nothing.
    free = np.where(always, 0.0, worth)
    target = float(free.sum() if known is None else free @ known)
    more = bound_cover(
        rows.by,
        free,
        target,
        clock.part(START_SHARE),
        times=needs.times,
        weight=None if needs.share_of is None else rows.weight,
        need=needs.share,
        unit=unit,
    )
    return known, least + more


def _started(sites: Ints, known: NDArray[np.bool_] | None) -> tuple[Ints, Floats] | None:
    """Return a plan as a program's start, if there is one."""
    return None if known is None else (sites, known.astype(np.float64))


def _check_times(times: int) -> None:
    if not is_count(times, 1):
        raise fail(SitingError, "siting.times_wrong", value=times)


def _check_share(question: SitingProblem, share: float, times: int) -> None:
    """Raise where all sites together reach less than the share to be covered, so many times."""
    able = reached_by(question, np.ones(len(question.sites), dtype=bool), times)
    within, total = float(question.weight[able].sum()), float(question.weight.sum())
    if share < 1 and share * total > within * (1 + 1e-12):
        raise fail(NoPlanError, "siting.share_out_of_reach", value=share, most=within / total)


def _cover_all(question: SitingProblem, clock: Clock) -> Solution:
    """Cover all that can be, when there are no rules to keep to."""
    undone = np.flatnonzero(~reached_by(question, question.always) & question.wanted)
    rows = merge_rows(question.reach, question.weight, undone)
    worth = site_worth(question)
    left = reduce_cover(rows.by, worth)
    is_open = question.always.copy()
    is_open[left.forced] = True
    base = float(worth[is_open].sum())
    unit = unit_of(worth)
    bound = base
    if len(left.sites):
        found, least = least_cover(left.by, worth[left.sites], question.seed, unit, clock)
        is_open[left.sites] = found
        bound += least
    return make_solution(question, is_open, float(worth @ is_open), bound, unit=unit)


def _cover_often(question: SitingProblem, times: int, clock: Clock) -> Solution:
    """Cover as much demand as can be by several sites at once."""
    rows = merge_rows(question.reach, question.weight)
    program = Program(maximise=True)
    sites = add_sites(program, question)
    covered = program.columns(len(rows.weight), worth=rows.weight, whole=True)
    program.rows((sites, rows.by), (covered, -times * identity(len(rows.weight))), low=0.0)
    unit = unit_of(question.weight)
    everything = float(rows.weight.sum())
    wish = Needs(times=times, share_of=(rows.by, rows.weight), share=everything, wish=True)
    known = find_plan(question, wish, clock.part(START_SHARE))
    start = None
    if known is not None:
        hit = rows.by @ known.astype(np.float64) >= times
        start = (np.append(sites, covered), np.append(known, hit).astype(np.float64))
    answer = program.solve(time_limit_s=clock.left(), seed=question.seed, unit=unit, start=start)
    is_open, is_settled = known, question.preference is None
    if answer.point is not None or is_open is None:
        is_open, is_settled = plan_of(question, answer, sites, program, clock, unit=unit)
    objective = float(question.weight[reached_by(question, is_open, times)].sum())
    bound = min(answer.bound, everything)
    found = make_solution(question, is_open, objective, bound, unit=unit)
    return heed_preference(found, is_settled)


def share_kept(decay: Decay, minutes: Floats) -> Floats:
    """Return the share of demand that counts at so many minutes.

    Parameters
    ----------
    decay
        As for `max_cover`.
    minutes
        The minutes.

    Returns
    -------
    Shares, of the form of the minutes.

    Raises
    ------
    SitingError
        If they do not fall from 1 to 0.
    """
    if isinstance(decay, Mapping):
        limits = np.array(sorted(decay), dtype=np.float64)
        shares = np.array([decay[limit] for limit in sorted(decay)] + [0.0], dtype=np.float64)
        kept = shares[np.searchsorted(limits, minutes)]
    else:
        kept = np.asarray(decay(minutes), dtype=np.float64)
    if kept.shape != minutes.shape or not ((kept >= 0) & (kept <= 1)).all():
        raise fail(SitingError, "siting.decay_wrong")
    if (np.diff(kept[np.argsort(minutes, kind="stable")]) > 1e-12).any():
        raise fail(SitingError, "siting.decay_wrong")
    return kept
