"""What runs of tests share, as the steps of a sweep do, and what they leave out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from planner.district.area import StudyArea
from planner.district.once import Once
from planner.district.reading.alike import reading_key
from planner.district.reading.extent import reach_m
from planner.district.reading.load import load_area
from planner.district.walk import Walk
from planner.settings import Settings
from planner.standards import Profile
from planner.study.stages import Stages


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


def computing_once(read_and_check: Callable[..., Any]) -> Callable[..., Any]:
    """Return what stands in for `read_and_check`, whose stages are those of all runs on an area.

    For areas read by `reading_once`; what is computed of them is not to be changed.
    """
    held: dict[int, tuple[StudyArea | None, Stages]] = {}  # an area stays: none after it has its id

    def checked(*asked: Any, **more: Any) -> Any:
        found, profile, stages = read_and_check(*asked, **more)
        _, area = found.found
        if stages.folder is None:
            _, stages = held.setdefault(id(area), (area, Stages(base=id(area))))
        return found, profile, stages

    return checked


@contextmanager
def without_circles() -> Iterator[None]:
    """Let plans have no circles on foot, as where a table gives the times."""

    def none(walk: Walk, *_: Any) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame({"minutes": []}, geometry=[], crs=walk.crs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Walk, "rings", none)
        yield
