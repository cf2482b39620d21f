"""Close a median problem: branch and bound on the program of sites and its cuts.

The program only proposes: plans are measured, and bounds certified, in whole numbers.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.solver import kernels
from planner.engine.siting.solver.benders import Master, Relaxed
from planner.engine.siting.solver.certified import PRICE_BITS, certify, fixable
from planner.engine.siting.solver.linear_constraints import fill, keeps, restrict, settled_by
from planner.engine.siting.solver.local_search import improve
from planner.engine.siting.solver.program import Clock
from planner.engine.siting.solver.reduced import ReducedProblem, shrink

SIZE = 5_000  # rows and sites from which the volume bound and its branching gain more in a minute
ENTRIES = 1_500_000  # of the first cuts together; more make a program too large to solve often
FIXED = 0.1  # share of the sites that must be fixed for the program to be written anew
CLOSE = 34  # a bound within 2**-34 of the value is as near as floating point comes
OPEN = 1e-6


@dataclass(order=True)
class _Branch:
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


def suits(core: ReducedProblem, price: Floats) -> bool:
    """Return whether rows have several costs, and rows, sites and cuts at such prices are few.

    Parameters
    ----------
    core
        The problem.
    price
        Price of each row (n).

    Returns
    -------
    Whether branch and bound on cuts is worth the effort.
    """
    flat = core.flat
    if len(flat.outside) + len(core.names) > SIZE:
        return False
    row = np.repeat(np.arange(len(flat.outside)), np.diff(flat.indptr))
    graded = (flat.cost[1:] != flat.cost[:-1]) & (row[1:] == row[:-1])
    return bool(graded.any()) and int((flat.cost < price[row]).sum()) < ENTRIES


class SearchTree:
    """Branch and bound that can be stopped and continued.

    Parameters
    ----------
    core
        The problem.
    forced
        Caller's numbers of sites that its plans open besides.
    price
        Prices of its rows to begin with.
    value
        What a plan known costs, the base included; only better ones are sought.
    bound
        What is proven already.

    Attributes
    ----------
    value, plan
        What the best plan costs, and caller's numbers of its sites: None while it is the one known.
    """

    def __init__(
        self, core: ReducedProblem, forced: Ints, price: Floats, value: int, bound: int
    ) -> None:
        self.value = value
        self.plan: Ints | None = None
        self._core, self._price = core, price
        self._forced = forced
        self._shut = value  # least bound of the parts given up as near enough
        self._count = 0
        self._renew(bound)

    @property
    def bound(self) -> int:
        """Return what is proven of every plan's cost."""
        return min([part.bound for part in self._heap] + [self._shut, self.value])

    @property
    def done(self) -> bool:
        """Return whether no part is left that may hold a better plan."""
        return all(part.bound >= self.value for part in self._heap)

    def go(self, effort: int, clock: Clock) -> None:
        """Look at the parts of the lowest bound, as far as effort and time go.

        Parameters
        ----------
        effort
            Number of entries of the program times the steps of the simplex method.
        clock
            Time left.
        """
        enough = self._master.spent + effort
        while self._heap and clock.left() > 0 and self._master.spent < enough:
            part = heapq.heappop(self._heap)
            if part.bound >= self.value:
                continue
            if not self._look(part, enough, clock):
                heapq.heappush(self._heap, part)
                break
            settled = part.opened | part.barred
            if part.number == 0 and self._heap and settled.sum() > FIXED * len(settled):
                self._forced = np.concatenate([self._forced, self._core.names[part.opened]])
                self._core, self._price = shrink(self._core, self._price, part.opened, part.barred)
                enough -= self._master.spent
                self._renew(part.bound)

    def _renew(self, bound: int) -> None:
        """Write the program anew, with one part that is the whole."""
        m = len(self._core.names)
        self._master = Master(self._core, self._price)
        self._gain, self._times = np.zeros((2, 2, m))
        nothing = np.zeros(m, dtype=bool)
        self._heap = [_Branch(bound, 0, nothing, nothing.copy(), np.zeros(m))]

    def _look(self, part: _Branch, enough: int, clock: Clock) -> bool:
        """Bound a part, fix its sites and split it; return whether effort and time sufficed."""
        core = self._core
        free = ~part.opened & ~part.barred
        remaining = core.p - int(part.opened.sum())
        settled = settled_by(restrict(core.rules, part.opened, free))
        if settled is None or remaining < 0:
            return True
        part.opened[free], part.barred[free] = settled
        if remaining == 0 or not free.any():
            self._offer(part.opened)
            return True
        master = self._master
        master.fix(part.opened, part.barred)
        found = master.solve(enough, clock)
        if found is None:
            if clock.left() <= 0 or master.spent >= enough:
                return False
            self._split(part)  # no plan, it seems: floating point proves nothing
            return True
        before = part.bound
        part.share = found.share
        is_open = fill(core.rules, np.argsort(-found.share, kind="stable"), core.p)
        if part.number == 0:
            improve(core, is_open, clock=clock)
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
        if value < self.value:
            self.value = value
            self.plan = np.concatenate([self._forced, core.names[is_open]])

    def _fix(self, part: _Branch, found: Relaxed) -> bool:
        """Certify a part's bound and fix its sites by it; return whether it may hold better."""
        core, self._price = self._core, found.price
        certified, reduced = certify(core, found.price, found.multiplier)
        free = np.flatnonzero(~part.opened & ~part.barred)
        remaining, inner = core.p - int(part.opened.sum()), reduced[free]
        if remaining < 0:
            return False
        exact = certified - _lowest(reduced, core.p) + sum(map(int, reduced[part.opened]))
        exact += _lowest(inner, remaining)
        part.bound = max(part.bound, core.base - (-exact >> PRICE_BITS))
        if part.bound >= self.value - (self.value >> CLOSE):
            self._shut = min(self._shut, part.bound)
            return False
        if remaining:
            slack = (self.value - core.base << PRICE_BITS) - exact
            forced, barred = fixable(remaining, inner, slack)
            if (forced & barred).any():
                return False
            part.opened[free[forced]], part.barred[free[barred]] = True, True
        return True

    def _split(self, part: _Branch) -> None:
        """Split a part on the site that is least decided."""
        site = self._doubtful(part)
        if part.opened[site] or part.barred[site]:  # all is decided
            self._offer(part.opened)
            return
        for side in (1, 0):
            self._count += 1
            moved = abs(side - part.share[site])
            child = _Branch(
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

    def _doubtful(self, part: _Branch) -> int:
        """Return the site whose opening and whose closing both promise to raise the bound.

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
    """Return the sum of the p lowest reduced costs below zero."""
    return sum(map(int, np.sort(np.minimum(reduced, 0))[:p]))
