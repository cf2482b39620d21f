"""What a file of streets itself tells of slopes: heights of its vertices, or a column of slopes."""

from __future__ import annotations

import math
import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.district.matching import normal
from planner.district.reading.files import Note
from planner.district.reading.road_words import INCLINE as TAG
from planner.engine.network import line_parts
from planner.engine.network.graph.places import number_places
from planner.engine.network.graph.slopes import distances, fill_between
from planner.settings.heights import INCLINE, LINES, METRES, Heights

HEIGHTS = "heights"  # of the vertices of a line, an array for each
SLOPE = "slope"  # rise over run along a line
STEEPEST = 1.0  # a column that says more is none of slopes
_NAMES = (TAG, "坡度", "纵坡", "纵坡度", "道路坡度", "slope", "grade", "gradient")
_PERCENT = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*[%％]")
_DEGREES = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*[°度]")
_RATIO = re.compile(r"([+-]?)1\s*[:：/]\s*(\d+(?:\.\d+)?)")
_MOST_NAMED = 5
APART_M = 2.0  # streets that meet differ by no more in height


def find_incline(
    lines: gpd.GeoDataFrame, named: str | None, heights: Heights | None, note: Note
) -> str | None:
    """Find the column of slopes, where the scenario asks for it.

    Parameters
    ----------
    lines
        The streets as read.
    named
        The column that the scenario names; None for none.
    heights
        Where heights come from.
    note
        Collects what is wrong: no such column.

    Returns
    -------
    The column; None where slopes come from elsewhere, or there is none.
    """
    if heights is None or heights.file != INCLINE:
        return None
    plain = {normal(column): str(column) for column in reversed(lines.columns)}
    found = [plain[normal(name)] for name in _NAMES if normal(name) in plain]
    column = named or next((name for name in found if lines[name].notna().any()), None)
    if column is None:
        note("heights.no_incline", value=TAG)
    return column


def with_slopes(column: pd.Series, note: Note) -> Any:
    """Return what a column says of slopes.

    Parameters
    ----------
    column
        Such as ``8%``, ``-3 %``, ``4°`` or ``1:12``, in the direction in which the line is drawn.
    note
        Collects what is wrong: nothing in it can be read.

    Returns
    -------
    Rise over run of each line, NaN where that is not said.
    """
    said = column.dropna().astype(str).str.strip()
    known = {word: slope_of(word) for word in said.unique()}
    slope = column.map(lambda cell: known.get(str(cell).strip(), math.nan)).to_numpy(np.float64)
    if np.isnan(slope).all():
        words = ", ".join(list(known)[:_MOST_NAMED])
        note("heights.no_slopes", value=column.name, words=words)
    return slope


def slope_of(word: str) -> float:
    """Return what a word says of a slope.

    Parameters
    ----------
    word
        A percentage, an angle or a ratio.

    Returns
    -------
    Rise over run; NaN where it says no figure, one without a unit, or one of no street.

    Examples
    --------
    >>> slope_of("-5 %"), slope_of("1:20"), slope_of("up"), slope_of("0.05")
    (-0.05, 0.05, nan, nan)
    """
    if found := _PERCENT.fullmatch(word):
        slope = float(found[1]) / 100
    elif found := _DEGREES.fullmatch(word):
        degrees = float(found[1])
        slope = math.tan(math.radians(degrees)) if abs(degrees) < 89 else math.inf
    elif (found := _RATIO.fullmatch(word)) and float(found[2]) > 0:
        slope = (-1 if found[1] == "-" else 1) / float(found[2])
    else:
        return math.nan
    return slope if abs(slope) <= STEEPEST else math.nan


def with_heights(lines: gpd.GeoDataFrame, heights: Heights | None, note: Note) -> gpd.GeoDataFrame:
    """Return streets with their heights in a column, as a way to another CRS drops them.

    Parameters
    ----------
    lines
        The streets, a line without parts each.
    heights
        Where heights come from.
    note
        Collects what is wrong: no line has any, or all are zero.

    Returns
    -------
    The streets without Z; with ``heights`` (metres, an array a line) where they are to count.
    """
    shapes = lines.geometry.to_numpy()
    tall = bool(shapely.has_z(shapes).any())
    flat = lines.set_geometry(shapely.force_2d(shapes), crs=lines.crs) if tall else lines
    if heights is None or heights.file != LINES:
        return flat
    xyz, line = shapely.get_coordinates(shapes, include_z=True, return_index=True)
    z = xyz[:, 2] * METRES[heights.unit or "m"]
    if np.isnan(z).all():
        note("heights.no_z", value="Z")
    elif not np.nan_to_num(z).any():
        note("heights.all_zero", value=0)
    parts = np.split(z, np.flatnonzero(np.diff(line)) + 1)
    column = np.empty(len(lines), object)
    column[:] = parts
    return gpd.GeoDataFrame(flat.assign(**{HEIGHTS: column}))


def raised(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give vertices their heights back.

    Parameters
    ----------
    lines
        The streets, perhaps with a column ``heights``.

    Returns
    -------
    The streets with Z, without the column.
    """
    if HEIGHTS not in lines:
        return lines
    shapes = lines.geometry.to_numpy()
    xy, line = shapely.get_coordinates(shapes, return_index=True)
    z = np.concatenate(list(lines[HEIGHTS])) if len(lines) else np.empty(0)
    tall: Any = shapely.linestrings(np.column_stack([xy, z]), indices=line)
    return lines.drop(columns=HEIGHTS).set_geometry(tall, crs=lines.crs)


def apart(lines: gpd.GeoDataFrame, file: str) -> list[tuple[str, dict[str, object]]]:
    """Return a remark where streets that share a vertex have heights far apart there.

    Parameters
    ----------
    lines
        The streets in metres, perhaps with Z.
    file
        What messages call them.

    Returns
    -------
    The remark, with the first few places; none where there is nothing to remark on.
    """
    shapes = lines.geometry.to_numpy()
    if not shapely.has_z(shapes).any():
        return []
    known = shapely.get_coordinates(shapes, include_z=True)
    known = known[~np.isnan(known[:, 2])]
    place, first = number_places(known[:, :2].copy())
    low, high = np.full(len(first), np.inf), np.full(len(first), -np.inf)
    np.minimum.at(low, place, known[:, 2])
    np.maximum.at(high, place, known[:, 2])
    far = np.flatnonzero(high - low > APART_M)
    if not len(far):
        return []
    where = ", ".join(f"({x:.1f}, {y:.1f})" for x, y in known[first[far[:_MOST_NAMED]], :2])
    told = {"file": file, "n": len(far), "metres": f"{APART_M:g}", "where": where}
    return [("heights.apart", told)]


def carried(lines: gpd.GeoDataFrame, before: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give lines that were joined the heights of the vertices that they had before.

    Parameters
    ----------
    lines
        The streets as joined, without Z.
    before
        The same before they were joined, perhaps with Z.

    Returns
    -------
    The streets with Z: a vertex that is new lies on the straight between its neighbours.
    """
    had = before.geometry.to_numpy()
    if not shapely.has_z(had).any():
        return lines
    known = shapely.get_coordinates(had, include_z=True)
    parts, row = line_parts(lines.geometry.to_numpy())
    xy, line = shapely.get_coordinates(parts, return_index=True)
    place, first = number_places(np.concatenate([known[:, :2], xy]))
    height = np.full(len(first), np.nan)
    height[place[: len(known)]] = known[:, 2]
    start = np.searchsorted(line, np.arange(len(parts) + 1))
    z = fill_between(distances(xy, start)[0], height[place[len(known) :]], start)
    tall: Any = shapely.linestrings(np.column_stack([xy, z]), indices=line)
    return lines.iloc[row].set_geometry(tall, crs=lines.crs)
