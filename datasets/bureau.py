"""Write a folder as a bureau holds it, of 澄湾区's data: names, addresses, mixed files and datums.

Nothing in it is ready for a map: the communities are a register in Excel 97 with merged streets and
subtotals and no boundaries, their places a list of codes in BD-09, stations have names and
addresses alone, canteens are in GCJ-02 with some still to be surveyed, and the streets are a
province's extract. All of it is SYNTHETIC, as 澄湾区 is.

Run ``python datasets/bureau.py FOLDER`` (needs the extra ``test``: xlwt and osmium).
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
import xlwt

from planner.engine.crs import shift

HERE = Path(__file__).resolve().parent
CHENGWAN = HERE / "chengwan"
SEED = 2026
ELSEWHERE = ("beizhu", "yunpu")  # other districts of the province
WITHOUT_COMMUNITY, UNSURVEYED = 0.3, 0.15
HIGHWAY = {"highway", "name", "oneway", "bridge"}


def main(folder: Path) -> None:
    """Write the folder.

    Parameters
    ----------
    folder
        Where to; made if it does not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    areas = gpd.read_file(CHENGWAN / "communities.gpkg").to_crs(4326)
    areas["代码"] = [f"3302{number:08d}" for number in range(1, len(areas) + 1)]
    _register(areas, folder / "社区（村）名册.xls")
    _codes(areas, folder / "区划代码.csv")
    stations = pd.read_csv(CHENGWAN / "care_stations.csv", encoding="gb18030")
    _stations(stations, areas, rng, folder / "居家养老服务站.csv")
    _canteens(pd.read_excel(CHENGWAN / "canteens.xlsx", engine="openpyxl"), rng, folder)
    _shelters(pd.read_csv(CHENGWAN / "shelters.csv"), folder / "避灾安置场所.xlsx")
    _province(folder / "全省.osm.pbf")


def _register(areas: gpd.GeoDataFrame, file: Path) -> None:
    """Write the communities as a clerk does: a title, streets merged over their rows, subtotals."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("名册")
    head = ["街道（镇）", "社区（村）名称", "统计用区划代码", "常住人口", "60岁及以上人口"]
    sheet.write_merge(0, 0, 0, len(head) - 1, "澄湾区社区（村）名册（合成数据）")
    for column, words in enumerate(head):
        sheet.write(1, column, words)
    row, counted = 2, ["常住人口", "60岁以上"]
    for street, own in areas.groupby("街道", sort=False):
        sheet.write_merge(row, row + len(own) - 1, 0, 0, street)
        for _, one in own.iterrows():
            for column, value in enumerate([one["名称"], one["代码"]], start=1):
                sheet.write(row, column, value)
            for column, name in enumerate(counted, start=3):
                sheet.write(row, column, int(one[name]))
            row += 1
        sheet.write(row, 1, "小计")
        for column, name in enumerate(counted, start=3):
            sheet.write(row, column, int(own[name].sum()))
        row += 1
    sheet.write(row, 0, "合计")
    for column, name in enumerate(counted, start=3):
        sheet.write(row, column, int(areas[name].sum()))
    book.save(str(file))


def _codes(areas: gpd.GeoDataFrame, file: Path) -> None:
    """Write where each community is, in BD-09, as copied from a map service."""
    at = shift(gpd.GeoSeries(areas.representative_point(), crs=4326), "bd09", "from_wgs84")
    table = pd.DataFrame({"统计用区划代码": areas["代码"], "名称": areas["名称"]})
    table = table.assign(百度经度=at.x.round(6), 百度纬度=at.y.round(6))
    table.to_csv(file, index=False, encoding="gb18030")


def _stations(
    stations: pd.DataFrame, areas: gpd.GeoDataFrame, rng: np.random.Generator, file: Path
) -> None:
    """Write the stations by name and address: the community in a column, or in the address."""
    points = gpd.GeoSeries.from_xy(stations["经度"], stations["纬度"], crs=4326)
    there = shift(points, "gcj02", "to_wgs84")
    found = gpd.sjoin_nearest(
        gpd.GeoDataFrame(geometry=there).to_crs(32651), areas[["名称", "geometry"]].to_crs(32651)
    )
    home = found["名称"][~found.index.duplicated()].reindex(stations.index)
    inside = rng.random(len(stations)) < WITHOUT_COMMUNITY
    address = stations["街道"] + np.where(inside, home, "") + stations["地址"].fillna("")
    table = stations.drop(columns=["经度", "纬度", "编号"]).assign(
        地址=address, 所属社区=home.mask(inside)
    )
    table.to_csv(file, index=False, encoding="gb18030")


def _canteens(canteens: pd.DataFrame, rng: np.random.Generator, folder: Path) -> None:
    """Write the canteens in GCJ-02 without saying so, some of them not yet surveyed."""
    points = gpd.GeoSeries.from_xy(canteens["经度"], canteens["纬度"], crs=4326)
    at = shift(points, "gcj02", "from_wgs84")
    waiting = rng.random(len(canteens)) < UNSURVEYED
    cells = {"经度": at.x.round(6), "纬度": at.y.round(6)}
    table = canteens.assign(
        **{name: one.astype(object).mask(waiting, "待采集") for name, one in cells.items()}
    )
    table.to_excel(folder / "老年食堂.xlsx", index=False)


def _shelters(shelters: pd.DataFrame, file: Path) -> None:
    """Write the shelters with both coordinates in one cell."""
    joint = shelters["經度"].astype(str) + "," + shelters["緯度"].astype(str)
    shelters.drop(columns=["經度", "緯度"]).assign(坐標=joint).to_excel(file, index=False)


def _province(file: Path) -> None:
    """Write the streets of this district and of others as OpenStreetMap's extract of a province."""
    file.unlink(missing_ok=True)
    lines = [gpd.read_parquet(HERE / name / "streets.parquet") for name in ("chengwan", *ELSEWHERE)]
    streets = pd.concat([one.to_crs(4326) for one in lines], ignore_index=True)
    places, owners = shapely.get_coordinates(streets.geometry, return_index=True)
    keys, node = np.unique(np.round(places * 1e7).astype(np.int64), axis=0, return_inverse=True)
    with osmium.SimpleWriter(str(file)) as writer:
        for number, (x, y) in enumerate(keys, start=1):
            at = (x / 1e7, y / 1e7)
            writer.add_node(osmium.osm.mutable.Node(id=number, location=at, version=1))
        nodes = pd.Series(node.ravel() + 1).groupby(owners).agg(list)
        told = streets[[name for name in streets.columns if name in HIGHWAY]].to_dict("records")
        for number, (row, refs) in enumerate(nodes.items(), start=1):
            tags = {key: str(cell) for key, cell in told[row].items() if _is_said(cell)}
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags, version=1))


def _is_said(cell: object) -> bool:
    return not (pd.isna(cell) or cell == "")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
