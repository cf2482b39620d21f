"""The one path that checks a siting question: names first, then whether its rules can be kept.

The schema has been checked before (`planner.settings.siting`). `planner check` and a run both go
through `checked_rules`, whose second step is the check that the models make themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

import geopandas as gpd
import pandas as pd

from planner.district.area import StudyArea
from planner.district.assessment import tier_of
from planner.district.matching import normal
from planner.district.walk import Walk
from planner.engine import grids, siting
from planner.engine.labels import shorten
from planner.engine.siting import Rules
from planner.errors import Problem, Problems, SitingError, did_you_mean
from planner.language import Lang
from planner.settings import Settings, SitingQuestion
from planner.settings.siting import Shared
from planner.study.siting_study.candidates import are_given, given, standing
from planner.study.siting_study.rules import unit_of, write_rules


def check_questions(area: StudyArea, settings: Settings) -> None:
    """Check what needs no OD table of every siting question: names, numbers, costs, rules.

    Parameters
    ----------
    area
        The study area.
    settings
        The settings of the run, with its questions.

    Raises
    ------
    SitingError
        With everything that is wrong, each told with the number of its question.
    """
    problems = Problems()
    walk = Walk(area, settings)
    for number, question in enumerate(settings.siting):
        problems.found += located(_check_tier(area, question).found, number, question)
        problems.found += located(_check_travel(area, question).found, number, question)
        is_given = are_given(area, question)
        if not is_given:
            _check_grid(area, question, number, problems)
            if question.kinds:
                continue
        try:
            if not is_given:
                _check_proposed(area, question, walk)
            elif question.kinds:
                checked_services(area, question, partial(given, area, question), walk)
            else:
                candidates = given(area, question, question.kind)
                existing = standing(area, question.kind)
                checked_rules(area, question, existing, candidates, walk)
        except SitingError as wrong:
            problems.found += located(wrong.problems, number, question)
    problems.raise_any(SitingError)


def _check_travel(area: StudyArea, question: SitingQuestion) -> Problems:
    """Return what cannot be asked of a table of travel times: new places, other speeds."""
    problems = Problems()
    if area.travel is None:
        return problems
    if not are_given(area, question):
        problems.add("travel.proposed_sites", value=question.candidates)
    slower = [name for name, one in question.groups.items() if one.preset or one.speed_mps]
    if slower:
        problems.add("travel.speed_of_group", value=", ".join(slower))
    return problems


def _check_tier(area: StudyArea, question: SitingQuestion) -> Problems:
    """Return tiers that the kind does not have, and a number of them that is not that of sites."""
    problems = Problems()
    kind = area.kinds[question.all_kinds[0]]
    known = [(tier, *names)[:2][-1] for tier, names in kind.tiers.items()]
    named: dict[Lang, str] = {"zh": kind.zh, "en": kind.en}
    for tier in dict.fromkeys(question.tiers):
        if tier_of(tier, kind) in kind.tiers:
            continue
        others = [one for one in area.kinds.values() if tier_of(tier, one) in one.tiers]
        if not known:
            problems.add("siting_study.no_tiers", value=tier, kind=named)
        elif others:
            theirs: dict[Lang, str] = {
                "zh": "、".join(one.zh for one in others), "en": ", ".join(one.en for one in others)
            }  # fmt: skip
            problems.add(
                "siting_study.tier_of_other", value=tier, kind=named, others=theirs,
                known="、".join(known),
            )  # fmt: skip
        else:
            hint = did_you_mean(tier, [*kind.tiers, *known])
            problems.add("siting_study.unknown_tier", value=tier, kind=named, hint=hint)
    if isinstance(question.tier, dict) and len(question.tiers) != question.new:
        new = "–" if question.new is None else question.new
        problems.add("siting_study.tiers_not_new", value=len(question.tiers), new=new)
    return problems


def _check_grid(area: StudyArea, question: SitingQuestion, number: int, problems: Problems) -> None:
    """Note a grid of candidates that has more of them than can be computed on."""
    size = grids.grid_size(area.counted.geometry, question.spacing_m)
    if question.candidates == "communities" and size > grids.MOST_PLACES:
        fits = question.spacing_m * (size / grids.MOST_PLACES) ** 0.5
        problems.add(
            "area.too_many_places",
            file=f"siting.{number}.spacing_m",
            value=f"{question.spacing_m:g}",
            n=f"{size:,}",
            most=f"{grids.MOST_PLACES:,}",
            fits=f"{fits:,.0f}",
        )


def _check_proposed(area: StudyArea, question: SitingQuestion, walk: Walk) -> None:
    """Check what can be known of a question before its candidates are proposed.

    Others stand in for them: just as many as are asked for, without host and cost, as those to come
    will be. Rules on where candidates lie are left to the run.

    Raises
    ------
    SitingError
        With everything that is wrong.
    """
    most = max([1, question.new or 0, *(phase.new or 0 for phase in question.phases)])
    named: dict[str, object] = {"mandatory": [], "forbidden": [], "quotas": []}
    loose = question.model_copy(update={**named, "apart_m": None, "one_per_host": False})
    stand_ins = gpd.GeoDataFrame({"host": None, "cost": float("nan")}, index=range(most))
    checked_rules(area, loose, standing(area, question.kind), stand_ins, walk)


def located(problems: Iterable[Problem], number: int, question: SitingQuestion) -> list[Problem]:
    """Return problems with the question of the scenario that they are found in.

    Parameters
    ----------
    problems
        The problems; one that names a file keeps it.
    number
        The question's place in the scenario, from 0.
    question
        The question.

    Returns
    -------
    The problems.
    """
    where = f"siting.{number} ({', '.join(question.all_kinds)})"
    return [
        problem
        if problem.file
        else Problem(
            key=problem.key,
            file=where,
            row=problem.row,
            value=problem.value,
            params=problem.params,
        )
        for problem in problems
    ]


class JointCosts(TypedDict):
    """What `planner.siting.cover_together` takes of costs."""

    cost: dict[str, pd.Series]
    building_cost: pd.Series | None
    budget: float | None


@dataclass(frozen=True, kw_only=True)
class Services:
    """What a question about several kinds chooses from, checked; each by kind.

    Parameters
    ----------
    existing, sites
        Facilities in operation and candidates on their label.
    rules
        Rules on the choice of sites, as `checked_rules` returns them.
    costs
        What services and buildings cost, and the budget for both.
    """

    existing: dict[str, gpd.GeoDataFrame]
    sites: dict[str, gpd.GeoDataFrame]
    rules: dict[str, Rules]
    costs: JointCosts


def checked_services(
    area: StudyArea,
    question: SitingQuestion,
    sites_of: Callable[[str], gpd.GeoDataFrame],
    walk: Walk,
) -> Services:
    """Return what a question about several kinds chooses from, after checking each of them.

    Parameters
    ----------
    area
        The study area.
    question
        The question, with its ``kinds`` and ``services``.
    sites_of
        Returns the candidates of a kind on their label.
    walk
        Speed and limits of the run.

    Returns
    -------
    Sites, rules and costs of the kinds.

    Raises
    ------
    SitingError
        With everything that is wrong.
    """
    problems = Problems()
    existing = {kind: standing(area, kind) for kind in question.kinds}
    sites: dict[str, gpd.GeoDataFrame] = {}
    rules: dict[str, Rules] = {}
    for kind in question.kinds:
        service = question.services.get(kind, Shared())
        alone: dict[str, object] = {
            "kind": kind,
            "kinds": [],
            "new": service.new,
            "minutes": service.minutes or question.minutes,
            "budget": None,  # it pays for buildings, too
        }
        own = question.model_copy(update=alone)
        try:
            sites[kind] = sites_of(kind)
            rules[kind] = checked_rules(area, own, existing[kind], sites[kind], walk)
        except SitingError as wrong:
            problems.found += wrong.problems
    problems.raise_any(SitingError)
    costs = _joint_costs(question, sites)
    free = {kind: own.index.difference(question.forbidden) for kind, own in sites.items()}
    siting.check_joint_costs(free, **costs)
    return Services(existing=existing, sites=sites, rules=rules, costs=costs)


def _joint_costs(question: SitingQuestion, sites: dict[str, gpd.GeoDataFrame]) -> JointCosts:
    """Return what services cost, and each building once: a flat sum, or the candidates' own."""
    each = pd.concat([own["cost"] for own in sites.values()])
    each = each[~each.index.duplicated()]
    charge: pd.Series | None = each if each.notna().any() else None
    if question.building_cost is not None:
        charge = pd.Series(question.building_cost, index=each.index)
    services = {kind: question.services.get(kind, Shared()) for kind in question.kinds}
    priced = charge is not None or any(service.cost for service in services.values())
    cost = {kind: pd.Series(own.cost, index=sites[kind].index) for kind, own in services.items()}
    return JointCosts(cost=cost if priced else {}, building_cost=charge, budget=question.budget)


def checked_rules(
    area: StudyArea,
    question: SitingQuestion,
    existing: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    walk: Walk,
) -> Rules:
    """Return the question's rules in labels, after checking its names and that they can be kept.

    Parameters
    ----------
    area
        The study area.
    question
        The question, of one kind.
    existing
        Facilities of the kind in operation, on their label.
    candidates
        Candidates on their label, with ``host``, ``cost`` and the units they lie in.
    walk
        Speed and limits of the run.

    Returns
    -------
    Keywords that the models of `planner.siting` take; floors are `floors_of`.

    Raises
    ------
    SitingError
        With everything that is wrong.
    """
    problems = _check_names(area, question, existing, candidates, walk)
    known = _without_wrong(question, existing, candidates) if problems.found else question
    rules = write_rules(area, known, existing, candidates, walk)
    try:
        if known.phases:
            siting.check_phases(*steps(known), **rules)
        else:
            siting.check_choice(p=known.new, **rules)
    except SitingError as wrong:
        problems.found += wrong.problems
    problems.raise_any(SitingError)
    return rules


def steps(
    question: SitingQuestion,
) -> tuple[dict[int, int] | None, dict[int, float] | None]:
    """Return how many sites there may be by each year, and what may have been spent.

    Parameters
    ----------
    question
        The question, with its phases.

    Returns
    -------
    Numbers and sums by year in their order; None where none are given.
    """
    phases = sorted(question.phases, key=lambda phase: phase.year)
    new = {phase.year: phase.new for phase in phases if phase.new is not None}
    budgets = {phase.year: phase.budget for phase in phases if phase.budget is not None}
    return new or None, budgets or None


def _check_names(
    area: StudyArea,
    question: SitingQuestion,
    existing: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    walk: Walk,
) -> Problems:
    """Return what a question names that there is not, and what is not known of what it names."""
    problems = Problems()
    known = {
        "mandatory": candidates.index,
        "forbidden": candidates.index,
        "closable": existing.index,
        "movable": existing.index,
    }
    for key, labels in known.items():
        for label in getattr(question, key):
            if label not in labels:
                hint = did_you_mean(label, labels)
                problems.add(f"siting_study.unknown_{key}", value=label, hint=hint)
    hosts = candidates["host"].dropna().unique()
    known_hosts = {normal(host) for host in hosts}
    for host in question.prefer:
        if normal(host) not in known_hosts:
            problems.add("siting_study.unknown_prefer", value=host, hint=did_you_mean(host, hosts))
    for key, per in sorted(_levels(question)):
        if unit_of(area, per)[area.counted.index].isna().all():
            problems.add("siting_study.no_units", value=per, name=key)
    limit = max([walk.minutes(question.minutes), *question.decay])
    for floor in question.floors:
        units = unit_of(area, floor.per)[area.counted.index].dropna().unique()
        if floor.unit is not None and floor.unit not in units:
            hint = did_you_mean(floor.unit, units)
            problems.add("siting_study.unknown_unit", value=floor.unit, hint=hint)
        if question.spec.table == "covering" and (floor.minutes or 0.0) > limit:
            problems.add("siting_study.floor_far", value=floor.minutes, limit=limit)
    unknown = existing.index[existing["capacity"].isna()]
    if (question.sizes or question.upgrades) and len(unknown):
        problems.add("siting_study.no_capacity", value=shorten(unknown))
    if question.upgrades and not question.sizes:
        problems.add("siting_study.upgrades_alone")
    years = pd.Series([phase.year for phase in question.phases], dtype=int)
    for year in years[years.duplicated()]:
        problems.add("siting_study.phase_twice", value=year)
    return problems


def _levels(question: SitingQuestion) -> set[tuple[str, str]]:
    """Return the levels whose units a question asks for, each with the key that names it."""
    found = [("quotas", str(quota.per)) for quota in question.quotas if quota.per != "host"]
    found += [("floors", str(floor.per)) for floor in question.floors if floor.unit is None]
    if "groups" in question.spec.takes or "fairness" in question.trade:
        found.append(("fair_by", str(question.fair_by)))
    return set(found)


def _without_wrong(
    question: SitingQuestion, existing: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame
) -> SitingQuestion:
    """Return a question without what is known to be wrong, so that it is not told twice."""
    closable = {one: back for one, back in question.closable.items() if one in existing.index}
    sized = bool(question.sizes) and bool(existing["capacity"].notna().all())
    paid = sized or not (question.sizes or question.upgrades)
    return question.model_copy(
        update={
            "mandatory": [one for one in question.mandatory if one in candidates.index],
            "forbidden": [one for one in question.forbidden if one in candidates.index],
            "closable": closable,
            "movable": [one for one in question.movable if one in existing.index],
            "sizes": question.sizes if sized else [],
            "upgrades": question.upgrades if sized else [],
            "budget": question.budget if paid and len(closable) == len(question.closable) else None,
        }
    )
