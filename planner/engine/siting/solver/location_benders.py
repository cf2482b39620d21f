"""Large p-medians with capacities by Benders decomposition: the sites, then who is served where.

Whatever a unit of each demand would pay to be served, a site is worth what it gains by filling its
capacity with those who pay most beyond their way. So any prices bound the cost of every plan by a
sum over its sites (Lagrangian relaxation); a small program of sites alone keeps all such bounds and
all rules (Benders 1962). First prices come from the volume algorithm, later ones from the plans
tried: the dual prices of serving all demand from the sites of the plan.
"""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN202, PLR0917

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.jit import compiled, compiled_part
from planner.engine.siting.problem.choice import Sizes
from planner.engine.siting.problem.covering_rows import merge_rows
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.facility_location import most_sites
from planner.engine.siting.solver.location_program import add_sites, identity
from planner.engine.siting.solver.program import Clock, Program
from planner.engine.siting.solver.transport import transport
from planner.engine.siting.solver.written_out import copy_into, order_of

ROUNDS, COOLING = 600, 0.8
PIECE = 1_000_000  # pairs to look at between looks at the clock: each site's are put in order
FIRST_S = 1.0  # for the first plan, whatever the time
PRICES_SHARE = 0.3  # of the time, at most, for the first prices
FIRST_ROWS = 20_000  # entries of the rows that ask for a site from the start, with fewest sites
LEFT_OUT, DEARER = 1e-6, 8.0
MARGIN = 1e-11  # share of its terms by which floating point may miss a bound
LARGEST = 1e4  # cost in the master program at most: HiGHS keeps rows to 1e-9, whatever their size
NEAR = 1e-9  # share of the cost at which bound and plan meet


@dataclass(frozen=True, kw_only=True)
class BendersPlan:
    """Sizes (k) that a plan takes, None if there was no time, and a bound on the cost of any."""

    taken: NDArray[np.bool_] | None
    bound: float
    infeasible: bool = False


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """Who may be served where, by site: demand, cost of a unit, and where each site begins."""

    ptr: Ints
    row: Ints
    cost: Floats


def solve_by_benders(
    question: SitingProblem,
    sizes: Sizes,
    clock: Clock,
    known: NDArray[np.bool_] | None = None,
    *,
    bound: float = 0.0,
    beyond: float | None = None,
) -> BendersPlan:
    """Choose sizes so that all who can be reached are served at least cost, as far as time goes.

    Demand may be divided, whatever the question says: that only makes plans cheaper.

    Parameters
    ----------
    question
        The question, without floors.
    sizes
        Its sizes.
    clock
        Time left.
    known
        Sizes (k) of a plan that serves all who must be, if there is one.
    bound
        A bound that is known.
    beyond
        What a unit left unserved costs; by default all must be served.

    Returns
    -------
    Sizes taken, and a bound.
    """
    reach, weight = question.reach, np.where(question.reached, question.weight, 0.0)
    by_site = reach.tocsc()
    pairs = _Pairs(
        ptr=by_site.indptr.astype(np.int64), row=by_site.indices, cost=by_site.data * 1.0
    )
    m = reach.shape[1]
    capacity = np.zeros(m)
    np.maximum.at(capacity, sizes.site, sizes.capacity)
    first, most = _dearest(reach, beyond)
    # Prices up to what leaving out costs bound plans that may do so.
    may_leave, highest = (LEFT_OUT, np.inf) if beyond is None else (np.inf, beyond)
    price = first / 2.0
    allowed = most_sites(question) + int(question.always.sum())
    master, site, size, cost = _master_program(question, sizes, weight, partial=beyond is not None)
    must = merge_rows(reach, weight, np.flatnonzero(weight > 0)).by
    waiting = np.full(must.shape[0], beyond is None)  # rows that the master program has not yet
    few = np.argsort(np.diff(must.indptr), kind="stable")
    few = few[np.cumsum(np.diff(must.indptr)[few]) <= FIRST_ROWS]
    if beyond is None:
        _ask_to_reach(master, site, must, few, waiting)
    best, least = None, np.inf
    goal = farthest = float(weight @ first)
    scale = max(farthest / LARGEST, 1.0)
    if known is not None:
        served = _serve_all(reach, weight, _capacity_of(sizes, known, m), most, clock)
        if served is not None and served.left_out <= may_leave:
            best, least = known, served.objective
            goal, price = min(goal, least), np.minimum(served.price, highest)
    early = clock.part(PRICES_SHARE)
    _raise_bound(pairs, weight, capacity, question.always, allowed, price, highest, goal, early)
    stable = price.copy()
    _add_cut(master, pairs, weight, sizes, price, size, cost, scale)
    # The master proposes sizes and bounds the cost; serving all from them gives its true cost and
    # new prices. The mean with the first prices cuts less sharply and steadies the bound.
    while True:
        start = None if best is None else (size, best.astype(np.float64))
        left = clock.left() if best is not None else max(clock.left(), FIRST_S)
        answer = master.solve(time_limit_s=left, seed=question.seed, start=start)
        if best is None and (answer.infeasible or bound > farthest * (1 + NEAR)):
            return BendersPlan(taken=None, bound=np.inf, infeasible=True)
        bound = max(bound, answer.bound * scale)
        if answer.point is None:
            break
        taken = answer.point[size] > 0.5
        missed = np.flatnonzero(waiting & (must @ (answer.point[site] > 0.5) == 0))
        if len(missed):
            _ask_to_reach(master, site, must, missed, waiting)
        served = _serve_all(reach, weight, _capacity_of(sizes, taken, m), most, clock)
        if served is None:
            break
        if served.left_out <= may_leave and served.objective < least:
            best, least = taken, served.objective
        if clock.left() <= 0 or (best is not None and least - bound <= NEAR * least):
            break
        if served.left_out > may_leave and served.objective - bound <= NEAR * served.objective:
            most *= DEARER  # to leave some out is still cheaper than to serve them
        price = served.price
        for mixed in (np.minimum(price, highest), np.minimum((price + stable) / 2.0, highest)):
            _add_cut(master, pairs, weight, sizes, mixed, size, cost, scale)
    return BendersPlan(taken=best, bound=bound)


def _dearest(reach: sparse.csr_array, beyond: float | None) -> tuple[Floats, float]:
    """Return what each demand (n) costs at most, and what leaving a unit out is made to cost."""
    if beyond is not None:
        return np.full(reach.shape[0], beyond), beyond
    dearest = np.zeros(reach.shape[0])
    np.maximum.at(dearest, np.repeat(np.arange(len(dearest)), np.diff(reach.indptr)), reach.data)
    return dearest, 2.0 * float(reach.data.max(initial=0.0)) + 1.0


def _master_program(
    question: SitingProblem, sizes: Sizes, weight: Floats, *, partial: bool
) -> tuple[Program, Ints, Ints, Ints]:
    """Return the program of sites and sizes, with a column for the cost.

    Where nobody may be left out sizes have capacity for all.
    """
    program = Program(maximise=False)
    m, each = len(question.sites), np.arange(len(sizes.site))
    size = program.columns(len(each), whole=True)
    site = add_sites(program, question, extra=(size, sizes.cost), floors=False)
    cost = program.columns(1, worth=1.0, high=np.inf)
    of_size = sparse.coo_array((np.ones(len(each)), (sizes.site, each)), (m, len(each))).tocsr()
    program.rows((size, of_size), (site, -identity(m)), low=0.0, high=0.0)
    if not partial:
        program.row(size, sizes.capacity, low=float(weight.sum()) * (1 - MARGIN))
    return program, site, size, cost


def _ask_to_reach(
    master: Program, site: Ints, must: sparse.csr_array, rows: Ints, waiting: NDArray[np.bool_]
) -> None:
    """Ask that some site reaches each of these rows."""
    if len(rows):
        master.rows((site, must[rows]), low=1.0)
        waiting[rows] = False


def _add_cut(
    master: Program,
    pairs: _Pairs,
    weight: Floats,
    sizes: Sizes,
    price: Floats,
    size: Ints,
    cost: Ints,
    scale: float,
) -> None:
    """Add the Benders optimality cut of these dual prices, ``scale`` times as small."""
    worth = _worth(pairs.ptr, pairs.row, pairs.cost, weight, price, sizes.site, sizes.capacity)
    paid = float(weight @ price)
    slack = MARGIN * (abs(paid) + float(weight @ np.abs(price)))
    values = np.append(-worth / scale, 1.0)
    master.row(np.concatenate([size, cost]), values, low=(paid - slack) / scale)


@dataclass(frozen=True, kw_only=True)
class _Served:
    """What serving from a plan costs, how much of it is left out, and what demand pays (n)."""

    objective: float
    left_out: float
    price: Floats


def _serve_all(
    reach: sparse.csr_array, weight: Floats, capacity: Floats, most: float, clock: Clock
) -> _Served | None:
    """Serve all demand from given capacities at least cost; leaving a unit out costs ``most``.

    None where there was no time for it.
    """
    n, row = reach.shape[0], np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    is_open = capacity > 0
    pair = np.flatnonzero(is_open[reach.indices])
    number = np.cumsum(is_open) - 1
    ptr = np.concatenate([[0], np.cumsum(np.bincount(row[pair], minlength=n))])
    columns, k = number[reach.indices[pair]], int(is_open.sum())
    by = sparse.csr_array((reach.data[pair], columns, ptr), shape=(n, k))
    found = transport(by, weight, capacity[is_open], most)
    if found is not None:
        left_out = float(found.left.sum())
        return _Served(
            objective=float(found.flow @ by.data) + most * left_out,
            left_out=left_out,
            price=found.price,
        )
    entry, ones = np.arange(len(pair)), np.ones(len(pair))
    program = Program(maximise=False)
    flow = program.columns(len(pair), worth=by.data, high=np.inf)  # else bounds have prices, too
    out = program.columns(n, worth=most, high=np.inf)
    served = sparse.coo_array((ones, (row[pair], entry)), (n, len(pair))).tocsr()
    program.rows((flow, served), (out, identity(n)), low=weight, high=weight)
    used = sparse.coo_array((ones, (columns, entry)), (k, len(pair))).tocsr()
    program.rows((flow, used), high=capacity[is_open])
    answer = program.solve(time_limit_s=max(clock.left(), FIRST_S))
    if answer.point is None or answer.prices is None:
        return None
    left_out = float(answer.point[out].sum())
    return _Served(objective=answer.objective, left_out=left_out, price=answer.prices[:n])


def _capacity_of(sizes: Sizes, taken: NDArray[np.bool_], m: int) -> Floats:
    capacity = np.zeros(m)
    capacity[sizes.site[taken]] = sizes.capacity[taken]
    return capacity


@compiled_part
def _gain(ptr, row, cost, weight, price, j, capacity, flow):
    """Fill a site with those who pay most beyond their way; return what that comes to (<= 0)."""
    start, end = ptr[j], ptr[j + 1]
    flow[start:end] = 0.0
    gain = cost[start:end] - price[row[start:end]]
    total = 0.0
    for k in order_of(gain):
        if gain[k] >= 0.0 or capacity <= 0.0:
            break
        took = min(capacity, weight[row[start + k]])
        flow[start + k] = took
        capacity -= took
        total += gain[k] * took
    return total


@compiled
def _worth(ptr, row, cost, weight, price, site, capacity):
    """Return what each size gains, below zero."""
    flow = np.zeros(len(row))
    worth = np.zeros(len(site))
    for k in range(len(site)):
        worth[k] = _gain(ptr, row, cost, weight, price, site[k], capacity[k], flow)
    return worth


@compiled
def _raise_prices(
    ptr,
    row,
    cost,
    weight,
    capacity,
    always,
    p,
    price,
    most,
    target,
    rounds,
    cooling,
    trial,
    slack,
    state,
):
    """Run rounds of the volume algorithm; return whether it has come to its end.

    ``state`` keeps the best bound, the factor of the steps, and rounds that brought nothing.
    """
    n, m = len(weight), len(capacity)
    flow = np.zeros(len(row))
    worth = np.zeros(m)
    now = np.zeros(n)
    best, factor, idle = state[0], state[1], state[2]
    done = True
    for t in range(rounds[0], rounds[1]):
        for j in range(m):
            worth[j] = _gain(ptr, row, cost, weight, trial, j, capacity[j], flow)
        bound = (trial * weight).sum()
        copy_into(now, weight)
        for j in np.argsort(np.where(always, -np.inf, worth))[:p]:
            bound += worth[j]
            for q in range(ptr[j], ptr[j + 1]):
                now[row[q]] -= flow[q]
        blend = 1.0 if t == 0 else 0.1
        for r in range(n):
            slack[r] = blend * now[r] + (1.0 - blend) * slack[r]
        if bound > best:
            idle = 0 if bound - best > 1e-6 * abs(bound) else idle
            best = bound
            copy_into(price, trial)
            factor = min(factor * 1.1, 2.0)
        else:
            idle += 1
            if idle >= 5:
                factor, idle = factor * cooling, 0
        norm = 0.0
        for r in range(n):
            if weight[r] > 0.0:
                norm += slack[r] * slack[r] / weight[r]
        if norm < 1e-12 or factor < 1e-4:
            break
        step = factor * max(target - best, 1e-3 * abs(best)) / norm
        for r in range(n):
            if weight[r] > 0.0:
                trial[r] = min(max(price[r] + step * slack[r] / weight[r], 0.0), most)
    else:
        done = False
    state[0], state[1], state[2] = best, factor, idle
    return done


def _raise_bound(
    pairs: _Pairs,
    weight: Floats,
    capacity: Floats,
    always: NDArray[np.bool_],
    p: int,
    price: Floats,
    most: float,
    target: float,
    clock: Clock,
) -> None:
    """Raise the bound by the volume algorithm (Barahona & Anbil 2000); change prices in place.

    The clock is read between pieces, which change nothing else.
    """
    ends = (pairs.ptr, pairs.row, pairs.cost)
    trial, slack, state = price.copy(), np.zeros(len(weight)), np.array([-np.inf, 0.5, 0.0])
    at_once = max(1, PIECE // max(len(pairs.row), 1))
    for first in range(0, ROUNDS, at_once):
        rounds = np.array([first, min(first + at_once, ROUNDS)])
        given = (*ends, weight, capacity, always, p, price, most, target)
        if _raise_prices(*given, rounds, COOLING, trial, slack, state) or clock.left() <= 0:
            break
