"""Error cells of spreadsheets, bombs of every kind of file, extracts that lack nodes."""

from __future__ import annotations

import json
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from planner.district.cells import fault_of
from planner.district.reading.excel import silent_cells
from planner.district.reading.osm import read_streets
from planner.district.reading.read import read_raw
from planner.district.tables import conform
from planner.errors import Problems
from planner.settings import Source, StreetSettings
from planner.standards import kinds

XLS = Path(__file__).parent / "data" / "errors.xls"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"


def ods(path, *rows, sheet="站点"):
    """Write an .ods file as LibreOffice does; a cell is a text, a number, or its XML."""

    def cell(value):
        if isinstance(value, str) and value.startswith("<"):
            return value
        if isinstance(value, str):
            return (
                '<table:table-cell office:value-type="string">'
                f"<text:p>{value}</text:p></table:table-cell>"
            )
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    content = (
        f'<office:document-content xmlns:office="{OFFICE}" xmlns:table="{TABLE}" '
        f'xmlns:text="{TEXT}" xmlns:calcext="{CALC}" office:version="1.3"><office:body>'
        f'<office:spreadsheet><table:table table:name="{sheet}">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", kind)
        book.writestr("content.xml", content)
        book.writestr(
            "META-INF/manifest.xml",
            "<manifest:manifest xmlns:manifest="
            '"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
            "</manifest:manifest>",
        )


ERROR = (
    '<table:table-cell table:formula="of:=VLOOKUP(1;2)" office:value-type="string" '
    'office:string-value="" calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
)
UNKEPT = '<table:table-cell table:formula="of:=A1+1"/>'


def test_errors_of_xls():
    found = list(silent_cells(XLS, "站点"))
    assert found == [(2, 1, "#N/A"), (2, 2, "#DIV/0!")]


def test_errors_and_unkept_formulas_of_ods(tmp_path):
    skip = '<table:table-cell table:number-columns-repeated="2"/>'
    ods(tmp_path / "a.ods", ["名称", "状态", "床位"], ["甲", skip, ERROR], [UNKEPT, "运营", 5])
    found = list(silent_cells(tmp_path / "a.ods", "站点"))
    assert [(row, column) for row, column, _ in found] == [(1, 3), (2, 0)]
    assert found[0][2] == "#N/A"
    assert found[1][2].startswith("=")


def test_numbers_merged_in_ods_are_told_and_hidden_rows_too(tmp_path):
    spans = 'table:number-rows-spanned="2" table:number-columns-spanned="1"'
    merged = f'<table:table-cell {spans} office:value-type="float" office:value="20"/>'
    covered = "<table:covered-table-cell/>"
    path = tmp_path / "a.ods"
    ods(path, ["名称", "床位"], ["甲", merged], ["乙", covered], ["丙", 5])
    raw, found = read(path)
    assert found == []
    assert raw.frame["床位"].map(fault_of).eq("merged").tolist() == [False, True, False]
    assert raw.hidden == ()
    with zipfile.ZipFile(path) as book:
        entries = {name: book.read(name) for name in book.namelist()}
    rows = entries["content.xml"].split(b"<table:table-row>")
    entries["content.xml"] = b"<table:table-row>".join(rows[:4]) + (
        b'<table:table-row table:visibility="filter">' + rows[4]
    )
    with zipfile.ZipFile(path, "w") as book:
        for name, content in entries.items():
            book.writestr(name, content)
    raw, _ = read(path)
    assert (raw.hidden, raw.frame["床位"].iloc[2]) == ((4,), 5)


def stations(path):
    head = ["名称", "状态", "床位", "经度", "纬度"]
    ods(path, head, ["甲", "运营", 20, 121.55, 29.89], ["乙", ERROR, ERROR, 121.551, 29.89])


@pytest.mark.parametrize("suffix", [".xls", ".ods"])
def test_an_error_is_a_problem_of_its_column(tmp_path, suffix):
    path = tmp_path / f"stations{suffix}"
    if suffix == ".xls":
        shutil.copy(XLS, path)
    else:
        stations(path)
    raw, found = read(path, layer="站点", datum="wgs84")
    assert found == []
    problems = Problems()
    conform(
        raw.frame, "facilities", file=path.name, problems=problems,
        constants={"kind": "canteen"}, kinds=kinds(),
    )  # fmt: skip
    told = [(one.key, one.row, one.params["column"], one.value) for one in problems.found]
    assert ("tables.error_cell", "3", "状态", "#N/A") in told
    assert ("tables.error_cell", "3", "床位", "#DIV/0!" if suffix == ".xls" else "#N/A") in told


def varint(number):
    out = b""
    number &= 2**64 - 1
    while True:
        number, low = number >> 7, number & 127
        out += bytes([low | (128 if number else 0)])
        if not number:
            return out


def field(key, data):
    if isinstance(data, int):
        return varint(key << 3) + varint(data)
    return varint(key << 3 | 2) + varint(len(data)) + data


def deltas(values):
    steps = [b - a for a, b in zip([0, *values[:-1]], values, strict=True)]
    return b"".join(varint((step << 1) ^ (step >> 63)) for step in steps)


def blob(kind, data, size=None):
    inner = field(2, len(data) if size is None else size) + field(3, zlib.compress(data, 9))
    head = field(1, kind.encode()) + field(3, len(inner))
    return struct.pack(">I", len(head)) + head + inner


def extract(nodes, ways):
    """Write an extract: places by id, and the nodes and tags of each way."""
    ids = sorted(nodes)
    zeros = deltas([0] * len(ids))
    info = field(1, b"\x01" * len(ids)) + b"".join(field(key, zeros) for key in (2, 3, 4, 5))
    places = [deltas([round(nodes[i][axis] * 1e7) for i in ids]) for axis in (1, 0)]
    dense = field(1, deltas(ids)) + field(5, info) + field(8, places[0]) + field(9, places[1])
    strings = ["", *sorted({word for _, tags in ways for both in tags.items() for word in both})]
    group = b""
    for number, (refs, tags) in enumerate(ways, 1):
        keys, values = (
            b"".join(varint(strings.index(word)) for word in side)
            for side in (list(tags), tags.values())
        )
        about = field(1, 1) + b"".join(field(key, 0) for key in (2, 3, 4, 5))
        way = field(1, number) + field(2, keys) + field(3, values) + field(4, about)
        group += field(3, way + field(8, deltas(refs)))
    table = b"".join(field(1, word.encode()) for word in strings)
    block = field(1, table) + field(2, field(2, dense)) + field(2, group)
    head = field(4, b"OsmSchema-V0.6") + field(4, b"DenseNodes")
    return blob("OSMHeader", head) + blob("OSMData", block)


def streets(path):
    problems = Problems()
    found = read_streets(StreetSettings(file=path.name), None, path.parent, problems)
    return found, [one.key for one in problems.found]


def test_a_way_of_an_extract_is_cut_where_nodes_are_missing(tmp_path):
    lon, lat = 121.55, 29.89
    nodes = {i: (lon + i / 1000, lat) for i in (1, 2, 3, 4, 6, 7)}
    road = {"highway": "residential"}
    ways = [([1, 2, 3], road), ([3, 99, 4, 6], road), ([1, 98, 6], road), ([6, 7, 97, 1, 2], road)]
    (tmp_path / "a.osm.pbf").write_bytes(extract(nodes, ways))
    found, problems = streets(tmp_path / "a.osm.pbf")
    assert problems == []
    assert found.cut == 3
    drawn = [[round((x - lon) * 1000) for x, _ in line.coords] for line in found.lines.geometry]
    assert drawn == [[1, 2, 3], [4, 6], [6, 7], [1, 2]]  # none from 3 to 4 or from 1 to 6


@pytest.mark.parametrize(
    "content",
    [
        lambda: blob("OSMHeader", b"") + 5 * blob("OSMData", bytes(2**24)),  # 80 MB of 80 kB
        lambda: blob("OSMData", bytes(2**26), size=100),  # of a false size
    ],
    ids=["80 MB of 80 kB", "a false size"],
)
def test_an_extract_that_unpacks_to_very_much_is_refused(tmp_path, content):
    (tmp_path / "a.osm.pbf").write_bytes(content())
    assert streets(tmp_path / "a.osm.pbf") == (None, ["io.unpacks_to"])


def read(path, **options):
    problems = Problems()
    raw = read_raw(Source(file=path.name, **options), path.parent, problems)
    return raw, [(one.key, one.file) for one in problems.found]


def test_a_text_of_very_many_columns_or_cells_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("a" + "," * 20_000 + "\n1\n")
    assert read(path) == (None, [("io.too_many_cells", "a.csv")])
    from planner.district.reading import bounds  # noqa: PLC0415

    monkeypatch.setattr(bounds, "MOST_CELLS", 1000)
    path.write_text("id,name\n" + "1,a\n" * 500)
    assert read(path) == (None, [("io.too_many_cells", "a.csv")])


def feature(**columns):
    return {
        "type": "Feature",
        "properties": columns,
        "geometry": {"type": "Point", "coordinates": [121.5, 29.9]},
    }


def test_features_of_which_each_has_columns_of_its_own_are_refused(tmp_path):
    path = tmp_path / "a.geojson"
    features = [feature(**{f"c{i}": 1}) for i in range(9000)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert read(path) == (None, [("io.too_many_cells", "a.geojson")])


@pytest.mark.parametrize("word", ["crs", "coordinates", "properties", "other"])
def test_deep_nesting_is_refused_or_read_but_never_breaks(tmp_path, word):
    path = tmp_path / "a.geojson"
    deep = "[" * 3000 + "]" * 3000
    one = json.dumps(feature(name="a"))
    path.write_text(f'{{"type": "FeatureCollection", "features": [{one}], "{word}": {deep}}}')
    _, found = read(path)
    assert {key for key, _ in found} <= {"io.unreadable", "io.pointer"}
