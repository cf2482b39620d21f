"""What a batch will take, before it starts."""

import json
from pathlib import Path

import pytest
from test_cli import call

from planner.batch import estimate as estimating
from planner.batch.estimate import cpu_seconds, estimate, rates


@pytest.fixture
def table(toy_city: Path) -> Path:
    path = toy_city.parent.parent / "districts.csv"
    rows = [f"toy/scenario.toml,{year}" for year in (2020, 2021, 2022)]
    lines = [f"{row},{name}" for row, name in zip(rows, "abc", strict=True)]
    path.write_text("\n".join(["scenario,year,name", *lines]), "utf-8")
    return path


def test_time_adds_up_and_is_shared_out(table, toy_city):
    one, all_ = estimate(toy_city), estimate(table)
    assert (one.districts, one.communities, one.untold) == (1, 6, 0)
    assert (all_.districts, all_.communities) == (3, 18)
    assert all_.cpu_seconds == pytest.approx(3 * one.cpu_seconds)
    rate = rates()["all"]
    assert one.cpu_seconds == pytest.approx(rate["base_s"] + 6 * rate["community_s"])
    assert all_.seconds(1) == pytest.approx(all_.cpu_seconds)
    assert all_.seconds(3) == all_.seconds(100) == pytest.approx(one.cpu_seconds)  # the longest
    assert all_.worker_bytes == one.worker_bytes


def test_fewer_outputs_take_less(table):
    assert estimate(table, outputs=["record"]).cpu_seconds < estimate(table).cpu_seconds


def test_rates_hold_the_districts_that_they_were_measured_on():
    told = rates()
    assert 0 < told["least"] <= 1 <= told["most"]
    for name, outputs in (("figures", ["record"]), ("all", ["record", "map"])):
        assert told[name]["command"].startswith("planner batch")
        assert len(told[name]["measured"]) >= 2
        for communities, took in told[name]["measured"].values():
            off = took / cpu_seconds(communities, outputs)
            assert told["least"] <= off <= told["most"]


def test_times_of_a_batch_that_was_run_stand_for_the_rates(table, tmp_path, capsys):
    rows = [
        {"name": name, "scenario": str(tmp_path / "toy" / "scenario.toml"), "use": [], "set": [],
         "state": "done", "cpu_seconds": took}
        for name, took in (("a", 30.0), ("b", 50.0))
    ]  # fmt: skip
    (tmp_path / "trial").mkdir()
    told = {"outputs": ["record"], "districts": [*rows, rows[0] | {"state": "failed"}]}
    (tmp_path / "trial" / "batch.json").write_text(json.dumps(told), "utf-8")
    found = estimate(table, outputs=["record"], like=tmp_path / "trial")
    assert found.cpu_seconds == pytest.approx(3 * 40)
    assert (found.least, found.most) == pytest.approx((0.75, 1.25))
    asked = ["estimate", table, "--like", tmp_path / "trial", "--outputs", "record"]
    _, said, _ = call(capsys, *asked, "--workers", 2, "--json")
    assert json.loads(said)["seconds"] == pytest.approx(60)
    _, said, _ = call(capsys, *asked, "--workers", 2, "--lang", "en")
    assert "2 minutes of processor time" in said
    assert "some 60 seconds (45 seconds to 75 seconds)" in said
    assert "estimate" in said


@pytest.mark.parametrize("content", [None, "{}", '{"outputs": [], "districts": []}'])
def test_a_batch_without_times_is_refused(table, tmp_path, capsys, content):
    if content is not None:
        (tmp_path / "batch.json").write_text(content, "utf-8")
    status, _, said = call(capsys, "estimate", table, "--like", tmp_path, "--lang", "en")
    assert status == 2
    assert "batch.json" in said


def test_lists_do_not_tell_how_many_before_they_are_read(table, monkeypatch):
    monkeypatch.setattr(estimating, "rows_of_communities", lambda *_: None)
    found = estimate(table)
    assert found.untold == 3
    assert found.communities == 3 * rates()["communities"]


def test_a_scenario_that_does_not_hold_is_told_with_the_table(table, toy_city, capsys):
    toy_city.write_text(toy_city.read_text("utf-8").replace("cutoff_min", "cutof_min"), "utf-8")
    status, said, complained = call(capsys, "estimate", table, "--lang", "en")
    assert (status, said) == (2, "")
    assert "cutof_min" in complained
