"""A siting question read anew from its tables and rules, and written into a plain program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from planner.engine.siting.verification.plain_program import Numbers, PlainProgram, Point

Terms = list[tuple[Numbers, Any]]


class PlainQuestion:
    """One question's sites, rules and demand, written into a program.

    Parameters
    ----------
    program
        Where to.
    table, demand
        The tables of the question.
    asked
        Its rules, and the model's own parameters.
    """

    def __init__(
        self,
        program: PlainProgram,
        table: pd.DataFrame,
        demand: pd.Series,
        asked: Mapping[str, Any],
    ) -> None:
        self.program, self.asked = program, asked
        self.fixed = list(asked.get("fixed") or ())
        offered = asked.get("candidates")
        offered = pd.unique(table["facility"]) if offered is None else offered
        out = {*self.fixed, *(asked.get("forbidden") or ())}
        self.new = [site for site in offered if site not in out]
        self.sites = pd.Index([*self.fixed, *self.new])
        self.back = pd.Series(asked.get("closable") or {}, dtype=float)
        self.movable = list(asked.get("movable") or ())
        self.stays = [s for s in self.fixed if s not in self.back.index and s not in self.movable]
        metric = str(asked.get("metric", "minutes"))
        cutoff = asked.get("cutoff")
        near = table if cutoff is None else table[table[metric] <= cutoff]
        near = near[near["facility"].isin(self.sites)]
        self.d = demand.index.get_indexer(pd.Index(near["demand"])).astype(np.int64)
        self.s = self.sites.get_indexer(pd.Index(near["facility"])).astype(np.int64)
        self.minutes = near[metric].to_numpy(np.float64)
        self.demand, self.weight = demand.index, demand.to_numpy(np.float64)
        self.wanted = np.isin(np.arange(len(self.weight)), self.d) & (self.weight > 0)
        must = self.sites.isin([*self.stays, *(asked.get("mandatory") or ())])
        self.open = program.variables(len(self.sites), low=must.astype(float))
        self.hosts = self._hosts()
        self.size = self.alone = np.zeros(0, dtype=np.int64)
        if asked.get("sizes") is not None or asked.get("capacity") is not None:
            self._add_sizes()

    def at(self, labels: Any) -> Numbers:
        """Return the variables of the sites named, those that are not in the question left out.

        Parameters
        ----------
        labels
            Labels of sites.

        Returns
        -------
        Numbers of the variables, in the order of the question's sites.
        """
        named: Numbers = self.open[self.sites.isin(list(labels))]
        return named

    def cost(self) -> pd.Series:
        """Return what each site costs: nothing for one that exists."""
        given = self.asked.get("cost")
        cost = pd.Series({} if given is None else given, dtype=float)
        cost = cost.reindex(self.sites).fillna(0.0)
        return cost.where(~self.sites.isin(self.fixed), 0.0)

    def _hosts(self) -> pd.Series:
        """Add a variable for each host that counts, and return the host of each site."""
        hosts = self.asked.get("hosts")
        of = pd.Series({} if hosts is None else hosts, dtype=object).reindex(self.sites)
        shared = any(self.asked.get(name) is not None for name in ("host_cost", "most_hosts"))
        self.host_names = pd.Index(of.dropna().unique()) if shared else pd.Index([])
        self.host = self.program.variables(len(self.host_names))
        return of

    def _add_sizes(self) -> None:
        """Add a variable for each size of each site, one of which an open site takes."""
        table = self.asked.get("sizes")
        if table is None:
            capacity = pd.Series(self.asked["capacity"], dtype=float).reindex(self.sites)
            table = pd.DataFrame(
                {"site": self.sites, "size": "", "capacity": capacity, "cost": 0.0}
            )
        self.sizes = table[table["site"].isin(self.sites)].reset_index(drop=True)
        self.size = self.program.variables(len(self.sizes))
        of = self.sites.get_indexer(pd.Index(self.sizes["site"])).astype(np.int64)
        m = np.arange(len(self.sites))
        entries = (
            np.concatenate([of, m]),
            np.concatenate([self.size, self.open]),
            np.concatenate([np.ones(len(of)), -np.ones(len(m))]),
        )
        self.program.many("sizes", self.sites, entries, 0.0, 0.0)

    def add_rules(self, *, exactly: bool = False) -> None:
        """Add every rule on the choice of sites.

        Parameters
        ----------
        exactly
            Whether just p sites must be chosen.
        """
        write, asked, open_ = self.program.rule, self.asked, self.open
        new, movable = self.at(self.new), self.at(self.movable)
        if asked.get("p") is not None:
            most = float(asked["p"] + len(movable))
            low = most if exactly else -np.inf
            write("p", asked["p"], [(new, 1.0), (movable, 1.0)], low=low, high=most)
        if asked.get("budget") is not None:
            write(
                "budget", asked["budget"], self.spending(), high=asked["budget"] + self.back.sum()
            )
        for quota in asked.get("quotas") or ():
            most = np.inf if quota.at_most is None else quota.at_most
            members = self.at(quota.sites)
            write("quota", quota.name, [(members, 1.0)], low=quota.at_least, high=most)
        for a, b in asked.get("conflicts") or ():
            pair = self.at([a, b])
            if len(pair) == 2 and not {a, b} <= set(self.stays):
                write("conflict", f"{a} - {b}", [(pair, 1.0)], high=1.0)
        for plan in asked.get("unlike") or ():
            inside = self.at(set(plan) & set(self.new))
            if len(inside) == len(set(plan)):
                write("unlike", tuple(plan), [(inside, 1.0)], high=len(inside) - 1.0)
        is_new = self.sites.isin(self.new)
        for name, services in self.hosts.groupby(self.hosts).groups.items():
            inside = self.sites.isin(services)
            if len(self.host_names):
                used = self.host[self.host_names.get_indexer(pd.Index([name]))]
                for site in open_[inside]:
                    write("host", name, [(np.array([site]), 1.0), (used, -1.0)], high=0.0)
                continue
            write("host", name, [(open_[inside & is_new], 1.0)], high=1.0)
            for site in open_[inside & ~is_new] if (inside & is_new).any() else ():
                one = [(open_[inside & is_new], 1.0), (np.array([site]), 1.0)]
                write("host", name, one, high=1.0)
        if asked.get("most_hosts") is not None:
            write("hosts", asked["most_hosts"], [(self.host, 1.0)], high=asked["most_hosts"])

    def spending(self) -> list[tuple[Numbers, Any]]:
        """Return what a plan spends, with what closing each site would give back."""
        back = self.back.reindex(self.sites).fillna(0.0)
        terms: list[tuple[Numbers, Any]] = [(self.open, (self.cost() + back).to_numpy())]
        if self.asked.get("sizes") is not None:
            terms.append((self.size, self.sizes["cost"].to_numpy(np.float64)))
        if self.asked.get("host_cost") is not None:
            charge = pd.Series(self.asked["host_cost"], dtype=float).reindex(self.host_names)
            terms.append((self.host, charge.to_numpy()))
        return terms

    # what a plan does for demand

    def add_cover(
        self, members: Numbers, *, within: float = np.inf, times: int = 1
    ) -> tuple[Numbers, Any]:
        """Add a variable for each demand that is covered.

        Parameters
        ----------
        members
            Numbers of the demand, ascending.
        within
            Largest metric that counts.
        times
            How many open sites must reach it.

        Returns
        -------
        covered, weight
            The variables and the weight of each.
        """
        near = np.isin(self.d, members) & (self.minutes <= within)
        row = np.searchsorted(members, self.d[near])
        covered = self.program.variables(len(members), whole=times > 1)
        each = np.arange(len(members))
        entries = (
            np.concatenate([row, each]),
            np.concatenate([self.open[self.s[near]], covered]),
            np.concatenate([np.ones(len(row)), np.full(len(each), -float(times))]),
        )
        self.program.many("covered", self.demand[members], entries, 0.0)
        return covered, self.weight[members]

    def add_flows(self, high: Any) -> Numbers:
        """Add a variable for each pair: how much of its demand the site serves, if it is open.

        Parameters
        ----------
        high
            The most that may be served of each pair.

        Returns
        -------
        numpy.ndarray
            The variables.
        """
        n = len(self.d)
        flow = self.program.variables(n, high=high, whole=False)
        each = np.arange(n)
        entries = (
            np.concatenate([each, each]),
            np.concatenate([flow, self.open[self.s]]),
            np.concatenate([np.ones(n), -np.broadcast_to(high, n)]),
        )
        self.program.many("closed", each, entries, high=0.0)
        if self.asked.get("whole"):  # all of a demand is served at one site, or nothing there
            self.alone = self.program.variables(n)
            all_of = (np.tile(each, 2), np.concatenate([flow, self.alone]))
            factor = np.concatenate([np.ones(n), -np.broadcast_to(high, n)])
            self.program.many("whole", each, (*all_of, factor), 0.0, 0.0)
            self.program.many("whole", self.demand, (self.d, self.alone, 1.0), high=1.0)
        return flow

    def add_served(self, flow: Numbers, low: Any, high: Any) -> None:
        """Add rules between what all that is served of each demand has to lie.

        Parameters
        ----------
        flow
            Variables of the pairs.
        low, high
            Bounds for each demand.
        """
        self.program.many("served", self.demand, (self.d, flow, 1.0), low, high)

    def add_capacity(self, flow: Numbers) -> None:
        """Add rules that no site serves more than its capacity.

        Parameters
        ----------
        flow
            Variables of the pairs.
        """
        capacity = self.sizes["capacity"].to_numpy(np.float64)
        of = self.sites.get_indexer(pd.Index(self.sizes["site"])).astype(np.int64)
        entries = (
            np.concatenate([self.s, of]),
            np.concatenate([flow, self.size]),
            np.concatenate([np.ones(len(flow)), -capacity]),
        )
        self.program.many("capacity", self.sites, entries, high=0.0)

    def members(self, labels: Any) -> Numbers:
        """Return the numbers of the demand named, all if none is.

        Parameters
        ----------
        labels
            Labels of demand; None for all.

        Returns
        -------
        Numbers of the demand, ascending.
        """
        if labels is None:
            return np.arange(len(self.demand))
        return np.flatnonzero(self.demand.isin(list(labels)))

    def kept(self) -> Point:
        """Return the share that counts of each pair: 1, or what the decay leaves."""
        decay = self.asked.get("decay")
        if decay is None:
            return np.ones(len(self.minutes))
        if callable(decay):
            return np.asarray(decay(self.minutes), dtype=np.float64)
        kept = np.zeros(len(self.minutes))
        for limit in sorted(decay, reverse=True):
            kept[self.minutes <= limit] = decay[limit]
        return kept

    # the point that a plan stands for

    def fill(self, point: Point, chosen: set[Any], sizes: pd.Series) -> None:
        """Set the variables of sites, hosts and sizes as a plan does.

        Parameters
        ----------
        point
            Values of all variables; changed in place.
        chosen
            Labels of the open sites.
        sizes
            Size of each open site, where there are sizes.
        """
        point[self.open] = self.sites.isin(list(chosen))
        for number, name in zip(self.host, self.host_names, strict=True):
            point[number] = point[self.open[(self.hosts == name).to_numpy()]].max(initial=0.0)
        if len(self.size):
            taken = sizes.reindex(self.sizes["site"]).to_numpy() == self.sizes["size"].to_numpy()
            point[self.size] = taken & point[self.open][
                self.sites.get_indexer(pd.Index(self.sizes["site"]))
            ].astype(bool)

    def hits(self, point: Point, within: float = np.inf) -> Numbers:
        """Return how many open sites reach each demand.

        Parameters
        ----------
        point
            Values of all variables.
        within
            Largest metric that counts.

        Returns
        -------
        Number of open sites for each demand (n).
        """
        near = (point[self.open[self.s]] > 0.5) & (self.minutes <= within)
        return np.bincount(self.d[near], minlength=len(self.demand))
