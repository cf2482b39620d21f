"""What is written about the planner keeps up with it."""

import ast
import collections
import doctest
import importlib
import inspect
import pkgutil
import re
import tomllib
from typing import get_args

import pytest
import typer
from conftest import ROOT, all_commands
from pydantic import BaseModel
from support import columns_page
from support.sources import trees

import planner
from planner import settings
from planner.cli.commands import app

READMES = ("README.md", "README.zh.md")
COMMANDS = all_commands(typer.main.get_command(app))
MODULES = [found.name for found in pkgutil.walk_packages(planner.__path__, "planner.")]


def parts_of(part: type[BaseModel]) -> set[type[BaseModel]]:
    """List a part of the settings and all that it holds, however deep."""
    found = {part}
    for field in part.model_fields.values():
        waiting = [field.annotation]
        while waiting:
            asked = waiting.pop()
            waiting += get_args(asked)
            if inspect.isclass(asked) and issubclass(asked, BaseModel) and asked not in found:
                found |= parts_of(asked)
    return found


PARTS = sorted(parts_of(settings.Settings), key=lambda part: part.__name__)


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_in_the_readme(readme, command):
    words = (ROOT / readme).read_text("utf-8")
    assert f"planner {command}" in words
    for parameter in COMMANDS[command].params:
        for name in parameter.opts:
            if name.startswith("-") and name != "--help":
                assert re.search(rf"`[^`]*(?<![\w-]){name}\b[^`]*`", words), name


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_setting_is_in_the_readme(part, readme):
    words = (ROOT / readme).read_text("utf-8")
    missing = [name for name in part.model_fields if not re.search(rf"(?a:\b{name}\b)", words)]
    assert missing == []


@pytest.mark.parametrize("name", planner.__all__)
def test_every_public_name_is_explained(name):
    thing = getattr(planner, name)
    words = inspect.getdoc(thing)
    assert words
    assert words.splitlines()[0].endswith(".")
    if inspect.isfunction(thing) and "------" in words:
        given = [word for word in inspect.signature(thing).parameters if f"\n{word}" in words]
        assert given or "Parameters" not in words


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    module = importlib.import_module(name)
    assert module.__doc__
    shorthand = {"gpd": "geopandas", "np": "numpy", "pd": "pandas", "shapely": "shapely"}
    known = {short: importlib.import_module(long) for short, long in shorthand.items()}
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in doctest.DocTestFinder().find(module, extraglobs=known):
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_every_class_has_a_name_of_its_own():
    """The engine's private ones aside: each stands for one file's inner working."""
    found = collections.Counter(
        node.name
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and not (node.name.startswith("_") and "engine" in path.parts)
    )
    assert [name for name, times in found.items() if times > 1] == []


def docstrings_of(tree):
    """Return the first word of every docstring in a file, with the line it stands in."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    nodes = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    said = [(node.lineno, ast.get_docstring(node)) for node in nodes]
    return [(line, words.split()[0]) for line, words in said if words]


# They hide whether a function returns, prints or raises.
VAGUE = {f"{verb}{end}" for verb in ("Tell", "Put", "Take", "Say", "Lay") for end in ("", "s")}


def test_docstrings_open_with_what_is_done():
    vague = [
        f"{path.relative_to(ROOT)}:{line}: {word}"
        for path, tree in trees().items()
        for line, word in docstrings_of(tree)
        if word in VAGUE
    ]
    assert vague == []


def files_named(words):
    """Return the paths and Make targets that a document names in code or in links."""
    named = set(
        re.findall(r"`((?:planner|tests|docs|benchmarks)/[\w/.-]+|[\w-]+\.(?:md|toml))`", words)
    )
    return named | set(re.findall(r"\]\(([\w./-]+)\)", words))


NOTES = ("siting", "network", "capacity")  # how each room of the engine works


@pytest.mark.parametrize("room", NOTES)
def test_every_file_that_a_note_on_methods_names_exists(room):
    words = (ROOT / "docs" / f"{room}-methods.md").read_text("utf-8")
    named = set(re.findall(r"`([\w/]+\.py)`", words))
    assert len(named) > 3
    at = ROOT / "planner" / "engine" / room
    assert [
        name for name in sorted(named) if not any((o / name).exists() for o in (at, ROOT))
    ] == []


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "docs/decisions.md", "docs/glossary.md"])
def test_every_file_that_a_document_names_exists(document):
    path = ROOT / document
    places = (path.parent, ROOT, ROOT / "planner" / "language", ROOT / "planner" / "standards")
    named = files_named(path.read_text("utf-8"))
    assert [name for name in sorted(named) if not any((at / name).exists() for at in places)] == []


def test_every_make_target_of_contributing_exists():
    named = set(re.findall(r"`make ([a-z]+)`", (ROOT / "CONTRIBUTING.md").read_text("utf-8")))
    made = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text("utf-8")))
    assert len(named) > 5
    assert named <= made


def test_every_room_of_the_floors_is_in_the_picture():
    floors = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## How to add")[0]
    rooms = {path.name for path in (ROOT / "planner").iterdir() if (path / "__init__.py").exists()}
    assert [room for room in sorted(rooms) if not re.search(rf"\b{room}\b", floors)] == []


@pytest.mark.parametrize("rooms", ["QUICK", "LOWEST"])
def test_rooms_that_the_makefile_lists_exist(rooms):
    words = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    listed = re.search(rf"(?m)^{rooms} := (.*)$", words)
    assert listed
    names = listed[1].split()
    assert len(names) > 5
    assert [name for name in names if not (ROOT / "tests" / f"test_{name}.py").exists()] == []


def test_the_newest_heading_of_the_changelog_is_this_version():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    newest = re.findall(
        r"(?m)^## (\S+)(?: \(\d{4}-\d\d-\d\d\))?$", (ROOT / "CHANGELOG.md").read_text()
    )
    assert told in newest[:2]
    assert newest[0] in {told, "Unreleased"}


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_leads_to_the_documents(readme):
    links = files_named((ROOT / readme).read_text("utf-8"))
    wanted = {"CONTRIBUTING.md", "docs/decisions.md", "docs/glossary.md"}
    wanted |= {f"docs/{room}-methods.md" for room in NOTES}
    assert wanted <= links


def test_the_page_of_columns_is_fresh():
    assert columns_page.PAGE.read_text("utf-8") == columns_page.page()


def test_the_extra_for_all_holds_every_extra_of_a_user():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = set(told["optional-dependencies"]) - {"all", "docs", "test"}
    held = re.fullmatch(r"planner\[(.+)\]", told["optional-dependencies"]["all"][0])
    assert held
    assert set(held[1].split(",")) == extras
    for readme in READMES:
        words = (ROOT / readme).read_text("utf-8")
        named = set(re.findall(r"`(?:pip install ')?(?:planner\[)?([a-z]+)\]?'?`", words))
        assert extras | {"all", "docs"} <= named
