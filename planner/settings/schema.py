"""What a scenario may say: one frozen part for each table of the file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from planner.language import Ground, Lang, Script, Spoken, language_of, script_of, text
from planner.settings.files import (
    AnyFile,
    CandidateSource,
    Communities,
    Demand,
    Facilities,
    FileOrName,
    Source,
)
from planner.settings.heights import HeightsOrName
from planner.settings.part import Grid, Metres, Part, PositiveMinutes, Share, Year
from planner.settings.part import Speed as Pace
from planner.settings.questions import ChangeEntry, DeliveryQuestion, ServiceQuestion
from planner.settings.siting import SitingQuestion
from planner.standards import Speed, TravelMode, detour, modes, speeds

SPREAD_M = {"streets": 25.0, "areas": 100.0}  # between points that people are spread on


class StreetSettings(AnyFile):
    """The streets: plain lines, an OpenStreetMap extract, or a place to ask OpenStreetMap for.

    Where there are none yet, ``straight`` takes ways for ``detour`` times the straight line.

    ``node = "auto"`` joins lines that cross or all but meet without a shared vertex: ends within
    ``tolerance_m``, and crossings on one level.

    ``closed`` names streets that nobody uses in this scenario; ``closures`` is a file of areas that
    are closed and of lines across streets that are barred.

    ``heights`` says where heights come from, so that slopes count: a raster (GeoTIFF), the
    ``lines`` themselves, or a column ``incline``.
    """

    file: Annotated[str, Field(min_length=1)] | None = None
    place: str | None = None
    straight: bool = False
    detour: Annotated[float, Field(ge=1, le=3)] | None = None
    node: Literal["as_drawn", "auto"] = "as_drawn"
    tolerance_m: Annotated[float, Field(gt=0, le=5)] = 0.5
    closed: list[Annotated[str, Field(min_length=1)]] = []
    closures: FileOrName | None = None
    heights: HeightsOrName | None = None

    @property
    def closes(self) -> bool:
        """Whether the scenario closes streets."""
        return bool(self.closed) or self.closures is not None

    @property
    def factor(self) -> float:
        """How many times as long as the straight line a way is taken to be."""
        return detour().value if self.detour is None else self.detour


class WalkSettings(Part):
    """How people walk: a preset or a speed, and how far a place may lie from a street.

    ``avoid`` names classes of street that are not walked (``steps`` for wheelchairs and prams),
    ``factors`` how many times as long a metre of a class takes (``steps = 2.0``). The classes are
    those that the file of streets has.

    Where slopes count, ``way`` says which way: half of the way there and back along the same
    streets (``both``), the way ``there``, or the way ``back``.
    """

    preset: str = "standard"
    speed_mps: Pace | None = None
    max_snap_m: Metres = 200.0
    avoid: list[Annotated[str, Field(min_length=1)]] = []
    factors: dict[str, Annotated[float, Field(ge=0.1, le=20)]] = {}
    way: Literal["both", "there", "back"] = "both"

    @property
    def speed(self) -> Speed:
        """The speed walked at: the one given, else the preset's."""
        if self.speed_mps is None:
            return speeds()[self.preset]
        return Speed(
            id="custom",
            speed_mps=self.speed_mps,
            zh=text("settings.custom_speed", "zh"),
            en=text("settings.custom_speed", "en"),
            source="scenario",
            grade="unverified",
        )


class TravelSettings(Part):
    """How residents come to a facility: a mode, or travel times of the user's own.

    ``mode`` is one of the catalogue: on foot, by wheelchair, bicycle, e-bike or car. ``table``
    stands in place of ways along the streets, with a row for each pair in reach: ``demand`` (the id
    of a home, or of a community for all who live there), ``facility`` (of a facility or a
    candidate) and ``minutes``.
    """

    mode: str = "walk"
    table: FileOrName | None = None


class HoursQuestion(Part):
    """When facilities have to be open to serve: through a span of a day.

    ``open_at`` is a span such as ``11:00-12:00``; ``day`` a day, or every ``weekday`` (Monday to
    Friday) or day of the ``weekend``. ``unknown`` says what facilities without hours count as.
    """

    open_at: Annotated[str, Field(min_length=1)]
    day: Literal[
        "weekday", "weekend", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
        "sunday",
    ] = "weekday"  # fmt: skip
    unknown: Literal["open", "closed"] = "open"


class CoverageSettings(Part):
    """What counts as covered.

    A person is covered for a kind when a facility of it is within ``cutoff_min`` on foot. A
    community is *reached* when at least ``covered_share`` of the people of ``group`` are covered,
    and *linked* when a delivery or an assignment names it. ``kinds`` are those reported on (all
    that the data hold, if empty), ``gap_kinds`` those whose gaps are listed (all reported on).
    Without homes people are ``spread`` along the streets of their community or over its area near
    streets, on points ``spread_m`` apart: 25 m along streets, 100 m over areas.
    """

    minutes: Annotated[list[PositiveMinutes], Field(min_length=1, max_length=24)] = [5, 10, 15]
    cutoff_min: PositiveMinutes = 15
    covered_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    group: str = "population"
    kinds: list[str] = []
    gap_kinds: list[str] = []
    inside_share: Share = 0.5
    spread: Literal["streets", "areas"] = "streets"
    spread_m: Grid | None = None
    search_min: PositiveMinutes = 60

    def spacing_m(self, spread: str) -> float:
        """Return how far apart the points are that people are spread on.

        Parameters
        ----------
        spread
            Along ``streets`` or over ``areas``.

        Returns
        -------
        Metres.
        """
        return SPREAD_M[spread] if self.spread_m is None else self.spread_m


class NewKind(Part):
    """A kind of facility that this scenario adds."""

    zh: str
    en: str
    aliases: list[str] = []
    unit: str = "places"
    colour: str = "#666666"
    symbol: str = "●"
    tiers: dict[str, dict[str, list[str]]] = {}


class Standards(Part):
    """What the district is held against: profiles of the catalogue by name, or files of targets.

    ``reported`` enters figures that were reported: ``target``, ``numerator``, ``share``, ``year``.
    ``not_applicable`` names targets that do not concern the district, each with why.
    """

    profiles: list[str] = []
    reported: list[dict[str, str | int | float | bool]] = []
    not_applicable: dict[str, str] = {}


class Map(Part):
    """How the map is drawn."""

    tiles: Literal["none", "osm", "tianditu", "amap"] = "none"
    tianditu_key: str | None = None
    kind: str | None = None
    indicator: str | None = None
    layers: list[str] | None = None


class Outputs(Part):
    """What a result holds beside what every result holds, as it takes a while or fills a page.

    ``layers`` are layers of the map, each with its table; ``indicators`` are figures that shade the
    map and stand in the table of communities; ``documents`` are written beside the report.
    """

    layers: list[str] = []
    indicators: list[str] = []
    documents: list[Literal["layout_plan"]] = []


class Settings(Part):
    """Everything that a run is asked to do.

    ``scenarios`` names lists of overrides, which `planner.sweep` computes one after another.
    """

    title: str
    title_en: str | None = None
    lang: Spoken | None = None
    year: Year | None = None
    years: list[Year] = []
    synthetic: bool = False
    note: str | None = None
    note_en: str | None = None
    attribution: list[str] = []
    folder: str = "."
    use: list[str] = []
    scenarios: dict[str, list[str]] = {}
    communities: Communities
    demand: Demand | None = None
    streets: StreetSettings
    facilities: list[Facilities] = []
    candidates: list[CandidateSource] = []
    links: list[Source] = []
    backdrop: Source | None = None
    kinds: dict[str, NewKind] = {}
    words: dict[str, str] = {}
    walk: WalkSettings = WalkSettings()
    travel: TravelSettings | None = None
    hours: HoursQuestion | None = None
    coverage: CoverageSettings = CoverageSettings()
    siting: list[SitingQuestion] = []
    service: list[ServiceQuestion] = []
    delivery: list[DeliveryQuestion] = []
    changes: list[ChangeEntry] = []
    standards: Standards = Standards()
    map: Map = Map()
    outputs: Outputs = Outputs()

    @property
    def means(self) -> TravelMode:
        """How residents come to a facility."""
        return modes()[self.travel.mode if self.travel is not None else "walk"]

    @property
    def ground(self) -> Ground:
        """What travel times come from: streets, straight lines, a table, vehicles, or slopes."""
        if self.travel is not None and self.travel.table is not None:
            return "table"
        if self.means.is_vehicle:
            return "vehicle"
        if self.streets.heights is not None:
            return "sloped"
        return "straight" if self.streets.straight else "streets"

    @property
    def language(self) -> Lang | None:
        """The language asked for, whatever its script."""
        return language_of(self.lang)

    @property
    def script(self) -> Script | None:
        """The script of Chinese asked for; None for simplified characters."""
        return script_of(self.lang)

    def name(self, lang: Lang) -> str:
        """Return the title for readers.

        Parameters
        ----------
        lang
            Their language.

        Returns
        -------
        The title; the Chinese one where there is no English one.
        """
        return self.title if lang == "zh" else self.title_en or self.title
