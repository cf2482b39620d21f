"""Preference between plans that are as good: every model says where it was not settled in time.

That time ends is played: what HiGHS finds in its second look is taken away, or left without proof.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from planner import siting
from planner.engine.siting.models import center_dispersion, fairness
from planner.engine.siting.solver.highs import Answer
from planner.engine.siting.solver.program import Program
from planner.errors import NoPlanError, Problem, fail

SITES = ["u", "v", "w", "x", "y", "z"]
HOMES = ["a", "b", "c", "d", "e", "f"]
LIKED = {"v": 1, "x": 2, "z": 3}


def table():
    """Make a ring of homes with a site each; each site reaches its home and the next two."""
    rows = [
        (home, SITES[(place + step) % 6], [2.0, 4.0, 4.0][step])
        for place, home in enumerate(HOMES)
        for step in range(3)
    ]
    return pd.DataFrame(rows, columns=["demand", "facility", "minutes"])


PEOPLE = pd.Series(10.0, index=HOMES)
PLACES = {"capacity": dict.fromkeys(SITES, 30.0)}
GROUPS = pd.Series(["n", "n", "n", "s", "s", "s"], index=HOMES)
BETWEEN = pd.DataFrame(
    [(a, b, abs(i - j)) for i, a in enumerate(SITES) for j, b in enumerate(SITES) if i != j],
    columns=["demand", "facility", "minutes"],
)
YEARS = pd.DataFrame({2026: PEOPLE, 2028: PEOPLE})
ASKED = {
    "max_cover": (siting.max_cover, {"p": 2}),
    "max_cover, floors": (siting.max_cover, {"p": 2, "floors": [siting.Floor(name="f", share=1)]}),
    "max_cover, quotas": (
        siting.max_cover,
        {"p": 2, "quotas": [siting.Quota(name="q", sites=SITES[:3], at_most=1)]},
    ),
    "max_cover, times": (siting.max_cover, {"p": 2, "times": 2}),
    "max_cover, decay": (siting.max_cover, {"p": 2, "decay": {2: 1.0, 4: 0.5}}),
    "max_cover, places": (siting.max_cover, {"p": 2, **PLACES}),
    "max_cover, whole": (siting.max_cover, {"p": 2, "whole": True, **PLACES}),
    "set_cover": (siting.set_cover, {}),
    "set_cover, share": (siting.set_cover, {"share": 0.5}),
    "set_cover, times": (siting.set_cover, {"times": 2}),
    "set_cover, places": (siting.set_cover, PLACES),
    "p_median": (siting.p_median, {"p": 2}),
    "p_median, beyond": (siting.p_median, {"p": 1, "beyond": 30}),
    "p_median, places": (siting.p_median, {"p": 2, **PLACES}),
    "p_center": (siting.p_center, {"p": 2}),
    "p_center, gives up": (siting.p_center, {"p": 3, "give_up": 0.5}),
    "p_center, places": (siting.p_center, {"p": 2, **PLACES}),
    "p_center, places, gives up": (siting.p_center, {"p": 2, "give_up": 0.5, **PLACES}),
    "p_dispersion": (lambda od, _, **rules: siting.p_dispersion(od, **rules), {"p": 3}),
    "fair_cover": (siting.fair_cover, {"p": 2, "groups": GROUPS}),
    "fair_cover, spread": (siting.fair_cover, {"p": 2, "groups": GROUPS, "spread": 0.1}),
    "fair_cover, places": (siting.fair_cover, {"p": 2, "groups": GROUPS, **PLACES}),
    "phases": (siting.phase_cover, {"p": {2026: 1, 2028: 2}}),
}
FEWER = {name for name, (_, asked) in ASKED.items() if "give_up" not in asked}


def ask(name, **more):
    """Ask a model; return its answer, the plan whose status is told, and the tables."""
    model, asked = ASKED[name]
    tables = [BETWEEN if name == "p_dispersion" else table(), PEOPLE]
    if name == "phases":
        tables[1] = YEARS
    answer = model(*tables, preference=LIKED, **asked, **more)
    plan = answer.plan if isinstance(answer, siting.Fair) else answer
    plan = plan.plans[2028] if name == "phases" else plan
    return answer, plan, tables


def verified(answer, name, tables):
    return siting.verify(answer, *(tables[:1] if name == "p_dispersion" else tables))


def points(plan):
    return sum(LIKED.get(site, 0) for site in plan.chosen)


def status_of(answer, plan):
    return answer.status if isinstance(answer, siting.Phased) else plan.status


def stop(monkeypatch, end):
    """Have each second look, for preference, end as told."""
    again = Program.solve_again

    def second(self, answer, *args, **kwargs):
        return end(again(self, answer, *args, **kwargs))

    class Second(Program):
        def solve(self, **kwargs):
            answer = super().solve(**kwargs)
            return end(answer) if self.maximise else answer

    monkeypatch.setattr(Program, "solve_again", second)
    monkeypatch.setattr(center_dispersion, "Program", Second)


def nothing(_):
    return Answer(point=None, objective=-np.inf, bound=np.inf)


def unproven(answer):
    return answer._replace(bound=answer.objective + 1.0)


@pytest.mark.parametrize("name", list(ASKED))
def test_preference_that_was_settled_is_not_told(name):
    answer, plan, tables = ask(name)
    assert not plan.preference_open
    gives = "give_up" in ASKED[name][1] and plan.gap > 0
    assert status_of(answer, plan) == ("feasible" if gives else "optimal")
    assert verified(answer, name, tables).holds


@pytest.mark.parametrize("end", [nothing, unproven])
@pytest.mark.parametrize("name", list(ASKED))
def test_preference_that_was_not_settled_is_told(name, end, monkeypatch):
    _, best_plan, _ = ask(name)
    stop(monkeypatch, end)
    answer, plan, tables = ask(name)
    assert plan.preference_open
    assert status_of(answer, plan) == "feasible"
    assert [note.key for note in plan.notes].count("siting.preference_open") == 1
    if name in FEWER:  # the objective is proven all the same
        assert plan.objective == pytest.approx(best_plan.objective)
        assert plan.gap == 0
    assert verified(answer, name, tables).holds
    if end is nothing and name in FEWER:
        assert points(plan) <= points(best_plan)


@pytest.mark.parametrize("name", sorted(FEWER))
def test_a_claim_that_preference_had_its_say_does_not_verify(name, monkeypatch):
    """The answer with fewest points among those as good says that it has most."""
    turned = {site: -value for site, value in LIKED.items()}
    model, asked = ASKED[name]
    tables = [BETWEEN if name == "p_dispersion" else table(), PEOPLE]
    if name == "phases":
        tables[1] = YEARS
    least = model(*tables, preference=turned, **asked)
    claim = replace(least, asked={**least.asked, "preference": LIKED})
    if isinstance(least, siting.Fair):
        claim = replace(claim, plan=replace(least.plan, asked=claim.asked))
    _, plan, _ = ask(name)
    mine = least.plan if isinstance(least, siting.Fair) else least
    mine = mine.plans[2028] if name == "phases" else mine
    assert points(mine) < points(plan)
    found = verified(claim, name, tables)
    assert [problem.key for problem in found.wrong] == ["siting.verify_points"]


def test_preference_without_proof_of_the_objective_is_open(monkeypatch):
    """Among plans as good as one that may not be the best, preference settles nothing."""
    solve = Program.solve

    def first(self, **kwargs):
        answer = solve(self, **kwargs)
        return answer._replace(bound=answer.bound + 30.0) if self.maximise else answer

    monkeypatch.setattr(Program, "solve", first)
    _, plan, _ = ask("max_cover, times")
    assert plan.gap > 0
    assert plan.preference_open


@pytest.mark.parametrize("places", [{}, PLACES])
def test_a_plan_that_stands_in_for_the_fair_one_heeds_no_preference(places, monkeypatch):
    def late(*args, **kwargs):
        raise fail(NoPlanError, "siting.no_plan_in_time", value=0)

    monkeypatch.setattr(fairness, "_highest_floor", late)
    od, people = table(), PEOPLE
    fair = siting.fair_cover(od, people, GROUPS, p=2, preference=LIKED, **places)
    assert fair.plan.preference_open
    assert not siting.fair_cover(od, people, GROUPS, p=2, **places).plan.preference_open


def test_an_answer_without_preference_never_says_so(monkeypatch):
    stop(monkeypatch, nothing)
    for model, asked in (ASKED["p_center"], ASKED["set_cover, share"], ASKED["max_cover, times"]):
        found = model(table(), PEOPLE, **asked)
        assert (found.status, found.notes) == ("optimal", ())


def test_the_note_names_the_remedy():
    note = Problem(key="siting.preference_open")
    assert "time_limit_s" in note.say("en")
    assert "time_limit_s" in note.say("zh")
