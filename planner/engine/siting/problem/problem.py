"""The one description of a siting question that every model shares.

`build_problem` turns labels into arrays and checks all of it at once; `choice.py` writes every rule
on the choice of sites (number, budget, quotas, conflicts, hosts, plans not to repeat) as a named
linear `Limit`. The models add what they optimise and know nothing of the rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.choice import Hosts, Sizes, read_choice
from planner.engine.siting.problem.constraints import Floor, Limit
from planner.engine.siting.problem.inputs import (
    Floats,
    Ints,
    idle_notes,
    read_matrix,
    read_od,
    read_weights,
)
from planner.engine.siting.problem.rules import Rules
from planner.errors import NoPlanError, Problem, Problems, SitingError


@dataclass(frozen=True, kw_only=True)
class SitingProblem:
    """A siting question in arrays, checked.

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
    choice = read_choice(rules, facilities, p=p, exactly=exactly, problems=problems)
    reach = read_matrix(od, metric, demand.index, choice.sites, problems)
    notes = idle_notes(choice.sites[choice.n_fixed :], facilities, problems)
    whole = bool(rules.get("whole", False))
    if whole and (choice.sizes is None or not may_be_whole):
        problems.add("siting.whole_alone", value=model)
    floors = _read_floors(rules.get("floors", ()), demand.index, weight, reach, problems)
    sound = all(problem.key == "siting.floor_high" for problem in problems.found)
    problems.raise_any(NoPlanError if sound else SitingError)
    return SitingProblem(
        model=model,
        least=least,
        demand=demand.index,
        weight=weight,
        sites=choice.sites,
        n_fixed=choice.n_fixed,
        reach=reach,
        low=choice.low,
        limits=choice.limits,
        p=p,
        cost=choice.cost,
        has_costs=choice.has_costs,
        budget=rules.get("budget"),
        floors=floors,
        hosts=choice.hosts,
        sizes=choice.sizes,
        whole=whole,
        preference=choice.preference,
        give_up=float(rules.get("give_up", 0.0)),
        time_limit_s=float(rules.get("time_limit_s", 60.0)),
        seed=int(rules.get("seed", 0)),
        notes=notes,
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
