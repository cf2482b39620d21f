"""How much a command tells: with ``--quiet`` problems alone, with ``--verbose`` seconds, too."""

from __future__ import annotations

import functools
import inspect
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from contextvars import ContextVar
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.status import Status

from planner.errors import SettingsError, fail

Loudness = Literal["quiet", "usual", "verbose"]
_LOUDNESS: ContextVar[Loudness] = ContextVar("loudness", default="usual")

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="cli.quiet")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="cli.verbose")]


def loudness() -> Loudness:
    """Return how much the command that runs is to tell."""
    return _LOUDNESS.get()


def with_loudness(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options ``--quiet`` and ``--verbose``.

    Parameters
    ----------
    command
        A command of typer.

    Returns
    -------
    The command with both options.

    Raises
    ------
    SettingsError
        When called with both.
    """

    @functools.wraps(command)
    def called(*, quiet: bool, verbose: bool, **given: object) -> None:
        """Run the command, its lines printed as loudly as was asked.

        Parameters
        ----------
        quiet
            Whether only problems are printed; an object for a program is printed all the same.
        verbose
            Whether every line is printed.
        **given
            The command's own arguments.

        Raises
        ------
        SettingsError
            If both are asked for.
        """
        if quiet and verbose:
            raise fail(SettingsError, "cli.quiet_and_verbose", file="--quiet --verbose")
        before = _LOUDNESS.set("quiet" if quiet else "verbose" if verbose else "usual")
        silent = quiet and not given.get("as_json")  # a program asked for its object
        try:
            with redirect_stdout(io.StringIO()) if silent else nullcontext():
                command(**given)
        finally:
            _LOUDNESS.reset(before)

    own = inspect.signature(command, eval_str=True).parameters.values()
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=taken)
        for name, taken in (("quiet", Quiet), ("verbose", Verbose))
    ]
    called.__dict__["__signature__"] = inspect.Signature([*own, *added])
    called.__annotations__ = {one.name: one.annotation for one in (*own, *added)}
    return called


@contextmanager
def busy(words: str) -> Iterator[Status]:
    """Show on standard error what is being done; verbose, a line with the seconds that it took.

    Parameters
    ----------
    words
        What is being done.

    Yields
    ------
    The notice, which can be stopped and started.
    """
    begun = time.monotonic()
    with Console(stderr=True, quiet=loudness() == "quiet").status(words) as status:
        yield status
    if loudness() == "verbose":
        told = f"{words} {time.monotonic() - begun:.1f} s"
        Console(stderr=True).print(told, highlight=False, soft_wrap=True)
