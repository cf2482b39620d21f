"""Many scenarios in one go: what is varied, each like a run of its own, and the page."""

import csv
import io
import re

import openpyxl
import pandas as pd
import pytest

import planner
from planner import api, cli
from planner.errors import PlannerError, Problems, SettingsError
from planner.language import LANGS
from planner.scenarios.page import sweep_files
from planner.scenarios.steps import MOST_STEPS, named_scenarios, sweep_steps

VARY = ["walk.speed_mps=0.8,1.0", "siting.0.new=1..2"]


@pytest.fixture(scope="module")
def city(toy, tmp_path_factory):
    path = toy.write(tmp_path_factory.mktemp("sweep"))
    named = '\n[scenarios]\n"慢，将来" = ["frail", "later"]\n'
    path.write_text(path.read_text("utf-8") + named, "utf-8")
    return path


@pytest.fixture(scope="module")
def found(city):
    return planner.sweep(city, vary=VARY)


def test_each_scenario_is_as_a_run_of_its_own(city, found):
    assert [step.assign for step in found.steps] == [
        [f"walk.speed_mps={speed}", f"siting.0.new={new}"] for speed in (0.8, 1.0) for new in (1, 2)
    ]
    for number, step in enumerate(found.steps, start=1):
        alone = api.run(city, set=step.assign)
        own = found.figures[found.figures["step"] == number].set_index("kind")
        pd.testing.assert_frame_equal(
            own[alone.summary().columns], alone.summary(), check_dtype=False
        )
        sites = found.sites[found.sites["step"] == number]
        assert sites["after"].tolist() == [answer.after for answer in alone.siting]
        named = [", ".join(answer.sites["name"]) for answer in alone.siting]
        assert sites["names"].tolist() == named
    assert found.figures["population"].nunique() > 3  # the speed tells


def test_what_reads_alike_is_read_once(city, monkeypatch):
    read = []
    check = api.check
    monkeypatch.setattr(
        api, "check", lambda *given, **more: read.append(more) or check(*given, **more)
    )
    planner.sweep(city, vary=["siting.0.new=1..2", "coverage.cutoff_min=10,15"])
    assert len(read) == 1
    planner.sweep(city, vary=["walk.max_snap_m=100,200"], set=["siting=[]"])
    assert len(read) == 3


def test_named_scenarios_and_the_base(city):
    found = planner.sweep(city, every=True)
    assert [step.name for step in found.steps] == ["", "慢，将来"]
    alone = api.run(city, use=["frail", "later"])
    own = found.figures[found.figures["scenario"] == "慢，将来"]
    assert own["population"].tolist() == alone.summary()["population"].tolist()
    problems = Problems()
    assert list(named_scenarios({}, ["a", "b"], problems)) == ["", "a", "b"]
    named_scenarios({}, [], problems)
    assert [one.key for one in problems.found] == ["sweep.no_scenarios"]


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("a.b=1..3", [1, 2, 3]),
        ("a.b=0.5..0.9:0.2", [0.5, 0.7, 0.9]),
        ("a.b=10..20:5", [10, 15, 20]),
        ("a.b=frail, standard", ["frail", "standard"]),
        ('a.b="1..3"', ["1..3"]),
        ("a.b=true,false", [True, False]),
        ("a.b=[5],[5,10]", [[5], [5, 10]]),
    ],
)
def test_values_are_read_as_people_write_them(said, values):
    problems = Problems()
    assert [step.varied["a.b"] for step in sweep_steps([said], {}, problems)] == values
    assert not problems.found


@pytest.mark.parametrize(
    ("vary", "key", "value"),
    [
        (["walk.speed_mps"], "sweep.not_a_pair", "walk.speed_mps"),
        (["walk.speed=1,2"], "settings.unknown_key", "walk.speed"),
        (["walk.speed_mps=1,fast"], "settings.wrong_value", "fast"),
        (["walk.speed_mps="], "sweep.no_values", "walk.speed_mps"),
        (["siting.0.new=5..1"], "sweep.no_range", "siting.0.new=5..1"),
        (["siting.0.new=1..2", "siting.0.new=3"], "sweep.twice", "siting.0.new"),
        (["siting.9.new=1..2"], "settings.no_such_entry", "siting.9.new"),
        (["siting.0.new=1..99", "walk.max_snap_m=1..99"], "sweep.too_many", "9,801"),
        ([], "sweep.nothing_varied", None),
        (["siting.0.kind=canteen,gym"], "area.unknown_kind", "gym"),
    ],
)
def test_bad_input_is_told_before_anything_is_computed(city, monkeypatch, vary, key, value):
    monkeypatch.setattr("planner.study.scenario.run", None)
    with pytest.raises(PlannerError) as caught:
        planner.sweep(city, vary=vary)
    told = {problem.key: problem for problem in caught.value.problems}
    assert key in told
    if key.partition(".")[0] in {"settings", "sweep"}:
        assert told[key].file == "--vary"  # the scenario by itself holds
    for lang in LANGS:
        assert value is None or any(value in line for line in caught.value.say(lang))


def test_a_scenario_of_no_such_override(city, tmp_path):
    path = city.with_name("other.toml")
    path.write_text(city.read_text("utf-8").replace('"later"]', '"latr"]'), "utf-8")
    with pytest.raises(SettingsError) as caught:
        api.read_settings(path)
    assert "scenarios.慢，将来" in caught.value.say("en")[0]
    assert "later" in caught.value.say("en")[0]
    path.unlink()


def test_too_many_are_refused_before_they_are_listed():
    with pytest.raises(SettingsError) as caught:
        sweep_steps([f"k{n}=1..{MOST_STEPS}" for n in range(30)], {}, Problems())
    assert caught.value.problems[0].key == "sweep.too_many"


@pytest.mark.parametrize("lang", LANGS)
def test_page_workbook_and_tables_agree(found, lang):
    made = sweep_files(found, {1: {"canteen": b"png"}}, lang)
    page = made["sweep.html"]
    assert not re.search(r"https?://(?!www\.w3\.org)", page)
    shares = [f"{share:.1%}" for share in found.figures["population"].dropna()]
    assert all(share in page for share in shares)
    rows = list(csv.reader(made["tables/figures.csv"].decode("utf-8-sig").splitlines()))
    assert len(rows) == 1 + len(found.figures)
    sheet = openpyxl.load_workbook(io.BytesIO(made["sweep.xlsx"])).worksheets[0]
    assert [cell.value for cell in sheet[1]] == rows[0]
    assert sheet.max_row == len(rows)


def test_the_command_saves_and_prints(city, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["sweep", str(city), "--vary", "siting.0.new=1,2", "--out", str(out)]
    cli.main([*arguments, "--lang", "en"])
    told = capsys.readouterr().out
    assert "siting.0.new" in told
    assert (out / "sweep.html").stat().st_size > 50_000  # with maps
    assert sorted(path.name for path in (out / "tables").iterdir()) == ["figures.csv", "sites.csv"]
    cli.main([*arguments, "--no-maps", "--lang", "zh"])
    assert (out / "sweep.html").stat().st_size < 200_000
    with pytest.raises(SystemExit) as ended:
        cli.main(["sweep", str(city), "--out", str(tmp_path / "none")])
    assert ended.value.code == 2
    assert not (tmp_path / "none").exists()
