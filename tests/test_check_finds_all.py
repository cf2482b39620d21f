"""All checks are done by `check`: none is first done by `run` or `save`.

Every problem that the rooms above reading can raise is raised here by `check` alone, or stands
among those that cannot be known before, with the reason.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_bad_inputs import TABLE

from planner import api
from planner.engine import grids
from planner.errors import PlannerError
from planner.language import has_text

ROOT = Path(__file__).parents[1]
ROOMS = [
    "study", "output", "district/at_year.py", "district/changes", "district/assessment",
]  # fmt: skip
RAISED = re.compile(r'"((?:\w+)\.(?:\w+))"')
# What `check` cannot know, and why.
LATER = {
    "cli.no_such_output": "of what a run writes, not of its scenario",
    "report.no_extra": "of outputs asked for by name; `check` has a notice (test_without_report)",
    "comparison.communities": "a remark on two plans",
    "comparison.limits": "of two plans",
    "comparison.no_kind": "of two plans",
    "comparison.other_district": "of two plans",
    "comparison.people": "a remark on two plans",
    "plan_file.damaged": "of a plan that was saved, which `load_plan` opens",
    "plan_file.none": "of a plan that was saved",
    "plan_file.other_schema": "of a plan that was saved",
    "changes.no_amount": "of a table of extensions, which Python alone gives",
    "changes.not_touching": "a remark",
    "changes.unknown_amount": "a remark",
    "changes.split_shapes": "of shapes, which Python alone gives",
    "siting.candidates_idle": "a remark: whom candidates reach is walked",
    "siting_study.no_such_column": "of a question asked in Python; a scenario's is found before",
    "siting.front_sampled": "a remark: how many plans a front has is computed",
    "siting_study.together": "a remark",
}
CHANGE = "\n[[changes]]\n"
SERVICE = '\n[[service]]\nkind = "canteen"\n'
OPEN = (
    'action = "open"\nfacility = "N"\nlon = LON\nlat = LAT\ncolumns = {name = "N", kind = "canteen"'
)
SITING = '\n[[siting]]\nkind = "canteen"\n'
SHARED = '\n[[siting]]\nkinds = ["canteen", "health"]\n'
DELIVERY = '\n[[delivery]]\nkind = "canteen"\nwindow_min = 60\n'
LINKED = "facility,community,station,link\n"
STATION = "K1,A,,delivery\nK1,,S1,delivery\nS1,,K1,delivery\n"
# Key, what stands in the scenario more, and another table of links where it needs one.
MORE: list[tuple[str, str, str]] = [
    ("area.no_such_capacity", f'{SERVICE}column = "nursing_beds"\n', ""),
    ("area.unknown_kind", f'{CHANGE}{OPEN[:-9]}"casino"}}\n', ""),
    ("capacity.link_circle", DELIVERY, LINKED + STATION),
    ("capacity.link_twice", DELIVERY, f"{LINKED}K1,A,,delivery\nK1,A,,delivery\n"),
    ("changes.kept_column", f"{CHANGE}{OPEN}, geometry = 1}}\n", ""),
    ("changes.no_number", f'{CHANGE}{OPEN}, capacity = "many"}}\n', ""),
    (
        "changes.open_lacks",
        (
            f'{CHANGE}action = "open"\nfacility = "N"\nlon = LON\nlat = LAT\n'
            'columns = {name = "N"}\n'
        ),
        "",
    ),
    (
        "changes.unknown_link",
        (
            f'{CHANGE}action = "link"\nfacility = "S1"\ncommunity = "A"\nlink = "delivery"\n'
            "cease = true\n"
        ),
        "",
    ),
    ("map.unknown_indicator", '\n[map]\nindicator = "happiness"\n', ""),
    ("map.unknown_layer", '\n[map]\nlayers = ["rainbows"]\n', ""),
    ("siting.budget_small", f"{SITING}budget = 1\n", ""),
    ("siting.p_large", f"{SITING}new = 9\n", ""),
    (
        "siting_study.floor_far",
        (
            f"{SITING}new = 1\nminutes = 10\n"
            'floors = [{per = "street", share = 0.1, minutes = 60}]\n'
        ),
        "",
    ),
    ("siting_study.no_candidates", f'{SITING}new = 1\nwhere = {{host = "宫殿"}}\n', ""),
    (
        "siting_study.phase_twice",
        f"{SITING}phases = [{{year = 2021, new = 1}}, {{year = 2021, new = 2}}]\n",
        "",
    ),
    ("siting_study.unknown_tier", f'{SITING}new = 1\ntier = "宫殿"\n', ""),
    ("siting_study.tier_of_other", f'{SITING}new = 1\ntier = "福利院"\n', ""),
    ("siting_study.no_tiers", '[[siting]]\nkind = "health"\nnew = 1\ntier = "大"\n', ""),
    ("siting_study.tiers_not_new", f"{SITING}new = 1\ntier = {{full = 2}}\n", ""),
    ("siting_study.unknown_prefer", f'{SITING}new = 1\nprefer = {{"宫殿" = 1}}\n', ""),
    (
        "siting_study.unknown_unit",
        f'{SITING}new = 1\nfloors = [{{per = "street", unit = "月宫", share = 0.1}}]\n',
        "",
    ),
]


MORE += [
    (
        "siting_study.floor_far",  # beyond the limit of the coverage, where the question has none
        f'{SITING}new = 1\nfloors = [{{per = "street", share = 0.1, minutes = 60}}]\n',
        "",
    ),
    (
        "siting.years_fall",
        f"{SITING}phases = [{{year = 2021, new = 2}}, {{year = 2022, new = 1}}]\n",
        "",
    ),
    ("siting.p_large", f"{SHARED}services = {{canteen = {{new = 9}}, health = {{new = 1}}}}\n", ""),
    ("siting.budget_small", f"{SHARED}budget = 1\n", ""),
    (
        "siting.quota_short",
        f'{SITING}new = 1\nquotas = [{{per = "street", at_least = 9}}]\n',
        "",
    ),
    (
        "siting_study.no_units",
        f'{SITING}model = "fair_cover"\nnew = 1\nfair_by = "zone"\n',
        "",
    ),
    (  # places to be proposed are not known yet, but what stands is
        "siting.closable_movable",
        f'{SITING}new = 1\ncandidates = "streets"\nclosable = {{K1 = 1}}\nmovable = ["K1"]\n',
        "",
    ),
    (
        "siting.budget_without_cost",
        f'{SITING}budget = 9\ncandidates = "communities"\n',
        "",
    ),
    (
        "siting_study.upgrades_alone",
        f'{SITING}new = 1\nupgrades = [{{size = "+5", add = 5, cost = 2}}]\n',
        "",
    ),
]
# Key, the sheet and column that lack values (in every row, or the first), and the scenario's more.
LACKING = [
    ("siting.budget_without_cost", "candidates", "cost", True, f"{SITING}budget = 20\n"),
    ("siting.value_missing", "candidates", "cost", False, f"{SITING}budget = 20\n"),
    (
        "siting_study.no_capacity",
        "canteens",
        "餐位",
        True,
        f'{SITING}new = 1\nsizes = [{{size = "s", capacity = 20, cost = 4}}]\n',
    ),
]


def raised() -> set[str]:
    """List the problems that the rooms name: keys of the catalogue that say what is wrong."""
    found: set[str] = set()
    for room in ROOMS:
        path = ROOT / "planner" / room
        files = [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))
        for file in files:
            found |= {
                key for key in RAISED.findall(file.read_text("utf-8")) if has_text(f"{key}.what")
            }
    return found


QUESTIONS = [one for one in MORE if one[1].startswith((SITING, SHARED))]
OTHERS = [one for one in MORE if one not in QUESTIONS]


def test_check_finds_what_is_wrong_with_every_siting_question(toy_city):
    before = toy_city.read_text("utf-8")
    toy_city.write_text(before + "".join(more for _, more, _ in QUESTIONS), "utf-8")
    with pytest.raises(PlannerError) as caught:
        api.check(toy_city)
    found = [(str(one.file).split(" ")[0], one.key) for one in caught.value.problems]
    found = list(dict.fromkeys(found))  # one of each street, where streets lack sites
    first = before.count("[[siting]]")
    assert found == [(f"siting.{first + i}", key) for i, (key, *_) in enumerate(QUESTIONS)]


@pytest.mark.parametrize(("key", "more", "links"), OTHERS, ids=[key for key, *_ in OTHERS])
def test_check_finds_it(toy, toy_city, key, more, links):
    line = toy.streets.geometry.iloc[[0]].interpolate(350).to_crs(4326)
    more = more.replace("LON", f"{line.x.iloc[0]}").replace("LAT", f"{line.y.iloc[0]}")
    toy_city.write_text(toy_city.read_text("utf-8") + more, "utf-8")
    if links:
        (toy_city.parent / "links.csv").write_text(links, "utf-8")
    with pytest.raises(PlannerError) as caught:
        api.check(toy_city)
    assert key in {problem.key for problem in caught.value.problems}, caught.value.say("en")


@pytest.mark.parametrize(
    ("key", "name", "column", "every", "more"), LACKING, ids=[key for key, *_ in LACKING]
)
def test_check_finds_what_lacks(toy, toy_city, key, name, column, every, more):
    sheet = toy.sheets[name].astype(object)
    sheet.loc[sheet.index if every else sheet.index[:1], column] = None
    sheet.to_csv(toy_city.parent / f"{name}.csv", index=False)
    toy_city.write_text(toy_city.read_text("utf-8") + more, "utf-8")
    with pytest.raises(PlannerError) as caught:
        api.check(toy_city)
    assert key in {problem.key for problem in caught.value.problems}, caught.value.say("en")


def test_a_grid_of_too_many_places_is_told_by_check(toy_city, monkeypatch):
    monkeypatch.setattr(grids, "MOST_PLACES", 1000)
    said = f'{SITING}candidates = "communities"\nspacing_m = 5\nnew = 1\n'
    toy_city.write_text(toy_city.read_text("utf-8") + said, "utf-8")
    with pytest.raises(PlannerError) as caught:
        api.check(toy_city)
    assert "area.too_many_places" in {one.key for one in caught.value.problems}


def test_a_change_to_come_is_checked_whatever_the_year(toy_city):
    said = f'{CHANGE}action = "close"\nfacility = "S9"\nyear = 2090\n'
    toy_city.write_text(toy_city.read_text("utf-8") + said, "utf-8")
    with pytest.raises(PlannerError) as caught:
        api.check(toy_city)
    assert [one.key for one in caught.value.problems] == ["changes.unknown_facility"]


def test_a_target_that_needs_a_year_is_told_by_check(toy_city):
    said = toy_city.read_text("utf-8").replace("year = 2020\n", "", 1)
    profile = toy_city.parent / "own.toml"
    profile.write_text(
        'zh = "一"\nen = "one"\nsource = "made up"\n[targets.t]\nzh = "二"\nen = "two"\n'
        'indicator = "people_coverage"\nkind = "canteen"\nminutes = 15\nmust = {2025 = 0.8}\n',
        "utf-8",
    )
    toy_city.write_text(f'{said}\n[standards]\nprofiles = ["own.toml"]\n', "utf-8")
    with pytest.raises(PlannerError) as caught:
        api.check(toy_city)
    assert [one.key for one in caught.value.problems] == ["standards.needs_year"]


def test_every_problem_is_found_by_check_or_cannot_be_known_before():
    by_check = {bad.key for bad in TABLE} | {key for key, *_ in (*MORE, *LACKING)}
    by_check |= {"standards.needs_year", "changes.unknown_facility", "area.too_many_places"}
    by_check |= {"map.layer_of_streets"}  # see test_straight
    # See test_travel_table and test_travel_mode, which ask `check` for each.
    by_check |= {f"travel.{key}" for key in ("layer_of_walks", "proposed_sites", "speed_of_group")}
    by_check |= {"modes.layer_on_foot"}
    assert raised() - by_check - set(LATER) == set()
    assert set(LATER) & by_check == set()
    assert set(LATER) <= raised()
