"""Several districts that share a number of sites or a budget: where do they do most good."""

from planner.engine.siting.across.part import Brief, PartAsk, PartQuestion, Told, answer, brief_of
from planner.engine.siting.across.whole import Across, PartPlan, site_across, too_little

__all__ = [
    "Across",
    "Brief",
    "PartAsk",
    "PartPlan",
    "PartQuestion",
    "Told",
    "answer",
    "brief_of",
    "site_across",
    "too_little",
]
