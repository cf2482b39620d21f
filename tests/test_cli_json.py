"""What the commands tell a program: one object on standard output, whatever comes of them."""

import json

import pytest

from planner import cli
from planner.language import LANGS


def told(capsys, *arguments):
    """Run a command; give its status and the object that it prints."""
    try:
        cli.main([str(one) for one in arguments])
        status = 0
    except SystemExit as ended:
        status = ended.code or 0
    return status, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("lang", LANGS)
def test_a_check_tells_what_was_understood(capsys, toy_city, lang):
    status, found = told(capsys, "check", toy_city, "--json", "--lang", lang)
    assert (status, found["holds"], found["problems"]) == (0, True, [])
    assert [one["file"] for one in found["files"]][:2] == ["communities.gpkg", "demand.csv"]
    assert any("demand.csv" in note for note in found["notes"])


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("lang", LANGS)
def test_problems_are_told_with_their_place(capsys, toy_city, command, lang):
    sheet = toy_city.parent / "stations.csv"
    sheet.write_text(sheet.read_text("utf-8").replace("existing", "flourishing"), "utf-8")
    out = toy_city.parent.parent / "out"
    more = ["--out", out] if command == "run" else []
    status, found = told(capsys, command, toy_city, "--json", "--lang", lang, *more)
    assert (status, found["holds"]) == (2, False)
    (problem,) = found["problems"]
    assert (problem["file"], problem["row"], problem["value"]) == (
        "stations.csv",
        "2",
        "flourishing",
    )
    assert "flourishing" in problem["message"]
    assert not out.exists()


def test_a_run_tells_its_headline_and_then_that_it_stands(capsys, toy_city):
    out = toy_city.parent.parent / "out"
    arguments = ["run", toy_city, "--out", out, "--outputs", "record", "--json"]
    status, found = told(capsys, *arguments)
    record = json.loads((out / "plan.json").read_text("utf-8"))
    assert (status, found["unchanged"], found["folder"]) == (0, False, str(out))
    assert found["outputs"] == ["record"]
    assert found["summary"] == record["tables"]["summary"]
    assert found["siting"] == record["siting"]
    assert "tables" not in found
    assert told(capsys, *arguments) == (0, {"folder": str(out), "unchanged": True})
