"""Make 榕埔區 (Rongpu), a synthetic port district on an estuary, with an island in the river.

Everything is written in traditional characters; lists are CSV, one of them in Big5. Streets and an
institution lie beyond the eastern boundary too, as far as people of the district walk to them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from generator.counts import whole
from generator.district import District, group, settle_district
from generator.files import (
    pick,
    traditional,
    write_backdrop,
    write_csv,
    write_layer,
    write_streets,
)
from generator.homes import write_dwellings
from generator.town import Town, numbered
from rongpu.land import PLACE, ground

HERE = Path(__file__).resolve().parent
SEED = 2013
DATE = "2012-12-31"
# Residents of the district and of the five communities beyond its boundary, which are left out.
TOTALS, DISTRICT = (222_000, 36_700, 25_900, 5_300), 59
BEYOND = 5
SEATS = {
    "榕埔街道": (-300, 500),
    "红山街道": (-2500, 1500),
    "鱼珠街道": (-3300, -200),
    "大沙街道": (-1700, -100),
    "文冲街道": (-800, 2000),
    "穗东街道": (1300, 1000),
    "南岗街道": (3000, 900),
    "荔联街道": (2400, 2600),
    "长洲街道": (-700, -1900),
}
BEDS = (244, 120, 80)
NEW_BEDS, NEW_AREA = 1_000, 28_662
AGED_70, STAR_HOMES, SERVED, VISITS = 16_900, 101, 18, 104_300
GROUPS = {"low_income": 637, "destitute": 56, "orphans": 4, "poor": 163, "low_income_edge": 46}


def main() -> None:
    """Make everything and write it."""
    rng = np.random.default_rng(SEED)
    land = ground(rng)
    district = settle_district(
        land,
        communities=DISTRICT + BEYOND,
        first="红山社区",
        seats=SEATS,
        letters="RP",
        totals=TOTALS,
        household=2.9,
        dwellings=1_700,
        rng=rng,
    )
    whole_town = district.town
    outside = whole_town.units.x.sort_values(kind="stable").index[-BEYOND:]
    neighbour = int(outside[0])
    town = within(whole_town, outside)
    units = figures(town, rng)
    stations = care_stations(town, rng)
    institution = institutions(town, whole_town, neighbour, rng)
    centres = street_centres(town, rng)
    families, outreach = family_centres(town, rng)
    shelters, assigned = shelter_list(town, rng)
    other, relief = others(town, rng)
    write_streets(
        district.ways.assign(name=_written(district.ways.name)), PLACE, HERE / "streets.parquet"
    )
    write_dwellings(town.homes, PLACE, HERE / "dwellings.parquet")
    write_communities(units)
    write_backdrop(backdrop(district), PLACE, HERE / "backdrop.geojson")
    plain = "编号 名称 类型 街道 建筑面积 状态 启用年份"
    files = {
        "care_stations.csv": (
            stations,
            "编号 名称 类型 等级 街道 建筑面积 床位数 状态 启用年份",
            "big5",
        ),
        "institutions.csv": (institution, f"{plain} 床位数 护理型床位 性质", "utf-8-sig"),
        "street_centres.csv": (
            centres,
            "编号 名称 类型 等级 街道 建筑面积 床位数 状态 启用年份",
            "utf-8",
        ),
        "family_centres.csv": (families, f"{plain} 服务人次", "utf-8"),
        "shelters.csv": (shelters, f"{plain} 可安置人数", "utf-8-sig"),
        "other_facilities.csv": (other, plain, "utf-8"),
    }
    for name, (table, columns, encoding) in files.items():
        write_csv(traditional(pick(table, columns, PLACE)), HERE / name, encoding)
    sites = pick(premises(town, rng), "编号 名称 场所类型 街道 可用面积 费用(万元)", PLACE)
    write_csv(traditional(sites), HERE / "candidates.csv")
    write_csv(traditional(pd.concat([outreach, assigned, relief])), HERE / "links.csv")


def _written(names: pd.Series) -> pd.Series:
    """Return names in traditional characters."""
    return traditional(pd.DataFrame({"name": names.astype(object)}))["name"]


def within(town: Town, outside: pd.Index) -> Town:
    """Return the town without the units beyond the boundary and their people."""
    units = town.units.drop(index=outside).reset_index(drop=True)
    homes = town.homes[town.homes.community.isin(units.id)]
    return Town(units=units, homes=homes, kerb=town.kerb, rng=town.rng, taken=town.taken)


def figures(town: Town, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Add what the bureau knows of its communities."""
    units = town.units
    grade = np.full(len(units), None, dtype=object)
    order = rng.permutation(len(units))
    grade[order[:10]] = "国家级"
    happy = np.full(len(units), None, dtype=object)
    happy[order[10:13]] = "试点"
    happy[order[13:34]] = "示范"
    small = {name: group(units, units.aged_60, total, rng) for name, total in GROUPS.items()}
    aged_70 = whole(units.aged_65 * rng.normal(1, 0.03, len(units)), AGED_70)
    zone = np.select([units.x > 1900, units.x < -1600], ["东部", "西部"], "中部")
    return units.assign(
        **small,
        aged_70=np.minimum(aged_70, units.aged_65),
        zone=zone,
        disaster_reduction=grade,
        happy_community=happy,
        living_alone=group(units, units.aged_80, 1_260, rng),
    )


def care_stations(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place 101 star homes, one or two a community, and three day-care places to open in 2013."""
    units = town.units
    size = (units.aged_60 / units.aged_60.sum()).to_numpy()
    again = rng.choice(len(units), STAR_HOMES - len(units), replace=False, p=size)
    rows = [
        town.facility(
            unit,
            f"{town.stem(unit)}{'第二' if second else ''}星光老年之家",
            "星光老年之家",
            rng.integers(2002, 2009),
            等级="星光老年之家",
            床位数=0,
            建筑面积=int(rng.integers(8, 25) * 10),
        )
        for second, numbers in ((False, range(len(units))), (True, sorted(again)))
        for unit in numbers
    ]
    most = units.aged_60.sort_values(ascending=False, kind="stable").index
    rows += [
        town.facility(
            unit,
            f"{town.stem(unit)}日间托老中心",
            "日间照料中心",
            2013,
            状态="在建",
            等级="日间托老",
            床位数=30,
            建筑面积=420,
        )
        for unit in (most[0], most[4], most[9])
    ]
    return numbered(rows, "XG")


def institutions(
    town: Town, whole_town: Town, neighbour: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Place three institutions with 444 beds, the second phase under way, one beyond."""
    units = town.units
    rows: list[dict[str, Any]] = []
    for unit, name, beds, owner in zip(
        (units.street == "红山街道", units.street == "大沙街道", units.street == "长洲街道"),
        ("榕埔区老人院", "大沙敬老院", "长洲福利院"),
        BEDS,
        ("公办", "民办", "公办"),
        strict=True,
    ):
        mine = int(rng.choice(np.flatnonzero(unit)))
        rows.append(
            town.facility(
                mine,
                name,
                "养老院",
                rng.integers(1996, 2008),
                床位数=beds,
                护理型床位=round(beds * 0.4),
                性质=owner,
                建筑面积=round(beds * 24.5),
            )
        )
    second = town.facility(
        rows[0]["unit"],
        "榕埔区老人院二期",
        "养老院",
        2013,
        状态="在建",
        床位数=NEW_BEDS,
        护理型床位=600,
        性质="公办",
        建筑面积=NEW_AREA,
    )
    beyond = whole_town.facility(
        neighbour,
        "邻区东江敬老院",
        "养老院",
        2009,
        床位数=160,
        护理型床位=60,
        性质="公办",
        建筑面积=4_100,
        街道="",
    )
    return numbered([*rows, second, beyond], "YL")


def street_centres(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place a home-care department in each street, two of them of a grade."""
    graded = {
        "长洲街道": ("长洲居家养老服务中心", "省级示范"),
        "南岗街道": ("南岗街日间托老服务中心", "市级示范"),
    }
    rows = []
    for street, seat in town.seats().items():
        name, grade = graded.get(street, (f"{street}居家养老服务部", ""))
        rows.append(
            town.facility(
                seat,
                name,
                "居家养老服务部",
                rng.integers(2008, 2012),
                等级=grade or None,
                床位数=int(rng.integers(2, 6) * 5),
                建筑面积=int(rng.integers(20, 60) * 10),
            )
        )
    return numbered(rows, "JJ")


def family_centres(town: Town, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Place a family centre in each street, with 18 outreach stations, two of each centre's."""
    visits = whole(rng.uniform(0.7, 1.4, len(SEATS)), VISITS)
    rows, links = [], []
    for k, (street, seat) in enumerate(town.seats().items()):
        rows.append(
            town.facility(
                seat,
                f"{street}家庭综合服务中心",
                "家庭综合服务中心",
                2011 + k % 2,
                服务人次=int(visits[k]),
                建筑面积=int(rng.integers(90, 160) * 10),
            )
        )
        mine = [j for j in np.flatnonzero(town.units.street == street) if j != seat]
        links += [(k, int(unit)) for unit in rng.choice(mine, SERVED // len(SEATS), replace=False)]
    table = numbered(rows, "JZ")
    return table, town.links(table, links, "工作站")


def shelter_list(town: Town, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Place 24 shelters, and assign every community to one."""
    units = town.units
    seats = list(town.seats().values())
    rest = [k for k in range(len(units)) if k not in seats]
    hosts = [*seats, *sorted(rng.choice(rest, 15, replace=False))]
    rows = [
        town.facility(
            unit,
            f"{town.stem(unit)}学校避险场所",
            "避险安置场所",
            rng.integers(2006, 2012),
            可安置人数=int(rng.integers(12, 60) * 10),
            建筑面积=int(rng.integers(60, 240) * 10),
        )
        for unit in hosts
    ]
    spots = units[["x", "y"]].to_numpy()
    near = np.hypot(*(spots[:, None] - spots[hosts][None]).transpose(2, 0, 1)).argmin(axis=1)
    table = numbered(rows, "BX")
    links = sorted((int(k), unit) for unit, k in enumerate(near))
    return table, town.links(table, links, "安置")


def others(town: Town, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Place stations, refuges, the registry, and the warehouse that supplies each street."""
    units = town.units
    rows: list[dict[str, Any]] = []

    def add(unit: int, name: str, kind: str, year: int, **more: Any) -> None:
        more = {"建筑面积": int(rng.integers(6, 30) * 10), **more}
        rows.append(town.facility(unit, name, kind, year, spread_m=120, **more))

    for unit in range(len(units)):
        add(unit, f"{town.stem(unit)}社区服务站", "社区服务站", 2012)
    seats = town.seats()
    for street, seat in seats.items():
        add(seat, f"{street}庇护站", "庇护站", 2011)
    add(seats["大沙街道"], "榕埔区救灾物资仓库", "救灾仓库", 2012, 建筑面积=320)
    add(seats["穗东街道"], "榕埔区婚姻登记处", "婚姻登记处", 2012, 建筑面积=400)
    table = numbered(rows, "QT")
    hub = table.loc[table["类型"] == "救灾仓库", "编号"].iloc[0]
    supplied = pd.DataFrame(
        {"设施编号": hub, "社区编号": [units.id.iloc[k] for k in seats.values()], "类型": "配送"}
    )
    return table, supplied


def premises(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Place premises that could be put to use again: star homes, family centres, public housing."""
    kinds = ["星光老年之家"] * 24 + ["家庭综合服务中心"] * 5 + ["城中村改造公建配套"] * 11
    rates = {"星光老年之家": 0.08, "家庭综合服务中心": 0.12, "城中村改造公建配套": 0.2}
    units = rng.choice(len(town.units), len(kinds), replace=False)
    pairs = zip(units, kinds, strict=True)
    return numbered([town.premises(unit, kind, rates[kind]) for unit, kind in pairs], "HX")


def write_communities(units: gpd.GeoDataFrame) -> None:
    """Write communities.gpkg, in traditional characters."""
    table = pd.DataFrame(
        {
            "社区编号": units.id,
            "社区名称": units.name,
            "街道": units.street,
            "片区": units.zone,
            "户籍人口": units.population,
            "户数": units.households,
            "60岁以上": units.aged_60,
            "65岁以上": units.aged_65,
            "70岁以上": units.aged_70,
            "80岁以上": units.aged_80,
            "独居孤寡老人": units.living_alone,
            "低保人数": units.low_income,
            "三无人员": units.destitute,
            "孤儿": units.orphans,
            "低收入困难对象": units.poor,
            "低保边缘人数": units.low_income_edge,
            "减灾示范": units.disaster_reduction,
            "幸福社区": units.happy_community,
        }
    )
    shapes = PLACE.on_globe(units.geometry.to_numpy())
    layer = gpd.GeoDataFrame(traditional(table), geometry=shapes, crs="EPSG:4490")
    write_layer(layer, HERE / "communities.gpkg", "communities", DATE)


def backdrop(district: District) -> list[tuple[str, str, Any, float]]:
    """List what lies under an offline map."""
    land = district.land
    return [
        ("river", "榕江", land.wet, 12),
        ("hill", "", land.hills, 15),
        *(
            ("park", traditional(pd.DataFrame({"n": [name]})).n[0], shape, 12)
            for name, shape in land.parks.items()
        ),
    ]
