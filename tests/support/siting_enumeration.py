"""Answer siting questions by looking at every plan there is: slow, plain, and right.

Nothing here is shared with `planner.siting` but the words of the rules (`planner.siting.Rules`).
A *plan* is the set of open sites, existing ones included, with a size for each where sizes are
offered. Every question is small enough to list them all.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

EASE = 1e-7  # of sums of figures with a few decimals
FLOOR_EASE = 1e-9  # share by which a floor may be missed, as in the library
EXACT = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}


@dataclass(frozen=True)
class Plan:
    """Open sites (existing ones too), the places of each, and what sizes cost."""

    sites: frozenset
    places: dict = field(default_factory=dict, hash=False, compare=False)
    size_cost: float = 0.0


@dataclass
class Enumeration:
    """A siting question with every plan that keeps to its rules.

    Parameters
    ----------
    model, od, demand, rules
        As asked of `planner.siting`; ``rules`` holds the model's own parameters, too.
    """

    model: str
    od: pd.DataFrame
    demand: pd.Series
    rules: dict[str, Any]

    def __post_init__(self) -> None:
        rules = self.rules
        self.metric = rules.get("metric", "minutes")
        cutoff = rules.get("cutoff")
        od = self.od if cutoff is None else self.od[self.od[self.metric] <= cutoff]
        self.fixed = list(rules.get("fixed") or ())
        offered = rules.get("candidates")
        offered = list(dict.fromkeys(self.od["facility"])) if offered is None else list(offered)
        barred = {*self.fixed, *(rules.get("forbidden") or ())}
        self.candidates = [site for site in offered if site not in barred]
        known = {*self.fixed, *self.candidates}
        self.minutes = {
            (d, s): float(m)
            for d, s, m in zip(od["demand"], od["facility"], od[self.metric], strict=True)
            if s in known
        }
        self.reachable = {d for d, _ in self.minutes}
        self.loose = {*(rules.get("closable") or ()), *(rules.get("movable") or ())}
        self.has_places = rules.get("capacity") is not None or rules.get("sizes") is not None

    # the rules

    def every(self) -> list[Plan]:
        """List every plan that keeps to the rules on sites, hosts, sizes and the budget."""
        must = {*(self.rules.get("mandatory") or ())} | (set(self.fixed) - self.loose)
        free = [s for s in (*self.fixed, *self.candidates) if s not in must]
        found = []
        for n in range(len(free) + 1):
            for some in itertools.combinations(free, n):
                sites = frozenset({*must, *some})
                found += [plan for plan in self._sized(sites) if self.keeps(plan)]
        return found

    def _sized(self, sites: frozenset) -> list[Plan]:
        sizes, capacity = self.rules.get("sizes"), self.rules.get("capacity")
        if sizes is None:
            places = {} if capacity is None else {s: float(capacity[s]) for s in sites}
            return [Plan(sites=sites, places=places)]
        ordered = sorted(sites, key=str)
        each = [
            [(row.capacity, row.cost) for row in sizes[sizes["site"] == site].itertuples()]
            for site in ordered
        ]
        return [
            Plan(
                sites=sites,
                places={s: float(one[0]) for s, one in zip(ordered, taken, strict=True)},
                size_cost=float(sum(one[1] for one in taken)),
            )
            for taken in itertools.product(*each)
        ]

    def new(self, plan: Plan) -> set:
        """Return the new sites of a plan."""
        return set(plan.sites) - set(self.fixed)

    def hosts_of(self, plan: Plan) -> set:
        """Return the hosts that a plan uses."""
        hosts = self.rules.get("hosts")
        return set() if hosts is None else {hosts[s] for s in plan.sites if s in hosts}

    def shares_hosts(self) -> bool:
        """Return whether a host may take several sites."""
        asked = (self.rules.get("host_cost"), self.rules.get("most_hosts"))
        return any(one is not None for one in asked)

    def spent(self, plan: Plan) -> float:
        """Return what a plan costs, less what closing sites gives back."""
        cost = self.rules.get("cost")
        back = self.rules.get("closable") or {}
        total = plan.size_cost + (0.0 if cost is None else sum(cost[s] for s in self.new(plan)))
        total -= sum(back[s] for s in set(self.fixed) - plan.sites if s in back)
        if self.rules.get("host_cost") is not None:
            total += sum(self.rules["host_cost"][h] for h in self.hosts_of(plan))
        return float(total)

    def keeps(self, plan: Plan) -> bool:
        """Return whether a plan keeps to every rule but floors."""
        rules, new = self.rules, self.new(plan)
        p, budget = rules.get("p"), rules.get("budget")
        movable = [*(rules.get("movable") or ())]
        allowed = None if p is None else p + sum(site not in plan.sites for site in movable)
        if allowed is not None and len(new) > allowed:
            return False
        if self.model == "p_dispersion" and len(new) != allowed:
            return False
        if budget is not None and self.spent(plan) > budget + EASE:
            return False
        for quota in rules.get("quotas") or ():
            count = len(plan.sites & set(quota.sites))
            if count < quota.at_least or (quota.at_most is not None and count > quota.at_most):
                return False
        for a, b in rules.get("conflicts") or ():
            stands = {a, b} <= set(self.fixed) - self.loose
            if a != b and {a, b} <= plan.sites and not stands:
                return False
        if rules.get("hosts") is not None and not self.shares_hosts():
            housed = [rules["hosts"][s] for s in new if s in rules["hosts"]]
            stands = {rules["hosts"][s] for s in plan.sites - new if s in rules["hosts"]}
            if len(housed) != len(set(housed)) or stands & set(housed):
                return False
        if rules.get("most_hosts") is not None and len(self.hosts_of(plan)) > rules["most_hosts"]:
            return False
        unlike = [set(other) for other in rules.get("unlike") or ()]
        return not any(other <= new for other in unlike)

    # what a plan is worth

    def nearest(self, plan: Plan) -> dict:
        """Return the minutes of each demand to its nearest open site, infinite without one."""
        found = dict.fromkeys(self.demand.index, math.inf)
        for (d, s), m in self.minutes.items():
            if s in plan.sites:
                found[d] = min(found[d], m)
        return found

    def covered(self, plan: Plan, times: int = 1, within: float = math.inf) -> set:
        """Return the demand that so many open sites reach."""
        hits = dict.fromkeys(self.demand.index, 0)
        for (d, s), m in self.minutes.items():
            hits[d] += s in plan.sites and m <= within
        return {d for d, n in hits.items() if n >= times}

    def weight(self, labels: set) -> float:
        """Return the weight of some demand."""
        return float(sum(self.demand[d] for d in self.demand.index if d in labels))

    def floors_hold(self, plan: Plan) -> bool:
        """Return whether the groups of demand are covered to their shares."""
        for floor in self.rules.get("floors") or ():
            members = set(self.demand.index if floor.demand is None else floor.demand)
            got = self.weight(members & self.covered(plan, within=floor.within))
            if got < floor.share * self.weight(members) - EASE:
                return False
        return True

    def kept(self, minutes: float) -> float:
        """Return the share of a demand that counts at so many minutes."""
        decay = self.rules.get("decay")
        if decay is None:
            return 1.0
        if callable(decay):
            return float(decay(np.array([minutes]))[0])
        steps = [share for limit, share in sorted(decay.items()) if minutes <= limit]
        return steps[0] if steps else 0.0

    def wanted(self) -> set:
        """Return the demand that has weight and that some site can reach."""
        times = self.rules.get("times", 1)
        hits = dict.fromkeys(self.demand.index, 0)
        for d, _ in self.minutes:
            hits[d] += 1
        return {d for d, n in hits.items() if n >= times and self.demand[d] > 0}

    def worth(self, plan: Plan) -> float | None:
        """Return a plan's objective, None where it does not do what the model asks."""
        if self.has_places:
            return self._worth_with_places(plan)
        if not self.floors_hold(plan):
            return None
        near, demand, rules = self.nearest(plan), self.demand, self.rules
        times = rules.get("times", 1)
        if self.model in ("max_cover", "fair_cover", "phase_cover"):
            if times > 1:
                return self.weight(self.covered(plan, times))
            return float(sum(demand[d] * self.kept(m) for d, m in near.items() if m < math.inf))
        if self.model == "set_cover":
            done = self.covered(plan, times)
            share = rules.get("share", 1.0)
            enough = (
                self.wanted() <= done
                if share == 1
                else self.weight(done) >= share * float(demand.sum()) - EASE
            )
            return self.cover_cost(plan) if enough else None
        if self.model == "p_median":
            beyond = rules.get("beyond")
            counted = {d: m for d, m in near.items() if d in self.reachable and demand[d] > 0}
            if beyond is None and math.inf in counted.values():
                return None
            cap = math.inf if beyond is None else beyond
            return float(sum(demand[d] * min(m, cap) for d, m in counted.items()))
        if self.model == "p_center":
            far = [near[d] * (demand[d] if rules.get("weighted") else 1.0) for d in self.wanted()]
            return None if math.inf in far else float(max(far, default=0.0))
        raise ValueError(self.model)

    def cover_cost(self, plan: Plan) -> float:
        """Return what a set cover spares: costs where given, else new sites."""
        if self.rules.get("cost") is not None or self.rules.get("sizes") is not None:
            return self.spent(plan) + sum((self.rules.get("closable") or {}).values())
        charge = self.rules.get("host_cost") or {}
        return float(len(self.new(plan)) + sum(charge.get(h, 0.0) for h in self.hosts_of(plan)))

    def _worth_with_places(self, plan: Plan) -> float | None:
        demand, rules = self.demand, self.rules
        pairs = [(d, s, m) for (d, s), m in self.minutes.items() if s in plan.sites]
        levels = [math.inf]
        if self.model == "p_center":
            factor = demand if rules.get("weighted") else dict.fromkeys(demand.index, 1.0)
            levels = sorted({m * factor[d] for d, _, m in pairs} | {0.0})
        for level in levels:
            use = pairs
            if self.model == "p_center":
                use = [(d, s, m) for d, s, m in pairs if m * factor[d] <= level]
            value = self._flow(plan, use)
            if value is not None:
                return level if self.model == "p_center" else value
        return None

    def _flow(self, plan: Plan, pairs: list) -> float | None:
        demand, rules = self.demand, self.rules
        n = len(pairs)
        beyond = rules.get("beyond")
        gain = np.array([self.kept(m) for _, _, m in pairs])
        way = np.array([m for _, _, m in pairs])
        least, rows, bounds = [], [], []
        for d in demand.index:
            rows.append([float(pair[0] == d) for pair in pairs])
            bounds.append(float(demand[d]))
        for s in plan.sites:
            rows.append([float(pair[1] == s) for pair in pairs])
            bounds.append(plan.places[s])
        for floor in rules.get("floors") or ():
            members = set(demand.index if floor.demand is None else floor.demand)
            inside = [float(d in members and m <= floor.within) for d, _, m in pairs]
            least.append((inside, floor.share * self.weight(members) * (1 - FLOOR_EASE)))
        everybody = [1.0] * n
        covering = self.model in ("max_cover", "fair_cover")
        full = self.weight(self.wanted())
        if self.model == "set_cover" and rules.get("share", 1.0) < 1:
            share = rules["share"] * float(demand.sum())
            least.append((everybody, share * (1 - FLOOR_EASE)))
        elif not covering and beyond is None:
            least.append((everybody, full))
        rows += [[-one for one in row] for row, _ in least]
        bounds += [-value for _, value in least]
        if not n:
            held = all(bound >= -EASE for bound in bounds)
            value = 0.0 if beyond is None else beyond * full
            return (self.cover_cost(plan) if self.model == "set_cover" else value) if held else None
        cost = -gain if covering else way if beyond is None else way - beyond
        solved = self._solve(cost, np.array(rows), np.array(bounds), pairs)
        if solved.status != 0:
            return None
        if self.model == "set_cover":
            return self.cover_cost(plan)
        if covering:
            return -float(solved.fun)
        return float(solved.fun) + (0.0 if beyond is None else beyond * full)

    def _solve(self, cost: np.ndarray, rows: np.ndarray, bounds: np.ndarray, pairs: list) -> Any:
        if not self.rules.get("whole"):
            return linprog(cost, A_ub=rows, b_ub=bounds, method="highs", options=EXACT)
        size = np.array([float(self.demand[d]) for d, _, _ in pairs])  # all of a demand, or nothing
        return milp(
            cost * size,
            integrality=np.ones(len(pairs)),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(rows * size, -np.inf, bounds),
        )

    def fair_places(
        self, plan: Plan, groups: list[set], worst: float | None = None
    ) -> float | None:
        """Return the highest share that all groups can be served at once by a plan.

        With ``worst``, how many can be served in all when each group is to that share; None if that
        cannot be.
        """
        pairs = [(d, s) for d, s in self.minutes if s in plan.sites]
        of = {d: number for number, d in enumerate(self.demand.index)}
        at = {s: len(of) + number for number, s in enumerate(plan.sites)}
        rows = np.zeros((len(of) + len(at) + len(groups), len(pairs) + 1))
        bounds = np.zeros(len(rows))
        for column, (d, s) in enumerate(pairs):
            rows[of[d], column] = rows[at[s], column] = 1.0
            for number, inside in enumerate(groups):
                if d in inside:
                    rows[len(of) + len(at) + number, column] = -1.0 / self.weight(inside)
        for d, number in of.items():
            bounds[number] = float(self.demand[d])
        for s, number in at.items():
            bounds[number] = plan.places[s]
        rows[len(of) + len(at) :, -1] = 1.0  # the share of the worst-off
        for floor in self.rules.get("floors") or ():
            members = set(self.demand.index if floor.demand is None else floor.demand)
            inside = [-float(d in members and self.minutes[d, s] <= floor.within) for d, s in pairs]
            rows = np.vstack([rows, [*inside, 0.0]])
            asked = floor.share * self.weight(members) * (1 - FLOOR_EASE)
            bounds = np.append(bounds, -asked)
        cost = np.append(np.zeros(len(pairs)), -1.0) if worst is None else -np.ones(len(pairs) + 1)
        low = 0.0 if worst is None else worst
        limits = [(0.0, None)] * len(pairs) + [(low, 1.0 if worst is None else low)]
        solved = linprog(cost, rows, bounds, bounds=limits, method="highs", options=EXACT)
        if solved.status != 0:
            return None
        return -float(solved.fun) - (0.0 if worst is None else low)

    # the answer

    @property
    def least(self) -> bool:
        """Return whether the objective is made small."""
        return self.model in ("set_cover", "p_median", "p_center")

    def points(self, plan: Plan) -> float:
        """Return the points of preference of a plan's new sites."""
        points = self.rules.get("preference")
        return 0.0 if points is None else float(sum(points.get(s, 0.0) for s in self.new(plan)))

    def valued(self) -> list[tuple[float, Plan]]:
        """List every plan that does what is asked, with its objective, the best first."""
        found = [(self.worth(plan), plan) for plan in self.every()]
        kept = [(value, plan) for value, plan in found if value is not None]
        return sorted(kept, key=lambda one: one[0] if self.least else -one[0])
