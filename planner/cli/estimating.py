"""The command `planner estimate`: what a batch will take, in a few lines."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from planner.batch.estimate import JobEstimate, estimate
from planner.cli.as_json import print_object
from planner.language import Lang, text
from planner.language.numbers import number

_GIGABYTE = 1e9
_MINUTE, _HOUR = 60.0, 3600.0


def run(table: Path, lang: Lang, *, workers: int | None, as_json: bool, **asked: Any) -> None:
    """Estimate a batch and print what comes out.

    Parameters
    ----------
    table
        The table, folder or scenario.
    lang
        Language of what is printed.
    workers
        How many workers, each with a core; as many as this machine has cores if not given.
    as_json
        Whether one object is printed for a program.
    **asked
        As for `planner.batch.estimate.estimate`.
    """
    found = estimate(table, **asked)
    cores = workers or os.cpu_count() or 1
    if as_json:
        print_object(asdict(found) | {"workers": cores, "seconds": found.seconds(cores)})
        return
    for line in _lines(found, cores, lang):
        Console().print(line, highlight=False, soft_wrap=True, markup=False)


def _lines(found: JobEstimate, cores: int, lang: Lang) -> list[str]:
    seconds = found.seconds(cores)
    values = {
        "n": number(found.districts),
        "communities": number(found.communities),
        "cpu": _span(found.cpu_seconds, lang),
        "wall": _span(seconds, lang),
        "least": _span(seconds * found.least, lang),
        "most": _span(seconds * found.most, lang),
        "workers": cores,
        "each": f"{found.worker_bytes / _GIGABYTE:.1f}",
        "all": f"{cores * found.worker_bytes / _GIGABYTE:.1f}",
        "disk": f"{found.disk_bytes / _GIGABYTE:.1f}",
        "source": found.source,
    }
    keys = ["job", "time", "memory", *(["disk"] if found.disk_bytes else []), "source"]
    lines = [text(f"batch.estimate.{key}", lang, **values) for key in keys]
    return lines + ([text("batch.estimate.untold", lang, n=found.untold)] if found.untold else [])


def _span(seconds: float, lang: Lang) -> str:
    """Return a time in the unit that people would say it in."""
    unit, key = (1.0, "seconds")
    if seconds >= 2 * _HOUR:
        unit, key = _HOUR, "hours"
    elif seconds >= 2 * _MINUTE:
        unit, key = _MINUTE, "minutes"
    return text(f"batch.estimate.{key}", lang, n=number(seconds / unit))
