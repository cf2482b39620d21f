"""The command line from its words to its exit status; each problem is printed in a line."""

import atexit
import errno
import gc
import io
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from planner.cli.commands import app
from planner.cli.exit_statuses import EXIT_BAD_INPUT, EXIT_BROKEN_PIPE, EXIT_INTERRUPTED
from planner.cli.words import Misuse, asked_lang, in_words, misuse, show_whole_helps
from planner.errors import MOST_OF_A_KIND, InputError, PlannerError, fail, grouped
from planner.language import Lang, default_lang, language_of, script_of, speaking, spelling, text

# Faults of the machine, not of the program: a disk that is full or broken, no more open files.
_OF_THE_SYSTEM = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE,
    errno.ENOMEM, errno.EBADF, errno.EACCES, errno.EPERM,
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; bad input ends with status 2, a bug with its traceback.

    Parameters
    ----------
    arguments
        The words behind ``planner``; those of the process if not given.

    Raises
    ------
    SystemExit
        With status 2 for bad input, 130 where interrupted, or the status of a limited run.
    """
    _print_what_can_be()
    given = list(sys.argv[1:] if arguments is None else arguments)
    asked = asked_lang(given)
    lang = language_of(asked) or default_lang()
    if given[:1] == ["--lang"]:  # before the command it means the same as after it
        named, given = given[:2], given[2:]
        given += named if given and not given[0].startswith("-") else []
    command = in_words(typer.main.get_command(app), lang)
    if "--help" in given or len(given) < 2:
        show_whole_helps()
    try:
        with speaking(lang), spelling(script_of(asked)), _seldom_collecting():
            status = command(given, prog_name="planner", standalone_mode=False)
            if sys.stdout is not None:
                sys.stdout.flush()
    except PlannerError as error:
        _complain(error, lang)
    except BrokenPipeError:  # whoever read what is printed has read enough, such as `head`
        _close_output()
        raise SystemExit(EXIT_BROKEN_PIPE) from None
    except MemoryError:
        _complain(fail(InputError, "cli.no_memory"), lang)
    except OSError as error:
        if error.errno not in _OF_THE_SYSTEM:
            raise
        _close_output()
        what = error.strerror or type(error).__name__
        _complain(fail(InputError, "cli.system", file=error.filename, value=what), lang)
    except Misuse as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # the help has been shown already
            raise SystemExit(EXIT_BAD_INPUT) from None
        _complain(misuse(error), lang)
    except typer.Abort:
        raise SystemExit(EXIT_INTERRUPTED) from None
    else:
        if status:
            raise SystemExit(status)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Run Python's garbage collector seldom: commands make many objects and hardly a cycle of them.

    To load what a run needs takes a sixth longer where the collector goes over all that is loaded
    again and again. When a process ends, it goes over everything once more, which takes longer than
    many a command and frees nothing that the system does not take back by itself.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 10)
    atexit.unregister(gc.freeze)  # once, however often a process runs a command
    atexit.register(gc.freeze)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _print_what_can_be() -> None:
    """Print a mark for what the output cannot write.

    Windows writes files and pipes in the code page of its language.
    """
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="replace")


def _close_output() -> None:
    """Send to nowhere what is still to be printed: Python would fail on it once more at its end."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(error: PlannerError, lang: Lang) -> NoReturn:
    """Print every problem on a line of its own, and end."""
    console = Console(stderr=True)
    few = len(error.problems) <= MOST_OF_A_KIND
    lines = error.say(lang) if few else grouped(error.problems, lang)
    console.print(f"[bold red]{text('cli.problems', lang, n=len(error.problems))}[/]")
    for line in lines:
        console.print(f" • {escape(line)}", highlight=False, soft_wrap=True)
    if len(lines) < len(error.problems):
        listed = _listed(error, lang)
        console.print(text("cli.all_problems", lang, file=listed), highlight=False, soft_wrap=True)
    raise SystemExit(EXIT_BAD_INPUT)


def _listed(error: PlannerError, lang: Lang) -> Path:
    """Write every problem to a file of its own among the temporary ones, a line each."""
    handle, name = tempfile.mkstemp(prefix="planner-problems-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(f"{problem.say(lang)}\n" for problem in error.problems)
    return Path(name)
