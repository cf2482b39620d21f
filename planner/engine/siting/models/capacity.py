"""Models with places: a site serves no more than its capacity, which may be chosen by size.

Demand may be divided between sites, unless the rule ``whole`` keeps each together. ``max_cover``
serves as much as it can (Current & Storbeck 1988), or as much as counts by a decay; ``p_median``
serves all that can be reached at the least weighted metric, ``p_center`` all with the farthest as
near as can be (Özsoy & Pınar 2006), and ``set_cover`` all, or a share, with the fewest or cheapest
sites. Floors count those served.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.models.undivided import keep_whole, served_whole, step_whole
from planner.engine.siting.problem.covering_rows import merge_rows
from planner.engine.siting.problem.equal_demand import merge_equal_demand
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem, Sizes
from planner.engine.siting.problem.result import Solution, host_cost, make_solution
from planner.engine.siting.solver.infeasibility import contradiction
from planner.engine.siting.solver.location_benders import solve_by_benders
from planner.engine.siting.solver.location_program import add_sites, identity, point_of
from planner.engine.siting.solver.program import Answer, Clock, Program
from planner.errors import NoPlanError, Problem, fail

LOOK_S = 10.0  # how long is looked for the reason why there is no plan
PROGRAM_SHARE = 0.9  # of the time; the rest is for telling who is served where
LARGE = 20_000  # pairs from which a p-median is solved in two parts
EASE = 1e-6  # share by which flows may miss a capacity in floating point
Members = dict[object, Ints]


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What serving counts, and how many must be served.

    Parameters
    ----------
    most
        Whether serving is what is made large; else what serving costs is made small.
    worth
        What serving a unit from a site counts, along ``question.reach.data``.
    share
        Share of all weight to be served at least; all that can be reached at 1.
    usable
        Which pairs may be used.
    partial
        Whether demand may be left unserved although serving is what costs: ``worth`` then counts
        from what leaving it costs.
    """

    most: bool
    worth: Floats
    share: float
    usable: NDArray[np.bool_]
    partial: bool = False


@dataclass(frozen=True, kw_only=True)
class Places:
    """A program of sites, sizes and flows, with the columns of each."""

    program: Program
    site: Ints
    size: Ints
    flow: Ints


def solve_places(
    question: SitingProblem,
    clock: Clock,
    *,
    kept: Floats | None = None,
    share: float = 1.0,
    beyond: float | None = None,
) -> Solution:
    """Solve a covering model or the p-median when sites serve no more than their places.

    Of plans that serve as well, the flows told are those of the least weighted metric.

    Parameters
    ----------
    question, clock
        The question, and the time left.
    kept
        What serving a unit from a site counts for ``max_cover``, along ``question.reach.data``.
    share
        Share of all weight that ``set_cover`` has to serve.
    beyond
        What the ``p_median`` counts for a unit left unserved; by default all must be served.
    """
    covering, data = question.model != "p_median", question.reach.data
    aim = Aim(
        most=question.model in ("max_cover", "fair_cover"),
        worth=(np.ones(len(data)) if kept is None else kept)
        if covering
        else data - (beyond or 0.0),
        share=share if question.model == "set_cover" else 1.0,
        usable=np.ones(len(data), dtype=bool),
        partial=beyond is not None,
    )
    left_out = 0.0 if beyond is None else beyond * float(question.weight[question.wanted].sum())
    less, few = (question, aim) if question.whole else _lessen(question, aim)
    simple = not (question.floors or question.whole or aim.partial) and question.preference is None
    if question.model == "p_median" and simple and less.reach.nnz > LARGE:
        return _divided(question, less, aim, few, clock)
    made = _write(less, few)
    unit = _step(less, few)
    if question.whole:
        keep_whole(made.program, less, made.flow)
    left = clock.left() * PROGRAM_SHARE
    answer = made.program.solve(time_limit_s=left, seed=question.seed, unit=unit)
    if answer.infeasible and not aim.most:
        raise _too_few(less, few)
    worth = answer.objective + left_out
    point = point_of(less, answer, made.site, made.program, clock, worth=worth)
    is_open, taken = _read(question, made, point)
    if question.whole:
        served = served_whole(question, point[made.flow])
    else:
        served = serve(question, _places(question, taken), aim, clock)
    objective = float(served @ aim.worth) + left_out
    if question.model == "set_cover":
        objective = _spent(question, is_open, taken)
    bound = min(answer.bound, _most(less, few)) if aim.most else answer.bound + left_out
    return _settle(question, is_open, taken, served, objective=objective, bound=bound, unit=unit)


def _divided(
    question: SitingProblem, less: SitingProblem, aim: Aim, few: Aim, clock: Clock
) -> Solution:
    """Solve a large p-median in two parts."""
    found = solve_by_benders(less, _sizes(less), clock)
    if found.taken is None:
        if found.infeasible:
            raise _too_few(less, few)
        raise fail(NoPlanError, "siting.no_plan_in_time", value=question.time_limit_s)
    taken = found.taken
    is_open = question.always.copy()
    is_open[_sizes(question).site[taken]] = True
    served = serve(question, _places(question, taken), aim, clock)
    objective = float(served @ question.reach.data)
    bound = min(found.bound, objective)
    return _settle(question, is_open, taken, served, objective=objective, bound=bound)


def center_places(question: SitingProblem, clock: Clock, value: Floats) -> Solution:
    """Serve all that can be reached, the farthest as near as can be, by bisection.

    Parameters
    ----------
    question, clock
        The question, and the time left.
    value
        Separation of each pair, along ``question.reach.data``; weightless demand takes no place.
    """
    levels = np.unique(np.append(0.0, value[question.wanted[_rows_of(question)]]))

    def aim(level: float) -> Aim:
        return Aim(most=False, worth=np.zeros(len(value)), share=1.0, usable=value <= level)

    def find(level: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_], int] | None:
        within = aim(level)
        less, few = _lessen(question, within)
        made = _write(less, few)
        answer = made.program.solve(time_limit_s=clock.left(), seed=question.seed)
        if answer.infeasible:
            return None
        point = point_of(less, answer, made.site, made.program, clock)
        is_open, taken = _read(question, made, point)
        used = value[serve(question, _places(question, taken), within, clock) > EASE].max(
            initial=0.0
        )
        return is_open, taken, int(np.searchsorted(levels, used))

    best = find(np.inf)
    if best is None:
        raise _too_few(*_lessen(question, aim(np.inf)))
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
    served = serve(question, _places(question, taken), aim(farthest), clock)
    objective = float(value[served > EASE].max(initial=0.0))
    bound = min(float(levels[low]), objective)
    return _settle(question, is_open, taken, served, objective=objective, bound=bound)


def highest_floor(question: SitingProblem, clock: Clock, members: Members) -> tuple[float, bool]:
    """Return the highest share served in all groups at once, and whether it is proven."""
    everything = np.ones(question.reach.nnz, dtype=bool)
    none = np.zeros(question.reach.nnz)
    aim = Aim(most=True, worth=none, share=0.0, usable=everything)
    alike = merge_equal_demand(question, (none,), members.values())
    made = _write(alike.question, _part(aim, alike.pair))
    floor = made.program.columns(1, worth=1.0)
    row = _rows_of(alike.question)
    for inside in members.values():
        flow = made.flow[np.isin(row, alike.of[inside])]
        each = np.full(len(flow), 1.0 / float(question.weight[inside].sum()))
        made.program.row(np.concatenate([flow, floor]), np.append(each, -1.0), low=0.0)
    answer = made.program.solve(time_limit_s=clock.left(), seed=question.seed)
    worst = float(point_of(alike.question, answer, made.site, made.program, clock)[floor][0])
    return worst, answer.bound <= worst + 1e-6


def site_worth(question: SitingProblem) -> Floats:
    """Tell what opening each site counts where sites are what is spared: its cost, or 1 if new."""
    if question.has_costs:
        return question.cost
    return (np.arange(len(question.sites)) >= question.n_fixed).astype(np.float64)


def serve(question: SitingProblem, places: Floats, aim: Aim, clock: Clock) -> Floats:
    """Serve as much as counts with given places, then at the least weighted metric.

    Without who is served where there is no plan to tell: that is worked out to the end, whatever
    the time. The metric is made least only while some is left.

    Returns
    -------
    served
        Demand served along ``question.reach.data``.
    """
    reach = question.reach
    if not reach.nnz:
        return np.zeros(0)
    if aim.partial:
        cheapest, flow = _transport(question, places, aim, worth=aim.worth, maximise=False)
        return _flows_of(question, cheapest.solve(time_limit_s=np.inf))
    gain = aim.worth if aim.most else np.ones(reach.nnz)
    first, flow = _transport(question, places, aim, worth=gain, maximise=True)
    most = first.solve(time_limit_s=np.inf)
    if clock.left() <= 0:
        return _flows_of(question, most)
    second, flow = _transport(question, places, aim, worth=reach.data, maximise=False)
    least = most.objective * (1 - 1e-10)
    if not any((figures % 1.0).any() for figures in (question.weight, places, gain)):
        least = float(np.round(most.objective))
    second.row(flow, gain, low=least)
    nearest = second.solve(time_limit_s=clock.left())
    return _flows_of(question, most if nearest.point is None else nearest)


def _flows_of(question: SitingProblem, answer: Answer) -> Floats:
    """Return who is served where by an answer, kept within the weights."""
    if answer.point is None:
        raise ArithmeticError("the plan's places do not serve what the solver claims")
    return np.clip(answer.point, 0.0, question.weight[_rows_of(question)])


def _lessen(question: SitingProblem, aim: Aim) -> tuple[SitingProblem, Aim]:
    """Put demand together that may be served alike: a tenth is left of thousands of points."""
    alike = merge_equal_demand(question, (aim.worth, aim.usable), ())
    return alike.question, _part(aim, alike.pair)


def _part(aim: Aim, pair: Ints) -> Aim:
    return replace(aim, worth=aim.worth[pair], usable=aim.usable[pair])


def _most(question: SitingProblem, aim: Aim) -> float:
    """Add up what serving all demand from where it counts most would come to."""
    best = np.zeros(len(question.weight))
    np.maximum.at(best, _rows_of(question), np.where(aim.usable, aim.worth, 0.0))
    return float(best @ question.weight)


def _step(question: SitingProblem, aim: Aim) -> float:
    """Tell a step of which the objective is a multiple: 1 where whole people are counted."""
    sizes = _sizes(question)
    if question.model == "set_cover":
        hosts = np.zeros(0) if question.hosts is None else question.hosts.cost
        figures = [site_worth(question), sizes.cost, hosts]
    elif question.whole and not aim.most:
        return step_whole(question, aim.worth)
    elif aim.most and not question.floors:
        figures = [question.weight, sizes.capacity, aim.worth]
    else:
        return 0.0
    return 0.0 if any((part % 1.0).any() for part in figures) else 1.0


def _sizes(question: SitingProblem) -> Sizes:
    if question.sizes is None:
        raise ValueError("a model with places needs capacities")
    return question.sizes


def _rows_of(question: SitingProblem) -> Ints:
    reach = question.reach
    return np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))


def _write(question: SitingProblem, aim: Aim) -> Places:
    """Write the program: sites, their sizes, and who is served where."""
    sizes, reach, weight = _sizes(question), question.reach, question.weight
    row, fewest = _rows_of(question), question.model == "set_cover" and not aim.most
    program = Program(maximise=aim.most)
    size = program.columns(len(sizes.site), worth=sizes.cost if fewest else 0.0, whole=True)
    site = add_sites(
        program,
        question,
        worth=site_worth(question) if fewest else 0.0,
        host_weight=float(fewest),
        extra=(size, sizes.cost),
        floors=False,
    )
    flow_worth = np.zeros(reach.nnz) if fewest else aim.worth
    flow = program.columns(reach.nnz, worth=flow_worth, high=np.where(aim.usable, weight[row], 0.0))
    m = len(question.sites)
    each = np.arange(len(sizes.site))
    of_size = sparse.coo_array((np.ones(len(each)), (sizes.site, each)), (m, len(each))).tocsr()
    within = np.bincount(reach.indices, np.where(aim.usable, weight[row], 0.0), minlength=m)
    room = np.minimum(sizes.capacity, within[sizes.site])  # more places bound less, and serve none
    places = sparse.coo_array((room, (sizes.site, each)), (m, len(each))).tocsr()
    program.rows((size, of_size), (site, -identity(m)), low=0.0, high=0.0)
    to_site, from_demand = _ends(question)
    program.rows((flow, to_site), (size, -places), high=0.0)
    everybody = not aim.most and aim.share == 1 and not aim.partial
    least = np.where(question.wanted, weight, 0.0) if everybody else np.zeros(len(weight))
    program.rows((flow, from_demand), low=least, high=weight)
    if not aim.most and not everybody and not aim.partial:
        program.row(flow, np.ones(len(flow)), low=aim.share * float(weight.sum()) * (1 - 1e-12))
    entry = np.arange(reach.nnz)
    opens = sparse.coo_array((weight[row], (entry, reach.indices)), (reach.nnz, m)).tocsr()
    program.rows((flow, identity(reach.nnz)), (site, -opens), high=0.0)
    _keep_floors(program, question, flow)
    return Places(program=program, site=site, size=size, flow=flow)


def _transport(
    question: SitingProblem, places: Floats, aim: Aim, *, worth: Floats, maximise: bool
) -> tuple[Program, Ints]:
    """Write who is served where once the places stand."""
    weight, row = question.weight, _rows_of(question)
    to_site, from_demand = _ends(question)
    program = Program(maximise=maximise)
    high = np.where(aim.usable, weight[row], 0.0)
    flow = program.columns(question.reach.nnz, worth=worth, high=high)
    program.rows((flow, to_site), high=places)
    program.rows((flow, from_demand), high=weight)
    _keep_floors(program, question, flow)
    return program, flow


def _ends(question: SitingProblem) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Add pairs up by their site, and by their demand."""
    reach = question.reach
    entry, ones = np.arange(reach.nnz), np.ones(reach.nnz)
    n, m = reach.shape
    to_site = sparse.coo_array((ones, (reach.indices, entry)), (m, reach.nnz)).tocsr()
    from_demand = sparse.coo_array((ones, (_rows_of(question), entry)), (n, reach.nnz)).tocsr()
    return to_site, from_demand


def _keep_floors(program: Program, question: SitingProblem, flow: Ints) -> None:
    row = _rows_of(question)
    for _, members, least, within in question.floors:
        counts = np.isin(row, members) & (question.reach.data <= within)
        program.row(flow[counts], np.ones(int(counts.sum())), low=least * (1 - 1e-9))


def _read(
    question: SitingProblem, made: Places, point: Floats
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which sites a plan opens, and which sizes it takes."""
    is_open = np.asarray(point[made.site] > 0.5)
    return is_open, (point[made.size] > 0.5) & is_open[_sizes(question).site]


def _places(question: SitingProblem, taken: NDArray[np.bool_]) -> Floats:
    sizes = _sizes(question)
    places = np.zeros(len(question.sites))
    places[sizes.site[taken]] = sizes.capacity[taken]
    return places


def _spent(question: SitingProblem, is_open: NDArray[np.bool_], taken: NDArray[np.bool_]) -> float:
    """Add up what ``set_cover`` spares: sites, their sizes and their hosts."""
    sites = float(site_worth(question) @ is_open)
    return sites + float(_sizes(question).cost[taken].sum()) + host_cost(question, is_open)


def _too_few(question: SitingProblem, aim: Aim) -> NoPlanError:
    """Say why not all can be served: too few sites to reach them, or places to take them."""
    reach, weight = question.reach, question.weight
    wanted = aim.share * float(weight.sum())
    if aim.share == 1:
        wanted = float(weight[question.reached].sum())
        must = merge_rows(reach, weight, np.flatnonzero(weight > 0)).by
        program = Program(maximise=False)
        sites = add_sites(program, question, floors=False)
        program.rows((sites, must), low=1.0)
        look_s = min(LOOK_S, question.time_limit_s)
        if program.solve(time_limit_s=look_s, seed=question.seed).infeasible:
            return contradiction(question, must)
    most = Aim(most=True, worth=np.ones(reach.nnz), share=0.0, usable=aim.usable)
    made = _write(question, most)
    clock = Clock(min(question.time_limit_s, LOOK_S))
    answer = made.program.solve(time_limit_s=clock.left(), seed=question.seed)
    point_of(question, answer, made.site, made.program, clock)  # raises where rules conflict
    served = float(np.floor(answer.bound + 1e-6))
    if served >= wanted:  # the time was too short to tell
        return NoPlanError([Problem(key="siting.capacity_unmet", value=wanted)])
    short = Problem(key="siting.capacity_short", value=wanted, params={"most": served})
    return NoPlanError([short])


def _settle(
    question: SitingProblem,
    is_open: NDArray[np.bool_],
    taken: NDArray[np.bool_],
    served: Floats,
    *,
    objective: float,
    bound: float,
    unit: float = 0.0,
) -> Solution:
    """Put the figures of a plan with places together."""
    sizes, row = _sizes(question), _rows_of(question)
    used = served > EASE
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
