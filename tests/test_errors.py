"""Errors carry every problem found, in both languages."""

import pytest

from planner.errors import (
    InputError,
    PlannerError,
    Problem,
    Problems,
    SettingsError,
    did_you_mean,
    fail,
)


def test_problem_says_where_what_and_remedy():
    problem = Problem(
        key="tables.too_small", file="a.csv", row=7, value=-3, params={"column": "人口", "min": 0}
    )
    assert problem.say("en") == "a.csv, row 7: '人口' is -3, less than 0. Check the value."
    assert problem.say("zh") == "a.csv，第7行：“人口”的值 -3 小于 0。请核对该值。"


def test_problem_without_place_says_only_what():
    problem = Problem(key="no_demo", value="x", params={"hint": did_you_mean("x", ["a", "b"])})
    assert problem.say("en") == "there is no embedded case 'x'. There are: a, b."
    assert Problem(key="no_scenario", file="x.toml").say("zh").startswith("x.toml：找不到")


def test_value_with_braces_is_left_alone():
    assert "{0}{x}" in Problem(
        key="no_demo", value="{0}{x}", params={"hint": did_you_mean("{0}{x}", [])}
    ).say("zh")


def test_all_problems_are_raised_at_once(monkeypatch):
    problems = Problems()
    problems.raise_any(InputError)
    problems.add("no_scenario", file="a.toml")
    problems.add("not_toml", file="b.toml", value="line 1", hint="")
    monkeypatch.setenv("PLANNER_LANG", "en")
    with pytest.raises(InputError, match=r"a\.toml.*\n.*b\.toml") as caught:
        problems.raise_any(InputError)
    assert [problem.key for problem in caught.value.problems] == ["no_scenario", "not_toml"]
    assert isinstance(caught.value, PlannerError)
    monkeypatch.setenv("PLANNER_LANG", "zh")
    assert "找不到" in str(caught.value)


def test_fail_makes_an_error_of_the_kind_asked():
    error = fail(SettingsError, "no_demo", value="x", known="y")
    assert isinstance(error, SettingsError)
    assert error.problems[0].params == {"known": "y"}


@pytest.mark.parametrize(
    ("name", "known", "en", "zh"),
    [
        ("canten", ["canteen", "shelter"], "The nearest is: canteen.", "最接近的是：canteen。"),
        ("Shelter", ["shelter", "shelters"], "The nearest is: shelter.", "最接近的是：shelter。"),
        (
            "老年食唐",
            ["养老服务站", "老年食堂"],
            "The nearest is: 老年食堂.",
            "最接近的是：老年食堂。",
        ),
        ("street", ["streets", "street_", "x"], "The nearest are: streets, street_.", None),
        ("gym", ["canteen"], "There is: canteen.", "可用：canteen。"),
        (7, [1, 2], "There are: 1, 2.", "可用：1, 2。"),
        ("gym", [], "There are none.", "目前没有可用的。"),
        ("?", [f"S{n:02}" for n in range(40)], None, None),
    ],
)
def test_names_that_are_near_are_suggested(name, known, en, zh):
    found = did_you_mean(name, known)
    assert en is None or found["en"] == en
    assert zh is None or found["zh"] == zh
    if len(known) == 40:
        assert found["en"].startswith("There are: S00, S01, ")
        assert found["en"].endswith("S29 (+10).")


def test_all_names_beside_the_nearest():
    found = did_you_mean("aged_90", ["population", "aged_60"], all_too=True)
    assert found["en"] == "The nearest is: aged_60. There are: population, aged_60."
    assert found["zh"] == "最接近的是：aged_60。可用：population, aged_60。"
