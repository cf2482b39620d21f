"""How residents come to a facility: what a mode of travel brings with it, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from planner.errors import Problems, did_you_mean
from planner.language import LANGS, Ground
from planner.settings.heights import INCLINE, LINES
from planner.settings.part import given_keys
from planner.settings.schema import Settings, StreetSettings, TravelSettings, WalkSettings
from planner.settings.siting import SitingQuestion
from planner.standards import modes


def with_mode(base: dict[str, Any]) -> None:
    """Give a scenario the walking speed of its mode, where it names none of its own.

    Parameters
    ----------
    base
        The scenario as it stands, which is changed; what does not hold is left for its check.
    """
    travel, walk = base.get("travel"), base.get("walk", {})
    named = travel.get("mode") if isinstance(travel, Mapping) else None
    mode = modes().get(named) if isinstance(named, str) else None
    if mode is None or mode.preset is None or not isinstance(walk, Mapping):
        return
    if not {"preset", "speed_mps"} & set(walk):
        base["walk"] = {**walk, "preset": mode.preset}


def check_mode(  # noqa: PLR0917  parts of one scenario, as they stand in it
    travel: TravelSettings | None,
    streets: StreetSettings | None,
    walk: WalkSettings | None,
    siting: Mapping[str, SitingQuestion],
    problems: Problems,
    name: str,
) -> None:
    """Note a mode that there is not, and what a mode cannot mean.

    Parameters
    ----------
    travel, streets, walk
        Parts of a scenario; None where one does not hold by itself.
    siting
        Its siting questions, by their path.
    problems
        Takes what is wrong.
    name
        What messages call the scenario.
    """
    if travel is None:
        return
    if travel.mode not in modes():
        hint = did_you_mean(travel.mode, modes(), all_too=True)
        problems.add("modes.unknown", file=name, value=travel.mode, hint=hint)
        return
    mode = modes()[travel.mode]
    if mode.users == "walkers":
        return
    if travel.table is not None:
        problems.add("modes.with_table", file=name, value=mode.id)
    if streets is not None and streets.straight:
        problems.add("modes.without_streets", file=name, value=mode.id)
    if mode.is_vehicle:
        for key in _on_foot_alone(walk, siting):
            problems.add("modes.own_speed", file=name, value=key, mode=mode.id)


def check_heights(
    travel: TravelSettings | None,
    streets: StreetSettings | None,
    walk: WalkSettings | None,
    problems: Problems,
    name: str,
) -> None:
    """Note heights from nowhere, and what heights or ways there and back cannot mean.

    Parameters
    ----------
    travel, streets, walk
        Parts of a scenario; None where one does not hold by itself.
    problems
        Takes what is wrong.
    name
        What messages call the scenario.
    """
    if streets is None:
        return
    given = streets.heights
    if given is None:
        if walk is not None and walk.way != "both":
            problems.add("settings.idle_key", file=name, value="walk.way", goes="streets.heights")
        return
    if not given.is_raster and given.file not in {LINES, INCLINE}:
        hint = did_you_mean(given.file, (LINES, INCLINE))
        problems.add("heights.from_where", file=name, value=given.file, hint=hint)
        return
    for key in given.idle:
        value = f"streets.heights.{key}"
        problems.add("settings.idle_key", file=name, value=value, goes='heights = "….tif"')
    if travel is None or travel.mode not in modes():
        return
    mode = modes()[travel.mode]
    if travel.table is not None:
        problems.add("heights.with_table", file=name, value=given.file)
    elif mode.slope is None:
        named = {lang: mode.name(lang) for lang in LANGS}
        problems.add("heights.of_mode", file=name, value=mode.id, mode=named)


def _on_foot_alone(walk: WalkSettings | None, siting: Mapping[str, SitingQuestion]) -> list[str]:
    """List the keys given that mean something only at a walking speed."""
    given = sorted(given_keys(walk) & {"avoid", "factors"}) if walk is not None else []
    found = [f"walk.{key}" for key in given]
    for path, question in siting.items():
        if question.apart_m is not None:
            found.append(f"{path}.apart_m")
        for group, one in question.groups.items():
            if one.preset or one.speed_mps:
                found.append(f"{path}.groups.{group}")
    return found


def spoken_of(told: Iterable[Settings]) -> tuple[Ground, str]:
    """Return how travel times of one or several plans are spoken of.

    Parameters
    ----------
    told
        The settings of the plans.

    Returns
    -------
    What the times come from, and the mode: that of all, or ``several`` where they differ.
    """
    listed = list(told)
    grounds, means = {one.ground for one in listed}, {one.means.id for one in listed}
    order: tuple[Ground, ...] = ("straight", "table", "vehicle", "sloped", "streets")
    ground = next(one for one in order if one in grounds)
    return ground, next(iter(means)) if len(means) == 1 else "several"
