"""Figures and the scorecard: against plain loops, and missing with a reason where they must be."""

import itertools
import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples, seeds
from support.small_district import CUTOFF, SHARE, TIERS, ask, district, figure, profile, why

from planner.district.assessment import (
    Facts,
    described,
    evaluate,
    listing,
    readable,
    say,
    scorecard,
    statuses,
)
from planner.errors import SettingsError
from planner.standards import kinds, profile_names, read_profile


def standing(facts: Facts, kind: str, tier: str | None = None) -> list[tuple[str, dict]]:
    return [
        (label, row)
        for label, row in facts.facilities.to_dict("index").items()
        if row["operating"] and row["kind"] == kind and (tier is None or row["tier"] == tier)
    ]


def members(facts: Facts, level: str) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for label, row in facts.communities.to_dict("index").items():
        out.setdefault(label if level == "community" else row[level], []).append(label)
    return out


def loop_units(
    facts: Facts, level: str, modes: Iterable[str], kind: str, tier: str | None
) -> tuple[int, int]:
    """Count units covered, and units, without a table in sight."""
    covered = counted = 0
    own = standing(facts, kind, tier)
    labels = {label for label, _ in own}
    column = kind if tier is None else f"{kind}/{tier}"
    links = facts.links.to_dict("records")
    homes = facts.demand.assign(minutes=facts.times[column]).to_dict("records")
    for inside in members(facts, level).values():
        points = [home for home in homes if home["community"] in inside]
        people = sum(home["aged_60"] for home in points)
        if people == 0:
            continue
        counted += 1
        yes = False
        for mode in modes:
            if mode == "has":
                yes |= any(row["community"] in inside for _, row in own)
            elif mode == "one_link":
                to = {x["facility"] for x in links if x["community"] in inside} & labels
                yes |= len(to) == 1
            else:
                part = 0.0
                for home in points:
                    if mode == "reached":
                        good = home["minutes"] <= CUTOFF
                    else:
                        good = any(
                            x["link"] == mode
                            and x["facility"] in labels
                            and x["community"] == home["community"]
                            for x in links
                        )
                    part += home["aged_60"] * good
                yes |= part >= SHARE * people
        covered += yes
    return covered, counted


MODES = ["has", "reached", "delivery", "assignment", "outreach", "one_link"]


@pytest.mark.parametrize(("seed", "level"), [(0, "community"), (1, "street"), (2, "zone")])
def test_unit_coverage_is_what_a_plain_loop_counts(seed, level):
    facts = district(seed)
    for kind, tiers in TIERS.items():
        for tier in {None, *tiers}:
            for modes in [[mode] for mode in MODES] + [["has", "delivery"], MODES]:
                values = {"kind": kind, "tier": tier, "unit": level, "by": modes}
                found = figure(facts, "unit_coverage", **values)
                covered, counted = loop_units(facts, level, modes, kind, tier)
                assert (found.numerator, found.denominator) == (covered, counted)
                assert found.value == pytest.approx(covered / counted)
                assert figure(facts, "units_covered", **values).value == covered


@pytest.mark.parametrize("seed", seeds(2))
def test_people_coverage_is_what_a_plain_loop_counts(seed):
    facts = district(seed)
    for tier, minutes, group in itertools.product([None, "full"], [5, 15], ["population", None]):
        column = "canteen" if tier is None else "canteen/full"
        who = group or "aged_60"
        pairs = zip(facts.demand[who], facts.times[column], strict=True)
        near = sum(people for people, walk in pairs if walk <= minutes)
        total = sum(facts.demand[who])
        for limit in ({"minutes": minutes}, {"metres": minutes * 60}):
            found = figure(
                facts, "people_coverage", kind="canteen", tier=tier, group=group, **limit
            )
            assert (found.numerator, found.denominator) == (near, total)
            assert found.unit == "share"


def test_people_of_several_kinds_walk_to_the_nearest_of_any():
    facts = district()
    both = figure(facts, "people_coverage", kind=["canteen", "shelter"])
    near = (facts.times[["canteen", "shelter"]] <= CUTOFF).any(axis=1)
    assert both.numerator == facts.demand.loc[near, "aged_60"].sum()


def test_an_upper_tier_does_not_stand_for_a_lower():
    facts = district()
    here = facts.facilities["kind"] == "canteen"
    facts = replace(
        facts,
        facilities=facts.facilities.assign(tier=facts.facilities["tier"].mask(here, "full")),
        times=facts.times.assign(**{"canteen/meal_point": np.nan}),
    )
    for by in ("has", "reached", "delivery"):
        asked = {"kind": "canteen", "by": [by]}
        assert figure(facts, "unit_coverage", tier="meal_point", **asked).numerator == 0
        full = figure(facts, "unit_coverage", tier="full", **asked).numerator
        if by != "reached":
            assert full == figure(facts, "unit_coverage", **asked).numerator
    assert figure(facts, "people_coverage", kind="canteen", tier="meal_point").numerator == 0


@pytest.mark.parametrize("seed", seeds(2))
def test_ratios_and_totals_are_what_a_plain_loop_sums(seed):
    facts = district(seed)
    own = standing(facts, "care_station")
    beds = sum(row["capacity"] for _, row in own)
    old = sum(facts.demand["aged_60"])
    found = figure(facts, "ratio", kind="care_station", of="aged_60", per=1000)
    assert found.value == pytest.approx(1000 * beds / old)
    assert found.unit == "places/1000 people"
    floor = sum(row["floor_area_m2"] for _, row in own)
    per_100 = figure(
        facts, "ratio", kind="care_station", column="floor_area_m2", of="households", per=100
    )
    assert per_100.value == pytest.approx(100 * floor / sum(facts.communities["households"]))
    each = figure(facts, "ratio", kind="care_station", column="floor_area_m2", of="capacity")
    assert each.value == pytest.approx(floor / beds)
    mean = figure(facts, "ratio", column="premises_m2", of="units")
    assert mean.value == pytest.approx(facts.communities["premises_m2"].mean())
    assert figure(facts, "capacity", kind="care_station").value == beds
    assert figure(facts, "facilities", kind="care_station").value == len(own)
    assert figure(facts, "people", group="aged_60").value == old
    assert figure(facts, "people", group="low_income").value == sum(facts.communities["low_income"])


@pytest.mark.parametrize("seed", seeds(2))
def test_what_was_added_and_is_planned(seed):
    facts = district(seed)
    own = standing(facts, "canteen")
    before = facts.earlier["capacity"].to_dict()
    new = [label for label, _ in own if label not in before]
    gained = sum(max(0, row["capacity"] - before.get(label, 0)) for label, row in own)
    assert figure(facts, "added", kind="canteen").value == len(new)
    assert figure(facts, "added", kind="canteen", column="capacity").value == gained
    assert figure(facts, "planned", kind="canteen").value == 2


@pytest.mark.parametrize("seed", seeds(2))
@pytest.mark.parametrize("level", ["community", "street"])
def test_units_that_meet_a_standard_and_what_the_others_lack(seed, level):
    facts = district(seed)
    passing, lacks = 0, []
    for inside in members(facts, level).values():
        have = sum(
            row["floor_area_m2"]
            for _, row in standing(facts, "care_station")
            if row["community"] in inside
        )
        need = 40 * sum(facts.communities.loc[inside, "households"]) / 100
        passing += have >= need
        lacks += [need - have] if have < need else []
    values = {"kind": ["care_station"], "column": "floor_area_m2", "of": "households"}
    one = ask("units_meeting", unit=level, per=100, least=40, must=0.9, **values)
    found = evaluate(facts, one)
    assert (found.numerator, found.denominator) == (passing, passing + len(lacks))
    assert found.deficits == pytest.approx(sorted(lacks))
    card = scorecard(facts, profile(one)).iloc[0]
    some = math.ceil(0.9 * (passing + len(lacks)) - 1e-9) - passing
    assert card["short_by"] == pytest.approx(sum(sorted(lacks)[: max(0, some)]))
    assert card["short_unit"] == "m2"


def test_a_range_is_met_between_its_ends():
    facts = district()
    found = figure(facts, "units_meeting", column="population", least=100, most=300)
    sums = facts.demand.groupby("community")["population"].sum().reindex(facts.communities.index)
    assert found.numerator == sums.between(100, 300).sum()


def test_facilities_that_meet_conditions():
    facts = district()
    frame = facts.facilities.assign(
        signs=["是", "no"] * 13 + ["有"], services="助餐；日托", star=["三星级", None, ""] * 9
    )
    facts = replace(facts, facilities=frame)
    own = frame[frame["operating"] & (frame["kind"] == "shelter")]
    good = figure(facts, "facility_share", kind="shelter", where={"signs": True})
    assert good.numerator == own["signs"].isin(["是", "有"]).sum()
    star = figure(facts, "facility_share", kind="shelter", where={"star": "*"})
    assert star.numerator == own["star"].eq("三星级").sum()
    assert figure(facts, "facility_share", kind="shelter", offers=["日托", "助餐"]).value == 1
    assert figure(facts, "facility_share", kind="shelter", offers=["日托", "助浴"]).value == 0
    each = {"floor_area_m2/capacity": [5, 20], "capacity": 20}
    found = figure(facts, "facility_share", kind="shelter", each=each)
    per = own["floor_area_m2"] / own["capacity"]
    assert found.numerator == (per.between(5, 20) & (own["capacity"] >= 20)).sum()
    big = figure(facts, "unit_coverage", kind="shelter", by=["has"], each={"capacity": 1e6})
    assert big.numerator == 0


def test_a_scope_narrows_who_counts_and_not_who_serves():
    facts = district()
    urban = facts.communities.index[facts.communities["settlement"] == "urban"]
    people = facts.demand[facts.demand["community"].isin(urban)]
    found = figure(facts, "people_coverage", kind="canteen", scope={"settlement": "urban"})
    assert found.denominator == people["aged_60"].sum()
    near = facts.times.loc[people.index, "canteen"] <= CUTOFF
    assert found.numerator == people.loc[near, "aged_60"].sum()
    count = figure(facts, "facilities", kind="canteen", scope={"settlement": "urban"})
    assert count.value == sum(row["community"] in urban for _, row in standing(facts, "canteen"))
    linked = figure(
        facts, "units_covered", kind="canteen", by=["delivery"], scope={"settlement": "urban"}
    )
    canteens = [label for label, _ in standing(facts, "canteen")]
    links = facts.links[
        (facts.links["link"] == "delivery") & facts.links["facility"].isin(canteens)
    ]
    served = (
        set(links["community"]) & set(urban) & set(people.loc[people["aged_60"] > 0, "community"])
    )
    assert linked.value == len(served)


def test_a_level_finer_than_communities_counts_by_its_own_word():
    facts = district()
    halves = facts.demand["community"] + np.where(np.arange(60) % 2, "-a", "-b")
    facts = replace(facts, demand=facts.demand.assign(hamlet=halves))
    assert why(facts, "unit_coverage", kind="canteen", unit="hamlet", by=["has"]) == "no_level"
    found = figure(facts, "unit_coverage", kind="canteen", unit="hamlet", by=["reached"])
    assert found.denominator == halves[facts.demand["aged_60"] > 0].nunique()


# Missing is missing


def test_what_cannot_be_had_is_missing_and_says_why():
    facts = district()
    assert why(facts, "facilities", kind="institution") == "no_kind"
    assert why(facts, "facilities", kind="shelter", tier="village") == "no_tier"
    graded = replace(facts, facilities=facts.facilities.assign(tier="aa"))
    assert why(graded, "facilities", kind="care_station", tier="room") == "no_tier"
    assert figure(graded, "facilities", kind="care_station", tier="aaa").value == 0
    assert why(facts, "capacity", kind="canteen", column="home_beds") == "no_column"
    assert why(facts, "people", group="orphans") == "no_group"
    assert why(facts, "people_coverage", kind="canteen", group="low_income") == "no_group"
    assert why(facts, "unit_coverage", kind="canteen", unit="parish", by=["has"]) == "no_level"
    assert why(facts, "facilities", kind="canteen", scope={"zone": "西"}) == "scope_empty"
    assert why(facts, "facilities", kind="canteen", scope={"estate": "new"}) == "no_level"
    assert why(facts, "unit_coverage", kind="canteen", by=["delivered"]) == "no_deliveries"
    assert why(facts, "served", kind="canteen") == "no_allocation"
    assert why(facts, "candidate_sites") == "no_candidates"
    assert why(replace(facts, earlier=None), "added", kind="canteen") == "no_year"
    times = facts.times.drop(columns="canteen/full")
    assert why(replace(facts, times=times), "people_coverage", kind="canteen", tier="full") == (
        "no_times"
    )
    unlinked = replace(facts, linked=frozenset({"shelter"}))
    assert why(unlinked, "unit_coverage", kind="canteen", by=["delivery"]) == "no_links"
    assert why(facts, "farthest", kind="canteen") == "beyond_search"


def test_capacity_missing_where_a_ratio_needs_it_is_never_nothing():
    facts = district()
    label = standing(facts, "canteen")[0][0]
    frame = facts.facilities.copy()
    frame.loc[label, "capacity"] = np.nan
    holed = replace(facts, facilities=frame)
    found = figure(holed, "ratio", kind="canteen", of="aged_60", per=1000)
    assert found.value is None
    rest = sum(
        row["capacity"] for row_label, row in standing(facts, "canteen") if row_label != label
    )
    assert found.why[0] == "some_missing"
    assert found.why[1] == {"column": "capacity", "n": 1, "of": 7, "known": f"{rest:,.0f}"}
    assert figure(holed, "ratio", kind="shelter", of="aged_60").value is not None
    card = scorecard(holed, profile(ask("ratio", kind="canteen", of="aged_60", must=1))).iloc[0]
    assert pd.isna(card["value"])
    assert pd.isna(card["pass"])
    assert pd.isna(card["short_by"])
    assert "1 of 7" in card["note_en"]
    assert "缺 1 项" in card["note_zh"]


def test_a_denominator_of_zero_gives_no_figure():
    facts = district()
    nobody = replace(facts, demand=facts.demand.assign(aged_60=0.0))
    assert why(nobody, "ratio", kind="canteen", of="aged_60") == "zero_denominator"
    assert why(nobody, "people_coverage", kind="canteen") == "zero_denominator"
    assert why(nobody, "unit_coverage", kind="canteen", by=["has"]) == "zero_denominator"
    none = replace(facts, facilities=facts.facilities.assign(operating=False))
    assert why(none, "facility_share", kind="canteen", each={"capacity": 1}) == "zero_denominator"
    assert figure(none, "facilities", kind="canteen").value == 0
    assert figure(none, "ratio", kind="canteen", of="aged_60").value == 0


def status(facts: Facts, indicator: str, **values: object) -> str:
    return statuses(scorecard(facts, profile(ask(indicator, **values)))).iloc[0]


def test_what_does_not_apply_is_told_apart_from_what_lacks_data():
    facts = district()
    urban = replace(facts, communities=facts.communities.assign(settlement="urban"))
    villages = {"kind": "canteen", "by": ["has"], "scope": {"settlement": "rural"}}
    assert status(urban, "unit_coverage", **villages) == "not_applicable"
    bare = replace(facts, communities=facts.communities.drop(columns="settlement"))
    assert status(bare, "unit_coverage", **villages) == "missing"
    holed = urban.communities["settlement"].mask(urban.communities.index == "c3")
    holed = replace(urban, communities=urban.communities.assign(settlement=holed))
    assert status(holed, "unit_coverage", **villages) == "missing"  # c3 may be a village
    assert why(holed, "unit_coverage", **villages) == "scope_unsaid"
    none = replace(facts, facilities=facts.facilities.assign(operating=False))
    assert status(none, "facility_share", kind="canteen", each={"capacity": 1}) == "not_applicable"
    assert status(none, "farthest", kind="canteen") == "not_applicable"
    assert status(facts, "facilities", kind="institution") == "missing"
    nobody = replace(facts, demand=facts.demand.assign(aged_60=0.0))
    assert status(nobody, "ratio", kind="canteen", of="aged_60") == "not_applicable"
    empty = facts.facilities.assign(capacity=0.0)
    ratio = {"kind": "canteen", "each": {"floor_area_m2/capacity": 1}}
    assert status(replace(facts, facilities=empty), "facilities", **ratio) == "missing"
    assert status(facts, "facilities", kind="canteen") == "listed"
    assert status(facts, "facilities", kind="canteen", not_applicable="none") == "not_applicable"


def test_a_yes_that_is_not_known_of_all_is_not_taken_for_a_no():
    facts = district()
    frame = facts.facilities.assign(signs=["是", None, "否"] * 9)
    found = why(
        replace(facts, facilities=frame), "facility_share", kind="shelter", where={"signs": True}
    )
    assert found == "some_missing"


# The scorecard


def test_shortfalls_are_in_the_unit_one_would_build():
    facts = district()
    old = sum(facts.demand["aged_60"])
    beds = sum(row["capacity"] for _, row in standing(facts, "care_station"))
    card = scorecard(
        facts,
        profile(
            ask("ratio", kind="care_station", of="aged_60", per=1000, must=5000, aim=6000),
            ask("facilities", kind="canteen", must=9),
            ask("unit_coverage", kind="canteen", by=["has"], must=1.0),
            ask("people_coverage", kind="canteen", must=1.0),
            ask("ratio", column="population", of="units", must=1, sense="at_most"),
            ask("facilities", kind="canteen", must=7, aim=8),
        ),
    )
    assert card["short_by"].iloc[0] == math.ceil(5 * old - beds)
    assert card["short_of_aim"].iloc[0] == math.ceil(6 * old - beds)
    assert card["short_by"].iloc[1] == 2
    for i in (2, 3):
        assert card["short_by"].iloc[i] == card["denominator"].iloc[i] - card["numerator"].iloc[i]
    assert card["short_by"].iloc[4] == pytest.approx(card["value"].iloc[4] - 1)
    assert list(card["short_unit"].iloc[:4]) == ["places", "facilities", "communities", "people"]
    assert list(card["pass"]) == [False] * 5 + [True]
    assert card["short_by"].iloc[5] == 0
    assert card["short_of_aim"].iloc[5] == 1
    assert not card["reaches_aim"].iloc[5]


@examples(15)
@given(st.floats(0, 1), st.integers(1, 6))
def test_building_what_is_short_is_enough_and_one_less_is_not(must, seed):
    facts = district(seed)
    one = ask("unit_coverage", kind="canteen", by=["has"], must=must)
    row = scorecard(facts, profile(one)).iloc[0]
    more = row["numerator"] + row["short_by"]
    assert more / row["denominator"] >= must - 1e-9
    if row["short_by"] > 0:
        assert (more - 1) / row["denominator"] < must


def test_steps_hold_by_the_year_and_say_when_they_are_due():
    facts = district()
    steps = {2022: 0.2, 2023: 0.4, 2024: 0.6, 2025: 0.75}
    one = profile(ask("unit_coverage", kind="canteen", by=["has"], must=steps))
    for year, must in steps.items():
        assert scorecard(facts, one, year)["must"].iloc[0] == must
    assert scorecard(facts, one, 2031)["must"].iloc[0] == 0.75
    early = scorecard(facts, one, 2021).iloc[0]
    assert early["due"] == 2022
    assert pd.isna(early["pass"])
    assert "2022" in early["note_en"]
    assert early["must"] == 0.2


def test_a_target_that_depends_on_the_year_needs_one():
    facts = replace(district(), year=None)
    asked = profile(
        ask("facilities", kind="canteen", must={2025: 3}),
        ask("added", kind="canteen"),
        ask("facilities", kind="canteen", must=3),
    )
    with pytest.raises(SettingsError) as error:
        scorecard(facts, asked)
    assert len(error.value.problems) == 2
    assert "year" in str(error.value.say("en"))


def test_row_order_changes_nothing():
    facts = district()
    mixed = replace(
        facts,
        communities=facts.communities.sample(frac=1, random_state=1),
        demand=facts.demand.sample(frac=1, random_state=2),
        facilities=facts.facilities.sample(frac=1, random_state=3),
        links=facts.links.sample(frac=1, random_state=4),
    )
    mixed = replace(mixed, times=facts.times.loc[mixed.demand.index])
    asked = profile(
        *(ask("unit_coverage", kind="canteen", by=[mode]) for mode in MODES),
        ask("people_coverage", kind="canteen"),
        ask("ratio", kind="canteen", of="aged_60", per=1000),
        ask("units_meeting", column="premises_m2", least=400),
        ask("complete", requires=[{"kind": "canteen", "minutes": 15}]),
    )
    pd.testing.assert_frame_equal(scorecard(facts, asked), scorecard(mixed, asked))


def test_readers_see_units_and_what_is_unverified():
    facts = district()
    card = scorecard(
        facts,
        profile(
            ask(
                "ratio", kind="care_station", of="aged_60", per=1000, must=5000, grade="unverified"
            ),
            ask("unit_coverage", kind="canteen", by=["has"], must=1.0, grade="verified"),
            ask("facilities", kind="institution", must=1, grade="secondary"),
        ),
    )
    for lang, mark in (("zh", "未核实"), ("en", "unverified")):
        table = readable(card, lang)
        assert list(table.index) == list(card.index)
        must = table.columns[5]
        assert mark in table[must].iloc[0]
        assert mark not in table[must].iloc[1]
        assert table.map(type).eq(str).all(axis=None)
    assert say(350, "m2/1 communities", "en") == "350 m² per community"
    assert say(20, "m2/100 households", "zh") == "20 平方米/100户"


def test_what_is_asked_keeps_its_unit_where_the_figure_is_missing():
    asked = profile(
        ask("ratio", kind="institution", of="aged_60", per=1000, must=40, grade="verified"),
        ask("people_coverage", kind="institution", must=0.85, grade="unverified"),
    )
    card = scorecard(district(), asked)
    assert card["value"].isna().all()
    must = readable(card, "en")["Must"]
    assert list(must) == ["40 beds per 1,000 people", "85.0% (unverified)"]
    assert list(described(asked, "en", kinds=kinds())["Must"]) == list(must)


def test_the_catalogue_is_listed_in_both_languages():
    for lang in ("zh", "en"):
        table = listing(lang)
        assert list(table.index) == profile_names()
        assert table.loc["ningbo-home-care"].iloc[1] == 0
        assert table.loc["ningbo-home-care"].iloc[-1]
        assert (table.iloc[:, 2:5].sum(axis=1) == table.iloc[:, 1]).all()
        for name in profile_names():
            own = described(read_profile(name), lang, kinds=kinds(), year=2023)
            assert own.map(type).eq(str).all(axis=None)


def test_numbers_keep_the_digits_that_tell_them_apart():
    assert say(0.26, "m2/1 people", "en") == "0.26 m² per person"
    assert say(0.0812, "index", "en").strip() == "0.081"
    assert say(31.716, "beds", "zh") == "31.7 张床位"
    assert say(39590, "places", "en") == "39,590 places"
    assert say(None, "beds", "en") == ""
