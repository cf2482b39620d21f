"""Where to build: location models on an OD table, each with its proof.

The models `max_cover`, `set_cover`, `p_median`, `p_center` and `p_dispersion` share one description
of what may be chosen, `Rules`. Beside them, `fair_cover` asks for fairness, `phase_cover` for years
and `cover_together` for several kinds in shared buildings; `alternatives` and the fronts give plans
to choose between, and `thin` says what fewer candidates may cost.
`MODELS` lists what a scenario can ask for, and `register` adds to it.
"""

from planner.engine.siting.analysis.alternatives import Alternatives, alternatives
from planner.engine.siting.analysis.fronts import cover_front, mean_max_front, time_front
from planner.engine.siting.model_register import MODELS, ModelSpec, register
from planner.engine.siting.model_register.verify import verify
from planner.engine.siting.models.center_dispersion import p_center, p_dispersion
from planner.engine.siting.models.covering import max_cover, set_cover
from planner.engine.siting.models.fairness import Fair, fair_cover, fair_front
from planner.engine.siting.models.median import p_median
from planner.engine.siting.models.phases import Phased, check_phases, phase_cover
from planner.engine.siting.models.together import Together, check_joint_costs, cover_together
from planner.engine.siting.prepare.aggregate import AggregatedDemand, aggregate_points
from planner.engine.siting.prepare.demand_groups import by_group
from planner.engine.siting.prepare.euclidean_od import straight_od
from planner.engine.siting.prepare.rule_builders import too_close, zone_quotas
from planner.engine.siting.prepare.thinning import Thinned, thin
from planner.engine.siting.problem.choice import check_choice
from planner.engine.siting.problem.constraints import Floor, Quota
from planner.engine.siting.problem.measures import rank_within
from planner.engine.siting.problem.result import Solution, no_plan
from planner.engine.siting.problem.rules import Rules
from planner.engine.siting.verification.answer_check import Verification

__all__ = [
    "MODELS",
    "AggregatedDemand",
    "Alternatives",
    "Fair",
    "Floor",
    "ModelSpec",
    "Phased",
    "Quota",
    "Rules",
    "Solution",
    "Thinned",
    "Together",
    "Verification",
    "aggregate_points",
    "alternatives",
    "by_group",
    "check_choice",
    "check_joint_costs",
    "check_phases",
    "cover_front",
    "cover_together",
    "fair_cover",
    "fair_front",
    "max_cover",
    "mean_max_front",
    "no_plan",
    "p_center",
    "p_dispersion",
    "p_median",
    "phase_cover",
    "rank_within",
    "register",
    "set_cover",
    "straight_od",
    "thin",
    "time_front",
    "too_close",
    "verify",
    "zone_quotas",
]
