"""Assessment against targets: facts, indicators, the scorecard, and figures that bureaus report."""

from planner.district.assessment.asked_columns import answers_of
from planner.district.assessment.balance import by_unit, spread
from planner.district.assessment.circle import Completeness, completeness
from planner.district.assessment.facts import Facts, Figure
from planner.district.assessment.gathering import gather
from planner.district.assessment.indicators import INDICATORS, evaluate
from planner.district.assessment.lack import Lack
from planner.district.assessment.lacking import lacking, lacks
from planner.district.assessment.lacking_words import LACKING, lacking_table, say_lacks
from planner.district.assessment.reconcile import implied_denominator, reconcile
from planner.district.assessment.scorecard import NEEDS_YEAR, by_street, check_year, scorecard
from planner.district.assessment.stand_ins import nothing_known
from planner.district.assessment.status import (
    NOT_APPLICABLE,
    STATUSES,
    applies,
    status_counts,
    status_of,
    statuses,
)
from planner.district.assessment.tiers import tier_of
from planner.district.assessment.words import (
    data_name,
    described,
    listing,
    readable,
    say,
    say_unit,
    scorecard_in_words,
    unit_name,
)

__all__ = [
    "INDICATORS",
    "LACKING",
    "NEEDS_YEAR",
    "NOT_APPLICABLE",
    "STATUSES",
    "Completeness",
    "Facts",
    "Figure",
    "Lack",
    "answers_of",
    "applies",
    "by_street",
    "by_unit",
    "check_year",
    "completeness",
    "data_name",
    "described",
    "evaluate",
    "gather",
    "implied_denominator",
    "lacking",
    "lacking_table",
    "lacks",
    "listing",
    "nothing_known",
    "readable",
    "reconcile",
    "say",
    "say_lacks",
    "say_unit",
    "scorecard",
    "scorecard_in_words",
    "spread",
    "status_counts",
    "status_of",
    "statuses",
    "tier_of",
    "unit_name",
]
