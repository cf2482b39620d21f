"""The form in which location problems are searched and bounded: whole numbers, equal rows merged.

Row ``r`` is served by its cheapest open site or pays ``outside[r]``; at most p sites are opened;
the sum is to be small. Covering is the case where service costs nothing and ``outside`` is the
weight lost; in the p-median, service costs weighted time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.covering_rows import group_rows
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.solver.kernels import Flat, order_within
from planner.engine.siting.solver.linear_constraints import LinearRules, no_rules, restrict

SUM_BITS = 45  # sums stay below 2**45, so that 2**16 times as much still fits 64 bits


@dataclass(frozen=True, kw_only=True)
class ReducedProblem:
    """A location problem in whole numbers.

    Parameters
    ----------
    flat
        Rows (r) and the sites (m) that serve them.
    p
        Sites that may be opened.
    base
        Cost that no choice changes.
    names
        The caller's number of each site (m).
    rules
        Further linear rules on the sites that may be opened.
    """

    flat: Flat
    p: int
    base: int
    names: Ints
    rules: LinearRules

    @property
    def has_rules(self) -> bool:
        """Return whether there are rules beside the number of sites."""
        return len(self.rules.high) > 0


def build_reduced(  # noqa: PLR0917
    row: Ints,
    site: Ints,
    cost: Ints,
    outside: Ints,
    p: int,
    names: Ints,
    base: int = 0,
    rules: LinearRules | None = None,
) -> tuple[ReducedProblem, Ints]:
    """Build a reduced problem from entries.

    Entries that cost no less than staying outside are dropped, rows without entries become part of
    the base, and rows that list the same sites in the same order are added up: their cheapest open
    site is always the same.

    Parameters
    ----------
    row, site, cost
        Entries: row, site, and the cost of serving the row there.
    outside
        Cost of each row (n) that is not served.
    p
        How many sites may be opened.
    names
        The caller's number of each site (m).
    base
        Cost that no choice changes.
    rules
        Further rules on the sites; None for none.

    Returns
    -------
    core, of
        The problem, and which of its rows each of the caller's became (n), -1 for none.
    """
    useful = cost < outside[row]
    row, site, cost = row[useful], site[useful], cost[useful]
    same = row[1:] == row[:-1]
    mixed, sinks = row[1:] < row[:-1], same & (cost[1:] < cost[:-1])
    if mixed.any() or sinks.any():
        if mixed.any() or (same & (site[1:] < site[:-1])).any():
            order = np.lexsort((site, cost, row))
        else:
            ends = np.append(np.flatnonzero(~same) + 1, len(row)) if len(row) else np.zeros(0)
            order = order_within(ends.astype(np.int64), cost)
        row, site, cost = row[order], site[order], cost[order]
    n = len(outside)
    counts = np.bincount(row, minlength=n)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    first, of = group_rows(indptr, site)
    live = counts > 0
    base += int(outside[~live].sum())
    merged_outside = np.zeros(len(first), dtype=np.int64)
    np.add.at(merged_outside, of[live], outside[live])
    sizes = counts[first]
    merged_ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    take = np.repeat(indptr[first] - merged_ptr[:-1], sizes) + np.arange(merged_ptr[-1])
    merged_cols = site[take].astype(np.int32)
    inside = np.arange(len(row)) - indptr[row]
    merged_cost = np.zeros(merged_ptr[-1], dtype=np.int64)
    np.add.at(merged_cost, merged_ptr[of[row]] + inside, cost)
    matrix = sparse.csr_array(
        (np.arange(1, len(take) + 1), merged_cols, merged_ptr), shape=(len(first), len(names))
    ).tocsc()
    flat = Flat(
        indptr=merged_ptr,
        cols=merged_cols,
        cost=merged_cost,
        colptr=matrix.indptr.astype(np.int64),
        rows=matrix.indices.astype(np.int32),
        colcost=merged_cost[matrix.data - 1],
        outside=merged_outside,
    )
    rules = no_rules(len(names)) if rules is None else rules
    return ReducedProblem(flat=flat, p=p, base=base, names=names, rules=rules), of


def shrink(
    core: ReducedProblem, price: Floats, forced: NDArray[np.bool_], barred: NDArray[np.bool_]
) -> tuple[ReducedProblem, Floats]:
    """Return a problem with some sites open or closed for good, and the prices of what remains.

    Parameters
    ----------
    core
        The problem.
    price
        Price of each of its rows (n).
    forced, barred
        Which sites (m) are open for good, and which are closed.

    Returns
    -------
    The smaller problem, and the price of each of its rows.
    """
    flat = core.flat
    row = np.repeat(np.arange(len(flat.outside)), np.diff(flat.indptr))
    outside = flat.outside.copy()
    served = forced[flat.cols]
    np.minimum.at(outside, row[served], flat.cost[served])
    keep = ~forced & ~barred
    renumber = np.cumsum(keep) - 1
    inside = keep[flat.cols]
    smaller, of = build_reduced(
        row[inside],
        renumber[flat.cols[inside]],
        flat.cost[inside],
        outside,
        core.p - int(forced.sum()),
        core.names[keep],
        core.base,
        restrict(core.rules, forced, keep),
    )
    live = of >= 0
    carried = np.bincount(
        of[live], weights=np.minimum(price, outside)[live], minlength=len(smaller.flat.outside)
    )
    return smaller, carried.astype(np.float64)


def integer_scale(outside: Floats, cost: Floats | None) -> float:
    """Return the factor that turns costs into whole numbers: 1 where they are, else a power of 2.

    What is paid outside, times the factor and rounded down, adds up to less than 2**45.

    Parameters
    ----------
    outside
        Cost of each row (n) that is not served.
    cost
        Costs of service; None if there are none.

    Returns
    -------
    The factor.
    """
    total = float(outside.sum())
    parts = [outside] if cost is None else [outside, cost]
    integral = all(np.array_equal(part, np.floor(part)) for part in parts)
    if integral and total < 2.0**SUM_BITS:
        return 1.0
    return float(2.0 ** np.floor(SUM_BITS - np.log2(max(total, 1e-300))))
