"""Where districts are computed: in this process, on local workers, or on a Dask scheduler.

A worker that dies takes no result with it: its district goes to another worker, and results appear
whole. The scheduler counts how many workers a district has taken with it, and sets it aside at the
third.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from planner.batch.across import AcrossTask
from planner.batch.task import DistrictOutcome, DistrictTask, check_worker, compute
from planner.errors import InputError, Problems, SettingsError, fail
from planner.output.chosen import Part

if TYPE_CHECKING:
    from distributed import Client, Future

MOST_DEATHS = 3  # workers that a district may take with it
_CONNECT_S = "10s"
_LOST_S = "60s"  # until a worker that does not come back is given up
_LOOK_MS = 5000  # between looks whether all workers are there

Compute = Callable[[DistrictTask], DistrictOutcome]
Outcomes = Iterator[DistrictOutcome]


def in_process(tasks: Sequence[DistrictTask], work: Compute = compute) -> Outcomes:
    """Compute districts one after the other, here.

    Parameters
    ----------
    tasks
        The districts.
    work
        Computes one.

    Yields
    ------
    What became of each, as it ends.
    """
    yield from map(work, tasks)


def on_workers(client: Client, tasks: Sequence[DistrictTask], work: Compute = compute) -> Outcomes:
    """Compute districts on the workers of a Dask scheduler.

    Parameters
    ----------
    client
        The scheduler.
    tasks
        The districts.
    work
        Computes one.

    Yields
    ------
    What became of each, as it ends.
    """
    from distributed import KilledWorker, as_completed  # noqa: PLC0415  an extra

    waiting = dict(zip(_submitted(client, tasks, work, "district"), tasks, strict=True))
    for future in as_completed(list(waiting)):
        task = waiting.pop(future)
        if future.status == "finished":
            yield future.result()
            continue
        error = future.exception() if future.status == "error" else None
        if isinstance(error, KilledWorker):
            yield _untold(task, "killed", "batch.killed", MOST_DEATHS)
        elif error is not None:  # before the task began, such as a worker without the planner
            yield _untold(task, "failed", "batch.bug", f"{type(error).__name__}: {error}")
        else:
            yield _untold(task, "open", "batch.scheduler_lost", future.status)


def in_order(
    client: Client | None, tasks: Sequence[AcrossTask], work: Callable[[AcrossTask], Any]
) -> list[Any]:
    """Answer for districts, here or on the workers of a Dask scheduler.

    Parameters
    ----------
    client
        The scheduler; None to answer here.
    tasks
        What is asked.
    work
        Answers one.

    Returns
    -------
    The answers, in the order asked.

    Raises
    ------
    InputError
        If a district takes its workers with it, or the scheduler is lost.
    """
    if client is None:
        return [work(task) for task in tasks]
    from distributed import KilledWorker  # noqa: PLC0415  an extra

    found = []
    for task, future in zip(tasks, _submitted(client, tasks, work, "across"), strict=True):
        try:
            found.append(future.result())
        except KilledWorker:
            raise fail(InputError, "batch.killed", file=task.name, value=MOST_DEATHS) from None
        except CancelledError:
            raise fail(
                InputError, "batch.scheduler_lost", file=task.name, value=future.status
            ) from None
    return found


def _submitted(
    client: Client, tasks: Sequence[Any], work: Callable[[Any], Any], what: str
) -> list[Future[Any]]:
    """Hand tasks to a scheduler, each under a key of its own; return their answers to come."""
    batch = uuid.uuid4().hex[:8]  # two batches may share a scheduler
    return [
        client.submit(work, task, key=f"{what}-{batch}-{n}", pure=False)
        for n, task in enumerate(tasks)
    ]


def _untold(task: DistrictTask, state: Any, key: str, value: object) -> DistrictOutcome:
    told = fail(InputError, key, value=value).say(task.words)
    return DistrictOutcome(name=task.name, state=state, problems=tuple(told))


def client_for(workers: int, scheduler: str | None) -> AbstractContextManager[Client]:
    """Return the scheduler that is asked for: local workers begun here, or one at an address.

    Parameters
    ----------
    workers
        How many local workers; none with an address.
    scheduler
        The address, such as ``tcp://host:8786``.

    Returns
    -------
    To be entered; local workers end with it.

    Raises
    ------
    SettingsError
        If Dask is not installed.
    """
    if importlib.util.find_spec("distributed") is None:
        asked = "--scheduler" if scheduler else "--workers"
        raise fail(SettingsError, "batch.no_dask", file=asked)
    return _local(workers) if scheduler is None else _remote(scheduler)


@contextmanager
def _local(workers: int) -> Iterator[Client]:
    import dask  # noqa: PLC0415  an extra
    from distributed import Client, LocalCluster  # noqa: PLC0415
    from tornado.ioloop import PeriodicCallback  # noqa: PLC0415  comes with Dask

    chosen = {
        "distributed.scheduler.allowed-failures": MOST_DEATHS - 1,
        # A worker holds no second district, which would be counted as if it had killed it.
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.worker.multiprocessing-method": "spawn",
        # A worker keeps an hour of samples of where the program is: some megabyte a second.
        "distributed.worker.profile.enabled": False,
        "distributed.deploy.lost-worker-timeout": _LOST_S,
    }
    threads = max(1, (os.cpu_count() or 1) // workers)
    silent = logging.CRITICAL  # a worker that died is told with its district
    with (
        dask.config.set(chosen),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0" if has_dashboard() else None,
            silence_logs=silent,
            env={"PLANNER_THREADS": str(threads)},
        ) as cluster,
        Client(cluster) as client,
    ):
        # A worker killed while it starts is not begun anew by itself.
        again = PeriodicCallback(lambda: cluster.scale(workers), _LOOK_MS)
        cluster.loop.add_callback(again.start)
        try:
            yield client
        finally:
            again.stop()


@contextmanager
def _remote(address: str) -> Iterator[Client]:
    from distributed import Client  # noqa: PLC0415  an extra

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=_CONNECT_S)
    except (OSError, ValueError, TypeError) as error:
        told = str(error).partition("\n")[0] or type(error).__name__
        raise fail(SettingsError, "batch.no_scheduler", file=address, value=told) from None
    with client:
        yield client


def has_dashboard() -> bool:
    """Return whether Dask can show its dashboard here."""
    return importlib.util.find_spec("bokeh") is not None


def check_workers(client: Client, program: str, outputs: Sequence[Part]) -> int:
    """Refuse a scheduler whose workers lack the planner, its version or an extra that is needed.

    Parameters
    ----------
    client
        The scheduler.
    program
        Digest of this process's code.
    outputs
        What is written of each district.

    Returns
    -------
    How many workers there are now; those that come later are checked with each district.

    Raises
    ------
    SettingsError
        If workers have another version, or lack what makes an output: each is named.
    """
    problems = Problems()
    told: dict[str, Any] = client.run(check_worker, program, outputs, on_error="return")
    for worker, error in sorted(told.items()):
        if isinstance(error, SettingsError):
            problems.found += [replace(one, file=worker) for one in error.problems]
        elif isinstance(error, BaseException) and not isinstance(error, OSError):  # it has ended
            problems.add("batch.no_planner", file=worker, value=type(error).__name__)
    problems.raise_any(SettingsError)
    return len(told)
