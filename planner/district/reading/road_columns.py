"""Find what a file of streets says of each in its columns, whatever these are called."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from planner.district.matching import normal
from planner.district.reading.road_words import (
    INCLINE,
    MOTORWAYS,
    NO_STREETS,
    NOT_DRIVEN,
    NOT_THERE,
    NOT_WALKED,
    STATES_NOT_THERE,
    TAGS,
    Flags,
    any_of,
    kinds_of,
    words_of,
)

# What else a file of OpenStreetMap's lines may hold: such rows without a class are no streets. In
# other files such a column may say something of a street, but never these.
_OTHER_WAYS = ("railway", "waterway", "aerialway", "aeroway")
_OTHER_LINES = (
    "railway", "waterway", "barrier", "aerialway", "power", "natural", "boundary", "man_made",
    "building", "landuse", "aeroway", "route", "pipeline",
)  # fmt: skip
# Further classes, by which a column of classes is known.
_ROADS = {
    "trunk", "primary", "secondary", "tertiary", "trunk_link", "primary_link", "secondary_link",
    "tertiary_link", "residential", "unclassified", "living_street", "service", "track", "主干路",
    "主干道", "次干路", "次干道", "支路", "国道", "省道", "县道", "乡道", "村道", "街巷", "巷道",
    "小区道路", "小区路", "一级公路", "二级公路", "三级公路", "四级公路",
}  # fmt: skip
# Words that say as much in many a column, and nothing of a class.
_COMMON = {"no", "motor", "services", "construction", "planned", "platform", "path", "corridor"}
_HSTORE = re.compile(r'"([^"]+)"\s*=>\s*"([^"]*)"')
_MOST_CLASSES = 500  # different words of a column of classes


def spelt_out(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of lines with the tags that GDAL keeps in ``other_tags`` as columns.

    Parameters
    ----------
    frame
        Lines as read; without a column ``other_tags`` or ``all_tags`` they stay as they are.

    Returns
    -------
    The lines, with a column for each tag that the rules ask and some way has.
    """
    packed = next((c for c in frame.columns if normal(c) in {"othertags", "alltags"}), None)
    if packed is None:
        return frame
    tags = [_unpacked(cell) for cell in frame[packed]]
    new: dict[str, Any] = {
        tag: [own.get(tag) for own in tags]
        for tag in (*TAGS, INCLINE, *_OTHER_LINES)
        if tag not in frame.columns and any(tag in own for own in tags)
    }
    return frame.assign(**new) if new else frame


def _unpacked(cell: object) -> dict[str, str]:
    """Return the tags that a cell packs: as GDAL writes them, or as JSON."""
    if isinstance(cell, dict):
        return {str(key): str(value) for key, value in cell.items() if value is not None}
    if not isinstance(cell, str):
        return {}
    if cell.lstrip().startswith("{"):
        try:
            said = json.loads(cell)
        except (ValueError, RecursionError):
            said = {}
        return _unpacked(said) if isinstance(said, dict) else {}
    return dict(_HSTORE.findall(cell))


def find_columns(frame: pd.DataFrame, spoken_for: Collection[str]) -> dict[str, str]:
    """Find the column of each tag: by its names, of classes and of states also by what it holds.

    Parameters
    ----------
    frame
        Lines as read, with the tags as columns.
    spoken_for
        Columns that stand for something else.

    Returns
    -------
    The column of the file for each of `TAGS` that has one.
    """
    free = [str(name) for name in frame.columns if str(name) not in {*spoken_for, "geometry"}]
    named = {tag: _by_names(free, names) for tag, names in TAGS.items()}
    taken = {column for own in named.values() for column in own[:1]}
    rest = [column for column in free if column not in taken and _is_wordy(frame[column])]
    known = NOT_WALKED | NOT_DRIVEN | NO_STREETS | MOTORWAYS
    named["highway"] = _by_content(
        frame, named["highway"], rest, known | _ROADS | NOT_THERE, known - _COMMON
    )
    rest = [column for column in rest if column not in named["highway"]]
    states = {word for word in STATES_NOT_THERE if not word.isascii()}
    named["status"] = _by_content(frame, named["status"], rest, STATES_NOT_THERE, states)
    return {tag: own[0] for tag, own in named.items() if own}


def _by_names(free: Sequence[str], names: Sequence[str]) -> list[str]:
    plain = {normal(column): column for column in reversed(free)}
    return [plain[name] for name in map(normal, names) if name in plain]


def _by_content(
    frame: pd.DataFrame,
    named: Sequence[str],
    others: Sequence[str],
    known: Collection[str],
    telling: Collection[str],
) -> list[str]:
    """Return the column that holds known words: one so named, else any with a telling word."""
    for columns, words in ((named, known), (others, telling)):
        for column in columns:
            if any_of(words_of(frame[column], brackets=True).to_numpy(object), words).any():
                return [column]
    return list(named[:1])


def _is_wordy(column: pd.Series) -> bool:
    """Return whether a column holds few words again and again, as one of classes does."""
    texts = column.dtype == object or pd.api.types.is_string_dtype(column)
    return texts and len(kinds_of(column)[1]) <= _MOST_CLASSES


def no_streets(frame: pd.DataFrame, classes: str | None) -> Flags:
    """Return which rows have no class and are something else: a railway, a fence, a river.

    Parameters
    ----------
    frame
        Lines as read, with the tags as columns.
    classes
        The column of classes, where there is one.

    Returns
    -------
    Boolean array, one for each row.
    """
    columns = {str(column).casefold(): column for column in frame.columns}
    other = np.zeros(len(frame), bool)
    for tag in _OTHER_LINES if "highway" in columns else _OTHER_WAYS:
        if tag in columns and columns[tag] != classes:
            other = other | ~words_of(frame[columns[tag]]).isin({"", "no"}).to_numpy()
    if classes is None:
        return other
    without: Flags = other & (words_of(frame[classes]) == "").to_numpy()
    return without
