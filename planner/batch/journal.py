"""The folder of a batch: held by one batch at a time, and what became of each district so far."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from planner.batch.task import DistrictOutcome, DistrictTask
from planner.district.reading import standing
from planner.district.reading.files import one_line, seen_from
from planner.district.reading.folders import hold
from planner.errors import InputError, fail

JOURNAL = "batch.json"
DISTRICTS = "districts"
SCHEMA_VERSION = 1
_LOCK = ".batch.lock"
_EVERY_S = 1.0  # seconds between two writings: of thousands of districts it is a large file


def check_out(out: Path) -> None:
    """Refuse, before anything is done, a folder in which something else than a batch stands.

    Parameters
    ----------
    out
        The folder of results; it need not exist.

    Raises
    ------
    InputError
        If it is a file, or holds something else, or cannot be looked into.
    """
    try:
        if out.exists() and not out.is_dir():
            raise fail(InputError, "io.not_a_folder", file=str(out))
        if out.is_dir() and any(out.iterdir()) and not _is_batch(out):
            raise fail(InputError, "batch.not_a_batch", file=str(out), value=JOURNAL)
    except OSError as error:
        raise _unwritable(out, error) from None


@contextmanager
def held(out: Path) -> Iterator[None]:
    """Hold a folder for one batch: made where it is not there, and refused to any other meanwhile.

    Parameters
    ----------
    out
        The folder of results.

    Yields
    ------
    Nothing; a batch that is killed holds it no longer.

    Raises
    ------
    InputError
        If another batch runs there, or the disk does not allow it.
    """
    check_out(out)
    try:
        (out / DISTRICTS).mkdir(parents=True, exist_ok=True)
        lock = (out / _LOCK).open("a+b")
    except OSError as error:
        raise _unwritable(out, error) from None
    with lock:
        if not hold(lock):
            raise fail(InputError, "batch.busy", file=str(out))
        check_out(out)
        yield


class Journal:
    """What became of each district so far, written as it goes: ``batch.json``.

    Parameters
    ----------
    out
        The folder of the batch.
    tasks
        Its districts.
    """

    def __init__(self, out: Path, tasks: Sequence[DistrictTask]) -> None:
        self.path = out / JOURNAL
        self.tasks = tasks
        self.outcomes: dict[str, DistrictOutcome] = {}
        self._written = 0.0
        self.write(ended=False)

    def add(self, outcome: DistrictOutcome) -> None:
        """Note what became of a district.

        Parameters
        ----------
        outcome
            What became of it.
        """
        self.outcomes[outcome.name] = outcome
        if time.monotonic() - self._written > _EVERY_S:
            self.write(ended=False)

    def ordered(self) -> tuple[DistrictOutcome, ...]:
        """Return what became of each district, in the table's order."""
        return tuple(self.outcomes[task.name] for task in self.tasks)

    def write(self, *, ended: bool) -> None:
        """Write the journal, complete or not at all.

        Parameters
        ----------
        ended
            Whether the batch has come to its end.

        Raises
        ------
        InputError
            If the disk does not allow it.
        """
        told = {
            "schema_version": SCHEMA_VERSION,
            "planner": standing.planner_version(),
            "ended": ended,
            "outputs": list(self.tasks[0].outputs),
            "districts": [self._row(task) for task in self.tasks],
        }
        beside = self.path.with_name(f".{self.path.name}.new")
        try:
            beside.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
            beside.replace(self.path)
        except OSError as error:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise _unwritable(self.path, error) from None
        self._written = time.monotonic()

    def _row(self, task: DistrictTask) -> dict[str, Any]:
        asked = {"scenario": task.scenario, "use": task.use, "set": task.assign}
        outcome = self.outcomes.get(task.name) or DistrictOutcome(name=task.name, state="open")
        told = asdict(outcome)
        folder = seen_from(self.path.parent, task.folder)
        return {"name": told.pop("name"), **asked, "folder": folder, **told}


def _is_batch(out: Path) -> bool:
    """Return whether a batch wrote here, or was stopped before its first word."""
    try:
        if (out / JOURNAL).is_file():
            return "districts" in json.loads((out / JOURNAL).read_text("utf-8"))
        return (out / _LOCK).is_file()
    except (OSError, ValueError, RecursionError):
        return False


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(
        fail(InputError, "io.cannot_write", file=str(path), value=one_line(error)).problems
    )
