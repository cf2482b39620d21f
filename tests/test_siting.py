"""Siting against enumeration, published answers, and bad input."""

import itertools
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples

from planner.engine import siting
from planner.errors import SitingError
from planner.language import has_text

OD = pd.DataFrame(
    {
        "demand": ["a", "b", "b", "c", "d", "d"],
        "facility": ["x", "x", "y", "y", "y", "z"],
        "minutes": [4.0, 9.0, 3.0, 8.0, 12.0, 5.0],
    }
)
DEMAND = pd.Series({"a": 10, "b": 20, "c": 5, "d": 8, "e": 7})


@st.composite
def towns(draw, max_demand=9, max_sites=6):
    """A small random town: OD table, demand, and a generator for further choices."""
    seed = draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, max_demand + 1)), int(rng.integers(2, max_sites + 1))
    pairs = [(i, j) for i in range(n) for j in range(m) if rng.random() < 0.45] or [(0, 0)]
    od = pd.DataFrame(pairs, columns=["demand", "facility"])
    od["minutes"] = rng.integers(0, 16, len(od)).astype(float)
    od["facility"] = "s" + od["facility"].astype(str)
    demand = pd.Series(rng.integers(0, 20, n), index=range(n))
    return od, demand, rng


def covered(od, demand, open_sites):
    return demand[demand.index.isin(od.loc[od.facility.isin(open_sites), "demand"])].sum()


def plans(sites, most):
    return itertools.chain.from_iterable(
        itertools.combinations(sites, k) for k in range(min(most, len(sites)) + 1)
    )


@given(towns())
@examples(20)
def test_max_cover_by_enumeration(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    fixed = [sites[0]] if len(sites) > 2 and rng.random() < 0.5 else []
    free = [site for site in sites if site not in fixed]
    p = int(rng.integers(0, len(free) + 1))
    found = siting.max_cover(od, demand, p=p, fixed=fixed)
    best = max(covered(od, demand, [*fixed, *plan]) for plan in plans(free, p))
    assert found.objective == found.bound == found.covered == best
    assert found.status == "optimal"
    assert found.gap == 0
    assert len(found.chosen) <= p
    assert found.fixed == tuple(fixed)
    assert covered(od, demand, [*fixed, *found.chosen]) == best
    if len(found.chosen):
        assert found.added["cumulative"].iloc[-1] == best


@given(towns())
@examples(10)
def test_set_cover_by_enumeration(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    cost = pd.Series(rng.integers(1, 9, len(sites)), index=sites)
    can = set(od.demand[od.demand.map(demand) > 0])  # nobody's home asks for no site
    for prices in (None, cost):
        found = siting.set_cover(od, demand, cost=prices)
        each = pd.Series(1, index=sites) if prices is None else prices
        best = min(
            each[list(plan)].sum()
            for plan in plans(sites, len(sites))
            if set(od.demand[od.facility.isin(plan)]) >= can
        )
        assert found.objective == best == found.bound
        assert set(found.assignment.dropna().index) >= can
        assert set(found.unreached) == set(demand.index) - set(od.demand)
    # Fed back, the answer covers all that can be covered.
    again = siting.max_cover(od, demand, p=len(found.chosen))
    assert again.covered == found.covered == demand[demand.index.isin(can)].sum()


@given(towns(), st.floats(0, 1))
@examples(15)
def test_partial_cover_by_enumeration(town, share):
    od, demand, _ = town
    sites = sorted(od.facility.unique())
    target = share * demand.sum()
    enough = [p for p in plans(sites, len(sites)) if covered(od, demand, p) >= target]
    if not enough or share == 1:
        return
    found = siting.set_cover(od, demand, share=share)
    assert found.objective == min(map(len, enough))
    assert found.covered >= target


@given(towns(), st.sampled_from([0.3, 0.6, 1.0]), st.integers(2, 3))
@examples(20)
def test_covering_several_times_by_enumeration(town, share, times):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    fixed = [sites[0]] if rng.random() < 0.4 else []
    hits = od.demand.value_counts().reindex(demand.index, fill_value=0)
    able = demand.index[(hits >= times) & (demand > 0)]  # nobody's home asks for no site

    def reached(plan):
        inside = od.demand[od.facility.isin([*fixed, *plan])].value_counts()
        return set(inside.index[inside >= times])

    free = [site for site in sites if site not in fixed]
    enough = [
        len(plan)
        for plan in plans(free, len(free))
        if (
            set(able) <= reached(plan)
            if share == 1
            else demand[list(reached(plan))].sum() >= share * demand.sum() - 1e-9
        )
    ]
    if not enough:
        with pytest.raises(SitingError):
            siting.set_cover(od, demand, share=share, times=times, fixed=fixed)
        return
    found = siting.set_cover(od, demand, share=share, times=times, fixed=fixed)
    assert (found.objective, found.status) == (min(enough), "optimal")
    few = demand.index[(hits > 0) & (hits < times) & (demand > 0)]
    assert [note.key for note in found.notes] == ["siting.few_in_reach"] * bool(len(few))


@given(towns())
@examples(20)
def test_every_rule_together_by_enumeration(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    half = sites[: len(sites) // 2]
    cost = pd.Series(rng.integers(1, 9, len(sites)), index=sites)
    budget, p = float(cost.min() + rng.integers(0, 12)), int(rng.integers(1, len(sites) + 1))
    quota = siting.Quota(name="west", sites=half, at_least=0, at_most=1)
    pair = (sites[0], sites[-1])
    hosts = pd.Series("h", index=sites[-2:])
    best = -1
    for plan in plans(sites, p):
        allowed = (
            cost[list(plan)].sum() <= budget
            and sum(site in half for site in plan) <= 1
            and (not set(pair) <= set(plan) or pair[0] == pair[1])
            and sum(site in hosts for site in plan) <= 1
            and not set(sites[:2]) <= set(plan)
        )
        if allowed:
            best = max(best, covered(od, demand, plan))
    found = siting.max_cover(
        od,
        demand,
        p=p,
        cost=cost,
        budget=budget,
        quotas=[quota],
        conflicts=[pair],
        hosts=hosts,
        unlike=[sites[:2]],
    )
    assert found.objective == best == found.bound
    assert found.cost == cost[list(found.chosen)].sum() <= budget
    assert sum(site in half for site in found.chosen) <= 1


@given(towns())
@examples(10)
def test_order_of_rows_and_more_sites(town):
    od, demand, rng = town
    mixed = od.sample(frac=1, random_state=int(rng.integers(99)))
    objectives = [
        siting.max_cover(od, demand, p=p).objective
        for p in range(min(3, od.facility.nunique()) + 1)
    ]
    shuffled = [
        siting.max_cover(mixed, demand[::-1], p=p).objective
        for p in range(min(3, od.facility.nunique()) + 1)
    ]
    assert objectives == shuffled == sorted(objectives)


def test_result_by_hand():
    before = OD.copy(), DEMAND.copy()
    found = siting.max_cover(OD, DEMAND, p=1, fixed=["x"], cutoff=10)
    assert found.chosen == ("z",)
    assert found.fixed == ("x",)
    assert found.assignment[["a", "b", "d"]].tolist() == ["x", "x", "z"]
    assert found.assignment.isna().tolist() == [False, False, True, False, True]
    assert (found.objective, found.total, found.share) == (38, 50, 0.76)
    assert list(found.unreached) == ["e"]
    expected = pd.DataFrame(
        {"rank": [1], "site": ["z"], "added": [8.0], "cumulative": [38.0], "saved": [0.0]}
    )
    pd.testing.assert_frame_equal(found.added, expected, check_dtype=False)
    pd.testing.assert_frame_equal(OD, before[0])
    pd.testing.assert_series_equal(DEMAND, before[1])


def test_existing_sites_may_close_or_move():
    kept = siting.max_cover(OD, DEMAND, p=1, fixed=["x"], movable=["x"])
    assert set(kept.chosen) | set(kept.fixed) == {"x", "y"}
    od = pd.concat([OD, pd.DataFrame({"demand": ["a", "c"], "facility": "w", "minutes": 1.0})])
    moved = siting.max_cover(od, DEMAND, p=0, fixed=["x"], movable=["x"])
    assert (moved.chosen, moved.closed) == (("y",), ("x",))
    cost = pd.Series({"w": 5, "y": 9, "z": 9})
    sold = siting.max_cover(od, DEMAND, fixed=["x"], closable={"x": 9}, cost=cost, budget=5)
    assert sold.closed == ("x",)
    assert set(sold.chosen) == {"w", "y"}


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"p": 9}, "p_large"),
        ({"p": -1}, "p_wrong"),
        ({"p": None}, "no_limit"),
        ({"p": None, "budget": 3}, "budget_without_cost"),
        ({"p": None, "budget": 3, "cost": {"x": 5, "y": 5, "z": 5}}, "budget_small"),
        ({"p": None, "budget": 9, "cost": {"x": 5, "y": 5}}, "value_missing"),
        ({"cost": {"x": 5, "y": 5, "z": -5}}, "value_negative"),
        ({"candidates": ["q", "r"]}, "candidates_idle"),
        ({"candidates": ["x", "x", "y"]}, "list_twice"),
        ({"candidates": ["x", None]}, "list_missing"),
        ({"mandatory": ["q"]}, "site_unknown"),
        ({"closable": {"x": 1}}, "not_fixed"),
        ({"cutoff": -1}, "cutoff"),
        (
            {"fixed": ["x"], "quotas": [siting.Quota(name="W", sites=["x"], at_most=0)]},
            "quota_fixed",
        ),
        ({"quotas": [siting.Quota(name="W", sites=["x"], at_least=2)]}, "quota_short"),
        ({"colour": 1}, "unknown_rule"),
        ({"demand": DEMAND - 9}, "weight_negative"),
        ({"demand": DEMAND.astype(object).where(DEMAND > 6)}, "weight_missing"),
        ({"demand": DEMAND.drop("a")}, "demand_unknown"),
        ({"demand": pd.concat([DEMAND, DEMAND])}, "demand_twice"),
        ({"demand": DEMAND[:0]}, "no_demand"),
        ({"od": pd.concat([OD, OD[:2]])}, "pair_twice"),
        ({"od": OD.assign(minutes=OD.minutes.where(OD.minutes > 4))}, "metric_missing"),
        ({"od": OD.assign(minutes=-OD.minutes)}, "metric_negative"),
        ({"od": OD.assign(facility=OD.facility.where(OD.minutes > 4))}, "label_missing"),
        ({"metric": "metres"}, "od_columns"),
        ({"mandatory": ["x", "y"]}, "relax_p"),
    ],
)
def test_bad_input_is_named(changes, key):
    asked = {"od": OD, "demand": DEMAND, "p": 1} | changes
    with pytest.raises(SitingError) as caught:
        siting.max_cover(asked.pop("od"), asked.pop("demand"), **asked)
    assert f"siting.{key}" in [problem.key for problem in caught.value.problems]
    for lang in ("zh", "en"):
        assert all(caught.value.say(lang))


def test_all_problems_at_once():
    with pytest.raises(SitingError) as caught:
        siting.max_cover(pd.concat([OD, OD]), DEMAND - 9, p=7)
    assert len(caught.value.problems) == 3


def test_set_cover_share_out_of_reach():
    with pytest.raises(SitingError, match="reach"):
        siting.set_cover(OD, DEMAND, share=0.99)
    with pytest.raises(SitingError):
        siting.set_cover(OD, DEMAND, share=80)


def test_idle_candidate_is_noted():
    found = siting.max_cover(OD, DEMAND, p=1, candidates=["x", "q"])
    assert [note.key for note in found.notes] == ["siting.candidate_idle"]
    assert "q" in found.notes[0].say("zh")


def test_every_problem_has_its_text():
    root = Path(siting.__file__).parent
    code = "".join(path.read_text("utf-8") for path in root.glob("*.py"))
    keys = set(re.findall(r'"(siting\.[a-z_]+)"', code))
    keys |= {f"siting.relax_{key}" for key in re.findall(r'key="([a-z]+)"', code)}
    lacking = [key for key in keys if not has_text(f"{key}.what") or not has_text(f"{key}.fix")]
    assert not lacking
