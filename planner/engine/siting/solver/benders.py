"""The p-median as a program of sites alone, with a cut for each row (Benders 1962).

What a row costs is a column of its own. For any price, a row costs at least that price less what
each site that serves it for less would save: a cut, in closed form. The cut that a choice of sites
breaks most is that of the price at which sites open so far, nearest first, add up to one; finding
it is one look along the row (Duran-Mateluna, Ales & Elloumi 2023, doi:10.1016/j.ejor.2022.11.033).
"""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN201, PLR0917

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from planner.engine.jit import compiled
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.solver.program import Clock
from planner.engine.siting.solver.reduced import ReducedProblem

COARSE = 1e4  # what the dearest row costs in the program: solvers like figures of that size
BROKEN = 1e-6  # share of a row's cost by which a cut must be broken to be added
ROUNDS = 100


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """What the program without whole numbers finds.

    Parameters
    ----------
    share
        How far each site (m) is open.
    price
        What each row (n) pays, such that ``certify`` gives the program's value, or more.
    multiplier
        Price of each rule, above zero for its upper bound and below for its lower.
    """

    share: Floats
    price: Floats
    multiplier: Floats


class Master:
    """The program of sites, solved again and again while cuts are added and sites fixed.

    Parameters
    ----------
    core
        The problem.
    price
        Prices of its rows (n) to begin with: of the first two cuts of each row.

    Attributes
    ----------
    spent
        Steps of the simplex method so far, each times the entries of the program.
    """

    def __init__(self, core: ReducedProblem, price: Floats) -> None:
        flat, rules = core.flat, core.rules
        self._core, self.spent = core, 0
        n, m = len(flat.outside), len(core.names)
        self._unit = max(1.0, float(flat.outside.max(initial=0)) / COARSE)
        self._least = flat.outside.copy()
        live = np.diff(flat.indptr) > 0
        self._least[live] = flat.cost[flat.indptr[:-1][live]]
        solver = highspy.Highs()
        for name, value in (("output_flag", False), ("presolve", "off")):
            solver.setOptionValue(name, value)
        free = np.inf * np.ones(n)
        solver.addVars(
            m + n, np.append(np.zeros(m), self._least / self._unit), np.append(np.ones(m), free)
        )
        solver.changeColsCost(
            m + n, np.arange(m + n, dtype=np.int32), np.append(np.zeros(m), np.ones(n))
        )
        k = len(rules.high)
        site = np.repeat(np.arange(m), np.diff(rules.ptr[: m + 1]))
        by_rule = np.argsort(rules.rule[: len(site)], kind="stable")
        starts = np.searchsorted(rules.rule[: len(site)][by_rule], np.arange(k))
        solver.addRows(
            k + 1,
            np.append(-np.inf, rules.low - rules.tolerance),
            np.append(float(core.p), rules.high + rules.tolerance),
            m + len(site),
            np.append(0, m + starts).astype(np.int32),
            np.append(np.arange(m), site[by_rule]).astype(np.int32),
            np.append(np.ones(m), rules.factor[: len(site)][by_rule]),
        )
        self._solver = solver
        self._rows, self._prices = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        for side in (0, 1):
            self._add(np.arange(n), around(flat.indptr, flat.cost, flat.outside, price, side))

    def fix(self, opened: NDArray[np.bool_], barred: NDArray[np.bool_]) -> None:
        """Open some sites and close some from here on.

        Parameters
        ----------
        opened, barred
            Which sites (m) are open, and which closed.
        """
        m = len(opened)
        low, high = opened.astype(np.float64), (~barred).astype(np.float64)
        self._solver.changeColsBounds(m, np.arange(m, dtype=np.int32), low, high)

    def solve(self, enough: int, clock: Clock) -> Relaxed | None:
        """Solve the program without whole numbers, adding cuts until none is broken.

        Parameters
        ----------
        enough
            Effort at which to stop: see ``spent``.
        clock
            Time left.

        Returns
        -------
        Relaxed
            None if it cannot be solved, or time ran out, or ``spent`` reached ``enough``.
        """
        flat, m = self._core.flat, len(self._core.names)
        n = len(flat.outside)
        price, value = np.zeros(n, dtype=np.int64), np.zeros(n)
        for _ in range(ROUNDS):
            entries = self._solver.getNumNz()
            steps = (enough - self.spent) // entries + 1
            if clock.left() <= 0 or self.spent >= enough:
                return None
            self._solver.setOptionValue("time_limit", self._solver.getRunTime() + clock.left())
            self._solver.setOptionValue("simplex_iteration_limit", int(min(steps, 2**30)))
            self._solver.run()
            taken = max(1, self._solver.getInfo().simplex_iteration_count)
            self.spent += entries * taken
            if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return None
            found = self._solver.getSolution()
            point = np.asarray(found.col_value)
            share = np.clip(point[:m], 0.0, 1.0)
            separate(flat.indptr, flat.cols, flat.cost, flat.outside, share, price, value)
            broken = value - point[m:] * self._unit > BROKEN * np.maximum(value, self._unit)
            if not broken.any():
                break
            self._add(np.flatnonzero(broken), price[broken])
        return self._priced(share, np.asarray(found.row_dual))

    def _add(self, rows: Ints, prices: Ints) -> None:
        """Add cuts of some rows at some prices."""
        flat, m = self._core.flat, len(self._core.names)
        starts, columns, values = cuts(flat.indptr, flat.cols, flat.cost, rows, prices, m)
        values /= self._unit
        values[starts] = 1.0
        none = np.full(len(rows), np.inf)
        low = prices / self._unit
        size = len(columns)
        self._solver.addRows(len(rows), low, none, size, starts.astype(np.int32), columns, values)
        self._rows = np.concatenate([self._rows, rows])
        self._prices = np.concatenate([self._prices, prices])

    def _priced(self, share: Floats, dual: Floats) -> Relaxed:
        """Return one price of each row from the weights of its cuts.

        What a site saves a row is convex in the price, so that the mean price saves no more than
        the cuts do together, and bounds at least as well.
        """
        k = len(self._core.rules.high)
        weight = np.maximum(dual[1 + k :], 0.0)
        n = len(self._least)
        total = np.bincount(self._rows, weight, minlength=n)
        price = np.bincount(self._rows, weight * self._prices, minlength=n)
        price = price + np.maximum(1.0 - total, 0.0) * self._least
        multiplier = -dual[1 : 1 + k] * self._unit
        return Relaxed(share=share, price=price / np.maximum(total, 1.0), multiplier=multiplier)


@compiled
def around(indptr, cost, outside, price, side):
    """Return a cost of each row near its price: the one just above, or the one below that.

    Parameters
    ----------
    indptr, cost
        Costs of each row in ascending order, see `kernels.Flat`.
    outside
        Cost of each row (n) that is not served.
    price
        Price of each row (n).
    side
        0 for the cost just above the price, 1 for the one below that.

    Returns
    -------
    One cost for each row (n).
    """
    found = np.empty(len(outside), np.int64)
    for r in range(len(outside)):
        k = indptr[r]
        while k < indptr[r + 1] and cost[k] < price[r]:
            k += 1
        above = cost[k] if k < indptr[r + 1] else outside[r]
        if side == 1:
            k -= 1
            while k > indptr[r] and cost[k] >= above:
                k -= 1
            above = cost[max(k, indptr[r])] if indptr[r] < indptr[r + 1] else above
        found[r] = above
    return found


@compiled
def separate(indptr, cols, cost, outside, share, price, value):
    """Find the price of each row's most broken cut.

    It is the price at which the sites open so far, nearest first, add up to one: the cut is linear
    between the row's costs, and its slope changes sign there.

    Parameters
    ----------
    indptr, cols, cost, outside
        The rows, see `kernels.Flat`.
    share
        How far each site (m) is open.
    price, value
        Take the price of each row (n), and what the cut says that the row costs.
    """
    for r in range(len(outside)):
        left, price[r], value[r] = 1.0, outside[r], 0.0
        for k in range(indptr[r], indptr[r + 1]):
            part = share[cols[k]]
            if part >= left - 1e-9:
                price[r] = cost[k]
                value[r] += left * cost[k]
                left = 0.0
                break
            value[r] += part * cost[k]
            left -= part
        value[r] += left * outside[r]


@compiled
def cuts(indptr, cols, cost, rows, prices, m):
    """Return cuts of some rows as sparse arrays.

    Parameters
    ----------
    indptr, cols, cost
        The rows, see `kernels.Flat`.
    rows, prices
        Rows that get a cut, and the price of each.
    m
        Number of sites; the column of row r is m + r.

    Returns
    -------
    starts, columns, values
        Where each cut starts, its columns and its coefficients; the row's own comes first.
    """
    total = len(rows)
    for i in range(len(rows)):
        for k in range(indptr[rows[i]], indptr[rows[i] + 1]):
            total += cost[k] < prices[i]
    starts = np.empty(len(rows), np.int64)
    columns, values = np.empty(total, np.int32), np.empty(total)
    at = 0
    for i in range(len(rows)):
        starts[i], columns[at], values[at] = at, m + rows[i], 1.0
        at += 1
        for k in range(indptr[rows[i]], indptr[rows[i] + 1]):
            if cost[k] >= prices[i]:
                break
            columns[at], values[at] = cols[k], prices[i] - cost[k]
            at += 1
    return starts, columns, values
