"""The characters that Chinese texts are written in: simplified, or traditional as a region writes.

Texts of the catalogue are simplified; within `spelling` they are written in traditional characters
by OpenCC, with the region's own words where it has some. Data keep their own script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Literal, get_args

Script = Literal["Hant", "HK", "TW"]
SCRIPTS: tuple[Script, ...] = get_args(Script)
Spoken = Literal["zh", "en", "zh-Hant", "zh-HK", "zh-TW"]  # what a user may ask for
_WAYS: dict[Script | None, str] = {"Hant": "s2tw", "HK": "s2hk", "TW": "s2twp"}

# Words of this field that OpenCC takes for those of programs: 社群, 型別, 物件, 函式.
_OF_THE_FIELD = re.compile("(社区|类型|对象|函数)")

_script: ContextVar[Script | None] = ContextVar("script", default=None)


def script_of(asked: str | None) -> Script | None:
    """Return the script that a language asks for, such as ``Hant`` of ``zh-Hant``.

    Parameters
    ----------
    asked
        The language; None where none is asked for.

    Returns
    -------
    The script; None for simplified characters and for English.

    Examples
    --------
    >>> script_of("zh-Hant"), script_of("zh")
    ('Hant', None)
    """
    named = (asked or "").partition("-")[2]
    return next((script for script in SCRIPTS if script == named), None)


def script_in_use() -> Script | None:
    """Return the script that Chinese texts are written in just now; None for simplified."""
    return _script.get()


@contextmanager
def spelling(script: Script | None) -> Iterator[None]:
    """Write Chinese texts in a script within; None leaves the script as it is.

    Parameters
    ----------
    script
        The script.

    Yields
    ------
    Nothing.

    Examples
    --------
    >>> with spelling("Hant"):
    ...     spelled("养老服务站")
    '養老服務站'
    """
    before = _script.set(script or _script.get())
    try:
        yield
    finally:
        _script.reset(before)


def spelled(chinese: str) -> str:
    """Return a Chinese text of the catalogue in the script of `spelling`.

    Parameters
    ----------
    chinese
        The text, in simplified characters.

    Returns
    -------
    The text.
    """
    script = _script.get()
    return chinese if script is None else _respelled(chinese, _WAYS[script])


def tag(lang: str) -> str:
    """Return the tag of a language as HTML and Word name it, with the script of `spelling`.

    Parameters
    ----------
    lang
        ``zh`` or ``en``.

    Returns
    -------
    The tag.

    Examples
    --------
    >>> tag("zh"), tag("en")
    ('zh-CN', 'en')
    """
    if lang != "zh":
        return "en"
    script = _script.get()
    return "zh-CN" if script is None else f"zh-{script}"


def written(chinese: str) -> str:
    """Return words of a standard, which come in either script, in the script of `spelling`.

    Parameters
    ----------
    chinese
        The words, in simplified or traditional characters.

    Returns
    -------
    The words; in simplified characters where no other script is asked for.

    Examples
    --------
    >>> written("養老服務站")
    '养老服务站'
    """
    return _respelled(chinese, _WAYS.get(_script.get(), "t2s"))


@cache
def _respelled(chinese: str, way: str) -> str:
    if way != _WAYS["TW"]:
        return str(_converter(way).convert(chinese))
    parts = _OF_THE_FIELD.split(chinese)  # every second one is such a word
    ways = [way, _WAYS["Hant"]]
    return "".join(_converter(ways[n % 2]).convert(part) for n, part in enumerate(parts))


@cache
def _converter(way: str) -> Any:
    import opencc  # noqa: PLC0415  only who asks for it waits for its dictionaries

    return opencc.OpenCC(way)
