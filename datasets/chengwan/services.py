"""The stock of 2018 and what is planned: stations, canteens, shelters, institutions, candidates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from generator.town import Town, numbered, years

STATIONS, CANTEENS, SERVED, SHELTERS, PLACES = 258, 81, 194, 146, 39_590
INSTITUTIONS, BEDS, CANDIDATES = 20, 3_511, 90
_TOWN_SHELTERS = (
    ("小学", "学校"), ("中学体育馆", "学校"), ("文化中心", "文化场馆"),
    ("社区活动中心", "社区用房"),
)  # fmt: skip
_VILLAGE_SHELTERS = (
    ("文化礼堂", "文化场馆"), ("文化礼堂", "文化场馆"), ("小学", "学校"),
    ("村民活动中心", "村级用房"),
)  # fmt: skip


def stations(town: Town) -> tuple[pd.DataFrame, list[int]]:
    """Place 258 home-care stations; some villages have none. Gives also these villages."""
    rng, units = town.rng, town.units
    urban = np.flatnonzero(units.urban)
    rural = np.flatnonzero(~units.urban)
    without = sorted(int(k) for k in rng.choice(rural, 14, replace=False))
    first = [*urban, *(k for k in rural if k not in without)]
    size = units.population.to_numpy() / units.population.sum()
    second = rng.choice(first, STATIONS - len(first), replace=False,
                        p=size[first] / size[first].sum())  # fmt: skip
    opened = years(STATIONS, 2003, 2017, rng)
    opened[rng.choice(len(first), 4, replace=False)] = 2018
    grade = np.where(rng.random(STATIONS) < 0.25, "AAA级", "AA级")
    grade[rng.random(STATIONS) < 0.3] = "A级"
    rows = []
    for k, unit in enumerate([*first, *sorted(second)]):
        spread = 300 if units.urban.iloc[unit] else 170
        part = "第二" if k >= len(first) else ""
        rows.append(
            town.record(unit, spread, f"{town.stem(unit)}{part}居家养老服务站",
                    类型="居家养老服务站", 等级=str(grade[k]), 启用年份=int(opened[k]),
                    建筑面积=int(rng.integers(12, 60) * 10),
                    床位数=int(rng.choice([0, 0, 2, 4, 6])))
        )  # fmt: skip
    coming = ((2019, "在建"), (2019, "在建"), (2020, "在建"), (2020, "规划"), (2021, "规划"))
    for unit, (year, state) in zip(without[:5], coming, strict=True):
        rows.append(
            town.record(unit, 100, f"{town.stem(unit)}居家养老服务站", 类型="居家养老服务站",
                    等级="A级", 启用年份=year, 状态=state, 建筑面积=200, 床位数=2)
        )  # fmt: skip
    for unit, shut in zip(without[5:7], (2014, 2016), strict=True):
        rows.append(
            town.record(unit, 100, f"{town.stem(unit)}居家养老服务站", 类型="居家养老服务站",
                    等级="A级", 启用年份=2005, 停用年份=shut, 状态="停用", 建筑面积=120, 床位数=0)
        )  # fmt: skip
    return numbered(rows, "ZD"), without


def canteens(town: Town) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Place 81 canteens and the delivery links that bring meals to 194 communities in all."""
    rng, units = town.rng, town.units
    urban = np.flatnonzero(units.urban)
    rural = np.flatnonzero(~units.urban)
    aged = units.aged_60.to_numpy() * rng.lognormal(0, 0.5, len(units))
    hosts = [*_best(urban, aged, 55), *_best(rural, aged, 23)]
    again = [int(k) for k in rng.choice(hosts[:40], CANTEENS - len(hosts), replace=False)]
    opened = years(CANTEENS, 2009, 2018, rng)
    rows = []
    for k, unit in enumerate([*hosts, *again]):
        part = "第二" if k >= len(hosts) else ""
        rows.append(
            town.record(unit, 260 if units.urban.iloc[unit] else 180,
                    f"{town.stem(unit)}{part}爱心食堂", 类型="爱心食堂", 启用年份=int(opened[k]),
                    供餐能力=int(rng.integers(5, 25) * 5), 建筑面积=int(rng.integers(8, 36) * 10))
        )  # fmt: skip
    free = [k for k in range(len(units)) if k not in hosts]
    spots = units[["x", "y"]].to_numpy()
    far = np.hypot(*(spots[free][:, None] - spots[hosts][None]).transpose(2, 0, 1))
    load = np.ones(len(hosts), dtype=int)
    links = [(k, unit) for k, unit in enumerate([*hosts, *again])]
    reached = set(hosts)
    noisy = far.min(axis=1) * rng.lognormal(0, 0.25, len(free))
    for i in np.argsort(noisy):
        if len(reached) == SERVED:
            break
        k = int(np.argmin(np.where(load < 5, far[i], np.inf)))
        links.append((k, free[i]))
        reached.add(free[i])
        load[k] += 1
        if rng.random() < 0.15:
            other = int(np.argsort(far[i])[1])
            if other != k:
                links.append((other, free[i]))
    late = [k for k in free if k not in reached]
    late.sort(key=lambda k: -units.aged_60.iloc[k])
    for n, (year, state) in enumerate(((2019, "在建"), (2020, "规划"))):
        unit = late[n]
        rows.append(
            town.record(unit, 100, f"{town.stem(unit)}爱心食堂", 类型="爱心食堂", 状态=state,
                    启用年份=year, 供餐能力=80, 建筑面积=260)
        )  # fmt: skip
        near = sorted(late, key=lambda k: float(np.hypot(*(spots[k] - spots[unit]))))[:4]
        links += [(CANTEENS + n, k) for k in near]
    table = numbered(rows, "ST")
    return table, town.links(table, links, "配送")


def _best(among: np.ndarray, score: np.ndarray, count: int) -> list[int]:
    return [int(k) for k in sorted(among, key=lambda k: -score[k])[:count]]


def shelters(town: Town) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Place 146 shelters with 39,590 places and assign every community to one."""
    rng, units = town.rng, town.units
    urban = np.flatnonzero(units.urban)
    rural = np.flatnonzero(~units.urban)
    chosen = [rng.choice(urban, 66, replace=False), rng.choice(rural, SHELTERS - 66, replace=False)]
    hosts = [int(k) for k in np.sort(np.concatenate(chosen))]
    size = rng.lognormal(0, 0.6, SHELTERS) * np.where(units.urban.iloc[hosts], 1.5, 0.8)
    size = size / size.sum()
    room = np.maximum(40, np.rint(size * PLACES / 10) * 10).astype(int)
    room[np.argmax(room)] += PLACES - room.sum()
    opened = years(SHELTERS, 2006, 2018, rng)
    rows = []
    for k, unit in enumerate(hosts):
        kinds = _TOWN_SHELTERS if units.urban.iloc[unit] else _VILLAGE_SHELTERS
        word, kind = kinds[int(rng.integers(len(kinds)))]
        rows.append(
            town.record(unit, 260, f"{town.stem(unit).removesuffix('村')}{word}避灾安置点",
                    场所类型=kind, 可安置人数=int(room[k]), 启用年份=int(opened[k]),
                    建筑面积=int(room[k] * rng.uniform(2.6, 4.2)))
        )  # fmt: skip
    spots = units[["x", "y"]].to_numpy()
    far = np.hypot(*(spots[:, None] - spots[hosts][None]).transpose(2, 0, 1))
    far += 5000 * (units.street.to_numpy()[:, None] != units.street.to_numpy()[hosts][None])
    need = units.population.to_numpy() * 0.09
    left = room.astype(float)
    links = []
    for unit in np.argsort(far.min(axis=1), kind="stable"):
        k = int(np.argmin(far[unit] + 900 * (left < need[unit]) * (far[unit] > 1)))
        links.append((k, int(unit)))
        left[k] -= need[unit]
    late = int(urban[3])
    rows.append(
        town.record(late, 200, f"{town.stem(late)}体育馆避灾安置点", 场所类型="体育场馆",
                可安置人数=600, 启用年份=2020, 状态="规划", 建筑面积=2100)
    )  # fmt: skip
    table = numbered(rows, "BZ")
    links.sort(key=lambda pair: (pair[0], pair[1]))
    return table, town.links(table, links, "安置")


def institutions(town: Town) -> pd.DataFrame:
    """Place 20 institutions with 3,511 beds, one extension, one relocation, one closed."""
    rng, units = town.rng, town.units
    hosts: list[int] = []
    for street in units.street.unique():
        mine = np.flatnonzero(units.street == street)
        hosts += [int(k) for k in rng.choice(mine, 2, replace=False)]
    size = rng.lognormal(0, 0.55, INSTITUTIONS)
    size[-1] = 0
    beds = np.rint(size / size.sum() * (BEDS - 50) / 5).astype(int) * 5
    beds[-1] = 50
    beds[np.argmax(beds)] += BEDS - beds.sum()
    opened = years(INSTITUTIONS, 2000, 2017, rng)
    opened[-1] = 2018
    words = ["中心敬老院", "福利院", "颐养院", "康养中心", "护理院", "老年公寓"]
    rows: list[dict[str, Any]] = []

    def add(unit: int, name: str, count: int, year: int, **more: Any) -> None:
        care = round(count * (0.6 + rng.normal(0, 0.08)))
        public = "公办" if "敬老院" in name or "福利院" in name else "民办"
        rows.append(
            town.record(unit, 350, name, 类型="养老机构", 性质=public, 启用年份=year,
                    床位数=count, 护理型床位=min(care, count),
                    认知障碍床位=int(count * rng.choice([0, 0, 0.06, 0.12])),
                    建筑面积=int(count * rng.uniform(27, 42)), **more)
        )  # fmt: skip

    for k, unit in enumerate(hosts):
        town_name = units.street.iloc[unit].removesuffix("街道").removesuffix("镇")
        first = words[0] if k % 2 == 0 else words[1 + (k // 2 + 1) % 5]
        add(unit, f"{town_name}{first}", int(beds[k]), int(opened[k]))
    rows[0] |= {"名称": "澄湾区社会福利院", "启用年份": 2002}
    moved = rows[5]
    moved["停用年份"] = 2020
    add(hosts[4], f"{moved['名称']}（新院）", int(moved["床位数"]) + 60, 2020, 状态="在建")
    add(hosts[0], "澄湾区社会福利院（扩建）", 120, 2019, 状态="在建")
    rows[-1]["x"], rows[-1]["y"] = rows[0]["x"] + 25.0, rows[0]["y"] + 12.0
    add(hosts[3], "老潮平敬老院", 60, 2000, 状态="停用", 停用年份=2013)
    return numbered(rows, "JG")


def centres(town: Town) -> pd.DataFrame:
    """Place one street centre in every street, two of them opened in 2018."""
    rng, units = town.rng, town.units
    rows = []
    kind = "区域性居家养老服务中心"
    for k, street in enumerate(units.street.unique()):
        mine = np.flatnonzero((units.street == street) & units.urban)
        unit = int(max(mine, key=lambda j: units.population.iloc[j]))
        year = 2018 if k in {3, 7} else int(rng.integers(2012, 2018))
        rows.append(
            town.record(unit, 250, f"{street}{kind}", 类型=kind, 启用年份=year,
                    等级="示范型" if k % 2 else "标准型",
                    建筑面积=int(rng.integers(60, 180) * 10),
                    日托床位=int(rng.integers(4, 13) * 5),
                    全托床位=int(rng.integers(0, 7) * 5))
        )  # fmt: skip
    return numbered(rows, "ZX")


def candidates(town: Town, without: list[int]) -> pd.DataFrame:
    """Place 90 premises that could be put to use, some of them where something lacks."""
    rng, units = town.rng, town.units
    kinds = ["闲置办公用房"] * 40 + ["星光老年之家"] * 30 + ["党群服务中心"] * 20
    share = units.aged_60.to_numpy() ** 0.5
    chosen = rng.choice(len(units), CANDIDATES - 7, replace=False, p=share / share.sum())
    rows = []
    for kind, unit in zip(rng.permutation(kinds), [*without[7:], *chosen], strict=True):
        wide = units.urban.iloc[unit]
        area = int(rng.integers(10, 60) * 10)
        per_m2 = {"闲置办公用房": 0.22, "星光老年之家": 0.10, "党群服务中心": 0.14}[kind]
        rows.append(
            town.record(int(unit), 420 if wide else 300, f"{town.stem(int(unit))}{kind}",
                    场所类型=str(kind), 可用面积=area,
                    **{"费用(万元)": round(float(area * per_m2 * rng.uniform(0.7, 1.4)), 1)})
        )  # fmt: skip
    return numbered(rows, "HX")
