"""Check the answer of any model."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planner.engine.siting.model_register import MODELS
from planner.engine.siting.models.fairness import Fair
from planner.engine.siting.models.phases import Phased
from planner.engine.siting.models.together import Together
from planner.engine.siting.problem.result import Solution
from planner.engine.siting.verification.answer_check import AnswerCheck, Verification
from planner.engine.siting.verification.further_checks import FairCheck
from planner.engine.siting.verification.several_checks import JointCheck, PhasedCheck


def verify(
    answer: Solution | Fair | Phased | Together,
    table: pd.DataFrame | Mapping[str, pd.DataFrame],
    demand: pd.Series | pd.DataFrame | Mapping[str, pd.Series] | None = None,
    *,
    nodes: int = 1_000,
    entries: int = 100_000,
    time_limit_s: float = 60.0,
) -> Verification:
    """Return whether an answer is what it says: rules kept, figures right, the optimum the best.

    Parameters
    ----------
    answer
        Answer of any model; it carries what was asked.
    table, demand
        The tables that the model was asked with.
    nodes
        Nodes of the branch and bound after which HiGHS gives up; at 0 it is not asked.
    entries
        Pairs of demand and site above which HiGHS is not asked.
    time_limit_s
        Seconds after which HiGHS gives up, if it has not by its nodes, which repeat on any machine.

    Returns
    -------
    What was checked, and what is wrong.

    Examples
    --------
    >>> from planner import siting
    >>> od = pd.DataFrame({"demand": ["a", "b", "b"], "facility": [1, 1, 2], "minutes": 5.0})
    >>> people = pd.Series({"a": 10, "b": 20})
    >>> found = siting.verify(siting.max_cover(od, people, p=1), od, people)
    >>> found.holds, found.optimum
    (True, 30.0)
    """
    if demand is None:  # p_dispersion: sites weigh one each
        demand = pd.Series(1.0, index=pd.Index(pd.unique(pd.DataFrame(table)["demand"])))
    check: AnswerCheck
    if isinstance(answer, Phased):
        check = PhasedCheck(answer, table, demand)
    elif isinstance(answer, Together):
        check = JointCheck(answer, table, demand)
    elif isinstance(answer, Fair):
        check = FairCheck(answer, table, demand)
    else:
        check = MODELS[answer.model].check(answer, table, demand)
    return check.verify(nodes=nodes, entries=entries, time_limit_s=time_limit_s)
