"""Aggregate demand points that the same sites reach, so that a model has fewer rows.

With a hundred sites, twenty million points fall into some thousands of groups. No table of points
and sites is made: the points are read a part at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.engine.siting.prepare.euclidean_od import Grid, pairs_near, read_points
from planner.engine.siting.problem.covering_rows import group_rows
from planner.engine.siting.problem.inputs import Floats, Ints, read_weights
from planner.engine.siting.problem.result import Solution
from planner.errors import Problems, SitingError

AT_ONCE = 200_000  # points looked at together: their pairs with sites take some ten megabytes


@dataclass(frozen=True, kw_only=True)
class AggregatedDemand:
    """Points grouped by the sites that reach them.

    Parameters
    ----------
    od
        Table of demand (the number of a group), facility and metres: the farthest that a point of
        the group has to go.
    weight
        Weight of each group; where some points have no site in reach, the last group holds them.
    group
        Group of each point (n), in the order of the points.
    """

    od: pd.DataFrame
    weight: pd.Series
    group: NDArray[np.int32]

    def is_covered(self, plan: Solution) -> NDArray[np.bool_]:
        """Return which points (n) a plan covers.

        Parameters
        ----------
        plan
            Answer of a covering model on the groups.

        Returns
        -------
        Flags of the points (n).
        """
        covered: NDArray[np.bool_] = plan.assignment.notna().to_numpy()[self.group]
        return covered


def aggregate_points(
    points: pd.DataFrame, weight: pd.Series, sites: pd.DataFrame, *, cutoff_m: float
) -> AggregatedDemand:
    """Return points grouped by the sites within a straight distance, for the covering models.

    Coverage asks no more of a point than which sites reach it, so that `max_cover` and `set_cover`
    (with shares, backup, costs, budgets and rules on sites) prove the same as on all points.
    Ask with ``metric="metres"``. The p-median needs each distance: see `straight_od`.

    Parameters
    ----------
    points, sites
        Coordinates in metres: columns ``x`` and ``y`` on the labels.
    weight
        Weight of each point, in the order of the points.
    cutoff_m
        Largest distance at which a site covers a point.

    Returns
    -------
    The groups as demand, and the group of each point.

    Raises
    ------
    SitingError
        If coordinates or weights are missing, or weights belong to other labels than the points.

    Examples
    --------
    >>> from planner import siting
    >>> points = pd.DataFrame({"x": [0.0, 1.0, 9.0, 50.0], "y": 0.0})
    >>> sites = pd.DataFrame({"x": [0.0, 8.0], "y": 0.0}, index=["west", "east"])
    >>> groups = siting.aggregate_points(points, pd.Series([3, 4, 5, 6]), sites, cutoff_m=2.0)
    >>> groups.weight.tolist()
    [7.0, 5.0, 6.0]
    >>> plan = siting.max_cover(groups.od, groups.weight, p=1, metric="metres")
    >>> plan.chosen, plan.objective
    (('west',), 7.0)
    >>> groups.is_covered(plan).tolist()
    [True, True, False, False]
    """
    problems = Problems()
    where, places = read_points(points, problems), read_points(sites, problems)
    each = read_weights(weight, problems)
    if not cutoff_m >= 0:
        problems.add("siting.cutoff", value=cutoff_m)
    if not points.index.equals(weight.index):
        problems.add("siting.weight_order", value=len(points), n=len(weight))
    problems.raise_any(SitingError)
    grid = Grid.over(places, float(cutoff_m))
    known = _Groups.none()
    group = np.empty(len(where), dtype=np.int32)
    for start in range(0, len(where), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        ends, found, metres = pairs_near(where[part], places, float(cutoff_m), grid)
        known, group[part] = known.joined(ends, found, metres)
    total = np.bincount(group + 1, weights=each, minlength=len(known.ends))  # 0: no site in reach
    alone = group < 0
    if alone.any():
        group[alone] = len(known.ends) - 1
        total = np.append(total, total[0])
    counts = np.diff(known.ends)
    od = pd.DataFrame(
        {
            "demand": np.repeat(np.arange(len(counts)), counts),
            "facility": sites.index.to_numpy()[known.found],
            "metres": known.metres,
        }
    )
    return AggregatedDemand(od=od, weight=pd.Series(total[1:], name="weight"), group=group)


@dataclass(frozen=True, kw_only=True)
class _Groups:
    """Lists of sites, each once: where each ends, the sites, and how far they are at most."""

    ends: Ints
    found: NDArray[np.int32]
    metres: Floats

    @staticmethod
    def none() -> _Groups:
        return _Groups(
            ends=np.zeros(1, dtype=np.int64),
            found=np.zeros(0, dtype=np.int32),
            metres=np.zeros(0),
        )

    def joined(
        self, ends: Ints, found: NDArray[np.int32], metres: Floats
    ) -> tuple[_Groups, NDArray[np.int32]]:
        """Add the lists of further points; return the groups and the group of each, -1 for none.

        Groups known keep their numbers, since they come first.

        Parameters
        ----------
        ends
            Where each point's list ends, after a first 0 (n + 1).
        found
            The lists of sites, one after another.
        metres
            How far each of them is.

        Returns
        -------
        The groups, each with the farthest of its points for each site; and the group of each point
        (n), -1 for a point without a site.
        """
        old = len(self.ends) - 1
        starts = np.concatenate([self.ends, self.ends[-1] + ends[1:]])
        sites = np.concatenate([self.found, found])
        far = np.concatenate([self.metres, metres])
        first, of = group_rows(starts, sites)
        counts = np.diff(starts)
        sizes = counts[first]
        kept_ends = np.concatenate([[0], np.cumsum(sizes)])
        inside = np.arange(kept_ends[-1]) - np.repeat(kept_ends[:-1], sizes)
        kept = sites[np.repeat(starts[first], sizes) + inside]
        place = (
            np.repeat(kept_ends[of], counts)
            + np.arange(len(sites))
            - np.repeat(starts[:-1], counts)
        )
        farthest = np.zeros(len(kept))
        np.maximum.at(farthest, place, far)
        return _Groups(ends=kept_ends, found=kept, metres=farthest), of[old:].astype(np.int32)
