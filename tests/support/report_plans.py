"""Plans that the tests of the report share: with nasty names, and with all that may be asked."""

from dataclasses import replace

import pandas as pd
import pytest

from planner import api
from planner.district import assessment
from planner.language.script import script_in_use
from planner.output.report.prose import words
from planner.output.report.writers import workbook
from planner.standards import read_profile

NASTY = [
    "=1+1",
    "<script>alert(1)</script>",
    "𠮷𡈼野家社区🏠",
    "很长的名字" * 200,
    "a\x0bb\x07c",
    '| "quo\'ted" & \\ `x` $y$ *z* _u_ [l](javascript:1)',
]
NASTY_STREETS = ['"><img src=x onerror=alert(1)>', "@SUM(A1)", "-2+3", "+4", "𠮷🏠街道", "<b>"]


MADE = {}  # and the plan with it: what lives keeps its id


def workbook_of(plan, lang):
    """The workbook of a plan in a language and the script in use, made once."""
    key = (id(plan), lang, script_in_use())
    if key not in MADE:
        MADE[key] = plan, workbook.workbook(plan, words.compose(plan, lang))
    return MADE[key][1]


def variant(toy, tmp_path, **changed):
    return api.run(replace(toy, **changed).write(tmp_path / "variant"))


@pytest.fixture(scope="session")
def nasty_plan(toy, tmp_path_factory):
    places = toy.communities.assign(name=NASTY, street=NASTY_STREETS)
    sites = toy.sheets["candidates"].assign(
        name=['=HYPERLINK("http://e.com")', "</table><script>x</script>", "$\\frac{1}{0}$ 𠮷"],
        host=["=1", "@a", "🏠"],
    )
    folder = tmp_path_factory.mktemp("nasty")
    return variant(toy, folder, communities=places, sheets={**toy.sheets, "candidates": sites})


@pytest.fixture(scope="session")
def rich_plan(toy_plan):
    """The toy city's plan with a scorecard, alternatives, a front and fairness."""
    chosen = toy_plan.settings.coverage
    facts = assessment.gather(
        toy_plan.area,
        toy_plan.coverage.nearest,
        group=chosen.group,
        cutoff_min=chosen.cutoff_min,
        covered_share=chosen.covered_share,
        speed_mps=1.0,
        year=2020,
    )
    card = assessment.scorecard(facts, read_profile(["hangzhou-meals", "gb50180-2018"]))
    first = replace(
        toy_plan.siting[0],
        alternatives=pd.DataFrame(
            {
                "plan": [1, 2],
                "site": ["X1", "X2"],
                "name": ["西门办公楼", "东门活动室"],
                "objective": [160.0, 120.0],
                "share": [160 / 165, 120 / 165],
                "in_all": [False, False],
            }
        ),
        front=pd.DataFrame(
            {
                "cost": [0.0, 1.0, 2.0],
                "covered": [100.0, 160.0, 165.0],
                "share": [100 / 165, 160 / 165, 1.0],
                "proven": [True, True, False],
                "bound": [100.0, 160.0, 166.0],
            }
        ),
        fairness=pd.DataFrame({"unit": ["南街道"], "fair": [0.5], "unfair": [0.4], "most": [1.0]}),
    )
    return replace(
        toy_plan,
        siting=(first, *toy_plan.siting[1:]),
        scorecard=card,
        scorecard_streets=pd.DataFrame({"target": []}),
    )


SUPPLY = """
[[service]]
kind = "care_station"

[[service]]
kind = "shelter"
group = "population"
rule = "nearest"

[[service]]
kind = "canteen"
rule = "whole"
minutes = 10

[[delivery]]
kind = "canteen"

[standards]
profiles = ["targets.toml"]
"""
TARGETS = """
id = "own"
zh = "自拟目标"
en = "Targets of our own"
source = "made up"
grade = "verified"

[targets.linked]
zh = "有配送的社区"
en = "Communities with deliveries"
indicator = "unit_coverage"
kind = "canteen"
by = ["delivery"]
must = 0.5
reported = { numerator = 3, share = "60%", year = 2020 }

[targets.stations]
zh = "养老站"
en = "Care stations"
indicator = "facilities"
kind = "care_station"
reported = { numerator = 2, year = 2020 }

[targets.circle]
zh = "十五分钟生活圈"
en = "Fifteen-minute circle"
indicator = "complete"
requires = [{ kind = "canteen", minutes = 15 }, { kind = "shelter", minutes = 15 }]
must = 0.9
"""


@pytest.fixture(scope="session")
def full_plan(toy, tmp_path_factory):
    """The toy city with all that may be asked; nobody knows the shelter's capacity."""
    folder = tmp_path_factory.mktemp("full")
    shelters = toy.sheets["shelters"].assign(capacity=pd.NA)
    scenario = toy.scenario.replace("year = 2020", "year = 2020\nyears = [2014, 2020, 2022]", 1)
    city = replace(toy, sheets={**toy.sheets, "shelters": shelters}, scenario=scenario + SUPPLY)
    path = city.write(folder)
    (folder / "targets.toml").write_text(TARGETS, "utf-8")
    return api.run(path)
