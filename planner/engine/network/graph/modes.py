"""Ways to travel: how long a street takes on foot, by e-bike or by car, and which are closed.

Walking costs are counted in metres on the flat, so that one compiled network serves any walking
speed: a slope or a penalty makes a street longer. Vehicles have speeds of their own, so their
costs are seconds, and only the legs between a point and its street are walked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from planner.engine.network.search.kernels import FAR, NANO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.errors import Problems

LEVELLEST = -0.05  # slope at which people walk fastest, Tobler (1993)
_STEEPNESS = 3.5
STEEPEST = 3.0  # rise over run beyond which a height is wrong
# What is known of an edge with heights along it: metres on the flat that a metre is worth from u to
# v and back, and its steepest stretch.
WORTH = ("worth_there", "worth_back")
STEEPEST_COLUMN = "steepest"
Way = Literal["there", "back", "both"]


@dataclass(frozen=True, kw_only=True)
class Mode:
    """A way to travel.

    Parameters
    ----------
    speed_kmh
        Speed by class of street; empty for walking, whose speed is given with each question.
    other_kmh
        Speed on classes without one of their own.
    penalty
        Factor on the time of a class of street: 1.5 makes it half as long again.
    banned
        Classes of street that may not be used.
    oneway
        Whether one-way streets bind.
    slope
        Whether the slopes of streets count, where they are known (walking only).
    way
        Which way slopes are felt: as one goes, the way back, or half of the way there and back
        along the same streets.
    steepest
        Rise over run beyond which a street is closed, up and down; None where none is too steep.
    column
        Edge attribute that holds the class.
    """

    speed_kmh: Mapping[str, float] = field(default_factory=dict)
    other_kmh: float | None = None
    penalty: Mapping[str, float] = field(default_factory=dict)
    banned: frozenset[str] = frozenset()
    oneway: bool = False
    slope: bool = True
    way: Way = "there"
    steepest: float | None = None
    column: str = "highway"

    @property
    def unit(self) -> str:
        """What costs are counted in: metres on the flat, or seconds."""
        return "s" if self.speed_kmh or self.other_kmh is not None else "m"


WALKING = Mode()
E_BIKE = Mode(
    speed_kmh={"footway": 10, "pedestrian": 10, "path": 12, "living_street": 15},
    other_kmh=20,
    banned=frozenset({"motorway", "motorway_link", "trunk", "trunk_link", "steps"}),
    oneway=True,
)
DRIVING = Mode(
    speed_kmh={
        "motorway": 80, "motorway_link": 50, "trunk": 60, "trunk_link": 40, "primary": 40,
        "primary_link": 30, "secondary": 35, "secondary_link": 30, "tertiary": 30,
        "tertiary_link": 25, "residential": 20, "living_street": 10, "service": 10,
    },
    other_kmh=20,
    banned=frozenset(
        {"footway", "pedestrian", "path", "steps", "cycleway", "corridor", "bridleway", "track"}
    ),
    oneway=True,
)  # fmt: skip


def check_mode(mode: Mode, problems: Problems) -> None:
    """Note speeds, penalties and a steepest slope that are not positive and finite.

    Parameters
    ----------
    mode
        The mode of travel.
    problems
        Takes what is wrong.
    """
    speeds = {**mode.speed_kmh} | ({} if mode.other_kmh is None else {"other_kmh": mode.other_kmh})
    for what, values in (("speed", speeds), ("penalty", mode.penalty)):
        for name, value in values.items():
            if not 0 < value < np.inf:
                problems.add(f"network.bad_mode_{what}", value=value, kind=name)
    if mode.steepest is not None and not 0 < mode.steepest < np.inf:
        problems.add("network.bad_mode_steepest", value=mode.steepest)


def edge_costs(
    mode: Mode, length_m: np.ndarray, oneway: np.ndarray, attributes: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Return the cost of each edge from u to v and back under a mode.

    Parameters
    ----------
    mode
        The way to travel.
    length_m, oneway
        Lengths, and 1 or -1 where vehicles may go only from u to v or back, m.
    attributes
        Further columns: the class, `slope` (rise over run from u to v) or `worth_there` and
        `worth_back` (of heights along an edge: see `slopes`) for walking, and `seconds` for
        vehicles, which overrides speeds.

    Returns
    -------
    (forward, backward)
        Billionths of the mode's unit, `FAR` where closed.

    Notes
    -----
    Slopes follow Tobler, W. (1993), "Three presentations on geographical analysis and modeling":
    speed falls with exp(-3.5 |slope + 0.05|).
    """
    kind = street_class(attributes, mode.column)
    base = length_m.copy()
    if mode.unit == "s":
        kmh = kind.map(dict(mode.speed_kmh)).astype(float).fillna(mode.other_kmh or np.nan)
        base = length_m / (kmh.to_numpy() / 3.6)
        if "seconds" in attributes.columns:
            known = attributes["seconds"].to_numpy(np.float64, na_value=np.nan)
            base = np.where(np.isnan(known), base, known)
    base = base * kind.map(dict(mode.penalty)).astype(float).fillna(1.0).to_numpy()
    ahead, back = base, base
    if mode.slope and mode.unit == "m":
        there, back_again = worth(attributes)
        if mode.way == "both":
            there = back_again = (there + back_again) / 2
        elif mode.way == "back":
            there, back_again = back_again, there
        ahead, back = base * there, base * back_again
    closed = kind.isin(mode.banned).to_numpy() | np.isnan(base) | _too_steep(mode, attributes)
    return (
        _whole(ahead, closed | (mode.oneway & (oneway < 0))),
        _whole(back, closed | (mode.oneway & (oneway > 0))),
    )


def worth(attributes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return how many metres on the flat a metre of each edge is worth, from u to v and back.

    Parameters
    ----------
    attributes
        What is known of the edges (n).

    Returns
    -------
    Factors each way (n), 1 where no slope is known.
    """
    if WORTH[0] in attributes.columns:
        there, back = (attributes[name].to_numpy(np.float64, na_value=np.nan) for name in WORTH)
        return np.where(np.isnan(there), 1.0, there), np.where(np.isnan(back), 1.0, back)
    if "slope" not in attributes.columns:
        return np.ones(len(attributes)), np.ones(len(attributes))
    slope = attributes["slope"].to_numpy(np.float64, na_value=np.nan)
    slope = np.where(np.isnan(slope), 0.0, slope)
    return slope_factor(slope), slope_factor(-slope)


def steepness(attributes: pd.DataFrame) -> np.ndarray:
    """Return the steepest slope of each edge, up or down.

    Parameters
    ----------
    attributes
        What is known of the edges (n).

    Returns
    -------
    Rise over run (n), NaN where no slope is known.
    """
    column = STEEPEST_COLUMN if STEEPEST_COLUMN in attributes.columns else "slope"
    if column not in attributes.columns:
        return np.full(len(attributes), np.nan)
    steepest: np.ndarray = np.abs(attributes[column].to_numpy(np.float64, na_value=np.nan))
    return steepest


def _too_steep(mode: Mode, attributes: pd.DataFrame) -> np.ndarray:
    if mode.steepest is None:
        return np.zeros(len(attributes), bool)
    return steepness(attributes) > mode.steepest


def slope_factor(slope: np.ndarray) -> np.ndarray:
    """Return how many metres on the flat a metre at a slope is worth, by Tobler's hiking function.

    Parameters
    ----------
    slope
        Rise over run in the direction of travel (n).

    Returns
    -------
    Factors (n), 1 on the flat.
    """
    return np.exp(_STEEPNESS * (np.abs(slope - LEVELLEST) - abs(LEVELLEST)))


def street_class(attributes: pd.DataFrame, column: str) -> pd.Series:
    """Return the class of each street; of several the first, and empty where there is none.

    Parameters
    ----------
    attributes
        What is known of the edges.
    column
        Column that holds the class.

    Returns
    -------
    Text, on the index of the attributes.
    """
    if column not in attributes.columns:
        return pd.Series("", index=attributes.index)
    return attributes[column].map(
        lambda one: str(next(iter(one), "")) if isinstance(one, list | tuple | set) else str(one)
    )


def _whole(cost: np.ndarray, closed: np.ndarray) -> np.ndarray:
    closed = closed | (cost >= FAR / NANO)
    return np.where(closed, FAR, np.rint(np.where(closed, 0.0, cost) * NANO).astype(np.int64))
