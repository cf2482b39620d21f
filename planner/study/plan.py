"""A plan: what a run of a scenario answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from planner.district.area import StudyArea
from planner.district.assessment import Completeness
from planner.district.left_out import LeftOut, left_out, year_beyond_data
from planner.engine.coverage import Coverage
from planner.language import Lang, group_name, text
from planner.language.numbers import percent
from planner.settings import Settings
from planner.study.allocation_study import DeliveryAnswer, ServiceAnswer
from planner.study.siting_study import SitingAnswer


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The answer of a run.

    Parameters
    ----------
    settings
        What was asked, overrides resolved.
    area
        The study area it was computed on.
    kinds
        The kinds reported on, in order.
    coverage
        Coverage by what operates in the year.
    gaps
        Who lacks what, worst first.
    siting
        One answer for each siting question.
    after
        Coverage once the sites of the first answer of each kind stand, and those it closes or
        moves are gone.
    rings
        Circles on foot around the facilities of each kind: ``kind``, ``minutes``, the shape.
    service
        Who is really served, for each question of capacity.
    delivery
        Who gets deliveries in time, for each question of delivery.
    scorecard
        Each target of the standards asked for, with its figure: see
        `planner.district.assessment.scorecard`. Empty where none were asked for.
    scorecard_after
        The targets of the kinds that are sited, as `scorecard` has them, once the sites of the
        first answer of each kind stand and those it closes or moves are gone. The tier and the
        capacity of new sites are not known, so that what asks for them has no figure or does not
        count them. Empty where nothing is sited or no target concerns it.
    scorecard_streets
        The same figures street by street, where they can be had: see
        `planner.district.assessment.by_street`.
    lacking
        What would answer the targets that have no data: see
        `planner.district.assessment.lacking_table`.
    reported
        Reported figures beside the computed ones: see `planner.district.assessment.reconcile`.
    circles
        How complete the living circle is, for each target that asks: see
        `planner.district.assessment.completeness`.
    years
        The figures of `summary` in each of the years asked for: ``year``, ``kind``, and so on.
    exact
        Coverage by the facilities with coordinates of their own alone; None where all have them.
    kept
        What outputs have made of the plan, by name, so that each is made once.
    """

    settings: Settings
    area: StudyArea
    kinds: tuple[str, ...]
    coverage: Coverage
    gaps: pd.DataFrame
    siting: tuple[SitingAnswer, ...]
    after: Coverage
    rings: gpd.GeoDataFrame
    service: tuple[ServiceAnswer, ...] = ()
    delivery: tuple[DeliveryAnswer, ...] = ()
    scorecard: pd.DataFrame = field(default_factory=pd.DataFrame)
    scorecard_after: pd.DataFrame = field(default_factory=pd.DataFrame)
    scorecard_streets: pd.DataFrame = field(default_factory=pd.DataFrame)
    lacking: pd.DataFrame = field(default_factory=pd.DataFrame)
    reported: pd.DataFrame = field(default_factory=pd.DataFrame)
    circles: dict[str, Completeness] = field(default_factory=dict)
    years: pd.DataFrame = field(default_factory=pd.DataFrame)
    exact: Coverage | None = None
    kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"kept": {}}  # made again where it is asked for

    def __repr__(self) -> str:
        year = "" if self.settings.year is None else f", {self.settings.year}"
        return f"Plan: {self.settings.title}{year}\n{self.summary().round(3).to_string()}"

    @property
    def left_out(self) -> LeftOut:
        """The communities that no figure counts."""
        return left_out(self.area, self.settings.coverage.inside_share)

    def caveats(self, lang: Lang) -> list[str]:
        """Return what must stand beside every headline.

        What is estimated, what is left out, and a year without data.

        Parameters
        ----------
        lang
            Language of the sentences.
        """
        beyond = year_beyond_data(self.area.facilities, self.settings.year, lang)
        left = [told for told in (self.left_out.say(lang), beyond) if told]
        return [*self.estimated(lang), *left]

    def estimated(self, lang: Lang) -> list[str]:
        """Return what the data lack and is estimated: the first of the caveats.

        Parameters
        ----------
        lang
            Language of the sentences.
        """
        told = [one.say(lang) for one in self.area.estimates]
        return told + self._resting_on_estimated_places(lang)

    def _resting_on_estimated_places(self, lang: Lang) -> list[str]:
        """Return how much of each kind's coverage rests on facilities at estimated places."""
        if self.exact is None:
            return []
        chosen, own = self.settings.coverage, self.area.operating
        share = own.groupby("kind")["approximate"].mean()
        concerned = [kind for kind in self.kinds if share.get(kind, 0.0) > 0]
        names = {kind: self.area.kinds[kind].name(lang) for kind in concerned}
        whole = [names[kind] for kind in concerned if share[kind] == 1]
        joined = text("report.comma", lang).join(whole)
        told = [text("estimates.places.all", lang, kinds=joined, n=len(whole))] if whole else []
        asked: dict[str, Any] = {"minutes": chosen.cutoff_min, "group": chosen.group}
        for kind in concerned:
            if share[kind] == 1:
                continue
            values = {
                "kind": names[kind],
                "group": group_name(chosen.group, lang, form="whom"),
                "exact": percent(self.exact.share(kind, **asked)),
                "whole": percent(self.coverage.share(kind, **asked)),
            }
            told.append(text("estimates.places.without", lang, **values))
        return told

    def summary(self) -> pd.DataFrame:
        """Sum the plan up in one row for each kind.

        Returns
        -------
        On the kind: ``facilities`` and ``capacity`` in operation, the share of ``population``
        and of each demand group within the cutoff, ``communities`` counted, how many of them
        ``has``, ``reached`` and ``linked``, ``new_sites``, and ``after``: the share of the group
        that counts once the new sites stand.
        """
        chosen = self.settings.coverage
        table = district_figures(self.area, self.kinds, self.coverage, self.settings)
        answered = first_answers(self.siting)
        table["new_sites"] = [
            len(answered[kind].sites) if kind in answered else 0 for kind in self.kinds
        ]
        table["after"] = [
            self.after.share(kind, minutes=chosen.cutoff_min, group=chosen.group)
            for kind in self.kinds
        ]
        return table


def first_answers(answers: tuple[SitingAnswer, ...]) -> dict[str, SitingAnswer]:
    """Return the first answer of each kind that has a plan.

    Parameters
    ----------
    answers
        The answers of a run, in the order of its questions.
    """
    return {answer.question.kind: answer for answer in reversed(answers) if not answer.why}


def district_figures(
    area: StudyArea, kinds: tuple[str, ...], coverage: Coverage, settings: Settings
) -> pd.DataFrame:
    """Compute what operates of each kind, and what it covers, in one row for each.

    Parameters
    ----------
    area
        The study area.
    kinds
        The kinds of facility, in order.
    coverage
        Coverage by what operates.
    settings
        What was asked.

    Returns
    -------
    On the kind: ``facilities``, ``capacity``, a share for each demand group, ``communities``,
    ``has``, ``reached``, ``linked``.
    """
    of_district = coverage.unit_shares[coverage.unit_shares["level"] == "district"]
    units = of_district.set_index("kind")
    rows: list[dict[str, object]] = []
    for kind in kinds:
        own = area.operating[area.operating["kind"] == kind]
        shares = {
            group: coverage.share(kind, minutes=settings.coverage.cutoff_min, group=group)
            for group in area.groups
        }
        counts = {n: units.loc[kind, n] for n in ("communities", "has", "reached", "linked")}
        capacity = own["capacity"].sum(min_count=1)
        rows.append({"facilities": len(own), "capacity": capacity, **shares, **counts})
    return pd.DataFrame(rows, index=pd.Index(kinds, name="kind"))
