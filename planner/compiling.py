"""Compile loops to machine code on their first call, and say so where that makes somebody wait.

Machine code is kept on disk: beside the package, or in the user's cache where nothing can be
written there (``NUMBA_CACHE_DIR`` names another folder). So only the first run on a machine waits.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from numba import njit
from numba.core import event

from planner.language import default_lang, text

Function = TypeVar("Function", bound=Callable[..., Any])

_LOG = logging.getLogger(__name__)
_PATIENCE_S = 1.0


def compiled(function: Function) -> Function:
    """Compile a function on its first call, free of the interpreter's lock."""
    try:
        made: Any = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no place at all to keep machine code: it is made anew by every process
        made = njit(nogil=True)(function)
    done: Function = made
    return done


class _Teller(event.Listener):
    """Says once that code is being compiled, when that has begun to take its time.

    It is logged as a warning, which Python and Jupyter show if nobody has set up logging.
    """

    def __init__(self) -> None:
        self.told = False
        self.spent_s = 0.0
        self.begun: list[float] = []  # compilations under way, each inside the one before

    def on_start(self, event: Any) -> None:
        self.begun.append(time.monotonic())
        self._tell(event)

    def on_end(self, event: Any) -> None:
        self._tell(event)
        begun = self.begun.pop()
        if not self.begun:
            self.spent_s += time.monotonic() - begun

    def _tell(self, event: Any) -> None:
        spent = self.spent_s + time.monotonic() - self.begun[0]
        function = event.data["dispatcher"].py_func
        if not self.told and spent > _PATIENCE_S and function.__module__.startswith("planner."):
            self.told = True
            _LOG.warning(text("network.compiling", default_lang()))


_TELLER = _Teller()
event.register("numba:compile", _TELLER)  # type: ignore[no-untyped-call]


@contextmanager
def announced() -> Iterator[None]:
    """Compile without a word, where the caller has told already what there is to wait for."""
    before, _TELLER.told = _TELLER.told, True
    try:
        yield
    finally:
        _TELLER.told = before
