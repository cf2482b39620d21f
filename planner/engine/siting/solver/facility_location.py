"""Solve models of one form: each demand is served by its best open site, or goes without.

Serving a demand costs something below what going without costs; the sum is to be small. Covering,
gradual covering and the p-median differ in these costs alone. The search and bound of this package
solve it, rules on the choice of sites included; where there are floors, hosts or preferences, HiGHS
goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.covering_rows import entries_of, merge_rows
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.problem.result import reached_by
from planner.engine.siting.solver import kernels
from planner.engine.siting.solver.branch_and_bound import prove
from planner.engine.siting.solver.hosts import (
    full_limits,
    housed,
    keeps_to_hosts,
    shared_limits,
    split_hosts,
)
from planner.engine.siting.solver.infeasibility import contradiction
from planner.engine.siting.solver.linear_constraints import rules_of
from planner.engine.siting.solver.local_search import improve
from planner.engine.siting.solver.program import Answer, Clock, Program
from planner.engine.siting.solver.reduced import ReducedProblem, make_core, whole_scale
from planner.errors import NoPlanError, fail

DIRECT = 30_000  # rows times sites up to which HiGHS proves a covering question as fast
EASE = 1e-9  # share by which floating point may miss a value
TRIES = 600  # shakes of a plan whose hosts count


@dataclass(frozen=True, kw_only=True)
class Served:
    """Sites that a plan opens, a lower bound on the cost of any, whether and by what they meet.

    Costs are rounded down to whole steps before they are searched: ``proven`` says that no plan is
    better by a step, though objective and bound may differ by what rounding took off.
    """

    is_open: NDArray[np.bool_]
    bound: float
    proven: bool
    proof: str


def solve_service(
    question: SitingProblem,
    cost: Floats | None,
    outside: Floats,
    clock: Clock,
    *,
    total: float = 0.0,
    start: NDArray[np.bool_] | None = None,
) -> Served:
    """Open sites so that serving all demand costs least.

    Parameters
    ----------
    question
        The question; its rules are kept to.
    cost
        Cost of serving a demand from a site, along ``question.reach.data``; None if nothing.
    outside
        Cost of each demand (n) that is not served.
    clock
        Time left.
    total
        What the objective of the model is counted from: a plan of cost c is worth |total - c|. The
        share that may be given up for preference is one of that.
    start
        A plan (m) that keeps to the rules, to begin with.

    Raises
    ------
    NoPlanError
        If no plan keeps to the rules, or none was found in time.
    """
    scale = whole_scale(outside, cost)
    cost, outside = None if cost is None else np.floor(cost * scale), np.floor(outside * scale)
    core = _core_of(question, cost, outside)
    if question.plain:
        if core.p < 0:
            raise contradiction(question)
        known = None if start is None else start[core.names]
        proof = prove(core, clock, seed=question.seed, start=known)
        is_open = question.always.copy()
        is_open[proof.chosen] = True
        bound, prover = float(proof.bound), "search"
    else:
        is_open, bound, prover = _solve_ruled(
            question, core, clock, scale=scale, total=total, start=start
        )
    is_open = _reopened(question, is_open)
    row, at = entries_of(question.reach, is_open)
    np.minimum.at(outside, row, 0.0 if cost is None else cost[at])
    proven = bool(outside.sum() <= bound)
    return Served(is_open=is_open, bound=bound / scale, proven=proven, proof=prover)


def _core_of(question: SitingProblem, cost: Floats | None, outside: Floats) -> ReducedProblem:
    """Put what sites that are always open leave undone into the form of the search."""
    reach, always = question.reach, question.always
    if cost is None or not cost.any():  # covering: demand with one set of sites is one row
        undone = np.flatnonzero(~reached_by(question, always))
        rows = merge_rows(reach, outside, undone)
        pattern, base = rows.by, float(outside[undone].sum() - rows.weight.sum())
        cost, outside = np.zeros(pattern.nnz), rows.weight
    else:
        pattern, base = reach, 0.0
    row = np.repeat(np.arange(pattern.shape[0], dtype=np.int32), np.diff(pattern.indptr))
    settled = always[pattern.indices]
    least = outside.astype(np.int64)
    np.minimum.at(least, row[settled], cost[settled].astype(np.int64))
    number = np.cumsum(~always) - 1
    core, _ = make_core(
        row[~settled],
        number[pattern.indices[~settled]],
        cost[~settled].astype(np.int64),
        least,
        room_of(question),
        np.flatnonzero(~always),
        int(base),
    )
    if question.plain:
        return core
    return replace(core, rules=rules_of(shared_limits(question), always, core.names))


def room_of(question: SitingProblem) -> int:
    """Count the sites that the rules allow to be opened beside those that always are, at most."""
    always = question.always
    if question.plain and question.limits:
        return sum(int(limit.high - always[limit.sites].sum()) for limit in question.limits)
    program = Program(maximise=True)
    sites = program.columns(len(always), worth=1.0, low=question.low, whole=True)
    program.limits(sites, shared_limits(question))
    answer = program.solve(
        time_limit_s=min(2.0, 0.5 + 0.1 * question.time_limit_s), seed=question.seed
    )
    if not np.isfinite(answer.bound) or answer.infeasible:
        return int((~always).sum())
    return int(np.floor(answer.bound + 1e-6) - always.sum())


def _reopened(question: SitingProblem, is_open: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a plan that closes no existing site but for a reason: another site, or the budget."""
    is_open = is_open.copy()
    for site in np.flatnonzero(~is_open[: question.n_fixed]):
        is_open[site] = True
        is_open[site] = keeps_to_hosts(question, is_open)
    return is_open


def _solve_ruled(
    question: SitingProblem,
    core: ReducedProblem,
    clock: Clock,
    *,
    scale: float,
    total: float,
    start: NDArray[np.bool_] | None,
) -> tuple[NDArray[np.bool_], float, str]:
    """Solve what has more rules than a number of sites: by the search, then by HiGHS.

    HiGHS alone proves small covering questions as fast, whatever their rules: it is asked at once.
    The search knows linear rules on the choice of sites alone. Where there are others, what it
    proves is a bound all the same, and its plan may happen to keep to them.
    """
    flat, looser, known = core.flat, float(core.base), None
    linear = not question.floors and question.hosts is None
    if start is not None:
        start = start[core.names]
    elif flat.cost.any() or len(flat.outside) * len(core.names) > DIRECT:
        start = _start(question, core, clock)
    else:
        known = _first_plan(question, core)
        if known is not None and linear:
            choice = known[core.names]
            improve(core, choice, clock=clock)
            known[core.names] = choice
        known = known if known is not None and obeys(question, known) else None
    if start is not None:
        housing = question.hosts is not None and not question.floors
        if housing:
            ruled = replace(core, rules=housed(question, core.names))
            improve(ruled, start, tries=TRIES, clock=clock.part(0.25))
            value = int(kernels.cost_of(flat, start)) + core.base
            core = replace(core, rules=split_hosts(question, core, value, clock))
        part = clock.part(1.0 if linear and question.preference is None else 0.25)
        proof = prove(core, part, seed=question.seed, start=start, search=not housing)
        is_open, looser = question.always.copy(), float(proof.bound)
        is_open[proof.chosen] = True
        if obeys(question, is_open):
            known = is_open
            proven = proof.value == proof.bound
            if question.preference is None and (linear or proven):
                return is_open, looser, "search"
    program = Program(maximise=True)
    sites = add_sites(program, question)
    columns = core.names[flat.cols]
    row = np.repeat(np.arange(len(flat.outside)), np.diff(flat.indptr))
    saved = (flat.outside[row] - flat.cost) / scale
    level = np.ones(len(flat.outside), dtype=bool)  # rows that any site serves at one cost
    level[row[1:][(flat.cost[1:] != flat.cost[:-1]) & (row[1:] == row[:-1])]] = False
    pattern = sparse.csr_array(
        (np.ones(len(columns)), columns, flat.indptr), shape=(len(level), len(sites))
    )
    once = program.columns(int(level.sum()), worth=saved[flat.indptr[:-1][level]])
    program.rows((sites, pattern[np.flatnonzero(level)]), (once, -identity(len(once))), low=0.0)
    graded = np.flatnonzero(~level[row])
    by_site = program.columns(len(graded), worth=saved[graded])
    entry = np.arange(len(graded))
    shape = (len(graded), len(sites))
    used = sparse.coo_array((np.ones(len(graded)), (entry, columns[graded])), shape=shape).tocsr()
    program.rows((sites, used), (by_site, -identity(len(graded))), low=0.0)
    shape = (len(level), len(graded))
    of_row = sparse.coo_array((np.ones(len(graded)), (row[graded], entry)), shape=shape).tocsr()
    program.rows((by_site, of_row[np.flatnonzero(~level)]), high=1.0)
    answer = program.solve(
        time_limit_s=clock.left(),
        seed=question.seed,
        unit=1.0 if scale == 1.0 else 0.0,
        start=None if known is None else (sites, known.astype(np.float64)),
    )
    everything = float(core.base + flat.outside.sum())
    least = everything if known is None else kernels.cost_of(flat, known[core.names]) + core.base
    if known is not None and (
        answer.point is None or everything - answer.objective * scale > least * (1 + EASE)
    ):
        is_open = known  # no time was left even to take it in
    else:
        worth = abs(total - (everything / scale - answer.objective))
        is_open = plan_of(question, answer, sites, program, clock, worth=worth)
    saved_most = answer.bound * scale
    if scale == 1.0:
        saved_most = float(np.floor(saved_most + 1e-6))
    bound = max(everything - saved_most, looser)
    return is_open, bound, "highs" if bound > looser else "search"


def obeys(question: SitingProblem, is_open: NDArray[np.bool_]) -> bool:
    """Tell whether a plan keeps to the rules on sites and hosts, where there are no others."""
    return not question.floors and keeps_to_hosts(question, is_open)


def _start(question: SitingProblem, core: ReducedProblem, clock: Clock) -> NDArray[np.bool_] | None:
    """Find a plan that keeps to the rules on sites and hosts: by greed, else by HiGHS.

    None if there was no time to find one.

    Raises
    ------
    NoPlanError
        If there is none.
    """
    first = _first_plan(question, core)
    if first is None:
        program = Program(maximise=True)
        worth = np.zeros(len(question.sites))
        row = np.repeat(np.arange(len(core.flat.outside)), np.diff(core.flat.indptr))
        saves = core.flat.outside[row] - core.flat.cost
        worth[core.names] = np.bincount(core.flat.cols, saves, minlength=len(core.names))
        sites = add_sites(program, question, worth=worth, floors=False)
        answer = program.solve(time_limit_s=clock.left() / 4, seed=question.seed)
        if answer.infeasible:
            raise contradiction(question)
        if answer.point is None:
            return None
        first = answer.point[sites] > 0.5
    return np.asarray(first[core.names])


def _first_plan(question: SitingProblem, core: ReducedProblem) -> NDArray[np.bool_] | None:
    """Open the site that saves most and that no rule forbids, again and again.

    None if the plan breaks a rule in the end: some rules ask for more than that.
    """
    flat, limits = core.flat, full_limits(question)
    row = np.repeat(np.arange(len(flat.outside)), np.diff(flat.indptr))
    paid, is_open = flat.outside.copy(), question.always.copy()
    price = np.ones(len(core.names))
    if question.budget is not None and len(core.names):
        price = question.cost[core.names]
        price = np.maximum(price, 1e-3 * price.mean() + 1e-9)
    while True:
        saves = np.bincount(
            flat.cols, np.maximum(paid[row] - flat.cost, 0), minlength=len(core.names)
        )
        saves[is_open[core.names]] = 0.0
        allowed = np.ones(len(question.sites), dtype=bool)
        for limit in limits:
            room = limit.high - limit.factors @ is_open[limit.sites]
            allowed[limit.sites[limit.factors > room + 1e-9]] = False
        score = np.where(allowed[core.names], saves, 0.0) / price
        best = int(score.argmax()) if len(score) else 0
        if not len(score) or score[best] <= 0:
            return is_open if all(limit.holds(is_open) for limit in limits) else None
        is_open[core.names[best]] = True
        served = flat.cols == best
        np.minimum.at(paid, row[served], flat.cost[served])


def add_sites(
    program: Program,
    question: SitingProblem,
    *,
    worth: Floats | float = 0.0,
    priced: float = 0.0,
    extra: tuple[Ints, Floats] | None = None,
    floors: bool = True,
) -> Ints:
    """Add the choice of sites and every rule on it.

    Parameters
    ----------
    program, question
        Where to, and whose.
    worth
        What opening a site counts in the objective.
    priced
        What a unit of host cost counts there.
    extra
        Further columns that draw on the budget, and their costs.
    floors
        Whether to add the floors, as shares of demand that open sites reach.
    """
    sites = program.columns(len(question.sites), worth=worth, low=question.low, whole=True)
    paying = [] if extra is None else [extra]
    if question.hosts is not None:
        hosts = question.hosts
        used = program.columns(len(hosts.cost), worth=hosts.cost * priced, whole=True)
        guests = np.flatnonzero(hosts.of >= 0)
        entry, shape = np.arange(len(guests)), (len(guests), len(used))
        house = sparse.coo_array((np.ones(len(guests)), (entry, hosts.of[guests])), shape).tocsr()
        program.rows((sites[guests], identity(len(guests))), (used, -house), high=0.0)
        if np.isfinite(hosts.most):
            program.row(used, np.ones(len(used)), high=hosts.most)
        paying.append((used, hosts.cost))
    program.limits(sites, tuple(limit for limit in question.limits if limit.key != "budget"))
    for limit in question.limits:
        if limit.key == "budget":
            columns = np.concatenate([sites[limit.sites], *(numbers for numbers, _ in paying)])
            prices = np.concatenate([limit.factors, *(cost for _, cost in paying)])
            program.row(columns, prices, high=limit.high)
    for _, members, least, within in question.floors if floors else ():
        covered, weight = add_cover(program, question, sites, members, within=within)
        program.row(covered, weight, low=least)
    return sites


def add_cover(
    program: Program,
    question: SitingProblem,
    sites: Ints,
    members: Ints,
    *,
    within: float = np.inf,
    worth: float = 0.0,
    exact: bool = False,
) -> tuple[Ints, Floats]:
    """Add columns that tell whether some demand is covered, with the weight of each.

    Parameters
    ----------
    program, question, sites
        Where to, whose, and the columns of the sites.
    members
        Numbers of the demand.
    within
        Largest metric that counts.
    worth
        What a unit of weight covered counts in the objective.
    exact
        Whether covered demand must be told as covered, even where it would pay to hide it.
    """
    near = question.reach
    if np.isfinite(within):
        row = np.repeat(np.arange(near.shape[0]), np.diff(near.indptr))
        inside = near.data <= within
        ends = (row[inside], near.indices[inside])
        near = sparse.coo_array((np.ones(len(ends[0])), ends), shape=near.shape).tocsr()
        near.sort_indices()
    rows = merge_rows(near, question.weight, members)
    covered = program.columns(len(rows.weight), worth=rows.weight * worth)
    program.rows((sites, rows.by), (covered, -identity(len(covered))), low=0.0)
    if exact:
        entry = rows.by.tocoo()
        ones, number = np.ones(entry.nnz), np.arange(entry.nnz)
        row_of = sparse.coo_array((ones, (number, entry.coords[0])), (entry.nnz, len(covered)))
        site_of = sparse.coo_array((ones, (number, entry.coords[1])), (entry.nnz, len(sites)))
        program.rows((covered, row_of.tocsr()), (sites, -site_of.tocsr()), low=0.0)
    return covered, rows.weight


def plan_of(
    question: SitingProblem,
    answer: Answer,
    sites: Ints,
    program: Program,
    clock: Clock,
    *,
    worth: float | None = None,
) -> NDArray[np.bool_]:
    """Return which sites a plan opens, see `point_of`."""
    point = point_of(question, answer, sites, program, clock, worth=worth)
    return np.asarray(point[sites] > 0.5)


def point_of(
    question: SitingProblem,
    answer: Answer,
    sites: Ints,
    program: Program,
    clock: Clock,
    *,
    worth: float | None = None,
) -> Floats:
    """Return all columns of a plan.

    Where some sites are preferred, the plan with most points among those that are as good is sought
    from there.

    Parameters
    ----------
    question, answer, sites, program, clock
        The question, what HiGHS made of its program, the columns of the sites, and the time left.
    worth
        Objective of the model for the answer's plan, by default that of the program: a share of it
        may be given up for preference.

    Raises
    ------
    NoPlanError
        If the answer holds none.
    """
    point = answer.point
    if point is None:
        if answer.infeasible:
            raise contradiction(question)
        raise fail(NoPlanError, "siting.no_plan_in_time", value=question.time_limit_s)
    if question.preference is not None:
        better = program.solve_again(
            answer,
            sites,
            question.preference,
            slack=question.give_up * abs(answer.objective if worth is None else worth),
            time_limit_s=clock.left(),
            seed=question.seed,
        )
        if better.point is not None:
            point = better.point
    return point


def identity(n: int) -> sparse.csr_array:
    """Make the sparse identity."""
    return sparse.eye_array(n, format="csr")
