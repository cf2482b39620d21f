"""Search and proof for location problems: at most p sites, and linear rules on the choice.

A plan comes from greedy, swaps and shakes; a bound from the volume algorithm, certified in whole
numbers; sites are then fixed by their reduced costs, what remains is merged again, and a branch and
bound on the same three steps closes the gap where it can. Iterations are counted, not seconds, so
that a run repeats; the time limit only stops it.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.solver import kernels
from planner.engine.siting.solver.certified import PRICE_BITS, certify, fixable
from planner.engine.siting.solver.linear_constraints import fill, keeps, settled_by
from planner.engine.siting.solver.local_search import improve
from planner.engine.siting.solver.program import Clock
from planner.engine.siting.solver.reduced import ReducedProblem, shrink
from planner.engine.siting.solver.regions import NUMBERS, bound_by_regions, suits_regions
from planner.engine.siting.solver.tree import SearchTree, suits
from planner.engine.siting.solver.volume import raise_bound

ROOT_ROUNDS, ROOT_COOLING = 1500, 0.8  # rounds of the volume algorithm, and how its steps shrink
MORE_ROUNDS, NODE_ROUNDS, COOLING = 150, 400, 0.66
SHAKES, PATIENCE, NODES_A_SHAKE = 150, 5, 4
LOOK, CLOSE = 2 * 10**9, 10**10  # effort of branch and bound at first, and between shakes
FIRST_SHARE = 0.5  # of the time, that the first plan's swaps may take before there is a bound
HELD = 20_000_000  # entries of all open nodes together, 24 bytes each: half a gigabyte
LIKELY = 0.01  # share open, in the bound, of a site worth a try


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A plan and how good any other could be.

    Parameters
    ----------
    chosen
        Sites opened, by the caller's numbers.
    value, bound
        What the plan costs, and a proven lower bound on every plan.
    """

    chosen: Ints
    value: int
    bound: int


@dataclass(order=True)
class _Node:
    """A part of the plans: those that open some sites and bar others."""

    bound: int
    number: int
    core: ReducedProblem = field(compare=False)
    forced: Ints = field(compare=False)
    price: Floats = field(compare=False)
    multiplier: Floats = field(compare=False)
    share: Floats = field(compare=False)


def prove(
    core: ReducedProblem,
    clock: Clock,
    *,
    seed: int = 0,
    effort: int = 1,
    start: NDArray[np.bool_] | None = None,
    search: bool = True,
) -> Proof:
    """Find a good plan and prove how good it is.

    Parameters
    ----------
    core
        The problem.
    clock
        Stops the work, whatever is proven by then.
    seed
        Of the shakes.
    effort
        Multiplies the number of shakes at the start.
    start
        A plan (m) to begin with; it must keep to the rules, and be given where there are any.
    search
        Whether to look for better plans; not where they may break rules that the problem lacks.

    Returns
    -------
    The best plan found, and a bound on every plan.
    """
    finder = _PlanSearch(core, seed, start, clock, search=search)
    price = finder.first_prices()
    root = _Node(
        bound=0,
        number=0,
        core=core,
        forced=np.zeros(0, dtype=np.int64),
        price=price,
        multiplier=np.zeros(len(core.rules.high)),
        share=np.zeros(len(core.names)),
    )
    heap = finder.tighten(root, ROOT_ROUNDS, clock, cooling=ROOT_COOLING)
    first = heap[0] if heap else root
    graded = bool(heap) and search and suits(first.core, first.price)
    if graded and finder.close(tree := finder.grow(first), LOOK, clock):
        return finder.proof(tree.bound)
    idle = 0
    while heap and idle < PATIENCE * effort and clock.left() > 0:
        idle += 1
        if finder.shake(heap[0]):
            idle = 0
            heap = finder.tighten(heap[0], MORE_ROUNDS, clock)
    if graded and heap:
        while not finder.close(tree, CLOSE, clock) and clock.left() > 0:
            finder.shake(heap[0])
        return finder.proof(tree.bound)
    lifted = _by_regions(heap[0], finder.value, clock) if heap and search else 0
    counter = itertools.count(1)
    top, since = heap[0] if heap else root, 0
    while heap and lifted < finder.value and clock.left() > 0:
        node = _next(heap)
        if node.bound >= finder.value:
            continue
        since += len(node.core.names)
        if since > NODES_A_SHAKE * len(top.core.names):  # small nodes take little time
            finder.shake(top)
            since = 0
        for child in _branch(node, counter):
            for open_node in finder.tighten(child, NODE_ROUNDS, clock):
                heapq.heappush(heap, open_node)
    bound = min([node.bound for node in heap] + [finder.value if search else finder.least])
    return finder.proof(max(bound, min(lifted, finder.value)))


class _PlanSearch:
    """The best plan so far, and the steps that better it or prove it."""

    def __init__(
        self,
        core: ReducedProblem,
        seed: int,
        start: NDArray[np.bool_] | None,
        clock: Clock,
        *,
        search: bool,
    ) -> None:
        self._core, self._seed, self._search = core, seed, search
        self._clock = clock
        self.best: NDArray[np.bool_] = (
            kernels.greedy(core.flat, core.p) if start is None else start.copy()
        )
        if search:
            cost = improve(core, self.best, clock=clock.part(FIRST_SHARE))
        else:
            cost = int(kernels.cost_of(core.flat, self.best))
        self.value = cost + core.base
        self.least = self.value  # least cost of a part that is wholly decided

    def shake(self, node: _Node) -> bool:
        """Improve the plan by shakes among the sites that a node's bound finds likely.

        That is where the better plans are: a fifth of the sites give better plans than all do, in a
        fifth of the time. Returns whether a better plan was found.

        Parameters
        ----------
        node
            An open node: a part of the problem with its prices.

        Returns
        -------
        Whether a better plan was found.
        """
        if not self._search:
            return False
        core = node.core
        reduced = certify(core, node.price, node.multiplier)[1]
        known = self.best[np.searchsorted(self._core.names, core.names)]
        likely = known | (node.share > LIKELY)
        likely[np.argsort(reduced, kind="stable")[: 3 * core.p]] = True
        small, _ = shrink(core, node.price, np.zeros_like(likely), ~likely)
        is_open = known[likely]
        if is_open.sum() > core.p or not keeps(small.rules, is_open) or self._seed % 3 == 2:
            is_open = self._anew(small, reduced[likely])  # another start, now and then, too
        value = improve(small, is_open, tries=SHAKES, seed=self._seed, clock=self._clock)
        self._seed += 1
        return self._take(small, node.forced, is_open, value)

    def offer(self, core: ReducedProblem, forced: Ints, share: Floats) -> None:
        """Try the plan that a part of the problem leans to, improved by swaps within it.

        Parameters
        ----------
        core
            The part of the problem.
        forced
            Sites that are open in the whole part, by number in the whole problem.
        share
            By how much the bound opens each site (m) of the part, from 0 to 1.
        """
        if not self._search:
            return
        is_open = fill(core.rules, np.argsort(-share, kind="stable"), core.p)
        self._take(core, forced, is_open, improve(core, is_open, clock=self._clock))

    def grow(self, node: _Node) -> SearchTree:
        """Return a branch and bound on cuts, begun at a node.

        Parameters
        ----------
        node
            The open node whose part of the problem it searches.
        """
        return SearchTree(node.core, node.forced, node.price, self.value, node.bound)

    def close(self, tree: SearchTree, effort: int, clock: Clock) -> bool:
        """Go on with branch and bound on cuts; return whether it is done.

        Search and tree exchange their best plans.

        Parameters
        ----------
        tree
            The branch and bound, as `grow` gives it.
        effort
            How much further it goes, as for `SearchTree.go`.
        clock
            Stops the work.

        Returns
        -------
        Whether it is done: its bound has met its best plan.
        """
        tree.value = min(tree.value, self.value)
        tree.go(effort, clock)
        if tree.value < self.value and tree.plan is not None:
            self.value = tree.value
            self.best = np.isin(self._core.names, tree.plan)
        return tree.done

    def proof(self, bound: int) -> Proof:
        """Return the best plan with a bound.

        Parameters
        ----------
        bound
            What no plan costs less than.
        """
        return Proof(chosen=self._core.names[self.best], value=self.value, bound=bound)

    @staticmethod
    def _anew(core: ReducedProblem, reduced: Ints) -> NDArray[np.bool_]:
        """Return a plan that the best one has no part in."""
        if not core.has_rules:
            return np.asarray(kernels.greedy(core.flat, core.p))
        return np.asarray(fill(core.rules, np.argsort(reduced, kind="stable"), core.p))

    def _take(
        self, core: ReducedProblem, forced: Ints, is_open: NDArray[np.bool_], value: int
    ) -> bool:
        """Keep a plan of a part of the problem if it is better and keeps to the rules."""
        if value + core.base >= self.value or not keeps(core.rules, is_open):
            return False
        self.value = value + core.base
        self.best = np.isin(self._core.names, np.concatenate([forced, core.names[is_open]]))
        return True

    def first_prices(self) -> Floats:
        """Return prices to begin with: halfway between each row's cheapest and next open site."""
        flat = self._core.flat
        open_cost = np.where(self.best[flat.cols], flat.cost, flat.outside.max(initial=0))
        row = np.repeat(np.arange(len(flat.outside)), np.diff(flat.indptr))
        first = flat.outside.copy()
        np.minimum.at(first, row, open_cost)
        is_first = self.best[flat.cols] & (flat.cost <= first[row])
        is_first &= ~np.concatenate([[False], is_first[:-1] & (row[1:] == row[:-1])])[: len(row)]
        second = flat.outside.copy()
        np.minimum.at(second, row[~is_first], open_cost[~is_first])
        return (first + second) / 2.0

    def tighten(
        self, node: _Node, rounds: int, clock: Clock, *, cooling: float = COOLING
    ) -> list[_Node]:
        """Raise a node's bound and fix its sites until that stalls; none is left if it is closed.

        Sites are fixed by strict inequality: only plans that better the best are kept.

        Parameters
        ----------
        node
            The node, its prices are changed in place.
        rounds
            Rounds of the ascent before it looks what it gained.
        clock
            Stops the work.
        cooling
            By how much steps shrink, as for `raise_bound`.

        Returns
        -------
        The node as it is then, alone in a list; an empty list where it is closed.
        """
        core, forced, price, share = node.core, node.forced, node.price, node.share
        bound, multiplier = node.bound, node.multiplier
        while True:
            settled = settled_by(core.rules)
            if settled is None:
                return []
            if core.p <= 0 or not len(core.names):
                # Without a search the one plan left is not taken, since it may break rules that
                # this problem lacks: its cost then bounds those plans of this part that keep them.
                self.least = min(self.least, core.base + int(core.flat.outside.sum()))
                self.offer(core, forced, share)
                return []
            target = float(self.value - core.base)
            raise_bound(
                core.flat,
                core.rules,
                core.p,
                price,
                multiplier,
                share,
                target,
                rounds,
                cooling,
                clock,
            )
            self.offer(core, forced, share)
            before = bound
            certified, reduced = certify(core, price, multiplier)
            bound = max(bound, core.base - (-certified >> PRICE_BITS))
            if bound >= self.value:
                return []
            slack = (self.value - core.base << PRICE_BITS) - certified
            now_forced, now_barred = fixable(core.p, reduced, slack)
            now_forced, now_barred = now_forced | settled[0], now_barred | settled[1]
            if (now_forced & now_barred).any():
                return []
            fixed = int(now_forced.sum() + now_barred.sum())
            if fixed:
                forced = np.concatenate([forced, core.names[now_forced]])
                core, price = shrink(core, price, now_forced, now_barred)
                share = share[~(now_forced | now_barred)]
            gained = (bound - before) > 0.1 * (self.value - bound)
            if not (gained or fixed > 0.1 * len(core.names)) or clock.left() <= 0:
                return [_Node(bound, node.number, core, forced, price, multiplier, share)]
            rounds, cooling = min(rounds, MORE_ROUNDS), COOLING


def _next(heap: list[_Node]) -> _Node:
    """Return the node of the lowest bound; the newest while all take too much memory together."""
    if sum(len(node.core.flat.cols) for node in heap) < HELD:
        return heapq.heappop(heap)
    node = heap.pop(max(range(len(heap)), key=lambda i: heap[i].number))
    heapq.heapify(heap)
    return node


def _by_regions(node: _Node, value: int, clock: Clock) -> int:
    """Return a bound on all plans better than the best, by regions of sites where they suit."""
    bound = node.bound
    if suits_regions(node.core):
        for number in NUMBERS:
            if bound < value and clock.left() > 0:
                found = bound_by_regions(node.core, node.price, node.share, number, clock)
                bound = max(bound, found)
    return bound


def _branch(node: _Node, counter: itertools.count[int]) -> list[_Node]:
    """Split a node on an undecided site that saves much: open in one part, barred in the other.

    By doubt alone, sites in thin places are taken up, which moves neither bound.
    """
    core, flat = node.core, node.core.flat
    doubt = np.minimum(node.share, 1.0 - node.share)
    row = np.repeat(np.arange(len(flat.outside)), np.diff(flat.indptr))
    saves = np.bincount(flat.cols, flat.outside[row] - flat.cost, minlength=len(doubt))
    chosen = np.zeros(len(core.names), dtype=bool)
    chosen[int(np.argmax(doubt * saves))] = True
    nothing = np.zeros_like(chosen)
    parts = []
    for opened, barred in ((chosen, nothing), (nothing, chosen)):
        smaller, price = shrink(core, node.price, opened, barred)
        forced = np.concatenate([node.forced, core.names[opened]])
        parts.append(
            _Node(
                node.bound,
                next(counter),
                smaller,
                forced,
                price,
                node.multiplier.copy(),
                node.share[~chosen].copy(),
            )
        )
    return parts
