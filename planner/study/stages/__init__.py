"""Stages of a run that are kept from run to run, and found again by all that they are made of."""

from planner.study.stages.codec import UnknownTypeError, named
from planner.study.stages.stages import Stages, only
from planner.study.stages.store import value_bytes, value_of_bytes

__all__ = ["Stages", "UnknownTypeError", "named", "only", "value_bytes", "value_of_bytes"]
