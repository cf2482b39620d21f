"""Who may use a street: what its class and its access tags say to walkers and to vehicles.

The rules are asked of every file of streets alike, whether its classes are OpenStreetMap's
(``highway``), Geofabrik's (``fclass``) or in Chinese. For walkers they follow OSMnx and pyrosm,
but that cycleways open to walkers and the outlines of pedestrian squares are walked.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.district.matching import normal

# Tags that decide, and the names under which columns of files hold them.
TAGS: dict[str, tuple[str, ...]] = {
    "highway": ("highway", "fclass", "道路等级", "道路类型", "道路类别", "等级", "class", "type"),
    "oneway": ("oneway", "单行", "是否单行", "单行线", "通行方向"),
    "foot": ("foot", "步行", "行人"),
    "access": ("access", "通行", "通行权"),
    "area": ("area",),
    "service": ("service",),
    "construction": ("construction", "在建", "是否在建"),
    "sidewalk": ("sidewalk",),
    "sidewalk:both": ("sidewalk:both",),
    "sidewalk:left": ("sidewalk:left",),
    "sidewalk:right": ("sidewalk:right",),
    "motorroad": ("motorroad",),
    "junction": ("junction",),
    "motorcar": ("motorcar",),
    "motor_vehicle": ("motor_vehicle",),
    "vehicle": ("vehicle",),
    "layer": ("layer", "层", "层级"),
    "bridge": ("bridge", "桥", "桥梁"),
    "tunnel": ("tunnel", "隧道"),
}  # fmt: skip
# What else a file of OpenStreetMap's lines may hold: such rows without a class are no streets.
_OTHER_LINES = (
    "railway", "waterway", "barrier", "aerialway", "power", "natural", "boundary", "man_made",
    "building", "landuse", "aeroway", "route", "pipeline",
)  # fmt: skip
_NOT_THERE = {
    "abandoned", "construction", "demolished", "disused", "no", "planned", "platform",
    "proposed", "raceway", "razed", "rest_area", "services", "在建", "在建道路", "规划",
    "规划道路", "拟建", "未建", "废弃", "铁路", "地铁", "轨道", "轨道交通", "高铁", "轻轨",
}  # fmt: skip
_MOTORWAYS = {
    "motorway", "motorway_link", "高速", "高速公路", "高速路", "国家高速", "省级高速", "城市高速",
    "高速匝道", "高速公路匝道", "快速路", "城市快速路", "快速路匝道",
}  # fmt: skip
_NOT_WALKED = {"bus_guideway", "cycleway", "motor", "自行车道", "非机动车道", *_MOTORWAYS}
_NOT_DRIVEN = {
    "bridleway", "bus_guideway", "busway", "corridor", "cycleway", "elevator", "escalator",
    "footway", "ladder", "path", "pedestrian", "steps", "via_ferrata", "人行道", "步道",
    "步行道", "步行街", "步行道路", "人行天桥", "天桥", "人行通道", "地下通道", "地道", "台阶",
    "阶梯", "梯道", "梯步", "自行车道", "非机动车道", "绿道", "健身步道", "登山道", "游步道",
}  # fmt: skip
_CLOSED = {"no", "private", "禁止", "禁行", "不允许", "false", "0"}
_OPEN = {"yes", "designated", "permissive", "destination", "delivery", "official", "true", "1"}
_SIDES = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
_HSTORE = re.compile(r'"([^"]+)"\s*=>\s*"([^"]*)"')
_ONEWAY = {
    "yes": "yes", "true": "yes", "1": "yes", "f": "yes", "是": "yes", "单行": "yes", "单向": "yes",
    "正向": "yes", "-1": "-1", "reverse": "-1", "t": "-1", "反向": "-1", "逆向": "-1",
}  # fmt: skip

Flags = NDArray[np.bool_]


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
    tags = [dict(_HSTORE.findall(cell)) if isinstance(cell, str) else {} for cell in frame[packed]]
    new: dict[str, Any] = {
        tag: [own.get(tag) for own in tags]
        for tag in (*TAGS, *_OTHER_LINES)
        if tag not in frame.columns and any(tag in own for own in tags)
    }
    return frame.assign(**new) if new else frame


def no_streets(frame: pd.DataFrame) -> Flags:
    """Return which rows have no class and are something else: a railway, a fence, a river.

    Parameters
    ----------
    frame
        Lines as read, with the tags as columns.

    Returns
    -------
    Boolean array, one for each row; all False where there is no column ``highway``.
    """
    columns = {str(column).casefold(): column for column in frame.columns}
    nothing = np.zeros(len(frame), bool)
    if "highway" not in columns:
        return nothing
    other = nothing
    for tag in _OTHER_LINES:
        if tag in columns:
            other = other | (_words(frame[columns[tag]]) != "").to_numpy()
    return other & (_words(frame[columns["highway"]]) == "").to_numpy()


def walked(tags: pd.DataFrame) -> Flags:
    """Return which ways people may walk along.

    Parameters
    ----------
    tags
        A column for each of `TAGS` that is known, missing where a way lacks it.

    Returns
    -------
    Boolean array, one for each way.
    """
    tag = _Tags(tags)
    by_foot = np.where(tag["foot"] != "", tag["foot"], tag["access"])
    shut = _any_of(by_foot, _CLOSED)
    invited = _any_of(tag["foot"], _OPEN)
    square = _any_of(tag["highway"], {"pedestrian", "footway"})
    flat = _any_of(tag["area"], {"yes", "true", "1"}) & ~square
    sides = np.logical_or.reduce([tag[side] == "separate" for side in _SIDES])
    cycleway = _any_of(tag["highway"], {"cycleway"}) & invited
    not_walked = _any_of(tag["highway"], _NOT_WALKED) & ~cycleway
    motorroad = _any_of(tag["motorroad"], {"yes"}) & ~invited
    private = _any_of(tag["service"], {"private"})
    out: Flags = ~(_not_there(tag) | not_walked | shut | flat | sides | private | motorroad)
    return out


def driven(tags: pd.DataFrame) -> Flags:
    """Return which ways vehicles may use.

    Parameters
    ----------
    tags
        A column for each of `TAGS` that is known, missing where a way lacks it.

    Returns
    -------
    Boolean array, one for each way.
    """
    tag = _Tags(tags)
    said = tag["access"]
    for key in ("vehicle", "motor_vehicle", "motorcar"):  # the last, most specific, decides
        said = np.where(tag[key] != "", tag[key], said)
    vehicle = np.where(tag["motor_vehicle"] != "", tag["motor_vehicle"], tag["vehicle"])
    let_in = _any_of(tag["highway"], {"pedestrian", "footway"}) & _any_of(vehicle, _OPEN)
    foot_alone = _any_of(tag["highway"], _NOT_DRIVEN) & ~let_in
    flat = _any_of(tag["area"], {"yes", "true", "1"})
    return ~(_not_there(tag) | foot_alone | flat | _any_of(said, _CLOSED))


def oneway(tags: pd.DataFrame) -> pd.Series:
    """Return which way vehicles may go, in OpenStreetMap's words; roundabouts go one way.

    Parameters
    ----------
    tags
        A column for each of `TAGS` that is known, missing where a way lacks it.

    Returns
    -------
    ``yes`` or ``-1`` (the reverse) on the index of ``tags``; missing where both ways are open.
    """
    tag = _Tags(tags)
    words = pd.Series(tag["oneway"], index=tags.index).map(_ONEWAY)
    implied = _any_of(tag["junction"], {"roundabout", "circular"}) | _any_of(
        tag["highway"], {"motorway"}
    )
    said = pd.Series(tag["oneway"] != "", index=tags.index)
    return words.mask(pd.Series(implied, index=tags.index) & ~said, "yes")


def _not_there(tag: _Tags) -> Flags:
    under_way = tag["construction"]
    building = (under_way != "") & ~_any_of(under_way, {"no", "minor", "false", "0", "否"})
    shut: Flags = _any_of(tag["highway"], _NOT_THERE) | building
    return shut


class _Tags(dict[str, "NDArray[np.object_]"]):
    """The words of each tag, in the form in which words are compared; empty where missing."""

    def __init__(self, tags: pd.DataFrame) -> None:
        super().__init__(
            {name: _words(tags[name]).to_numpy(object) for name in tags if name in TAGS}
        )
        self._nothing = np.full(len(tags), "", object)

    def __missing__(self, name: str) -> NDArray[np.object_]:
        return self._nothing


def _words(column: pd.Series) -> pd.Series:
    known: dict[object, str] = {
        cell: "" if _is_missing(cell) else _word(cell) for cell in map(_hashable, column)
    }
    return pd.Series([known[_hashable(cell)] for cell in column], index=column.index, dtype=object)


def _hashable(cell: object) -> object:
    return cell[0] if isinstance(cell, list) and cell else None if isinstance(cell, list) else cell


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NA or cell != cell or not str(cell).strip()  # noqa: PLR0124


def _word(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return normal(cell)


def _any_of(words: NDArray[np.object_], wanted: set[str]) -> Flags:
    """Return which words are wanted ones, also as one of several (``private;delivery``)."""
    plain = {normal(word) for word in wanted}
    known = {word: bool(plain.intersection(re.split(r"\s*;\s*", word))) for word in set(words)}
    return np.array([known[word] for word in words], bool)
