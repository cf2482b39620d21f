"""The choice of sites as a mixed-integer program: sites, hosts, rules, cover and service.

Every model that HiGHS proves begins with `add_sites`, which writes each rule once; what a model
counts stands on top of that. `point_of` reads a plan out of the answer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.covering_rows import merge_rows
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.highs import Answer, is_proven
from planner.engine.siting.solver.infeasibility import contradiction
from planner.engine.siting.solver.program import Clock, Program
from planner.engine.siting.solver.reduced import ReducedProblem
from planner.errors import NoPlanError, fail


def add_sites(
    program: Program,
    question: SitingProblem,
    *,
    worth: Floats | float = 0.0,
    host_weight: float = 0.0,
    extra: tuple[Ints, Floats] | None = None,
    floors: bool = True,
) -> Ints:
    """Add the choice of sites and every rule on it.

    Parameters
    ----------
    program, question
        Where to, and whose.
    worth
        What opening a site counts in the objective.
    host_weight
        What a unit of host cost counts there.
    extra
        Further columns that draw on the budget, and their costs.
    floors
        Whether to add the floors, as shares of demand that open sites reach.

    Returns
    -------
    numpy.ndarray
        Columns of the sites (m).
    """
    sites = program.columns(len(question.sites), worth=worth, low=question.low, whole=True)
    paying = [] if extra is None else [extra]
    if question.hosts is not None:
        hosts = question.hosts
        used = program.columns(len(hosts.cost), worth=hosts.cost * host_weight, whole=True)
        services = np.flatnonzero(hosts.of >= 0)
        entry, shape = np.arange(len(services)), (len(services), len(used))
        house = sparse.coo_array(
            (np.ones(len(services)), (entry, hosts.of[services])), shape
        ).tocsr()
        program.rows((sites[services], identity(len(services))), (used, -house), high=0.0)
        if np.isfinite(hosts.most):
            program.row(used, np.ones(len(used)), high=hosts.most)
        paying.append((used, hosts.cost))
    program.limits(sites, tuple(limit for limit in question.limits if limit.key != "budget"))
    for limit in question.limits:
        if limit.key == "budget":
            columns = np.concatenate([sites[limit.sites], *(numbers for numbers, _ in paying)])
            prices = np.concatenate([limit.factors, *(cost for _, cost in paying)])
            program.row(columns, prices, high=limit.high)
    for _, members, least, within in question.floors if floors else ():
        covered, weight = add_cover(program, question, sites, members, within=within)
        program.row(covered, weight, low=least)
    return sites


def add_cover(
    program: Program,
    question: SitingProblem,
    sites: Ints,
    members: Ints,
    *,
    within: float = np.inf,
    worth: float = 0.0,
    exact: bool = False,
) -> tuple[Ints, Floats]:
    """Add columns for whether some demand is covered; return them with the weight of each.

    Parameters
    ----------
    program, question, sites
        Where to, whose, and the columns of the sites.
    members
        Numbers of the demand.
    within
        Largest metric that counts.
    worth
        What a unit of weight covered counts in the objective.
    exact
        Whether covered demand must count as covered, even where it would pay to hide it.

    Returns
    -------
    Columns of the rows covered, one for each set of sites, and their weights.
    """
    near = question.reach
    if np.isfinite(within):
        row = np.repeat(np.arange(near.shape[0]), np.diff(near.indptr))
        inside = near.data <= within
        ends = (row[inside], near.indices[inside])
        near = sparse.coo_array((np.ones(len(ends[0])), ends), shape=near.shape).tocsr()
        near.sort_indices()
    rows = merge_rows(near, question.weight, members)
    covered = program.columns(len(rows.weight), worth=rows.weight * worth)
    program.rows((sites, rows.by), (covered, -identity(len(covered))), low=0.0)
    if exact:
        entry = rows.by.tocoo()
        ones, number = np.ones(entry.nnz), np.arange(entry.nnz)
        row_of = sparse.coo_array((ones, (number, entry.coords[0])), (entry.nnz, len(covered)))
        site_of = sparse.coo_array((ones, (number, entry.coords[1])), (entry.nnz, len(sites)))
        program.rows((covered, row_of.tocsr()), (sites, -site_of.tocsr()), low=0.0)
    return covered, rows.weight


def add_service(program: Program, core: ReducedProblem, sites: Ints, scale: float) -> None:
    """Add what serving each row saves, by its cheapest open site.

    A row that any site serves at one cost needs one column, the others one for each entry.

    Parameters
    ----------
    program, sites
        Where to, and the columns of the sites.
    core
        The rows, in the form of the search.
    scale
        What costs were multiplied by to make them whole.
    """
    flat = core.flat
    columns = core.names[flat.cols]
    row = np.repeat(np.arange(len(flat.outside)), np.diff(flat.indptr))
    saved = (flat.outside[row] - flat.cost) / scale
    level = np.ones(len(flat.outside), dtype=bool)  # rows that any site serves at one cost
    level[row[1:][(flat.cost[1:] != flat.cost[:-1]) & (row[1:] == row[:-1])]] = False
    pattern = sparse.csr_array(
        (np.ones(len(columns)), columns, flat.indptr), shape=(len(level), len(sites))
    )
    once = program.columns(int(level.sum()), worth=saved[flat.indptr[:-1][level]])
    program.rows((sites, pattern[np.flatnonzero(level)]), (once, -identity(len(once))), low=0.0)
    graded = np.flatnonzero(~level[row])
    by_site = program.columns(len(graded), worth=saved[graded])
    entry = np.arange(len(graded))
    shape = (len(graded), len(sites))
    used = sparse.coo_array((np.ones(len(graded)), (entry, columns[graded])), shape=shape).tocsr()
    program.rows((sites, used), (by_site, -identity(len(graded))), low=0.0)
    shape = (len(level), len(graded))
    of_row = sparse.coo_array((np.ones(len(graded)), (row[graded], entry)), shape=shape).tocsr()
    program.rows((by_site, of_row[np.flatnonzero(~level)]), high=1.0)


def plan_of(
    question: SitingProblem,
    answer: Answer,
    sites: Ints,
    program: Program,
    clock: Clock,
    *,
    worth: float | None = None,
    bound: float | None = None,
    unit: float = 0.0,
) -> tuple[NDArray[np.bool_], bool]:
    """Return which sites the plan of an answer opens, and whether preference is settled.

    Parameters
    ----------
    question, answer, sites, program, clock, worth, bound, unit
        As for `point_of`.

    Returns
    -------
    Flags of the sites (m), and ``is_settled`` as in `PreferredPoint`.

    Raises
    ------
    NoPlanError
        If the answer holds none.
    """
    asked = (question, answer, sites, program, clock)
    point, is_settled = point_of(*asked, worth=worth, bound=bound, unit=unit)
    return np.asarray(point[sites] > 0.5), is_settled


class PreferredPoint(NamedTuple):
    """Values of all columns of a plan, and whether it is sure that preference had all its say.

    That is: no plan is better, and none as good, but for what may be given up, has more points.
    """

    point: Floats
    is_settled: bool


def point_of(
    question: SitingProblem,
    answer: Answer,
    sites: Ints,
    program: Program,
    clock: Clock,
    *,
    worth: float | None = None,
    bound: float | None = None,
    unit: float = 0.0,
) -> PreferredPoint:
    """Return all columns of a plan, and whether preference is settled.

    Where some sites are preferred, the plan with most points among those that are as good is sought
    from there.

    Parameters
    ----------
    question, answer, sites, program, clock
        The question, what HiGHS made of its program, the columns of the sites, and the time left.
    worth
        Objective of the model for the answer's plan, by default that of the program: a share of it
        may be given up for preference.
    bound, unit
        A bound on the program's objective that is known beside that of the answer, and a step of
        which every plan's objective is a multiple, zero if there is none.

    Returns
    -------
    Value of each column of the program, and whether it is sure that no other suits better.

    Raises
    ------
    NoPlanError
        If the answer holds none.
    """
    point = answer.point
    if point is None:
        if answer.infeasible:
            raise contradiction(question)
        raise fail(NoPlanError, "siting.no_plan_in_time", value=question.time_limit_s)
    if question.preference is None:
        return PreferredPoint(point, is_settled=True)
    proven = is_proven(answer, unit)
    if bound is not None:
        proven |= is_proven(answer._replace(bound=bound), unit)
    better = program.solve_again(
        answer,
        sites,
        question.preference,
        slack=question.give_up * abs(answer.objective if worth is None else worth),
        time_limit_s=clock.left(),
        seed=question.seed,
    )
    if better.point is None:
        return PreferredPoint(point, is_settled=False)
    return PreferredPoint(better.point, is_settled=proven and is_proven(better))


def identity(n: int) -> sparse.csr_array:
    """Return the sparse identity.

    Parameters
    ----------
    n
        Rows and columns.

    Returns
    -------
    Ones on the diagonal (n x n).
    """
    return sparse.eye_array(n, format="csr")
