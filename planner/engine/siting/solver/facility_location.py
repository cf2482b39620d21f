"""Solve location problems of one form: each demand goes to its best open site, or without.

Serving a demand costs something below what going without costs; the sum is to be small. Covering,
gradual covering and the p-median differ in these costs alone. The search and bound of this package
solve it, rules on the choice of sites included; where there are floors, hosts or preferences, HiGHS
goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.engine.siting.problem.covering_rows import entries_of, merge_rows
from planner.engine.siting.problem.inputs import Floats
from planner.engine.siting.problem.measures import reached_by
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver import kernels
from planner.engine.siting.solver.branch_and_bound import prove
from planner.engine.siting.solver.early import Needs, find_plan, keeps_all, linear_rules
from planner.engine.siting.solver.early_moves import open_what_saves
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
from planner.engine.siting.solver.location_program import add_service, add_sites, plan_of
from planner.engine.siting.solver.program import Clock, Program
from planner.engine.siting.solver.reduced import ReducedProblem, build_reduced, integer_scale

DIRECT = 30_000  # rows times sites up to which HiGHS proves a covering question as fast
TOLERANCE = 1e-9  # share by which floating point may miss a value
TRIES = 600  # shakes of a plan whose hosts count
SEARCH_SHARE = 0.25  # of the time left that the search may take before HiGHS
WRITE_S = 1e-6  # seconds that the whole program takes to be written, a pair


@dataclass(frozen=True, kw_only=True)
class Served:
    """Sites that a plan opens, a lower bound on the cost of any, whether and by what they meet.

    ``is_settled`` says whether it is sure that preference had all its say.

    Costs are rounded down to whole steps before they are searched: ``proven`` says that no plan is
    better by a step, though objective and bound may differ by what rounding took off.
    """

    is_open: NDArray[np.bool_]
    bound: float
    proven: bool
    proof: str
    is_settled: bool = True


def solve_service(
    question: SitingProblem,
    cost: Floats | None,
    outside: Floats,
    clock: Clock,
    *,
    total: float = 0.0,
    start: NDArray[np.bool_] | None = None,
) -> Served:
    """Choose sites so that serving all demand costs least, and prove how good that is.

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

    Returns
    -------
    The plan, a bound, and what proved it.

    Raises
    ------
    NoPlanError
        If no plan keeps to the rules, or none was found in time.
    """
    scale = integer_scale(outside, cost)
    cost, outside = None if cost is None else np.floor(cost * scale), np.floor(outside * scale)
    core = _core_of(question, cost, outside)
    if question.plain:
        if core.p < 0:
            raise contradiction(question)
        known = None if start is None else start[core.names]
        proof = prove(core, clock, seed=question.seed, start=known)
        is_open = question.always.copy()
        is_open[proof.chosen] = True
        bound, prover, is_settled = float(proof.bound), "search", True
    else:
        is_open, bound, prover, is_settled = _solve_ruled(
            question, core, clock, scale=scale, total=total, start=start
        )
    is_open = _reopened(question, is_open)
    row, at = entries_of(question.reach, is_open)
    np.minimum.at(outside, row, 0.0 if cost is None else cost[at])
    proven = bool(outside.sum() <= bound)
    return Served(
        is_open=is_open, bound=bound / scale, proven=proven, proof=prover, is_settled=is_settled
    )


def _core_of(question: SitingProblem, cost: Floats | None, outside: Floats) -> ReducedProblem:
    """Return what sites that are always open leave undone, in the form of the search."""
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
    core, _ = build_reduced(
        row[~settled],
        number[pattern.indices[~settled]],
        cost[~settled].astype(np.int64),
        least,
        most_sites(question),
        np.flatnonzero(~always),
        int(base),
    )
    if question.plain:
        return core
    return replace(core, rules=rules_of(shared_limits(question), always, core.names))


def most_sites(question: SitingProblem) -> int:
    """Return how many sites the rules allow to be opened beside those that always are, at most.

    Parameters
    ----------
    question
        The question.

    Returns
    -------
    The number; below zero if the rules do not even allow those that always are open.
    """
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
) -> tuple[NDArray[np.bool_], float, str, bool]:
    """Solve what has more rules than a number of sites: by the search, then by HiGHS.

    Returns the plan, a bound, what proved it, and whether preference is settled.

    HiGHS alone proves small covering questions as fast, whatever their rules: it is asked at once.
    The search knows linear rules on the choice of sites alone. Where there are others, what it
    proves is a bound all the same, and its plan may happen to keep to them.
    """
    flat, looser = core.flat, float(core.base)
    linear = not question.floors and question.hosts is None
    write_s = WRITE_S * len(flat.cost) * (1 + len(question.floors))
    start, known = _begin(question, core, clock, start)
    if start is not None:
        housing = question.hosts is not None and not question.floors
        if housing:
            ruled = replace(core, rules=housed(question, core.names))
            improve(ruled, start, tries=TRIES, clock=clock.part(0.25))
            value = int(kernels.cost_of(flat, start)) + core.base
            core = replace(core, rules=split_hosts(question, core, value, clock))
        too_late = clock.left() * (1.0 - 2.0 * SEARCH_SHARE) < write_s
        is_last = (linear and question.preference is None) or too_late
        part = clock.part(1.0 if is_last else SEARCH_SHARE)
        proof = prove(core, part, seed=question.seed, start=start, search=not housing)
        is_open, looser = question.always.copy(), float(proof.bound)
        is_open[proof.chosen] = True
        if keeps_all(question, is_open):
            proven = proof.value == proof.bound
            if question.preference is None and (linear or proven):
                return is_open, looser, "search", True
            if known is None or _costs(core, is_open) <= _costs(core, known):
                known = is_open
    is_settled = question.preference is None
    if known is not None and clock.left() < write_s:
        return known, looser, "search", is_settled
    return _solve_by_highs(question, core, clock, known, looser, scale=scale, total=total)


def _begin(
    question: SitingProblem, core: ReducedProblem, clock: Clock, start: NDArray[np.bool_] | None
) -> tuple[NDArray[np.bool_] | None, NDArray[np.bool_] | None]:
    """Return a plan of the problem for the search to begin with, and one that keeps to all rules.

    The first is none where HiGHS is asked at once, the second where none was found as yet.
    """
    flat = core.flat
    if start is not None:
        return start[core.names], start if keeps_all(question, start) else None
    if flat.cost.any() or len(flat.outside) * len(core.names) > DIRECT:
        start = _start(question, core, clock)
        if start is None:
            return None, None
        known = question.always.copy()
        known[core.names] = start
        return start, known if keeps_all(question, known) else None
    first = _first_plan(question, core)
    if first is not None and not question.floors and question.hosts is None:
        choice = first[core.names]
        improve(core, choice, clock=clock)
        first[core.names] = choice
    return None, first if first is not None and keeps_all(question, first) else None


def _solve_by_highs(
    question: SitingProblem,
    core: ReducedProblem,
    clock: Clock,
    known: NDArray[np.bool_] | None,
    looser: float,
    *,
    scale: float,
    total: float,
) -> tuple[NDArray[np.bool_], float, str, bool]:
    """Go on with HiGHS from a plan and a bound, if there are any; return as `_solve_ruled` does."""
    is_settled = question.preference is None
    program = Program(maximise=True)
    sites = add_sites(program, question)
    add_service(program, core, sites, scale)
    unit = 1.0 if scale == 1.0 else 0.0
    answer = program.solve(
        time_limit_s=clock.left(),
        seed=question.seed,
        unit=unit,
        start=None if known is None else (sites, known.astype(np.float64)),
    )
    everything = float(core.base + core.flat.outside.sum())
    least = everything if known is None else _costs(core, known)
    if known is not None and (
        answer.point is None or everything - answer.objective * scale > least * (1 + TOLERANCE)
    ):
        is_open = known  # no time was left even to take it in
    else:
        worth = abs(total - (everything / scale - answer.objective))
        is_open, is_settled = plan_of(
            question,
            answer,
            sites,
            program,
            clock,
            worth=worth,
            bound=(everything - looser) / scale,
            unit=unit,
        )
    saved_most = answer.bound * scale
    if scale == 1.0:
        saved_most = float(np.floor(saved_most + 1e-6))
    bound = max(everything - saved_most, looser)
    return is_open, bound, "highs" if bound > looser else "search", is_settled


def _costs(core: ReducedProblem, is_open: NDArray[np.bool_]) -> float:
    """Return what a plan costs."""
    return float(kernels.cost_of(core.flat, is_open[core.names])) + core.base


def _start(question: SitingProblem, core: ReducedProblem, clock: Clock) -> NDArray[np.bool_] | None:
    """Return a plan that keeps to the rules: by greed, else by HiGHS those on sites and hosts.

    None if there was no time to find one.

    Raises
    ------
    NoPlanError
        If there is none.
    """
    first = _first_plan(question, core)
    if first is None or not keeps_all(question, first):
        found = find_plan(question, Needs(), clock.part(0.25))
        first = first if found is None else _first_plan(question, core, found)
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


def _first_plan(
    question: SitingProblem, core: ReducedProblem, begun: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_] | None:
    """Return the plan that opens what saves most and no rule forbids, site after site.

    ``begun`` is a plan to begin with. None if the plan breaks a rule in the end: some rules ask for
    more than that.
    """
    flat, is_open = core.flat, question.always.copy() if begun is None else begun.copy()
    price = np.ones(len(core.names))
    if question.budget is not None and len(core.names):
        price = question.cost[core.names]
        price = np.maximum(price, 1e-3 * price.mean() + 1e-9)
    begun_with = np.flatnonzero(is_open[core.names])
    open_what_saves(flat, core.names, linear_rules(question), price, begun_with, is_open)
    return is_open if all(limit.holds(is_open) for limit in full_limits(question)) else None
