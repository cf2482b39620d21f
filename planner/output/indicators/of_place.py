"""Indicators of people and places, whatever facilities there are."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from planner.district.area import StudyArea
from planner.language import group_name, has_text, text
from planner.output.indicators.spec import Asked, Case, Derived, IndicatorSpec

_KNOWN = {"name", "street", "settlement", "zone", "geometry", "inside", "inside_share"}


def own_columns(area: StudyArea) -> dict[str, pd.Series]:
    """Return the numbers that the data tell of communities beside what the planner knows.

    Parameters
    ----------
    area
        The study area.

    Returns
    -------
    Numbers that the data tell of communities beside what the planner knows.
    """
    counted = area.counted
    found = {}
    for name in counted.columns.difference([*_KNOWN, *area.groups], sort=False):
        values = pd.to_numeric(counted[name], errors="coerce")
        if values.notna().any() and not pd.api.types.is_bool_dtype(counted[name]):
            found[str(name)] = values
    return found


def _groups(asked: Asked) -> Iterable[str]:
    return asked.area.groups


def _parts(asked: Asked) -> Iterable[str]:
    return [group for group in asked.area.groups if group != "population"]


def _part_of_people(case: Case) -> pd.Series:
    whole = case.table["population"]
    return case.table[case.of] / whole.where(whole > 0)


OF_PLACE = (
    IndicatorSpec(
        id="{group}", theme="place", order=10, unit="people", each=_groups,
        text="map.indicators.people",
        compute=lambda case: case.table[case.of], derived=lambda _: Derived(source="people"),
        words=lambda case, lang: {"group": group_name(case.of, lang)},
    ),
    IndicatorSpec(
        id="{group}_of_population", theme="place", order=20, unit="share", each=_parts,
        text="map.indicators.of_population",
        compute=_part_of_people, derived=lambda _: Derived(source="people"),
        words=lambda case, lang: {"group": group_name(case.of, lang)},
    ),
    IndicatorSpec(
        id="density", theme="place", order=30,
        compute=lambda case: case.table["population"] / case.table["area_km2"],
        derived=lambda _: Derived(source="people"),
    ),
    IndicatorSpec(
        id="{column}", theme="place", order=40, each=lambda asked: own_columns(asked.area),
        text="map.indicators.column",
        compute=lambda case: own_columns(case.plan.area)[case.of],
        derived=lambda _: Derived(source="people"),
        words=lambda case, lang: {
            "column": text(key, lang)
            if has_text(key := f"columns.{case.of}")
            else group_name(case.of, lang)
        },
    ),
)  # fmt: skip
