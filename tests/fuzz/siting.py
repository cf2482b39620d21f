"""Random siting questions of every model under every mixture of rules, against enumeration.

``python -m tests.fuzz.siting --questions 10000`` asks fresh ones and prints a table; the tests ask
the same few hundred each time. Status, objective, bound, feasibility and preference are compared
with `tests.support.siting_enumeration`, and so is every plan of alternatives and fronts.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import itertools
import math
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from planner import siting
from planner.engine.siting.models import capacity_large
from planner.engine.siting.solver import cover_bound, early, facility_location
from planner.engine.siting.solver.highs import Answer
from planner.engine.siting.solver.program import Program
from planner.engine.siting.verification.plan_check import CoverCheck
from planner.errors import NoPlanError, SitingError
from tests.support.siting_enumeration import Enumeration, Plan

NEAR = 1e-6
HURRY_S = 1e-6  # no time at all, on any machine
TRIES = 10  # of ruin and recreate
FAIR = 1e-7  # share by which the worst-off may have less where places are dealt out
# Models that answer with one plan, and to which further plans can be found; and all others.
SIMPLE = tuple(spec.id for spec in siting.MODELS.values() if "near_plans" in spec.takes)
OTHERS = tuple(spec.id for spec in siting.MODELS.values() if spec.id not in SIMPLE)
FORMS = {
    **dict.fromkeys(SIMPLE, 6),
    **dict.fromkeys((*OTHERS, "spread", "phases", "together"), 3),
    **dict.fromkeys(("alternatives", "cover_front", "time_front"), 3),
    **dict.fromkeys(("mean_max_front", "fair_front"), 3),
}
LARGE_FORMS = {*SIMPLE, *OTHERS, "spread", "phases", "together"}
FUNCTIONS = {name: siting.MODELS[name].solve for name in SIMPLE}


@dataclass
class Question:
    """A random question: its form, tables and rules, and the rules' names for the table."""

    form: str
    model: str
    od: pd.DataFrame
    demand: Any
    rules: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """Return the rules that the question has."""
        return sorted({*self.rules, *self.extra} - {"seed", "fixed", "time_limit_s"})


def make(seed: int, form: str | None = None, *, large: bool = False) -> Question:
    """Draw a question; the same seed gives the same one. Large ones are too many to enumerate."""
    rng = np.random.default_rng(seed)
    names = list(FORMS)
    if form is None:
        share = np.array([FORMS[name] for name in names], dtype=float)
        form = names[rng.choice(len(names), p=share / share.sum())]
    if form == "together":
        return _together(rng, large=large)
    model = {"phases": "phase_cover", "time_front": "p_median", "mean_max_front": "p_median"}.get(
        form, "fair_cover" if form in ("spread", "fair_front") else form
    )
    if form == "alternatives":
        model = str(rng.choice(SIMPLE))
    if form == "cover_front":
        model = "max_cover"
    placed = rng.random() < 0.15 and form in (*SIMPLE, "fair_cover", "alternatives")
    n = int(rng.integers(20, 80) if large else rng.integers(1, 8))
    m = int(rng.integers(6, 16) if large else rng.integers(1, 5 if placed else 7))
    k = int(rng.integers(0, 3))
    fixed = [f"f{i}" for i in range(k)]
    candidates = [f"c{i}" for i in range(m)]
    od = _table(rng, [f"d{i}" for i in range(n)], fixed + candidates)
    if form == "p_dispersion":
        od = _table(rng, fixed + candidates, fixed + candidates, whole=rng.random() < 0.5)
        od = od[od["demand"] != od["facility"]].reset_index(drop=True)
    demand = pd.Series(_weights(rng, n), index=[f"d{i}" for i in range(n)])
    rules = _rules(rng, fixed, candidates, list(demand.index), model)
    extra: dict[str, Any] = {}
    if placed:
        _places(rng, rules, fixed, candidates)
        if form in ("max_cover", "set_cover", "p_median") and rng.random() < 0.3:
            rules["whole"] = True
    _own(rng, model, form, rules, extra, placed, m)
    if form == "phases":
        years = [2025, 2026, 2027][: int(rng.integers(1, 4))]
        p = np.sort(rng.integers(0, m + 1, len(years)))
        for name in ("closable", "movable", "budget", "p"):
            rules.pop(name, None)
        extra["p"] = dict(zip(years, p.tolist(), strict=True))
        if rules.get("cost") is not None and rng.random() < 0.5:
            steps = np.sort(np.round(rng.random(len(years)) * 10 + 2, 1))
            extra["budgets"] = dict(zip(years, steps.tolist(), strict=True))
        for name in ("host_cost", "most_hosts"):
            rules.pop(name, None)
        demand = pd.DataFrame({y: _weights(rng, n) for y in years}, index=demand.index)
    if form in ("fair_cover", "spread", "fair_front"):
        groups = rng.choice(["east", "west", "north"], n)
        extra["groups"] = pd.Series(groups, index=demand.index)
    return Question(form=form, model=model, od=od, demand=demand, rules=rules, extra=extra)


def _table(rng, rows, columns, *, whole=True) -> pd.DataFrame:
    dense = rng.random() < 0.3
    pairs = [
        (a, b, float(rng.integers(0, 13)) if whole else round(float(rng.random() * 12), 2))
        for a in rows
        for b in columns
        if dense or rng.random() < 0.55
    ]
    if not pairs:
        pairs = [(rows[0], columns[-1], 3.0)]
    return pd.DataFrame(pairs, columns=["demand", "facility", "minutes"])


def _weights(rng, n) -> np.ndarray:
    kind = rng.random()
    if kind < 0.5:
        return rng.integers(0, 12, n).astype(float)
    if kind < 0.7:
        return np.round(rng.random(n) * 10, 1)
    return rng.integers(1, 4, n).astype(float)  # many ties


def _rules(rng, fixed, candidates, demand, model) -> dict[str, Any]:
    def some(names, most):
        count = int(rng.integers(0, min(most, len(names)) + 1))
        return [names[i] for i in sorted(rng.permutation(len(names))[:count])]

    m, sites = len(candidates), fixed + candidates
    rules: dict[str, Any] = {"fixed": fixed, "candidates": candidates, "time_limit_s": 60.0}
    rules["seed"] = int(rng.integers(0, 5))
    if rng.random() < 0.25:
        rules["mandatory"] = some(candidates, 2)
    if rng.random() < 0.2:
        barred = [c for c in some(candidates, 2) if c not in rules.get("mandatory", ())]
        rules["forbidden"] = barred
    if rng.random() < 0.2:
        rules["cutoff"] = float(rng.integers(4, 12))
    if rng.random() < 0.5:
        digits = int(rng.integers(0, 3))
        rules["cost"] = {
            c: round(float(rng.integers(1, 9) + (rng.random() if digits else 0)), digits)
            for c in candidates
        }
        if rng.random() < 0.1:
            rules["cost"][candidates[0]] = 0.0
        if rng.random() < 0.7:
            rules["budget"] = round(float(rng.random() * 5 * m), digits)
    if fixed and rng.random() < 0.3:
        rules["closable"] = {f: float(rng.integers(0, 6)) for f in some(fixed, 2)}
    if fixed and rng.random() < 0.25:
        rules["movable"] = [f for f in some(fixed, 2) if f not in rules.get("closable", ())]
    if rng.random() < 0.3:
        members = some(sites, len(sites)) or sites
        high = int(rng.integers(0, len(members) + 1)) if rng.random() < 0.7 else None
        low = int(rng.integers(0, 2)) if high is None or high > 0 else 0
        rules["quotas"] = [siting.Quota(name="q", sites=members, at_least=low, at_most=high)]
    if rng.random() < 0.2 and model != "p_dispersion":
        members = some(demand, len(demand)) or demand
        within = float(rng.integers(3, 12)) if rng.random() < 0.4 else math.inf
        rules["floors"] = [
            siting.Floor(
                name="g", share=round(float(rng.random()), 1), demand=members, within=within
            )
        ]
    if rng.random() < 0.25:
        rules["conflicts"] = [
            (a, b) for i, a in enumerate(sites) for b in sites[i + 1 :] if rng.random() < 0.2
        ]
    if rng.random() < 0.3:
        houses = [f"h{i}" for i in range(max(1, m // 2))]
        owners = candidates if rng.random() < 0.7 else sites
        rules["hosts"] = {c: str(rng.choice(houses)) for c in owners if rng.random() < 0.85}
        if not rules["hosts"]:
            rules["hosts"] = {candidates[0]: "h0"}
        kind = rng.random()
        if kind < 0.4:
            rules["host_cost"] = {h: round(float(rng.random() * 5), 1) for h in houses}
        if 0.3 < kind < 0.7:
            rules["most_hosts"] = int(rng.integers(1, len(houses) + 1))
    if rng.random() < 0.15:
        rules["unlike"] = [some(candidates, 3) or candidates[:1]]
    if rng.random() < 0.2:
        rules["preference"] = {c: float(rng.integers(-2, 4)) for c in candidates}
        if rng.random() < 0.5:
            rules["give_up"] = round(float(rng.random() * 0.2), 2)
    return rules


def _places(rng, rules, fixed, candidates) -> None:
    if rng.random() < 0.5:
        rules["capacity"] = {s: float(rng.integers(1, 25)) for s in fixed + candidates}
        return
    table = [
        (s, "one", float(rng.integers(1, 12)), float(rng.integers(0, 4)))
        for s in fixed + candidates
    ]
    table += [
        (s, "two", float(rng.integers(8, 30)), float(rng.integers(3, 9)))
        for s in fixed + candidates
        if rng.random() < 0.5
    ]
    rules["sizes"] = pd.DataFrame(table, columns=["site", "size", "capacity", "cost"])


def _own(rng, model, form, rules, extra, placed, m) -> None:
    free = m - len(rules.get("forbidden", ()))
    limited = rules.get("budget") is not None
    counted = model != "set_cover" and form not in ("phases", "cover_front")
    if counted and (not limited or rng.random() < 0.6 or model == "p_dispersion"):
        rules["p"] = int(rng.integers(0 if rng.random() < 0.1 else 1, max(free, 1) + 1))
    if model in ("max_cover", "set_cover") and not placed and rng.random() < 0.2:
        rules["times"] = 2
    if model == "max_cover" and rules.get("times") is None and form == "max_cover":
        if rng.random() < 0.3:
            rules["decay"] = {4.0: 1.0, 8.0: 0.5, 12.0: 0.1}
        elif rng.random() < 0.1:
            rules["decay"] = _linear
    if model == "set_cover" and rng.random() < 0.5:
        rules["share"] = round(float(rng.random()), 1)
    if (form == "p_median" and rng.random() < 0.4) or form == "time_front":
        rules["beyond"] = float(rng.integers(6, 20))
    if model == "p_center" and rng.random() < 0.4:
        rules["weighted"] = True
    if form == "alternatives":
        rules.pop("unlike", None)
        rules.pop("preference", None)
        rules.pop("give_up", None)
        extra["k"], extra["within"] = (
            int(rng.integers(2, 6)),
            float(rng.choice([0.0, 0.05, 0.5, 9])),
        )
    if form in ("time_front", "mean_max_front", "cover_front", "fair_front", "spread"):
        for name in ("preference", "give_up"):
            rules.pop(name, None)
    if form == "time_front":
        extra["within"] = float(rng.integers(2, 10))
    if form == "spread":
        extra["spread"] = round(float(rng.random()), 1)
    if form == "cover_front" and rng.random() < 0.3:
        rules.pop("cost", None)
        rules.pop("budget", None)


def _linear(minutes: np.ndarray) -> np.ndarray:
    return np.clip(1.0 - minutes / 12.0, 0.0, 1.0)


def _together(rng, *, large: bool) -> Question:
    kinds = ["canteen", "station", "clinic"][: int(rng.integers(1, 4))]
    count = int(rng.integers(6, 16) if large else rng.integers(1, 5 if len(kinds) < 3 else 4))
    houses = [f"b{i}" for i in range(count)]
    od, demand, fixed, cost, p, quotas, floors = {}, {}, {}, {}, {}, {}, {}
    rules: dict[str, Any] = {}
    for kind in kinds:
        n = int(rng.integers(20, 80) if large else rng.integers(1, 6))
        labels = [f"d{i}" for i in range(n)]
        fixed[kind] = [f"x{i}" for i in range(int(rng.integers(0, 2)))]
        od[kind] = _table(rng, labels, fixed[kind] + houses)
        demand[kind] = pd.Series(_weights(rng, n), index=labels)
        cost[kind] = {h: round(float(rng.random() * 4), 1) for h in houses}
        if rng.random() < 0.6:
            p[kind] = int(rng.integers(1, len(houses) + 1))
        if rng.random() < 0.3:
            quotas[kind] = [
                siting.Quota(
                    name="q",
                    sites=houses[:2],
                    at_least=int(rng.integers(0, 2)),
                    at_most=int(rng.integers(1, 3)),
                )
            ]
        if rng.random() < 0.2:
            floors[kind] = [
                siting.Floor(
                    name="g", share=round(float(rng.random()), 1), demand=labels[: n // 2 + 1]
                )
            ]
    rules |= {"fixed": fixed, "candidates": dict.fromkeys(kinds, houses)}
    if rng.random() < 0.6:
        rules["cost"] = cost
        if rng.random() < 0.7:
            rules["building_cost"] = {h: round(float(rng.random() * 6), 1) for h in houses}
        rules["budget"] = round(float(rng.random() * 18), 1)
    if p and rng.random() < 0.8:
        rules["p"] = p
    if "budget" not in rules or rng.random() < 0.4:
        rules["buildings"] = int(rng.integers(1, len(houses) + 1))
    if quotas:
        rules["quotas"] = quotas
    if floors:
        rules["floors"] = floors
    if rng.random() < 0.2:
        rules["forbidden"] = houses[:1]
    if rng.random() < 0.3:
        rules["conflicts"] = [
            (a, b) for i, a in enumerate(houses) for b in houses[i + 1 :] if rng.random() < 0.3
        ]
    rules["seed"] = int(rng.integers(0, 5))
    return Question(form="together", model="together", od=od, demand=demand, rules=rules)


# what an answer must be


REFUSALS = {  # what cannot be meant is refused before anything is sought
    *("siting.p_large", "siting.budget_small", "siting.quota_short", "siting.quota_fixed"),
    *("siting.candidates_idle", "siting.no_groups", "siting.mandatory_close"),
    *("siting.mandatory_host", "siting.no_capacity_times", "siting.quota_mandatory"),
    *("siting.no_sites", "siting.floor_high", "siting.no_demand"),
}


class RefusedError(Exception):
    """The library says that the question cannot be meant."""


class LateError(AssertionError):
    """No plan was found in time."""


class UnsettledError(AssertionError):
    """HiGHS does not settle the optimum; of a fair plan, where another group floor is higher."""


def ask(function, *tables, **rules):
    """Ask the library; None where it says that there is no plan. Its answer must verify itself."""
    try:
        answer = function(*tables, **rules)
    except NoPlanError as none:
        slow = [problem.key for problem in none.problems if "time" in problem.key]
        if slow:
            raise LateError(f"no plan in time: {slow}") from none
        return None
    except SitingError as wrong:
        strange = {problem.key for problem in wrong.problems} - REFUSALS
        if strange:
            raise
        raise RefusedError(", ".join(problem.key for problem in wrong.problems)) from wrong
    verify(answer, *tables)
    return answer


def verify(answer, *tables) -> None:
    """Let `planner.siting.verify` check an answer, and hold its optimum to what is claimed."""
    if isinstance(answer, pd.DataFrame):
        for plan in answer["plan"]:
            verify(plan, *tables[:2])
        return
    if isinstance(answer, siting.Alternatives):
        for plan in answer.plans:
            verify(plan, *tables[1:])
        return
    checked = siting.verify(answer, *tables[:2], nodes=20_000)
    if not checked.holds:
        raise AssertionError("verify: " + " ".join(one.say("en") for one in checked.wrong))
    if not checked.settled:
        raise UnsettledError("verify: not settled")


def close(a: float, b: float) -> bool:
    """Return whether two figures are the same but for rounding."""
    return a == b or abs(a - b) <= NEAR * max(1.0, abs(a), abs(b))


def faults(question: Question) -> list[str]:
    """Compare the library's answer with enumeration; list all that differs."""
    check = {
        "p_dispersion": _dispersion,
        "fair_cover": _fair,
        "spread": _fair,
        "phases": _phases,
        "together": _housed,
        "alternatives": _alternatives,
        "cover_front": _cover_front,
        "time_front": _time_front,
        "mean_max_front": _mean_max_front,
        "fair_front": _fair_front,
    }.get(question.form, _simple)
    return check(question)


def faults_of_large(question: Question) -> list[str]:
    """Hold the library's answer against HiGHS alone, in the textbook form of its model."""
    function, tables, rules = _of_form(question)
    answer = ask(function, *tables, **rules)
    if answer is None:
        return [] if no_plan_by_highs(question, rules) else ["no plan, but HiGHS finds one"]
    plan = answer.plan if isinstance(answer, siting.Fair) else answer
    gives = rules.get("preference") is not None and plan.status == "feasible"
    return [] if plan.status == "optimal" or gives else [f"{plan.status}, gap {plan.gap}"]


def faults_in_a_hurry(question: Question) -> list[str]:
    """Ask without time: what is called best has to be, and whatever is said has to verify."""
    function, tables, rules = _of_form(question)
    try:
        answer = ask(function, *tables, **{**rules, "time_limit_s": HURRY_S})
    except (LateError, UnsettledError):
        return []
    if question.form not in SIMPLE:
        return []
    oracle = oracle_of(question)
    if answer is None or answer.status == "optimal":
        return judge(oracle, answer, oracle.valued())
    return [] if oracle.keeps(plan_of(oracle, answer)) else [f"breaks a rule: {answer.chosen}"]


def _of_form(question: Question) -> tuple[Any, list[Any], dict[str, Any]]:
    """Return the function that answers a question of one plan, its tables and its rules."""
    rules, tables = dict(question.rules), [question.od, question.demand]
    if question.form == "p_dispersion":
        return siting.p_dispersion, [question.od], rules
    if question.form == "together":
        return siting.cover_together, tables, rules
    if question.form == "phases":
        return siting.phase_cover, tables, {**rules, **question.extra}
    if question.form in ("fair_cover", "spread"):
        return siting.fair_cover, tables, {**rules, **question.extra}
    return FUNCTIONS[question.model], tables, rules


def no_plan_by_highs(question: Question, rules: dict[str, Any]) -> bool:
    """Return whether no point keeps to the rules of a question."""
    if question.form in ("phases", "together", "spread", "p_center", "p_dispersion"):
        return True  # small ones of these forms are enumerated
    stand_in = replace(
        siting.no_plan(question.model, question.od, question.demand, ()), asked=rules
    )
    fair = question.form == "fair_cover"  # whose rules are those of covering
    asked = CoverCheck if fair else siting.MODELS[question.model].check
    check = asked(stand_in, question.od, question.demand)
    return check.program.best(np.zeros(check.program.n), nodes=20_000) == np.inf


def oracle_of(question: Question) -> Enumeration:
    return Enumeration(question.model, question.od, question.demand, question.rules)


def plan_of(oracle: Enumeration, answer: Any) -> Plan:
    """Return the plan of an answer in the oracle's words."""
    sites = frozenset({*answer.chosen, *answer.fixed})
    sizes = oracle.rules.get("sizes")
    if sizes is None:
        capacity = oracle.rules.get("capacity")
        return Plan(sites, {} if capacity is None else {s: float(capacity[s]) for s in sites})
    table = sizes.set_index(["site", "size"])
    taken = {s: table.loc[(s, answer.sizes[s])] for s in sites}
    places = {s: float(one["capacity"]) for s, one in taken.items()}
    return Plan(sites, places, float(sum(one["cost"] for one in taken.values())))


def judge(oracle: Enumeration, answer: Any, valued: list[tuple[float, Plan]]) -> list[str]:
    """Compare one answer with the list of all plans."""
    if answer is None:
        return [] if not valued else [f"no plan, but {valued[0]}"]
    if not valued:
        return [f"{answer.chosen} where no plan is"]
    found, plan, best = [], plan_of(oracle, answer), valued[0][0]
    if not oracle.keeps(plan):
        found.append(f"a rule is broken by {sorted(plan.sites)}")
    worth = oracle.worth(plan)
    if worth is None or not close(worth, answer.objective):
        found.append(f"objective {answer.objective}, the plan's is {worth}")
    gives = oracle.rules.get("preference") is not None and not close(answer.objective, best)
    if answer.status != ("feasible" if gives else "optimal"):
        found.append(f"status {answer.status}, bound {answer.bound}, objective {answer.objective}")
    sign = -1.0 if oracle.least else 1.0
    if sign * (answer.bound - best) < -NEAR * max(1.0, abs(best)):
        found.append(f"bound {answer.bound} excludes the best {best}")
    if oracle.rules.get("preference") is None:
        if not close(answer.objective, best):
            found.append(f"objective {answer.objective}, the best is {best}: {valued[0][1]}")
    else:
        slack = oracle.rules.get("give_up", 0.0) * abs(best) + NEAR
        if sign * (best - answer.objective) > slack * (1 + NEAR):
            found.append(f"objective {answer.objective} gives up too much of {best}")
        strict = [p for v, p in valued if sign * (best - v) <= slack - 2 * NEAR]
        points = max((oracle.points(p) for p in strict), default=-math.inf)
        if oracle.points(plan) < points - NEAR:
            found.append(f"points {oracle.points(plan)}, {points} were to be had")
    near = oracle.nearest(plan)
    got = oracle.weight({d for d, m in near.items() if m < math.inf})
    if oracle.model != "p_dispersion" and not close(got, answer.covered):
        found.append(f"covered {answer.covered}, counted {got}")
    return found


def _simple(question: Question) -> list[str]:
    oracle = oracle_of(question)
    answer = ask(FUNCTIONS[question.model], question.od, question.demand, **question.rules)
    return judge(oracle, answer, oracle.valued())


def _dispersion(question: Question) -> list[str]:
    answer = ask(siting.p_dispersion, question.od, **question.rules)
    oracle = oracle_of(question)
    apart: dict[frozenset, float] = {}
    for a, b, m in question.od.itertuples(index=False):
        if m <= question.rules.get("cutoff", math.inf):
            pair = frozenset({a, b})
            apart[pair] = min(apart.get(pair, math.inf), m)

    def nearest(plan: Plan) -> float:
        return min((m for pair, m in apart.items() if pair <= plan.sites), default=math.inf)

    plans = oracle.every()
    if answer is None or not plans:
        return [] if (answer is None) == (not plans) else [f"{answer}, {len(plans)} plans"]
    best, mine = max(map(nearest, plans)), nearest(plan_of(oracle, answer))
    found = [] if oracle.keeps(plan_of(oracle, answer)) else [f"breaks a rule: {answer.chosen}"]
    told = math.inf if math.isnan(answer.objective) else answer.objective
    slack = question.rules.get("give_up", 0.0) * best if math.isfinite(best) else 0.0
    if question.rules.get("preference") is None:
        slack = 0.0
    else:
        strict = [oracle.points(p) for p in plans if nearest(p) >= best - slack + NEAR]
        if strict and oracle.points(plan_of(oracle, answer)) < max(strict) - NEAR:
            found.append("more points were to be had")
    gives = question.rules.get("preference") is not None and not close(mine, best)
    status = "feasible" if gives else "optimal"
    if not close(told, mine) or mine < best - slack - NEAR or answer.status != status:
        found.append(f"told {told}, is {mine}, best {best}, {answer.status}")
    return found


def _fair(question: Question) -> list[str]:
    oracle, groups = oracle_of(question), question.extra["groups"]
    tables = (question.od, question.demand, groups)
    fair = ask(siting.fair_cover, *tables, spread=question.extra.get("spread"), **question.rules)
    if oracle.has_places:
        return _fair_places(oracle, fair, _groups_in(oracle, groups))
    rated = _shares_of(oracle, groups)
    if question.form == "spread":
        spread = question.extra["spread"] + 1e-6
        valued = [(v, p) for v, p, each in rated if max(each) - min(each) <= spread]
    else:
        most = max((min(each) for _, _, each in rated), default=0.0)
        valued = [(v, p) for v, p, each in rated if min(each) >= most - 1e-7]
    return judge(oracle, None if fair is None else fair.plan, valued)


def _groups_in(oracle: Enumeration, groups: pd.Series) -> list[set]:
    """List the demand of each group that has weight within reach."""
    found = [set(groups.index[groups == name]) for name in sorted(groups.unique())]
    return [inside for inside in found if oracle.weight(inside & oracle.reachable) > 0]


def _shares_of(oracle: Enumeration, groups: pd.Series) -> list[tuple[float, Plan, list[float]]]:
    """List plans with the shares of all groups that count."""
    members, rated = _groups_in(oracle, groups), []
    for value, plan in oracle.valued():
        done = oracle.covered(plan)
        each = [oracle.weight(done & inside) / oracle.weight(inside) for inside in members]
        rated.append((value, plan, each))
    return rated


def _fair_places(oracle: Enumeration, fair: Any, groups: list[set]) -> list[str]:
    """Compare a fair plan with places: first the worst-off group, then all who are served."""
    shares = [(oracle.fair_places(plan, groups), plan) for plan in oracle.every()]
    can = [(worst, plan) for worst, plan in shares if worst is not None]
    if fair is None or not can:
        return [] if (fair is None) == (not can) else [f"{fair}, {len(can)} plans"]
    most, found = max(worst for worst, _ in can), []
    floor = max(most - FAIR, 0.0)
    valued = [
        (oracle.fair_places(plan, groups, floor), plan) for worst, plan in can if worst >= floor
    ]
    best = max(value for value, _ in valued if value is not None)
    if not oracle.keeps(plan_of(oracle, fair.plan)):
        found.append(f"a rule is broken by {fair.plan.chosen}")
    if abs(fair.worst - most) > NEAR:
        found.append(f"the worst-off have {fair.worst}, {most} was to be had")
    gives = oracle.rules.get("give_up", 0.0) if oracle.rules.get("preference") is not None else 0.0
    if not best * (1 - gives) - 1e-5 <= fair.plan.objective <= best + 1e-5:
        found.append(f"{fair.plan.objective} are served, {best} could be")
    if not gives and fair.plan.status != "optimal":
        found.append(fair.plan.status)
    if oracle.rules.get("preference") is not None:
        strict = [p for v, p in valued if v is not None and v >= best * (1 - gives) + 1e-5]
        points = max(map(oracle.points, strict), default=-math.inf)
        if oracle.points(plan_of(oracle, fair.plan)) < points - NEAR:
            found.append(f"points {oracle.points(plan_of(oracle, fair.plan))}, {points} to be had")
    return found


def _phases(question: Question) -> list[str]:
    years, demand = list(question.demand.columns), question.demand
    p, budgets = question.extra["p"], question.extra.get("budgets")
    rules = dict(question.rules)
    answer = ask(siting.phase_cover, question.od, demand, p=p, budgets=budgets, **rules)
    last = Enumeration("phase_cover", question.od, demand[years[-1]], {**rules, "p": p[years[-1]]})
    each = {y: Enumeration("max_cover", question.od, demand[y], {}) for y in years}
    cost = rules.get("cost")
    covers: dict[tuple, float] = {}

    def value(year: int, sites: frozenset) -> float:
        key = (year, sites)
        if key not in covers:
            kept = {d for (d, s) in last.minutes if s in sites}
            covers[key] = each[year].weight(kept)
        return covers[key]

    def spent(sites: set) -> float:
        return 0.0 if cost is None else sum(cost[s] for s in sites)

    def best_before(number: int, inside: frozenset) -> float:
        """Return the best sum of the years up to a number with sites inside the later ones."""
        if number < 0:
            return 0.0
        year, best = years[number], -math.inf
        new = sorted(inside - set(last.fixed))
        for bits in range(1 << len(new)):
            some = frozenset(s for i, s in enumerate(new) if bits >> i & 1)
            if len(some) > p[year]:
                continue
            if budgets is not None and spent(some) > budgets[year] + 1e-7:
                continue
            sites = some | set(last.fixed)
            best = max(best, value(year, sites) + best_before(number - 1, sites))
        return best

    valued = []
    for _, plan in last.valued():
        if budgets is not None and spent(last.new(plan)) > budgets[years[-1]] + 1e-7:
            continue
        total = value(years[-1], plan.sites) + best_before(len(years) - 2, plan.sites)
        valued.append((total, plan))
    valued.sort(key=lambda one: -one[0])
    if answer is None or not valued:
        return [] if (answer is None) == (not valued) else [f"{answer}, {len(valued)} plans"]
    found, best = [], valued[0][0]
    kept = [set(answer.plans[y].chosen) for y in years]
    if any(not a <= b for a, b in itertools.pairwise(kept)):
        found.append("a site closes again")
    if any(len(a) > p[y] for a, y in zip(kept, years, strict=True)):
        found.append("too many sites in a year")
    if not last.keeps(Plan(frozenset(kept[-1] | set(last.fixed)))):
        found.append("a rule is broken")
    told = sum(value(y, frozenset(k | set(last.fixed))) for y, k in zip(years, kept, strict=True))
    if not close(told, answer.objective):
        found.append(f"told {answer.objective}, is {told}")
    slack = rules.get("give_up", 0.0) * best + NEAR if rules.get("preference") else NEAR
    gives = rules.get("preference") is not None and not close(answer.objective, best)
    status = "feasible" if gives else "optimal"
    if answer.objective < best - slack * (1 + NEAR) - NEAR or answer.status != status:
        found.append(f"objective {answer.objective}, best {best}, {answer.status}")
    if answer.bound < best - NEAR:
        found.append(f"bound {answer.bound} excludes {best}")
    if rules.get("preference"):
        strict = [last.points(plan) for v, plan in valued if v >= best - slack + 2 * NEAR]
        mine = last.points(Plan(frozenset(kept[-1] | set(last.fixed))))
        if strict and mine < max(strict) - NEAR:
            found.append(f"points {mine}, {max(strict)} were to be had")
    return found


def _housed(question: Question) -> list[str]:
    rules, kinds = question.rules, list(question.od)
    answer = ask(siting.cover_together, question.od, question.demand, **rules)
    own = {}
    for kind in kinds:
        mine = {
            "fixed": rules["fixed"][kind],
            "candidates": rules["candidates"][kind],
            "forbidden": rules.get("forbidden", ()),
            "quotas": rules.get("quotas", {}).get(kind, ()),
            "floors": rules.get("floors", {}).get(kind, ()),
            "p": rules.get("p", {}).get(kind),
            "conflicts": rules.get("conflicts", ()),
        }
        oracle = Enumeration("max_cover", question.od[kind], question.demand[kind], mine)
        own[kind] = [(v, frozenset(oracle.new(plan))) for v, plan in oracle.valued()]
    combined: list[tuple[float, list[frozenset]]] = [(0.0, [])]
    for kind in kinds:
        combined = [(a + b, [*s, t]) for a, s in combined for b, t in own[kind]]
    valued = []
    for value, parts in combined:
        used = set().union(*parts)
        cost = sum(rules.get("building_cost", {}).get(b, 0.0) for b in used)
        for kind, part in zip(kinds, parts, strict=True):
            cost += sum(rules.get("cost", {}).get(kind, {}).get(b, 0.0) for b in part)
        if rules.get("buildings") is not None and len(used) > rules["buildings"]:
            continue
        if rules.get("budget") is not None and cost > rules["budget"] + 1e-7:
            continue
        if any({a, b} <= used for a, b in rules.get("conflicts", ())):
            continue
        valued.append((value, parts, cost))
    if answer is None or not valued:
        return [] if (answer is None) == (not valued) else [f"{answer}, {len(valued)} plans"]
    best = max(value for value, _, _ in valued)
    parts = [frozenset(answer.plans[kind].chosen) for kind in kinds]
    same = [(v, c) for v, other, c in valued if other == parts]
    if not same:
        return [f"a rule is broken by {parts}"]
    found = []
    if not close(same[0][0], answer.objective) or not close(answer.objective, best):
        found.append(f"objective {answer.objective}, is {same[0][0]}, best {best}")
    if answer.status != "optimal" or answer.bound < best - NEAR:
        found.append(f"{answer.status}, bound {answer.bound}, best {best}")
    if not close(same[0][1], answer.cost):
        found.append(f"cost {answer.cost}, is {same[0][1]}")
    return found


def _alternatives(question: Question) -> list[str]:
    oracle, extra = oracle_of(question), question.extra
    function = FUNCTIONS[question.model]
    answer = ask(
        siting.alternatives, function, question.od, question.demand, **extra, **question.rules
    )
    valued = oracle.valued()
    if answer is None or not valued:
        return [] if (answer is None) == (not valued) else [f"{answer}, {len(valued)} plans"]
    found, taken, best = [], [], valued[0][0]
    for plan in answer.plans:
        left = [v for v, p in valued if not any(t <= oracle.new(p) for t in taken)]
        if not left or not close(left[0], plan.objective):
            found.append(f"plan {len(taken) + 1}: {plan.objective}, next best {left[:1]}")
        taken.append(set(plan.chosen))
    limit = extra["within"] * abs(best) + NEAR
    left = [v for v, p in valued if not any(t <= oracle.new(p) for t in taken)]
    further = bool(left) and abs(left[0] - best) <= limit
    if answer.complete == further:
        found.append(f"complete is {answer.complete}, left {left[:1]} of {best}")
    if further and len(taken) < extra["k"]:
        found.append(f"{len(taken)} plans, {left[0]} is left")
    return found


def _pareto(pairs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the pairs that no other betters, both to be small, the first rising."""
    front: list[tuple[float, float]] = []
    for a, b in sorted(pairs):
        if not front or b < front[-1][1] - NEAR * max(1.0, abs(b)):
            # The same sum in another order of its terms: the better of the two stands.
            if front and a - front[-1][0] <= NEAR * max(1.0, abs(a)):
                front.pop()
            front.append((a, b))
    return front


def _compare(
    name: str,
    table: Any,
    columns: tuple[str, str],
    signs: tuple[int, int],
    pairs: list[tuple[float, float]],
) -> list[str]:
    if table is None or not pairs:
        return [] if (table is None) == (not pairs) else [f"{name}: {table}, {len(pairs)} plans"]
    found = []
    if not table["proven"].all():
        found.append(f"{name}: not proven")
    mine = [(signs[0] * a, signs[1] * b) for a, b in table[list(columns)].itertuples(index=False)]
    right = _pareto([(signs[0] * a, signs[1] * b) for a, b in pairs])
    mine.sort()
    if len(mine) != len(right) or any(
        not (close(a, c) and close(b, d)) for (a, b), (c, d) in zip(mine, right, strict=True)
    ):
        found.append(f"{name}: {mine}, right {right}")
    return found


def _cover_front(question: Question) -> list[str]:
    rules = dict(question.rules)
    table = ask(siting.cover_front, question.od, question.demand, most=200, **rules)
    if rules.get("cost") is None:
        rules["cost"] = dict.fromkeys(rules["candidates"], 1.0)
    oracle = Enumeration("max_cover", question.od, question.demand, rules)
    pairs = [(oracle.spent(plan), value) for value, plan in oracle.valued()]
    return _compare("front", table, ("cost", "covered"), (1, -1), pairs)


def _time_front(question: Question) -> list[str]:
    oracle, within = oracle_of(question), question.extra["within"]
    rules = dict(question.rules)
    table = ask(siting.time_front, question.od, question.demand, within=within, most=200, **rules)
    total = float(question.demand.sum())
    counted = oracle.weight(oracle.reachable)
    pairs = [
        (value / max(counted, 1e-9), oracle.weight(oracle.covered(plan, within=within)) / total)
        for value, plan in oracle.valued()
        if total > 0
    ]
    if total == 0:
        return []
    return _compare("time", table, ("mean", "share"), (1, -1), pairs)


def _mean_max_front(question: Question) -> list[str]:
    oracle = oracle_of(question)
    table = ask(siting.mean_max_front, question.od, question.demand, most=200, **question.rules)
    counted = max(oracle.weight(oracle.reachable), 1e-9)
    pairs = []
    for value, plan in oracle.valued():
        near = oracle.nearest(plan)
        longest = max((near[d] for d in oracle.wanted()), default=0.0)
        pairs.append((value / counted, longest))
    return _compare("longest", table, ("mean", "longest"), (1, 1), pairs)


def _fair_front(question: Question) -> list[str]:
    oracle, groups = oracle_of(question), question.extra["groups"]
    tables = (question.od, question.demand, groups)
    table = ask(siting.fair_front, *tables, most=200, **question.rules)
    total = max(float(question.demand.sum()), 1e-9)
    pairs = [(value / total, min(each)) for value, _, each in _shares_of(oracle, groups)]
    return _compare("fairness", table, ("share", "worst"), (-1, -1), pairs)


# many of them


@contextlib.contextmanager
def taken_for_large(*, searched: bool, bounded: bool) -> Iterator[None]:
    """Have small questions go the ways of large ones, which they would pass by otherwise.

    ``searched`` ones go through the own search; ``bounded`` ones are bounded by prices and bettered
    by ruin and recreate, a few times, before HiGHS has them.
    """
    changed = [(facility_location, "DIRECT", 0)] if searched else []
    if bounded:
        changed += [(capacity_large, "LARGE", 0), (cover_bound, "LARGE", 0)]
        changed += [(early, "MOST_TRIES", TRIES)]
    before = [getattr(module, name) for module, name, _ in changed]
    for module, name, value in changed:
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name, _), value in zip(changed, before, strict=True):
            setattr(module, name, value)


@contextlib.contextmanager
def idle_highs(*, idle: bool) -> Iterator[None]:
    """Have HiGHS find nothing where no time is left, as with large programs."""
    solve = Program.solve

    def late(self: Program, *, time_limit_s: float, **asked: Any) -> Answer:
        if time_limit_s > HURRY_S:
            return solve(self, time_limit_s=time_limit_s, **asked)
        nowhere = math.inf if self.maximise else -math.inf
        return Answer(point=None, objective=-nowhere, bound=nowhere)

    if idle:
        Program.solve = late  # type: ignore[method-assign]
    try:
        yield
    finally:
        Program.solve = solve  # type: ignore[method-assign]


def run(
    seeds: Iterable[int], form: str | None = None, *, large: bool = False, hurried: bool = False
) -> tuple[collections.Counter, list[tuple[int, str, str]]]:
    """Ask a question for each seed; return counts by form and all that went wrong."""
    counts: collections.Counter = collections.Counter()
    wrong = []
    for seed in seeds:
        question = make(seed, form, large=large)
        if (large or hurried) and question.form not in LARGE_FORMS:
            continue
        counts[question.form, "asked"] += 1
        try:
            with (
                taken_for_large(searched=seed % 2 == 0, bounded=seed // 2 % 2 == 0),
                idle_highs(idle=hurried and seed // 4 % 2 == 0),
            ):
                check = faults_of_large if large else faults_in_a_hurry if hurried else faults
                found = check(question)
        except RefusedError:
            counts[question.form, "refused"] += 1
            continue
        except Exception as error:  # noqa: BLE001 - a crash is what is looked for
            last = traceback.extract_tb(error.__traceback__)[-1]
            found = [f"{type(error).__name__}: {error} at {last.filename}:{last.lineno}"]
        if found:
            counts[question.form, "wrong"] += 1
            wrong += [
                (seed, question.form, f"{text} [{', '.join(question.words)}]") for text in found
            ]
    return counts, wrong


def drawn(seeds: range, *, large: bool = False) -> pd.DataFrame:
    """Return how many questions of each form are drawn with each rule, without asking any."""
    counts: collections.Counter = collections.Counter()
    for seed in seeds:
        question = make(seed, large=large)
        counts.update((rule, question.form) for rule in ("(all)", *question.words))
    rules = sorted({rule for rule, _ in counts})
    columns = {form: [counts[rule, form] for rule in rules] for form in FORMS}
    return pd.DataFrame(columns, index=pd.Index(rules))


def main() -> int:
    """Ask many questions and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=1_000_000, help="first seed")
    parser.add_argument("--form", choices=sorted(FORMS))
    parser.add_argument("--drawn", action="store_true", help="only count what would be asked")
    parser.add_argument("--hurried", action="store_true", help="without any time")
    parser.add_argument("--large", action="store_true", help="against HiGHS, not enumeration")
    asked = parser.parse_args()
    start = time.process_time()
    seeds = range(asked.first, asked.first + asked.questions)
    if asked.drawn:
        print(drawn(seeds, large=asked.large).to_string())
        return 0
    counts, wrong = run(seeds, asked.form, large=asked.large, hurried=asked.hurried)
    for seed, form, text in wrong:
        print(f"{seed} {form}: {text}")
    print(f"{'form':16}{'asked':>8}{'refused':>9}{'wrong':>7}")
    for form in FORMS:
        row = [counts[form, name] for name in ("asked", "refused", "wrong")]
        print(f"{form:16}{row[0]:8}{row[1]:9}{row[2]:7}")
    print(f"{asked.questions} questions, {time.process_time() - start:.0f} s of CPU")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
