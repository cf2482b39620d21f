"""Settings of a run: what a scenario may say, and how overrides make it whole."""

from planner.settings.questions import Change, Delivery, Service
from planner.settings.resolve import resolve
from planner.settings.schema import (
    Communities,
    Coverage,
    Demand,
    Facilities,
    Settings,
    Source,
    Streets,
    Walk,
)
from planner.settings.siting import Siting

__all__ = [
    "Change",
    "Communities",
    "Coverage",
    "Delivery",
    "Demand",
    "Facilities",
    "Service",
    "Settings",
    "Siting",
    "Source",
    "Streets",
    "Walk",
    "resolve",
]
