"""The indicators there are."""

from __future__ import annotations

from planner.output.indicators.of_kind import OF_KIND
from planner.output.indicators.of_place import OF_PLACE
from planner.output.indicators.of_target import OF_TARGET
from planner.output.indicators.spec import IndicatorSpec

_THEMES = ("kind", "place", "target")

INDICATORS: dict[str, IndicatorSpec] = {spec.id: spec for spec in (*OF_KIND, *OF_PLACE, *OF_TARGET)}


def register(spec: IndicatorSpec) -> IndicatorSpec:
    """Add an indicator to the register, and return it.

    Parameters
    ----------
    spec
        What is registered.

    Returns
    -------
    The same.

    Raises
    ------
    ValueError
        If there is one of that name: a mistake of whoever writes it.
    """
    if spec.id in INDICATORS:
        raise ValueError(f"there is an indicator {spec.id!r} already")
    INDICATORS[spec.id] = spec
    return spec


def in_order() -> list[IndicatorSpec]:
    """Return all indicators in the order of lists: theme by theme."""
    return sorted(INDICATORS.values(), key=lambda spec: (_THEMES.index(spec.theme), spec.order))
