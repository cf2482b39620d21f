"""What may be chosen: the sites, what they cost, and every rule on the choice, in arrays.

`check_choice` is the one check of whether a choice is possible at all; it needs no OD table, so
that a question can be refused before anybody walks. `build_problem` goes through the same function.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Unpack, cast

import numpy as np
import pandas as pd

from planner.engine.labels import in_order, shorten
from planner.engine.siting.problem.constraints import (
    Limit,
    limit_budget,
    limit_hosts,
    limit_number,
    limit_pairs,
    limit_quotas,
    limit_unlike,
)
from planner.engine.siting.problem.inputs import (
    Floats,
    Ints,
    Label,
    PerLabel,
    read_labels,
    read_per_site,
    read_positions,
)
from planner.engine.siting.problem.rules import Rules, check_rules, shares_hosts
from planner.errors import Problems, SitingError


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes that sites may have.

    Parameters
    ----------
    site
        Number of the site that each size (k) belongs to.
    capacity, cost, label
        What it serves, what it costs on top of the site, and what it is called.
    """

    site: Ints
    capacity: Floats
    cost: Floats
    label: pd.Index


@dataclass(frozen=True, kw_only=True)
class Hosts:
    """Hosts (h), what each costs once, and how many may be used.

    ``of`` is the host of each site (m), -1 for none.
    """

    of: Ints
    cost: Floats
    most: float


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What may be chosen, in arrays.

    Parameters
    ----------
    sites, n_fixed
        Labels (m) of existing sites, then of candidates; how many of them exist.
    low
        1 for sites (m) that are open in every plan, else 0.
    cost, has_costs
        Cost of each candidate and what closing each existing site gives back (m), 0 where not
        given; whether costs were given.
    limits
        The rules on the choice, as linear limits.
    sizes, hosts, preference
        Capacities, hosts that cost something, and points per site (m), if there are any.
    """

    sites: pd.Index
    n_fixed: int
    low: Floats
    cost: Floats
    has_costs: bool
    limits: tuple[Limit, ...]
    sizes: Sizes | None
    hosts: Hosts | None
    preference: Floats | None


def check_choice(*, p: int | None = None, **rules: Unpack[Rules]) -> None:
    """Check whether the rules on a choice of sites can be kept, before an OD table is computed.

    Parameters
    ----------
    p
        How many new sites may be chosen.
    **rules
        See `Rules`; ``candidates`` must be given. Floors are passed over: they need the OD table.

    Raises
    ------
    SitingError
        With everything that is wrong: the same that each model raises of such a question.
    """
    problems = Problems()
    read_choice(rules, pd.Index([]), p=p, exactly=False, problems=problems)
    problems.raise_any(SitingError)


def read_choice(
    rules: Rules, facilities: pd.Index, *, p: int | None, exactly: bool, problems: Problems
) -> Choice:
    """Return what may be chosen in arrays, after checking it.

    Parameters
    ----------
    rules
        As asked.
    facilities
        Labels of the OD table's facilities, which may be chosen where no candidates are given.
    p, exactly
        How many new sites may be chosen, and whether just as many must be.
    problems
        Takes everything that is wrong.

    Returns
    -------
    The choice.
    """
    sites, n_fixed, forbidden = _read_sites(rules, facilities, problems)
    sizes = _read_sizes(rules.get("sizes"), rules.get("capacity"), sites, problems)
    cost, gain = _read_costs(rules, sites, n_fixed, problems)
    low, closable, movable = _read_standing(rules, sites, n_fixed, forbidden, problems)
    larger = np.zeros(0)
    if sizes is not None:
        larger = sizes.cost[(sizes.site < n_fixed) & (sizes.cost > 0)]
    budget = rules.get("budget")
    new = np.arange(n_fixed, len(sites))
    limits = (
        *limit_number(p, new, movable, exactly=exactly, problems=problems),
        *limit_budget(
            budget, cost, gain, new=new, closable=closable, extended=larger, problems=problems
        ),
        *_limits_on_groups(rules, sites, low, n_fixed, problems),
    )
    paid = np.zeros(len(sites)) if cost is None else cost.copy()
    paid[:n_fixed] = 0.0
    if gain is not None:
        paid[:n_fixed] = gain[:n_fixed]
    return Choice(
        sites=sites,
        n_fixed=n_fixed,
        low=low,
        cost=paid,
        has_costs=cost is not None,
        limits=limits,
        sizes=sizes,
        hosts=_read_hosts(rules, sites, problems),
        preference=read_per_site("preference", rules.get("preference"), sites, problems),
    )


def _read_sites(
    rules: Rules, facilities: pd.Index, problems: Problems
) -> tuple[pd.Index, int, pd.Index]:
    """Return existing sites, then candidates; how many of them exist; and what is forbidden."""
    fixed = read_labels("fixed", rules.get("fixed"), problems)
    named = rules.get("candidates")
    offered = in_order(facilities) if named is None else read_labels("candidates", named, problems)
    forbidden = read_labels("forbidden", rules.get("forbidden"), problems)
    candidates = offered[~offered.isin(fixed) & ~offered.isin(forbidden)]
    sites = fixed.append(candidates) if len(fixed) else candidates
    if not len(sites):
        problems.add("siting.no_sites")
    return sites, len(fixed), forbidden


def _read_costs(
    rules: Rules, sites: pd.Index, n_fixed: int, problems: Problems
) -> tuple[Floats | None, Floats | None]:
    """Return what each site costs, and what closing it gives back, where either is given."""
    prices = rules.get("cost")
    if prices is None and rules.get("sizes") is not None:
        prices = {}
    needed = sites[n_fixed:] if prices is rules.get("cost") else None
    cost = read_per_site("cost", prices, sites, problems, needed=needed)
    return cost, read_per_site("closable", rules.get("closable"), sites, problems)


def _read_standing(
    rules: Rules, sites: pd.Index, n_fixed: int, forbidden: pd.Index, problems: Problems
) -> tuple[Floats, Ints, Ints]:
    """Return 1 for sites that every plan opens, else 0; and which may be closed or moved."""
    low = np.zeros(len(sites))
    low[:n_fixed] = 1.0
    named = [one for one in rules.get("mandatory") or () if one not in forbidden]
    low[read_positions("mandatory", named, sites, problems)] = 1.0
    closable, movable = (
        read_positions(name, cast("Iterable[Label]", rules.get(name) or ()), sites, problems)
        for name in ("closable", "movable")
    )
    check_rules(rules, problems)
    for name, members in (("closable", closable), ("movable", movable)):
        if (members >= n_fixed).any():
            new_ones = sites[members[members >= n_fixed]]
            problems.add("siting.not_fixed", value=shorten(new_ones), name=name)
    low[np.concatenate([closable, movable])] = 0.0
    return low, closable, movable


def _limits_on_groups(
    rules: Rules, sites: pd.Index, low: Floats, n_fixed: int, problems: Problems
) -> list[Limit]:
    """Return the rules on which sites may stand together, as linear limits."""
    together = (
        []
        if shares_hosts(rules)
        else limit_hosts(rules.get("hosts"), sites, low, n_fixed, problems)
    )
    return [
        *limit_quotas(rules.get("quotas", ()), sites, low, n_fixed, problems),
        *limit_pairs(rules.get("conflicts", ()), sites, low, n_fixed, problems),
        *together,
        *limit_unlike(rules.get("unlike", ()), sites, n_fixed),
    ]


def _read_sizes(
    table: pd.DataFrame | None,
    capacity: PerLabel | None,
    sites: pd.Index,
    problems: Problems,
) -> Sizes | None:
    if table is None:
        places = read_per_site("capacity", capacity, sites, problems, needed=sites)
        if places is None:
            return None
        n = len(sites)
        nameless = pd.Index([""] * n)
        return Sizes(site=np.arange(n), capacity=places, cost=np.zeros(n), label=nameless)
    missing = [name for name in ("site", "size", "capacity", "cost") if name not in table]
    if missing:
        problems.add("siting.size_columns", value=", ".join(missing))
        return None
    table = table[table["site"].isin(sites)]
    lacking = sites[~sites.isin(table["site"])]
    if len(lacking):
        problems.add("siting.value_missing", value=shorten(lacking), name="sizes")
    numbers = table[["capacity", "cost"]].to_numpy(np.float64)
    wrong = pd.Index(table["site"])[(numbers < 0).any(axis=1) | np.isnan(numbers).any(axis=1)]
    if len(wrong):
        problems.add("siting.value_negative", value=shorten(wrong), name="sizes")
    endless = pd.Index(table["site"])[np.isinf(numbers[:, 1])]
    if len(endless):
        problems.add("siting.value_infinite", value=shorten(endless), name="sizes")
    return Sizes(
        site=sites.get_indexer(pd.Index(table["site"])),
        capacity=numbers[:, 0],
        cost=numbers[:, 1],
        label=pd.Index(table["size"]),
    )


def _read_hosts(rules: Rules, sites: pd.Index, problems: Problems) -> Hosts | None:
    if not shares_hosts(rules):
        return None
    hosts, cost, most = rules.get("hosts"), rules.get("host_cost"), rules.get("most_hosts")
    if hosts is None:
        problems.add("siting.host_cost_without_hosts")
        return None
    of, names = pd.factorize(pd.Series(hosts).reindex(sites))
    prices = read_per_site("host_cost", cost, pd.Index(names), problems, needed=pd.Index(names))
    return Hosts(
        of=of,
        cost=np.zeros(len(names)) if prices is None else prices,
        most=np.inf if most is None else float(most),
    )
