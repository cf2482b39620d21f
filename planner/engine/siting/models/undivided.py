"""Demand that is not divided: one site serves all of it (the rule ``whole``)."""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN202, PLR0917

from __future__ import annotations

import numpy as np
from scipy import sparse

from planner.engine.jit import compiled
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.program import Program

WHOLE, ROUNDS = 1e-9, 20  # share of a flow that rounding may lack, and looks for nearer sites
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


def settle_undivided(
    question: SitingProblem,
    capacity: Floats,
    cost: Floats,
    flow: Floats,
    partial: bool,  # noqa: FBT001
) -> Floats | None:
    """Return who is served where if nobody is divided, from flows that may divide them.

    Who is not divided stays; others go where they cost least and there is room, the largest first;
    then each goes to a nearer site that has room, as long as there is one.

    Parameters
    ----------
    question
        The question.
    capacity
        Capacity of each site (m) in the plan.
    cost
        What serving a unit counts, along ``question.reach.data``.
    flow
        The flows.
    partial
        Whether who does not fit, or costs more than nothing, may be left out.

    Returns
    -------
    Weight served of each pair; None if somebody does not fit who must be served.
    """
    reach, weight = question.reach, question.weight
    chosen = np.full(len(weight), -1, dtype=np.int64)
    order = np.argsort(-weight, kind="stable")
    most = 0.0 if partial else np.inf
    fits = _settle(
        reach.indptr, reach.indices, cost, weight, capacity.copy(), flow, order, most, chosen
    )
    if not fits and not partial:
        return None
    served = np.zeros(reach.nnz)
    kept = chosen >= 0
    served[chosen[kept]] = weight[kept]
    return served


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


@compiled
def _settle(ptr, cols, cost, weight, left, flow, order, most, chosen):
    """Write the pair that serves each demand, -1 for none; return whether all are served.

    ``left`` is the room of each site, and changed in place.
    """
    for r in order:
        for e in range(ptr[r], ptr[r + 1]):
            alone = flow[e] > weight[r] * (1.0 - WHOLE) and weight[r] > 0.0
            if alone and left[cols[e]] >= weight[r]:
                chosen[r] = e
                left[cols[e]] -= weight[r]
                break
    for _ in range(ROUNDS):
        moved = False
        for r in order:
            if weight[r] <= 0.0 or ptr[r] == ptr[r + 1]:
                continue
            now = chosen[r]
            found, least = -1, most if now < 0 else cost[now]
            for e in range(ptr[r], ptr[r + 1]):
                if cost[e] < least and left[cols[e]] >= weight[r]:
                    found, least = e, cost[e]
            if found >= 0:
                if now >= 0:
                    left[cols[now]] += weight[r]
                left[cols[found]] -= weight[r]
                chosen[r] = found
                moved = True
        if not moved:
            break
    left_out = 0.0
    for r in order:
        if chosen[r] < 0 and ptr[r] < ptr[r + 1]:
            left_out += weight[r]
    return left_out == 0.0
