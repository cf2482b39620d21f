"""How overrides make a scenario whole, and what is wrong with it, all at once.

A scenario is a mapping (usually a TOML file): a base, named overrides under ``[overrides]``, and
single keys set last. Every key that does not exist is reported with the nearest one that does.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_args

import pydantic
from pydantic import BaseModel

from planner.errors import Problems, SettingsError, did_you_mean
from planner.language import LANGS, Lang, text
from planner.settings.expected import expected
from planner.settings.files import Communities, Demand, Source
from planner.settings.means import check_heights, check_mode, with_mode
from planner.settings.part import given_keys
from planner.settings.questions import ChangeEntry, ServiceQuestion, idle, lacking
from planner.settings.schema import Settings, StreetSettings, TravelSettings, WalkSettings
from planner.settings.siting import SitingQuestion
from planner.standards import speeds

Model = TypeVar("Model", bound=BaseModel)


def resolve(
    scenario: Mapping[str, Any],
    *,
    use: Sequence[str] = (),
    assign: Sequence[str] = (),
    name: str = "scenario",
) -> Settings:
    """Resolve a scenario: overrides and single keys applied, and the whole checked.

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

    Returns
    -------
    The settings of a run.

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
        _not_a_mapping("overrides", overrides, name, problems)
        overrides = {}
    plain = copy.deepcopy(base)
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
                hint=did_you_mean(override, overrides),
            )
            continue
        if not isinstance(overrides[override], Mapping):
            _not_a_mapping(f"overrides.{override}", overrides[override], name, problems)
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
    for override in [one for one in overrides if one not in chosen]:
        _check_keys(override, overrides[override], plain, name, problems)
    with_mode(base)
    settings = _validated(base, name, problems)
    for scenario_name, listed in (settings.scenarios if settings else {}).items():
        for override in listed:
            if override not in overrides:
                hint = did_you_mean(override, overrides)
                key = f"{name}: scenarios.{scenario_name}"
                problems.add("settings.unknown_override", file=key, value=override, hint=hint)
    _check_parts(base, name, problems)
    return problems.made(settings, SettingsError)


def _check_keys(
    override: str, told: object, base: Mapping[str, Any], name: str, problems: Problems
) -> None:
    """Check that the keys of an override that is not used exist; what it says may want others."""
    if not isinstance(told, Mapping):
        _not_a_mapping(f"overrides.{override}", told, name, problems)
        return
    laid = copy.deepcopy(dict(base))
    own = [path for path, _ in _leaves(told)]
    for path, value in _leaves(told):
        _put(laid, path, value, name, Problems())
    try:
        Settings.model_validate(laid)
    except pydantic.ValidationError as error:
        for found in error.errors():
            path = ".".join(str(step) for step in found["loc"])
            if found["type"] == "extra_forbidden" and any(
                one == path or one.startswith(f"{path}.") for one in own
            ):
                hint = did_you_mean(found["loc"][-1], _keys_beside(found["loc"]))
                value = f"overrides.{override}.{path}"
                problems.add("settings.unknown_key", file=name, value=value, hint=hint)


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
        holder: Any = part
        key: Any = int(step) if isinstance(part, list) else step
        part = holder[key] if isinstance(part, list) else part.setdefault(key, {})
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
        wrong: dict[str, tuple[Any, list[dict[Lang, str]]]] = {}
        for found in error.errors():
            path = ".".join(str(step) for step in found["loc"])
            if found["type"] == "extra_forbidden":
                hint = did_you_mean(found["loc"][-1], _keys_beside(found["loc"]))
                problems.add("settings.unknown_key", file=name, value=path, hint=hint)
            elif found["type"] == "missing":
                key = "no_streets" if path == "streets" else "missing_key"
                problems.add(f"settings.{key}", file=name, value=path)
            else:
                path, value = _given(base, found["loc"])
                value = path.rpartition(".")[2] if found["loc"][-1] == "[key]" else value
                wrong.setdefault(path, (value, []))[1].append(expected(found, value))
        for path, (value, said) in wrong.items():
            words = {lang: " / ".join(dict.fromkeys(one[lang] for one in said)) for lang in LANGS}
            problems.add("settings.wrong_value", file=name, value=value, key=path, expected=words)
        return None
    return settings


def _check_parts(base: Mapping[str, Any], name: str, problems: Problems) -> None:
    """Check what pydantic's schema does not say, in every part that holds by itself."""
    walk = _part(WalkSettings, base.get("walk", {}))
    siting = _parts(SitingQuestion, base, "siting")
    presets = [walk.preset] if walk else []
    presets += [one.preset for it in siting.values() for one in it.groups.values() if one.preset]
    for preset in presets:
        if preset not in speeds():
            hint = did_you_mean(preset, speeds())
            problems.add("settings.unknown_preset", file=name, value=preset, hint=hint)
    streets = _part(StreetSettings, base.get("streets"))
    _check_streets(streets, name, problems)
    travel = _part(TravelSettings, base.get("travel", {}))
    check_mode(travel, streets, walk, siting, problems, name)
    check_heights(travel, streets, walk, problems, name)
    if streets is not None and streets.straight and walk is not None:
        for key in sorted(given_keys(walk) & {"avoid", "factors"}):
            value = f"walk.{key}"
            problems.add("settings.idle_key", file=name, value=value, goes="streets.file")
    _check_communities(_part(Communities, base.get("communities")), name, problems)
    _check_places(base, name, problems)
    _check_demand(_part(Demand, base.get("demand")), name, problems)
    service, changes = (
        _parts(ServiceQuestion, base, "service"),
        _parts(ChangeEntry, base, "changes"),
    )
    asked: dict[str, SitingQuestion | ServiceQuestion | ChangeEntry] = {
        **siting,
        **service,
        **changes,
    }
    for path, question in asked.items():
        for key in lacking(question):
            problems.add("settings.missing_key", file=name, value=f"{path}.{key}")
        for key, goes in idle(question).items():
            problems.add("settings.idle_key", file=name, value=f"{path}.{key}", goes=goes)


def _check_streets(part: StreetSettings | None, name: str, problems: Problems) -> None:
    """Refuse streets from nowhere or from two places, and what would do nothing."""
    if part is None:
        return
    ways = (part.file is not None, part.place is not None, part.straight)
    if not any(ways):
        problems.add("settings.no_streets", file=name, value="streets")
    elif sum(ways) > 1:
        problems.add("settings.streets_twice", file=name, value="streets")
    elif part.straight:
        for key in sorted(given_keys(part) - {"straight", "detour"}):
            value = f"streets.{key}"
            problems.add("settings.idle_key", file=name, value=value, goes="streets.file")
    if part.detour is not None and not part.straight:
        goes = "streets.straight = true"
        problems.add("settings.idle_key", file=name, value="streets.detour", goes=goes)


def _check_communities(part: Communities | None, name: str, problems: Problems) -> None:
    """Refuse what would do nothing: outlines without a file, two ways to a place."""
    if part is None:
        return
    if (part.file is None) == (part.hexagons_m is None):
        one, two = "file", "hexagons_m"
        problems.add("settings.one_of", file=name, value="communities", one=one, two=two)
    for key in ("within", "places"):
        if part.file is None and getattr(part, key) is not None:
            goes, value = "communities.file", f"communities.{key}"
            problems.add("settings.idle_key", file=name, value=value, goes=goes)
    if part.places is not None and part.figures is not None:
        one, two = "places", "figures"
        problems.add("settings.one_of", file=name, value="communities", one=one, two=two)


def _check_places(base: Mapping[str, Any], name: str, problems: Problems) -> None:
    """Refuse to look for places by name where rows have none: of homes, links, the backdrop."""
    models: dict[str, type[Source]] = {"demand": Demand, "backdrop": Source}
    parts = {key: _part(model, base[key]) for key, model in models.items() if key in base}
    for path, part in {**parts, **_parts(Source, base, "links")}.items():
        if part is not None and part.finds_places:
            key = "places" if part.places is not None else "missing_coordinates"
            goes = "[[facilities]], [[candidates]]"
            problems.add("settings.idle_key", file=name, value=f"{path}.{key}", goes=goes)


def _check_demand(part: Demand | None, name: str, problems: Problems) -> None:
    """Refuse what would do nothing: of a raster, or where homes have their community's people."""
    if part is None:
        return
    kept = {"file", "people", "source", "year", "nodata", "crs"}
    idle, goes = set[str](), 'demand.people = "own"'
    if part.is_raster:
        idle, goes = given_keys(part) - kept, "demand.file"
    elif part.people == "communities":
        idle = given_keys(part) & {"groups", "people_per_m2"}
    for key in sorted(idle):
        problems.add("settings.idle_key", file=name, value=f"demand.{key}", goes=goes)
    for key in sorted(
        given_keys(part) & {"source", "year", "nodata"} if not part.is_raster else ()
    ):
        told = f"demand.{key}"
        problems.add("settings.idle_key", file=name, value=told, goes='demand.file = "….tif"')


def _part(model: type[Model], given: Any) -> Model | None:
    """Make a part of the settings, where it holds by itself."""
    try:
        return model.model_validate(given)
    except pydantic.ValidationError:
        return None


def _parts(model: type[Model], base: Mapping[str, Any], key: str) -> dict[str, Model]:
    """Make the parts of a list that hold by themselves, by their path."""
    given = base.get(key, [])
    made = [_part(model, one) for one in given] if isinstance(given, list) else []
    return {f"{key}.{i}": one for i, one in enumerate(made) if one is not None}


def _given(base: Any, loc: tuple[int | str, ...]) -> tuple[str, Any]:
    """Follow a path as far as the scenario goes: a value of several forms fails once for each."""
    way: list[str] = []
    step: Any
    for step in loc:
        if (isinstance(base, Mapping) and step in base) or (
            isinstance(base, list) and isinstance(step, int)
        ):
            base = base[step]
        else:
            break
        way.append(str(step))
    return ".".join(way), base


def _keys_beside(loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys that exist in the table where an unknown one stands."""
    model: type[BaseModel] = Settings
    for step in loc[:-1]:
        if isinstance(step, int) or step not in model.model_fields:
            continue
        inner = _model_of(model.model_fields[step].annotation)
        if inner is not None:
            model = inner
    return list(model.model_fields)


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _model_of(arg))), None)


def _not_a_mapping(path: str, value: Any, name: str, problems: Problems) -> None:
    expected = {lang: text("settings.expected.dict", lang) for lang in LANGS}
    problems.add("settings.wrong_value", file=name, value=value, key=path, expected=expected)
