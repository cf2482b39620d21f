"""HiGHS in a process of its own, which is stopped where it does not stop by itself.

On large programs HiGHS reads no clock for seconds, in presolve above all. A worker tells plans and
bounds as it finds them; when time is up, the last ones are the answer, and the worker is ended
unless it has just finished. Workers that have finished are kept for the next program.
"""

from __future__ import annotations

import atexit
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress

import numpy as np

from planner.engine.quiet import ASIDE
from planner.engine.siting.solver import highs
from planner.engine.siting.solver.highs import Answer, Stated

LEAST_S = 0.01
GRACE_S = 0.1  # before time is up HiGHS is to stop by itself, and hand over what it has
GRACE_SHARE = 0.02  # the same as a share of the time, if that is more


class Worker:
    """A process that solves programs, one after another."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and a file of ours
            [sys.executable, "-P", highs.__file__],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._told: queue.SimpleQueue[tuple[bool, Answer] | None] = queue.SimpleQueue()
        threading.Thread(target=self._hear, daemon=True).start()

    def solve(self, stated: Stated, time_limit_s: float) -> tuple[Answer, bool]:
        """Solve a program, or tell the latest that is known when time is up.

        Parameters
        ----------
        stated
            The program.
        time_limit_s
            Seconds.

        Returns
        -------
        What was found, and whether the worker is free again.
        """
        end = time.monotonic() + time_limit_s
        own_s = time_limit_s - max(GRACE_S, GRACE_SHARE * time_limit_s)
        threading.Thread(target=self._send, args=(stated, own_s), daemon=True).start()
        return latest(self._told, end, maximise=stated.maximise)

    def could_not_work(self, time_limit_s: float) -> bool:
        """Return whether the process ended by itself with an error, such as a missing library.

        One that was killed, by a system short of memory say, is not meant: what killed it would
        do so here too.

        Parameters
        ----------
        time_limit_s
            Seconds to wait for its end; without any left it is taken to be at work.

        Returns
        -------
        Whether it did.
        """
        with suppress(subprocess.TimeoutExpired):
            return time_limit_s > 0 and self._process.wait(time_limit_s) > 0
        return False

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        with suppress(OSError):  # what was being sent is lost
            if self._process.stdin is not None:
                self._process.stdin.close()

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def _send(self, stated: Stated, seconds: float) -> None:
        given = self._process.stdin
        with suppress(OSError, ValueError):  # it has been stopped meanwhile
            if given is not None:
                pickle.dump((tuple(stated), seconds), given, protocol=5)
                given.flush()

    def _hear(self) -> None:
        told = self._process.stdout
        with suppress(OSError, EOFError, ValueError, pickle.UnpicklingError):
            while told is not None:
                last, known = pickle.load(told)  # noqa: S301 - from our own worker
                self._told.put((last, Answer(*known)))
        if told is not None:
            told.close()
        self._told.put(None)


def latest(
    told: queue.SimpleQueue[tuple[bool, Answer] | None], end: float, *, maximise: bool
) -> tuple[Answer, bool]:
    """Return the last word that a worker sends before time is up.

    Parameters
    ----------
    told
        What comes from it: whether that is its last word, and what it knows; None where it ended.
    end
        When time is up, on the monotonic clock.
    maximise
        Whether the objective is to be made large.

    Returns
    -------
    What is known, and whether that was its last word.
    """
    nowhere = np.inf if maximise else -np.inf
    known = Answer(point=None, objective=-nowhere, bound=nowhere)
    while True:
        try:
            word = told.get(timeout=max(end - time.monotonic(), 0.0))
        except queue.Empty:
            return known, False
        if word is None:
            return known, False
        last, known = word
        if last:
            return known, True


_FREE: list[Worker] = []


def solve_aside(stated: Stated, time_limit_s: float) -> Answer:
    """Solve a program in a process of its own, by a time that is kept whatever HiGHS does.

    Parameters
    ----------
    stated
        The program.
    time_limit_s
        Seconds, those of starting the process and of handing the program over included.

    Returns
    -------
    What was found, and a proven bound.
    """
    end = time.monotonic() + time_limit_s
    try:
        worker = _free_worker()
    except OSError:  # no further process may be begun
        return _solve_here(stated, time_limit_s)
    free = False
    try:
        answer, free = worker.solve(stated, end - time.monotonic())
        if not free and answer.point is None and worker.could_not_work(end - time.monotonic()):
            answer = _solve_here(stated, end - time.monotonic())
    finally:
        if free:
            _FREE.append(worker)
        else:
            worker.stop()
    return answer


def _solve_here(stated: Stated, time_limit_s: float) -> Answer:
    """Solve a program in this process, where HiGHS looks at the clock as it does."""
    with ASIDE:
        return highs.solve(stated, max(time_limit_s, LEAST_S))


def _free_worker() -> Worker:
    with suppress(IndexError):
        while True:
            worker = _FREE.pop()
            if worker.is_alive:
                return worker
            worker.stop()
    return Worker()


@atexit.register
def stop_workers() -> None:
    """End the workers that wait for programs."""
    while _FREE:
        _FREE.pop().stop()
