"""Find where lines do not make a network: crossings and ends without a shared vertex, doubles.

Streets of millions of vertices are looked through in seconds: segments that may meet are found by
a compiled search over a grid, and only those few are looked at exactly.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.engine.jit import compiled_late, compiled_part
from planner.engine.network.graph.arrays import Ground
from planner.engine.network.graph.noding import (
    BACK_TIMES,
    SAME_M,
    TOLERANCE_M,
    levels_of,
    vertex_at,
)
from planner.engine.network.graph.packed import line_parts
from planner.engine.network.graph.segments import build_ground, foot_on

_SPARE = 1e-6  # of a segment's length: what may meet is looked at exactly afterwards
_MIX_X, _MIX_Y = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


class Faults(NamedTuple):
    """Where lines do not make a network, n x 2 each in metres.

    ``crossings`` where lines cross without a shared vertex, on one level; ``near_ends`` where an
    end all but meets another line; ``doubles`` the middles of lines that are drawn twice.
    """

    crossings: np.ndarray
    near_ends: np.ndarray
    doubles: np.ndarray


def find_faults(lines: gpd.GeoDataFrame, tolerance_m: float = TOLERANCE_M) -> Faults:
    """Find where lines do not make a network.

    Parameters
    ----------
    lines
        The streets, in metres; ``layer``, ``bridge`` and ``tunnel`` say, where they are known,
        that lines cross without meeting.
    tolerance_m
        An end this near to another line all but meets it.

    Returns
    -------
    Places of crossings, near ends and doubles.
    """
    shapes = lines.geometry.to_numpy()
    parts, row = line_parts(shapes)
    filled = ~(shapely.is_missing(parts) | shapely.is_empty(parts))
    parts, row = parts[filled], row[filled]
    nothing = np.empty((0, 2))
    if not len(parts):
        return Faults(nothing, nothing, nothing)
    xy, line = shapely.get_coordinates(parts, return_index=True)
    start = np.concatenate([[0], np.cumsum(np.bincount(line, minlength=len(parts)))])
    level = levels_of(lines)[row].astype(np.int32)
    ground = build_ground(xy, start)
    xy.flags.writeable = False  # as in every network, so that one compiled foot fits all
    crossings = _crossings(ground, level)
    near = _near_ends(ground, start, level, tolerance_m)
    twice = _drawn_twice(parts, xy, start)
    middles = shapely.get_coordinates(
        shapely.line_interpolate_point(parts[twice], 0.5, normalized=True)
    )
    return Faults(_unique(crossings), _unique(near), middles)


def _crossings(ground: Ground, level: np.ndarray) -> np.ndarray:
    """Return where segments of one level cross without a shared vertex."""
    found = _pairs_that_may_cross(ground, level)
    pairs = np.unique(found, axis=0)
    if not len(pairs):
        return np.empty((0, 2))
    xy = ground.vertex_xy
    ends = [np.stack([xy[pairs[:, k]], xy[pairs[:, k] + 1]], axis=1) for k in (0, 1)]
    one, two = (np.asarray(shapely.linestrings(own), dtype=object) for own in ends)
    points = shapely.intersection(one, two)
    # One drawn over the other meets it along a line.
    at_point = np.flatnonzero((shapely.get_type_id(points) == 0) & ~shapely.is_empty(points))
    listed = []
    for i, where in zip(at_point, shapely.get_coordinates(points[at_point]), strict=True):
        place = vertex_at(where, ends[0][i], ends[1][i])
        if any(np.abs(ends[k][i] - place).max(axis=1).min() > 0 for k in (0, 1)):
            listed.append(place)
    return np.array(listed).reshape(-1, 2)


def _steps_of_pairs(ground: Ground, _: np.ndarray) -> float:
    """Return about how many steps it takes to look at the pairs of each cell."""
    each = np.diff(ground.cell_start)
    return 6.0 * float(each @ (each - 1))


@compiled_late(_steps_of_pairs)
def _pairs_that_may_cross(ground: Ground, level: np.ndarray) -> np.ndarray:
    """List pairs of segments in one cell that meet, or all but do, and share no end."""
    xy, line = ground.vertex_xy, ground.vertex_edge
    found = np.empty((1024, 2), np.int64)
    n = 0
    for cell in range(len(ground.cell_start) - 1):
        for p in range(ground.cell_start[cell], ground.cell_start[cell + 1]):
            i = int(ground.cell_segment[p])
            for q in range(p + 1, ground.cell_start[cell + 1]):
                j = int(ground.cell_segment[q])
                if level[line[i]] != level[line[j]]:
                    continue
                if line[i] == line[j] and abs(i - j) <= 1:
                    continue
                if not _may_meet(xy, i, j) or _share_end(xy, i, j):
                    continue
                if n == len(found):
                    more = np.empty((2 * n, 2), np.int64)
                    for k in range(n):  # a slice takes longer to compile than all the rest
                        more[k, 0], more[k, 1] = found[k, 0], found[k, 1]
                    found = more
                found[n, 0], found[n, 1] = min(i, j), max(i, j)
                n += 1
    return found[:n]


@compiled_part
def _may_meet(xy: np.ndarray, i: int, j: int) -> bool:
    for c in range(2):
        if max(xy[i, c], xy[i + 1, c]) < min(xy[j, c], xy[j + 1, c]) - SAME_M:
            return False
        if max(xy[j, c], xy[j + 1, c]) < min(xy[i, c], xy[i + 1, c]) - SAME_M:
            return False
    ax, ay = xy[i + 1, 0] - xy[i, 0], xy[i + 1, 1] - xy[i, 1]
    bx, by = xy[j + 1, 0] - xy[j, 0], xy[j + 1, 1] - xy[j, 1]
    gx, gy = xy[j, 0] - xy[i, 0], xy[j, 1] - xy[i, 1]
    cross = ax * by - ay * bx
    if abs(cross) <= 1e-12 * (abs(ax) + abs(ay)) * (abs(bx) + abs(by)):
        return True  # all but parallel, and their boxes meet
    t, u = (gx * by - gy * bx) / cross, (gx * ay - gy * ax) / cross
    return bool(-_SPARE <= t <= 1 + _SPARE and -_SPARE <= u <= 1 + _SPARE)


@compiled_part
def _share_end(xy: np.ndarray, i: int, j: int) -> bool:
    for k in range(4):
        a, b = i + k % 2, j + k // 2
        if abs(xy[a, 0] - xy[b, 0]) <= SAME_M and abs(xy[a, 1] - xy[b, 1]) <= SAME_M:
            return True
    return False


def _near_ends(
    ground: Ground, start: np.ndarray, level: np.ndarray, tolerance_m: float
) -> np.ndarray:
    """Return the ends that meet nothing and all but meet another line of their level."""
    xy = ground.vertex_xy
    alone = ~pd.Series(_keys(xy)).duplicated(keep=False).to_numpy()
    ends = np.stack([start[:-1], start[1:] - 1], axis=1).ravel()
    ends = ends[alone[ends]]
    near = _near_another(ground, level, ends, tolerance_m)
    found: np.ndarray = xy[ends[near]]
    return found


@compiled_late(lambda _ground, _level, ends, _tolerance_m: 20 * len(ends))
def _near_another(
    ground: Ground, level: np.ndarray, ends: np.ndarray, tolerance_m: float
) -> np.ndarray:
    """Return whether each end lies within a tolerance of another line on its level."""
    xy, line = ground.vertex_xy, ground.vertex_edge
    x0, y0, size = ground.frame[0], ground.frame[1], ground.frame[2]
    columns, rows = int(ground.frame[3]), int(ground.frame[4])
    found = np.zeros(len(ends), np.bool_)
    for k in range(len(ends)):
        x, y = xy[ends[k], 0], xy[ends[k], 1]
        own = line[ends[k]]
        west = min(max(int((x - tolerance_m - x0) / size), 0), columns - 1)
        east = min(max(int((x + tolerance_m - x0) / size), 0), columns - 1)
        south = min(max(int((y - tolerance_m - y0) / size), 0), rows - 1)
        north = min(max(int((y + tolerance_m - y0) / size), 0), rows - 1)
        for row in range(south, north + 1):
            for column in range(west, east + 1):
                cell = row * columns + column
                for p in range(ground.cell_start[cell], ground.cell_start[cell + 1]):
                    i = ground.cell_segment[p]
                    if level[line[i]] != level[own]:
                        continue
                    if line[i] == own and not _is_back(xy, ends[k], i, BACK_TIMES * tolerance_m):
                        continue
                    square, _ = foot_on(xy, i, x, y)
                    if square <= tolerance_m * tolerance_m:
                        found[k] = True
    return found


@compiled_part
def _is_back(xy: np.ndarray, end: int, i: int, least_m: float) -> bool:
    """Return whether so many metres lie along a line between its end and its segment i."""
    first, last = (end, i) if i >= end else (i + 1, end)
    metres = 0.0
    for j in range(first, last):
        dx, dy = xy[j + 1, 0] - xy[j, 0], xy[j + 1, 1] - xy[j, 1]
        metres += math.sqrt(dx * dx + dy * dy)
        if metres > least_m:
            return True
    return False


def _drawn_twice(parts: np.ndarray, xy: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return the lines that are drawn before already, in either direction."""
    # The sum of its vertices' keys tells a line, whichever way it is drawn; few share one.
    total = np.add.reduceat(_keys(xy), start[:-1])
    like = np.flatnonzero(pd.Series(total).duplicated(keep=False).to_numpy())
    if not len(like):
        return like
    wkb = shapely.to_wkb(shapely.normalize(parts[like]))
    again = pd.Series(wkb).duplicated().to_numpy()
    found: np.ndarray = like[again]
    return found


def _keys(xy: np.ndarray) -> np.ndarray:
    """Return a number for each place, the same within a micrometre of rounding."""
    step = np.rint(xy / SAME_M).astype(np.int64).view(np.uint64)
    mixed = step[:, 0] * _MIX_X ^ (step[:, 1] * _MIX_Y)
    mixed ^= mixed >> np.uint64(29)
    found: np.ndarray = mixed * _MIX_X
    return found


def _unique(points: np.ndarray) -> np.ndarray:
    if not len(points):
        return np.empty((0, 2))
    return np.unique(np.round(points, 3), axis=0)
