"""Invented names of communities, villages and roads. None is taken from a map."""

from __future__ import annotations

import numpy as np

_COMMUNITY_FIRST = "望听锦和瑞映观翠晴清碧嘉景福康宁泰文星汐岚桂荷兰松竹梅枫柳榆"
_COMMUNITY_LAST = "潮澜波汀洲苑园桥亭台岸渚溪泉庭里坊阁轩堤津月霞霖晖风荷塘湾"
_VILLAGE_FIRST = (
    "石浦 上林 下林 牧马 周家 郑家 虞家 童家 贺家 乐家 俞家 竺家 双石 横山 竹园 青石 乌沙 渔潭 "
    "蟹山 柴湾 芦花 枫树 樟木 梅溪 桃坞 栗树 大坪 长坑 凤山 牛轭 鹤渚 燕窝 田童 庙前 祠堂 塔下 "
    "西畈 东畈 南畈 北畈 前塍 后塍 里塘 外塘 洪家 柯家 施家 屠家 翁家 应家 裘家 夏家"
)
_VILLAGE_LAST = "塘岙漕畈岭湾垟塍堰墩坑池渡跳"
_ROAD_FIRST = "潮澄锦望云鹭汐澜沧岚星霞碧瑞嘉景泰康福昌兴盛丰顺凌翠桂枫松竹荷柳榆樟银玉"
_ROAD_LAST = "海宁康泰华阳晖辉泽源澜汀洲浦桥岭林园庭景文昌盛隆"
# Pairs that the lists above would make by chance, but that are known places elsewhere.
_REAL = [
    "望潮",
    "嘉兴",
    "泰兴",
    "福泉",
    "清溪",
    "兰溪",
    "桂林",
    "景宁",
    "清泉",
    "泰宁",
    "兰亭",
    "康桥",
    "嘉桥",
    "昌宁",
    "兴宁",
    "丰泽",
    "福海",
    "望海",
    "星海",
    "桂园",
    "松园",
    "竹园",
    "梅园",
    "荷塘",
    "柳园",
    "柳林",
    "兴隆",
    "昌隆",
    "玉林",
    "兴文",
    "福昌",
    "泰康",
    "福康",
    "海宁",
    "康泰",
    "松桥",
    "枫桥",
    "枫泾",
    "潮阳",
    "云阳",
    "松阳",
    "瑞昌",
    "桂阳",
    "丰宁",
    "云林",
    "景泰",
    "兴华",
    "盛泽",
    "福宁",
    "玉华",
    "兴海",
    "云浦",
    "松洲",
    "福洲",
    "星洲",
    "玉洲",
]

_CITIES = {"宁波", "清波"}


def communities(first: str, count: int, rng: np.random.Generator) -> list[str]:
    """Invent names of urban communities; the first is given."""
    made = [a + b for a in _COMMUNITY_FIRST for b in _COMMUNITY_LAST if a + b not in _REAL]
    others = [f"{name}社区" for name in rng.permutation(made) if name not in _CITIES]
    return [first, *(name for name in others if name != first)][:count]


def villages(count: int, rng: np.random.Generator) -> list[str]:
    """Invent names of villages, each of a first part of its own."""
    stems = rng.permutation(_VILLAGE_FIRST.split())[:count]
    ends = rng.choice(list(_VILLAGE_LAST), count)
    return [f"{a}{b}村" for a, b in zip(stems, ends, strict=True)]


def roads(rng: np.random.Generator) -> list[str]:
    """Invent two-character stems of road names, in random order."""
    made = [a + b for a in _ROAD_FIRST for b in _ROAD_LAST if a != b and a + b not in _REAL]
    return [str(name) for name in rng.permutation(made)]
