"""HiGHS prints lines that no option turns off; whoever reads a run's output never sees them."""

from __future__ import annotations

import ctypes
import os
import sys
import threading

import numpy as np
import pandas as pd
import pytest
import scipy.optimize

from planner import siting
from planner.engine.quiet import NOISE, Aside
from planner.engine.siting.solver import highs
from planner.engine.siting.solver.program import Program

pytestmark = pytest.mark.skipif(os.name != "posix", reason="file descriptors of Unix")


def say(text: bytes) -> None:
    """Print as C does, past Python's own output."""
    ctypes.CDLL(None).puts(text)


def test_only_what_highs_says_is_dropped(capfd):
    with Aside():
        say(NOISE + b" tmpSolver.run();")
        say(b"of somebody else")
        os.write(1, b"at once\n")
    said = capfd.readouterr().out.splitlines()
    assert sorted(said) == ["at once", "of somebody else"]


def test_what_stood_in_the_buffer_before_comes_first(capfd):
    say(b"before")
    with Aside():
        say(b"meanwhile")
    sys.stdout.write("after\n")
    sys.stdout.flush()
    assert capfd.readouterr().out.splitlines() == ["before", "meanwhile", "after"]


def test_the_output_is_given_back_by_the_last_of_two_threads(capfd):
    aside, inside, leave = Aside(), threading.Event(), threading.Event()

    def solving():
        with aside:
            inside.set()
            leave.wait(60)
            say(NOISE)

    other = threading.Thread(target=solving)
    other.start()
    inside.wait(60)
    with aside:
        say(NOISE)
    os.write(1, b"still aside\n")
    assert capfd.readouterr().out == ""
    leave.set()
    other.join()
    os.write(1, b"back\n")
    assert capfd.readouterr().out == "still aside\nback\n"


def test_a_failure_gives_the_output_back(capfd):
    with pytest.raises(KeyError), Aside():
        raise KeyError
    os.write(1, b"back\n")
    assert capfd.readouterr().out == "back\n"


def test_every_program_is_solved_with_the_output_aside(capfd, monkeypatch):
    class Talking(highs.highspy.Highs):
        def run(self):
            say(NOISE + b" tmpSolver.run();")
            return super().run()

    monkeypatch.setattr(highs.highspy, "Highs", Talking)
    made = Program(maximise=True)
    made.row(made.columns(3, worth=1.0, whole=True), np.ones(3), high=2.0)
    assert made.solve(time_limit_s=60.0).objective == 2.0
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("failures", [1, 2, 3])
@pytest.mark.parametrize("maximise", [True, False])
def test_a_failure_of_highs_bounds_nothing(monkeypatch, failures, maximise):
    """What cannot be kept to 1e-9 is tried without the known plan, then as HiGHS would have it."""
    run = []

    class Failing(highs.highspy.Highs):
        def passModel(self, *model):  # noqa: N802
            run.append(self)
            return super().passModel(*model)

        def getModelStatus(self):  # noqa: N802
            if len(run) <= failures:
                return highs.highspy.HighsModelStatus.kSolveError
            return super().getModelStatus()

        def getInfo(self):  # noqa: N802
            if len(run) <= failures:
                return highs.highspy.HighsInfo()
            return super().getInfo()

    monkeypatch.setattr(highs.highspy, "Highs", Failing)
    made = Program(maximise=maximise)
    columns = made.columns(3, worth=1.0, whole=True)
    made.row(columns, np.ones(3), low=1.0, high=2.0)
    answer = made.solve(time_limit_s=60.0, start=(columns, np.array([1.0, 1.0, 0.0])))
    assert len(run) == min(failures, 2) + 1
    if failures < 3:
        assert answer.objective == answer.bound == (2.0 if maximise else 1.0)
    else:
        assert answer.point is None
        assert not answer.infeasible
        assert answer.bound == (np.inf if maximise else -np.inf)


def test_every_check_is_solved_with_the_output_aside(capfd, monkeypatch):
    solve = scipy.optimize.milp

    told = []

    def talking(*args, **kwargs):
        told.append(say(NOISE + b" tmpSolver.run();"))
        return solve(*args, **kwargs)

    monkeypatch.setattr(scipy.optimize, "milp", talking)
    od = pd.DataFrame({"demand": ["a", "b", "b"], "facility": [1, 1, 2], "minutes": 5.0})
    people = pd.Series({"a": 10, "b": 20})
    assert siting.verify(siting.max_cover(od, people, p=1), od, people).settled
    assert told
    assert capfd.readouterr().out == ""
