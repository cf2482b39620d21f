"""Settings of a run: what a scenario may say, and how overrides make it whole."""

from planner.settings.files import Communities, Demand, Facilities, NamedFile, Source, labelled
from planner.settings.means import spoken_of
from planner.settings.questions import ChangeEntry, DeliveryQuestion, ServiceQuestion
from planner.settings.resolve import resolve
from planner.settings.schema import CoverageSettings, Settings, StreetSettings, WalkSettings
from planner.settings.siting import SitingQuestion

__all__ = [
    "ChangeEntry",
    "Communities",
    "CoverageSettings",
    "DeliveryQuestion",
    "Demand",
    "Facilities",
    "NamedFile",
    "ServiceQuestion",
    "Settings",
    "SitingQuestion",
    "Source",
    "StreetSettings",
    "WalkSettings",
    "labelled",
    "resolve",
    "spoken_of",
]
