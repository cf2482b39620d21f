"""Several kinds sited together, where one building may house several services."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.district.area import StudyArea
from planner.district.walk import Walk
from planner.engine import siting
from planner.engine.siting import Solution, no_plan
from planner.errors import NoPlanError, Problem, Problems, SitingError
from planner.settings import Settings, SitingQuestion
from planner.settings.siting import Shared
from planner.study.siting_study import candidates as offers
from planner.study.siting_study.answer import SitingAnswer
from planner.study.siting_study.demand import DemandSpec, covered, people_of
from planner.study.siting_study.models import EFFORT
from planner.study.siting_study.rules import check, floors_of, pairs_of, quotas_of
from planner.study.siting_study.site_table import tell_sites, tell_upgraded


def site_services_jointly(
    area: StudyArea, question: SitingQuestion, settings: Settings
) -> list[SitingAnswer]:
    """Choose buildings for several kinds at once, and answer for each kind.

    Parameters
    ----------
    area
        The study area.
    question
        What is asked: the kinds, and what each service costs and needs.
    settings
        The settings of the run: speed, limits, and who counts where the question says nothing.

    Returns
    -------
    An answer for each kind, in the question's order; where there is no plan it says why.

    Raises
    ------
    SitingError
        If there are no candidates, nothing limits the plan, or the question is unsound.
    """
    walk, problems = Walk(area, settings), Problems()
    asked = {kind: question.services.get(kind, Shared()) for kind in question.kinds}
    minutes, people, existing, sites, reach = {}, {}, {}, {}, {}
    for kind, service in asked.items():
        minutes[kind] = walk.minutes(service.minutes or question.minutes)
        people[kind] = people_of(area, question, settings, group=service.group)
        existing[kind] = offers.standing(area, kind)
        try:
            sites[kind] = _sites(area, question, kind)
            check(area, question, existing[kind], sites[kind], walk)
        except SitingError as wrong:
            problems.found += wrong.problems
            continue
        free = sites[kind].drop(question.forbidden, errors="ignore")
        for floor in question.floors:
            if floor.minutes is not None and floor.minutes > minutes[kind]:
                problems.add("siting_study.floor_far", value=floor.minutes, limit=minutes[kind])
        if service.new is not None and service.new > len(free):
            problems.add("siting.p_large", value=service.new, n=len(free))
        both = (existing[kind], sites[kind])
        reach[kind] = people[kind].times(walk, *both, within=minutes[kind])
    problems.raise_any(SitingError)
    charge = _building_cost(question, sites)
    every = pd.concat(sites.values())
    every = every[~every.index.duplicated()]
    counted = {kind: people[kind].weight * service.weight for kind, service in asked.items()}
    solve = partial(
        siting.cover_together,
        reach,
        counted,
        p={kind: service.new for kind, service in asked.items() if service.new is not None},
        fixed={kind: list(own.index) for kind, own in existing.items()},
        candidates={kind: list(own.index) for kind, own in sites.items()},
        cost={
            kind: pd.Series(service.cost, index=sites[kind].index)
            for kind, service in asked.items()
            if charge is not None or any(other.cost for other in asked.values())
        },
        building_cost=charge,
        buildings=question.buildings,
        budget=question.budget,
        forbidden=question.forbidden,
        quotas={
            kind: quotas_of(area, question, existing[kind], own) for kind, own in sites.items()
        },
        floors={kind: floors_of(area, question, own) for kind, own in people.items()},
        conflicts=() if question.apart_m is None else pairs_of(question.apart_m, walk, every),
        time_limit_s=question.time_limit_s,
        seed=question.seed,
    )
    why: tuple[Problem, ...] = ()
    verified = None
    try:
        found = solve()
        verified = siting.verify(found, reach, counted, **EFFORT)
    except NoPlanError as none:
        why = tuple(none.problems)
        found = _nothing(
            {
                kind: no_plan("cover_together", reach[kind], own.weight, existing[kind].index)
                for kind, own in people.items()
            }
        )
    return [
        _answer(
            question,
            kind,
            found,
            verified=verified,
            why=why,
            people=people[kind],
            existing=existing[kind],
            sites=sites[kind],
            reach=reach[kind],
            minutes=minutes[kind],
            walk=walk,
            proposed=not offers.are_given(area, question),
        )
        for kind in asked
    ]


def _sites(area: StudyArea, question: SitingQuestion, kind: str) -> gpd.GeoDataFrame:
    if offers.are_given(area, question):
        return offers.given(area, question, kind)
    return offers.all_places(area, question)


def _building_cost(
    question: SitingQuestion, sites: dict[str, gpd.GeoDataFrame]
) -> pd.Series | None:
    """Return what each building costs once: the flat sum asked, or the candidates' own cost."""
    every = pd.concat([own["cost"] for own in sites.values()])
    every = every[~every.index.duplicated()]
    if question.building_cost is not None:
        return pd.Series(question.building_cost, index=every.index)
    return every if every.notna().any() else None


def _answer(
    question: SitingQuestion,
    kind: str,
    found: siting.Together,
    *,
    verified: siting.Verification | None,
    why: tuple[Problem, ...],
    people: DemandSpec,
    existing: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    reach: pd.DataFrame,
    minutes: float,
    walk: Walk,
    proposed: bool,
) -> SitingAnswer:
    """Build the answer on one kind from the common plan."""
    service = question.services.get(kind, Shared())
    result = found.plans[kind]
    if not why:
        result = replace(result, notes=(*result.notes, _summary(found)))
    own = question.model_copy(
        update={"kind": kind, "minutes": minutes, "group": people.group, "new": service.new}
    )
    told = tell_sites(sites.drop(question.forbidden), result, reach, people.weight, None)
    houses = found.buildings.set_index("building")
    with_it = houses["kinds"].reindex(told.index)
    told["houses"] = [";".join(other for other in kinds if other != kind) for kinds in with_it]
    part = houses["cost"].reindex(told.index) / with_it.map(len).astype(float)
    told["cost"] = service.cost + part if found.cost > 0 else np.nan
    return SitingAnswer(
        question=own,
        minutes=minutes,
        group=people.group,
        result=result,
        verified=verified,
        why=why,
        sites=told,
        upgraded=tell_upgraded(existing, result),
        rings=walk.rings(told, minutes),
        proposed=proposed,
        thinned=None,
        candidates=len(sites),
        before=covered(reach, people.weight, list(existing.index)),
        after=covered(reach, people.weight, [*result.fixed, *result.chosen]),
        people=pd.DataFrame({"weight": people.weight, "point": people.point}),
        alternatives=pd.DataFrame(),
        front=pd.DataFrame(),
        fairness=pd.DataFrame(),
    )


def _nothing(plans: dict[str, Solution]) -> siting.Together:
    """Build the common answer of kinds for which there is no plan."""
    return siting.Together(
        plans=plans,
        buildings=pd.DataFrame(columns=pd.Index(["building", "cost", "kinds"])),
        cost=0.0,
        objective=np.nan,
        bound=np.nan,
        gap=np.nan,
        status="infeasible",
    )


def _summary(found: siting.Together) -> Problem:
    shares = int((found.buildings["kinds"].map(len) > 1).sum())
    values = {"shared": shares, "cost": f"{found.cost:,g}"}
    return Problem(key="siting_study.together", value=len(found.buildings), params=values)
