"""Demand that is not divided: one site serves all of it (the rule ``whole``)."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.program import Program

PRODUCT = 1e-13  # share by which a product of floats may miss a whole number


def serve_undivided(program: Program, question: SitingProblem, flow: Ints) -> None:
    """Add to a program that one site alone serves each demand: a yes or no for each pair.

    Parameters
    ----------
    program, flow
        Where to, and the columns of the flows along ``question.reach.data``.
    question
        The question.
    """
    weight, entry = _weight(question), np.arange(len(flow))
    alone = program.columns(len(flow), whole=True)
    ones, shape = np.ones(len(flow)), (len(question.demand), len(flow))
    once = sparse.coo_array((ones, (_rows(question), entry)), shape=shape).tocsr()
    itself = sparse.eye_array(len(flow), format="csr")
    all_of_it = sparse.diags_array(weight, format="csr")
    program.rows((flow, itself), (alone, -all_of_it), low=0.0, high=0.0)
    program.rows((alone, once), high=1.0)


def flows_undivided(question: SitingProblem, flow: Floats) -> Floats:
    """Return who is served where by a plan's flows, along ``question.reach.data``.

    Parameters
    ----------
    question
        The question.
    flow
        The flows that the solver found.

    Returns
    -------
    Weight served of each pair: all of its demand or nothing.
    """
    weight = _weight(question)
    return np.where(2.0 * flow > weight, weight, 0.0)


def unit_undivided(question: SitingProblem, worth: Floats) -> float:
    """Return a step of which every plan's cost is a multiple: 1, but for what products lose.

    Parameters
    ----------
    question
        The question.
    worth
        What serving a unit counts, along ``question.reach.data``.

    Returns
    -------
    1 where all products are whole numbers, else 0.
    """
    cost = _weight(question) * worth
    return 1.0 if np.allclose(cost, np.round(cost), rtol=PRODUCT, atol=0.0) else 0.0


def _rows(question: SitingProblem) -> Ints:
    return np.repeat(np.arange(len(question.demand)), np.diff(question.reach.indptr))


def _weight(question: SitingProblem) -> Floats:
    return question.weight[_rows(question)]
