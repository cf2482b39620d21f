"""Compute a sweep and save what readers get of it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from planner import api
from planner.district.reading import folders
from planner.language import (
    Lang,
    Spoken,
    default_lang,
    language_of,
    script_of,
    spelling,
    text,
    times_from,
)
from planner.output.chosen import can_report, without_report
from planner.scenarios.compute import Sweep, sweep
from planner.scenarios.page import sweep_files
from planner.scenarios.steps import SweepStep
from planner.settings import spoken_of
from planner.study.plan import Plan

_LOG = logging.getLogger(__name__)
MOST_MAPS = 60


def sweep_to(
    scenario_file: str | Path,
    folder: str | Path,
    *,
    maps: bool = True,
    lang: Spoken | None = None,
    **asked: Any,
) -> Sweep:
    """Compute many scenarios as `planner.sweep` does, and save their page, workbook and tables.

    Parameters
    ----------
    scenario_file
        A TOML file.
    folder
        Where to; a folder of an earlier result is replaced once the new one is whole.
    maps
        Whether a map of each scenario is drawn: of the kind that the map opens with and of the
        kinds that are sited, as long as there are no more than 60 maps. Without the extra
        ``planner[report]`` there are no maps, curves and workbook.
    lang
        Language of what people read; the scenario's or the environment's if not given.
    **asked
        What is varied and how, as for `planner.sweep`.

    Returns
    -------
    The scenarios side by side.

    Raises
    ------
    PlannerError
        If a scenario does not hold, or something else stands in the folder.
    """
    folders.check_folder(Path(folder))
    settings, _ = api.read_settings(
        scenario_file, use=asked.get("use", ()), set=asked.get("set", ())
    )
    spoken: Lang = language_of(lang) or settings.language or default_lang()
    able, drawn = can_report(), dict[int, dict[str, bytes]]()

    def _seen(step: SweepStep, plan: Plan) -> None:
        del step
        kinds = _kinds_drawn(plan)
        if maps and able and sum(map(len, drawn.values())) + len(kinds) <= MOST_MAPS:
            drawn[len(drawn) + 1] = {kind: _map(plan, kind, spoken) for kind in kinds}

    with spelling(script_of(lang) if lang else settings.script):
        found = sweep(scenario_file, seen=_seen, **asked)
        whole = drawn if len(drawn) == len(found.steps) else {}
        with times_from(*spoken_of(found.settings)):
            files = sweep_files(found, whole, spoken)
        folders.save_folder(Path(folder), files)
        for line in without_report(spoken, ["sweep.xlsx", text("sweep.pictures", spoken)]):
            _LOG.warning(line)
    return found


def _kinds_drawn(plan: Plan) -> list[str]:
    first = plan.settings.map.kind or next(iter(plan.kinds), None)
    sited = [answer.question.kind for answer in plan.siting if not answer.why]
    return list(dict.fromkeys([*sited, *([first] if first else [])]))


def _map(plan: Plan, kind: str, lang: Lang) -> bytes:
    # matplotlib is slow to load
    from planner.output.report.figures.pictures import coverage_maps  # noqa: PLC0415

    return coverage_maps(plan, kind, lang, forms=("png",))["png"]
