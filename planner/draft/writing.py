"""A draft as text: TOML with the evidence beside each entry, and what is left to fill in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from planner.language import Lang, text

BARE = re.compile(r"[A-Za-z0-9_-]+")
MARK = "# >>>"  # a line that somebody has to complete
WIDTH = 96


def comment(words: str) -> list[str]:
    """Return words as comment lines.

    Parameters
    ----------
    words
        The words; a line break begins a new line.

    Returns
    -------
    Lines that begin with ``#``.
    """
    return [f"# {line}".rstrip() for line in words.splitlines()]


def marked(words: str) -> str:
    """Return what is left to fill in as one marked line: headings may hold line breaks.

    Parameters
    ----------
    words
        The words.

    Returns
    -------
    A line that begins with the mark.
    """
    return f"{MARK} {' '.join(words.split())}"


def entry(heading: str, keys: Mapping[str, Any], why: Sequence[str], left: Sequence[str]) -> str:
    """Return one entry of a scenario, commented out where something is left to fill in.

    Parameters
    ----------
    heading
        Such as ``[communities]`` or ``[[facilities]]``.
    keys
        Its keys; mappings are written as tables in the line.
    why, left
        The evidence, and what is left to fill in.

    Returns
    -------
    The lines, with one empty line before.
    """
    lines = [line for words in why for line in comment(words)]
    lines += [marked(words) for words in left]
    body = [heading, *(f"{_key(name)} = {value(one)}" for name, one in keys.items())]
    lines += [f"# {line}" for line in body] if left else body
    return "\n".join(["", *lines])


def value(one: Any) -> str:
    """Return a value as TOML.

    Parameters
    ----------
    one
        A text, number, boolean, list or mapping.

    Returns
    -------
    The text.

    Examples
    --------
    >>> value({"id": "编号", "population": ["a", "b"]})
    '{ id = "编号", population = ["a", "b"] }'
    """
    if isinstance(one, Mapping):
        return f"{{ {', '.join(f'{_key(name)} = {value(own)}' for name, own in one.items())} }}"
    if isinstance(one, str):
        return json.dumps(one, ensure_ascii=False)
    if isinstance(one, bool):
        return "true" if one else "false"
    if isinstance(one, Sequence):
        return f"[{', '.join(map(value, one))}]"
    return str(one)


def said(parts: Sequence[tuple[str, Mapping[str, object]]], lang: Lang) -> list[str]:
    """Return pieces of evidence in words.

    Parameters
    ----------
    parts
        Keys of texts, each with its values.
    lang
        The language.

    Returns
    -------
    The words.
    """
    return [text(key, lang, **values) for key, values in parts]


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)
