"""Several districts' siting questions under one number of sites or one budget, with a proof.

A price is sought at which the districts, each left to itself, spend what there is: Lagrangian
relaxation (Everett 1963, doi:10.1287/opre.11.3.399; Fisher 1981, doi:10.1287/mnsc.27.1.1). Each
price bounds every plan of the whole, and each answer is a point of a district's front. What the
price leaves open is closed by one question, where all of it is small, and by a multiple-choice
knapsack over these fronts, asked for further points where the bound lies above what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from planner.engine.siting.across.joined import join, parted
from planner.engine.siting.across.knapsack import choose_points, steps_of
from planner.engine.siting.across.part import Brief, PartAsk, PartQuestion, Told, Unit
from planner.engine.siting.problem.inputs import Label
from planner.engine.siting.problem.result import PROOF
from planner.errors import NoPlanError, PlannerError, fail

Answers = Callable[[Sequence[PartAsk]], list[Told]]
MOST_PRICES = 40  # rounds until a price stands
MOST_ROUNDS = 120  # rounds of further points
ONE_QUESTION = 300_000  # pairs of all districts up to which one question is asked of all


@dataclass(frozen=True, kw_only=True)
class PartPlan:
    """What a district has of a plan of the whole.

    Parameters
    ----------
    name
        Name of the district.
    sites
        Its new sites.
    cost, objective
        What they cost, 1 each where sites are counted; and the district's objective.
    before
        The objective by what stands; missing where that does not serve all whom it must.
    """

    name: str
    sites: tuple[Label, ...]
    cost: float
    objective: float
    before: float


@dataclass(frozen=True, kw_only=True)
class Across:
    """A plan over several districts, and how good it is.

    Parameters
    ----------
    parts
        What each district has of it, in the order given.
    objective, bound
        The sum of the districts' objectives, and the best that any plan could reach.
    gap, status
        As in `Solution`: ``"optimal"`` only where that is proven.
    cost
        What the plan costs, or how many sites it has.
    price
        What a unit more of the budget would add, by the price that bounds the whole; it is missing
        where everything is built that helps.
    proof
        What the bound rests on: ``"price"``, ``"fronts"`` or ``"together"``.
    """

    parts: tuple[PartPlan, ...]
    objective: float
    bound: float
    gap: float
    status: str
    cost: float
    price: float
    proof: str


@dataclass
class _Front:
    """What is known of one district: plans, and bounds on all others."""

    brief: Brief
    least: float
    points: dict[float, Told] = field(default_factory=dict)  # by cost
    lines: list[tuple[float, float]] = field(default_factory=list)  # price, bound
    caps: dict[float, float] = field(default_factory=dict)  # most cost, bound

    def add(self, told: Told) -> None:
        """Add a plan to those known.

        Parameters
        ----------
        told
            The plan, with what it costs and is worth; it is passed over if another of its cost
            is better.
        """
        known = self.points.get(told.cost)
        if told.worth > (-np.inf if known is None else known.worth):
            self.points[told.cost] = told

    def bound_at(self, most: float) -> float:
        """Return what no plan of so much is worth more than.

        Parameters
        ----------
        most
            Cost, or number of sites.
        """
        slack = 1e-9 * max(abs(most), 1.0)
        found = [bound + price * most for price, bound in self.lines]
        found += [bound for cap, bound in self.caps.items() if cap >= most - slack]
        return min(found, default=np.inf)

    def best_within(self, most: float) -> float:
        """Return what the best plan known of so much is worth.

        Parameters
        ----------
        most
            Cost, or number of sites.
        """
        slack = 1e-9 * max(abs(most), 1.0)
        worth = (told.worth for cost, told in self.points.items() if cost <= most + slack)
        return max(worth, default=-np.inf)


def site_across(
    briefs: Sequence[Brief],
    unit: Unit,
    most: float,
    ask: Answers,
    parts: Callable[[], Sequence[PartQuestion]] | None = None,
) -> Across:
    """Choose sites over several districts within one number of sites or one budget.

    Parameters
    ----------
    briefs
        What is known of each district.
    unit
        What they share: ``"sites"`` or ``"cost"``.
    most
        How many sites, or how much, there is.
    ask
        Answers what districts are asked, all at once, in any place; in the order asked.
    parts
        Their whole questions, for where they are small enough to be put as one; None to do without.

    Returns
    -------
    The plan and its bound.

    Raises
    ------
    NoPlanError
        If what the districts' own rules ask for takes more than there is.
    SitingError
        As a district's question raises it.
    """
    whole = _Whole(briefs, unit, most, ask)
    whole.seek_price()
    small = sum(brief.pairs for brief in briefs) <= ONE_QUESTION
    if parts is not None and small and not whole.is_proven():
        whole.ask_together(parts())
    if not whole.is_proven():
        whole.fill_fronts()
    return whole.plan()


def too_little(unit: Unit, most: float, least: float, kind: type[PlannerError]) -> PlannerError:
    """Return the error that what is shared is less than the districts' own rules take.

    Parameters
    ----------
    unit, most
        What is shared, and how much of it.
    least
        What the rules take.
    kind
        The class of the error.
    """
    shown = [int(value) if value == int(value) else round(value, 6) for value in (most, least)]
    return fail(kind, f"across.least_{unit}", value=shown[0], least=shown[1])


class _Whole:
    """A search over districts: the best plan, the lowest bound, and what each is known to do."""

    def __init__(self, briefs: Sequence[Brief], unit: Unit, most: float, ask: Answers) -> None:
        self.unit, self.most, self.ask = unit, most, ask
        self.bound, self.proof, self.price = np.inf, "price", float("nan")
        told = ask([PartAsk(name=brief.name, way="least") for brief in briefs])
        self.fronts = [
            _Front(brief=brief, least=min(one.bound, one.cost))
            for brief, one in zip(briefs, told, strict=True)
        ]
        for front, one in zip(self.fronts, told, strict=True):
            front.add(one)
        least = sum(front.least for front in self.fronts)
        if least > most + 1e-9 * max(abs(most), 1.0):
            raise too_little(unit, most, least, NoPlanError)
        every = [cost for brief in briefs for cost in brief.costs]
        self.grid, self.exact = steps_of(np.array([*every, 0.0]), most)
        self.cells = int(np.floor(most / self.grid + 1e-9))
        steps = [brief.step for brief in briefs]
        self.step = min(steps, default=0.0)
        self.best, self.picks = -np.inf, list[Told]()
        self._choose()

    def is_proven(self) -> bool:
        """Whether no plan is better than the best known."""
        scale = max(abs(self.best), abs(self.bound))
        gap = self.bound - self.best
        return bool(gap < self.step * (1 - 1e-6) or gap <= PROOF * scale)

    def seek_price(self) -> None:
        """Raise and lower the price until the line between too dear and affordable stands."""
        high = self._priced(0.0)
        low = (sum(one.cost for one in self.picks), self.best)
        if high[0] <= self.most or self.is_proven():
            return
        for _ in range(MOST_PRICES):
            price = (high[1] - low[1]) / (high[0] - low[0])
            if not price > 0:
                return
            found = self._priced(price)
            reached = max(one[1] - price * one[0] for one in (low, high))
            if found[1] - price * found[0] <= reached + 1e-9 * max(abs(reached), 1.0):
                return
            if self.is_proven():
                return
            if found[0] > self.most:
                high = found
            else:
                low = found

    def _priced(self, price: float) -> tuple[float, float]:
        """Ask all districts at a price; return what their plans cost and are worth together."""
        names = [front.brief.name for front in self.fronts]
        told = self.ask([PartAsk(name=name, way="price", at=price) for name in names])
        for front, one in zip(self.fronts, told, strict=True):
            front.add(one)
            front.lines.append((price, one.bound))
        self._lower(sum(one.bound for one in told) + price * self.most, "price", price)
        self._choose()
        return sum(one.cost for one in told), sum(one.worth for one in told)

    def fill_fronts(self) -> None:
        """Ask for points of fronts where a better plan of the whole may hide."""
        for _ in range(MOST_ROUNDS):
            cells, bounds = zip(*(self._bounds_of(front) for front in self.fronts), strict=True)
            bound, chosen = choose_points(cells, bounds, self.cells)
            self._lower(bound, "fronts")
            if self.is_proven() or not chosen:
                return
            asks, asked = [], []
            for front, own, number in zip(self.fronts, cells, chosen, strict=True):
                most = self._most_in(int(own[number]))
                open_still = front.bound_at(most) > front.best_within(most)
                if most not in front.caps and open_still:
                    asks.append(PartAsk(name=front.brief.name, way="within", at=most))
                    asked.append(front)
            if not asks:
                return
            for front, one, question in zip(asked, self.ask(asks), asks, strict=True):
                front.add(one)
                front.caps[question.at] = one.bound
            self._choose()
            if self.is_proven():
                return

    def ask_together(self, parts: Sequence[PartQuestion]) -> None:
        """Solve the question over all districts.

        Parameters
        ----------
        parts
            The districts' whole questions, in the order of their fronts.
        """
        found = parted(join(parts), parts, self.unit, self.most)
        self._lower(found.bound, "together")
        for front, one in zip(self.fronts, found.parts, strict=True):
            front.add(one)
        worth = sum(one.worth for one in found.parts)
        if worth > self.best:
            self.best, self.picks = worth, list(found.parts)

    def _most_in(self, cell: int) -> float:
        """Return the most that a plan of a cell may cost, and the whole can pay."""
        return min((cell if self.exact else cell + 1) * self.grid, self.most)

    def _bounds_of(self, front: _Front) -> tuple[np.ndarray, np.ndarray]:
        """Return the cells that a district's plans may fall into, and the bound of each."""
        first = int(np.floor(front.least / self.grid + 1e-9))
        last = int(np.floor(sum(front.brief.costs) / self.grid + 1e-9))
        cells = np.arange(first, max(min(last, self.cells), first) + 1)
        bounds = np.array([front.bound_at(self._most_in(int(cell))) for cell in cells])
        return cells, bounds

    def _choose(self) -> None:
        """Choose the best plan of the whole from the plans known of each district."""
        costs, values, plans = [], [], []
        for front in self.fronts:
            own = list(front.points.values())
            steps = np.array([one.cost for one in own]) / self.grid
            costs.append(np.ceil(steps - 1e-9).astype(np.int64))
            values.append(np.array([one.worth for one in own]))
            plans.append(own)
        worth, chosen = choose_points(costs, values, self.cells)
        if worth > self.best:
            picks = [own[number] for own, number in zip(plans, chosen, strict=True)]
            self.best, self.picks = worth, picks
        elif not self.picks:  # a coarse step makes the cheapest plans too dear
            self.picks = [own[0] for own in plans]
            self.best = sum(one.worth for one in self.picks)

    def _lower(self, bound: float, proof: str, price: float = float("nan")) -> None:
        """Lower the bound on the whole, if this one is lower."""
        if self.step:
            bound = np.floor(bound / self.step + 1e-6) * self.step
        if bound < self.bound:
            self.bound, self.proof = bound, proof
            self.price = self.price if np.isnan(price) else price

    def plan(self) -> Across:
        """Return the plan and its bound."""
        bound = self.best if self.is_proven() else self.bound
        scale = max(abs(bound), abs(self.best))
        sign = -1.0 if self.fronts[0].brief.least else 1.0
        parts = tuple(
            PartPlan(
                name=front.brief.name,
                sites=one.sites,
                cost=one.cost,
                objective=sign * one.worth,
                before=front.brief.before,
            )
            for front, one in zip(self.fronts, self.picks, strict=True)
        )
        return Across(
            parts=parts,
            objective=sign * self.best,
            bound=sign * bound,
            gap=(bound - self.best) / scale if scale else 0.0,
            status="optimal" if self.is_proven() else "feasible",
            cost=round(sum(one.cost for one in self.picks), 9),
            price=self.price,
            proof=self.proof,
        )
