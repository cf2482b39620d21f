"""Compare names and words of data: which differences of spelling count and which do not.

Full and half width, simplified and traditional script, case and white space make no difference.
Brackets, digits and signs do: 运营（2019年起暂停） is not 运营, and 人口（男） is not 人口. Only
what a bracket behind a heading is known to say, a unit or a year, is taken off, knowingly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

import opencc

# Full width to half. Compatibility folding at large would make ① and ² digits.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ", ord("㎡"): "m2", ord("′"): "'", ord("″"): '"',
    **dict.fromkeys(map(ord, "【〔〖"), "("), **dict.fromkeys(map(ord, "】〕〗"), ")"),
}  # fmt: skip
_QUOTES = "\"'`“”‘’「」『』"
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_JOINED_LETTERS = re.compile(r"(?<=[a-z])[-‐‑](?=[a-z])")
_BEHIND = re.compile(r"^(?P<base>.+?)\s*[(\[{<](?P<remark>[^()\[\]{}<>]*)[)\]}>]$")
_SET_APART = re.compile(r"^(?P<base>.+?)\s*[/:,、|]\s*(?P<remark>[^/:,、|]+)$")
_NEUTRAL = re.compile(
    r"(截至|截止)?(19|20)\d\d年?(底|末|\d{1,2}月(底|末)?)?|含\d+岁|\*?(必填|选填)项?|全称|"
    r"年|年份|年度|年月|年月日|required|optional"
)
_UNIT_IS = re.compile(r"^(计量)?单位[:：为]?|^unit[:s]?|^in(?=[a-z ])")
_SCALES = {
    "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8,
    "k": 1e3, "000": 1e3, "'000": 1e3, "000s": 1e3, "1000": 1e3, "1000s": 1e3, "1,000": 1e3,
    "thousand": 1e3, "thousands": 1e3, "10k": 1e4, "10000": 1e4, "10,000": 1e4, "wan": 1e4,
    "million": 1e6, "millions": 1e6,
}  # fmt: skip
_SCALE_FIRST = re.compile("|".join(sorted(map(re.escape, _SCALES), key=len, reverse=True)))


class ColumnHeading(NamedTuple):
    """A heading taken apart: its name, and what stands in brackets behind it."""

    base: str
    remarks: tuple[str, ...]


def half_width(text: object) -> str:
    """Return a text in half width, without what nobody sees, and without space around it.

    Parameters
    ----------
    text
        Anything; its text is used.

    Returns
    -------
    The text.
    """
    plain = str(text)
    if plain.isascii():  # half width already, and all of it to be seen
        return plain.strip()
    return _INVISIBLE.sub("", plain.translate(_HALF_WIDTH)).strip()


@lru_cache(maxsize=2**16)
def simplified(text: str) -> str:
    """Return a text in simplified characters.

    Parameters
    ----------
    text
        The text, in either script.
    """
    found: str = _simplifier().convert(text)
    return found


def is_traditional(texts: Iterable[str]) -> bool:
    """Return whether texts are written in traditional characters, most of those that tell.

    Parameters
    ----------
    texts
        Names and words.

    Returns
    -------
    Whether they are; False where nothing tells.

    Examples
    --------
    >>> is_traditional(["臺北市大安區", "龍泉里"]), is_traditional(["大安区"]), is_traditional([])
    (True, False, False)
    """
    texts = list(texts)
    traditional = sum(simplified(words) != words for words in texts)
    return traditional > sum(_traditional(words) != words for words in texts)


@lru_cache(maxsize=2**12)
def _traditional(text: str) -> str:
    traditional: str = _to_traditional().convert(text)
    return traditional


@cache
def _to_traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def normal(name: object) -> str:
    """Return a name or word in the form in which such are compared.

    Simplified script, half width, lower case, without white space and underscores, and without
    quotes around it. Brackets and what they hold stay.

    Parameters
    ----------
    name
        Anything; its text is used.

    Returns
    -------
    The text to compare by; not one to show.

    Examples
    --------
    >>> normal("可安置人數（人）") == normal(" 可安置人数 (人)")
    True
    >>> normal("Floor_Area")
    'floorarea'
    >>> normal("运营（暂停）") == normal("运营")
    False
    """
    return _normal(str(name))


@lru_cache(maxsize=2**16)
def _normal(text: str) -> str:
    plain = half_width(text)
    while len(plain) > 1 and plain[0] in _QUOTES and plain[-1] in _QUOTES:
        plain = plain[1:-1].strip()
    plain = re.sub(r"[\s_]+", "", simplified(plain)).casefold()
    return _JOINED_LETTERS.sub("", plain)


def value_key(value: object) -> str:
    """Return a value in the form in which a filter compares values: nothing in it is dropped.

    Parameters
    ----------
    value
        A cell, or a value of the scenario; 3.0 and 3 are the same.

    Returns
    -------
    The text to compare by.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return re.sub(r"\s+", " ", simplified(half_width(value))).casefold()


def heading(name: object) -> ColumnHeading:
    """Split a heading into its name and what stands in brackets behind it.

    Parameters
    ----------
    name
        A heading of the data.

    Returns
    -------
    The parts, each in the form that `normal` gives.

    Examples
    --------
    >>> heading("常住人口（万人）")
    ColumnHeading(base='常住人口', remarks=('万人',))
    """
    rest, remarks = normal(name), list[str]()
    while found := _BEHIND.match(rest):
        rest = found["base"]
        remarks.insert(0, found["remark"])
    if not remarks and (found := _SET_APART.match(rest)):
        rest, remarks = found["base"], [found["remark"]]
    return ColumnHeading(rest, tuple(remarks))


def scale_of(remark: str, units: Mapping[str, float]) -> float | None:
    """Return how many one of a remark's unit counts for.

    Parameters
    ----------
    remark
        What stands in brackets behind a heading, as `heading` gives it.
    units
        The units that are known for the column, and how many each counts for.

    Returns
    -------
    The factor: 1 for a remark that multiplies nothing, such as a year; None where it says something
    else.

    Examples
    --------
    >>> scale_of("万人", {"人": 1}), scale_of("男", {"人": 1}), scale_of("2020年", {})
    (10000.0, None, 1.0)
    """
    if _NEUTRAL.fullmatch(remark):
        return 1.0
    unit = _UNIT_IS.sub("", remark).strip()
    if unit in units:
        return float(units[unit])
    first = _SCALE_FIRST.match(unit)
    if first is None or not units:
        return None
    rest = unit[first.end() :]
    factor = 1.0 if not rest else units.get(rest)
    return None if factor is None else _SCALES[first[0]] * factor
