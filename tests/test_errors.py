"""Errors carry every problem found, in both languages."""

import pytest

from planner.errors import InputError, PlannerError, Problem, Problems, SettingsError, fail


def test_problem_says_where_what_and_remedy():
    problem = Problem(
        key="tables.too_small", file="a.csv", row=7, value=-3, params={"column": "人口", "min": 0}
    )
    assert problem.say("en") == "a.csv, row 7: '人口' is -3, less than 0. Check the value."
    assert problem.say("zh") == "a.csv，第7行：“人口”的值 -3 小于 0。请核对该值。"


def test_problem_without_place_says_only_what():
    problem = Problem(key="no_demo", value="x", params={"known": "a, b"})
    assert problem.say("en") == "there is no embedded case 'x'. There are: a, b."
    assert Problem(key="no_scenario", file="x.toml").say("zh").startswith("x.toml：找不到")


def test_value_with_braces_is_left_alone():
    assert "{0}{x}" in Problem(key="no_demo", value="{0}{x}", params={"known": "-"}).say("zh")


def test_all_problems_are_raised_at_once(monkeypatch):
    problems = Problems()
    problems.raise_any(InputError)
    problems.add("no_scenario", file="a.toml")
    problems.add("not_toml", file="b.toml", value="line 1")
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
