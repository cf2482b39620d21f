"""Make 澄湾区 (Chengwan), a synthetic coastal district, and write its files beside this script.

Run ``python datasets/chengwan/make.py``; the same seed gives the same data. Formats, encodings,
scripts and datums differ from file to file on purpose: so do those of real bureaus.
"""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import communities
import country
import geopandas as gpd
import land as ground
import linework
import numpy as np
import opencc
import pandas as pd
import people
import pyogrio
import services
import shapely
import streets

HERE = Path(__file__).resolve().parent
SEED = 2018
EPOCH = "2019-01-31T00:00:00Z"

_STATION = "编号 名称 类型 等级 街道 建筑面积 床位数 状态 启用年份 停用年份"
_CANTEEN = "编号 名称 类型 街道 建筑面积 供餐能力 状态 启用年份 停用年份"
_SHELTER = "编号 名称 场所类型 街道 可安置人数 建筑面积 状态 启用年份"
_INSTITUTION = (
    "编号 名称 类型 性质 街道 建筑面积 床位数 护理型床位 认知障碍床位 状态 启用年份 停用年份"
)
_CENTRE = "编号 名称 类型 等级 街道 建筑面积 日托床位 全托床位 状态 启用年份"
_CANDIDATE = "编号 名称 场所类型 街道 可用面积 费用(万元)"


def main() -> None:
    """Make everything and write it."""
    rng = np.random.default_rng(SEED)
    land = ground.build()
    villages = country.settle(land, communities.RURAL, rng)
    ways = streets.build(land, villages, rng)
    homes = people.houses(land, ways, rng)
    units = communities.divide(land, ways, villages, homes, rng)
    homes = people.lift(locate(homes, units), units, 260.0)
    homes = pd.concat([homes, people.ages(homes, rng)], axis=1)
    figures = people.figures(units, homes, rng)
    units = units.join(figures, on="id")
    town = services.settle(units, homes, ways, rng)
    stations, without = services.stations(town)
    canteens, deliveries = services.canteens(town)
    shelters, assigned = services.shelters(town)
    institutions = services.institutions(town)
    centres = services.centres(town)
    candidates = services.candidates(town, without)

    write_streets(ways)
    write_communities(units)
    write_dwellings(homes)
    write_backdrop(land)
    write_csv(pick(stations, _STATION, datum="gcj02"), "care_stations.csv", "gb18030")
    write_xlsx(pick(canteens, _CANTEEN), "canteens.xlsx", "爱心食堂")
    write_csv(traditional(pick(shelters, _SHELTER)), "shelters.csv", "utf-8-sig")
    write_csv(pick(institutions, _INSTITUTION), "institutions.csv", "utf-8")
    write_centres(pick(centres, _CENTRE))
    write_csv(pick(candidates, _CANDIDATE), "candidates.csv", "utf-8")
    write_csv(pd.concat([deliveries, assigned]), "links.csv", "utf-8")


def locate(homes: pd.DataFrame, units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Find each dwelling's community by the outlines as written; drop those in none."""
    points = gpd.GeoDataFrame(homes, geometry=degrees_of(homes))
    shapes = gpd.GeoDataFrame({"community": units.id}, geometry=outlines(units))
    found = points.sjoin(shapes, predicate="within").drop(columns="index_right")
    found = found[~found.index.duplicated()].sort_values(["community", "x", "y"])
    return pd.DataFrame(found.drop(columns="geometry")).reset_index(drop=True)


def outlines(units: gpd.GeoDataFrame) -> np.ndarray:
    """Give outlines in degrees of six decimals."""
    return on_globe(units.geometry.to_numpy())


def on_globe(lattice: Any) -> Any:
    """Turn whole micro-degrees from the centre into degrees; the same pair stays the same."""
    return shapely.transform(
        lattice, lambda xy: np.round(np.asarray(xy) / linework.MICRO + ground.CENTRE, 6)
    )


def degrees_of(table: pd.DataFrame) -> np.ndarray:
    """Give points in degrees of six decimals from columns x and y in metres."""
    return shapely.points(np.round(ground.to_degrees(table[["x", "y"]].to_numpy()), 6))


def gcj02(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shift WGS-84 to GCJ-02, the datum of Chinese web maps, by the published approximation."""
    axis, flat = 6_378_245.0, 0.00669342162296594323
    x, y = lon - 105.0, lat - 35.0

    def wave(base: np.ndarray, *terms: tuple[float, float]) -> np.ndarray:
        return sum((size * np.sin(base * np.pi * pace) for size, pace in terms), np.zeros(len(lon)))

    shared = wave(x, (20.0, 6.0), (20.0, 2.0)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + shared
    north += wave(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + shared
    east += wave(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30)) * 2 / 3
    sine = np.sin(np.deg2rad(lat))
    bulge = 1 - flat * sine * sine
    meridian = axis * (1 - flat) / bulge**1.5
    parallel = axis / np.sqrt(bulge) * np.cos(np.deg2rad(lat))
    return lon + np.rad2deg(east / parallel), lat + np.rad2deg(north / meridian)


def pick(table: pd.DataFrame, columns: str, *, datum: str = "wgs84") -> pd.DataFrame:
    """Take columns in order, and 经度 and 纬度 in the datum asked for."""
    lon, lat = ground.to_degrees(table[["x", "y"]].to_numpy()).T
    if datum == "gcj02":
        lon, lat = gcj02(lon, lat)
    return table[columns.split()].assign(经度=np.round(lon, 6), 纬度=np.round(lat, 6))


def traditional(table: pd.DataFrame) -> pd.DataFrame:
    """Write the words and headers of a table in traditional characters."""
    convert = opencc.OpenCC("s2tw").convert
    words = [name for name in table.columns if table[name].map(type).eq(str).all()]
    table = table.assign(**{name: table[name].map(convert) for name in words})
    return table.rename(columns=convert)


def write_streets(ways: gpd.GeoDataFrame) -> None:
    """Write streets.parquet, in an order that keeps neighbours together."""
    table = gpd.GeoDataFrame(
        {"name": ways.name.where(ways.name != "", None), "highway": ways.highway,
         "oneway": ways.oneway.astype(bool), "bridge": ways.bridge.astype(bool)},
        geometry=on_globe(ways.geometry.to_numpy()), crs="EPSG:4326",
    )  # fmt: skip
    order = table.hilbert_distance(total_bounds=table.total_bounds).argsort(kind="stable")
    _parquet(table.iloc[order].reset_index(drop=True), "streets.parquet")


def write_dwellings(homes: pd.DataFrame) -> None:
    """Write dwellings.parquet."""
    groups = ["community", "population", "aged_60", "aged_65", "aged_80"]
    lived_in = homes[homes.population > 0]
    table = gpd.GeoDataFrame(lived_in[groups], geometry=degrees_of(lived_in), crs="EPSG:4326")
    table.insert(0, "id", [f"D{k:05d}" for k in range(1, len(table) + 1)])
    _parquet(table.reset_index(drop=True), "dwellings.parquet")


def _parquet(table: gpd.GeoDataFrame, name: str) -> None:
    table.to_parquet(HERE / name, index=False, compression="zstd", compression_level=19)


def write_communities(units: gpd.GeoDataFrame) -> None:
    """Write communities.gpkg."""
    table = gpd.GeoDataFrame(
        {"编号": units.id, "名称": units.name, "街道": units.street,
         "城乡": np.where(units.urban, "城市", "农村"), "片区": units.zone,
         "常住人口": units.population, "60岁以上": units.aged_60, "65岁以上": units.aged_65,
         "80岁以上": units.aged_80, "户数": units.households, "社区用房面积": units.premises_m2,
         "低保人数": units.low_income, "重残人数": units.disabled_severe},
        geometry=outlines(units), crs="EPSG:4490",
    )  # fmt: skip
    path = HERE / "communities.gpkg"
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2019-01-31T00:00:00.000Z"})
    pyogrio.write_dataframe(table, path, layer="communities", geometry_type="MultiPolygon",
                            promote_to_multi=True)  # fmt: skip


def write_centres(centres: pd.DataFrame) -> None:
    """Write street_centres.geojson."""
    features = [
        _feature({k: v for k, v in row.items() if k not in {"经度", "纬度"}},
                 {"type": "Point", "coordinates": [row["经度"], row["纬度"]]})
        for row in centres.to_dict("records")
    ]  # fmt: skip
    _geojson(features, "street_centres.geojson")


def write_backdrop(land: ground.Land) -> None:
    """Write backdrop.geojson, what lies under an offline map."""
    shapes = [
        ("sea", "澄海", land.sea), ("river", "澄江", land.river),
        ("hill", "", land.hills), ("industry", "澄湾港区", land.industry),
        *(("park", name, shape.difference(shapely.union_all(list(land.water.values()))))
          for name, shape in land.parks.items()),
        *(("water", name, shape) for name, shape in land.water.items()),
    ]  # fmt: skip
    features = []
    for kind, name, shape in shapes:
        thin = shapely.simplify(shape, 12 if kind in {"sea", "river"} else 20)
        features += [
            _feature({"kind": kind, "name": name}, json.loads(shapely.to_geojson(part)))
            for part in shapely.get_parts(on_globe(linework.to_lattice(thin)))
            if part.geom_type == "Polygon" and not part.is_empty
        ]
    _geojson(features, "backdrop.geojson")


def _feature(properties: dict[str, Any], geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _geojson(features: list[dict[str, Any]], name: str) -> None:
    lines = ",\n".join(json.dumps(f, ensure_ascii=False) for f in features)
    text = f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'
    (HERE / name).write_text(text, encoding="utf-8")


def write_csv(table: pd.DataFrame, name: str, encoding: str) -> None:
    """Write a text table."""
    text = table.to_csv(index=False, lineterminator="\r\n" if encoding != "utf-8" else "\n")
    (HERE / name).write_bytes(text.encode(encoding))


def write_xlsx(table: pd.DataFrame, name: str, sheet: str) -> None:
    """Write a workbook whose bytes do not depend on the clock."""
    raw = BytesIO()
    table.to_excel(raw, sheet_name=sheet, index=False, engine="openpyxl")
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(HERE / name, "w") as new:
        for entry in old.infolist():
            body = old.read(entry)
            if entry.filename == "docProps/core.xml":
                body = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", EPOCH.encode(), body)
            fixed = zipfile.ZipInfo(entry.filename, (2019, 1, 31, 0, 0, 0))
            new.writestr(fixed, body, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main()
