"""Hosts that cost something or are counted: as rules of their own, and as rules on their guests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.constraints import Limit
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import Hosts, SitingProblem
from planner.engine.siting.solver import kernels
from planner.engine.siting.solver.linear_constraints import Ruled, rules_of
from planner.engine.siting.solver.program import Clock
from planner.engine.siting.solver.reduced import ReducedProblem

SPLITS, FIRST_ROUNDS, MORE_ROUNDS = 60, 1500, 100


def shared_limits(question: SitingProblem, part: Floats | None = None) -> tuple[Limit, ...]:
    """Charge each guest its part of the host: no plan that keeps to the rules is lost.

    Parameters
    ----------
    question
        The question.
    part
        Part of each site (m); those of a host add up to 1 at most. By default all are alike.
    """
    hosts = question.hosts
    if hosts is None:
        return question.limits
    guests = np.flatnonzero(hosts.of >= 0)
    if part is None:
        part = np.zeros(len(hosts.of))
        part[guests] = 1.0 / np.bincount(hosts.of[guests])[hosts.of[guests]]
    return _charged(question.limits, hosts, guests, part[guests])


def split_hosts(question: SitingProblem, core: ReducedProblem, value: int, clock: Clock) -> Ruled:
    """Write the rules for the bound: each guest charged the part of its host that bounds best.

    Any parts are sound. The best charge those sites that the bound would open most; from equal
    parts they are moved there in ever smaller steps.

    Parameters
    ----------
    question, core
        The question, whose hosts count, in the form of the search.
    value
        What a plan costs that keeps to the rules.
    clock
        Ends the steps: they get a quarter of the time left.
    """
    clock = clock.part(0.25)
    hosts, rules = question.hosts, core.rules
    if hosts is None:
        return rules
    host, part = hosts.of[core.names], np.zeros(len(question.sites))
    guests = np.flatnonzero(host >= 0)
    inside = host[guests]
    even = np.zeros(len(host))
    even[guests] = 1.0 / np.bincount(hosts.of[hosts.of >= 0])[inside]
    own, price = even, core.flat.outside / 2.0
    toll, share = np.zeros(len(rules.high)), np.zeros(len(host))
    for step in range(SPLITS):
        part[core.names] = own
        rules = rules_of(shared_limits(question, part), question.always, core.names)
        rounds = FIRST_ROUNDS if step == 0 else MORE_ROUNDS
        goal = float(value - core.base)
        kernels.volume(core.flat, rules, core.p, price, toll, share, goal, rounds, 0.8, clock)
        most = np.zeros(len(hosts.cost))
        np.maximum.at(most, inside, share[guests])
        wanted = np.zeros(len(host))
        wanted[guests] = share[guests] >= most[inside]
        wanted[guests] /= np.bincount(inside, wanted[guests], minlength=len(most))[inside]
        own = own + (wanted - own) / (step + 2)
        if clock.left() <= 0:
            break
    return rules


def full_limits(question: SitingProblem) -> tuple[Limit, ...]:
    """Charge each guest all of its host: every plan that keeps to that keeps to the rules."""
    hosts = question.hosts
    if hosts is None:
        return question.limits
    guests = np.flatnonzero(hosts.of >= 0)
    return _charged(question.limits, hosts, guests, np.ones(len(guests)))


def housed(question: SitingProblem, free: Ints) -> Ruled:
    """Write the rules for the search of plans, each host counted once.

    Parameters
    ----------
    question
        The question, whose hosts count.
    free
        Sites to choose from; all others are open.
    """
    hosts = question.hosts
    if hosts is None:
        return rules_of(question.limits, question.always, free)
    guests = np.flatnonzero(hosts.of >= 0)
    limits = _charged(question.limits, hosts, guests, np.zeros(len(guests)))
    plain = rules_of(limits, question.always, free)
    keys = [limit.key for limit in limits if limit.key != "conflict"]  # those stand last
    table = np.zeros((len(plain.high), len(hosts.cost)))
    for number, key in enumerate(keys):
        if key == "budget":
            table[number] = hosts.cost
        elif key == "host":
            table[number] = 1.0
    paid = np.zeros(len(hosts.cost), dtype=bool)
    paid[hosts.of[question.always & (hosts.of >= 0)]] = True
    settled = table[:, paid].sum(axis=1)
    table[:, paid] = 0.0
    own = sparse.csc_array(table)
    return plain._replace(
        ptr=np.append(plain.ptr, plain.ptr[-1] + own.indptr[1:]).astype(np.int64),
        rule=np.append(plain.rule, own.indices).astype(np.int64),
        factor=np.append(plain.factor, own.data),
        low=plain.low - settled,
        high=plain.high - settled,
        host=hosts.of[free].astype(np.int64),
        guests=np.zeros(len(hosts.cost), dtype=np.int64),
    )


def _charged(
    limits: tuple[Limit, ...], hosts: Hosts, guests: Ints, part: Floats
) -> tuple[Limit, ...]:
    """Add to the budget and to the number of hosts what guests pay of them."""
    found = []
    for limit in limits:
        if limit.key != "budget":
            found.append(limit)
            continue
        sites = np.union1d(limit.sites, guests)
        factors = np.zeros(len(sites))
        factors[np.searchsorted(sites, limit.sites)] += limit.factors
        factors[np.searchsorted(sites, guests)] += hosts.cost[hosts.of[guests]] * part
        found.append(replace(limit, sites=sites, factors=factors))
    if np.isfinite(hosts.most):
        found.append(Limit(key="host", sites=guests, factors=part, high=hosts.most))
    return tuple(found)


def keeps_to_hosts(question: SitingProblem, is_open: NDArray[np.bool_]) -> bool:
    """Tell whether a plan keeps to the rules on sites when its hosts are counted, too."""
    hosts, limits = question.hosts, question.limits
    if hosts is not None:
        used = np.zeros(len(hosts.cost), dtype=bool)
        used[hosts.of[is_open & (hosts.of >= 0)]] = True
        if used.sum() > hosts.most:
            return False
        rent = float(hosts.cost[used].sum())
        limits = tuple(
            replace(limit, high=limit.high - rent) if limit.key == "budget" else limit
            for limit in limits
        )
    return all(limit.holds(is_open) for limit in limits)
