"""How residents walk in a run: at whose speed, from how far off the streets, within which limit."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from planner.district.area import StudyArea
from planner.settings import Settings


class Walk:
    """Walks the area's streets as the settings say."""

    def __init__(self, area: StudyArea, settings: Settings) -> None:
        self.network = area.network
        self.crs = area.demand.crs
        self.speed_mps = settings.walk.speed.speed_mps
        self.max_snap_m = settings.walk.max_snap_m
        self._coverage = settings.coverage

    def minutes(self, asked: float | None) -> float:
        """Tell the limit of a question: its own, or that of the coverage."""
        return asked or self._coverage.cutoff_min

    def group(self, asked: str | None) -> str:
        """Tell who counts in a question: its own group, or that of the coverage."""
        return asked or self._coverage.group

    def times(self, start: gpd.GeoSeries, *ends: gpd.GeoDataFrame, within: float) -> pd.DataFrame:
        """Walk from every start to every end within so many minutes."""
        places = gpd.GeoSeries(pd.concat([end.geometry for end in ends]), crs=self.crs)
        return self.network.travel_times(
            start,
            places,
            cutoff_min=within,
            speed_mps=self.speed_mps,
            max_snap_m=self.max_snap_m,
        )

    def rings(self, sites: gpd.GeoDataFrame, minutes: float) -> gpd.GeoDataFrame:
        """Draw the circle on foot around sites, dissolved."""
        if sites.empty:
            return gpd.GeoDataFrame({"minutes": []}, geometry=[], crs=self.crs)
        return self.network.reach(
            sites.geometry,
            minutes=(minutes,),
            speed_mps=self.speed_mps,
            max_snap_m=self.max_snap_m,
            dissolve=True,
        )
