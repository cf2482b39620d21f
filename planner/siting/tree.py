"""Close a median problem: branch and bound on the program of sites and its cuts.

The program only proposes: plans are measured, and bounds certified, in whole numbers.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from planner.siting import kernels
from planner.siting.benders import Master, Relaxed
from planner.siting.certified import PRICE_BITS, certify, fixable
from planner.siting.core import Core, shrink
from planner.siting.program import Clock
from planner.siting.reading import Floats, Ints
from planner.siting.ruled import fill, keeps, restrict, settled_by
from planner.siting.swaps import better

ENTRIES = 1_500_000  # of the first cuts together; more make a program too large to solve often
EFFORT = 400_000  # steps of the simplex method
FIXED = 0.1  # share of the sites that must be fixed for the program to be written anew
CLOSE = 34  # a bound within 2**-34 of the value is as near as floating point comes
OPEN = 1e-6


@dataclass(order=True)
class _Part:
    """Plans that open some sites (m) and bar others.

    Parameters
    ----------
    bound, number
        Bound on what they cost; which part it is.
    opened, barred, share
        Which sites are, and how far each was open in the program of the part it was split from.
    site, side, moved
        The site it was split on, whether it was opened (1) or barred (0), and by how much that
        moved it.
    """

    bound: int
    number: int
    opened: NDArray[np.bool_] = field(compare=False)
    barred: NDArray[np.bool_] = field(compare=False)
    share: Floats = field(compare=False)
    site: int = field(compare=False, default=0)
    side: int = field(compare=False, default=0)
    moved: float = field(compare=False, default=0.0)


@dataclass(frozen=True, kw_only=True)
class Closed:
    """What branch and bound ends with.

    Parameters
    ----------
    plan
        Caller's numbers of the sites of a plan better than the one known, if there is one.
    value, bound
        What the best plan costs, and a bound on any.
    done
        Whether no part is left open.
    """

    plan: Ints | None
    value: int
    bound: int
    done: bool


def suits(core: Core, price: Floats) -> bool:
    """Tell whether rows have several costs, and cuts at such prices are small together."""
    flat = core.flat
    row = np.repeat(np.arange(len(flat.outside)), np.diff(flat.indptr))
    graded = (flat.cost[1:] != flat.cost[:-1]) & (row[1:] == row[:-1])
    return bool(graded.any()) and int((flat.cost < price[row]).sum()) < ENTRIES


def close(
    core: Core,
    price: Floats,
    *,
    value: int,
    clock: Clock,
    effort: int = EFFORT,
) -> Closed:
    """Find the best plan, and prove it, as far as effort and time go.

    Parameters
    ----------
    core
        The problem.
    price
        Prices of its rows to begin with.
    value
        What a plan known costs, the base included; only better ones are sought.
    clock, effort
        Time left, and steps of the simplex method.
    """
    return _Tree(core, value, effort).run(price, clock)


class _Tree:
    """The best plan so far, and the parts still open."""

    def __init__(self, core: Core, value: int, effort: int) -> None:
        self._core, self._value, self._left = core, value, effort
        self._forced = np.zeros(0, dtype=np.int64)  # caller's numbers of sites open in all parts
        self._plan: Ints | None = None
        self._heap: list[_Part] = []
        self._shut = value  # least bound of the parts given up as near enough
        self._count = 0

    def run(self, price: Floats, clock: Clock) -> Closed:
        """Take out the sites that the whole problem's bound settles, then branch."""
        whole = np.zeros(len(self._core.names), dtype=bool)
        root = _Part(0, 0, whole, whole.copy(), np.zeros(len(whole)))
        while True:
            self._price = price
            master = Master(self._core, price, self._left)
            self._gain, self._times = np.zeros((2, 2, len(self._core.names)))
            done = self._look(root, master, clock, rounding=True)
            self._left = master.left
            if not done:
                return self._closed([root])
            settled = root.opened | root.barred
            if not self._heap or settled.sum() <= FIXED * len(settled):
                break
            self._forced = np.concatenate([self._forced, self._core.names[root.opened]])
            self._core, price = shrink(self._core, self._price, root.opened, root.barred)
            whole = np.zeros(len(self._core.names), dtype=bool)
            root = _Part(root.bound, 0, whole, whole.copy(), root.share[~settled])
            self._heap.clear()
        while self._heap and clock.left() > 0:
            part = heapq.heappop(self._heap)
            if part.bound < self._value and not self._look(part, master, clock):
                heapq.heappush(self._heap, part)
                break
        return self._closed(self._heap)

    def _closed(self, still: list[_Part]) -> Closed:
        still = [part for part in still if part.bound < self._value]
        bound = min([part.bound for part in still] + [self._shut, self._value])
        return Closed(plan=self._plan, value=self._value, bound=bound, done=not still)

    def _look(self, part: _Part, master: Master, clock: Clock, *, rounding: bool = False) -> bool:
        """Bound a part, fix its sites and split it; tell whether effort and time sufficed."""
        core = self._core
        free = ~part.opened & ~part.barred
        room = core.p - int(part.opened.sum())
        settled = settled_by(restrict(core.rules, part.opened, free))
        if settled is None or room < 0:
            return True
        part.opened[free], part.barred[free] = settled
        if room == 0 or not free.any():
            self._offer(part.opened)
            return True
        master.fix(part.opened, part.barred)
        found = master.solve(clock)
        if found is None:
            if clock.left() <= 0 or master.left <= 0:
                return False
            self._split(part)  # no plan, it seems: floating point proves nothing
            return True
        before = part.bound
        part.share = found.share
        is_open = fill(core.rules, np.argsort(-found.share, kind="stable"), core.p)
        if rounding:
            better(core, is_open)
        self._offer(is_open)
        hopeful = self._fix(part, found)
        if part.moved > 0.0:
            self._gain[part.side, part.site] += (part.bound - before) / part.moved
            self._times[part.side, part.site] += 1.0
        if hopeful:
            self._split(part)
        return True

    def _offer(self, is_open: NDArray[np.bool_]) -> None:
        """Keep a plan if it is better and keeps to the rules."""
        core = self._core
        if is_open.sum() > core.p or not keeps(core.rules, is_open):
            return
        value = int(kernels.cost_of(core.flat, is_open)) + core.base
        if value < self._value:
            self._value = value
            self._plan = np.concatenate([self._forced, core.names[is_open]])

    def _fix(self, part: _Part, found: Relaxed) -> bool:
        """Certify a part's bound and fix its sites by it; tell whether it may hold better plans."""
        core, self._price = self._core, found.price
        certified, reduced = certify(core, found.price, found.toll)
        free = np.flatnonzero(~part.opened & ~part.barred)
        room, inner = core.p - int(part.opened.sum()), reduced[free]
        if room < 0:
            return False
        exact = certified - _lowest(reduced, core.p) + sum(map(int, reduced[part.opened]))
        exact += _lowest(inner, room)
        part.bound = max(part.bound, core.base - (-exact >> PRICE_BITS))
        if part.bound >= self._value - (self._value >> CLOSE):
            self._shut = min(self._shut, part.bound)
            return False
        if room:
            left = (self._value - core.base << PRICE_BITS) - exact
            forced, barred = fixable(room, inner, left)
            if (forced & barred).any():
                return False
            part.opened[free[forced]], part.barred[free[barred]] = True, True
        return True

    def _split(self, part: _Part) -> None:
        """Split a part on the site that is least decided."""
        site = self._doubtful(part)
        if part.opened[site] or part.barred[site]:  # all is decided
            self._offer(part.opened)
            return
        for side in (1, 0):
            self._count += 1
            moved = abs(side - part.share[site])
            child = _Part(
                part.bound,
                -self._count,
                part.opened.copy(),
                part.barred.copy(),
                part.share,
                site,
                side,
                float(moved),
            )
            (child.opened if side else child.barred)[site] = True
            heapq.heappush(self._heap, child)

    def _doubtful(self, part: _Part) -> int:
        """Choose the site whose opening and whose closing both promise to raise the bound.

        What they promise is what they brought for each unit before, or what sites did on average.
        """
        mean = self._gain.sum(axis=1) / np.maximum(self._times.sum(axis=1), 1.0)
        each = self._gain / np.maximum(self._times, 1.0)
        each = np.where(self._times > 0.0, each, np.maximum(mean, 1.0)[:, None])
        lift = np.maximum(each * np.array([part.share, 1.0 - part.share]), 1e-6)
        score = lift[0] * lift[1]
        score[np.minimum(part.share, 1.0 - part.share) <= OPEN] = 0.0
        score[part.opened | part.barred] = -1.0
        return int(np.argmax(score))


def _lowest(reduced: Ints, p: int) -> int:
    """Add up the p lowest reduced costs below zero."""
    return sum(map(int, np.sort(np.minimum(reduced, 0))[:p]))
