"""Join streets that are drawn as lines which cross or all but meet without a shared vertex.

Lines from a survey cross where streets do, and share no vertex there; their ends miss one another
by centimetres. Read as they are, nobody turns a corner on them.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array

TOLERANCE_M = 0.5
SAME_M = 1e-6
BACK_TIMES = 4.0  # an end meets its own line where so many tolerances lie between along it
_CHUNK = 200_000


class _Drawing:
    """Lines as lists of vertices, and what level each is on."""

    def __init__(self, lines: gpd.GeoDataFrame) -> None:
        parts = lines.explode(index_parts=False)
        parts = parts[~(parts.geometry.isna() | parts.geometry.is_empty)]
        self.frame = parts.reset_index(drop=True)
        xy, owner = shapely.get_coordinates(self.frame.geometry.to_numpy(), return_index=True)
        starts = np.flatnonzero(np.diff(owner, prepend=-1))[1:]
        self.vertices = np.split(xy, starts)
        self.level = levels_of(self.frame)

    def segments(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the segments as lines, the line of each, and its place along it."""
        count = np.array([len(own) - 1 for own in self.vertices])
        pairs = np.concatenate(
            [np.stack([own[:-1], own[1:]], axis=1) for own in self.vertices]
        ).reshape(-1, 2, 2)
        line = np.repeat(np.arange(len(count)), count)
        place = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
        drawn: Any = shapely.linestrings(pairs)
        return drawn, line, place

    def insert(self, new: dict[int, list[tuple[int, float, np.ndarray]]]) -> None:
        """Insert vertices into lines.

        Parameters
        ----------
        new
            By line: behind which vertex, how far on, and where.
        """
        for line, points in new.items():
            points.sort(key=lambda point: point[:2])
            at = [place + 1 for place, _, _ in points]
            xy = np.array([where for _, _, where in points])
            grown = np.insert(self.vertices[line], at, xy, axis=0)
            keep = np.r_[True, np.any(np.diff(grown, axis=0) != 0, axis=1)]
            self.vertices[line] = grown[keep]

    def lines(self) -> gpd.GeoDataFrame:
        """Return the lines with the vertices that they have now."""
        counts = [len(own) for own in self.vertices]
        owner = np.repeat(np.arange(len(counts)), counts)
        shapes = shapely.linestrings(np.concatenate(self.vertices), indices=owner)
        return self.frame.set_geometry(shapes).set_crs(self.frame.crs, allow_override=True)


def levels_of(lines: gpd.GeoDataFrame) -> np.ndarray:
    """Return which lines are on one level, by layer, bridge and tunnel.

    Parameters
    ----------
    lines
        The streets (n); columns ``layer``, ``bridge`` and ``tunnel`` count where they are there.

    Returns
    -------
    A number (n) for each line: two of one number can meet.
    """
    levels = [column for column in ("layer", "bridge", "tunnel") if column in lines]
    found = np.zeros(len(lines), int)
    for column in levels:
        said = lines[column].fillna("").astype(str)
        said = said.replace({"no": "", "0": "", "0.0": "", "F": "", "False": "", "<NA>": ""})
        codes, words = pd.factorize(said)
        found = found * len(words) + codes
    return pd.factorize(found)[0]


def join_lines(lines: gpd.GeoDataFrame, tolerance_m: float = TOLERANCE_M) -> gpd.GeoDataFrame:
    """Join lines to a network: at crossings on one level, and where ends all but meet.

    Ends within the tolerance of one another become one place; an end within the tolerance of
    another line on its level becomes a vertex of it; lines that cross on one level get a vertex
    there. A line no longer than the tolerance whose ends fall together is dropped.

    Parameters
    ----------
    lines
        The streets, in metres; ``layer``, ``bridge`` and ``tunnel`` say, where they are known,
        that lines cross without meeting.
    tolerance_m
        Ends this near to another line are joined to it, metres.

    Returns
    -------
    One row for each part of a line, numbered from 1, with the columns of the lines.
    """
    drawing = _Drawing(lines)
    _gather_ends(drawing, tolerance_m)
    for found in (_near_ends(drawing, tolerance_m), None):
        new: dict[int, list[tuple[int, float, np.ndarray]]] = {}
        points = _crossings(drawing) if found is None else found
        for line, place, share, point in points:
            new.setdefault(line, []).append((place, share, point))
        drawing.insert(new)
    joined = drawing.lines()
    return joined.set_axis(range(1, len(joined) + 1))


def _gather_ends(drawing: _Drawing, tolerance_m: float) -> None:
    """Move ends that lie within the tolerance of one another to one place."""
    # Slow to load, and kept streets need neither.
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415
    from scipy.spatial import cKDTree  # noqa: PLC0415

    ends = np.array([own[i] for own in drawing.vertices for i in (0, -1)])
    pairs = cKDTree(ends).query_pairs(tolerance_m, output_type="ndarray")
    n = len(ends)
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    group = connected_components(links, directed=False)[1]
    first = np.unique(group, return_index=True)[1]
    keep = []
    for line, own in enumerate(drawing.vertices):
        start, end = ends[first[group[2 * line]]], ends[first[group[2 * line + 1]]]
        drawing.vertices[line] = np.concatenate([[start], own[1:-1], [end]])
        length = np.hypot(*np.diff(own, axis=0).T).sum()
        keep.append(length > tolerance_m or group[2 * line] != group[2 * line + 1])
    drawing.vertices = [own for own, kept in zip(drawing.vertices, keep, strict=True) if kept]
    drawing.frame = drawing.frame[keep].reset_index(drop=True)
    drawing.level = drawing.level[keep]


def _near_ends(drawing: _Drawing, tolerance_m: float) -> list[tuple[int, int, float, np.ndarray]]:
    """List the ends that all but meet another line: the line, its place and share, and the end."""
    segments, line, place = drawing.segments()
    own = np.repeat(np.arange(len(drawing.vertices)), 2)
    ends = np.array([vertices[i] for vertices in drawing.vertices for i in (0, -1)])
    points: Any = shapely.points(ends)
    tree = shapely.STRtree(segments)
    at, near = tree.query(points, predicate="dwithin", distance=tolerance_m)
    other = (line[near] != own[at]) | _comes_back(drawing, at, line[near], place[near], tolerance_m)
    other &= drawing.level[line[near]] == drawing.level[own[at]]
    at, near = at[other], near[other]
    distance: Any = shapely.distance(points[at], segments[near])
    found: dict[tuple[Any, ...], tuple[float, int, int]] = {}
    for i, segment, metres in zip(at, near, distance, strict=True):
        key = (line[segment], *ends[i])
        if key not in found or metres < found[key][0]:
            found[key] = (metres, i, segment)
    listed = []
    for (which, *_), (_, i, segment) in found.items():
        vertices = drawing.vertices[which]
        if which == own[i]:  # the end itself is one of its own vertices
            vertices = vertices[1:] if i % 2 == 0 else vertices[:-1]
        if np.any(np.all(np.abs(vertices - ends[i]) <= SAME_M, axis=1)):
            continue  # they share a vertex
        vertices = drawing.vertices[which]
        a, b = vertices[place[segment]], vertices[place[segment] + 1]
        listed.append((int(which), int(place[segment]), _share(a, b, ends[i]), ends[i]))
    return listed


def _comes_back(
    drawing: _Drawing, at: np.ndarray, line: np.ndarray, place: np.ndarray, tolerance_m: float
) -> np.ndarray:
    """Return whether an end meets a segment of its own line that is some way back along it."""
    found = np.zeros(len(at), bool)
    for k in np.flatnonzero(line == at // 2):
        vertices = drawing.vertices[line[k]]
        between = vertices[: place[k] + 1] if at[k] % 2 == 0 else vertices[place[k] + 1 :]
        metres = np.hypot(*np.diff(between, axis=0).T).sum()
        found[k] = metres > BACK_TIMES * tolerance_m
    return found


def _crossings(drawing: _Drawing) -> list[tuple[int, int, float, np.ndarray]]:
    """List where segments of one level cross without a shared vertex, once for each of the two."""
    segments, line, place = drawing.segments()
    tree = shapely.STRtree(segments)
    listed = []
    for first in range(0, len(segments), _CHUNK):
        some = segments[first : first + _CHUNK]
        one, two = tree.query(some, predicate="intersects")
        one = one + first
        once = (one < two) & (drawing.level[line[one]] == drawing.level[line[two]])
        once &= ~((line[one] == line[two]) & (np.abs(place[one] - place[two]) <= 1))
        one, two = one[once], two[once]
        ends = shapely.get_coordinates(segments).reshape(-1, 2, 2)
        shared = np.zeros(len(one), bool)
        for i in (0, 1):
            for j in (0, 1):
                gap = np.abs(ends[one, i] - ends[two, j]).max(axis=1)
                shared |= gap <= SAME_M
        one, two = one[~shared], two[~shared]
        points = shapely.intersection(segments[one], segments[two])
        for a, b, point in zip(one, two, points, strict=True):
            if point.geom_type != "Point":
                continue  # one drawn over the other
            where = vertex_at(np.array([point.x, point.y]), ends[a], ends[b])
            listed += [
                (int(line[s]), int(place[s]), _share(ends[s, 0], ends[s, 1], where), where)
                for s in (a, b)
                if np.abs(ends[s] - where).max(axis=1).min() > 0
            ]
    return listed


def vertex_at(where: np.ndarray, *segments: np.ndarray) -> np.ndarray:
    """Return the vertex that lies where two segments cross, to the last digit, if there is one.

    Parameters
    ----------
    where
        Where they cross, x and y.
    *segments
        Ends of each segment (2 x 2).

    Returns
    -------
    The vertex; the place itself if no end lies there.
    """
    for ends in segments:
        for end in ends:
            if np.abs(end - where).max() <= SAME_M:
                found: np.ndarray = end
                return found
    return where


def _share(a: np.ndarray, b: np.ndarray, where: np.ndarray) -> float:
    step = b - a
    square = float(step @ step)
    return 0.0 if square == 0 else float(np.clip((where - a) @ step / square, 0, 1))
