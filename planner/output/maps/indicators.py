"""What communities can be shaded by: every figure that a run has for each community or street.

Figures that follow the state of the page (today, with new sites, of another year) are named only,
by ``of``: the page has them for each state. All others travel as a column, with what the page needs
to work them out in another state, where it can. The classes are those of today, so that two states
can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from planner.district.area import StudyArea
from planner.district.assessment import told
from planner.errors import Problem, SettingsError, did_you_mean
from planner.language import Lang, group_name, has_text, text
from planner.output.maps import classes
from planner.output.maps.cells import tidy
from planner.output.maps.payload import DerivedFrom, IndicatorText
from planner.settings import Settings
from planner.standards import Profile
from planner.study.allocation_study import ServiceAnswer
from planner.study.scenario import Plan

WALK = "walk"
SERVED = ("served", "over_capacity", "out_of_reach")
_KNOWN = {"name", "street", "settlement", "zone", "geometry", "inside", "inside_share"}


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One figure of all communities, or of all streets.

    Parameters
    ----------
    name
        What it is called by `planner.draw` and in a scenario.
    theme
        Where the reader finds it: ``"kind"``, ``"place"`` or ``"target"``.
    kind
        The kind of facility it is of; missing where it is of none.
    title, about
        Its name in a list, and what the legend says.
    unit
        What the figures are in, which tells how they are written.
    better
        Whether more or less of it is better; missing where neither is.
    of
        The page's own column that it stands in, if it follows the state.
    worked
        How the page works it out in another state: its ``source`` is ``"homes"`` (people of a
        ``group`` within ``minutes``; the group and the limit that count where missing; ``need``
        turns the share into people beyond), ``"capacity"`` of the year's facilities, or
        ``"people"``, who stay. Missing where only a run can tell.
    figures
        Those of today, on the community, or on the street's name where ``by_street``.
    target
        The threshold that the figures are held against.
    """

    name: str
    theme: Literal["kind", "place", "target"]
    kind: str | None = None
    title: str
    about: str
    unit: classes.Unit
    better: Literal["more", "less"] | None = None
    of: str | None = None
    worked: DerivedFrom | None = None
    figures: pd.Series
    by_street: bool = False
    target: float | None = None


def indicators(plan: Plan, lang: Lang) -> list[Indicator]:
    """List the indicators of a plan: of its kinds, of its places, of its targets.

    Parameters
    ----------
    plan
        The plan.
    lang
        Language of their titles.

    Returns
    -------
    The indicators, in the order in which the page lists them.
    """
    return [
        *(one for kind in plan.kinds for one in _of_kind(plan, kind, lang)),
        *_of_places(plan, lang),
        *_of_targets(plan, lang),
    ]


def indicator_names(plan: Plan) -> list[str]:
    """Return the names of all that a map of a plan can be shaded by, each once.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    Names, as ``[map] indicator`` takes them.
    """
    found = [one.name for one in indicators(plan, "en")]
    return list(dict.fromkeys([*found[:2], *([WALK] if plan.kinds else []), *found]))


def check_indicator(area: StudyArea, settings: Settings, profile: Profile | None = None) -> None:
    """Check, before anything is computed, that the indicator a scenario names can be had.

    Whether a target has figures street by street is known only once it is measured: the names of
    all targets pass, with the living circle's.

    Parameters
    ----------
    area
        The study area.
    settings
        The settings of the run, with the indicator asked for.
    profile
        The targets, where there are any.

    Raises
    ------
    SettingsError
        If no run of these data has such an indicator; the nearest names are told first.
    """
    asked = settings.map.indicator
    known = _possible(area, settings, profile)
    if asked is not None and asked not in known:
        raise SettingsError([unknown_indicator(asked, known, file="map.indicator")])


def unknown_indicator(asked: str, known: Sequence[str], file: str | None = None) -> Problem:
    """Return the problem that there is no such indicator, with the nearest and all names.

    Parameters
    ----------
    asked
        The name asked for.
    known
        The names that exist.
    file
        The key of the settings that names it; None where it is an argument.

    Returns
    -------
    The problem.
    """
    hint = did_you_mean(asked, known, all_too=True)
    return Problem(key="map.unknown_indicator", file=file, value=asked, params={"hint": hint})


def _possible(area: StudyArea, settings: Settings, profile: Profile | None) -> list[str]:
    """Name all indicators that a run of these data may have, in the order of `indicators`."""
    names: list[str] = []
    by_street = area.counted["street"].notna().any()
    if settings.coverage.kinds or settings.siting or len(area.facilities):
        others = [group for group in area.groups if group != settings.coverage.group]
        names += ["share", "minutes", WALK, "lacking", "status"]
        names += [f"share_{group}" for group in others]
        names += ["share_by_street"] if by_street else []
        if area.facilities["capacity"].notna().any() or settings.changes:
            names += ["capacity", "capacity_by_street"] if by_street else ["capacity"]
    names += SERVED if settings.service else []
    for group in area.groups:
        names += [group] if group == "population" else [group, f"{group}_of_population"]
    names += ["density", *_own_columns(area)]
    targets = {} if profile is None else profile.targets
    names += [f"{key}_by_community" for key, target in targets.items() if target.requires]
    return [*names, *(targets if by_street else [])]


def written(
    listed: Sequence[Indicator], communities: pd.Index, streets: Sequence[str]
) -> list[IndicatorText]:
    """Return indicators for the page: figures in the order of the communities, or streets.

    Parameters
    ----------
    listed
        The indicators.
    communities
        Labels of the communities, in the order of the page.
    streets
        Names of the subdistricts, in the order of the page.

    Returns
    -------
    A record for each indicator.
    """
    return [_written(one, pd.Index(streets) if one.by_street else communities) for one in listed]


def as_columns(
    listed: Sequence[Indicator], communities: pd.Index, streets: Sequence[str]
) -> dict[str, list[float | int | None]]:
    """Return only the figures that travel as columns, by kind and name as the page knows them.

    Parameters
    ----------
    listed
        The indicators.
    communities
        Labels of the communities, in the order of the page.
    streets
        Names of the subdistricts, in the order of the page.

    Returns
    -------
    A list of figures by ``kind name``; None where a figure is missing.
    """
    return {
        f"{one.kind or ''} {one.name}": [
            tidy(value, 6)
            for value in _rounded(one, pd.Index(streets) if one.by_street else communities)
        ]
        for one in listed
        if not one.of
    }


def _rounded(one: Indicator, order: pd.Index) -> list[float | None]:
    found = [None if pd.isna(value) else float(value) for value in one.figures.reindex(order)]
    places = 4 if one.unit == "share" else classes.digits(found, one.unit)
    return [value if value is None else round(value, places) for value in found]


def _written(one: Indicator, order: pd.Index) -> IndicatorText:
    found = _rounded(one, order)
    if one.of == "status":
        bounds = None
    elif one.target is None:
        bounds = classes.bounds(found, one.unit)
    else:
        bounds = classes.bounds_about(found, one.unit, one.target)
    return {
        "name": one.name,
        "theme": one.theme,
        "kind": one.kind,
        "title": one.title,
        "about": one.about,
        "unit": one.unit,
        "better": one.better,
        "of": one.of,
        "worked": one.worked,
        "by_street": one.by_street,
        "values": None if one.of else [tidy(value, 6) for value in found],
        "bounds": bounds,
        "target": one.target,
    }


class _Words:
    """Titles and explanations of indicators, with what they all may name."""

    def __init__(self, lang: Lang, **known: str) -> None:
        self.lang = lang
        self.known = known

    def __call__(self, key: str, **more: Any) -> dict[str, Any]:
        values = {**self.known, **more}
        return {
            part: text(f"map.indicators.{key}.{part}", self.lang, **values)
            for part in ("title", "about")
        }


def _of_kind(plan: Plan, kind: str, lang: Lang) -> Iterator[Indicator]:
    chosen = plan.settings.coverage
    said = _Words(
        lang,
        kind=plan.area.kinds[kind].name(lang),
        unit=unit_of(plan, kind, lang),
        minutes=f"{chosen.cutoff_min:g}",
        group=group_name(chosen.group, lang),
    )

    def make(
        name: str,
        unit: classes.Unit,
        values: pd.Series,
        words: dict[str, Any] | None = None,
        **more: Any,
    ) -> Indicator:
        told = words or said(name)
        return Indicator(
            name=name, theme="kind", kind=kind, unit=unit, figures=values, **told, **more
        )

    rows = plan.coverage.units[plan.coverage.units["kind"] == kind].set_index("community")
    yield make("share", "share", rows["share"], better="more", of="share")
    yield make("minutes", "minutes", rows["minutes"], better="less", of="minutes")
    lacking = rows["people"] - rows["covered"]
    yield make("lacking", "people", lacking, better="less", of="lacking")
    yield make("status", "amount", lacking, of="status")
    people = plan.coverage.people
    shares = people[(people["kind"] == kind) & (people["minutes"] == chosen.cutoff_min)]
    for group in plan.area.groups:
        own = shares[shares["group"] == group].set_index("unit")
        if group != chosen.group:
            yield make(
                f"share_{group}", "share", own.loc[own["level"] == "community", "share"],
                better="more", words=said("share_of", group=group_name(group, lang)),
                worked=_from_homes(group=group),
            )  # fmt: skip
        elif (own["level"] == "street").any():
            values = own.loc[own["level"] == "street", "share"]
            yield make(
                "share_by_street", "share", values, better="more", by_street=True,
                worked=_from_homes(),
            )  # fmt: skip
    yield from _of_capacity(plan, kind, make)
    answer = next((one for one in plan.service if one.question.kind == kind), None)
    if answer is not None:
        yield from _of_service(answer, make, said, lang)


def _from_homes(
    group: str | None = None, minutes: float | None = None, need: float | None = None
) -> DerivedFrom:
    return {"source": "homes", "group": group, "minutes": minutes, "need": need}


def _from(source: Literal["capacity", "people"]) -> DerivedFrom:
    return {"source": source, "group": None, "minutes": None, "need": None}


def _of_capacity(plan: Plan, kind: str, make: Callable[..., Indicator]) -> Iterator[Indicator]:
    """Set the capacity that stands in a place against the people who live there.

    A place with a facility of unknown capacity has no figure; a place with no facility has 0.
    """
    area = plan.area
    own = area.operating[area.operating["kind"] == kind]
    if own["capacity"].isna().all():
        return
    people = area.demand.groupby("community")[plan.settings.coverage.group].sum()
    people = people.reindex(area.counted.index, fill_value=0.0)
    street = area.counted["street"]
    extended = any(change.action == "expand" for change in plan.settings.changes)
    for name, place in (
        ("capacity", pd.Series(people.index, index=people.index)),
        ("capacity_by_street", street[street.notna()]),
    ):
        if place.empty:
            continue
        room = own["capacity"].groupby(own["community"].map(place)).sum(min_count=1, skipna=False)
        living = people.groupby(place).sum()
        values = room.reindex(living.index, fill_value=0.0) * 1000 / living.where(living > 0)
        yield make(
            name, "amount", values, better="more", by_street=name == "capacity_by_street",
            worked=None if extended else _from("capacity"),
        )  # fmt: skip


def _of_service(
    answer: ServiceAnswer, make: Callable[..., Indicator], said: _Words, lang: Lang
) -> Iterator[Indicator]:
    """Return who is served, who is over capacity and who is out of reach, where that was asked."""
    need = answer.question.need
    split = answer.split
    split = split[(split["level"] == "community") & (split["group"] == answer.group)]
    split = split.set_index("unit")
    words = {
        "group": group_name(answer.group, lang),
        "minutes": f"{answer.minutes:g}",
        "need": "" if need == 1 else text("map.indicators.need", lang, share=f"{need * 100:g}%"),
    }
    share = split["served"] / split["people"].where(split["people"] > 0)
    yield make(SERVED[0], "share", share, better="more", words=said("served", **words))
    for name in SERVED[1:]:
        told = name == "out_of_reach" and answer.question.rule != "whole"
        yield make(
            name, "people", split[name], better="less", words=said(name, **words),
            worked=_from_homes(answer.group, answer.minutes, need) if told else None,
        )  # fmt: skip


def _of_places(plan: Plan, lang: Lang) -> Iterator[Indicator]:
    counted, said = plan.area.counted, _Words(lang)

    def make(name: str, unit: classes.Unit, values: pd.Series, words: dict[str, Any]) -> Indicator:
        return Indicator(
            name=name, theme="place", unit=unit, figures=values, worked=_from("people"), **words
        )

    living = plan.area.demand.groupby("community")[list(plan.area.groups)].sum()
    living = living.reindex(counted.index, fill_value=0.0).astype(float)
    whole = living["population"]
    for group in plan.area.groups:
        words = {"group": group_name(group, lang)}
        yield make(group, "people", living[group], said("people", **words))
        if group != "population":
            share = living[group] / whole.where(whole > 0)
            yield make(f"{group}_of_population", "share", share, said("of_population", **words))
    density = whole / (counted.geometry.area / 1e6)
    yield make("density", "amount", density, said("density"))
    for name, values in _own_columns(plan.area).items():
        key = f"columns.{name}"
        title = text(key, lang) if has_text(key) else group_name(name, lang)
        yield make(name, "amount", values, said("column", column=title))


def _own_columns(area: StudyArea) -> dict[str, pd.Series]:
    """Return the numbers that the data tell of communities beside what the planner knows."""
    counted = area.counted
    found = {}
    for name in counted.columns.difference([*_KNOWN, *area.groups], sort=False):
        values = pd.to_numeric(counted[name], errors="coerce")
        if values.notna().any() and not pd.api.types.is_bool_dtype(counted[name]):
            found[str(name)] = values
    return found


def _of_targets(plan: Plan, lang: Lang) -> Iterator[Indicator]:
    """Return the lines of the scorecard street by street, and living circles by community."""
    if plan.scorecard.empty:
        return
    card = plan.scorecard.set_index("target")
    words_of = told(card, lang)
    said = _Words(lang)
    for key, circle in plan.circles.items():
        yield Indicator(
            name=f"{key}_by_community", theme="target", unit="share", better="more",
            figures=circle.communities["complete"],
            **said("complete", target=card.loc[key, f"name_{lang}"]),
        )  # fmt: skip
    for name, rows in plan.scorecard_streets.groupby("target", sort=False):
        line: Any = card.loc[str(name)]
        told_line: Any = words_of.loc[str(name)]
        share = str(line["unit"]) == "share"
        asked = line["must"] if pd.notna(line["must"]) else line["aim"]
        least = rows["sense"].iloc[0] == "at_least"
        words: dict[str, Any] = {
            "target": line[f"name_{lang}"],
            "value": told_line["value"],
            "asked": told_line["must"] or told_line["aim"],
        }
        yield Indicator(
            name=str(name), theme="target", unit="share" if share else "amount", by_street=True,
            figures=rows.set_index("street")["value"],
            better=("more" if least else "less") if share or pd.notna(asked) else None,
            target=None if pd.isna(asked) else float(asked),
            **said("target_asked" if pd.notna(asked) else "target", **words),
        )  # fmt: skip


def unit_of(plan: Plan, kind: str, lang: Lang) -> str:
    """Return the unit that a kind's capacity is counted in.

    Parameters
    ----------
    plan
        The plan, which knows the kinds.
    kind
        The kind.
    lang
        Language of the unit.

    Returns
    -------
    The unit in words.
    """
    unit = plan.area.kinds[kind].unit
    key = f"map.units.{unit}"
    return text(key, lang) if has_text(key) else unit
