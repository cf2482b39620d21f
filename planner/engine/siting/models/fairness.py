"""Fair covering: the worst-off group first, or a largest spread between groups, and its price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.engine.siting.models.capacity import highest_floor
from planner.engine.siting.models.capacity_large import too_short
from planner.engine.siting.models.covering import max_cover
from planner.engine.siting.problem.constraints import Floor
from planner.engine.siting.problem.covering_rows import merge_rows
from planner.engine.siting.problem.inputs import Ints, Label
from planner.engine.siting.problem.measures import reached_by
from planner.engine.siting.problem.problem import SitingProblem, build_problem
from planner.engine.siting.problem.result import (
    Solution,
    check_most,
    cut_front,
    heed_preference,
    make_solution,
    record_question,
)
from planner.engine.siting.problem.rules import Rules
from planner.engine.siting.solver.early import keeps_all, linear_rules
from planner.engine.siting.solver.location_program import add_cover, add_sites, plan_of
from planner.engine.siting.solver.program import Clock, Program
from planner.errors import NoPlanError, SitingError, fail

NEAR = 1e-6  # by which shares may miss a spread
MARGIN = 1e-8  # HiGHS calls rows impossible that leave it less
FIRST_SHARE, SECOND_SHARE = 0.3, 0.5  # of the time left: the plan that covers most, the floor
LEAST_S = 0.05  # seconds that a program gets although time is up
Members = dict[Label, Ints]


@dataclass(frozen=True, kw_only=True)
class Fair:
    """A fair plan beside the plan that covers most.

    Parameters
    ----------
    plan
        The fair plan.
    unfair
        The plan that covers most, whoever it is.
    shares
        Share covered of each group: fair, unfair, most (with every site open).
    worst
        Share of the worst-off group under the fair plan.
    price
        Weight that the fair plan covers less, and its share of all weight.
    asked
        What was asked, as in `Solution`.
    """

    plan: Solution
    unfair: Solution
    shares: pd.DataFrame
    worst: float
    price: tuple[float, float]
    asked: Mapping[str, Any] = field(default_factory=dict, repr=False)


@record_question
def fair_cover(
    od: pd.DataFrame,
    demand: pd.Series,
    groups: pd.Series,
    *,
    p: int | None = None,
    spread: float | None = None,
    **rules: Unpack[Rules],
) -> Fair:
    """Cover as much as can be once the worst-off group is covered as well as can be.

    Parameters
    ----------
    od, demand
        As for `max_cover`.
    groups
        Group (street, zone, age group) of each demand label. Groups without weight, and groups
        that no site can reach, are passed over: they would hold all others down.
    p
        How many new sites at most.
    spread
        If given, the aim is another: cover most while no group's share stays farther than this
        behind the best group's.
    **rules
        See `Rules`.

    Returns
    -------
    The fair plan, beside the plan that covers most.

    Raises
    ------
    SitingError
        If no plan keeps to the rules or to the spread, or places are asked for along with a spread.

    Notes
    -----
    With ``capacity`` or ``sizes``, those served count in place of those covered. The three programs
    share ``time_limit_s``; where it ends early, the plan that covers most stands in.
    """
    question = build_problem("fair_cover", od, demand, p=p, **rules)
    if spread is not None and not 0 <= spread <= 1:
        raise fail(SitingError, "siting.spread_wrong", value=spread)
    clock = Clock(question.time_limit_s)
    indifferent: Rules = {**rules, "preference": None}
    # With places, where time is too short for the highest floor, all of it goes to the widest plan.
    share = 1.0 if question.sizes is not None and too_short(question, clock) else FIRST_SHARE
    unfair = max_cover(od, demand, p=p, **_within_time(indifferent, clock.part(share)))
    if question.sizes is not None and spread is not None:
        raise fail(SitingError, "siting.no_capacity_spread")
    members = _members(question, groups)
    if spread is None:
        plan = _fairest(
            od,
            demand,
            rules,
            p=p,
            question=question,
            members=members,
            unfair=unfair,
            clock=clock,
        )
    else:
        plan = _within_spread(question, members, spread, clock, unfair)
    shares = pd.DataFrame(
        {
            "fair": _shares(question, members, plan),
            "unfair": _shares(question, members, unfair),
            "most": {
                name: _share(question, inside, np.ones(len(question.sites), dtype=bool))
                for name, inside in members.items()
            },
        }
    )
    lost = unfair.objective - plan.objective
    return Fair(
        plan=plan,
        unfair=unfair,
        shares=shares,
        worst=float(shares["fair"].min()),
        price=(lost, lost / unfair.total if unfair.total else 0.0),
    )


def _fairest(
    od: pd.DataFrame,
    demand: pd.Series,
    rules: Rules,
    *,
    p: int | None,
    question: SitingProblem,
    members: Members,
    unfair: Solution,
    clock: Clock,
) -> Solution:
    """Cover most while the worst-off group is covered as well as can be.

    A plan known stands in for one that there was no time to find: the one of the highest floor, or
    the one that covers most.
    """
    known = np.asarray(question.sites.isin([*unfair.chosen, *unfair.fixed]))
    indifferent = question.preference is None
    try:
        floor, proven, known = _highest_floor(question, members, clock.part(SECOND_SHARE), known)
        asked = _with_floors(rules, question, members, dict.fromkeys(members, floor))
        plan = max_cover(od, demand, p=p, **_within_time(asked, clock))
    except NoPlanError as late:
        found = heed_preference(_stand_in(late, question, known, unfair), indifferent)
        if question.sizes is None or clock.left() <= LEAST_S:
            return found
        again = max_cover(od, demand, p=p, **_within_time({**rules, "preference": None}, clock))
        wider = again if again.objective > found.objective else found
        return replace(heed_preference(wider, indifferent), status="feasible")
    return plan if proven else replace(heed_preference(plan, indifferent), status="feasible")


def _stand_in(
    late: NoPlanError, question: SitingProblem, known: NDArray[np.bool_], widest: Solution
) -> Solution:
    """Return a plan known for one that there was no time to find: with places, the widest.

    Raises
    ------
    NoPlanError
        If it was not for lack of time.
    """
    if not any("no_plan_in_time" in problem.key for problem in late.problems):
        raise late
    if question.sizes is not None:
        return replace(widest, status="feasible")
    covered = float(question.weight[reached_by(question, known)].sum())
    return replace(make_solution(question, known, covered, widest.bound), status="feasible")


def _within_time(rules: Rules, clock: Clock) -> Rules:
    """Return rules whose limit of time is what a clock leaves."""
    limited: Rules = {**rules, "time_limit_s": max(clock.left(), LEAST_S)}
    return limited


def fair_front(
    od: pd.DataFrame,
    demand: pd.Series,
    groups: pd.Series,
    *,
    p: int | None = None,
    most: int = 20,
    **rules: Unpack[Rules],
) -> pd.DataFrame:
    """Return plans between most people covered and the worst-off group covered best.

    Walked from the plan that covers most: each next plan covers most of those that leave no group
    as far behind, and is the fairest of those that cover as much (epsilon constraint).

    Parameters
    ----------
    od, demand, groups, p
        As for `fair_cover`.
    most
        How many plans at most.
    **rules
        See `Rules`.

    Returns
    -------
    front
        One row per plan, that which covers most first: share, worst, proven, further, plan. No plan
        of the front is bettered in both by another; ``further`` says where the front goes on beyond
        the last one shown.

    Raises
    ------
    SitingError
        If no plan keeps to the rules, or the question is unsound.
    """
    check_most(most)
    rules["preference"] = None
    members = _members(build_problem("fair_cover", od, demand, p=p, **rules), groups)
    total = float(demand.sum())
    asked = rules
    rows: list[tuple[float, float, bool, Solution]] = []
    while len(rows) <= most:
        try:
            widest = max_cover(od, demand, p=p, **asked)
        except SitingError:  # no plan, or more than all sites together reach
            if not rows:
                raise
            break
        everyone = Floor(name="all", share=min(widest.objective / total, 1.0) * (1 - MARGIN))
        kept: Rules = {**rules, "floors": [*rules.get("floors", ()), everyone]}
        question = build_problem("fair_cover", od, demand, p=p, **kept)
        known = np.asarray(question.sites.isin([*widest.chosen, *widest.fixed]))
        clock = Clock(question.time_limit_s)
        highest = False
        try:
            floor, highest, known = _highest_floor(question, members, clock, known)
            fair = _with_floors(rules, question, members, dict.fromkeys(members, floor))
            plan = max_cover(od, demand, p=p, **fair)
        except NoPlanError as late:
            plan = _stand_in(late, question, known, widest)
        worst = min(_shares(question, members, plan).values())
        proven = highest and widest.status == plan.status == "optimal"
        rows.append((plan.objective / total, worst, proven, plan))
        above = {name: _next_share(question, inside, worst) for name, inside in members.items()}
        asked = _with_floors(rules, question, members, above)
    front = pd.DataFrame(rows, columns=pd.Index(["share", "worst", "proven", "plan"]))
    return cut_front(front, most)


def _members(question: SitingProblem, groups: pd.Series) -> Members:
    """Return the demand of each group that has weight within reach."""
    of = groups.reindex(question.demand)
    members = {name: np.flatnonzero(of == name) for name in sorted(of.dropna().unique(), key=str)}
    within = np.where(question.reached, question.weight, 0.0)
    members = {name: inside for name, inside in members.items() if within[inside].sum() > 0}
    if not members:
        raise fail(SitingError, "siting.no_groups")
    return members


def _with_floors(
    rules: Rules, question: SitingProblem, members: Members, share: dict[Label, float]
) -> Rules:
    """Return the rules with each group covered to a share."""
    floors = [
        Floor(name=str(name), share=share[name], demand=question.demand[inside])
        for name, inside in members.items()
    ]
    asked: Rules = {**rules, "floors": [*rules.get("floors", ()), *floors]}
    return asked


def _next_share(question: SitingProblem, inside: Ints, worst: float) -> float:
    """Return the least share of a group above the worst: one person more, where people count."""
    weight = question.weight[inside]
    total = float(weight.sum())
    if question.sizes is None and np.array_equal(weight, np.round(weight)):
        return float(np.floor(worst * total * (1 + MARGIN)) + 1.0) / total
    return worst + 1e-6


def _highest_floor(
    question: SitingProblem, members: Members, clock: Clock, known: NDArray[np.bool_]
) -> tuple[float, bool, NDArray[np.bool_]]:
    """Return the highest share that all groups can have at once, if it is proven, and its plan.

    Preference has no say in it. ``known`` is a plan that keeps to the rules; where there are places
    it is returned as it is.
    """
    question = replace(question, preference=None)
    if question.sizes is not None:
        highest, proven = highest_floor(question, clock, members)
        return max(highest * (1 - MARGIN), 0.0), proven, known
    program = Program(maximise=True)
    sites = add_sites(program, question)
    floor = program.columns(1, worth=1.0)
    for inside in members.values():
        covered, weight = add_cover(program, question, sites, inside)
        each = weight / float(question.weight[inside].sum())
        program.row(np.concatenate([covered, floor]), np.append(each, -1.0), low=0.0)
    start = (sites, known.astype(np.float64))
    answer = program.solve(time_limit_s=clock.left(), seed=question.seed, start=start)
    is_open = known
    if answer.point is not None or answer.infeasible:
        is_open, _ = plan_of(question, answer, sites, program, clock)
    worst = min(_share(question, inside, is_open) for inside in members.values())
    return worst * (1 - MARGIN), answer.bound <= worst + 1e-6, is_open


def _within_spread(
    question: SitingProblem, members: Members, spread: float, clock: Clock, unfair: Solution
) -> Solution:
    """Cover most while all groups' shares lie within a spread of each other."""
    program = Program(maximise=True)
    sites = add_sites(program, question)
    worst, best = program.columns(1), program.columns(1)
    program.row(np.concatenate([best, worst]), np.array([1.0, -1.0]), high=spread)
    for inside in members.values():
        covered, weight = add_cover(program, question, sites, inside, worth=1.0, exact=True)
        each = weight / float(question.weight[inside].sum())
        program.row(np.concatenate([covered, worst]), np.append(each, -1.0), low=0.0)
        program.row(np.concatenate([covered, best]), np.append(each, -1.0), high=0.0)
    grouped = np.concatenate(list(members.values()))
    others = np.setdiff1d(np.arange(len(question.demand)), grouped)
    add_cover(program, question, sites, others, worth=1.0)
    widest = np.asarray(question.sites.isin([*unfair.chosen, *unfair.fixed]))
    is_near = _keeps_spread(question, members, widest, spread)
    known = widest if is_near else _spread_early(question, members, spread)
    start = None if known is None else (sites, known.astype(np.float64))
    answer = program.solve(time_limit_s=clock.left(), seed=question.seed, start=start)
    if answer.infeasible:
        raise fail(NoPlanError, "siting.spread_small", value=spread)
    is_open, is_settled = known, question.preference is None
    if answer.point is not None or is_open is None:
        is_open, is_settled = plan_of(question, answer, sites, program, clock, bound=unfair.bound)
    shares = [_share(question, inside, is_open) for inside in members.values()]
    if max(shares) - min(shares) > spread + NEAR:
        raise ArithmeticError("the plan's groups lie farther apart than asked")
    covered_weight = float(question.weight[reached_by(question, is_open)].sum())
    found = make_solution(question, is_open, covered_weight, min(answer.bound, unfair.bound))
    return heed_preference(found, is_settled)


def _keeps_spread(
    question: SitingProblem, members: Members, is_open: NDArray[np.bool_], spread: float
) -> bool:
    """Return whether a plan keeps to the rules, its groups' shares within a spread."""
    shares = [_share(question, inside, is_open) for inside in members.values()]
    return max(shares) - min(shares) <= spread and keeps_all(question, is_open)


def _spread_early(
    question: SitingProblem, members: Members, spread: float
) -> NDArray[np.bool_] | None:
    """Return a plan within the spread by greed, the one met on the way that covers most.

    The site opened next is, of those that keep groups within the spread, the one that covers most;
    where none does, the one after which they lie nearest together. None if no plan was met.
    """
    rows = [merge_rows(question.reach, question.weight, inside) for inside in members.values()]
    total = np.array([float(question.weight[inside].sum()) for inside in members.values()])
    rules, m = linear_rules(question), len(question.sites)
    site = np.repeat(np.arange(m), np.diff(rules.ptr))
    is_open, best = question.always.copy(), None
    most = -1.0
    for _ in range(m + 1):
        hit = [each.by @ is_open.astype(np.float64) > 0 for each in rows]
        share = np.array(
            [each.weight[got].sum() for each, got in zip(rows, hit, strict=True)] / total
        )
        is_within = np.ptp(share) <= spread and float(share @ total) > most
        if is_within and _keeps_spread(question, members, is_open, spread):
            best, most = is_open.copy(), float(share @ total)
        used = np.bincount(rules.rule, rules.factor * is_open[site], minlength=len(rules.high))
        breaks = (rules.factor > 0) & (used[rules.rule] + rules.factor > rules.high[rules.rule])
        free = ~is_open & (np.bincount(site, breaks, minlength=m) == 0)
        gain = np.array(
            [
                each.by.T @ np.where(got, 0.0, each.weight)
                for each, got in zip(rows, hit, strict=True)
            ]
        )
        free &= gain.sum(axis=0) > 0
        if not free.any():
            break
        apart = np.ptp(share[:, None] + gain / total[:, None], axis=0)
        worth = np.where(apart <= spread, gain.sum(axis=0), -apart)
        is_open[np.flatnonzero(free)[worth[free].argmax()]] = True
    return best


def _share(question: SitingProblem, inside: Ints, is_open: NDArray[np.bool_]) -> float:
    """Return the share of a group that a plan covers."""
    weight = np.where(reached_by(question, is_open), question.weight, 0.0)
    return float(weight[inside].sum() / question.weight[inside].sum())


def _shares(question: SitingProblem, members: Members, plan: Solution) -> dict[Label, float]:
    if question.sizes is not None:
        served = plan.flows.groupby("demand")["weight"].sum().reindex(question.demand).fillna(0.0)
        return {
            name: float(served.to_numpy()[inside].sum() / question.weight[inside].sum())
            for name, inside in members.items()
        }
    is_open = np.asarray(question.sites.isin([*plan.chosen, *plan.fixed]))
    return {name: _share(question, inside, is_open) for name, inside in members.items()}
