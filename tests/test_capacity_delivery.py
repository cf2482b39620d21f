"""Deliveries over links against hand-worked cases, networkx and enumeration of ways."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples

from planner.capacity import deliver, linked, timed_links
from planner.errors import InputError

LINKS = pd.DataFrame(
    [
        ("K", "S1", 10.0, 1, np.nan),
        ("K", "S2", 25.0, 1, np.nan),
        ("S1", "A", 5.0, 2, 40),
        ("S1", "B", 8.0, 1, np.nan),
        ("S2", "B", 3.0, 1, np.nan),
        ("S2", "C", 10.0, 1, np.nan),
        ("K", "D", np.nan, 1, np.nan),
    ],
    columns=["source", "target", "minutes", "rounds", "load"],
)
NEED = pd.Series({"A": 100.0, "B": 30.0, "C": 20.0, "D": 5.0, "E": 0.0})
MEALS = pd.Series({"K": 200.0, "S1": 90.0, "S2": np.nan})


def test_meals_from_the_kitchen_worked_by_hand():
    found = deliver(LINKS, NEED, MEALS, window_min=30, handling_min=5)
    table = found.communities
    # to A: 10 + 5 wait + out, back and out again (15) = 30, just in time; B by S1: 10 + 5 + 8
    assert table["minutes"].to_dict() == pytest.approx(
        {"A": 30, "B": 23, "C": 40, "D": np.nan, "E": np.nan}, nan_ok=True
    )
    assert table["in_time"].to_list() == [True, True, False, False, False]
    assert table["meals"].to_list() == [60, 30, 0, 0, 0]  # S1 passes 90, the shorter way first
    reasons = table["reason"].where(table["reason"].notna(), "")
    assert reasons.to_list() == ["short", "", "too_late", "no_route", "no_route"]
    assert pd.isna(table.loc["E", "share"])
    assert found.objective == found.bound == 90
    assert found.status == "optimal"
    assert found.facilities["meals"].to_list() == [90, 90, 0]
    assert found.facilities["use"].to_list()[:2] == [0.45, 1]
    assert found.links["meals"].to_list() == [90, 0, 60, 30, 0, 0, 0]
    assert found.links["limit"].to_list()[2] == 80
    assert [note.key for note in found.notes] == ["capacity.link_no_way", "capacity.no_limit"]
    later = deliver(LINKS, NEED, MEALS, window_min=40, handling_min=5)
    assert later.communities["meals"].to_list() == [80, 30, 20, 0, 0]  # A: two rounds of 40
    assert "K → S2 → B" in later.routes["route"].to_list()
    none = deliver(LINKS, NEED, MEALS, window_min=1)
    assert none.objective == none.bound == 0
    assert not none.communities["in_time"].any()


@given(st.integers(0, 10**6))
@examples(20)
def test_most_meals_against_networkx(seed):
    rng = np.random.default_rng(seed)
    stations = [f"S{i}" for i in range(rng.integers(1, 4))]
    homes = [f"C{i}" for i in range(rng.integers(1, 6))]
    rows = [("K", s, float(rng.integers(1, 9))) for s in stations if rng.random() < 0.9]
    rows += [(s, c, float(rng.integers(1, 9))) for s in stations for c in homes]
    links = pd.DataFrame(rows, columns=["source", "target", "minutes"])
    links = links[rng.random(len(links)) < 0.8]
    links["load"] = rng.integers(1, 30, len(links)).astype(float)
    need = pd.Series(rng.integers(0, 30, len(homes)).astype(float), homes)
    meals = pd.Series(rng.integers(0, 60, len(stations) + 1).astype(float), ["K", *stations])
    found = deliver(links, need, meals, window_min=1000)
    graph = nx.DiGraph()
    graph.add_node("to")
    for label, count in meals.items():
        graph.add_edge(f"{label} in", label, capacity=count)
        if not (links["target"] == label).any():
            graph.add_edge("from", f"{label} in")
    for row in links.itertuples():
        end = f"{row.target} in" if row.target in meals.index else row.target
        graph.add_edge(row.source, end, capacity=row.load)
    for label, count in need.items():
        graph.add_edge(label, "to", capacity=count)
    graph.add_node("from")
    assert found.objective == pytest.approx(nx.maximum_flow_value(graph, "from", "to"))
    assert found.status == "optimal"
    assert (found.facilities["meals"] <= meals + 1e-9).all()
    assert (found.links["meals"] <= links["load"] + 1e-9).all()
    assert (found.communities["meals"] <= need + 1e-9).all()
    sooner = deliver(links, need, meals, window_min=9)
    assert sooner.objective <= found.objective + 1e-9
    assert (sooner.routes.loc[sooner.routes["meals"] > 0, "minutes"] <= 9).all()


def test_links_of_a_year():
    links = pd.DataFrame(
        {
            "source": ["K", "S", "S", "T"],
            "target": ["S", "A", "B", "C"],
            "from_year": [2018, 2018, 2020, None],
            "to_year": [None, 2021, None, None],
        }
    )
    every = pd.Series({"K": True, "S": True, "T": True})
    assert linked(links, every, year=2018) == {"A", "C"}
    assert linked(links, every, year=2020) == {"A", "B", "C"}
    assert linked(links, every, year=2021) == {"B", "C"}
    assert linked(links, every) == {"B", "C"}
    assert linked(links, pd.Series({"K": False, "S": True, "T": True}), year=2020) == {"C"}
    assert linked(links, pd.Series({"K": True, "S": False, "T": True}), year=2020) == {"C"}


def test_minutes_of_links_come_from_the_od_table():
    od = pd.DataFrame({"facility": ["K", "S1"], "demand": ["S1", "A"], "minutes": [3.0, 4.0]})
    timed = timed_links(LINKS[["source", "target", "load"]], od)
    assert timed["minutes"].to_list()[:3] == pytest.approx([3, np.nan, 4], nan_ok=True)
    assert "minutes" not in LINKS[["source", "target", "load"]]


def test_everything_wrong_is_said_at_once():
    links = pd.DataFrame(
        [("Q", "A"), ("K", "Z"), ("K", "S1"), ("S1", "S2"), ("S2", "K"), ("K", "Z")],
        columns=["source", "target"],
    ).assign(minutes=[1, 1, 1, -1, 1, 1])
    need, meals = pd.Series({"A": 1.0, "S1": None}), pd.Series({"K": -1.0, "S1": 1.0, "S2": 1.0})
    with pytest.raises(InputError) as error:
        deliver(links, need, meals, window_min=-1)
    found = [problem.key.removeprefix("capacity.") for problem in error.value.problems]
    assert found == [
        "link_source", "link_target", "link_target", "label_both", "link_twice", "link_circle",
        "negative", "negative", "not_a_number", "cutoff",
    ]  # fmt: skip
    circle = next(p for p in error.value.problems if p.key == "capacity.link_circle")
    assert circle.value == "K → S1 → S2 → K"
    for lang in ("zh", "en"):
        assert all("{" not in line for line in error.value.say(lang))
    with pytest.raises(InputError, match="K → S1 → S2 → K"):
        linked(links[2:5], pd.Series({"K": True, "S1": True, "S2": True}))
    with pytest.raises(InputError):
        linked(links[:1], pd.Series({"K": True}))
