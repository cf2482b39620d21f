"""The names of indicators that a run may have, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.district.area import StudyArea
from planner.errors import Problem, SettingsError, did_you_mean
from planner.output.indicators.register import in_order
from planner.output.indicators.spec import Asked
from planner.settings import Settings
from planner.standards import Profile

WALK = "walk"  # the circles on foot, which the page shades by


def possible_names(
    area: StudyArea, settings: Settings, profile: Profile | None = None
) -> list[str]:
    """Return the names of all indicators that a run of these data may have, each once.

    Whether a target has figures by subdistrict shows only in the run: the names of all targets are
    among them.

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
    Names of all indicators that a run of these data may have, each once.
    """
    asked = Asked.of_scenario(area, settings, profile)
    return with_walk(name for spec in in_order() for name in spec.names(asked))


def with_walk(names: Iterable[str]) -> list[str]:
    """Return names once each, and that of the circles after the first two of a kind.

    Parameters
    ----------
    names
        Names, in the order of lists.

    Returns
    -------
    Names once each, and that of the circles after the first two of a kind.
    """
    found = list(dict.fromkeys(names))
    if found[:2] == ["share", "minutes"]:
        found.insert(2, WALK)
    return found


def check_indicators(area: StudyArea, settings: Settings, profile: Profile | None = None) -> None:
    """Check, before anything is computed, that the indicators a scenario names can be had.

    Parameters
    ----------
    area
        The study area.
    settings
        The settings of the run.
    profile
        The targets, where there are any.

    Raises
    ------
    SettingsError
        Naming each that no run of these data has; the nearest names come first.
    """
    asked = [] if settings.map.indicator is None else [("map.indicator", settings.map.indicator)]
    asked += [("outputs.indicators", name) for name in settings.outputs.indicators]
    if not asked:
        return
    known = possible_names(area, settings, profile)
    wrong = [
        unknown_indicator(name, known, file=where) for where, name in asked if name not in known
    ]
    if wrong:
        raise SettingsError(wrong)


def unknown_indicator(asked: str, known: Sequence[str], file: str | None = None) -> Problem:
    """Return the problem that there is no such indicator, the nearest ones, and all there are.

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
    Problem that there is no such indicator, the nearest ones, and all there are.
    """
    hint = did_you_mean(asked, known, all_too=True)
    return Problem(key="map.unknown_indicator", file=file, value=asked, params={"hint": hint})
