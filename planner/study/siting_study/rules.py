"""A question's rules, checked against what there is and written in labels."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.district.area import StudyArea
from planner.district.entrances import main_entrance
from planner.district.matching import normal
from planner.district.walk import Walk
from planner.engine import grids, siting
from planner.engine.siting import Rules
from planner.engine.siting.problem.constraints import limit_hosts, limit_pairs, limit_quotas
from planner.engine.siting.problem.inputs import shorten
from planner.engine.siting.problem.rules import check_rules
from planner.errors import Problem, Problems, SitingError, did_you_mean
from planner.settings import Settings, SitingQuestion
from planner.study.siting_study.candidates import are_given, given, standing
from planner.study.siting_study.demand import DemandSpec, SitingCase


def check_questions(area: StudyArea, settings: Settings) -> None:
    """Check what needs no walking of every siting question: names, numbers, costs.

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
        if not are_given(area, question):
            _check_grid(area, question, number, problems)
            continue
        try:
            for kind in question.all_kinds:
                existing = standing(area, kind)
                check(area, question, existing, given(area, question, kind), walk)
        except SitingError as wrong:
            problems.found += located(wrong.problems, number, question)
    problems.raise_any(SitingError)


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


def check(
    area: StudyArea,
    question: SitingQuestion,
    existing: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    walk: Walk,
) -> None:
    """Check that the rules name what exists, can be meant, and that what they stand on is known.

    Parameters
    ----------
    area
        The study area.
    question
        The question.
    existing
        Facilities of the kind in operation, on their label.
    candidates
        Candidates on their label, with ``host``, ``cost`` and the units they lie in.
    walk
        Speed and limits of the run.

    Raises
    ------
    SitingError
        With everything that is wrong.
    """
    problems = Problems()
    hosts = candidates["host"].dropna().unique()
    known_hosts = {normal(host) for host in hosts}
    for key, known in (
        ("mandatory", candidates.index),
        ("forbidden", candidates.index),
        ("closable", existing.index),
        ("movable", existing.index),
    ):
        for label in getattr(question, key):
            if label not in known:
                hint = did_you_mean(label, known)
                problems.add(f"siting_study.unknown_{key}", value=label, hint=hint)
    for host in question.prefer:
        if normal(host) not in known_hosts:
            problems.add("siting_study.unknown_prefer", value=host, hint=did_you_mean(host, hosts))
    for floor in question.floors:
        units = _unit_of(area, floor.per)[area.counted.index].dropna().unique()
        if floor.unit is not None and floor.unit not in units:
            hint = did_you_mean(floor.unit, units)
            problems.add("siting_study.unknown_unit", value=floor.unit, hint=hint)
        if floor.minutes is not None and question.spec.table == "covering":
            limit = question.minutes or floor.minutes
            if floor.minutes > limit:
                problems.add("siting_study.floor_far", value=floor.minutes, limit=limit)
    _check_numbers(question, existing, candidates, problems)
    if not problems.found:
        problems.found += _senseless(area, question, existing, candidates, walk)
    problems.raise_any(SitingError)


def _senseless(
    area: StudyArea,
    question: SitingQuestion,
    existing: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    walk: Walk,
) -> list[Problem]:
    """Return what no plan could keep to, by the same checks that the models make later."""
    problems = Problems()
    named: Rules = {
        "mandatory": question.mandatory,
        "forbidden": question.forbidden,
        "closable": question.closable or None,
        "movable": question.movable,
    }
    check_rules(named, problems)
    sites = existing.index.append(candidates.index.difference(question.forbidden, sort=False))
    stays = ~existing.index.isin([*question.closable, *question.movable])
    low = np.append(stays, sites[len(existing) :].isin(question.mandatory)).astype(np.float64)
    shape = {"sites": sites, "low": low, "n_fixed": len(existing), "problems": problems}
    must = candidates.loc[question.mandatory]
    if question.apart_m is not None and len(must) > 1:
        limit_pairs(pairs_of(question.apart_m, walk, must), **shape)
    if question.quotas:
        limit_quotas(quotas_of(area, question, existing, candidates), **shape)
    if question.one_per_host:
        limit_hosts(candidates["name"], **shape)
    return problems.found


def _check_numbers(
    question: SitingQuestion,
    existing: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    problems: Problems,
) -> None:
    """Check that numbers and costs are possible, and that nothing they need is missing."""
    budgets = [phase.budget for phase in question.phases if phase.budget is not None]
    budgets += [] if question.budget is None else [question.budget]
    free = candidates.drop(question.forbidden, errors="ignore")
    own_costs = question.sizes or question.kinds or question.upgrades
    if budgets and not own_costs:
        if candidates["cost"].isna().all():
            problems.add("siting.budget_without_cost")
        elif free["cost"].isna().any():
            lacking = free.index[free["cost"].isna()]
            problems.add("siting.value_missing", value=shorten(lacking), name="cost")
        elif len(free) and not question.closable and free["cost"].min() > max(budgets):
            least = float(free["cost"].min())
            problems.add("siting.budget_small", value=max(budgets), least=least)
    wanted = [phase.new or 0 for phase in question.phases] + [question.new or 0]
    if max(wanted) > len(free):
        problems.add("siting.p_large", value=max(wanted), n=len(free))
    years = pd.Series([phase.year for phase in question.phases], dtype=int)
    for year in years[years.duplicated()]:
        problems.add("siting_study.phase_twice", value=year)
    unknown = existing.index[existing["capacity"].isna()]
    if (question.sizes or question.upgrades) and len(unknown):
        problems.add("siting_study.no_capacity", value=shorten(unknown))
    if question.upgrades and not question.sizes:
        problems.add("siting_study.upgrades_alone")


def write_rules(case: SitingCase, candidates: gpd.GeoDataFrame) -> Rules:
    """Return the question's rules in labels.

    Parameters
    ----------
    case
        The question, with what it is put to.
    candidates
        Candidates on their label.

    Returns
    -------
    Keywords that the models of `planner.siting` take.
    """
    area, question, existing, walk = case.area, case.question, case.existing, case.walk
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
    if question.floors:
        rules["floors"] = floors_of(area, question, case.people)
    if question.one_per_host:
        rules["hosts"] = candidates["name"]
    if question.prefer or question.upgrade_first:
        points = {normal(host): value for host, value in question.prefer.items()}
        wanted = candidates["host"].map(lambda host: points.get(normal(host), 0.0))
        rules["preference"] = wanted - float(question.upgrade_first)
    if question.sizes or question.upgrades:
        rules["sizes"] = _sizes(question, existing, candidates)
    return rules


def _unit_of(area: StudyArea, per: str) -> pd.Series:
    """Return the unit of a level that each community lies in."""
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
    between = walk.times(main_entrance(candidates), candidates, within=within)
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
        unit = home.map(_unit_of(area, asked.per))
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
