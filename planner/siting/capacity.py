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
from planner.siting.result import Siting, host_cost, settle
from planner.siting.service import add_sites, identity, plan_of

EASE = 1e-6  # share by which flows may miss a capacity in floating point


def solve_places(question: Question, clock: Clock) -> Siting:
    """Solve a model whose sites serve no more than their places.

    Demand may be divided between sites. ``max_cover`` serves as much as it can (Current & Storbeck
    1988), ``p_median`` all that can be reached at the least weighted metric, ``set_cover`` the same
    with the fewest or cheapest sites. Of plans that serve as well, the flows told are those of the
    least weighted metric.
    """
    program, sites, size, flow = _flows(question)
    answer = program.solve(time_limit_s=clock.left(), seed=question.seed)
    if answer.infeasible and question.model != "max_cover":
        wanted = float(question.weight[question.reached].sum())
        raise fail(SitingError, "siting.capacity_short", value=wanted)
    is_open = plan_of(question, answer, sites, program, clock)
    return _settle(question, is_open, answer, size=size, flow=flow)


def site_worth(question: Question) -> Floats:
    """Tell what opening each site counts where sites are what is spared: its cost, or 1 if new."""
    if question.priced:
        return question.cost
    return (np.arange(len(question.sites)) >= question.n_fixed).astype(np.float64)


def _sizes(question: Question) -> Sizes:
    if question.sizes is None:
        raise ValueError("a model with places needs capacities")
    return question.sizes


def _flows(question: Question) -> tuple[Program, Ints, Ints, Ints]:
    """Write the program: sites, their sizes, and who is served where."""
    sizes, reach, weight = _sizes(question), question.reach, question.weight
    row = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    most, fewest = question.model == "max_cover", question.model == "set_cover"
    program = Program(maximise=most)
    size = program.columns(len(sizes.site), worth=sizes.cost if fewest else 0.0, whole=True)
    site = add_sites(
        program,
        question,
        worth=site_worth(question) if fewest else 0.0,
        priced=float(fewest),
        extra=(size, sizes.cost),
    )
    flow_worth = 1.0 if most else 0.0 if fewest else reach.data
    flow = program.columns(reach.nnz, worth=flow_worth, high=weight[row])
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
    least = np.where(question.reached, weight, 0.0) if not most else np.zeros(len(weight))
    program.rows((flow, from_demand), low=least, high=weight)
    opens = sparse.coo_array((weight[row], (entry, reach.indices)), (reach.nnz, m)).tocsr()
    program.rows((flow, identity(reach.nnz)), (site, -opens), high=0.0)
    return program, site, size, flow


def _settle(
    question: Question,
    is_open: NDArray[np.bool_],
    answer: Answer,
    *,
    size: Ints,
    flow: Ints,
) -> Siting:
    """Serve the demand anew by the plan's sites and sizes alone, and measure that."""
    sizes, point = _sizes(question), answer.point
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
    size_cost = float(sizes.cost[taken].sum())
    objective = {
        "max_cover": float(served.sum()),
        "p_median": float(served @ question.reach.data),
        "set_cover": float(site_worth(question) @ is_open)
        + size_cost
        + host_cost(question, is_open),
    }[question.model]
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
        size_cost=size_cost,
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
