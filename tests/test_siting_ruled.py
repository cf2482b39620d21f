"""Rules carried by the search and its bound, against enumeration."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples
from test_siting import plans, towns
from test_siting_bounds import value_of

from planner import siting
from planner.engine.siting.problem.constraints import Limit, join_pairs
from planner.engine.siting.problem.problem import build_problem
from planner.engine.siting.solver.branch_and_bound import certify, fixable, prove
from planner.engine.siting.solver.facility_location import _core_of
from planner.engine.siting.solver.hosts import housed, keeps_to_hosts, split_hosts
from planner.engine.siting.solver.linear_constraints import fill, keeps, rules_of, settled_by
from planner.engine.siting.solver.program import Clock
from planner.engine.siting.solver.reduced import build_reduced, shrink
from planner.errors import NoPlanError, SitingError


@st.composite
def ruled_cores(draw):
    """A small problem, rules of every sort, and every plan that keeps to them with its cost."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, m = int(rng.integers(1, 25)), int(rng.integers(2, 8))
    entry = np.flatnonzero(rng.random(n * m) < 0.4)
    row, site = np.divmod(entry, m)
    outside = rng.integers(0, 40, n)
    cost = rng.integers(0, 30, len(entry)) * int(rng.random() < 0.6)
    limits = []
    for _ in range(int(rng.integers(1, 4))):
        sites = np.sort(rng.permutation(m)[: int(rng.integers(1, m + 1))])
        factors = np.ones(len(sites))
        if rng.random() < 0.5:
            factors = np.round(rng.random(len(sites)) * 9, int(rng.integers(0, 3)))
        high = float(np.round(factors.sum() * rng.random(), 1)) if rng.random() < 0.8 else np.inf
        low = min(float(np.round(factors.sum() * rng.random() / 2, 1)), high)
        low = low if rng.random() < 0.5 else -np.inf
        limits.append(Limit(key="quota", sites=sites, factors=factors, low=low, high=high))
    limits += [
        Limit(key="conflict", sites=np.array(pair), factors=np.ones(2), high=1.0)
        for pair in itertools.combinations(range(m), 2)
        if rng.random() < 0.2
    ]
    p = int(rng.integers(1, m + 1))
    nothing = np.zeros(m, dtype=bool)
    rules = rules_of(tuple(limits), nothing, np.arange(m))
    core, _ = build_reduced(row, site, cost, outside, p, np.arange(m), rules=rules)
    worth = {}
    for plan in plans(range(m), p):
        is_open = nothing.copy()
        is_open[list(plan)] = True
        assert keeps(rules, is_open) == all(limit.holds(is_open) for limit in limits)
        if keeps(rules, is_open):
            worth[plan] = value_of((row, site, cost, outside), list(plan))
    return core, worth, rng


@given(ruled_cores())
@examples(60)
def test_proof_with_rules_by_enumeration(made):
    core, worth, rng = made
    if not worth:
        return
    best = min(worth.values())
    start = np.zeros(len(core.names), dtype=bool)
    start[list(list(worth)[int(rng.integers(len(worth)))])] = True
    proof = prove(core, Clock(60.0), start=start)
    assert proof.value == proof.bound == best == worth[tuple(sorted(proof.chosen))]
    stopped = prove(core, Clock(0.0), start=start)
    assert stopped.bound <= best <= stopped.value == worth[tuple(sorted(stopped.chosen))]


@given(ruled_cores())
@examples(60)
def test_any_tolls_bound_and_fix_rightly(made):
    core, worth, rng = made
    m = len(core.names)
    settled = settled_by(core.rules)
    if settled is None:
        assert not worth
    elif worth:
        for plan in worth:
            assert set(np.flatnonzero(settled[0])) <= set(plan)
            assert not set(np.flatnonzero(settled[1])) & set(plan)
    if not worth:
        return
    best = min(worth.values())
    price = rng.random(len(core.flat.outside)) * core.flat.outside
    multiplier = rng.normal(0, 15, len(core.rules.high)) * (rng.random(len(core.rules.high)) < 0.7)
    certified, reduced = certify(core, price, multiplier)
    assert core.base + certified / 2**16 <= best
    value = best + int(rng.integers(1, 20))
    forced, barred = fixable(core.p, reduced, (value - core.base << 16) - certified)
    for plan in (plan for plan, cost in worth.items() if cost < value):
        assert set(np.flatnonzero(forced)) <= set(plan)
        assert not set(np.flatnonzero(barred)) & set(plan)
    # What is left once sites are open for good, or closed, asks the same of the others.
    opened = np.zeros(m, dtype=bool)
    opened[int(rng.integers(m))] = True
    shut = ~opened & (rng.random(m) < 0.3)
    smaller, _ = shrink(core, price, opened, shut)
    for rest in plans(range(len(smaller.names)), max(smaller.p, 0)):
        is_open = np.zeros(len(smaller.names), dtype=bool)
        is_open[list(rest)] = True
        whole = sorted([*np.flatnonzero(opened), *smaller.names[is_open]])
        assert keeps(smaller.rules, is_open) == (tuple(whole) in worth)


@given(ruled_cores())
@examples(30)
def test_filling_keeps_to_upper_bounds(made):
    core, _, rng = made
    is_open = fill(core.rules, rng.permutation(len(core.names)), core.p)
    assert is_open.sum() <= core.p
    assert keeps(core.rules._replace(low=core.rules.low - np.inf), is_open)


@given(st.integers(0, 10**6))
@examples(20)
def test_joined_conflicts_allow_the_same_plans(seed):
    rng = np.random.default_rng(seed)
    m = int(rng.integers(2, 8))
    limits = tuple(
        Limit(key="conflict", sites=np.array(pair), factors=np.ones(2), high=1.0)
        for pair in itertools.combinations(range(m), 2)
        if rng.random() < 0.5
    )
    joined = join_pairs(limits)
    assert len(joined) <= len(limits)
    for plan in itertools.product([False, True], repeat=m):
        is_open = np.array(plan)
        before = all(limit.holds(is_open) for limit in limits)
        assert before == all(limit.holds(is_open) for limit in joined)


@given(towns(), st.sampled_from(["p_median", "decay", "max_cover"]), st.sampled_from([0.0, 60.0]))
@examples(25)
def test_every_rule_in_every_model_by_enumeration(town, model, limit_s):
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    if len(sites) < 2:
        return
    cost = pd.Series(rng.integers(1, 90, len(sites)) / 10, index=sites)
    budget, p = float(cost.min() + rng.random() * 12), int(rng.integers(1, len(sites) + 1))
    stands = [sites[0]] if rng.random() < 0.4 else []
    sells = {sites[0]: 2.5} if stands and rng.random() < 0.5 else {}
    half = sites[: (len(sites) + 1) // 2]
    least = int(rng.integers(0, 3))
    quota = siting.Quota(name="west", sites=half, at_least=min(least, len(half)), at_most=2)
    pair = (sites[-2], sites[-1])
    house = pd.Series({"h0": 1.5, "h1": 3.0}) if rng.random() < 0.5 else pd.Series(dtype=float)
    free = [site for site in sites if site not in stands]
    host = pd.Series(rng.choice(["h0", "h1"], len(free)), index=free)
    most = int(rng.integers(1, 3))

    def worth(plan):
        own = od[od.facility.isin(plan)].groupby("demand").minutes.min()
        if model == "p_median":
            near = own.reindex(demand.index)
            within = demand.index.isin(od.demand)
            return -float((near.fillna(20.0) * demand)[within].sum())
        kept = 1.0 if model == "max_cover" else np.clip(1 - own / 16, 0, 1)
        return float((kept * demand[own.index]).sum())

    best = None
    for plan in plans(sites, 9):
        new = set(plan) - set(stands)
        if not set(stands) - set(sells) <= set(plan):
            continue
        closed = set(stands) - set(plan)
        used = set(host[list(new)]) if len(house) else set()
        keeps_to = (
            len(new) <= p
            and cost[list(new)].sum() + house.reindex(list(used)).sum()
            <= budget + sum(sells[site] for site in closed) + 1e-9
            and len(used) <= most
            and quota.at_least <= sum(site in half for site in plan) <= 2
            and not set(pair) <= set(plan)
        )
        if keeps_to:
            best = worth(plan) if best is None else max(best, worth(plan))
    asked = {
        "p": p,
        "fixed": stands,
        "closable": sells or None,
        "cost": cost,
        "budget": budget,
        "quotas": [quota],
        "conflicts": [pair],
        "time_limit_s": limit_s,
    }
    if len(house):
        asked |= {"hosts": host, "host_cost": house[sorted(set(host))], "most_hosts": most}
    if len(free) < p:
        return
    ask = siting.p_median if model == "p_median" else siting.max_cover
    more = {"p_median": {"beyond": 20.0}, "max_cover": {}}.get(
        model, {"decay": lambda t: np.clip(1 - t / 16, 0, 1)}
    )
    try:
        found = ask(od, demand, **asked, **more)
    except NoPlanError:
        assert best is None or limit_s == 0
        return
    except SitingError:
        return  # a budget below the cheapest
    sign = -1.0 if model == "p_median" else 1.0
    assert sign * found.objective <= best + 1e-6 <= sign * found.bound + 2e-6 * (1 + abs(best))
    if limit_s:
        assert found.status == "optimal"
        assert sign * found.objective == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("model", ["max_cover", "p_median"])
def test_a_district_with_every_rule_is_proven(model):
    """Quotas from below, a budget, spacing and one site a host, all at once."""
    rng = np.random.default_rng(4)
    people = pd.DataFrame(rng.random((900, 2)), columns=["x", "y"])
    spots = pd.DataFrame(rng.random((120, 2)), columns=["x", "y"])
    od = siting.straight_od(people, spots, cutoff_m=0.12)
    between = siting.straight_od(spots, spots, cutoff_m=0.08)
    zone = (spots.x * 3).astype(int) * 3 + (spots.y * 3).astype(int)
    asked = {
        "metric": "metres",
        "p": 14,
        "cost": pd.Series(rng.integers(5, 30, 120)),
        "budget": 200,
        "quotas": siting.zone_quotas(zone, at_least=1, at_most=2),
        "conflicts": siting.too_close(between, 0.08, metric="metres"),
        "hosts": pd.Series(rng.integers(0, 60, 120)),
    }
    demand = pd.Series(rng.integers(1, 99, 900))
    more = {"beyond": 0.2} if model == "p_median" else {}
    found = getattr(siting, model)(od, demand, **asked, **more, time_limit_s=60.0)
    assert found.status == "optimal"
    assert zone[list(found.chosen)].value_counts().reindex(range(9)).between(1, 2).all()
    assert found.cost <= 200


@given(towns(max_sites=7))
@examples(20)
def test_hosts_as_rules_by_enumeration(town):
    """Whatever part of a host each guest pays, no plan is lost; counted once, none is gained."""
    od, demand, rng = town
    sites = sorted(od.facility.unique())
    stands = [sites[0]] if len(sites) > 2 and rng.random() < 0.4 else []
    free = [site for site in sites if site not in stands]
    host = pd.Series(rng.choice(["h0", "h1"], len(sites)), index=sites)
    asked = {
        "p": len(free),
        "fixed": stands,
        "cost": pd.Series(rng.integers(1, 20, len(sites)) / 10, index=sites),
        "budget": float(2 + rng.random() * 9),
        "hosts": host,
        "host_cost": pd.Series({name: float(rng.integers(1, 5)) for name in sorted(set(host))}),
        "most_hosts": int(rng.integers(1, 3)),
    }
    question = build_problem("max_cover", od, demand, **asked)
    core = _core_of(question, None, question.weight.copy())
    shared = split_hosts(question, core, core.base + int(core.flat.outside.sum()), Clock(60.0))
    once = housed(question, core.names)
    for plan in plans(range(len(core.names)), 9):
        own = np.zeros(len(core.names), dtype=bool)
        own[list(plan)] = True
        is_open = question.always.copy()
        is_open[core.names[own]] = True
        rent = asked["host_cost"][sorted(set(host[question.sites[is_open]]))]
        spent = asked["cost"][question.sites[core.names[own]]].sum() + rent.sum()
        sound = spent <= asked["budget"] + 1e-9 and len(rent) <= asked["most_hosts"]
        assert keeps_to_hosts(question, is_open) == keeps(once, own) == sound
        assert keeps(shared, own) or not sound
