"""A bureau's folder, as it is, goes to a plan with no line written by hand."""

import runpy
import tomllib
from pathlib import Path

import pytest

from planner import api

BUREAU = Path(__file__).parents[1] / "datasets" / "bureau.py"
KINDS = ("care_station", "canteen", "shelter")
MOST_OFF = 0.025  # what was measured is 0.003 to 0.015: boundaries, people and places estimated


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder that the seeded script writes."""
    made = tmp_path_factory.mktemp("bureau")
    runpy.run_path(str(BUREAU))["main"](made)
    return made


def test_a_bureau_s_folder_goes_to_a_plan(folder, chengwan_today):
    drafted = api.new(folder, lang="zh")
    assert drafted.problems == []
    assert drafted.left == []
    scenario = tomllib.loads((folder / "scenario.toml").read_text("utf-8"))
    datums = {one["file"]: one.get("datum") for one in scenario["facilities"]}
    assert datums == {
        "居家养老服务站.csv": None, "老年食堂.xlsx": "gcj02", "避灾安置场所.xlsx": "wgs84",
    }  # fmt: skip
    assert scenario["communities"]["places"] == {"file": "区划代码.csv", "datum": "bd09"}
    plan = api.run(folder / "scenario.toml", set=["year=2018", "coverage.minutes=[15]"])
    assert len(plan.area.counted) == 242
    asked = {"minutes": 15, "group": "aged_60"}
    for kind in KINDS:
        true = chengwan_today.coverage.share(kind, **asked)
        assert abs(plan.coverage.share(kind, **asked) - true) < MOST_OFF
    assert {one.what for one in plan.area.estimates} == {"boundaries", "people", "places"}
    for lang in ("zh", "en"):
        told = plan.caveats(lang)
        assert all(one.say(lang) in told for one in plan.area.estimates)
