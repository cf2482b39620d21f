"""Coverage: who has a facility of each kind within reach.

Everything here is computed from the travel time of each demand point to the nearest facility of
a kind. Two notions are kept apart. *People coverage* is the share of people within so many
minutes. *Unit coverage* is the share of communities that have a facility, are reached on foot, or
are linked to one by a delivery or an assignment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

LEVELS = ("district", "street", "settlement", "zone", "community")
TOLERANCE_MIN = 1e-9


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What is covered, of whom and where.

    Parameters
    ----------
    nearest
        For each demand point (``demand``) and ``kind`` that is reached at all: the nearest
        ``facility`` and the ``minutes`` to it.
    people
        People covered: ``kind``, ``level``, ``unit``, ``group``, ``minutes``, ``people``,
        ``covered``, ``share``. The share is missing where there are no people.
    units
        For each ``kind`` and ``community``: ``people`` of the group that counts, ``covered``,
        ``share``, ``minutes`` (the median person's, missing beyond the search limit),
        ``has``, ``reached``, and ``linked`` (missing where no links are known for the kind).
    unit_shares
        Communities covered: ``kind``, ``level``, ``unit``, ``communities``, and for each of
        ``has``, ``reached``, ``linked`` their number and share.
    """

    nearest: pd.DataFrame
    people: pd.DataFrame
    units: pd.DataFrame
    unit_shares: pd.DataFrame

    def share(
        self, kind: str, *, minutes: float, group: str = "population", unit: str = "*"
    ) -> float:
        """Return the share of people covered, of the district or of one unit.

        Parameters
        ----------
        kind
            Kind of facility.
        minutes
            Limit of travel time, one of those that were measured.
        group
            The people who count.
        unit
            Label of a street, settlement, zone or community; ``"*"`` is the district.

        Returns
        -------
        The share, from 0 to 1; missing where there are no people.

        Raises
        ------
        KeyError
            If the table has no such figure.
        """
        rows = self._rows_of_unit.get(unit, np.empty(0, np.intp))
        kinds, groups, limits, shares = self._columns
        rows = rows[(kinds[rows] == kind) & (groups[rows] == group) & (limits[rows] == minutes)]
        if not len(rows):
            raise KeyError((kind, minutes, group, unit))
        return float(shares[rows[0]])

    @cached_property
    def _columns(self) -> tuple[np.ndarray, ...]:
        names = ("kind", "group", "minutes", "share")
        return tuple(self.people[name].to_numpy() for name in names)

    @cached_property
    def _rows_of_unit(self) -> Mapping[object, Any]:
        """Where the figures of each unit stand among those of all: a few of very many."""
        places: Mapping[object, Any] = self.people.groupby("unit", sort=False).indices
        return places


def measure(
    nearest: pd.DataFrame,
    *,
    demand: pd.DataFrame,
    communities: pd.DataFrame,
    groups: Sequence[str],
    kinds: Sequence[str],
    minutes: Sequence[float],
    cutoff_min: float,
    covered_share: float,
    group: str,
    has: Mapping[str, set[object]],
    linked: Mapping[str, set[object]],
    levels: Sequence[str] = LEVELS,
) -> Coverage:
    """Compute coverage from the travel time to the nearest facility of each kind.

    Parameters
    ----------
    nearest
        ``demand``, ``kind``, ``facility``, ``minutes``; no row where nothing is reached.
    demand
        Demand points: ``community`` and a column of people for each group.
    communities
        The communities that count; ``street``, ``settlement`` and ``zone`` may be missing.
    groups
        Columns of ``demand`` that count people.
    kinds
        Kinds to report on, also those with no facility at all.
    minutes
        Limits for people coverage.
    cutoff_min
        Limit within which a person counts towards a community being reached.
    covered_share
        Share of a community's people that must be covered for it to be reached.
    group
        The people who count towards that.
    has
        For each kind, the communities with a facility of it.
    linked
        For each kind with links, the communities that a link names.
    levels
        The levels of units that are counted, the communities themselves last.

    Returns
    -------
    Coverage
    """
    times = minutes_by_kind(nearest, demand.index, kinds)
    limits = sorted({*minutes, cutoff_min})
    people = _people(times, demand, communities, list(groups), limits, levels)
    units = _units(
        times, demand, communities, people, cutoff_min, covered_share, group, has, linked
    )
    shares = _unit_shares(units, communities, levels[:-1])
    return Coverage(nearest=nearest, people=people, units=units, unit_shares=shares)


def gaps(coverage: Coverage, communities: pd.DataFrame, cutoff_min: float) -> pd.DataFrame:
    """Return who lacks what, worst first.

    Parameters
    ----------
    coverage
        What was measured.
    communities
        The communities that count, on their id: ``name`` and ``street``.
    cutoff_min
        Limit of travel time that was measured; who is farther off lacks the facility.

    Returns
    -------
    One row for each community and kind with anybody beyond the cutoff: ``rank``, ``community``,
    ``name``, ``street``, ``kind``, ``lacking`` (people of the group that counts), one column
    ``lacking_GROUP`` for each group, ``share`` covered, ``minutes`` of the median person,
    ``reached``, ``linked``.
    """
    table = coverage.people
    rows = table[(table["level"] == "community") & (table["minutes"] == cutoff_min)]
    rows = rows.assign(lacking=rows["people"] - rows["covered"])
    wide = rows.pivot_table(index=["unit", "kind"], columns="group", values="lacking", sort=False)
    wide = wide.add_prefix("lacking_").reset_index().rename(columns={"unit": "community"})
    wide.columns.name = None
    units = coverage.units.assign(lacking=coverage.units["people"] - coverage.units["covered"])
    keep = ["community", "kind", "lacking", "share", "minutes", "reached", "linked"]
    listed = units[keep].merge(wide, on=["community", "kind"], how="left")
    listed = listed[listed["lacking"] > TOLERANCE_MIN]
    names = communities.reindex(listed["community"])
    listed.insert(1, "name", names["name"].to_numpy())
    listed.insert(2, "street", names["street"].to_numpy())
    listed = listed.sort_values(
        ["lacking", "share", "community", "kind"], ascending=[False, True, True, True]
    ).reset_index(drop=True)
    listed.insert(0, "rank", np.arange(1, len(listed) + 1))
    return listed


def minutes_by_kind(nearest: pd.DataFrame, demand: pd.Index, kinds: Sequence[str]) -> pd.DataFrame:
    """Return the minutes to the nearest facility of each kind.

    Parameters
    ----------
    nearest
        ``demand``, ``kind`` and ``minutes``: one row for each point and kind within reach.
    demand
        Labels of the demand points.
    kinds
        The kinds.

    Returns
    -------
    A row for each demand point, a column for each kind; missing where none is reached.
    """
    at, kind_of = demand.get_indexer(pd.Index(nearest["demand"])), nearest["kind"].to_numpy()
    took = nearest["minutes"].to_numpy(float)
    columns = {}
    for kind in kinds:
        own = (kind_of == kind) & (at >= 0)
        columns[kind] = np.full(len(demand), np.nan)
        columns[kind][at[own]] = took[own]
    return pd.DataFrame(columns, index=demand)


def _people(  # noqa: PLR0917  as `_units`
    times: pd.DataFrame,
    demand: pd.DataFrame,
    communities: pd.DataFrame,
    groups: list[str],
    limits: Sequence[float],
    levels: Sequence[str],
) -> pd.DataFrame:
    columns = ["kind", "level", "unit", "group", "minutes", "people", "covered"]
    if times.columns.empty:
        return pd.DataFrame(columns=[*columns, "share"])
    weights = demand[groups].fillna(0.0).to_numpy(float)
    asked = [(kind, limit) for kind in times.columns for limit in limits]
    home = communities.index.get_indexer(pd.Index(demand["community"]))
    of_community = _members(home, len(communities))
    totals = of_community @ weights
    # One kind and limit after the other: all at once would be gigabytes for millions of homes.
    took = {kind: times[kind].to_numpy()[:, None] for kind in times.columns}
    reached = (took[kind] <= limit + TOLERANCE_MIN for kind, limit in asked)
    covered = np.hstack([of_community @ (weights * within) for within in reached])
    parts: list[pd.DataFrame] = []
    for level in levels:
        codes, units = pd.factorize(_unit_of(communities, level))
        if not len(units):
            continue
        of_unit = _members(codes, len(units))
        # Kind, limit and group one within the other, and the units of each below each other.
        part = {
            "kind": np.repeat([kind for kind, _ in asked], len(groups) * len(units)),
            "level": level,
            "unit": np.tile(units, len(asked) * len(groups)),
            "group": np.tile(np.repeat(groups, len(units)), len(asked)),
            "minutes": np.repeat([limit for _, limit in asked], len(groups) * len(units)),
            "people": np.tile((of_unit @ totals).T.ravel(), len(asked)),
            "covered": (of_unit @ covered).T.ravel(),
        }
        parts.append(pd.DataFrame(part))
    table = pd.concat(parts, ignore_index=True)[columns]
    table["share"] = (table["covered"] / table["people"]).where(table["people"] > 0)
    return table


def _members(codes: np.ndarray, count: int) -> sparse.csr_array:
    """Return which rows belong to each group, by its number: its product sums up by group.

    Rows of no group (-1) are left out.
    """
    rows = np.flatnonzero(codes >= 0)
    shape = (count, len(codes))
    return sparse.csr_array((np.ones(len(rows)), (codes[rows], rows)), shape=shape)


def _unit_of(communities: pd.DataFrame, level: str) -> pd.Series:
    """Return the unit of a level that each community belongs to; missing where it has none."""
    if level == "district":
        return pd.Series("*", index=communities.index)
    if level == "community":
        return pd.Series(communities.index, index=communities.index)
    return communities[level]


def _units(  # noqa: PLR0917  the parts of one table, named as in `measure`
    times: pd.DataFrame,
    demand: pd.DataFrame,
    communities: pd.DataFrame,
    people: pd.DataFrame,
    cutoff_min: float,
    covered_share: float,
    group: str,
    has: Mapping[str, set[object]],
    linked: Mapping[str, set[object]],
) -> pd.DataFrame:
    columns = ["kind", "community", "people", "covered", "share", "minutes"]
    columns += ["has", "reached", "linked"]
    if times.columns.empty:
        return pd.DataFrame(columns=columns)
    # As `_people` has them: the communities of each kind below each other, in their order.
    of_kinds = people.loc[
        (people["level"] == "community")
        & (people["group"] == group)
        & (people["minutes"] == cutoff_min),
        ["kind", "unit", "people", "covered", "share"],
    ]
    home = communities.index.get_indexer(pd.Index(demand["community"]))
    weight = demand[group].to_numpy(float)
    kinds, known = list(times.columns), len(communities)
    named = [communities.index.isin(linked.get(kind, set())) for kind in kinds]
    untold = np.repeat([kind not in linked for kind in kinds], known)
    table = of_kinds.rename(columns={"unit": "community"}).reset_index(drop=True)
    table["minutes"] = np.concatenate(
        [_median_person(times[kind].to_numpy(), home, weight, known) for kind in kinds]
    )
    table["has"] = np.concatenate([communities.index.isin(has.get(kind, set())) for kind in kinds])
    table["reached"] = (table["share"] >= covered_share - TOLERANCE_MIN).fillna(False)
    table["linked"] = pd.arrays.BooleanArray(np.concatenate(named), untold)
    return table[columns]


def _median_person(times: np.ndarray, home: np.ndarray, weight: np.ndarray, count: int) -> Any:
    """Return the travel time of the median person of each community; missing where unreached."""
    minutes = np.where(np.isnan(times), np.inf, times)
    own = np.flatnonzero((weight > 0) & (home >= 0))
    own = own[np.lexsort((minutes[own], home[own]))]
    starts = np.searchsorted(home[own], np.arange(count + 1))
    so_far = np.concatenate([[0.0], np.cumsum(weight[own])])
    before, after = so_far[starts[:-1]], so_far[starts[1:]]
    half = before + (after - before) / 2 * (1 - TOLERANCE_MIN)
    first = np.maximum(np.searchsorted(so_far[1:], half), starts[:-1])
    median = np.full(count, np.nan)
    peopled = starts[1:] > starts[:-1]
    median[peopled] = minutes[own[first[peopled]]]
    median[np.isinf(median)] = np.nan
    return median


def _unit_shares(
    units: pd.DataFrame, communities: pd.DataFrame, levels: Sequence[str]
) -> pd.DataFrame:
    """Return how many communities with people have, reach or are linked to a facility."""
    peopled = units.loc[units["people"] > 0, ["kind", "community", "has", "reached", "linked"]]
    of_level = [
        peopled.assign(level=level, unit=peopled["community"].map(_unit_of(communities, level)))
        for level in levels
    ]
    grouped = pd.concat(of_level).groupby(["level", "kind", "unit"], sort=False)
    counts = grouped[["has", "reached"]].sum().join(grouped["linked"].sum(min_count=1))
    counts.insert(0, "communities", grouped.size())
    table = counts.reset_index()[["kind", "unit", "level", *counts.columns]]
    for name in ("has", "reached", "linked"):
        table[f"{name}_share"] = (table[name] / table["communities"]).astype("Float64")
    return table
