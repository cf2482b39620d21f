"""KML and DXF: placemarks as rows, drawings as lines, and nothing fetched or run."""

import zipfile

import pytest
import shapely

from planner.district.reading.read import read_raw
from planner.engine.crs import WGS84
from planner.errors import Problems
from planner.settings import Source

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'
RING = "121,30 121.01,30 121.01,30.01 121,30"
FILE = f"""{HEAD}<Document><name>全区</name>
<Folder><name>食堂</name>
 <Placemark><name>望潮食堂</name><description>一层</description>
  <ExtendedData><Data name="容量"><value>120</value></Data></ExtendedData>
  <Point><coordinates>121.5,29.9,0</coordinates></Point></Placemark>
 <Placemark><name>听波食堂</name><ExtendedData><SchemaData>
  <SimpleData name="容量">80</SimpleData></SchemaData></ExtendedData>
  <Point><coordinates> 121.51,29.91 </coordinates></Point></Placemark>
</Folder>
<Folder><name>边界</name>
 <Placemark><name>东里</name><MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>
  {RING}</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark>
 <Placemark><name>路</name><LineString><coordinates>121,30 121.1,30</coordinates></LineString>
 </Placemark><Placemark><name>无形</name></Placemark>
</Folder></Document></kml>"""


def read(path, problems, **more):
    return read_raw(Source(file=path.name, **more), path.parent, problems)


@pytest.mark.parametrize("suffix", [".kml", ".ovkml", ".kmz", ".zip"])
def test_placemarks_are_rows(tmp_path, suffix):
    path = tmp_path / f"图{suffix}"
    if suffix in {".kmz", ".zip"}:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", FILE)
            archive.writestr("icons/red.png", b"")
    else:
        path.write_text(FILE, "utf-8")
    problems = Problems()
    canteens = read(path, problems, where={"folder": "食堂"}).frame
    assert canteens["name"].tolist() == ["望潮食堂", "听波食堂"]
    assert canteens["容量"].tolist() == ["120", "80"]
    assert canteens.crs == WGS84
    assert canteens.geometry.iloc[1] == shapely.Point(121.51, 29.91)
    rest = read(path, problems, where={"folder": "边界"}, missing_coordinates="skip")
    assert rest.frame.geom_type.tolist() == ["Polygon", "LineString"]
    assert rest.skipped == 1
    assert not problems.found


def test_a_datum_that_is_declared_moves_them(tmp_path):
    path = tmp_path / "a.kml"
    path.write_text(FILE, "utf-8")
    told = {"where": {"folder": "食堂"}}
    plain, moved = (
        read(path, Problems(), **told, **more).frame.geometry.iloc[0]
        for more in ({}, {"datum": "gcj02"})
    )
    assert 0.003 < plain.distance(moved) < 0.01


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (FILE.replace("<Document>", "<NetworkLink><Link><href>http://127.0.0.1:9/a.kml</href>"
                      "</Link></NetworkLink><Document>"), "io.pointer"),
        ('<!DOCTYPE kml [<!ENTITY a "b">]>' + FILE.partition("\n")[2], "io.xml_entities"),
        ("<gpx></gpx>", "io.no_kml"),
        (FILE[:300], "io.unreadable"),
        (FILE.replace("121.5,29.9,0", "nan,29.9"), "io.unreadable"),
        (FILE.replace("121.5,29.9,0", "121.5"), "io.unreadable"),
        (HEAD + "<Folder>" * 50_000, "io.unreadable"),
        (HEAD + "<Document/></kml>", "io.empty"),
    ],
)  # fmt: skip
def test_what_is_no_plain_kml_is_refused(tmp_path, content, key):
    path = tmp_path / "a.kml"
    path.write_text(content, "utf-8")
    problems = Problems()
    assert read(path, problems) is None
    assert [problem.key for problem in problems.found] == [key]
    for lang in ("zh", "en"):
        assert "a.kml" in problems.found[0].say(lang)


DRAWING = """0
SECTION
2
HEADER
9
$DWGCODEPAGE
3
ANSI_936
0
ENDSEC
0
SECTION
2
ENTITIES
0
LINE
8
道路
10
500000
20
3300000
11
500100
21
3300000
0
LINE
8
河流
10
500000
20
3300000
11
500000
21
3300100
0
ENDSEC
0
EOF
"""


@pytest.mark.parametrize("lead", ["", "999\n某软件导出\n"])
def test_a_drawing_is_read_by_layer(tmp_path, lead):
    path = tmp_path / "a.dxf"
    path.write_bytes((lead + DRAWING).encode("gbk"))
    problems = Problems()
    found = read(path, problems, where={"Layer": "道路"}, crs="EPSG:4549")
    assert not problems.found
    assert found.frame.geometry.tolist() == [
        shapely.LineString([(500_000, 3_300_000), (500_100, 3_300_000)])
    ]
    assert read(path, problems) is None
    assert problems.found[0].key == "io.no_crs"
    path.write_text("<OGRVRTDataSource/>")
    assert read(path, problems) is None
    assert problems.found[-1].key == "io.unreadable"
