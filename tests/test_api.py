"""The facade: the same answer from a file or a mapping, saved whole or not at all."""

import json
import tomllib

import folium
import pandas as pd
import platformdirs
import pytest

import planner
from planner import api
from planner.district.reading.files import cache_folder
from planner.errors import InputError, SettingsError
from planner.network import Network


def test_public_names_are_there():
    for name in planner.__all__:
        assert getattr(planner, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        planner.nonsense  # noqa: B018


def test_a_mapping_gives_the_same_plan(toy_city, toy_plan, monkeypatch):
    monkeypatch.chdir(toy_city.parent)
    plan = api.run(tomllib.loads(toy_city.read_text("utf-8")))
    pd.testing.assert_frame_equal(plan.summary(), toy_plan.summary())


def test_paths_are_relative_to_the_scenario_and_its_folder(toy_city, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings, area = api.check("toy/scenario.toml")
    assert settings.title == "玩具城"
    moved = tmp_path / "elsewhere.toml"
    moved.write_bytes(toy_city.read_bytes())
    again = api.check(moved, set=["folder=toy"]).area
    assert [entry.sha256 for entry in again.inputs] == [entry.sha256 for entry in area.inputs]


def test_inputs_are_recorded(toy_plan):
    inputs = {entry.file: entry for entry in toy_plan.area.inputs}
    assert list(inputs) == [
        "communities.gpkg", "demand.csv", "stations.csv", "canteens.csv", "shelters.csv",
        "candidates.csv", "links.csv", "streets.gpkg",
    ]  # fmt: skip
    assert [entry.rows for entry in inputs.values()] == [6, 9, 3, 1, 1, 3, 8, 10]
    assert all(len(entry.sha256) == 64 for entry in inputs.values())
    assert inputs["canteens.csv"].datum == "wgs84"
    assert inputs["stations.csv"].crs == inputs["streets.gpkg"].crs == "EPSG:4549"


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("nowhere.toml", None, "no_scenario"),
        ("bad.toml", b"title = ", "not_toml"),
        ("gbk.toml", "title = '区'".encode("gb18030"), "not_utf8"),
    ],
)
def test_scenarios_that_cannot_be_read(tmp_path, name, content, key):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        api.run(tmp_path / name)
    assert [problem.key for problem in caught.value.problems] == [key]
    assert all(name in line for lang in ("zh", "en") for line in caught.value.say(lang))


def test_a_folder_is_not_a_scenario(tmp_path):
    with pytest.raises(InputError) as caught:
        api.run(tmp_path)
    assert caught.value.problems[0].key == "io.is_folder"


def test_demos():
    assert set(api.demos()) == {"chengwan", "beizhu", "rongpu", "jiangji", "yunpu", "helsinki"}, (
        "Da'an does not come with its data"
    )
    assert api.demo("helsinki").is_file()
    with pytest.raises(SettingsError) as caught:
        api.demo("atlantis")
    assert "chengwan" in caught.value.say("en")[0]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_saved_plan_is_whole(toy_saved, lang):
    folder = toy_saved(lang)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"map.html", "plan.json", "plan.gpkg", "report.md", "tables/gaps.csv"} <= names
    record = json.loads((folder / "plan.json").read_text("utf-8"))
    assert record["schema_version"] == 1
    assert [path.name for path in folder.parent.iterdir()] == ["out"], "no scraps beside it"


def test_a_plan_replaces_an_earlier_one_and_nothing_else(
    toy_plan, plain_files, tmp_path, monkeypatch
):
    folder = api.save(toy_plan, tmp_path / "out")
    (folder / "tables" / "old.csv").write_text("of the earlier run")
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    told["files"].append("tables/old.csv")
    (folder / "manifest.json").write_text(json.dumps(told), "utf-8")
    (folder / "tables" / "mine.csv").write_text("of somebody")
    (folder / "remarks.txt").write_text("of somebody")
    api.save(toy_plan, folder)
    assert not (folder / "tables" / "old.csv").exists()
    assert (folder / "tables" / "mine.csv").exists()
    assert (folder / "remarks.txt").exists()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.doc").write_text("years of work")
    with pytest.raises(InputError):
        api.check_folder(mine)
    with pytest.raises(InputError):
        api.save(toy_plan, mine)
    assert [path.name for path in mine.iterdir()] == ["thesis.doc"]
    # What fails half way leaves the earlier result whole.
    monkeypatch.setattr("planner.plans.write.write_gpkg", lambda *_: 1 / 0)
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(ZeroDivisionError):
        api.save(toy_plan, folder)
    assert sorted(path.name for path in folder.iterdir()) == before
    with pytest.raises(ZeroDivisionError):
        api.save(toy_plan, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_map_to_look_at(toy_plan):
    assert isinstance(api.draw(toy_plan, lang="en"), folium.Map)
    with pytest.raises(SettingsError):
        api.draw(toy_plan, kind="casino")


def test_streets_are_compiled_once_and_kept_outside_the_data(toy_city, tmp_path, monkeypatch):
    built = []
    real = Network.from_lines
    monkeypatch.setattr(Network, "from_lines", lambda lines: built.append(1) or real(lines))
    monkeypatch.setenv("PLANNER_CACHE", str(tmp_path / "kept"))
    before = sorted(toy_city.parent.rglob("*"))
    first, second = (api.run(toy_city) for _ in range(2))
    assert len(built) == 1
    assert len(list((tmp_path / "kept").iterdir())) == 1
    assert sorted(toy_city.parent.rglob("*")) == before
    pd.testing.assert_frame_equal(first.summary(), second.summary())
    pd.testing.assert_frame_equal(first.coverage.nearest, second.coverage.nearest)
    kept = next((tmp_path / "kept").iterdir())
    kept.write_bytes(kept.read_bytes()[:-8])  # damaged: compiled anew
    pd.testing.assert_frame_equal(api.run(toy_city).summary(), first.summary())
    monkeypatch.setenv("PLANNER_CACHE", "off")
    api.run(toy_city)
    assert len(built) == 3


def test_streets_are_kept_in_the_cache_of_the_user(monkeypatch, tmp_path):
    monkeypatch.delenv("PLANNER_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == platformdirs.user_cache_path("planner", appauthor=False)
