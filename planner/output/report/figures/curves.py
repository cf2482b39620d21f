"""The curves of a siting question as figures: people covered by number or cost of sites."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from planner.study.plan import Plan
from planner.study.siting_study import SitingAnswer

Measured = Literal["sites", "cost", "mean", "covered", "share", "longest", "worst"]
Shows = Literal["steps", "front", "front_time", "front_longest", "front_fairness"]

# What each front trades: along the axis, and up.
TRADES: dict[str, tuple[tuple[Measured, ...], Measured]] = {
    "front": (("cost", "sites"), "covered"),
    "front_time": (("mean",), "share"),
    "front_longest": (("mean",), "longest"),
    "front_fairness": (("share",), "worst"),
}

FEWEST = 3  # points that make a curve worth drawing
BENT = 6  # points that can tell a bend from a corner
BEND = 0.1  # how far above its chord a curve must rise, of its height, to have a knee


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Points of a curve, each a plan, or a site after those before it.

    Parameters
    ----------
    along, up
        What is measured along the axis, and up.
    x, y
        The points; people, shares or minutes.
    gain
        What each point adds to the one before, missing at the first.
    proven
        Whether each point is proven optimal.
    bound
        The best that any plan could reach at each point; the point itself where it is proven.
    plan
        The plan that the report proposes, in the same measures; missing where it has none.
    knee
        Number of the point after which more brings markedly less, if there is one.
    total
        All the people of the group.
    stepped
        Whether the points are sites built one after another, not plans of their own.
    """

    along: Measured
    up: Measured
    x: tuple[float, ...]
    y: tuple[float, ...]
    gain: tuple[float, ...]
    proven: tuple[bool, ...]
    bound: tuple[float, ...]
    plan: tuple[float, float] | None
    knee: int | None
    total: float
    stepped: bool

    def holds(self, other: Curve) -> bool:
        """Return whether every point of another curve is one of this one.

        Parameters
        ----------
        other
            The other curve; one that measures something else has none.

        Returns
        -------
        Whether it is.
        """
        if (self.along, self.up) != (other.along, other.up):
            return False
        own = dict(zip(self.x, self.y, strict=True))
        points = zip(other.x, other.y, strict=True)
        return all(math.isclose(own.get(x, math.nan), y, rel_tol=1e-9) for x, y in points)


def of_question(
    plan: Plan, made: Mapping[str, pd.DataFrame], shows: Shows, question: int
) -> Curve | None:
    """Read the front of a siting question, or what its sites add one by one, as a curve.

    Parameters
    ----------
    plan
        The plan.
    made
        Its tables, as `planner.output.report.tables` makes them.
    shows
        ``"steps"``, or the name of a front: as its table is called.
    question
        Number of the siting question.

    Returns
    -------
    The curve; nothing where there are too few points for one.
    """
    answer = plan.siting[question - 1]
    total = float(answer.people["weight"].sum())
    if shows == "steps":
        return steps(answer, total)
    table = made.get(shows, pd.DataFrame({"question": []}))
    return front(answer, table[table["question"] == question], total, *TRADES[shows])


def front(
    answer: SitingAnswer,
    table: pd.DataFrame,
    total: float,
    alongs: tuple[Measured, ...],
    up: Measured,
) -> Curve | None:
    """Return a front as a curve.

    Parameters
    ----------
    answer
        The siting answer.
    table
        The front as `planner.output.report.tables` gives it, with ``proven`` and perhaps ``bound``.
    total
        All the people of the group.
    alongs
        What may be measured along the axis: the first that the table holds.
    up
        What is measured up.

    Returns
    -------
    The curve; None where there are too few points.
    """
    along = next((name for name in alongs if _known(table, name)), None)
    if along is None or not _known(table, up):
        return None
    own = table.dropna(subset=[along, up]).sort_values(along, kind="stable")
    if len(own) < FEWEST:
        return None
    x, y = own[along].to_numpy(float), own[up].to_numpy(float)
    bound = own["bound"].to_numpy(float) if "bound" in own else y
    proven = own["proven"].astype(bool) if "proven" in own else pd.Series(True, index=own.index)
    return Curve(
        along=along,
        up=up,
        x=tuple(x),
        y=tuple(y),
        gain=(math.nan, *np.diff(y)),
        proven=tuple(proven),
        bound=tuple(np.where(np.isfinite(bound), bound, y)),
        plan=_of_plan(answer, along, up, total),
        knee=_knee(x, y) if up == "covered" and x[0] == 0 else None,
        total=total,
        stepped=False,
    )


def steps(answer: SitingAnswer, total: float) -> Curve | None:
    """Return what the chosen sites add, one after another, as a curve that starts from today.

    Parameters
    ----------
    answer
        The siting answer.
    total
        All the people of the group.

    Returns
    -------
    The curve; None where there are too few sites, or they add nothing.
    """
    added = answer.sites["added"].to_numpy(float) if len(answer.sites) else np.array([])
    start = answer.before * total
    if len(added) < FEWEST or not math.isfinite(start) or added.sum() <= 0:
        return None
    y = np.concatenate([[start], answer.sites["cumulative"].to_numpy(float)])
    x = np.arange(len(y), dtype=float)
    return Curve(
        along="sites",
        up="covered",
        x=tuple(x),
        y=tuple(y),
        gain=(math.nan, *added),
        proven=(True,) * len(y),
        bound=tuple(y),
        plan=None,
        knee=_knee(x, y),
        total=total,
        stepped=True,
    )


def _known(table: pd.DataFrame, column: str) -> bool:
    return column in table and bool(table[column].notna().any())


def _of_plan(
    answer: SitingAnswer, along: Measured, up: Measured, total: float
) -> tuple[float, float] | None:
    """Place the proposed plan among the plans of its front."""
    place = {"sites": float(len(answer.sites)), "cost": answer.result.cost}.get(along)
    if place is None or up != "covered" or not math.isfinite(answer.after * total):
        return None
    return place, answer.after * total


def _knee(x: np.ndarray, y: np.ndarray) -> int | None:
    """Find the point that rises highest above the chord, if it rises markedly.

    So Satopaa, Albrecht, Irwin & Raghavan (2011) find a knee of a smooth curve.
    """
    if len(x) < BENT or x[-1] <= x[0] or y[-1] <= y[0]:
        return None
    above = (y - y[0]) / (y[-1] - y[0]) - (x - x[0]) / (x[-1] - x[0])
    best = int(above.argmax())
    return best if above[best] >= BEND and 0 < best < len(x) - 1 else None
