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
from planner.engine.siting.solver.early_capacity import GreedyAllocation, allocate_greedily

ROUNDING = 1e-9  # share, and weight, that rounding may leave unserved where all must be


def first_plan(question: SitingProblem, aim: ServiceAim) -> GreedyAllocation | None:
    """Return a plan that serves all that must be, or as much as greed can.

    Parameters
    ----------
    question
        The question.
    aim
        What serving counts.

    Returns
    -------
    None if none was found, or where floors say who is to be served.
    """
    if question.floors:
        return None
    everything = float(question.weight[question.wanted].sum())
    enough = everything if aim.share == 1 else aim.share * float(question.weight.sum())
    price = None
    if aim.fewest:
        price = site_worth(question)
    elif question.budget is not None:
        price = question.cost
    found = allocate_greedily(
        question, sizes_of(question), aim.usable, enough * (1 - ROUNDING), price
    )
    if found is None or aim.most or aim.partial:
        return found
    served = found.flow
    if not question.whole:
        served = serve_most(question, capacity_of(question, found.taken), aim)
    return found if float(served.sum()) >= enough * (1 - 1e-12) - ROUNDING else None


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
