"""The records that plans, study areas and stages of runs are made of, as files may hold them."""

from __future__ import annotations

from planner.district.area import Input, StudyArea
from planner.district.assessment import Completeness
from planner.district.estimates import DataEstimate
from planner.district.fields import Understanding
from planner.district.travel_table import TravelTable
from planner.engine.capacity import Allocation, Delivery
from planner.engine.coverage import Coverage
from planner.engine.siting import Floor, Quota, Solution, Verification
from planner.errors import Problem
from planner.settings import DeliveryQuestion, ServiceQuestion, SitingQuestion
from planner.standards import Kind
from planner.study.allocation_study import DeliveryAnswer, ServiceAnswer
from planner.study.siting_study import SitingAnswer, Thinning
from planner.study.stages import named

# All that a kept value may hold beside tables, arrays, shapes and plain values.
RECORDS = named(
    Allocation, Completeness, Coverage, DataEstimate, Delivery, DeliveryAnswer, DeliveryQuestion,
    Floor, Input, Kind, Problem, Quota, ServiceAnswer, ServiceQuestion, SitingAnswer,
    SitingQuestion, Solution, StudyArea, Thinning, TravelTable, Understanding, Verification,
)  # fmt: skip
