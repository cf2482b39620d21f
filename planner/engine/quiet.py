"""Keep what HiGHS prints by itself off the standard output."""

from __future__ import annotations

import ctypes
import os
import tempfile
import threading
from typing import IO

NOISE = b"HighsMipSolverData::transformNewIntegerFeasibleSolution"
STDOUT = 1


class Aside:
    """The standard output turned aside while solvers run, and given back without HiGHS' lines.

    HiGHS as SciPy has it, and some versions of its own, print a line whenever they mend a plan,
    whatever the options say, past Python's ``sys.stdout``. So the file descriptor itself points to
    a file meanwhile; what anyone else wrote there, from any thread, follows in order when the last
    solver is done.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._kept = -1
        self._store: IO[bytes] | None = None

    def __enter__(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1 and os.name == "posix":
                self._turn()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._store is not None:
                self._give_back(self._store)

    def _turn(self) -> None:
        try:
            self._kept = os.dup(STDOUT)
        except OSError:  # there is no standard output
            return
        _flush()
        self._store = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is given back
        os.dup2(self._store.fileno(), STDOUT)

    def _give_back(self, store: IO[bytes]) -> None:
        _flush()
        os.dup2(self._kept, STDOUT)
        self._store = None
        store.seek(0)
        with os.fdopen(self._kept, "wb") as out, store:
            out.writelines(line for line in store if not line.startswith(NOISE))


def _flush() -> None:
    """Let the C library write what it holds back."""
    ctypes.CDLL(None).fflush(None)


ASIDE = Aside()  # one for the process, as the standard output is
