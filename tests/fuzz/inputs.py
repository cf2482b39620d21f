"""A fuzzer of all that a scenario names: each input is refused or accepted, and nothing else.

Each case spoils one thing in the toy city, drawn from a seed, and says what must come of it:
`refuse` (exit status 2, in words, with the file named), `accept` (exit status 0) or `either`. A
traceback, a wrong answer, or more time and memory than a case may take is a fault. What `check`
passes is run as well, now and then: `run` must pass it too.

    make fuzz                                     5,000 cases and a table
    PYTHONPATH=tests python -m tests.fuzz.inputs 300 7  300 cases from seed 7
    PYTHONPATH=tests python -m tests.fuzz.inputs 300 7 900  300 of seed 7, from the 900th
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import re
import resource
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from conftest import SCENARIO, Toy, make_toy
from shapely import affinity

from planner import api, cli
from planner.errors import PlannerError

MOST_CPU_S = 10.0
MOST_BYTES = 2 * 10**9
RUN_EVERY = 10
TELL_EVERY = 500

NO_NUMBERS = ["abc", "nan", "inf", "-inf", "1e400", "1e308", "-5", "#REF!", "#N/A", "12..5", "--1"]
NUMBERS = ["12", " 12 ", "１２", "12.5", "1,200"]
NO_YEARS = ["1", "0001", "20250", "-2018", "abc", "9999", "1e3"]
YEARS = ["2018", "2018年", "2018-05-01"]
NO_KINDS = ["casino", "赌场", "care station!?", "1"]
PATHS = [
    "http://127.0.0.1:9/a.geojson", "/vsicurl/http://127.0.0.1:9/a.gpkg", "PG:dbname=a",
    "GPKG:communities.gpkg:communities", "nowhere.csv", "..", "a\\u0000b.csv", "x" * 300,
    "package:antigravity/a.csv", "package:pyrosm/../../a.csv", "/dev/zero", "", ".",
]  # fmt: skip
CODECS = ["rot13", "zip", "idna", "punycode", "unicode_escape", "no-such", "utf-7", ""]
POINTERS = [
    (
    '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>communities.gpkg</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
    ),
    "<OGRWFSDataSource><URL>http://127.0.0.1:9/</URL></OGRWFSDataSource>",
    '{"type": "gdal_streamed_alg", "command_line": "gdal vector read communities.gpkg"}',
    '{"type": "Topology", "objects": {}, "arcs": []}',
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><osm>&b;</osm>',
    "", "\0" * 100, "[" * 100_000, "{}", "null", "PK\x03\x04", "SQLite format 3\0",
]  # fmt: skip
# Columns of each sheet, by what they hold.
COLUMNS = {
    "demand": {"number": ["population", "aged_60"], "place": ["x", "y"]},
    "stations": {
        "number": ["capacity"], "year": ["opened"], "place": ["x", "y"], "status": ["status"],
    },
    "canteens": {
        "number": ["餐位"], "year": ["启用年份"], "place": ["经度", "纬度"], "kind": ["类型"],
    },
    "shelters": {"number": ["capacity"], "place": ["x", "y"]},
    "candidates": {"number": ["floor_area_m2"], "place": ["x", "y"]},
    "links": {"label": ["facility", "community"], "link": ["link"]},
}  # fmt: skip
REQUIRED = {
    "demand": ["population", "x"], "stations": ["name", "y"], "canteens": ["名称", "类型", "经度"],
    "shelters": ["name"], "candidates": ["name", "x"], "links": ["facility", "community"],
}  # fmt: skip
# Keys of numbers with what they may be, and what they may not beside `NEVER`.
NEVER = ["nan", "inf", "-inf", "true", '"x"', "1e308", "-1", "[]", "{}", "1979-05-27"]
SETTINGS: dict[str, tuple[list[str], list[str]]] = {
    "coverage.cutoff_min": (["10", "12.5"], ["0", "1e9"]),
    "coverage.covered_share": (["0.3", "1"], ["0", "1.5"]),
    "coverage.inside_share": (["0", "0.4"], ["1.5"]),
    "coverage.search_min": (["30"], ["0"]),
    "coverage.spread_m": (["50"], ["0", "1e-9", "0.01"]),
    "walk.speed_mps": (["0.8", "2"], ["0", "9", "1e-300"]),
    "walk.max_snap_m": (["150", "300.5"], ["0"]),
    "year": (["2019", "2022"], ["1", "0", "2500", "2020.5"]),
    "siting.0.new": (["1", "2"], ["0", "1.5", "999999999999"]),
    "siting.0.minutes": (["10"], ["0", "1e9"]),
    "siting.0.spacing_m": (["100"], ["0", "1e-9"]),
    "siting.0.time_limit_s": (["5"], ["0"]),
    "siting.0.alternatives": (["1"], ["999999999"]),
    "siting.0.front": (["2"], ["1e9", "0.5"]),
    "siting.0.within": ([], ["2"]),
    "streets.tolerance_m": (["0.2", "5"], ["0", "5.1"]),
    "streets.detour": ([], ["0.5", "3.5"]),
}
WORDS: dict[str, tuple[list[str], list[str]]] = {
    "lang": (['"zh"', '"en"'], ['"fr"', "1", "true"]),
    "coverage.group": (['"population"'], ['"nobody"', "1", "[]"]),
    "walk.preset": (['"frail"'], ['"bicycle"', "1"]),
    "map.indicator": (['"share"'], ['"happiness"', "3"]),
    "map.tiles": (['"none"'], ['"bing"', "true"]),
    "siting.0.kind": (['"canteen"'], ['"casino"', "1", '""']),
    "siting.0.model": (['"max_cover"', '"p_median"'], ['"best"', "1"]),
    "siting.0.candidates": (['"given"', '"streets"'], ['"anywhere"']),
    "coverage.kinds": (['["canteen"]'], ['["casino"]', '"canteen"', "[1]"]),
    "coverage.minutes": (["[5, 10]", "[15]"], ["[]", "[0]", "[nan]", "[true]", "5", '["a"]']),
    "folder": (['"."'], ['"nowhere"', "1"]),
    "demand.crs": (['"EPSG:4549"'], ['"EPSG:0"', '"nowhere"', "4549", '"http://127.0.0.1:9/"']),
    "streets.node": (['"auto"', '"as_drawn"'], ['"split"', "true"]),
    "streets.straight": ([], ['"yes"', "2"]),
    "communities.within": ([], ['"communities.gpkg"', '"nowhere.gpkg"', '""', "1"]),
    "communities.places": ([], ['"nowhere.csv"', '""', "1"]),
    "siting.0.tier": ([], ['""', "1", '"no such tier"']),
    "scenarios.a": ([], ['["no such override"]', "1", '""']),
    "nonsense": ([], ["1", '"a"', "{a = 1}"]),
    "coverage.cutof": ([], ["15"]),
}
CHANGES = [
    ("accept", 'action = "close"\nfacility = "S1"\nyear = 2019'),
    ("accept", 'action = "expand"\nfacility = "S1"\nadd = {capacity = 5}'),
    ("accept", 'action = "convert"\ncommunity = "A"'),
    ("refuse", 'action = "expand"\nfacility = "S1"\nadd = {capacity = -50}'),
    ("refuse", 'action = "expand"\nfacility = "S1"\nadd = {capacity = nan}'),
    ("refuse", 'action = "expand"\nfacility = "S1"\nadd = {capacity = true}'),
    ("refuse", 'action = "expand"\nfacility = "S1"\nadd = {geometry = 1}'),
    ("refuse", 'action = "expand"\nfacility = "S1"\nadd = {name = 1}'),
    ("refuse", 'action = "close"\nfacility = "S9"'),
    ("refuse", 'action = "close"\nfacility = "S1"\nyear = 1'),
    ("refuse", 'action = "close"\nfacility = "S1"\nyear = 2005'),
    ("refuse", 'action = "merge"\ncommunities = ["A"]\ninto = "Z"'),
    ("refuse", 'action = "merge"\ncommunities = ["A", "B"]\ninto = "C"'),
    ("refuse", 'action = "split"\ncommunity = "A"\nshares = {P = 0.5, Q = 0.6}'),
    ("refuse", 'action = "split"\ncommunity = "A"\nshares = {P = 1.5, Q = -0.5}'),
    ("refuse", 'action = "split"\ncommunity = "A"\nshares = {P = nan, Q = 0.5}'),
    ("refuse", 'action = "open"\nfacility = "N"\nlon = 0\nlat = 0\ncolumns = {name = "N"}'),
    ("refuse", 'action = "link"\nfacility = "S1"\ncommunity = "Z"'),
    ("refuse", 'action = "move"\nfacility = "S1"\nlon = 500\nlat = 30'),
    ("refuse", 'action = "dance"'),
]  # fmt: skip
OPENED = (
    'action = "open"\nfacility = "N"\nlon = {lon}\nlat = {lat}\ncolumns = {{name = "N", {more}}}'
)
OPENINGS = [
    ("accept", 'kind = "canteen"'), ("accept", 'kind = "canteen", capacity = 5'),
    ("refuse", 'kind = "casino"'), ("refuse", 'kind = "canteen", capacity = -5'),
    ("refuse", 'kind = "canteen", capacity = nan'), ("refuse", 'kind = "canteen", capacity = true'),
    ("refuse", 'kind = "canteen", capacity = "many"'), ("refuse", 'kind = "canteen", geometry = 1'),
    ("refuse", 'kind = "canteen", nonsense = 1'), ("refuse", "kind = 1"),
    ("refuse", 'kind = "canteen", status = "dancing"'), ("refuse", 'kind = "canteen", opened = 1'),
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came of a case: its family, what was done, what had to come, and what is wrong."""

    family: str
    what: str
    label: str
    fault: str = ""
    detail: str = ""


class Case:
    """One spoilt toy city: its files in a folder, and what must come of it."""

    def __init__(self, rng: random.Random, toy: Toy, files: dict[str, bytes], folder: Path) -> None:
        self.rng, self.toy, self.folder = rng, toy, folder
        self.scenario = SCENARIO
        self.assign: list[str] = []
        self.what = self.label = ""
        for name, content in files.items():
            (folder / name).write_bytes(content)

    def say(self, label: str, *what: object) -> None:
        self.label, self.what = label, " ".join(str(one) for one in what)[:120]

    def replace(self, old: str, new: str) -> None:
        assert old in self.scenario, old
        self.scenario = self.scenario.replace(old, new, 1)


def cell(case: Case) -> None:
    """One cell of a sheet, in any of the formats of tables."""
    rng = case.rng
    name = rng.choice(list(COLUMNS))
    holds = rng.choice(list(COLUMNS[name]))
    column = rng.choice(COLUMNS[name][holds])
    sheet = case.toy.sheets[name].astype(object)
    bad = {
        "number": NO_NUMBERS, "year": NO_YEARS, "place": [one for one in NO_NUMBERS if one != "-5"],
        "status": ["dancing", "1"], "kind": NO_KINDS, "label": ["Z9", "no such"], "link": ["love"],
    }[holds]  # fmt: skip
    good = {"number": NUMBERS, "year": YEARS}.get(holds, [])
    wrong = not good or rng.random() < 0.6
    value = rng.choice(bad if wrong else good)
    sheet.loc[rng.randrange(len(sheet)), column] = value
    suffix = write_sheet(case, name, sheet)
    label = "refuse" if wrong else "accept"
    if holds == "year" and name == "stations":  # a year may contradict the others of its row
        label = label if wrong else "either"
    case.say(label, name + suffix, column, repr(value))


def write_sheet(case: Case, name: str, sheet: pd.DataFrame) -> str:
    """Write a sheet in one of the formats of tables, and name it in the scenario."""
    suffix = case.rng.choice([".csv", ".csv", ".tsv", ".txt", ".xlsx", ".parquet"])
    path = case.folder / f"{name}{suffix}"
    (case.folder / f"{name}.csv").unlink(missing_ok=True)
    if suffix == ".xlsx":
        sheet.to_excel(path, index=False)
    elif suffix == ".parquet":
        sheet.astype("string").to_parquet(path)
    else:
        sheet.to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ",")
    case.scenario = case.scenario.replace(f"{name}.csv", path.name)
    return suffix


def heading(case: Case) -> None:
    """The headings of a sheet: renamed, doubled, dropped, more."""
    rng = case.rng
    name = rng.choice(list(REQUIRED))
    sheet = case.toy.sheets[name].astype(object)
    how = rng.choice(["dropped", "renamed", "more", "doubled", "empty", "no rows"])
    column = rng.choice(REQUIRED[name])
    if how == "dropped":
        sheet = sheet.drop(columns=column)
    elif how == "renamed":
        sheet = sheet.rename(columns={column: "qqq"})
    elif how == "more":
        sheet["备用"] = "x"
    elif how == "doubled":
        sheet = pd.concat([sheet, sheet[[column]]], axis=1)
        sheet.columns = [*sheet.columns[:-1], f"{column} 2"]
    elif how == "empty":
        sheet = sheet.iloc[:, :0]
    else:
        sheet = sheet.iloc[:0]
    label = {"more": "accept", "doubled": "either"}.get(how, "refuse")
    if how in {"dropped", "renamed"} and name == "links" and column == "community":
        label = "either"
    suffix = write_sheet(case, name, sheet)
    case.say(label, name + suffix, column, how)


def bytes_of(case: Case) -> None:
    """The bytes of any file: flipped, cut, doubled, of another encoding."""
    rng = case.rng
    path = rng.choice(sorted(case.folder.iterdir()))
    data = bytearray(path.read_bytes())
    how = rng.choice(["flip", "cut", "zeros", "twice", "utf-16", "gb18030", "head"])
    label = "either"
    if how == "flip":
        for _ in range(rng.randint(1, 20)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    elif how == "cut":
        data = data[: rng.randrange(len(data))]
    elif how == "zeros":
        at = rng.randrange(len(data))
        data[at : at + 50] = bytes(50)
    elif how == "twice":
        data = data * 2
    elif how == "head":
        data = bytearray(rng.randbytes(64)) + data
    elif path.suffix == ".csv":
        data = bytearray(bytes(data).decode().encode(how))
        label = "accept"
    path.write_bytes(data)
    case.say(label, path.name, how)


def pointer(case: Case) -> None:
    """Text that points elsewhere, or is of another format, under any suffix."""
    rng = case.rng
    text = rng.choice(POINTERS)
    suffix = rng.choice([".geojson", ".json", ".gpkg", ".shp", ".fgb", ".parquet", ".zip", ".csv",
                         ".xlsx", ".xls", ".ods", ".osm", ".graphml", ".osm.pbf", ".kml", ".kmz",
                         ".ovkml", ".dxf"])  # fmt: skip
    (case.folder / f"a{suffix}").write_text(text)
    old = rng.choice(["communities.gpkg", "demand.csv", "streets.gpkg", "links.csv"])
    case.replace(f'"{old}"', f'"a{suffix}"')
    case.say("refuse", old, f"a{suffix}", repr(text[:40]))


def shapes(case: Case) -> None:
    """Communities and streets in every format of shapes, sound or spoilt."""
    rng = case.rng
    name = rng.choice(["communities", "streets"])
    frame = getattr(case.toy, name).copy()
    how = rng.choice(
        ["sound", "sound", "invalid", "empty", "points", "far", "no crs", "one", "crs"]
    )
    suffix = rng.choice([".geojson", ".gpkg", ".shp", ".zip", ".fgb", ".parquet"])
    label = "accept" if how == "sound" else "refuse"
    some = frame.index[rng.randrange(len(frame))]
    if how == "invalid":
        bow = shapely.Polygon([(0, 0), (300, 300), (300, 0), (0, 300)])
        shift = frame.geometry[some].centroid
        bow = affinity.translate(bow, shift.x, shift.y)
        frame.loc[some, "geometry"] = bow if name == "communities" else frame.geometry[some]
        label = "refuse" if name == "communities" else "accept"
    elif how == "empty":
        frame.loc[some, "geometry"] = None
        label = "refuse" if name == "communities" else "either"
    elif how == "points":  # communities may be: their boundaries are estimated
        frame["geometry"] = frame.geometry.centroid
        label = "accept" if name == "communities" else "refuse"
    elif how == "far":
        frame["geometry"] = frame.geometry.translate(1e9, 1e9)
    elif how == "no crs":
        frame = frame.set_crs(None, allow_override=True)
        if suffix == ".geojson":  # which is in WGS 84 by its standard
            suffix = ".gpkg"
    elif how == "crs":
        frame = frame.to_crs(rng.choice(["EPSG:4490", "EPSG:3857", "EPSG:4326"]))
        label = "accept"
    elif how == "one":
        frame = frame.iloc[:0]
    if suffix == ".geojson" and frame.crs is not None and how != "far":
        frame = frame.to_crs(4326)
    write_shapes(frame, case.folder, suffix)
    case.replace(f'"{name}.gpkg"', f'"shapes{suffix}"')
    if how == "far" and suffix == ".geojson":
        label = "either"
    case.say(label, name + suffix, how)


def drawing(case: Case) -> None:
    """Streets as a drawing of Google Earth, Ovital or CAD, sound or spoilt."""
    rng = case.rng
    suffix = rng.choice([".kml", ".ovkml", ".kmz", ".dxf"])
    how = rng.choice(["sound", "sound", "no lines", "cut", "flip", "no crs", "far"])
    lines = case.toy.streets[["geometry"]]
    if how == "no lines":
        lines = lines.set_geometry(lines.centroid)
    elif how == "far":
        lines = lines.set_geometry(lines.translate(1e6, 0))
    path, label = case.folder / f"drawing{suffix}", "refuse"
    more = '\ncrs = "EPSG:4549"' if suffix == ".dxf" and how != "no crs" else ""
    if suffix == ".dxf":
        pyogrio.write_dataframe(lines, path)
    else:
        plain = case.folder / "plain.kml"
        pyogrio.write_dataframe(lines.to_crs(4326), plain, driver="KML")
        text = plain.read_bytes()
        if suffix == ".kmz":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("doc.kml", text)
        else:
            path.write_bytes(text)
    if how == "sound" or (how == "no crs" and suffix != ".dxf"):
        label = "accept"
    elif how in {"cut", "flip"}:
        data = bytearray(path.read_bytes())
        at = rng.randrange(len(data))
        path.write_bytes(data[:at] if how == "cut" else data[:at] + b"\xff<" + data[at + 2 :])
        label = "either"
    case.replace('"streets.gpkg"', f'"drawing{suffix}"{more}')
    case.say(label, suffix, how)


def write_shapes(frame: gpd.GeoDataFrame, folder: Path, suffix: str) -> None:
    """Write shapes in a format; nothing where GDAL will not write such shapes."""
    path = folder / f"shapes{suffix}"
    try:
        if suffix == ".parquet":
            frame.to_parquet(path)
        elif suffix == ".zip":
            pyogrio.write_dataframe(frame, folder / "shapes.shp", encoding="utf-8")
            with zipfile.ZipFile(path, "w") as archive:
                for part in sorted(folder.glob("shapes.*")):
                    if part != path:
                        archive.write(part, part.name)
        else:
            pyogrio.write_dataframe(frame, path)
    except Exception:  # noqa: BLE001  the half that was written is another input
        path.unlink(missing_ok=True)


def setting(case: Case) -> None:
    """One key of the scenario, laid over it."""
    rng = case.rng
    table = rng.choice([SETTINGS, SETTINGS, WORDS])
    key = rng.choice(list(table))
    good, bad = table[key]
    bad = [*bad, *(NEVER if table is SETTINGS else ["nan", "[[]]"])]
    wrong = not good or rng.random() < 0.7
    value = rng.choice(bad if wrong else good)
    if key == "coverage.spread_m" and value == "0.01":
        wrong = True
    case.assign = [f"{key}={value}"]
    case.say("refuse" if wrong else "accept", key, value)


def named(case: Case) -> None:
    """A path or an encoding of the scenario."""
    rng = case.rng
    if rng.random() < 0.3:
        codec = rng.choice(CODECS)
        old = rng.choice(["demand.csv", "stations.csv", "links.csv"])
        case.replace(f'"{old}"', f'"{old}"\nencoding = "{codec}"')
        case.say("refuse", old, "encoding", codec)
        return
    path = rng.choice(PATHS)
    old = rng.choice(
        ["communities.gpkg", "demand.csv", "streets.gpkg", "links.csv", "candidates.csv"]
    )
    case.replace(f'"{old}"', f'"{path}"')
    case.say("refuse", old, path[:40])


def toml(case: Case) -> None:
    """The text of the scenario: lines dropped, doubled, exchanged, letters changed."""
    rng = case.rng
    lines = case.scenario.split("\n")
    how = rng.choice(["drop", "double", "swap", "letter", "nest"])
    at = rng.randrange(len(lines))
    if how == "drop":
        del lines[at]
    elif how == "double":
        lines.insert(at, lines[at])
    elif how == "swap":
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif how == "letter" and lines[at]:
        spot = rng.randrange(len(lines[at]))
        lines[at] = lines[at][:spot] + rng.choice('"=[].#x1\u200b') + lines[at][spot + 1 :]
    else:
        lines.append(f"a = {'[' * 5000}{']' * 5000}")
    case.scenario = "\n".join(lines)
    case.say("either", how, at, repr(lines[min(at, len(lines) - 1)][:40]))


def change(case: Case) -> None:
    """Something that changes: sound, or not."""
    rng = case.rng
    if rng.random() < 0.4:
        label, more = rng.choice(OPENINGS)
        at = gpd.GeoSeries(
            [case.toy.streets.geometry[0].interpolate(350)], crs=case.toy.streets.crs
        )
        lon, lat = at.to_crs(4326).get_coordinates().iloc[0]
        text = OPENED.format(lon=lon, lat=lat, more=more)
    else:
        label, text = rng.choice(CHANGES)
    case.scenario += f"\n[[changes]]\n{text}\n"
    case.say(label, "changes", text.replace("\n", " "))


def large(case: Case) -> None:
    """Small files that hold very much."""
    rng = case.rng
    how = rng.choice(["zip", "far cell", "rows"])
    if how == "zip":
        with zipfile.ZipFile(case.folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.geojson", b" " * 2**20 * 70)
        case.replace('"communities.gpkg"', '"a.zip"')
    elif how == "far cell":
        sheet = case.toy.sheets["stations"].astype(object)
        book = pd.ExcelWriter(case.folder / "stations.xlsx", engine="openpyxl")
        with book:
            sheet.to_excel(book, index=False)
            book.sheets["Sheet1"]["XFD1048576"] = "x"
        case.replace('"stations.csv"', '"stations.xlsx"')
    else:
        (case.folder / "a.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "features": []})
        )
        case.replace('"communities.gpkg"', '"a.geojson"')
    case.say("refuse", how)


FAMILIES: list[tuple[Callable[[Case], None], int]] = [
    (cell, 8), (heading, 2), (bytes_of, 4), (pointer, 3), (shapes, 4), (setting, 8), (named, 2),
    (drawing, 2), (toml, 2), (change, 4), (large, 1),
]  # fmt: skip


def toy_files(toy: Toy) -> dict[str, bytes]:
    """The files of the toy city but its scenario."""
    with tempfile.TemporaryDirectory() as folder:
        toy.write(Path(folder))
        return {
            path.name: path.read_bytes()
            for path in sorted(Path(folder).iterdir())
            if path.suffix != ".toml"
        }


def fuzz(numbers: Iterable[int], seed: int, *, run_every: int = RUN_EVERY) -> Iterator[Found]:
    """Try cases, each told as it comes; a number of the same seed is the same case."""
    toy = make_toy()
    files = toy_files(toy)
    spoil = [one for one, times in FAMILIES for _ in range(times)]
    _warm()
    for number in numbers:
        rng = random.Random(f"{seed}/{number}")  # noqa: S311  a test, not a secret
        with tempfile.TemporaryDirectory() as folder:
            case = Case(rng, toy, files, Path(folder))
            family = rng.choice(spoil)
            family(case)
            path = Path(folder) / "scenario.toml"
            path.write_text(case.scenario, "utf-8")
            fault, detail = attempt(case, path, runs=number % run_every == 0)
        yield Found(
            family=family.__name__,
            what=f"{seed}/{number}: {case.what}",
            label=case.label,
            fault=fault,
            detail=detail,
        )


@cache
def _warm() -> None:
    """Check and run the sound city once: what is loaded or compiled is no case's doing."""
    toy = make_toy()
    with tempfile.TemporaryDirectory() as folder:
        case = Case(random.Random(), toy, {}, Path(folder))  # noqa: S311  it draws nothing
        attempt(case, toy.write(Path(folder)), runs=True)


def attempt(case: Case, path: Path, *, runs: bool) -> tuple[str, str]:
    """Check a case, and run it where it is passed; return what is wrong, if anything, and why."""
    arguments = ["check", str(path), "--lang", "en"]
    arguments += [word for one in case.assign for word in ("--set", one)]
    out, err = io.StringIO(), io.StringIO()
    begun, held, status = time.process_time(), _peak_bytes(), 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            cli.main(arguments)
    except SystemExit as stop:
        status = int(stop.code or 0)
    except BaseException:  # noqa: BLE001  that is what is looked for
        return "traceback", traceback.format_exc(limit=-4)
    said = err.getvalue()
    # Beyond what the process had held at most before: other work in it is not the case's.
    spent, grown = time.process_time() - begun, _peak_bytes() - held
    if spent > MOST_CPU_S or grown > MOST_BYTES:
        return "over the limits", f"{spent:.0f} s, {grown} bytes"
    if status == 0 and case.label == "refuse":
        return "wrong accepted", out.getvalue()[-300:]
    if status == 2 and case.label == "accept":
        return "sound refused", said[-600:]
    if status == 2 and not re.search(r" • \S+.*: ", said):
        return "refused without a place", said[-300:]
    if status not in {0, 2}:
        return "odd status", f"{status}: {said[-300:]}"
    return _run(case, path) if runs and status == 0 else ("", "")


def _run(case: Case, path: Path) -> tuple[str, str]:
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            api.run(path, set=case.assign)
    except PlannerError as error:
        return "passed by check, refused by run", str(error)[:300]
    except Exception:  # noqa: BLE001  that is what is looked for
        return "traceback", traceback.format_exc(limit=-4)
    return "", ""


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def table(found: list[Found]) -> str:
    """What came of the cases, family by family."""
    counts = Counter((one.family, one.label) for one in found)
    faults = Counter((one.family, one.label) for one in found if one.fault)
    lines = ["| family | must | cases | faults |", "| --- | --- | ---: | ---: |"]
    lines += [
        f"| {f} | {label} | {n:,} | {faults[f, label]} |"
        for (f, label), n in sorted(counts.items())
    ]
    lines.append(f"| all | | {len(found):,} | {sum(faults.values())} |")
    kinds = Counter(one.fault for one in found if one.fault)
    return "\n".join([*lines, "", *(f"{fault}: {n}" for fault, n in kinds.items())])


def main(arguments: list[str]) -> None:
    """Try the cases and print the table; exit status 1 where there is a fault."""
    count, seed, first = (int(one) for one in (*arguments, *("5000", "1", "0")[len(arguments) :]))
    found = []
    for one in fuzz(range(first, first + count), seed):
        found.append(one)
        if one.fault:
            print(f"{one.fault} [{one.family}, {one.label}] {one.what}\n{one.detail}\n", flush=True)
        if len(found) % TELL_EVERY == 0 or len(found) == count:
            print(table(found), flush=True)
    sys.exit(any(one.fault for one in found))


if __name__ == "__main__":
    main(sys.argv[1:])
