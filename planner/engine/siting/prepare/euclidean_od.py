"""Straight distances as an OD table, for siting where there are no streets."""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN202, PLR0917

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.engine.jit import compiled
from planner.engine.labels import shorten
from planner.engine.siting.problem.inputs import Floats, Ints, read_numbers
from planner.errors import Problems, SitingError

CELLS_A_SITE = 4  # finer grids take longer to walk than they save


def straight_od(demand: pd.DataFrame, sites: pd.DataFrame, *, cutoff_m: float) -> pd.DataFrame:
    """Return who lies within a straight distance of which site, as an OD table.

    Ask with ``metric="metres"``. A million points and a thousand sites take a second; the table
    stands in the order of the demand, which spares the models sorting it.

    Parameters
    ----------
    demand, sites
        Coordinates in metres: columns ``x`` and ``y`` on the labels, as ``get_coordinates`` of
        geopandas gives them.
    cutoff_m
        Largest distance listed.

    Returns
    -------
    Table of demand, facility and metres.

    Raises
    ------
    SitingError
        If coordinates are missing.
    """
    problems = Problems()
    people, places = read_points(demand, problems), read_points(sites, problems)
    if not cutoff_m >= 0:
        problems.add("siting.cutoff", value=cutoff_m)
    problems.raise_any(SitingError)
    grid = Grid.over(places, float(cutoff_m))
    ends, found, metres = pairs_near(people, places, float(cutoff_m), grid)
    columns = {
        "demand": np.repeat(_labels(demand.index), np.diff(ends)),
        "facility": _labels(sites.index)[found],
        "metres": metres,
    }
    return pd.DataFrame(columns, copy=False)


class Grid(NamedTuple):
    """A grid over sites: its corner, the size and number of cells, and who stands in each."""

    low: Floats
    size: float
    cells: Ints
    starts: Ints
    order: Ints

    @staticmethod
    def over(places: Floats, cutoff_m: float) -> Grid:
        """Build the grid over sites for searches within a cutoff.

        Parameters
        ----------
        places
            Coordinates of the sites, m x 2, metres.
        cutoff_m
            Largest distance that is asked for, metres.

        Returns
        -------
        The grid: numbers of the sites, cell after cell.
        """
        low, cells, size = _shape(places, cutoff_m)
        cell = ((places - low) / size).astype(np.int64)
        number = cell[:, 0] * cells[1] + cell[:, 1]
        order = np.argsort(number, kind="stable")
        starts = np.searchsorted(number[order], np.arange(cells[0] * cells[1] + 1))
        return Grid(low, size, cells, starts, order)


def pairs_near(
    people: Floats, places: Floats, cutoff_m: float, grid: Grid
) -> tuple[Ints, NDArray[np.int32], Floats]:
    """Return the sites within a cutoff of each point, in order of number.

    Parameters
    ----------
    people, places
        Coordinates of the points (n x 2) and of the sites (m x 2), metres.
    cutoff_m
        Largest distance that counts, metres.
    grid
        The grid over the sites.

    Returns
    -------
    ends, found, metres
        Sites of point i: ``found[ends[i]:ends[i + 1]]``, with the distances alongside.
    """
    nothing = (np.zeros(0, dtype=np.int32), np.zeros(0))
    counts = np.zeros(len(people), dtype=np.int64)
    _near(people, places, cutoff_m, *grid, counts, *nothing, listing=False)
    ends = np.concatenate([[0], np.cumsum(counts)])
    found, metres = np.empty(ends[-1], dtype=np.int32), np.empty(ends[-1])
    _near(people, places, cutoff_m, *grid, ends, found, metres, listing=True)
    return ends, found, metres


def read_points(table: pd.DataFrame, problems: Problems) -> Floats:
    """Return coordinates (n x 2); missing ones are a problem.

    Parameters
    ----------
    table
        Columns ``x`` and ``y``, metres.
    problems
        Takes what is wrong.

    Returns
    -------
    Coordinates, metres; missing where they are.
    """
    points = np.column_stack([read_numbers(table[name]) for name in ("x", "y")])
    nowhere = ~np.isfinite(points).all(axis=1)
    if nowhere.any():
        problems.add("siting.point_missing", value=shorten(table.index[np.flatnonzero(nowhere)]))
    return points


def _shape(places: Floats, cutoff_m: float) -> tuple[Floats, Ints, float]:
    """Return the corner of a grid, its cells each way, and their size."""
    if not len(places):
        return np.zeros(2), np.ones(2, dtype=np.int64), 1.0
    low, high = places.min(axis=0), places.max(axis=0)
    extent = np.maximum(high - low, 1e-9)
    size = max(
        min(cutoff_m, extent.max()) / 2.0, np.sqrt(extent.prod() / (CELLS_A_SITE * len(places)))
    )
    size = max(size, float(extent.max()) / (CELLS_A_SITE * len(places)))
    return low, (extent / size).astype(np.int64) + 1, size


def _labels(index: pd.Index) -> NDArray[Any]:
    """Return labels as an array; whole numbers in half the memory where they fit."""
    labels = index.to_numpy()
    if labels.dtype == np.int64 and len(labels) and np.abs(labels).max() < 2**31:
        return labels.astype(np.int32)
    return labels


@compiled
def _near(people, places, cutoff, low, size, cells, starts, order, at, found, metres, *, listing):
    """Count the sites near each point in ``at``, or list them from there, in order of number."""
    surely = cutoff * cutoff * (1.0 + 1e-9)  # what is decided without a root
    for i in range(len(people)):
        x, y = people[i, 0], people[i, 1]
        left = np.int64(max(0.0, np.floor((x - cutoff - low[0]) / size)))
        right = np.int64(min(cells[0] - 1.0, max(-1.0, np.floor((x + cutoff - low[0]) / size))))
        bottom = np.int64(max(0.0, np.floor((y - cutoff - low[1]) / size)))
        top = np.int64(min(cells[1] - 1.0, max(-1.0, np.floor((y + cutoff - low[1]) / size))))
        if bottom > top:
            continue
        count = 0
        for a in range(left, right + 1):
            for k in range(starts[a * cells[1] + bottom], starts[a * cells[1] + top + 1]):
                j = order[k]
                dx, dy = x - places[j, 0], y - places[j, 1]
                if dx * dx + dy * dy > surely or np.hypot(dx, dy) > cutoff:
                    continue
                if listing:
                    slot = at[i] + count
                    while slot > at[i] and found[slot - 1] > j:
                        found[slot], metres[slot] = found[slot - 1], metres[slot - 1]
                        slot -= 1
                    found[slot], metres[slot] = j, np.hypot(dx, dy)
                count += 1
        if not listing:
            at[i] = count
