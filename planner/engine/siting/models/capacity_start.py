"""A first plan with capacities, found without a program."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.engine.siting.models.capacity_program import (
    CapacityProgram,
    ServiceAim,
    capacity_of,
    serve_most,
    site_worth,
    sizes_of,
)
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.early_capacity import GreedyAllocation, GreedySearch

ROUNDING = 1e-9  # share, and weight, that rounding may leave unserved where all must be


def search_of(question: SitingProblem, aim: ServiceAim) -> GreedySearch:
    """Return a search for plans that serve all that must be, or as much as greed can.

    Parameters
    ----------
    question
        The question, without floors.
    aim
        What serving counts.

    Returns
    -------
    The search.
    """
    price = None
    if aim.fewest:
        price = site_worth(question)
    elif question.budget is not None:
        price = question.cost
    enough = _enough(question, aim) * (1 - ROUNDING)
    return GreedySearch(question, sizes_of(question), aim.usable, enough, price)


def first_plan(
    question: SitingProblem, aim: ServiceAim, search: GreedySearch | None = None
) -> GreedyAllocation | None:
    """Return a plan that serves all that must be, or as much as greed can.

    Parameters
    ----------
    question
        The question.
    aim
        What serving counts.
    search
        A search for plans, if there is one already.

    Returns
    -------
    None if none was found, or where floors say who is to be served.
    """
    if question.floors:
        return None
    found = (search or search_of(question, aim)).allocate()
    return None if found is None else served_enough(question, aim, found)


def served_enough(
    question: SitingProblem, aim: ServiceAim, plan: GreedyAllocation
) -> GreedyAllocation | None:
    """Return a plan with as many served as must be; None if its sites cannot.

    Parameters
    ----------
    question, aim, plan
        The question, what serving counts, and the plan.

    Returns
    -------
    The plan as it is where nobody must be served.
    """
    if aim.most or aim.partial:
        return plan
    enough = _enough(question, aim) * (1 - 1e-12) - ROUNDING
    if not question.whole and float(plan.flow.sum()) < enough:
        plan = plan._replace(flow=serve_most(question, capacity_of(question, plan.taken), aim))
    return plan if float(plan.flow.sum()) >= enough else None


def _enough(question: SitingProblem, aim: ServiceAim) -> float:
    if aim.share == 1:
        return float(question.weight[question.wanted].sum())
    return aim.share * float(question.weight.sum())


def opened(question: SitingProblem, known: GreedyAllocation) -> NDArray[np.bool_]:
    """Return which sites (m) a plan opens.

    Parameters
    ----------
    question, known
        The question, and the plan.

    Returns
    -------
    Flags of the sites.
    """
    is_open = question.always.copy()
    is_open[sizes_of(question).site[known.taken]] = True
    return is_open


def start_of(
    question: SitingProblem, made: CapacityProgram, known: GreedyAllocation
) -> tuple[Ints, Floats]:
    """Return a plan as a program's start: sites and sizes, and undivided demand as it was served.

    Parameters
    ----------
    question, made, known
        The question, its program, and the plan.

    Returns
    -------
    columns, values
        Numbers of the program's columns, and the value of each.
    """
    columns = np.append(made.site, made.size)
    values = np.append(opened(question, known), known.taken).astype(np.float64)
    if question.whole:
        columns, values = np.append(columns, made.flow), np.append(values, known.flow)
    return columns, values
