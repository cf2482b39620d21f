"""Lines to a street network: noding on a lattice of whole micro-degrees, cleaning, merging.

Coordinates here are whole micro-degrees from the centre, so a vertex shared by two lines is the
same pair of numbers in the file too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from generator.place import Place

RANK = {
    name: rank
    for rank, name in enumerate(
        ["primary", "secondary", "tertiary", "unclassified", "residential", "living_street",
         "service", "track", "footway"]
    )
}  # fmt: skip
COLUMNS = ["name", "highway", "oneway", "bridge"]


def row(line: BaseGeometry, highway: str, name: str = "", **more: Any) -> dict[str, Any]:
    """Describe one line of the network."""
    return {"name": name, "highway": highway, "oneway": False, "bridge": False, **more,
            "geometry": line}  # fmt: skip


def node(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut lines wherever they meet; each piece keeps what the line of highest class says."""
    whole = shapely.unary_union(lines.geometry.to_numpy(), grid_size=1)
    pieces = shapely.get_parts(whole)
    pieces = pieces[shapely.length(pieces) > 0]
    middle = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    tree = shapely.STRtree(lines.geometry.to_numpy())
    piece, source = tree.query(middle, predicate="dwithin", distance=2.5)
    rank = lines.highway.map(RANK).to_numpy()[source]
    pick = pd.DataFrame({"piece": piece, "source": source, "rank": rank})
    pick = pick.sort_values(["piece", "rank", "source"]).drop_duplicates("piece").set_index("piece")
    pick = pick.source.reindex(range(len(pieces)))
    keep = pick.notna().to_numpy()
    said = lines[COLUMNS].iloc[pick[keep].astype(int)].reset_index(drop=True)
    return gpd.GeoDataFrame(said, geometry=pieces[keep])


def ends(lines: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Count off the end points of lines: each line's two numbers, and the points."""
    geometry = lines.geometry.to_numpy()
    first = shapely.get_coordinates(shapely.get_point(geometry, 0))
    last = shapely.get_coordinates(shapely.get_point(geometry, -1))
    points, number = np.unique(np.vstack([first, last]), axis=0, return_inverse=True)
    return number.reshape(2, -1).T, points


def lengths(lines: gpd.GeoDataFrame, place: Place) -> np.ndarray:
    """Measure lines in metres."""
    return shapely.length(place.from_lattice(lines.geometry.to_numpy()))


def contract(lines: gpd.GeoDataFrame, place: Place, shortest_m: float) -> gpd.GeoDataFrame:
    """Draw the ends of very short pieces together into the busier one."""
    pair, points = ends(lines)
    degree = np.bincount(pair.ravel(), minlength=len(points))
    target = np.arange(len(points))
    size = lengths(lines, place)
    for i in np.argsort(size, kind="stable"):
        if size[i] >= shortest_m:
            break
        a, b = (_root(target, k) for k in pair[i])
        if a != b:
            keep, lose = (a, b) if degree[a] >= degree[b] else (b, a)
            target[lose] = keep
    new = np.array([_root(target, k) for k in range(len(points))])
    shapes = []
    for line, (a, b) in zip(lines.geometry, pair, strict=True):
        xy = np.asarray(line.coords)
        xy[0], xy[-1] = points[new[a]], points[new[b]]
        shapes.append(LineString(xy))
    moved = lines.set_geometry(shapes)
    return moved[(new[pair[:, 0]] != new[pair[:, 1]]) & (moved.length > 0)].reset_index(drop=True)


def _root(target: np.ndarray, k: int) -> int:
    while target[k] != k:
        k = target[k]
    return int(k)


def prune(lines: gpd.GeoDataFrame, place: Place, shortest_m: float) -> gpd.GeoDataFrame:
    """Drop stubs: short pieces that end nowhere."""
    for _ in range(3):
        pair, points = ends(lines)
        degree = np.bincount(pair.ravel(), minlength=len(points))
        stub = (degree[pair].min(axis=1) == 1) & (lengths(lines, place) < shortest_m)
        if not stub.any():
            break
        lines = lines[~stub].reset_index(drop=True)
    return lines


def parts(lines: gpd.GeoDataFrame) -> np.ndarray:
    """Tell connected parts apart, one number per line."""
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    pair, points = ends(lines)
    graph = coo_array((np.ones(len(pair)), (pair[:, 0], pair[:, 1])), shape=(len(points),) * 2)
    return connected_components(graph, directed=False)[1][pair[:, 0]]


def merge(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join two pieces that meet alone at a point and say the same, over and over."""
    pair, _ = ends(lines)
    at: dict[int, list[int]] = defaultdict(list)
    for i, (a, b) in enumerate(pair):
        at[a].append(i)
        at[b].append(i)
    said = list(lines[COLUMNS].itertuples(index=False, name=None))
    through = {
        k for k, met in at.items()
        if len(met) == 2 and met[0] != met[1] and said[met[0]] == said[met[1]]
    }  # fmt: skip
    shapes, kept, seen = [], [], np.zeros(len(lines), dtype=bool)
    geometry = [np.asarray(line.coords) for line in lines.geometry]
    start_first = sorted(range(len(lines)), key=lambda i: int(pair[i][0] in through)
                         + int(pair[i][1] in through))  # fmt: skip
    for i in start_first:
        if seen[i]:
            continue
        seen[i] = True
        forward = pair[i][0] not in through or pair[i][1] in through
        xy, here = (geometry[i], pair[i][1]) if forward else (geometry[i][::-1], pair[i][0])
        while here in through:
            follow = [j for j in at[here] if not seen[j]]
            if not follow:
                break
            j = follow[0]
            seen[j] = True
            along = geometry[j] if pair[j][0] == here else geometry[j][::-1]
            xy = np.vstack([xy, along[1:]])
            here = pair[j][1] if pair[j][0] == here else pair[j][0]
        shapes.append(LineString(xy))
        kept.append(i)
    return gpd.GeoDataFrame(lines[COLUMNS].iloc[kept].reset_index(drop=True), geometry=shapes)


def slim(lines: gpd.GeoDataFrame, tolerance: float) -> gpd.GeoDataFrame:
    """Leave out vertices that bend a line by less than `tolerance` micro-degrees."""
    thin = shapely.simplify(lines.geometry.to_numpy(), tolerance)
    lines = lines.set_geometry(thin)
    pair, _ = ends(lines)
    count = Counter(map(tuple, np.sort(pair, axis=1)))
    doubled = np.array([count[tuple(sorted(p))] > 1 for p in pair])
    same = lines.geometry.normalize().duplicated() & doubled
    return lines[~same].reset_index(drop=True)
