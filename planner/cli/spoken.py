"""The language and the script that a command answers in."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from rich.status import Status

from planner.cli.loudness import busy
from planner.language import Lang, Script, Spoken, default_lang, language_of, script_of, text

if TYPE_CHECKING:  # pydantic takes its time
    from planner.settings import Settings


def language_for(asked: Spoken | None, settings: "Settings | None" = None) -> Lang:
    """Return the language asked for, else the scenario's, else the environment's.

    Parameters
    ----------
    asked
        What the user asked for; None for nothing.
    settings
        The settings of the scenario, where there is one.

    Returns
    -------
    The language.
    """
    of_scenario = None if settings is None else settings.language
    return language_of(asked) or of_scenario or default_lang()


def script_for(asked: Spoken | None, settings: "Settings") -> Script | None:
    """Return the script of the language asked for, else the scenario's.

    Parameters
    ----------
    asked
        What the user asked for; None for nothing.
    settings
        The settings of the scenario.

    Returns
    -------
    The script of Chinese words; None for words as they are written.
    """
    return script_of(asked) if asked else settings.script


def busy_with(key: str, asked: Spoken | None) -> AbstractContextManager[Status]:
    """Show what is being done, in the language asked for, else the environment's.

    Parameters
    ----------
    key
        Key of the text that says it.
    asked
        What the user asked for; None for nothing.

    Returns
    -------
    The notice, as `loudness.busy` gives it.
    """
    return busy(text(key, language_for(asked)))
