"""Linear rules in the form of the search: what each site counts in which, and their prices."""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN201

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.jit import compiled_late
from planner.engine.siting.problem.constraints import Limit, join_pairs
from planner.engine.siting.problem.inputs import Floats, Ints

SLACK = 1e-9  # share of a rule with fractions by which `Limit.holds` lets it be overstepped
ULP = 2.0**-50  # more than rounding takes off a product


class LinearRules(NamedTuple):
    """Linear rules on the choice: what each site counts in which, and between what they may lie.

    Parameters
    ----------
    ptr, rule, factor
        Rules of each site, with its factor: ``rule[ptr[j]:ptr[j + 1]]``; those of hosts follow.
    used, low, high
        What each rule comes to for the plan, and its bounds.
    tolerance
        Numerical tolerance of each rule; 0 where all coefficients are integers.
    host, services
        Host of each site (m) that counts once whatever its services, -1 for none; and how many of
        the plan's sites each host takes. The bound knows no hosts.
    """

    ptr: NDArray[np.int64]
    rule: NDArray[np.int64]
    factor: NDArray[np.float64]
    used: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    tolerance: NDArray[np.float64]
    host: NDArray[np.int64]
    services: NDArray[np.int64]


def no_rules(m: int) -> LinearRules:
    """Return no rules at all.

    Parameters
    ----------
    m
        Number of sites.

    Returns
    -------
    Arrays without entries.
    """
    ints, none = np.zeros(0, dtype=np.int64), np.zeros(0)
    ptr = np.zeros(m + 1, dtype=np.int64)
    return LinearRules(
        ptr=ptr,
        rule=ints,
        factor=none,
        used=none,
        low=none,
        high=none,
        tolerance=none,
        host=np.full(m, -1),
        services=ints,
    )


def rules_of(limits: tuple[Limit, ...], is_open: NDArray[np.bool_], free: Ints) -> LinearRules:
    """Return rules for the sites still to be chosen, those open taken off the bounds.

    Parameters
    ----------
    limits
        The rules, on all sites (m).
    is_open
        Sites (m) open for good, none of them free.
    free
        Numbers of the sites to choose from.

    Returns
    -------
    The rules, conflicts joined to groups.
    """
    limits = join_pairs(limits)
    at = np.repeat(np.arange(len(limits)), [len(limit.sites) for limit in limits])
    numbers = np.concatenate([limit.sites for limit in limits])
    factors = np.concatenate([limit.factors for limit in limits])
    shape = (len(limits), len(is_open))
    table = sparse.coo_array((factors, (at, numbers)), shape=shape).tocsc()
    own, settled = table[:, free], table @ is_open.astype(np.float64)
    own.eliminate_zeros()
    low = np.array([limit.low for limit in limits])
    high = np.array([limit.high for limit in limits])
    size = np.array([max(1.0, float(np.abs(limit.factors).sum())) for limit in limits])
    integral = np.ones(len(limits), dtype=bool)
    integral[at[factors != np.floor(factors)]] = False
    for edge in (low, high):
        integral &= ~np.isfinite(edge) | (edge == np.floor(edge))
    return LinearRules(
        ptr=own.indptr.astype(np.int64),
        rule=own.indices.astype(np.int64),
        factor=own.data,
        used=np.zeros(len(limits)),
        low=low - settled,
        high=high - settled,
        tolerance=np.where(integral, 0.0, SLACK * size),
        host=np.full(len(free), -1),
        services=np.zeros(0, dtype=np.int64),
    )


def restrict(rules: LinearRules, opened: NDArray[np.bool_], keep: NDArray[np.bool_]) -> LinearRules:
    """Return the rules for some of the sites, others being open for good.

    Parameters
    ----------
    rules
        The rules, on m sites.
    opened, keep
        Which sites are open for good (m), and which are left to choose from (m).

    Returns
    -------
    The rules, on the sites that are left to choose from.
    """
    if not len(rules.high):
        return no_rules(int(keep.sum()))
    site = np.repeat(np.arange(len(keep)), np.diff(rules.ptr))
    gone = opened[site]
    settled = np.bincount(rules.rule[gone], rules.factor[gone], minlength=len(rules.high))
    left = keep[site]
    return rules._replace(
        ptr=np.concatenate([[0], np.cumsum(np.diff(rules.ptr)[keep])]).astype(np.int64),
        rule=rules.rule[left],
        factor=rules.factor[left],
        low=rules.low - settled,
        high=rules.high - settled,
        host=rules.host[keep],
    )


def _use_of(rules: LinearRules, is_open: NDArray[np.bool_]) -> Floats:
    """Return what each rule comes to for a plan."""
    counts = np.append(is_open, _services_of(rules, is_open) > 0)
    inside = np.repeat(counts, np.diff(rules.ptr))
    used = np.bincount(rules.rule[inside], rules.factor[inside], minlength=len(rules.high))
    return used.astype(np.float64)


def _services_of(rules: LinearRules, is_open: NDArray[np.bool_]) -> Ints:
    """Return how many sites of a plan each host takes."""
    inside = rules.host[is_open]
    return np.bincount(inside[inside >= 0], minlength=len(rules.services)).astype(np.int64)


def with_spares(rules: LinearRules, is_open: NDArray[np.bool_], spare: int) -> LinearRules:
    """Return the rules with a plan counted, and with further sites that no rule counts.

    Parameters
    ----------
    rules
        The rules, on m sites.
    is_open
        Which sites (m) the plan opens.
    spare
        How many sites are added.

    Returns
    -------
    The rules, on m sites and the spare ones.
    """
    m = len(is_open)
    idle = np.full(spare, rules.ptr[m])
    return rules._replace(
        ptr=np.concatenate([rules.ptr[: m + 1], idle, rules.ptr[m + 1 :]]),
        used=_use_of(rules, is_open),
        host=np.append(rules.host, np.full(spare, -1)),
        services=_services_of(rules, is_open),
    )


def keeps(rules: LinearRules, is_open: NDArray[np.bool_]) -> bool:
    """Return whether a plan keeps to the rules.

    Parameters
    ----------
    rules
        The rules.
    is_open
        Which sites (m) the plan opens.

    Returns
    -------
    True if every rule lies within its bounds, but for its tolerance.
    """
    used, tolerance = _use_of(rules, is_open), rules.tolerance
    return bool(((used >= rules.low - tolerance) & (used <= rules.high + tolerance)).all())


def settled_by(rules: LinearRules) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Return which sites every plan that keeps to the rules opens, and which none does.

    Parameters
    ----------
    rules
        The rules; no factor is below zero.

    Returns
    -------
    (forced, barred)
        Flags of the sites (m); None if no plan keeps to the rules.
    """
    m = len(rules.ptr) - 1
    most = np.bincount(rules.rule, rules.factor, minlength=len(rules.high))
    tolerance = rules.tolerance + 1e-9 * most
    if ((rules.high < -tolerance) | (most < rules.low - tolerance)).any():
        return None
    site = np.repeat(np.arange(m), np.diff(rules.ptr))
    barred, forced = np.zeros(m, dtype=bool), np.zeros(m, dtype=bool)
    barred[site[rules.factor > (rules.high + tolerance)[rules.rule]]] = True
    forced[site[(most - rules.low + tolerance)[rules.rule] < rules.factor]] = True
    return None if (forced & barred).any() else (forced, barred)


def lagrangian_penalty(rules: LinearRules, multiplier: Floats, bits: int) -> tuple[Ints, int]:
    """Return what each site pays for the rules, and what a plan gets back at the least.

    Every plan that keeps to the rules pays no more for them than it gets back, whatever the
    multipliers: the use of a rule lies within its bounds.

    Parameters
    ----------
    rules
        The rules (k).
    multiplier
        Price of each rule (k): above zero for its upper bound, below for its lower.
    bits
        Figures are whole numbers of 2**-bits.

    Returns
    -------
    pays, back
        In units of 2**-bits, each rounded so that the difference of the two stays a bound.
    """
    units = np.floor(multiplier * 2.0**bits)
    edge = np.where(units > 0, rules.high + rules.tolerance, rules.low - rules.tolerance)
    units[~np.isfinite(edge)] = 0.0
    due = np.multiply(units, edge, out=np.zeros(len(units)), where=units != 0)
    back = sum(int(value) for value in np.ceil(due + np.abs(due) * ULP))
    each = units[rules.rule] * rules.factor
    site = np.repeat(np.arange(len(rules.ptr) - 1), np.diff(rules.ptr))
    pays = np.zeros(len(rules.ptr) - 1, dtype=np.int64)
    np.add.at(pays, site, np.floor(each - np.abs(each) * ULP).astype(np.int64))
    return pays, back


@compiled_late(lambda rules, order, _: 2 * (len(rules.rule) + len(order)))
def fill(rules, order, p):
    """Return the plan that opens sites in an order, as upper bounds allow.

    Sites that lower bounds ask for come first.

    Parameters
    ----------
    rules
        The rules, on m sites.
    order
        Numbers of the sites.
    p
        How many may be opened.

    Returns
    -------
    Flags of the sites (m).
    """
    used = np.zeros(len(rules.high))
    is_open = np.zeros(len(rules.ptr) - 1, dtype=np.bool_)
    left = p
    for wanted in (True, False):
        for j in order:
            if left <= 0 or is_open[j]:
                continue
            allowed, asked = True, False
            for q in range(rules.ptr[j], rules.ptr[j + 1]):
                k = rules.rule[q]
                allowed = (
                    allowed and used[k] + rules.factor[q] <= rules.high[k] + rules.tolerance[k]
                )
                asked = asked or used[k] < rules.low[k] - rules.tolerance[k]
            if allowed and (asked or not wanted):
                is_open[j] = True
                left -= 1
                for q in range(rules.ptr[j], rules.ptr[j + 1]):
                    used[rules.rule[q]] += rules.factor[q]
    return is_open
