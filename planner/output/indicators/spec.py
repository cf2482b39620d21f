"""What an indicator is: a figure that can shade the map and stands in tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from planner.district.area import StudyArea
from planner.language import Lang, group_name, has_text, text
from planner.settings import Settings
from planner.standards import Profile
from planner.study.plan import Plan

Unit = Literal["share", "minutes", "people", "amount"]
Theme = Literal["kind", "place", "target"]


@dataclass(frozen=True, kw_only=True)
class Derived:
    """How the page works a figure out in another state.

    Parameters
    ----------
    source
        ``"homes"`` (people of a group within so many minutes), ``"capacity"`` of the year's
        facilities, or ``"people"``, who stay.
    group, minutes
        The group and the limit; those that count unless given.
    need
        Turns the share into people beyond: the share of the group that needs it.
    """

    source: Literal["homes", "capacity", "people"]
    group: str | None = None
    minutes: float | None = None
    need: float | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is known of a run before anything is computed.

    Parameters
    ----------
    area, settings
        The study area, and what is asked.
    targets
        Targets that it is held against.
    circles
        Those of them that ask for a living circle.
    """

    area: StudyArea
    settings: Settings
    targets: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()

    @classmethod
    def of_plan(cls, plan: Plan) -> Asked:
        """Return what was asked of a plan.

        Parameters
        ----------
        plan
            The plan.

        Returns
        -------
        What was asked of a plan.
        """
        streets = plan.scorecard_streets
        targets = tuple(dict.fromkeys(streets["target"])) if len(streets) else ()
        return cls(
            area=plan.area, settings=plan.settings, targets=targets, circles=tuple(plan.circles)
        )

    @classmethod
    def of_scenario(
        cls, area: StudyArea, settings: Settings, profile: Profile | None = None
    ) -> Asked:
        """Return what a scenario asks; whether a target gets figures shows only in the run.

        Parameters
        ----------
        area
            The study area.
        settings
            The settings of the run.
        profile
            The targets, where there are any.

        Returns
        -------
        What a scenario asks; whether a target gets figures shows only in the run.
        """
        targets = {} if profile is None else profile.targets
        circles = tuple(key for key, target in targets.items() if target.requires)
        return cls(area=area, settings=settings, targets=tuple(targets), circles=circles)

    @cached_property
    def by_street(self) -> bool:
        """Whether communities belong to subdistricts."""
        return bool(self.area.counted["street"].notna().any())


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a figure is computed of.

    Parameters
    ----------
    plan
        The plan.
    kind
        The kind of facility; None for indicators that are of none.
    of
        What fills the blank of the id, such as a group of people.
    """

    plan: Plan
    kind: str | None = None
    of: str = ""

    @cached_property
    def table(self) -> pd.DataFrame:
        """The community table.

        On the communities that count: ``name``, ``street``, ``settlement``, ``zone``, any columns
        of the data, ``area_km2``, and the people of each group as they live in demand points. Of a
        kind also ``covered``, ``share``, ``minutes``, ``has``, ``reached`` and ``linked``, with
        ``people`` of the group that counts.
        """
        key = f"community table {self.kind}"
        if key not in self.plan.kept:
            self.plan.kept[key] = self._joined()
        found: pd.DataFrame = self.plan.kept[key].copy()
        return found

    def _joined(self) -> pd.DataFrame:
        if self.kind is None:
            return self._of_no_kind()
        table = replace(self, kind=None).table
        units = self.plan.coverage.units
        own = units[units["kind"] == self.kind].set_index("community").drop(columns="kind")
        return table.drop(columns=own.columns, errors="ignore").join(own)

    def _of_no_kind(self) -> pd.DataFrame:
        area = self.plan.area
        groups, counted = list(area.groups), area.counted
        living = area.demand.groupby("community")[groups].sum()
        table = pd.DataFrame(counted.drop(columns=["geometry", *groups], errors="ignore"))
        table["area_km2"] = counted.geometry.area / 1e6
        return table.join(living.reindex(table.index, fill_value=0.0).astype(float))


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Figures whose unit, sense or words are known only once they are computed.

    Parameters
    ----------
    values
        On the community, or the name of the subdistrict.
    unit, better, text
        In place of the spec's.
    target
        A threshold that the figures are held against.
    """

    values: pd.Series
    unit: Unit
    better: Literal["more", "less"] | None
    target: float | None = None
    text: str | None = None


def _once(_: Asked) -> Iterable[str]:
    return ("",)


@dataclass(frozen=True, kw_only=True)
class IndicatorSpec:
    """A figure of each community, or each subdistrict, that can shade the map.

    Parameters
    ----------
    id
        What a scenario calls it under ``map.indicator`` and ``outputs.indicators``. It may have a
        blank, ``share_{group}``, that `each` fills in.
    theme
        Where the reader finds it: with the kind of facility, with people and places, or with the
        targets. Those of ``"kind"`` are computed for each kind.
    order
        Its place within the theme, ascending.
    compute
        Computes it from a case, usually from its community `Case.table`; None where the plan does
        not have it.
    unit
        What it is in, which tells how it is written.
    better
        Whether more or less of it is better; None where neither is.
    decimals
        How many decimals it is told with; as its unit is written unless given.
    classes
        Upper bounds of its classes but the last, ascending; found from the figures unless given.
    each
        What fills the blank of the id in a run; empty where a run cannot have the indicator.
    by_street
        Whether it is of subdistricts, by name.
    asked
        Whether it is computed only where a scenario asks for it, as it takes a while.
    column
        Whether it stands in the table of communities and in ``plan.gpkg``.
    of
        The page's own column that it stands in, if it follows the state.
    derived
        How the page works it out in another state; None where only a run can tell.
    words
        Values of its texts, beside ``kind``, ``unit``, ``minutes`` and ``group``.
    text
        Key of its texts ``title`` and ``about``; ``map.indicators.ID`` unless given.
    """

    id: str
    theme: Theme
    order: int
    compute: Callable[[Case], pd.Series | Figures | None]
    unit: Unit = "amount"
    better: Literal["more", "less"] | None = None
    decimals: int | None = None
    classes: tuple[float, ...] | None = None
    each: Callable[[Asked], Iterable[str]] = _once
    by_street: bool = False
    asked: bool = False
    column: bool = False
    of: str | None = None
    derived: Callable[[Case], Derived | None] = lambda _: None
    words: Callable[[Case, Lang], Mapping[str, Any]] = lambda _, __: {}
    text: str | None = None

    @property
    def key(self) -> str:
        """Key of its texts."""
        return self.text or f"map.indicators.{self.id}"

    def name(self, of: str) -> str:
        """Return its name with the blank filled in.

        Parameters
        ----------
        of
            What fills the blank.

        Returns
        -------
        Its name with the blank filled in.
        """
        return re.sub(r"\{\w+\}", lambda _: of, self.id)

    def names(self, asked: Asked) -> list[str]:
        """Return the names under which a run may have it.

        Parameters
        ----------
        asked
            What the run asks.

        Returns
        -------
        Names under which a run may have it.
        """
        return [self.name(of) for of in self.each(asked)]


def values_of_texts(spec: IndicatorSpec, case: Case, lang: Lang) -> dict[str, Any]:
    """Return the values of an indicator's texts.

    Parameters
    ----------
    spec
        What is registered.
    case
        What it is computed of.
    lang
        The language.

    Returns
    -------
    Values of an indicator's texts.
    """
    chosen = case.plan.settings.coverage
    values: dict[str, Any] = {
        "minutes": f"{chosen.cutoff_min:g}",
        "group": group_name(chosen.group, lang),
    }
    if case.kind is not None:
        values["kind"] = case.plan.area.kinds[case.kind].name(lang)
        values["unit"] = unit_of(case.plan, case.kind, lang)
    return {**values, **spec.words(case, lang)}


def unit_of(plan: Plan, kind: str, lang: Lang) -> str:
    """Name the unit that a kind's capacity is counted in.

    Parameters
    ----------
    plan
        The plan.
    kind
        The kind of facility.
    lang
        The language.

    Returns
    -------
    The name of the unit that a kind's capacity is counted in.
    """
    unit = plan.area.kinds[kind].unit
    key = f"map.units.{unit}"
    return text(key, lang) if has_text(key) else unit
