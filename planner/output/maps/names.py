"""Names as people type them: in either script, in pinyin, or by its first letters."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from opencc import OpenCC


def spellings(names: Iterable[str | None]) -> list[str]:
    """Spell names in other ways.

    Parameters
    ----------
    names
        Names in either script or in letters; None where missing.

    Returns
    -------
    For each name one text: the name in the other script where that differs, a bar, and its pinyin
    with a space between syllables where it has any. The page compares in lower case.

    Examples
    --------
    >>> spellings(["澄湾社区", "Kallio", None])
    ['澄灣社區|cheng wan she qu', '|', '|']
    """
    return [_spelling(name or "") for name in names]


@cache
def _spelling(name: str) -> str:
    from pypinyin import lazy_pinyin  # noqa: PLC0415  its dictionary is read then: a map's cost

    others = {_converter(way).convert(name) for way in ("t2s", "s2t")} - {name}
    syllables = lazy_pinyin(name, errors="ignore")
    return f"{' '.join(sorted(others))}|{' '.join(syllables)}"


@cache
def _converter(way: str) -> OpenCC:
    return OpenCC(way)
