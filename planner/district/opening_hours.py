"""When facilities are open: weekly hours read from words, and who is open through a time.

A part of OpenStreetMap's ``opening_hours`` is read, and how offices in China write the same:
``Mo-Fr 08:00-12:00,13:30-17:00; Sa 09:00-12:00; Su off``, ``周一至周五 8:30-17:00``, ``8:00-17:00``
(every day), ``全天``. Spans out of their order are not read, which may be hours of the afternoon
written in twelve; nor what names months, dates or the sun, nor hours without days
behind a rule with days, which could mean either.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

import pandas as pd

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_MIN, WEEK_DAYS = 1440, 7
Span = tuple[int, int]  # minutes from midnight; beyond 1440 on the next day
Week = tuple[tuple[Span, ...], ...]  # the spans of Monday, Tuesday, …

_SHORT = ("mo", "tu", "we", "th", "fr", "sa", "su")
_WORDS = [
    (r"全天候?(?:24小时)?|24小时|24h(?:ours)?|24/7", " 24/7 "),
    (r"(?:法定)?节假日(?:休息|除外|不开放|闭馆|关闭)?", ""),
    (r"(?:ph|sh|public holidays?)\s*(?:off|closed)?", ""),
    (r"\(\s*\)", ""),
    (r"每天|每日|天天|daily|every ?day", " mo-su "),
    (r"工作日|weekdays?", " mo-fr "),
    (r"双休日|周末|weekends?", " sa-su "),
    (r"(?:周|星期|礼拜)([一二三四五六日天])\s*(?:至|到|-)\s*([一二三四五六日天])(?![一二三四五六日天])",
     r" 周\1-周\2 "),
    (r"休息|闭馆|不开放|不营业|关闭|closed", " off "),
    (r"上午|早上|早", " am "),
    (r"晚上?(?=12)", " ? "),  # midnight, which no rule of twelve hours says
    (r"下午|晚上|晚", " pm "),
    (r"(\d{1,2})[时点](\d{1,2})分?", r"\1:\2"),
    (r"(\d{1,2})[时点]半", r"\1:30"),
    (r"(\d{1,2})[时点]整?", r"\1:00"),
    (r"至|到|\bto\b", "-"),
    (r"开放时间|营业时间|服务时间|开放|营业|服务", " "),
]  # fmt: skip
_TOKEN: Final = re.compile(
    r"(?P<day>mo|tu|we|th|fr|sa|su)|(?P<all>24/7)|(?P<off>off)|(?P<half>am|pm)"
    r"|(?P<time>\d{1,2}:\d{2})|(?P<sign>[-,;])|(?P<space>\s+)|(?P<other>.)"
)


def plain(words: str) -> str:
    """Return opening hours with every word in the form that `week_of` knows.

    Parameters
    ----------
    words
        Opening hours as they stand in data.

    Examples
    --------
    >>> plain("周一至周五 8：30—17：00")
    'mo-fr 8:30-17:00'
    """
    said = unicodedata.normalize("NFKC", words).casefold()
    said = re.sub(r"[—–－~～〜]+", "-", said)
    said = re.sub(r"[、和及&]", ",", said).replace("。", ";").replace("\n", ";")
    for pattern, put in _WORDS:
        said = re.sub(pattern, put, said)
    for number, day in enumerate(DAYS):
        short = _SHORT[number]
        said = re.sub(rf"\b{day}s?\b|\b{day[:3]}\.?(?![a-z])", short, said)
        name = "一二三四五六日"[number] if number < WEEK_DAYS - 1 else "[日天]"
        said = re.sub(rf"(?:周|星期|礼拜){name}", f" {short} ", said)
    said = re.sub(r"\s*([-,;])\s*", r"\1", said)
    return re.sub(r"\s+", " ", said).strip(" ;,")


@cache
def week_of(words: str) -> Week | None:
    """Return the hours of each day of the week; None where the words cannot be read.

    Parameters
    ----------
    words
        Opening hours as they stand in data.

    Returns
    -------
    Spans in minutes from midnight for Monday to Sunday, those past midnight beyond 1440. A later
    rule of a day takes the place of an earlier one; a comma adds to it.

    Examples
    --------
    >>> week_of("Mo-Fr 08:00-12:00,13:30-17:00; Sa off")[0]
    ((480, 720), (810, 1020))
    >>> week_of("sunrise-sunset") is None
    True
    """
    days: list[tuple[Span, ...]] = [()] * WEEK_DAYS
    named = False
    for rule in plain(words).split(";"):
        read = _rules(rule)
        if not read:
            return None
        for number, (on, spans) in enumerate(read):
            if on is None and named:
                return None
            named = named or on is not None
            for day in range(WEEK_DAYS) if on is None else on:
                days[day] = (*days[day], *spans) if number else spans
    return tuple(days)


def is_open(week: Week, day: int, asked: Span) -> bool:
    """Return whether hours last through a span of a day, without a gap.

    Parameters
    ----------
    week
        The hours.
    day
        The day, 0 for Monday.
    asked
        The span in minutes from midnight.

    Examples
    --------
    >>> is_open(week_of("08:00-11:30,11:30-17:00"), 0, (660, 720))
    True
    """
    late = [(begin - DAY_MIN, end - DAY_MIN) for begin, end in week[day - 1]]
    reached = asked[0]
    for begin, end in sorted([*late, *week[day]]):
        if begin <= reached < end:
            reached = end
    return reached >= asked[1]


def open_through(hours: pd.Series, days: tuple[int, ...], asked: Span) -> pd.Series:
    """Return which facilities are open through a span on every one of some days.

    Parameters
    ----------
    hours
        Opening hours as they stand in data, missing where nothing is said.
    days
        The days, 0 for Monday.
    asked
        The span in minutes from midnight.

    Returns
    -------
    True or False on the index of ``hours``; missing where nothing is said, or nothing can be read.
    """

    def _one(words: object) -> bool | None:
        week = week_of(words) if isinstance(words, str) and words.strip() else None
        return None if week is None else all(is_open(week, day, asked) for day in days)

    return pd.Series([_one(words) for words in hours], index=hours.index, dtype="boolean")


def span_of(words: str) -> Span | None:
    """Return a span such as ``11:00-12:00`` in minutes; None where it is none.

    Parameters
    ----------
    words
        The span.

    Examples
    --------
    >>> span_of("11:00-12:00"), span_of("12:00-11:00")
    ((660, 720), None)
    """
    ends = re.fullmatch(r"\s*(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})\s*", words)
    begin, end = (_clock(one, "") for one in ends.groups()) if ends else (None, None)
    if begin is None or end is None or not begin < end:
        return None
    return begin, end


def _rules(rule: str) -> list[tuple[tuple[int, ...] | None, tuple[Span, ...]]] | None:
    """Return the rules between two semicolons: days (None for all), and spans; None if unread."""
    found: list[tuple[tuple[int, ...] | None, tuple[Span, ...]]] = []
    tokens = [one for one in _TOKEN.finditer(rule) if one.lastgroup != "space"]
    at = 0
    while at < len(tokens):
        days, at = _days(tokens, at)
        spans, at = _spans(tokens, at)
        if spans is None or (found and days is None):
            return None
        found.append((days, spans))
        if at < len(tokens):
            if tokens[at].group() != ",":
                return None
            at += 1
    return found or None


def _days(tokens: list[re.Match[str]], at: int) -> tuple[tuple[int, ...] | None, int]:
    """Return the days named from a token on, None for none, and where they end."""
    found: list[int] = []
    while at < len(tokens) and tokens[at].lastgroup == "day":
        first = last = _SHORT.index(tokens[at].group())
        at += 1
        if at + 1 < len(tokens) and tokens[at].group() == "-" and tokens[at + 1].lastgroup == "day":
            last, at = _SHORT.index(tokens[at + 1].group()), at + 2
        found += [day % WEEK_DAYS for day in range(first, last + 1 + WEEK_DAYS * (last < first))]
        if at + 1 < len(tokens) and tokens[at].group() == "," and tokens[at + 1].lastgroup == "day":
            at += 1
    return tuple(found) or None, at


def _spans(tokens: list[re.Match[str]], at: int) -> tuple[tuple[Span, ...] | None, int]:
    """Return the spans from a token on, None where there are none, and where they end."""
    if at < len(tokens) and tokens[at].lastgroup in {"all", "off"}:
        return (((0, DAY_MIN),) if tokens[at].lastgroup == "all" else ()), at + 1
    found: list[Span] = []
    half = ""
    while True:
        ends: list[int] = []
        for sign in ("-", ""):
            if at < len(tokens) and tokens[at].lastgroup == "half":
                half, at = tokens[at].group(), at + 1
            clock = (
                _clock(tokens[at].group(), half)
                if at < len(tokens) and tokens[at].lastgroup == "time"
                else None
            )
            if clock is None:
                return None, at
            ends, at = [*ends, clock], at + 1
            if sign and (at >= len(tokens) or tokens[at].group() != sign):
                return None, at
            at += bool(sign)
        begin, end = ends
        if found and begin < found[-1][1]:  # 8:30-11:30, 1:30-5:00: of the afternoon, perhaps
            return None, at
        found.append((begin, end if begin < end else end + DAY_MIN))
        more = at + 1 < len(tokens) and tokens[at].group() == ","
        if not (more and tokens[at + 1].lastgroup in {"time", "half"}):
            return tuple(found), at
        at += 1


def _clock(time: str, half: str) -> int | None:
    """Return a time of day in minutes; None where there is no such time."""
    hour, minute = map(int, time.split(":"))
    if half == "pm" and hour < DAY_MIN // 120:
        hour += DAY_MIN // 120
    at = 60 * hour + minute
    return at if minute < 60 and at <= DAY_MIN else None
