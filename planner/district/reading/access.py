"""Who may use a street: what its class and its access tags say to walkers and to vehicles.

The rules are asked of every file of streets alike, whether its classes are OpenStreetMap's
(``highway``), Geofabrik's (``fclass``) or in Chinese, and whatever its column of classes is called.
For walkers they follow OSMnx and pyrosm, but that cycleways open to walkers and the outlines of
pedestrian squares are walked.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.district.matching import heading, normal

# Tags that decide, and the names under which columns of files hold them.
TAGS: dict[str, tuple[str, ...]] = {
    "highway": (
        "highway", "fclass", "道路等级", "道路类型", "道路类别", "道路级别", "道路分类", "道路种类",
        "道路性质", "技术等级", "等级", "级别", "类型", "类别", "class", "road class", "road type",
        "highway type", "roadclass", "roadtype", "type", "kind",
    ),
    "oneway": ("oneway", "单行", "是否单行", "单行线", "通行方向"),
    "foot": (
        "foot", "步行", "行人", "人行", "可步行", "是否可步行", "能否步行", "步行通行", "行人通行",
        "walkable", "walk",
    ),
    "access": ("access", "通行", "通行权", "是否通行", "能否通行", "可通行", "是否可通行"),
    "status": (
        "status", "state", "状态", "建设状态", "道路状态", "使用状态", "通车状态", "建设情况",
    ),
    "area": ("area",),
    "service": ("service",),
    "construction": ("construction", "在建", "是否在建", "under construction"),
    "sidewalk": ("sidewalk",),
    "sidewalk:both": ("sidewalk:both",),
    "sidewalk:left": ("sidewalk:left",),
    "sidewalk:right": ("sidewalk:right",),
    "motorroad": ("motorroad",),
    "junction": ("junction",),
    "bicycle": ("bicycle", "自行车", "骑行", "非机动车", "可骑行", "自行车通行", "非机动车通行"),
    "wheelchair": ("wheelchair", "轮椅", "无障碍", "轮椅通行", "无障碍通行"),
    "motorcar": ("motorcar",),
    "motor_vehicle": ("motor_vehicle",),
    "vehicle": ("vehicle",),
    "layer": ("layer", "层", "层级"),
    "bridge": ("bridge", "桥", "桥梁"),
    "tunnel": ("tunnel", "隧道"),
}  # fmt: skip
# What else a file of OpenStreetMap's lines may hold: such rows without a class are no streets. In
# other files such a column may say something of a street, but never these.
_OTHER_WAYS = ("railway", "waterway", "aerialway", "aeroway")
_OTHER_LINES = (
    "railway", "waterway", "barrier", "aerialway", "power", "natural", "boundary", "man_made",
    "building", "landuse", "aeroway", "route", "pipeline",
)  # fmt: skip
_NOT_THERE = {
    "abandoned", "construction", "demolished", "disused", "no", "planned", "platform",
    "proposed", "raceway", "razed", "rest_area", "services", "在建", "在建道路", "规划",
    "规划道路", "拟建", "未建", "废弃",
}  # fmt: skip
# What a column of the state of streets says of those that nobody can use.
_STATES_NOT_THERE = {
    "abandoned", "closed", "construction", "demolished", "disused", "planned", "proposed", "razed",
    "under construction", "not open", "在建", "在建中", "建设中", "施工", "施工中", "正在施工",
    "规划", "规划中", "规划道路", "计划", "拟建", "待建", "未建", "未开工", "筹建", "未通车",
    "未开通", "废弃", "已废弃", "停用", "已停用", "封闭", "封闭施工", "封路", "断路", "关闭",
    "已关闭", "拆除", "已拆除", "拟建道路", "在建道路",
}  # fmt: skip
_NO_STREETS = {
    "rail", "railway", "subway", "light_rail", "tram", "monorail", "narrow_gauge", "funicular",
    "ferry", "river", "stream", "canal", "铁路", "地铁", "轨道", "轨道交通", "高铁", "轻轨",
    "有轨电车", "城际铁路", "普速铁路", "高速铁路", "磁悬浮", "轮渡", "渡轮", "航线", "航道",
    "河流", "水系",
}  # fmt: skip
_MOTORWAYS = {
    "motorway", "motorway_link", "motorway_junction", "freeway", "expressway", "高速", "高速公路",
    "高速路", "高速道路", "国家高速", "国家高速公路", "省级高速", "省级高速公路", "城市高速",
    "城市高速路", "城市高速公路", "高速匝道", "高速公路匝道", "快速路", "快速道路", "快速公路",
    "城市快速路", "快速路匝道",
}  # fmt: skip
_MOTOR_ROADS = {"trunk", "trunk_link", *_MOTORWAYS}  # with homes along few of them, if any
_NEITHER = {"", "no", "f", "false", "0", "否"}  # bridge nor tunnel
_CYCLEWAYS = {"cycleway", "自行车道", "非机动车道", "绿道"}
_NOT_WALKED = {"bus_guideway", "cycleway", "motor", "自行车道", "非机动车道", *_MOTORWAYS}
_NOT_DRIVEN = {
    "bridleway", "bus_guideway", "busway", "corridor", "cycleway", "elevator", "escalator",
    "footway", "ladder", "path", "pedestrian", "steps", "via_ferrata", "人行道", "步道",
    "步行道", "步行街", "步行道路", "人行天桥", "天桥", "人行通道", "地下通道", "地道", "台阶",
    "阶梯", "梯道", "梯步", "自行车道", "非机动车道", "绿道", "健身步道", "登山道", "游步道",
}  # fmt: skip
# Further classes, by which a column of classes is known.
_ROADS = {
    "trunk", "primary", "secondary", "tertiary", "trunk_link", "primary_link", "secondary_link",
    "tertiary_link", "residential", "unclassified", "living_street", "service", "track", "主干路",
    "主干道", "次干路", "次干道", "支路", "国道", "省道", "县道", "乡道", "村道", "街巷", "巷道",
    "小区道路", "小区路", "一级公路", "二级公路", "三级公路", "四级公路",
}  # fmt: skip
# Words that say as much in many a column, and nothing of a class.
_COMMON = {"no", "motor", "services", "construction", "planned", "platform", "path", "corridor"}
_CLOSED = {
    "no", "n", "f", "false", "0", "private", "closed", "禁止", "禁行", "禁止通行", "禁止步行",
    "禁止行人", "行人禁行", "不允许", "不准", "否", "不", "不可", "不能", "不可以", "不通",
    "不通行", "不可通行", "不能通行", "不可步行", "封闭", "封路", "关闭", "私有", "私人",
}  # fmt: skip
_OPEN = {
    "yes", "y", "t", "designated", "permissive", "destination", "delivery", "official", "true", "1",
    "是", "可", "可以", "允许", "准许", "开放",
}  # fmt: skip
_SIDES = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
_HSTORE = re.compile(r'"([^"]+)"\s*=>\s*"([^"]*)"')
_MOST_CLASSES = 500  # different words of a column of classes
_APART = re.compile(r"\s*[;,、|/]\s*")
_BRACKETS = ("highway", "status", "construction")  # 快速路（封闭）: both words count
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
    tags = [_unpacked(cell) for cell in frame[packed]]
    new: dict[str, Any] = {
        tag: [own.get(tag) for own in tags]
        for tag in (*TAGS, *_OTHER_LINES)
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
    known = _NOT_WALKED | _NOT_DRIVEN | _NO_STREETS | _MOTORWAYS
    named["highway"] = _by_content(
        frame, named["highway"], rest, known | _ROADS | _NOT_THERE, known - _COMMON
    )
    rest = [column for column in rest if column not in named["highway"]]
    states = {word for word in _STATES_NOT_THERE if not word.isascii()}
    named["status"] = _by_content(frame, named["status"], rest, _STATES_NOT_THERE, states)
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
            if _any_of(_words(frame[column], brackets=True).to_numpy(object), words).any():
                return [column]
    return list(named[:1])


def _is_wordy(column: pd.Series) -> bool:
    """Return whether a column holds few words again and again, as one of classes does."""
    texts = column.dtype == object or pd.api.types.is_string_dtype(column)
    return texts and len(_kinds(column)[1]) <= _MOST_CLASSES


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
            other = other | ~_words(frame[columns[tag]]).isin({"", "no"}).to_numpy()
    if classes is None:
        return other
    without: Flags = other & (_words(frame[classes]) == "").to_numpy()
    return without


def distinct(tags: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """Return the ways that differ in their tags, each once, and which of them every way is.

    Parameters
    ----------
    tags
        A column for each of `TAGS` that is known (n rows); further columns count nothing.

    Returns
    -------
    The ways that differ (m rows), numbered from 0, and the number of each way's like (n).
    """
    own = tags[[name for name in tags if name in TAGS]]
    code = np.zeros(len(own), np.intp)
    for name in own:
        number = _kinds(own[name])[0]
        code = pd.factorize(code * (number.max(initial=0) + 1) + number)[0]
    first = np.unique(code, return_index=True)[1]
    return own.iloc[first].reset_index(drop=True), code


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


def wheeled(tags: pd.DataFrame) -> Flags:
    """Return which ways people may go along by wheelchair, as far as tags tell.

    Parameters
    ----------
    tags
        A column for each of `TAGS` that is known, missing where a way lacks it.

    Returns
    -------
    Boolean array, one for each way.
    """
    out: Flags = walked(tags) & ~_any_of(_Tags(tags)["wheelchair"], _CLOSED)
    return out


def cycled(tags: pd.DataFrame) -> Flags:
    """Return which ways people may go along by bicycle or e-bike, riding or walking beside it.

    Parameters
    ----------
    tags
        A column for each of `TAGS` that is known, missing where a way lacks it.

    Returns
    -------
    Boolean array, one for each way.
    """
    tag = _Tags(tags)
    ways = _any_of(tag["highway"], _CYCLEWAYS) & ~_not_there(tag)
    said = np.where(tag["bicycle"] != "", tag["bicycle"], tag["vehicle"])
    said = np.where(said != "", said, tag["access"])
    invited = _any_of(tag["bicycle"], _OPEN)
    shut = _any_of(said, _CLOSED) & ~_any_of(tag["bicycle"], {"dismount"})
    motorroad = _any_of(tag["motorroad"], {"yes"}) & ~invited
    out: Flags = (walked(tags) | driven(tags) | ways) & ~shut & ~motorroad
    return out


def lived_on(lines: gpd.GeoDataFrame) -> Flags:
    """Return along which ways people may live: not on bridges, in tunnels, or by motor roads.

    Parameters
    ----------
    lines
        Ways with their tags, as `walked` knows them; what is not tagged counts as lived on.

    Returns
    -------
    Boolean array, one for each way.
    """
    alike, code = distinct(pd.DataFrame(lines.drop(columns="geometry")))
    tag = _Tags(alike)
    above = [~_any_of(tag[name], _NEITHER) for name in ("bridge", "tunnel")]
    no_home = np.logical_or.reduce([*above, _any_of(tag["highway"], _MOTOR_ROADS)])
    found: Flags = ~no_home[code]
    return found


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
    shut: Flags = _any_of(tag["highway"], _NOT_THERE | _NO_STREETS) | building
    return shut | _any_of(tag["status"], _STATES_NOT_THERE)


class _Tags(dict[str, "NDArray[np.object_]"]):
    """The words of each tag, in the form in which words are compared; empty where missing."""

    def __init__(self, tags: pd.DataFrame) -> None:
        super().__init__(
            {
                name: _words(tags[name], brackets=name in _BRACKETS).to_numpy(object)
                for name in tags
                if name in TAGS
            }
        )
        self._nothing = np.full(len(tags), "", object)

    def __missing__(self, name: str) -> NDArray[np.object_]:
        return self._nothing


def _words(column: pd.Series, *, brackets: bool = False) -> pd.Series:
    """Return the words of each cell, with ``;`` between several; empty where there are none."""
    code, cells = _kinds(column)
    known = np.array([_word(_hashable(cell), brackets=brackets) for cell in cells], object)
    words = known[code] if len(known) else np.empty(0, object)
    return pd.Series(words, index=column.index, dtype=object)


def _kinds(column: pd.Series) -> tuple[NDArray[np.intp], Any]:
    """Return the number of each cell's like, and the cells that differ, each once."""
    if isinstance(column.dtype, pd.StringDtype):  # with no object for each of millions of cells
        return pd.factorize(column.array, use_na_sentinel=False)
    cells = pd.Series([_hashable(cell) for cell in column], dtype=object)
    return pd.factorize(cells, use_na_sentinel=False)


def _hashable(cell: object) -> object:
    if isinstance(cell, list | tuple | set | np.ndarray):
        return tuple(str(one) for one in cell)
    if isinstance(cell, dict):
        return str(cell)
    return None if cell is None or cell is pd.NA or cell != cell else cell  # noqa: PLR0124


def _word(cell: object, *, brackets: bool) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    words = _APART.split(";".join(map(normal, cell if isinstance(cell, tuple) else _listed(cell))))
    if brackets:
        parts = [(word, heading(word)) for word in words]
        words = [one for word, (base, more) in parts for one in dict.fromkeys((word, base, *more))]
    return ";".join(word for word in words if word)


def _listed(cell: object) -> Sequence[object]:
    """Return the items of a list that was written as text, as OSMnx and GDAL do; else the cell."""
    if cell is None:
        return ()
    if isinstance(cell, str) and cell.strip().startswith("["):
        for read in (json.loads, ast.literal_eval):
            try:
                said = read(cell)
            except (ValueError, SyntaxError, RecursionError, MemoryError):
                continue
            if isinstance(said, list):
                return said
    return (cell,)


def _any_of(words: NDArray[np.object_], wanted: Collection[str]) -> Flags:
    """Return which words are wanted ones, also as one of several (``private;delivery``)."""
    plain = {normal(word) for word in wanted}
    known = {word: bool(plain.intersection(word.split(";"))) for word in set(words)}
    return np.array([known[word] for word in words], bool)
