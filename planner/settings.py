"""Settings of a run: what a scenario file may say, and how overrides make it whole.

A scenario is a mapping (usually a TOML file): a base, named overrides under ``[overrides]``, and
single keys set last. `resolve` lays them over each other and checks the whole; every key that
does not exist is reported with the nearest one that does.
"""

from __future__ import annotations

import copy
import difflib
import tomllib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from planner.crs import Datum
from planner.errors import Problems, SettingsError
from planner.language import Lang, text
from planner.standards import Speed, speeds

LinkKind = Literal["delivery", "assignment"]
Columns = dict[str, str | list[str]]
PositiveMinutes = Annotated[float, Field(gt=0, le=24 * 60)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Part):
    """A file, and how to read it.

    ``file`` is relative to the scenario's folder; ``package:NAME/PATH`` names a file that an
    installed package carries. Exactly one of ``datum`` and ``crs`` may be given; a file that
    carries its own CRS needs neither.
    """

    file: str
    layer: str | None = None
    datum: Datum | None = None
    crs: str | None = None
    encoding: str | None = None
    columns: Columns = {}
    where: dict[str, str | int | list[str] | list[int]] = {}
    missing_coordinates: Literal["error", "skip"] = "error"
    outside: Literal["error", "skip"] = "error"
    osm: dict[str, bool | str | list[str]] = {}


class Communities(_Part):
    """Communities: a file of polygons, or hexagons laid over the streets."""

    file: str | None = None
    layer: str | None = None
    datum: Datum | None = None
    crs: str | None = None
    encoding: str | None = None
    columns: Columns = {}
    where: dict[str, str | int | list[str] | list[int]] = {}
    groups: Columns = {}
    hexagons_m: Annotated[float, Field(gt=0)] | None = None


class Demand(Source):
    """Where people live: buildings, dwellings or cells.

    ``people_per_m2`` estimates the people of OpenStreetMap buildings from their floor area.
    """

    groups: Columns = {}
    people_per_m2: Annotated[float, Field(gt=0)] | None = None


class Streets(_Part):
    """The streets: plain lines, an OpenStreetMap extract, or a place to ask OpenStreetMap for."""

    file: str | None = None
    layer: str | None = None
    datum: Datum | None = None
    crs: str | None = None
    place: str | None = None
    columns: Columns = {}


class Facilities(Source):
    """Facilities of one kind, or of the kinds that a column names."""

    kind: str | None = None
    tier: str | None = None
    status: str | None = None


class Walk(_Part):
    """How people walk: a preset or a speed, and how far a place may lie from a street."""

    preset: str = "standard"
    speed_mps: Annotated[float, Field(gt=0, le=3)] | None = None
    max_snap_m: Annotated[float, Field(gt=0)] = 200.0

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


class Coverage(_Part):
    """What counts as covered.

    A person is covered for a kind when a facility of it is within ``cutoff_min`` on foot. A
    community is *reached* when at least ``covered_share`` of the people of ``group`` are covered,
    and *linked* when a delivery or an assignment names it. ``kinds`` are those reported on (all
    that the data hold, if empty), ``gap_kinds`` those whose gaps are listed (all reported on).
    """

    minutes: list[PositiveMinutes] = [5, 10, 15]
    cutoff_min: PositiveMinutes = 15
    covered_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    group: str = "population"
    kinds: list[str] = []
    gap_kinds: list[str] = []
    inside_share: Share = 0.5
    spread_m: Annotated[float, Field(gt=0)] = 100.0
    search_min: PositiveMinutes = 60


class Quota(_Part):
    """How many new and existing sites each unit of a level may hold: one per street, say."""

    per: Literal["street", "zone", "settlement", "host"]
    at_least: Annotated[int, Field(ge=0)] = 0
    at_most: Annotated[int, Field(ge=0)] | None = None


class Size(_Part):
    """A size that a site may have: what it can serve, at which cost."""

    size: str
    capacity: Annotated[float, Field(gt=0)]
    cost: Annotated[float, Field(ge=0)]


class Phase(_Part):
    """How many new sites there may be by a year."""

    year: int
    new: Annotated[int, Field(ge=0)]


class Siting(_Part):
    """A siting question: where should new sites of a kind go.

    ``model`` names what is sought; see `planner.siting`. ``minutes`` is the limit that counts as
    covered (``coverage.cutoff_min`` if left out) and ``group`` the people who count. Existing sites
    of the kind are kept, but for those listed as ``closable`` (with what closing gives back) or
    ``movable``. ``share`` is for partial set covering, ``times`` for backup coverage, ``decay``
    for gradual coverage ({5 = 1.0, 10 = 0.6}), ``fair_by`` and ``spread`` for fairness, ``phases``
    for plans over years. ``alternatives`` asks for so many other plans within a share ``within`` of
    the best, ``front`` for the best plan of every number of sites up to so many (of every cost up
    to the budget, where there is one).
    """

    kind: str
    model: Literal[
        "max_cover", "set_cover", "p_median", "p_center", "p_dispersion", "fair_cover"
    ] = "max_cover"
    new: Annotated[int, Field(ge=1)] | None = None
    budget: Annotated[float, Field(ge=0)] | None = None
    minutes: PositiveMinutes | None = None
    group: str | None = None
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    times: Annotated[int, Field(ge=1)] = 1
    decay: dict[str, Share] = {}
    fair_by: Literal["street", "zone", "settlement", "community"] = "street"
    spread: Share | None = None
    phases: list[Phase] = []
    candidates: Literal["auto", "given", "streets"] = "auto"
    where: dict[str, str | int | list[str] | list[int]] = {}
    spacing_m: Annotated[float, Field(gt=0)] = 200.0
    mandatory: list[str] = []
    forbidden: list[str] = []
    closable: dict[str, float] = {}
    movable: list[str] = []
    apart_m: Annotated[float, Field(gt=0)] | None = None
    quotas: list[Quota] = []
    one_per_host: bool = False
    prefer: dict[str, float] = {}
    give_up: Share = 0.0
    sizes: list[Size] = []
    alternatives: Annotated[int, Field(ge=0)] = 0
    within: Share = 0.01
    front: Annotated[int, Field(ge=0)] = 0
    time_limit_s: Annotated[float, Field(gt=0)] = 60.0
    seed: int = 0


class NewKind(_Part):
    """A kind of facility that this scenario adds."""

    zh: str
    en: str
    aliases: list[str] = []
    unit: str = "places"
    colour: str = "#666666"
    symbol: str = "●"


class Map(_Part):
    """How the map is drawn."""

    tiles: Literal["none", "osm", "tianditu", "amap"] = "none"
    tianditu_key: str | None = None
    kind: str | None = None


class Settings(_Part):
    """Everything that a run is asked to do."""

    title: str
    title_en: str | None = None
    lang: Lang | None = None
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    synthetic: bool = False
    note: str | None = None
    note_en: str | None = None
    attribution: list[str] = []
    folder: str = "."
    use: list[str] = []
    communities: Communities
    demand: Demand | None = None
    streets: Streets
    facilities: list[Facilities] = []
    candidates: list[Source] = []
    links: list[Source] = []
    backdrop: Source | None = None
    kinds: dict[str, NewKind] = {}
    walk: Walk = Walk()
    coverage: Coverage = Coverage()
    siting: list[Siting] = []
    map: Map = Map()

    def name(self, lang: Lang) -> str:
        """Give the title for readers."""
        return self.title if lang == "zh" else self.title_en or self.title


def resolve(
    scenario: Mapping[str, Any],
    *,
    use: Sequence[str] = (),
    assign: Sequence[str] = (),
    name: str = "scenario",
) -> Settings:
    """Lay overrides and single keys over a scenario, and check the whole.

    Parameters
    ----------
    scenario
        The base, with named overrides under ``overrides``.
    use
        Names of overrides to lay over the base, beside those the scenario's ``use`` lists.
    assign
        Single settings ``key=value`` laid over last; the key is dotted (``walk.preset=frail``,
        ``siting.0.new=3``), the value is TOML or else taken as text.
    name
        What the messages call the scenario: its file.

    Raises
    ------
    SettingsError
        If a key, an override or a preset does not exist, a value has the wrong form, or two
        overrides set one key differently. All at once.

    Examples
    --------
    >>> base = {"title": "T", "communities": {"file": "c.gpkg"}, "streets": {"file": "s.gpkg"},
    ...         "overrides": {"slow": {"walk": {"preset": "frail"}}}}
    >>> resolve(base, use=["slow"]).walk.speed.speed_mps
    0.64
    """
    problems = Problems()
    base = copy.deepcopy(dict(scenario))
    overrides = base.pop("overrides", {})
    if not isinstance(overrides, Mapping):
        _wrong(problems, name, "overrides", overrides, "table")
        overrides = {}
    listed = base.get("use", [])
    chosen = list(dict.fromkeys([*(listed if isinstance(listed, list) else []), *use]))
    if isinstance(listed, list):
        base["use"] = chosen
    set_by: dict[str, tuple[str, Any]] = {}
    for override in chosen:
        if override not in overrides:
            problems.add(
                "settings.unknown_override",
                file=name,
                value=override,
                known=", ".join(overrides) or "-",
            )
            continue
        if not isinstance(overrides[override], Mapping):
            _wrong(problems, name, f"overrides.{override}", overrides[override], "table")
            continue
        for path, value in _leaves(overrides[override]):
            before, other = set_by.setdefault(path, (override, value))
            if other != value:
                problems.add(
                    "settings.contradiction", file=name, value=path, one=before, two=override
                )
            _put(base, path, value, name, problems)
    for pair in assign:
        path, sign, value = pair.partition("=")
        if not sign:
            problems.add("settings.not_a_pair", file="--set", value=pair)
            continue
        _put(base, path.strip(), _parse(value.strip()), "--set", problems)
    settings = _validated(base, name, problems)
    problems.raise_any(SettingsError)
    assert settings is not None  # noqa: S101  validated, or raised above
    return settings


def _leaves(part: Mapping[str, Any], path: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in part.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            found += _leaves(value, here)
        else:
            found.append((here, value))
    return found


def _put(base: dict[str, Any], path: str, value: Any, name: str, problems: Problems) -> None:
    *way, last = path.split(".")
    part: Any = base
    for step in (*way, last):
        if isinstance(part, list) and not (step.isdigit() and int(step) < len(part)):
            problems.add("settings.no_such_entry", file=name, value=path, n=len(part))
            return
        if not isinstance(part, list | dict):
            problems.add("settings.not_a_table", file=name, value=path)
            return
        holder, key = part, int(step) if isinstance(part, list) else step
        part = part[key] if isinstance(part, list) else part.setdefault(key, {})
    holder[key] = value


def _parse(value: str) -> Any:
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value


def _validated(base: dict[str, Any], name: str, problems: Problems) -> Settings | None:
    try:
        settings = Settings.model_validate(base)
    except pydantic.ValidationError as error:
        wrong: dict[str, tuple[Any, list[str]]] = {}
        for found in error.errors():
            path = ".".join(str(step) for step in found["loc"])
            if found["type"] == "extra_forbidden":
                nearest = _nearest(found["loc"])
                problems.add("settings.unknown_key", file=name, value=path, nearest=nearest)
            elif found["type"] == "missing":
                problems.add("settings.missing_key", file=name, value=path)
            else:
                path, value = _given(base, found["loc"])
                wrong.setdefault(path, (value, []))[1].append(_expected(found))
        for path, (value, expected) in wrong.items():
            _wrong(problems, name, path, value, " / ".join(dict.fromkeys(expected)))
        return None
    preset = settings.walk.preset
    if preset not in speeds():
        problems.add("settings.unknown_preset", file=name, value=preset, known=", ".join(speeds()))
    for field, part in (("communities", settings.communities), ("streets", settings.streets)):
        other = "hexagons_m" if field == "communities" else "place"
        if (part.file is None) == (getattr(part, other) is None):
            problems.add("settings.one_of", file=name, value=field, one="file", two=other)
    for i, siting in enumerate(settings.siting):
        counted = siting.model != "set_cover" and not siting.phases
        if counted and siting.new is None and siting.budget is None:
            problems.add("settings.missing_key", file=name, value=f"siting.{i}.new")
    return settings


def _wrong(problems: Problems, name: str, path: str, value: Any, expected: str) -> None:
    problems.add("settings.wrong_value", file=name, value=value, key=path, expected=expected)


def _given(base: Any, loc: tuple[int | str, ...]) -> tuple[str, Any]:
    """Follow a path as far as the scenario goes: a value of several forms fails once for each."""
    way: list[str] = []
    for step in loc:
        if (isinstance(base, Mapping) and step in base) or (
            isinstance(base, list) and isinstance(step, int)
        ):
            base = base[step]
        else:
            break
        way.append(str(step))
    return ".".join(way), base


def _nearest(loc: tuple[int | str, ...]) -> str:
    """Name the existing key nearest to an unknown one, among those of the same table."""
    model: type[BaseModel] = Settings
    for step in loc[:-1]:
        if isinstance(step, int) or step not in model.model_fields:
            continue
        inner = _model_of(model.model_fields[step].annotation)
        if inner is not None:
            model = inner
    known = list(model.model_fields)
    close = difflib.get_close_matches(str(loc[-1]), known, n=1, cutoff=0.5)
    return close[0] if close else ", ".join(known)


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _model_of(arg))), None)


def _expected(found: Any) -> str:
    """Say what a value should be, from the bounds and choices of its type."""
    context = found.get("ctx", {})
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    bounds = [f"{signs[key]} {context[key]:g}" for key in signs if key in context]
    if bounds:
        return ", ".join(bounds)
    if "expected" in context:
        return str(context["expected"])
    return str(found["type"]).removesuffix("_type").removesuffix("_parsing")
