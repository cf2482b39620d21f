"""What a draft reads is read once, and comes out as though all were read again."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from conftest import EAST, NORTH, Toy

from planner.district.once import Once, but_for_sites
from planner.district.reading import ground, load, read, vector
from planner.draft import Question, draft, nobody
from planner.errors import Problems
from planner.settings import resolve

DRAFTS = sys.modules["planner.draft.draft"]
OPENS = {
    "features": (vector, "_read"),
    "text": (read, "read_text"),
    "book": (read, "read_workbook"),
}


def knows(question: Question) -> str | None:
    """An officer who knows what the lists are."""
    name = dict(question.values).get("name")
    return "care_station" if name == "stations.csv" else nobody(question)


def with_faults(toy: Toy, folder: Path, *, streets: bool = True) -> None:
    """Lists of which one has a row off the streets, and one a row without a place."""
    toy.write(folder).unlink()
    if not streets:
        (folder / "streets.gpkg").unlink()
    for name, place in (("shelters", (EAST + 750, NORTH + 1100)), ("stations", (None, None))):
        table = toy.sheets[name].copy()  # others use the toy, too
        more = {**table.iloc[0], "id": f"{name}+", "name": f"{name}+"}
        table.loc[len(table)] = more | dict(zip("xy", place, strict=True))
        table.to_csv(folder / f"{name}.csv", index=False)


def of_daan(shared: Path, folder: Path) -> None:
    shutil.copytree(shared / "data" / "taipei-daan", folder, dirs_exist_ok=True)


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Count how often streets are read, the district is, and each file is opened."""
    done: Counter = Counter()

    def _watch(module: object, name: str, *, of_file: bool) -> None:
        real = getattr(module, name)

        def _watched(*given, **more):
            done[(name, Path(given[0]).name, *map(str, given[2:])) if of_file else name] += 1
            return real(*given, **more)

        monkeypatch.setattr(module, name, _watched)

    for module, name in OPENS.values():
        _watch(module, name, of_file=True)
    for module, name in (
        (ground, "read_streets"),
        (load, "read_communities"),
        (DRAFTS, "load_area"),
    ):
        _watch(module, name, of_file=False)
    return done


def drafted_as_before(folder: Path, lang: str, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as plain:
        plain.setattr(DRAFTS, "Once", partial(Once, holds=False))
        return draft(folder, lang, knows)


def same_and_read_once(
    folder: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, Counter]:
    before = drafted_as_before(folder, lang, monkeypatch)
    done = counted(monkeypatch)
    made = draft(folder, lang, knows)
    assert (made.text, made.left) == (before.text, before.left)
    assert (made.problems, made.unread) == (before.problems, before.unread)
    opened = {key: n for key, n in done.items() if isinstance(key, tuple)}
    assert len(opened) > 4
    assert set(opened.values()) == {1}
    return made.text, done


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_streets_are_read_once_though_the_draft_is_checked_twice(toy, tmp_path, lang, monkeypatch):
    with_faults(toy, tmp_path)
    told, done = same_and_read_once(tmp_path, lang, monkeypatch)
    assert 'missing_coordinates = "skip"' in told or 'missing_coordinates = "community"' in told
    assert 'outside = "skip"' in told
    assert done["load_area"] >= 2
    assert (done["read_streets"], done["read_communities"]) == (1, 1)


def test_without_streets_communities_are_read_once(toy, tmp_path, monkeypatch):
    with_faults(toy, tmp_path, streets=False)
    _, done = same_and_read_once(tmp_path, "en", monkeypatch)
    assert done["load_area"] >= 2
    assert done["read_communities"] == 1


@pytest.mark.shared
def test_of_daan_streets_are_read_once(shared, tmp_path, monkeypatch):
    of_daan(shared, tmp_path)
    _, done = same_and_read_once(tmp_path, "zh", monkeypatch)
    assert done["load_area"] >= 2
    assert (done["read_streets"], done["read_communities"]) == (1, 1)


def test_a_part_is_found_again_by_all_that_it_rests_on():
    once, log, table = Once(), [], pd.DataFrame({"a": [1]})

    def _make() -> object:
        log.append(len(log))
        return object()

    first = once.do("part", ("a", 1, table), [log], _make)
    assert once.do("part", ("a", 1, table), [log], _make) is first
    assert log == [0, 0]  # told again, not done again
    for part, rests_on in (
        ("other", ("a", 1, table)), ("part", ("b", 1, table)), ("part", ("a", True, table)),
        ("part", ("a", 1, table.copy())),
    ):  # fmt: skip
        assert once.do(part, rests_on, [log], _make) is not first
    assert log == [0, 0, 2, 3, 4, 5]


def test_what_is_wrong_is_noted_of_whoever_asks():
    once, n = Once(), Counter()

    def _make(note) -> str:
        n["done"] += 1
        note("io.empty", value=0)
        return "made"

    for file in ("a", "b"):
        problems = Problems()
        note = partial(problems.add, file=file)
        assert once.noted("part", (), note, _make) == "made"
        assert [(one.key, one.file) for one in problems.found] == [("io.empty", file)]
    assert n["done"] == 1


def test_an_error_is_not_held():
    once, n = Once(), Counter()

    def _make(note) -> str:
        n["done"] += 1
        note("io.empty", value=0)
        raise KeyError

    for _ in range(2):
        problems = Problems()
        with pytest.raises(KeyError):
            once.noted("part", (), partial(problems.add, file="a"), _make)
        assert len(problems.found) == 1
    assert n["done"] == 2


def test_sites_alone_leave_the_rest_as_it_was():
    base = {"title": "x", "communities": {"file": "a.gpkg"}, "streets": {"file": "s.gpkg"}}
    one = but_for_sites(resolve(base | {"facilities": [{"file": "f.csv"}]}))
    assert one == but_for_sites(
        resolve(base | {"facilities": [{"file": "f.csv", "outside": "skip"}], "title": "y"})
    )
    assert one != but_for_sites(resolve(base | {"year": 2020, "facilities": [{"file": "f.csv"}]}))


def test_settings_that_differ_in_more_than_sites_are_told_apart():
    words = {"title": "x", "communities": {"file": "a.gpkg"}, "streets": {"file": "s.gpkg"}}
    site = {"file": "b.csv", "kind": "canteen"}
    asked = [words, words | {"facilities": [site]}, words | {"walk": {"preset": "frail"}}]
    once = Once()
    first, sites, other = (once.do("part", (resolve(one),), ([],), object) for one in asked)
    assert first is sites
    assert first is not other
