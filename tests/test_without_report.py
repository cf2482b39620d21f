"""Without the extra `planner[report]`: all else is made, what is lacking is told once."""

import ast
import json
import subprocess
import sys

import pytest
from test_cli import call

import planner
from planner import api, scenarios
from planner.batch import batch
from planner.errors import SettingsError
from planner.language import LANGS
from planner.output.chosen import PARTS, PARTS_OF_MANY, REPORT_NEEDS, chosen
from planner.scenarios import sweep_to

FEW = ["siting=[]", "service=[]", "delivery=[]", "years=[]"]
HOW = 'pip install "planner[report]"'
ROOMS = {"planner.output.report.figures.pictures", "planner.output.report.writers.cells"}


@pytest.fixture
def bare(monkeypatch, caplog):
    """Nothing of the extra can be imported or found; the warnings told."""
    for name in REPORT_NEEDS:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr("planner.output.maps.page", lambda *_, **__: "a map")
    return caplog


def told(caplog):
    return [one.getMessage() for one in caplog.records if HOW in one.getMessage()]


def test_nothing_else_needs_the_extra_to_be_imported():
    # Some modules are run only once something of them is asked for: all are asked.
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({REPORT_NEEDS}))\n"
        "from planner.cli import addresses, batching, drafted, estimating, show\n"
        "from planner import api, output, scenarios\n"
        "from planner.output import maps\n"
        "print([dir(one) for one in (addresses, batching, drafted, estimating, show, scenarios)])\n"
        "print(sorted(one for one in sys.modules if one.startswith('planner.')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ast.literal_eval(done.stdout.splitlines()[-1]))
    assert loaded >= {"planner.batch.overview", "planner.scenarios.page", "planner.cli.show"}
    assert not loaded & ROOMS


@pytest.mark.parametrize("name", REPORT_NEEDS)
def test_each_library_of_the_extra_is_needed(monkeypatch, name):
    assert chosen(None) == PARTS
    monkeypatch.setitem(sys.modules, name, None)
    assert chosen(None) == ("map", "tables", "layers", "record", "plan")
    assert chosen(None, PARTS_OF_MANY) == ("map", "tables", "layers", "record")


@pytest.mark.parametrize("lang", LANGS)
def test_a_plan_is_saved_with_all_else(bare, toy_plan, tmp_path, lang):
    folder = api.save(toy_plan, tmp_path / "out", lang=lang)
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "map.html",
        "manifest.json",
        "plan.gpkg",
        "plan.json",
        "plan.planner",
        "tables",
    }
    assert "report." not in (folder / "manifest.json").read_text("utf-8")
    (line,) = told(bare)
    wanted = {"zh": "没有：报告、工作簿", "en": "results lack: report, workbook"}
    assert wanted[lang] in line


def test_what_was_not_asked_for_is_not_missed(bare, toy_plan, tmp_path):
    api.save(toy_plan, tmp_path / "out", outputs=["record"])
    assert told(bare) == []


def test_with_the_extra_nothing_is_told(caplog, toy_plan, plain_files, tmp_path):
    api.save(toy_plan, tmp_path / "out")
    assert told(caplog) == []


@pytest.mark.parametrize("asked", ["report", "workbook", "map,workbook,report"])
@pytest.mark.parametrize("as_json", [False, True])
def test_what_is_asked_for_is_refused_first(bare, toy_city, monkeypatch, capsys, asked, as_json):
    monkeypatch.setattr(api, "run", lambda *_, **__: pytest.fail("computed"))
    out = toy_city.parent.parent / "out"
    more = ["--json"] if as_json else ["--lang", "en"]
    status, said, wrong = call(capsys, "run", toy_city, "--out", out, "--outputs", asked, *more)
    message = json.loads(said)["problems"] if as_json else [wrong]
    assert (status, len(message), out.exists()) == (2, 1, False)
    assert "planner[report]" in (message[0]["message"] if as_json else " ".join(wrong.split()))
    with pytest.raises(SettingsError, match=r"planner\[report\]"):
        batch(toy_city.parent, out, outputs=[asked])


def test_a_result_is_made_anew_once_the_extra_is_there(bare, toy_city, monkeypatch, capsys):
    out = toy_city.parent.parent / "out"
    asked = ["run", toy_city, "--out", out, "--lang", "en", *(w for s in FEW for w in ("--set", s))]
    status, said, _ = call(capsys, *asked)
    assert (status, len(told(bare))) == (0, 1)
    assert "map.html" in said
    assert "report." not in said
    status, said, _ = call(capsys, *asked)
    assert (status, len(told(bare))) == (0, 1)
    assert "Nothing changed" in said
    for name in REPORT_NEEDS:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("planner.plans.report.files", lambda *_, **__: {"report.docx": "-"})
    status, said, _ = call(capsys, *asked)
    assert (status, len(told(bare))) == (0, 1)
    assert (out / "report.docx").exists()


@pytest.mark.parametrize("lang", LANGS)
def test_a_check_says_so_and_holds(bare, toy_city, capsys, lang):
    status, said, _ = call(capsys, "check", toy_city, "--lang", lang)
    assert (status, said.count(HOW)) == (0, 1)
    status, said, _ = call(capsys, "check", toy_city, "--lang", lang, "--json")
    found = json.loads(said)
    assert (status, found["holds"], found["problems"]) == (0, True, [])
    assert sum(HOW in note for note in found["notes"]) == 1
    assert repr(api.check(toy_city)).count(HOW) == 1


def test_pictures_and_workbooks_alone_are_refused(bare, toy_plan, toy_city, tmp_path):
    with pytest.raises(SettingsError, match=r"draw_front.*planner\[report\]"):
        planner.draw_front(toy_plan)
    with pytest.raises(SettingsError, match=r"lists\.xlsx.*planner\[report\]"):
        api.standards_template(["beilun-2018"], tmp_path / "new" / "lists.xlsx")
    assert not (tmp_path / "new").exists()
    panel = scenarios.Panel(toy_city, set=FEW)
    with pytest.raises(SettingsError, match=r"Panel\.view.*planner\[report\]"):
        panel.view()


def test_a_comparison_is_told_as_text_and_page(bare, toy_plan, tmp_path):
    folder = api.save(planner.compare(toy_plan, toy_plan), tmp_path / "out", lang="en")
    names = {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert names == {"map.html", "comparison.json", "comparison.md", "comparison.html"}
    (line,) = told(bare)
    assert "comparison.docx, comparison.xlsx" in line


def test_a_sweep_has_its_tables_and_page(bare, toy_city, tmp_path):
    sweep_to(toy_city, tmp_path / "out", set=FEW, vary=["coverage.cutoff_min=5,10"], lang="en")
    names = {path.name for path in (tmp_path / "out").iterdir()} - {"manifest.json"}
    assert names == {"sweep.html", "tables"}
    assert "<img" not in (tmp_path / "out" / "sweep.html").read_text("utf-8")
    (line,) = told(bare)
    assert "sweep.xlsx, curves and maps" in line


@pytest.mark.parametrize("outputs", [None, ["record"]])
def test_a_batch_has_its_tables_and_map(bare, toy_city, tmp_path, outputs):
    found = batch(toy_city.parent, tmp_path / "out", set=FEW, outputs=outputs, lang="en")
    assert found.failed == ()
    overview = {path.name for path in (tmp_path / "out" / "overview").iterdir()}
    assert {"map.html", "districts.csv"} <= overview
    assert "summary.xlsx" not in overview
    (line,) = told(bare)
    assert ("lack: summary.xlsx" if outputs else "lack: report, workbook, summary.xlsx") in line
