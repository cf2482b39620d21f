"""Why no plan exists: the rules that have to be relaxed, and by how much."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from planner.engine.siting.problem.inputs import Floats
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.program import Program
from planner.errors import NoPlanError, Problem, Problems

SEARCH_S, LEAST_S = 10.0, 1.0  # for the reason: no longer than the question may take, or a second
TO_REACH = {"p": "siting.relax_p_reach", "budget": "siting.relax_budget_reach"}


def contradiction(
    question: SitingProblem, must: sparse.csr_array | None = None, need: Floats | float = 1.0
) -> NoPlanError:
    """Return the error that names the least relaxation of the rules with which a plan exists.

    Every rule may be overstepped at a price; a rule's price is one over its size, so that to
    relax a budget by a tenth is as dear as to relax a quota by a tenth.

    Parameters
    ----------
    question
        The question without an answer.
    must
        What has to hold besides the rules, as rows (k x m) on the sites.
    need
        What these rows must come to at least.

    Returns
    -------
    The error, to be raised: one problem for each rule that has to be relaxed.
    """
    limits = question.limits
    if not limits:
        return NoPlanError([Problem(key="siting.infeasible")])
    program = Program(maximise=False)
    sites = program.columns(len(question.sites), low=question.low, whole=True)
    size = np.array([max(1.0, min(abs(limit.low), abs(limit.high))) for limit in limits])
    above = program.columns(len(limits), worth=1.0 / size, high=np.inf)
    below = program.columns(len(limits), worth=1.0 / size, high=np.inf)
    for number, limit in enumerate(limits):
        columns = np.concatenate([sites[limit.sites], [above[number], below[number]]])
        values = np.concatenate([limit.factors, [-1.0, 1.0]])
        program.row(columns, values, low=limit.low, high=limit.high)
    if must is not None:
        program.rows((sites, must), low=need)
    answer = program.solve(time_limit_s=min(SEARCH_S, max(question.time_limit_s, LEAST_S)))
    if answer.point is None:
        return NoPlanError([Problem(key="siting.infeasible")])
    problems = Problems()
    for limit, over, under in zip(limits, answer.point[above], answer.point[below], strict=True):
        if max(over, under) > 1e-6:
            to = limit.high + over if over > under else limit.low - under
            if limit.key in {"p", "budget"}:  # shown without what closing sites gives back
                to = limit.name + over - under
            key = f"siting.relax_{limit.key}"
            if must is not None:
                key = TO_REACH.get(limit.key, key)
            problems.add(key, value=limit.name, to=round(float(to), 6))
    if not problems.found:
        return NoPlanError([Problem(key="siting.infeasible")])
    return NoPlanError(problems.found)
