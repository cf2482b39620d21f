"""Changes of a scenario, made to a study area: facilities over the years, communities' borders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import shapely

from planner import changes
from planner.area import StudyArea
from planner.crs import WGS84, to_wgs84
from planner.errors import Problems, SettingsError
from planner.settings import Change, Settings
from planner.tables import in_operation

NEEDS = {
    "open": ("facility", "lon", "lat", "columns"),
    "close": ("facility",),
    "move": ("facility", "lon", "lat"),
    "expand": ("facility", "add"),
    "link": ("facility", "community"),
    "merge": ("communities", "into"),
    "split": ("community", "shares"),
    "convert": ("community",),
}


def bring_to_year(area: StudyArea, settings: Settings, year: int | None) -> StudyArea:
    """Make the changes of a scenario that have happened by a year.

    Parameters
    ----------
    area
        The study area as the data have it.
    settings
        The run's settings, with the changes.
    year
        The year; without one all changes are made, and what exists now operates.

    Returns
    -------
    The study area of the year; the same one where nothing changes.

    Raises
    ------
    SettingsError
        If a change lacks what its action needs.
    InputError
        If a change names what does not exist then, or does not add up.
    """
    if not settings.changes:
        operating = in_operation(area.facilities, year)
        return replace(area, facilities=area.facilities.assign(operating=operating))
    _check(settings)
    before = changes.District(
        communities=area.communities,
        demand=area.demand,
        facilities=area.facilities,
        links=area.links,
    )
    wanted = [_change(change, area) for change in settings.changes]
    after = changes.apply(before, wanted, year=year)
    facilities = after.facilities
    notes = tuple(
        (f"{note.key}.what", {"value": note.value, **note.params}) for note in after.notes
    )
    return replace(
        area,
        communities=after.communities.astype({"inside": bool}),
        demand=area.demand if after.demand is None else after.demand,
        facilities=facilities.assign(operating=in_operation(facilities, year)),
        links=after.links,
        notes=(*area.notes, *notes),
    )


def _check(settings: Settings) -> None:
    problems = Problems()
    for number, change in enumerate(settings.changes):
        for key in NEEDS[change.action]:
            if getattr(change, key) in (None, [], {}):
                problems.add("settings.missing_key", value=f"changes.{number}.{key}")
    problems.raise_any(SettingsError)


def _change(change: Change, area: StudyArea) -> changes.Change:
    makers: dict[str, Callable[[], changes.Change]] = {
        "open": lambda: changes.Open(
            year=change.year,
            facility=str(change.facility),
            at=_place(change, area),
            columns=change.columns,
        ),
        "close": lambda: changes.Close(year=change.year, facility=change.facility),
        "move": lambda: changes.Move(
            year=change.year, facility=change.facility, at=_place(change, area)
        ),
        "expand": lambda: changes.Expand(
            year=change.year, facility=change.facility, add=change.add
        ),
        "link": lambda: changes.Link(
            year=change.year,
            facility=change.facility,
            community=change.community,
            link=change.link,
            cease=change.cease,
        ),
        "merge": lambda: changes.Merge(
            year=change.year,
            communities=change.communities,
            into=str(change.into),
            name=change.name,
        ),
        "split": lambda: changes.Split(
            year=change.year, community=change.community, into=change.shares
        ),
        "convert": lambda: changes.Convert(
            year=change.year,
            community=change.community,
            settlement=change.settlement,
            name=change.name,
        ),
    }
    return makers[change.action]()


def _place(change: Change, area: StudyArea) -> shapely.Point:
    given: Any = (change.lon, change.lat)
    lon, lat = to_wgs84(given[0], given[1], change.datum)
    point = gpd.GeoSeries([shapely.Point(float(lon), float(lat))], crs=WGS84).to_crs(
        area.demand.crs
    )
    placed: Any = point.iloc[0]
    assert isinstance(placed, shapely.Point)  # noqa: S101
    return placed
