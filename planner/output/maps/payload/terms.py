"""What is drawn with, and the terms of a plan: what its figures are of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from planner.output.maps.payload.units import Number


class ShareColours(TypedDict):
    """Colours of shares, and the bounds between them."""

    bounds: Sequence[float]
    colours: Sequence[str]


class TargetColours(TypedDict):
    """Colours of what misses a target and of what meets it, from the farthest below on."""

    below: Sequence[str]
    above: Sequence[str]


class MinuteColours(TypedDict):
    """Colours of minutes within the cutoff, and of those beyond."""

    within: Sequence[str]
    beyond: Sequence[str]


class Looks(TypedDict):
    """What the page draws with; `above` names the backdrop's kinds that lie over the shading."""

    shares: ShareColours
    amounts: Sequence[str]
    target: TargetColours
    minutes: MinuteColours
    backdrop: dict[str, str]
    above: Sequence[str]


class SpeedText(TypedDict):
    """A walking speed: its name, metres a second, and how well its source is verified."""

    name: str
    mps: float
    grade: str


class LimitText(TypedDict):
    """A limit in minutes, and the metres walked in it."""

    minutes: Number
    metres: int


class Head(TypedDict):
    """The terms of a plan: what its figures are of. `snap` is in metres, `cutoff` in minutes.

    `caveats` are sentences that stand beside the headline: what no figure counts.
    """

    title: str
    note: str | None
    year: int | None
    synthetic: bool
    speed: SpeedText
    limits: list[LimitText]
    cutoff: Number
    snap: Number
    group: str
    group_name: str
    covered_share: float
    caveats: list[str]
    cost_unit: str | None
    attribution: list[str]


class KindText(TypedDict):
    """A kind of facility; how many operate and how many are planned."""

    id: str
    name: str
    colour: str
    unit: str
    operating: int
    planned: int
