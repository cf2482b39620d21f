"""A bureau's folder, as it is, goes to a plan with no line written by hand."""

import runpy
import tomllib

import pytest
from conftest import ROOT
from support.alike import without_circles

from planner import api
from planner.cli import show

BUREAU = ROOT / "datasets" / "bureau.py"
KINDS = ("care_station", "canteen", "shelter")
MOST_OFF = 0.025  # what was measured is 0.003 to 0.015: boundaries, people and places estimated


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder that the seeded script writes."""
    made = tmp_path_factory.mktemp("bureau")
    runpy.run_path(str(BUREAU))["main"](made)
    return made


@pytest.fixture(scope="module")
def drafted(folder):
    return api.new(folder, lang="zh")


@pytest.fixture(scope="module")
def plan(folder, drafted):
    with without_circles():
        return api.run(folder / "scenario.toml", set=["year=2018", "coverage.minutes=[15]"])


@pytest.fixture
def understood(plan, capsys):
    """What `planner check` prints of the folder, by language."""
    said = {}
    for lang in ("zh", "en"):
        show.area(plan.settings, plan.area, [], lang)
        said[lang] = capsys.readouterr().out
    return said


def test_a_bureau_s_folder_goes_to_a_plan(folder, drafted, plan, chengwan_today):
    assert drafted.problems == []
    assert drafted.left == []
    scenario = tomllib.loads((folder / "scenario.toml").read_text("utf-8"))
    datums = {one["file"]: one.get("datum") for one in scenario["facilities"]}
    assert datums == {
        "居家养老服务站.csv": None, "老年食堂.xlsx": "gcj02", "避灾安置场所.xlsx": "wgs84",
    }  # fmt: skip
    assert scenario["communities"]["places"] == {"file": "区划代码.csv", "datum": "bd09"}
    assert len(plan.area.counted) == 242
    asked = {"minutes": 15, "group": "aged_60"}
    for kind in KINDS:
        true = chengwan_today.coverage.share(kind, **asked)
        assert abs(plan.coverage.share(kind, **asked) - true) < MOST_OFF
    assert {one.what for one in plan.area.estimates} == {"boundaries", "people", "places"}
    for lang in ("zh", "en"):
        told = plan.caveats(lang)
        assert all(one.say(lang) in told for one in plan.area.estimates)


@pytest.mark.parametrize("page", ["tutorial.md", "tutorial.zh.md"])
def test_the_tutorial_tells_what_is_understood_of_the_folder(page, understood):
    lang = "zh" if page.endswith(".zh.md") else "en"
    words = (ROOT / "docs" / page).read_text("utf-8")
    lines = understood[lang].splitlines()
    told = [line for line in lines if not set("│┃┏┡└") & set(line)]
    assert len(told) > 20
    assert [line for line in told[1:] if line not in words] == []
