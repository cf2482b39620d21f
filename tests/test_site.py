"""The site: its references hold what the registers hold, its links lead somewhere, it builds."""

import os
import re
import subprocess
import sys
import tomllib
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import typer
from conftest import ROOT, all_commands
from pages import figures, reference, site, tutorial
from test_docs import PARTS

import planner
from planner.cli.commands import app
from planner.settings.json_schema import json_schema
from planner.standards import profile_names, read_profile
from planner.standards.catalogue import indicators

LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def pages():
    return site.pages()


def page(pages, name, lang):
    return pages[name + site.SUFFIX[lang]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_of_the_settings_stands_under_its_part(pages, lang):
    words = page(pages, "reference/keys", lang)
    parts = re.split(r"(?m)^## ", words)
    named = {part.split(" ")[0]: part for part in parts}
    for part in PARTS:
        own = parts[1] if part.__name__ == "Settings" else named[part.__name__]
        names = {field.alias or name for name, field in part.model_fields.items()}
        assert {name for name in names if f"| `{name}` |" not in own} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_command_and_option_stands_there_with_its_help(pages, lang):
    words = page(pages, "reference/commands", lang)
    for name, command in all_commands(typer.main.get_command(app)).items():
        own = words.split(f"### `planner {name}`")[1].split("\n### ")[0].replace("\\|", "|")
        for parameter in command.params:
            rows = [line for line in own.splitlines() if f"`{parameter.opts[0]}" in line]
            rows += [line for line in own.splitlines() if f"| `{parameter.metavar}`" in line]
            assert rows, parameter.name
            assert "cli." not in own


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_indicator_and_target_stands_there(pages, lang):
    words = page(pages, "reference/standards", lang)
    assert [name for name in indicators() if f"| `{name}` | " not in words] == []
    for name in profile_names():
        own = words.split(f"{{ #{name} }}")[1].split("\n## ")[0]
        assert [key for key in read_profile(name).targets if f"| `{key}` |" not in own] == []


def test_every_public_name_of_python_stands_there(pages):
    words = pages["reference/python.md"]
    assert "::: planner.api.run\n" in words
    assert [name for name in planner.__all__ if f"`planner.{name}`" not in words] == []
    assert [name for name in planner.siting.__all__ if f"`planner.siting.{name}`" not in words] == [
        name for name in planner.siting.__all__ if not callable(getattr(planner.siting, name))
    ]
    asked = re.findall(r"(?m)^::: (.+)$", words)
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_chapter_of_the_readme_has_a_page(lang):
    assert set(site.chapters(lang)) == set(site.CHAPTERS[lang])


def test_links_lead_to_pages_of_the_same_site(pages):
    own = pages["own-data.md"]
    assert "[docs/questions.md](questions.md)" in own
    assert "](docs/" not in own
    assert "](reference/scenario.md#scenario-reference)" in pages["questions.md"]
    assert '<a href="zh/index.html">' in pages["index.md"]
    assert '<a href="../index.html">' in pages["index.zh.md"]
    assert "](pictures/chengwan.webp)" in pages["index.md"]
    assert "[MIT]" not in pages["index.md"]  # the licence is no page: its name stays


def test_every_page_stands_in_the_list_of_pages(pages):
    listed = set(re.findall(r"([\w/-]+\.md)", (ROOT / "mkdocs.yml").read_text("utf-8")))
    assert {name.replace(".zh.md", ".md") for name in pages} == listed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_picture_of_the_method_is_drawn_and_shown(pages, lang):
    drawn = figures.pictures(lang)
    shown = re.findall(r"\]\(pictures/(\w+)\.svg\)", page(pages, "method", lang))
    assert shown == list(drawn)
    for told in drawn.values():
        ET.fromstring(told)  # noqa: S314  our own drawing: is it well-formed?


def test_the_pictures_tell_what_the_engine_computes():
    words = figures.WORDS["en"]
    people = figures.homes()["people"]
    within = {
        place: sum(
            int(people[at])
            for at, point in figures.homes().geometry.items()
            if _walk(point, figures.STATIONS[place]) <= 600
        )
        for place in figures.PLACES
    }
    covered = sum(within.values())  # nobody reaches both
    assert words["covered"].format(n=covered, of=people.sum(), share=covered / people.sum()) in (
        figures.coverage(words)
    )
    served = sum(min(within[place], room) for place, room in figures.PLACES.items())
    told = figures.allocation(words)
    assert words["served"].format(n=served) in told
    assert words["over"].format(n=covered - served) in told
    assert words["out"].format(n=people.sum() - covered) in told


def _walk(home, station):
    """Metres along the grid, by hand: over the bridge where the river lies between."""
    if (home.x < figures.RIVER) == (station.x < figures.RIVER):
        return abs(home.x - station.x) + abs(home.y - station.y)
    up = abs(home.y - figures.BRIDGE) + abs(station.y - figures.BRIDGE)
    return abs(home.x - station.x) + up


def blocks(name):
    """Return the examples of TOML in a document."""
    return re.findall(r"```toml\n(.+?)```", (ROOT / "docs" / name).read_text("utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def validator():
    """A validator of parts of a scenario, made once: the schema is checked longer than they are."""
    schema = json_schema() | {"required": []}
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", ["howto.md", "howto.zh.md", "tutorial.md", "tutorial.zh.md"])
def test_every_example_of_a_scenario_holds(name, validator, tmp_path):
    found = blocks(name)
    assert len(found) > 1
    for words in found:
        if "[targets." in words:
            file = tmp_path / "our-targets.toml"
            file.write_text(words, "utf-8")
            assert list(read_profile(file).targets) == ["canteens"]
        else:
            validator.validate(tomllib.loads(words))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_tutorial_shows_the_pictures_taken_of_it(pages, lang):
    kept = {path.name: path for path in (ROOT / "docs" / "shots").glob(f"*-{lang}.webp")}
    shown = re.findall(r"!\[[^\]]+\]\(pictures/([\w.-]+\.webp)\)", page(pages, "tutorial", lang))
    assert sorted(shown) == sorted(kept)
    assert len(shown) == 2
    for path in kept.values():
        assert path.stat().st_size <= 150_000


def test_both_languages_of_a_document_have_the_same_examples():
    for name in ("howto", "tutorial"):
        plain = [re.sub(r' *#.*|"[^"]*"', "", words) for words in blocks(f"{name}.md")]
        assert plain == [re.sub(r' *#.*|"[^"]*"', "", words) for words in blocks(f"{name}.zh.md")]


def test_the_tutorial_holds_what_each_of_its_commands_printed():
    for lang, path in tutorial.PAGES.items():
        words = path.read_text("utf-8")
        asked = tutorial.steps(lang)
        assert list(asked) == ["new", "check", "run", "siting"]
        told = re.findall(r"<!-- told: (\w+) -->\n\n```text\n(.+?)\n```\n", words, re.DOTALL)
        assert [name for name, printed in told if len(printed) > 100] == list(asked)


def test_tables_keep_their_columns():
    made = reference.table(("a", "b"), [("x|y", "1\n2")])
    assert made == "| a | b |\n| --- | --- |\n| x\\|y | 1 2 |\n"


def test_the_site_builds_and_fetches_nothing(tmp_path):
    asked = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(tmp_path)]
    told = subprocess.run(
        asked,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert told.returncode == 0, told.stderr[-2000:]
    made = list(tmp_path.rglob("*.html"))
    assert len(made) > 30
    for path in made:
        words = path.read_text("utf-8")
        fetched = r'<(?:script|img|iframe|source)[^>]*\ssrc="https?:|<link[^>]*href="https?:'
        assert re.search(fetched, words) is None, path
    assert "全部键" in (tmp_path / "zh" / "reference" / "keys.html").read_text("utf-8")
