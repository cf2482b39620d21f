"""Words that files of streets use for classes, states and access, and how cells are compared."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.district.matching import heading, normal

INCLINE = "incline"  # the tag of slopes, which says nothing of who may use a street
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
NOT_THERE = {
    "abandoned", "construction", "demolished", "disused", "no", "planned", "platform",
    "proposed", "raceway", "razed", "rest_area", "services", "在建", "在建道路", "规划",
    "规划道路", "拟建", "未建", "废弃",
}  # fmt: skip
# What a column of the state of streets says of those that nobody can use.
STATES_NOT_THERE = {
    "abandoned", "closed", "construction", "demolished", "disused", "planned", "proposed", "razed",
    "under construction", "not open", "在建", "在建中", "建设中", "施工", "施工中", "正在施工",
    "规划", "规划中", "规划道路", "计划", "拟建", "待建", "未建", "未开工", "筹建", "未通车",
    "未开通", "废弃", "已废弃", "停用", "已停用", "封闭", "封闭施工", "封路", "断路", "关闭",
    "已关闭", "拆除", "已拆除", "拟建道路", "在建道路",
}  # fmt: skip
NO_STREETS = {
    "rail", "railway", "subway", "light_rail", "tram", "monorail", "narrow_gauge", "funicular",
    "ferry", "river", "stream", "canal", "铁路", "地铁", "轨道", "轨道交通", "高铁", "轻轨",
    "有轨电车", "城际铁路", "普速铁路", "高速铁路", "磁悬浮", "轮渡", "渡轮", "航线", "航道",
    "河流", "水系",
}  # fmt: skip
MOTORWAYS = {
    "motorway", "motorway_link", "motorway_junction", "freeway", "expressway", "高速", "高速公路",
    "高速路", "高速道路", "国家高速", "国家高速公路", "省级高速", "省级高速公路", "城市高速",
    "城市高速路", "城市高速公路", "高速匝道", "高速公路匝道", "快速路", "快速道路", "快速公路",
    "城市快速路", "快速路匝道",
}  # fmt: skip
NOT_WALKED = {"bus_guideway", "cycleway", "motor", "自行车道", "非机动车道", *MOTORWAYS}
NOT_DRIVEN = {
    "bridleway", "bus_guideway", "busway", "corridor", "cycleway", "elevator", "escalator",
    "footway", "ladder", "path", "pedestrian", "steps", "via_ferrata", "人行道", "步道",
    "步行道", "步行街", "步行道路", "人行天桥", "天桥", "人行通道", "地下通道", "地道", "台阶",
    "阶梯", "梯道", "梯步", "自行车道", "非机动车道", "绿道", "健身步道", "登山道", "游步道",
}  # fmt: skip
_APART = re.compile(r"\s*[;,、|/]\s*")
_BRACKETS = ("highway", "status", "construction")  # 快速路（封闭）: both words count

Flags = NDArray[np.bool_]


class Tags(dict[str, "NDArray[np.object_]"]):
    """The words of each tag, in the form in which words are compared; empty where missing."""

    def __init__(self, tags: pd.DataFrame) -> None:
        super().__init__(
            {
                name: words_of(tags[name], brackets=name in _BRACKETS).to_numpy(object)
                for name in tags
                if name in TAGS
            }
        )
        self._nothing = np.full(len(tags), "", object)

    def __missing__(self, name: str) -> NDArray[np.object_]:
        return self._nothing


def words_of(column: pd.Series, *, brackets: bool = False) -> pd.Series:
    """Return the words of each cell, with ``;`` between several; empty where there are none.

    Parameters
    ----------
    column
        Cells as read: texts, numbers, lists, or lists written as text.
    brackets
        Whether words in brackets count beside those before them.

    Returns
    -------
    A text for each cell, on the index of the column.
    """
    code, cells = kinds_of(column)
    known = np.array([_word(_hashable(cell), brackets=brackets) for cell in cells], object)
    words = known[code] if len(known) else np.empty(0, object)
    return pd.Series(words, index=column.index, dtype=object)


def kinds_of(column: pd.Series) -> tuple[NDArray[np.intp], Any]:
    """Return the number of each cell's like, and the cells that differ, each once.

    Parameters
    ----------
    column
        Cells as read (n).

    Returns
    -------
    Numbers from 0 (n), and the cells that differ (m).
    """
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


def any_of(words: NDArray[np.object_], wanted: Collection[str]) -> Flags:
    """Return which words are wanted ones, also as one of several (``private;delivery``).

    Parameters
    ----------
    words
        Words of a tag, as `words_of` gives them (n).
    wanted
        The words looked for, as written.

    Returns
    -------
    Boolean array (n).
    """
    plain = {normal(word) for word in wanted}
    known = {word: bool(plain.intersection(word.split(";"))) for word in set(words)}
    return np.array([known[word] for word in words], bool)
