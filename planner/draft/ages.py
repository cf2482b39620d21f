"""People counted by age bands: which columns add up to all, and to those from some age on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from planner.district.matching import normal

_BAND = re.compile(
    r"^(?:a|age|pop|p)?(?P<low>\d{1,3})(?:(?:a|-|~|–|至|to|岁?[-~至])(?P<high>\d{1,3})|"
    r"(?P<up>up(?:5)?|\+|岁?(?:及)?以上|andover|plus))(?:岁|cnt|人|人数|人口|人口数|total)*$"
)
_OF_ONE_SEX = re.compile(r"男|女|(?<![a-z])[mf](?![a-z])|male", re.IGNORECASE)
OLDEST = 200
GROUPS = {"aged_60": 60, "aged_65": 65, "aged_70": 70, "aged_80": 80}


class Band(NamedTuple):
    """A column that counts people from an age up to another one, both included."""

    low: int
    high: int
    column: str


def bands(columns: Sequence[str]) -> list[Band]:
    """Return the columns that together count everybody by age, youngest first.

    Parameters
    ----------
    columns
        Headings of a table, such as ``A0A4_CNT``, ``65岁以上`` or ``15-64岁``.

    Returns
    -------
    Bands that follow each other from birth on without a gap, the last one open; none where the
    columns do not.

    Examples
    --------
    >>> [band.column for band in bands(["A0A14_CNT", "A0A14_M_CNT", "A15A64_CNT", "A65UP_CNT"])]
    ['A0A14_CNT', 'A15A64_CNT', 'A65UP_CNT']
    >>> bands(["0-14岁", "65岁以上"])
    []
    """
    found = []
    for column in columns:
        match = None if _OF_ONE_SEX.search(column) else _BAND.match(normal(column))
        if match:
            high = OLDEST if match["up"] else int(match["high"])
            found.append(Band(int(match["low"]), high, column))
    chain, age = list[Band](), 0
    while age < OLDEST:
        following = [band for band in found if band.low == age and band.high >= age]
        if not following:
            return []
        chain.append(min(following, key=lambda band: band.high))
        age = chain[-1].high + 1
    return chain


def groups_of(chain: Sequence[Band]) -> dict[str, list[str]]:
    """Return which of the bands make up each demand group, where a band begins at its age.

    Parameters
    ----------
    chain
        Bands as `bands` gives them.

    Returns
    -------
    Columns by demand group.

    Examples
    --------
    >>> groups_of(bands(["A0A14_CNT", "A15A64_CNT", "A65UP_CNT"]))
    {'aged_65': ['A65UP_CNT']}
    """
    starts = {band.low for band in chain}
    return {
        name: [band.column for band in chain if band.low >= age]
        for name, age in GROUPS.items()
        if age in starts
    }
