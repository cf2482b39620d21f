"""Reported figures beside computed ones: implied totals, agreement, contradictions."""

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.small_district import ask, district, profile

from planner.district.assessment import implied_denominator, reconcile, scorecard
from planner.district.assessment.reconcile import rounded_from
from planner.standards import with_reported


def verdicts(*asked, year=2023, entries=()):
    targets = with_reported(profile(*asked), entries)
    card = scorecard(district(), targets)
    return reconcile(card, targets, year).set_index("target")


def test_194_at_80_percent_implies_about_242_units():
    low, high = implied_denominator(194, "80%")
    assert (low, high) == (241, 244)
    assert low <= 242 <= high


@given(st.integers(1, 300), st.integers(1, 999))
def test_implied_totals_are_those_that_round_to_the_share(numerator, permille):
    share = f"{permille / 10:.1f}%"
    low, high = implied_denominator(numerator, share)
    half = Fraction(1, 2000)
    for total in range(max(1, low - 3), low + 4):
        near = abs(Fraction(numerator, total) - Fraction(permille, 1000)) <= half
        assert near == (low <= total <= high)
    for total in range(max(1, high - 3), high + 4):
        near = abs(Fraction(numerator, total) - Fraction(permille, 1000)) <= half
        assert near == (low <= total <= high)


def test_shares_are_read_as_printed():
    assert rounded_from("80%") == (Fraction(795, 1000), Fraction(805, 1000))
    assert rounded_from("0.51%") == (Fraction(505, 100_000), Fraction(515, 100_000))
    assert rounded_from("0.8") == (Fraction(3, 4), Fraction(17, 20))
    assert rounded_from("5‰") == (Fraction(45, 10_000), Fraction(55, 10_000))
    assert rounded_from("0%")[0] == 0


def test_shares_that_imply_different_totals_are_flagged_and_used_for_nothing():
    entries = [
        {"target": "t0", "numerator": 1696, "share": "0.51%", "total": "residents"},
        {"target": "t1", "numerator": 689, "share": "0.18%", "total": "residents"},
        {"target": "t2", "numerator": 1696, "share": "0.51%", "total": "others"},
    ]
    found = verdicts(*[ask("people", group="low_income")] * 3, entries=entries)
    assert list(found["verdict"]) == ["contradicts_itself", "contradicts_itself", "differs"]
    assert found["implied_high"]["t0"] < found["implied_low"]["t1"]
    assert "329,321" in found["note_en"]["t0"]
    assert "矛盾" in found["note_zh"]["t0"]


def test_a_number_a_share_and_a_total_must_fit_each_other():
    entries = [
        {"target": "t0", "numerator": 18, "share": "30.5%", "denominator": 59},
        {"target": "t1", "numerator": 18, "share": "30.5%", "denominator": 60},
        {"target": "t2", "numerator": 1, "share": "99%"},
    ]
    found = verdicts(*[ask("people", group="orphans")] * 3, entries=entries)
    assert list(found["verdict"]) == [
        "nothing_to_compare", "contradicts_itself", "contradicts_itself",
    ]  # fmt: skip


def test_what_agrees_and_what_differs():
    canteens = ask("facilities", kind="canteen")
    covered = ask("unit_coverage", kind="canteen", by=["has"])
    row = scorecard(district(), profile(covered)).iloc[0]
    share = f"{row['value']:.0%}"
    entries = [
        {"target": "t0", "numerator": 7},
        {"target": "t1", "numerator": 8},
        {"target": "t2", "numerator": 5, "or_more": True},
        {"target": "t3", "numerator": row["numerator"], "share": share},
        {"target": "t4", "share": "1%"},
        {"target": "t5", "denominator": row["denominator"]},
        {"target": "t6", "numerator": 7, "year": 2018},
    ]
    asked = [canteens, canteens, canteens, covered, covered, covered, canteens]
    found = verdicts(*asked, entries=entries)
    assert list(found["verdict"]) == [
        "agrees", "differs", "agrees", "agrees", "differs", "agrees", "other_year",
    ]  # fmt: skip
    assert found["denominator_agrees"]["t3"]


def test_a_count_is_not_compared_with_a_share():
    found = verdicts(ask("people", group="aged_60"), entries=[{"target": "t0", "share": "3%"}])
    assert pd.isna(found["share_agrees"]["t0"])
    assert found["verdict"]["t0"] == "nothing_to_compare"


def test_without_reports_there_is_nothing_to_reconcile():
    assert verdicts(ask("facilities", kind="canteen")).empty


@pytest.mark.parametrize("share", ["0%", "0.00%"])
def test_a_share_of_nothing_bounds_the_total_from_below_alone(share):
    low, high = implied_denominator(3, share)
    assert low > 0
    assert high > 10**18
