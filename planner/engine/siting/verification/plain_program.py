"""A mixed-integer program in plain words: named rules, checked on a plan or solved by SciPy.

It serves `planner.siting.verify` alone and shares nothing with the search: each rule is one row
that can be read, evaluated for a given plan, and handed to `scipy.optimize.milp`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from planner.engine.quiet import ASIDE

TOLERANCE = 1e-6  # by how much rounding may overstep a rule, as a share of its terms
Numbers = NDArray[np.int64]
Point = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Some rows of one kind: what must lie between two bounds, and what it is called."""

    key: str
    names: tuple[Any, ...]
    matrix: sparse.csr_array
    low: Point
    high: Point


class PlainProgram:
    """Variables and rules, as they are added."""

    def __init__(self) -> None:
        self.low: list[Point] = []
        self.high: list[Point] = []
        self.whole: list[NDArray[np.bool_]] = []
        self.rules: list[Rule] = []
        self.n = 0
        self.time_limit_s = np.inf

    def variables(
        self, n: int, *, low: ArrayLike = 0.0, high: ArrayLike = 1.0, whole: bool = True
    ) -> Numbers:
        """Add variables.

        Parameters
        ----------
        n
            How many.
        low, high
            Bounds of each.
        whole
            Whether they are whole numbers.

        Returns
        -------
        numpy.ndarray
            Their numbers (n).
        """
        self.low.append(np.broadcast_to(np.asarray(low, dtype=np.float64), n).copy())
        self.high.append(np.broadcast_to(np.asarray(high, dtype=np.float64), n).copy())
        self.whole.append(np.full(n, whole))
        self.n += n
        return np.arange(self.n - n, self.n)

    def rule(
        self,
        key: str,
        name: Any,
        terms: Iterable[tuple[Numbers, ArrayLike]],
        *,
        low: float = -np.inf,
        high: float = np.inf,
    ) -> None:
        """Add one rule: the sum of some variables, each times a factor, lies between two bounds.

        Parameters
        ----------
        key, name
            Kind of the rule, and its own name.
        terms
            Numbers of variables, each list with its factor or factors.
        low, high
            The bounds.
        """
        parts = [(numbers, np.broadcast_to(factor, len(numbers))) for numbers, factor in terms]
        column = np.concatenate([np.zeros(0, dtype=np.int64), *(numbers for numbers, _ in parts)])
        value = np.concatenate([np.zeros(0), *(factor for _, factor in parts)])
        self.many(key, (name,), (np.zeros(len(column), dtype=np.int64), column, value), low, high)

    def many(
        self,
        key: str,
        names: Iterable[Any],
        entries: tuple[Numbers, Numbers, ArrayLike],
        low: ArrayLike = -np.inf,
        high: ArrayLike = np.inf,
    ) -> None:
        """Add rules of one kind.

        Parameters
        ----------
        key, names
            Kind of the rules, and the name of each (k).
        entries
            Row, variable and factor of each term.
        low, high
            Bounds of each rule.
        """
        named = tuple(names)
        row, column, value = entries
        values = np.broadcast_to(np.asarray(value, dtype=np.float64), len(row))
        shape = (len(named), self.n)
        self.rules.append(
            Rule(
                key=key,
                names=named,
                matrix=sparse.coo_array((values, (row, column)), shape=shape).tocsr(),
                low=np.broadcast_to(np.asarray(low, dtype=np.float64), len(named)).copy(),
                high=np.broadcast_to(np.asarray(high, dtype=np.float64), len(named)).copy(),
            )
        )

    def broken(self, point: Point) -> list[tuple[str, Any]]:
        """Return the kind and the name of every rule that a point does not keep.

        Parameters
        ----------
        point
            Values of all variables.

        Returns
        -------
        Kind and name, one pair for each rule; bounds of variables are of the kind ``"bounds"``.
        """
        found = []
        for rule in self.rules:
            wide = rule.matrix.shape[1]
            value = rule.matrix @ point[:wide]
            slack = TOLERANCE * np.maximum(1.0, abs(rule.matrix) @ np.abs(point[:wide]))
            wrong = (value < rule.low - slack) | (value > rule.high + slack)
            found += [(rule.key, rule.names[row]) for row in np.flatnonzero(wrong)]
        low, high = np.concatenate(self.low), np.concatenate(self.high)
        outside = (point < low - TOLERANCE * np.maximum(1.0, abs(low))) | (
            point > high + TOLERANCE * np.maximum(1.0, abs(high))
        )
        return [*found, *(("bounds", int(number)) for number in np.flatnonzero(outside))]

    def best(self, worth: Point, *, nodes: int) -> float | None:
        """Return the least worth of any point; infinite if there is none, None if unsettled.

        Parameters
        ----------
        worth
            What a unit of each variable counts.
        nodes
            Nodes of the branch and bound after which HiGHS gives up.

        Returns
        -------
        The least worth.
        """
        # A third of a second to load, and few runs ask for the best of all plans.
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415

        shapes = [rule.matrix.shape for rule in self.rules]
        rows = [
            sparse.hstack([rule.matrix, sparse.csr_array((count, self.n - wide))]).tocsr()
            for rule, (count, wide) in zip(self.rules, shapes, strict=True)
        ]
        constraints = []
        if rows:
            low = np.concatenate([rule.low for rule in self.rules])
            high = np.concatenate([rule.high for rule in self.rules])
            constraints = [LinearConstraint(sparse.vstack(rows).tocsr(), low, high)]
        with ASIDE:
            found = milp(
                worth,
                integrality=np.concatenate(self.whole).astype(np.int64),
                bounds=Bounds(np.concatenate(self.low), np.concatenate(self.high)),
                constraints=constraints,
                options={
                    "node_limit": nodes,
                    "mip_rel_gap": 0.0,
                    "time_limit": self.time_limit_s,
                },
            )
        if found.status == 0:
            return float(found.fun)
        return np.inf if found.status == 2 else None  # 2: infeasible
