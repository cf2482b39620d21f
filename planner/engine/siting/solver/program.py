"""A mixed-integer program, gathered in blocks as sparse arrays and passed straight to HiGHS."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.jit import compiling_s
from planner.engine.quiet import ASIDE
from planner.engine.siting.problem.constraints import Limit
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.solver import highs
from planner.engine.siting.solver.highs import Answer, Stated
from planner.engine.siting.solver.worker import solve_aside

LOOKS = 5_000_000  # for dominated columns, at most: presolve of HiGHS asks no clock meanwhile
TOO_LONG_S = 1e9
ASIDE_FROM = 50_000  # entries of a program: smaller ones look at the clock often enough


class Program:
    """A program under construction: blocks of columns, then of rows.

    Parameters
    ----------
    maximise
        Whether the objective is to be made large.
    """

    def __init__(self, *, maximise: bool) -> None:
        self.maximise = maximise
        self._columns: list[tuple[Floats, Floats, Floats, NDArray[np.bool_]]] = []
        self._rows: list[tuple[sparse.csr_array, Floats, Floats]] = []
        self._n = 0

    def columns(
        self,
        n: int,
        *,
        worth: Floats | float = 0.0,
        low: Floats | float = 0.0,
        high: Floats | float = 1.0,
        whole: bool = False,
    ) -> Ints:
        """Add variables.

        Parameters
        ----------
        n
            How many.
        worth
            What a unit of each counts in the objective.
        low, high
            Bounds of each.
        whole
            Whether they have to be whole numbers.

        Returns
        -------
        numpy.ndarray
            Their numbers (n).
        """

        def _filled(value: Floats | float) -> Floats:
            return np.broadcast_to(np.asarray(value, dtype=np.float64), n).copy()

        self._columns.append((_filled(worth), _filled(low), _filled(high), np.full(n, whole)))
        self._n += n
        return np.arange(self._n - n, self._n)

    def rows(
        self,
        *blocks: tuple[Ints, sparse.csr_array],
        low: Floats | float = -np.inf,
        high: Floats | float = np.inf,
    ) -> None:
        """Add constraints.

        Parameters
        ----------
        *blocks
            Numbers of columns, with the coefficients of the rows (k) on them. Blocks stand side by
            side.
        low, high
            Bounds of each row.
        """
        n = blocks[0][1].shape[0]
        parts = [matrix.tocoo() for _, matrix in blocks]
        row = np.concatenate([part.coords[0] for part in parts])
        col = np.concatenate(
            [numbers[part.coords[1]] for (numbers, _), part in zip(blocks, parts, strict=True)]
        )
        values = np.concatenate([part.data for part in parts])
        matrix = sparse.coo_array((values, (row, col)), shape=(n, self._n)).tocsr()
        self._rows.append(
            (matrix, np.broadcast_to(low, n).astype(float), np.broadcast_to(high, n).astype(float))
        )

    def row(
        self, numbers: Ints, values: Floats, *, low: float = -np.inf, high: float = np.inf
    ) -> None:
        """Add one constraint.

        Parameters
        ----------
        numbers, values
            Columns, and the coefficient of each.
        low, high
            Bounds of the sum.
        """
        matrix = sparse.csr_array(np.asarray(values, dtype=np.float64)[None, :])
        self.rows((numbers, matrix), low=low, high=high)

    def limits(self, numbers: Ints, limits: tuple[Limit, ...]) -> None:
        """Add rules on the choice of sites.

        Parameters
        ----------
        numbers
            Columns of the sites (m).
        limits
            The rules.
        """
        if not limits:
            return
        at = np.repeat(np.arange(len(limits)), [len(limit.sites) for limit in limits])
        sites = np.concatenate([limit.sites for limit in limits])
        values = np.concatenate([limit.factors for limit in limits])
        shape = (len(limits), len(numbers))
        self.rows(
            (numbers, sparse.coo_array((values, (at, sites)), shape=shape).tocsr()),
            low=np.array([limit.low for limit in limits]),
            high=np.array([limit.high for limit in limits]),
        )

    def solve(
        self,
        *,
        time_limit_s: float,
        seed: int = 0,
        start: tuple[Ints, Floats] | None = None,
        unit: float = 0.0,
    ) -> Answer:
        """Solve to proven optimality, or until time runs out.

        Parameters
        ----------
        time_limit_s
            Seconds, those of handing the program over included. They are kept whatever HiGHS does:
            a large program is solved in a process of its own, which is stopped.
        seed
            Of the solver.
        start
            Columns and values of a plan known already; the solver completes it.
        unit
            A step such that every plan's objective is a multiple of it, zero if there is none: a
            gap below one step is then a proof.

        Returns
        -------
        What was found, and a proven bound.
        """
        clock = Clock(time_limit_s)
        worth, low, high, whole = self._blocks()
        matrix = _stack([part for part, _, _ in self._rows], self._n)
        options: dict[str, float | int | bool | str] = {
            "mip_rel_gap": 0.0,
            "mip_feasibility_tolerance": 1e-9,
            "primal_feasibility_tolerance": 1e-9,
            "mip_abs_gap": max(1e-9, unit * (1.0 - 1e-6)),
            "random_seed": seed,
            # HiGHS reads no clock while it looks for symmetries: 15 x 9 of a Steiner triple system
            # took minutes beyond a limit of seconds, and where it ended it gained little.
            "mip_detect_symmetry": False,
        }
        if whole.any() and _dominance_looks(matrix) > LOOKS:
            options["presolve"] = "off"
        stated = Stated(
            maximise=self.maximise,
            worth=worth,
            low=low,
            high=high,
            whole=whole,
            row_low=np.concatenate([part for _, part, _ in self._rows] or [np.zeros(0)]),
            row_high=np.concatenate([part for _, _, part in self._rows] or [np.zeros(0)]),
            starts=matrix.indptr,
            columns=matrix.indices,
            values=matrix.data,
            options=options,
            start=None if start is None else (start[0].astype(np.int32), start[1]),
        )
        if matrix.nnz > ASIDE_FROM and np.isfinite(time_limit_s):
            return solve_aside(stated, clock.left())
        with ASIDE:
            return highs.solve(stated, max(min(clock.left(), TOO_LONG_S), 0.01))

    def solve_again(
        self,
        answer: Answer,
        numbers: Ints,
        points: Floats,
        *,
        slack: float,
        time_limit_s: float,
        seed: int = 0,
    ) -> Answer:
        """Find most points among plans whose objective is hardly worse than an answer's.

        The program is left with that rule and that objective.

        Parameters
        ----------
        answer
            What `solve` found; it holds a plan.
        numbers, points
            Columns, and the points that each one counts.
        slack
            How much worse the objective may be.
        time_limit_s, seed
            As for `solve`.

        Returns
        -------
        What was found; without a point if time was too short.
        """
        worth = self._blocks()[0]
        slack += 1e-9 * abs(answer.objective)
        everything = np.arange(self._n)
        if self.maximise:
            self.row(everything, worth, low=answer.objective - slack)
        else:
            self.row(everything, worth, high=answer.objective + slack)
        points_of = np.zeros(self._n)
        points_of[numbers] = points if self.maximise else -points
        start = 0
        for block_worth, *_ in self._columns:
            block_worth[:] = points_of[start : start + len(block_worth)]
            start += len(block_worth)
        assert answer.point is not None  # noqa: S101 - the caller has a plan
        known = (everything, answer.point)
        return self.solve(time_limit_s=time_limit_s, seed=seed, start=known)

    def _blocks(self) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
        worth, low, high, whole = (
            np.concatenate(part) for part in zip(*self._columns, strict=True)
        )
        return worth, low, high, whole


def _dominance_looks(matrix: sparse.csr_array) -> float:
    """Return about how many entries presolve looks at to find columns that others dominate.

    Each column is held against those of its shortest row, entry by entry.
    """
    sizes = np.diff(matrix.indptr)
    shortest = np.full(matrix.shape[1], np.inf)
    np.minimum.at(shortest, matrix.indices, np.repeat(sizes, sizes).astype(np.float64))
    filled = np.bincount(matrix.indices, minlength=matrix.shape[1])
    return float(shortest[filled > 0] @ filled[filled > 0])


def _stack(parts: list[sparse.csr_array], n: int) -> sparse.csr_array:
    """Return row blocks below each other; earlier ones know fewer columns."""
    if not parts:
        return sparse.csr_array((0, n))
    starts = np.cumsum([0, *(part.nnz for part in parts)])
    tops = [part.indptr[1:] + start for part, start in zip(parts, starts, strict=False)]
    return sparse.csr_array(
        (
            np.concatenate([part.data for part in parts]),
            np.concatenate([part.indices for part in parts]).astype(np.int32),
            np.concatenate([[0], *tops]).astype(np.int32),
        ),
        shape=(sum(part.shape[0] for part in parts), n),
    )


class Clock:
    """Time left of a limit; time spent compiling does not count against it.

    Parameters
    ----------
    limit_s
        Seconds.
    within
        A clock that this one never outlasts.
    """

    def __init__(self, limit_s: float, within: Clock | None = None) -> None:
        self._end = time.monotonic() - compiling_s() + limit_s
        self._within = within

    def left(self) -> float:
        """Return how many seconds are left, never less than none."""
        own = max(self._end - time.monotonic() + compiling_s(), 0.0)
        return own if self._within is None else min(own, self._within.left())

    def part(self, share: float) -> Clock:
        """Return a clock of a share of the time left.

        Parameters
        ----------
        share
            The share, up to 1.

        Returns
        -------
        A clock that ends no later than this one.
        """
        return Clock(self.left() * share, within=self)
