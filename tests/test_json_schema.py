"""The schema for editors: it takes every scenario that ships, and refuses what settings refuse."""

import json
import tomllib

import jsonschema
import pytest
from conftest import ROOT

from planner import api, cli
from planner.language import LANGS
from planner.settings import resolve
from planner.settings.json_schema import json_schema

BASE = {"title": "T", "communities": {"file": "c.gpkg"}, "streets": {"file": "s.gpkg"}}


@pytest.fixture(scope="module")
def checker():
    made = json_schema()
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


@pytest.mark.parametrize("name", api.demos())
def test_scenarios_that_ship_hold(checker, name):
    content = tomllib.loads(api.demo(name).read_text("utf-8"))
    assert [error.message for error in checker.iter_errors(content)] == []


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"walk": {"preset": "fast"}}, ["walk", "preset"]),
        ({"walk": {"speed_mps": 9}}, ["walk", "speed_mps"]),
        ({"coverage": {"minuts": [5]}}, ["coverage"]),
        ({"facilities": {"file": "a.csv"}}, ["facilities"]),
        ({"facilities": [{"file": "a.csv", "datum": "GCJ-02"}]}, ["facilities", 0, "datum"]),
        ({"standards": {"profiles": ["nowhere-1999"]}}, ["standards", "profiles", 0]),
        ({"overrides": {"slow": {"walk": {"sped_mps": 1}}}}, ["overrides", "slow", "walk"]),
        ({"overrides": {"slow": {"wallk": {"speed_mps": 1}}}}, ["overrides", "slow"]),
    ],
)
def test_what_does_not_hold_is_marked_at_its_place(checker, more, where):
    assert where in [list(error.absolute_path) for error in checker.iter_errors(BASE | more)]


@pytest.mark.parametrize(
    "more",
    [
        {"facilities": [{"file": "a.csv", "kind": "canteen", "places": "a.places.csv"}]},
        {"communities": {"file": "c.xls", "places": "codes.csv", "within": "o.gpkg"}},
        {"communities": {"file": "c.xls", "ages": "ages.csv"}},
        {"communities": {"file": "c.xls", "ages": {"file": "ages.csv", "unit": "share"}}},
    ],
)
def test_the_name_of_a_file_holds_where_settings_take_it(checker, more):
    assert resolve(BASE | more).title == "T"
    assert [error.message for error in checker.iter_errors(BASE | more)] == []


def test_an_override_needs_no_title(checker):
    whole = BASE | {"overrides": {"slow": {"walk": {"preset": "frail"}}}}
    assert not list(checker.iter_errors(whole))
    assert resolve(whole, use=["slow"]).walk.preset == "frail"


def test_the_command_prints_and_writes_it(tmp_path, capsys):
    cli.main(["schema", "--lang", "zh"])
    assert json.loads(capsys.readouterr().out) == json_schema("zh")
    out = tmp_path / "s.json"
    cli.main(["schema", "--out", str(out), "--lang", "en"])
    assert json.loads(out.read_text("utf-8")) == json_schema("en")
    assert "#:schema" in capsys.readouterr().out


def properties(made):
    """Every key of the schema, by its part, with what is said of it."""
    parts = {"Settings": made, **{k: v for k, v in made["$defs"].items() if k != "Override"}}
    return {
        (part, key): rule.get("description", "")
        for part, own in parts.items()
        for key, rule in own.get("properties", {}).items()
    }


@pytest.mark.parametrize("lang", LANGS)
def test_every_key_says_what_it_means(lang):
    told = properties(json_schema(lang))
    assert len(told) > 150
    assert [key for key, words in told.items() if not words] == []
    ends = {"zh": "。", "en": "."}
    assert [key for key, words in told.items() if not words.endswith(ends[lang])] == []


def test_no_meaning_is_of_a_key_that_is_not_there():
    catalogue = tomllib.loads((ROOT / "planner/language/keys.toml").read_text("utf-8"))
    shared = catalogue.pop("file")
    known = set(properties(json_schema()))
    own = {
        (part, key.removeprefix("in_")) for part, entries in catalogue.items() for key in entries
    }
    assert own <= known
    assert {key for _, key in known - own} == set(shared)
