"""The payload: what Python writes into a page, and the page's script reads.

One block of JSON. The page's modules know it by the same names: `web/src/payload.js` is made from
the classes of this package, and a test holds them equal. Tables travel column by column, or as
records where there are few rows; no value is told by its position in a row.

`units` says how numbers, places and shapes are written.
"""

from __future__ import annotations

from typing import TypedDict

from planner.language import Lang
from planner.output.maps.payload.communities import (
    CommunityColumns,
    HomeColumns,
    IndicatorText,
    KindFigures,
    TownColumns,
)
from planner.output.maps.payload.comparison import OtherPlan
from planner.output.maps.payload.facilities import (
    CandidateColumns,
    FacilityColumns,
    KindSupply,
    LinkColumns,
    RingShape,
    SiteColumns,
)
from planner.output.maps.payload.shapes import BackdropShape, FeatureLayer, RoadLines
from planner.output.maps.payload.targets import ScorecardText
from planner.output.maps.payload.terms import Head, KindText, Looks
from planner.output.maps.payload.units import Packed, Place
from planner.output.maps.payload.walking import WalkColumns


class LayersPayload(TypedDict):
    """The layers of a plan, and of a second one where two are compared."""

    origin: Place
    size: Place
    kinds: list[KindText]
    groups: dict[str, str]
    communities: CommunityColumns
    figures: dict[str, KindFigures]
    towns: TownColumns
    indicators: list[IndicatorText]
    home_places: Packed | None
    homes: HomeColumns | None
    facilities: FacilityColumns
    supply: dict[str, KindSupply]
    scorecard: ScorecardText | None
    candidates: CandidateColumns
    links: LinkColumns
    answers: list[SiteColumns]
    rings: dict[str, list[RingShape]]
    features: list[FeatureLayer]
    streets: list[RoadLines]
    walk: WalkColumns | None
    backdrop: list[BackdropShape]
    other: OtherPlan | None


class Payload(LayersPayload):
    """All that a page's script reads: the layers, its texts and looks, and what is shown first."""

    lang: Lang
    tag: str
    texts: dict[str, str]
    looks: Looks
    tiles: str
    head: Head
    first: str | None
    shade: str
    unshaded: str | None
    layers: dict[str, bool]
