"""One district of a batch: run and saved whole, in whichever process; what became of it is told."""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from planner import api, plans
from planner.batch.memory import WorkerMemory
from planner.batch.parts import parts_of
from planner.batch.questions import question_files
from planner.district.reading import standing
from planner.district.reading.osm_extract import share_ways
from planner.errors import InputError, PlannerError, SettingsError, fail
from planner.language import Lang, Spoken, language_of, speaking
from planner.output.chosen import OF_REPORT, Part, require_report

State = Literal["done", "unchanged", "failed", "killed", "open"]
_FULL = (errno.ENOSPC, errno.EDQUOT)
_UNIT_OF_PEAK = 1 if sys.platform == "darwin" else 1024
ENDED_WELL: tuple[State, ...] = ("done", "unchanged")
_MEMORY = WorkerMemory()


@dataclass(frozen=True, kw_only=True)
class DistrictTask:
    """What a worker is asked for one district: plain texts, so that it travels to any machine.

    Parameters
    ----------
    name
        Name of the district.
    scenario
        Its scenario file, as a path that every worker sees.
    use, assign
        What is laid over the scenario.
    folder
        Its folder of results.
    outputs
        What of a result is written.
    lang
        Language of what is written; the scenario's if not given.
    words
        Language of messages.
    resume
        Whether a result that stands is kept.
    program
        Digest of the code that asks: a worker with another one refuses.
    shared
        The siting question that districts share, as `planner.batch.questions.place_of` takes it,
        or none for the first; None where they share nothing.
    extract
        Its extract of streets where other districts have the same one: it is read once by each
        machine and kept, and districts cut theirs out of it.
    """

    name: str
    scenario: str
    use: tuple[str, ...]
    assign: tuple[str, ...]
    folder: str
    outputs: tuple[Part, ...]
    lang: Spoken | None
    words: Lang
    resume: bool
    program: str
    shared: tuple[str, ...] | None = None
    extract: str | None = None


@dataclass(frozen=True, kw_only=True)
class DistrictOutcome:
    """What became of a district.

    Parameters
    ----------
    name
        Name of the district.
    state
        ``done``; ``unchanged`` where its result stands; ``failed`` with its problems; ``killed``
        where it took its workers with it; ``open`` where it was never reached.
    problems
        Why, a line each.
    seconds, cpu_seconds
        Time taken, by the clock and of the processor.
    peak_bytes
        Most memory that the worker has held so far; 0 where the system does not tell.
    worker
        Where it was computed: host and process.
    trace
        Where in the program it failed, of a fault of the program itself.
    """

    name: str
    state: State
    problems: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    worker: str = ""
    trace: str = ""


def compute(task: DistrictTask) -> DistrictOutcome:
    """Run a district and save its result, complete or not at all.

    Parameters
    ----------
    task
        What is asked.

    Returns
    -------
    What became of it; whatever goes wrong in one district is told here, and stops no other.
    """
    begun, used = time.perf_counter(), time.process_time()
    state: State = "failed"
    problems: tuple[str, ...] = ()
    trace = ""
    try:
        with speaking(task.words):
            state = _run(task)
    except PlannerError as error:
        problems = _disk_full(error, task) or tuple(error.say(task.words))
    except MemoryError:
        problems = tuple(fail(InputError, "cli.no_memory").say(task.words))
    except Exception as error:  # noqa: BLE001  a bug in one district must not lose the others
        problems = _disk_full(error, task)
        if not problems:
            trace = traceback.format_exc()
            told = f"{type(error).__name__}: {error}"
            problems = tuple(fail(InputError, "batch.bug", value=told).say(task.words))
    _MEMORY.hand_back()
    return DistrictOutcome(
        name=task.name,
        state=state,
        problems=problems,
        seconds=time.perf_counter() - begun,
        cpu_seconds=time.process_time() - used,
        peak_bytes=_peak_bytes(),
        worker=f"{socket.gethostname()}:{os.getpid()}",
        trace=trace,
    )


def _disk_full(error: BaseException, task: DistrictTask) -> tuple[str, ...]:
    """Return that the disk is full, where that is what an error comes from; else nothing."""
    cause: BaseException | None = error
    while cause is not None and not (isinstance(cause, OSError) and cause.errno in _FULL):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        return ()
    # A file of the result is written beside its folder: the folder is what a person looks for.
    named = getattr(cause, "filename", None)
    on = task.folder if isinstance(error, PlannerError) or named is None else str(named)
    told = fail(InputError, "batch.disk_full", file=on, value=socket.gethostname())
    return tuple(told.say(task.words))


def _peak_bytes() -> int:
    """Return the most memory that this process has held."""
    try:
        import resource  # noqa: PLC0415  Windows has none
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT_OF_PEAK


def check_worker(program: str, outputs: Sequence[Part] = ()) -> None:
    """Refuse to work for another version of the planner, or for outputs that cannot be made here.

    Parameters
    ----------
    program
        Digest of the code that asks.
    outputs
        What is written of each district.

    Raises
    ------
    SettingsError
        If this process has other code, or lacks the extra that the outputs need.
    """
    if program != standing.code_digest():
        here, own = socket.gethostname(), standing.planner_version()
        raise fail(SettingsError, "batch.other_version", file=here, value=own)
    asked = [part for part in OF_REPORT if part in outputs]
    if asked:
        require_report(", ".join(asked), file=socket.gethostname())


def _run(task: DistrictTask) -> State:
    check_worker(task.program, task.outputs)
    folder, scenario = Path(task.folder), Path(task.scenario)
    if not folder.parent.is_dir():
        raise fail(InputError, "batch.folder_unseen", file=str(folder.parent))

    shared = () if task.shared is None else ("siting", *task.shared)

    def made_of() -> standing.MadeOf | None:
        return standing.made_of(
            scenario,
            use=task.use,
            assign=task.assign,
            lang=task.lang,
            outputs=(*task.outputs, "batch", *shared),
        )

    before = made_of()
    if task.resume and before is not None and standing.state(folder, before) == "stands":
        return "unchanged"
    if task.extract is not None:
        share_ways(Path(task.extract))
    # The plan keeps names of targets in the script asked for.
    script = [f'lang="{task.lang}"'] if language_of(task.lang) == "zh" else []
    plan = api.run(scenario, use=task.use, set=[*task.assign, *script])

    def made() -> standing.MadeOf | None:
        after = made_of()
        return after if after == before else None  # else something was edited meanwhile

    further = parts_of(plan, task.name)
    if task.shared is not None:
        further |= question_files(plan, next(iter(task.shared), None))
    plans.save(
        plan,
        folder,
        lang=task.lang,
        outputs=task.outputs,
        made=made,
        further=further,
    )
    return "done"
