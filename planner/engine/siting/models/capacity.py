"""Models with capacities: a site serves no more than its own, which may be chosen by size.

Demand may be divided between sites, unless the rule ``whole`` keeps each together. ``max_cover``
serves as much as it can (Current & Storbeck 1988), or as much as counts by a decay; ``p_median``
serves all that can be reached at the least weighted metric, ``p_center`` all with the farthest as
near as can be (Özsoy & Pınar 2006), and ``set_cover`` all, or a share, with the fewest or cheapest
sites. Floors count those served.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
from planner.engine.siting.models.capacity_start import first_plan, opened, start_of
from planner.engine.siting.models.undivided import flows_undivided, serve_undivided, unit_undivided
from planner.engine.siting.problem.covering_rows import merge_rows
from planner.engine.siting.problem.equal_demand import merge_equal_demand
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.measures import host_cost
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.problem.result import Solution, make_solution
from planner.engine.siting.solver.early_capacity import GreedyAllocation
from planner.engine.siting.solver.infeasibility import contradiction
from planner.engine.siting.solver.location_benders import solve_by_benders
from planner.engine.siting.solver.location_program import add_sites, identity, point_of
from planner.engine.siting.solver.program import Clock, Program
from planner.errors import NoPlanError, Problem, fail

REASON_S = 10.0  # how long is looked for the reason why there is no plan
PROGRAM_SHARE = 0.9  # of the time; the rest is for telling who is served where
LARGE = 20_000  # pairs from which a p-median is solved in two parts
LEAST_FLOW = 1e-6  # share by which flows may miss a capacity in floating point
WRITE_S = 2e-6  # seconds that a program takes to be written, a pair
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
    merged, merged_aim = (question, aim) if question.whole else _merge(question, aim)
    simple = not (question.floors or question.whole or aim.partial) and question.preference is None
    if seeks == "metric" and simple and merged.reach.nnz > LARGE:
        return _solve_large(question, merged, aim, merged_aim, clock)
    unit = _unit(merged, merged_aim)
    known = first_plan(merged, merged_aim)
    if known is not None and clock.left() < WRITE_S * merged.reach.nnz:
        return _settle_known(question, aim, known, left_out=left_out, unit=unit, clock=clock)
    made = write_program(merged, merged_aim)
    if question.whole:
        serve_undivided(made.program, merged, made.flow)
    left = clock.left() * PROGRAM_SHARE
    start = None if known is None else start_of(merged, made, known)
    answer = made.program.solve(time_limit_s=left, seed=question.seed, unit=unit, start=start)
    if answer.infeasible:  # whatever greed found
        raise contradiction(merged) if aim.most else _why_not_all(merged, merged_aim)
    if answer.point is None and known is not None:
        return _settle_known(
            question, aim, known, left_out=left_out, unit=unit, clock=clock, bound=answer.bound
        )
    worth = answer.objective + left_out
    point = point_of(merged, answer, made.site, made.program, clock, worth=worth)
    is_open, taken = read_plan(question, made, point)
    if question.whole:
        if question.preference is not None:  # which says nothing of who is served where
            point = _reserved(question, aim, point, clock)
        served = flows_undivided(question, point[made.flow])
    else:
        served = serve(question, capacity_of(question, taken), aim, clock)
    objective = float(served @ aim.worth) + left_out
    if aim.fewest:
        objective = _spent(question, is_open, taken)
    bound = min(answer.bound, _most(merged, merged_aim)) if aim.most else answer.bound + left_out
    return _solution(question, is_open, taken, served, objective=objective, bound=bound, unit=unit)


def _settle_known(
    question: SitingProblem,
    aim: ServiceAim,
    known: GreedyAllocation,
    *,
    left_out: float,
    unit: float,
    clock: Clock,
    bound: float | None = None,
) -> Solution:
    """Return the first plan as the answer, where there was no time to take a program in.

    Its bound, without one of HiGHS, is what serving all from where it counts best would come to.
    """
    taken, is_open = known.taken, opened(question, known)
    served = known.flow
    if not question.whole:
        served = serve(question, capacity_of(question, taken), aim, clock)
    objective = float(served @ aim.worth) + left_out
    if aim.fewest:
        objective = _spent(question, is_open, taken)
        least = float(site_worth(question)[question.always].sum())
    else:
        least = _least(question, aim) + left_out
    if aim.most:
        bound = min(np.inf if bound is None else bound, _most(question, aim))
    else:
        bound = max(-np.inf if bound is None else bound + left_out, least)
    return _solution(question, is_open, taken, served, objective=objective, bound=bound, unit=unit)


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


def _solve_large(
    question: SitingProblem,
    merged: SitingProblem,
    aim: ServiceAim,
    merged_aim: ServiceAim,
    clock: Clock,
) -> Solution:
    """Solve a large p-median by Benders decomposition."""
    known = first_plan(merged, merged_aim)
    begun = None if known is None else known.taken
    found = solve_by_benders(merged, sizes_of(merged), clock, begun)
    if found.taken is None:
        if found.infeasible:
            raise _why_not_all(merged, merged_aim)
        raise fail(NoPlanError, "siting.no_plan_in_time", value=question.time_limit_s)
    taken = found.taken
    is_open = question.always.copy()
    is_open[sizes_of(question).site[taken]] = True
    served = serve(question, capacity_of(question, taken), aim, clock)
    objective = float(served @ question.reach.data)
    bound = min(found.bound, objective)
    return _solution(question, is_open, taken, served, objective=objective, bound=bound)


def center_with_capacity(question: SitingProblem, clock: Clock, value: Floats) -> Solution:
    """Serve all that can be reached, the farthest as near as can be, by bisection.

    Parameters
    ----------
    question, clock
        The question, and the time left.
    value
        Separation of each pair, along ``question.reach.data``; weightless demand takes no place.

    Returns
    -------
    The answer, with who is served where.
    """
    levels = np.unique(np.append(0.0, value[question.wanted[rows_of(question)]]))

    def aim(level: float) -> ServiceAim:
        return ServiceAim(most=False, worth=np.zeros(len(value)), share=1.0, usable=value <= level)

    def find(level: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_], int] | None:
        within = aim(level)
        merged, merged_aim = _merge(question, within)
        known = first_plan(merged, merged_aim) if question.preference is None else None
        if known is not None:  # any plan will do
            taken, is_open = known.taken, opened(question, known)
        else:
            if best is not None and clock.left() < WRITE_S * merged.reach.nnz:
                raise fail(NoPlanError, "siting.no_plan_in_time", value=question.time_limit_s)
            made = write_program(merged, merged_aim)
            answer = made.program.solve(time_limit_s=clock.left(), seed=question.seed)
            if answer.infeasible:
                return None
            point = point_of(merged, answer, made.site, made.program, clock)
            is_open, taken = read_plan(question, made, point)
        used = value[serve(question, capacity_of(question, taken), within, clock) > LEAST_FLOW].max(
            initial=0.0
        )
        return is_open, taken, int(np.searchsorted(levels, used))

    best: tuple[NDArray[np.bool_], NDArray[np.bool_], int] | None = None
    best = find(np.inf)
    if best is None:
        raise _why_not_all(*_merge(question, aim(np.inf)))
    low, high = 0, best[2]
    while low < high:
        middle = (low + high) // 2
        try:
            better = find(float(levels[middle]))
        except NoPlanError:
            break
        if better is None:
            low = middle + 1
        else:
            best, high = better, better[2]
    if question.preference is not None and question.give_up:
        with suppress(NoPlanError):  # no time was left
            best = find(float(levels[best[2]]) * (1 + question.give_up)) or best
    is_open, taken, number = best
    farthest = float(levels[number])
    served = serve(question, capacity_of(question, taken), aim(farthest), clock)
    objective = float(value[served > LEAST_FLOW].max(initial=0.0))
    bound = min(float(levels[low]), objective)
    return _solution(question, is_open, taken, served, objective=objective, bound=bound)


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
    """
    everything = np.ones(question.reach.nnz, dtype=bool)
    none = np.zeros(question.reach.nnz)
    aim = ServiceAim(most=True, worth=none, share=0.0, usable=everything)
    merged = merge_equal_demand(question, (none,), members.values())
    made = write_program(merged.question, _aim_of_pairs(aim, merged.pair))
    floor = made.program.columns(1, worth=1.0)
    row = rows_of(merged.question)
    for inside in members.values():
        flow = made.flow[np.isin(row, merged.of[inside])]
        each = np.full(len(flow), 1.0 / float(question.weight[inside].sum()))
        made.program.row(np.concatenate([flow, floor]), np.append(each, -1.0), low=0.0)
    answer = made.program.solve(time_limit_s=clock.left(), seed=question.seed)
    worst = float(point_of(merged.question, answer, made.site, made.program, clock)[floor][0])
    return worst, answer.bound <= worst + 1e-6


def _merge(question: SitingProblem, aim: ServiceAim) -> tuple[SitingProblem, ServiceAim]:
    """Return the question with equal demand merged: of thousands of points a tenth is left."""
    merged = merge_equal_demand(question, (aim.worth, aim.usable), ())
    return merged.question, _aim_of_pairs(aim, merged.pair)


def _aim_of_pairs(aim: ServiceAim, pair: Ints) -> ServiceAim:
    return replace(aim, worth=aim.worth[pair], usable=aim.usable[pair])


def _most(question: SitingProblem, aim: ServiceAim) -> float:
    """Return what serving all demand from where it counts most would come to."""
    best = np.zeros(len(question.weight))
    np.maximum.at(best, rows_of(question), np.where(aim.usable, aim.worth, 0.0))
    return float(best @ question.weight)


def _least(question: SitingProblem, aim: ServiceAim) -> float:
    """Return what serving all that must be from where it counts least would come to."""
    best = np.zeros(len(question.weight)) if aim.partial else np.full(len(question.weight), np.inf)
    np.minimum.at(best, rows_of(question), np.where(aim.usable, aim.worth, np.inf))
    return float(np.where(question.wanted, best, 0.0) @ question.weight)


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


def _spent(question: SitingProblem, is_open: NDArray[np.bool_], taken: NDArray[np.bool_]) -> float:
    """Return what is spared where least cost is sought: of sites, their sizes and their hosts."""
    sites = float(site_worth(question) @ is_open)
    return sites + float(sizes_of(question).cost[taken].sum()) + host_cost(question, is_open)


def _why_not_all(question: SitingProblem, aim: ServiceAim) -> NoPlanError:
    """Return why not all can be served: too few sites to reach them, or too little capacity."""
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


def _solution(
    question: SitingProblem,
    is_open: NDArray[np.bool_],
    taken: NDArray[np.bool_],
    served: Floats,
    *,
    objective: float,
    bound: float,
    unit: float = 0.0,
) -> Solution:
    """Build the answer of a plan with capacities."""
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
