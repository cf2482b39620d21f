"""Large questions stopped before HiGHS has them: the bound holds, and the plan keeps all rules.

What makes a question large is set to nothing here, and the searches make so many plans, whatever
the time; the optimum is that of enumeration, or of HiGHS alone.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import LinearConstraint, milp
from support.examples import TIMES

from planner import siting
from planner.engine.siting.models import capacity_large
from planner.engine.siting.problem.problem import build_problem
from planner.engine.siting.solver import cover_bound, early
from planner.engine.siting.solver.cover_bound import bound_cover
from planner.engine.siting.solver.early import Needs, improve_plan
from planner.engine.siting.solver.hosts import keeps_to_hosts
from planner.engine.siting.solver.program import Clock, Program
from planner.errors import SitingError
from tests.fuzz import siting as fuzz

LONG_S = 600.0  # no limit that a test could meet
PLACED = {"capacity", "sizes"}
# Of the first 40 with places of each form, those with every rule of the 40 in an answer that is
# proven, and in one that is not, with Benders cuts and without.
CHOSEN = {
    "max_cover": (3, 8, 9, 10, 11, 12, 13, 21, 23, 24, 30, 34, 36, 38, 39),
    "set_cover": (0, 8, 10, 11, 18, 21, 24, 28, 30, 34, 36, 37, 39),
    "p_median": (0, 2, 4, 11, 12, 20, 24, 29, 30, 34, 36, 37, 39),
    "p_center": (2, 3, 4, 10, 18, 20, 29, 30, 34, 36, 39),
}


@pytest.fixture
def large(monkeypatch):
    """Have every question be large, and time too short for HiGHS; a few plans are made."""
    for module in (capacity_large, cover_bound):
        monkeypatch.setattr(module, "LARGE", -1)
    monkeypatch.setattr(capacity_large, "PROGRAM_S", math.inf)
    monkeypatch.setattr(capacity_large, "WRITE_S", math.inf)
    monkeypatch.setattr(early, "MOST_TRIES", 5)


def placed(form: str) -> list[fuzz.Question]:
    """Return questions with places of a form."""
    made = (fuzz.make(seed, form) for seed in itertools.count(900_000))
    found = (question for question in made if PLACED & set(question.rules))
    first = list(itertools.islice(found, 40 * TIMES))
    return [first[n] for n in CHOSEN[form]] if TIMES == 1 else first


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("form", CHOSEN)
@pytest.mark.parametrize("benders", [False, True])
def test_bounds_and_plans_with_places_hold_without_a_program(form, benders, monkeypatch):
    if not benders:
        monkeypatch.setattr(capacity_large, "DECOMPOSE_S", math.inf)
    answered, proven, rules = 0, 0, set()
    asked = placed(form)
    for question in asked:
        try:
            ask = fuzz.FUNCTIONS[question.model]
            answer = ask(question.od, question.demand, **question.rules)
        except SitingError:  # refused, impossible, or no plan was found
            continue
        oracle = fuzz.oracle_of(question)
        best = oracle.valued()[0][0]
        plan = fuzz.plan_of(oracle, answer)
        sign = 1.0 if oracle.least else -1.0
        assert oracle.keeps(plan), question.words
        worth = oracle.worth(plan)
        if question.rules.get("whole"):  # who is served where need not be the best there is
            assert sign * (answer.objective - worth) >= -1e-6
        else:
            assert worth == pytest.approx(answer.objective, abs=1e-6)
        assert sign * (best - answer.bound) >= -1e-6 * max(1.0, abs(best)), question.words
        if answer.status == "optimal":
            proven += 1
            assert answer.objective == pytest.approx(best)
        answered += 1
        rules |= set(question.words)
    assert answered > len(asked) / 4
    assert proven > answered / 10
    assert {"sizes", "capacity", "budget"} <= rules


def covers(seed: int, times: int):
    rng = np.random.default_rng(seed)
    by = (rng.random((40, 14)) < 0.3).astype(float)
    by = by[by.sum(axis=1) >= times]
    return sparse.csr_array(by), rng.integers(1, 9, 14).astype(float), rng.integers(1, 20, len(by))


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("share", [0.6, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_prices_bound_the_least_cover(seed, share, times):
    by, worth, weight = covers(seed, times)
    n, m = by.shape
    need = share * float(weight.sum())
    reach = LinearConstraint(sparse.hstack([by, -times * sparse.eye_array(n)]), lb=0)
    enough = LinearConstraint(np.append(np.zeros(m), weight)[None, :], lb=need)
    cost = np.append(worth, np.zeros(n))
    asked = {"constraints": [reach, enough], "bounds": (0, 1)}
    best = milp(cost, integrality=np.ones(m + n), **asked).fun
    loose = milp(cost, **asked).fun
    part = {} if share == 1.0 else {"weight": weight.astype(float), "need": need}
    for unit in (0.0, 1.0):
        found = bound_cover(by, worth, best, Clock(LONG_S), times=times, unit=unit, **part)
        assert found <= best + 1e-9
        assert found >= 0.9 * loose
        assert unit == 0.0 or found == round(found)


RULES = {
    "quota": {"quotas": [siting.Quota(name="half", sites=range(15), at_most=5)]},
    "apart": {"conflicts": [(j, j + 1) for j in range(29)]},
    "floor": {"floors": [siting.Floor(name="all", share=0.9)], "mandatory": [3]},
    "hosts": {
        "hosts": pd.Series(np.arange(30) // 3, index=range(30)),
        "host_cost": pd.Series(2.0, index=range(10)),
        "cost": pd.Series(1.0, index=range(30)),
    },
}


@pytest.mark.parametrize("name", list(RULES))
def test_ruin_and_recreate_betters_a_cover_and_keeps_to_the_rules(name):
    rng = np.random.default_rng(4)
    row, col = np.nonzero(rng.random((120, 30)) < 0.2)
    od = pd.DataFrame({"demand": row, "facility": col, "minutes": 1.0})
    demand = pd.Series(1.0, index=range(120))
    question = build_problem("set_cover", od, demand, least=True, **RULES[name])
    price = np.ones(30)
    pattern = question.reach.copy()
    pattern.data[:] = 1.0
    needs = Needs(must=pattern[np.flatnonzero(question.wanted)], price=price)
    known = early.find_plan(question, needs, Clock(LONG_S))
    better = improve_plan(question, needs, known, Clock(LONG_S), tries=60)
    again = improve_plan(question, needs, known, Clock(LONG_S), tries=60)
    assert np.array_equal(better, again)
    assert price @ better < price @ known or name == "apart"
    assert keeps_to_hosts(question, better)
    assert early.keeps_all(question, better)
    assert (needs.must @ better >= 1).all()


def test_a_preferred_center_with_places_is_as_near_as_its_sites_can_be():
    question = fuzz.make(52_009_438)
    assert {"capacity", "give_up", "preference"} <= set(question.words)
    assert fuzz.faults(question) == []


def test_a_plan_that_no_time_was_left_to_prefer_is_not_called_proven(large, monkeypatch):
    od = pd.DataFrame({"demand": [0, 0], "facility": [0, 1], "minutes": 1.0})
    asked = {"preference": pd.Series([0.0, 5.0]), "capacity": pd.Series([9.0, 9.0])}
    found = siting.set_cover(od, pd.Series([3.0]), **asked)
    assert found.bound == found.objective == 1.0
    assert found.status == "feasible"
    monkeypatch.setattr(Program, "solve", out_of_time(Program.solve))
    plain = siting.set_cover(od, pd.Series([3.0]), preference=pd.Series([0.0, 5.0]), share=0.9)
    assert plain.bound == plain.objective == 1.0
    assert plain.status == "feasible"


def out_of_time(solve):
    """Return HiGHS without time for programs."""

    def stopped(self, **asked):
        answer = solve(self, **asked)
        return answer._replace(point=None, bound=np.inf if self.maximise else -np.inf)

    return stopped
