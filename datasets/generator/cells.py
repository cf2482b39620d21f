"""Small faces of streets and fields that grow together from seeds into units of one piece."""

from __future__ import annotations

from collections import defaultdict

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry.base import BaseGeometry


def field_edges(within: BaseGeometry, step_m: float, rng: np.random.Generator) -> np.ndarray:
    """Draw the edges of uneven fields of about `step_m` across over a shape, in metres."""
    x0, y0, x1, y1 = within.bounds
    x, y = np.meshgrid(np.arange(x0 - 300, x1 + 300, step_m), np.arange(y0 - 300, y1 + 300, step_m))
    spots = np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(-52, 52, (x.size, 2))
    return shapely.voronoi_polygons(shapely.multipoints(spots), only_edges=True)


def neighbours(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which faces share a segment: their pairs, and the middle of each shared segment."""
    beside: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for k, face in enumerate(faces):
        for ring in (face.exterior, *face.interiors):
            xy = np.asarray(ring.coords)
            for a, b in zip(map(tuple, xy[:-1]), map(tuple, xy[1:]), strict=True):
                beside[(*min(a, b), *max(a, b))].append(k)
    shared = {segment: pair for segment, pair in beside.items() if len(pair) == 2}
    middle = np.array([((s[0] + s[2]) / 2, (s[1] + s[3]) / 2) for s in shared])
    return np.array(list(shared.values())), middle


def distinct(middle: np.ndarray, allowed: np.ndarray, seeds: np.ndarray) -> list[int]:
    """Find a face of its own for every seed."""
    taken: list[int] = []
    free = allowed.copy()
    for seed in seeds:
        far = np.where(free, np.hypot(*(middle - seed).T), np.inf)
        taken.append(int(np.argmin(far)))
        free[taken[-1]] = False
    return taken


def grow(pairs: np.ndarray, cost: np.ndarray, roots: list[int], count: int) -> np.ndarray:
    """Give each node its nearest root along the graph; each root's share is in one piece."""
    graph = coo_array((cost, (pairs[:, 0], pairs[:, 1])), shape=(count, count)).tocsr()
    _, _, label = dijkstra(
        graph, directed=False, indices=roots, min_only=True, return_predecessors=True
    )
    return label


def touching(units: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return which units share a border of some length: their pairs, and the borders."""
    tree = shapely.STRtree(units.geometry.to_numpy())
    a, b = tree.query(units.geometry.to_numpy(), predicate="touches")
    pairs = np.column_stack([a, b])[a < b]
    line = shapely.intersection(*units.geometry.to_numpy()[pairs].T)
    long = shapely.length(line) > 30
    return pairs[long], line[long]
