"""The living circle: which of the kinds required within walking minutes each place has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from planner.district.assessment.facts import Facts, MissingError
from planner.district.assessment.tiers import walk
from planner.engine.coverage import TOLERANCE_MIN
from planner.standards import Need


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """How complete the living circle is.

    Parameters
    ----------
    places
        On the demand point: ``community``, one column for each need (named ``kind`` or
        ``kind/tier``, and ``@`` minutes), ``has`` (how many), ``complete``.
    communities
        On the community: ``people`` of the group that counts, the share of them that has each
        need, ``has`` (how many the mean person has), ``complete`` (share that has all). Missing
        where nobody lives.
    people
        On the group: ``people``, ``complete`` (people who have all), ``share``.
    lacking
        One row for each need, the one most miss first: ``need``, ``kind``, ``tier``,
        ``minutes``, and people of each group who lack it.
    """

    places: pd.DataFrame
    communities: pd.DataFrame
    people: pd.DataFrame
    lacking: pd.DataFrame


def completeness(facts: Facts, requires: Sequence[Need]) -> Completeness:
    """Compute how complete the living circle of each place is.

    Parameters
    ----------
    facts
        The facts of the district; ``times`` holds a column for each kind or tier required.
    requires
        What a living circle must hold: kind, tier and minutes on foot.

    Returns
    -------
    What each place, community and group has, and what is lacking to how many people.

    Raises
    ------
    MissingError
        If the data do not hold a kind or tell its tiers, or walks to it were not measured.
    """
    for need in requires:
        facts.check_known((need.kind,), need.tier)
    within: dict[str, pd.Series] = {}
    for need in requires:
        name = walk(need.kind, need.tier)
        if name not in facts.times:
            raise MissingError("no_times", what=name)
        within[f"{name}@{need.minutes:g}"] = facts.times[name] <= need.minutes + TOLERANCE_MIN
    needs = list(within)
    places = pd.DataFrame(within, index=facts.demand.index)
    places["has"] = places[needs].sum(axis=1)
    places["complete"] = places["has"] == len(needs)
    weights = facts.demand[list(facts.groups)].astype(float)
    total = weights.sum()
    complete = weights[places["complete"]].sum()
    people = pd.DataFrame({"people": total, "complete": complete})
    people["share"] = (complete / total).where(total > 0)
    lacking = pd.DataFrame(
        [
            {
                "need": name,
                **need.model_dump(),
                **weights[~places[name]].sum().to_dict(),
            }
            for name, need in zip(needs, requires, strict=True)
        ]
    )
    return Completeness(
        places=places.assign(community=facts.demand["community"]),
        communities=_by_community(facts, places, weights[facts.group]),
        people=people,
        lacking=lacking.sort_values(facts.group, ascending=False, ignore_index=True),
    )


def _by_community(facts: Facts, places: pd.DataFrame, weight: pd.Series) -> pd.DataFrame:
    home = facts.demand["community"]
    sums = places.astype(float).mul(weight, axis=0).groupby(home).sum()
    people = weight.groupby(home).sum()
    table = sums.div(people.where(people > 0), axis=0)
    table.insert(0, "people", people)
    return table.reindex(facts.communities.index)
