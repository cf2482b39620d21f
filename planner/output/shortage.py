"""Facilities short of capacity, and by how many people: the same for the map and the report.

Nobody is sent to a facility beyond its capacity, so what is told of one that is short is whom it is
the nearest for. It is short if these are more than it holds, or if it is full and, with others so
marked, holds back all who are over capacity (``scarce``). An unknown capacity is never short.
"""

from __future__ import annotations

import pandas as pd

from planner.engine.coverage import TOLERANCE_MIN
from planner.study.allocation_study import ServiceAnswer
from planner.study.plan import Plan

ROUNDING = 1e-6  # of sums of shares of people


def shortage(plan: Plan, answer: ServiceAnswer) -> pd.DataFrame:
    """Return which facilities of a question are short of capacity.

    Parameters
    ----------
    plan
        The plan.
    answer
        The answer to a question of capacity.

    Returns
    -------
    On the facility: ``wanted``, the people asked about for whom it is the nearest within reach;
    ``lack``, how many more these are than it holds; ``short``; and ``lack_rank`` among those that
    are short, missing for the others: 1 lacks most.
    """
    load = answer.load
    wanted = _nearest_for(plan, answer)
    lack = (wanted - load["capacity"]).clip(lower=0.0).fillna(0.0)
    short = (lack > ROUNDING) | load["scarce"].fillna(value=False).astype(bool)
    order = pd.DataFrame({"lack": lack, "use": load["use"].fillna(0.0), "people": load["people"]})
    ranked = order[short].sort_values(["lack", "use", "people"], ascending=False, kind="stable")
    rank = pd.Series(range(1, len(ranked) + 1), index=ranked.index).reindex(load.index)
    return pd.DataFrame(
        {"wanted": wanted, "lack": lack, "short": short, "lack_rank": rank.astype("Int64")}
    )


def _nearest_for(plan: Plan, answer: ServiceAnswer) -> pd.Series:
    """Count for each facility the people asked about for whom it is the nearest within reach."""
    rows = plan.coverage.nearest
    rows = rows[
        (rows["kind"] == answer.question.kind) & (rows["minutes"] <= answer.minutes + TOLERANCE_MIN)
    ]
    people = plan.area.demand[answer.group].reindex(rows["demand"]).to_numpy(float)
    sums = pd.Series(people * answer.question.need).groupby(rows["facility"].to_numpy()).sum()
    return sums.reindex(answer.load.index, fill_value=0.0)
