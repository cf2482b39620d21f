"""Read a scenario and all it names, and check what it asks, before anything is computed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from planner.checked import CheckResult
from planner.district import at_year
from planner.district.area import StudyArea
from planner.district.checks import check_people, check_words
from planner.district.reading import load
from planner.district.reading.files import one_line
from planner.district.reading.standing import MadeOf
from planner.errors import Gathered, InputError, Problems, SettingsError, fail
from planner.kept import KeptArea
from planner.output.indicators import check_indicators
from planner.output.layers import check_layers
from planner.settings import Settings, resolve
from planner.standards import Profile
from planner.study import scenario
from planner.study.stages import Stages
from planner.toml_traps import toml_remedy

Scenario = str | Path | Mapping[str, Any]


def read_settings(
    scenario_file: Scenario,
    *,
    use: Sequence[str] = (),
    set: Sequence[str] = (),  # noqa: A002  as on the command line
    **old: Any,
) -> tuple[Settings, Path]:
    """Read a scenario and resolve its overrides.

    Parameters
    ----------
    scenario_file
        A TOML file, or its content as a mapping; paths in a mapping are relative to the working
        folder.
    use
        Names of overrides to lay over it.
    set
        Single settings, ``key=value``, laid over last.
    **old
        Nothing: names of before are refused with the new one.

    Returns
    -------
    The settings, and the folder that their paths are relative to.

    Raises
    ------
    InputError
        If the file is missing or is not TOML.
    SettingsError
        If a setting does not exist or does not hold.

    Examples
    --------
    >>> from planner.district.reading.embedded import demo
    >>> settings, folder = read_settings(demo("helsinki"), set=["coverage.cutoff_min=10"])
    >>> settings.coverage.cutoff_min
    10.0
    """
    refuse_renamed(old)
    if isinstance(scenario_file, Mapping):
        return resolve(scenario_file, use=use, assign=set), Path.cwd()
    path = Path(scenario_file)
    written = ""
    try:
        written = path.read_text("utf-8-sig")
        content = tomllib.loads(written)
    except FileNotFoundError:
        raise fail(InputError, "no_scenario", file=str(path)) from None
    except IsADirectoryError:
        raise fail(InputError, "io.is_folder", value=str(path)) from None
    except OSError as error:
        raise fail(InputError, "io.no_access", file=str(path), value=str(error)) from None
    except UnicodeDecodeError:
        raise fail(InputError, "not_utf8", file=str(path)) from None
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        told: dict[str, Any] = {"value": one_line(error), "hint": toml_remedy(written, str(error))}
        raise fail(InputError, "not_toml", file=str(path), **told) from None
    return resolve(content, use=use, assign=set, name=path.name), path.parent


def refuse_renamed(old: Mapping[str, Any]) -> None:
    """Refuse arguments that have another name now, naming it, and those that never were.

    Parameters
    ----------
    old
        The arguments that a function does not know, by name.

    Raises
    ------
    SettingsError
        If one has another name now.
    TypeError
        If there never was such an argument.
    """
    if "assign" in old:
        raise fail(SettingsError, "settings.renamed", value="assign", new="set")
    if old:
        raise TypeError(f"unexpected argument: {', '.join(old)}")


def read_and_check(
    scenario_file: Scenario,
    use: Sequence[str],
    assign: Sequence[str],
    made: MadeOf | None = None,
    *,
    fresh: bool = False,
) -> tuple[CheckResult, Profile | None, Stages]:
    """Read a scenario and all it names, and check what it asks, before anything is computed.

    Parameters
    ----------
    scenario_file, use, assign
        As for `read_settings`.
    made
        What the result would be made of: the study area that was kept with it is found again, if it
        still holds, and stages are. None keeps nothing.
    fresh
        Whether what was kept is passed by, and kept anew.

    Returns
    -------
    What was read, with every problem; the targets, if the scenario names any and they hold; and the
    stages of the run that were kept.
    """
    gathered = Gathered()
    read = gathered.attempt(lambda: read_settings(scenario_file, use=use, set=assign))
    if read is None:
        return CheckResult(found=(None, None), gathered=gathered), None, Stages()
    settings, folder = read
    profile = gathered.attempt(lambda: load.load_profile(settings, folder))
    kept = None
    if made is not None and not gathered.errors:
        kept = KeptArea(made, folder, settings, fresh=fresh)
    area = (
        None
        if kept is None
        else kept.find(lambda area: not check_again(area, settings, profile).errors)
    )
    if area is None:
        area = gathered.attempt(lambda: load.load_area(settings, folder, profile))
        if area is not None:
            _check(settings, area, profile, gathered)
            if kept is not None and not gathered.errors:
                kept.keep(area)
    stages = Stages() if kept is None or area is None else kept.stages(area)
    found = CheckResult(found=(settings, area), gathered=gathered, profile=profile)
    return found, profile, stages


def check_again(area: StudyArea, settings: Settings, profile: Profile | None) -> Gathered:
    """Check what other settings ask of an area that was read already; see `planner.sweep`.

    Parameters
    ----------
    area
        The study area, read and checked with settings that read the same.
    settings
        The settings to check.
    profile
        The targets that the district is held against, if any.

    Returns
    -------
    What does not hold.
    """
    gathered, problems = Gathered(), Problems()
    check_words(
        settings,
        area.kinds,
        area.groups,
        facilities=area.facilities,
        candidates=area.candidates,
        problems=problems,
    )
    check_people(area.demand, settings, area.groups, problems)
    gathered.attempt(lambda: problems.raise_any(InputError))
    _check(settings, area, profile, gathered)
    return gathered


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
