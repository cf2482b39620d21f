"""What the report of 2018 says besides: signs, checks, grades, platforms, the central kitchen.

Drawn from a chance of its own, so that what stood before stays as it was.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from chengwan.land import PLACE
from generator.counts import whole
from generator.town import Town, numbered

SEED = 20181
LOW_INCOME_EDGE, INTERNATIONAL = 689, 640
GRADES = {"国家级": 21, "省级": 14, "市级": 63}
CONSULTATION, PLATFORMS, VETERANS = 12, 43, 87
DELIVERED, IN_WELFARE_HOME = 2_040, 269


def communities(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add smaller groups, and which communities bear a grade."""
    rng = np.random.default_rng(SEED)
    edge = whole(units.low_income * rng.lognormal(0, 0.5, len(units)) + 0.2, LOW_INCOME_EDGE)
    town = units[units.urban].sort_values("population", ascending=False, kind="stable").index[:9]
    guests = pd.Series(0, index=units.index)
    guests[town] = whole(rng.lognormal(0, 0.9, len(town)), INTERNATIONAL)
    order = rng.permutation(len(units))
    grade = pd.Series("", index=units.index)
    start = 0
    for name, count in GRADES.items():
        grade.iloc[order[start : start + count]] = name
        start += count
    consults = pd.Series("否", index=units.index)
    consults.iloc[rng.choice(np.flatnonzero(units.urban), CONSULTATION, replace=False)] = "是"
    return units.assign(low_income_edge=edge, international=guests, consultation=consults,
                        disaster_reduction=grade.where(grade != "", None))  # fmt: skip


def stations(table: pd.DataFrame, ways: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add addresses, and the one pilot that serves at one door."""
    rng = np.random.default_rng(SEED + 1)
    named = ways[ways.name != ""]
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(table.x, table.y))
    lines = gpd.GeoDataFrame({"road": named.name.to_numpy()},
                             geometry=PLACE.from_lattice(named.geometry.to_numpy()))  # fmt: skip
    road = points.sjoin_nearest(lines)
    road = road[~road.index.duplicated()].road.to_numpy()
    door = rng.integers(1, 400, len(table))
    pilot = table["名称"] == table["名称"][table["状态"] == "已建"].iloc[0]
    return table.assign(
        地址=[f"{name}{n}号" for name, n in zip(road, door, strict=True)],
        一站式=np.where(pilot, "是", "否"),
    )


def canteens(table: pd.DataFrame) -> pd.DataFrame:
    """Add how many people meals are carried to, and which canteen is a regional station."""
    rng = np.random.default_rng(SEED + 2)
    open_now = (table["状态"] == "已建").to_numpy()
    carried = np.zeros(len(table), dtype=int)
    carried[open_now] = whole(rng.lognormal(0, 0.5, open_now.sum()), DELIVERED)
    regional = table.index == _regional(table)
    return table.assign(送餐人数=carried, 层级=np.where(regional, "区域站", "食堂"))


def _regional(table: pd.DataFrame) -> int:
    """Return the row of the regional station: the largest canteen opened in 2018."""
    opened = table[(table["启用年份"] == 2018) & (table["状态"] == "已建")]
    return int(opened["供餐能力"].idxmax())


def shelters(table: pd.DataFrame) -> pd.DataFrame:
    """Add signs, which all have, and the certificate of safety, which a few lack."""
    rng = np.random.default_rng(SEED + 3)
    lacks = rng.choice(len(table), 9, replace=False)
    certified = np.full(len(table), "合格", dtype=object)
    certified[lacks] = "不合格"
    return table.assign(标示牌="有", 房屋安全鉴定=certified)


def institutions(table: pd.DataFrame) -> pd.DataFrame:
    """Add form, people who live there, and fire checks, which all went through."""
    rng = np.random.default_rng(SEED + 4)
    name = table["名称"]
    form = np.select(
        [name.str.contains("社会福利院"), name.str.contains("敬老院")],
        ["福利院", "敬老院"],
        "养老院",
    )
    lived = (table["床位数"] * rng.uniform(0.55, 0.92, len(table))).round().astype(int)
    waiting = table["状态"].isin(["在建", "规划", "停用"])
    lived = lived.mask(waiting, 0)
    lived.iloc[0] = IN_WELFARE_HOME
    return table.assign(等级=form, 在住人数=lived, 消防检查=np.where(waiting, "否", "是"))


def centres(table: pd.DataFrame) -> pd.DataFrame:
    """Add the services that each centre offers."""
    both = (table["全托床位"] > 0) & (table["等级"] == "示范型")
    plain = np.where(table["全托床位"] > 0, "日间照料、助餐、全托", "日间照料、助餐")
    return table.assign(服务项目=np.where(both, "日间照料、全托、助餐、助浴", plain))


def facilities(town: Town, canteens: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Place platforms, veterans' stations, halls and the like, and the links of the kitchen."""
    rng = np.random.default_rng(SEED + 5)
    town = Town(units=town.units, homes=town.homes, kerb=town.kerb, rng=rng, taken=town.taken)
    units = town.units
    rows: list[dict[str, Any]] = []

    def add(unit: int, name: str, kind: str, year: int, **more: Any) -> None:
        rows.append(
            town.record(unit, 160, name, 类型=kind, 启用年份=year,
                        **{"建筑面积": int(rng.integers(6, 30) * 10), "容量": pd.NA, **more})
        )  # fmt: skip

    seats = {
        street: int(units[(units.street == street) & units.urban].population.idxmax())
        for street in units.street.unique()
    }
    for street, unit in seats.items():
        add(unit, f"{street}便民服务大厅", "街道服务大厅", 2015, 建筑面积=900)
        add(unit, f"{street}社会治理服务平台", "服务管理平台", 2017)
        add(unit, f"{street}退役军人服务站", "退役军人服务站", 2018)
    rest = [k for k in range(len(units)) if k not in seats.values()]
    # The ten seats count among the communities that have one.
    for unit in sorted(rng.choice(rest, PLATFORMS - len(seats), replace=False)):
        add(int(unit), f"{town.stem(int(unit))}服务平台", "服务管理平台", 2018)
    for unit in sorted(rng.choice(rest, VETERANS - len(seats), replace=False)):
        add(int(unit), f"{town.stem(int(unit))}退役军人服务站", "退役军人服务站", 2018)
    largest = seats[max(seats, key=lambda street: units.population.iloc[seats[street]])]
    add(largest, "澄湾区救助管理站", "救助管理站", 2018, 建筑面积=2600, 容量=60)
    add(largest, "澄湾慈善基地", "慈善基地", 2016, 建筑面积=1100)
    add(int(town.urban[5]), f"{town.stem(int(town.urban[5]))}社区服务中心", "社区服务中心", 2019,
        状态="在建", 建筑面积=1800)  # fmt: skip
    kitchen = int(town.urban[np.argsort(units.population.iloc[town.urban])[len(town.urban) // 2]])
    add(kitchen, "澄湾中央厨房", "中央厨房", 2018, 建筑面积=3200, 容量=6000)
    table = numbered(rows, "QT")
    return table, _supplies(table, canteens)


def _supplies(table: pd.DataFrame, canteens: pd.DataFrame) -> pd.DataFrame:
    """Return whom the kitchen supplies: canteens around it, and more over the regional station."""
    hub = table[table["类型"] == "中央厨房"].iloc[0]
    regional = canteens.loc[_regional(canteens)]
    left = canteens[(canteens["状态"] == "已建") & (canteens["编号"] != regional["编号"])]
    ends = [(hub["编号"], regional["编号"])]
    for source, count in ((hub, 20), (regional, 12)):
        far = np.hypot(left.x - source.x, left.y - source.y).sort_values(kind="stable")
        ends += [(source["编号"], one) for one in left.loc[far.index[:count], "编号"]]
        left = left.drop(far.index[:count])
    return pd.DataFrame(
        {"设施编号": [a for a, _ in ends], "配送站": [b for _, b in ends], "类型": "配送"}
    )
