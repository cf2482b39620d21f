"""Rules on the choice of sites, each as named linear limits."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.engine.labels import shorten
from planner.engine.siting.problem.inputs import Floats, Ints, Label, is_count
from planner.errors import Problems


@dataclass(frozen=True, kw_only=True)
class Quota:
    """How many sites of a group a plan may hold, existing ones included.

    Parameters
    ----------
    name
        Name of the group as the user knows it: a street, a zone, "idle offices".
    sites
        Labels of the group's sites; those that are not in the question are passed over.
    at_least, at_most
        Bounds on the number of open sites of the group.
    """

    name: str
    sites: Collection[Label]
    at_least: int = 0
    at_most: int | None = None


@dataclass(frozen=True, kw_only=True)
class Floor:
    """What share of a group's demand a plan has to cover, at the least.

    Parameters
    ----------
    name
        Name of the group as the user knows it.
    share
        Share of the group's weight to be covered.
    demand
        Labels of the group's demand; all demand by default.
    within
        Largest minutes that count for it, by default the question's cutoff.
    """

    name: str
    share: float
    demand: Collection[Label] | None = None
    within: float = np.inf


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A linear rule on the choice: ``low <= sum(factors * open[sites]) <= high``.

    Parameters
    ----------
    key
        What kind of rule it is, for messages.
    sites, factors
        Numbers of the sites that count in it, and how much each counts.
    low, high
        The bounds.
    name
        What the user calls it.
    """

    key: str
    sites: Ints
    factors: Floats
    low: float = -np.inf
    high: float = np.inf
    name: Any = None

    def holds(self, is_open: NDArray[np.bool_]) -> bool:
        """Return whether a plan keeps to the rule, but for rounding.

        Parameters
        ----------
        is_open
            Which sites the plan opens (m).

        Returns
        -------
        True if its sum lies within the bounds.
        """
        used = float(self.factors @ is_open[self.sites])
        slack = 1e-9 * max(1.0, float(np.abs(self.factors).sum()))
        return self.low - slack <= used <= self.high + slack


def limit_number(
    p: int | None, new: Ints, movable: Ints, *, exactly: bool, problems: Problems
) -> list[Limit]:
    """Return the limit on the number of new sites; each movable site that closes allows one more.

    Parameters
    ----------
    p
        How many new sites may be chosen; None for any number.
    new, movable
        Numbers of the new sites, and of existing ones that may be moved.
    exactly
        Whether just as many must be chosen.
    problems
        Takes what is wrong.

    Returns
    -------
    One limit, or none.
    """
    if p is None:
        return []
    if not is_count(p):
        problems.add("siting.p_wrong", value=p)
        return []
    if p > len(new):
        problems.add("siting.p_large", value=p, n=len(new))
    sites = np.concatenate([new, movable])
    high = float(p + len(movable))
    low = high if exactly else -np.inf
    return [Limit(key="p", sites=sites, factors=np.ones(len(sites)), low=low, high=high, name=p)]


def limit_budget(
    budget: float | None,
    cost: Floats | None,
    gain: Floats | None,
    *,
    new: Ints,
    closable: Ints,
    extended: Floats,
    problems: Problems,
) -> list[Limit]:
    """Return the limit on the cost of new sites, less what closing existing ones gives back.

    Parameters
    ----------
    budget
        The most that may be spent; None for any sum.
    cost, gain
        Cost of each site, and what closing it gives back (m); None where not given.
    new, closable
        Numbers of the new sites, and of existing ones that may be closed.
    extended
        Costs of larger sizes of existing sites, on which the budget may be spent too.
    problems
        Takes what is wrong.

    Returns
    -------
    One limit, or none.
    """
    if budget is None:
        return []
    if cost is None:
        problems.add("siting.budget_without_cost")
        return []
    back = np.zeros(0) if gain is None else gain[closable]
    if not (budget >= 0 or (len(closable) and budget < 0)):  # below 0: that much is to be saved
        problems.add("siting.budget_wrong", value=budget)
    elif len(new) and not len(closable):
        least = float(np.concatenate([cost[new], extended]).min())
        if least > budget:
            problems.add("siting.budget_small", value=budget, least=least)
    return [
        Limit(
            key="budget",
            sites=np.concatenate([new, closable]),
            factors=np.concatenate([cost[new], back]),
            high=float(budget + back.sum()),
            name=budget,
        )
    ]


def limit_quotas(
    quotas: Iterable[Quota],
    sites: pd.Index,
    low: Floats,
    n_fixed: int,
    problems: Problems,
) -> list[Limit]:
    """Return the limits on the number of open sites of each group.

    Parameters
    ----------
    quotas
        The groups and their bounds.
    sites
        Labels of the sites (m), existing ones first.
    low
        1 for sites that every plan opens, else 0 (m).
    n_fixed
        How many sites exist.
    problems
        Takes what is wrong.

    Returns
    -------
    One limit for each group.
    """
    found = []
    for quota in quotas:
        members = np.flatnonzero(sites.isin(list(quota.sites)))
        most = np.inf if quota.at_most is None else float(quota.at_most)
        fixed = int((low[members[members < n_fixed]] > 0.5).sum())
        must = members[(members >= n_fixed) & (low[members] > 0.5)]
        if fixed > most:
            problems.add("siting.quota_fixed", value=quota.name, most=quota.at_most, n=fixed)
        elif fixed + len(must) > most:
            problems.add(
                "siting.quota_mandatory",
                value=quota.name,
                most=quota.at_most,
                n=fixed,
                sites=shorten(sites[must]),
            )
        if quota.at_least > len(members):
            problems.add(
                "siting.quota_short", value=quota.name, least=quota.at_least, n=len(members)
            )
        elif not is_count(quota.at_least) or not (
            quota.at_most is None or is_count(quota.at_most, quota.at_least)
        ):
            problems.add(
                "siting.quota_wrong", value=quota.name, least=quota.at_least, most=quota.at_most
            )
        found.append(
            Limit(
                key="quota",
                sites=members,
                factors=np.ones(len(members)),
                low=float(quota.at_least),
                high=most,
                name=quota.name,
            )
        )
    return found


def limit_pairs(
    conflicts: Iterable[tuple[Label, Label]],
    sites: pd.Index,
    low: Floats,
    n_fixed: int,
    problems: Problems,
) -> list[Limit]:
    """Return the limits that keep two sites of a pair from being chosen together.

    What exists already is accepted. Two sites that must both be open, of which one is new, are a
    problem.

    Parameters
    ----------
    conflicts
        Pairs of labels.
    sites, low, n_fixed, problems
        As for `limit_quotas`.

    Returns
    -------
    One limit for each pair that does not stand already.
    """
    pairs = pd.DataFrame(list(conflicts), columns=["a", "b"])
    if pairs.empty:
        return []
    ends = np.column_stack([sites.get_indexer(pd.Index(pairs[end])) for end in "ab"])
    ends = np.unique(np.sort(ends[(ends >= 0).all(axis=1) & (ends[:, 0] != ends[:, 1])]), axis=0)
    both = (low[ends] > 0.5).all(axis=1)
    for pair in ends[both & (ends >= n_fixed).any(axis=1)]:
        problems.add("siting.mandatory_close", value=" - ".join(map(str, sites[pair])))
    return [
        Limit(key="conflict", sites=pair, factors=np.ones(2), high=1.0, name=shorten(sites[pair]))
        for pair in ends[~both].astype(np.int64)
    ]


def join_pairs(limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """Return limits with conflicts as groups of which one site may be open, as large as they come.

    Fewer rules say the same, and half a site from each of three pairs is ruled out, too.

    Parameters
    ----------
    limits
        The limits, conflicts among them.

    Returns
    -------
    The limits, conflicts last.
    """
    pairs = [limit.sites.tolist() for limit in limits if limit.key == "conflict"]
    near: dict[int, set[int]] = {}
    for a, b in pairs:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    written: set[tuple[int, int]] = set()
    found = [limit for limit in limits if limit.key != "conflict"]
    for pair in pairs:
        if tuple(pair) in written:
            continue
        group = list(pair)
        common = near[pair[0]] & near[pair[1]]
        while common:
            site = min(common, key=lambda one: (-len(near[one] & common), one))
            group.append(site)
            common &= near[site]
        written.update(combinations(sorted(group), 2))
        sites = np.array(sorted(group), dtype=np.int64)
        found.append(Limit(key="conflict", sites=sites, factors=np.ones(len(sites)), high=1.0))
    return tuple(found)


def limit_hosts(
    hosts: Mapping[Any, Label] | pd.Series | None,
    sites: pd.Index,
    low: Floats,
    n_fixed: int,
    problems: Problems,
) -> list[Limit]:
    """Return the limits that let each host take one site at most.

    What exists already in one host is accepted. Of several existing sites in a host, all that stay
    count as one: no new site joins them.

    Parameters
    ----------
    hosts
        Host of each site label.
    sites, low, n_fixed, problems
        As for `limit_quotas`.

    Returns
    -------
    One limit for each host with several new sites, and for each existing site beside new ones.
    """
    if hosts is None:
        return []
    host = pd.Series(hosts).reindex(sites).reset_index(drop=True)
    found = []
    for name, group in host.groupby(host).groups.items():
        members = np.asarray(group, dtype=np.int64)
        old, new = members[members < n_fixed], members[members >= n_fixed]
        must = int((low[new] > 0.5).sum())
        if must + (low[old] > 0.5).any() > 1:
            must_be = sites[members[low[members] > 0.5]]
            problems.add("siting.mandatory_host", value=name, sites=shorten(must_be))
        if len(new) > 1:
            ones = np.ones(len(new))
            found.append(Limit(key="host", sites=new, factors=ones, high=1.0, name=name))
        if len(new) and len(old):  # one row for each that may stay: it keeps new sites out
            for one in old:
                sites_of = np.append(new, one)
                ones = np.ones(len(sites_of))
                found.append(Limit(key="host", sites=sites_of, factors=ones, high=1.0, name=name))
    return found


def limit_unlike(
    plans: Iterable[Collection[Hashable]], sites: pd.Index, n_fixed: int
) -> list[Limit]:
    """Return the limits that ask for a plan without at least one site of each plan given.

    Parameters
    ----------
    plans
        Labels of the new sites of each plan.
    sites, n_fixed
        As for `limit_quotas`.

    Returns
    -------
    One limit for each plan whose sites may all be chosen.
    """
    found = []
    for plan in plans:
        inside = np.flatnonzero(sites.isin(list(plan)))
        inside = inside[inside >= n_fixed]
        if len(inside) == len(set(plan)):
            ones = np.ones(len(inside))
            found.append(Limit(key="unlike", sites=inside, factors=ones, high=len(inside) - 1.0))
    return found
