"""Who has a facility within reach: the public names of the coverage engine."""

from planner.engine.coverage import (
    LEVELS,
    TOLERANCE_MIN,
    Coverage,
    gaps,
    measure,
)

__all__ = [
    "LEVELS",
    "TOLERANCE_MIN",
    "Coverage",
    "gaps",
    "measure",
]
