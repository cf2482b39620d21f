"""The models of this package, in the order in which they are listed."""

from __future__ import annotations

from planner.engine.siting.model_register.spec import ModelSpec
from planner.engine.siting.models.center_dispersion import p_center, p_dispersion
from planner.engine.siting.models.covering import max_cover, set_cover
from planner.engine.siting.models.fairness import fair_cover
from planner.engine.siting.models.median import p_median
from planner.engine.siting.verification.further_checks import (
    CenterCheck,
    DispersionCheck,
    FairCheck,
)
from planner.engine.siting.verification.plan_check import CoverCheck, MedianCheck, SetCoverCheck

SPECS = (
    ModelSpec(
        id="max_cover",
        solve=max_cover,
        check=CoverCheck,
        table="covering",
        takes=("p", "times", "decay", "floors", "sizes", "weights", "years", "near_plans"),
        counts="people",
    ),
    ModelSpec(
        id="set_cover",
        solve=set_cover,
        check=SetCoverCheck,
        table="covering",
        takes=("share", "times", "floors", "sizes", "weights", "near_plans"),
        needs=(),
        counts="sites",
    ),
    ModelSpec(
        id="p_median",
        solve=p_median,
        check=MedianCheck,
        table="minutes",
        takes=("p", "beyond", "floors", "sizes", "weights", "near_plans"),
    ),
    ModelSpec(
        id="p_center",
        solve=p_center,
        check=CenterCheck,
        table="minutes",
        takes=("p", "weighted", "floors", "sizes", "weights", "near_plans"),
    ),
    ModelSpec(
        id="p_dispersion",
        solve=p_dispersion,
        check=DispersionCheck,
        table="sites",
        takes=("p",),
        needs=("p",),
    ),
    ModelSpec(
        id="fair_cover",
        solve=fair_cover,
        check=FairCheck,
        table="covering",
        takes=("p", "groups", "spread", "floors", "sizes", "weights"),
    ),
)
