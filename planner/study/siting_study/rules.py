"""A question's rules in labels, as the models take them."""

from __future__ import annotations

from collections.abc import Hashable

import geopandas as gpd
import pandas as pd

from planner.district.area import StudyArea
from planner.district.entrances import main_entrance
from planner.district.matching import normal
from planner.district.walk import Walk
from planner.engine import siting
from planner.engine.siting import Rules
from planner.settings import SitingQuestion
from planner.study.siting_study.demand import DemandSpec


def write_rules(
    area: StudyArea,
    question: SitingQuestion,
    existing: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    walk: Walk,
) -> Rules:
    """Return the question's rules on the choice of sites in labels; floors are `floors_of`.

    Parameters
    ----------
    area
        The study area.
    question
        The question.
    existing
        Facilities of the kind in operation, on their label.
    candidates
        Candidates on their label.
    walk
        Speed and limits of the run.

    Returns
    -------
    Keywords that the models of `planner.siting` take.
    """
    rules: Rules = {
        "fixed": list(existing.index),
        "candidates": list(candidates.index),
        "mandatory": question.mandatory,
        "forbidden": question.forbidden,
        "time_limit_s": question.time_limit_s,
        "seed": question.seed,
        "give_up": question.give_up,
        "closable": question.closable or None,
        "movable": question.movable,
    }
    phased = any(phase.budget is not None for phase in question.phases)
    if question.budget is not None:
        rules["budget"] = question.budget
    if (question.budget is not None or phased) and candidates["cost"].notna().any():
        rules["cost"] = candidates["cost"]  # else there are sizes, which have costs of their own
    if question.apart_m is not None:
        rules["conflicts"] = pairs_of(question.apart_m, walk, candidates)
    if question.quotas:
        rules["quotas"] = quotas_of(area, question, existing, candidates)
    if question.one_per_host:
        rules["hosts"] = candidates["name"]
    if question.prefer or question.upgrade_first:
        points = {normal(host): value for host, value in question.prefer.items()}
        wanted = candidates["host"].map(lambda host: points.get(normal(host), 0.0))
        rules["preference"] = wanted - float(question.upgrade_first)
    if question.sizes or question.upgrades:
        rules["sizes"] = _sizes(question, existing, candidates)
    return rules


def unit_of(area: StudyArea, per: str) -> pd.Series:
    """Return the unit of a level that each community lies in.

    Parameters
    ----------
    area
        The study area.
    per
        The level: ``"street"``, ``"zone"``, ``"settlement"`` or ``"community"``.

    Returns
    -------
    Names of units on the community's id, missing where not known.
    """
    communities = area.communities
    if per == "community":
        return pd.Series(communities["name"].where(communities["name"].notna(), communities.index))
    return pd.Series(communities[per])


def pairs_of(
    apart_m: float, walk: Walk, candidates: gpd.GeoDataFrame
) -> list[tuple[Hashable, Hashable]]:
    """List the pairs of candidates whose walk is shorter than a spacing.

    Parameters
    ----------
    apart_m
        The spacing, metres along the streets.
    walk
        Speed and snap limit of the run.
    candidates
        Candidates on their label.

    Returns
    -------
    Pairs of labels of which at most one may be chosen.
    """
    within = apart_m / walk.speed_mps / 60
    between = walk.along_streets(main_entrance(candidates), candidates, within=within)
    return siting.too_close(between, within)


def floors_of(area: StudyArea, question: SitingQuestion, people: DemandSpec) -> list[siting.Floor]:
    """Return the least share of each unit, or of the one named.

    Parameters
    ----------
    area
        The study area.
    question
        The question, with its floors.
    people
        Who counts.

    Returns
    -------
    A floor for each unit, on the labels of its demand.
    """
    home = people.point.map(area.demand["community"])
    found = []
    for asked in question.floors:
        unit = home.map(unit_of(area, asked.per))
        names = [asked.unit] if asked.unit else sorted(unit.dropna().unique())
        within = float("inf") if asked.minutes is None else asked.minutes
        found += [
            siting.Floor(
                name=str(name),
                share=asked.share,
                demand=people.weight.index[unit == name],
                within=within,
            )
            for name in names
        ]
    return found


def quotas_of(
    area: StudyArea,
    question: SitingQuestion,
    existing: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
) -> list[siting.Quota]:
    """Return the bounds on sites of each unit; where more stand already, none is added.

    Parameters
    ----------
    area
        The study area.
    question
        The question, with its quotas.
    existing
        Facilities of the kind in operation, with the units they lie in.
    candidates
        Candidates, with the units they lie in and ``host``.

    Returns
    -------
    A quota for each unit, on the labels of its sites.
    """
    stay = existing.index.difference([*question.closable, *question.movable])
    found = []
    for asked in question.quotas:
        of_site, known = candidates[asked.per], candidates[asked.per]
        if asked.per != "host":
            of_site = pd.concat([existing[asked.per], of_site])
            known = area.counted[asked.per]
        for name in sorted({*known.dropna(), *of_site.dropna()}):
            sites = of_site.index[of_site == name]
            most = asked.at_most
            if most is not None:
                most = max(most, len(stay.intersection(sites)))
            found.append(
                siting.Quota(name=name, sites=list(sites), at_least=asked.at_least, at_most=most)
            )
    return found


def _sizes(
    question: SitingQuestion, existing: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame
) -> pd.DataFrame:
    """List the sizes to choose from: any for a candidate, its own and larger for what stands."""
    offered = pd.DataFrame([size.model_dump() for size in question.sizes])
    new = pd.DataFrame({"site": candidates.index}).merge(offered, how="cross")
    stands = {"site": existing.index, "capacity": existing["capacity"]}
    parts = [new, pd.DataFrame({**stands, "size": "existing", "cost": 0.0})]
    parts += [
        pd.DataFrame(stands).assign(
            capacity=existing["capacity"] + upgrade.add, size=upgrade.size, cost=upgrade.cost
        )
        for upgrade in question.upgrades
    ]
    return pd.concat(parts, ignore_index=True)
