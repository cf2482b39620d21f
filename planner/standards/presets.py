"""Kinds of facility, walking speeds and modes of travel, each a TOML file beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from planner.language import Lang, written
from planner.standards.named import Named

Grade = Literal["verified", "secondary", "unverified"]
StreetUsers = Literal["walkers", "wheelchairs", "cyclists", "vehicles"]
KMH = 3.6  # km/h in a metre a second


@dataclass(frozen=True, kw_only=True)
class Kind(Named):
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
    schemes
        Its tiers and grades, scheme by scheme: by id, the names under which each is found in data.
    """

    id: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    unit: str = "places"
    colour: str = "#666666"
    symbol: str = "●"
    schemes: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def tiers(self) -> dict[str, tuple[str, ...]]:
        """The tiers of every scheme, by id, with the names under which each is found."""
        return {tier: names for scheme in self.schemes.values() for tier, names in scheme.items()}

    def siblings(self, tier: str) -> set[str]:
        """List the tiers of the same scheme as one, itself among them.

        Parameters
        ----------
        tier
            A tier's id.

        Returns
        -------
        Ids; empty for a tier that the kind does not know.
        """
        return {one for scheme in self.schemes.values() if tier in scheme for one in scheme}


@dataclass(frozen=True, kw_only=True)
class Speed(Named):
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
    source_zh
        The same in Chinese, where it is said in Chinese.
    grade
        How far it was checked.
    """

    id: str
    speed_mps: float
    zh: str
    en: str
    source: str
    grade: Grade
    source_zh: str | None = None

    def rests_on(self, lang: Lang) -> str:
        """Return the source as readers of a language get it.

        Parameters
        ----------
        lang
            Their language.

        Returns
        -------
        The source; as it stands where it has no Chinese form.
        """
        return written(self.source_zh or self.source) if lang == "zh" else self.source


@dataclass(frozen=True, kw_only=True)
class SteepestSlope:
    """The steepest slope that a mode of travel goes along, up or down.

    Parameters
    ----------
    rise, run
        The slope: 1 and 12 for one metre up in twelve.
    source, source_zh
        What it rests on.
    grade
        How far that was checked.
    """

    rise: float
    run: float
    source: str
    source_zh: str
    grade: Grade

    @property
    def value(self) -> float:
        """Rise over run."""
        return self.rise / self.run

    def rests_on(self, lang: Lang) -> str:
        """Return the source as readers of a language get it.

        Parameters
        ----------
        lang
            Their language.
        """
        return written(self.source_zh) if lang == "zh" else self.source


@dataclass(frozen=True, kw_only=True)
class TravelMode(Named):
    """A way in which residents come to a facility, with its source.

    Parameters
    ----------
    id
        Name used in scenarios, such as ``e_bike``.
    zh, en
        What readers call it.
    users
        Whose streets it goes along.
    source, source_zh
        What its figures rest on.
    grade
        How far that was checked.
    preset
        The walking speed where the scenario names none; of a mode without ``other_kmh``.
    avoid
        Classes of street that it cannot use.
    pushed
        Classes of street along which one walks beside it.
    oneway
        Whether one-way streets bind it.
    streets
        Speeds by class of street: ``kmh`` and ``classes``.
    other_kmh
        Speed on all other classes, km/h; None for what goes at a walking speed.
    slope
        By which function slopes change its speed, where heights are known; None where they do not.
    steepest
        The steepest slope that it goes along; None where none is too steep.
    """

    id: str
    zh: str
    en: str
    users: StreetUsers
    source: str
    source_zh: str
    grade: Grade
    preset: str | None = None
    avoid: tuple[str, ...] = ()
    pushed: tuple[str, ...] = ()
    oneway: bool = False
    streets: tuple[Mapping[str, Any], ...] = ()
    other_kmh: float | None = None
    slope: Literal["tobler"] | None = None
    steepest: SteepestSlope | None = None

    @property
    def is_vehicle(self) -> bool:
        """Whether it has speeds of its own, by class of street."""
        return self.other_kmh is not None

    @property
    def kmh(self) -> dict[str, float]:
        """Speeds by class of street, km/h, where a class has one of its own."""
        return {name: row["kmh"] for row in self.streets for name in row["classes"]}

    @property
    def fastest_mps(self) -> float:
        """Its highest speed, metres a second; 0 for what goes at a walking speed."""
        return max([self.other_kmh or 0.0, *self.kmh.values()]) / KMH

    def rests_on(self, lang: Lang) -> str:
        """Return the source as readers of a language get it.

        Parameters
        ----------
        lang
            Their language.
        """
        return written(self.source_zh) if lang == "zh" else self.source


@dataclass(frozen=True, kw_only=True)
class Detour:
    """How many times as long as the straight line a way along streets is.

    Parameters
    ----------
    value
        The multiple taken where a scenario says none.
    low, high
        Between which it lies for the middle half of the ways measured.
    source, source_zh
        What it rests on.
    grade
        How far that was checked.
    """

    value: float
    low: float
    high: float
    source: str
    source_zh: str
    grade: Grade


@cache
def detour() -> Detour:
    """Read the detour factor.

    Examples
    --------
    >>> detour().value
    1.35
    """
    return Detour(**_read("detour")["straight"])


@cache
def kinds() -> dict[str, Kind]:
    """Read the kinds of facility, by id."""
    return {name: kind_of(name, entry) for name, entry in _read("kinds").items()}


@cache
def speeds() -> dict[str, Speed]:
    """Read the presets of walking speed, by id.

    Examples
    --------
    >>> speeds()["elderly"].speed_mps
    0.8
    """
    return {name: Speed(id=name, **entry) for name, entry in _read("speeds").items()}


@cache
def modes() -> dict[str, TravelMode]:
    """Read the modes of travel, by id.

    Examples
    --------
    >>> modes()["e_bike"].other_kmh, modes()["walk"].is_vehicle
    (15.0, False)
    """
    lists = ("avoid", "pushed", "streets")
    made = {}
    for name, entry in _read("modes").items():
        typed: dict[str, Any] = {key: tuple(entry[key]) for key in lists if key in entry}
        if "steepest" in entry:
            typed["steepest"] = SteepestSlope(**entry["steepest"])
        made[name] = TravelMode(id=name, **entry | typed)
    return made


def kind_of(name: str, entry: Mapping[str, Any]) -> Kind:
    """Build a kind from an entry as the catalogue and scenarios write it.

    Parameters
    ----------
    name
        The kind's id.
    entry
        Its names, ``aliases``, ``unit``, ``colour``, ``symbol`` and ``tiers``.

    Returns
    -------
    The kind.
    """
    plain = {key: value for key, value in entry.items() if key not in {"aliases", "tiers"}}
    schemes = {
        scheme: {tier: tuple(names) for tier, names in tiers.items()}
        for scheme, tiers in entry.get("tiers", {}).items()
    }
    return Kind(id=name, aliases=tuple(entry["aliases"]), schemes=schemes, **plain)


def _read(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
