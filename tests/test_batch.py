"""Many districts in one go: each as a run of its own, whatever dies or fails beside it."""

import csv
import errno
import json
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cloudpickle
import duckdb
import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from conftest import EAST, NORTH, Toy
from test_cli import call

from planner import api
from planner.batch import batch, executors, memory, outlines, overview, read_districts
from planner.batch.districts import ListedDistrict
from planner.batch.journal import held
from planner.batch.task import DistrictTask, compute
from planner.district.reading import folders, standing
from planner.engine.memory import resident_bytes
from planner.errors import PlannerError, SettingsError

ASKED = ["--outputs", "record", "--set", "siting=[]"]
NAMES = ["甲区", "乙区", "丙区", "丁区"]
YEARS = ["", "2022", "2021", "2014"]  # the first as its scenario says: 2020


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNER_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture(scope="module")
def table(toy: Toy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four districts, the toy city in as many states: not to be changed."""
    home = tmp_path_factory.mktemp("province")
    toy.write(home / "city")
    rows = [f"{name},city/scenario.toml,{year}" for name, year in zip(NAMES, YEARS, strict=True)]
    (home / "districts.csv").write_text("\n".join(["name,scenario,year", *rows]), "utf-8")
    return home / "districts.csv"


@pytest.fixture(scope="module")
def whole(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their results, computed in this process: not to be changed."""
    out = tmp_path_factory.mktemp("whole") / "out"
    found = batch(table, out, outputs=["record"], set=["siting=[]"], lang="en")
    assert [one.state for one in found.outcomes] == ["done"] * 4
    return out


@pytest.fixture
def province(whole: Path, tmp_path: Path) -> Path:
    """A copy of these results to go on with."""
    shutil.copytree(whole, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture(scope="module")
def client():
    """Two workers, as `--workers 2` begins them, but forked from a process that has the planner.

    Seven are begun here, and most would load it for seconds.
    """
    import distributed.process  # noqa: PLC0415  an extra

    begun: Any = multiprocessing.get_context("forkserver")
    loaded = ["distributed.worker", "planner.batch.task", "planner.api"]
    begun.set_forkserver_preload([*loaded, "numba", "scipy.sparse.csgraph"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distributed.process, "get_mp_context", lambda: begun)
        with executors.client_for(2, None) as found:
            yield found


def content(out: Path) -> dict[str, bytes]:
    """What a batch found, but for when and where it was computed."""
    paths = (path for path in out.rglob("*") if path.is_file())
    told = {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}
    timed = ("batch.json", "districts.csv", "summary.xlsx", "overview/manifest.json")
    return {name: data for name, data in told.items() if not name.endswith(timed)}


def states(out: Path) -> dict[str, str]:
    told = json.loads((out / "batch.json").read_text("utf-8"))
    return {one["name"]: one["state"] for one in told["districts"]}


def test_each_district_is_as_a_run_of_its_own(table, whole):
    joined = gpd.read_parquet(whole / "overview" / "communities")
    assert set(joined["district"]) == set(NAMES)
    for name, year in zip(NAMES, (2020, 2022, 2021, 2014), strict=True):
        alone = api.run(table.parent / "city" / "scenario.toml", set=["siting=[]", f"year={year}"])
        record = json.loads((whole / "districts" / name / "plan.json").read_text("utf-8"))
        assert record["tables"]["summary"][0]["aged_60"] == pytest.approx(
            alone.summary()["aged_60"].iloc[0]
        )
        own = joined[joined["district"] == name].set_index("id")
        shares = alone.coverage.units.query("kind == 'care_station'").set_index("community")
        pd.testing.assert_series_equal(
            own["care_station_share"].dropna().astype(float),
            shares["share"].reindex(own.index).dropna(),
            check_names=False,
        )
        assert own.to_crs(4549).area.sum() == pytest.approx(alone.area.communities.area.sum())


def test_the_whole_adds_up(whole):
    text = (whole / "overview" / "coverage.csv").read_text("utf-8-sig")
    head, *cells = csv.reader(text.splitlines())
    sheet = pd.DataFrame(cells, columns=head)
    for name in ("People", "Covered", "Share", "Facilities"):
        sheet[name] = sheet[name].astype(float)
    stations = sheet[sheet["Kind"] == "Home-care station"].set_index("District")
    # Aged within 15 minutes of S1 130 of 165 (2020, 2021); with S2 160, with S3 as well in 2014.
    assert stations.loc[["甲区", "乙区", "丙区"], "Covered"].tolist() == [130, 160, 130]
    of_each = stations.loc[NAMES]
    assert stations.loc["all", "People"] == 4 * 165
    assert stations.loc["all", "Covered"] == pytest.approx(of_each["Covered"].sum())
    assert stations.loc["all", "Share"] == pytest.approx(of_each["Covered"].sum() / (4 * 165))
    assert stations.loc["all", "Facilities"] == of_each["Facilities"].sum()
    assert "4 districts" in stations.loc["all", "Beside every figure"]
    assert "Modes of travel" not in (whole / "overview" / "map.html").read_text("utf-8")
    assert "Left out" in stations.loc["甲区", "Beside every figure"]
    book = openpyxl.load_workbook(whole / "overview" / "summary.xlsx")
    assert [one.title for one in book.worksheets] == ["Districts", "Coverage", "Targets"]
    rows = list(book["Districts"].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == NAMES


@pytest.mark.browser
def test_the_map_goes_from_districts_to_communities(whole, chrome, tmp_path):
    shutil.copytree(whole, tmp_path / "moved")  # it goes with its folder
    shutil.rmtree(tmp_path / "moved" / "districts" / "丁区")  # asked for only when one zooms there
    visit = chrome.new_page(viewport={"width": 1200, "height": 800})
    wrong: list[str] = []
    visit.on("console", lambda said: wrong.append(said.text))
    visit.on("pageerror", lambda error: wrong.append(str(error)))
    visit.goto((tmp_path / "moved" / "overview" / "map.html").as_uri())
    visit.wait_for_selector("body[data-drawn]")
    listed = visit.locator(".list button").all_inner_texts()
    assert [one.split()[0] for one in listed][-1] == "乙区"  # 160 of 165: the best covered is last
    assert visit.locator(".whole b").inner_text() == overall(whole)
    assert "4 districts" in visit.locator("aside").inner_text()
    visit.get_by_role("button", name="乙区").click()
    visit.wait_for_selector("body[data-drawn]:not([data-drawn='0'])")
    card = visit.locator(".leaflet-popup-content").inner_text()
    assert "160" in card
    assert "97.0%" in card
    assert "Left out of every figure" in card
    visit.close()
    assert all("丁区" in one or "ERR_FILE_NOT_FOUND" in one for one in wrong), wrong


def overall(whole: Path) -> str:
    """The share of all districts as the table of the whole has it."""
    text = (whole / "overview" / "coverage.csv").read_text("utf-8-sig")
    row = next(one for one in csv.DictReader(text.splitlines()) if one["District"] == "all")
    return f"{float(row['Share']):.1%}"


def test_an_outline_is_light_and_true():
    angles = np.linspace(0, 2 * np.pi, 4000, endpoint=False)
    wobbly = 5000 + 30 * np.sin(200 * angles)
    ring = np.column_stack([wobbly * np.cos(angles), wobbly * np.sin(angles)])
    half = shapely.polygons(ring + np.array([EAST, NORTH]))
    east = half.intersection(shapely.box(EAST, 0, 9e6, 9e6))
    both = gpd.GeoDataFrame(geometry=[half.difference(east), east], crs=4549)
    (steps,) = outlines.outline(both)
    points = np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / outlines.STEPS_PER_DEGREE
    assert len(points) <= outlines.MOST_POINTS
    back = gpd.GeoSeries([shapely.polygons(points)], crs=4326).to_crs(4549)
    assert back.symmetric_difference(half).area.sum() < 0.02 * half.area


def test_duckdb_reads_the_partitions(whole):
    places = whole / "overview" / "communities" / "*" / "*.parquet"
    found = duckdb.sql(
        f"select district, count(*), sum(population) from read_parquet('{places}',"  # noqa: S608
        " hive_partitioning = true) group by district order by district"
    ).fetchall()
    assert found == [(name, 6, 490.0) for name in sorted(NAMES)]


BY_SEDONA = """
import json, sys
import sedonadb
base = sedonadb.connect()
for name in ("communities", "coverage", "scorecard"):
    base.read_parquet(f"{sys.argv[1]}/{name}/").to_view(name)
areas = base.sql(
    "select district, count(*) as n, sum(population) as people,"
    " sum(ST_Area(ST_Transform(geometry, 'EPSG:4549'))) as area"
    " from communities group by district order by district"
).to_pandas()
counted = base.sql("select count(distinct district) as n from coverage").to_pandas()
print(json.dumps([areas.values.tolist(), int(counted["n"][0])]))
"""


def test_sedona_reads_the_partitions(whole):
    # In a process of its own: it teaches Arrow types of shapes, and files would be written with.
    overview = whole / "overview"
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BY_SEDONA, overview],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    found, districts = json.loads(said)
    shapes = gpd.read_parquet(overview / "communities").to_crs("EPSG:4549")
    areas = shapes.area.groupby(shapes["district"].astype(str)).sum()
    assert found == [[name, 6, 490.0, pytest.approx(areas[name])] for name in sorted(NAMES)]
    assert districts == len(NAMES)


def test_partitions_of_different_columns_have_the_columns_of_all(tmp_path):
    tasks = []
    for name, frame in {
        "A": pd.DataFrame({"id": ["a"], "gym": [0.5], "x": ["one"], "empty": [None]}),
        "B": pd.DataFrame({"id": ["b"], "pool": [True], "x": [2.0], "gym": [None], "empty": None}),
    }.items():
        path = tmp_path / name / "parts" / "communities.parquet"
        path.parent.mkdir(parents=True)
        frame.to_parquet(path, index=False)
        tasks.append(task_of(ListedDistrict(name=name, scenario=Path("x")), tmp_path / name))
    written = overview._partitions(tasks, "communities")
    frames = {}
    for place, write in written.items():
        path = tmp_path / place
        path.parent.mkdir(parents=True)
        write(path)
        frames[path.parent.name] = pd.read_parquet(path)
    first, second = frames["district=A"], frames["district=B"]
    assert sorted(first.columns) == sorted(second.columns)
    assert first.loc[0, "gym"] == 0.5
    assert bool(second.loc[0, "pool"]) is True
    assert second.loc[0, "x"] == "2"
    assert first["pool"].isna().all()
    assert pd.read_parquet(tmp_path / "communities").sort_values("id")["id"].tolist() == ["a", "b"]


def task_of(one: ListedDistrict, folder: Path) -> DistrictTask:
    return DistrictTask(
        name=one.name,
        scenario=str(one.scenario),
        use=(),
        assign=("siting=[]",),
        folder=str(folder),
        outputs=("record",),
        lang="en",
        words="en",
        resume=False,
        program=standing.code_digest(),
    )


def test_each_district_hands_its_memory_back(table, tmp_path, monkeypatch):
    """Well or not: a worker holds no more after a hundred districts than after one."""
    handed: list[str] = []
    monkeypatch.setattr(
        "planner.batch.task.WorkerMemory.hand_back", lambda _: handed.append("back")
    )
    one = task_of(read_districts(table, tmp_path)[0], tmp_path / "districts" / "a")
    (tmp_path / "districts").mkdir()
    assert compute(one).state == "done"
    assert compute(replace(one, scenario=str(tmp_path / "none.toml"))).state == "failed"
    assert handed == ["back", "back"]


@pytest.mark.parametrize("tells", [True, False])
def test_memory_is_handed_back_once_a_process_has_grown(monkeypatch, tells):
    """Where the system does not tell what a process holds, after each district."""
    resident, collected = [500 * 2**20], []
    monkeypatch.setattr(memory, "resident_bytes", lambda: resident[0] if tells else 0)
    monkeypatch.setattr(memory.gc, "collect", lambda: collected.append(resident[0]))
    worker = memory.WorkerMemory()
    for resident[0] in (500 * 2**20, 563 * 2**20, 565 * 2**20, 300 * 2**20, 365 * 2**20):
        worker.hand_back()
    handed = [500, 565, 365] if tells else [500, 563, 565, 300, 365]
    assert [one // 2**20 for one in collected] == handed


def test_what_a_process_holds_is_known_on_linux():
    assert resident_bytes() > 2**20 or sys.platform != "linux"


def test_the_overall_scorecard_counts_what_concerns_a_district():
    rows = [
        ("A", "1", "met", 8.0, 10.0), ("B", "1", "missed", 1.0, 10.0),
        ("C", "1", "not_applicable", None, None),
        ("A", "2", "met", 5.0, 5.0), ("B", "2", "missing", None, None),
    ]  # fmt: skip
    card = pd.DataFrame(rows, columns=["district", "id", "status", "numerator", "denominator"])
    told = overview.targets(
        card.assign(profile="p", name_zh="目标", name_en="target", unit="share")
    )
    assert told["share"].iloc[0] == 0.45
    assert told.loc[0, ["districts", "met", "missed", "not_applicable"]].tolist() == [3, 1, 1, 1]
    assert pd.isna(told["share"].iloc[1])  # one that it concerns has no figure: no share of all


# First while no worker has loaded the planner: three of them are killed.
def test_a_district_that_kills_its_workers_is_set_aside(client, tmp_path):
    tries = tmp_path / "tries"
    tries.mkdir()

    def work(task: SimpleNamespace):
        (Path(task.folder) / f"{task.name}-{os.getpid()}").touch()
        if task.name == "bad":
            os.kill(os.getpid(), signal.SIGKILL)
        from planner.batch.task import DistrictOutcome  # noqa: PLC0415  on the worker that lives

        return DistrictOutcome(name=task.name, state="done")

    cloudpickle.register_pickle_by_value(__import__(__name__))
    try:
        # A whole task would have each worker load the planner, to be killed at once.
        tasks = [
            SimpleNamespace(name=one, folder=str(tries), words="en") for one in ("bad", "good")
        ]
        found = {one.name: one for one in executors.on_workers(client, tasks, work)}
    finally:
        cloudpickle.unregister_pickle_by_value(__import__(__name__))
    assert found["good"].state == "done"
    assert found["bad"].state == "killed"
    assert "3 workers were killed" in found["bad"].problems[0]
    assert len(list(tries.glob("bad-*"))) == executors.MOST_DEATHS


def test_killed_workers_lose_nothing(table, whole, client, tmp_path):
    address = client.scheduler.address
    client.wait_for_workers(2)
    pids, killed = list(client.run(os.getpid).values()), []

    def kill(done: int, of: int) -> None:
        """Kill a worker when the first district is done, and the other at the second."""
        if 0 < done <= len(pids):
            killed.append(pids[done - 1])
            os.kill(killed[-1], signal.SIGKILL)

    found = batch(
        table, tmp_path / "out", scheduler=address, told=kill,
        outputs=["record"], set=["siting=[]"], lang="en",
    )  # fmt: skip
    assert len(killed) == 2  # fewer than one district may take with it
    assert found.failed == ()
    assert content(tmp_path / "out") == content(whole)


def test_a_disk_that_fills_on_one_worker_stops_no_other(table, whole, client, tmp_path):
    (tmp_path / "districts").mkdir()

    def work(task: DistrictTask):
        from planner.batch.task import compute  # noqa: PLC0415  on the worker

        write = folders._write

        def full(folder, name, content):
            if task.name == NAMES[1] and name.endswith("json"):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / name))
            write(folder, name, content)

        folders._write = full
        try:
            return compute(task)
        finally:
            folders._write = write

    cloudpickle.register_pickle_by_value(__import__(__name__))
    try:
        tasks = [
            task_of(one, tmp_path / "districts" / one.name) for one in read_districts(table)[:3]
        ]
        found = {one.name: one for one in executors.on_workers(client, tasks, work)}
    finally:
        cloudpickle.unregister_pickle_by_value(__import__(__name__))
    assert [found[name].state for name in NAMES[:3]] == ["done", "failed", "done"]
    assert "the disk is full" in found[NAMES[1]].problems[0]
    left = sorted(path.name for path in (tmp_path / "districts").iterdir())
    assert left == sorted([NAMES[0], NAMES[2]])  # nothing half-written


def test_workers_load_the_planner_by_themselves():
    with executors.client_for(1, None) as own:
        assert executors.check_workers(own, standing.code_digest(), ["record"]) == 1


def test_workers_answer_in_the_order_asked(client):
    client.wait_for_workers(1)
    assert executors.in_order(client, [3, 1, 2], str) == ["3", "1", "2"]
    assert executors.in_order(None, [3, 1], str) == ["3", "1"]


def test_workers_keep_no_samples_of_where_the_program_was(client):
    client.wait_for_workers(1)
    told = client.run(lambda dask_worker: sorted(dask_worker.periodic_callbacks))
    assert told
    assert not any("profile" in one for names in told.values() for one in names)


def test_workers_share_out_as_one_process_does(table, client, tmp_path):
    three = table.with_name("three.csv")
    three.write_text("\n".join(table.read_text("utf-8").split("\n")[:4]), "utf-8")
    question = "siting=[{kind='canteen', new=1}]"
    asked = {"outputs": ["record"], "set": [question], "new": 2, "lang": "en"}
    batch(three, tmp_path / "here", **asked)
    client.wait_for_workers(1)
    batch(three, tmp_path / "there", scheduler=client.scheduler.address, **asked)
    three.unlink()
    here, there = (
        json.loads((tmp_path / place / "overview" / "across.json").read_text("utf-8"))
        for place in ("here", "there")
    )
    assert here == there
    assert here["status"] == "optimal"
    assert 0 < len(here["sites"]) <= 2
    assert [one["district"] for one in here["districts"]] == NAMES[:3]  # though two ask the same


def test_workers_of_another_version_are_refused(table, client, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("planner.batch.run.standing.code_digest", lambda: "another")
    out = tmp_path / "out"
    client.wait_for_workers(1)  # the other may be on its way back
    status, _, said = call(
        capsys, "batch", table, "--out", out, "--scheduler", client.scheduler.address
    )
    assert status == 2
    assert "another version of the planner" in said
    assert not out.exists()


def test_workers_that_cannot_make_an_output_are_refused(table, client, tmp_path, capsys):
    def forget(*, extra: bool) -> None:
        from planner.output import chosen  # noqa: PLC0415  on the worker

        if not extra:
            chosen.known, chosen.can_report = chosen.can_report, lambda: False
        elif hasattr(chosen, "known"):
            chosen.can_report = chosen.known
            del chosen.known

    out = tmp_path / "out"
    client.wait_for_workers(1)
    asked = ["batch", table, "--out", out, "--scheduler", client.scheduler.address]
    client.run(forget, extra=False)
    try:
        status, _, said = call(capsys, *asked, "--outputs", "record,workbook")
    finally:
        client.run(forget, extra=True)
    assert status == 2
    assert "what makes 'workbook' is not installed" in said
    assert 'pip install "planner[report]"' in said
    assert not out.exists()


def test_a_worker_that_came_later_is_refused_with_its_district(table, client, tmp_path):
    (one, *_) = read_districts(table)
    (tmp_path / "districts").mkdir()
    task = task_of(one, tmp_path / "districts" / "x")
    other = DistrictTask(**{**task.__dict__, "program": "another"})
    (told,) = executors.on_workers(client, [other])
    assert told.state == "failed"
    assert "another version" in told.problems[0]


def test_resume_computes_what_is_missing_or_changed(table, whole, province, monkeypatch, capsys):
    run: list[str] = []
    computed = api.run

    def noted(scenario, **asked):
        run.append(next(one for one in asked["set"] if one.startswith("year")))
        return computed(scenario, **asked)

    monkeypatch.setattr(api, "run", noted)
    # What has not changed stands, one is missing, one was altered; the first is asked otherwise.
    shutil.rmtree(province / "districts" / "乙区")
    (province / "districts" / "丙区" / "plan.json").write_text("{}", "utf-8")
    changed = table.with_name("changed.csv")
    rows = table.read_text("utf-8").split("\n")
    changed.write_text("\n".join([rows[0], f"{rows[1]}2019", *rows[2:]]), "utf-8")
    status, said, _ = call(
        capsys, "batch", changed, "--out", province, "--resume", "--lang", "en", *ASKED
    )
    changed.unlink()
    assert status == 0
    assert run == ["year=2019", "year=2022", "year=2021"]
    assert "3 computed, 1 stands, 0 without" in said
    for name in ("乙区", "丙区", "丁区"):
        record = Path("districts", name, "plan.json")
        assert (province / record).read_bytes() == (whole / record).read_bytes()
    assert states(province)["丁区"] == "unchanged"


def test_a_district_that_left_the_table_leaves_the_whole(table, province, capsys):
    fewer = table.with_name("fewer.csv")
    fewer.write_text("\n".join(table.read_text("utf-8").split("\n")[:3]), "utf-8")
    call(capsys, "batch", fewer, "--out", province, "--resume", "--lang", "en", *ASKED)
    fewer.unlink()
    assert set(gpd.read_parquet(province / "overview" / "communities")["district"]) == set(
        NAMES[:2]
    )
    assert (province / "districts" / "丁区" / "plan.json").exists()  # nobody asked to remove it


def test_one_that_fails_stops_no_other(table, toy, tmp_path, capsys, monkeypatch):
    for name in ("a", "broken", "full", "cache", "bug"):
        toy.write(tmp_path / "in" / name)
    (tmp_path / "in" / "broken" / "stations.csv").write_text("id,name\n1,x\n", "utf-8")
    write, run, now = folders._write, api.run, []

    def noted(scenario, **asked):
        now[:] = [Path(scenario).parent.name]
        if now == ["bug"]:
            raise ZeroDivisionError("by chance")
        if now == ["cache"]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/var/cache/streets")
        return run(scenario, **asked)

    def full(folder, name, content):
        if now == ["full"] and name.endswith("json"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(folder, name, content)

    monkeypatch.setattr(folders, "_write", full)
    monkeypatch.setattr(api, "run", noted)
    out = tmp_path / "out"
    monkeypatch.setattr("planner.batch.run.overview.save", lambda *_: now.clear())
    status, said, _ = call(capsys, "batch", tmp_path / "in", "--out", out, "--json", *ASKED)
    assert status == 3
    told = {one["name"]: one for one in json.loads(said)["districts"]}
    assert {name: one["state"] for name, one in told.items()} == {
        "a": "done", "broken": "failed", "bug": "failed", "cache": "failed", "full": "failed",
    }  # fmt: skip
    assert "stations.csv" in told["broken"]["problems"][0]
    for name, place in (("full", out / "districts" / "full"), ("cache", "/var/cache/streets")):
        (said,) = told[name]["problems"]
        assert said.startswith(str(place))
        assert f"disk is full on the machine that computed it ({socket.gethostname()})" in said
        assert "--resume" in said
        assert told[name]["trace"] == ""
    assert "ZeroDivisionError: by chance" in told["bug"]["problems"][0]
    assert "in noted" in told["bug"]["trace"]
    assert sorted(path.name for path in (out / "districts").iterdir()) == ["a"]


HEAD = "scenario,name\n"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("scenario,nmae\ncity/scenario.toml,A\n", ["districts.csv", "'nmae'", "name"]),
        ("scenario,coverge.minutes\ncity/scenario.toml,5\n", ["'coverge.minutes'", "coverage"]),
        ("scenario,场景\ncity/scenario.toml,x\n", ["'场景'", "'scenario'"]),
        ("name\nA\n", ["no column scenario", "name"]),
        (HEAD + "city/scenario.toml,A\ncity/scenario.toml,a\n", ["row 3", "listed twice", "at 2"]),
        (HEAD + "city/scenario.toml,A\ncity/scenario.toml,B\n", ["row 3", "same settings"]),
        (HEAD + "nowhere.toml,A\n", ["row 2", "'nowhere.toml'"]),
        (HEAD + ",A\n", ["row 2", "names no scenario"]),
        (HEAD + "city/scenario.toml,a/b\n", ["row 2", "'a/b'", "folder"]),
        (HEAD + "city/scenario.toml,A=1\n", ["'A=1'"]),
        (HEAD, ["districts.csv"]),
    ],
)
def test_a_table_that_does_not_hold_is_refused_whole(toy_city, capsys, rows, told):
    home = toy_city.parent.parent
    toy_city.parent.rename(home / "city")
    (home / "districts.csv").write_text(rows, "utf-8")
    status, said, complained = call(
        capsys, "batch", home / "districts.csv", "--out", home / "out", "--lang", "en"
    )
    assert status == 2
    assert said == ""
    assert all(word in complained for word in told), complained
    assert not (home / "out").exists()


def test_a_folder_gives_every_scenario_in_it(toy_city, tmp_path):
    home = tmp_path / "in"
    for place in ("a", "b", "c/b"):
        (home / place).mkdir(parents=True)
        shutil.copy(toy_city, home / place)
    (home / "a" / "ours.toml").write_text("[targets]\n", "utf-8")  # a profile
    (home / "plain.toml").write_text("this is no TOML", "utf-8")  # told when it is its turn
    (home / "out" / "x").mkdir(parents=True)
    shutil.copy(toy_city, home / "out" / "x")
    names = [one.name for one in read_districts(home, home / "out")]
    assert sorted(names) == ["a", "b", "c-b", "plain"]
    with pytest.raises(PlannerError, match="holds no scenario"):
        read_districts(home / "c", home / "c" / "b")


def test_somebody_elses_folder_is_not_touched(table, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", "utf-8")
    status, _, said = call(capsys, "batch", table, "--out", tmp_path / "mine")
    assert (status, [one.name for one in (tmp_path / "mine").iterdir()]) == (2, ["letter.txt"])
    assert "something else" in said
    status, _, said = call(capsys, "batch", table, "--out", tmp_path / "mine" / "letter.txt")
    assert status == 2


def test_two_batches_into_one_folder(table, province, capsys):
    before = content(province)
    with held(province):
        status, _, said = call(capsys, "batch", table, "--out", province, *ASKED)
    assert status == 2
    assert "another batch" in said
    assert content(province) == before


def test_a_scheduler_that_is_not_there(table, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(executors, "_CONNECT_S", "1s")
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        status, _, said = call(
            capsys, "batch", table, "--out", tmp_path / "out", "--scheduler", address
        )
        assert status == 2
        assert address in said
        assert "no scheduler" in said
    status, _, said = call(
        capsys, "batch", table, "--out", tmp_path / "out", "--scheduler", "tcp://x", "--workers", 2
    )
    assert (status, "--workers" in said) == (2, True)
    assert not (tmp_path / "out").exists()


def test_without_dask_the_way_to_it_is_told(table, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"planner\[distributed\]"):
        executors.client_for(2, None)
