"""In which datum points lie best: within the boundaries they name, and along the streets.

GCJ-02 and BD-09 shift a place by 300 to 1,200 m: enough to carry stations over a boundary and off
their street. Points are converted from each datum that may be meant, and the one is taken under
which most of them lie in the community or street that they name, and near a street.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from planner.district.matching import normal
from planner.engine.crs import WGS84, Datum, metric_crs, shift

NEAR_STREET_M = 35.0
MOST_POINTS = 3000
CLEAR, CLEAR_POINTS = 0.03, 3  # by how much a datum must lie better: a share, and so many points
BESIDE_DEG = 2.0  # of longitude that a zone is used beyond its own, at most
AROUND_M = 1500.0  # places farther from the district are not held against it
LEAST_NAMED = 0.5  # share of a column's cells that name an area, to be taken for its name
# CGCS2000 and the older Chinese datums in zones of three degrees: with and without the zone's
# number before the easting; and what Taiwan and Hong Kong count in.
METRES = (
    *(f"EPSG:{code}" for code in range(4513, 4534)),
    *(f"EPSG:{code}" for code in range(4534, 4555)),
    "EPSG:3826", "EPSG:3825", "EPSG:2326",
    *(f"EPSG:{code}" for code in range(32643, 32654)),
)  # fmt: skip


class Fit(NamedTuple):
    """How well points lie: shares within the district, in the area they name, near a street."""

    inside: float
    own: float | None
    near: float | None

    @property
    def score(self) -> float:
        """The sum of what is known."""
        return self.inside + (self.own or 0.0) + (self.near or 0.0)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What points are held against.

    Parameters
    ----------
    areas
        Communities: shapes in WGS 84, with their texts.
    streets
        Lines in WGS 84, where they are known.
    """

    areas: gpd.GeoDataFrame
    streets: gpd.GeoSeries | None = None

    @property
    def metric(self) -> pyproj.CRS:
        """A CRS in metres for the place."""
        west, south, east, north = self.areas.total_bounds
        return metric_crs((west + east) / 2, (south + north) / 2)


@dataclass(frozen=True, kw_only=True)
class DatumFit:
    """The datum or CRS under which points lie best.

    Parameters
    ----------
    name
        ``wgs84``, ``gcj02`` or ``bd09``, or an EPSG code for metres; None where nothing fits.
    fits
        How well they lie under each that was tried, best first.
    is_clear
        Whether it is better than the next by more than chance.
    around
        Which of the points lie in the district or close to it: those that were asked.
    """

    name: str | None
    fits: Mapping[str, Fit]
    is_clear: bool
    around: NDArray[np.bool_]


def best_datum(shapes: gpd.GeoSeries, table: pd.DataFrame, reference: Reference) -> DatumFit:
    """Find the datum of points in degrees whose file does not name it.

    Parameters
    ----------
    shapes
        Points without a CRS.
    table
        Their table, whose texts may name the community or street of each.
    reference
        What they are held against.

    Returns
    -------
    The datum.
    """
    datums: tuple[Datum, ...] = tuple(one for one in get_args(Datum) if one != "cgcs2000")
    tried: dict[str, gpd.GeoSeries] = {
        datum: shift(shapes.set_crs(WGS84, allow_override=True), datum, "to_wgs84")
        for datum in datums
    }
    return _best(tried, table, reference)


def best_crs(shapes: gpd.GeoSeries, table: pd.DataFrame, reference: Reference) -> DatumFit:
    """Find the CRS of points in metres whose file does not name it.

    Parameters
    ----------
    shapes
        Points without a CRS.
    table
        Their table.
    reference
        What they are held against.

    Returns
    -------
    The CRS, as an EPSG code.
    """
    west, _, east, _ = reference.areas.total_bounds
    middle = (west + east) / 2
    tried = {}
    for code in METRES:
        used = pyproj.CRS(code).area_of_use
        if used is None or not used.west - BESIDE_DEG < middle < used.east + BESIDE_DEG:
            continue
        moved = shapes.set_crs(code, allow_override=True).to_crs(WGS84)
        if np.isfinite(moved.total_bounds).all():
            tried[code] = moved
    return _best(tried, table, reference)


def _best(
    tried: Mapping[str, gpd.GeoSeries], table: pd.DataFrame, reference: Reference
) -> DatumFit:
    named = _named(table, reference.areas)
    around = shapely.buffer(reference.areas.to_crs(reference.metric).union_all(), AROUND_M)
    shapely.prepare(around)
    moved = {name: points.to_crs(reference.metric) for name, points in tried.items()}
    close = {name: shapely.intersects(around, p.to_numpy()) for name, p in moved.items()}
    asked = np.logical_or.reduce(list(close.values())) if close else np.zeros(0, dtype=bool)
    fits = {name: _fit(points[asked], named, reference) for name, points in moved.items()}
    order = sorted(fits, key=lambda name: -fits[name].score)
    if not asked.any() or fits[order[0]].inside == 0:
        return DatumFit(name=None, fits={}, is_clear=False, around=asked)
    best, *others = order
    lead = fits[best].score - (fits[others[0]].score if others else 0.0)
    is_clear = bool(lead >= CLEAR and lead * asked.sum() >= CLEAR_POINTS)
    in_order = {name: fits[name] for name in order}
    return DatumFit(name=best, fits=in_order, is_clear=is_clear, around=asked)


def _fit(points: gpd.GeoSeries, named: pd.Series | None, reference: Reference) -> Fit:
    if len(points) > MOST_POINTS:
        points = points.iloc[:: -(-len(points) // MOST_POINTS)]
    areas = reference.areas.to_crs(points.crs)
    row, area = areas.sindex.query(points.geometry, predicate="intersects")
    inside = len(np.unique(row)) / max(len(points), 1)
    own = None
    if named is not None:
        said = named.reindex(points.index)
        words, names = said.to_list(), areas["_names"].to_list()
        right = {int(r) for r, a in zip(row, area, strict=True) if words[r] in names[a]}
        own = len(right) / max(int(said.notna().sum()), 1)
    near = None
    if reference.streets is not None and len(reference.streets):
        lines = reference.streets.to_crs(points.crs)
        close = lines.sindex.query(
            shapely.buffer(points.to_numpy(), NEAR_STREET_M), predicate="intersects"
        )[0]
        near = len(np.unique(close)) / max(len(points), 1)
    return Fit(inside, own, near)


def with_names(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return areas with all their texts in one set each, by which a table may name them.

    Parameters
    ----------
    areas
        Communities as their file has them.

    Returns
    -------
    The areas, with a column of sets.
    """
    texts = [column for column in areas.columns if column != "geometry"]
    words = [
        frozenset(normal(cell) for cell in row if isinstance(cell, str) and cell.strip())
        for row in areas[texts].itertuples(index=False)
    ]
    return areas.assign(_names=pd.Series(words, index=areas.index, dtype=object))


def _named(table: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.Series | None:
    """Return which area each row names, by the column that tells most: of areas, most different."""
    known = frozenset().union(*areas["_names"]) if len(areas) else frozenset()
    best, most = None, 1
    for column in table.columns:
        if column == "geometry" or pd.api.types.is_numeric_dtype(table[column].dtype):
            continue
        words = table[column].map(lambda cell: normal(cell) if isinstance(cell, str) else None)
        hits = words.where(words.isin(known))
        if hits.notna().mean() >= LEAST_NAMED and hits.nunique() > most:
            best, most = hits, hits.nunique()
    return best
