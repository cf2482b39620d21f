"""Small inputs that went wrong once: each is read right, or refused with the reason."""

from __future__ import annotations

import pytest

import planner
from planner.errors import PlannerError

pytestmark = pytest.mark.shared

# Minutes from each home to the nearest facility, in the order of the homes.
RIGHT = {
    "coordinates": [13.333],
    "facility-twice": [3.333, 25.0],
    "hidden-sheet": [3.333, 25.0],
    "hongkong": [13.333],
    "island-home": [8.467, 1.667],
    "island-told": [53.333],
    "lines-motorway": [36.667],
    "stray-community": [3.333, 25.0],
    "title-semicolon": [3.333, 25.0],
    "where-brackets": [3.333, 25.0],
    "skip": [3.334, 25.001],
    "t-junction": [9.667, 1.667],
    "xml-all-ways-first": [3.333, 25.0],
    "xml-deleted": [36.667],
}
REFUSED = {
    "crs-undefined": ("io.no_crs", "streets.gpkg", None),
    "demand-unknown-community": ("area.home_community", "demand.csv", "2"),
    "error-status": ("tables.error_cell", "facilities.xlsx", "3"),
    "head-sex": ("tables.missing_column", "communities.gpkg", None),
    "nobody-inside": ("area.no_home_inside", "demand.csv", None),
    "status": ("tables.unknown_value", "facilities.csv", "3"),
    "two-numbers": ("tables.comma", "facilities.xlsx", None),
    "xian80": ("io.no_operation", "streets.gpkg", None),
}


def case(shared, name, file="scenario.toml"):
    return shared / "cases" / name / file


def minutes(plan):
    found = plan.coverage.nearest.set_index("demand")["minutes"]
    return [found.get(home) for home in plan.area.demand.index]


def notes(area):
    return dict(area.notes)


@pytest.mark.parametrize("name", list(RIGHT))
def test_read_right(shared, name):
    expected = RIGHT[name]
    plan = planner.run(case(shared, name))
    found = minutes(plan)
    assert [one is None for one in found] == [one is None for one in expected]
    told = [one for one in found if one is not None]
    assert told == pytest.approx([one for one in expected if one is not None], abs=2e-3)


@pytest.mark.parametrize("name", list(REFUSED))
def test_refused(shared, name):
    key, file, row = REFUSED[name]
    with pytest.raises(PlannerError) as caught:
        planner.check(case(shared, name))
    found = [(p.key, p.file, None if p.row is None else str(p.row)) for p in caught.value.problems]
    assert any((key, file) == one[:2] and row in (None, one[2]) for one in found), found
    for lang in ("zh", "en"):
        assert all(
            file in line or key.startswith("io.no_op") for line in caught.value.say(lang)[:1]
        )


def test_ten_thousands_in_a_heading_multiply(shared):
    _, area = planner.check(case(shared, "head-wan"))
    assert area.communities["population"].sum() == pytest.approx(20_000)


def test_two_columns_of_people_are_both_named(shared):
    with pytest.raises(PlannerError) as caught:
        planner.check(case(shared, "head-sex"))
    assert "人口（男）, 人口（女）" in str(caught.value)
    plan = planner.run(
        case(shared, "head-sex"),
        set=['communities.columns.population=["人口（男）","人口（女）"]'],
    )
    assert plan.area.communities["population"].sum() == 220


def test_the_longest_limit_says_how_far_an_extract_is_read(shared):
    for file in ("scenario.toml", "right.toml"):
        plan = planner.run(case(shared, "second-limit", file))
        assert plan.coverage.share("care_station", minutes=60) == 1.0


def test_a_vehicle_does_not_climb_steps(shared):
    plan = planner.run(case(shared, "steps"))
    (answer,) = plan.delivery
    assert answer.delivery.communities["minutes"]["C2"] == pytest.approx(16.667, abs=0.01)


def test_a_park_is_reached_at_its_edge(shared):
    plan = planner.run(case(shared, "park"))
    assert minutes(plan) == [pytest.approx(0.1, abs=0.03)]  # 5 m, and to the edge's next point


def test_what_is_set_aside_is_told(shared):
    _, area = planner.check(case(shared, "facility-twice"))
    assert (
        "Care 1 (facilities.csv 2), Care 1 (facilities.csv 3)" in notes(area)["area.twice"]["named"]
    )
    _, area = planner.check(case(shared, "stray-community"))
    assert area.communities.crs.to_epsg() == 4550
    assert notes(area)["area.strays"]["n"] == 1
    _, area = planner.check(case(shared, "skip"))
    listed = area.skipped[["row", "name", "reason"]].to_numpy().tolist()
    assert listed == [[3, "度分秒", "not_a_coordinate"], [4, "空", "no_coordinates"]]
    _, area = planner.check(case(shared, "island-home"))
    assert notes(area)["area.scraps_homes"]["n"] == 1


def test_a_way_without_its_nodes_is_cut(shared):
    with pytest.raises(PlannerError) as caught:
        planner.check(case(shared, "xml-missing-nodes"))
    assert {p.key for p in caught.value.problems} == {"area.off_streets"}


def test_check_says_what_was_understood(shared, capsys):
    from planner.cli import main  # noqa: PLC0415

    main(["check", str(case(shared, "head-wan")), "--lang", "en"])
    said = capsys.readouterr().out
    assert "常住人口（万人） (times 10000) → population" in said
    main(["check", str(case(shared, "skip")), "--lang", "zh"])
    said = capsys.readouterr().out
    assert "略去 facilities.csv 第 4 行“空”：坐标缺失" in said
    main(["check", str(case(shared, "hidden-sheet")), "--lang", "en"])
    assert "only '2024' was read; not read: Sheet" in capsys.readouterr().out
