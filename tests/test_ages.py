"""How old people are, where communities only have residents: shares of a larger unit."""

import dataclasses
import json
import tomllib

import numpy as np
import pandas as pd
import pytest
from test_area import assembled, make_tables

from planner import api
from planner.district.area import AgeStructure
from planner.district.fields import Understanding
from planner.district.reading.ages_list import read_ages
from planner.district.reading.read import read_raw
from planner.draft import draft, nobody
from planner.errors import PlannerError, Problems
from planner.language import LANGS
from planner.settings import Source
from planner.settings.files import AgesFile

# The toy city: A 150 and B 120 people in the south, C 60, D 120, E 10 and F 30 in the north.
FROM = 'file = "communities.gpkg"\n'


def structure(rows, counts=()):
    """A list of ages: level, name, share of 60+ and 80+ on each row."""
    units = pd.DataFrame([row[:2] for row in rows], columns=["level", "name"])
    shares = pd.DataFrame([row[2:] for row in rows], columns=["aged_60", "aged_80"])
    counted = pd.DataFrame(np.nan, shares.index, shares.columns)
    for row, group, n in counts:
        counted.loc[row, group] = n
    return AgeStructure(file="ages", units=units, shares=shares, counts=counted)


SOUTH_NORTH = [("street", "南街道", 0.2, 0.05), ("street", "北街道", 0.5, 0.1)]


@pytest.fixture(scope="module")
def spread(toy):
    """The toy city without homes: communities have residents, and nothing else."""
    return dataclasses.replace(make_tables(toy), demand=None)


def test_residents_times_the_share_of_their_street(spread):
    area, found = assembled(dataclasses.replace(spread, ages=structure(SOUTH_NORTH)))
    assert found == []
    assert area.groups == ("population", "aged_60", "aged_80")
    for group, wanted in {
        "aged_60": [30, 24, 30, 60, 5, 15],
        "aged_80": [7.5, 6, 6, 12, 1, 3],
    }.items():
        assert area.communities[group].tolist() == pytest.approx(wanted)
        sums = area.demand.groupby("community")[group].sum()
        assert sums.tolist() == pytest.approx(wanted[:5], rel=1e-12)  # F lies beyond the streets
    (told,) = [one for one in area.estimates if one.what == "ages"]
    assert (told.how, told.named["n"], told.named["people"]) == ("street", 5, "460")
    assert told.rest == {}
    assert "5 个社区" in told.say("zh")
    assert "60 岁及以上" in told.say("zh").replace("60岁", "60 岁")


def test_a_community_keeps_its_own_figure(spread):
    own = spread.communities.assign(aged_60=[77.0, *[np.nan] * 5])
    area, found = assembled(
        dataclasses.replace(spread, communities=own, ages=structure(SOUTH_NORTH))
    )
    assert found == []
    assert area.communities["aged_60"].tolist() == pytest.approx([77, 24, 30, 60, 5, 15])
    assert area.demand.groupby("community")["aged_60"].sum()["A"] == pytest.approx(77)
    assert area.communities["aged_80"]["A"] == pytest.approx(7.5)


def test_the_district_stands_for_streets_that_are_not_listed(spread):
    rows = [("street", "南街道", 0.2, 0.05), ("district", "", 0.3, 0.1)]
    area, found = assembled(dataclasses.replace(spread, ages=structure(rows)))
    assert found == []
    assert area.communities["aged_60"].tolist() == pytest.approx([30, 24, 18, 36, 3, 9])
    (told,) = [one for one in area.estimates if one.what == "ages"]
    assert (told.how, told.rest) == ("street", {"n": 3, "people": "190"})
    for lang in LANGS:
        assert "190" in told.say(lang)


def test_counts_are_of_all_who_live_in_the_unit(spread):
    """Nobody says how many live in the list's units: 54 of the south's 270 are one in five."""
    counts = [(0, "aged_60", 54.0), (1, "aged_60", 110.0)]
    rows = [("street", "南街道", np.nan, np.nan), ("street", "北街道", np.nan, np.nan)]
    area, found = assembled(dataclasses.replace(spread, ages=structure(rows, counts)))
    assert found == []
    assert area.communities["aged_60"].tolist() == pytest.approx([30, 24, 30, 60, 5, 15])
    assert "area.ages_differ" not in dict(area.notes)


def test_homes_that_only_have_people_take_the_share_too(toy):
    tables = make_tables(toy)
    homes = tables.demand.drop(columns="aged_60")
    own = tables.communities.assign(aged_60=[np.nan, 60.0, *[np.nan] * 4])
    area, found = assembled(
        dataclasses.replace(tables, demand=homes, communities=own, ages=structure(SOUTH_NORTH))
    )
    assert found == []
    # a1 and a2: a fifth of 100 and 50; b1 and b2: the 60 of B by its 80 and 40 people.
    wanted = {"a1": 20, "a2": 10, "b1": 40, "b2": 20, "c1": 30, "d1": 50, "d2": 10, "e1": 5}
    assert area.demand["aged_60"].to_dict() == pytest.approx(wanted)
    whole, _ = assembled(dataclasses.replace(tables, ages=structure(SOUTH_NORTH)))
    assert whole.demand["aged_60"].tolist() == tables.demand["aged_60"].tolist()[:-1]
    assert whole.communities["aged_80"].notna().all()


def test_a_street_that_is_not_listed_is_a_problem(spread):
    ages = structure([("street", "南街道", 0.2, 0.05), ("street", "北街", 0.5, 0.1)])
    _, found = assembled(dataclasses.replace(spread, ages=ages))
    assert found == [("ages_no_unit", "ages", None, "北街道")]


def test_sums_that_are_not_those_published_are_told(spread):
    """A keeps 150 of its own: with B's 24 that is 174 in the south, where 54 were published."""
    own = spread.communities.assign(aged_60=[150.0, *[np.nan] * 5])
    rows = [*SOUTH_NORTH, ("district", "全区", 0.3, 0.1)]
    ages = structure(rows, [(0, "aged_60", 54.0), (1, "aged_60", 110.0), (2, "aged_60", 284.0)])
    area, _ = assembled(dataclasses.replace(spread, communities=own, ages=ages))
    told = dict(area.notes)["area.ages_differ"]
    assert (told["n"], told["named"]) == (1, "南街道 (174 / 54)")
    more = structure([*rows, ("street", "西街道", 0.1, 0.1)])
    area, _ = assembled(dataclasses.replace(spread, communities=own, ages=more))
    assert dict(area.notes)["area.ages_unused"]["named"] == "西街道"
    full = own.assign(aged_60=10.0, aged_80=1.0)
    area, _ = assembled(dataclasses.replace(spread, communities=full, ages=structure(SOUTH_NORTH)))
    assert "area.ages_idle" in dict(area.notes)
    assert not area.is_estimated("ages")


def listed(words, folder, **asked):
    """Read a list of ages alone."""
    (folder / "ages.csv").write_text(words, "utf-8")
    problems = Problems()
    raw = read_raw(Source(file="ages.csv"), folder, problems)
    said = AgesFile(file="ages.csv", **asked)
    made = read_ages(raw.frame, raw.label, said, problems, Understanding())
    for lang in LANGS:
        assert all(one.say(lang) for one in problems.found)
    return made, problems.found


@pytest.mark.parametrize(
    "words",
    [
        "街道,60岁以上占比（%）\n南街道,20\n北街道,50\n",
        "街道,60岁及以上人口占总人口比重\n南街道,20%\n北街道,50.0%\n",
        "街道名称,60岁以上老年人占比\n南街道,0.2\n北街道,0.5\n",
        "所属街道,60岁以上比例\n南街道,20\n北街道,50\n",
        "street,aged 60+ share\n南街道,0.2\n北街道,0.5\n",
        "街道,常住人口,60岁以上人口\n南街道,1000,200\n北街道,1000,500\n",
        "街道,常住人口（万人）,60岁以上人口（万人）\n南街道,1,0.2\n北街道,2,1\n",
    ],
)
def test_shares_are_read_as_offices_write_them(tmp_path, words):
    made, found = listed(words, tmp_path)
    assert found == []
    assert made.units["name"].tolist() == ["南街道", "北街道"]
    assert made.shares["aged_60"].tolist() == pytest.approx([0.2, 0.5])


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        ("街道,60岁以上\n南街道,20\n北街道,50\n", "io.ages_unclear", "60岁以上"),
        ("街道,80岁以上占比\n南街道,0.9\n北街道,2.1\n", "io.ages_unclear", "80岁以上占比"),
        ("街道,60岁以上占比（%）\n南街道,20\n北街道,120\n", "tables.ages_above_all", "120"),
        ("街道,常住人口,60岁以上\n南街道,100,200\n北街道,100,50\n", "tables.ages_above_all", "200"),
        ("街道,60岁以上占比,80岁以上占比\n南街道,0.2,0.3\n北街道,0.5,0.1\n",
         "io.ages_not_nested", "0.3"),
        ("街道,人口\n南街道,20\n北街道,50\n", "io.ages_no_groups", "街道, 人口"),
        ("区,60岁以上占比\n甲区,0.2\n乙区,0.3\n", "io.ages_no_units", "乙区"),
        ("街道,60岁以上占比\n南街道,0.2\n南街道,0.3\n", "io.ages_twice", "南街道"),
        ("街道,60岁以上占比\n南街道,约两成\n北街道,0.3\n", "tables.not_a_number", "约两成"),
        ("街道,60岁以上占比,60岁以上比例\n南街道,0.1,0.1\n北街道,0.3,0.3\n",
         "tables.two_columns", "aged_60"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_list_of_ages_is_told(tmp_path, words, key, value):
    assert [(one.key, one.value) for one in listed(words, tmp_path)[1]] == [(key, value)]


@pytest.mark.parametrize(("unit", "share"), [("percent", 0.2), ("share", 20.0), ("people", None)])
def test_the_scenario_says_what_figures_are(tmp_path, unit, share):
    words = "街道,老人家\n南街道,20\n北街道,50\n"
    made, found = listed(words, tmp_path, unit=unit, groups={"aged_60": "老人家"})
    assert len(found) == (2 if unit == "share" else 0)  # two rows above one
    if share is None:
        assert made.counts["aged_60"].tolist() == [20, 50]
        assert made.shares["aged_60"].isna().all()
    else:
        assert made.shares["aged_60"][2] == pytest.approx(share)


@pytest.mark.usefixtures("plain_files")
def test_estimated_ages_are_told_with_every_result(toy_city, tmp_path):
    (toy_city.parent / "ages.csv").write_text(
        "街道,60岁以上占比\n南街道,0.2\n北街道,0.5\n", "utf-8"
    )
    text = toy_city.read_text("utf-8").replace(FROM, FROM + 'ages = "ages.csv"\n', 1)
    text = text.replace('[demand]\nfile = "demand.csv"\ncrs = "EPSG:4549"\n', "")
    toy_city.write_text(text, "utf-8")
    plan = api.run(toy_city, set=["siting=[]"])
    (entry,) = [one for one in plan.area.inputs if one.role == "ages"]
    assert entry.understood.fields == {"street": ("街道",), "aged_60 %": ("60岁以上占比",)}
    told = next(one for one in plan.area.estimates if one.what == "ages")
    saved = api.save(plan, tmp_path / "out", lang="zh", outputs=["record"])
    record = json.loads((saved / "plan.json").read_text("utf-8"))
    (entry,) = [one for one in record["estimates"] if one["what"] == "ages"]
    for lang in LANGS:
        assert told.say(lang) in record["caveats"][lang]
        assert told.say(lang) in plan.estimated(lang)
    assert entry["values"]["people"] == "460"


def test_a_list_of_ages_that_does_not_exist_is_named(toy_city):
    text = toy_city.read_text("utf-8").replace(FROM, FROM + 'ages = "none.csv"\n', 1)
    toy_city.write_text(text, "utf-8")
    with pytest.raises(PlannerError) as caught:
        api.check(toy_city)
    assert [one.key for one in caught.value.problems] == ["io.no_file"]


def drafted(toy, folder, words, ask=nobody):
    """Draft a scenario of the toy city without homes, and with a list of ages."""
    toy.write(folder).unlink()
    for name in ("demand", "stations"):  # homes have ages, and nothing tells the stations' kind
        (folder / f"{name}.csv").unlink()
    (folder / "年龄.csv").write_text(words, "utf-8")
    return draft(folder, "zh", ask)


def test_a_draft_lays_ages_over_communities(toy, tmp_path):
    made = drafted(toy, tmp_path / "told", "街道,60岁以上占比（%）\n南街道,20\n北街道,50\n")
    told = tomllib.loads(made.text)
    assert told["communities"]["ages"] == "年龄.csv"
    assert told["coverage"]["group"] == "aged_60"
    assert made.problems == []
    words = "街道,60岁以上\n南街道,20\n北街道,50\n"
    made = drafted(toy, tmp_path / "asked", words, lambda _: "percent")
    assert tomllib.loads(made.text)["communities"]["ages"] == {
        "file": "年龄.csv",
        "unit": "percent",
    }
    made = drafted(toy, tmp_path / "unclear", words, lambda question: question.proposed)
    assert "ages" not in tomllib.loads(made.text)["communities"]
    assert 'unit = "people"' in made.text
