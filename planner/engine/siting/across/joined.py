"""The questions of several districts as one, whose places keep the rules of their own district."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd

from planner.engine.siting.across.part import PartQuestion, Told, Unit, read_part, solve
from planner.engine.siting.problem.inputs import Label
from planner.engine.siting.problem.rules import Rules


@dataclass(frozen=True, kw_only=True)
class Parted:
    """The answer to a joined question, district by district, and its bound over all."""

    parts: tuple[Told, ...]
    bound: float


@dataclass(frozen=True, kw_only=True)
class Joined:
    """Several questions as one, and which place is whose.

    Parameters
    ----------
    part
        The question over all, its labels numbers.
    sites
        The label of each site within its district, by number.
    homes
        The number of the district that each site lies in.
    """

    part: PartQuestion
    sites: tuple[Label, ...]
    homes: tuple[int, ...]


class _Labels:
    """Numbers for the labels of one district, none of which another district has."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.known: dict[Label, int] = {}

    def of(self, label: Label) -> int:
        """Return the number of a label.

        Parameters
        ----------
        label
            The label.
        """
        return self.known.setdefault(label, self.first + len(self.known))

    def all_of(self, labels: Iterable[Label]) -> list[int]:
        """Return the numbers of labels, in their order.

        Parameters
        ----------
        labels
            The labels.
        """
        return [self.of(label) for label in labels]


def join(parts: Sequence[PartQuestion]) -> Joined:
    """Join the questions of several districts to one.

    Parameters
    ----------
    parts
        The questions, of one model and with the same parameters.

    Returns
    -------
    The question over all.
    """
    tables, weights, every = [], [], []
    first_site = first_home = 0
    for part in parts:
        sites, homes = _Labels(first_site), _Labels(first_home)
        rules = part.ruled()
        metric, cutoff = str(rules.get("metric", "minutes")), rules.get("cutoff")
        near = part.od if cutoff is None else part.od[part.od[metric] <= cutoff]
        weights.append(pd.Series(part.demand.to_numpy(), index=homes.all_of(part.demand.index)))
        offered = rules.get("candidates")
        offered = part.od["facility"].unique() if offered is None else offered
        every.append(_numbered(rules, list(offered), part, sites, homes))
        tables.append(
            pd.DataFrame(
                {
                    "demand": homes.all_of(near["demand"]),
                    "facility": sites.all_of(near["facility"]),
                    "minutes": near[metric].to_numpy(float),
                }
            )
        )
        first_site += len(sites.known)
        first_home += len(homes.known)
    known = [(label, n) for n, (_, sites) in enumerate(every) for label in sites.known]
    joined = PartQuestion(
        name="*",
        model=parts[0].model,
        od=pd.concat(tables, ignore_index=True),
        demand=pd.concat(weights),
        rules=_together([rules for rules, _ in every]),
        own=parts[0].own,
    )
    labels, homes_of = zip(*known, strict=True) if known else ((), ())
    return Joined(part=joined, sites=labels, homes=homes_of)


def _numbered(
    rules: Rules, offered: list[Label], part: PartQuestion, sites: _Labels, homes: _Labels
) -> tuple[dict[str, Any], _Labels]:
    """Return a district's rules with numbers for labels."""
    told: dict[str, Any] = {"candidates": sites.all_of(offered)}
    for name in ("fixed", "mandatory", "forbidden"):
        told[name] = sites.all_of(cast("Iterable[Label]", rules.get(name) or ()))
    cost, hosts = rules.get("cost"), rules.get("hosts")
    if cost is not None:
        given = pd.Series(cost, dtype=float)
        told["cost"] = dict(zip(sites.all_of(given.index), given, strict=True))
    if hosts is not None:
        given = pd.Series(hosts).dropna()
        own = [f"{part.name}\n{host}" for host in given]
        told["hosts"] = dict(zip(sites.all_of(given.index), own, strict=True))
    told["conflicts"] = [(sites.of(a), sites.of(b)) for a, b in rules.get("conflicts") or ()]
    told["quotas"] = [
        replace(quota, name=f"{part.name}: {quota.name}", sites=sites.all_of(quota.sites))
        for quota in rules.get("quotas") or ()
    ]
    told["floors"] = [
        replace(
            floor,
            name=f"{part.name}: {floor.name}",
            demand=homes.all_of(part.demand.index if floor.demand is None else floor.demand),
        )
        for floor in rules.get("floors") or ()
    ]
    told["time_limit_s"] = float(rules.get("time_limit_s", 60.0))
    told["seed"] = int(rules.get("seed", 0))
    return told, sites


def _together(every: Sequence[dict[str, Any]]) -> Rules:
    """Return the rules of all districts as those of one."""
    whole: dict[str, Any] = {}
    for name in ("candidates", "fixed", "mandatory", "forbidden", "conflicts", "quotas", "floors"):
        whole[name] = [one for rules in every for one in rules[name]]
    for name in ("cost", "hosts"):
        given = [rules[name] for rules in every if name in rules]
        if given:
            whole[name] = {label: value for one in given for label, value in one.items()}
    whole["time_limit_s"] = max(rules["time_limit_s"] for rules in every)
    whole["seed"] = every[0]["seed"]
    return cast("Rules", whole)


def parted(joined: Joined, parts: Sequence[PartQuestion], unit: Unit, most: float) -> Parted:
    """Ask the question over all, and give each district its own.

    Parameters
    ----------
    joined
        The question.
    parts
        The districts' questions, in the same order.
    unit, most
        What they share, and how much of it.

    Returns
    -------
    The districts' plans, and the bound over all.

    Raises
    ------
    SitingError
        As the model raises it.
    """
    found = solve(joined.part, unit, most)
    told = []
    for number, part in enumerate(parts):
        chosen = [
            joined.sites[site]
            for site in cast("tuple[int, ...]", found.chosen)
            if joined.homes[site] == number
        ]
        read = read_part(part, unit)
        question = read.question
        new = question.sites.isin(chosen)
        is_open = new | (np.arange(len(new)) < question.n_fixed)
        cost = round(float(read.cost[new].sum()), 9)
        told.append(Told(sites=tuple(chosen), cost=cost, worth=read.of(is_open), bound=np.inf))
    return Parted(parts=tuple(told), bound=-found.bound if joined.part.least else found.bound)
