"""File geodatabases: a folder of its own kind, or an archive of one."""

import shutil

import geopandas as gpd
import pytest
import shapely

from planner import api
from planner.district.reading import standing
from planner.district.reading.digests import sha256
from planner.district.reading.read import read_raw
from planner.draft.folder import look
from planner.errors import Problems
from planner.settings import Source


@pytest.fixture
def geodatabase(toy, tmp_path):
    """The toy city's communities and streets as two feature classes."""
    path = tmp_path / "本区.gdb"
    communities = toy.communities.astype({"population": float})  # it has no long whole numbers
    communities.to_file(path, driver="OpenFileGDB", layer="communities")
    toy.streets.to_file(path, driver="OpenFileGDB", layer="streets")
    return path


def made_of(path):
    return standing.made_of(path)


def read(path, **keys):
    problems = Problems()
    return read_raw(Source(file=path.name, **keys), path.parent, problems), problems.found


def test_a_layer_of_a_geodatabase_is_read(toy, geodatabase):
    raw, problems = read(geodatabase, layer="communities")
    assert problems == []
    assert raw.frame["name"].tolist() == toy.communities["name"].tolist()
    there = toy.communities.to_crs(raw.frame.crs).geometry
    assert raw.frame.geometry.reset_index(drop=True).symmetric_difference(there).area.max() < 1
    assert raw.sha256 == sha256(geodatabase)


def test_layers_are_named_where_it_has_several(geodatabase):
    assert [one.key for one in read(geodatabase)[1]] == ["io.which_layer"]
    (fault,) = read(geodatabase, layer="communitys")[1]
    assert (fault.key, "communities" in fault.say("en")) == ("io.no_layer", True)


def test_an_archive_of_a_geodatabase_is_read(geodatabase):
    shutil.make_archive(str(geodatabase), "zip", geodatabase.parent, geodatabase.name)
    raw, problems = read(geodatabase.with_name(f"{geodatabase.name}.zip"), layer="streets")
    assert problems == []
    assert len(raw.frame) == 10


def test_a_folder_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.gdb").mkdir()
    (tmp_path / "a.gdb" / "notes.txt").write_text("x")
    assert [one.key for one in read(tmp_path / "a.gdb")[1]] == ["io.unreadable"]


def test_a_plan_comes_from_a_geodatabase(toy, geodatabase, tmp_path):
    path = toy.write(tmp_path)
    text = path.read_text("utf-8")
    for name in ("communities", "streets"):
        new = f'file = "{geodatabase.name}"\nlayer = "{name}"'
        text = text.replace(f'file = "{name}.gpkg"', new)
    path.write_text(text, "utf-8")
    area = api.check(path).area
    assert area.communities["name"].tolist() == toy.communities["name"].tolist()


def test_a_changed_geodatabase_is_computed_anew(toy, geodatabase, tmp_path):
    path = toy.write(tmp_path)
    text = path.read_text("utf-8").replace("communities.gpkg", geodatabase.name)
    path.write_text(text, "utf-8")
    before = made_of(path)
    more = gpd.GeoDataFrame({"name": ["new"]}, geometry=[shapely.Point(1, 1)], crs=4326)
    more.to_file(geodatabase, driver="OpenFileGDB", layer="more", mode="a")
    assert made_of(path) != before


def test_a_folder_of_files_shows_each_layer(geodatabase):
    found = {table.layer: table.shape for table in look(geodatabase.parent).tables}
    assert found == {"communities": "polygon", "streets": "line"}
