"""What is required, as data with a source: kinds, walking speeds and the catalogue of targets.

No figure of policy stands in code. Each document or standard is a TOML file in ``profiles``.
"""

from planner.standards.catalogue import (
    indicators,
    profile_names,
    read_profile,
    with_not_applicable,
    with_reported,
)
from planner.standards.presets import (
    KMH,
    Detour,
    Grade,
    Kind,
    Speed,
    StreetUsers,
    TravelMode,
    detour,
    kind_of,
    kinds,
    modes,
    speeds,
)
from planner.standards.targets import Need, Profile, Reported, Target
from planner.standards.themes import Theme, theme_of_kind, themes, themes_of, themes_ordered

__all__ = [
    "KMH",
    "Detour",
    "Grade",
    "Kind",
    "Need",
    "Profile",
    "Reported",
    "Speed",
    "StreetUsers",
    "Target",
    "Theme",
    "TravelMode",
    "detour",
    "indicators",
    "kind_of",
    "kinds",
    "modes",
    "profile_names",
    "read_profile",
    "speeds",
    "theme_of_kind",
    "themes",
    "themes_of",
    "themes_ordered",
    "with_not_applicable",
    "with_reported",
]
