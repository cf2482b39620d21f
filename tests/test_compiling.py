"""Machine code: made once, and announced where that makes somebody wait."""

from __future__ import annotations

import ast
import errno
import gc
import importlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numba
import numpy as np
import pandas as pd
import pytest
from numba.core import event
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from test_network import lattice, points

from planner.engine import jit, machine_code
from planner.engine.kept_code import room_of
from planner.network import DRIVING, Network, load_network, save_network, warm_up

ROOT = Path(__file__).resolve().parent.parent


class Listener(event.Listener):
    def __init__(self) -> None:
        self.heard = []

    def on_start(self, event):
        self.heard.append(event.data["dispatcher"].py_func.__qualname__)

    def on_end(self, event):
        pass


def test_after_warming_up_the_usual_questions_compile_nothing(tmp_path):
    warm_up()
    net = lattice()
    edges = net.edges.sort_index().assign(slope=0.1, highway="residential", oneway=1)
    hilly = Network.from_edges(net.nodes, edges, net.crs)
    save_network(hilly, tmp_path / "kept")
    with event.install_listener("numba:compile", Listener()) as listener:
        for one in (net, hilly, hilly.by(DRIVING), load_network(tmp_path / "kept")):
            for at in (points([(10, 5), (90, 150)]), points([(0, 0)]), points([])):
                for direction in ("to_facility", "from_facility"):
                    one.travel_times(at, at, 15, 1, 200, direction)
                    one.travel_times(None, at, np.float64(15), np.float32(1))
                    one.nearest(None, at, 15, 1, 200, direction)
                    one.nearest(at, at, np.inf, pd.Series(1.0, index=at.index))
                    one.reach(at, [5], 1, 200, direction)
    assert listener.heard == []


@pytest.fixture
def fresh(monkeypatch):
    """A listener that has told nothing yet, and no patience."""
    teller = machine_code._CompilationWatch()
    monkeypatch.setattr(machine_code.COMPILATIONS, "is_announced", True)
    monkeypatch.setattr(machine_code, "COMPILATIONS", teller)
    monkeypatch.setattr(machine_code, "_PATIENCE_S", 0.0)
    with event.install_listener("numba:compile", teller):
        yield


def compile_something(module: str = "planner.engine.network.search.kernels"):
    def double(number):
        return 2 * number

    double.__module__ = module
    assert numba.njit(double)(21) == 42


def test_a_wait_is_announced_once(fresh, caplog, monkeypatch):
    monkeypatch.setenv("PLANNER_LANG", "en")
    compile_something("somebody.else")
    assert caplog.records == []
    compile_something()
    compile_something()
    assert [one.message for one in caplog.records] == [
        "Compiling the engine, some twenty seconds: once on this machine."
    ]
    assert caplog.records[0].levelno == logging.WARNING  # shown without any set-up


def test_who_has_announced_the_wait_is_not_told_again(fresh, caplog):
    with jit.announced():
        compile_something()
    assert caplog.records == []
    compile_something()
    assert len(caplog.records) == 1


def test_a_short_wait_is_not_worth_a_word(fresh, caplog, monkeypatch):
    monkeypatch.setattr(machine_code, "_PATIENCE_S", 60.0)
    compile_something()
    assert caplog.records == []


@pytest.mark.parametrize("collects", [True, False])
def test_garbage_waits_while_code_is_compiled_and_no_longer(collects):
    watch, seen = machine_code._CompilationWatch(), []

    class During(event.Listener):
        def on_start(self, _event):
            seen.append(gc.isenabled())

        def on_end(self, _event):
            pass

    (gc.enable if collects else gc.disable)()
    try:
        with (
            event.install_listener("numba:compile", watch),
            event.install_listener("numba:compile", During()),
        ):
            compile_something()
        assert seen == [False]
        assert gc.isenabled() == collects
    finally:
        gc.enable()


def test_a_compilation_that_began_before_anybody_listened_ends(fresh):
    late = event.Event("numba:compile", event.EventStatus.END, data={"dispatcher": None})
    watch = machine_code._CompilationWatch()
    watch.notify(late)
    assert (watch.spent_s, gc.isenabled()) == (0.0, True)


def test_without_a_place_for_machine_code_it_is_made_anew(monkeypatch):
    monkeypatch.setattr(CompileResultCacheImpl, "_locator_classes", [])
    with pytest.raises(RuntimeError):
        numba.njit(cache=True)(lambda number: number)
    assert jit.compiled(lambda number: number + 1)(1) == 2


def test_machine_code_is_made_anew_where_what_it_calls_has_changed(tmp_path):
    head = "from planner.engine.jit import compiled\n"
    callee = head + "@compiled\ndef answer():\n    return {}\n"
    caller = head + "from deep.low import answer\n@compiled\ndef ask():\n    return answer()\n"
    (tmp_path / "high.py").write_text(caller)
    (tmp_path / "deep").mkdir()

    def run() -> tuple[str, str]:
        code = (
            "from high import ask; ask(); print(ask(), dict(ask.dispatcher.stats.cache_hits) != {})"
        )
        told = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return tuple(told.stdout.split())

    (tmp_path / "deep" / "low.py").write_text(callee.format(41))
    assert run() == ("41", "False")
    assert run() == ("41", "True")
    (tmp_path / "deep" / "low.py").write_text(callee.format(42))
    assert run() == ("42", "False")


def compiled_names(code: CodeType, named: dict[str, Any]) -> Iterator[jit.CompiledFunction]:
    """Return the compiled functions that some code names, and the code within it."""
    own = [named.get(name) for name in code.co_names]
    for module in [one for one in own if isinstance(one, ModuleType) and "planner" in one.__name__]:
        own += [getattr(module, name, None) for name in code.co_names]
    yield from (one for one in own if isinstance(one, jit.CompiledFunction))
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from compiled_names(inner, named)


def test_what_only_compiled_functions_call_has_no_wrapper_for_python():
    """And the other way round: what is a part of others is called by no Python."""
    files = Path(jit.__file__).parent.rglob("*.py")
    modules = [
        importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
        for file in files
        if file.stem != "__init__"
    ]
    made, within, outside = set(), set(), set()
    for module in modules:
        named = vars(module)
        for one in named.values():
            if isinstance(one, jit.CompiledFunction) and one.__module__ == module.__name__:
                made.add(one)
                within.update(compiled_names(one.py_func.__code__, named))
        source = ast.parse(Path(module.__file__).read_text("utf-8"))
        by_python = [
            one
            for one in source.body
            if not isinstance(one, ast.ImportFrom)
            and not isinstance(named.get(getattr(one, "name", "")), jit.CompiledFunction)
        ]
        code = compile(ast.Module(by_python, []), module.__name__, "exec")
        outside.update(compiled_names(code, named))
    parts = {one for one in made if isinstance(one, jit.PartFunction)}
    whole = {
        one
        for one in made
        if type(one) is jit.CompiledFunction and "inline" not in one.targetoptions
    }
    told = {"a part, called by Python": parts & outside, "never called by Python": whole - outside}
    assert {why: {one.__qualname__ for one in some} for why, some in told.items()} == {
        "a part, called by Python": {"foot_on"},  # by the few facilities with a way to their street
        "never called by Python": set(),
    }
    assert parts <= within


def test_python_runs_a_part_that_it_calls():
    part = jit.compiled_part(twice_as_much)
    assert part(21) == 42
    assert "dispatcher" not in vars(part)


def test_machine_code_of_a_room_goes_by_all_its_folders():
    engine = Path(jit.__file__).parent
    for room in ("capacity", "network", "siting"):
        for file in (engine / room).rglob("*.py"):
            assert room_of(file) == engine / room


def twice_as_much(number):
    return 2 * number


@pytest.mark.parametrize("step", ["_save_overload", "load_overload"])
def test_a_place_for_machine_code_that_is_full_or_closed_stops_nothing(monkeypatch, step):
    def refused(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    made = jit.compiled(twice_as_much)
    monkeypatch.setattr(FunctionCache, step, refused)
    assert made(21) == 42


def test_what_is_kept_is_known_without_numba(tmp_path):
    """The place where numba keeps code is looked at, and numba is not asked: a process each."""
    source = "from planner.engine.jit import compiled\n@compiled\ndef ask():\n    return 41\n"
    (tmp_path / "kept_or_not.py").write_text(source)
    code = (
        "import sys, kept_or_not as own; from planner.engine.kept_code import is_kept;"
        "before = is_kept(own.ask), 'numba' in sys.modules; own.ask();"
        "print(before, is_kept(own.ask))"
    )
    for place in ({}, {"NUMBA_CACHE_DIR": str(tmp_path / "elsewhere")}):
        for told in ("(False, False) True", "(True, False) True"):
            ran = subprocess.run(
                [sys.executable, "-c", code],
                cwd=tmp_path, env=os.environ | place, capture_output=True, text=True, check=True,
            )  # fmt: skip
            assert ran.stdout.strip() == told
