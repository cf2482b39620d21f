"""Hosts that cost something or are counted: as rules of their own, and charged to their services.

A host is paid once, whatever the number of its services. The search counts it so. The bound knows
rules on sites alone: each service is charged a part of its host. If the parts of a host add up to
one, no plan pays more than in truth, so that none is lost; if each is charged all of it, every plan
that keeps to that keeps to the rules.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.choice import Hosts
from planner.engine.siting.problem.constraints import Limit
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.linear_constraints import LinearRules, rules_of
from planner.engine.siting.solver.program import Clock
from planner.engine.siting.solver.reduced import ReducedProblem
from planner.engine.siting.solver.volume import raise_bound

SPLITS, FIRST_ROUNDS, MORE_ROUNDS = 60, 1500, 100


def shared_limits(question: SitingProblem, part: Floats | None = None) -> tuple[Limit, ...]:
    """Return the rules with each service charged a part of its host: no plan is lost.

    Parameters
    ----------
    question
        The question.
    part
        Part of each site (m); those of a host add up to 1 at most. By default all are alike.

    Returns
    -------
    The rules, hosts counted in the budget and in a rule of their own.
    """
    hosts = question.hosts
    if hosts is None:
        return question.limits
    services = np.flatnonzero(hosts.of >= 0)
    if part is None:
        part = np.zeros(len(hosts.of))
        part[services] = 1.0 / np.bincount(hosts.of[services])[hosts.of[services]]
    return _charged(question.limits, hosts, services, part[services])


def split_hosts(
    question: SitingProblem, core: ReducedProblem, value: int, clock: Clock
) -> LinearRules:
    """Return the rules for the bound: each service charged the part of its host that bounds best.

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

    Returns
    -------
    The rules in the form of the search.
    """
    clock = clock.part(0.25)
    hosts, rules = question.hosts, core.rules
    if hosts is None:
        return rules
    host, part = hosts.of[core.names], np.zeros(len(question.sites))
    services = np.flatnonzero(host >= 0)
    inside = host[services]
    even = np.zeros(len(host))
    even[services] = 1.0 / np.bincount(hosts.of[hosts.of >= 0])[inside]
    own, price = even, core.flat.outside / 2.0
    multiplier, share = np.zeros(len(rules.high)), np.zeros(len(host))
    for step in range(SPLITS):
        part[core.names] = own
        rules = rules_of(shared_limits(question, part), question.always, core.names)
        rounds = FIRST_ROUNDS if step == 0 else MORE_ROUNDS
        goal = float(value - core.base)
        raise_bound(core.flat, rules, core.p, price, multiplier, share, goal, rounds, 0.8, clock)
        most = np.zeros(len(hosts.cost))
        np.maximum.at(most, inside, share[services])
        wanted = np.zeros(len(host))
        wanted[services] = share[services] >= most[inside]
        wanted[services] /= np.bincount(inside, wanted[services], minlength=len(most))[inside]
        own = own + (wanted - own) / (step + 2)
        if clock.left() <= 0:
            break
    return rules


def full_limits(question: SitingProblem) -> tuple[Limit, ...]:
    """Return the rules with each service charged all of its host: who keeps to that, keeps to them.

    Parameters
    ----------
    question
        The question.

    Returns
    -------
    The rules, hosts counted in the budget and in a rule of their own.
    """
    hosts = question.hosts
    if hosts is None:
        return question.limits
    services = np.flatnonzero(hosts.of >= 0)
    return _charged(question.limits, hosts, services, np.ones(len(services)))


def housed(question: SitingProblem, free: Ints) -> LinearRules:
    """Return the rules for the search of plans, each host counted once.

    Parameters
    ----------
    question
        The question, whose hosts count.
    free
        Sites to choose from; all others are open.

    Returns
    -------
    The rules in the form of the search, with the host of each site.
    """
    hosts = question.hosts
    if hosts is None:
        return rules_of(question.limits, question.always, free)
    services = np.flatnonzero(hosts.of >= 0)
    limits = _charged(question.limits, hosts, services, np.zeros(len(services)))
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
        services=np.zeros(len(hosts.cost), dtype=np.int64),
    )


def _charged(
    limits: tuple[Limit, ...], hosts: Hosts, services: Ints, part: Floats
) -> tuple[Limit, ...]:
    """Return the rules with what services pay of their hosts counted in."""
    found = []
    for limit in limits:
        if limit.key != "budget":
            found.append(limit)
            continue
        sites = np.union1d(limit.sites, services)
        factors = np.zeros(len(sites))
        factors[np.searchsorted(sites, limit.sites)] += limit.factors
        factors[np.searchsorted(sites, services)] += hosts.cost[hosts.of[services]] * part
        found.append(replace(limit, sites=sites, factors=factors))
    if np.isfinite(hosts.most):
        found.append(Limit(key="host", sites=services, factors=part, high=hosts.most))
    return tuple(found)


def keeps_to_hosts(question: SitingProblem, is_open: NDArray[np.bool_]) -> bool:
    """Return whether a plan keeps to the rules on sites, its hosts counted.

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
