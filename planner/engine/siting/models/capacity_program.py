"""The program of models with capacities: sites, their sizes, and who is served where.

A pair of demand and site has a flow: how much of the demand the site serves. What leaves a demand
is its weight at most, what arrives at a site the capacity of its size at most. Once sites and sizes
are known, who is served where is a transport problem, solved anew and exactly (`serve`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.choice import Sizes
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.highs import Answer
from planner.engine.siting.solver.location_program import add_sites, identity
from planner.engine.siting.solver.program import Clock, Program
from planner.engine.siting.solver.transport import transport


@dataclass(frozen=True, kw_only=True)
class ServiceAim:
    """What serving counts, and how many must be served.

    Parameters
    ----------
    most
        Whether serving is what is made large; else what serving costs is made small.
    fewest
        Whether what sites, sizes and hosts cost is made small, and serving costs nothing.
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
    fewest: bool = False


@dataclass(frozen=True, kw_only=True)
class CapacityProgram:
    """A program of sites, sizes and flows, with the columns of each."""

    program: Program
    site: Ints
    size: Ints
    flow: Ints


def site_worth(question: SitingProblem) -> Floats:
    """Return what opening each site (m) counts where sites are spared: its cost, or 1 if new.

    Parameters
    ----------
    question
        The question.

    Returns
    -------
    Worth of each site.
    """
    if question.has_costs:
        return question.cost
    return (np.arange(len(question.sites)) >= question.n_fixed).astype(np.float64)


def sizes_of(question: SitingProblem) -> Sizes:
    """Return the sizes of a question, which has some.

    Parameters
    ----------
    question
        The question.

    Returns
    -------
    The sizes (k).

    Raises
    ------
    ValueError
        If it has none.
    """
    if question.sizes is None:
        raise ValueError("a model with places needs capacities")
    return question.sizes


def rows_of(question: SitingProblem) -> Ints:
    """Return the demand of each pair, along ``question.reach.data``.

    Parameters
    ----------
    question
        The question.

    Returns
    -------
    Number of the demand, one for each pair.
    """
    reach = question.reach
    return np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))


def write_program(question: SitingProblem, aim: ServiceAim) -> CapacityProgram:
    """Build the program: sites, their sizes, and who is served where.

    Parameters
    ----------
    question
        The question.
    aim
        What serving counts.

    Returns
    -------
    The program and the columns of its parts.
    """
    sizes, reach, weight = sizes_of(question), question.reach, question.weight
    row, fewest = rows_of(question), aim.fewest
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
    usable_capacity = np.minimum(
        sizes.capacity, within[sizes.site]
    )  # more places bound less, and serve none
    capacity = sparse.coo_array((usable_capacity, (sizes.site, each)), (m, len(each))).tocsr()
    program.rows((size, of_size), (site, -identity(m)), low=0.0, high=0.0)
    to_site, from_demand = _sums_of_flows(question)
    program.rows((flow, to_site), (size, -capacity), high=0.0)
    everybody = not aim.most and aim.share == 1 and not aim.partial
    least = np.where(question.wanted, weight, 0.0) if everybody else np.zeros(len(weight))
    program.rows((flow, from_demand), low=least, high=weight)
    if not aim.most and not everybody and not aim.partial:
        program.row(flow, np.ones(len(flow)), low=aim.share * float(weight.sum()) * (1 - 1e-12))
    entry = np.arange(reach.nnz)
    opens = sparse.coo_array((weight[row], (entry, reach.indices)), (reach.nnz, m)).tocsr()
    program.rows((flow, identity(reach.nnz)), (site, -opens), high=0.0)
    _keep_floors(program, question, flow)
    return CapacityProgram(program=program, site=site, size=size, flow=flow)


def _transport(
    question: SitingProblem, capacity: Floats, aim: ServiceAim, *, worth: Floats, maximise: bool
) -> tuple[Program, Ints, Ints]:
    """Build the program of who is served where from sites and sizes that stand.

    Returns
    -------
    The program, its flows, and the pair of each along ``question.reach.data``: those of open sites.
    """
    reach, row = question.reach, rows_of(question)
    pair = np.flatnonzero(aim.usable & (capacity[reach.indices] > 0))
    entry, ones, (n, m) = np.arange(len(pair)), np.ones(len(pair)), reach.shape
    to_site = sparse.coo_array((ones, (reach.indices[pair], entry)), (m, len(pair))).tocsr()
    from_demand = sparse.coo_array((ones, (row[pair], entry)), (n, len(pair))).tocsr()
    program = Program(maximise=maximise)
    flow = program.columns(len(pair), worth=worth[pair], high=question.weight[row[pair]])
    program.rows((flow, to_site), high=capacity)
    program.rows((flow, from_demand), high=question.weight)
    for _, members, least, within in question.floors:
        counts = np.flatnonzero(np.isin(row[pair], members) & (reach.data[pair] <= within))
        program.row(flow[counts], np.ones(len(counts)), low=least * (1 - 1e-9))
    return program, flow, pair


def _sums_of_flows(question: SitingProblem) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return matrices that add pairs up by their site, and by their demand."""
    reach = question.reach
    entry, ones = np.arange(reach.nnz), np.ones(reach.nnz)
    n, m = reach.shape
    to_site = sparse.coo_array((ones, (reach.indices, entry)), (m, reach.nnz)).tocsr()
    from_demand = sparse.coo_array((ones, (rows_of(question), entry)), (n, reach.nnz)).tocsr()
    return to_site, from_demand


def _keep_floors(program: Program, question: SitingProblem, flow: Ints) -> None:
    row = rows_of(question)
    for _, members, least, within in question.floors:
        counts = np.isin(row, members) & (question.reach.data <= within)
        program.row(flow[counts], np.ones(int(counts.sum())), low=least * (1 - 1e-9))


def read_plan(
    question: SitingProblem, made: CapacityProgram, point: Floats
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which sites a plan opens (m), and which sizes it takes (k).

    Parameters
    ----------
    question
        The question.
    made, point
        Its program, and the values of the columns.

    Returns
    -------
    Flags of the sites (m) and of the sizes (k).
    """
    is_open = np.asarray(point[made.site] > 0.5)
    return is_open, (point[made.size] > 0.5) & is_open[sizes_of(question).site]


def capacity_of(question: SitingProblem, taken: NDArray[np.bool_]) -> Floats:
    """Return the capacity of each site (m) in a plan.

    Parameters
    ----------
    question
        The question.
    taken
        Which sizes (k) the plan takes.

    Returns
    -------
    Capacity of each site, 0 where it is closed.
    """
    sizes = sizes_of(question)
    capacity = np.zeros(len(question.sites))
    capacity[sizes.site[taken]] = sizes.capacity[taken]
    return capacity


def serve(question: SitingProblem, capacity: Floats, aim: ServiceAim, clock: Clock) -> Floats:
    """Serve as much as counts from given capacities, then at the least weighted metric.

    Where that is a transportation problem it is worked out to the end, whatever the time: it takes
    a moment. Else, where floors or a decay count, the metric is made least only while time is left.

    Parameters
    ----------
    question
        The question.
    capacity
        Capacity of each site (m) in the plan.
    aim
        What serving counts.
    clock
        Time left.

    Returns
    -------
    served
        Demand served along ``question.reach.data``.
    """
    reach = question.reach
    if not (capacity[reach.indices] > 0).any():
        return np.zeros(reach.nnz)
    gain = aim.worth if aim.most else np.ones(reach.nnz)
    if not question.floors and (aim.partial or (gain[aim.usable] == 1.0).all()):
        # Leaving out, where that must not pay, costs more than any chain of moves.
        longest = float(np.abs(reach.data).max(initial=0.0))
        out = 0.0 if aim.partial else (2.0 * (capacity > 0).sum() + 2.0) * longest + 1.0
        cost = aim.worth if aim.partial else reach.data
        found = _transport_alone(question, capacity, aim, cost, out)
        if found is not None:
            return found
    if aim.partial:
        return solve_flow(question, capacity, aim, worth=aim.worth, maximise=False)[1]
    objective, most = solve_flow(question, capacity, aim, worth=gain, maximise=True)
    if clock.left() <= 0 or not most.any():
        return most
    least = objective * (1 - 1e-10)
    if not any((figures % 1.0).any() for figures in (question.weight, capacity, gain)):
        least = float(np.round(objective))
    program, flow, pair = _transport(question, capacity, aim, worth=reach.data, maximise=False)
    program.row(flow, gain[pair], low=least)
    nearest = program.solve(time_limit_s=clock.left())
    return most if nearest.point is None else _flows_of(question, nearest, pair)


def serve_most(question: SitingProblem, capacity: Floats, aim: ServiceAim) -> Floats:
    """Serve as much as can be from given capacities, whatever it counts; floors have no say.

    Parameters
    ----------
    question
        The question.
    capacity
        Capacity of each site (m) in the plan.
    aim
        Which pairs may be used.

    Returns
    -------
    Demand served along ``question.reach.data``.
    """
    found = _transport_alone(question, capacity, aim, np.zeros(question.reach.nnz), 1.0)
    if found is None:
        any_site = np.ones(question.reach.nnz)
        found = solve_flow(question, capacity, aim, worth=any_site, maximise=True)[1]
    return found


def _transport_alone(
    question: SitingProblem, capacity: Floats, aim: ServiceAim, cost: Floats, out: float
) -> Floats | None:
    """Serve at least cost, where leaving a unit out costs so much; None where that had no end."""
    reach, row = question.reach, rows_of(question)
    is_open = capacity > 0
    pair = np.flatnonzero(aim.usable & is_open[reach.indices])
    number = np.cumsum(is_open) - 1
    ptr = np.concatenate([[0], np.cumsum(np.bincount(row[pair], minlength=reach.shape[0]))])
    by = sparse.csr_array(
        (cost[pair], number[reach.indices[pair]], ptr), shape=(reach.shape[0], int(is_open.sum()))
    )
    found = transport(by, question.weight, capacity[is_open], out)
    if found is None:
        return None
    flow = np.zeros(reach.nnz)
    flow[pair] = np.minimum(found.flow, question.weight[row[pair]])
    return flow


def solve_flow(
    question: SitingProblem, capacity: Floats, aim: ServiceAim, *, worth: Floats, maximise: bool
) -> tuple[float, Floats]:
    """Serve from given capacities as well as can be, to the end, by HiGHS.

    Parameters
    ----------
    question
        The question.
    capacity
        Capacity of each site (m) in the plan.
    aim
        Which pairs may be used.
    worth
        What serving a unit counts, along ``question.reach.data``.
    maximise
        Whether that is to be made large.

    Returns
    -------
    The objective, and demand served along ``question.reach.data``.
    """
    program, _, pair = _transport(question, capacity, aim, worth=worth, maximise=maximise)
    if not len(pair):
        return 0.0, np.zeros(question.reach.nnz)
    answer = program.solve(time_limit_s=np.inf)
    return answer.objective, _flows_of(question, answer, pair)


def _flows_of(question: SitingProblem, answer: Answer, pair: Ints) -> Floats:
    """Return who is served where by an answer on some pairs, kept within the weights."""
    if answer.point is None:
        raise ArithmeticError("the plan's places do not serve what the solver claims")
    flow = np.zeros(question.reach.nnz)
    flow[pair] = np.clip(answer.point, 0.0, question.weight[rows_of(question)[pair]])
    return flow
