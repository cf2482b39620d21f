"""Make 江矶区 (Jiangji), a synthetic inner city between a great river and a lake.

One workbook holds all its facilities, a sheet for each kind; communities are GeoJSON.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from generator.district import District, flags, group, settle_district
from generator.files import (
    pick,
    write_backdrop,
    write_streets,
    write_xlsx,
)
from generator.homes import write_dwellings
from generator.town import Town, numbered
from jiangji.land import PLACE, ground

HERE = Path(__file__).resolve().parent
SEED = 2022
DATE = "2022-12-31"
TOTALS = 118_000, 27_400, 19_600, 3_550
COMMUNITIES, NEW_ESTATES = 40, 8
SEATS = {
    "黄石港街道": (1500, 300),
    "花湖街道": (-1900, -900),
    "临江街道": (600, 1900),
    "澜桥街道": (-500, -300),
    "矶头街道": (2600, -1500),
}
STATIONS, CANTEENS, INSTITUTIONS, OFFICES = 27, 11, 6, 30


def main() -> None:
    """Make everything and write it."""
    rng = np.random.default_rng(SEED)
    land = ground(rng)
    district = settle_district(
        land,
        communities=COMMUNITIES,
        first="大码头社区",
        seats=SEATS,
        letters="JJ",
        totals=TOTALS,
        household=2.6,
        dwellings=1_500,
        rng=rng,
    )
    town = district.town
    units = figures(town, rng)
    kinds = facilities(town, rng)
    write_streets(district.ways, PLACE, HERE / "streets.parquet")
    write_dwellings(town.homes, PLACE, HERE / "dwellings.parquet")
    write_communities(units)
    write_backdrop(backdrop(district), PLACE, HERE / "backdrop.geojson")
    sheets = {name: pick(table, columns, PLACE) for name, (table, columns) in kinds.items()}
    write_xlsx(sheets, HERE / "facilities.xlsx", DATE)
    candidates = pick(premises(town, rng), "编号 名称 场所类型 街道 可用面积 费用(万元)", PLACE)
    write_xlsx({"可用场所": candidates}, HERE / "candidates.xlsx", DATE)


def figures(town: Town, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Add what the bureau knows of its communities."""
    units = town.units
    estates = np.full(len(units), "已建", dtype=object)
    estates[rng.choice(len(units), NEW_ESTATES, replace=False)] = "新建"
    town.units["estate"] = estates
    premises = np.rint(np.clip(430 * rng.lognormal(0, 0.3, len(units)), 150, 1200) / 5) * 5
    return units.assign(
        estate=estates,
        premises_m2=premises.astype(int),
        low_income=group(units, units.aged_60, 1_180, rng),
        disabled_severe=group(units, units.aged_80, 1_420, rng),
        grid_pilot=flags(units, np.arange(len(units)), 2, rng),
    )


def facilities(town: Town, rng: np.random.Generator) -> dict[str, tuple[pd.DataFrame, str]]:
    """Place what stands in 2022 and what is to come by 2025; a table and its columns a kind."""
    plain = "编号 名称 类型 街道 建筑面积 状态 启用年份"
    return {
        "居家养老服务站": (stations(town, rng), f"{plain} 服务项目"),
        "老年食堂": (canteens(town, rng), f"{plain} 供餐能力 服务项目"),
        "街道中心": (centres(town, rng), f"{plain} 日托床位 服务项目"),
        "养老机构": (institutions(town, rng), f"{plain} 床位数 护理型床位 性质 星级"),
        "其他": (others(town, rng), f"{plain} 用地面积"),
    }


def stations(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place home-care stations; in five of the eight new estates they are large enough."""
    units = town.units
    new = np.flatnonzero(units.estate == "新建")
    old = rng.choice(np.flatnonzero(units.estate != "新建"), STATIONS - 7, replace=False)
    rows = []
    for k, unit in enumerate([*new[:7], *sorted(old)]):
        need = units.households.iloc[unit] * 0.2
        area = need * (1.25 if k < 5 else 0.5) if k < 7 else rng.integers(12, 45) * 10
        services = [
            "助急",
            *(["助餐"] if k % 3 == 0 else []),
            *(["助浴"] if k % 5 == 1 else []),
            *(["助医"] if k % 2 == 0 else []),
        ]
        rows.append(
            town.facility(
                unit,
                f"{town.stem(int(unit))}居家养老服务站",
                "居家养老服务站",
                int(rng.integers(2012, 2023)),
                建筑面积=int(np.ceil(area)),
                服务项目="、".join(services),
            )
        )
    return numbered(rows, "ZD")


def canteens(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place canteens where most of the aged live; two are to open in 2023 and 2024."""
    most = town.units.aged_60.sort_values(ascending=False, kind="stable").index
    rows = [
        town.facility(
            unit,
            f"{town.stem(int(unit))}幸福食堂",
            "老年食堂",
            int(rng.integers(2016, 2023)),
            建筑面积=int(rng.integers(8, 30) * 10),
            供餐能力=int(rng.integers(8, 30) * 10),
            服务项目="助餐",
        )
        for unit in most[::2][:CANTEENS]
    ]
    for unit, year in zip(most[1::4][:2], (2023, 2024), strict=True):
        rows.append(
            town.facility(
                unit,
                f"{town.stem(int(unit))}幸福食堂",
                "老年食堂",
                year,
                状态="规划",
                建筑面积=180,
                供餐能力=150,
                服务项目="助餐",
            )
        )
    return numbered(rows, "ST")


def centres(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place the streets' centres: one stood before, two open in 2022, the last in 2024 and 2025."""
    kind = "街道综合养老服务中心"
    plan = (
        ("花湖街道", "大码头社区养老中心", 2022, "已建"),
        ("黄石港街道", "青山湖养老中心", 2022, "已建"),
        ("临江街道", "临江街道综合养老服务中心", 2019, "已建"),
        ("澜桥街道", "澜桥街道综合养老服务中心", 2024, "规划"),
        ("矶头街道", "矶头街道综合养老服务中心", 2025, "规划"),
    )
    rows = []
    for street, name, year, status in plan:
        mine = town.units[town.units.street == street]
        unit = int(mine.aged_60.idxmax())
        rows.append(
            town.facility(
                unit,
                name,
                kind,
                year,
                状态=status,
                建筑面积=int(rng.integers(80, 160) * 10),
                日托床位=int(rng.integers(4, 9) * 5),
                服务项目="助餐、助浴、助急、助医、全托"
                if year < 2024
                else "助餐、助浴、助医、全托",
            )
        )
    return numbered(rows, "ZX")


def institutions(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place institutions; one of three stars opens in 2023."""
    units = rng.choice(len(town.units), INSTITUTIONS + 1, replace=False)
    words = ["福利院", "颐养院", "康养中心", "护理院", "老年公寓", "敬老院"]
    rows = []
    for k, unit in enumerate(units):
        beds = int(rng.integers(8, 36) * 5)
        name = f"{town.stem(int(unit))}{words[k % 6]}"
        rows.append(
            town.facility(
                unit,
                name,
                "养老机构",
                int(rng.integers(2005, 2020)),
                床位数=beds,
                护理型床位=round(beds * 0.58),
                建筑面积=beds * 31,
                性质="公办" if k % 6 in {0, 5} else "民办",
                星级="无",
            )
        )
    rows[-1] |= {"状态": "在建", "启用年份": 2023, "星级": "三星"}
    return numbered(rows, "JG")


def others(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place what else the plan names: incubators, social work, offices, a cemetery."""
    units = town.units
    rows: list[dict[str, Any]] = []

    def add(unit: int, name: str, kind: str, year: int, **more: Any) -> None:
        more = {"用地面积": pd.NA, "建筑面积": int(rng.integers(6, 30) * 10), **more}
        rows.append(town.facility(unit, name, kind, year, **more))

    for k, street in enumerate(SEATS):
        mine = units[units.street == street]
        seat = int(mine.population.idxmax())
        later = {"状态": "规划"}
        add(
            seat,
            f"{street}社会组织孵化基地",
            "孵化基地",
            (2021, 2020, 2022, 2024, 2025)[k],
            **(later if k >= 3 else {}),
        )
        add(
            seat,
            f"{street}社工站",
            "社工站",
            (2021, 2021, 2022, 2022, 2023)[k],
            **(later if k == 4 else {}),
        )
    have = rng.permutation(len(units))
    for k, unit in enumerate(sorted(have[:OFFICES])):
        add(unit, f"{town.stem(int(unit))}社区工作室", "社区工作室", 2018 + k % 5)
    for k, unit in enumerate(sorted(have[OFFICES:])):
        add(unit, f"{town.stem(int(unit))}社区工作室", "社区工作室", 2023 + k % 3, 状态="规划")
    for unit in rng.choice(len(units), 2, replace=False):
        add(unit, f"{town.stem(int(unit))}精神障碍社区康复站", "精神障碍社区康复", 2022)
    edge = int(np.hypot(units.x - 3300, units.y + 2100).idxmin())
    add(edge, "锁前公益性公墓一期", "公益性公墓", 2024, 状态="规划", 建筑面积=400, 用地面积=6667)
    return numbered(rows, "QT")


def premises(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place premises that could be put to use: idle offices of firms and offices, and others."""
    kinds = ["闲置办公用房"] * 16 + ["党群服务中心"] * 8
    units = rng.choice(len(town.units), len(kinds), replace=False)
    rates = {"闲置办公用房": 0.12, "党群服务中心": 0.18}
    pairs = zip(units, kinds, strict=True)
    return numbered([town.premises(unit, kind, rates[kind]) for unit, kind in pairs], "HX")


def write_communities(units: gpd.GeoDataFrame) -> None:
    """Write communities.geojson."""
    table = gpd.GeoDataFrame(
        {
            "编号": units.id,
            "名称": units.name,
            "街道": units.street,
            "小区类型": units.estate,
            "常住人口": units.population,
            "户数": units.households,
            "60岁以上": units.aged_60,
            "65岁以上": units.aged_65,
            "80岁以上": units.aged_80,
            "低保人数": units.low_income,
            "失能老人": units.disabled_severe,
            "社区用房面积": units.premises_m2,
            "网格服务试点": units.grid_pilot,
        },
        geometry=PLACE.on_globe(units.geometry.to_numpy()),
        crs="EPSG:4326",
    )
    (HERE / "communities.geojson").write_text(
        table.to_json(ensure_ascii=False, drop_id=True, to_wgs84=False), encoding="utf-8"
    )


def backdrop(district: District) -> list[tuple[str, str, Any, float]]:
    """List what lies under an offline map."""
    land = district.land
    return [
        ("river", "大江", land.water["大江"], 12),
        ("water", "澜湖", land.water["澜湖"], 10),
        ("hill", "", land.hills, 15),
        *(("park", name, shape.difference(land.wet), 15) for name, shape in land.parks.items()),
    ]
