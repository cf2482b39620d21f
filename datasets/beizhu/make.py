"""Make 北渚區 (Beizhu), a synthetic district from an old town up a river valley into the hills.

Everything is written in traditional characters; one workbook holds its facilities, a sheet for
each kind.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from beizhu.land import PLACE, ground
from generator.counts import whole
from generator.district import District, flags, group, settle_district
from generator.files import (
    pick,
    traditional,
    write_backdrop,
    write_parquet,
    write_streets,
    write_xlsx,
)
from generator.homes import write_dwellings
from generator.town import Town, numbered

HERE = Path(__file__).resolve().parent
SEED = 2009
DATE = "2009-12-31"
TOTALS = 152_000, 25_800, 18_300, 3_700
COMMUNITIES = 32
SEATS = {
    "中渚街道": (-200, -3400),
    "白沙街道": (1300, -2700),
    "文教街道": (-1300, -2500),
    "孔浦街道": (2400, -3500),
    "洪塘街道": (-1800, -900),
    "庄桥街道": (900, -700),
    "慈湖镇": (-300, 1900),
    "前洋镇": (-2100, 3300),
}
ACTIVE, CENTRES = 9, 21
LOW_INCOME, SERVED = 412, 0.23
AGEING_STANDARD, HARMONIOUS = 61, 51  # of the 70 communities


def main() -> None:
    """Make everything and write it."""
    rng = np.random.default_rng(SEED)
    land = ground(rng)
    district = settle_district(
        land,
        communities=COMMUNITIES,
        first="中渚社区",
        seats=SEATS,
        letters="BZ",
        totals=TOTALS,
        household=2.7,
        dwellings=2_000,
        rng=rng,
    )
    town = district.town
    units = figures(town, rng)
    town.units["premises_m2"] = units.premises_m2
    centres, assigned = village_centres(town, rng)
    ways = district.ways
    write_streets(
        ways.assign(name=traditional(ways[["name"]].astype(object))["name"]),
        PLACE,
        HERE / "streets.parquet",
    )
    write_dwellings(town.homes, PLACE, HERE / "dwellings.parquet")
    write_communities(units)
    write_backdrop(backdrop(district), PLACE, HERE / "backdrop.geojson")
    plain = "编号 名称 类型 街道 建筑面积 状态 启用年份"
    sheets = {
        "居家养老": (care_stations(town, rng), f"{plain} 床位数"),
        "街道中心": (street_centres(town, rng), f"{plain} 床位数"),
        "养老机构": (institutions(town, rng), f"{plain} 等级 床位数 性质"),
        "服务中心": (centres, f"{plain} 一站式"),
        "活动中心": (activity_centres(town, rng), f"{plain} 星级 避险预案"),
        "学习点": (learning_places(town, rng), f"{plain} 座位数"),
        "工疗站": (workshops(town, rng), plain),
    }
    tables = {
        _written(name): traditional(pick(table, columns, PLACE))
        for name, (table, columns) in sheets.items()
    }
    write_xlsx(tables, HERE / "facilities.xlsx", DATE)
    sites = pick(premises(town, rng), "编号 名称 场所类型 街道 可用面积 费用(万元)", PLACE)
    links = {"可用场所": sites, "归属": assigned}
    written = {_written(name): traditional(table) for name, table in links.items()}
    write_xlsx(written, HERE / "sites_and_links.xlsx", DATE)


def _written(word: str) -> str:
    """Return a word in traditional characters."""
    return str(traditional(pd.DataFrame({"word": [word]}, dtype=object))["word"].iloc[0])


def figures(town: Town, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Add what the bureau knows of its communities."""
    units = town.units
    every = np.arange(len(units))
    premises = np.where(units.urban, 420, 330) * rng.lognormal(0, 0.28, len(units))
    low = group(units, units.aged_60 * np.where(units.urban, 0.6, 1.6), LOW_INCOME, rng)
    served = np.zeros(len(units), dtype=int)
    rural = town.rural
    served[rural] = whole(
        low[rural] * rng.uniform(0.6, 1.4, len(rural)), int(np.ceil(low[rural].sum() * SERVED))
    )
    return units.assign(
        urban_word=np.where(units.urban, "城市", "农村"),
        premises_m2=(np.rint(np.clip(premises, 120, 900) / 5) * 5).astype(int),
        low_income=low,
        low_income_served=np.minimum(served, low),
        disabled_severe=group(units, units.population, 1_310, rng),
        ageing_standard=flags(units, every, AGEING_STANDARD, rng),
        harmonious=flags(units, every, HARMONIOUS, rng),
    )


def care_stations(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place a station in each urban community but three, and in the nine active villages."""
    hosts = [
        *sorted(rng.choice(town.urban, COMMUNITIES - 3, replace=False)),
        *sorted(rng.choice(town.rural, ACTIVE, replace=False)),
    ]
    rows = [
        town.facility(
            unit,
            f"{town.stem(unit)}居家养老服务站",
            "居家养老服务站",
            rng.integers(2004, 2010),
            床位数=int(rng.choice([0, 5, 5, 10])),
            建筑面积=int(rng.integers(8, 30) * 10),
        )
        for unit in hosts
    ]
    return numbered(rows, "ZD")


def street_centres(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place a centre with day care in four of the eight streets."""
    rows = [
        town.facility(
            seat,
            f"{street}居家养老服务中心",
            "居家养老服务中心",
            rng.integers(2006, 2010),
            床位数=int(rng.integers(3, 8) * 5),
            建筑面积=int(rng.integers(40, 110) * 10),
        )
        for street, seat in list(town.seats().items())[::2]
    ]
    return numbered(rows, "ZX")


def institutions(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place homes for the elderly, and the welfare institution whose site is being chosen."""
    units = town.units
    plan = (
        ("慈湖镇敬老院", "敬老院", "慈湖镇", 80, "公办"),
        ("前洋镇敬老院", "敬老院", "前洋镇", 60, "公办"),
        ("庄桥敬老院", "敬老院", "庄桥街道", 70, "公办"),
        ("北渚区福利院", "福利院", "中渚街道", 150, "公办"),
        ("文教颐养院", "养老院", "文教街道", 120, "民办"),
        ("白沙老年公寓", "养老院", "白沙街道", 90, "民办"),
        ("洪塘颐养院", "养老院", "洪塘街道", 66, "民营"),
    )
    rows = []
    for name, tier, street, beds, owner in plan:
        mine = np.flatnonzero(units.street == street)
        rows.append(
            town.facility(
                rng.choice(mine),
                name,
                "养老机构",
                rng.integers(1990, 2008),
                等级=tier,
                床位数=beds,
                性质=owner,
                建筑面积=round(beds * 26),
            )
        )
    mine = np.flatnonzero(units.street == "庄桥街道")
    rows.append(
        town.facility(
            rng.choice(mine),
            "甬港福利院（选址中）",
            "养老机构",
            2012,
            状态="规划",
            等级="福利院",
            床位数=300,
            性质="公办",
            建筑面积=9_900,
        )
    )
    return numbered(rows, "JG")


def village_centres(town: Town, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Place the villages' centres: one for one village or for several near it, each to one only."""
    units = town.units
    rural = town.rural
    spots = units[["x", "y"]].to_numpy()
    # Hosts far from one another first, so that every village has one near.
    hosts = [int(rural[0])]
    while len(hosts) < CENTRES:
        far = np.hypot(*(spots[rural][:, None] - spots[hosts][None]).transpose(2, 0, 1)).min(axis=1)
        hosts.append(int(rural[int(far.argmax())]))
    hosts.sort()
    rows = [
        town.facility(
            unit,
            f"{town.stem(unit).removesuffix('村')}农村社区服务中心",
            "农村社区服务中心",
            rng.integers(2007, 2010),
            一站式="是" if k % 3 else "否",
            建筑面积=int(rng.integers(20, 60) * 10),
        )
        for k, unit in enumerate(hosts)
    ]
    near = np.hypot(*(spots[rural][:, None] - spots[hosts][None]).transpose(2, 0, 1)).argmin(axis=1)
    table = numbered(rows, "FW")
    links = sorted((int(k), int(unit)) for unit, k in zip(rural, near, strict=True))
    return table, town.links(table, links, "指定")


def activity_centres(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place activity centres, some with stars, most with a plan for emergencies."""
    hosts = sorted(rng.choice(len(town.units), 44, replace=False))
    rows = [
        town.facility(
            unit,
            f"{town.stem(unit)}老年活动中心",
            "老年活动中心",
            rng.integers(1998, 2009),
            星级=str(rng.choice(["无", "无", "一星", "二星", "三星"])),
            避险预案="是" if rng.random() < 0.8 else "否",
            建筑面积=int(rng.integers(8, 40) * 10),
        )
        for unit in hosts
    ]
    return numbered(rows, "HD")


def learning_places(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place where the elderly learn, with seats for some eight in a hundred of them."""
    hosts = sorted(rng.choice(len(town.units), 36, replace=False))
    seats = whole(rng.uniform(0.5, 1.5, len(hosts)), round(TOTALS[1] * 0.084))
    rows = [
        town.facility(
            unit,
            f"{town.stem(unit)}老年电大教学点",
            "老年电大",
            rng.integers(2000, 2010),
            座位数=int(count),
            建筑面积=int(count * 2),
        )
        for unit, count in zip(hosts, seats, strict=True)
    ]
    return numbered(rows, "XX")


def workshops(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place the workshops 百合馨園: six of eight streets have one, two are to have one."""
    rows = [
        town.facility(
            seat,
            f"{street}百合馨园残疾人工疗站",
            "残疾人工疗站",
            2009 if k < 6 else 2010,
            状态="已建" if k < 6 else "规划",
            建筑面积=int(rng.integers(15, 40) * 10),
        )
        for k, (street, seat) in enumerate(town.seats().items())
    ]
    return numbered(rows, "GL")


def premises(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place premises of old communities that could be extended, and idle offices."""
    short = np.flatnonzero(town.units.premises_m2 < 350)
    old = rng.choice(short, min(22, len(short)), replace=False)
    rows = [town.premises(unit, "老社区用房", 0.07) for unit in sorted(old)]
    rows += [
        town.premises(unit, "闲置办公用房", 0.15)
        for unit in sorted(rng.choice(len(town.units), 12, replace=False))
    ]
    return numbered(rows, "HX")


def write_communities(units: gpd.GeoDataFrame) -> None:
    """Write communities.parquet, in traditional characters."""
    table = pd.DataFrame(
        {
            "编号": units.id,
            "名称": units.name,
            "街道": units.street,
            "城乡": units.urban_word,
            "人口": units.population,
            "户数": units.households,
            "60岁以上": units.aged_60,
            "65岁以上": units.aged_65,
            "80岁以上": units.aged_80,
            "低保人数": units.low_income,
            "政府买单居家养老人数": units.low_income_served,
            "重度残疾人": units.disabled_severe,
            "办公服务用房面积": units.premises_m2,
            "老龄工作规范化": units.ageing_standard,
            "和谐社区": units.harmonious,
        }
    )
    shapes = PLACE.on_globe(units.geometry.to_numpy())
    layer = gpd.GeoDataFrame(traditional(table), geometry=shapes, crs="EPSG:4490")
    write_parquet(layer, HERE / "communities.parquet")


def backdrop(district: District) -> list[tuple[str, str, Any, float]]:
    """List what lies under an offline map."""
    land = district.land
    rivers = [("river", _written(name), shape, 10) for name, shape in land.water.items()]
    return [*rivers, ("hill", "", land.hills, 15)]
