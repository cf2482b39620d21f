"""A first plan under any linear rules, in a moment: greed that learns what it left out.

Sites are opened one by one, that which does most for what is still lacking: demand that must be
reached, floors not yet met, quotas below their least; then for what the model counts. Where a plan
ends with something lacking, that weighs more in the next one (as in row weighting, Gao et al.
2015). A plan that is not found proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.covering_rows import merge_rows
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.measures import host_cost
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.early_moves import MUST, close_idle, close_near, open_all
from planner.engine.siting.solver.hosts import full_limits, keeps_to_hosts
from planner.engine.siting.solver.linear_constraints import SLACK
from planner.engine.siting.solver.program import Clock

TRIES, TRIES_S = 60, 1.0  # plans made, and seconds of them where the caller says no less
WORK = 300_000_000  # entries that all tries together look at, at most
MOST_TRIES = 10**6
RUINED, NOISE = 6, 1.5  # sites closed at once, and by how much their prices are wrong, at most


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a plan has to reach, beside the rules on sites.

    Parameters
    ----------
    must
        Which sites serve each row that has to be served (r x m), none if there are none.
    times
        By how many sites rows have to be served.
    share_of
        Rows and weights of which at least ``share`` has to be served: a floor over all demand.
    share
        That weight.
    wish
        Whether that weight is wished only: a plan may end below it.
    price
        What opening each site counts, where that is to be small; then a plan opens no more than it
        needs.
    """

    must: sparse.csr_array | None = None
    times: int = 1
    share_of: tuple[sparse.csr_array, Floats] | None = None
    share: float = 0.0
    wish: bool = False
    price: Floats | None = None


class _Rows(NamedTuple):
    """Rows of all kinds: who serves them, what they weigh, how often, and whose they are.

    ``of`` is the floor that a row counts for, or `MUST`.
    """

    rowptr: Ints
    cols: Ints
    colptr: Ints
    rows: Ints
    weight: Floats
    of: Ints


class RulesBySite(NamedTuple):
    """Linear rules by site, and the bounds of each."""

    ptr: Ints
    rule: Ints
    factor: Floats
    low: Floats
    high: Floats


def find_plan(question: SitingProblem, needs: Needs, clock: Clock) -> NDArray[np.bool_] | None:
    """Return a plan that keeps to all rules, floors included, and serves what must be.

    Parameters
    ----------
    question
        The question.
    needs
        What must be served beside its floors.
    clock
        Time left: no further plan is tried beyond it.

    Returns
    -------
    None if none was found.
    """
    m = len(question.sites)
    rows, least = _gather(question, needs)
    limits = linear_rules(question)
    price = np.ones(m)
    if needs.price is not None:
        price = needs.price + 1e-9 + 1e-3 * needs.price.mean()
    elif question.budget is not None:
        price = _charge(question) + 1e-9
    weight, scale = rows.weight.copy(), np.maximum(least, 1e-12)
    tries = int(np.clip(WORK / max(len(rows.cols), 1), 1, TRIES))
    for number in range(tries):
        is_open = question.always.copy()
        missed, short = open_all(
            rows._replace(weight=weight), limits, least, scale, price, needs.times, is_open
        )
        if needs.wish:
            short[-1] = 0.0
        lacking = bool(missed.any() or (short > 0).any())
        if not lacking and keeps_to_hosts(question, is_open):
            if needs.price is not None:
                dearest = np.argsort(-price, kind="stable")
                close_idle(rows, limits, least, dearest, needs.times, question.always, is_open)
            return is_open if keeps_all(question, is_open) else None
        if not lacking or (number and clock.left() <= 0):
            return None
        if missed.any():
            weight[missed] += weight[missed] / 2 + weight[rows.of == MUST].mean()
        scale = np.where(short > 0, scale / 2, scale)
    return None


def improve_plan(
    question: SitingProblem,
    needs: Needs,
    known: NDArray[np.bool_],
    clock: Clock,
    *,
    tries: int | None = None,
) -> NDArray[np.bool_]:
    """Return a plan that costs no more than one at hand: ruin and recreate (Schrimpf et al. 2000).

    Some sites that serve the same demand are closed, and greed opens others in their place, with
    prices a little wrong, so that it does not end where it was; what nothing needs is closed.

    Parameters
    ----------
    question, needs
        As for `find_plan`; the needs have a price.
    known
        Flags of the sites (m) of a plan that keeps to all rules and serves what must be.
    clock
        Time left.
    tries
        How many plans to make; by default as many as there is time for.

    Returns
    -------
    Flags of the sites (m).
    """
    rows, least = _gather(question, needs)
    limits, scale = linear_rules(question), np.maximum(least, 1e-12)
    worth = np.zeros(len(known)) if needs.price is None else needs.price
    price = worth + 1e-9 + 1e-3 * worth.mean()
    dearest = np.argsort(-price, kind="stable")
    rng = np.random.default_rng(question.seed)
    best = known
    lowest = float(worth @ best) + host_cost(question, best)
    for _ in range(MOST_TRIES if tries is None else tries):
        if clock.left() <= 0:
            break
        is_open = best.copy()
        first, number = rng.integers([len(known), RUINED - 1])
        close_near(rows, question.always, first, number + 2, is_open)
        noisy = price * rng.uniform(1.0, NOISE, len(price))
        missed, short = open_all(rows, limits, least, scale, noisy, needs.times, is_open)
        if missed.any() or (short > 0).any():
            continue
        close_idle(rows, limits, least, dearest, needs.times, question.always, is_open)
        cost = float(worth @ is_open) + host_cost(question, is_open)
        if cost <= lowest and keeps_all(question, is_open):
            best, lowest = is_open, cost
    return best


def keeps_all(question: SitingProblem, is_open: NDArray[np.bool_]) -> bool:
    """Return whether a plan keeps to the rules on sites and hosts, and to the floors.

    Parameters
    ----------
    question
        The question.
    is_open
        Which sites (m) the plan opens.

    Returns
    -------
    True if every rule is kept.
    """
    if not keeps_to_hosts(question, is_open):
        return False
    for _, members, least, within in question.floors:
        part = question.reach[members]
        hit = is_open[part.indices] & (part.data <= within)
        row = np.repeat(np.arange(len(members)), np.diff(part.indptr))
        served = np.unique(members[row[hit]])
        if question.weight[served].sum() < least * (1 - SLACK):
            return False
    return True


def _charge(question: SitingProblem) -> Floats:
    """Return what opening each site takes of the budget at the most: its host's cost with it."""
    charge: Floats = question.cost + 1e-3 * question.cost.mean()
    if question.hosts is not None:
        charge = charge + np.append(question.hosts.cost, 0.0)[question.hosts.of]
    return charge


def _gather(question: SitingProblem, needs: Needs) -> tuple[_Rows, Floats]:
    """Return all rows below each other, and what each floor asks for."""
    parts: list[tuple[sparse.csr_array, Floats, int]] = []
    least: list[float] = []
    if needs.must is not None and needs.must.shape[0]:
        parts.append((needs.must, np.ones(needs.must.shape[0]), MUST))
    for _, members, asked, within in question.floors:
        near = question.reach
        if np.isfinite(within):
            entry = near.tocoo()
            kept = entry.data <= within
            ends = (entry.coords[0][kept], entry.coords[1][kept])
            near = sparse.coo_array((np.ones(int(kept.sum())), ends), shape=near.shape).tocsr()
            near.sort_indices()
        merged = merge_rows(near, question.weight, members)
        parts.append((merged.by, merged.weight, len(least)))
        least.append(asked)
    if needs.share_of is not None:
        parts.append((*needs.share_of, len(least)))
        least.append(needs.share)
    m = len(question.sites)
    by = (
        sparse.vstack([part for part, _, _ in parts], format="csr")
        if parts
        else sparse.csr_array((0, m))
    )
    columns = sparse.csr_array(by.T)
    return (
        _Rows(
            rowptr=by.indptr.astype(np.int64),
            cols=by.indices.astype(np.int64),
            colptr=columns.indptr.astype(np.int64),
            rows=columns.indices.astype(np.int64),
            weight=np.concatenate([each for _, each, _ in parts] or [np.zeros(0)]).astype(float),
            of=np.concatenate(
                [np.full(part.shape[0], kind, dtype=np.int64) for part, _, kind in parts]
                or [np.zeros(0, dtype=np.int64)]
            ),
        ),
        np.array(least, dtype=np.float64),
    )


def linear_rules(question: SitingProblem) -> RulesBySite:
    """Return the rules by site; each service pays all of its host, which is on the safe side.

    Parameters
    ----------
    question
        The question.

    Returns
    -------
    Rules of each site with their factors, and the bounds of each rule, tolerance included.
    """
    limits, m = full_limits(question), len(question.sites)
    at = [np.full(len(limit.sites), number) for number, limit in enumerate(limits)]
    sites = [limit.sites for limit in limits]
    factors = [limit.factors for limit in limits]
    none = np.zeros(0, dtype=np.int64)
    ends = (np.concatenate(sites or [none]), np.concatenate(at or [none]))
    values = np.concatenate(factors or [np.zeros(0)])
    table = sparse.coo_array((values, ends), shape=(m, max(len(limits), 1))).tocsr()
    tolerance = [SLACK * max(1.0, float(np.abs(limit.factors).sum())) for limit in limits]
    low = [limit.low - slack for limit, slack in zip(limits, tolerance, strict=True)]
    high = [limit.high + slack for limit, slack in zip(limits, tolerance, strict=True)]
    return RulesBySite(
        ptr=table.indptr.astype(np.int64),
        rule=table.indices.astype(np.int64),
        factor=table.data.astype(np.float64),
        low=np.array(low or [-np.inf]),
        high=np.array(high or [np.inf]),
    )
