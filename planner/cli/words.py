"""The command line in the reader's language: its helps, and what is wrong with how it was called.

Typer comes with a click of its own or uses the installed one, so no class of click is named here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

import typer
from rich.columns import Columns
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from planner.errors import PlannerError, SettingsError, did_you_mean, fail
from planner.language import Lang, Spoken, has_text, text

# What click raises where a command is called wrongly.
Misuse: type[Exception] = typer.BadParameter.__mro__[1]

_OF_TYPER = {"install_completion", "show_completion"}


def asked_lang(arguments: Sequence[str]) -> Spoken | None:
    """Read ``--lang`` before anything else, since the help depends on it.

    Parameters
    ----------
    arguments
        The words of the command line.

    Returns
    -------
    The language asked for; None where none is, or none that exists.
    """
    for place, word in enumerate(arguments):
        name, _, value = word.partition("=")
        asked = value or "".join(arguments[place + 1 : place + 2])
        if name == "--lang" and asked in get_args(Spoken):
            return cast(Spoken, asked)
    return None


def in_words(command: Any, lang: Lang) -> Any:
    """Replace every help of a command, and of those below it, by its text.

    Parameters
    ----------
    command
        A command of typer, whose helps are keys of the catalogue of texts; changed in place.
    lang
        Language of the helps.

    Returns
    -------
    The command.
    """

    def _say(key: str | None) -> str | None:
        return text(key, lang) if key and has_text(key) else key

    command.help, command.epilog = _say(command.help), _say(command.epilog)
    helper = command.get_help_option(command.context_class(command))
    helper.help = text("cli.help", lang)
    for parameter in (*command.params, helper):
        if hasattr(parameter, "help"):
            own = f"cli.{parameter.name}"  # typer's own options come with English words
            parameter.help = _say(own if parameter.name in _OF_TYPER else parameter.help)
            argument = parameter.param_type_name == "argument"
            parameter.rich_help_panel = text("cli.arguments" if argument else "cli.options", lang)
    for below in getattr(command, "commands", {}).values():
        below.rich_help_panel = text("cli.commands", lang)
        in_words(below, lang)
    return command


class _WholeTable(Table):
    """A table whose cells are broken where they are too wide, never cut short."""

    def add_row(self, *cells: Any, **given: Any) -> None:
        """Add a row of which no cell will be cut short.

        Parameters
        ----------
        *cells
            As for `rich.table.Table.add_row`.
        **given
            As for `rich.table.Table.add_row`.
        """
        super().add_row(*cells, **given)
        for column in self.columns:
            column.overflow = "fold"


class _RunningWords(Columns):
    """A help with its remarks behind it, as one text in place of columns that are cut short."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        words = [one for one in self.renderables if isinstance(one, Text)]
        whole = len(words) == len(self.renderables)
        yield from [Text(" ").join(words)] if whole else super().__rich_console__(console, options)


def show_whole_helps() -> None:
    """Have helps drawn whole: typer would cut Chinese, which has no spaces, to a line each."""
    from typer import rich_utils  # noqa: PLC0415  loaded for helps alone

    vars(rich_utils).update(Table=_WholeTable, Columns=_RunningWords)


def misuse(error: Any) -> PlannerError:
    """Return what is wrong with how a command was called as a problem of the input.

    Parameters
    ----------
    error
        What click raised: a `Misuse`.

    Returns
    -------
    The error to raise.
    """
    command = error.ctx.command_path if error.ctx else "planner"
    kind = type(error).__name__
    if kind == "NoSuchOption":
        hint = did_you_mean(error.option_name, _options(error.ctx))
        return fail(
            SettingsError, "cli.no_option", file=command, value=error.option_name, hint=hint
        )
    if kind == "MissingParameter":
        return fail(SettingsError, "cli.no_argument", file=command, value=error.param.metavar)
    said = error.format_message()
    commands = getattr(error.ctx and error.ctx.command, "commands", None)
    if kind in {"UsageError", "NoSuchCommand"} and commands:
        value = said.split("'")[1]
        hint = did_you_mean(value, commands)
        return fail(SettingsError, "cli.no_command", file=command, value=value, hint=hint)
    return fail(SettingsError, "cli.misuse", file=command, value=said.rstrip(". "))


def _options(context: Any) -> list[str]:
    """Return the options of a command, as they are written."""
    if context is None:
        return []
    command = context.command
    parameters = [*command.params, command.get_help_option(context)]
    return [name for one in parameters for name in one.opts if name.startswith("-")]
