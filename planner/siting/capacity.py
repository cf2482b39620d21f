"""Models with places: a site serves no more than its capacity, which may be chosen by size."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import SitingError, fail
from planner.siting.program import Answer, Clock, Program
from planner.siting.question import Question, Sizes
from planner.siting.reading import Floats, Ints
from planner.siting.result import Siting, settle
from planner.siting.service import identity, plan_of

EASE = 1e-6  # share by which flows may miss a capacity in floating point


def most_served(question: Question, clock: Clock) -> Siting:
    """Serve as much demand as places within reach allow.

    The capacitated MCLP (Current & Storbeck 1988, doi:10.1068/b150353).
    Demand may be divided between sites. Of the ways to serve as many, that with the least weighted
    metric is told.
    """
    sizes = _sizes(question)
    program, sites, size, flow = _flows(question, sizes, maximise=True, serve_all=False)
    answer = program.solve(time_limit_s=clock.left(), seed=question.seed)
    is_open = plan_of(question, answer, sites, program, clock)
    return _settle(question, sizes, is_open, answer, size=size, flow=flow)


def least_served_cost(question: Question, clock: Clock) -> Siting:
    """Serve all demand that can be reached, within capacities, at the least weighted metric."""
    sizes = _sizes(question)
    program, sites, size, flow = _flows(question, sizes, maximise=False, serve_all=True)
    answer = program.solve(time_limit_s=clock.left(), seed=question.seed)
    if answer.infeasible:
        wanted = float(question.weight[question.reached].sum())
        raise fail(SitingError, "siting.capacity_short", value=wanted)
    is_open = plan_of(question, answer, sites, program, clock)
    return _settle(question, sizes, is_open, answer, size=size, flow=flow)


def _sizes(question: Question) -> Sizes:
    if question.sizes is None:
        raise ValueError("a model with places needs capacities")
    return question.sizes


def _flows(
    question: Question, sizes: Sizes, *, maximise: bool, serve_all: bool
) -> tuple[Program, Ints, Ints, Ints]:
    """Write the program: sites, their sizes, and who is served where."""
    reach, weight = question.reach, question.weight
    row = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    program = Program(maximise=maximise)
    site = program.columns(len(question.sites), low=question.low, whole=True)
    size = program.columns(len(sizes.site), whole=True)
    flow = program.columns(reach.nnz, worth=1.0 if maximise else reach.data, high=weight[row])
    others = tuple(limit for limit in question.limits if limit.key != "budget")
    program.limits(site, others)
    for limit in question.limits:
        if limit.key == "budget":
            columns = np.concatenate([site[limit.sites], size])
            program.row(columns, np.concatenate([limit.factors, sizes.cost]), high=limit.high)
    m = len(question.sites)
    each = np.arange(len(sizes.site))
    of_size = sparse.coo_array((np.ones(len(each)), (sizes.site, each)), (m, len(each))).tocsr()
    places = sparse.coo_array((sizes.capacity, (sizes.site, each)), (m, len(each))).tocsr()
    program.rows((size, of_size), (site, -identity(m)), low=0.0, high=0.0)
    entry = np.arange(reach.nnz)
    ones = np.ones(reach.nnz)
    to_site = sparse.coo_array((ones, (reach.indices, entry)), (m, reach.nnz)).tocsr()
    from_demand = sparse.coo_array((ones, (row, entry)), (reach.shape[0], reach.nnz)).tocsr()
    program.rows((flow, to_site), (size, -places), high=0.0)
    least = np.where(question.reached, weight, 0.0) if serve_all else np.zeros(len(weight))
    program.rows((flow, from_demand), low=least, high=weight)
    opens = sparse.coo_array((weight[row], (entry, reach.indices)), (reach.nnz, m)).tocsr()
    program.rows((flow, identity(reach.nnz)), (site, -opens), high=0.0)
    return program, site, size, flow


def _settle(
    question: Question,
    sizes: Sizes,
    is_open: NDArray[np.bool_],
    answer: Answer,
    *,
    size: Ints,
    flow: Ints,
) -> Siting:
    """Serve the demand anew by the plan's sites and sizes alone, and measure that."""
    point = answer.point
    if point is None:
        raise ValueError("no plan to settle")
    taken = (point[size] > 0.5) & is_open[sizes.site]
    places = np.zeros(len(question.sites))
    places[sizes.site[taken]] = sizes.capacity[taken]
    served = serve(question, places, total=float(point[flow].sum()))
    row = np.repeat(np.arange(question.reach.shape[0]), np.diff(question.reach.indptr))
    used = served > EASE
    flows = pd.DataFrame(
        {
            "demand": question.demand[row[used]],
            "site": question.sites[question.reach.indices[used]],
            "weight": served[used],
        }
    )
    by_time = question.model == "p_median"
    objective = float(served @ question.reach.data) if by_time else float(served.sum())
    labels = pd.Series(
        sizes.label[taken], index=question.sites[sizes.site[taken]], name="size", dtype=object
    )
    return settle(
        question,
        is_open,
        objective,
        answer.bound,
        flows=flows,
        sizes=labels,
        size_cost=float(sizes.cost[taken].sum()),
    )


def serve(question: Question, places: Floats, *, total: float) -> Floats:
    """Serve so much demand at the least weighted metric, by linear programming.

    Returns
    -------
    served
        Demand served along ``question.reach.data``.
    """
    reach, weight = question.reach, question.weight
    row = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    entry, ones = np.arange(reach.nnz), np.ones(reach.nnz)
    program = Program(maximise=False)
    flow = program.columns(reach.nnz, worth=reach.data, high=weight[row])
    to_site = sparse.coo_array((ones, (reach.indices, entry)), (len(places), reach.nnz)).tocsr()
    from_demand = sparse.coo_array((ones, (row, entry)), (len(weight), reach.nnz)).tocsr()
    program.rows((flow, to_site), high=places)
    program.rows((flow, from_demand), high=weight)
    whole = np.array_equal(weight, np.round(weight)) and np.array_equal(places, np.round(places))
    program.row(flow, ones, low=float(np.round(total)) if whole else total * (1 - 1e-9))
    answer = program.solve(time_limit_s=60.0)
    if answer.point is None:
        raise ArithmeticError("the plan's places do not serve what the solver claims")
    return np.clip(answer.point, 0.0, weight[row])
