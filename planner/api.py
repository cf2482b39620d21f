"""The facade: read, run, save, draw. A dozen names, each a thin call."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import folium
from PIL import Image

from planner import standards
from planner.district import at_year
from planner.district.area import StudyArea
from planner.district.reading import folders, load
from planner.district.reading.estimate import Estimate, estimate
from planner.district.reading.files import one_line
from planner.engine import network
from planner.errors import Gathered, InputError, SettingsError, did_you_mean, fail
from planner.language import Lang, default_lang
from planner.output import maps, report, write
from planner.output.indicators import check_indicators
from planner.output.layers import check_layers
from planner.output.report.figures.curves import Shows
from planner.settings import Settings, resolve
from planner.standards import Profile
from planner.study import comparison, scenario
from planner.study.comparison import Comparison
from planner.study.scenario import Plan

EMBEDDED = ("chengwan", "helsinki")
Scenario = str | Path | Mapping[str, Any]


def run(scenario_file: Scenario, *, use: Sequence[str] = (), assign: Sequence[str] = ()) -> Plan:
    """Run a scenario.

    Parameters
    ----------
    scenario_file
        A TOML file, or its content as a mapping; paths in a mapping are relative to the working
        folder.
    use
        Names of overrides to lay over it.
    assign
        Single settings, ``key=value``, laid over last.

    Returns
    -------
    The plan.

    Raises
    ------
    PlannerError
        If the scenario or its data do not hold: every problem at once.
    """
    settings, area, profile = _read(scenario_file, use, assign)
    return scenario.run(area, settings, profile)


def check(
    scenario_file: Scenario, *, use: Sequence[str] = (), assign: Sequence[str] = ()
) -> tuple[Settings, StudyArea]:
    """Read everything that a scenario names, and compute nothing.

    Parameters
    ----------
    scenario_file
        A TOML file, or its content as a mapping; paths in a mapping are relative to the working
        folder.
    use
        Names of overrides to lay over it.
    assign
        Single settings, ``key=value``, laid over last.

    Returns
    -------
    The settings, and the study area as read.

    Raises
    ------
    PlannerError
        If the scenario or its data do not hold: every problem at once.
    """
    settings, area, _ = _read(scenario_file, use, assign)
    return settings, area


def read_settings(
    scenario_file: Scenario, *, use: Sequence[str] = (), assign: Sequence[str] = ()
) -> tuple[Settings, Path]:
    """Read a scenario and resolve its overrides.

    Parameters
    ----------
    scenario_file
        A TOML file, or its content as a mapping; paths in a mapping are relative to the working
        folder.
    use
        Names of overrides to lay over it.
    assign
        Single settings, ``key=value``, laid over last.

    Returns
    -------
    The settings, and the folder that their paths are relative to.

    Raises
    ------
    InputError
        If the file is missing or is not TOML.
    SettingsError
        If a setting does not exist or does not hold.
    """
    if isinstance(scenario_file, Mapping):
        return resolve(scenario_file, use=use, assign=assign), Path.cwd()
    path = Path(scenario_file)
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise fail(InputError, "no_scenario", file=str(path)) from None
    except IsADirectoryError:
        raise fail(InputError, "io.is_folder", value=str(path)) from None
    except OSError as error:
        raise fail(InputError, "io.no_access", file=str(path), value=str(error)) from None
    except UnicodeDecodeError:
        raise fail(InputError, "not_utf8", file=str(path)) from None
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise fail(InputError, "not_toml", file=str(path), value=one_line(error)) from None
    return resolve(content, use=use, assign=assign, name=path.name), path.parent


def read_standards(names: Sequence[str | Path]) -> Profile:
    """Read profiles of targets and combine them.

    Parameters
    ----------
    names
        Names in the catalogue, or paths of files that end in ``.toml``.

    Returns
    -------
    The targets.

    Raises
    ------
    PlannerError
        If a profile does not exist, does not hold, or contradicts another one.
    """
    return standards.read_profile(list(names))


def demos() -> dict[str, Path]:
    """List the embedded cases: name and scenario file.

    They lie in the package once it is installed, and beside it in a checkout.
    """
    package = Path(str(files("planner")))
    places = (package / "datasets", package.parent / "datasets")
    root = next((place for place in places if place.is_dir()), places[0])
    return {name: root / name / "scenario.toml" for name in EMBEDDED}


def demo(name: str = "chengwan") -> Path:
    """Return the scenario file of an embedded case.

    Parameters
    ----------
    name
        The case, one of `demos`.

    Returns
    -------
    The file's path.

    Raises
    ------
    SettingsError
        If there is none of that name.
    """
    known = demos()
    if name not in known:
        raise fail(SettingsError, "no_demo", value=name, hint=did_you_mean(name, known))
    return known[name]


def warm_up() -> None:
    """Compile the street engine, once on a machine: ten to twenty seconds; later a moment."""
    network.warm_up()


def check_folder(folder: str | Path) -> None:
    """Refuse, before any work is done, a folder in which something else than a plan stands.

    Parameters
    ----------
    folder
        Where results are to be saved; it need not exist.

    Raises
    ------
    InputError
        If something else stands in the folder.
    """
    folders.check_folder(Path(folder))


def clear_folder(folder: str | Path) -> None:
    """Clear away what a run has begun to write and was stopped at; a whole result stays.

    Parameters
    ----------
    folder
        The folder of results.
    """
    folders.mend(Path(folder).resolve())


def estimate_memory(
    scenario_file: Scenario, *, use: Sequence[str] = (), assign: Sequence[str] = ()
) -> Estimate:
    """Estimate how much memory a run will take, from the size of its files.

    Parameters
    ----------
    scenario_file
        A TOML file, or its content as a mapping; paths in a mapping are relative to the working
        folder.
    use
        Names of overrides to lay over it.
    assign
        Single settings, ``key=value``, laid over last.

    Returns
    -------
    Bytes by what takes them; a first bound on the safe side.

    Raises
    ------
    PlannerError
        If the scenario does not hold.
    """
    settings, folder = read_settings(scenario_file, use=use, assign=assign)
    return estimate(settings, folder)


compare = comparison.compare  # `draw` and `save` take what it gives


def draw(
    plan: Plan | Comparison,
    *,
    lang: Lang | None = None,
    kind: str | None = None,
    layers: Sequence[str] | None = None,
    indicator: str | None = None,
) -> folium.Map:
    """Draw the map of a plan, or of two; the last line of a notebook's cell shows it.

    Parameters
    ----------
    plan
        The plan, or two compared.
    lang
        Language of the page; the scenario's or the environment's if not given.
    kind
        Kind of facility shown at first.
    layers
        Layers shown at first, of those that `planner.output.maps.LAYERS` lists; the others are off.
    indicator
        What communities are shaded by at first: ``"share"`` covered, ``"minutes"`` to the nearest,
        ``"walk"`` (the circles), ``"population"``, or any other of
        `planner.output.maps.indicator_names`.

    Returns
    -------
    The map, as folium gives it to a notebook.

    Raises
    ------
    SettingsError
        If the plan has no such kind, layer or indicator: the message names those it has.

    Examples
    --------
    >>> plan = run(demo("helsinki"))
    >>> drawn = draw(plan, layers=["facilities", "streets"], indicator="density")
    >>> draw(plan, lang="en", indicator="happiness")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    planner.errors.SettingsError: this plan has no indicator 'happiness' ...
    """
    return maps.draw(plan, lang=_lang(plan, lang), kind=kind, layers=layers, indicator=indicator)


def draw_front(
    plan: Plan,
    question: int = 1,
    *,
    against: Literal["sites", "time", "longest", "fairness"] = "sites",
    lang: Lang | None = None,
) -> Image.Image:
    """Draw a front of a siting question; the last line of a notebook's cell shows it.

    Parameters
    ----------
    plan
        The plan.
    question
        Number of the siting question, from 1.
    against
        What is traded: the number or cost of ``"sites"`` against people covered, cover against
        mean ``"time"``, mean time against the ``"longest"``, or cover against ``"fairness"``.
    lang
        Language of the words; the scenario's or the environment's if not given.

    Returns
    -------
    A picture; its ``save("front.png")`` writes it.

    Raises
    ------
    SettingsError
        If the question has no such front, or too few plans to draw.
    """
    # matplotlib is slow to load
    from planner.output.report.figures import pictures  # noqa: PLC0415

    shows: dict[str, Shows] = {
        "sites": "front",
        "time": "front_time",
        "longest": "front_longest",
        "fairness": "front_fairness",
    }
    known = 1 <= question <= len(plan.siting) and against in shows
    drawn = None
    if known:
        drawn = pictures.curve(plan, shows[against], question, _lang(plan, lang), forms=("png",))
    if drawn is None:
        raise fail(SettingsError, "siting_study.no_front", value=question, against=against)
    return Image.open(BytesIO(drawn["png"]))


def save(plan: Plan | Comparison, folder: str | Path, *, lang: Lang | None = None) -> Path:
    """Save a plan's map, report, tables and layers to a folder: complete, or not at all.

    Of two plans compared, the map and the tables of what differs.

    Parameters
    ----------
    plan
        The plan, or two compared.
    folder
        Where to; a folder of an earlier run is replaced once the new one is whole.
    lang
        Language of what people read; the scenario's or the environment's if not given.

    Returns
    -------
    The folder.

    Raises
    ------
    InputError
        If something else stands in the folder.
    """
    lang = _lang(plan, lang)
    folder = Path(folder)
    if isinstance(plan, Comparison):
        record = json.dumps(report.comparison_record(plan), ensure_ascii=False, indent=1)
        told = report.comparison_files(plan, lang)
        page = maps.page(plan, lang=lang)
        folders.save_folder(folder, {"map.html": page, "comparison.json": record, **told})
        return folder
    readers = {
        f"tables/{name}.csv": write.csv_bytes(report.for_readers(table, plan, lang))
        for name, table in report.tables(plan).items()
    }
    folders.save_folder(
        folder,
        {
            "map.html": maps.page(plan, lang=lang),
            "plan.json": json.dumps(report.record(plan), ensure_ascii=False, indent=1),
            "plan.gpkg": lambda path: write.write_gpkg(path, report.layers(plan)),
            **report.files(plan, lang),
            **readers,
        },
    )
    return folder


def _lang(plan: Plan | Comparison, lang: Lang | None) -> Lang:
    settings = plan.first.settings if isinstance(plan, Comparison) else plan.settings
    return lang or settings.lang or default_lang()


def _read(
    scenario_file: Scenario, use: Sequence[str], assign: Sequence[str]
) -> tuple[Settings, StudyArea, Profile | None]:
    """Read a scenario and all that it names, and check what it asks, before anything is computed.

    Raises
    ------
    PlannerError
        If anything does not hold: every problem at once.
    """
    settings, folder = read_settings(scenario_file, use=use, assign=assign)
    gathered = Gathered()
    profile = gathered.attempt(lambda: load.load_profile(settings, folder))
    area = gathered.attempt(lambda: load.load_area(settings, folder))
    if area is not None:
        _check(settings, area, profile, gathered)
    gathered.raise_any()
    assert area is not None  # noqa: S101  read, or an error said why not
    return settings, area, profile


def _check(
    settings: Settings, area: StudyArea, profile: Profile | None, gathered: Gathered
) -> None:
    """Check what a scenario asks against what there is."""
    # A change may not hold in its year; without a year all are made, those to come, too.
    years = [settings.year, *settings.years, None]
    if profile is not None and settings.year is not None:
        years.append(settings.year - 1)  # which some targets compare with
    for year in dict.fromkeys(years):
        gathered.attempt(partial(at_year.bring_to_year, area, settings, year))
    if not gathered.errors:  # else the same would be told again
        gathered.attempt(lambda: check_indicators(area, settings, profile))
        gathered.attempt(lambda: check_layers(settings))
        gathered.attempt(lambda: scenario.check(area, settings, profile))
