"""Invented names: communities, villages, roads. None is taken from a map."""

from __future__ import annotations

import numpy as np

STREETS = {
    "澄湾街道": ((300, -1000), "中"),  # seat in metres, zone
    "潮平街道": ((-1500, 1200), "中"),
    "望潮街道": ((-4700, 400), "中"),
    "新澜街道": ((4300, 1300), "中"),
    "锦港街道": ((-2800, 4600), "北"),
    "沙屿街道": ((-8000, 1000), "北"),
    "鹭汀街道": ((5000, 4900), "北"),
    "云岫镇": ((-6800, -4000), "南"),
    "青垟镇": ((-900, -6200), "南"),
    "螺岙镇": ((6200, -3800), "南"),
}

_URBAN_FIRST = "望听临沁锦和瑞映观凌翠晴清碧嘉景福康宁泰文明星海潮澄汐岚桂荷兰松竹梅枫柳榆"
_URBAN_LAST = "海潮澜波汀洲苑园桥亭台岸渚溪泉庭里坊阁轩堤津月霞霖晖风荷塘湾屿"
_VILLAGE_FIRST = """\
石浦 上林 下林 沙头 牧马 周家 郑家 虞家 童家 贺家 乐家 俞家 竺家 水门 双石 横山 竹园 杨梅 白石
青石 乌沙 金沙 泥螺 海角 盐田 老盐 网埠 渔潭 蟹山 蛏田 柴湾 芦花 芦溪 枫树 樟木 桂花 梅溪 桃坞
茶园 栗树 大坪 小坪 长坑 龙潭 凤山 狮子 牛轭 鹤渚 燕窝 灵石 田童坑 庙前 庙后 祠堂 塔下 西畈
东畈 南畈 北畈 前塍 后塍 里塘 外塘 新塘 老塘 三塘 五塘 七塘 九塘 中塘 上堰 下堰 洪家 柯家
施家 屠家 沃家 翁家 应家 裘家 柴家 夏家 傅家 严家 谢家 朱家 胡家 顾家 林家 孙家 徐家 陆家
"""
_VILLAGE_LAST = "塘岙浦漕埠畈岭湾沙垟塍堰桥墩坑头弄池渡跳"
# Pairs the lists above would make by chance, but that are known places elsewhere.
_REAL = """\
海曙 望海 镇海 临海 宁海 嘉兴 文成 泰兴 福海 明月 清溪 兰溪 桂林 景宁 临潼 清泉 金沙湾 泰宁
临澧 和平 沙头浦 白石头 长江 松江 泰山 金山 文昌 景山 昌平 长宁 永康 永宁 永安 乐山 文山 昌江
明光 丰宁 安康 安阳 兴山 福安 福港 兰亭 瑞海 宁波 海宁 康桥 嘉桥 东海 岩河 红联 玉兰 高塘 鹤浦
"""
_ROAD_FIRST = (
    "潮澄海锦望云鹭汐澜沧岚星霞碧瑞和嘉景文明泰康宁福昌兴盛丰乐安顺永长凌翠桂枫松竹荷柳榆樟银金玉"
)
_ROAD_LAST = "平安海宁和康泰华阳明光晖辉泽源川江河澜汀洲浦港桥山岭林园庭景文昌盛丰隆"


def communities(count: int, rng: np.random.Generator) -> list[str]:
    """Invent names of urban communities, 望海社区 first."""
    made = [a + b for a in _URBAN_FIRST for b in _URBAN_LAST if a != b and a + b not in _REAL]
    return ["望海社区", *(f"{name}社区" for name in rng.permutation(made)[: count - 1])]


def villages(count: int, rng: np.random.Generator) -> list[str]:
    """Invent names of villages, 石浦塘村 first."""
    made = [
        a + b
        for a in _VILLAGE_FIRST.split()
        for b in _VILLAGE_LAST
        if b not in a and a + b not in _REAL
    ]
    return ["石浦塘村", *(f"{name}村" for name in _apart(rng.permutation(made), count - 1))]


def roads(rng: np.random.Generator) -> list[str]:
    """Invent two-character stems of road names, in random order."""
    made = [a + b for a in _ROAD_FIRST for b in _ROAD_LAST if a != b and a + b not in _REAL]
    return [str(name) for name in rng.permutation(made)]


def _apart(names: np.ndarray, count: int) -> list[str]:
    """Take names so that each first part is used at most twice."""
    used: dict[str, int] = {}
    taken: list[str] = []
    for name in names:
        stem = str(name)[:-1]
        if used.get(stem, 0) < 2 and name != "石浦塘":
            used[stem] = used.get(stem, 0) + 1
            taken.append(str(name))
        if len(taken) == count:
            break
    return taken
