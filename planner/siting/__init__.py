"""Where to build: location models on an OD table, each with its proof."""

from planner.siting.extremes import p_center, p_dispersion
from planner.siting.limits import Quota
from planner.siting.models import max_cover, p_median, set_cover
from planner.siting.question import Rules
from planner.siting.result import Siting

__all__ = [
    "Quota",
    "Rules",
    "Siting",
    "max_cover",
    "p_center",
    "p_dispersion",
    "p_median",
    "set_cover",
]
