"""What Python sees: plans that print, draw and save themselves; what `check` gives; names."""

import inspect

import pytest

import planner
from planner import api
from planner.errors import PlannerError, SettingsError


def test_a_plan_prints_as_its_summary(toy_plan):
    said = repr(toy_plan)
    title, *table = said.splitlines()
    assert title == "Plan: 玩具城, 2020"
    assert [line.split()[0] for line in table[2:]] == list(toy_plan.kinds)
    assert "0.848" in table[2]  # 390 of 460 people walk to the care station within 15 minutes
    assert len(said) < 1200


def test_a_plan_shows_as_a_table_and_the_map(toy_plan):
    shown = toy_plan._repr_html_()
    assert shown.startswith("<table")
    assert "0.848" in shown
    assert shown.count("<iframe") == 1


def test_a_plan_draws_itself(toy_plan):
    assert isinstance(toy_plan, planner.Plan)
    drawn = toy_plan.explore(lang="en", indicator="minutes")
    same = planner.draw(toy_plan, lang="en", indicator="minutes")
    assert drawn.get_root().render() == same.get_root().render()


def test_a_plan_saves_itself(toy_plan, plain_files, tmp_path):
    folder = toy_plan.save(tmp_path / "out", lang="en")
    assert (folder / "map.html").is_file()
    assert (folder / "plan.json").is_file()
    with pytest.raises(SettingsError):
        toy_plan.plot_front()  # the scenario asks for none


def test_a_plan_gives_the_features_of_a_layer(toy_plan):
    found = toy_plan.layer("routes")
    assert found is toy_plan.layer("routes")  # made once
    assert set(found["kind"]) == set(toy_plan.kinds)
    with pytest.raises(SettingsError, match="routes"):
        toy_plan.layer("route")
    with pytest.raises(SettingsError, match="rings"):
        toy_plan.layer("rings")


def test_check_tells_what_was_understood(toy_city):
    result = planner.check(toy_city, raises=False)
    assert result.holds
    assert result.problems == ()
    settings, area = result
    assert (settings, area) == (result.settings, result.area)
    files = result.understood.set_index("file")
    assert files.loc["demand.csv", ["role", "rows", "used"]].tolist() == ["demand", 9, 9]
    assert "canteens.csv" in " ".join(result.notes)
    said = {
        lang: planner.CheckResult(found=result.found, gathered=result.gathered, lang=lang)
        for lang in ("zh", "en")
    }
    assert "Everything holds" in repr(said["en"])
    assert "玩具城" in said["zh"]._repr_html_()


def test_check_gathers_problems_instead_of_raising(toy_city):
    sheet = toy_city.parent / "demand.csv"
    sheet.write_text(sheet.read_text("utf-8").replace("100", "-100", 1), "utf-8")
    with pytest.raises(PlannerError) as caught:
        planner.check(toy_city)
    result = planner.check(toy_city, raises=False)
    assert not result.holds
    assert list(result.problems) == list(caught.value.problems)
    assert "demand.csv" in repr(result)
    assert result.settings.title == "玩具城"
    with pytest.raises(PlannerError):
        result.area  # noqa: B018
    nothing = planner.check(toy_city.parent / "nowhere.toml", raises=False)
    assert [problem.key for problem in nothing.problems] == ["no_scenario"]
    assert nothing.understood.empty
    assert nothing.notes == ()


def test_dir_lists_the_public_names():
    assert dir(planner) == sorted(planner.__all__)


@pytest.mark.parametrize("name", ["run", "check", "read_settings"])
def test_an_argument_of_before_is_refused_with_its_new_name(toy_city, name):
    with pytest.raises(SettingsError) as caught:
        getattr(planner, name)(toy_city, assign=["year=2022"])
    assert "'set'" in caught.value.say("en")[0]
    with pytest.raises(TypeError, match="asign"):
        getattr(planner, name)(toy_city, asign=["year=2022"])
    assert api.read_settings(toy_city, set=["year=2022"])[0].year == 2022


@pytest.mark.parametrize("name", planner.__all__)
def test_every_public_name_has_an_example(name):
    thing = getattr(planner, name)
    words = inspect.getdoc(thing) or ""
    assert ">>> " in words
