"""Targets, from the scenario to the scorecard and the terminal, on the toy city."""

import pandas as pd
import pytest
from conftest import EAST, NORTH

from planner import api, cli
from planner.district.assessment import statuses
from planner.errors import PlannerError, SettingsError
from planner.standards import profile_names

TARGETS = """\
zh = "试点目标"
en = "Trial targets"
source = "trial paper"
grade = "unverified"

[targets.walk]
zh = "步行可达"
en = "Within a walk of a canteen"
indicator = "people_coverage"
kind = "canteen"
must = 0.6

[targets.linked]
zh = "配送到社区"
en = "Communities with a delivery"
indicator = "unit_coverage"
kind = "canteen"
by = ["delivery"]
must = 0.5
reported = { numerator = 4, share = "80%", year = 2020 }

[targets.tier]
zh = "步行可达助餐点"
en = "Within ten minutes of a meal point"
indicator = "people_coverage"
kind = "canteen"
tier = "meal_point"
minutes = 10
"""


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("COLUMNS", "300"), ("TERM", "dumb"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)


@pytest.fixture
def city(toy_city):
    """The toy city with a file of targets, and a second canteen, a meal point, where X1 stands."""
    folder = toy_city.parent
    (folder / "trial.toml").write_text(TARGETS, "utf-8")
    (folder / "more.csv").write_text(
        f"id,name,kind,tier,x,y\nK2,助餐点,canteen,老年餐桌,{EAST},{NORTH + 300}\n", "utf-8"
    )
    canteens = folder / "canteens.csv"
    head, row = canteens.read_text("utf-8").splitlines()
    canteens.write_text(f"{head},等级\n{row},长者食堂\n", "utf-8")
    text = toy_city.read_text("utf-8").replace(
        "[[candidates]]",
        '[[facilities]]\nfile = "more.csv"\ncrs = "EPSG:4549"\n\n[[candidates]]',
        1,
    )
    toy_city.write_text(text, "utf-8")
    return toy_city


def call(capsys, *arguments: object) -> tuple[int, str, str]:
    status = 0
    try:
        cli.main([str(argument) for argument in arguments])
    except SystemExit as stop:
        status = int(stop.code or 0)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_every_profile_is_listed(capsys):
    for lang, word in (("en", "Beilun civil affairs"), ("zh", "北仑区民政工作")):
        status, said, _ = call(capsys, "standards", "list", "--lang", lang)
        assert status == 0
        assert word in said
        assert all(name in said for name in profile_names())


def test_targets_of_a_profile(capsys):
    status, said, _ = call(capsys, "standards", "show", "beilun-2018", "--lang", "en")
    assert status == 0
    for target in api.read_standards(["beilun-2018"]).targets.values():
        assert target.en in said


def test_a_year_chooses_the_threshold(capsys, tmp_path):
    path = tmp_path / "steps.toml"
    path.write_text(TARGETS.replace("must = 0.6", "must = { 2020 = 0.6, 2025 = 0.75 }"), "utf-8")
    said = {
        year: call(capsys, "standards", "show", path, "--year", year, "--lang", "en")[1]
        for year in (2021, 2025)
    }
    assert "60" in said[2021]
    assert "75" not in said[2021]
    assert "75" in said[2025]
    assert "unverified" in said[2021].lower()


def test_several_profiles_and_files_at_once(capsys, tmp_path):
    path = tmp_path / "trial.toml"
    path.write_text(TARGETS, "utf-8")
    status, said, _ = call(capsys, "standards", "show", "hangzhou-meals", path, "--lang", "en")
    assert status == 0
    assert "Within a walk of a canteen" in said
    assert next(iter(api.read_standards(["hangzhou-meals"]).targets.values())).en in said


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("['beilun-2081']", ("beilun-2081", "beilun-2018")),
        ("['none.toml']", ("none.toml",)),
        ("['trial.toml', 'other.toml']", ("trial/walk", "other/walk")),
    ],
    ids=["unknown profile", "no file", "contradiction"],
)
def test_profiles_that_do_not_hold(capsys, city, value, names):
    (city.parent / "other.toml").write_text(TARGETS.replace("0.6", "0.7"), "utf-8")
    out = city.parent.parent / "out"
    asked = ("--set", f"standards.profiles={value}", "--lang", "en")
    status, said, complaint = call(capsys, "run", city, "--out", out, *asked)
    assert (status, said) == (2, "")
    assert all(name in complaint for name in names)
    assert not out.exists()
    assert call(capsys, "check", city, *asked)[0] == 2
    if "toml" not in value:
        assert call(capsys, "standards", "show", "beilun-2081", "--lang", "en")[0] == 2


def test_a_scorecard_by_hand(city):
    plan = api.run(city, set=["siting=[]", "standards.profiles=['trial.toml']"])
    card = plan.scorecard.set_index("target")
    # With K2 at X1's place all but the island; delivered to A, B and C of five.
    assert card.loc["walk", ["numerator", "denominator"]].tolist() == [160, 165]
    assert card.loc["walk", "value"] == pytest.approx(160 / 165)
    assert card.loc["linked", "value"] == pytest.approx(3 / 5)
    assert card.loc[["walk", "linked"], "pass"].tolist() == [True, True]
    # To the meal point alone, within 10 minutes on foot: a1 and c1, in a plain loop.
    loop = sum(
        row["aged_60"]
        for _, row in plan.area.demand.iterrows()
        if abs(row.geometry.x - EAST) + abs(row.geometry.y - NORTH - 300) <= 600 + 1e-6
    )
    assert loop == 60
    assert card.loc["tier", "numerator"] == loop


def test_reported_figures_beside_computed_ones(city):
    profile = "standards.profiles=['trial.toml']"
    plan = api.run(city, set=["siting=[]", profile])
    assert plan.reported["target"].tolist() == ["linked"]
    told = "standards.reported=[{target='walk', share='90%', year=2020}]"
    plan = api.run(city, set=["siting=[]", profile, told])
    assert set(plan.reported["target"]) == {"walk", "linked"}
    wrong = "standards.reported=[{target='wolk', share='90%'}, {target='walk', share='much'}]"
    with pytest.raises(SettingsError) as caught:
        api.check(city, set=[profile, wrong])
    assert len(caught.value.problems) == 2


def test_a_scenario_says_what_does_not_apply(city):
    asked = ["siting=[]", "standards.profiles=['trial.toml']"]
    plan = api.run(city, set=[*asked, "standards.not_applicable={walk='no streets to walk on'}"])
    card = plan.scorecard.set_index("target")
    assert statuses(card)["walk"] == "not_applicable"
    assert pd.isna(card.loc["walk", "value"])
    assert "no streets to walk on" in card.loc["walk", "note_en"]
    assert "no streets to walk on" in card.loc["walk", "note_zh"]
    assert card.drop("walk")["applies"].all()
    wrong = "standards.not_applicable={wolk='so', linked=' '}"
    with pytest.raises(SettingsError) as caught:
        api.check(city, set=[*asked, wrong])
    assert [one.key for one in caught.value.problems] == [
        "standards.excuses_nothing", "standards.no_excuse",
    ]  # fmt: skip
    assert "walk" in caught.value.problems[0].say("en")


def test_a_profile_by_name_and_by_file_relative_to_the_scenario(city, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (city.parent / "targets").mkdir()
    (city.parent / "trial.toml").rename(city.parent / "targets" / "trial.toml")
    both = "standards.profiles=['hangzhou-meals', 'targets/trial.toml']"
    plan = api.run(city, set=["siting=[]", both])
    named = set(api.read_standards(["hangzhou-meals"]).targets)
    assert {"walk", "linked", "tier"} <= set(plan.scorecard["target"])
    assert len(plan.scorecard) == len(named) + 3
    assert api.run(city, set=["siting=[]"]).scorecard.empty


def test_a_kind_of_the_scenario_may_be_asked_for(city):
    path = city.parent / "trial.toml"
    path.write_text(TARGETS.replace('kind = "canteen"', 'kind = "gym"', 1), "utf-8")
    asked = "standards.profiles=['trial.toml']"
    with pytest.raises(PlannerError) as caught:
        api.check(city, set=[asked])
    assert caught.value.problems[0].value == "gym"
    api.check(city, set=[asked, "kinds.gym={zh='健身', en='Gym'}"])


def test_served_and_delivered_figures_reach_the_targets(city):
    more = """
[targets.served]
zh = "有位可坐"
en = "Served within capacity"
indicator = "served"
kind = "care_station"

[targets.in_time]
zh = "按时送到"
en = "Delivered in time"
indicator = "unit_coverage"
kind = "canteen"
by = ["delivered"]
minutes = 3
"""
    (city.parent / "trial.toml").write_text(TARGETS + more, "utf-8")
    asked = ["siting=[]", "standards.profiles=['trial.toml']"]
    questions = ["service=[{kind='care_station'}]", "delivery=[{kind='canteen'}]"]
    card = api.run(city, set=[*asked, *questions]).scorecard.set_index("target")
    assert card.loc["served", "value"] == pytest.approx(20 / 165)
    # Only B is less than three minutes away.
    assert card.loc["in_time", "value"] == pytest.approx(1 / 5)
    without = api.run(city, set=asked).scorecard.set_index("target")
    assert without.loc[["served", "in_time"], "value"].isna().all()
