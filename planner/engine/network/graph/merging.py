"""Join lines end to end where just two of them meet."""

from __future__ import annotations

from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.engine.network.graph.chains import trace_chains
from planner.engine.network.graph.places import number_places

MANY = 50_000


def merge_lines(lines: NDArray[np.object_], many: int = MANY) -> shapely.Geometry:
    """Join lines end to end where just two of them meet, as `shapely.line_merge` does.

    GEOS builds a graph of objects for it, at ten microseconds a line; the chains of the street
    graph are found in a tenth of that, once numba is loaded: few lines are left to GEOS.

    Parameters
    ----------
    lines
        Single lines, in two dimensions as far as this goes: Z may be lost.
    many
        From how many lines on chains are traced here.

    Returns
    -------
    The joined lines as one geometry, in no promised order or direction.
    """
    lines = lines[shapely.length(lines) > 0]
    if len(lines) < many:
        return cast("shapely.Geometry", shapely.line_merge(shapely.multilinestrings(lines)))
    xy = shapely.get_coordinates(lines)
    end = np.cumsum(shapely.get_num_coordinates(lines), dtype=np.int64)
    begin = np.concatenate([[0], end[:-1]])
    place, _ = number_places(xy[np.concatenate([begin, end - 1])])
    u, v = place[: len(lines)].astype(np.int64), place[len(lines) :].astype(np.int64)
    ends = np.concatenate([u, v])
    degree = np.bincount(ends)
    at = np.concatenate([[0], np.cumsum(degree)])
    incident = np.argsort(ends, kind="stable") % len(lines)
    order, turned, start = trace_chains(u, v, at, incident, degree == 2)
    # A line of a chain goes on from the last vertex of the one before.
    goes_on = np.ones(len(lines), np.int64)
    goes_on[start[:-1]] = 0
    begin, end = begin[order], end[order]
    taken = end - begin - goes_on
    first = np.cumsum(taken) - taken
    step = np.arange(taken.sum()) - np.repeat(first - goes_on, taken)
    vertex = np.where(
        np.repeat(turned, taken), np.repeat(end - 1, taken) - step, np.repeat(begin, taken) + step
    )
    chain = np.repeat(np.arange(len(start) - 1), np.add.reduceat(taken, start[:-1]))
    joined = shapely.linestrings(xy[vertex], indices=chain)
    return cast("shapely.Geometry", shapely.multilinestrings(joined))
