"""Make 澄湾区 (Chengwan), a synthetic coastal district, and write its files beside this script.

Formats, encodings, scripts and datums differ from file to file on purpose: so do those of real
bureaus.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from chengwan import communities, country, further, people, services, streets
from chengwan import land as ground
from chengwan.land import PLACE
from generator.files import (
    pick,
    traditional,
    write_backdrop,
    write_csv,
    write_layer,
    write_points,
    write_streets,
    write_xlsx,
)
from generator.homes import ages, lift, locate, write_dwellings
from generator.town import settle

HERE = Path(__file__).resolve().parent
SEED = 2018
DATE = "2019-01-31"

_STATION = "编号 名称 类型 等级 街道 地址 建筑面积 床位数 一站式 状态 启用年份 停用年份"
_CANTEEN = "编号 名称 类型 层级 街道 建筑面积 供餐能力 送餐人数 状态 启用年份 停用年份"
_SHELTER = "编号 名称 场所类型 街道 可安置人数 建筑面积 标示牌 房屋安全鉴定 状态 启用年份"
_INSTITUTION = (
    "编号 名称 类型 等级 性质 街道 建筑面积 床位数 护理型床位 认知障碍床位 在住人数 消防检查 "
    "状态 启用年份 停用年份"
)
_CENTRE = "编号 名称 类型 等级 街道 建筑面积 日托床位 全托床位 服务项目 状态 启用年份"
_CANDIDATE = "编号 名称 场所类型 街道 可用面积 费用(万元)"
_OTHER = "编号 名称 类型 街道 建筑面积 容量 状态 启用年份"


def main() -> None:
    """Make everything and write it."""
    rng = np.random.default_rng(SEED)
    land = ground.build()
    villages = country.settle(land, communities.RURAL, rng)
    ways = streets.build(land, villages, rng)
    homes = people.houses(land, ways, rng)
    units = communities.divide(land, ways, villages, homes, rng)
    homes = lift(locate(homes, units, PLACE), units, 260.0)
    homes = pd.concat([homes, ages(homes, people.TOTALS, rng)], axis=1)
    figures = people.figures(units, homes, rng)
    units = units.join(figures, on="id")
    town = settle(units, homes, ways, PLACE, rng)
    stations, without = services.stations(town)
    canteens, deliveries = services.canteens(town)
    shelters, assigned = services.shelters(town)
    institutions = services.institutions(town)
    centres = services.centres(town)
    candidates = services.candidates(town, without)
    others, supplies = further.facilities(town, canteens)

    write_streets(ways, PLACE, HERE / "streets.parquet")
    write_communities(further.communities(units))
    write_dwellings(homes, PLACE, HERE / "dwellings.parquet")
    write_backdrop(backdrop(land), PLACE, HERE / "backdrop.geojson")
    stations = pick(further.stations(stations, ways), _STATION, PLACE, datum="gcj02")
    write_csv(stations, HERE / "care_stations.csv", "gb18030")
    canteens = pick(further.canteens(canteens), _CANTEEN, PLACE)
    write_xlsx({"爱心食堂": canteens}, HERE / "canteens.xlsx", DATE)
    shelters = traditional(pick(further.shelters(shelters), _SHELTER, PLACE))
    write_csv(shelters, HERE / "shelters.csv", "utf-8-sig")
    write_csv(pick(further.institutions(institutions), _INSTITUTION, PLACE),
              HERE / "institutions.csv")  # fmt: skip
    write_points(pick(further.centres(centres), _CENTRE, PLACE), HERE / "street_centres.geojson")
    write_csv(pick(others, _OTHER, PLACE), HERE / "other_facilities.csv")
    write_csv(pick(candidates, _CANDIDATE, PLACE), HERE / "candidates.csv")
    write_csv(pd.concat([deliveries, assigned, supplies]), HERE / "links.csv")


def write_communities(units: gpd.GeoDataFrame) -> None:
    """Write communities.gpkg."""
    table = gpd.GeoDataFrame(
        {"编号": units.id, "名称": units.name, "街道": units.street,
         "城乡": np.where(units.urban, "城市", "农村"), "片区": units.zone,
         "常住人口": units.population, "60岁以上": units.aged_60, "65岁以上": units.aged_65,
         "80岁以上": units.aged_80, "户数": units.households, "社区用房面积": units.premises_m2,
         "低保人数": units.low_income, "重残人数": units.disabled_severe,
         "低保边缘人数": units.low_income_edge, "国际人员": units.international,
         "减灾示范": units.disaster_reduction, "社区协商示范点": units.consultation},
        geometry=PLACE.on_globe(units.geometry.to_numpy()), crs="EPSG:4490",
    )  # fmt: skip
    write_layer(table, HERE / "communities.gpkg", "communities", DATE)


def backdrop(land: ground.Land) -> list[tuple[str, str, shapely.Geometry, float]]:
    """List what lies under an offline map: kind, name, shape, and how thin to draw it."""
    ponds = shapely.union_all(list(land.water.values()))
    return [
        ("sea", "澄海", land.sea, 12), ("river", "澄江", land.river, 12),
        ("hill", "", land.hills, 20), ("industry", "澄湾港区", land.industry, 20),
        *(("park", name, shape.difference(ponds), 20) for name, shape in land.parks.items()),
        *(("water", name, shape, 20) for name, shape in land.water.items()),
    ]  # fmt: skip
