"""What is held against what is required: facts, figures, the scorecard and what bureaus report."""

from planner.assessment.balance import by_unit, spread
from planner.assessment.circle import Completeness, completeness
from planner.assessment.facts import Facts, Figure, gather
from planner.assessment.indicators import INDICATORS, evaluate
from planner.assessment.reconcile import implied_denominator, reconcile
from planner.assessment.scorecard import readable, scorecard

__all__ = [
    "INDICATORS",
    "Completeness",
    "Facts",
    "Figure",
    "by_unit",
    "completeness",
    "evaluate",
    "gather",
    "implied_denominator",
    "readable",
    "reconcile",
    "scorecard",
    "spread",
]
