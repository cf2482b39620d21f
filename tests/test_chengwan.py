"""The embedded district holds what its README says, straight from its files."""

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from generator.place import gcj02

FOLDER = Path(__file__).resolve().parent.parent / "datasets" / "chengwan"
M_PER_DEG = (96_586.0, 110_859.0)


def metres(shapes) -> np.ndarray:
    return shapely.transform(np.asarray(shapes), lambda xy: xy * M_PER_DEG)


def stock(table: pd.DataFrame, year: int = 2018) -> pd.DataFrame:
    """Rows open in a year, by simplified or traditional headers."""
    opened = table["启用年份"] if "启用年份" in table else table["啟用年份"]
    closed = table["停用年份"].fillna(9999) if "停用年份" in table else 9999
    return table[(opened <= year) & (year < closed)]


def read_text(name: str, encoding: str = "utf-8-sig") -> pd.DataFrame:
    return pd.read_csv(FOLDER / name, encoding=encoding)  # noqa: TID251


@pytest.fixture(scope="module")
def units() -> gpd.GeoDataFrame:
    return gpd.read_file(FOLDER / "communities.gpkg", layer="communities")  # noqa: TID251


@pytest.fixture(scope="module")
def streets() -> gpd.GeoDataFrame:
    return gpd.read_parquet(FOLDER / "streets.parquet")


@pytest.fixture(scope="module")
def dwellings() -> gpd.GeoDataFrame:
    return gpd.read_parquet(FOLDER / "dwellings.parquet")


@pytest.fixture(scope="module")
def stations() -> pd.DataFrame:
    return read_text("care_stations.csv", "gb18030")


@pytest.fixture(scope="module")
def canteens() -> pd.DataFrame:
    return pd.read_excel(FOLDER / "canteens.xlsx", engine="openpyxl")  # noqa: TID251


@pytest.fixture(scope="module")
def links() -> pd.DataFrame:
    return read_text("links.csv")


def own_community(
    table, units: gpd.GeoDataFrame, lon: str = "经度", lat: str = "纬度"
) -> pd.Series:
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(table[lon], table[lat]), crs=units.crs)
    found = points.sjoin(units[["编号", "街道", "geometry"]], predicate="within")
    assert len(found) == len(table), "every facility lies in one community"
    return found["编号"].set_axis(table["编号" if "编号" in table else "編號"])


def test_communities_count(units):
    assert len(units) == 242
    assert units["城乡"].value_counts().to_dict() == {"农村": 132, "城市": 110}
    assert units["名称"].is_unique
    assert units["编号"].is_unique
    assert units["街道"].nunique() == 10
    assert set(units["片区"]) == {"南", "中", "北"}
    assert units.groupby("街道").size().between(12, 45).all()
    assert units.crs.to_epsg() == 4490


def test_communities_tile_the_district(units):
    shapes = units.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes), "neighbours share their edges exactly"
    whole = shapely.union_all(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-9)
    mainland, *islets = sorted(shapely.get_parts(whole), key=lambda part: -part.area)
    assert not mainland.interiors, "no gaps"
    assert len(islets) == 3


def test_streets_and_towns_are_contiguous(units):
    for shape in units.dissolve("街道").geometry:
        parts = sorted(shapely.area(shapely.get_parts(shape)), reverse=True)
        assert sum(parts[1:]) < 0.08 * parts[0], "nothing but islets lies apart"


def test_people(units, dwellings):
    totals = units[["常住人口", "60岁以上", "65岁以上", "80岁以上", "低保人数", "重残人数"]].sum()
    assert totals.tolist() == [410_000, 110_700, 77_900, 13_400, 1_696, 4_870]
    assert units["常住人口"].min() > 100
    assert (units["常住人口"] / units["户数"]).between(1.9, 3.2).all()
    assert 0.1 < (units["社区用房面积"] < 350).mean() < 0.5
    share = units["60岁以上"] / units["常住人口"]
    country, city = (share[units["城乡"] == kind].median() for kind in ("农村", "城市"))
    assert country > city + 0.1
    assert 7_000 <= len(dwellings) <= 9_000


def test_dwellings_add_up(units, dwellings):
    groups = ["population", "aged_60", "aged_65", "aged_80"]
    assert all(np.issubdtype(dwellings[name].dtype, np.integer) for name in groups)
    assert (dwellings[groups].diff(axis=1).iloc[:, 1:] <= 0).all().all(), "groups are nested"
    assert (dwellings[groups] >= 0).all().all()
    found = dwellings.groupby("community")[groups].sum().reindex(units["编号"])
    asked = units[["常住人口", "60岁以上", "65岁以上", "80岁以上"]]
    assert (found.to_numpy() == asked.to_numpy()).all()
    inside = dwellings.to_crs(units.crs).sjoin(units[["编号", "geometry"]], predicate="within")
    assert (inside["community"] == inside["编号"]).all()
    assert len(inside) == len(dwellings)


def test_network(streets):
    pairs = [(line.coords[0], line.coords[-1]) for line in streets.geometry]
    lines = shapely.length(metres(streets.geometry))
    graph = nx.MultiGraph()
    graph.add_edges_from(
        (a, b, {"length": size}) for (a, b), size in zip(pairs, lines, strict=True)
    )
    assert 23_000 <= len(graph) <= 27_000
    assert 29_000 <= len(streets) <= 34_000
    assert 2.3 <= 2 * len(streets) / len(graph) <= 2.65
    parts = [graph.subgraph(part).size("length") for part in nx.connected_components(graph)]
    assert max(parts) > 0.99 * sum(parts)
    assert 2 <= len(parts) <= 3
    xy = shapely.get_coordinates(streets.geometry)
    assert (np.round(xy, 6) == xy).all(), "shared vertices are equal to the last digit"
    assert streets["oneway"].dtype == bool
    assert streets["oneway"].sum() > 300
    assert {"primary", "residential", "service", "footway", "track"} <= set(streets["highway"])


def test_river_is_crossed_at_five_bridges(streets):
    backdrop = gpd.read_file(FOLDER / "backdrop.geojson")  # noqa: TID251
    assert set(backdrop["kind"]) == {"sea", "water", "river", "hill", "park", "industry"}
    river = backdrop[backdrop["kind"] == "river"].union_all()
    over = streets[streets.intersects(river.buffer(-0.0001))]
    assert over["bridge"].all()
    assert over["name"].nunique() == streets[streets["bridge"]]["name"].nunique() == 5


def test_stations(stations, units):
    now = stock(stations)
    assert len(now) == 258
    assert (now["启用年份"] == 2018).sum() == 4
    assert now["启用年份"].min() < 2010
    assert len(stock(stations, 2021)) > 258
    assert set(stations["状态"]) == {"已建", "在建", "规划", "停用"}
    assert stations["编号"].is_unique


def test_stations_lie_where_they_belong_after_the_datum_is_undone(stations, units):
    lon, lat = (stations[name].to_numpy() for name in ("经度", "纬度"))
    x, y = lon, lat
    for _ in range(6):
        east, north = gcj02(x, y)
        x, y = x - (east - lon), y - (north - lat)
    true = stations.assign(经度=x, 纬度=y)
    home = own_community(stock(true), units)
    urban = set(units.loc[units["城乡"] == "城市", "编号"])
    assert urban <= set(home), "every urban community has a station"
    assert 0 < 242 - home.nunique() < 20, "some villages have none"
    assert np.hypot((x - lon) * M_PER_DEG[0], (y - lat) * M_PER_DEG[1]).min() > 300


def test_canteens_and_deliveries(canteens, links, units):
    now = stock(canteens)
    assert len(now) == 81
    assert (now["供餐能力"] > 0).all()
    sent = links[(links["类型"] == "配送") & links["设施编号"].isin(now["编号"])]
    assert sent["社区编号"].nunique() == 194
    home = own_community(now, units)
    pairs = set(zip(sent["设施编号"], sent["社区编号"], strict=True))
    assert set(home.items()) <= pairs, "a canteen's own community is among those it serves"


def test_shelters_and_assignment(links, units):
    shelters = read_text("shelters.csv")
    now = stock(shelters)
    assert len(now) == 146
    assert now["可安置人數"].sum() == 39_590
    sent = links[(links["类型"] == "安置") & links["设施编号"].isin(now["編號"])]
    assert set(sent["社区编号"]) == set(units["编号"])
    own_community(shelters, units, "經度", "緯度")


def test_institutions(units):
    table = read_text("institutions.csv")
    now = stock(table)
    assert len(now) == 20
    assert now["床位数"].sum() == 3_511
    assert now.loc[now["启用年份"] == 2018, "床位数"].sum() == 50
    assert 0.55 < now["护理型床位"].sum() / 3_511 < 0.68
    assert (now["护理型床位"] + now["认知障碍床位"] <= now["床位数"]).all()
    moved = table[(table["停用年份"] > 2018)]
    assert len(moved) == 1
    assert (table["启用年份"] == moved["停用年份"].iloc[0]).any(), "the new site opens as it closes"
    own_community(table, units)


def test_street_centres_and_candidates(units):
    centres = gpd.read_file(FOLDER / "street_centres.geojson")  # noqa: TID251
    assert sorted(centres["街道"]) == sorted(units["街道"].unique())
    assert (centres["启用年份"] <= 2018).all()
    assert (centres["启用年份"] == 2018).sum() == 2
    candidates = read_text("candidates.csv")
    assert len(candidates) == 90
    assert set(candidates["场所类型"]) == {"闲置办公用房", "星光老年之家", "党群服务中心"}
    assert (candidates[["可用面积", "费用(万元)"]] > 0).all().all()
    own_community(candidates, units)


def test_links_name_what_exists(links, units, canteens):
    shelters = read_text("shelters.csv")
    others = read_text("other_facilities.csv")
    assert set(links["设施编号"]) <= {*canteens["编号"], *shelters["編號"], *others["编号"]}
    assert set(links["配送站"].dropna()) <= set(canteens["编号"])
    assert set(links["社区编号"].dropna()) <= set(units["编号"])
    assert not links.duplicated().any()


def test_only_dwellings_stand_on_the_islet(units, dwellings, canteens):
    islet = shapely.box(123.285, 29.92, 123.32, 29.96)
    assert dwellings.within(islet).sum() > 3, "people whom no facility can be walked to"
    for table, lon, lat in (
        (canteens, "经度", "纬度"),
        (read_text("shelters.csv"), "經度", "緯度"),
        (read_text("institutions.csv"), "经度", "纬度"),
        (read_text("candidates.csv"), "经度", "纬度"),
    ):
        assert not shapely.contains_xy(islet, table[lon], table[lat]).any()


def test_small_enough_to_ship():
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 3_000_000
