"""Random siting questions of a scenario, each answer checked anew from its plan."""

import numpy as np
import pytest
from support.examples import TIMES

from planner.errors import SitingError
from planner.settings import SitingQuestion
from planner.settings.siting import siting_idle, siting_lacks
from planner.study.siting_study import check_questions, propose_all
from planner.study.siting_study.multi_service import site_services_jointly

# Of the first 160, those that meet all that these meet: each rule with each model and each other
# rule, each end of a question, and each reason to refuse one.
CHOSEN = (
    0, 3, 5, 6, 7, 8, 11, 12, 13, 17, 18, 19, 21, 22, 23, 25, 27, 32, 34, 36, 37, 39, 49, 51,
    52, 53, 54, 59, 60, 61, 62, 64, 67, 68, 69, 70, 77, 80, 81, 82, 83, 88, 89, 93, 99, 102,
    104, 106, 108, 109, 112, 113, 114, 124, 125, 126, 128, 129, 135, 138, 143, 149, 153, 155,
    156, 158,
)  # fmt: skip
SEEDS = CHOSEN if TIMES == 1 else range(160 * TIMES)
PARTS = 4
SIZE = {"size": "small", "capacity": 30, "cost": 2}


def draw(seed):
    """Draw a question whose keys go together."""
    rng = np.random.default_rng(seed)
    models = ["max_cover", "set_cover", "p_median", "p_center", "p_dispersion", "fair_cover"]
    kind = str(rng.choice(["canteen", "health"]))
    asked = {"kind": kind, "model": str(rng.choice(models)), "minutes": int(rng.integers(4, 26))}
    stands = kind == "canteen"
    keys = {
        "new": int(rng.integers(1, 4)),
        "budget": float(rng.integers(5, 30)),
        "share": round(float(rng.uniform(0.1, 1)), 1),
        "times": 2,
        "decay": {5.0: 1.0, 15.0: 0.4},
        "weighted": True,
        "beyond_min": float(rng.integers(10, 40)),
        "spread": round(float(rng.random()), 1),
        "phases": [{"year": 2025, "new": 1}, {"year": 2027, "new": 2}],
        "candidates": str(rng.choice(["streets", "communities"])),
        "mandatory": [str(rng.choice(["X1", "X2", "X3"]))],
        "forbidden": [str(rng.choice(["X1", "X2", "X3"]))],
        "closable": {"K1": 3.0} if stands else {},
        "movable": ["K1"] if stands else [],
        "apart_m": float(rng.integers(100, 900)),
        "quotas": [{"per": str(rng.choice(["street", "settlement"])), "at_most": 1}],
        "floors": [{"per": "street", "share": round(float(rng.random() / 2), 1)}],
        "one_per_host": True,
        "prefer": {"活动室": 1.0},
        "give_up": round(float(rng.random() / 2), 1),
        "sizes": [SIZE, SIZE | {"size": "large", "capacity": 100, "cost": 5}],
        "upgrades": [{"size": "more", "add": 20, "cost": 2}],
        "upgrade_first": True,
        "groups": {"aged_60": {"preset": "frail", "weight": 2.0}},
        "alternatives": 2,
        "front": 3,
        "trade": ["time", "longest"],
        "group": "aged_60",
    }
    asked |= {key: value for key, value in keys.items() if value and rng.random() < 0.2}
    if "candidates" in asked:  # proposed ones have no costs, and names of their own
        for key in ("budget", "mandatory", "forbidden", "prefer", "closable"):
            asked.pop(key, None)
    if siting_lacks(SitingQuestion(**asked)):
        asked["new"] = 2
    for key in siting_idle(SitingQuestion(**asked)):
        asked.pop(key, None)
    if siting_lacks(SitingQuestion(**asked)):
        asked["new"] = 2
    return SitingQuestion(**asked)


def asked_of(function, area, settings):
    """Return what a check or a run answers, and the problems that it names, in order."""
    try:
        return function(area, settings), []
    except SitingError as wrong:
        return None, [(problem.key, problem.value) for problem in wrong.problems]


@pytest.mark.parametrize("part", range(PARTS))
def test_answers_of_random_questions_hold(toy_plan, part):
    area, asked, held = toy_plan.area, 0, 0
    seeds = SEEDS[part::PARTS]
    for seed in seeds:
        question = draw(seed)
        settings = toy_plan.settings.model_copy(update={"siting": [question]})
        _, told = asked_of(check_questions, area, settings)
        answers, wrong = asked_of(propose_all, area, settings)
        if question.candidates == "auto":
            assert told == wrong, (seed, question)
        assert set(told) <= set(wrong), (seed, question)
        if wrong:  # it asks for what cannot be meant
            continue
        (answer,) = answers
        asked += 1
        if answer.why:
            assert answer.verified is None
            continue
        held += 1
        assert answer.verified.holds, (seed, question, answer.verified)
        assert answer.verified.settled, (seed, question)
    assert asked > len(seeds) / 2
    assert held > asked / 3


def test_services_that_share_buildings_hold(toy_plan):
    area = toy_plan.area
    question = SitingQuestion(
        kinds=["health", "canteen"], services={"health": {"cost": 2.0}}, budget=24.0, minutes=11
    )
    for answer in site_services_jointly(area, question, toy_plan.settings):
        assert answer.verified.holds
        assert answer.verified.settled
