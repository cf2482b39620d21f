"""The classic location models: covering first."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import SitingError, fail
from planner.siting.program import Answer, Clock, Program
from planner.siting.question import Question, Rules, pose
from planner.siting.reading import Floats, Ints
from planner.siting.result import Siting, settle
from planner.siting.rows import Rows, merge_rows


def max_cover(
    od: pd.DataFrame, demand: pd.Series, *, p: int | None = None, **rules: Unpack[Rules]
) -> Siting:
    """Cover as much demand as a number of sites, or a budget, allows.

    The maximal covering location problem (Church & ReVelle 1974, doi:10.1007/BF01942293).

    Parameters
    ----------
    od
        Long table of demand, facility and minutes: who reaches whom.
    demand
        Weight of each demand label; the objective is the weight covered, by existing sites too.
    p
        How many new sites at most; may be left out where a budget is given.
    **rules
        Existing sites, candidates, costs and all else: see `Rules`.

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
    question = pose("max_cover", od, demand, p=p, **rules)
    clock = Clock(question.time_limit_s)
    rows, base = open_rows(question)
    program = Program(maximise=True)
    sites = add_sites(program, question)
    covered = program.columns(len(rows.weight), worth=rows.weight)
    program.rows((sites, rows.by), (covered, -identity(len(rows.weight))), low=0.0)
    unit = step_of(question.weight)
    answer = program.solve(time_limit_s=clock.left(), seed=question.seed, unit=unit)
    is_open = plan_of(question, answer, sites)
    return settle(
        question, is_open, covered_weight(question, is_open), answer.bound + base, unit=unit
    )


def set_cover(
    od: pd.DataFrame, demand: pd.Series, *, share: float = 1.0, **rules: Unpack[Rules]
) -> Siting:
    """Cover a share of demand with the fewest sites, or at the least cost.

    The location set covering problem (Toregas et al. 1971, doi:10.1287/opre.19.6.1363); with a
    share below 1, its partial form. Where costs are given, they are what is made small.

    Parameters
    ----------
    od
        Long table of demand, facility and minutes.
    demand
        Weight of each demand label.
    share
        Share of all weight to be covered, existing sites included. At 1, all that can be covered
        is, weightless demand too, and the rest is told in ``unreached``.
    **rules
        See `Rules`.

    Raises
    ------
    SitingError
        If the share is out of reach, the question unsound, or its rules contradict each other.
    """
    if not 0 <= share <= 1:
        raise fail(SitingError, "siting.share_wrong", value=share)
    question = pose("set_cover", od, demand, **rules)
    clock = Clock(question.time_limit_s)
    rows, base = open_rows(question)
    program = Program(maximise=False)
    worth = question.cost if question.priced else (~existing(question)).astype(float)
    sites = add_sites(program, question, worth=worth)
    if share == 1:
        program.rows((sites, rows.by), low=1.0)
    else:
        target = share * float(question.weight.sum())
        if step_of(question.weight):
            target = float(np.ceil(target * (1 - 1e-12)))
        if target > question.weight[question.reached].sum() * (1 + 1e-12):
            most = float(question.weight[question.reached].sum() / question.weight.sum())
            raise fail(SitingError, "siting.share_out_of_reach", value=share, most=most)
        covered = program.columns(len(rows.weight))
        program.rows((sites, rows.by), (covered, -identity(len(rows.weight))), low=0.0)
        program.row(covered, rows.weight, low=target - base)
    unit = step_of(worth)
    answer = program.solve(time_limit_s=clock.left(), seed=question.seed, unit=unit)
    is_open = plan_of(question, answer, sites)
    if share < 1 and covered_weight(question, is_open) < target * (1 - 1e-9):
        raise ArithmeticError("the plan covers less than its share")
    return settle(question, is_open, float(worth @ is_open), answer.bound, unit=unit)


def open_rows(question: Question) -> tuple[Rows, float]:
    """Merge the rows that existing sites leave open, and tell the weight they cover."""
    done = touched(question, question.low > 0.5)
    rows = merge_rows(question.reach, question.weight, np.flatnonzero(~done))
    return rows, float(question.weight[done].sum())


def covered_weight(question: Question, is_open: NDArray[np.bool_]) -> float:
    """Measure the weight that a plan covers, from the OD table."""
    return float(question.weight[touched(question, is_open)].sum())


def touched(question: Question, is_open: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which demand an open site reaches."""
    hit = np.zeros(len(question.demand), dtype=bool)
    row = np.repeat(np.arange(len(hit)), np.diff(question.reach.indptr))
    hit[row[is_open[question.reach.indices]]] = True
    return hit


def identity(n: int) -> sparse.csr_array:
    """Make the sparse identity."""
    return sparse.eye_array(n, format="csr")


def existing(question: Question) -> NDArray[np.bool_]:
    """Tell which sites exist already."""
    return np.arange(len(question.sites)) < question.n_fixed


def add_sites(program: Program, question: Question, *, worth: Floats | float = 0.0) -> Ints:
    """Add the choice of sites and every rule on it."""
    sites = program.columns(len(question.sites), worth=worth, low=question.low, whole=True)
    program.limits(sites, question.limits)
    return sites


def step_of(values: Floats) -> float:
    """Tell a step of which every sum of values is a multiple: 1 for whole numbers, else none."""
    return 1.0 if np.array_equal(values, np.round(values)) else 0.0


def plan_of(question: Question, answer: Answer, sites: Ints) -> NDArray[np.bool_]:
    """Read the plan out of an answer, or say why there is none."""
    if answer.point is None:
        key = "siting.infeasible" if answer.infeasible else "siting.no_plan_in_time"
        raise fail(SitingError, key, value=question.time_limit_s)
    return answer.point[sites] > 0.5
