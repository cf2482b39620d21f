"""The facts that figures are computed from: a district's tables in one year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pandas as pd

from planner.district.assessment.tiers import tiers_of, walks_of
from planner.district.matching import normal
from planner.standards import Kind

Made = TypeVar("Made")


class MissingError(Exception):
    """A figure that cannot be had, and why: a text of the catalogue with its values."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key, params)
        self.key = key
        self.params = params


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure, or why there is none.

    Parameters
    ----------
    value
        The figure; shares run from 0 to 1. Missing where it cannot be had, never 0 instead.
    numerator, denominator
        What it was made of: ``value = numerator / denominator * per``.
    per
        What a ratio is scaled by: 1,000 for beds per 1,000 elderly.
    unit
        What the value is in: ``share``, ``beds``, ``beds/1000 people``.
    built
        What the numerator is in, the unit one would build.
    deficits
        What each unit that falls short lacks, in the unit one would build, least first.
    why
        Why the value is missing: a text of the catalogue with its values.
    """

    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    per: float = 1
    unit: str = ""
    built: str = ""
    deficits: tuple[float, ...] | None = None
    why: tuple[str, Mapping[str, object]] | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A district's tables in one year.

    Parameters
    ----------
    communities
        The communities that count, on their id, with ``population`` and whatever else is known of
        them: ``street``, ``settlement``, ``zone``, ``households``, ``premises_m2``, attributes.
    demand
        Where people live: ``community`` and a column of people for each group.
    facilities
        All facilities on their id: ``kind``, ``tier`` (as the catalogue names it), ``capacity``,
        ``community``, ``status``, ``operating`` and other attributes.
    earlier
        Those that operated a year before, with the capacity of then; missing without a year.
    links
        Deliveries, assignments and outreach of operating facilities: ``facility``, ``community``,
        ``link``.
    times
        Minutes on foot from each demand point to the nearest facility of a kind (column
        ``canteen``) or of a tier of it (``canteen/full``), missing where none is reached.
    kinds
        The kinds known, by id.
    held
        The kinds that the data hold: of others nothing can be said.
    linked
        The kinds of which the data hold links.
    supplies
        Which operating facility supplies which other one: ``facility``, ``station``, ``link``.
    groups
        Columns of ``demand`` that count people.
    group, cutoff_min, covered_share
        The people who count where a target names none; the limit on foot likewise; and the share
        of a unit's people that must be covered for it to be reached.
    speed_mps
        The speed walked at, which turns a limit in metres into minutes; None where residents come
        by vehicle.
    year
        The year that the facts are of.
    candidates
        Sites where one could build.
    served
        People served within capacity: ``kind``, ``community``, ``group``, ``people``, ``served``.
    delivered
        Minutes from dispatch to each community: ``kind``, ``community``, ``minutes``.
    sites
        Labels of facilities that are only proposed by siting; where others of the kind stand, what
        is known of these tells nothing of those.
    made
        What targets have made of the tables, so that each is made once: see `once`.
    """

    communities: pd.DataFrame
    demand: pd.DataFrame
    facilities: pd.DataFrame
    earlier: pd.DataFrame | None
    links: pd.DataFrame
    times: pd.DataFrame
    kinds: Mapping[str, Kind]
    held: frozenset[str]
    linked: frozenset[str]
    supplies: pd.DataFrame
    groups: tuple[str, ...]
    group: str
    cutoff_min: float
    covered_share: float
    speed_mps: float | None
    year: int | None = None
    candidates: pd.DataFrame | None = None
    served: pd.DataFrame | None = None
    delivered: pd.DataFrame | None = None
    sites: frozenset[object] = frozenset()
    made: dict[object, tuple[tuple[pd.DataFrame, ...], Any]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def once(self, what: tuple[object, ...], make: Callable[[], Made], *of: pd.DataFrame) -> Made:
        """Return what is made of some tables, made once as long as they are these very tables.

        Parameters
        ----------
        what
            What it is called.
        make
            Makes it.
        *of
            The tables that it is made of.

        Returns
        -------
        What was made: not to be changed.
        """
        key = (what, tuple(map(id, of)))
        if key not in self.made:
            self.made[key] = of, make()  # the tables are held, so that no other takes their number
        made: Made = self.made[key][1]
        return made

    def within(self, communities: pd.Index) -> Facts:
        """Return the facts of some communities; whoever serves them from outside still does.

        Parameters
        ----------
        communities
            Labels of the communities kept.

        Returns
        -------
        The facts, without the demand, links and candidates of other communities.
        """
        demand = _here(self.demand, communities)
        return replace(
            self,
            communities=self.communities.loc[communities],
            demand=demand,
            times=self.times.loc[demand.index],
            links=_here(self.links, communities),
            candidates=None if self.candidates is None else _here(self.candidates, communities),
            served=None if self.served is None else _here(self.served, communities),
            delivered=None if self.delivered is None else _here(self.delivered, communities),
        )

    def scoped(self, scope: Mapping[str, str | list[str]]) -> Facts:
        """Return the facts of the communities of a scope.

        Parameters
        ----------
        scope
            For each column of the communities, the value or values that are kept; empty keeps all.

        Returns
        -------
        The facts of these communities.

        Raises
        ------
        MissingError
            If a column is not known, or no community is within the scope.
        """
        if not scope:
            return self
        chosen = pd.Series(True, index=self.communities.index)
        unsaid: dict[str, int] = {}
        for column, wanted in scope.items():
            values = {normal(value) for value in ([wanted] if isinstance(wanted, str) else wanted)}
            found = self.unit(column)
            unsaid[column] = int(found.isna().sum())
            chosen &= found.map(normal, na_action="ignore").isin(values)
        if not chosen.any():
            said = ", ".join(f"{key}={value}" for key, value in scope.items())
            for column, n in unsaid.items():
                if n:
                    told = {"column": column, "n": n, "of": len(chosen)}
                    raise MissingError("scope_unsaid", scope=said, **told)
            raise MissingError("scope_empty", scope=said)
        return self.within(self.communities.index[chosen])

    def supplied(self, facilities: pd.Index, link: str) -> set[object]:
        """Return facilities and all that they supply, over any number of stations.

        Parameters
        ----------
        facilities
            Labels of facilities.
        link
            The link that counts, such as ``delivery``.

        Returns
        -------
        Labels of facilities.
        """
        pairs = self.supplies[self.supplies["link"] == link]
        found: set[object] = set(facilities)
        while True:
            further = set(pairs.loc[pairs["facility"].isin(found), "station"]) - found
            if not further:
                return found
            found |= further

    def once_built(
        self, sites: pd.DataFrame, gone: Iterable[object], nearest: pd.DataFrame
    ) -> Facts:
        """Return the facts once new sites stand and others are gone.

        Parameters
        ----------
        sites
            The new facilities on labels of their own: ``kind``, ``community`` and what else is
            known of them, such as ``floor_area_m2``, and ``tier`` where the question says what
            they are to be. Their capacity is not.
        gone
            Labels of facilities that close.
        nearest
            Minutes to the nearest facility of each kind concerned, as then: ``demand``, ``kind``,
            ``minutes``, and ``tier`` where the nearest of a tier alone is meant.

        Returns
        -------
        The facts; who is served within capacity, or delivered to, is not known of then.
        """
        known = [column for column in sites if column in self.facilities]
        closed = set(gone)
        operating = self.facilities["operating"] & ~self.facilities.index.isin(closed)
        facilities = self.facilities.reindex([*self.facilities.index, *sites.index])
        facilities["operating"] = [*operating, *[True] * len(sites)]
        for column in known:
            facilities[column] = [*self.facilities[column], *sites[column]]
        if "tier" in known:
            facilities["tier"] = tiers_of(facilities, self.kinds)
        times = self.times.copy()
        for name, rows in nearest.groupby(walks_of(nearest), sort=False):
            times[name] = rows.set_index("demand")["minutes"].reindex(times.index)
        return replace(
            self,
            facilities=facilities,
            links=self.links[~self.links["facility"].isin(closed)],
            times=times,
            held=self.held | frozenset(sites["kind"]),
            served=None,
            delivered=None,
            sites=self.sites | frozenset(sites.index),
        )

    def check_known(self, kinds: Iterable[str], tier: str | None) -> None:
        """Check that the data hold facilities of a kind, and name tiers of that scheme.

        Parameters
        ----------
        kinds
            The kinds, of which one at least must be held.
        tier
            The tier, of whose scheme one tier at least must be named; None where none is asked for.

        Raises
        ------
        MissingError
            If they do not: there is no saying that there are none.
        """
        held = self.held.intersection(kinds)
        if not held:
            raise MissingError("no_kind", kind=", ".join(kinds))
        if tier is not None:
            own = self.facilities.loc[self.facilities["kind"].isin(held), "tier"]
            standing = ~own.index.isin(self.sites)
            own = own[standing] if standing.any() else own
            if not own.isin(
                {one for kind in held for one in self.kinds[kind].siblings(tier)}
            ).any():
                raise MissingError("no_tier", kind=", ".join(kinds))

    def unit(self, level: str) -> pd.Series:
        """Return the unit of a level that each community belongs to.

        Parameters
        ----------
        level
            ``district``, ``community`` or a column of the communities such as ``street``.

        Returns
        -------
        Names of units on the id of the community.

        Raises
        ------
        MissingError
            If nothing is known of that level.
        """
        if level == "district":
            return pd.Series("*", index=self.communities.index)
        if level == "community":
            return pd.Series(self.communities.index, index=self.communities.index)
        if level not in self.communities or self.communities[level].isna().all():
            raise MissingError("no_level", level=level)
        return self.communities[level]

    def unit_of(self, table: pd.DataFrame, level: str) -> pd.Series:
        """Return the unit of a level that each row belongs to: its community's, else its own word.

        So a level finer than communities, such as hamlets of a village, may stand in the tables of
        demand and facilities alone.

        Parameters
        ----------
        table
            A table with ``community``, and perhaps a column of the level.
        level
            ``district``, ``community`` or a column.

        Returns
        -------
        Names of units on the index of the table; missing where the row is in no unit.

        Raises
        ------
        MissingError
            If nothing is known of that level.
        """
        if level in table and level not in self.communities and level != "community":
            if len(table) and table[level].isna().all():
                raise MissingError("no_level", level=level)
            return table[level]
        return table["community"].map(self.unit(level))

    def people(self, group: str) -> pd.Series:
        """Count the people of a group in each community: at demand points, else as given.

        Parameters
        ----------
        group
            A column of the demand or of the communities.

        Returns
        -------
        People on the id of the community.

        Raises
        ------
        MissingError
            If the group is not known, or not of every community.
        """
        if group in self.groups:
            sums = self.demand.groupby("community")[group].sum()
            return sums.reindex(self.communities.index, fill_value=0.0).astype(float)
        if group not in self.communities:
            raise MissingError("no_group", group=group)
        counts = self.communities[group].astype(float)
        if counts.isna().any():
            raise MissingError(
                "some_communities", column=group, n=int(counts.isna().sum()), of=len(counts),
                known=f"{counts.sum():,.0f}",
            )  # fmt: skip
        return counts


def _here(table: pd.DataFrame, communities: pd.Index) -> pd.DataFrame:
    return table[table["community"].isin(communities)]
