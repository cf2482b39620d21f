"""Kinds of facility and walking speeds, each a TOML file beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from planner.language import Lang

Grade = Literal["verified", "secondary", "unverified"]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of facility.

    Parameters
    ----------
    id
        Name used in scenarios and tables, such as ``care_station``.
    zh, en
        Name shown to readers.
    aliases
        Other names found in data.
    unit
        What its capacity is counted in: places, beds or meals.
    colour
        Colour on maps, as ``#rrggbb``.
    symbol
        One character that stands for it on maps.
    tiers
        Its tiers and grades by id, each with the names under which it is found in data.
    """

    id: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    unit: str = "places"
    colour: str = "#666666"
    symbol: str = "●"
    tiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def name(self, lang: Lang) -> str:
        """Give the name shown to readers."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, kw_only=True)
class Speed:
    """A walking speed with its source.

    Parameters
    ----------
    id
        Name of the preset, or ``custom``.
    speed_mps
        Speed in metres per second.
    zh, en
        Description shown to readers.
    source
        What the figure rests on.
    grade
        How far it was checked.
    """

    id: str
    speed_mps: float
    zh: str
    en: str
    source: str
    grade: Grade

    def name(self, lang: Lang) -> str:
        """Give the description shown to readers."""
        return self.zh if lang == "zh" else self.en


@cache
def kinds() -> dict[str, Kind]:
    """Read the kinds of facility, by id."""
    return {
        name: Kind(
            id=name,
            **{
                **entry,
                "aliases": tuple(entry["aliases"]),
                "tiers": {tier: tuple(names) for tier, names in entry.get("tiers", {}).items()},
            },
        )
        for name, entry in _read("kinds").items()
    }


@cache
def speeds() -> dict[str, Speed]:
    """Read the presets of walking speed, by id.

    Examples
    --------
    >>> speeds()["elderly"].speed_mps
    0.8
    """
    return {name: Speed(id=name, **entry) for name, entry in _read("speeds").items()}


def _read(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
