"""Compile loops to machine code on their first call, and announce it where somebody has to wait.

Machine code is kept on disk: beside the package, or in the user's cache where nothing can be
written there (``NUMBA_CACHE_DIR`` names another folder). So only the first run on a machine waits,
and the first after a change: compiled functions call one another across files, and what was made
for another version of any of them must not be met again.

numba itself is loaded by the first call, in half a second: what computes nothing does without.

Where a function takes seconds to compile and is often asked for little, Python runs it as it stands
until it has been asked for more: see `compiled_late`. What compiled functions alone call is a
`compiled_part` of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, update_wrapper
from types import FunctionType
from typing import Any, TypeVar, cast

import numpy as np

from planner.engine.kept_code import is_kept

Function = TypeVar("Function", bound=Callable[..., Any])
_HEAVY = "planner.engine.machine_code"
FEW_STEPS = 2_000_000  # Python takes 0.3 to 1 s for them, and compiling takes 0.5 to 4 s
FEW_IF_KEPT = 50_000  # where machine code is on disk: reading it takes 0.01 s


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

    @cached_property
    def plain(self) -> Callable[..., Any]:
        """The function as Python runs it, and with it all that it calls."""
        inner = {
            name: one.plain
            for name in self.py_func.__code__.co_names
            if isinstance(one := self.py_func.__globals__.get(name), CompiledFunction)
        }
        made = FunctionType(self.py_func.__code__, self.py_func.__globals__ | inner)
        made.__defaults__ = self.py_func.__defaults__
        return made

    def by_python(self, *given: Any) -> Any:
        """Return what the function returns, run by Python.

        Parameters
        ----------
        *given
            What the function takes.
        """
        with np.errstate(all="ignore"):  # machine code does not warn, either
            return self.plain(*given)

    def __call__(self, *given: Any, **named: Any) -> Any:  # noqa: D102  it is the function
        return self.dispatcher(*given, **named)


class PartFunction(CompiledFunction):
    """A function that compiled ones call, and Python hardly ever, which then runs it itself.

    Its machine code has no wrapper for calls from Python: to take many arrays out of Python's
    objects is more code than many a function holds, and takes as long to compile.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function, {"no_cpython_wrapper": True})

    __call__ = CompiledFunction.by_python


class LateFunction(CompiledFunction):
    """A function that Python runs itself until it has been asked for many steps.

    Both ways give the same to the last bit: the function sums up in loops and multiplies in place
    of taking powers, since numpy adds and raises numbers in other orders than machine code does.
    """

    def __init__(self, function: Callable[..., Any], steps_of: Callable[..., float]) -> None:
        super().__init__(function, {})
        self._steps_of = steps_of
        self._left: float | None = None  # steps that Python may still take; unknown before a call

    def __call__(self, *given: Any) -> Any:  # noqa: D102  it is the function
        if self._left is None:
            self._left = FEW_IF_KEPT if is_kept(self) else FEW_STEPS
        if self._left >= 0:
            self._left -= self._steps_of(*given)
        if self._left < 0:
            return self.dispatcher(*given)
        return self.by_python(*given)


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
    return cast("Function", CompiledFunction(function, {}))


def compiled_part(function: Function) -> Function:
    """Return a function that compiled functions call: its machine code is a part of theirs.

    Parameters
    ----------
    function
        The function, in the part of Python that numba knows.

    Returns
    -------
    The function; where Python calls it, Python runs it. It takes its arguments by position alone.
    """
    return cast("Function", PartFunction(function))


def compiled_late(steps_of: Callable[..., float]) -> Callable[[Function], Function]:
    """Return a decorator for functions that are compiled once they are asked for many steps.

    Compiling the search for sites takes a dozen seconds, and a district with a hundred candidates
    asks it for some thousand steps, which Python itself takes in milliseconds.

    Parameters
    ----------
    steps_of
        Takes what the function takes; returns about how many steps of its innermost loop that
        asks for.

    Returns
    -------
    The decorator; the function then takes its arguments by position alone.
    """

    def _late(function: Function) -> Function:
        return cast("Function", LateFunction(function, steps_of))

    return _late


def inlined(function: Function) -> Function:
    """Return a function that numba writes into each compiled one that calls it.

    Parameters
    ----------
    function
        The function, a few lines called very often.
    """
    return cast("Function", CompiledFunction(function, {"inline": "always"}))


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
