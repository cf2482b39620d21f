"""Who is served within capacity, for the cards and marks of the map: facilities and communities."""

from __future__ import annotations

from planner.language import Lang, group_name
from planner.output.maps.cells import exact, tidy, whole
from planner.output.maps.payload.facilities import KindSupply
from planner.output.shortage import shortage
from planner.study.allocation_study import ServiceAnswer
from planner.study.plan import Plan

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
    load, lacking = answer.load, shortage(plan, answer)
    return {
        "group": group_name(answer.group, lang),
        "minutes": tidy(answer.minutes),
        "need": answer.question.need,
        "all": {
            "served": exact(district["served"]),
            "over_capacity": exact(district["over_capacity"]),
            "out_of_reach": exact(district["out_of_reach"]),
        },
        "communities": {
            "served": [whole(value) for value in parts["served"]],
            "over_capacity": [whole(value) for value in parts["over_capacity"]],
            "out_of_reach": [whole(value) for value in parts["out_of_reach"]],
        },
        "facilities": {
            "facility": [place[label] for label in load.index],
            "capacity": [tidy(value) for value in load["capacity"]],
            "people": [exact(value) for value in load["people"]],
            "minutes": [exact(value) for value in load["mean_min"]],
            "wanted": [whole(value) for value in lacking["wanted"]],
            "lack": [exact(value) for value in lacking["lack"]],
            "short": [int(value) for value in lacking["short"]],
            "rank": [whole(value) for value in lacking["lack_rank"]],
        },
    }
