"""Opening hours: what words say of a week, who serves at a time, and what is refused."""

import re

import numpy as np
import pandas as pd
import pytest
from conftest import make_toy

import planner
from planner import api
from planner.district.opening_hours import is_open, span_of, week_of
from planner.district.tables import in_operation
from planner.errors import PlannerError

AT = "hours.open_at=11:00-12:00"
MORNING, NOON, EVENING = (480, 720), (540, 720), (810, 1020)


def listed(path, canteen, **others):
    """Give facilities opening hours: the canteen, and stations by their id."""
    sheets = make_toy().sheets
    sheets["canteens"].assign(开放时间=[canteen]).to_csv(path.parent / "canteens.csv", index=False)
    stations = sheets["stations"]
    stations.assign(opening_hours=stations["id"].map(others)).to_csv(
        path.parent / "stations.csv", index=False
    )
    return path


def problems(path, *settings):
    with pytest.raises(PlannerError) as caught:
        api.check(path, set=settings)
    return {(one.key, one.row, str(one.value)) for one in caught.value.problems}


@pytest.mark.parametrize(
    ("words", "monday", "saturday", "sunday"),
    [
        ("Mo-Fr 08:00-12:00,13:30-17:00; Sa 09:00-12:00; Su off", (MORNING, EVENING), (NOON,), ()),
        (
            "周一至周五 上午8:00-12:00，下午1:30-5:00；周六 9:00-12:00",
            (MORNING, EVENING),
            (NOON,),
            (),
        ),
        ("周一至五 8：00—12：00", (MORNING,), (), ()),
        ("工作日 8时-12时", (MORNING,), (), ()),
        ("Monday to Friday 8:00-12:00, Sa 9:00-12:00", (MORNING,), (NOON,), ()),
        ("08:00-12:00; Su off", (MORNING,), (MORNING,), ()),
        ("星期一、星期日 9点到12点（节假日除外）", (NOON,), (), (NOON,)),
        ("Sa-Mo 09:00-12:00; PH off", (NOON,), (NOON,), (NOON,)),
        ("全天开放", ((0, 1440),), ((0, 1440),), ((0, 1440),)),
    ],
)
def test_words_are_hours_of_a_week(words, monday, saturday, sunday):
    week = week_of(words)
    assert week is not None
    assert (week[0], week[5], week[6]) == (monday, saturday, sunday)


@pytest.mark.parametrize(
    "words",
    [
        "sunrise-sunset", "Mo-Fr 09:00+", "电话预约", "25:00-26:00", "8:61-9:00",
        "周一至周五 8:30-11:30；13:30-17:00", "Mo-Fr", "8:00", "中午11:00-1:00", "晚上12:00-1:00",
        "May-Oct 8:00-9:00", "8:30-11:30,1:30-5:00", "上午8:30-11:30，2:00-5:30",
    ],
)  # fmt: skip
def test_what_could_mean_two_things_is_not_read(words):
    assert week_of(words) is None


def test_open_means_all_through_the_time_past_midnight_too():
    week = week_of("Mo 08:00-11:30,11:30-12:00; Tu 22:00-02:00")
    assert week is not None
    assert is_open(week, 0, (660, 720))
    assert not is_open(week, 0, (660, 721))
    assert is_open(week_of("Mo 06:00-07:00,10:00-13:00") or (), 0, (660, 720))
    assert is_open(week, 2, (60, 120))
    assert not is_open(week, 1, (60, 120))
    assert [span_of(one) for one in ("11:00-12:00", "12:00-11:00", "noon")] == [
        (660, 720), None, None,
    ]  # fmt: skip


def test_who_is_not_open_serves_nobody_and_those_without_hours_are_told(toy_city, tmp_path):
    listed(toy_city, "周一至周五 10:30-13:00", S1="Mo-Th 08:00-17:00")
    plan = planner.run(toy_city, set=[AT])
    facilities = plan.summary()["facilities"]
    assert facilities.to_dict() == {"care_station": 0, "canteen": 1, "shelter": 1}
    whole = planner.run(toy_city, set=["siting=[]"])
    assert plan.summary()["population"]["canteen"] == whole.summary()["population"]["canteen"]
    thursday = planner.run(toy_city, set=[AT, "hours.day=thursday", "siting=[]"])
    assert thursday.summary()["facilities"]["care_station"] == 1
    strict = planner.run(toy_city, set=[AT, "hours.unknown=closed", "siting=[]"])
    assert strict.summary()["facilities"].to_dict() == {
        "care_station": 0, "canteen": 1, "shelter": 0,
    }  # fmt: skip
    said = "of 3 that exist 1 is open, 1 is not and counts nowhere, and 1 have no hours"
    folder = plan.save(tmp_path / "out", lang="en", outputs=["map", "report"])
    for page in ("map.html", "report.md", "report.html"):
        assert said.replace("1 have", "1 has") in (folder / page).read_text("utf-8")
    state = re.search(r'"state":\s*\[([^\]]*)\]', (folder / "map.html").read_text("utf-8"))
    assert state is not None
    assert state[1].count('"shut"') == 1


def test_a_facility_that_is_shut_operates_in_no_year():
    frame = pd.DataFrame(
        {"status": "existing", "opened": 2010, "closed": pd.NA, "open_then": [True, False, np.nan]}
    ).astype({"opened": "Int64", "closed": "Int64"})
    for year in (None, 2020):
        assert in_operation(frame, year).tolist() == [True, False, True]


def test_hours_that_cannot_be_read_are_told_with_their_rows(toy_city):
    listed(toy_city, "电话预约", S2="sunrise-sunset")
    assert problems(toy_city, AT) == {
        ("hours.unreadable", "2", "电话预约"), ("hours.unreadable", "3", "sunrise-sunset"),
    }  # fmt: skip
    api.check(toy_city)  # who asks for no time needs no hours


def test_a_question_without_hours_or_without_a_span_is_refused(toy_city):
    assert problems(toy_city, AT) == {("hours.no_column", None, "11:00-12:00")}
    listed(toy_city, "8:00-17:00")
    assert {key for key, *_ in problems(toy_city, "hours.open_at=noon")} == {"hours.bad_span"}
    assert {key for key, *_ in problems(toy_city, AT, "hours.day=holiday")} == {
        "settings.wrong_value"
    }
