"""The one catalogue of texts, in Chinese and English.

Every text a user sees is an entry ``zh``/``en`` in one of the TOML files beside this module; a key
``"map.title"`` is entry ``title`` of ``map.toml``. Chinese is written in the script of `spelling`;
data keep their own. What depends on a
number stands in the sentence: ``{n} {n:site|sites}`` is "1 site" or "2 sites".
"""

from __future__ import annotations

import locale
import os
import string
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from planner.language.script import (
    Script,
    Spoken,
    script_in_use,
    script_of,
    spelled,
    spelling,
    tag,
    written,
)

__all__ = [
    "LANGS",
    "Lang",
    "Script",
    "Spoken",
    "default_lang",
    "group_name",
    "has_text",
    "language_of",
    "script_of",
    "speaking",
    "spelled",
    "spelling",
    "tag",
    "text",
    "times_from",
    "ways_of_speaking",
    "written",
]

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang)

_spoken: ContextVar[Lang | None] = ContextVar("spoken", default=None)
Ground = Literal["streets", "straight", "table", "vehicle", "sloped"]  # what travel times come from
_ground: ContextVar[Ground] = ContextVar("ground", default="streets")
_mode: ContextVar[str] = ContextVar("mode", default="walk")
BY, TRIP = "{by}", "{trip}"  # in texts: how people come (on foot), what that is (a walk)


def text(key: str, lang: Lang, /, **values: object) -> str:
    """Return a text with its values filled in.

    Parameters
    ----------
    key
        Name of the text, ``file.entry`` or ``file.entry.part``.
    lang
        Language of the text.
    **values
        Values of the placeholders, in ``str.format`` notation; ``{n:one|other}`` writes the first
        word where ``n`` is 1 (as a number or as written), else the second.

    Returns
    -------
    The text.

    Raises
    ------
    KeyError
        If the catalogue has no such text: a bug, never a user's fault.

    Examples
    --------
    >>> text("words.minutes", "en", n=15)
    '15 min'
    >>> text("words.minutes", "zh", n=15)
    '15分钟'
    """
    file, *path = key.split(".")
    entry: Any = _catalogue(file)
    for part in path:
        entry = entry[part]
    entry = entry.get(_ground.get(), entry)
    template: str = entry[lang]
    if BY in template or TRIP in template:
        template = template.replace(BY, text(f"modes.{_mode.get()}", lang))
        template = template.replace(TRIP, text(f"modes.trip.{_mode.get()}", lang))
    template = spelled(template) if lang == "zh" else template
    return _Plurals().format(template, **values) if values else template


@contextmanager
def times_from(ground: Ground, mode: str = "walk") -> Iterator[None]:
    """Speak of travel times as what they are within, where texts have words for it.

    Parameters
    ----------
    ground
        Ways along the ``streets`` at a walking speed; estimates from ``straight`` lines, where
        there are no streets; a ``table`` of the user's own; ways by a ``vehicle``; or along
        ``sloped`` streets, whose metres are not those of time.
    mode
        How people come: a mode of ``modes.toml``, named where texts say ``{by}`` or ``{trip}``.

    Yields
    ------
    Nothing.

    Examples
    --------
    >>> with times_from("straight"):
    ...     text("map.page.legend_walk", "en", kind="canteen")
    'Time on foot, estimated from the straight line, to: canteen'
    """
    before, mode_before = _ground.set(ground), _mode.set(mode)
    try:
        yield
    finally:
        _ground.reset(before)
        _mode.reset(mode_before)


def has_text(key: str) -> bool:
    """Return whether the catalogue holds a text.

    Parameters
    ----------
    key
        Name of the text, ``file.entry`` or ``file.entry.part``.

    Returns
    -------
    Whether it does.
    """
    try:
        text(key, "en")
    except (KeyError, FileNotFoundError):
        return False
    return True


def group_name(group: str, lang: Lang, *, form: Literal["name", "whom"] = "name") -> str:
    """Return the name of a group of people, as in a table or as in a sentence (``"whom"``).

    A group that the catalogue does not know keeps its own name.

    Parameters
    ----------
    group
        The group: a column of the demand.
    lang
        Language of the name.
    form
        ``"name"`` in a table, ``"whom"`` in a sentence.

    Returns
    -------
    The name.

    Examples
    --------
    >>> group_name("aged_60", "en"), group_name("aged_60", "en", form="whom")
    ('Aged 60+', 'people aged 60 and over')
    >>> group_name("重点优抚对象", "en")
    '重点优抚对象'
    """
    key = f"groups.{form}.{group}"
    return text(key, lang) if has_text(key) else group


@contextmanager
def speaking(lang: Lang) -> Iterator[None]:
    """Set the language within, whatever the environment says.

    Parameters
    ----------
    lang
        The language.

    Yields
    ------
    Nothing.

    Examples
    --------
    >>> with speaking("zh"):
    ...     default_lang()
    'zh'
    """
    before = _spoken.set(lang)
    try:
        yield
    finally:
        _spoken.reset(before)


def default_lang() -> Lang:
    """Choose the language: that of `speaking`, else of the environment.

    There it is ``PLANNER_LANG``, then the locale, else English.
    """
    spoken = _spoken.get()
    if spoken is not None:
        return spoken
    named = os.environ.get("PLANNER_LANG", "").lower()
    if named[:2] in LANGS:
        return named[:2]  # type: ignore[return-value]
    of_system = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)),
        locale.getlocale()[0] or "",
    )
    return "zh" if of_system.lower().startswith(("zh", "chinese")) else "en"


def ways_of_speaking() -> tuple[Lang, Script | None, Ground, str]:
    """Return all that texts depend on beside their values: language, script, words for walks."""
    return default_lang(), script_in_use(), _ground.get(), _mode.get()


def language_of(asked: Spoken | None) -> Lang | None:
    """Return the language of what a user may ask for; None where nothing is asked for.

    Parameters
    ----------
    asked
        A language, with a script of Chinese where one is meant.

    Returns
    -------
    The language.

    Examples
    --------
    >>> language_of("zh-Hant"), language_of("en")
    ('zh', 'en')
    """
    return None if asked is None else "en" if asked == "en" else "zh"


class _Plurals(string.Formatter):
    """Format texts as ``str.format`` does, with ``{n:one|other}`` beside it."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return a value as a field's form asks: a plural's word, or as ``str.format`` does.

        Parameters
        ----------
        value
            The value.
        format_spec
            ``one|other``, the words for 1 and for all else, or a form of Python.
        """
        one, bar, other = format_spec.partition("|")
        if not bar:
            return str(super().format_field(value, format_spec))
        return one if str(value) == "1" else other


@cache
def _catalogue(file: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{file}.toml").read_text("utf-8"))
