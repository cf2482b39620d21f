"""Scenarios that read the same of the same files share what is read, as in a sweep."""

from collections.abc import Callable
from pathlib import Path

from planner.district.area import StudyArea
from planner.district.once import Once
from planner.district.reading.alike import reading_key
from planner.district.reading.extent import reach_m
from planner.district.reading.load import load_area
from planner.settings import Settings
from planner.standards import Profile


def reading_once() -> Callable[..., StudyArea]:
    """Return what stands in for `load_area`; what it gives is not to be changed.

    For files that stay as they are.
    """
    areas: dict[str, StudyArea] = {}

    def read(
        settings: Settings, folder: Path, profile: Profile | None = None, once: Once | None = None
    ) -> StudyArea:
        if once is not None:  # it reads anew itself what differs, and no more
            return load_area(settings, folder, profile, once)
        key = f"{folder.resolve()} {reading_key(settings)}"
        if ".pbf" in key:  # an extract is read as far as anybody goes
            key += f" {reach_m(settings)}"
        if key not in areas:
            areas[key] = load_area(settings, folder, profile)
        return areas[key]

    return read
