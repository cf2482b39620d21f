"""Limits of a run, and what the machine itself refuses: one clear line, nothing half-written."""

import errno
import gc
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.processes import run_all
from test_cli import call

from planner import api
from planner.cli import limits, main
from planner.district.reading.estimate import BASE_BYTES, estimate, rows_of_communities


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNER_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("NO_COLOR", "1")


def test_a_run_within_its_limits_ends_as_any_other(capfd, toy_city, tmp_path):
    out = tmp_path / "out"
    asked = ["--memory-limit", 64, "--time-limit", 3600, "--set", "year=2021", "--lang", "zh"]
    asked += ["--set", "siting=[]", "--outputs", "record"]
    status, _, err = call(capfd, "run", toy_city, "--out", out, *asked)
    assert status == 0, err
    assert '"year": 2021' in (out / "plan.json").read_text("utf-8")


def test_a_run_that_would_take_too_much_is_refused_with_what_would_fit(
    capsys, toy_city, tmp_path, monkeypatch
):
    monkeypatch.setattr(limits, "run_within", lambda *_, **__: pytest.fail("it was begun"))
    with (toy_city.parent / "demand.csv").open("a") as file:
        file.write("\n" * 10**8)  # a file as large as that of millions of dwellings
    status, _, err = call(capsys, "run", toy_city, "--out", tmp_path / "out", "--memory-limit", 2)
    assert status == 2
    assert "3.9" in err or "4.0" in err  # 100 MB of text are 3.5 GB, and the program 0.5
    assert "demand.csv" in err
    assert "limit is 2 GB" in err
    assert "44%" in err  # of that file would fit
    assert not (tmp_path / "out").exists()


def test_the_estimate_grows_with_the_files(toy_city):
    settings, folder = api.read_settings(toy_city)
    before = estimate(settings, folder)
    assert before.total_bytes > BASE_BYTES
    assert set(before.file_bytes) >= {"demand.csv", "streets.gpkg", "communities.gpkg"}
    (folder / "demand.csv").write_bytes(b" " * 10**7)
    assert estimate(settings, folder).file_bytes["demand.csv"] == 35 * 10**7
    (folder / "demand.csv").unlink()
    assert "demand.csv" not in estimate(settings, folder).file_bytes


def test_packed_files_count_as_what_they_hold(toy_city):
    settings, folder = api.read_settings(toy_city)
    communities, demand = settings.communities, settings.demand
    packed, columns, broken = (folder / name for name in ("a.xlsx", "c.parquet", "d.xlsx"))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", b" " * 10**6)
    people = pd.DataFrame({"people": np.zeros(10**5)})
    people.to_parquet(columns)
    broken.write_bytes(b"PK" + b" " * 10**6)
    held = {}
    for path in (packed, columns, broken):
        asked = settings.model_copy(
            update={"demand": demand.model_copy(update={"file": path.name})}
        )
        held[path] = estimate(asked, folder).file_bytes[path.name]
    assert held[packed] > 10**6 > 100 * packed.stat().st_size
    assert held[columns] > 0
    assert held[broken] == 0  # it is told of when it is read
    rows = {
        name: rows_of_communities(
            settings.model_copy(
                update={"communities": communities.model_copy(update={"file": name})}
            ),
            folder,
        )
        for name in (communities.file, columns.name, broken.name, "none.gpkg", None)
    }
    assert list(rows.values()) == [6, 10**5, None, None, None]


SLEEPER = "import sys, time; sys.stdout.write('begun'); sys.stdout.flush(); time.sleep(600)"
EATER = "import time; kept = bytearray(400_000_000); time.sleep(60)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {EATER!r}])"


@pytest.mark.parametrize(
    ("program", "asked", "key"),
    [
        (SLEEPER, {"memory_gb": None, "time_s": 0.5}, "cli.over_time"),
        (EATER, {"memory_gb": 0.2, "time_s": None}, "cli.over_memory"),
        (PARENT, {"memory_gb": 0.2, "time_s": None}, "cli.over_memory"),
    ],
)
def test_a_run_that_takes_too_much_is_stopped_and_cleared_away(
    tmp_path, monkeypatch, program, asked, key
):
    started = []
    popen = subprocess.Popen

    def start(arguments):
        started.append(popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL))
        return started[0]

    cleared = []
    monkeypatch.setattr(limits.subprocess, "Popen", start)
    monkeypatch.setattr(api, "clear_folder", cleared.append)
    with pytest.raises(limits.SettingsError) as raised:
        limits.run_within(["run"], tmp_path / "out", **asked)
    assert [problem.key for problem in raised.value.problems] == [key]
    assert started[0].returncode < 0
    assert cleared == [tmp_path / "out"]


def test_a_run_that_the_system_stops_is_told(tmp_path, monkeypatch):
    popen = subprocess.Popen
    program = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setattr(
        limits.subprocess, "Popen", lambda _: popen([sys.executable, "-c", program])
    )
    with pytest.raises(limits.SettingsError) as raised:
        limits.run_within(["run"], tmp_path, memory_gb=None, time_s=None)
    assert [(p.key, p.value) for p in raised.value.problems] == [("cli.was_stopped", 9)]


@pytest.mark.parametrize("wrong", ["nan", "-1", "0", "inf", "x"])
@pytest.mark.parametrize("option", ["--memory-limit", "--time-limit"])
def test_a_limit_that_is_none_is_refused(capsys, toy_city, tmp_path, option, wrong):
    status, _, err = call(capsys, "run", toy_city, "--out", tmp_path / "out", option, wrong)
    assert status == 2
    assert option in err
    assert not (tmp_path / "out").exists()


UNREAD = ["standards list", "check {} --lang en", "demo --list", "--help"]
FULL = Path("/dev/full")


@pytest.fixture(scope="module")
def ended(toy, tmp_path_factory):
    """How command lines end whose output nobody reads, and one whose output finds no room."""
    scenario = toy.write(tmp_path_factory.mktemp("unread"))
    commands = [command.format(scenario) for command in UNREAD]
    reader, closed = os.pipe()
    os.close(reader)
    full = [os.open(FULL, os.O_WRONLY)] if FULL.exists() else []
    try:
        return run_all([*commands, *commands[: len(full)]], [*[closed] * len(commands), *full])
    finally:
        for file in (closed, *full):
            os.close(file)


def test_output_that_nobody_reads_any_more_ends_without_a_word(ended):
    for command, (status, err) in zip(UNREAD, ended, strict=False):
        assert "Traceback" not in err, command
        assert "Exception ignored" not in err, command
        assert status == 1, command


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_output_to_a_full_disk_is_told(ended):
    (status, err) = ended[len(UNREAD)]
    assert "Traceback" not in err
    assert "No space left" in err
    assert status == 2


def test_a_disk_that_is_full_while_results_are_written_is_told(capsys, toy_city, tmp_path):
    """No file may grow beyond 200 kB: as on a full disk, in every way that files are written."""
    out = tmp_path / "out"
    program = (
        "import resource, sys; from planner import cli; from planner.network import warm_up;"
        "warm_up(); resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000));"
        "cli.main(sys.argv[1:])"
    )
    words = ["run", str(toy_city), "--out", str(out), "--lang", "en", "--set", "siting=[]"]
    ended = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    assert ended.returncode == 2
    assert "cannot be written" in ended.stderr
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["toy"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EMFILE])
def test_what_the_system_refuses_is_told_in_one_line(capsys, toy_city, monkeypatch, code):
    def refused(*_, **__):
        raise OSError(code, os.strerror(code), "somewhere")

    monkeypatch.setattr(api, "check", refused)
    status, _, err = call(capsys, "check", toy_city)
    assert status == 2
    assert os.strerror(code) in err
    assert len(err.strip().splitlines()) == 2


def test_a_command_looks_for_garbage_seldom_and_leaves_it_to_others_as_it_was(
    capsys, toy_city, monkeypatch
):
    before, within = gc.get_threshold(), []

    def refused(*_, **__):
        within.append(gc.get_threshold())
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(api, "check", refused)
    assert call(capsys, "check", toy_city)[0] == 2
    assert within[0][0] > before[0]
    assert gc.get_threshold() == before


def test_a_process_ends_without_looking_through_all_that_there_was():
    """What is registered first is called last: after the command's own ways to an end."""
    program = (
        "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 10_000));"
        "from planner import cli; cli.main(['--version']); cli.main(['--version'])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[-1] == "True"


def test_a_fault_of_the_program_still_shows_where_it_is(toy_city, monkeypatch):
    def broken(*_, **__):
        raise OSError(errno.ENOTDIR, "a bug")

    monkeypatch.setattr(api, "check", broken)
    with pytest.raises(OSError, match="a bug"):
        main(["check", str(toy_city)])


def test_memory_that_runs_out_is_told(capsys, toy_city, monkeypatch):
    def hungry(*_, **__):
        raise MemoryError

    monkeypatch.setattr(api, "check", hungry)
    status, _, err = call(capsys, "check", toy_city)
    assert status == 2
    assert "not enough memory" in err


@pytest.mark.parametrize(("tiles", "told"), [("tianditu", True), ("none", False)])
def test_a_map_with_a_key_says_that_mailing_it_mails_the_key(
    capsys, toy_city, tmp_path, monkeypatch, tiles, told
):
    monkeypatch.setattr("planner.plans.report.files", lambda *_, **__: {})  # the map alone matters
    key = "0123456789abcdef"
    chosen = ["--outputs", "map", "--set", f"map.tiles={tiles}", "--set", f"map.tianditu_key={key}"]
    out = tmp_path / "out"
    status, _, err = call(capsys, "run", toy_city, "--out", out, *chosen)
    assert status == 0
    assert ("holds your Tianditu key" in err) == told
    assert (key in (out / "map.html").read_text("utf-8")) == told
