"""Models with capacities: a site serves no more than its own, which may be chosen by size.

Demand may be divided between sites, unless the rule ``whole`` keeps each together. ``max_cover``
serves as much as it can (Current & Storbeck 1988), or as much as counts by a decay; ``p_median``
serves all that can be reached at the least weighted metric, ``p_center`` all with the farthest as
near as can be (Özsoy & Pınar 2006), and ``set_cover`` all, or a share, with the fewest or cheapest
sites. Floors count those served.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.engine.siting.models.capacity_large import begin, spent, too_short
from planner.engine.siting.models.capacity_program import (
    ServiceAim,
    capacity_of,
    read_plan,
    rows_of,
    serve,
    site_worth,
    sizes_of,
    write_program,
)
from planner.engine.siting.models.capacity_start import opened, start_of
from planner.engine.siting.models.undivided import flows_undivided, serve_undivided, unit_undivided
from planner.engine.siting.problem.covering_rows import merge_rows
from planner.engine.siting.problem.equal_demand import merge_equal_demand
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.problem.result import Solution, heed_preference, make_solution
from planner.engine.siting.solver.early_capacity import GreedyAllocation
from planner.engine.siting.solver.infeasibility import contradiction
from planner.engine.siting.solver.location_program import add_sites, identity, point_of
from planner.engine.siting.solver.program import Clock, Program
from planner.errors import NoPlanError, Problem, fail

REASON_S = 10.0  # how long is looked for the reason why there is no plan
PROGRAM_SHARE = 0.9  # of the time; the rest is for telling who is served where
LEAST_FLOW = 1e-6  # share by which flows may miss a capacity in floating point
Members = dict[object, Ints]
Seeks = Literal["weight", "metric", "cost"]


def solve_with_capacity(
    question: SitingProblem,
    clock: Clock,
    *,
    seeks: Seeks = "weight",
    kept: Floats | None = None,
    share: float = 1.0,
    beyond: float | None = None,
) -> Solution:
    """Solve a covering model or the p-median when sites serve no more than their capacity.

    Of plans that serve as well, the flows reported are those of the least weighted metric.

    Parameters
    ----------
    question, clock
        The question, and the time left.
    seeks
        What is sought: most weight served, least weighted metric, or least cost of sites.
    kept
        What serving a unit from a site counts where most weight is sought, along
        ``question.reach.data``.
    share
        Share of all weight to be served where the least cost of sites is sought.
    beyond
        What a unit left unserved counts where the least metric is sought; by default all must be
        served.

    Returns
    -------
    The answer, with who is served where.

    Raises
    ------
    NoPlanError
        If no plan keeps to the rules, or none was found in time.
    """
    covering, data = seeks != "metric", question.reach.data
    aim = ServiceAim(
        most=seeks == "weight",
        fewest=seeks == "cost",
        worth=(np.ones(len(data)) if kept is None else kept)
        if covering
        else data - (beyond or 0.0),
        share=share if seeks == "cost" else 1.0,
        usable=np.ones(len(data), dtype=bool),
        partial=beyond is not None,
    )
    left_out = 0.0 if beyond is None else beyond * float(question.weight[question.wanted].sum())
    merged, merged_aim = (question, aim) if question.whole else merge_alike(question, aim)
    unit = _unit(merged, merged_aim)
    begun = begin(merged, merged_aim, beyond, unit, clock.part(PROGRAM_SHARE))
    known, bound = begun.known, begun.bound
    if begun.infeasible:
        raise contradiction(merged) if aim.partial else why_not_all(merged, merged_aim)
    if begun.is_last:
        return _settle_known(question, aim, known, left_out, bound=bound, unit=unit, clock=clock)
    made = write_program(merged, merged_aim)
    if question.whole:
        serve_undivided(made.program, merged, made.flow)
    left = clock.left() * PROGRAM_SHARE
    start = None if known is None else start_of(merged, made, known)
    answer = made.program.solve(time_limit_s=left, seed=question.seed, unit=unit, start=start)
    if answer.infeasible:  # whatever greed found
        raise contradiction(merged) if aim.most else why_not_all(merged, merged_aim)
    bound = min(answer.bound, bound) if aim.most else max(answer.bound + left_out, bound)
    if answer.point is None and known is not None:
        return _settle_known(question, aim, known, left_out, bound=bound, unit=unit, clock=clock)
    worth = answer.objective + left_out
    point, is_settled = point_of(
        merged,
        answer,
        made.site,
        made.program,
        clock,
        worth=worth,
        bound=bound - left_out,
        unit=unit,
    )
    is_open, taken = read_plan(question, made, point)
    if question.whole:
        if question.preference is not None:  # which says nothing of who is served where
            point = _reserved(question, aim, point, clock)
        served = flows_undivided(question, point[made.flow])
    else:
        served = serve(question, capacity_of(question, taken), aim, clock)
    objective = float(served @ aim.worth) + left_out
    if aim.fewest:
        objective = spent(question, taken)
    found = solution_of(
        question, is_open, taken, served, objective=objective, bound=bound, unit=unit
    )
    return heed_preference(found, is_settled)


def _settle_known(
    question: SitingProblem,
    aim: ServiceAim,
    known: GreedyAllocation | None,
    left_out: float,
    *,
    bound: float,
    unit: float,
    clock: Clock,
) -> Solution:
    """Return a plan made without a program as the answer, demand served as well as it can.

    Raises
    ------
    NoPlanError
        If there is none.
    """
    if known is None:
        raise fail(NoPlanError, "siting.no_plan_in_time", value=question.time_limit_s)
    taken, is_open = known.taken, opened(question, known)
    served = known.flow
    if not question.whole:
        served = serve(question, capacity_of(question, taken), aim, clock)
    objective = spent(question, taken) if aim.fewest else float(served @ aim.worth) + left_out
    found = solution_of(
        question, is_open, taken, served, objective=objective, bound=bound, unit=unit
    )
    return heed_preference(found, question.preference is None)


def _reserved(question: SitingProblem, aim: ServiceAim, point: Floats, clock: Clock) -> Floats:
    """Return a plan whose demand, kept whole, is served anew as well as its sites and sizes can.

    ``point`` gives all columns of the program; it is returned where no time is left for better.
    """
    again = write_program(question, aim)
    serve_undivided(again.program, question, again.flow)
    kept = np.concatenate([again.site, again.size])
    settled = np.round(point[kept])
    again.program.rows((kept, identity(len(kept))), low=settled, high=settled)
    answer = again.program.solve(
        time_limit_s=clock.left(), seed=question.seed, start=(np.arange(len(point)), point)
    )
    return point if answer.point is None else answer.point


def highest_floor(question: SitingProblem, clock: Clock, members: Members) -> tuple[float, bool]:
    """Return the highest share served in all groups at once, and whether it is proven.

    Parameters
    ----------
    question, clock
        The question, and the time left.
    members
        Numbers of the demand of each group.

    Returns
    -------
    Share from 0 to 1, and whether no plan has a higher one.

    Raises
    ------
    NoPlanError
        If there is too little time for any plan.
    """
    everything = np.ones(question.reach.nnz, dtype=bool)
    none = np.zeros(question.reach.nnz)
    aim = ServiceAim(most=True, worth=none, share=0.0, usable=everything)
    merged = merge_equal_demand(question, (none,), members.values())
    if too_short(merged.question, clock):
        raise fail(NoPlanError, "siting.no_plan_in_time", value=question.time_limit_s)
    made = write_program(merged.question, _aim_of_pairs(aim, merged.pair))
    floor = made.program.columns(1, worth=1.0)
    row = rows_of(merged.question)
    for inside in members.values():
        flow = made.flow[np.isin(row, merged.of[inside])]
        each = np.full(len(flow), 1.0 / float(question.weight[inside].sum()))
        made.program.row(np.concatenate([flow, floor]), np.append(each, -1.0), low=0.0)
    answer = made.program.solve(time_limit_s=clock.left(), seed=question.seed)
    point, _ = point_of(merged.question, answer, made.site, made.program, clock)
    worst = float(point[floor][0])
    return worst, answer.bound <= worst + 1e-6


def merge_alike(question: SitingProblem, aim: ServiceAim) -> tuple[SitingProblem, ServiceAim]:
    """Return the question with equal demand merged: of thousands of points a tenth is left.

    Parameters
    ----------
    question, aim
        The question, whose demand may be divided, and what serving counts.

    Returns
    -------
    The smaller question, and what serving counts in it.
    """
    merged = merge_equal_demand(question, (aim.worth, aim.usable), ())
    return merged.question, _aim_of_pairs(aim, merged.pair)


def _aim_of_pairs(aim: ServiceAim, pair: Ints) -> ServiceAim:
    return replace(aim, worth=aim.worth[pair], usable=aim.usable[pair])


def _unit(question: SitingProblem, aim: ServiceAim) -> float:
    """Return a step of which the objective is a multiple: 1 where whole people are counted."""
    sizes = sizes_of(question)
    if aim.fewest:
        hosts = np.zeros(0) if question.hosts is None else question.hosts.cost
        figures = [site_worth(question), sizes.cost, hosts]
    elif question.whole and not aim.most:
        return unit_undivided(question, aim.worth)
    elif aim.most and not question.floors:
        figures = [question.weight, sizes.capacity, aim.worth]
    else:
        return 0.0
    return 0.0 if any((part % 1.0).any() for part in figures) else 1.0


def why_not_all(question: SitingProblem, aim: ServiceAim) -> NoPlanError:
    """Return why not all can be served: too few sites to reach them, or too little capacity.

    Parameters
    ----------
    question, aim
        The question, and how many must be served.

    Returns
    -------
    The error, to be raised.
    """
    reach, weight = question.reach, question.weight
    wanted = aim.share * float(weight.sum())
    if aim.share == 1:
        wanted = float(weight[question.reached].sum())
        must = merge_rows(reach, weight, np.flatnonzero(weight > 0)).by
        program = Program(maximise=False)
        sites = add_sites(program, question, floors=False)
        program.rows((sites, must), low=1.0)
        look_s = min(REASON_S, question.time_limit_s)
        if program.solve(time_limit_s=look_s, seed=question.seed).infeasible:
            return contradiction(question, must)
    most = ServiceAim(most=True, worth=np.ones(reach.nnz), share=0.0, usable=aim.usable)
    made = write_program(question, most)
    clock = Clock(min(question.time_limit_s, REASON_S))
    answer = made.program.solve(time_limit_s=clock.left(), seed=question.seed)
    point_of(question, answer, made.site, made.program, clock)  # raises where rules conflict
    served = float(np.floor(answer.bound + 1e-6))
    if served >= wanted:  # the time was too short to tell
        return NoPlanError([Problem(key="siting.capacity_unmet", value=wanted)])
    short = Problem(key="siting.capacity_short", value=wanted, params={"most": served})
    return NoPlanError([short])


def solution_of(
    question: SitingProblem,
    is_open: NDArray[np.bool_],
    taken: NDArray[np.bool_],
    served: Floats,
    *,
    objective: float,
    bound: float,
    unit: float = 0.0,
) -> Solution:
    """Build the answer of a plan with capacities.

    Parameters
    ----------
    question
        The question.
    is_open, taken
        Which sites (m) the plan opens, and which sizes (k) it takes.
    served
        Weight served of each pair, along ``question.reach.data``.
    objective, bound, unit
        As for `make_solution`.

    Returns
    -------
    The answer.
    """
    sizes, row = sizes_of(question), rows_of(question)
    used = served > LEAST_FLOW
    flows = pd.DataFrame(
        {
            "demand": question.demand[row[used]],
            "site": question.sites[question.reach.indices[used]],
            "weight": served[used],
        }
    )
    labels = pd.Series(
        sizes.label[taken], index=question.sites[sizes.site[taken]], name="size", dtype=object
    )
    return make_solution(
        question,
        is_open,
        objective,
        bound,
        unit=unit,
        flows=flows,
        sizes=labels,
        size_cost=float(sizes.cost[taken].sum()),
    )
