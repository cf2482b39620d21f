"""Questions whose answers were once wrong, each in its smallest form with the right answer."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from planner import siting
from planner.errors import NoPlanError, SitingError


def table(**minutes):
    """Make a table of ``demand_site=minutes``."""
    rows = [(*pair.split("_"), float(value)) for pair, value in minutes.items()]
    return pd.DataFrame(rows, columns=["demand", "facility", "minutes"])


def keys(caught):
    return [problem.key.removeprefix("siting.") for problem in caught.value.problems]


def ask(model, od, demand, *, p, **rules):
    """Ask a model, or the same of a single year in phases."""
    if model == "phases":
        return siting.phase_cover(od, pd.DataFrame({2025: demand}), p={2025: p}, **rules)
    return getattr(siting, model)(od, demand, p=p, **rules)


def test_most_hosts_with_a_quota_and_decay():
    od = table(d3_c3=7, d8_c2=0, d10_c3=12, d8_c3=5, d10_c0=10, d10_c4=6, d3_c5=12)
    demand = pd.Series({"d3": 7.0, "d8": 5.0, "d10": 5.0})
    found = siting.max_cover(
        od,
        demand,
        p=3,
        candidates=["c0", "c2", "c3", "c4", "c5"],
        hosts={"c0": "h2", "c3": "h2", "c2": "h0", "c4": "h0", "c5": "h0"},
        most_hosts=1,
        quotas=[siting.Quota(name="q", sites=["c3", "c4"], at_least=1, at_most=3)],
        decay=lambda minutes: 1 - minutes / 20,
    )
    assert set(found.chosen) == {"c2", "c4", "c5"}
    assert found.objective == pytest.approx(11.3)
    assert found.status == "optimal"


def test_closable_without_a_budget_closes_nothing_for_nothing():
    od, demand = table(a_old=5, b_x=5), pd.Series({"a": 10, "b": 7})
    for model, more in ((siting.max_cover, {}), (siting.p_median, {"beyond": 30.0})):
        found = model(od, demand, p=1, fixed=["old"], closable={"old": 4}, **more)
        assert (found.chosen, found.fixed, found.closed) == (("x",), ("old",), ())
        assert found.status == "optimal"
    assert siting.max_cover(od, demand, p=1, fixed=["old"], closable={"old": 4}).objective == 17


def test_closing_gives_back_what_another_site_costs():
    od, demand = table(a_old=5, b_x=5), pd.Series({"a": 7, "b": 10})
    asked = {"fixed": ["old"], "closable": {"old": 4}, "cost": {"x": 6.0}}
    found = siting.max_cover(od, demand, budget=2.0, **asked)
    assert (found.chosen, found.closed, found.objective) == (("x",), ("old",), 10)
    rich = siting.max_cover(od, demand, budget=6.0, **asked)
    assert (rich.chosen, rich.closed, rich.objective) == (("x",), (), 17)


@pytest.mark.parametrize("scale", [1.0, 0.1, 1 / 3])
def test_a_front_over_cost_moves_on_decimal_costs(scale):
    od = table(a_x=1, b_x=1, c_x=1, b_y=1, c_z=1)
    demand = pd.Series({"a": 4, "b": 3, "c": 2})
    cost = {"x": 3.5 * scale, "y": 2.0 * scale, "z": 1.0 * scale}
    front = siting.cover_front(od, demand, cost=cost)
    assert front["cost"].to_numpy() == pytest.approx(np.array([0, 1, 2, 3, 3.5]) * scale)
    assert front["covered"].tolist() == [0, 2, 3, 5, 9]
    assert front["proven"].all()


def test_a_front_keeps_its_start_where_the_cheapest_is_forbidden():
    od, demand = table(a_x=1, b_y=1), pd.Series({"a": 4, "b": 3})
    front = siting.cover_front(od, demand, cost={"x": 5.0, "y": 1.0}, forbidden=["y"])
    assert front["cost"].tolist() == [0, 5]
    assert front["covered"].tolist() == [0, 4]


def test_a_front_counts_demand_covered_so_many_times():
    od, demand = table(a_x=1, a_y=1, b_y=1, b_z=1), pd.Series({"a": 4, "b": 3})
    front = siting.cover_front(od, demand, times=2)
    assert front["covered"].tolist() == [0, 4, 7]
    assert front["cost"].tolist() == [0, 2, 3]


def test_demand_that_only_a_forbidden_site_is_near_drops_out_of_the_longest_front():
    od = table(a_x=2, a_y=6, b_y=3, c_z=1)
    demand = pd.Series({"a": 1, "b": 1, "c": 5})
    front = siting.mean_max_front(od, demand, p=1, forbidden=["z"])
    assert front[["mean", "longest"]].to_numpy().tolist() == [[4.5, 6.0]]
    both = siting.mean_max_front(od, demand, p=2, forbidden=["z"])
    assert both[["mean", "longest"]].to_numpy().tolist() == [[2.5, 3.0]]


def test_what_may_be_given_up_is_a_share_of_the_objective():
    od, demand = table(a_old=1, b_x=1, c_y=1), pd.Series({"a": 100, "b": 10, "c": 9})
    asked = {"fixed": ["old"], "p": 1, "preference": {"y": 1}}
    assert siting.max_cover(od, demand, give_up=0.05, **asked).chosen == ("y",)
    assert siting.max_cover(od, demand, give_up=0.05, **asked).objective == 109
    assert siting.max_cover(od, demand, give_up=0.001, **asked).chosen == ("x",)


def test_alternatives_are_complete_where_the_best_plan_is_empty():
    od, demand = table(a_old=1, a_x=1), pd.Series({"a": 10})
    found = siting.alternatives(siting.max_cover, od, demand, fixed=["old"], p=1)
    assert found.plans[0].chosen == ()
    assert found.complete


def test_alternatives_are_complete_where_there_are_just_as_many():
    od, demand = table(a_x=1, b_y=1), pd.Series({"a": 10, "b": 10})
    found = siting.alternatives(siting.max_cover, od, demand, k=2, p=1)
    assert [plan.chosen for plan in found.plans] == [("x",), ("y",)]
    assert found.complete
    assert not siting.alternatives(siting.max_cover, od, demand, k=1, p=1).complete


@pytest.mark.parametrize("phased", [False, True])
def test_mandatory_sites_that_may_not_both_be_open_are_refused(phased):
    od, demand = table(a_x=1, b_y=1), pd.Series({"a": 4, "b": 3})
    rules = {"mandatory": ["x", "y"], "conflicts": [("x", "y")]}
    with pytest.raises(SitingError) as caught:
        ask("phases" if phased else "max_cover", od, demand, p=2, **rules)
    assert keys(caught) == ["mandatory_close"]
    assert "x - y" in str(caught.value)


@pytest.mark.parametrize(
    ("rules", "key", "named"),
    [
        ({"quotas": [siting.Quota(name="W", sites=["x"], at_least=2)]}, "quota_short", "W"),
        (
            {"quotas": [siting.Quota(name="W", sites=["x", "y"], at_least=2, at_most=1)]},
            "quota_wrong",
            "W",
        ),
        (
            {"quotas": [siting.Quota(name="W", sites=["x"], at_most=0)], "mandatory": ["x"]},
            "quota_mandatory",
            "x",
        ),
        ({"closable": {"old": 1}, "mandatory": ["old"]}, "mandatory_closable", "old"),
        ({"movable": ["old"], "mandatory": ["old"]}, "mandatory_movable", "old"),
        ({"movable": ["old"], "closable": {"old": 1}}, "closable_movable", "old"),
        ({"forbidden": ["x"], "mandatory": ["x"]}, "mandatory_forbidden", "x"),
        ({"hosts": {"x": "h", "y": "h"}, "mandatory": ["x", "y"]}, "mandatory_host", "h"),
        ({"time_limit_s": 0.0}, "time_limit", "0"),
        ({"time_limit_s": float("nan")}, "time_limit", "nan"),
        ({"give_up": 1.5, "preference": {"x": 1}}, "give_up", "1.5"),
        ({"hosts": {"x": "h"}, "most_hosts": 0}, "most_hosts", "0"),
        ({"hosts": {"x": "h"}, "most_hosts": float("nan")}, "most_hosts", "nan"),
        ({"time_limit_s": None}, "time_limit", "None"),
        ({"seed": -1}, "seed", "-1"),
        ({"seed": 2**31}, "seed", "2147483648"),
        ({"quotas": [siting.Quota(name="W", sites=["x"], at_most=0.5)]}, "quota_wrong", "0.5"),
        ({"preference": {"x": float("nan")}}, "value_missing", "x"),
        ({"preference": {"x": float("inf")}}, "value_infinite", "x"),
        ({"cost": {"x": float("inf"), "y": 1}}, "value_infinite", "x"),
        ({"closable": {"old": float("nan")}}, "value_missing", "old"),
        ({"closable": {"old": -1}}, "value_negative", "old"),
    ],
)
@pytest.mark.parametrize("model", ["max_cover", "p_median", "p_center", "phases"])
def test_what_cannot_be_meant_is_refused(model, rules, key, named):
    od = table(a_old=1, a_x=1, b_x=1, b_y=1, c_y=2)
    demand = pd.Series({"a": 4, "b": 3, "c": 1})
    with pytest.raises(SitingError) as caught:
        ask(model, od, demand, p=1, fixed=["old"], **rules)
    unphased = model == "phases" and {"closable", "movable"} & set(rules)
    assert keys(caught) == (["not_phased"] if unphased else [key])
    if unphased:
        return
    assert named in str(caught.value)


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("key", "ask_of"),
    [
        ("p_wrong", lambda od, people: siting.max_cover(od, people, p=NAN)),
        ("p_wrong", lambda od, people: siting.p_median(od, people, p=INF)),
        ("times_wrong", lambda od, people: siting.set_cover(od, people, times=NAN)),
        ("times_wrong", lambda od, people: siting.max_cover(od, people, p=1, times=INF)),
        ("share_wrong", lambda od, people: siting.set_cover(od, people, share=NAN)),
        ("alternatives_wrong", lambda *t: siting.alternatives(siting.max_cover, *t, p=1, k=NAN)),
        ("most_plans", lambda *t: siting.cover_front(*t, most=0)),
        ("most_plans", lambda *t: siting.time_front(*t, within=1, p=1, most=NAN)),
        ("most_plans", lambda *t: siting.mean_max_front(*t, p=1, most=-1)),
        ("most_plans", lambda *t: siting.fair_front(*t, pd.Series({"a": 1, "b": 2}), p=1, most=0)),
        ("cutoff", lambda *t: siting.time_front(*t, within=NAN, p=1)),
        ("od_columns", lambda *t: siting.time_front(*t, within=1, p=1, metric="metres")),
        ("cutoff", lambda *t: siting.max_cover(*t, p=2, cutoff=-1)),
        ("od_columns", lambda *t: siting.max_cover(*t, p=2, metric="metres")),
        (
            "mandatory_forbidden",
            lambda *t: siting.mean_max_front(*t, p=1, mandatory=["x"], forbidden=["x"]),
        ),
        ("spread_wrong", lambda *t: siting.fair_cover(*t, pd.Series({"a": 1}), p=1, spread=NAN)),
        ("spread_wrong", lambda *t: siting.fair_cover(*t, pd.Series({"a": 1}), p=1, spread=-0.1)),
        (
            "metric_missing",
            lambda od, people: siting.p_median(od.assign(minutes=INF), people, p=1),
        ),
    ],
)
def test_numbers_that_mean_nothing_are_refused(key, ask_of):
    od, people = table(a_x=1, b_y=1), pd.Series({"a": 10, "b": 5})
    with pytest.raises(SitingError) as caught:
        ask_of(od, people)
    assert keys(caught) == [key]


def test_gradual_cover_is_not_asked_several_times():
    """The decay was passed over without a word, and the answer then did not verify."""
    od, people = table(a_x=1, a_y=9), pd.Series({"a": 10})
    with pytest.raises(SitingError) as caught:
        siting.max_cover(od, people, p=2, times=2, decay={5: 1.0, 10: 0.5})
    assert keys(caught) == ["no_decay_times"]


def test_a_plan_over_years_takes_no_budget_of_its_own():
    """It was passed over without a word: what may be spent by each year is ``budgets``."""
    od, people = table(a_x=1, b_y=1), pd.DataFrame({2025: {"a": 10, "b": 5}})
    cost = {"x": 3.0, "y": 3.0}
    with pytest.raises(SitingError) as caught:
        siting.phase_cover(od, people, p={2025: 2}, cost=cost, budget=3.0)
    assert keys(caught) == ["not_phased"]
    assert siting.phase_cover(od, people, budgets={2025: 3.0}, cost=cost).objective == 10
    with pytest.raises(SitingError) as caught:
        siting.phase_cover(od, people[[]], p={})
    assert keys(caught) == ["no_limit"]


@pytest.mark.parametrize(
    "cover",
    [
        siting.set_cover,
        lambda od, people: siting.set_cover(od, people, share=0.99),
        lambda od, people: siting.set_cover(od, people, capacity=dict.fromkeys("xyz", 99.0)),
        lambda od, people: siting.p_median(od, people, p=1),
        lambda od, people: siting.p_median(od, people, p=1, capacity=dict.fromkeys("xyz", 99.0)),
        lambda od, people: siting.p_center(od, people, p=1),
        lambda od, people: siting.p_center(od, people, p=1, capacity=dict.fromkeys("xyz", 99.0)),
    ],
)
def test_nobody_asks_for_no_site(cover):
    od = table(a_x=1, b_y=1, c_z=9)  # nobody of the group lives at b and c
    people = pd.Series({"a": 10, "b": 0, "c": 0})
    found = cover(od, people)
    assert found.chosen == ("x",)
    assert found.status == "optimal"


def test_nobody_counts_in_times_fronts_and_fairness():
    od = table(a_x=1, a_y=2, b_z=1, b_w=9)
    people = pd.Series({"a": 10, "b": 0})
    assert set(siting.set_cover(od, people, times=2).chosen) == {"x", "y"}
    front = siting.mean_max_front(od, people, p=1)
    assert front[["mean", "longest"]].to_numpy().tolist() == [[1.0, 1.0]]
    groups = pd.Series({"a": "homes", "b": "works"})
    fair = siting.fair_cover(od, people, groups, p=1)
    assert fair.plan.objective == 10
    assert list(fair.shares.index) == ["homes"]


def test_a_wrong_answer_does_not_verify():
    od = table(a_x=1, b_x=1, b_y=1, c_y=1)
    demand = pd.Series({"a": 4, "b": 3, "c": 1})
    right = siting.max_cover(od, demand, p=1)
    assert siting.verify(right, od, demand).holds
    for fault, key in (
        ({"chosen": ("y",)}, "verify_figure"),
        ({"objective": 8.0, "bound": 8.0}, "verify_figure"),
        ({"chosen": ("x", "y")}, "verify_rule"),
        ({"bound": 6.0}, "verify_bound"),
        ({"chosen": ("y",), "objective": 4.0, "bound": 4.0, "covered": 4.0}, "verify_bound"),
    ):
        found = siting.verify(dataclasses.replace(right, **fault), od, demand)
        assert not found.holds, fault
        assert f"siting.{key}" in [problem.key for problem in found.wrong], fault


def test_verify_leaves_open_what_is_beyond_its_effort():
    od, demand = table(a_x=1, b_y=1), pd.Series({"a": 4, "b": 3})
    found = siting.verify(siting.max_cover(od, demand, p=1), od, demand, entries=1)
    assert found.holds
    assert not found.settled
    assert np.isnan(found.optimum)


def test_verify_leaves_open_what_it_has_no_time_for():
    rng = np.random.default_rng(0)
    row, col = np.nonzero(rng.random((60, 20)) < 0.2)
    od = pd.DataFrame({"demand": row, "facility": col, "minutes": 1.0})
    demand = pd.Series(rng.integers(1, 9, 60), index=range(60))
    plan = siting.max_cover(od, demand, p=5)
    found = siting.verify(plan, od, demand, time_limit_s=0.0)
    assert found.holds
    assert not found.settled
    assert siting.verify(plan, od, demand).settled


@pytest.mark.parametrize("model", ["max_cover", "p_median"])
def test_what_stands_may_cost_more_than_the_budget(model):
    """Greed began with a standing site whose size alone costs more; it was called the best plan."""
    od, demand = table(a_old=5, b_x=5), pd.Series({"a": 10, "b": 7})
    sizes = pd.DataFrame(
        {"site": ["old", "x"], "size": "one", "capacity": [10.0, 7.0], "cost": [3.0, 1.0]}
    )
    rules = {"fixed": ["old"], "candidates": ["x"], "cost": pd.Series({"x": 0.5}), "sizes": sizes}
    beyond = {"beyond": 30.0} if model == "p_median" else {}
    for limit_s in (60.0, 1e-9):  # without time greed's plan would be the answer
        with pytest.raises(NoPlanError):
            ask(model, od, demand, p=1, budget=2.3, time_limit_s=limit_s, **rules, **beyond)
    found = ask(model, od, demand, p=1, budget=4.5, **rules, **beyond)
    assert (found.chosen, found.cost) == (("x",), 4.5)


def test_a_kind_that_cannot_be_asked_is_told_though_there_is_a_budget():
    od, demand = table(a_x=5, b_y=5), pd.Series({"a": 10, "b": 7})
    with pytest.raises(SitingError) as caught:
        siting.cover_together(
            {"canteen": od},
            {"canteen": demand},
            candidates={"canteen": ["x", "y"]},
            cost={"canteen": pd.Series({"x": 1.0, "y": 2.0})},
            budget=5.0,
            p={"canteen": 3},
        )
    assert keys(caught) == ["p_large"]
