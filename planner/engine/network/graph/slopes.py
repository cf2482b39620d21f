"""How the heights along a street make it longer or shorter for who walks, each way."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.engine.network.graph.modes import STEEPEST, STEEPEST_COLUMN, WORTH, slope_factor

STRETCH_M = 10.0  # over less, a difference of heights is mostly the error of their measurement
SPAN = "span"  # the column that tells bridges and tunnels
_LOOSE = 1e-9  # by how little, per metre, a node of bridges alone is held to the ground below it
_LEAST_M = 1e-3
HeightOf = Callable[[np.ndarray], np.ndarray]


class Stretches(NamedTuple):
    """Streets cut into stretches of equal length, a number of them for each."""

    xy: np.ndarray  # ends of stretches x 2, street after street
    start: np.ndarray  # first end of each street, streets + 1
    metres: np.ndarray  # length of each street


def stretches(vertices: np.ndarray, start: np.ndarray, least_m: float = STRETCH_M) -> Stretches:
    """Cut lines into stretches of one length for each line.

    Parameters
    ----------
    vertices
        Vertices of the lines, one line after the other (n x 2), metres.
    start
        First vertex of each line, lines + 1.
    least_m
        How long a stretch is at least, metres; a shorter line is one stretch.

    Returns
    -------
    The ends of the stretches, at equal distances along each line.
    """
    along, metres = distances(vertices, start)
    count = np.maximum(np.floor(metres / least_m).astype(np.int64), 1) + 1
    first = np.concatenate([[0], np.cumsum(count)])
    at = _share(first) * np.repeat(metres, count) + np.repeat(along[start[:-1]], count)
    xy = np.column_stack([np.interp(at, along, axis) for axis in vertices.T])
    return Stretches(xy, first, metres)


def climbs(
    vertices: np.ndarray, z: np.ndarray, start: np.ndarray, least_m: float = STRETCH_M
) -> pd.DataFrame:
    """Return what the heights of lines' own vertices make of each line.

    Parameters
    ----------
    vertices, start, least_m
        As for `stretches`.
    z
        Heights of the vertices (n), metres; NaN where one is not known: it lies on the straight
        between those that are, and a line without any is level.

    Returns
    -------
    As `of_heights`.
    """
    along, metres = distances(vertices, start)
    filled = fill_between(along, z, start)
    cut = stretches(vertices, start, least_m)
    count = np.diff(cut.start)
    at = _share(cut.start) * np.repeat(metres, count) + np.repeat(along[start[:-1]], count)
    return of_heights(np.interp(at, along, filled), cut)


def of_heights(z: np.ndarray, cut: Stretches) -> pd.DataFrame:
    """Return what heights along streets make of each street.

    Parameters
    ----------
    z
        Heights of the ends of the stretches, metres; NaN for all of a street that has none.
    cut
        The stretches.

    Returns
    -------
    A row for each street: `worth_there` and `worth_back`, how many metres on the flat one of its
    metres is worth along it and back by Tobler's function, the mean over its stretches; and
    `steepest`, the largest rise over run of a stretch either way, missing without heights.
    """
    streets = np.repeat(np.arange(len(cut.metres)), np.diff(cut.start) - 1)
    last = cut.start[1:] - 1
    run = cut.metres / (last - cut.start[:-1])
    rise = np.delete(np.diff(z), last[:-1]) if len(z) > 1 else np.empty(0)
    run = run[streets]
    slope = np.divide(rise, run, out=np.zeros(len(rise)), where=run > 0)
    slope = np.clip(slope, -STEEPEST, STEEPEST)
    level = np.where(np.isnan(slope), 0.0, slope)
    begin = cut.start[:-1] - np.arange(len(cut.metres))
    parts = np.diff(cut.start) - 1
    worth = {
        name: np.add.reduceat(slope_factor(one), begin) / parts
        for name, one in zip(WORTH, (level, -level), strict=True)
    }
    return pd.DataFrame({**worth, STEEPEST_COLUMN: np.maximum.reduceat(np.abs(slope), begin)})


def over_spans(
    z: np.ndarray, cut: Stretches, u: np.ndarray, v: np.ndarray, span: np.ndarray
) -> np.ndarray:
    """Return heights of the ground as they are walked: straight over bridges and through tunnels.

    Parameters
    ----------
    z
        Heights of the ground at the ends of the stretches, metres; NaN where not known.
    cut
        The stretches.
    u, v
        Numbers of the nodes where each street begins and ends (streets).
    span
        Which streets are bridges or tunnels (streets).

    Returns
    -------
    The heights, NaN within each bridge: see `fill_between`. A node where bridges alone meet lies on
    the straight between the ground at either end of them.
    """
    if not span.any():
        return z
    first, last = cut.start[:-1], cut.start[1:] - 1
    nodes = int(max(u.max(), v.max())) + 1
    ground = np.full(nodes, np.nan)
    ground[u], ground[v] = z[first], z[last]
    free = np.bincount(np.concatenate([u, v]), minlength=nodes) > 1
    free[u[~span]] = free[v[~span]] = False
    walked = z.copy()
    inner = np.repeat(span, np.diff(cut.start))
    inner[first] = inner[last] = False
    walked[inner] = np.nan
    if free.any():
        ground[free] = _between(ground, free, u[span], v[span], cut.metres[span])
        walked[first[span]], walked[last[span]] = ground[u[span]], ground[v[span]]
    return walked


def _between(
    ground: np.ndarray, free: np.ndarray, u: np.ndarray, v: np.ndarray, metres: np.ndarray
) -> np.ndarray:
    """Return heights of free nodes, each the mean of its neighbours', the nearer the heavier."""
    # Slow to load, and few streets ask for it.
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.linalg import spsolve  # noqa: PLC0415

    number = np.cumsum(free) - 1
    n = int(free.sum())
    weight = 1 / np.maximum(metres, _LEAST_M)
    known = np.where(
        np.isnan(ground), np.nanmean(ground) if (~np.isnan(ground)).any() else 0, ground
    )
    ends, others = np.concatenate([u, v]), np.concatenate([v, u])
    pull = np.concatenate([weight, weight])
    ends, others, pull = (one[free[ends]] for one in (ends, others, pull))
    right = np.bincount(number[ends], np.where(free[others], 0, pull * known[others]), n)
    diagonal = np.bincount(number[ends], pull, n) + _LOOSE
    both = free[others]
    rows = np.concatenate([np.arange(n), number[ends][both]])
    columns = np.concatenate([np.arange(n), number[others][both]])
    values = np.concatenate([diagonal, -pull[both]])
    matrix = coo_array((values, (rows, columns)), shape=(n, n)).tocsr()
    solved: np.ndarray = np.atleast_1d(spsolve(matrix, right + _LOOSE * known[free]))
    return solved


def distances(vertices: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far along all lines each vertex lies, and the length of each line.

    Parameters
    ----------
    vertices, start
        As for `stretches`.

    Returns
    -------
    Metres along (n), which grow by one from the end of a line to the begin of the next, so that
    nothing is interpolated between two lines; and lengths (lines), metres.
    """
    step = np.hypot(*np.diff(vertices, axis=0, prepend=vertices[:1]).T)
    step[start[1:-1]] = 1.0
    along = np.cumsum(step)
    return along, along[start[1:] - 1] - along[start[:-1]]


def fill_between(along: np.ndarray, z: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return heights without gaps: a missing one lies on the straight between its neighbours.

    Parameters
    ----------
    along
        As `distances` returns it.
    z
        Heights (n), NaN where not known.
    start
        First vertex of each line, lines + 1.

    Returns
    -------
    Heights; beyond the last known one of a line they stay the same, and those of a line without
    any stay NaN.
    """
    known = np.flatnonzero(~np.isnan(z))
    if len(known) in {0, len(z)}:
        return z
    line = np.repeat(np.arange(len(start) - 1), np.diff(start))
    after = np.searchsorted(known, np.arange(len(z)))
    high, low = known[np.minimum(after, len(known) - 1)], known[np.maximum(after - 1, 0)]
    has_high = (after < len(known)) & (line[high] == line)
    has_low = (after > 0) & (line[low] == line)
    span = along[high] - along[low]
    share = np.divide(along - along[low], span, out=np.zeros(len(z)), where=span > 0)
    between = z[low] + share * (z[high] - z[low])
    filled: np.ndarray = np.select(
        [~np.isnan(z), has_low & has_high, has_low, has_high], [z, between, z[low], z[high]], np.nan
    )
    return filled


def _share(start: np.ndarray) -> np.ndarray:
    """Return how far along its line each end of a stretch lies, from 0 to 1."""
    count = np.diff(start)
    number = np.arange(start[-1]) - np.repeat(start[:-1], count)
    share: np.ndarray = number / np.repeat(count - 1, count)
    return share
