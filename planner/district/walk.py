"""Walking parameters of a run: speed, largest snap distance, time limit."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from planner.district.area import StudyArea
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
            Tables of points on their label, in any number; labels are unique over all.
        within
            The limit in minutes; a pair beyond it has no row.

        Returns
        -------
        The OD table: ``demand``, ``facility`` (labels of start and end) and ``minutes``.
        """
        places = gpd.GeoSeries(pd.concat([end.geometry for end in ends]), crs=self.crs)
        return self.network.travel_times(
            start,
            places,
            cutoff_min=within,
            speed_mps=self.speed_mps,
            max_snap_m=self.max_snap_m,
        )

    def nearest(self, facilities: gpd.GeoDataFrame, within: float) -> pd.DataFrame:
        """Find the nearest facility of every demand point within a limit.

        Parameters
        ----------
        facilities
            Points on their label.
        within
            The limit in minutes.

        Returns
        -------
        On the demand point: ``facility`` (label) and ``minutes``, missing beyond the limit.
        """
        return self.network.nearest(
            self.homes,
            facilities.geometry,
            cutoff_min=within,
            speed_mps=self.speed_mps,
            max_snap_m=self.max_snap_m,
        )

    def rings(self, sites: gpd.GeoDataFrame, *minutes: float) -> gpd.GeoDataFrame:
        """Compute the areas within walking distance of sites, dissolved into one for each limit.

        Parameters
        ----------
        sites
            Points of the sites; there may be none.
        *minutes
            The time limits.

        Returns
        -------
        One row for each limit: ``minutes``, the polygon in the area's CRS; no row without sites.
        """
        if sites.empty:
            return gpd.GeoDataFrame({"minutes": []}, geometry=[], crs=self.crs)
        return self.network.reach(
            sites.geometry,
            minutes=minutes,
            speed_mps=self.speed_mps,
            max_snap_m=self.max_snap_m,
            dissolve=True,
        )
