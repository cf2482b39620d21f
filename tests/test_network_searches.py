"""The compiled searches: dealt out in any way, misled, or short of room, they answer the same."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from test_network import CRS, lattice, points

from planner.engine.jit import CompiledFunction
from planner.engine.network.queries import times
from planner.engine.network.search import closest, matrix, threads
from planner.network import Network


@pytest.fixture
def small_pieces(monkeypatch):
    """Three threads, and pieces of work far smaller than they would be."""
    for room in (threads, closest, times):
        monkeypatch.setattr(room, "WORKERS", 3)
    monkeypatch.setattr(closest, "_BLOCK", 8)
    monkeypatch.setattr(closest, "_WIDE", 1)
    monkeypatch.setattr(times, "_LEAST_SEARCHES", 2)
    monkeypatch.setattr(times, "_LEAST_PAIRS", 8)


def answers(net, demand, stations):
    near = net.nearest(demand, stations, 4)
    table = net.travel_times(demand, stations, 4)
    worst = net.critical_streets(demand, stations, cutoff_min=4, top=3)
    return near, table.sort_values(["demand", "facility"], ignore_index=True), worst


def test_work_dealt_out_in_small_pieces_gives_the_same_answers(request):
    net = lattice(side=10)  # all streets equally long: whatever the order, ties are everywhere
    rng = np.random.default_rng(3)
    demand = points(rng.uniform(0, 900, (300, 2)))
    stations = points(100.0 * rng.integers(0, 10, (12, 2)))
    whole = answers(net, demand, stations)
    request.getfixturevalue("small_pieces")
    asked = []
    spread = closest._search_from
    request.getfixturevalue("monkeypatch").setattr(
        closest, "_search_from", lambda *given: (asked.append(len(given[2])), spread(*given))
    )
    parts = answers(net, demand, stations)
    assert len(asked) > 2
    assert max(asked) < len(stations)
    for one, other in zip(whole, parts, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))
    near, table, _ = parts
    first = table.sort_values(["minutes", "facility"]).groupby("demand").first()
    assert near["minutes"].dropna().to_dict() == first["minutes"].to_dict()
    assert near["facility"].dropna().to_dict() == first["facility"].to_dict()


def misleading(stages: int) -> tuple[Network, nx.Graph]:
    """Streets that a search from node 0 settles over and over: it goes the long way first.

    Streets elsewhere are so much longer that all of this falls in one bucket.
    """
    ends = []
    for k in range(stages):
        here, aside, there, blind = 3 * k, 3 * k + 1, 3 * k + 3, 3 * k + 2
        ends += [(here, aside, 0.01), (aside, there, 0.01), (aside, blind, 0.01)]
        ends += [(here, there, 0.1 * 2 ** (stages - k))]
    last = 3 * stages
    ends += [(last + 1 + 2 * k, last + 2 + 2 * k, 9e5) for k in range(100)]
    edges = pd.DataFrame(ends, columns=["u", "v", "length_m"])
    nodes = pd.DataFrame({"x": np.arange(last + 201) * 1000.0, "y": 0.0})
    graph = nx.Graph()
    graph.add_weighted_edges_from(ends)
    return Network.from_edges(nodes, edges, CRS), graph


def test_a_search_that_needs_more_room_than_there_is_gets_it(monkeypatch):
    grown = []
    monkeypatch.setattr(times, "grow", lambda held: grown.append(1) or matrix.grow(held))
    net, graph = misleading(12)
    for start in (0, 36):
        at = points([(start * 1000.0, 0)])
        metres = nx.single_source_dijkstra_path_length(graph, start)
        expected = pd.Series(metres).sort_index() / 60
        table = net.travel_times(None, at, 1000.0).set_index("demand")["minutes"].sort_index()
        near = net.nearest(None, at, 1000.0)["minutes"].dropna().sort_index()
        way = net.routes(pd.DataFrame({"demand": points([(18000.0, 0)]), "facility": at}))
        np.testing.assert_allclose(table, expected, atol=1e-9)
        np.testing.assert_allclose(near, expected, atol=1e-9)
        assert way["minutes"].tolist() == pytest.approx([expected[18]], abs=1e-9)
    assert len(grown) >= 4


def test_what_threads_do_comes_back_in_order_and_may_be_dealt_out_again(small_pieces):
    def inner(a, b):
        return threads.in_chunks(6, lambda c, d: (a, b, c, d), 2)

    assert threads.in_chunks(5, inner, 2) == [
        [(a, b, c, c + 2) for c in (0, 2, 4)] for a, b in ((0, 2), (2, 4), (4, 5))
    ]
    assert threads.in_chunks(0, inner, 2) == []


@pytest.mark.parametrize("by_caller", [True, False])
def test_what_fails_in_a_thread_fails_for_the_caller_and_is_not_gone_on_with(
    small_pieces, by_caller
):
    begun = []

    def work(a, b):
        begun.append(a)
        time.sleep(0.001)
        if (threading.current_thread() is threading.main_thread()) == by_caller:
            raise ValueError(a)

    with pytest.raises(ValueError, match=r"\d"):
        threads.in_chunks(1000, work, 1)
    assert len(begun) < 500


def test_a_point_by_the_corner_of_two_streets_goes_to_the_one_that_stands_first():
    rng = np.random.default_rng(11)
    chosen = set()
    for _ in range(40):
        tip, left, right = rng.uniform(0, 100, 2), [-300.0, 400.0], [500.0, 450.0]
        nodes = pd.DataFrame([left, tip, right], columns=["x", "y"])
        edges = pd.DataFrame({"u": [0, 1], "v": [1, 2], "length_m": [900.0, 900.0]})
        net = Network.from_edges(nodes, edges, CRS)
        below = points(tip + rng.uniform([-5, -90], [5, -40], (20, 2)))  # nearest to the tip itself
        at = net.snap(below)
        np.testing.assert_allclose(at.points[["x", "y"]], np.tile(tip, (20, 1)))
        chosen |= set(at.edge)
    assert chosen == {0}


def as_python(monkeypatch: pytest.MonkeyPatch) -> tuple[set[str], set[str]]:
    """Have all compiled functions of the network run as Python; those of searches, and the asked.

    The first set is of all that the searches have, the second fills as they are called.
    """
    known: set[str] = set()
    called: set[str] = set()
    for name, module in [*sys.modules.items()]:
        if not name.startswith("planner.engine.network."):
            continue
        for own, value in [*vars(module).items()]:
            if isinstance(value, CompiledFunction):
                monkeypatch.setattr(module, own, noting(value.py_func, called))
                if value.py_func.__module__.startswith("planner.engine.network.search."):
                    known.add(value.py_func.__qualname__)
    return known, called


def noting(function: Callable[..., Any], called: set[str]) -> Callable[..., Any]:
    def noted(*given: Any) -> Any:
        called.add(function.__qualname__)
        return function(*given)

    return noted


def test_no_compiled_search_leaves_its_arrays(monkeypatch):
    """Compiled code reads and writes beyond an array in silence, where Python raises IndexError."""
    known, called = as_python(monkeypatch)
    net = lattice()
    for at in (points([(10, 5), (90, 150), (200, 0)]), points([(0, 0)]), points([])):
        for direction in ("to_facility", "from_facility"):
            net.travel_times(None, at, 15, 1, 200, direction)
            net.nearest(at, at, 15, 1, 200, direction)
            net.reach(at, [1, 5], 1, 200, direction)
        net.nearest_k(None, at, 2)
        net.critical_streets(at, at)
    assert len(called) > 35
    assert known <= called
