"""Walking parameters of a run: speed, largest snap distance, time limit."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from planner.district.area import StudyArea
from planner.district.entrances import all_entrances, has_entrances
from planner.engine.network.graph.snapping import Points, Snapped
from planner.settings import Settings


class Walk:
    """Travel times and walking circles on the area's streets, with the settings' parameters.

    ``speed_mps`` is in metres a second, ``max_snap_m`` in metres.
    """

    def __init__(self, area: StudyArea, settings: Settings) -> None:
        self.area = area
        self.network = area.network
        self.crs = area.demand.crs
        self.speed_mps = settings.walk.speed.speed_mps
        self.max_snap_m = settings.walk.max_snap_m
        self._coverage = settings.coverage

    @property
    def metres_a_second(self) -> float | None:
        """The speed by which metres of street are minutes; None where each class has its own."""
        return self.speed_mps if self.network.unit == "m" else None

    def minutes(self, asked: float | None) -> float:
        """Return the time limit of a question: its own, or that of the coverage.

        Parameters
        ----------
        asked
            The question's limit in minutes; None where it has none.

        Returns
        -------
        Minutes.
        """
        return asked or self._coverage.cutoff_min

    def group(self, asked: str | None) -> str:
        """Return the group that counts in a question: its own, or that of the coverage.

        Parameters
        ----------
        asked
            The question's group; None where it has none.

        Returns
        -------
        A column of the demand that counts people.
        """
        return asked or self._coverage.group

    @property
    def homes(self) -> Snapped:
        """The demand points on the streets."""
        return self.area.homes(self.max_snap_m)

    def times(self, start: Points, *ends: gpd.GeoDataFrame, within: float) -> pd.DataFrame:
        """Compute the travel times from every start to every end within a limit.

        Parameters
        ----------
        start
            Points on their label, or what `Network.snap` made of them.
        *ends
            Tables of places on their label, in any number; labels are unique over all.
        within
            The limit in minutes; a pair beyond it has no row.

        Returns
        -------
        The OD table: ``demand``, ``facility`` (labels of start and end) and ``minutes``.
        """
        places = ends[0] if len(ends) == 1 else gpd.GeoDataFrame(pd.concat(ends), crs=self.crs)
        if self.area.travel is not None:
            return self.area.travel.times(start.index, places.index, within)
        return self.along_streets(start, places, within=within)

    def along_streets(
        self, start: Points, places: gpd.GeoDataFrame, *, within: float
    ) -> pd.DataFrame:
        """Compute the travel times along the streets, whatever table the scenario names.

        Parameters
        ----------
        start, within
            As for `times`.
        places
            Places on their label.

        Returns
        -------
        The OD table.
        """
        areas = has_entrances(places)
        found = self.network.travel_times(
            start,
            places.geometry[~areas],
            cutoff_min=within,
            speed_mps=self.speed_mps,
            max_snap_m=self.max_snap_m,
        )
        if not areas.any():
            return found
        home = self.network.snap(start, max_snap_m=self.max_snap_m)
        parts = [found]
        for place in places.index[areas]:
            one = self._nearest_from(home, places.loc[[place]], within).dropna(subset=["minutes"])
            parts.append(one.rename_axis("demand").reset_index())
        every = pd.concat([part for part in parts if len(part)] or parts)
        order = places.index.get_indexer(pd.Index(every["facility"]))
        ordered: pd.DataFrame = every.iloc[order.argsort(kind="stable")]
        return ordered.reset_index(drop=True)

    def nearest(self, facilities: gpd.GeoDataFrame, within: float) -> pd.DataFrame:
        """Find the nearest facility of every demand point within a limit.

        Parameters
        ----------
        facilities
            Places on their label, some of them perhaps areas with entrances.
        within
            The limit in minutes.

        Returns
        -------
        On the demand point: ``facility`` (label) and ``minutes``, missing beyond the limit.
        """
        if self.area.travel is not None:
            listed = _as_listed(facilities)
            found = self.area.travel.nearest(self.homes.index, pd.Index(listed), within)
            back = pd.Series(listed.index, index=listed)
            return found.assign(facility=found["facility"].map(back))
        return self._nearest_from(self.homes, facilities, within)

    def with_several(self, facilities: gpd.GeoDataFrame, count: int, within: float) -> pd.Index:
        """Find the demand points that have several facilities within a limit.

        Parameters
        ----------
        facilities
            Places on their label.
        count
            How many.
        within
            The limit in minutes.

        Returns
        -------
        Their labels.
        """
        if self.area.travel is not None:
            found = self.area.travel.times(self.homes.index, facilities.index, within)
            size = found["demand"].value_counts(sort=False)
            having: pd.Index[Any] = pd.Index(size[size >= count].index.tolist())
            return having
        near = self.network.nearest_k(
            self.homes,
            facilities.geometry,
            count,
            cutoff_min=within,
            speed_mps=self.speed_mps,
            max_snap_m=self.max_snap_m,
        )
        ranked: pd.Index[Any] = pd.Index(near.loc[near["rank"] == count, "demand"])
        return ranked

    def _nearest_from(self, start: Points, places: gpd.GeoDataFrame, within: float) -> pd.DataFrame:
        spots, place = all_entrances(places)
        found: pd.DataFrame = self.network.nearest(
            start,
            spots,
            cutoff_min=within,
            speed_mps=self.speed_mps,
            max_snap_m=self.max_snap_m,
        )
        if not has_entrances(places).any():
            return found
        number = found["facility"].to_numpy(float, na_value=-1).astype(int)
        labels = pd.api.extensions.take(place.array, number, allow_fill=True)
        return found.assign(facility=labels)

    def rings(self, sites: gpd.GeoDataFrame, *minutes: float) -> gpd.GeoDataFrame:
        """Compute the areas within walking distance of sites, dissolved into one for each limit.

        Parameters
        ----------
        sites
            The sites; there may be none.
        *minutes
            The time limits.

        Returns
        -------
        One row for each limit with ``minutes`` and its polygon, in the area's CRS; no row without
        sites, nor where a table gives the times.
        """
        if sites.empty or self.area.travel is not None:
            return gpd.GeoDataFrame({"minutes": []}, geometry=[], crs=self.crs)
        return self.network.reach(
            all_entrances(sites)[0],
            minutes=minutes,
            speed_mps=self.speed_mps,
            max_snap_m=self.max_snap_m,
            dissolve=True,
        )


def _as_listed(places: gpd.GeoDataFrame) -> pd.Series:
    """Return the labels that a table of travel times knows places by: sites as candidates."""
    own = pd.Series(places.index, index=places.index)
    if "candidate" not in places:
        return own
    known: pd.Series = places["candidate"].where(places["candidate"].notna(), own)
    return known
