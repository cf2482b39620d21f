"""Apply a scenario's changes to a study area: facilities and borders of communities by year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import shapely

from planner.district import changes
from planner.district.area import StudyArea
from planner.district.tables import in_operation
from planner.engine.crs import WGS84, to_wgs84
from planner.errors import InputError, Problems, did_you_mean
from planner.settings import ChangeEntry, Settings


def bring_to_year(area: StudyArea, settings: Settings, year: int | None) -> StudyArea:
    """Return the study area with the changes of a scenario made that have happened by a year.

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
    InputError
        If a change places a facility off the streets, names what does not exist then, or does not
        add up.
    """
    if not settings.changes:
        operating = in_operation(area.facilities, year)
        return area.with_tables(facilities=area.facilities.assign(operating=operating))
    _check_places(area, settings)
    before = changes.District(
        communities=area.communities,
        demand=area.demand,
        facilities=area.facilities,
        links=area.links,
    )
    wanted = [
        replace(_change(change, area), where=f"changes.{number}")
        for number, change in enumerate(settings.changes)
    ]
    after = changes.apply(before, wanted, year=year)
    facilities = after.facilities
    notes = tuple(
        (f"{note.key}.what", {"value": note.value, **note.params}) for note in after.notes
    )
    return area.with_tables(
        communities=after.communities.astype({"inside": bool}),
        demand=area.demand if after.demand is None else after.demand,
        facilities=facilities.assign(operating=in_operation(facilities, year)),
        links=after.links,
        notes=(*area.notes, *notes),
    )


def _check_places(area: StudyArea, settings: Settings) -> None:
    """Check that what opens or moves stands on the streets."""
    problems = Problems()
    for number, change in enumerate(settings.changes):
        if change.action not in {"open", "move"}:
            continue
        kind = change.columns.get("kind")
        if kind is not None and kind not in area.kinds:
            problems.add(
                "area.unknown_kind",
                file=f"changes.{number}",
                value=kind,
                hint=did_you_mean(kind, area.kinds),
            )
        place = gpd.GeoSeries([_place(change, area)], crs=area.demand.crs)
        off = area.network.snap(place, max_snap_m=settings.walk.max_snap_m).unreachable
        if len(off):
            metres = off["nearest_m"].map("{:,.0f}".format).iloc[0]
            problems.add(
                "years.off_streets",
                file=f"changes.{number}",
                value=change.facility,
                metres=metres,
            )
    problems.raise_any(InputError)


def _change(change: ChangeEntry, area: StudyArea) -> changes.Change:
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


def _place(change: ChangeEntry, area: StudyArea) -> shapely.Point:
    given: Any = (change.lon, change.lat)
    lon, lat = to_wgs84(given[0], given[1], change.datum)
    point = gpd.GeoSeries([shapely.Point(float(lon), float(lat))], crs=WGS84).to_crs(
        area.demand.crs
    )
    placed: Any = point.iloc[0]
    assert isinstance(placed, shapely.Point)  # noqa: S101
    return placed
