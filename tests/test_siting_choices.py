"""Fairness, years, alternatives, fronts, reasons and thinning, against enumeration."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples
from test_siting import DEMAND, OD, covered, plans, towns

from planner import siting
from planner.errors import NoPlanError, SitingError, fail


@given(towns())
@examples(10)
def test_alternatives_by_enumeration(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    p = int(rng.integers(1, len(sites) + 1))
    worths = {plan: covered(od, demand, plan) for plan in itertools.combinations(sites, p)}
    best = max(worths.values())
    found = siting.alternatives(siting.max_cover, od, demand, p=p, k=4, within=0.3)
    assert found.plans[0].objective == best
    values = [plan.objective for plan in found.plans]
    assert values == sorted(values, reverse=True)
    assert min(values) >= 0.7 * best - 1e-6
    chosen = [frozenset(plan.chosen) for plan in found.plans]
    assert len(set(chosen)) == len(chosen)
    assert set(found.shared) == set.intersection(*map(set, chosen))
    if found.complete:  # every plan within the limit holds one that was found
        for plan, worth in worths.items():
            assert worth < 0.7 * best or any(other <= set(plan) for other in chosen)


@pytest.mark.parametrize("sense", [1.0, -1.0])
@pytest.mark.parametrize(
    ("objectives", "k", "kept"),
    [
        ((100, 104, 99, 105), 3, (105, 104, 100)),  # the last is within reach and better
        ((100, 103, 102), 4, (103, 102, 100)),
        ((100, 140, 99), 4, (140,)),  # so much better that the first is no alternative to it
        ((100, 60), 4, (100,)),  # there may be a nearer one
    ],
)
def test_plans_stopped_by_time_are_listed_from_the_best(sense, objectives, k, kept):
    """A plan found later may be better, where neither is proven."""
    found = iter(range(len(objectives)))

    def model(od, demand, **_):
        n = next(found, None)
        if n is None:
            raise fail(NoPlanError, "siting.no_plan_in_time", value=1)
        bound = max(objectives) + 50.0
        plan = siting.max_cover(od, demand, p=1)
        value = sense * objectives[n]
        return replace(plan, chosen=(str(n),), objective=value, bound=sense * bound)

    listed = siting.alternatives(model, OD, DEMAND, k=k, within=0.1)
    assert [plan.objective for plan in listed.plans] == [sense * one for one in kept]
    assert not listed.complete


@given(towns())
@examples(8)
def test_cover_front_by_enumeration(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    cost = pd.Series(rng.integers(1, 6, len(sites)), index=sites)
    points = {(cost[list(plan)].sum(), covered(od, demand, plan)) for plan in plans(sites, 9)}
    exact = sorted(
        (c, w)
        for c, w in points
        if not any(d <= c and v >= w and (d, v) != (c, w) for d, v in points)
    )
    front = siting.cover_front(od, demand, cost=cost)
    assert list(zip(front.cost, front.covered, strict=True)) == exact
    assert front.proven.all()


@given(towns(), st.integers(2, 6))
@examples(8)
def test_a_cut_front_lies_all_along_and_says_where_more_is(town, most):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    cost = pd.Series(np.round(rng.uniform(1, 6, len(sites)), 1), index=sites)
    whole = siting.cover_front(od, demand, cost=cost)
    cut = siting.cover_front(od, demand, cost=cost, most=most)
    everything = list(zip(whole.cost, whole.covered, strict=True))
    shown = list(zip(cut.cost, cut.covered, strict=True))
    assert not whole.further.any()
    assert len(shown) == min(most, len(everything))
    assert set(shown) <= set(everything)
    assert {shown[0], shown[-1]} == {everything[0], everything[-1]}
    place = [everything.index(point) for point in shown]
    for number, (one, other) in enumerate(itertools.pairwise(place)):
        assert cut.further[number] or other == one + 1
    assert not cut.further.iloc[-1]


def test_cover_front_counts_sites_where_nothing_costs():
    front = siting.cover_front(OD, DEMAND, fixed=["x"])
    assert front.cost.tolist() == [0, 1]
    assert front.covered.tolist() == [30, 43]


@given(towns())
@examples(8)
def test_time_front_by_enumeration(town):
    od, demand, rng = town
    if demand[od.demand.unique()].sum() == 0:
        return
    sites, can = sorted(od.facility.unique()), od.demand.unique()
    p = int(rng.integers(1, len(sites) + 1))
    points = set()
    for plan in plans(sites, p):
        nearest = od[od.facility.isin(plan)].groupby("demand").minutes.min().reindex(can)
        total = (nearest.fillna(20) * demand[can]).sum()
        points.add((total, demand[can][(nearest <= 6).to_numpy()].sum()))
    exact = sorted(
        (t, w)
        for t, w in points
        if not any(s <= t and v >= w and (s, v) != (t, w) for s, v in points)
    )
    front = siting.time_front(od, demand, within=6, p=p, beyond=20)
    totals = [plan.objective for plan in front.plan]
    assert totals == [t for t, _ in exact]
    assert np.allclose(front.share * demand.sum(), [w for _, w in exact])


@given(towns())
@examples(6)
def test_fairness_by_enumeration(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    p = int(rng.integers(1, len(sites) + 1))
    groups = pd.Series(np.where(demand.index % 2 == 0, "north", "south"), index=demand.index)
    can = demand[demand.index.isin(od.demand)]
    alive = [name for name in ("north", "south") if can[groups[can.index] == name].sum() > 0]
    if not alive:
        with pytest.raises(SitingError):
            siting.fair_cover(od, demand, groups, p=p)
        return

    def shares(plan):
        reached = demand.index.isin(od.demand[od.facility.isin(plan)])
        part = (demand * reached).groupby(groups).sum() / demand.groupby(groups).sum()
        return part[alive]

    every = list(plans(sites, p))
    worst = max(shares(plan).min() for plan in every)
    best = max(covered(od, demand, plan) for plan in every if shares(plan).min() >= worst - 1e-9)
    found = siting.fair_cover(od, demand, groups, p=p)
    assert found.worst == pytest.approx(worst)
    assert found.plan.objective == best
    assert found.price[0] == max(covered(od, demand, plan) for plan in every) - best

    even = [plan for plan in every if np.ptp(shares(plan)) <= 0.2 + 1e-9]
    level = siting.fair_cover(od, demand, groups, p=p, spread=0.2)
    assert level.plan.objective == max(covered(od, demand, plan) for plan in even)


@given(towns(max_sites=5))
@examples(8)
def test_phases_by_enumeration(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    later = pd.Series(rng.integers(0, 20, len(demand)), index=demand.index)
    years = pd.DataFrame({2025: demand, 2030: later})
    p = {2025: 1, 2030: min(2, len(sites))}
    best = max(
        covered(od, demand, early) + covered(od, later, late)
        for early in plans(sites, p[2025])
        for late in plans(sites, p[2030])
        if set(early) <= set(late)
    )
    found = siting.phase_cover(od, years, p=p)
    assert found.objective == found.bound == best
    assert set(found.plans[2025].chosen) <= set(found.plans[2030].chosen)
    assert found.opens.isin(years.columns).all()


def test_phases_refuse_what_does_not_match():
    years = pd.DataFrame({2025: DEMAND, 2030: DEMAND})
    for p, key in (({2025: 1}, "years_unknown"), ({2025: 2, 2030: 1}, "years_fall")):
        with pytest.raises(SitingError) as caught:
            siting.phase_cover(OD, years, p=p)
        assert caught.value.problems[0].key == f"siting.{key}"


@given(towns())
@examples(10)
def test_thinning_loses_no_more_than_it_says(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    p = int(rng.integers(1, len(sites) + 1))
    for most in (None, 2):
        thinned = siting.thin(od, demand, most=most)
        assert set(thinned.kept) | set(thinned.dropped.site) == set(sites)
        full = max(covered(od, demand, plan) for plan in plans(sites, p))
        left = max(covered(od, demand, plan) for plan in plans(list(thinned.kept), p))
        assert full - left <= thinned.loss_at_most(p)
        if most is None:
            assert full == left


def thinned_by_hand(people, weight, sort, *, most, least, dominated):
    """Drop the place that loses least to another one of its sort, as the words say it."""
    kept = list(people)

    def loss(site):
        others = [one for one in kept if one != site and sort[one] == sort[site]]
        return min(
            (sum(weight[d] for d in people[site] - people[one]) for one in others),
            default=np.inf,
        )

    while len(kept) > max(least, 1):
        gone = min(kept, key=loss)
        enough = len(kept) <= most
        if not np.isfinite(loss(gone)) or (enough and (loss(gone) > 0 or not dominated)):
            break
        kept.remove(gone)
    return kept


@pytest.mark.parametrize("number", [-1, 3])
def test_demand_by_its_position_is_known_as_far_as_there_is_any(number):
    od = pd.DataFrame({"demand": [0, 2, number], "facility": ["x", "y", "x"], "minutes": 5.0})
    people = pd.Series([1.0, 2.0, 4.0])
    assert siting.thin(od[:2], people).kept.tolist() == ["x", "y"]
    with pytest.raises(SitingError, match=str(number)):
        siting.thin(od, people)


@pytest.mark.parametrize("seed", range(60))
def test_thinning_drops_who_loses_least_as_by_hand(seed):
    rng = np.random.default_rng(seed)
    sites = [f"s{n}" for n in range(rng.integers(2, 10))]
    weight = dict(enumerate(rng.integers(0, 4, 15).tolist()))
    people = {site: {d for d in weight if rng.random() < 0.3} | {0} for site in sites}
    pairs = [(d, site) for site in sites for d in sorted(people[site])]
    od = pd.DataFrame(pairs, columns=["demand", "facility"]).assign(minutes=5.0)
    among = sites[: rng.integers(1, len(sites) + 1)]
    sort = dict(zip(sites, rng.choice(["a", "b", "c"], len(sites)), strict=True))
    rules = {
        "most": int(rng.integers(1, len(sites) + 1)),
        "least": int(rng.integers(1, 3)),
        "dominated": bool(rng.random() < 0.7),
    }
    found = siting.thin(
        od, pd.Series(weight, dtype=float), among=among, alike=pd.Series(sort), **rules
    )
    by_hand = thinned_by_hand({one: people[one] for one in among}, weight, sort, **rules)
    assert found.kept.tolist() == by_hand
    assert found.dropped["site"].tolist() == [one for one in sites if one not in by_hand]
    for site, other, loss in found.dropped.itertuples(index=False):
        least = min(sum(weight[d] for d in people[site] - people[one]) for one in by_hand)
        assert loss == least
        instead = set() if pd.isna(other) else people[other]  # none shares anybody with it
        assert loss == sum(weight[d] for d in people[site] - instead)
    seen = set().union(*(people[one] for one in by_hand))
    assert found.beyond == sum(weight[d] for d in set().union(*people.values()) - seen)


def test_hosts_floors_groups_and_spacing():
    hosts = {"x": "hall", "y": "hall", "z": "depot"}
    cost = {"x": 1, "y": 1, "z": 1}
    one = siting.max_cover(OD, DEMAND, p=2, hosts=hosts)
    assert set(one.chosen) == {"x", "z"}
    shared = siting.max_cover(
        OD, DEMAND, cost=cost, budget=7, hosts=hosts, host_cost={"hall": 5, "depot": 5}
    )
    assert (set(shared.chosen), shared.cost) == ({"x", "y"}, 7)
    floor = siting.Floor(name="d", share=1.0, demand=["d"], within=5)
    assert siting.max_cover(OD, DEMAND, p=1, floors=[floor]).chosen == ("z",)
    between = pd.DataFrame({"demand": ["x"], "facility": ["y"], "minutes": [3.0]})
    apart = siting.max_cover(OD, DEMAND, p=2, conflicts=siting.too_close(between, 4))
    assert set(apart.chosen) == {"x", "z"}
    quotas = siting.zone_quotas(pd.Series({"x": "南", "y": "中", "z": "北"}), at_least=1)
    assert set(siting.max_cover(OD, DEMAND, p=3, quotas=quotas).chosen) == {"x", "y", "z"}
    weights = pd.DataFrame({"60+": DEMAND, "80+": DEMAND // 2})
    od, demand = siting.by_group(OD, weights, {"60+": 1.0, "80+": 1.5})
    found = siting.max_cover(od, demand, p=1, cutoff=9)
    assert found.chosen == ("x",)
    assert found.objective == 10 + 20 + 5
    with pytest.raises(SitingError):
        siting.max_cover(OD, DEMAND, p=1, floors=[siting.Floor(name="e", share=1, demand=["e"])])
    with pytest.raises(SitingError):
        siting.set_cover(OD, DEMAND, share=0.5, capacity={"x": 1, "y": 1, "z": 1})


def test_set_cover_with_places():
    capacity = {"x": 30, "y": 25, "z": 8}
    found = siting.set_cover(OD, DEMAND, capacity=capacity)
    assert found.objective == found.bound == 2
    assert found.flows.weight.sum() == 43
    assert siting.set_cover(OD, DEMAND, capacity=capacity, cost={"x": 1, "y": 9, "z": 1}).cost == 10


@given(towns())
@examples(8)
def test_mean_max_front_by_enumeration(town):
    od, demand, rng = town
    sites, can = sorted(od.facility.unique()), od.demand[od.demand.map(demand) > 0].unique()
    p = int(rng.integers(1, len(sites) + 1))
    points = set()
    for plan in plans(sites, p):
        nearest = od[od.facility.isin(plan)].groupby("demand").minutes.min().reindex(can)
        if nearest.notna().all():
            points.add(((nearest * demand[can]).sum(), nearest.max()))
    exact = sorted(
        (t, w)
        for t, w in points
        if not any(s <= t and v <= w and (s, v) != (t, w) for s, v in points)
    )
    if not exact:
        with pytest.raises(SitingError):
            siting.mean_max_front(od, demand, p=p)
        return
    front = siting.mean_max_front(od, demand, p=p, most=99)
    found = [
        (plan.objective, longest) for plan, longest in zip(front.plan, front.longest, strict=True)
    ]
    assert [longest for _, longest in found] == [w for _, w in exact]
    assert np.allclose([t for t, _ in found], [t for t, _ in exact])


def test_mean_max_front_with_more_sites_than_near_demand_needs():
    """Once times of 8 and more are left out, three candidates are left, of which four may open."""
    rows = [(0, "s0", 12.0), (0, "s1", 8.0), (0, "s4", 1.0), (0, "s5", 10.0), (1, "s0", 8.0)]
    rows += [(1, "s3", 2.0), (2, "s2", 0.0), (2, "s3", 6.0), (2, "s5", 11.0)]
    od = pd.DataFrame(rows, columns=["demand", "facility", "minutes"])
    front = siting.mean_max_front(od, pd.Series([0, 3, 7]), p=4)
    assert front["longest"].iloc[-1] == 2
    assert front["plan"].iloc[-1].objective == 6


@given(towns())
@examples(10)
def test_fair_front_by_enumeration(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    p = int(rng.integers(1, len(sites) + 1))
    groups = pd.Series(rng.integers(0, 2, len(demand)), index=demand.index)
    reach = demand[demand.index.isin(od.demand)].groupby(groups).sum()
    groups_in = reach.index[reach > 0]
    if groups_in.empty:
        with pytest.raises(SitingError):
            siting.fair_front(od, demand, groups, p=p)
        return
    points = set()
    for plan in plans(sites, p):
        hit = demand.index.isin(od.loc[od.facility.isin(plan), "demand"])
        shares = [demand[hit & (groups == g)].sum() / demand[groups == g].sum() for g in groups_in]
        points.add((int(demand[hit].sum()), round(min(shares), 9)))
    exact = sorted(
        (
            (c, w)
            for c, w in points
            if not any(d >= c and v >= w and (d, v) != (c, w) for d, v in points)
        ),
        reverse=True,
    )
    front = siting.fair_front(od, demand, groups, p=p, most=99)
    assert [round(c) for c in front.share * demand.sum()] == [c for c, _ in exact]
    assert np.allclose(front.worst, [w for _, w in exact])
    assert front.proven.all()
