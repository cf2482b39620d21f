"""Folders of results: what is somebody's own stays, and a kill at any step loses nothing."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from planner.district.reading import folders
from planner.district.reading.folders import check_folder, mend, save_folder
from planner.errors import InputError

KILLS = Path(__file__).parent / "support" / "kills.py"
OWN = [
    "report.pdf", "map.png", "map.qgz", "map.html.bak", "tables.xlsx", "plan.docx", "manifest.txt",
    "tables/own.csv", "tables/deep/own.csv", "pictures/own.png", "comparison.docx", "own/plan.json",
    ".hidden", "意见.docx", "report.docx~",
]  # fmt: skip
RESULT = {"plan.json": "1", "report.docx": "1", "tables/gaps.csv": "1", "pictures/map.png": "1"}


@pytest.mark.parametrize("name", OWN)
def test_a_file_of_somebodys_own_is_not_touched(tmp_path, name):
    folder = tmp_path / "out"
    save_folder(folder, RESULT)
    own = folder / name
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("own")
    before = own.stat()
    save_folder(folder, {"plan.json": "2"})
    assert own.read_text() == "own"
    assert (own.stat().st_ino, own.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert (folder / "plan.json").read_text() == "2"
    assert not (folder / "report.docx").exists()


def test_links_empty_folders_and_rights_of_somebodys_own_stay(tmp_path):
    folder = tmp_path / "out"
    save_folder(folder, RESULT)
    (folder / "own").mkdir(mode=0o700)
    (folder / "link").symlink_to("nowhere")
    (folder / "tables" / "link").symlink_to(tmp_path)
    save_folder(folder, RESULT)
    assert (folder / "own").stat().st_mode & 0o777 == 0o700
    assert (folder / "link").readlink() == Path("nowhere")
    assert (folder / "tables" / "link").readlink() == tmp_path


def test_an_own_file_that_bears_the_name_of_a_new_one_gets_a_number(tmp_path):
    folder = tmp_path / "out"
    save_folder(folder, {"plan.json": "1"})
    (folder / "report.docx").write_text("own")
    (folder / "tables").write_text("own")
    save_folder(folder, RESULT)
    assert (folder / "report (1).docx").read_text() == "own"
    assert (folder / "tables (1)").read_text() == "own"
    assert (folder / "report.docx").read_text() == "1"


def test_a_result_without_a_manifest_is_replaced_name_by_name(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "plan.json").write_text('{"schema_version": 1}')
    (folder / "report.pdf").write_text("own")
    save_folder(folder, RESULT)
    assert (folder / "plan.json").read_text() == "1"
    assert (folder / "report.pdf").read_text() == "own"


@pytest.mark.parametrize("content", ["{}", "[]", "no json", '["schema"]', "[" * 10_000])
def test_a_plan_of_somebodys_own_makes_no_result_of_a_folder(tmp_path, content):
    (tmp_path / "plan.json").write_text(content)
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(InputError) as raised:
        check_folder(tmp_path)
    assert [problem.key for problem in raised.value.problems] == ["io.not_a_result"]


def test_a_kill_at_any_step_leaves_the_old_or_the_new_result_and_all_that_is_own(tmp_path):
    run = [sys.executable, str(KILLS), str(tmp_path)]
    found = json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
    own = {"map.qgz", "tables/own.csv", "pictures/own/a.png", "意见.docx"}
    old, new = {"plan.json", "tables/gaps.csv"}, {"plan.json", "tables/gaps.csv", "report.pdf"}
    states = set()
    for case in found:
        for when in ("left", "mended", "latest"):
            content = case[when]
            if when == "left" and content is None:
                # Only where the system cannot exchange folders, and the next run mends it.
                assert not case["exchanging"]
                continue
            assert {content[name] for name in own} == {"own"}, case
            told = content["plan.json"]
            states.add((case["exchanging"], when, told))
            names = new if told == "new" else old
            assert {content[name] for name in names - {"report.pdf"}} == {told}, case
            assert content.get("report (1).pdf" if told == "new" else "report.pdf") == "own" or (
                when == "latest" and content.get("report (1).pdf") == "own"
            ), case
        assert case["beside"] == ["out"], case
    assert len(found) > 100  # both ways of replacing, each at some fifty steps and more
    for exchanging in (True, False):
        assert {(exchanging, "left", "old"), (exchanging, "left", "new")} <= states


def test_a_run_under_way_is_not_mended(tmp_path):
    folder = tmp_path / "out"
    save_folder(folder, {"plan.json": "1"})

    def meanwhile(path):
        mend(folder)
        path.write_text("2")

    save_folder(folder, {"plan.json": meanwhile})
    assert (folder / "plan.json").read_text() == "2"


@pytest.mark.parametrize("out", ["/", "a\nb", "a\tb", "x" * 256, "长" * 86, ".planner-x"])
def test_an_odd_name_for_a_folder_is_refused_before_any_work(tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as raised:
        check_folder(Path(out))
    assert [problem.key for problem in raised.value.problems] == ["io.no_folder_name"]
    for lang in ("zh", "en"):
        assert all("\n" not in line for line in raised.value.say(lang))


def test_the_longest_name_can_be_written_and_replaced(tmp_path):
    folder = tmp_path / ("x" * 255)
    for _ in range(2):
        save_folder(folder, RESULT)
    assert (folder / "plan.json").exists()


def test_a_path_that_is_too_long_is_refused(tmp_path):
    with pytest.raises(InputError) as raised:
        check_folder(tmp_path / "/".join(["x" * 200] * 30))
    assert [problem.key for problem in raised.value.problems] == ["io.cannot_write"]


@pytest.mark.parametrize("step", ["is_dir", "iterdir"])
def test_a_result_that_nobody_else_may_look_into_is_told(tmp_path, monkeypatch, step):
    save_folder(tmp_path / "out", RESULT)

    def closed(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, step, closed)
    with pytest.raises(InputError) as raised:
        check_folder(tmp_path / "out")
    assert [problem.key for problem in raised.value.problems] == ["io.cannot_write"]


def test_a_result_of_somebody_elses_is_told_before_any_work(tmp_path, monkeypatch):
    save_folder(tmp_path / "out", RESULT)
    allowed = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: path != tmp_path / "out" and allowed(path, mode)
    )
    with pytest.raises(InputError) as raised:
        check_folder(tmp_path / "out")
    assert [problem.key for problem in raised.value.problems] == ["io.cannot_write"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_a_disk_that_is_full_is_told_and_the_old_result_stays(tmp_path, code):
    def full(_: Path) -> None:
        raise OSError(code, os.strerror(code))

    save_folder(tmp_path / "out", RESULT)
    with pytest.raises(InputError) as raised:
        save_folder(tmp_path / "out", {"plan.json": "2", "map.html": full})
    assert [problem.key for problem in raised.value.problems] == ["io.cannot_write"]
    assert (tmp_path / "out" / "plan.json").read_text() == "1"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_where_folders_cannot_be_exchanged_there_are_two_steps(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "exchange", lambda *_: False)
    save_folder(tmp_path / "out", RESULT)
    (tmp_path / "out" / "own.txt").write_text("own")
    save_folder(tmp_path / "out", {"plan.json": "2"})
    assert (tmp_path / "out" / "plan.json").read_text() == "2"
    assert (tmp_path / "out" / "own.txt").read_text() == "own"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
