"""The one description of a siting question that every model shares.

`build_problem` turns labels into arrays, checks all of it at once, and writes every rule on the
choice of sites (number, budget, quotas, conflicts, hosts, plans not to repeat) as a named linear
`Limit`. The models add what they optimise and know nothing of the rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Unpack, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.constraints import (
    Floor,
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
    idle_notes,
    in_order,
    read_labels,
    read_matrix,
    read_od,
    read_per_site,
    read_positions,
    read_weights,
    shorten,
)
from planner.engine.siting.problem.rules import Rules, check_rules, shares_hosts
from planner.errors import NoPlanError, Problem, Problems, SitingError


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
class SitingProblem:
    """A siting question in arrays, found sound.

    Parameters
    ----------
    model
        Name of the model asked.
    least
        Whether it makes its objective small.
    demand, weight
        Labels (n) and weights (n) of demand.
    sites
        Labels (m) of existing sites, then of candidates.
    n_fixed
        How many of them exist.
    reach
        The OD table as a sparse matrix (n x m) of the metric, within the cutoff.
    low
        1 for sites (m) that are open in every plan, else 0.
    limits
        Rules on the choice.
    p, cost, budget, preference
        As asked; costs and points are per site (m), zero where not given.
    priced
        Whether costs were given.
    floors
        Groups of demand to be covered to a share: name, numbers, least weight, largest metric.
    hosts
        Hosts that cost something, if there are any.
    sizes
        Capacities, if sites have any.
    whole
        Whether each demand is served by one site alone.
    notes
        What the user should know, though it stops nothing.
    """

    model: str
    least: bool
    demand: pd.Index
    weight: Floats
    sites: pd.Index
    n_fixed: int
    reach: sparse.csr_array
    low: Floats
    limits: tuple[Limit, ...]
    p: int | None
    cost: Floats
    has_costs: bool
    budget: float | None
    floors: tuple[tuple[str, Ints, float, float], ...]
    hosts: Hosts | None
    sizes: Sizes | None
    whole: bool
    preference: Floats | None
    give_up: float
    time_limit_s: float
    seed: int
    notes: tuple[Problem, ...]

    @property
    def always(self) -> NDArray[np.bool_]:
        """Return which sites are open in every plan."""
        return self.low > 0.5

    @property
    def reached(self) -> NDArray[np.bool_]:
        """Return which demand some site of the question can reach."""
        return np.diff(self.reach.indptr) > 0

    @property
    def wanted(self) -> NDArray[np.bool_]:
        """Return which demand has weight and can be reached: nobody's home asks for no site."""
        return self.reached & (self.weight > 0)

    @property
    def plain(self) -> bool:
        """Return whether the only rule is the number of sites, every free site counted in it."""
        others = self.preference is not None or self.floors or self.hosts is not None
        free = int((~self.always).sum())
        return not others and all(
            limit.key == "p" and (~self.always[limit.sites]).sum() == free for limit in self.limits
        )


def build_problem(
    model: str,
    od: pd.DataFrame,
    demand: pd.Series,
    *,
    p: int | None = None,
    exactly: bool = False,
    least: bool = False,
    may_be_whole: bool = False,
    **rules: Unpack[Rules],
) -> SitingProblem:
    """Build a siting problem in arrays from tables and labels, after checking them.

    Parameters
    ----------
    model
        Name of the model, for the result.
    od
        Long table with the columns demand, facility and the metric.
    demand
        Weight of each demand label.
    p
        How many new sites may be chosen.
    exactly
        Whether just as many must be chosen.
    least
        Whether the model makes its objective small.
    may_be_whole
        Whether the model may serve each demand as a whole.
    **rules
        See `Rules`.

    Returns
    -------
    The problem.

    Raises
    ------
    SitingError
        With everything that is wrong; a `NoPlanError` if that is only floors out of reach.
    """
    problems = Problems()
    for name in sorted(set(rules) - set(Rules.__annotations__)):
        problems.add("siting.unknown_rule", value=name)
    weight = read_weights(demand, problems)
    metric = str(rules.get("metric", "minutes"))
    od = read_od(od, metric, rules.get("cutoff"), problems)
    facilities = pd.Index(od["facility"].unique())
    sites, n_fixed, forbidden = _read_sites(rules, facilities, problems)
    reach = read_matrix(od, metric, demand.index, sites, problems)
    notes = idle_notes(sites[n_fixed:], facilities, problems)
    sizes = _read_sizes(rules.get("sizes"), rules.get("capacity"), sites, problems)
    whole = bool(rules.get("whole", False))
    if whole and (sizes is None or not may_be_whole):
        problems.add("siting.whole_alone", value=model)
    cost, gain = _read_costs(rules, sites, n_fixed, problems)
    low, closable, movable = _read_standing(rules, sites, n_fixed, forbidden, problems)
    larger = np.zeros(0)
    if sizes is not None:
        larger = sizes.cost[(sizes.site < n_fixed) & (sizes.cost > 0)]
    budget = rules.get("budget")
    new = np.arange(n_fixed, len(sites))
    limits = [
        *limit_number(p, new, movable, exactly=exactly, problems=problems),
        *limit_budget(
            budget, cost, gain, new=new, closable=closable, extended=larger, problems=problems
        ),
        *_limits_on_groups(rules, sites, low, n_fixed, problems),
    ]
    floors = _read_floors(rules.get("floors", ()), demand.index, weight, reach, problems)
    hosts = _read_hosts(rules, sites, problems)
    preference = read_per_site("preference", rules.get("preference"), sites, problems)
    sound = all(problem.key == "siting.floor_high" for problem in problems.found)
    problems.raise_any(NoPlanError if sound else SitingError)
    paid = np.zeros(len(sites)) if cost is None else cost.copy()
    paid[:n_fixed] = 0.0
    if gain is not None:
        paid[:n_fixed] = gain[:n_fixed]
    return SitingProblem(
        model=model,
        least=least,
        demand=demand.index,
        weight=weight,
        sites=sites,
        n_fixed=n_fixed,
        reach=reach,
        low=low,
        limits=tuple(limits),
        p=p,
        cost=paid,
        has_costs=cost is not None,
        budget=budget,
        floors=floors,
        hosts=hosts,
        sizes=sizes,
        whole=whole,
        preference=preference,
        give_up=float(rules.get("give_up", 0.0)),
        time_limit_s=float(rules.get("time_limit_s", 60.0)),
        seed=int(rules.get("seed", 0)),
        notes=notes,
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
    return Sizes(
        site=sites.get_indexer(pd.Index(table["site"])),
        capacity=numbers[:, 0],
        cost=numbers[:, 1],
        label=pd.Index(table["size"]),
    )


def _read_floors(
    floors: Iterable[Floor],
    demand: pd.Index,
    weight: Floats,
    reach: sparse.csr_array,
    problems: Problems,
) -> tuple[tuple[str, Ints, float, float], ...]:
    found = []
    row = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    for floor in floors:
        inside = np.ones(len(demand), dtype=bool)
        if floor.demand is not None:
            inside = np.asarray(demand.isin(list(floor.demand)))
        can = np.zeros(len(demand), dtype=bool)
        can[row[reach.data <= floor.within]] = True
        total = float(weight[inside].sum())
        least = floor.share * total
        if not 0 <= floor.share <= 1:
            problems.add("siting.share_wrong", value=floor.share)
        elif least > weight[inside & can].sum() * (1 + 1e-12):
            most = float(weight[inside & can].sum()) / total
            problems.add("siting.floor_high", value=floor.name, share=floor.share, most=most)
        found.append((floor.name, np.flatnonzero(inside), least * (1 - 1e-12), floor.within))
    return tuple(found)


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
