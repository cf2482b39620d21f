"""Balance between zones, groups and kinds, and how complete the living circle is."""

import math
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.small_district import ask, district, figure, why

from planner.district.assessment import by_unit, completeness, evaluate, spread
from planner.standards import Need


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=9))
def test_spread_is_its_definition(values):
    found = spread(pd.Series(values))
    n, mean = len(values), sum(values) / len(values)
    pairs = sum(abs(a - b) for a in values for b in values)
    assert found["gini"] == pytest.approx(pairs / (2 * n * n * mean), abs=1e-12)
    assert found["max_min"] == pytest.approx(max(values) - min(values))
    assert found["cv"] == pytest.approx(
        math.sqrt(sum((v - mean) ** 2 for v in values) / n) / mean, abs=1e-7
    )


def test_figures_by_zone_add_up_to_the_whole():
    facts = district()
    one = ask("people_coverage", kind="canteen")
    zones = by_unit(facts, one, "zone", evaluate)
    assert set(zones.index) == set(facts.communities["zone"])
    assert zones["numerator"].sum() == evaluate(facts, one).numerator
    apart = figure(facts, "balance", target="x", base=one, across="zone", measure="max_min")
    assert apart.value == pytest.approx(zones["value"].max() - zones["value"].min())
    groups = by_unit(facts, one, "group", evaluate)
    assert list(groups.index) == ["aged_60"]
    kinds_ = ask("people_coverage", kind=["canteen", "shelter"])
    assert list(by_unit(facts, kinds_, "kind", evaluate).index) == ["canteen", "shelter"]
    lost = figure(facts, "balance", target="x", base=one, across="group", measure="cv")
    assert lost.why == ("one_part", {"level": "group"})
    bare = replace(facts, facilities=facts.facilities[facts.facilities["kind"] != "shelter"])
    bare = replace(bare, held=frozenset({"canteen"}))
    lost = figure(bare, "balance", target="x", base=kinds_, across="kind", measure="cv")
    assert lost.why == ("parts_missing", {"parts": "shelter"})
    nobody = facts.demand["community"].map(facts.communities["zone"]).eq("南")
    empty = facts.demand.assign(aged_60=facts.demand["aged_60"].mask(nobody, 0.0))
    lost = figure(
        replace(facts, demand=empty), "balance", target="x", base=one, across="zone", measure="cv"
    )
    assert lost.why == ("parts_empty", {"parts": "南"})


@pytest.mark.parametrize("seed", range(3))
def test_circles_are_what_a_plain_loop_finds(seed):
    facts = district(seed)
    needs = [
        Need(kind="canteen", minutes=15),
        Need(kind="care_station", tier="point", minutes=10),
        Need(kind="shelter", minutes=5),
    ]
    found = completeness(facts, needs)
    columns = ["canteen", "care_station/point", "shelter"]
    total = {"aged_60": 0.0, "population": 0.0}
    lacking = dict.fromkeys(columns, 0.0)
    times, places = facts.times.to_dict("index"), found.places.to_dict("index")
    for d, home in facts.demand.to_dict("index").items():
        has = [times[d][c] <= n.minutes for c, n in zip(columns, needs, strict=True)]
        assert places[d]["has"] == sum(has)
        assert places[d]["complete"] == all(has)
        for group in total:
            total[group] += home[group] * all(has)
        for column, yes in zip(columns, has, strict=True):
            lacking[column] += home["aged_60"] * (not yes)
    for group, people in total.items():
        assert found.people.loc[group, "complete"] == people
    worst = max(lacking, key=lacking.get)
    assert found.lacking["need"].iloc[0].startswith(worst)
    assert found.lacking["aged_60"].iloc[0] == lacking[worst]
    value = figure(facts, "complete", requires=[need.model_dump() for need in needs]).value
    assert value == found.people.loc["aged_60", "share"]
    mean = (found.communities["complete"] * found.communities["people"]).sum()
    assert mean == pytest.approx(total["aged_60"])


def test_a_circle_of_a_kind_that_the_data_do_not_hold_is_missing():
    needs = [{"kind": "canteen", "minutes": 15}, {"kind": "health", "minutes": 15}]
    assert why(district(), "complete", requires=needs) == "no_kind"


def test_a_circle_of_tiers_that_the_data_do_not_tell_is_missing():
    needs = [{"kind": "shelter", "tier": "village", "minutes": 15}]
    assert why(district(), "complete", requires=needs) == "no_tier"
