"""A district held against its targets, as it stands and with the chosen sites."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from planner.district import assessment
from planner.district.assessment import Facts
from planner.settings import Settings
from planner.standards import Profile
from planner.study.siting_study import SitingAnswer
from planner.study.unwalked import lacking_in_words


def carried_out(operating: gpd.GeoDataFrame, answers: dict[str, SitingAnswer]) -> gpd.GeoDataFrame:
    """List the facilities once answers are carried out: new ones there, closed ones gone.

    Parameters
    ----------
    operating
        The facilities that operate.
    answers
        The answers of siting by kind, those that have a plan.

    Returns
    -------
    The facilities, new ones on labels ``KIND/SITE``.
    """
    return gpd.GeoDataFrame(
        pd.concat([operating.drop(closed_sites(answers)), *built_sites(answers)])
    )


def built_sites(answers: dict[str, SitingAnswer]) -> list[gpd.GeoDataFrame]:
    """Return the new sites of each kind on labels of their own: one may serve several kinds.

    Parameters
    ----------
    answers
        The answers of siting by kind, those that have a plan.

    Returns
    -------
    A table of sites for each kind; ``candidate`` is the label that a site was chosen by.
    """
    return [
        answer.sites.assign(kind=kind, candidate=answer.sites.index).set_axis(
            f"{kind}/" + answer.sites.index.astype(str)
        )
        for kind, answer in answers.items()
    ]


def closed_sites(answers: dict[str, SitingAnswer]) -> list[object]:
    """Return the facilities that answers close.

    Parameters
    ----------
    answers
        The answers of siting by kind, those that have a plan.

    Returns
    -------
    Labels of facilities.
    """
    return [label for answer in answers.values() for label in answer.result.closed]


def hold_against(
    facts: Facts,
    profile: Profile,
    settings: Settings,
    headline: bool,  # noqa: FBT001
) -> dict[str, Any]:
    """Hold the facts against the targets, whole and street by street.

    Parameters
    ----------
    facts
        The facts of the district.
    profile
        The targets.
    settings
        The settings of the run.
    headline
        Whether the scorecard of the whole district alone is wanted.

    Returns
    -------
    Fields of a plan: ``scorecard`` and, but for the headline, ``scorecard_streets``, ``lacking``,
    ``reported`` and ``circles``.
    """
    scorecard = assessment.scorecard(facts, profile, settings.year)
    if headline:
        return {"scorecard": scorecard}
    missing = scorecard.loc[assessment.statuses(scorecard).eq("missing"), "target"]
    answered = set(scorecard.loc[scorecard["value"].notna(), "target"])
    circles = {
        name: assessment.completeness(facts, target.requires)
        for name, target in profile.targets.items()
        if target.requires and name in answered
    }
    return {
        "scorecard": scorecard,
        "scorecard_streets": assessment.by_street(facts, profile, scorecard),
        "lacking": lacking_in_words(facts, profile, missing),
        "reported": assessment.reconcile(scorecard, profile, settings.year),
        "circles": circles,
    }


def hold_once_built(
    facts: assessment.Facts,
    answers: dict[str, SitingAnswer],
    nearest: pd.DataFrame,
    *,
    settings: Settings,
    profile: Profile,
) -> pd.DataFrame:
    """Hold the district against the targets of what is sited, once all of that stands.

    Parameters
    ----------
    facts
        The facts of the district.
    answers
        The answers of siting by kind, those that have a plan.
    nearest
        Walks to the facilities once all sites stand: demand, kind, tier, minutes.
    settings
        The settings of the run.
    profile
        The targets.

    Returns
    -------
    The scorecard of the targets that new sites concern; empty where they concern none.
    """
    kinds = set(answers)
    concerned = {
        name: target
        for name, target in profile.targets.items()
        if kinds & {*(target.base or target).kind, *(need.kind for need in target.requires)}
    }
    if not concerned:
        return pd.DataFrame()
    sites = pd.concat([pd.DataFrame(new.drop(columns="geometry")) for new in built_sites(answers)])
    later = facts.once_built(sites, closed_sites(answers), nearest)
    only = profile.model_copy(update={"targets": concerned})
    return assessment.scorecard(later, only, settings.year)
