"""What Python runs itself while little is asked: the same to the last bit as machine code."""

import collections
import copy
import math
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from planner import siting
from planner.engine import jit
from planner.engine.siting.solver.written_out import order_of
from planner.network import Network, find_faults
from tests.fuzz import siting as fuzz


@jit.compiled
def twice(number):
    return 2.0 * number


def add_twice(numbers, to):
    for k in range(len(numbers)):
        to[k] += twice(numbers[k])
    return len(numbers)


@pytest.mark.parametrize("kept", [True, False])
def test_python_runs_it_until_it_has_been_asked_for_many_steps(monkeypatch, kept):
    monkeypatch.setattr(jit, "FEW_IF_KEPT" if kept else "FEW_STEPS", 10)
    monkeypatch.setattr(jit, "is_kept", lambda _: kept)
    late, ways = jit.compiled_late(lambda numbers, _: len(numbers))(add_twice), []
    for way, run in (("Python", late.plain), ("machine", late.dispatcher)):
        monkeypatch.setitem(
            vars(late), "plain" if way == "Python" else "dispatcher",
            lambda *given, way=way, run=run: ways.append(way) or run(*given),
        )  # fmt: skip
    for length in (3, 7, 1, 1):
        to = np.zeros(length)
        assert late(np.ones(length), to) == length
        assert to.tolist() == [2.0] * length
    assert ways == ["Python", "Python", "machine", "machine"]


def test_what_is_asked_for_much_at_once_is_compiled_at_once(monkeypatch):
    late = jit.compiled_late(lambda *_: jit.FEW_STEPS + 1)(add_twice)
    monkeypatch.setitem(vars(late), "plain", None)
    assert late(np.ones(2), np.zeros(2)) == 2


def test_python_warns_as_little_as_machine_code_does():
    @jit.compiled_late(lambda _: 1)
    def beyond(numbers):
        return numbers[0] - numbers[0]

    assert math.isnan(beyond(np.array([np.inf])))


def late_functions() -> dict[str, jit.LateFunction]:
    """Return those in all modules of the planner that are loaded, by name."""
    return {
        f"{one.__module__}.{one.__qualname__}": one
        for name, module in sorted(sys.modules.items())
        if name.startswith("planner.")
        for one in vars(module).values()
        if isinstance(one, jit.LateFunction)
    }


def ask_of_few_places() -> None:
    rng = np.random.default_rng(1)
    at, sites = (pd.DataFrame(rng.uniform(0, 3000, (n, 2)), columns=["x", "y"]) for n in (100, 60))
    od = siting.straight_od(at, sites, cutoff_m=900.0)
    people = pd.Series(rng.integers(1, 50, 100), at.index)
    half = siting.Quota(name="west", at_most=2, sites=list(sites.index[sites["x"] < 1500]))
    for rules in ({}, {"quotas": [half]}, {"floors": [siting.Floor(name="all", share=0.3)]}):
        found = siting.max_cover(od, people, p=5, metric="metres", **rules)
        assert found.status == "optimal"


def test_a_question_of_few_places_compiles_no_search(monkeypatch):
    for one in late_functions().values():
        monkeypatch.delitem(vars(one), "dispatcher", raising=False)
        monkeypatch.setattr(one, "_left", 2_000_000)
    ask_of_few_places()
    assert [name for name, one in late_functions().items() if "dispatcher" in vars(one)] == []


@jit.compiled
def by_machine(values):
    return order_of(values)


@pytest.mark.parametrize("size", [0, 1, 16, 17, 100])
def test_values_are_put_in_order_as_numpy_puts_them(size):
    rng = np.random.default_rng(size)
    for values in (rng.integers(0, 9, size), rng.integers(0, 40, size) / 7.0):
        for order in (by_machine, order_of.plain):
            assert order(values).tolist() == np.argsort(values, kind="stable").tolist()


def same(one, other) -> bool:
    """Return whether two values are the same to the last bit, arrays and tuples of them, too."""
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if one is None or other is None:
        return one is other
    return bool(np.array_equal(one, other, equal_nan=True))


@pytest.fixture
def both_ways(monkeypatch):
    """Run each call both ways and hold them against each other; count the calls by function."""
    counts = collections.Counter()

    def call(self, *given):
        if not math.isfinite(self._steps_of(*given)):
            return self.dispatcher(*given)
        own = copy.deepcopy(given)
        with np.errstate(all="ignore"):
            by_python = self.plain(*own)
        by_machine = self.dispatcher(*given)
        assert same(by_python, by_machine), self.__qualname__
        assert same(own, given), self.__qualname__
        counts[f"{self.__module__}.{self.__qualname__}"] += 1
        return by_machine

    monkeypatch.setattr(jit.LateFunction, "__call__", call)
    return counts


def test_each_gives_the_same_both_ways_on_random_streets(both_ways):
    rng = np.random.default_rng(2)
    for number in range(5, 40, 5):
        steps = (
            rng.normal(0, 40, (number, 4, 2))
            if number % 2
            else rng.integers(-40, 41, (number, 4, 2))
        )
        lines = shapely.linestrings(rng.integers(0, 300, (number, 1, 2)) + steps.cumsum(axis=1))
        streets = gpd.GeoDataFrame({"layer": rng.integers(0, 2, number)}, geometry=lines, crs=4549)
        find_faults(streets)
        Network.from_lines(streets)
    ours = {name for name in late_functions() if ".network." in name}
    assert {name for name in ours if both_ways[name] < 5} == set()
    assert len(ours) == 3


def test_each_gives_the_same_both_ways_on_random_questions(both_ways):
    np.random.seed(77)  # noqa: NPY002  as a user may have done, whose draws stay as they are
    drawn = np.random.get_state()[1].copy()  # noqa: NPY002
    for form, seeds in {"max_cover": 40, "p_median": 40, "set_cover": 10}.items():
        assert fuzz.run(range(seeds), form)[1] == []
    ask_of_few_places()
    ours = {name for name in late_functions() if ".siting." in name}
    assert {name for name in ours if both_ways[name] < 5} == set()
    assert len(ours) > 10
    assert np.array_equal(np.random.get_state()[1], drawn)  # noqa: NPY002
