"""Compile loops to machine code on their first call, and announce it where somebody has to wait.

Machine code is kept on disk: beside the package, or in the user's cache where nothing can be
written there (``NUMBA_CACHE_DIR`` names another folder). So only the first run on a machine waits,
and the first after a change: compiled functions call one another across files, and what was made
for another version of any of them must not be met again.

numba itself is loaded by the first call, in half a second: what computes nothing does without.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, update_wrapper
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
_HEAVY = "planner.engine.machine_code"


class CompiledFunction:
    """A function that numba compiles when it is first called, or met within one that is.

    numba asks a global name for its type by ``_numba_type_``: compiled functions call one another
    by these objects as if each were numba's own.
    """

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self._options = options

    @cached_property
    def dispatcher(self) -> Any:
        """The function as numba has it."""
        from planner.engine.machine_code import dispatcher  # noqa: PLC0415  takes half a second

        return dispatcher(self.py_func, **self._options)

    @property
    def targetoptions(self) -> dict[str, Any]:
        """What numba asks before it inlines a function."""
        return self._options

    @property
    def _numba_type_(self) -> Any:
        return self.dispatcher._numba_type_

    def __call__(self, *given: Any, **named: Any) -> Any:  # noqa: D102  it is the function
        return self.dispatcher(*given, **named)


def compiled(function: Function) -> Function:
    """Return a function that is compiled on its first call and runs free of the interpreter's lock.

    Parameters
    ----------
    function
        The function, in the part of Python that numba knows.

    Returns
    -------
    The compiled function; its machine code is kept on disk where there is a place for it.
    """
    made: Any = CompiledFunction(function, {})
    done: Function = made
    return done


def inlined(function: Function) -> Function:
    """Return a function that numba writes into each compiled one that calls it.

    Parameters
    ----------
    function
        The function, a few lines called very often.
    """
    made: Any = CompiledFunction(function, {"inline": "always"})
    done: Function = made
    return done


def compiling_s() -> float:
    """Return for how many seconds this process has compiled so far."""
    if _HEAVY not in sys.modules:
        return 0.0
    from planner.engine.machine_code import COMPILATIONS  # noqa: PLC0415  loaded already

    return COMPILATIONS.spent_s


@contextmanager
def announced() -> Iterator[None]:
    """Compile without a notice, where the caller has announced the wait already."""
    from planner.engine.machine_code import COMPILATIONS  # noqa: PLC0415  takes half a second

    before, COMPILATIONS.is_announced = COMPILATIONS.is_announced, True
    try:
        yield
    finally:
        COMPILATIONS.is_announced = before
