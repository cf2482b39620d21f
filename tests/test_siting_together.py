"""Several kinds in shared buildings, and places in every model, against enumeration."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from support.examples import examples
from test_siting import DEMAND, OD, covered, plans, towns

from planner import siting
from planner.errors import NoPlanError, SitingError
from tests.support.clocks import Looks


@st.composite
def two_kinds(draw):
    """Two kinds over the same buildings: tables, weights, and a generator."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, m = int(rng.integers(2, 7)), int(rng.integers(2, 5))
    buildings = [f"s{j}" for j in range(m)]
    od, demand = {}, {}
    for kind in ("station", "canteen"):
        pairs = [(i, b) for i in range(n) for b in buildings if rng.random() < 0.5]
        pairs += [(0, b) for b in buildings if (0, b) not in pairs]
        od[kind] = pd.DataFrame(pairs, columns=["demand", "facility"]).assign(minutes=5.0)
        demand[kind] = pd.Series(rng.integers(0, 20, n), index=range(n))
    return od, demand, buildings, rng


@given(two_kinds())
@examples(20)
def test_together_by_enumeration(made):
    od, demand, sites, rng = made
    cost = {kind: pd.Series(rng.integers(1, 5, len(sites)), index=sites) for kind in od}
    house = pd.Series(rng.integers(0, 8, len(sites)), index=sites)
    most = int(rng.integers(1, len(sites) + 1)) if rng.random() < 0.5 else None
    p = {"station": int(rng.integers(0, len(sites)))} if rng.random() < 0.5 else None
    stands = [sites[0]] if rng.random() < 0.4 else []
    prices = {kind: cost[kind] + house for kind in od}
    prices["station"] = prices["station"].drop(stands)
    budget = float(min(own.min() for own in prices.values()) + rng.integers(0, 20))
    best = -1.0
    for a, b in itertools.product(plans(sites, 9), plans(sites, 9)):
        if set(a) & set(stands) or (p and len(a) > p["station"]):
            continue
        if most is not None and len({*a, *b}) > most:
            continue
        spent = cost["station"][list(a)].sum() + cost["canteen"][list(b)].sum()
        if spent + house[list({*a, *b})].sum() > budget:
            continue
        worth = covered(od["station"], demand["station"], [*a, *stands])
        best = max(best, worth + covered(od["canteen"], demand["canteen"], b))
    asked = {"budget": budget, "buildings": most, "p": p, "fixed": {"station": stands}}
    found = siting.cover_together(od, demand, cost=cost, building_cost=house, **asked)
    assert found.objective == best
    assert found.status == "optimal"
    new = {kind: plan.chosen for kind, plan in found.plans.items()}
    used = {site for chosen in new.values() for site in chosen}
    spent = sum(cost[kind][list(chosen)].sum() for kind, chosen in new.items())
    assert found.cost == spent + house[list(used)].sum() <= budget
    assert set(found.buildings.building) == used
    for _, row in found.buildings.iterrows():
        assert set(row.kinds) == {kind for kind, chosen in new.items() if row.building in chosen}
    for kind, plan in found.plans.items():
        assert plan.objective == covered(od[kind], demand[kind], [*plan.chosen, *plan.fixed])


@given(two_kinds())
@examples(20)
def test_together_with_quotas_floors_and_spacing_by_enumeration(made):
    od, demand, sites, rng = made
    near = [(sites[0], sites[1])] if rng.random() < 0.6 else []
    half = sites[: (len(sites) + 1) // 2]
    quota = siting.Quota(name="west", sites=half, at_least=int(rng.integers(0, 2)), at_most=1)
    homes = list(demand["canteen"].index[::2])
    share = float(rng.choice([0.0, 0.4]))
    most = int(rng.integers(1, len(sites) + 1))
    best = None
    for a, b in itertools.product(plans(sites, 9), plans(sites, 9)):
        sound = (
            len({*a, *b}) <= most
            and quota.at_least <= len(set(a) & set(half)) <= 1
            and not any({*pair} <= {*a, *b} for pair in near)
            and covered(od["canteen"], demand["canteen"][homes], b)
            >= share * demand["canteen"][homes].sum() - 1e-9
        )
        if sound:
            worth = sum(covered(od[k], demand[k], own) for k, own in zip(od, (a, b), strict=True))
            best = worth if best is None else max(best, worth)
    asked = {
        "buildings": most,
        "quotas": {"station": [quota]},
        "floors": {"canteen": [siting.Floor(name="f", share=share, demand=homes)]},
        "conflicts": near,
    }
    if best is None:
        with pytest.raises(NoPlanError):
            siting.cover_together(od, demand, **asked)
        return
    found = siting.cover_together(od, demand, **asked)
    assert (found.objective, found.status) == (best, "optimal")
    used = set(found.buildings.building)
    assert not any({*pair} <= used for pair in near)
    assert len(set(found.plans["station"].chosen) & set(half)) in range(quota.at_least, 2)


def test_sharing_a_building_pays():
    """Two buildings at 10 each are too dear; one that houses both services is not."""
    tables = {"a": OD, "b": OD}
    found = siting.cover_together(
        tables,
        {"a": DEMAND, "b": DEMAND},
        cost={kind: {"x": 1, "y": 1, "z": 1} for kind in tables},
        building_cost={"x": 10, "y": 10, "z": 10},
        budget=13,
    )
    assert found.buildings.kinds.tolist() == [("a", "b")]
    assert found.objective == 2 * 33
    with pytest.raises(SitingError) as wrong:
        siting.cover_together(tables, {"a": DEMAND, "b": DEMAND})
    assert wrong.value.problems[0].key == "siting.no_limit"
    with pytest.raises(SitingError) as wrong:
        siting.cover_together(
            tables, {"a": DEMAND, "b": -DEMAND}, budget=5, building_cost={"x": 9, "y": 9, "z": 9}
        )
    assert "siting.weight_negative" in [problem.key for problem in wrong.value.problems]
    with pytest.raises(SitingError) as wrong:
        siting.cover_together(
            tables, {"a": DEMAND, "b": DEMAND}, budget=5, building_cost={"x": 9, "y": 9, "z": 9}
        )
    assert wrong.value.problems[0].key == "siting.budget_small"


def transport(od, demand, places, worth):
    """Serve what is worth most within places, by a solver of somebody else's."""
    rows = od[od.facility.isin(places)].reset_index(drop=True)
    if rows.empty:
        return 0.0
    sites, homes = sorted(places), demand.index
    to_site = np.array([(rows.facility == s).to_numpy(float) for s in sites])
    from_home = np.array([(rows.demand == h).to_numpy(float) for h in homes])
    most = np.concatenate([[places[s] for s in sites], demand.to_numpy(float)])
    found = linprog(-worth(rows), A_ub=np.vstack([to_site, from_home]), b_ub=most)
    return -found.fun


@given(towns(max_demand=6, max_sites=4))
@examples(15)
def test_places_with_decay_by_enumeration(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    room = pd.Series(rng.integers(1, 30, len(sites)), index=sites)
    p = int(rng.integers(1, len(sites) + 1))

    def kept(minutes):
        return np.clip(1 - minutes / 20, 0, 1)

    best = max(
        transport(od, demand, dict(room[list(plan)]), lambda rows: kept(rows.minutes.to_numpy()))
        for plan in plans(sites, p)
    )
    found = siting.max_cover(od, demand, p=p, decay=kept, capacity=room)
    assert found.objective == pytest.approx(best, abs=1e-6)
    assert found.status == "optimal"
    load = found.flows.groupby("site")["weight"].sum()
    assert (load <= room[load.index] + 1e-6).all()


@given(towns(max_demand=6, max_sites=4), st.sampled_from([0.3, 0.7, 0.95]))
@examples(15)
def test_places_with_a_share_by_enumeration(town, share):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    room = pd.Series(rng.integers(1, 30, len(sites)), index=sites)
    enough = [
        len(plan)
        for plan in plans(sites, 9)
        if transport(od, demand, dict(room[list(plan)]), lambda rows: np.ones(len(rows)))
        >= share * demand.sum() - 1e-6
    ]
    if not enough:
        with pytest.raises(NoPlanError):
            siting.set_cover(od, demand, share=share, capacity=room)
        return
    found = siting.set_cover(od, demand, share=share, capacity=room)
    assert (found.objective, found.status) == (min(enough), "optimal")
    assert found.flows.weight.sum() >= share * demand.sum() - 1e-6


@given(towns(max_demand=6, max_sites=4))
@examples(15)
def test_places_with_the_center_by_enumeration(town):
    od, demand, rng = town
    sites, can = sorted(od.facility.unique()), demand[demand.index.isin(od.demand)]
    room = pd.Series(rng.integers(5, 60, len(sites)), index=sites)
    p = int(rng.integers(1, len(sites) + 1))
    levels = []
    for plan, far in itertools.product(plans(sites, p), [0.0, *sorted(od.minutes.unique())]):
        near = od[od.minutes <= far] if can.sum() else od
        served = transport(near, demand, dict(room[list(plan)]), lambda rows: np.ones(len(rows)))
        if served >= can.sum() - 1e-6:
            levels.append(far)
    if not levels:
        with pytest.raises(NoPlanError) as none:
            siting.p_center(od, demand, p=p, capacity=room)
        problem = none.value.problems[0]
        if problem.key == "siting.capacity_short":
            assert problem.params["most"] < can.sum()
        else:  # so few sites do not reach everybody, whatever their places
            assert problem.key == "siting.relax_p_reach"
            homes = set(can.index[can > 0])
            assert not any(
                homes <= set(od.loc[od.facility.isin(plan), "demand"]) for plan in plans(sites, p)
            )
        return
    found = siting.p_center(od, demand, p=p, capacity=room)
    assert (found.objective, found.status) == (min(levels), "optimal")


@given(towns(max_demand=6, max_sites=4))
@examples(10)
def test_places_with_fairness_by_enumeration(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    room = pd.Series(rng.integers(1, 30, len(sites)), index=sites)
    p = int(rng.integers(1, len(sites) + 1))
    groups = pd.Series(rng.integers(0, 2, len(demand)), index=demand.index)
    inside = demand[demand.index.isin(od.demand)].groupby(groups).sum()
    names = inside.index[inside > 0]
    if names.empty:
        return
    totals = demand.groupby(groups).sum()

    def worst(plan):
        """Find the highest share of all groups at once: one more column, the share itself."""
        rows = od[od.facility.isin(plan)].reset_index(drop=True)
        k = len(rows)
        limits, most = [], []
        for site in plan:
            limits.append([*(rows.facility == site).astype(float), 0.0])
            most.append(room[site])
        for home in demand.index:
            limits.append([*(rows.demand == home).astype(float), 0.0])
            most.append(demand[home])
        for name in names:
            own = rows.demand.map(groups) == name
            limits.append([*(-own.astype(float)), float(totals[name])])
            most.append(0.0)
        found = linprog([*np.zeros(k), -1.0], A_ub=np.array(limits), b_ub=most, bounds=(0, None))
        return -found.fun

    best = max(worst(plan) for plan in plans(sites, p))
    fair = siting.fair_cover(od, demand, groups, p=p, capacity=room)
    assert fair.worst == pytest.approx(best, abs=1e-6)
    assert fair.price[0] >= -1e-6


@given(towns(max_demand=6, max_sites=4))
@examples(10)
def test_two_parts_find_the_least_walk_with_places(town):
    """The p-median with sizes, a budget and a quota, as large ones are solved."""
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    sizes = pd.DataFrame(
        [
            (site, size, float(rng.integers(3, 60)), float(rng.integers(1, 6)))
            for site in sites
            for size in ("small", "large")
        ],
        columns=["site", "size", "capacity", "cost"],
    )
    p, budget = int(rng.integers(1, len(sites) + 1)), float(rng.integers(6, 20))
    stands = [sites[0]] if len(sites) > 2 and rng.random() < 0.4 else []
    free = [site for site in sites if site not in stands]
    if len(free) < p:
        return
    far = od.minutes.max() + 1
    everybody = demand[demand.index.isin(od.demand)].sum()
    best = None
    for plan in plans(free, p):
        own = [sizes[sizes.site == site].index for site in [*stands, *plan]]
        for pick in itertools.product(*own):
            chosen = sizes.loc[list(pick)].set_index("site")
            if chosen.cost.sum() > budget:
                continue
            places = dict(chosen.capacity)
            gain = transport(od, demand, places, lambda rows: 1e4 + far - rows.minutes.to_numpy())
            cost = everybody * (1e4 + far) - gain
            if cost < 1e4 - 1.0:  # none is left out
                best = cost if best is None else min(best, cost)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.engine.siting.models.capacity_large.LARGE", 0)
        asked = {"p": p, "sizes": sizes, "budget": budget, "fixed": stands, "cost": {}}
        asked["cost"] = dict.fromkeys(free, 0.0)
        if best is None:
            with pytest.raises(SitingError):
                siting.p_median(od, demand, **asked)
            return
        found = siting.p_median(od, demand, **asked)
        reasons = set()
        for looks in (1, 4, 12):
            patch.setattr(
                "planner.engine.siting.models.median.Clock", lambda _, most=looks: Looks(most)
            )
            try:
                short = siting.p_median(od, demand, **asked)
            except NoPlanError as late:
                reasons |= {problem.key for problem in late.problems}
                continue
            assert short.bound <= best + 1e-6
            assert short.objective >= best - 1e-5
    assert reasons <= {"siting.no_plan_in_time"}
    assert found.objective == pytest.approx(best, abs=1e-5)
    assert found.status == "optimal"


@pytest.mark.parametrize("steps", [None, {5.0: 1.0, 12.0: 0.6}])
@pytest.mark.parametrize("floor", [None, 9.0, np.inf])
def test_demand_put_together_is_served_as_well(steps, floor):
    """A hundred homes at eight sites, against the program that knows each home by itself."""
    rng = np.random.default_rng(2)
    row, col = np.nonzero(rng.random((100, 8)) < 0.3)
    minutes = rng.choice([4.0, 8.0, 11.0], len(row))
    od = pd.DataFrame({"demand": row, "facility": col, "minutes": minutes})
    demand, room = pd.Series(rng.integers(0, 30, 100)), pd.Series(rng.integers(90, 300, 8))
    kept = np.ones(len(row)) if steps is None else np.where(minutes <= 5, 1.0, 0.6)
    k, half = len(row), demand.index[::2]
    least = 0.0 if floor is None else 0.45 * demand[half].sum()
    counts = np.isin(row, half) & (minutes <= (floor or 0.0))
    to_site = (col[None, :] == np.arange(8)[:, None]).astype(float)
    from_home = (row[None, :] == np.arange(100)[:, None]).astype(float)
    limits = np.block(
        [
            [to_site, -np.diag(room.to_numpy(float))],
            [from_home, np.zeros((100, 8))],
            [np.zeros((1, k)), np.ones((1, 8))],
            [-counts[None, :].astype(float), np.zeros((1, 8))],
        ]
    )
    most = np.concatenate([np.zeros(8), demand, [3.0], [-least]])
    best = milp(
        np.append(-kept, np.zeros(8)),
        constraints=LinearConstraint(limits, ub=most),
        integrality=np.append(np.zeros(k), np.ones(8)),
        bounds=Bounds(0, np.append(np.full(k, np.inf), np.ones(8))),
    )
    asked = {"p": 3, "capacity": room, "decay": steps}
    if floor is not None:
        asked["floors"] = [siting.Floor(name="f", share=0.45, demand=half, within=floor)]
    if best.x is None:
        with pytest.raises(SitingError):
            siting.max_cover(od, demand, **asked)
        return
    found = siting.max_cover(od, demand, **asked)
    assert found.objective == pytest.approx(-best.fun, abs=1e-5)
    assert found.status == "optimal"
    served = found.flows.groupby("demand")["weight"].sum()
    assert (served <= demand[served.index] + 1e-6).all()


def test_places_where_they_mean_nothing():
    room = {"x": 1, "y": 1, "z": 1}
    groups = pd.Series("g", index=DEMAND.index)
    years = pd.DataFrame({2025: DEMAND})
    for ask, key in (
        (lambda: siting.max_cover(OD, DEMAND, p=1, times=2, capacity=room), "times"),
        (lambda: siting.fair_cover(OD, DEMAND, groups, p=1, spread=0.1, capacity=room), "spread"),
        (lambda: siting.phase_cover(OD, years, p={2025: 1}, capacity=room), "not_phased"),
    ):
        with pytest.raises(SitingError) as wrong:
            ask()
        assert key in wrong.value.problems[0].key
        assert all(wrong.value.say("zh") + wrong.value.say("en"))


def test_preference_and_sizes_agree():
    """A preferred site that replaces another comes with a size of its own."""
    even = pd.DataFrame({"demand": ["a", "a"], "facility": ["x", "y"], "minutes": 5.0})
    found = siting.max_cover(
        even, pd.Series({"a": 10}), p=1, capacity={"x": 10, "y": 10}, preference={"y": 1}
    )
    assert (found.chosen, found.objective) == (("y",), 10)


@given(towns(max_demand=6, max_sites=5))
@examples(15)
def test_places_with_every_rule_by_enumeration(town):
    """Capacity along with a budget, a quota, spacing, a floor and what is forbidden."""
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    if len(sites) < 2:
        return
    room = pd.Series(rng.integers(1, 30, len(sites)), index=sites)
    cost = pd.Series(rng.integers(1, 6, len(sites)), index=sites)
    budget = float(cost.min() + rng.integers(0, 9))
    forbidden = [sites[-1]] if len(sites) > 2 else []
    pair = (sites[0], sites[1])
    half, floor = list(demand.index[::2]), float(rng.choice([0.0, 0.3]))
    quota = siting.Quota(name="q", sites=sites[:2], at_least=int(rng.integers(0, 2)))

    def served(plan):
        """Serve most, the floor kept: rows of flows, with the floor as one more limit."""
        rows = od[od.facility.isin(plan)].reset_index(drop=True)
        if rows.empty:
            return 0.0 if floor * demand[half].sum() == 0 else None
        limits = [(rows.facility == s).to_numpy(float) for s in plan]
        limits += [(rows.demand == h).to_numpy(float) for h in demand.index]
        limits += [-rows.demand.isin(half).to_numpy(float)]
        most = [*room[list(plan)], *demand, -floor * demand[half].sum() + 1e-9]
        found = linprog(-np.ones(len(rows)), A_ub=np.array(limits), b_ub=most)
        return -found.fun if found.status == 0 else None

    able = [
        served(plan)
        for plan in plans([site for site in sites if site not in forbidden], 9)
        if cost[list(plan)].sum() <= budget
        and not set(pair) <= set(plan)
        and len(set(plan) & set(sites[:2])) >= quota.at_least
    ]
    able = [worth for worth in able if worth is not None]
    asked = {
        "budget": budget,
        "cost": cost,
        "capacity": room,
        "forbidden": forbidden,
        "conflicts": [pair],
        "quotas": [quota],
        "floors": [siting.Floor(name="f", share=floor, demand=half)],
    }
    if not able:
        with pytest.raises(SitingError):
            siting.max_cover(od, demand, **asked)
        return
    if cost.drop(forbidden).min() > budget:
        return  # that is bad input: there is nothing to buy
    found = siting.max_cover(od, demand, **asked)
    assert found.objective == pytest.approx(max(able), abs=1e-6)
    assert found.cost <= budget


@given(towns(max_demand=7, max_sites=5))
@examples(15)
def test_shared_hosts_with_a_share_by_enumeration(town):
    """The cheapest sites and hosts for a share of demand, when hosts are counted, too."""
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    host = pd.Series(rng.choice(["h0", "h1"], len(sites)), index=sites)
    cost = pd.Series(rng.integers(1, 5, len(sites)), index=sites)
    house, most = pd.Series({"h0": 3, "h1": 6}), int(rng.integers(1, 3))
    share = float(rng.choice([0.2, 0.5]))
    able = [
        cost[list(plan)].sum() + house[list(set(host[list(plan)]))].sum()
        for plan in plans(sites, 9)
        if covered(od, demand, plan) >= share * demand.sum() - 1e-9
        and len(set(host[list(plan)])) <= most
    ]
    asked = {"cost": cost, "hosts": host, "host_cost": house, "most_hosts": most}
    if not able:
        with pytest.raises(NoPlanError):
            siting.set_cover(od, demand, share=share, **asked)
        return
    found = siting.set_cover(od, demand, share=share, **asked)
    assert (found.objective, found.status) == (min(able), "optimal")
