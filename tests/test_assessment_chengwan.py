"""The embedded district, whose stock is that of a published report, gives that report's figures."""

import pandas as pd
import pytest

from planner.district import assessment
from planner.standards import read_profile


@pytest.fixture(scope="module")
def plan(chengwan_today):
    return chengwan_today


@pytest.fixture(scope="module")
def facts(plan):
    chosen = plan.settings.coverage
    return assessment.gather(
        plan.area,
        plan.coverage.nearest,
        group=chosen.group,
        cutoff_min=chosen.cutoff_min,
        covered_share=chosen.covered_share,
        speed_mps=plan.settings.walk.speed.speed_mps,
        year=plan.settings.year,
    )


@pytest.fixture(scope="module")
def card(facts):
    return assessment.scorecard(facts, read_profile("beilun-2018")).set_index("id")


def test_meals_cover_194_of_242_communities(card):
    row = card.loc["1-1"]
    assert (row["numerator"], row["denominator"]) == (194, 242)
    assert row["value"] == pytest.approx(0.802, abs=0.0005)
    assert row["pass"]
    people = card.loc["1-1-people"]
    assert people["value"] < row["value"]
    assert people["short_unit"] == "people"


def test_every_urban_community_has_a_station(card):
    row = card.loc["1-9"]
    assert row["value"] == 1
    assert row["denominator"] == 110
    assert row["pass"]
    assert card.loc["1-24-community", "value"] < 1


def test_shelters_cover_all_by_assignment_and_not_all_on_foot(card):
    assert card.loc["1-15", "value"] == 146
    assert card.loc["1-17", "value"] == 39_590
    assert card.loc["1-17", "unit"] == "places"
    units, people = card.loc["1-16"], card.loc["1-16-people"]
    assert (units["numerator"], units["denominator"]) == (242, 242)
    assert units["pass"]
    assert 0.5 < people["value"] < 0.8
    assert people["unit"] == units["unit"] == "share"
    assert people["denominator"] != units["denominator"]


def test_beds(card):
    assert card.loc["1-13", "value"] == 3511
    assert card.loc["1-13", "unit"] == "beds"
    assert card.loc["1-13-added", "value"] == 50
    assert card.loc["1-12", "value"] == 20


def test_figures_are_those_of_the_coverage_tables(plan, card):
    coverage = plan.coverage
    for key, kind, group in [
        ("1-1-people", "canteen", "aged_60"),
        ("1-9-people", "care_station", "aged_60"),
        ("1-16-people", "shelter", "population"),
    ]:
        assert card.loc[key, "value"] == coverage.share(kind, minutes=15, group=group)
    table = coverage.unit_shares.set_index(["kind", "level"])
    assert card.loc["1-24-community", "numerator"] == table.loc[("care_station", "district"), "has"]
    assert card.loc["1-16", "numerator"] == table.loc[("shelter", "district"), "linked"]


def test_reported_figures_agree_with_the_district_made_from_them(facts, card):
    profile = read_profile("beilun-2018")
    table = assessment.reconcile(card.reset_index(), profile, 2018).set_index("target")
    assert set(table["verdict"]) == {"agrees", "contradicts_itself"}
    flagged = table.index[table["verdict"] == "contradicts_itself"]
    assert list(flagged) == ["1-23", "1-23-edge"]
    for key in ("1-1", "1-3", "1-8", "1-12", "1-13", "1-15", "1-16", "1-17", "1-21"):
        assert table.loc[key, "verdict"] == "agrees"


def test_zones_stand_side_by_side(facts):
    profile = read_profile("baoshan-2023")
    base = profile.targets["4-13"]
    zones = assessment.by_unit(facts, base, "zone", assessment.evaluate)
    assert set(zones.index) == {"南", "北", "中"}
    found = assessment.evaluate(facts, profile.targets["4-12"])
    assert found.value == pytest.approx(zones["value"].max() - zones["value"].min())


def test_what_capacity_and_delivery_gave_is_taken_up(plan):
    chosen = plan.settings.coverage
    served = pd.DataFrame(
        {
            "kind": "shelter",
            "community": ["CW01001", "CW01002"],
            "group": "population",
            "people": [100.0, 200.0],
            "served": [40.0, 50.0],
        }
    )
    delivered = pd.DataFrame(
        {
            "kind": "central_kitchen",
            "community": ["CW01001", "CW01002"],
            "minutes": [20.0, 40.0],
        }
    )
    facts = assessment.gather(
        plan.area,
        plan.coverage.nearest,
        group=chosen.group,
        cutoff_min=chosen.cutoff_min,
        covered_share=chosen.covered_share,
        speed_mps=1.0,
        year=2018,
        served=served,
        delivered=delivered,
    )
    card = assessment.scorecard(facts, read_profile("beilun-2018")).set_index("id")
    assert card.loc["1-17-served", "value"] == pytest.approx(0.3)
    assert card.loc["1-5-minutes", "numerator"] == 1
