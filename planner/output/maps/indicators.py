"""The indicators of a plan as the page has them.

Figures that follow the state of the page (today, with new sites, of another year) are named only,
by ``of``: the page has them for each state. All others travel as a column, with what the page needs
to work them out in another state, where it can. The classes are those of today, so that two states
can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pandas as pd

from planner.language import Lang, numbers
from planner.output.indicators import Derived, Indicator
from planner.output.maps import classes
from planner.output.maps.cells import EXACT, exact, tidy
from planner.output.maps.payload.communities import DerivedFrom, IndicatorText


def written(
    listed: Sequence[Indicator], communities: pd.Index, streets: Sequence[str], lang: Lang
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
    lang
        The language.

    Returns
    -------
    Indicators for the page: figures in the order of the communities, or streets.
    """
    return [_written(one, _order(one, communities, streets), lang) for one in listed]


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
            tidy(value, EXACT) for value in _rounded(one, _order(one, communities, streets))
        ]
        for one in listed
        if not one.spec.of
    }


def _order(one: Indicator, communities: pd.Index, streets: Sequence[str]) -> pd.Index:
    return pd.Index(streets) if one.spec.by_street else communities


def _rounded(one: Indicator, order: pd.Index) -> list[float | None]:
    found = [None if pd.isna(value) else float(value) for value in one.figures.reindex(order)]
    if one.spec.decimals is None and one.unit in ("share", "minutes"):
        return [exact(value) for value in found]
    places = classes.digits(found, one.unit)
    if one.spec.decimals is not None:
        places = one.spec.decimals + (2 if one.unit == "share" else 0)  # a share is told in percent
    return [value if value is None else float(numbers.rounded(value, places)) for value in found]


def _bounds(one: Indicator, found: list[float | None]) -> dict[str, list[float]] | None:
    if one.spec.of == "status":
        return None
    if one.spec.classes is not None:
        return {scheme: list(one.spec.classes) for scheme in classes.SCHEMES}
    if one.target is None:
        return classes.bounds(found, one.unit)
    return classes.bounds_about(found, one.unit, one.target)


def _derived(found: Derived | None) -> DerivedFrom | None:
    return None if found is None else cast("DerivedFrom", vars(found))


def _written(one: Indicator, order: pd.Index, lang: Lang) -> IndicatorText:
    found = _rounded(one, order)
    words = one.words(lang)
    return {
        "name": one.name,
        "theme": one.theme,
        "kind": one.kind,
        "title": words["title"],
        "about": words["about"],
        "unit": one.unit,
        "better": one.better,
        "of": one.spec.of,
        "worked": _derived(one.derived),
        "by_street": one.spec.by_street,
        "values": None if one.spec.of else [tidy(value, EXACT) for value in found],
        "bounds": _bounds(one, found),
        "target": one.target,
    }
