"""A limit of time ends every search at the next look at the clock, with a plan and a sound bound.

The clock of these tests counts how often it is looked at, so that nothing depends on the machine.
"""

from __future__ import annotations

import highspy
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from planner import siting
from planner.engine import jit
from planner.engine.siting.models import center_dispersion, covering
from planner.engine.siting.models.center import reach_early
from planner.engine.siting.problem.problem import build_problem
from planner.engine.siting.solver import facility_location, kernels
from planner.engine.siting.solver import program as program_module
from planner.engine.siting.solver.branch_and_bound import prove
from planner.engine.siting.solver.highs import Answer
from planner.engine.siting.solver.local_search import improve
from planner.engine.siting.solver.program import Clock, Program
from planner.engine.siting.solver.reduced import build_reduced
from planner.engine.siting.solver.volume import _smallest, raise_bound
from tests.support.clocks import Looks, Ticking


def made(seed: int, n: int = 60, m: int = 20, p: int = 5):
    rng = np.random.default_rng(seed)
    row, col = np.nonzero(rng.random((n, m)) < 0.4)
    cost = rng.integers(0, 50, len(row))
    outside = np.full(n, 60)
    core, _ = build_reduced(row.astype(np.int32), col, cost, outside, p, np.arange(m), 0)
    return core


def start_of(core):
    price, share = core.flat.outside / 2.0, np.zeros(len(core.names))
    return price, np.zeros(len(core.rules.high)), share


def test_the_volume_algorithm_in_pieces_is_the_same_as_at_once():
    core = made(1)
    whole, parts = start_of(core), start_of(core)
    given = (core.flat, core.rules, core.p)
    one = raise_bound(*given, *whole, 2000.0, 300, 0.8)
    other = raise_bound(*given, *parts, 2000.0, 300, 0.8, None, 7 * len(core.flat.cols))
    assert one == other
    for a, b in zip(whole, parts, strict=True):
        assert np.array_equal(a, b)


@jit.compiled
def smallest(values, place):
    return _smallest(values, place)


@pytest.mark.parametrize("seed", range(20))
def test_the_smallest_values_are_found_among_equal_ones(seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(-4, 4, int(rng.integers(1, 40))).astype(float)
    if seed % 2:
        values += rng.random(len(values))
    found = [smallest(values.copy(), k) for k in range(len(values))]
    assert found == sorted(values)


def test_the_volume_algorithm_stops_at_the_next_look():
    core, clock = made(1), Looks(2)
    raise_bound(
        core.flat, core.rules, core.p, *start_of(core), 2000.0, 300, 0.8, clock, len(core.flat.cols)
    )
    assert clock.seen == 3


def test_improving_stops_at_the_next_look_and_is_never_worse():
    core = made(2, 400, 60, 12)
    plan = np.arange(60) < 12
    before, clock = int(kernels.cost_of(core.flat, plan)), Looks(0)
    value = improve(core, plan, tries=50, clock=clock, piece=len(core.flat.cols))
    assert clock.seen == 1  # the swaps took one piece; after one shake the time was up
    assert value == kernels.cost_of(core.flat, plan) <= before
    assert plan.sum() <= 12


@pytest.mark.parametrize("most", range(0, 12, 3))
def test_a_proof_cut_short_bounds_the_proven_value(most):
    core = made(3)
    best = prove(core, Clock(60.0))
    assert best.value == best.bound
    clock = Looks(most)
    short = prove(core, clock)
    is_open = np.isin(core.names, short.chosen)
    assert short.bound <= best.value <= short.value
    assert short.value == kernels.cost_of(core.flat, is_open) + core.base
    assert is_open.sum() <= core.p


def test_a_part_of_a_clock_ends_with_the_whole():
    clock = Looks(1)
    part = clock.part(0.5)
    assert part.left() == 0.0


def table(seed: int, n: int = 120, m: int = 30):
    rng = np.random.default_rng(seed)
    row, col = np.nonzero(rng.random((n, m)) < 0.25)
    od = pd.DataFrame(
        {"demand": row, "facility": col, "minutes": rng.integers(1, 30, len(row)).astype(float)}
    )
    return od, pd.Series(rng.integers(1, 50, n), index=range(n)), rng


HALF = [siting.Quota(name="half", sites=list(range(15)), at_most=6)]
ASKED = {
    "max_cover": (siting.max_cover, {"p": 8}),
    "max_cover, quota": (siting.max_cover, {"p": 8, "quotas": HALF}),
    "set_cover": (siting.set_cover, {}),
    "p_median": (siting.p_median, {"p": 15}),
    "p_median, quota": (siting.p_median, {"p": 15, "quotas": HALF}),
    "p_median, beyond": (siting.p_median, {"p": 5, "beyond": 60}),
    "p_center": (siting.p_center, {"p": 15}),
}


@pytest.mark.parametrize("name", list(ASKED))
def test_a_plan_stands_although_no_time_is_left(name):
    model, asked = ASKED[name]
    od, weight, _ = table(5)
    best = model(od, weight, time_limit_s=60.0, **asked)
    short = model(od, weight, time_limit_s=1e-6, **asked)
    assert best.status == "optimal"
    assert len(short.chosen) > 0
    if best.model == "max_cover":
        assert short.objective <= best.objective + 1e-6 <= short.bound + 2e-6
    else:
        assert short.bound - 1e-6 <= best.objective <= short.objective + 1e-6


def test_a_median_that_would_leave_somebody_out_falls_back_on_a_plan_that_reaches_all():
    """Nobody was asked to be reached where nothing stands yet: the plan was empty, and refused."""
    far = {"a": 1, "b": 1, "c": 2, "d": 2, "e": 3}  # each is reached by one of three sites
    rows = [(home, f"s{site}", 5.0) for home, site in far.items()] + [("a", "s9", 1.0)]
    od = pd.DataFrame(rows, columns=["demand", "facility", "minutes"])
    people = pd.Series([100.0, 1, 1, 1, 1], index=list(far))
    question = build_problem("p_median", od, people, p=3, least=True)
    reached = reach_early(question)
    assert set(question.sites[reached]) == {"s1", "s2", "s3"}
    short = siting.p_median(od, people, p=3, time_limit_s=1e-6)
    assert set(short.chosen) == {"s1", "s2", "s3"}
    standing = build_problem("p_median", od, people, p=1, fixed=["s1", "s2"], least=True)
    assert set(standing.sites[reach_early(standing)]) == {"s1", "s2", "s3"}


def test_a_fair_plan_stands_although_no_time_is_left():
    od, weight, rng = table(5)
    groups = pd.Series(rng.integers(0, 3, len(weight)), index=weight.index)
    best = siting.fair_cover(od, weight, groups, p=8, time_limit_s=60.0)
    short = siting.fair_cover(od, weight, groups, p=8, time_limit_s=1e-6)
    assert best.plan.status == "optimal"
    assert 0 < len(short.plan.chosen) <= 8
    assert short.worst <= best.worst + 1e-9
    assert short.plan.status == "feasible" or short.plan.objective == best.plan.objective


def test_a_fair_front_has_a_plan_although_no_time_is_left():
    od, weight, rng = table(5)
    groups = pd.Series(rng.integers(0, 3, len(weight)), index=weight.index)
    best = siting.fair_front(od, weight, groups, p=8, time_limit_s=60.0)
    short = siting.fair_front(od, weight, groups, p=8, most=1, time_limit_s=1e-6)
    assert best["proven"].all()
    assert 0 < len(short["plan"].iloc[0].chosen) <= 8
    assert short["worst"].iloc[0] <= best["worst"].max() + 1e-9


def test_groups_within_a_spread_have_a_plan_although_no_time_is_left():
    od, weight, rng = table(5)
    groups = pd.Series(rng.integers(0, 3, len(weight)), index=weight.index)
    best = siting.fair_cover(od, weight, groups, p=8, spread=0.1, time_limit_s=60.0)
    short = siting.fair_cover(od, weight, groups, p=8, spread=0.1, time_limit_s=1e-6)
    assert best.plan.status == "optimal"
    assert 0 < len(short.plan.chosen) <= 8
    assert short.shares["fair"].max() - short.shares["fair"].min() <= 0.1 + 1e-9
    assert short.plan.objective <= best.plan.objective <= short.plan.bound + 1e-6


@pytest.mark.parametrize("rules", [{}, {"quotas": HALF}, {"preference": pd.Series(1.0, range(9))}])
def test_phases_have_a_plan_although_no_time_is_left(rules):
    od, weight, _ = table(5, 60, 20)
    years = pd.DataFrame({2026: weight, 2028: weight * 2, 2030: weight})
    asked = {"p": {2026: 1, 2028: 3, 2030: 5}, "fixed": [19], **rules}
    best = siting.phase_cover(od, years, **asked, time_limit_s=600.0)
    short = siting.phase_cover(od, years, **asked, time_limit_s=1e-6)
    assert best.status == "optimal"
    assert [len(plan.chosen) for plan in short.plans.values()] == [1, 3, 5]
    assert short.objective <= best.objective <= short.bound + 1e-6


def test_phases_that_nobody_bettered_tell_their_years_in_order(monkeypatch):
    """They came from the last year back: each site was told to open in the last."""

    def nothing(self, **_):
        return Answer(point=None, objective=-np.inf, bound=np.inf)

    monkeypatch.setattr(Program, "solve", nothing)
    od, weight, _ = table(5, 60, 20)
    years = pd.DataFrame({2026: weight, 2028: weight * 2, 2030: weight})
    short = siting.phase_cover(od, years, p={2026: 1, 2028: 3, 2030: 5})
    assert list(short.plans) == [2026, 2028, 2030]
    assert short.opens.tolist() == [2026, 2028, 2028, 2030, 2030]
    assert set(short.opens.index) == set(short.plans[2030].chosen)
    assert short.status == "feasible"
    assert siting.verify(short, od, years, nodes=0).holds


def test_phases_spend_no_more_than_each_year_allows_although_no_time_is_left():
    od, weight, rng = table(5)
    cost = pd.Series(rng.integers(2, 9, 30).astype(float))
    steps = {2026: 9.0, 2028: 20.0}
    years = pd.DataFrame({2026: weight, 2028: weight})
    short = siting.phase_cover(od, years, budgets=steps, cost=cost, time_limit_s=1e-6)
    assert 0 < short.plans[2026].cost <= 9.0
    assert short.plans[2026].cost < short.plans[2028].cost <= 20.0
    assert set(short.plans[2026].chosen) < set(short.plans[2028].chosen)


def test_the_worst_group_is_floored_by_one_clock(monkeypatch):
    limits = []
    solve = Program.solve

    def noted(self, **asked):
        limits.append(asked["time_limit_s"])
        return solve(self, **asked)

    monkeypatch.setattr(Program, "solve", noted)
    od, weight, rng = table(6)
    groups = pd.Series(rng.integers(0, 3, len(weight)), index=weight.index)
    siting.fair_cover(od, weight, groups, p=6, time_limit_s=1000.0)
    assert limits[0] <= 500.0  # the highest floor: half of what is left, not all once more
    assert max(limits) < 1000.0


def test_sites_spread_without_time_are_not_called_best(monkeypatch):
    """A bound that is not there is infinite; any distance was taken to be near enough to it."""
    places = pd.DataFrame({"x": [0.0, 1.0, 2.0, 10.0], "y": 0.0}, index=list("abcd"))
    od = siting.straight_od(places, places, cutoff_m=100.0)
    od = od[od["demand"] != od["facility"]]
    first = np.array([True, True, False, False])
    monkeypatch.setattr(center_dispersion, "_any_plan", lambda *_: first)
    monkeypatch.setattr(center_dispersion, "Clock", lambda _: Looks(0))
    short = siting.p_dispersion(od, p=2, metric="metres")
    assert (short.objective, short.status) == (1.0, "feasible")
    assert np.isnan([short.bound, short.gap]).all()
    assert siting.verify(short, od).holds
    monkeypatch.undo()
    best = siting.p_dispersion(od, p=2, metric="metres")
    assert (best.objective, best.bound, best.status) == (10.0, 10.0, "optimal")


@pytest.fixture
def endless(monkeypatch):
    """Have the search of a cover take all the time it may; note that, and what HiGHS then has."""
    noted = {"search": 0.0, "highs": 0.0}
    solve = Program.solve

    def search(core, clock, **asked):
        started = clock.now[0]
        while clock.left() > 0:
            pass
        noted["search"] += clock.now[0] - started
        return prove(core, clock, **asked)

    def highs(self, **asked):
        noted["highs"] = max(noted["highs"], asked["time_limit_s"])
        return solve(self, **asked)

    monkeypatch.setattr(covering, "Clock", Ticking)
    monkeypatch.setattr(facility_location, "DIRECT", 0)
    monkeypatch.setattr(facility_location, "prove", search)
    monkeypatch.setattr(Program, "solve", highs)
    return noted


@pytest.mark.parametrize(
    "rules",
    [
        {"preference": pd.Series(1.0, range(9))},
        {"floors": [siting.Floor(name="some", share=0.2)]},
        {"hosts": pd.Series(range(30)) // 3, "most_hosts": 4},
    ],
)
def test_a_search_leaves_highs_most_of_the_time(endless, rules):
    """Where HiGHS has to go on from the search, an open search takes a quarter of the limit."""
    od, weight, _ = table(5)
    found = siting.max_cover(od, weight, p=8, time_limit_s=10_000.0, **rules)
    assert 2_300 < endless["search"] < 2_600
    assert endless["highs"] > 7_000
    assert found.status == "optimal"


def test_a_search_without_highs_behind_it_has_all_the_time(endless):
    od, weight, _ = table(5)
    siting.max_cover(od, weight, p=8, quotas=HALF, time_limit_s=10_000.0)
    assert endless["search"] > 9_500


def test_rows_that_all_sites_serve_skip_presolve(monkeypatch):
    """Presolve of HiGHS holds each column against all of its shortest row, and reads no clock."""
    chosen = []
    run = highspy.Highs.run

    def noted(self):
        chosen.append(self.getOptionValue("presolve")[1])
        return run(self)

    monkeypatch.setattr(highspy.Highs, "run", noted)
    monkeypatch.setattr(program_module, "ASIDE_FROM", 10**9)  # in this process, to be seen
    for rows in (20, 400):
        program = Program(maximise=False)
        sites = program.columns(200, worth=1.0, whole=True)
        program.rows((sites, sparse_ones(rows, 200)), low=1.0)
        assert program.solve(time_limit_s=60.0).objective == 1.0
    assert chosen == ["choose", "off"]


def sparse_ones(rows: int, columns: int):
    return sparse.csr_array(np.ones((rows, columns)))
