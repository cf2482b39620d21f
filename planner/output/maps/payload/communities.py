"""Communities, subdistricts and homes: who lives there, and the figures of them."""

from __future__ import annotations

from typing import Literal, TypedDict

from planner.output.maps.payload.units import Number, Offsets, Place, Shape


class CommunityColumns(TypedDict):
    """A row for each community; `people` has a column for each group.

    `estimated` tells that the boundaries are estimated from points.
    """

    name: list[str | None]
    street: list[str | None]
    settlement: list[str | None]
    zone: list[str | None]
    spelling: list[str]
    inside: list[int]
    people: dict[str, list[int | None]]
    label: list[Place | None]
    shape: list[Shape]
    estimated: bool


class TownColumns(TypedDict):
    """A row for each subdistrict: its name and where that stands; and the borders as lines."""

    name: list[str]
    label: list[Place | None]
    border: list[Offsets]
    outline: list[Offsets]


class ShareWithin(TypedDict):
    """The share of people within a limit in minutes."""

    minutes: Number | None
    share: float | None


class UnitCounts(TypedDict):
    """Communities with people, and how many of them have, reach, or are served by a facility."""

    communities: int | None
    has: int | None
    reached: int | None
    linked: int | None


class GapColumns(TypedDict):
    """Communities with people beyond the cutoff, the most people first."""

    community: list[int]
    lacking: list[int | None]


class StateFigures(TypedDict):
    """Figures of a kind in one state: of the district by group, and columns of communities."""

    people: dict[str, list[ShareWithin]]
    counts: UnitCounts | None
    share: list[float | None]
    minutes: list[float | None]
    has: list[int | None]
    reached: list[int | None]
    linked: list[int | None]
    lacking: list[int | None]
    gaps: GapColumns


class KindFigures(TypedDict):
    """Figures of a kind: today and with suggested sites, of this plan and of a second one.

    `nearest` is the facility that is the nearest one for most people of each community.
    """

    before: StateFigures
    after: StateFigures | None
    other: StateFigures | None
    other_after: StateFigures | None
    nearest: list[int | None]


class DerivedFrom(TypedDict):
    """How the page derives an indicator in another state; `need`: people beyond that need it."""

    source: Literal["homes", "capacity", "people"]
    group: str | None
    minutes: Number | None
    need: float | None


class IndicatorText(TypedDict):
    """One figure that shades communities, or subdistricts where `by_street`; see `Indicator`."""

    name: str
    theme: str
    kind: str | None
    title: str
    about: str
    unit: str
    better: str | None
    of: str | None
    worked: DerivedFrom | None
    by_street: bool
    values: list[Number | None] | None
    bounds: dict[str, list[float]] | None
    target: float | None


class HomeColumns(TypedDict):
    """People of the main group in each home; for each state and kind a text of one digit a home.

    The digit counts the limits that are too short: 0 is within the shortest.
    """

    people: list[int | None]
    before: dict[str, str]
    after: dict[str, str]
    other: dict[str, str] | None
    other_after: dict[str, str] | None
