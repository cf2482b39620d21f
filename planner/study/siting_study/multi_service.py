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
from planner.errors import NoPlanError, Problem
from planner.settings import Settings, SitingQuestion
from planner.settings.siting import Shared
from planner.study.siting_study import candidates as offers
from planner.study.siting_study.answer import SitingAnswer
from planner.study.siting_study.checks import checked_services
from planner.study.siting_study.demand import DemandSpec, covered, people_of
from planner.study.siting_study.models import EFFORT
from planner.study.siting_study.rules import floors_of, pairs_of
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
    walk = Walk(area, settings)
    checked = checked_services(area, question, partial(_sites, area, question), walk)
    existing, sites = checked.existing, checked.sites
    asked = {kind: question.services.get(kind, Shared()) for kind in question.kinds}
    minutes = {kind: walk.minutes(own.minutes or question.minutes) for kind, own in asked.items()}
    people = {
        kind: people_of(area, question, settings, group=own.group) for kind, own in asked.items()
    }
    reach = {
        kind: people[kind].times(walk, existing[kind], own, within=minutes[kind])
        for kind, own in sites.items()
    }
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
        buildings=question.buildings,
        forbidden=question.forbidden,
        quotas={kind: own.get("quotas", ()) for kind, own in checked.rules.items()},
        floors={kind: floors_of(area, question, own) for kind, own in people.items()},
        conflicts=() if question.apart_m is None else pairs_of(question.apart_m, walk, every),
        time_limit_s=question.time_limit_s,
        seed=question.seed,
        **checked.costs,
    )
    why: tuple[Problem, ...] = ()
    verified = None
    try:
        found = solve()
        verified = siting.verify(found, reach, counted, **EFFORT)
    except NoPlanError as none:
        why = tuple(none.problems)
        found = _nothing(reach, people, existing)
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
    told = tell_sites(sites.drop(question.forbidden), result, reach, people.weight)
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


def _nothing(
    reach: dict[str, pd.DataFrame],
    people: dict[str, DemandSpec],
    existing: dict[str, gpd.GeoDataFrame],
) -> siting.Together:
    """Build the common answer of kinds for which there is no plan."""
    plans: dict[str, Solution] = {
        kind: no_plan("cover_together", reach[kind], own.weight, existing[kind].index)
        for kind, own in people.items()
    }
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
