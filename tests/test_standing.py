"""A result that stands is told at once; anything else that a run would make is made."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import Toy
from test_cli import call

from planner import api, cli, plans
from planner.district.reading import standing
from planner.errors import SettingsError, fail
from planner.output.chosen import PARTS, chosen


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNER_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="module")
def stood(toy: Toy, tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    """A run whose result stands: of tables, as fonts, which pictures hang on, differ."""
    scenario = toy.write(tmp_path_factory.mktemp("standing"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLANNER_LANG", "en")
        asked = ["run", scenario, "--out", scenario.parent / "out", "--outputs", "tables"]
        asked += ["--set", "siting=[]"]
        cli.main([str(word) for word in asked])
    return asked


@pytest.fixture
def folder(stood: list[object], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of that run and its data, to be spoilt; nothing is computed there."""

    def stopped(*_: object, **__: object) -> None:
        raise fail(SettingsError, "no_scenario", file="it computes")

    monkeypatch.setattr(api, "run", stopped)
    monkeypatch.setattr(api, "warm_up", lambda: None)
    home = Path(str(stood[1])).parent
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    yield home
    for path in home.rglob("*"):
        if path.is_file() and path not in before:
            path.unlink()
    for path, content in before.items():
        path.write_bytes(content)


def test_a_result_that_stands_is_told_in_a_line(stood, folder, capsys):
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["manifest.json", "tables"]
    status, said, complained = call(capsys, *stood)
    assert (status, complained) == (0, "")
    assert "Nothing changed since" in said
    assert "--fresh" in said
    assert said.count("\n") == 1


def test_fresh_passes_it_by(stood, folder, capsys):
    assert "it computes" in call(capsys, *stood, "--fresh")[2]


def _append(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with (folder / name).open("ab") as file:
            file.write(b"\n")

    return change


def _damage(folder: Path) -> None:
    (folder / "out" / "tables" / "people.csv").write_bytes(b"nobody")


def _lose(folder: Path) -> None:
    (folder / "out" / "tables" / "people.csv").unlink()


def _retell(**parts: object) -> Callable[[Path], None]:
    """Change what the manifest tells; None takes a part away."""

    def change(folder: Path) -> None:
        path = folder / "out" / standing.MANIFEST
        told = json.loads(path.read_text("utf-8"))
        for name, part in parts.items():
            told["made_of"][name] = part
        path.write_text(json.dumps(told), "utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_append("scenario.toml"), None),
        (_append("stations.csv"), None),
        (_append("streets.gpkg-wal"), None),
        (_damage, "missing or was altered"),
        (_lose, "missing or was altered"),
        (_retell(program="another"), "another version"),
        (_retell(files={}), None),
        (lambda folder: (folder / "out" / standing.MANIFEST).unlink(), None),
    ],
)
def test_what_changed_is_computed_anew_with_a_word(stood, folder, capsys, change, told):
    change(folder)
    _, said, complained = call(capsys, *stood)
    assert "Nothing changed" not in said
    assert "it computes" in complained or "something else" in complained
    assert ("computed anew" in complained) == (told is not None)
    assert told is None or told in complained


@pytest.mark.parametrize(
    "further", [("--set", "year=2021"), ("--use", "later"), ("--lang", "zh"), ("--outputs", "map")]
)
def test_another_question_is_computed(stood, folder, capsys, further):
    assert "it computes" in call(capsys, *stood, *further)[2]


def test_files_of_settings_and_profiles_are_found_wherever_they_are_named(toy_city):
    home = toy_city.parent
    (home / "inner").mkdir()
    (home / "inner" / "ours.toml").write_text('extends = ["base.toml"]', "utf-8")
    (home / "inner" / "base.toml").write_text("", "utf-8")
    (home / "inner" / "stations.csv").write_text("another", "utf-8")
    made = standing.made_of(
        toy_city, assign=["folder=inner", 'standards.profiles=["ours.toml"]', "demand.file=x.csv"]
    )
    assert {"ours.toml", "base.toml", "streets.gpkg"} <= set(made.files)
    assert "x.csv" not in made.files
    assert len(made.files["stations.csv"]) == 2  # whichever the run reads


def test_a_result_is_told_only_of_what_was_read(toy_city):
    made = standing.made_of(toy_city)
    read = SimpleNamespace(area=api.check(toy_city).area)
    assert len(read.area.inputs) > 5
    assert plans._made(read, ("tables",), made) == made
    (toy_city.parent / "links.csv").write_text("edited meanwhile", "utf-8")
    assert plans._made(read, ("tables",), standing.made_of(toy_city)) is None
    assert not made.covers([("Shanghai", "0" * 64)])


def test_outputs_are_named_and_a_wrong_one_is_refused():
    assert chosen(None) == PARTS
    assert chosen(["tables, map", "record"]) == ("map", "tables", "record")
    with pytest.raises(SettingsError, match=r"tabels.*tables"):
        chosen(["tabels"])


def test_telling_loads_nothing_of_the_engine():
    code = "import planner.cli.commands, sys; print({'pandas', 'numba'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
