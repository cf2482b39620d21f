"""Answer the siting questions of a scenario for a study area."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from planner.district.area import StudyArea
from planner.district.entrances import main_entrance
from planner.district.walk import Walk
from planner.engine.siting import Rules, no_plan
from planner.errors import NoPlanError, Problem, Problems, SitingError
from planner.settings import Settings, SitingQuestion
from planner.study.siting_study import candidates as offers
from planner.study.siting_study import models, multi_service
from planner.study.siting_study.answer import SitingAnswer
from planner.study.siting_study.checks import checked_rules, located
from planner.study.siting_study.demand import SitingCase, covered, people_of
from planner.study.siting_study.rules import floors_of
from planner.study.siting_study.site_table import tell_sites, tell_upgraded

# Gives a table again that was made of the same values, or makes it: its name, the values, the way.
Again = Callable[[str, Any, Callable[[], pd.DataFrame]], pd.DataFrame]


def _anew(_name: str, _values: Any, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    return make()


def propose_all(
    area: StudyArea, settings: Settings, again: Again = _anew
) -> tuple[SitingAnswer, ...]:
    """Answer every siting question; of several kinds sited together, each has an answer.

    A sound question without a plan is answered by why there is none.

    Parameters
    ----------
    area
        The study area.
    settings
        The settings of the run, with its questions.
    again
        Finds the front of sites and cover again, which is one for any number of new sites; by
        default it is made anew.

    Returns
    -------
    The answers, in the order asked.

    Raises
    ------
    SitingError
        With all that is wrong with all questions.
    """
    problems = Problems()
    answers: list[SitingAnswer] = []
    for number, question in enumerate(settings.siting):
        try:
            if question.kinds:
                answers += multi_service.site_services_jointly(area, question, settings)
            else:
                answers.append(propose(area, question, settings, again))
        except SitingError as wrong:
            problems.found += located(wrong.problems, number, question)
    problems.raise_any(SitingError)
    return tuple(answers)


@dataclass(frozen=True, kw_only=True)
class QuestionInTables:
    """A question as the models take it.

    Parameters
    ----------
    case
        The question, with its demand, facilities and limits.
    offer
        The candidates.
    rules
        Its rules in labels.
    reach, far
        Tables of minutes within the limit, and as far as the question needs them.
    od
        The table that its model works on.
    """

    case: SitingCase
    offer: offers.CandidateSet
    rules: Rules
    reach: pd.DataFrame
    far: pd.DataFrame
    od: pd.DataFrame


def in_tables(area: StudyArea, question: SitingQuestion, settings: Settings) -> QuestionInTables:
    """Write a question about one kind in labels and tables, without solving it.

    Parameters
    ----------
    area
        The study area.
    question, settings
        As `propose` takes them.

    Returns
    -------
    The question as the models take it.

    Raises
    ------
    SitingError
        As `propose` does.
    """
    walk = Walk(area, settings)
    case = SitingCase(
        area=area,
        question=question,
        existing=offers.standing(area, question.kind),
        people=people_of(area, question, settings),
        walk=walk,
        minutes=walk.minutes(question.minutes),
        search_min=settings.coverage.search_min,
    )
    offer = offers.offer(case)
    people, existing = case.people, case.existing
    rules = checked_rules(area, question, existing, offer.sites, walk)
    if question.floors:
        rules["floors"] = floors_of(area, question, people)
    reach = people.times(case.walk, existing, offer.sites, within=case.minutes)
    far = _farther(case, offer.sites, reach)
    od = reach if question.spec.table == "covering" and not question.decay else far
    if question.spec.table == "sites":
        every = pd.concat([main_entrance(existing), main_entrance(offer.sites)])
        search = max(case.search_min, case.minutes)
        places = gpd.GeoDataFrame(pd.concat([existing, offer.sites]), crs=case.walk.crs)
        od = case.walk.along_streets(every, places, within=search)
    return QuestionInTables(case=case, offer=offer, rules=rules, reach=reach, far=far, od=od)


def propose(
    area: StudyArea, question: SitingQuestion, settings: Settings, again: Again = _anew
) -> SitingAnswer:
    """Choose new sites of a kind among the candidates, the existing ones kept.

    Parameters
    ----------
    area
        The study area.
    question, settings
        What is asked; and speed, limits and who counts where it does not say.
    again
        As for `propose_all`.

    Returns
    -------
    The answer; where there is no plan it says why.

    Raises
    ------
    SitingError
        If there are no candidates, the question has no sound form, or a rule names what there is
        not.
    """
    asked = in_tables(area, question, settings)
    case, offer, rules = asked.case, asked.offer, asked.rules
    people, existing, reach, far, od = case.people, case.existing, asked.reach, asked.far, asked.od
    try:
        found = models.solve(case, od, rules)
        nearby = models.near_plans(case, od, rules, offer.sites)
        front = pd.DataFrame(columns=models.FRONT)
        if question.front:
            made_of = question.front, question.budget, question.times, rules, reach, people.weight
            front = again(
                "front", made_of, lambda: models.front(question, reach, people.weight, rules)
            )
        why: tuple[Problem, ...] = ()
    except NoPlanError as none:
        found = models.Solved(result=no_plan(question.model, od, people.weight, existing.index))
        nearby, front = pd.DataFrame(), pd.DataFrame(columns=models.FRONT)
        why = tuple(none.problems)
    trades = {} if why else models.trades(case, reach=reach, far=far, rules=rules)
    noted = (*found.result.notes, *models.notes_on_fronts(front, trades))
    result = replace(found.result, notes=noted)
    told = tell_sites(
        offer.sites.drop(question.forbidden),
        result,
        reach,
        people.weight,
        within_limit=od is reach,
        years=found.years,
    )
    if question.tier is not None:
        told = told.assign(tier=_tiers(question, len(told)))
    return SitingAnswer(
        question=question,
        minutes=case.minutes,
        group=people.group,
        result=result,
        verified=found.verified,
        why=why,
        sites=told,
        upgraded=tell_upgraded(existing, result),
        rings=case.walk.rings(told, case.minutes),
        proposed=offer.proposed,
        thinned=offers.told(case, offer, reach, result),
        candidates=len(offer.sites),
        before=covered(reach, people.weight, list(existing.index)),
        after=covered(reach, people.weight, [*result.fixed, *result.chosen]),
        people=pd.DataFrame({"weight": people.weight, "point": people.point}),
        alternatives=nearby,
        front=front,
        trades=trades,
        fairness=found.shares,
        price=found.price,
    )


def _tiers(question: SitingQuestion, sites: int) -> list[str | None]:
    """Return the tier of each new site, in the order of what they add."""
    if isinstance(question.tier, str):
        return [question.tier] * sites
    named: list[str | None] = [*question.tiers]
    return (named + [None] * sites)[:sites]


def _farther(case: SitingCase, sites: gpd.GeoDataFrame, reach: pd.DataFrame) -> pd.DataFrame:
    """Walk beyond the limit where the question needs those times, too."""
    question = case.question
    farthest = max([case.minutes, *question.decay])
    if question.spec.table == "minutes" or {"time", "longest"} & set(question.trade):
        farthest = max(farthest, case.search_min)
    if farthest <= case.minutes:
        return reach
    return case.people.times(case.walk, case.existing, sites, within=farthest)
