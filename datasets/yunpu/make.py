"""Make 沄浦区 (Yunpu), a synthetic district of a river delta: towns, canals, villages of groups.

Its lists are workbooks in GCJ-02 as a city's platform gives them out; communities are GeoParquet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from generator.counts import whole
from generator.district import District, group, settle_district
from generator.files import pick, write_backdrop, write_parquet, write_streets, write_xlsx
from generator.homes import write_dwellings
from generator.town import Town, numbered
from yunpu.land import PLACE, VILLAGES, ground

HERE = Path(__file__).resolve().parent
SEED = 2023
DATE = "2023-12-31"
TOTALS = 160_000, 52_400, 39_200, 8_300
COMMUNITIES = 48
SEATS = {
    "沄南街道": (-1500, -3300),
    "沄浜街道": (800, -3000),
    "泾桥街道": (2600, -2600),
    "东浜镇": (3000, -800),
    "沄中镇": (300, -600),
    "西塘镇": (-2400, -900),
    "南泾镇": (-700, -1900),
    "塔桥镇": (1700, 700),
    "北塘镇": (-900, 1500),
    "芦港镇": (-3000, 1700),
    "沙浜镇": (800, 3000),
    "海塘镇": (2900, 2400),
}
BEDS_2023 = (250, 60, 30, 30, 30)  # 400 in all: an institution, another, three elder homes
HOME_BEDS, AREA_M2, RATIO = 260, 46.4, 0.62


def main() -> None:
    """Make everything and write it."""
    rng = np.random.default_rng(SEED)
    land = ground(rng)
    district = settle_district(
        land,
        communities=COMMUNITIES,
        first="沄南一村社区",
        seats=SEATS,
        letters="YP",
        totals=TOTALS,
        household=2.4,
        dwellings=2_000,
        rng=rng,
    )
    town = district.town
    town.units["zone"] = zones(town.units)
    units = figures(town, rng)
    homes = groups_of_villages(town)
    stations, centres, canteens = care(town, homes, rng)
    institution = institutions(town, units, rng)
    other = others(town, rng)
    write_streets(district.ways, PLACE, HERE / "streets.parquet")
    write_dwellings(homes, PLACE, HERE / "dwellings.parquet", "hamlet")
    write_communities(units)
    write_backdrop(backdrop(district), PLACE, HERE / "backdrop.geojson")
    plain = "编号 名称 类型 等级 街道 建筑面积 状态 启用年份"
    sheets = {
        "养老服务站点": (stations, f"{plain} 床位数 家庭照护床位 服务项目 组"),
        "综合为老服务中心": (centres, f"{plain} 床位数 服务项目"),
        "助餐场所": (canteens, f"{plain} 供餐能力"),
        "养老机构": (institution, f"{plain} 床位数 护理型床位 认知障碍床位 智慧养老院 医养结合"),
        "其他设施": (other, "编号 名称 类型 街道 建筑面积 状态 启用年份"),
    }
    tables = {
        name: pick(table, columns, PLACE, datum="gcj02")
        for name, (table, columns) in sheets.items()
    }
    write_xlsx(tables, HERE / "facilities.xlsx", DATE)
    sites = pick(
        premises(town, rng), "编号 名称 场所类型 街道 可用面积 费用(万元)", PLACE, datum="gcj02"
    )
    write_xlsx({"党群服务中心": sites}, HERE / "candidates.xlsx", DATE)


def zones(units: gpd.GeoDataFrame) -> list[str]:
    """Return the zone of each unit: that of its street, by where the street's people live."""
    y = units.groupby("street").y.mean()
    order = y.sort_values().index
    zone = dict(zip(order, ["南"] * 4 + ["中"] * 4 + ["北"] * 4, strict=True))
    return [zone[street] for street in units.street]


def figures(town: Town, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Add what the bureau knows of its communities."""
    units = town.units
    rural = town.rural
    show = np.full(len(units), "", dtype=object)
    # A demonstration village in each zone, which is where the elder homes go.
    for zone in ("南", "中", "北"):
        mine = [k for k in rural if units.zone.iloc[k] == zone] or list(rural)
        show[rng.choice(mine)] = "乡村振兴示范村"
    streets = list(dict.fromkeys(units.street))
    friendly = np.full(len(units), "否", dtype=object)
    for street, count in zip(rng.choice(streets, 5, replace=False), (2, 2, 1, 1, 1), strict=True):
        mine = np.flatnonzero(units.street == street)
        friendly[rng.choice(mine, count, replace=False)] = "是"
    return units.assign(
        demonstration=np.where(show == "", None, show),
        dementia_friendly=friendly,
        living_alone=group(units, units.aged_80, 2_310, rng),
        low_income=group(units, units.aged_60, 1_540, rng),
        disabled_severe=group(units, units.aged_80, 2_650, rng),
        urban_word=np.where(units.urban, "城市", "农村"),
    )


def groups_of_villages(town: Town) -> pd.DataFrame:
    """Divide each village's dwellings among three groups (组), by where they lie."""
    homes = town.homes.copy()
    homes["hamlet"] = None
    units = town.units.set_index("id")
    for unit, mine in homes.groupby("community"):
        if units.urban[unit]:
            continue
        turn = np.arctan2(mine.y - mine.y.mean(), mine.x - mine.x.mean())
        part = np.minimum(((turn + np.pi) / (2 * np.pi) * 3).astype(int), 2)
        homes.loc[mine.index, "hamlet"] = [f"{units.name[unit]}{'一二三'[k]}组" for k in part]
    return homes


def care(
    town: Town, homes: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Place stations, centres and meal places, those of 2023 and of the years after among them."""
    stations = _stations(town, homes, rng)
    centres = _centres(town, rng)
    canteens = _canteens(town, rng)
    # The floor area per 1,000 residents, of what stands in 2023, is that of the plan's year.
    tables = (stations, centres, canteens)
    have = sum(int(t["建筑面积"][t["启用年份"] <= 2023].sum()) for t in tables)
    wanted = AREA_M2 * TOTALS[0] / 1000
    for table in tables:
        table["建筑面积"] = (table["建筑面积"] * wanted / have).round().astype(int)
    return tables


def _stations(town: Town, homes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []

    def add(unit: int, name: str, tier: str, year: int, **more: Any) -> None:
        day = "日托、助餐、助医" if rng.random() < 0.35 else "日托、助医"
        rows.append(
            town.facility(
                unit,
                name,
                "养老服务站",
                year,
                **{
                    "等级": tier,
                    "床位数": int(rng.integers(0, 4) * 5),
                    "家庭照护床位": 0,
                    "组": None,
                    "服务项目": day,
                    "建筑面积": int(rng.integers(8, 30) * 10),
                    **more,
                },
            )
        )

    for unit in sorted(rng.choice(town.urban, 26, replace=False)):
        add(unit, f"{town.stem(unit)}日间照料中心", "日间照料", rng.integers(2014, 2023))
    have = sorted(rng.choice(town.rural, VILLAGES - 6, replace=False))
    for unit in have:
        add(unit, f"{town.stem(unit)}家门口养老服务站", "家门口服务站", rng.integers(2015, 2023))
    lack = [k for k in town.rural if k not in have]
    for unit in lack[:4]:
        add(unit, f"{town.stem(unit)}家门口养老服务站", "家门口服务站", 2023)
    for unit in lack[4:]:
        add(unit, f"{town.stem(unit)}家门口养老服务站", "家门口服务站", 2024, 状态="规划")
    for unit in rng.choice(town.urban, 2, replace=False):
        add(unit, f"{town.stem(unit)}第二家门口养老服务站", "家门口服务站", 2023)
    rows_of_groups = _points(town, homes, rng)
    for unit, hamlet, year in rows_of_groups:
        status = "规划" if year > 2023 else "已建"
        add(
            unit,
            f"{hamlet}睦邻点",
            "睦邻点",
            year,
            组=hamlet,
            服务项目="助餐",
            床位数=0,
            建筑面积=60,
            状态=status,
        )
    table = numbered(rows, "ZD")
    some = rng.choice(np.flatnonzero(table["启用年份"] <= 2022), 14, replace=False)
    table.loc[some, "家庭照护床位"] = whole(rng.uniform(1, 2, 14), HOME_BEDS)
    return table


def _points(
    town: Town, homes: pd.DataFrame, rng: np.random.Generator
) -> list[tuple[int, str, int]]:
    """Draw which groups have a point: 52 stand, three open in 2023, others are to come."""
    hamlets = homes.dropna(subset="hamlet").drop_duplicates("hamlet")
    number = {unit: k for k, unit in enumerate(town.units.id)}
    order = hamlets.iloc[rng.permutation(len(hamlets))]
    opened = [*rng.integers(2016, 2023, 52), *([2023] * 3), *([2024] * 6)]
    return [
        (number[row.community], row.hamlet, int(year))
        for row, year in zip(order.itertuples(), opened, strict=False)
    ]


def _centres(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for k, (street, unit) in enumerate(town.seats().items()):
        if k >= 10:
            continue
        year, status = (2023, "已建") if k == 9 else (int(rng.integers(2016, 2023)), "已建")
        if k == 8:
            year, status = 2025, "规划"
        rows.append(
            town.facility(
                unit,
                f"{street}综合为老服务中心",
                "综合为老服务中心",
                year,
                状态=status,
                等级="标准型",
                床位数=int(rng.integers(4, 10) * 5),
                服务项目="日托、助餐、全托",
                建筑面积=int(rng.integers(70, 150) * 10),
            )
        )
    return numbered(rows, "ZX")


def _canteens(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    most = list(town.units.aged_60.sort_values(ascending=False, kind="stable").index)
    plan = [
        *((k, None) for k in most[:36:2]),
        *((k, 2023) for k in most[1:20:4]),
        *((k, 2024) for k in most[3:10:4]),
    ]
    rows = []
    new = 0
    for unit, year in plan:
        full = rng.random() < 0.4
        if year == 2023:
            full = new < 2
            new += 1
        rows.append(
            town.facility(
                unit,
                f"{town.stem(unit)}{'社区长者食堂' if full else '老年助餐点'}",
                "助餐服务场所",
                year or rng.integers(2015, 2023),
                等级="社区长者食堂" if full else "助餐点",
                状态="规划" if year == 2024 else "已建",
                供餐能力=int(rng.integers(8, 40) * 10),
                建筑面积=int(rng.integers(10, 40) * 10),
            )
        )
    return numbered(rows, "ZC")


def institutions(town: Town, units: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Place a town's home in eleven of twelve towns, elder homes, and the 400 beds of 2023."""
    rows: list[dict[str, Any]] = []

    def add(unit: int, name: str, tier: str, year: int, beds: int, **more: Any) -> None:
        rows.append(
            town.facility(
                unit,
                name,
                "养老机构",
                year,
                spread_m=300,
                **{
                    "等级": tier,
                    "床位数": beds,
                    "护理型床位": round(beds * RATIO),
                    "认知障碍床位": 0,
                    "智慧养老院": "否",
                    "医养结合": "是" if rng.random() < 0.6 else "否",
                    "建筑面积": round(beds * 32.5),
                    **more,
                },
            )
        )

    seats = town.seats()
    for street in list(seats)[:11]:
        mine = np.flatnonzero(units.street == street)
        add(
            rng.choice(mine),
            f"{street}福利院",
            "福利院",
            rng.integers(2000, 2018),
            int(rng.integers(16, 44) * 5),
        )
    rows[0] |= {"智慧养老院": "是"}
    for unit in rng.choice(town.urban, 5, replace=False):
        add(
            unit,
            f"{town.stem(unit)}颐养院",
            "养老院",
            rng.integers(2006, 2021),
            int(rng.integers(12, 40) * 5),
        )
    add(
        int(town.urban[3]), f"{town.stem(int(town.urban[3]))}长者照护之家", "长者照护之家", 2019, 28
    )
    large, small, *homes = BEDS_2023
    add(int(town.urban[8]), "沄浦区第二社会福利院", "福利院", 2023, large)
    add(int(town.urban[20]), "北塘护理院", "养老院", 2023, small)
    shown = np.flatnonzero(units.demonstration.notna())
    for unit, beds in zip(shown, homes, strict=True):
        add(unit, f"{town.stem(unit)}长者照护之家", "长者照护之家", 2023, beds)
    add(int(town.urban[30]), "沙浜颐养院", "养老院", 2025, 180, 状态="在建")
    return numbered(rows, "JG")


def others(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place what else the plan names: advisers, social work, minors, kiosks, clinics."""
    units = town.units
    rows: list[dict[str, Any]] = []

    def add(unit: int, name: str, kind: str, year: int, **more: Any) -> None:
        more = {"建筑面积": int(rng.integers(5, 30) * 10), **more}
        rows.append(town.facility(unit, name, kind, year, spread_m=120, **more))

    for street, seat in town.seats().items():
        add(seat, f"{street}社会组织服务中心", "社会组织服务中心", 2018)
        add(seat, f"{street}未成年人保护工作站", "未保工作站", 2022)
        add(seat, f"{street}综合社工站", "街镇综合社工站", 2022)
        add(seat, f"{street}智慧健康驿站", "智慧健康驿站", 2021)
        add(seat, f"{street}社区卫生服务中心", "社区卫生服务中心", 2008, 建筑面积=3200)
    for unit in rng.choice(len(units), 22, replace=False):
        add(unit, f"{town.stem(unit)}卫生服务站", "卫生服务站", 2012)
    for unit in range(len(units)):
        add(unit, f"{town.stem(unit)}社区救助顾问点", "救助顾问点", 2021, 建筑面积=20)
    return numbered(rows, "QT")


def premises(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place the party-service centres that could hold day care and meals, and some offices."""
    kinds = ["党群服务中心"] * 26 + ["闲置办公用房"] * 8
    units = rng.choice(len(town.units), len(kinds), replace=False)
    rates = {"党群服务中心": 0.16, "闲置办公用房": 0.25}
    pairs = zip(units, kinds, strict=True)
    return numbered([town.premises(unit, kind, rates[kind]) for unit, kind in pairs], "HX")


def write_communities(units: gpd.GeoDataFrame) -> None:
    """Write communities.parquet."""
    table = gpd.GeoDataFrame(
        {
            "居村委代码": units.id,
            "居村委名称": units.name,
            "街镇": units.street,
            "片区": units.zone,
            "城乡": units.urban_word,
            "常住人口": units.population,
            "户数": units.households,
            "60岁以上": units.aged_60,
            "65岁以上": units.aged_65,
            "80岁以上": units.aged_80,
            "孤寡老人": units.living_alone,
            "低保人数": units.low_income,
            "重残人数": units.disabled_severe,
            "乡村振兴示范村": units.demonstration,
            "认知障碍友好社区": units.dementia_friendly,
        },
        geometry=PLACE.on_globe(units.geometry.to_numpy()),
        crs="EPSG:4490",
    )
    write_parquet(table, HERE / "communities.parquet")


def backdrop(district: District) -> list[tuple[str, str, Any, float]]:
    """List what lies under an offline map."""
    water = district.land.water
    return [
        ("sea", "海", water["海"], 15),
        ("river", "沄塘", water["沄塘"], 8),
        ("river", "西浜", water["西浜"], 8),
    ]
