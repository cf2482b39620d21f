"""What differs on Windows: drives, locks, files that are open, code pages, names of devices."""

import io
import json
import ntpath
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from planner import cli
from planner.batch import read_districts
from planner.district.reading import files, folders
from planner.errors import InputError


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (r"C:\data\district\a.csv", "a.csv"),
        (r"C:\data\city\streets.gpkg", "../city/streets.gpkg"),
        ("c:/Data/city/streets.gpkg", "../city/streets.gpkg"),
        (r"D:\city\streets.gpkg", "D:/city/streets.gpkg"),
        (r"\\server\share\streets.gpkg", "//server/share/streets.gpkg"),
    ],
)
def test_a_path_is_seen_from_a_folder_across_drives(monkeypatch, path, told):
    monkeypatch.setattr(files, "os", SimpleNamespace(path=ntpath, sep="\\"))
    assert files.seen_from(r"C:\data\district", path) == told


class Locks(SimpleNamespace):
    """The module `msvcrt` as far as it locks: bytes of a file from where it stands."""

    LK_NBLCK = 2

    def locking(self, number, mode, count):
        assert (mode, count) == (self.LK_NBLCK, 1)
        place = (os.fstat(number).st_ino, os.lseek(number, 0, os.SEEK_CUR))
        if place in self.held:
            raise PermissionError(13, "Permission denied")
        self.held.add(place)


def test_a_file_is_locked_once(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "msvcrt", Locks(held=set()))
    monkeypatch.setattr(sys, "platform", "win32")
    (tmp_path / "lock").write_bytes(b"12345")
    with (tmp_path / "lock").open("a+b") as one, (tmp_path / "lock").open("r+b") as other:
        assert folders.hold(one)
        assert not folders.hold(other)


def test_what_a_killed_run_left_goes_though_open_files_stay(monkeypatch, tmp_path):
    folder, opened = tmp_path / "result", []
    folder.mkdir()
    left = Path(f"{folder.parent / folders._workshop_of(folder)}killed")
    (left / "new").mkdir(parents=True)
    (left / folders._LOCK).touch()
    unlink = Path.unlink

    def _refuse(path, **more):
        if any(not lock.closed and Path(lock.name) == path for lock in opened):
            raise PermissionError(32, "used by another process", str(path))
        unlink(path, **more)

    monkeypatch.setattr(folders, "hold", lambda lock: opened.append(lock) or True)
    monkeypatch.setattr(Path, "unlink", _refuse)
    folders.mend(folder)
    assert opened
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def printed(monkeypatch, encoding, *arguments):
    """What a command writes into a file in an encoding, as bytes."""
    content = io.BytesIO()
    with monkeypatch.context() as here:
        here.setattr(sys, "stdout", io.TextIOWrapper(content, encoding=encoding))
        cli.main([str(one) for one in arguments])
        sys.stdout.flush()
        return content.getvalue()


@pytest.mark.parametrize("encoding", ["cp936", "cp1252"])
def test_what_a_code_page_lacks_stops_no_command(monkeypatch, toy_city, encoding):
    told = printed(monkeypatch, encoding, "check", toy_city, "--lang", "en").decode(encoding)
    assert "Everything holds" in told
    assert "?" in told


@pytest.mark.parametrize("encoding", ["cp936", "cp1252"])
def test_a_program_reads_the_same_in_any_code_page(monkeypatch, toy_city, encoding):
    asked = ("check", toy_city, "--lang", "zh", "--json")
    plain, other = (json.loads(printed(monkeypatch, one, *asked)) for one in ("utf-8", encoding))
    assert plain == other
    assert any("→" in note for note in plain["notes"])


@pytest.mark.parametrize("name", ["CON", "aux.2024", "Lpt1"])
def test_no_district_has_the_name_of_a_device(toy_city, name):
    table = toy_city.parent / "districts.csv"
    table.write_text(f"name,scenario\n{name},scenario.toml\n", "utf-8")
    with pytest.raises(InputError, match=name):
        read_districts(table)
