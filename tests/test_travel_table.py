"""A table of the user's own gives the travel times, in place of walks along the streets."""

import json
import re

import pandas as pd
import pytest

import planner
from planner import api
from planner.district.walk import Walk
from planner.errors import PlannerError

TABLE = "travel.table=od.csv"


@pytest.fixture
def listed(toy_city):
    """The toy city, and beside it the table of all walks that it has."""
    found = api.check(toy_city)
    area, walk = found.area, Walk(found.area, found.settings)
    table = walk.times(walk.homes, area.facilities, area.candidates, within=60)
    table.to_csv(toy_city.parent / "od.csv", index=False)
    return toy_city, table


def problems(path, *settings):
    with pytest.raises(PlannerError) as caught:
        api.check(path, set=[TABLE, *settings])
    return {(one.key, one.row, str(one.value)) for one in caught.value.problems}


def rewrite(path, table):
    table.to_csv(path.parent / "od.csv", index=False)


def test_the_walks_of_the_streets_as_a_table_give_the_same_plan(listed):
    path, _ = listed
    more = ['service=[{kind="canteen"}]']
    walked, told = (planner.run(path, set=[*one, *more]) for one in ([], [TABLE]))
    pd.testing.assert_frame_equal(walked.summary(), told.summary())
    pd.testing.assert_frame_equal(walked.coverage.nearest, told.coverage.nearest)
    pd.testing.assert_frame_equal(walked.gaps, told.gaps)
    for one, two in zip(walked.siting, told.siting, strict=True):
        assert (one.result.chosen, one.result.objective) == (
            two.result.chosen,
            two.result.objective,
        )
        pd.testing.assert_series_equal(one.sites["added"], two.sites["added"])
    for one, two in zip(walked.service, told.service, strict=True):
        pd.testing.assert_frame_equal(one.load, two.load)
    assert len(walked.rings)
    assert not len(told.rings)


def test_every_page_says_that_a_table_gives_the_times(listed, tmp_path):
    path, table = listed
    plan = planner.run(path, set=[TABLE])
    plan.save(tmp_path / "out", lang="en", outputs=["report", "map", "record"])
    said = f"Travel times are those of the table od.csv ({len(table)} rows)"
    for page in ("map.html", "report.html", "report.md"):
        text = (tmp_path / "out" / page).read_text("utf-8")
        assert said in text
        assert not re.search(r"Walking (speed|at)|walk along the streets|on foot along", text)
    payload = re.search(r'"walk":\s*(\w+|\{)', (tmp_path / "out" / "map.html").read_text("utf-8"))
    assert payload is None or payload[1] == "null"
    record = json.loads((tmp_path / "out" / "plan.json").read_text("utf-8"))
    assert [one["what"] for one in record["estimates"]] == ["times"]
    assert "travel" in {one["role"] for one in record["inputs"]}


def test_a_pair_without_a_row_is_out_of_reach_and_homes_without_any_are_told(listed):
    path, table = listed
    rewrite(path, table[table["demand"] != "a2"])
    plan = planner.run(path, set=[TABLE])
    assert "a2" not in set(plan.coverage.nearest["demand"])
    told = dict(plan.area.notes)["travel.no_row"]
    assert told == {"n": 1, "people": "50", "named": "a2"}
    assert [one.in_brief("en") for one in plan.area.estimates] == ["times from a table"]


def test_a_row_of_a_community_holds_for_all_who_live_there(listed):
    path, table = listed
    rows = pd.DataFrame(
        {"社区编号": ["A", "a1", "B"], "设施编号": ["S1", "S1", "S1"], "用时": [7.0, 3.0, 16.0]}
    )
    rewrite(path, rows)
    nearest = planner.run(path, set=[TABLE, "siting=[]"]).coverage.nearest.set_index("demand")
    assert nearest["minutes"].to_dict() == {"a1": 3.0, "a2": 7.0, "b1": 16.0, "b2": 16.0}
    assert table["demand"].nunique() > 4


def test_what_the_table_cannot_mean_is_refused_with_its_row(listed):
    path, table = listed
    wrong = table.astype({"minutes": object})
    wrong.loc[3, "minutes"] = -1
    wrong.loc[4, "facility"] = "S9"
    wrong.loc[5, "demand"] = "z1"
    rewrite(path, wrong)
    assert problems(path) == {
        ("tables.too_small", "5", "-1"), ("travel.unknown_facility", "6", "S9"),
        ("travel.unknown_demand", "7", "z1"),
    }  # fmt: skip
    rewrite(path, pd.concat([table, table.head(2)]))
    first = ", ".join(table.iloc[0][["demand", "facility"]])
    assert problems(path) == {("travel.twice", str(len(table) + 2), first)}
    rewrite(path, table.drop(columns="minutes"))
    assert {key for key, *_ in problems(path)} == {"tables.missing_column"}
    (path.parent / "od.csv").unlink()
    assert {key for key, *_ in problems(path)} == {"io.no_file"}


def test_what_needs_walks_is_refused(listed):
    path, _ = listed
    proposed = 'siting=[{kind="canteen", new=1, candidates="streets"}]'
    assert {key for key, *_ in problems(path, proposed)} == {"travel.proposed_sites"}
    slow = 'siting=[{kind="canteen", new=1, groups={aged_60={preset="frail", weight=1}}}]'
    assert {key for key, *_ in problems(path, slow)} == {"travel.speed_of_group"}
    for layer in ("routes", "critical_streets"):
        found = problems(path, f'outputs.layers=["{layer}"]')
        assert {key for key, *_ in found} == {"travel.layer_of_walks"}
