"""Compile functions with numba, keep the machine code on disk, and announce where somebody waits.

Only `planner.engine.jit` imports this, when the first function is called: numba takes as long to
load as many a command that calls none takes as a whole.
"""

from __future__ import annotations

import gc
import logging
import pickle
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba import njit
from numba.core import event
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.types import int32, int64, unliteral

from planner.engine.kept_code import code_of, room_of
from planner.language import default_lang, text

_LOG = logging.getLogger(__name__)
_PATIENCE_S = 1.0


def dispatcher(function: Callable[..., Any], **options: Any) -> Any:
    """Return a function as numba compiles and calls it, free of the interpreter's lock.

    Parameters
    ----------
    function
        The function, in the part of Python that numba knows.
    **options
        More of what ``numba.njit`` takes.

    Returns
    -------
    The dispatcher; its machine code is kept on disk where there is a place for it.
    """
    asked: dict[str, Any] = {"nogil": True, "no_cfunc_wrapper": True}  # nobody calls it from C
    made: Any = njit(**asked, **options)(function)
    _compile_once_for_constants(made)
    with suppress(RuntimeError):  # no place at all to keep it: it is made anew by every process
        made._cache = _Kept(function)  # noqa: SLF001
    return made


def _compile_once_for_constants(made: Any) -> None:
    """Let a compiled caller hand over any whole number as one type, a constant or a short one, too.

    numba compiles a function anew for each constant, and once more for numbers of 32 bits; it
    counts with 64 bits within in any case.
    """
    template = made.get_call_template

    def _call_template(args: Any, named: Any) -> Any:
        return template(
            tuple(map(_plain, args)), {name: _plain(one) for name, one in dict(named).items()}
        )

    made.get_call_template = _call_template


def _plain(kind: Any) -> Any:
    whole = unliteral(kind)  # type: ignore[no-untyped-call]
    return int64 if whole == int32 else whole


class _Kept(FunctionCache):
    """Machine code on disk, in files named after the compiled code of the function's whole room.

    numba keys its cache by the function's own file, so it may return stale code after a callee in
    another file changed, and fail to read code that names a type which is no more. A room is a
    folder of the engine with all its subfolders: compiled functions of one room never call those
    of another, which import-linter holds.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        own = self._impl.filename_base
        self._name_in_all_versions = own[: own.rindex("-")]
        self._code = code_of(room_of(Path(function.__code__.co_filename)))
        stamp = self._impl.locator.get_source_stamp()
        self._cache_file = IndexDataCacheFile(self._cache_path, f"{own}.{self._code}", stamp)  # type: ignore[no-untyped-call]

    def _save_overload(self, sig: Any, data: Any) -> None:
        with suppress(OSError):  # a folder that is full or closed: it is made anew next time
            for old in Path(self._cache_path).glob(f"{self._name_in_all_versions}-*.nb?"):
                if self._code not in old.name:
                    old.unlink(missing_ok=True)
            super()._save_overload(sig, data)  # type: ignore[no-untyped-call]

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what is kept for a signature; nothing where it cannot be read.

        Parameters
        ----------
        sig
            Types of the arguments, as numba names them.
        target_context
            What numba compiles for.
        """
        try:
            return super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        except (OSError, EOFError, pickle.UnpicklingError):
            return None


class _CompilationWatch(event.Listener):
    """Announces once that code is being compiled, and lets Python's garbage wait until it is.

    The notice comes when that has begun to take its time. It is logged as a warning, which Python
    and Jupyter show if nobody has set up logging. numba makes objects by the million and drops most
    of them at once: to look for cycles among them takes a tenth of the time, and saves 30 MB.
    """

    def __init__(self) -> None:
        self.collects = False  # whether garbage is looked for outside
        self.is_announced = False
        self.spent_s = 0.0
        self.begun: list[float] = []  # compilations under way, each inside the one before

    def on_start(self, event: Any) -> None:
        """Note that a compilation begins.

        Parameters
        ----------
        event
            What numba compiles.
        """
        if not self.begun:
            self.collects = gc.isenabled()
            gc.disable()
        self.begun.append(time.monotonic())
        self._announce(event)

    def on_end(self, event: Any) -> None:
        """Note that a compilation ends, and add its time where it stood in no other.

        Parameters
        ----------
        event
            What numba compiled.
        """
        if not self.begun:  # it began before anybody listened
            return
        self._announce(event)
        begun = self.begun.pop()
        if not self.begun:
            self.spent_s += time.monotonic() - begun
            if self.collects:
                gc.enable()

    def _announce(self, event: Any) -> None:
        spent = self.spent_s + time.monotonic() - self.begun[0]
        ours = event.data["dispatcher"].py_func.__module__.startswith("planner.")
        if not self.is_announced and spent > _PATIENCE_S and ours:
            self.is_announced = True
            _LOG.warning(text("network.compiling", default_lang()))


COMPILATIONS = _CompilationWatch()
event.register("numba:compile", COMPILATIONS)  # type: ignore[no-untyped-call]
