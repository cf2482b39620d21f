"""What a district's tables hold and lack, with nothing walked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from planner.district import assessment
from planner.district.area import StudyArea
from planner.district.assessment import Facts
from planner.district.at_year import bring_to_year
from planner.settings import Settings
from planner.standards import Profile
from planner.study.measuring import year_before


def lacking(
    area: StudyArea | None, settings: Settings | None, profile: Profile | None
) -> pd.DataFrame:
    """Return what would answer the targets that have no data, without walking.

    Parameters
    ----------
    area
        The study area, as read; None where it could not be.
    settings
        The settings of the run; None where they could not be read.
    profile
        The targets that the district is held against, if any.

    Returns
    -------
    What `planner.district.assessment.lacking_table` gives; empty without targets.
    """
    if area is None or settings is None or profile is None:
        return pd.DataFrame(columns=assessment.LACKING)
    return lacking_in_words(facts_unwalked(area, settings), profile)


def facts_unwalked(area: StudyArea, settings: Settings) -> Facts:
    """Return the facts of a district with no walk measured, for what its tables hold and lack.

    Parameters
    ----------
    area
        The study area, as read.
    settings
        The settings of the run; its questions of capacity and delivery count as answered.

    Returns
    -------
    The facts; the homes of each community stand in one row.
    """
    then = bring_to_year(area, settings, settings.year)
    chosen = settings.coverage
    asked = pd.DataFrame(
        [
            {"kind": one.kind, "group": one.group or chosen.group, "people": 1.0, "served": 1.0}
            for one in settings.service
        ],
        columns=["kind", "group", "people", "served"],
    )
    served = asked.merge(pd.DataFrame({"community": then.counted.index}), "cross")
    delivered = [
        {"kind": one.kind, "community": home, "minutes": 1.0}
        for one in settings.delivery
        for home in then.counted.index
    ]
    facts = assessment.gather(
        then,
        pd.DataFrame(columns=["demand", "kind", "minutes"]),
        group=chosen.group,
        cutoff_min=chosen.cutoff_min,
        covered_share=chosen.covered_share,
        speed_mps=None if settings.means.is_vehicle else settings.walk.speed.speed_mps,
        year=settings.year,
        earlier=year_before(area, then, settings),
        served=served,
        delivered=pd.DataFrame(delivered) if delivered else None,
    )
    return _in_one_place(facts)


def lacking_in_words(
    facts: Facts, profile: Profile, among: Iterable[str] | None = None
) -> pd.DataFrame:
    """Return in words what would give targets without data a figure.

    Parameters
    ----------
    facts
        The facts of the district.
    profile
        The targets.
    among
        The targets asked about; all without data if not given.

    Returns
    -------
    A row for each thing that is lacking, with the columns of `assessment.lacking_table`.
    """
    found = assessment.lacking(facts, profile, among)
    return assessment.lacking_table(found, profile, facts.kinds)


def _in_one_place(facts: Facts) -> Facts:
    """Build the facts with the homes of each community in one row: enough where nobody walks."""
    units = [level for level in ("community", "hamlet") if level in facts.demand]
    homes = facts.demand.groupby(units, dropna=False, sort=False)[list(facts.groups)].sum()
    homes = homes.reset_index()
    times = pd.DataFrame(float("nan"), index=homes.index, columns=facts.times.columns)
    return replace(facts, demand=homes, times=times)
