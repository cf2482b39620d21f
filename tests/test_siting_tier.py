"""What the new sites are to be: a tier of their kind, which targets count once the sites stand."""

from dataclasses import replace

import pytest

from planner import api
from planner.errors import PlannerError
from planner.output.report.phrasing import ReportContext
from planner.output.report.prose import layout_plan, words, work_report, work_unsaid
from planner.output.report.tables import chosen_sites, tables

PROFILE = """
id = "own"
zh = "自拟目标"
en = "Targets of our own"
source = "made up"
grade = "verified"

[targets.full]
zh = "社区长者食堂"
en = "Full canteens"
indicator = "facilities"
kind = "canteen"
tier = "full"

[targets.full-walk]
zh = "步行可达社区长者食堂的老年人"
en = "Elderly within reach of a full canteen"
indicator = "people_coverage"
kind = "canteen"
tier = "full"

[targets.point-walk]
zh = "步行可达助餐点的老年人"
en = "Elderly within reach of a meal point"
indicator = "people_coverage"
kind = "canteen"
tier = "meal_point"
"""


@pytest.fixture
def town(toy, tmp_path):
    """The toy city whose canteen is a meal point, with targets that count by tier."""
    canteens = toy.sheets["canteens"].assign(等级=["助餐点"])
    scenario = toy.scenario + '\n[standards]\nprofiles = ["own.toml"]\n'
    path = replace(toy, sheets={**toy.sheets, "canteens": canteens}, scenario=scenario)
    path = path.write(tmp_path / "town")
    (path.parent / "own.toml").write_text(PROFILE, "utf-8")
    return path


def asked(tier: str, *, kind: str = "canteen", new: int | None = 1) -> list[str]:
    number = "model = 'set_cover'" if new is None else f"new = {new}"
    return [f"siting=[{{kind = '{kind}', {number}, tier = {tier}}}]"]


def test_targets_by_tier_count_the_sites_as_building_them_would(town):
    document = "outputs.documents=['layout_plan']"
    plan = api.run(town, set=[*asked("'社区长者食堂'"), document])
    site = plan.siting[0].sites.iloc[0]
    place = plan.siting[0].sites.to_crs(4326).geometry.iloc[0]
    columns = f"name = '{site['name']}', kind = 'canteen', tier = 'full'"
    opens = (
        f"changes=[{{action = 'open', facility = 'NEW', year = 2020, lon = {place.x}, "
        f"lat = {place.y}, datum = 'wgs84', columns = {{ {columns} }}}}]"
    )
    built = api.run(town, set=["siting=[]", opens]).scorecard.set_index("target")["value"]
    now = plan.scorecard.set_index("target")["value"]
    after = plan.scorecard_after.set_index("target")["value"]
    assert now["full"] == 0
    assert after["full"] == 1
    assert after["full-walk"] > 0
    for target in ("full", "full-walk", "point-walk"):
        assert after[target] == pytest.approx(built[target], rel=1e-9), target
    assert tables(plan)["sites"]["tier"].tolist() == ["社区长者食堂"]
    for lang, said in (("zh", "（社区长者食堂1处）"), ("en", "(1 of the tier 社区长者食堂)")):
        voice = ReportContext(plan=plan, made=tables(plan), lang=lang)
        told = "".join(str(block) for block in work_report.chapters(voice))
        assert said in told
        assert not work_unsaid.without_effect(voice)
        content = words.compose(plan, lang)
        for document in (content, layout_plan.compose(voice, content)):
            (table,) = (one for one in document.tables if one.name == "sites")
            assert "社区长者食堂" in table.rows[0]


def test_without_a_tier_what_counts_by_tier_is_open(town):
    plan = api.run(town, set=["siting=[{kind='canteen',new=1}]"])
    after = plan.scorecard_after.set_index("target")["value"]
    assert after["full"] == 0
    assert "tier" not in chosen_sites(plan)
    voice = ReportContext(plan=plan, made=tables(plan), lang="zh")
    assert len([one for one in work_unsaid.without_effect(voice) if "等级未定" in one]) == 3


def test_the_tier_of_sites_tells_nothing_of_what_stands(toy, tmp_path):
    """Where no list says which canteens are full ones, a new one makes no count of them."""
    scenario = toy.scenario + '\n[standards]\nprofiles = ["own.toml"]\n'
    path = replace(toy, scenario=scenario).write(tmp_path / "untold")
    (path.parent / "own.toml").write_text(PROFILE, "utf-8")
    after = api.run(path, set=asked("'full'")).scorecard_after
    assert after["value"].isna().all()


def test_of_several_sites_the_first_tier_goes_to_those_that_add_most(town):
    plan = api.run(town, set=asked("{ full = 1, '助餐点' = 1 }", new=2))
    sites = plan.siting[0].sites
    assert sites["added"].is_monotonic_decreasing
    assert sites["tier"].tolist() == ["full", "助餐点"]
    assert plan.scorecard_after.set_index("target").loc["full", "value"] == 1


@pytest.mark.parametrize(
    ("said", "key", "value"),
    [
        (asked("'大食堂'"), "siting_study.unknown_tier", "大食堂"),
        (asked("'福利院'"), "siting_study.tier_of_other", "福利院"),
        (asked("'大的'", kind="health"), "siting_study.no_tiers", "大的"),
        (asked("{ full = 1, meal_point = 1 }"), "siting_study.tiers_not_new", 2),
        (asked("{ full = 1 }", new=None), "siting_study.tiers_not_new", 1),
    ],
)
def test_tiers_that_cannot_be_meant_are_refused(town, said, key, value):
    with pytest.raises(PlannerError) as caught:
        api.check(town, set=said)
    assert [(one.key, one.value) for one in caught.value.problems] == [(key, value)]
    (problem,) = caught.value.problems
    assert str(problem.file).startswith("siting.0")
    for lang in ("zh", "en"):
        assert str(value) in problem.say(lang)


def test_the_tier_of_several_kinds_together_is_refused(town):
    together = "siting=[{kinds = ['canteen', 'care_station'], budget = 9.0, tier = 'full'}]"
    with pytest.raises(PlannerError) as caught:
        api.check(town, set=[together])
    assert "tier" in caught.value.say("en")[0]


def test_what_is_no_tier_is_refused_by_the_schema(town):
    for wrong in ("''", "3", "{ full = 0 }", "['full']"):
        with pytest.raises(PlannerError) as caught:
            api.check(town, set=asked(wrong))
        assert "siting.0.tier" in " ".join(caught.value.say("en"))
