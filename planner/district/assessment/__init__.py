"""Assessment against targets: facts, indicators, the scorecard, and figures that bureaus report."""

from planner.district.assessment.balance import by_unit, spread
from planner.district.assessment.circle import Completeness, completeness
from planner.district.assessment.facts import Facts, Figure, gather, tier_of
from planner.district.assessment.indicators import INDICATORS, evaluate
from planner.district.assessment.reconcile import implied_denominator, reconcile
from planner.district.assessment.scorecard import by_street, check_year, scorecard
from planner.district.assessment.status import STATUSES, status_counts, status_of, statuses
from planner.district.assessment.words import (
    described,
    listing,
    readable,
    say,
    say_unit,
    scorecard_in_words,
)

__all__ = [
    "INDICATORS",
    "STATUSES",
    "Completeness",
    "Facts",
    "Figure",
    "by_street",
    "by_unit",
    "check_year",
    "completeness",
    "described",
    "evaluate",
    "gather",
    "implied_denominator",
    "listing",
    "readable",
    "reconcile",
    "say",
    "say_unit",
    "scorecard",
    "scorecard_in_words",
    "spread",
    "status_counts",
    "status_of",
    "statuses",
    "tier_of",
]
