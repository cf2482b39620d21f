"""A bound for large covering problems by regions of sites, each closed by itself.

Where demand stands in clusters, the relaxation falls short a little in each of them; a branch on
one site mends one cluster and hardly moves the whole. Here the sites are parted into regions, which
are bounded by branch and bound one by one: their gaps close side by side.

A row pays at most its price, in each region that holds some of its sites and leaves it bare; for
being counted more than once it gets its price back (Lagrangian decomposition, Guignard & Kim 1987).
Each site costs a rent in place of the limit on their number.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.solver.certified import PRICE_BITS
from planner.engine.siting.solver.program import Clock
from planner.engine.siting.solver.reduced import ReducedProblem, build_reduced
from planner.engine.siting.solver.region_kernels import (
    BARRED,
    FREE,
    OPEN,
    certify_part,
    descend,
    raise_prices,
)

NUMBERS = (6, 4)  # of regions, in turn: fewer bound better and take longer
EFFORT = 5 * 10**7  # entries of all parts together, for each number of regions
LEAST_ENTRIES, MOST_SITES = 50_000, 4_000  # where the whole is not closed soon; the table of pairs
ROUNDS, COOLING, FIRST_ROUNDS, FIRST_COOLING = 200, 0.66, 600, 0.8
OFFERS = 12  # parts of each region that are asked for a plan
BALANCE = 0.25  # least share of the open sites on either side of a cut
STEPS = 150  # of the power method
NEAR = 0.15  # a site that gains so much less than the last one taken counts a third
MOST_RENT = 2**60


def suits_regions(core: ReducedProblem) -> bool:
    """Return whether a problem is covering, without further rules, and large.

    Parameters
    ----------
    core
        The problem.

    Returns
    -------
    Whether regions are worth the effort.
    """
    entries = len(core.flat.cols)
    large = entries >= LEAST_ENTRIES and len(core.names) <= MOST_SITES
    return large and not core.has_rules and core.p > max(NUMBERS) and not core.flat.cost.any()


def bound_by_regions(
    core: ReducedProblem,
    price: Floats,
    share: Floats,
    number: int,
    clock: Clock,
    *,
    effort: int = EFFORT,
) -> int:
    """Return a lower bound on every plan's cost, the base included.

    Parameters
    ----------
    core
        A covering problem (all costs zero) without rules.
    price, share
        What the volume algorithm found for rows and sites. Any are valid.
    number
        Regions.
    clock, effort
        Stop the work: the bound holds whatever is done by then.

    Returns
    -------
    The bound, a whole number.
    """
    flat = core.flat
    row = np.repeat(np.arange(len(flat.outside)), np.diff(flat.indptr))
    limit = flat.outside << PRICE_BITS
    prices = np.clip(np.floor(price * 2.0**PRICE_BITS).astype(np.int64), 0, limit)
    gain = np.bincount(flat.cols, price[row], minlength=len(share)).astype(np.float64)
    rent = min(int(_rent(gain, core.p) * 2.0**PRICE_BITS), MOST_RENT // max(core.p, 1))
    region = part_sites(core, price, share, gain, number)
    first = np.minimum.reduceat(region[flat.cols], flat.indptr[:-1])
    last = np.maximum.reduceat(region[flat.cols], flat.indptr[:-1])
    # A row that lies within one region pays all it can: its region knows best what it is worth.
    prices = np.where(first == last, limit, prices)
    total = int(prices.sum()) - core.p * rent
    regions = []
    for k in range(number):
        here = region[flat.cols] == k
        if not here.any():
            continue
        number_of = np.cumsum(region == k) - 1
        outside = np.where(np.bincount(row[here], minlength=len(limit)) > 0, prices, 0)
        total -= int(outside.sum())
        sites = np.flatnonzero(region == k)
        nothing = np.zeros(int(here.sum()), dtype=np.int64)
        own, of = build_reduced(
            row[here], number_of[flat.cols[here]], nothing, outside, len(sites), sites
        )
        paid = np.bincount(of[of >= 0], price[of >= 0], minlength=len(own.flat.outside))
        start = paid.astype(np.float64) * 2.0**PRICE_BITS
        regions.append(_Region(own, rent, start, share[sites] > 0.5))
    spent = 0
    while spent < effort and clock.left() > 0:
        widest = max(regions, key=lambda one: one.gap() / (1.0 + 0.02 * one.parts))
        if widest.gap() <= 0:
            break
        spent += widest.split()
    total += sum(one.bound() for one in regions)
    return core.base - (-total >> PRICE_BITS)


def part_sites(
    core: ReducedProblem, price: Floats, share: Floats, gain: Floats, number: int
) -> Ints:
    """Return the region of each site (m), so that regions share little demand.

    The region with most open sites is cut in two, by the second eigenvector of the shared demand
    (normalised cut, Shi & Malik 2000), until there are enough.

    Parameters
    ----------
    core
        The problem.
    price
        Price of each row (n).
    share, gain
        How far each site (m) is open in the relaxed optimum, and what its rows pay for it.
    number
        How many regions.

    Returns
    -------
    Region of each site (m), from 0.
    """
    flat = core.flat
    rent = _rent(gain, core.p)
    # Sites that no good plan opens shall not decide where the cuts lie.
    likely = np.clip(np.exp((gain - rent) / (NEAR * max(rent, 1.0))), 0.02, 1.0)
    table = sparse.csr_array(
        (likely[flat.cols], flat.cols, flat.indptr), shape=(len(flat.outside), len(likely))
    )
    shared = (table.T @ sparse.diags_array(price) @ table).toarray()
    np.fill_diagonal(shared, 0.0)
    mass = share + 1e-3 * likely
    parts = [np.arange(len(likely))]
    while len(parts) < number:
        at = max(range(len(parts)), key=lambda i: (len(parts[i]) > 1, mass[parts[i]].sum()))
        if len(parts[at]) < 2:
            break
        largest = parts.pop(at)
        side = _cut(shared[np.ix_(largest, largest)], mass[largest])
        parts += [largest[side], largest[~side]]
    region = np.empty(len(likely), dtype=np.int64)
    for k, sites in enumerate(parts):
        region[sites] = k
    return region


def _rent(gain: Floats, p: int) -> float:
    """Return the rent: between what the last site taken gains and the first one left out."""
    ordered = np.append(np.sort(gain)[::-1], np.zeros(p + 1))
    return float(ordered[p - 1] + ordered[p]) / 2.0 if p > 0 else float(ordered[0])


def _cut(shared: Floats, mass: Floats) -> NDArray[np.bool_]:
    """Return which sites lie on one side of the best cut along the second eigenvector."""
    degree = shared.sum(axis=1) + 1e-9
    root = np.sqrt(degree)
    lazy = shared / root[:, None] / root[None, :] + np.eye(len(root))  # all eigenvalues above zero
    trivial = root / np.linalg.norm(root)
    vector = np.cos(1.7 * np.arange(len(root)))
    for _ in range(STEPS):
        vector = lazy @ (vector - trivial * (trivial @ vector))
        vector /= max(float(np.linalg.norm(vector)), 1e-300)
    order = np.argsort(vector / root, kind="stable")
    inside = np.tril(shared[np.ix_(order, order)]).sum(axis=1)
    across = np.cumsum(degree[order] - 2.0 * inside)[:-1]
    left = np.cumsum(mass[order])[:-1]
    balance = np.minimum(left, mass.sum() - left) / mass.sum()
    worth = np.where(balance >= BALANCE, across / np.maximum(balance, 1e-9), np.inf)
    at = int(np.argmin(worth) if np.isfinite(worth).any() else np.argmax(balance))
    side = np.zeros(len(root), dtype=bool)
    side[order[: at + 1]] = True
    return side


@dataclass(order=True)
class _RegionPart:
    """Plans of a region: its sites free, open or barred."""

    bound: int
    number: int
    state: NDArray[np.int8] = field(compare=False)
    price: Floats = field(compare=False)
    share: Floats = field(compare=False)


class _Region:
    """Branch and bound on one region; all in units of 2**-16.

    Parameters
    ----------
    core
        Its rows, which pay their prices if bare, and its sites.
    rent
        What each site costs.
    price
        Prices of its rows to begin with.
    is_open
        A plan of its sites to begin with.
    """

    def __init__(
        self, core: ReducedProblem, rent: int, price: Floats, is_open: NDArray[np.bool_]
    ) -> None:
        self._core, self._rent, self.parts = core, rent, 0
        self._value = int(descend(core.flat, rent, is_open))
        m = len(core.names)
        row = np.repeat(np.arange(len(price)), np.diff(core.flat.indptr))
        self._saves = np.bincount(core.flat.cols, core.flat.outside[row] * 1.0, minlength=m)
        self._heap: list[_RegionPart] = []
        free = _RegionPart(0, 0, np.full(m, FREE, dtype=np.int8), price, np.zeros(m))
        self._take(free, FIRST_ROUNDS, FIRST_COOLING)

    def bound(self) -> int:
        """Return what any plan of the region costs at least.

        Parts given up cost no less than the value at that time, nor than the value now.
        """
        return min(self._value, self._heap[0].bound) if self._heap else self._value

    def gap(self) -> int:
        """Return by how much the bound may still rise."""
        return self._value - self.bound()

    def split(self) -> int:
        """Split the part of the lowest bound in two; return the effort that took, in entries."""
        part = heapq.heappop(self._heap)
        doubt = np.minimum(part.share, 1.0 - part.share) * self._saves
        site = int(np.argmax(np.where(part.state == FREE, doubt, -1.0)))
        for side in (OPEN, BARRED):
            state = part.state.copy()
            state[site] = side
            child = _RegionPart(part.bound, 0, state, part.price.copy(), part.share.copy())
            self._take(child, ROUNDS, COOLING)
        return 2 * len(self._core.flat.cols)

    def _take(self, part: _RegionPart, rounds: int, cooling: float) -> None:
        """Bound a part, and keep it if it may hold a plan better than the best known."""
        flat, rent = self._core.flat, self._rent
        self.parts += 1
        part.number = self.parts
        value = float(self._value)
        raise_prices(flat, rent, part.state, part.price, part.share, value, rounds, cooling)
        proven = int(certify_part(flat, rent, part.state, part.price, self._value))
        part.bound = max(part.bound, proven)
        if part.bound >= self._value:
            return
        decided = not (part.state == FREE).any()
        if self.parts < OFFERS or decided:
            likely = (part.state == OPEN) | ((part.state == FREE) & (part.share > 0.5))
            self._value = min(self._value, int(descend(flat, rent, likely)))
        # A part with nothing left to decide holds one plan, which was just looked at.
        if part.bound < self._value and not decided:
            heapq.heappush(self._heap, part)
