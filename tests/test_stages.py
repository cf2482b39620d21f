"""Stages that are kept give what computing gives, whatever is changed, and hold no code."""

import json
import os
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import Toy
from matplotlib.path import Path as Line
from test_cli import call

import planner
from planner import api, checking
from planner.district.area import StudyArea
from planner.district.reading import standing
from planner.district.reading.alike import reading_key
from planner.kept import KeptArea
from planner.output import pieces
from planner.output.report.figures.canvas import Canvas, Dots, Mark, rectangle
from planner.settings import Settings
from planner.study import scenario as study
from planner.study.plan import Plan
from planner.study.records import RECORDS
from planner.study.siting_study import models as siting_models
from planner.study.stages import Stages, only, store
from planner.study.stages.codec import UnknownTypeError, ValueReader, ValueWriter

# Beside the toy's own: what stages read that the toy does not ask for.
MORE = """
[[service]]
kind = "care_station"

[[delivery]]
kind = "canteen"

[[changes]]
action = "close"
facility = "S2"
year = 2023

[standards]
profiles = ["own.toml"]
"""
PROFILE = """
zh = "自定"
en = "own"
source = "test"
grade = "unverified"

[targets.reached]
zh = "步行可达"
en = "reached"
indicator = "people_coverage"
kind = "canteen"
must = 0.5
"""
# Changes of what stages read, one of each sort, and of what none reads. What is told of files is
# the key of the study area as a whole.
CHANGES = {
    "lang": '"zh-TW"',
    "year": "2022",
    "years": "[2021]",
    "demand.crs": '"EPSG:4548"',
    "walk.speed_mps": "0.6",
    "walk.max_snap_m": "41",
    "walk.avoid": '["steps"]',
    "walk.factors": "{ steps = 2.0 }",
    "streets.closed": '["横1路"]',
    "streets.heights": '"lines"',
    "travel.table": '"od.csv"',
    "travel.mode": '"e_bike"',
    "hours.open_at": '"11:00-12:00"',
    "coverage.cutoff_min": "10",
    "coverage.covered_share": "0.9",
    "coverage.group": '"population"',
    "coverage.inside_share": "0.99",
    "siting.0.new": "2",
    "service.0.need": "0.5",
    "delivery.0.need": "0.5",
    "changes.0.year": "2019",
    "standards.not_applicable": '{ reached = "no" }',
}
NEVER_READ = ['title="别的"', 'note="n"', 'map.kind="shelter"', 'outputs.indicators=["density"]']


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder where stages are kept."""
    folder = tmp_path / "kept"
    monkeypatch.setattr("planner.kept.cache_folder", lambda: folder)
    return folder


@pytest.fixture(scope="module")
def busy(toy: Toy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy city with a question of every sort."""
    path = toy.write(tmp_path_factory.mktemp("busy") / "toy")
    (path.parent / "own.toml").write_text(PROFILE, "utf-8")
    kinds = np.where(toy.streets["name"] == "纵1路", "steps", "residential")
    hilly = shapely.transform(
        shapely.force_3d(toy.streets.geometry.array),
        lambda xyz: np.column_stack([xyz[:, :2], 0.05 * (xyz[:, 1] - xyz[:, 1].min())]),
        include_z=True,
    )
    streets = toy.streets.assign(highway=kinds).set_geometry(hilly)
    streets.to_file(path.parent / "streets.gpkg", engine="pyogrio")
    od = "demand,facility,minutes\na1,S1,4\na1,X1,6\nb1,K1,9\nB,H1,11\n"
    (path.parent / "od.csv").write_text(od, "utf-8")
    one = toy.scenario.replace('[[siting]]\nkind = "canteen"\nmodel = "set_cover"\n', "")
    path.write_text(one.replace("[overrides.later]", f"{MORE}\n[overrides.later]", 1), "utf-8")
    for more in ([], ['streets.closed=["横1路"]'], ["streets.heights=lines"]):
        api.check(
            path, set=more
        )  # compiles the streets: opened again, their CRS is spelt otherwise
    return path


def run(scenario: Path, *assign: str, **more: Any) -> Plan:
    """Run a scenario with its stages kept, as the command line does."""
    return api.run(scenario, set=assign, made=standing.made_of(scenario, assign=assign), **more)


def same(one: Any, other: Any, at: str = "") -> None:
    """Hold two values to be of the same types with the same content, to the last bit."""
    assert type(one) is type(other), at
    if isinstance(one, pd.DataFrame):
        same(one.index, other.index, at)
        same(one.columns, other.columns, at)
        for n, name in enumerate(one.columns):
            same(one.iloc[:, n].array, other.iloc[:, n].array, f"{at}.{name}")
        if isinstance(one, gpd.GeoDataFrame):
            assert one.crs == other.crs if "geometry" in one else True, at
    elif isinstance(one, pd.Series):
        same([one.index, one.array, one.name], [other.index, other.array, other.name], at)
    elif isinstance(one, pd.Index):
        assert one.dtype == other.dtype, at
        assert one.equals(other), at
        assert one.names == other.names, at
    elif isinstance(one, gpd.array.GeometryArray):
        assert (one.crs, str(one.crs)) == (other.crs, str(other.crs)), at
        assert shapely.to_wkb(one).tolist() == shapely.to_wkb(other).tolist(), at
    elif isinstance(one, pd.api.extensions.ExtensionArray):
        assert one.dtype == other.dtype, at
        same([*one], [*other], at)
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape), at
        assert one.tolist() == other.tolist() or one.tobytes() == other.tobytes(), at
    elif isinstance(one, shapely.Geometry):
        assert shapely.equals_identical(one, other), at
    elif is_dataclass(one):
        for field in fields(one):
            if field.init and field.name != "kept":
                same(getattr(one, field.name), getattr(other, field.name), f"{at}.{field.name}")
    elif isinstance(one, dict):
        same([[*one], [*one.values()]], [[*other], [*other.values()]], at)
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), at
        for n, (here, there) in enumerate(zip(one, other, strict=True)):
            same(here, there, f"{at}[{n}]")
    else:
        assert one is other or one == other or (one != one and other != other), at  # noqa: PLR0124


def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """List what is computed from now on."""
    done: list[str] = []
    places = {
        "read": "planner.district.reading.load.load_area",
        "_measure": "planner.study.scenario.measure_coverage",
        "_rings": "planner.study.scenario.walked_rings",
        "_against": "planner.study.scenario.hold_against",
        "siting": "planner.study.scenario.propose_all",
        "years": "planner.study.scenario.figures_over_years",
    }
    for name, place in places.items():
        module, _, function = place.rpartition(".")
        real = getattr(__import__(module, fromlist=[""]), function)

        def watched(
            *given: Any, name: str = name, real: Callable[..., Any] = real, **more: Any
        ) -> Any:
            done.append(name)
            return real(*given, **more)

        monkeypatch.setattr(place, watched)
    return done


def test_what_is_kept_comes_back_to_the_last_bit(busy, warm, kept):
    assert [*warm.iterdir()]  # its streets are compiled, and open as they were kept
    first = run(busy)
    again = run(busy)
    assert again.area is not first.area
    same(first, again)
    same(first, api.run(busy))


def test_every_part_of_the_settings_is_in_the_key_of_what_reads_it():
    # What no stage reads is read for the area, whose key leaves out what reading does not look at.
    read = {name for names in study._READS.values() for name in names}
    parts = {*Settings.model_fields}
    settings = Settings.model_validate(LEAST)
    area = {*reading_key(settings)}
    assert parts - read - area == {
        "title", "title_en", "note", "note_en", "lang", "use", "scenarios", "map", "outputs",
    }  # fmt: skip
    for names in study._READS.values():
        told = only(settings, names).model_dump()
        assert {*names} <= {*told}
        assert {"year", "changes", "walk", "coverage"} <= {*names}


LEAST = {"title": "T", "communities": {"hexagons_m": 500}, "streets": {"file": "s.gpkg"}}


@pytest.fixture(scope="module")
def warm(busy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that keeps the stages of the busy toy as it is."""
    folder = tmp_path_factory.mktemp("warm")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.kept.cache_folder", lambda: folder)
        run(busy)
    return folder


class MadeAnew(Stages):
    """What a run has made anew, and nothing that it has found: the rest is made here.

    What it has made is not told from what it would make again, and takes most of the time.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.made: dict[str, Any] = {}
        self.area: list[StudyArea] = []
        keep = Stages.keep

        def seen(stages: Stages, key: str, value: Any) -> None:
            self.base, self.made[key] = stages.base, value
            self.area += [value] if isinstance(value, StudyArea) else []
            keep(stages, key, value)

        patch.setattr(Stages, "keep", seen)

    def find(self, key: str) -> tuple[bool, Any]:
        return key in self.made, self.made.get(key)

    def run(self, scenario: Path, assign: list[str], patch: pytest.MonkeyPatch) -> Plan:
        """Run a scenario with no more than that."""
        checked = api.read_and_check
        if self.area:
            patch.setattr(checking.load, "load_area", lambda *_: self.area[0])
        patch.setattr(api, "read_and_check", lambda *asked, **_: (*checked(*asked)[:2], self))
        return api.run(scenario, set=assign)


@pytest.mark.parametrize("key", CHANGES)
def test_no_change_of_a_setting_finds_what_is_stale(key, busy, warm, monkeypatch):
    monkeypatch.setattr("planner.kept.cache_folder", lambda: warm)
    assign = [f"{key}={CHANGES[key]}"]
    anew = MadeAnew(monkeypatch)
    ends = []
    for ended in (lambda: run(busy, *assign), lambda: anew.run(busy, assign, monkeypatch)):
        try:
            ends.append(ended())
        except planner.PlannerError as error:
            ends.append(sorted(error.say("en")))
    same(*ends)


def test_what_no_stage_reads_computes_nothing(busy, warm, monkeypatch):
    monkeypatch.setattr("planner.kept.cache_folder", lambda: warm)
    done = computed(monkeypatch)
    plan = run(busy, *NEVER_READ)
    assert not done
    assert plan.settings.title == "别的"


def test_another_siting_question_computes_what_hangs_on_it_alone(busy, warm, monkeypatch):
    monkeypatch.setattr("planner.kept.cache_folder", lambda: warm)
    done = computed(monkeypatch)
    run(busy, "siting.0.minutes=12")
    assert done == ["siting", "_measure"]


def test_the_front_is_one_for_any_number_of_new_sites(busy, kept, monkeypatch):
    """It is made of tables and rules: another limit or rule makes another one."""
    made: list[pd.DataFrame] = []
    real = siting_models.front

    def front(*given: Any) -> pd.DataFrame:
        made.append(real(*given))
        return made[-1]

    monkeypatch.setattr(siting_models, "front", front)
    first, second = (
        run(busy, "siting.0.front=3", f"siting.0.new={new}").siting[0].front for new in (1, 2)
    )
    assert len(made) == 1
    assert len(first)
    same(first, second)
    for more in (
        "siting.0.front=2",
        "siting.0.minutes=10",
        'siting.0.forbidden=["X1"]',
        'siting.0.group="population"',
        "siting.0.times=2",
        "siting.0.budget=500",
    ):
        asked, before = ["siting.0.front=3", more], len(made)
        own = run(busy, *asked).siting[0].front
        assert len(made) == before + 1, more
        same(own, api.run(busy, set=asked).siting[0].front)


def test_a_file_that_changed_is_read(toy_city, kept, monkeypatch):
    run(toy_city, "siting=[]")
    stations = toy_city.parent / "stations.csv"
    stations.write_text(stations.read_text("utf-8").replace("中心养老站", "总站"), "utf-8")
    done = computed(monkeypatch)
    plan = run(toy_city, "siting=[]")
    assert "总站" in set(plan.area.facilities["name"])
    assert {"read", "_measure", "_rings"} <= set(done)


def test_fresh_computes_and_keeps_anew(toy_city, kept, monkeypatch):
    run(toy_city, "siting=[]")
    done = computed(monkeypatch)
    run(toy_city, "siting=[]", fresh=True)
    assert {"read", "_measure", "_rings"} <= set(done)
    done.clear()
    run(toy_city, "siting=[]")
    assert not done


def test_the_command_line_keeps_stages(toy_city, kept, capsys, monkeypatch):
    asked = ["run", toy_city, "--set", "siting=[]", "--out"]
    assert call(capsys, *asked, toy_city.parent / "one", "--outputs", "record")[0] == 0
    done = computed(monkeypatch)
    assert call(capsys, *asked, toy_city.parent / "two", "--outputs", "tables")[0] == 0
    assert not done
    assert call(capsys, *asked, toy_city.parent / "three", "--fresh", "--outputs", "tables")[0] == 0
    assert "read" in done


def test_streets_that_are_not_known_by_content_leave_nothing(toy_city, kept):
    made = standing.made_of(toy_city, assign=["siting=[]"])
    read = api.check(toy_city, set=["siting=[]"])
    own = KeptArea(made, toy_city.parent, read.settings)
    strange = standing.MadeOf(program=made.program, asked=made.asked, files={})
    KeptArea(strange, toy_city.parent, read.settings).keep(read.area)
    assert not kept.exists()
    own.keep(read.area)
    assert [*kept.glob("*.stage")]


def spoilt(content: bytes) -> dict[str, bytes]:
    """A kept file damaged in several ways."""
    middle = len(content) // 2
    flipped = bytearray(content)
    flipped[middle] ^= 1
    end = bytearray(content)
    end[-1] ^= 1
    return {
        "empty": b"",
        "cut": content[:middle],
        "flipped": bytes(flipped),
        "last byte": bytes(end),
        "other": b"not a stage" + content,
        "older": content.replace(b"stage 1", b"stage 0", 1),
        "long": content[:16] + b"\xff" * 8 + content[24:],
    }


def test_what_is_damaged_is_passed_by_with_a_word(tmp_path, caplog):
    frame = pd.DataFrame({"a": [1.5, 2.5], "b": ["x", None]})
    store.save_value(frame, tmp_path, "k", RECORDS)
    path = tmp_path / "k.stage"
    content = path.read_bytes()
    found, value = store.load_value(tmp_path, "k", RECORDS)
    assert found
    same(frame, value)
    for name, bytes_ in spoilt(content).items():
        caplog.clear()
        path.write_bytes(bytes_)
        assert store.load_value(tmp_path, "k", RECORDS) == (False, None), name
        assert len(caplog.messages) == 1, name
        assert "k.stage" in caplog.text
    caplog.clear()
    assert store.load_value(tmp_path, "none", RECORDS) == (False, None)
    assert not caplog.messages


@pytest.mark.parametrize(
    "sizes", [[9, 3], [5, -3], [-3, 4], [2, 2, 4]], ids=["beyond", "back", "before", "more"]
)
def test_words_that_do_not_fit_their_bytes_are_no_words(sizes):
    writer = ValueWriter(RECORDS)
    told = {
        "is": "text", "na": False, "v": writer.block(b"abcdefgh"),
        "sizes": writer.write(np.array(sizes)), "gone": writer.write(np.zeros(2, np.bool_)),
    }  # fmt: skip
    with pytest.raises(ValueError, match="words: "):
        ValueReader(RECORDS, writer.blocks, []).read(told)


@pytest.mark.parametrize(
    "forged",
    [
        {"is": "record", "of": "os.system", "v": {"is": "dict", "k": ["command"], "v": ["true"]}},
        {"is": "record", "of": "Popen", "v": {"is": "dict", "k": [], "v": []}},
        {"is": "eval", "v": "1"},
        {"is": "array", "of": "|O", "shape": [1], "v": 0},
        {"is": "numpy", "of": "|O", "v": 0},
        {"is": "streets", "v": 0, "pass_over_m": 0},
        {"is": "text", "na": False, "v": 0, "sizes": [1, 1], "gone": [False, False]},
    ],
)
def test_a_forged_file_names_nothing_to_run(forged, tmp_path, caplog):
    writer = ValueWriter(RECORDS)
    writer.block(b"\0" * 8)
    store._save(forged, writer, tmp_path / "k.stage")
    assert store.load_value(tmp_path, "k", RECORDS) == (False, None)
    assert len(caplog.messages) == 1


LONG = ["甲", None, "", "a\n\0", "🏠"] * 60
AWARE = pd.Timestamp("2020-01-01", tz="Asia/Shanghai")


def test_what_is_not_known_is_not_written(tmp_path):
    class Odd(str):
        __slots__ = ()

    for value in (object(), print, Odd("a"), np.array([[object()]]), AWARE):
        with pytest.raises(UnknownTypeError):
            ValueWriter(RECORDS).write(value)
        store.save_value([value], tmp_path, "k", RECORDS)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, 1.5, float("nan"), float("inf"), -0.0, "字\ud800", (1, (2,)), {1: "a"},
        {"is": "record", "of": "x"}, {"a", "b"}, frozenset({1}), np.float64(2.5), np.int32(7),
        np.arange(6, dtype=np.int32).reshape(2, 3), np.array(["a", None, 1.0], dtype=object),
        pd.RangeIndex(2, 9, 3, name="n"), pd.Index(["a", "b"], name="x"),
        pd.Index(["a", 1], dtype=object), pd.MultiIndex.from_tuples([(1, "a")], names=["n", None]),
        pd.Series([1, None], dtype="Int64", name="s"), pd.Series([True, None], dtype="boolean"),
        pd.Series(["a", None], dtype="string"), pd.Series([], dtype=float),
        *(pd.Series(LONG, dtype=kind)[5:] for kind in ("str", "string", "string[python]")),
        pd.Index(LONG, dtype="str", name="x"), pd.concat([pd.Series(LONG, dtype="str")] * 2),
        pd.DataFrame(index=pd.Index(["a"])), pd.DataFrame({"a": []}), gpd.GeoDataFrame(),
        gpd.GeoDataFrame({"a": [1, 2]}, geometry=[shapely.Point(1, 2), None], crs=4549),
        shapely.box(0, 0, 1, 1), pd.Timestamp("2020-01-01 12:30:00.5"), pd.NaT, date(2020, 1, 2),
        datetime(2020, 1, 2, 3, 4, 5), time(9, 30),  # noqa: DTZ001  as tables have them
        pd.DataFrame({"a": pd.to_datetime(["2020-01-02", None])}),
        pd.Series([datetime(2020, 1, 2), "?"], dtype=object),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_values_come_back_as_they_were(value, tmp_path):
    writer = ValueWriter(RECORDS)
    told = json.loads(json.dumps(writer.write(value)))
    same(value, ValueReader(RECORDS, writer.blocks, []).read(told))


def test_what_was_unused_for_longest_is_dropped(tmp_path, monkeypatch):
    for number, key in enumerate(["a", "b", "c"]):
        store.save_value([key * 1000], tmp_path, key, RECORDS)
        os.utime(tmp_path / f"{key}.stage", (number, number))
    (tmp_path / "b-0.streets").write_bytes(b"-")  # of b, and gone with it
    os.utime(tmp_path / "b-0.streets", (1, 1))
    (tmp_path / "alone.streets").write_bytes(b"-")  # of no stage
    assert store.load_value(tmp_path, "a", RECORDS)[0]  # used just now
    monkeypatch.setattr(store, "_MOST_BYTES", 3500)
    store.save_value(["d" * 1000], tmp_path, "d", RECORDS)
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["a", "alone", "c", "d"]


def test_a_stage_cannot_read_what_its_key_does_not_hold():
    settings = Settings.model_validate(
        {**LEAST, "siting": [{"kind": "canteen"}], "years": [2030], "walk": {"speed_mps": 0.5}}
    )
    own = only(settings, ["walk"])
    assert own.walk == settings.walk
    assert (own.siting, own.years, own.title) == ([], [], "")
    for names in study._READS.values():
        assert set(names) <= set(Settings.model_fields)


def test_stages_held_in_memory_are_few():
    stages = Stages()
    made = []
    for number in [*range(20), 19, 0]:
        assert stages.get("s", {"n": number}, lambda n=number: made.append(n) or n) == number
    assert made == [*range(20), 0]


def test_a_sweep_computes_anew_what_it_varies(busy, monkeypatch):
    done = computed(monkeypatch)
    found = planner.sweep(busy, vary=["siting.0.new=1..3"])
    assert done.count("siting") == 3
    assert done.count("_measure") == 4  # as it stands, and once sites do
    assert done.count("_against") == 1
    alone = api.run(busy, set=["siting.0.new=3"])
    row = found.sites[found.sites["step"] == 3].iloc[0]
    assert row["after"] == alone.siting[0].after


def test_a_piece_of_an_output_is_kept_by_what_it_is_made_of(tmp_path, toy_plan):
    made: list[int] = []

    def drawn(content: list[Any], *, kept: bool = True) -> dict[str, bytes]:
        def make() -> dict[str, bytes]:
            made.append(len(made))
            return {"png": b"\0picture", "svg": b"%d" % made[-1]}

        plan = replace(toy_plan)
        if kept:  # stages of another process: nothing is held in memory
            pieces.keep_pieces(plan, Stages("base", tmp_path, RECORDS))
        return pieces.piece(plan, "picture", lambda: content, make)

    first = drawn([np.arange(3.0), "red"])
    assert drawn([np.arange(3.0), "red"]) == first
    others: list[list[Any]] = [
        [np.arange(3.0), "blue"],
        [np.arange(3.0) + 1e-12, "red"],
        [np.arange(3.0).reshape(3, 1), "red"],
        [np.arange(3), "red"],
        [np.arange(3.0), b"red"],
        [np.arange(3.0), "re", "d"],
    ]
    assert [drawn(one)["svg"] for one in others] == [b"%d" % n for n in range(1, 7)]
    assert drawn([np.arange(3.0), "red"], kept=False)["svg"] == b"7"


def test_all_that_a_picture_draws_is_told():
    mark = rectangle(0, 0, 4, 3, face="#ff0000", edge="#000000", line=1.0)
    dots = Dots(at=np.ones((2, 2)), radius=1.0, face="#ff0000", edge="#000000", line=0.5)

    def told(*marks: Mark, box: tuple[float, float, float, float] | None = None) -> str:
        canvas = Canvas(width=10.0, height=10.0)
        canvas.put(*marks, box=box)
        return repr(list(canvas.content()))

    moved = replace(mark.outline, path=Line([(0, 0), (1, 1)]))
    changes: dict[str, Any] = {
        "outline": moved, "face": None, "edge": "#00ff00", "line": 2.0, "dashes": (1.0, 2.0),
        "opacity": 0.5, "at": (1.0, 0.0),
    }  # fmt: skip
    assert {one.name for one in fields(mark)} == {*changes}
    dotted: dict[str, Any] = {
        "at": np.zeros((2, 2)), "radius": 2.0, "face": "#0000ff", "edge": "#00ff00", "line": 1.0,
    }  # fmt: skip
    assert {one.name for one in fields(dots)} == {*dotted}
    every = [
        told(mark),
        *(told(replace(mark, **{name: value})) for name, value in changes.items()),
        told(dots),
        *(told(replace(dots, **{name: value})) for name, value in dotted.items()),
        told(mark, dots),
        told(dots, mark),
        told(mark, box=(0.0, 0.0, 1.0, 1.0)),
        told(replace(mark, outline=replace(mark.outline, steps=100))),
    ]
    assert len({*every}) == len(every)
