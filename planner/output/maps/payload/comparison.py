"""A second plan: what differs from the first."""

from __future__ import annotations

from typing import Any, TypedDict

from planner.output.maps.payload.facilities import RingShape, SiteColumns
from planner.output.maps.payload.shapes import FeatureLayer
from planner.output.maps.payload.targets import ScorecardText
from planner.output.maps.payload.terms import Head
from planner.output.maps.payload.units import Number, Packed
from planner.output.maps.payload.walking import Feet, MetresFit


class HomeFeetChanges(TypedDict, total=False):
    """What of `HomeFeet` differs in a second plan."""

    edge: Packed
    share: Packed
    access: Packed
    community: Packed
    parts: int
    people: dict[str, Packed]
    ticks: dict[str, Packed]


class WalkChanges(TypedDict, total=False):
    """What of `WalkColumns` differs in a second plan."""

    mps: float
    search: Number
    metres: MetresFit
    nodes: Packed
    inner: Packed
    bends: Packed
    u: Packed
    v: Packed
    ahead: Packed
    back: Packed | None
    homes: HomeFeetChanges
    facilities: Feet


class ShareChange(TypedDict):
    """A share of people in two plans."""

    state: str
    kind: str
    group: str
    first: float | None
    second: float | None


class UnitChange(TypedDict):
    """A count of a kind in two plans."""

    kind: str
    what: str
    first: Number | None
    second: Number | None


class TargetChange(TypedDict):
    """A target in two plans, and how its verdict turns: the key of the turn, and its words."""

    name: str
    turn: str
    words: str
    first: str
    second: str


class FacilityChange(TypedDict):
    """A facility that differs: what is different, and its words."""

    kind: str
    id: str
    name: str | None
    what: str
    words: str


class SettingChange(TypedDict):
    """A setting that differs."""

    name: Any
    first: Any
    second: Any


class OtherPlan(TypedDict):
    """A second plan: what differs from the first, on the first one's ground.

    `standing` tells of every facility whether it operates in the second plan, `None` where that has
    none; `home_places` is missing where the homes are the same.
    """

    head: Head
    names: list[str]
    standing: list[int | None]
    answers: list[SiteColumns]
    rings: dict[str, list[RingShape]]
    features: list[FeatureLayer]
    walk: WalkChanges | None
    home_places: Packed | None
    values: dict[str, list[Number | None] | None]
    scorecard: ScorecardText | None
    notes: list[str]
    shares: list[ShareChange]
    units: list[UnitChange]
    targets: list[TargetChange]
    changes: list[FacilityChange]
    settings: list[SettingChange]
