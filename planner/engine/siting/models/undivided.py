"""Demand that is not divided: each is served, as a whole, by one site (the rule ``whole``)."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.program import Program

PRODUCT = 1e-13  # share by which a product of floats may miss a whole number


def keep_whole(program: Program, question: SitingProblem, flow: Ints) -> None:
    """Let each demand be served by one site alone: a yes or no for each pair."""
    weight, entry = _weight(question), np.arange(len(flow))
    alone = program.columns(len(flow), whole=True)
    ones, shape = np.ones(len(flow)), (len(question.demand), len(flow))
    once = sparse.coo_array((ones, (_rows(question), entry)), shape=shape).tocsr()
    itself = sparse.eye_array(len(flow), format="csr")
    all_of_it = sparse.diags_array(weight, format="csr")
    program.rows((flow, itself), (alone, -all_of_it), low=0.0, high=0.0)
    program.rows((alone, once), high=1.0)


def served_whole(question: SitingProblem, flow: Floats) -> Floats:
    """Read who is served where out of a plan's flows, along ``question.reach.data``."""
    weight = _weight(question)
    return np.where(2.0 * flow > weight, weight, 0.0)


def step_whole(question: SitingProblem, worth: Floats) -> float:
    """Tell a step of which every plan's cost is a multiple: 1, but for what products lose."""
    cost = _weight(question) * worth
    return 1.0 if np.allclose(cost, np.round(cost), rtol=PRODUCT, atol=0.0) else 0.0


def _rows(question: SitingProblem) -> Ints:
    return np.repeat(np.arange(len(question.demand)), np.diff(question.reach.indptr))


def _weight(question: SitingProblem) -> Floats:
    return question.weight[_rows(question)]
