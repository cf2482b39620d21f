"""Limits of a run: it goes on in a process of its own, which is stopped where it takes too much."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from planner import api
from planner.errors import SettingsError, fail

_LOOK_S = 0.05
_FAMILY_S = 0.5  # between looks for processes that a run has begun, as HiGHS is one
_GIGABYTE = 1e9
_PAGE_BYTES = 4096


def check_memory(
    scenario: Path, limit_gb: float, *, use: Sequence[str], assign: Sequence[str]
) -> None:
    """Refuse a run that will not do with so much memory, before it begins.

    Parameters
    ----------
    scenario
        The scenario file.
    limit_gb
        The limit, in billions of bytes.
    use, assign
        What is laid over the scenario.

    Raises
    ------
    PlannerError
        If the scenario does not hold, or the run will take more: with what would do.
    """
    found = api.estimate_memory(scenario, use=use, set=assign)
    wanted = found.total_bytes / _GIGABYTE
    if wanted <= limit_gb:
        return
    largest = max(found.file_bytes, key=found.file_bytes.__getitem__, default="-")
    part = found.file_bytes.get(largest, 0.0) / _GIGABYTE
    rest = limit_gb - (wanted - part)
    raise fail(
        SettingsError,
        "cli.too_much_memory",
        file="--memory-limit",
        value=f"{wanted:.1f}",
        limit=f"{limit_gb:g}",
        largest=largest,
        part=f"{part:.1f}",
        share=f"{max(0.0, rest / part if part else 0.0):.0%}",
        fits=f"{wanted + 0.05:.1f}",
    )


def run_within(
    arguments: Sequence[str], out: Path, *, memory_gb: float | None, time_s: float | None
) -> int:
    """Run the command line in a process of its own, and stop it where it takes more than it may.

    Parameters
    ----------
    arguments
        The arguments of the command line.
    out
        The folder of its results, cleared of what a stopped run has begun.
    memory_gb
        Most memory in billions of bytes, if limited.
    time_s
        Most time in seconds, if limited.

    Returns
    -------
    The exit status of the command.

    Raises
    ------
    SettingsError
        If it was stopped: nothing is half-written then.
    """
    begun = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "planner", *arguments])  # noqa: S603  this program
    family, looked = [process.pid], begun
    try:
        while process.poll() is None:
            if memory_gb is not None and time.monotonic() - looked > _FAMILY_S:
                family, looked = _family(process.pid), time.monotonic()
            if time_s is not None and time.monotonic() - begun > time_s:
                raise fail(SettingsError, "cli.over_time", file="--time-limit", value=f"{time_s:g}")
            if memory_gb is not None and _resident_bytes(family) > memory_gb * _GIGABYTE:
                limit = f"{memory_gb:g}"
                raise fail(SettingsError, "cli.over_memory", file="--memory-limit", value=limit)
            time.sleep(_LOOK_S)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
            api.clear_folder(out)
    if process.returncode < 0:
        raise fail(SettingsError, "cli.was_stopped", file="planner", value=-process.returncode)
    return process.returncode


def can_watch_memory() -> bool:
    """Return whether this system tells how much memory a process takes."""
    return Path("/proc/self/statm").exists()


def _family(pid: int) -> list[int]:
    """Return a process and all that it, and they, have begun."""
    begun_by: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError, ValueError):  # it has ended
            parent = int(stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1])
            begun_by.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for one in found:  # grows meanwhile
        found += begun_by.get(one, [])
    return found


def _resident_bytes(pids: list[int]) -> int:
    """Return how much memory processes take together; those that have ended take none."""
    pages = 0
    for pid in pids:
        with suppress(OSError, IndexError, ValueError):
            pages += int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * _PAGE_BYTES
