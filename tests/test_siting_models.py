"""The further models against enumeration and against published optima."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from scipy.sparse.csgraph import dijkstra
from support.examples import examples
from test_siting import DEMAND, OD, plans, towns

from planner import siting
from planner.errors import SitingError

PMED = (
    5819, 4093, 4250, 3034, 1355, 7824, 5631, 4445, 2734, 1255,
    7696, 6634, 4374, 2968, 1729, 8162, 6999, 4809, 2845, 1789,
)  # fmt: skip


@pytest.mark.shared
def test_san_francisco(shared):
    folder = shared / "data/published-optima/spopt-sf"
    stores = pd.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")  # noqa: TID251
    od = stores.rename(columns={"name": "facility", "distance": "metres"})
    od["demand"] = stores["DestinationName"].map("{:.2f}".format)
    tracts = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv")  # noqa: TID251
    demand = tracts["POP2000"].set_axis(tracts["NAME"].map("{:.2f}".format))
    assert demand.sum() == 955_113
    far = {"metric": "metres"}
    assert siting.set_cover(od, demand, cutoff=5000, **far).objective == 8
    assert siting.set_cover(od, demand, cutoff=8000, **far).objective == 3
    assert siting.max_cover(od, demand, p=4, cutoff=5000, **far).objective == 875_247
    median = siting.p_median(od, demand, p=4, **far)
    assert median.objective == pytest.approx(2_848_268_129.71, abs=0.01)
    assert median.objective / median.covered == pytest.approx(2982.127, abs=0.001)
    center = siting.p_center(od, demand, p=4, **far)
    assert center.objective == pytest.approx(7403.06, abs=0.01)
    assert median.status == center.status == "optimal"


@pytest.mark.shared
@pytest.mark.parametrize("number", range(1, 21))
def test_pmed(shared, number):
    text = (shared / f"data/published-optima/orlib/pmed{number}.txt").read_text()
    (n, _, p), *edges = ([int(word) for word in line.split()] for line in text.splitlines() if line)
    graph = np.zeros((n, n))
    for u, v, w in edges:
        graph[u - 1, v - 1] = graph[v - 1, u - 1] = w
    metres = dijkstra(graph, directed=False)
    from_, to = np.divmod(np.arange(n * n), n)
    od = pd.DataFrame({"demand": from_, "facility": to, "minutes": metres.ravel()})
    found = siting.p_median(od, pd.Series(1, index=range(n)), p=p)
    assert found.objective == found.bound == PMED[number - 1]
    assert found.status == "optimal"


def minutes_to(od, demand, plan):
    return od[od.facility.isin(plan)].groupby("demand").minutes.min().reindex(demand.index)


@given(towns())
@examples(15)
def test_p_median_by_enumeration(town):
    od, demand, rng = town
    sites, can = sorted(od.facility.unique()), od.demand[od.demand.map(demand) > 0].unique()
    p = int(rng.integers(1, len(sites) + 1))
    worth = {}
    for plan in plans(sites, p):
        nearest = minutes_to(od, demand, plan)
        if nearest[can].notna().all():
            worth[plan] = (nearest * demand).sum()
    if not worth:
        with pytest.raises(SitingError) as caught:
            siting.p_median(od, demand, p=p)
        assert "relax_p" in caught.value.problems[0].key
    else:
        found = siting.p_median(od, demand, p=p)
        assert found.objective == found.bound == min(worth.values())
        assert found.assignment[can].notna().all()
    loose = siting.p_median(od, demand, p=p, beyond=20)
    best = min(
        (minutes_to(od, demand, plan)[can].fillna(20) * demand[can]).sum()
        for plan in plans(sites, p)
    )
    assert loose.objective == loose.bound == best


@given(towns())
@examples(15)
def test_p_median_with_quota_by_enumeration(town):
    od, demand, rng = town
    sites, can = sorted(od.facility.unique()), od.demand.unique()
    half = sites[: len(sites) // 2]
    cost = pd.Series(rng.integers(1, 9, len(sites)), index=sites)
    budget = float(cost.min() + rng.integers(0, 12))
    best = min(
        (minutes_to(od, demand, plan)[can].fillna(30) * demand[can]).sum()
        for plan in plans(sites, len(sites))
        if cost[list(plan)].sum() <= budget and sum(site in half for site in plan) <= 1
    )
    quota = siting.Quota(name="west", sites=half, at_most=1)
    found = siting.p_median(od, demand, cost=cost, budget=budget, quotas=[quota], beyond=30)
    assert found.objective == found.bound == best


@given(towns())
@examples(10)
def test_p_center_by_enumeration(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    can = [home for home in od.demand.unique() if demand[home] > 0]  # nobody asks for no site
    if not can:
        return
    p = int(rng.integers(1, len(sites) + 1))
    for weighted in (False, True):
        each = demand[can] if weighted else 1
        worst = [
            (minutes_to(od, demand, plan)[can] * each).max()
            for plan in plans(sites, p)
            if minutes_to(od, demand, plan)[can].notna().all()
        ]
        if worst:
            found = siting.p_center(od, demand, p=p, weighted=weighted)
            assert found.objective == found.bound == min(worst)
            assert len(found.chosen) <= p
        else:
            with pytest.raises(SitingError):
                siting.p_center(od, demand, p=p, weighted=weighted)


@given(towns(max_demand=7))
@examples(15)
def test_p_dispersion_by_enumeration(town):
    _, _, rng = town
    n = int(rng.integers(3, 8))
    points = rng.integers(0, 30, (n, 2))
    pairs = list(itertools.permutations(range(n), 2))
    metres = {pair: float(np.abs(points[pair[0]] - points[pair[1]]).sum()) for pair in pairs}
    od = pd.DataFrame(pairs, columns=["demand", "facility"]).assign(minutes=metres.values())
    p = int(rng.integers(2, n))
    best = max(
        min(metres[pair] for pair in itertools.combinations(plan, 2))
        for plan in itertools.combinations(range(n), p)
    )
    found = siting.p_dispersion(od, p=p)
    assert found.objective == found.bound == best
    assert len(found.chosen) == p


@given(towns())
@examples(10)
def test_backup_and_decay_by_enumeration(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    p = int(rng.integers(1, len(sites) + 1))

    def twice(plan):
        hits = od[od.facility.isin(plan)].groupby("demand").size()
        return demand[hits[hits >= 2].index].sum()

    backup = siting.max_cover(od, demand, p=p, times=2)
    assert backup.objective == backup.bound == max(twice(plan) for plan in plans(sites, p))

    steps = {4: 1.0, 9: 0.5, 12: 0.25}
    share = od.minutes.map(lambda t: next((s for u, s in steps.items() if t <= u), 0.0))

    def kept(plan):
        inside = od.facility.isin(plan)
        best = share[inside].groupby(od.demand[inside]).max()
        return (best * demand.reindex(best.index)).sum()

    gradual = siting.max_cover(od, demand, p=p, decay=steps)
    best = max(kept(plan) for plan in plans(sites, p))
    assert gradual.objective == pytest.approx(best)
    assert gradual.bound == pytest.approx(best)
    smooth = siting.max_cover(od, demand, p=p, decay=lambda t: np.exp(-t / 9))
    assert smooth.status == "optimal"


@given(towns(max_demand=6, max_sites=5))
@examples(15)
def test_capacity_by_enumeration(town):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    capacity = pd.Series(rng.integers(0, 25, len(sites)), index=sites)
    p = int(rng.integers(1, len(sites) + 1))

    def most(plan):  # the least cut (Hall): demand reached only by a set is held by its places
        reach = [
            (demand[i], frozenset(od.facility[(od.demand == i) & od.facility.isin(plan)]))
            for i in demand.index
        ]
        reach = [(w, who) for w, who in reach if who]
        return min(
            sum(capacity[site] for site in cut) + sum(w for w, who in reach if not who <= set(cut))
            for k in range(len(plan) + 1)
            for cut in itertools.combinations(plan, k)
        )

    found = siting.max_cover(od, demand, p=p, capacity=capacity)
    best = max(most(plan) for plan in plans(sites, p))
    assert found.objective == pytest.approx(best)
    assert found.bound == pytest.approx(best)
    load = found.flows.groupby("site").weight.sum()
    assert (load <= capacity[load.index] + 1e-6).all()
    assert found.flows.weight.sum() == pytest.approx(best)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda sizes: sizes.drop(columns=["cost", "size"]), "siting.size_columns"),
        (lambda sizes: sizes.assign(capacity=[10, np.nan, 20]), "siting.value_negative"),
        (lambda sizes: sizes.assign(cost=[0, -1, 5]), "siting.value_negative"),
        (lambda sizes: sizes.assign(cost=[0, np.inf, 5]), "siting.value_infinite"),
        (lambda sizes: sizes[sizes["site"] != "y"], "siting.value_missing"),
    ],
)
def test_sizes_that_mean_nothing_are_refused(change, key):
    rows = [("x", "now", 10, 0), ("y", "20", 20, 5), ("z", "20", 20, 5)]
    sizes = pd.DataFrame(rows, columns=["site", "size", "capacity", "cost"])
    assert siting.max_cover(OD, DEMAND, sizes=sizes, budget=5).cost == 5
    with pytest.raises(SitingError) as caught:
        siting.max_cover(OD, DEMAND, sizes=change(sizes), budget=5)
    assert [problem.key for problem in caught.value.problems] == [key]


def test_sizes_upgrades_and_shortage():
    sizes = pd.DataFrame(
        [("x", "now", 10, 0), ("x", "large", 30, 4), ("y", "20", 20, 5), ("y", "50", 50, 9),
         ("z", "20", 20, 5)],
        columns=["site", "size", "capacity", "cost"],
    )  # fmt: skip
    upgraded = siting.max_cover(OD, DEMAND, fixed=["x"], sizes=sizes, budget=4)
    assert (upgraded.objective, upgraded.cost) == (30, 4)
    assert upgraded.sizes.to_dict() == {"x": "large"}
    more = siting.max_cover(OD, DEMAND, fixed=["x"], sizes=sizes, budget=9)
    assert more.objective == 43
    assert more.sizes.to_dict() == {"x": "large", "y": "20"}
    median = siting.p_median(OD, DEMAND, fixed=["x"], sizes=sizes, budget=9)
    assert median.objective == 4 * 10 + 3 * 15 + 9 * 5 + 8 * 5 + 12 * 0 + 5 * 0 or median.gap == 0
    assert median.flows.weight.sum() == pytest.approx(43)
    with pytest.raises(SitingError) as caught:
        siting.p_median(OD, DEMAND, p=2, capacity={"x": 5, "y": 5, "z": 5})
    assert caught.value.problems[0].key == "siting.capacity_short"
    assert (caught.value.problems[0].value, caught.value.problems[0].params["most"]) == (43, 10)
    with pytest.raises(SitingError) as caught:  # one site does not even reach everybody
        siting.p_median(OD, DEMAND, p=1, capacity={"x": 5, "y": 5, "z": 5})
    assert caught.value.problems[0].key == "siting.relax_p_reach"


def test_preference_breaks_ties_and_may_cost_a_little():
    od = pd.DataFrame({"demand": ["a", "a", "b"], "facility": ["x", "y", "x"], "minutes": 1.0})
    demand = pd.Series({"a": 99, "b": 1})
    idle_office = {"y": 1}
    assert siting.max_cover(od, demand, p=1, preference=idle_office).chosen == ("x",)
    given_up = siting.max_cover(od, demand, p=1, preference=idle_office, give_up=0.02)
    assert given_up.chosen == ("y",)
    assert (given_up.objective, given_up.bound, given_up.status) == (99, 100, "feasible")


def test_contradictions_say_what_to_relax():
    quota = siting.Quota(name="东街", sites=["x", "y"], at_least=2)
    with pytest.raises(SitingError) as caught:
        siting.max_cover(OD, DEMAND, p=1, quotas=[quota])
    assert caught.value.problems[0].key in {"siting.relax_p", "siting.relax_quota"}
    assert caught.value.say("zh")[0]
    with pytest.raises(SitingError) as caught:
        siting.set_cover(OD, DEMAND, conflicts=[("x", "y")])
    assert caught.value.problems[0].key == "siting.relax_conflict"
