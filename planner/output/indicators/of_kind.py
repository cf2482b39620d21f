"""Indicators of a kind of facility: cover, capacity, who is served."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from planner.district.walk import Walk
from planner.language import Lang, group_name, text
from planner.language.numbers import given_percent
from planner.output.indicators.spec import Asked, Case, Derived, IndicatorSpec
from planner.study.allocation_study import ServiceAnswer


def _where_kinds(each: Callable[[Asked], Iterable[str]]) -> Callable[[Asked], Iterable[str]]:
    """Return the same, but nothing for runs that have no kind of facility."""

    def only(asked: Asked) -> Iterable[str]:
        """Return the kinds that an indicator is made for.

        Parameters
        ----------
        asked
            What a map or table asks for.
        """
        settings = asked.settings
        there = settings.coverage.kinds or settings.siting or len(asked.area.facilities)
        return each(asked) if there else ()

    return only


_once = _where_kinds(lambda _: ("",))


@_where_kinds
def _by_street(asked: Asked) -> Iterable[str]:
    return ("",) if asked.by_street else ()


@_where_kinds
def _where_capacity(asked: Asked) -> Iterable[str]:
    known = asked.area.facilities["capacity"].notna().any() or asked.settings.changes
    return ("",) if known else ()


@_where_kinds
def _where_capacity_by_street(asked: Asked) -> Iterable[str]:
    return _where_capacity(asked) if asked.by_street else ()


@_where_kinds
def _other_groups(asked: Asked) -> Iterable[str]:
    return [group for group in asked.area.groups if group != asked.settings.coverage.group]


def _where_service(asked: Asked) -> Iterable[str]:
    return ("",) if asked.settings.service else ()


def _lacking(case: Case) -> pd.Series:
    found: pd.Series = case.table["people"] - case.table["covered"]
    return found


def _share_covered(case: Case, level: str, group: str) -> pd.Series | None:
    kept = case.plan.kept
    if "shares at the limit" not in kept:
        rows = case.plan.coverage.people
        rows = rows[rows["minutes"] == case.plan.settings.coverage.cutoff_min].set_index("unit")
        parts = rows.groupby(["kind", "level", "group"], sort=False)["share"]
        kept["shares at the limit"] = dict(iter(parts))
    found: pd.Series | None = kept["shares at the limit"].get((case.kind, level, group))
    return found


def _capacity(case: Case, place: pd.Series) -> pd.Series | None:
    """Set the capacity that stands in a place against the people who live there.

    A place with a facility of unknown capacity has no figure; a place with no facility has 0.
    """
    area = case.plan.area
    own = (area.operating["kind"] == case.kind).to_numpy()
    capacity, community = (area.operating[name][own] for name in ("capacity", "community"))
    if capacity.isna().all() or place.empty:
        return None
    people = case.table[case.plan.settings.coverage.group]
    amounts = capacity.groupby(community.map(place))
    held = amounts.sum().where(amounts.count() == amounts.size())  # one unknown: the sum is, too
    living = people.groupby(place).sum()
    found: pd.Series = held.reindex(living.index, fill_value=0.0) * 1000 / living.where(living > 0)
    return found


def _capacity_by_community(case: Case) -> pd.Series | None:
    return _capacity(case, pd.Series(case.table.index, index=case.table.index))


def _capacity_by_street(case: Case) -> pd.Series | None:
    return _capacity(case, case.table["street"].dropna())


def _from_capacity(case: Case) -> Derived | None:
    extended = any(change.action == "expand" for change in case.plan.settings.changes)
    return None if extended else Derived(source="capacity")


def _answer(case: Case) -> ServiceAnswer | None:
    return next((one for one in case.plan.service if one.question.kind == case.kind), None)


def _part(name: str) -> Callable[[Case], pd.Series | None]:
    """Return what takes a part of the people by how they are served, where that was asked."""

    def compute(case: Case) -> pd.Series | None:
        """Return the part for each community; None where the scenario does not ask who is served.

        Parameters
        ----------
        case
            The kind, and the communities.
        """
        answer = _answer(case)
        if answer is None:
            return None
        split = answer.split
        split = split[(split["level"] == "community") & (split["group"] == answer.group)]
        split = split.set_index("unit")
        return (
            split[name]
            if name != "served"
            else split[name] / split["people"].where(split["people"] > 0)
        )

    return compute


def _beyond(case: Case) -> Derived | None:
    answer = _answer(case)
    if answer is None or answer.question.rule == "whole":
        return None
    return Derived(
        source="homes",
        group=answer.group,
        minutes=answer.minutes,
        need=answer.question.need,
    )


def _words_of_service(case: Case, lang: Lang) -> Mapping[str, Any]:
    answer = _answer(case)
    if answer is None:
        return {}
    need = answer.question.need
    share = "" if need == 1 else text("map.indicators.need", lang, share=given_percent(need))
    return {
        "group": group_name(answer.group, lang),
        "minutes": f"{answer.minutes:g}",
        "need": share,
    }


def _access(case: Case) -> pd.Series | None:
    """Return places per 1,000 people within reach (2SFCA), of the mean person of a community.

    Who has no facility of known capacity within reach has none.
    """
    answer = _answer(case)
    if answer is None or answer.access.notna().sum() == 0:
        return None
    demand = case.plan.area.demand
    weight = demand[answer.group].astype(float) * answer.question.need
    places = answer.access.reindex(demand.index).fillna(0.0) * weight
    home = demand["community"]
    people = weight.groupby(home).sum()
    found: pd.Series = 1000 * places.groupby(home).sum() / people.where(people > 0)
    return found


def _backup(case: Case) -> pd.Series | None:
    """Return the share of people who have a second facility within the cutoff."""
    area, chosen = case.plan.area, case.plan.settings.coverage
    own = area.operating[area.operating["kind"] == case.kind]
    people = area.demand[chosen.group].astype(float)
    total = people.groupby(area.demand["community"]).sum()
    second = pd.Series(0.0, index=people.index)
    if len(own) > 1:
        walk = Walk(area, case.plan.settings)
        having = walk.with_several(own, 2, chosen.cutoff_min)
        second.loc[having] = people.loc[having]
    found: pd.Series = second.groupby(area.demand["community"]).sum() / total.where(total > 0)
    return found


OF_KIND = (
    IndicatorSpec(
        id="share", theme="kind", order=10, unit="share", better="more", of="share", each=_once,
        compute=lambda case: case.table["share"],
    ),
    IndicatorSpec(
        id="minutes", theme="kind", order=20, unit="minutes", better="less", of="minutes",
        each=_once, compute=lambda case: case.table["minutes"],
    ),
    IndicatorSpec(
        id="lacking", theme="kind", order=30, unit="people", better="less", of="lacking",
        each=_once, compute=_lacking,
    ),
    IndicatorSpec(
        id="status", theme="kind", order=40, of="status", each=_once, compute=_lacking,
    ),
    IndicatorSpec(
        id="share_{group}", theme="kind", order=50, unit="share", better="more",
        each=_other_groups, text="map.indicators.share_of",
        compute=lambda case: _share_covered(case, "community", case.of),
        derived=lambda case: Derived(source="homes", group=case.of),
        words=lambda case, lang: {"group": group_name(case.of, lang)},
    ),
    IndicatorSpec(
        id="share_by_street", theme="kind", order=60, unit="share", better="more", by_street=True,
        each=_by_street,
        compute=lambda case: _share_covered(case, "street", case.plan.settings.coverage.group),
        derived=lambda _: Derived(source="homes"),
    ),
    IndicatorSpec(
        id="backup", theme="kind", order=70, unit="share", better="more", each=_once, asked=True,
        column=True, compute=_backup,
    ),
    IndicatorSpec(
        id="capacity", theme="kind", order=80, better="more", each=_where_capacity,
        compute=_capacity_by_community, derived=_from_capacity,
    ),
    IndicatorSpec(
        id="capacity_by_street", theme="kind", order=90, better="more", by_street=True,
        each=_where_capacity_by_street, compute=_capacity_by_street, derived=_from_capacity,
    ),
    IndicatorSpec(
        id="served", theme="kind", order=100, unit="share", better="more", each=_where_service,
        compute=_part("served"), words=_words_of_service,
    ),
    IndicatorSpec(
        id="over_capacity", theme="kind", order=110, unit="people", better="less",
        each=_where_service, compute=_part("over_capacity"), words=_words_of_service,
    ),
    IndicatorSpec(
        id="out_of_reach", theme="kind", order=120, unit="people", better="less",
        each=_where_service, compute=_part("out_of_reach"), derived=_beyond,
        words=_words_of_service,
    ),
    IndicatorSpec(
        id="access", theme="kind", order=130, better="more", each=_where_service,
        compute=_access, words=_words_of_service,
    ),
)  # fmt: skip
