"""Files that point elsewhere, hide or blow up: each is refused for what it is, and nothing runs."""

import json
import re
import sqlite3
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from planner import api
from planner.district.reading import bounds
from planner.district.reading.osm import read_streets
from planner.district.reading.read import read_raw
from planner.errors import PlannerError, Problems
from planner.settings import Source, StreetSettings

FEATURES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"id": "a", "secret": "s"},
            "geometry": {"type": "Point", "coordinates": [121.5, 30.5]},
        }
    ],
}
OTHER = "other.json"
VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="other"><SrcDataSource relativeToVRT="1">other.json'
    "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
)
POINTERS = {
    "vrt": VRT,
    "vrt after blanks": f"\n\n  {VRT}",
    "vrt in a string": json.dumps({**FEATURES, "features": [], "name": VRT.replace('"', "'")}),
    "pipeline": json.dumps(
        {
            "type": "gdal_streamed_alg",
            "command_line": f"gdal vector pipeline ! read {OTHER} ! write a --of=stream",
        }
    ),
    "wfs": "<OGRWFSDataSource><URL>http://127.0.0.1:9/wfs</URL></OGRWFSDataSource>",
    "gml": '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" '
    'xsi:schemaLocation="http://127.0.0.1:9/a.xsd"/>',
    "kml": "<kml><NetworkLink><Link><href>http://127.0.0.1:9/</href></Link></NetworkLink></kml>",
    "stac": json.dumps(
        {
            "type": "Feature",
            "stac_version": "1.0.0",
            "assets": {"a": {"href": "http://127.0.0.1:9/a.tif"}},
        }
    ),
    "topology": json.dumps({"type": "Topology", "objects": {}, "arcs": []}),
    "esri": json.dumps(
        {
            "geometryType": "esriGeometryPoint",
            "features": [{"attributes": {"a": 1}, "geometry": {"x": 1, "y": 2}}],
        }
    ),
    "sequence": "\n".join(json.dumps(FEATURES["features"][0]) for _ in range(2)),
}
LINKED_CRS = [
    '"crs": {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}}',
    '"crs": {"type": "url", "properties": {"url": "http://127.0.0.1:9/crs"}}',
    '"crs": {"type": "name", "properties": {"name": "http://127.0.0.1:9/crs"}}',
    '"crs": {"type": "name", "properties": {"name": "/vsicurl/http://127.0.0.1:9/crs"}}',
    '"\\u0063rs": {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}}',
    '"CRS": {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}}',
    "'crs': {'type': 'link', 'properties': {'href': 'http://127.0.0.1:9/crs'}}",
]


def faults(folder, file, **source):
    """What is wrong with a file: the problems' keys. Nothing is said without words or a file."""
    problems = Problems()
    read_raw(Source(file=file, **source), folder, problems)
    for problem in problems.found:
        assert problem.file == file
        assert not re.search(r"{\w+}", problem.say("zh") + problem.say("en"))
    return [problem.key for problem in problems.found]


def packed(path, *names, content=b"\0" * 2**20, times=1):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            with archive.open(name, "w", force_zip64=True) as entry:
                for _ in range(times):
                    entry.write(content)


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".gpkg", ".shp", ".fgb", ".parquet"])
@pytest.mark.parametrize("name", POINTERS)
def test_text_that_points_elsewhere_is_refused_whatever_its_suffix(tmp_path, name, suffix):
    tmp_path.joinpath(OTHER).write_text(json.dumps(FEATURES))
    path = tmp_path / f"a{suffix}"
    path.write_text(POINTERS[name])
    for part in (".shx", ".dbf"):
        path.with_suffix(part).write_bytes(b"")
    expected = ["io.unreadable"]
    if name == "vrt in a string" and "json" in suffix:
        expected = ["io.empty"]  # it is GeoJSON, of no features: the words in it are a name
    elif name == "stac" and "json" in suffix:
        expected = []  # a feature like any other: nothing looks at what it calls assets
        assert read_raw(Source(file=path.name, crs="EPSG:4326"), tmp_path, Problems()) is not None
    if expected:
        assert faults(tmp_path, path.name, crs="EPSG:4326") == expected


def test_a_pointer_in_an_archive_is_refused(tmp_path):
    tmp_path.joinpath(OTHER).write_text(json.dumps(FEATURES))
    packed(tmp_path / "a.zip", "a.geojson", content=VRT.encode())
    assert faults(tmp_path, "a.zip") == ["io.unreadable"]


def test_the_shared_case_of_a_pointer_is_refused(shared):
    with pytest.raises(PlannerError) as raised:
        api.check(shared / "cases/pointer-text/scenario.toml")
    (problem,) = raised.value.problems
    assert (problem.key, problem.file) == ("io.unreadable", "communities.geojson")
    assert "points to another file" in problem.say("en")
    assert "指向别处" in problem.say("zh")


@pytest.mark.parametrize("crs", LINKED_CRS)
def test_a_crs_that_is_a_link_is_not_followed(tmp_path, crs):
    text = json.dumps(FEATURES).replace('{"type"', f'{{{crs}, "type"', 1)
    tmp_path.joinpath("a.geojson").write_text(text)
    assert faults(tmp_path, "a.geojson") == ["io.pointer"]


@pytest.mark.parametrize(
    "crs",
    [
        '"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}',
        '"crs": {"type": "name", "properties": {"name": "EPSG:4490"}}',
        '"crs": null',
        '"name": "crs"',
    ],
)
def test_a_crs_that_is_named_is_read(tmp_path, crs):
    text = json.dumps(FEATURES).replace('{"type"', f'{{{crs}, "type"', 1)
    tmp_path.joinpath("a.geojson").write_text(text)
    assert faults(tmp_path, "a.geojson", datum="wgs84") == []


def test_a_column_called_crs_is_a_column(tmp_path):
    features = json.loads(json.dumps(FEATURES))
    features["features"][0]["properties"]["crs"] = "http://127.0.0.1:9/crs"
    tmp_path.joinpath("a.geojson").write_text(json.dumps(features))
    assert faults(tmp_path, "a.geojson") == []


@pytest.mark.parametrize(
    "file",
    [
        "http://127.0.0.1:9/a.geojson",
        "HTTPS://127.0.0.1:9/a.gpkg",
        "/vsicurl/http://127.0.0.1:9/a.gpkg",
        "/vsizip/a.zip/a.shp",
        "//vsimem/a.geojson",
        "zip://a.zip!a.geojson",
        "s3://bucket/a.parquet",
        "file:///etc/passwd",
        "WFS:http://127.0.0.1:9/wfs",
        "PG:dbname=a",
        "GPKG:a.gpkg:a",
        "a\0b.csv",
        "a\nb.csv",
    ],
)
@pytest.mark.parametrize("role", ["source", "streets"])
def test_a_path_that_is_no_file_on_disk_is_refused(tmp_path, file, role):
    problems = Problems()
    if role == "streets":
        assert read_streets(StreetSettings(file=file), None, tmp_path, problems) is None
    else:
        assert read_raw(Source(file=file), tmp_path, problems) is None
    key = "io.not_local" if file.isprintable() else "io.unprintable"
    assert [problem.key for problem in problems.found] == [key]


def test_a_path_that_is_too_long_is_refused(tmp_path):
    assert faults(tmp_path, f"{'长' * 200}.csv") == ["io.no_access"]


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        ("package:pyrosm/../planner/language/io.toml", "io.not_local"),
        ("package:pyrosm//etc/passwd", "io.not_local"),
        ("package:../a.csv", "io.no_package"),
        ("package:os.path/a.csv", "io.no_package"),
        ("package:antigravity/a.csv", "io.no_package"),  # it would open a browser
        ("package:this/a.csv", "io.no_package"),
        ("package:__main__/a.csv", "io.no_package"),
        ("package:/a.csv", "io.no_package"),
    ],
)
def test_a_package_gives_its_own_data_alone_and_is_not_run(tmp_path, capsys, file, fault):
    assert faults(tmp_path, file) == [fault]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "codec", ["rot13", "zip", "zlib", "bz2", "hex", "base64", "uu", "idna", "punycode",
              "unicode_escape", "raw_unicode_escape", "undefined", "utf-7", "a\0b", "无"],
)  # fmt: skip
def test_what_is_no_encoding_of_text_is_refused(tmp_path, codec):
    tmp_path.joinpath("a.csv").write_text("id,lon,lat\na,121,30\n")
    assert faults(tmp_path, "a.csv", encoding=codec, datum="wgs84") == ["io.unknown_encoding"]


def test_a_shapefile_that_claims_no_encoding_of_text_is_read_by_what_it_holds(tmp_path):
    frame = gpd.GeoDataFrame({"id": ["东"]}, geometry=[shapely.Point(121, 30)], crs=4326)
    frame.to_file(tmp_path / "a.shp", encoding="utf-8", engine="pyogrio")
    tmp_path.joinpath("a.cpg").write_text("rot13")
    assert faults(tmp_path, "a.shp") == []


@pytest.mark.parametrize("name", ["a.osm", "a.graphml"])
@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE a [<!ENTITY x "1">]>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        f'<!-- {"long" * 5000} --><!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">',
    ],
)
def test_xml_with_entities_is_refused(tmp_path, name, prolog):
    tmp_path.joinpath(name).write_text(f'<?xml version="1.0"?>{prolog}<osm>&x;</osm>')
    problems = Problems()
    assert read_streets(StreetSettings(file=name), None, tmp_path, problems) is None
    assert [problem.key for problem in problems.found] == ["io.xml_entities"]


def test_a_bomb_in_an_archive_is_refused_before_it_goes_off(tmp_path):
    packed(tmp_path / "a.zip", "a.geojson", times=80)
    assert (tmp_path / "a.zip").stat().st_size < 2**20
    assert faults(tmp_path, "a.zip") == ["io.unpacks_to"]


def test_a_bomb_beside_what_is_needed_stays_packed(tmp_path):
    packed(tmp_path / "a.zip", "a.sbn", "b.geojson.bak", times=80)
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        archive.writestr("a.geojson", json.dumps(FEATURES))
    assert faults(tmp_path, "a.zip") == []


def test_a_locked_archive_is_refused(tmp_path):
    packed(tmp_path / "a.zip", "a.geojson", content=json.dumps(FEATURES).encode())
    data = bytearray(tmp_path.joinpath("a.zip").read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1  # encrypted
    tmp_path.joinpath("a.zip").write_bytes(data)
    assert faults(tmp_path, "a.zip") == ["io.unreadable"]


def workbook(path, cells, **entries):
    """A spreadsheet with a header and a row, further cells, and further entries of its archive."""
    book = openpyxl.Workbook()
    for row in (["id", "lon", "lat"], ["a", 121.5, 30.5]):
        book.active.append(row)
    for cell, value in cells.items():
        book.active[cell] = value
    book.save(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(f"xl/{name}.xml", content)


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "Z1048576", "ZZ9000"])
def test_a_cell_far_out_is_refused(tmp_path, cell):
    workbook(tmp_path / "a.xlsx", {cell: "x"})
    assert faults(tmp_path, "a.xlsx", datum="wgs84") == ["io.far_cell"]


def test_a_sheet_with_a_remark_some_way_off_is_read(tmp_path):
    workbook(tmp_path / "a.xlsx", {"AZ2": "x", "AZ1": "y"})
    assert faults(tmp_path, "a.xlsx", datum="wgs84") == []


def test_a_bomb_in_a_workbook_is_refused_whatever_size_it_tells(tmp_path):
    workbook(tmp_path / "a.xlsx", {}, theme2=b" " * 2**20 * 80)
    assert faults(tmp_path, "a.xlsx", datum="wgs84") == ["io.unpacks_to"]
    data = bytearray(tmp_path.joinpath("a.xlsx").read_bytes())
    told = (2**20 * 80).to_bytes(4, "little")
    while told in data:  # the archive now says that it holds ten bytes
        at = data.index(told)
        data[at : at + 4] = (10).to_bytes(4, "little")
    tmp_path.joinpath("a.xlsx").write_bytes(data)
    assert faults(tmp_path, "a.xlsx", datum="wgs84") == ["io.unpacks_to"]


def test_cells_repeated_without_measure_are_refused(tmp_path):
    told = "urn:oasis:names:tc:opendocument:xmlns"
    names = f'xmlns:o="{told}:office:1.0" xmlns:t="{told}:table:1.0"'
    cell = '<t:table-cell t:number-columns-repeated="16000" o:value-type="float" o:value="1"/>'
    row = f'<t:table-row t:number-rows-repeated="1000000">{cell}</t:table-row>'
    content = f"<o:document-content {names}><t:table>{row}</t:table></o:document-content>"
    packed(tmp_path / "a.ods", "content.xml", content=content.encode())
    assert faults(tmp_path, "a.ods", datum="wgs84") == ["io.far_cell"]


def test_parquet_of_very_many_equal_rows_is_refused(tmp_path):
    many = pa.DictionaryArray.from_arrays(np.zeros(6_000_000, np.int8), pa.array(["a"]))
    pq.write_table(pa.table({"id": many}), tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 2**20
    assert faults(tmp_path, "a.parquet") == ["io.too_many_rows"]


def test_parquet_of_one_long_text_in_every_row_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "MOST_BYTES", 2**26)
    pq.write_table(pa.table({"id": ["长" * 10_000] * 5_000}), tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 2**20
    assert faults(tmp_path, "a.parquet") == ["io.unpacks_to"]
    monkeypatch.undo()
    pd.DataFrame({"id": ["a"], "lon": [121.0], "lat": [30.0]}).to_parquet(tmp_path / "b.parquet")
    assert faults(tmp_path, "b.parquet", datum="wgs84") == []


def test_a_folder_with_a_mark_in_its_name_is_read(tmp_path):
    folder = tmp_path / "!重要!资料"
    folder.mkdir()
    frame = gpd.GeoDataFrame({"id": ["东"]}, geometry=[shapely.Point(121, 30)], crs=4326)
    for name in ("a.gpkg", "a.shp", "a.fgb", "a.geojson"):
        frame.to_file(tmp_path / name, engine="pyogrio")
    for part in tmp_path.glob("a.*"):
        part.rename(folder / part.name)
    for name in ("a.gpkg", "a.shp", "a.fgb", "a.geojson"):
        assert faults(folder, name) == [], name


def geopackage(path, *statements):
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(121, 30)], crs=4326)
    frame.to_file(path, layer="places", engine="pyogrio")
    base = sqlite3.connect(path)
    for statement in statements:
        base.execute(statement)
    base.commit()
    base.close()


ENDLESS = (
    "CREATE VIEW endless AS WITH RECURSIVE r(n, geom) AS (SELECT 1, NULL UNION ALL SELECT n + 1,"
    " NULL FROM r) SELECT n AS fid, geom FROM r"
)
REGISTERED = (
    "INSERT INTO gpkg_contents VALUES"  # noqa: ISC004
    " ('endless', 'features', 'endless', '', '2020-01-01T00:00:00Z', 0, 0, 1, 1, 4326)",
    "INSERT INTO gpkg_geometry_columns VALUES ('endless', 'geom', 'POINT', 4326, 0, 0)",
)


def test_a_view_that_never_ends_is_no_layer(tmp_path):
    geopackage(tmp_path / "a.gpkg", ENDLESS, *REGISTERED)
    assert faults(tmp_path, "a.gpkg") == []  # the one table is read
    assert faults(tmp_path, "a.gpkg", layer="places") == []
    assert faults(tmp_path, "a.gpkg", layer="endless") == ["io.no_layer"]


@pytest.mark.parametrize(
    "statements",
    [
        ("DROP TABLE gpkg_contents", ENDLESS.replace("endless", "gpkg_contents")),
        (ENDLESS.replace("endless", "gpkg_extra"),),
    ],
)
def test_a_geopackage_that_describes_itself_by_views_is_refused(tmp_path, statements):
    geopackage(tmp_path / "a.gpkg", *statements)
    assert faults(tmp_path, "a.gpkg") in (["io.unreadable"], ["io.pointer"])


def test_other_databases_are_no_geopackage(tmp_path):
    base = sqlite3.connect(tmp_path / "a.gpkg")
    base.execute("CREATE TABLE a (id TEXT)")
    base.commit()
    base.close()
    assert faults(tmp_path, "a.gpkg") == ["io.unreadable"]
