"""HiGHS in a process of its own: the same answers, and the latest word where time is up."""

from __future__ import annotations

import queue
import time

import numpy as np
import pandas as pd
import pytest

from planner import siting
from planner.engine.siting.solver import program, worker
from planner.engine.siting.solver.highs import Answer
from planner.engine.siting.solver.program import Program

LONG_S = 600.0  # no limit that a test could meet
KILLED = "import os; os.kill(os.getpid(), 9)"  # as by a system short of memory


@pytest.fixture
def aside(monkeypatch):
    monkeypatch.setattr(program, "ASIDE_FROM", -1)
    yield
    worker.stop_workers()


def table(seed: int, n: int = 40, m: int = 12):
    rng = np.random.default_rng(seed)
    row, col = np.nonzero(rng.random((n, m)) < 0.4)
    minutes = rng.integers(1, 30, len(row)).astype(float)
    od = pd.DataFrame({"demand": row, "facility": col, "minutes": minutes})
    return od, pd.Series(rng.integers(1, 50, n), index=range(n))


ASKED = {
    "times": (siting.max_cover, {"p": 4, "times": 2}),
    "share": (siting.set_cover, {"share": 0.8}),
    "capacity": (siting.p_median, {"p": 8, "capacity": pd.Series(250.0, index=range(12))}),
    "preference": (siting.max_cover, {"p": 3, "preference": pd.Series(1.0, index=[3, 4])}),
    "center": (siting.p_center, {"p": 6}),
}


@pytest.mark.parametrize("name", list(ASKED))
def test_a_worker_finds_what_the_own_process_finds(name, monkeypatch):
    model, asked = ASKED[name]
    od, weight = table(3)
    here = model(od, weight, **asked, time_limit_s=LONG_S)
    monkeypatch.setattr(program, "ASIDE_FROM", -1)
    aside = model(od, weight, **asked, time_limit_s=LONG_S)
    worker.stop_workers()
    assert here.status == aside.status == "optimal"
    assert aside.objective == pytest.approx(here.objective)
    assert aside.chosen == here.chosen


@pytest.mark.usefixtures("aside")
def test_a_worker_says_that_there_is_no_plan():
    made = Program(maximise=True)
    sites = made.columns(3, whole=True)
    made.row(sites, np.ones(3), low=2.5)
    made.row(sites, np.ones(3), high=2.0)
    answer = made.solve(time_limit_s=LONG_S)
    assert answer.infeasible
    assert answer.point is None


@pytest.mark.usefixtures("aside")
def test_a_worker_starts_from_a_plan_and_prices_rows():
    made = Program(maximise=False)
    sites = made.columns(3, worth=np.array([1.0, 2.0, 4.0]), whole=True)
    made.row(sites, np.ones(3), low=2.0)
    known = (sites, np.array([0.0, 1.0, 1.0]))
    assert made.solve(time_limit_s=LONG_S, start=known).objective == 3.0
    loose = Program(maximise=False)
    parts = loose.columns(2, worth=np.array([3.0, 5.0]))
    loose.row(parts, np.ones(2), low=1.5)
    assert loose.solve(time_limit_s=LONG_S).prices == pytest.approx([5.0])


@pytest.mark.usefixtures("aside")
def test_a_worker_is_kept_and_one_that_has_ended_is_replaced():
    made = Program(maximise=True)
    made.columns(2, worth=1.0, whole=True)
    made.row(np.arange(2), np.ones(2), high=1.0)
    assert made.solve(time_limit_s=LONG_S).objective == 1.0
    (first,) = worker._FREE
    assert made.solve(time_limit_s=LONG_S).objective == 1.0
    assert [first] == worker._FREE
    first.stop()
    assert made.solve(time_limit_s=LONG_S).objective == 1.0
    assert [first] != worker._FREE


@pytest.mark.usefixtures("aside")
def test_where_no_process_may_be_begun_the_own_one_solves(monkeypatch):
    def refused(*_, **__):
        raise PermissionError

    monkeypatch.setattr(worker.subprocess, "Popen", refused)
    made = Program(maximise=True)
    made.columns(2, worth=1.0, whole=True)
    made.row(np.arange(2), np.ones(2), high=1.0)
    assert made.solve(time_limit_s=LONG_S).objective == 1.0


@pytest.mark.usefixtures("aside")
@pytest.mark.parametrize(("script", "objective"), [("raise SystemExit(1)", 1.0), (KILLED, -np.inf)])
def test_where_a_process_cannot_work_the_own_one_solves(script, objective, monkeypatch, tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text(script, "utf-8")
    monkeypatch.setattr(worker.highs, "__file__", str(broken))
    made = Program(maximise=True)
    made.columns(2, worth=1.0, whole=True)
    made.row(np.arange(2), np.ones(2), high=1.0)
    answer = made.solve(time_limit_s=LONG_S)
    assert answer.objective == objective
    assert answer.bound >= 1.0
    assert not worker._FREE


@pytest.mark.usefixtures("aside")
def test_without_time_nothing_is_known_and_the_worker_is_ended():
    made = Program(maximise=True)
    made.columns(2, worth=1.0, whole=True)
    made.row(np.arange(2), np.ones(2), high=1.0)
    answer = made.solve(time_limit_s=0.0)
    assert answer.point is None
    assert answer.bound == np.inf
    assert not answer.infeasible
    assert not worker._FREE


def test_the_latest_word_counts_when_time_is_up():
    told = queue.SimpleQueue()
    told.put((False, Answer(point=np.array([1.0]), objective=5.0, bound=9.0)))
    told.put((False, Answer(point=np.array([0.0]), objective=7.0, bound=8.0)))
    known, free = worker.latest(told, time.monotonic(), maximise=True)
    assert (known.objective, known.bound, free) == (7.0, 8.0, False)


def test_the_last_word_ends_the_wait():
    told = queue.SimpleQueue()
    told.put((True, Answer(point=None, objective=-np.inf, bound=3.0)))
    known, free = worker.latest(told, time.monotonic() + LONG_S, maximise=True)
    assert (known.bound, free) == (3.0, True)


def test_what_a_worker_told_before_it_ended_stands():
    told = queue.SimpleQueue()
    told.put((False, Answer(point=np.array([1.0]), objective=5.0, bound=9.0)))
    told.put(None)
    known, free = worker.latest(told, time.monotonic() + LONG_S, maximise=True)
    assert (known.objective, free) == (5.0, False)
