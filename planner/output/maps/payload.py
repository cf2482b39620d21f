"""The payload: what Python writes into a page, and the page's script reads.

One block of JSON. The page's modules know it by the same names: `web/src/payload.js` is made from
these classes, and a test holds them equal. Tables travel column by column, or as records where
there are few rows; no value is told by its position in a row.

Places are whole steps of a millionth of a degree east and north of `Payload.origin`. A missing
value is `None`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

from planner.language import Lang

Number = int | float
Place = list[int]  # steps east, steps north
Offsets = list[int]  # the steps east and north of each vertex in turn, from the one before
Shape = list[list[Offsets]]  # polygons, each its rings, the outer one first
Packed = str  # integers as text, see `network_payload.pack`


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


class FacilityColumns(TypedDict):
    """A row for each facility; `community` is the place of its community in their columns."""

    at: list[Place | None]
    id: list[str]
    operating: list[int | None]
    name: list[str | None]
    kind: list[str | None]
    tier: list[str | None]
    spelling: list[str]
    state: list[str | None]
    status: list[str]
    capacity: list[Number | None]
    floor_area_m2: list[Number | None]
    opened: list[int | None]
    closed: list[int | None]
    community: list[int | None]
    approximate: list[int]


class CandidateColumns(TypedDict):
    """A row for each candidate that no answer chose."""

    at: list[Place | None]
    name: list[str | None]
    spelling: list[str]
    host: list[str | None]


class LinkColumns(TypedDict):
    """Facilities and the communities that they serve without a walk, by their places."""

    facility: list[int]
    community: list[int]


class SplitPeople(TypedDict):
    """People of the district by how they are served."""

    served: float | None
    over_capacity: float | None
    out_of_reach: float | None


class SplitColumns(TypedDict):
    """People of each community by how they are served."""

    served: list[int | None]
    over_capacity: list[int | None]
    out_of_reach: list[int | None]


class LoadColumns(TypedDict):
    """A row for each facility that operates: what it holds and whom it serves.

    `wanted` counts the people for whom it is the nearest, `lack` how many more these are than it
    holds; `short` says whether it lacks room, `rank` its place among those that do.
    """

    facility: list[int]
    capacity: list[Number | None]
    people: list[float | None]
    minutes: list[float | None]
    wanted: list[int | None]
    lack: list[float | None]
    short: list[int]
    rank: list[int | None]


class KindSupply(TypedDict):
    """Who is served within the capacity of a kind."""

    group: str
    minutes: Number | None
    need: float
    all: SplitPeople
    communities: SplitColumns
    facilities: LoadColumns


class TargetText(TypedDict):
    """A line of the scorecard, in words; `profile` is the place of its document."""

    key: str
    id: str
    name: str
    value: str
    must: str
    aim: str
    short_by: str
    note: str
    source: str
    profile: int
    verdict: str
    grade: str


class ScorecardText(TypedDict):
    """The documents of a scorecard by their titles, and its lines."""

    profiles: list[str]
    rows: list[TargetText]


class RingShape(TypedDict):
    """The area within a walk of so many minutes."""

    minutes: Number | None
    shape: Shape


class SiteColumns(TypedDict):
    """The answer to one siting question: what was asked, what it comes to, a row for each site."""

    kind: str
    model: str
    minutes: Number | None
    groups: list[str]
    why: list[str]
    optimal: bool
    gap: float | None
    before: float | None
    after: float | None
    proposed: bool
    candidates: int
    closed: list[int]
    at: list[Place | None]
    spelling: list[str]
    community: list[int | None]
    name: list[str | None]
    host: list[str | None]
    rank: list[int | None]
    added: list[int | None]
    cumulative: list[Number | None]
    cost: list[Number | None]
    rings: list[RingShape]


class RoadLines(TypedDict):
    """The roads of one class."""

    road: str
    lines: list[Offsets]


class BackdropShape(TypedDict):
    """Land or water, its name and where that stands."""

    kind: str
    shape: Shape
    name: str | None
    label: Place | None


class MetresFit(TypedDict):
    """Polynomials from steps to metres, a row for each term.

    The term is `x` or `y` times (steps east / scale) ** `u` times (steps north / scale) ** `v`.
    """

    scale: list[int]
    u: list[int]
    v: list[int]
    x: list[float]
    y: list[float]


class Feet(TypedDict):
    """Where points stand on the streets: edge + 1 (0: none), share of it, centimetres to it."""

    edge: Packed
    share: Packed
    access: Packed


class EntranceFeet(Feet):
    """Where areas are entered beside the first place of each: facility after facility."""

    facility: Packed


class HomeFeet(Feet):
    """Homes on the streets: their communities, people times `parts`, today's ticks by kind."""

    community: Packed
    parts: int
    people: dict[str, Packed]
    ticks: dict[str, Packed]


class WalkColumns(TypedDict):
    """The streets, homes and facilities that the page walks on; `search` is in minutes.

    `straight` tells that there are no streets: what is walked on is a lattice, and never shown.
    """

    straight: bool
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
    homes: HomeFeet
    facilities: Feet
    entrances: EntranceFeet | None


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


class ColumnOfFeatures(TypedDict):
    """A column of a layer's features: its heading, what it is measured in, a value for each."""

    title: str
    measure: str
    values: list[Number | str | None]


class FeatureClasses(TypedDict):
    """How features are coloured by a column, by its place: upper bounds, and a colour for each."""

    column: int
    bounds: list[float]
    colours: list[str]


class FeatureLayer(TypedDict):
    """A layer that the page draws from its features: points, lines or polygons.

    Every list has a place for each feature; `kind`, `facility` and `community` are those that it
    belongs to. Without a `colour` a feature has that of its kind.
    """

    id: str
    name: str
    about: str
    geometry: Literal["point", "line", "polygon"]
    colour: str | None
    classes: FeatureClasses | None
    title: list[str | None]
    kind: list[str | None]
    facility: list[int | None]
    community: list[int | None]
    point: list[Place | None] | None
    line: list[list[Offsets]] | None
    shape: list[Shape] | None
    columns: list[ColumnOfFeatures]


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
