"""What layers of facilities have in common: those in operation, kind by kind."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import pandas as pd

from planner.study.plan import Plan


def by_kind(
    plan: Plan, columns: list[str], make: Callable[[str, gpd.GeoDataFrame], gpd.GeoDataFrame]
) -> gpd.GeoDataFrame:
    """Return what is made of the facilities of each kind, under each other.

    Parameters
    ----------
    plan
        The plan.
    columns
        Columns of the result.
    make
        Makes a frame with those columns, but for ``kind``, of a kind and its facilities in
        operation.

    Returns
    -------
    What is made of the facilities of each kind, under each other.
    """
    facilities = plan.area.operating
    crs = plan.area.demand.crs
    parts = []
    for kind in plan.kinds:
        own = facilities[facilities["kind"] == kind]
        if len(own):
            parts.append(make(kind, own).assign(kind=kind))
    parts = [part for part in parts if len(part)]
    if not parts:
        return gpd.GeoDataFrame(columns=columns, geometry=[], crs=crs)
    found = pd.concat(parts, ignore_index=True)
    return gpd.GeoDataFrame(found[[*columns, "geometry"]], crs=crs)
