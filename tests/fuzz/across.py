"""Random districts that share a number of sites or a budget, against enumeration and one question.

``python -m tests.fuzz.across --questions 500`` asks fresh ones and prints a table. Each is answered
by price and fronts, by price alone, and as one question; status, objective, bound, budget and rules
are held against every plan of every district.
"""

from __future__ import annotations

import argparse
import collections
import time
import traceback
from typing import Any

import numpy as np

from planner.engine.siting import across
from planner.engine.siting.across import knapsack, whole
from planner.errors import NoPlanError, SitingError
from tests.fuzz.siting import NEAR, REFUSALS, close, make
from tests.support.siting_enumeration import Enumeration

WAYS = ("fronts", "price", "together", "coarse")


def draw(seed: int) -> tuple[list[across.PartQuestion], str, float]:
    """Draw districts, what they share, and how much of it; the same seed gives the same."""
    rng = np.random.default_rng(seed)
    model = str(rng.choice(["max_cover", "max_cover", "p_median"]))
    unit = str(rng.choice(["sites", "cost"]))
    own: dict[str, Any] = {}
    if model == "p_median" and rng.random() < 0.6:
        own["beyond"] = float(rng.integers(6, 20))
    if model == "max_cover" and rng.random() < 0.2:
        own["times"] = 2
    elif model == "max_cover" and rng.random() < 0.2:
        own["decay"] = {4.0: 1.0, 8.0: 0.5, 12.0: 0.1}
    parts = []
    for number in range(int(rng.integers(1, 5))):
        question = make(int(rng.integers(10**9)), model)
        rules = dict(question.rules)
        for name in (*across.part.NOT_SHARED, *across.part.OWN, "p", "budget"):
            rules.pop(name, None)
        if unit == "cost":
            rules["cost"] = {c: float(rng.integers(0, 9)) for c in rules["candidates"]}
        part = across.PartQuestion(
            name=f"n{number}", model=model, od=question.od, demand=question.demand,
            rules=rules, own=own,
        )  # fmt: skip
        parts.append(part)
    most = int(rng.integers(0, 8)) if unit == "sites" else float(rng.integers(0, 30))
    return parts, unit, most


def plans_of(part: across.PartQuestion, unit: str) -> dict[float, float]:
    """Return what the best plan of each cost is worth, of every plan of a district."""
    rules = {**part.ruled(), **part.own}
    oracle = Enumeration(part.model, part.od, part.demand, rules)
    sign = -1.0 if part.least else 1.0
    best: dict[float, float] = {}
    for plan in oracle.every():
        value = oracle.worth(plan)
        if value is not None:
            spent = oracle.spent(plan) if unit == "cost" else float(len(oracle.new(plan)))
            best[spent] = max(best.get(spent, -np.inf), sign * value)
    return best


def right(fronts: list[dict[float, float]], most: float) -> float:
    """Return what the best plan of all districts is worth, of every choice of their plans."""
    sums = {0.0: 0.0}
    for front in fronts:
        after: dict[float, float] = {}
        for spent, worth in sums.items():
            for cost, more in front.items():
                total = round(spent + cost, 6)
                if total <= most + NEAR:
                    after[total] = max(after.get(total, -np.inf), worth + more)
        sums = after
    return max(sums.values(), default=-np.inf)


def asked(parts, unit, most, way) -> across.Across | None:
    """Ask in one of the ways; None where there is no plan."""
    by_name = {part.name: part for part in parts}
    changed = {
        "fronts": [],
        "price": [(whole, "MOST_ROUNDS", 0)],
        "together": [(whole, "MOST_ROUNDS", 0), (whole, "MOST_PRICES", 0)],
        "coarse": [(knapsack, "MOST_CELLS", 3)],
    }[way]
    before = [getattr(module, name) for module, name, _ in changed]
    for module, name, value in changed:
        setattr(module, name, value)
    try:
        return across.site_across(
            [across.brief_of(part, unit) for part in parts],
            unit,
            most,
            lambda asks: [across.answer(by_name[ask.name], unit, ask) for ask in asks],
            (lambda: parts) if way == "together" else None,
        )
    except NoPlanError:
        return None
    finally:
        for (module, name, _), value in zip(changed, before, strict=True):
            setattr(module, name, value)


def faults(parts, unit, most, way, fronts) -> list[str]:
    """Return what is wrong with an answer."""
    best = right(fronts, most)
    found = asked(parts, unit, most, way)
    if found is None or best == -np.inf:
        return [] if (found is None) == (best == -np.inf) else [f"{way}: {found}, right {best}"]
    sign = -1.0 if parts[0].least else 1.0
    objective, bound = sign * found.objective, sign * found.bound
    wrong = []
    if bound < best - NEAR * max(1.0, abs(best)):
        wrong.append(f"{way}: bound {bound} excludes {best}")
    if found.status == "optimal" and not close(objective, best):
        wrong.append(f"{way}: {objective} is not the best, {best}")
    if found.status != "optimal" and way in ("fronts", "together"):
        wrong.append(f"{way}: not proven, {objective} of {bound}, right {best}")
    if objective > best + NEAR * max(1.0, abs(best)):
        wrong.append(f"{way}: {objective} is above the best, {best}")
    if found.cost > most + NEAR or not close(found.cost, sum(one.cost for one in found.parts)):
        wrong.append(f"{way}: costs {found.cost} of {most}")
    for part, one, front in zip(parts, found.parts, fronts, strict=True):
        wrong += kept(part, one, unit, front)
    return wrong


def kept(part, one, unit, front) -> list[str]:
    """Return whether a district's plan is one of those that keep to its rules, and its figures."""
    oracle = Enumeration(part.model, part.od, part.demand, {**part.ruled(), **part.own})
    plans = [plan for plan in oracle.every() if oracle.new(plan) == set(one.sites)]
    if not plans:
        return [f"{one.name}: {one.sites} break a rule"]
    spent = oracle.spent(plans[0]) if unit == "cost" else len(one.sites)
    if oracle.worth(plans[0]) is None or not close(oracle.worth(plans[0]), one.objective):
        return [f"{one.name}: {one.objective} is not {oracle.worth(plans[0])}"]
    return [] if close(spent, one.cost) else [f"{one.name}: {one.cost} is not {spent}"]


def run(seeds: range, ways=WAYS) -> tuple[collections.Counter, list[tuple[int, str]]]:
    """Ask for each seed in each way; return counts and all that went wrong."""
    counts: collections.Counter = collections.Counter()
    wrong = []
    for seed in seeds:
        parts, unit, most = draw(seed)
        try:
            for part in parts:
                across.brief_of(part, unit)
            fronts = [plans_of(part, unit) for part in parts]
        except SitingError as error:
            if not {one.key for one in error.problems} <= REFUSALS:
                wrong.append((seed, str(error)))
            counts["refused"] += 1
            continue
        counts["asked"] += 1
        counts["without a plan"] += right(fronts, most) == -np.inf
        for way in ways:
            try:
                found = faults(parts, unit, most, way, fronts)
            except Exception as error:  # noqa: BLE001 - a crash is what is looked for
                last = traceback.extract_tb(error.__traceback__)[-1]
                found = [f"{way}: {type(error).__name__}: {error} at {last.filename}:{last.lineno}"]
            wrong += [(seed, text) for text in found]
    return counts, wrong


def main() -> int:
    """Ask many and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--first", type=int, default=1_000_000, help="first seed")
    told = parser.parse_args()
    start = time.process_time()
    counts, wrong = run(range(told.first, told.first + told.questions))
    for seed, text in wrong:
        print(f"{seed}: {text}")
    print(", ".join(f"{name} {n}" for name, n in sorted(counts.items())), f"wrong {len(wrong)}")
    print(f"{told.questions} questions, {time.process_time() - start:.0f} s of CPU")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
