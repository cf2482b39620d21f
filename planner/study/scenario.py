"""Run a scenario: from a study area and settings to a plan.

Pure: tables in, plan out. It reads like the method: walk to the nearest facility of each kind,
measure coverage, list the gaps, choose sites for what is asked, and measure again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd

from planner.district import assessment
from planner.district.area import StudyArea
from planner.district.assessment import Facts
from planner.district.at_year import bring_to_year
from planner.district.changes import over_years
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
from planner.study.plan import Plan, district_figures, first_answers
from planner.study.siting_study import SitingAnswer, check_questions, propose_all
from planner.study.stages import Stages, only

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
    return _lacking(facts_unwalked(area, settings), profile)


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
        speed_mps=settings.walk.speed.speed_mps,
        year=settings.year,
        earlier=_year_before(area, then, settings),
        served=served,
        delivered=pd.DataFrame(delivered) if delivered else None,
    )
    return _in_one_place(facts)


def _lacking(facts: Facts, profile: Profile, among: Iterable[str] | None = None) -> pd.DataFrame:
    found = assessment.lacking(facts, profile, among)
    return assessment.lacking_table(found, profile, facts.kinds)


def _in_one_place(facts: Facts) -> Facts:
    """Build the facts with the homes of each community in one row: enough where nobody walks."""
    units = [level for level in ("community", "hamlet") if level in facts.demand]
    homes = facts.demand.groupby(units, dropna=False, sort=False)[list(facts.groups)].sum()
    homes = homes.reset_index()
    times = pd.DataFrame(float("nan"), index=homes.index, columns=facts.times.columns)
    return replace(facts, demand=homes, times=times)


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
        """Return what a stage comes to, by what it reads of the settings."""
        own = only(self.settings, _READS[stage]).model_copy(update=more)
        told = {
            "settings": own.model_dump(mode="json"),
            "kinds": list(self.kinds),
            "headline": self.headline,
        }
        return self.stages.get(stage, told, lambda: make(own))

    def walks(self) -> tuple[Coverage, Coverage | None]:
        def make(own: Settings) -> tuple[Coverage, Coverage | None]:
            nearest = _nearest(self.walk, self.area.operating, self.kinds, own)
            before = _measure(self.area, nearest, self.area.operating, self.kinds, own)
            return before, _of_exact_places(self.walk, nearest, self.kinds, own)

        return self.kept("walks", make)

    def siting(self) -> tuple[SitingAnswer, ...]:
        """Answer each question by itself; where one has no sound form, all are told of at once."""
        try:
            parts = [
                self.kept("siting", partial(propose_all, self.area), siting=[question])
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

        def make(own: Settings) -> tuple[Coverage, pd.DataFrame]:
            later = _carried_out(self.area.operating, firsts)
            again = _nearest(self.walk, later, tuple(firsts), own)
            same = before.nearest[~before.nearest["kind"].isin(firsts)]
            after = _measure(self.area, pd.concat([same, again]), later, self.kinds, own)
            if self.profile is None:
                return after, again
            sited = later[later["kind"].isin(firsts)]
            asked = _nearest_asked(self.walk, sited, again, self.profile, own)
            return after, pd.concat([again, asked])

        return self.kept("after", make)

    def served(self) -> tuple[tuple[ServiceAnswer, ...], tuple[DeliveryAnswer, ...]]:
        def make(own: Settings) -> Any:
            return (
                tuple(allocate(self.area, asked, own) for asked in own.service),
                tuple(deliver(self.area, asked, own) for asked in own.delivery),
            )

        found: tuple[tuple[ServiceAnswer, ...], tuple[DeliveryAnswer, ...]]
        found = self.kept("served", make)
        return found

    def rings(self) -> gpd.GeoDataFrame:
        kinds = () if self.headline else self.kinds
        return self.kept("rings", partial(_rings, self.walk, kinds))

    def years(self) -> pd.DataFrame:
        if self.headline:
            return pd.DataFrame()
        return self.kept("years", partial(_over_years, self.as_read, self.kinds))

    def targets(self) -> dict[str, Any]:
        """Hold the district against its targets, now and once built; reported against computed."""
        profile = self.profile
        if profile is None:
            return {}
        found = self.kept("targets", lambda own: _against(self.facts, profile, own, self.headline))
        if self.headline:
            return found
        firsts, (_, again) = first_answers(self.siting()), self.after()
        once = self.kept(
            "targets_after",
            lambda own: _once_built(self.facts, firsts, again, settings=own, profile=profile),
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
        asked = _nearest_asked(self.walk, operating, nearest, self.profile, own)
        return assessment.gather(
            self.area,
            pd.concat([nearest, asked]),
            group=own.coverage.group,
            cutoff_min=own.coverage.cutoff_min,
            covered_share=own.coverage.covered_share,
            speed_mps=self.walk.speed_mps,
            year=own.year,
            earlier=_year_before(self.as_read, self.area, own),
            served=served_people(service),
            delivered=delivered_minutes(delivery),
        )


def _of_exact_places(
    walk: Walk, nearest: pd.DataFrame, kinds: tuple[str, ...], settings: Settings
) -> Coverage | None:
    """Measure coverage by facilities with coordinates of their own, where some have none."""
    own = walk.area.operating
    if not own["approximate"].any():
        return None
    exact = own[~own["approximate"]]
    concerned = tuple(kind for kind in kinds if kind in set(own.loc[own["approximate"], "kind"]))
    again = _nearest(walk, exact, concerned, settings)
    same = nearest[~nearest["kind"].isin(concerned)]
    return _measure(walk.area, pd.concat([same, again]), exact, kinds, settings, whole=False)


def _carried_out(operating: gpd.GeoDataFrame, answers: dict[str, SitingAnswer]) -> gpd.GeoDataFrame:
    """List the facilities once answers are carried out: new ones there, closed ones gone."""
    return gpd.GeoDataFrame(pd.concat([operating.drop(_closed(answers)), *_built(answers)]))


def _built(answers: dict[str, SitingAnswer]) -> list[gpd.GeoDataFrame]:
    """Return the new sites of each kind on labels of their own: one may serve several kinds.

    ``candidate`` is the label that the site was chosen by.
    """
    return [
        answer.sites.assign(kind=kind, candidate=answer.sites.index).set_axis(
            f"{kind}/" + answer.sites.index.astype(str)
        )
        for kind, answer in answers.items()
    ]


def _closed(answers: dict[str, SitingAnswer]) -> list[object]:
    return [label for answer in answers.values() for label in answer.result.closed]


def _over_years(area: StudyArea, kinds: tuple[str, ...], settings: Settings) -> pd.DataFrame:
    """Ask the same figures of every year wanted."""

    def figures(year: int) -> pd.DataFrame:
        then = bring_to_year(area, settings, year)
        nearest = _nearest(Walk(then, settings), then.operating, kinds, settings)
        measured = _measure(then, nearest, then.operating, kinds, settings, whole=False)
        return district_figures(then, kinds, measured, settings).reset_index()

    return over_years(settings.years, figures) if settings.years else pd.DataFrame()


def _year_before(
    as_read: StudyArea, area: StudyArea, settings: Settings
) -> gpd.GeoDataFrame | None:
    """Return the facilities that operated a year before, with the capacity of then.

    They stand in the communities of now, so that a new border opens or closes nothing.
    """
    if settings.year is None:
        return None
    then = bring_to_year(as_read, settings, settings.year - 1).operating
    home = area.facilities["community"].reindex(then.index)
    return then.assign(community=home.where(home.notna(), then["community"]))


def _against(
    facts: Facts,
    profile: Profile,
    settings: Settings,
    headline: bool,  # noqa: FBT001
) -> dict[str, Any]:
    """Hold the facts against the targets, whole and street by street."""
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
        "lacking": _lacking(facts, profile, missing),
        "reported": assessment.reconcile(scorecard, profile, settings.year),
        "circles": circles,
    }


def _once_built(
    facts: assessment.Facts,
    answers: dict[str, SitingAnswer],
    nearest: pd.DataFrame,
    *,
    settings: Settings,
    profile: Profile,
) -> pd.DataFrame:
    """Hold the district against the targets of what is sited, once all of that stands."""
    kinds = set(answers)
    concerned = {
        name: target
        for name, target in profile.targets.items()
        if kinds & {*(target.base or target).kind, *(need.kind for need in target.requires)}
    }
    if not concerned:
        return pd.DataFrame()
    sites = pd.concat([pd.DataFrame(new.drop(columns="geometry")) for new in _built(answers)])
    later = facts.once_built(sites, _closed(answers), nearest)
    only = profile.model_copy(update={"targets": concerned})
    return assessment.scorecard(later, only, settings.year)


def _nearest(
    walk: Walk, facilities: gpd.GeoDataFrame, kinds: tuple[str, ...], settings: Settings
) -> pd.DataFrame:
    """Walk from every demand point to the nearest facility of each kind."""
    within = max(settings.coverage.search_min, settings.coverage.cutoff_min)
    parts = []
    for kind in kinds:
        own = facilities[facilities["kind"] == kind]
        if own.empty:
            continue
        found = walk.nearest(own, within)
        reached = found.dropna(subset=["minutes"]).rename_axis("demand").reset_index()
        parts.append(reached.assign(kind=kind))
    columns = ["demand", "kind", "facility", "minutes"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _nearest_asked(
    walk: Walk,
    facilities: gpd.GeoDataFrame,
    nearest: pd.DataFrame,
    profile: Profile,
    settings: Settings,
) -> pd.DataFrame:
    """Walk to the kinds and tiers that targets ask for and nobody has walked to yet."""
    kinds = walk.area.kinds
    parts = []
    for kind, tier in profile.walks():
        if tier is None and (nearest["kind"] == kind).any():
            continue
        own = facilities[facilities["kind"] == kind]
        if tier is not None:
            own = own[[assessment.tier_of(t, kinds.get(kind)) == tier for t in own["tier"]]]
        parts.append(_nearest(walk, own, (kind,), settings).assign(tier=tier))
    return pd.concat(parts, ignore_index=True) if parts else nearest.head(0)


def _measure(
    area: StudyArea,
    nearest: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    kinds: tuple[str, ...],
    settings: Settings,
    *,
    whole: bool = True,
) -> Coverage:
    """Measure coverage, with the links of the facilities that operate.

    Not `whole`, it is measured within the cutoff for the district alone, as years are shown.
    """
    chosen = settings.coverage
    links = area.links[area.links["facility"].isin(facilities.index)]
    kind_of_link = links["facility"].map(facilities["kind"])
    known = area.links["facility"].map(area.facilities["kind"])
    return cover.measure(
        nearest,
        demand=area.demand,
        communities=area.counted,
        groups=area.groups,
        kinds=kinds,
        minutes=chosen.minutes if whole else (),
        cutoff_min=chosen.cutoff_min,
        covered_share=chosen.covered_share,
        group=chosen.group,
        has={
            kind: set(facilities.loc[facilities["kind"] == kind, "community"].dropna())
            for kind in kinds
        },
        linked={
            kind: set(links.loc[kind_of_link == kind, "community"]) for kind in set(known.dropna())
        },
        levels=cover.LEVELS if whole else ("district", "community"),
    )


def _rings(walk: Walk, kinds: tuple[str, ...], settings: Settings) -> gpd.GeoDataFrame:
    """Draw the circles on foot around the facilities of each kind."""
    operating = walk.area.operating
    parts = []
    for kind in kinds:
        own = operating[operating["kind"] == kind]
        if len(own):
            parts.append(walk.rings(own, *settings.coverage.minutes).assign(kind=kind))
    if not parts:
        return gpd.GeoDataFrame({"kind": [], "minutes": []}, geometry=[], crs=walk.crs)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=walk.crs)
