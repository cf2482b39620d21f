"""A lattice in place of streets that are not known: its ways are as long as a straight line.

Squares with both diagonals, which meet in the middle: eight directions, a way is at most 8.2 %
longer than the straight line (Huber and Church 1985 study such rasters), and people change from one
direction to another everywhere. A knight's move more (16 directions, 2.8 %) does worse on ways of a
quarter of an hour, as its long edges cannot be left between two nodes.
"""

from __future__ import annotations

from math import pi, sqrt, tan

import numpy as np
import pandas as pd
import shapely

FINEST_M = 50.0
MOST_SQUARES = 40_000  # so that a county's page stays as light as a town's
TYPICAL_M = 600.0  # the straight line at which lengths are right on the average

# Between directions an angle D apart a way is on the average 2 tan(D / 2) / D times as long as the
# straight line; both ends together cost about so many widths of a square, however long it is.
_STRETCH = 2 * tan(pi / 8) / (pi / 4)
_ENDS = 0.38


def spacing_of(area: shapely.Geometry) -> float:
    """Return how wide the squares of a lattice over an area are, metres.

    Parameters
    ----------
    area
        The area, in metres.

    Examples
    --------
    >>> spacing_of(shapely.box(0, 0, 5_000, 4_000)), spacing_of(shapely.box(0, 0, 2e4, 2e4))
    (50.0, 100.0)
    """
    return max(FINEST_M, sqrt(shapely.area(area) / MOST_SQUARES))


def lattice(
    area: shapely.Geometry, spacing_m: float, detour: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return nodes and edges over an area on which ways are a multiple of the straight line.

    Parameters
    ----------
    area
        A convex area, in metres.
    spacing_m
        Width of a square, metres.
    detour
        The multiple, right on the average for ways of `TYPICAL_M`.

    Returns
    -------
    (nodes, edges)
        ``x``, ``y`` on the node's number; ``u``, ``v`` and ``length_m``.
    """
    west, south, east, north = shapely.bounds(area)
    columns, rows = (int(np.ceil(wide / spacing_m)) + 1 for wide in (east - west, north - south))
    i, j = (axis.ravel() for axis in np.meshgrid(np.arange(columns), np.arange(rows)))
    corner = np.arange(columns * rows)
    middle = corner + columns * rows
    x = west + spacing_m * np.concatenate([i, i + 0.5])
    y = south + spacing_m * np.concatenate([j, j + 0.5])
    right, up = i < columns - 1, j < rows - 1
    half = sqrt(0.5)
    joins = [(corner, corner + 1, right, 1.0), (corner, corner + columns, up, 1.0)]
    joins += [
        (middle, corner + beside, right & up, half) for beside in (0, 1, columns, columns + 1)
    ]
    scale = spacing_m * detour / (_STRETCH + _ENDS * spacing_m / TYPICAL_M)
    edges = pd.concat(
        [
            pd.DataFrame({"u": u[fits], "v": v[fits], "length_m": scale * wide})
            for u, v, fits, wide in joins
        ],
        ignore_index=True,
    )
    inside = shapely.intersects_xy(area, x, y)
    edges = edges[inside[edges["u"]] & inside[edges["v"]]].reset_index(drop=True)
    used = np.unique(edges[["u", "v"]].to_numpy())
    return pd.DataFrame({"x": x[used], "y": y[used]}, index=used), edges
