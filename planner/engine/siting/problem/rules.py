"""Rules every model understands beside its own parameters, and those that exclude each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypedDict

import pandas as pd

from planner.engine.labels import shorten
from planner.engine.siting.problem.constraints import Floor, Quota
from planner.engine.siting.problem.inputs import Label, PerLabel, is_count
from planner.errors import Problems

MOST_SEED = 2**31  # of HiGHS
OPPOSITES = (
    ("mandatory", "forbidden"),
    ("mandatory", "closable"),
    ("mandatory", "movable"),
    ("closable", "movable"),
)


class Rules(TypedDict, total=False):
    """Rules every model understands beside its own parameters.

    Parameters
    ----------
    fixed
        Existing sites: always open, never counted in ``p``.
    candidates
        Sites that may be chosen; by default all facilities of the table that are not fixed.
    mandatory, forbidden
        Candidates that must, or must not, be chosen.
    metric, cutoff
        Column of the table that measures separation (``"minutes"`` by default), and the largest
        value that still counts as reached.
    cost, budget
        Cost of each candidate, and the most that the chosen ones may cost together.
    closable
        Existing sites that may be closed, with what closing each gives back to the budget.
    movable
        Existing sites that may be closed in exchange for one more new site than ``p``.
    quotas
        Bounds on how many sites of a group are open.
    floors
        Least shares of demand groups that a plan has to cover.
    conflicts
        Pairs of sites that may not both be chosen (see `too_close`).
    hosts
        Host of each candidate (a building, a complex); a host takes one site at most, unless there
        is a ``host_cost``.
    host_cost
        What it costs once to use a host, whatever the number of services it takes.
    most_hosts
        How many hosts may be used, whatever the number of services they take.
    unlike
        Plans (collections of new sites); the answer does without at least one site of each.
    preference
        Points for candidates; among plans equally good, that with most points is taken.
    give_up
        Share of the objective that may be given up for preference.
    capacity
        What each site can serve, in units of demand.
    sizes
        Sizes to choose from, a table with the columns site, size, capacity and cost; an existing
        site in it may be upgraded. Takes precedence over ``capacity``.
    whole
        Whether each demand is served by one site alone, not divided between several; with places,
        for `max_cover`, `set_cover` and `p_median`.
    time_limit_s, seed
        When to stop, and the seed of the searches.
    """

    fixed: Iterable[Label]
    candidates: Iterable[Label] | None
    mandatory: Iterable[Label]
    forbidden: Iterable[Label]
    metric: str
    cutoff: float | None
    cost: PerLabel | None
    budget: float | None
    closable: PerLabel | None
    movable: Iterable[Label]
    quotas: Iterable[Quota]
    floors: Iterable[Floor]
    conflicts: Iterable[tuple[Label, Label]]
    hosts: Mapping[Any, Label] | pd.Series | None
    host_cost: PerLabel | None
    most_hosts: int | None
    unlike: Iterable[Collection[Label]]
    preference: PerLabel | None
    give_up: float
    capacity: PerLabel | None
    sizes: pd.DataFrame | None
    whole: bool
    time_limit_s: float
    seed: int


def check_rules(rules: Rules, problems: Problems) -> None:
    """Note sites of which a question asks two opposite things, and numbers that mean nothing.

    Parameters
    ----------
    rules
        As asked.
    problems
        Takes what is wrong.
    """
    named: dict[str, set[Label]] = {}
    for name in ("mandatory", "forbidden", "closable", "movable"):
        given: Any = rules.get(name)
        if name == "closable" and given is not None:
            given = pd.Series(given, dtype=object).index
        named[name] = set() if given is None else set(given)
    for one, other in OPPOSITES:
        both = named[one] & named[other]
        if both:
            problems.add(f"siting.{one}_{other}", value=shorten(sorted(both, key=str)))
    limit, give_up = rules.get("time_limit_s", 60.0), rules.get("give_up", 0.0)
    if not is_count(seed := rules.get("seed", 0)) or seed >= MOST_SEED:
        problems.add("siting.seed", value=seed)
    if limit is None or not limit > 0:
        problems.add("siting.time_limit", value=limit)
    if not 0 <= give_up <= 1:
        problems.add("siting.give_up", value=give_up)
    most = rules.get("most_hosts")
    if most is not None and not is_count(most, 1):
        problems.add("siting.most_hosts", value=most)


def shares_hosts(rules: Rules) -> bool:
    """Return whether a host may take several sites: where it has a cost, or hosts are counted.

    Parameters
    ----------
    rules
        As asked.

    Returns
    -------
    True if it may.
    """
    return rules.get("host_cost") is not None or rules.get("most_hosts") is not None
