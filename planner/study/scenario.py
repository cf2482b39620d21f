"""Run a scenario: from a study area and settings to a plan.

Pure: tables in, plan out. It reads like the method: walk to the nearest facility of each kind,
measure coverage, list the gaps, choose sites for what is asked, and measure again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd

from planner.district import assessment
from planner.district.area import StudyArea
from planner.district.assessment import Facts
from planner.district.at_year import bring_to_year
from planner.district.walk import Walk
from planner.engine import coverage as cover
from planner.engine.coverage import Coverage
from planner.errors import Gathered, InputError, Problems, SitingError
from planner.settings import Settings
from planner.standards import Profile
from planner.study.allocation_study import (
    DeliveryAnswer,
    ServiceAnswer,
    allocate,
    check_allocations,
    deliver,
    delivered_minutes,
    served_people,
)
from planner.study.held_against import carried_out, hold_against, hold_once_built
from planner.study.measuring import (
    figures_over_years,
    measure_coverage,
    of_exact_places,
    walk_to_asked,
    walk_to_nearest,
    walked_rings,
    year_before,
)
from planner.study.plan import Plan, first_answers
from planner.study.records import RECORDS
from planner.study.siting_study import SitingAnswer, check_questions, propose_all
from planner.study.stages import Stages, UnknownTypeError, only, value_bytes

Value = TypeVar("Value")


def check(area: StudyArea, settings: Settings, profile: Profile | None = None) -> None:
    """Check what a scenario asks against what there is, without walking.

    Parameters
    ----------
    area
        The study area, as read.
    settings
        The settings of the run.
    profile
        The targets that the district is held against, if any.

    Raises
    ------
    PlannerError
        If a change does not hold, a question names what does not exist or asks for more than there
        can be, links run in a circle, or a target lacks a year: everything at once.
    """
    area = bring_to_year(area, settings, settings.year)
    problems, gathered = Problems(), Gathered()
    check_allocations(area, settings, problems)
    gathered.attempt(lambda: problems.raise_any(InputError))
    if profile is not None:
        gathered.attempt(lambda: assessment.check_year(profile, settings.year))
    gathered.attempt(lambda: check_questions(area, settings))
    gathered.raise_any()


def run(
    area: StudyArea,
    settings: Settings,
    profile: Profile | None = None,
    *,
    headline: bool = False,
    stages: Stages | None = None,
) -> Plan:
    """Compute a plan.

    Parameters
    ----------
    area
        The study area.
    settings
        What is asked.
    profile
        The targets that the district is held against.
    headline
        Whether the headline figures alone are computed: no years, no circles, no figures street by
        street, nothing of what is lacking.
    stages
        Stages of runs on the same area that were kept; what is computed joins them.

    Returns
    -------
    The plan.

    Raises
    ------
    SitingError
        If a siting question has no sound form; one that has no plan is answered by saying so.
    SettingsError
        If a target lacks a year.
    InputError
        If a change or a link does not hold.
    """
    as_read, area = area, bring_to_year(area, settings, settings.year)
    named = {
        *area.facilities["kind"],
        *(kind for question in settings.siting for kind in question.all_kinds),
    }
    kinds = tuple(settings.coverage.kinds or [kind for kind in area.kinds if kind in named])
    made = _RunStages(stages or Stages(), area, as_read, settings, profile, kinds, headline)
    before, exact = made.walks()
    answers = made.siting()
    after, _ = made.after()
    gaps = cover.gaps(before, area.counted, settings.coverage.cutoff_min)
    gaps = gaps[gaps["kind"].isin(settings.coverage.gap_kinds or kinds)].reset_index(drop=True)
    service, delivery = made.served()
    return Plan(
        settings=settings,
        area=area,
        kinds=kinds,
        coverage=before,
        gaps=gaps.assign(rank=gaps.index + 1),
        siting=answers,
        after=after,
        rings=made.rings(),
        service=service,
        delivery=delivery,
        years=made.years(),
        exact=exact,
        **made.targets(),
    )


# What each stage reads of the settings, beside the kinds: it is given no more.
_WALKED = ("year", "changes", "walk", "coverage")
_SERVED = (*_WALKED, "service", "delivery")
_READS = {
    "walks": _WALKED,
    "siting": (*_WALKED, "siting"),
    "after": (*_WALKED, "siting", "standards"),
    "served": _SERVED,
    "targets": (*_SERVED, "standards"),
    "targets_after": (*_SERVED, "standards", "siting"),
    "rings": _WALKED,
    "years": (*_WALKED, "years"),
}


@dataclass(frozen=True)
class _RunStages:
    """The stages of a run, each computed on what it reads alone, or found again as it was kept."""

    stages: Stages
    area: StudyArea
    as_read: StudyArea
    settings: Settings
    profile: Profile | None
    kinds: tuple[str, ...]
    headline: bool

    @cached_property
    def walk(self) -> Walk:
        return Walk(self.area, only(self.settings, _WALKED))

    def kept(self, stage: str, make: Callable[[Settings], Value], **more: Any) -> Value:
        """Return what a stage comes to, by what it reads of the settings.

        Parameters
        ----------
        stage
            The stage's name, which says what of the settings it reads.
        make
            Computes it, from settings cut down to these.
        **more
            Settings that take the place of the scenario's.
        """
        own = only(self.settings, _READS[stage]).model_copy(update=more)
        told = {
            "settings": own.model_dump(mode="json"),
            "kinds": list(self.kinds),
            "headline": self.headline,
        }
        return self.stages.get(stage, told, lambda: make(own))

    def made_of_values(
        self, stage: str, values: Any, make: Callable[[], pd.DataFrame]
    ) -> pd.DataFrame:
        """Return what is made of some values alone, found again wherever they are the same.

        Parameters
        ----------
        stage
            The stage's name.
        values
            All that it is made of.
        make
            Makes it.
        """
        try:
            content = sha256(value_bytes(values, RECORDS)).hexdigest()
        except UnknownTypeError:  # what cannot be written cannot be told from others
            return make()
        return self.stages.get(stage, {"content": content}, make)

    def walks(self) -> tuple[Coverage, Coverage | None]:
        def _make(own: Settings) -> tuple[Coverage, Coverage | None]:
            nearest = walk_to_nearest(self.walk, self.area.operating, self.kinds, own)
            before = measure_coverage(self.area, nearest, self.area.operating, self.kinds, own)
            return before, of_exact_places(self.walk, nearest, self.kinds, own)

        return self.kept("walks", _make)

    def siting(self) -> tuple[SitingAnswer, ...]:
        """Answer each question by itself; where one has no sound form, all are told of at once."""
        try:
            parts = [
                self.kept(
                    "siting",
                    partial(propose_all, self.area, again=self.made_of_values),
                    siting=[question],
                )
                for question in self.settings.siting
            ]
        except SitingError:
            return propose_all(self.area, self.settings)
        return tuple(answer for part in parts for answer in part)

    def after(self) -> tuple[Coverage, pd.DataFrame]:
        """Return coverage once sites stand, and the walks to what is sited that targets ask for."""
        before, _ = self.walks()
        firsts = first_answers(self.siting())
        if not firsts:
            return before, before.nearest.head(0)

        def _make(own: Settings) -> tuple[Coverage, pd.DataFrame]:
            later = carried_out(self.area.operating, firsts)
            again = walk_to_nearest(self.walk, later, tuple(firsts), own)
            same = before.nearest[~before.nearest["kind"].isin(firsts)]
            after = measure_coverage(self.area, pd.concat([same, again]), later, self.kinds, own)
            if self.profile is None:
                return after, again
            sited = later[later["kind"].isin(firsts)]
            asked = walk_to_asked(self.walk, sited, again, self.profile, own)
            return after, pd.concat([again, asked])

        return self.kept("after", _make)

    def served(self) -> tuple[tuple[ServiceAnswer, ...], tuple[DeliveryAnswer, ...]]:
        def _make(own: Settings) -> Any:
            return (
                tuple(allocate(self.area, asked, own) for asked in own.service),
                tuple(deliver(self.area, asked, own) for asked in own.delivery),
            )

        found: tuple[tuple[ServiceAnswer, ...], tuple[DeliveryAnswer, ...]]
        found = self.kept("served", _make)
        return found

    def rings(self) -> gpd.GeoDataFrame:
        kinds = () if self.headline else self.kinds
        return self.kept("rings", partial(walked_rings, self.walk, kinds))

    def years(self) -> pd.DataFrame:
        if self.headline:
            return pd.DataFrame()
        return self.kept("years", partial(figures_over_years, self.as_read, self.kinds))

    def targets(self) -> dict[str, Any]:
        """Hold the district against its targets, now and once built; reported against computed."""
        profile = self.profile
        if profile is None:
            return {}
        found = self.kept(
            "targets", lambda own: hold_against(self.facts, profile, own, self.headline)
        )
        if self.headline:
            return found
        firsts, (_, again) = first_answers(self.siting()), self.after()
        once = self.kept(
            "targets_after",
            lambda own: hold_once_built(self.facts, firsts, again, settings=own, profile=profile),
        )
        return {**found, "scorecard_after": once}

    @cached_property
    def facts(self) -> Facts:
        """The facts of the district in the year."""
        own = only(self.settings, _SERVED)
        service, delivery = self.served()
        nearest = self.walks()[0].nearest
        operating = self.area.operating
        assert self.profile is not None  # noqa: S101  else no target asks for facts
        asked = walk_to_asked(self.walk, operating, nearest, self.profile, own)
        return assessment.gather(
            self.area,
            pd.concat([nearest, asked]),
            group=own.coverage.group,
            cutoff_min=own.coverage.cutoff_min,
            covered_share=own.coverage.covered_share,
            speed_mps=self.walk.metres_a_second,
            year=own.year,
            earlier=year_before(self.as_read, self.area, own),
            served=served_people(service),
            delivered=delivered_minutes(delivery),
        )
