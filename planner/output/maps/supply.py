"""Who is served within capacity, for the cards and marks of the map: facilities and communities.

Nobody is sent to a facility beyond its capacity, so what is told of one that is short is whom it is
the nearest for. It is marked if these are more than it holds, or if it is full and, with others so
marked, holds back all who are over capacity (``scarce``). An unknown capacity is never short.
"""

from __future__ import annotations

import pandas as pd

from planner.engine.coverage import TOLERANCE_MIN
from planner.language import Lang, group_name
from planner.output.maps.cells import rounded, tidy, whole
from planner.output.maps.payload import KindSupply
from planner.study.allocation_study import ServiceAnswer
from planner.study.scenario import Plan

ROUNDING = 1e-6  # of sums of shares of people
PARTS = ("served", "over_capacity", "out_of_reach")


def supply(plan: Plan, lang: Lang) -> dict[str, KindSupply]:
    """Return the first question of capacity on each kind.

    Parameters
    ----------
    plan
        The plan.
    lang
        Language of the words.

    Returns
    -------
    By kind: whom was asked about; ``all``, the parts of the district; for each community the same
    parts; and for each facility that operates its number with capacity, people served, mean
    minutes, people for whom it is the nearest, and whether it is short.
    """
    answers = {answer.question.kind: answer for answer in reversed(plan.service)}
    return {kind: _of_kind(plan, answer, lang) for kind, answer in answers.items()}


def _of_kind(plan: Plan, answer: ServiceAnswer, lang: Lang) -> KindSupply:
    split = answer.split[answer.split["group"] == answer.group].set_index("unit")
    parts = split.loc[split["level"] == "community", list(PARTS)]
    parts = parts.reindex(plan.area.communities.index)
    district = split.loc[split["level"] == "district", list(PARTS)].iloc[0]
    place = {label: number for number, label in enumerate(plan.area.facilities.index)}
    wanted, load = _nearest_for(plan, answer), answer.load
    short = (wanted > load["capacity"] + ROUNDING) | load["scarce"].fillna(value=False).astype(bool)
    return {
        "group": group_name(answer.group, lang),
        "minutes": tidy(answer.minutes),
        "need": answer.question.need,
        "all": {
            "served": whole(district["served"]),
            "over_capacity": whole(district["over_capacity"]),
            "out_of_reach": whole(district["out_of_reach"]),
        },
        "communities": {
            "served": [whole(value) for value in parts["served"]],
            "over_capacity": [whole(value) for value in parts["over_capacity"]],
            "out_of_reach": [whole(value) for value in parts["out_of_reach"]],
        },
        "facilities": {
            "facility": [place[label] for label in load.index],
            "capacity": [tidy(value) for value in load["capacity"]],
            "people": [rounded(value, 1) for value in load["people"]],
            "minutes": [rounded(value, 1) for value in load["mean_min"]],
            "wanted": [whole(value) for value in wanted],
            "short": [int(value) for value in short],
        },
    }


def _nearest_for(plan: Plan, answer: ServiceAnswer) -> pd.Series:
    """Count for each facility the people asked about for whom it is the nearest within reach."""
    rows = plan.coverage.nearest
    rows = rows[
        (rows["kind"] == answer.question.kind) & (rows["minutes"] <= answer.minutes + TOLERANCE_MIN)
    ]
    people = plan.area.demand[answer.group].reindex(rows["demand"]).to_numpy(float)
    sums = pd.Series(people * answer.question.need).groupby(rows["facility"].to_numpy()).sum()
    return sums.reindex(answer.load.index, fill_value=0.0)
