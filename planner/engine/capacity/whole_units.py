"""Assign each community as a whole to one facility; a facility may take several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from planner.engine.capacity.allocation import PROOF, Allocation, integer_amounts, make_allocation
from planner.engine.capacity.pairs import Floats, Ints, Pairs
from planner.engine.quiet import ASIDE

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint


def serve_whole(
    pairs: Pairs, *, most_each: int | None = None, time_limit_s: float = 60.0
) -> Allocation:
    """Send each demand row, undivided, to one facility: most people first, then fewest minutes.

    The generalised assignment problem (Ross and Soland 1975), solved by HiGHS with its bound.
    With communities as rows (see `by_unit`) it says which villages share a centre; with
    ``most_each = 1`` each centre has one village.

    Parameters
    ----------
    pairs
        Who can reach what.
    most_each
        Most rows that one facility may take.
    time_limit_s
        Time for each of the two programs.

    Returns
    -------
    Who is served where, and how good that is.

    Raises
    ------
    InputError
        If there is nobody to serve.
    """
    from scipy.optimize import LinearConstraint  # noqa: PLC0415  slow to load, few ask for it

    counts, capacity, parts = integer_amounts(pairs)
    fits = (counts[pairs.row] <= capacity[pairs.col]) & (counts[pairs.row] > 0)
    usable = pairs.select(fits)
    row, col = usable.row, usable.col
    people = counts[row] / parts
    numbers, ones = np.arange(len(row)), np.ones(len(row))
    n, m = len(pairs.demand), len(pairs.facilities)

    def _rows(
        values: Floats, at: Ints, most: Floats | float, size: int, least: Floats | float = -np.inf
    ) -> LinearConstraint:
        matrix = sparse.csr_array((values, (at, numbers)), shape=(size, len(numbers)))
        return LinearConstraint(matrix, least, most)

    rules = [_rows(ones, row, 1.0, n), _rows(people, col, capacity / parts, m)]
    if most_each is not None:
        rules.append(_rows(ones, col, float(most_each), m))
    chosen, bound, first = _program(-people, rules, np.zeros(len(row)), time_limit_s)
    served = float(people @ chosen)
    if served == counts[usable.reached].sum() / parts:  # everybody: a far easier rule to solve
        rules[0] = _rows(ones, row, 1.0, n, least=usable.reached.astype(float))
    else:
        rules.append(LinearConstraint(people[None, :], served * (1 - 1e-12), np.inf))
    minutes = people * usable.minutes
    chosen, least, second = _program(minutes, rules, chosen, time_limit_s)
    # The solver's tolerance may let fractions of people exceed a capacity: leave those out.
    over = np.bincount(col, counts[row] * chosen, m) > capacity * (1 + PROOF)
    chosen = chosen * ~over[col]
    flows = np.zeros(len(pairs.col), dtype=np.int64)
    flows[fits] = counts[row] * (chosen > 0)
    proven = first and second and not over.any()
    return make_allocation(
        pairs, flows, counts, rule="whole", bound=-bound, least=least, proven=proven
    )


def by_unit(
    od: pd.DataFrame, people: pd.Series, unit: pd.Series, *, reached_share: float = 0.5
) -> tuple[pd.DataFrame, pd.Series]:
    """Return an OD table of points as one of communities, to be served whole.

    Parameters
    ----------
    od
        ``demand``, ``facility``, ``minutes``.
    people
        People of each demand label.
    unit
        Community of each demand label.
    reached_share
        Share of a community's people who must reach a facility for it to be a choice.

    Returns
    -------
    ``demand`` (the community), ``facility``, ``minutes`` (mean of the people who reach it),
    ``farthest_min`` and ``reached`` (their share); and the people of each community.
    """
    totals = people.groupby(unit.reindex(people.index)).sum().rename_axis(None)
    weight = people.reindex(od["demand"]).to_numpy(float)
    frame = pd.DataFrame(
        {
            "demand": unit.reindex(od["demand"]).to_numpy(),
            "facility": od["facility"].to_numpy(),
            "people": weight,
            "minutes": od["minutes"].to_numpy(float) * weight,
            "farthest_min": od["minutes"].to_numpy(float),
        }
    )
    frame = frame[frame["people"] > 0]
    sums = frame.groupby(["demand", "facility"], observed=True).agg(
        {"people": "sum", "minutes": "sum", "farthest_min": "max"}
    )
    sums = sums.reset_index()
    sums["minutes"] /= sums["people"]
    sums["reached"] = sums.pop("people") / totals.reindex(sums["demand"]).to_numpy(float)
    return sums[sums["reached"] >= reached_share - PROOF].reset_index(drop=True), totals


def _program(
    cost: Floats, rules: list[LinearConstraint], known: Floats, time_limit_s: float
) -> tuple[Floats, float, bool]:
    """Choose pairs, each wholly or not, at least cost; return choice, bound, whether they meet."""
    if not len(cost):
        return known, 0.0, True
    from scipy.optimize import Bounds, milp  # noqa: PLC0415

    # Bounds of exactly 0 and 1, and no gap left: HiGHS stops at 1e-4 unless told otherwise.
    with ASIDE:
        answer = milp(
            cost,
            integrality=np.ones(len(cost), dtype=np.int64),
            bounds=Bounds(0, 1),
            constraints=rules,
            options={"mip_rel_gap": 0.0, "time_limit": time_limit_s},
        )
    chosen = known if answer.x is None else np.rint(answer.x)
    bound = answer.mip_dual_bound
    value = float(cost @ chosen)
    if bound is None or not np.isfinite(bound):
        bound = float(cost[cost < 0].sum())
    met = answer.status == 0 or value - bound <= PROOF * max(abs(value), 1.0)
    return chosen, value if met else float(bound), bool(met)
