# ruff: noqa: PLR0917 (the same few arguments stand in the same order in every question)
"""A query to a network, checked once: origins, destinations, limit, speed and direction."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
import pandas as pd

from planner.engine.network.graph.arrays import Direction, Streets
from planner.engine.network.graph.snapping import Points, Snapped, check_snap_limit, snap
from planner.engine.network.search.kernels import FAR, NANO, minutes_into
from planner.errors import NetworkError, Problems, fail

Speed = float | pd.Series

TOLERANCE = 1000  # billionths: what rounding may add to a way that is exactly at the cutoff


@dataclass(frozen=True, kw_only=True, eq=False)
class NetworkQuery:
    """Who travels where, how far and how fast.

    Parameters
    ----------
    network
        The streets as searches from facilities meet them.
    demand
        Where people are; nothing stands for every node.
    facilities
        Where they go to, or come from.
    cutoff_min
        Largest travel time that counts, minutes; infinity where none is too long.
    groups
        Each walking speed, metres a second, with the rows of demand that have it: nothing for all.
    direction
        Who travels.
    """

    network: Streets
    demand: Snapped | None
    facilities: Snapped
    cutoff_min: float
    groups: tuple[tuple[float, np.ndarray | None], ...]
    direction: Direction

    @property
    def index(self) -> pd.Index:
        """Labels of demand."""
        return self.network.node_label if self.demand is None else self.demand.index

    @property
    def facility(self) -> pd.Index:
        """Labels of the facilities."""
        return self.facilities.index

    @property
    def speed_mps(self) -> float:
        """The speed of a question that knows only one.

        Raises
        ------
        NetworkError
            If there is a speed for each demand point.
        """
        if len(self.groups) != 1 or self.groups[0][1] is not None:
            raise fail(NetworkError, "network.one_speed")
        return self.groups[0][0]


def build_query(
    network: Streets,
    demand: Points | None,
    facilities: Points,
    cutoff_min: float,
    speed_mps: Speed,
    max_snap_m: float,
    direction: Direction,
) -> NetworkQuery:
    """Check a query and put its points on the streets.

    Parameters
    ----------
    network
        The streets.
    demand
        Where people are; None for every node.
    facilities
        Where they go to, or come from.
    cutoff_min
        Largest travel time that counts, minutes.
    speed_mps
        Walking speed, metres a second; one for all, or one per demand label.
    max_snap_m
        How far a point may lie from its street, metres.
    direction
        Who travels: `"to_facility"` or `"from_facility"`.

    Returns
    -------
    The query, in the direction of travel.

    Raises
    ------
    NetworkError
        With all that is wrong: cutoff, speed, direction, snap limit; then the points.
    """
    problems = Problems()
    if not cutoff_min >= 0:
        problems.add("network.bad_cutoff", value=cutoff_min)
    given = speed_mps.dropna().unique() if isinstance(speed_mps, pd.Series) else [speed_mps]
    for bad in (one for one in given if not 0 < one < math.inf):
        problems.add("network.bad_speed", value=bad)
    if direction not in get_args(Direction):
        problems.add("network.bad_direction", value=direction)
    check_snap_limit(max_snap_m, problems)
    problems.raise_any(NetworkError)
    at: dict[str, Snapped] = {}
    given_points: tuple[tuple[str, Any], ...] = (("demand", demand), ("facilities", facilities))
    for role, points in given_points:
        if role == "demand" and points is None:
            continue  # every node
        try:
            at[role] = snap(network, points, max_snap_m)
        except NetworkError as error:
            problems.found += [replace(one, file=role) for one in error.problems]
    problems.raise_any(NetworkError)
    people = at.get("demand")
    index = network.node_label if people is None else people.index
    return NetworkQuery(
        network=network.travelled(direction),
        demand=people,
        facilities=at["facilities"],
        cutoff_min=float(cutoff_min),
        groups=_groups(speed_mps, index),
        direction=direction,
    )


def build_facility_query(
    network: Streets,
    facilities: Points,
    minutes: float,
    speed_mps: Speed,
    max_snap_m: float,
    direction: Direction,
) -> NetworkQuery:
    """Check a query about the facilities alone, which takes one speed.

    Parameters
    ----------
    network, facilities, speed_mps, max_snap_m, direction
        As for `build_query`.
    minutes
        Largest travel time that counts.

    Returns
    -------
    The query; every node stands for demand.

    Raises
    ------
    NetworkError
        As `build_query`, and if there is a speed for each of several groups.
    """
    if isinstance(speed_mps, pd.Series):
        raise fail(NetworkError, "network.one_speed")
    return build_query(network, None, facilities, minutes, speed_mps, max_snap_m, direction)


def _groups(speed_mps: Speed, index: pd.Index) -> tuple[tuple[float, np.ndarray | None], ...]:
    """Split demand by speed: each speed with its rows, or all rows (None) at one speed."""
    if not isinstance(speed_mps, pd.Series):
        return ((speed_mps, None),)
    speed = speed_mps.reindex(index)
    missing = index[speed.isna().to_numpy()]
    if len(missing):
        shown = ", ".join(map(str, missing[:5]))
        raise fail(NetworkError, "network.speed_index", value=shown, count=len(missing))
    value = speed.to_numpy(np.float64)
    return tuple((float(one), np.flatnonzero(value == one)) for one in np.unique(value))


def cost_per_minute(network: Streets, speed_mps: float) -> float:
    """Return what a minute costs in the network's unit.

    Parameters
    ----------
    network
        The streets; costs are billionths of a metre or of a second.
    speed_mps
        Walking speed, metres a second.

    Returns
    -------
    Billionths of a metre or of a second.
    """
    return float(60.0 * NANO * (speed_mps if network.unit == "m" else 1.0))


def cost_limit(cutoff_min: float, per_min: float) -> int:
    """Return the largest cost that counts.

    Parameters
    ----------
    cutoff_min
        Largest travel time that counts, minutes; infinity is allowed.
    per_min
        Cost of a minute.

    Returns
    -------
    The cost, a whole number.
    """
    return int(min(round(min(cutoff_min * per_min, FAR)) + TOLERANCE, FAR // 2))


def to_minutes(cost: np.ndarray, per_min: float, cutoff_min: float) -> np.ndarray:
    """Return costs within the cutoff as minutes, rounded to 1e-9; just under the cutoff is it.

    Parameters
    ----------
    cost
        Costs of any shape; `FAR` becomes missing.
    per_min
        Cost of a minute.
    cutoff_min
        Largest travel time that counts, minutes.

    Returns
    -------
    Minutes, of the same shape.
    """
    minutes = np.empty(cost.shape)
    minutes_into(cost.reshape(-1), per_min, cutoff_min, minutes.reshape(-1))
    return minutes
