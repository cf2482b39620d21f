"""What the areas within reach tell: whose area a place is in, and how well streets serve a site."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.network.pieces import reached_edges
from planner.network.question import Question
from planner.network.reach import reach

_SPACING_M = 10.0


def responsibility_areas(asked: Question) -> gpd.GeoDataFrame:
    """Draw each facility's area: see `Network.responsibility_areas`."""
    network, at = asked.network, asked.facilities
    pieces = reached_edges(asked)
    whole = reach(asked, [asked.cutoff_min], dissolve=True)
    pieces = pieces[pieces.length > 0]
    if pieces.empty:
        table: dict[str, list[float]] = {"facility": [], "area_m2": []}
        return gpd.GeoDataFrame(table, geometry=[], crs=network.crs)
    steps = np.ceil(pieces.length.to_numpy() / _SPACING_M).astype(np.int64)
    owner = np.repeat(np.arange(len(pieces)), steps)
    turn = np.arange(len(owner)) - np.repeat(np.cumsum(steps) - steps, steps)
    share = (turn + 0.5) / steps[owner]
    spot = shapely.line_interpolate_point(
        np.asarray(pieces.geometry)[owner], share, normalized=True
    )
    place, first = np.unique(shapely.get_coordinates(spot), axis=0, return_index=True)
    who = pieces["facility"].to_numpy()[owner[first]]
    area = whole.geometry.iloc[0]
    cells: Any = shapely.voronoi_polygons(shapely.multipoints(place), extend_to=area, ordered=True)
    parts = gpd.GeoSeries(list(cells.geoms), crs=network.crs)
    joined = {name: shapely.coverage_union_all(np.asarray(one)) for name, one in parts.groupby(who)}
    order = [name for name in at.index if name in joined]
    geometry = [shapely.intersection(joined[name], area) for name in order]
    return gpd.GeoDataFrame(
        {"facility": order, "area_m2": shapely.area(geometry)}, geometry=geometry, crs=network.crs
    )


def shed_ratio(asked: Question) -> pd.DataFrame:
    """Compare reach with the circle: see `Network.shed_ratio`."""
    drawn = reach(asked, [asked.cutoff_min])
    area = pd.Series(drawn.area.to_numpy(), index=drawn["facility"]).reindex(asked.facility)
    circle = np.pi * (asked.cutoff_min * 60 * asked.speed_mps) ** 2
    return pd.DataFrame({"area_m2": area, "circle_m2": circle, "ratio": area / circle})
