"""Allocation: who is served where, when facilities have capacities.

People within reach of a facility are *served* or *over capacity*; the others are *out of reach*.
Three rules say who goes where: people go to the nearest facility with capacity left
(`serve_nearest`), people are sent so that most are served and then travel least (`serve_most`), or
whole communities are sent to one facility each (`planner.engine.capacity.whole_units`).

A capacity that is missing is not known: it limits nobody, and those it serves are counted apart
(``of_unknown``). It is never taken for 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.engine.capacity import kernels
from planner.engine.capacity.pairs import Bools, Floats, Ints, Pairs
from planner.engine.labels import shorten
from planner.errors import InputError, Problem, Problems

PROOF = 1e-9  # relative difference of bound and objective that floating point explains
MOST_UNITS = 2**52  # people are counted in whole parts, fine enough for this many in all
NANO = 1e9
MOST_PIVOTS = 20_000_000


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """Who is served where.

    Parameters
    ----------
    rule
        ``"nearest"``, ``"most"`` or ``"whole"``.
    flows
        ``demand``, ``facility``, ``people`` and ``minutes``: one row for each pair that serves.
    split
        On the demand labels: ``people``, and of them ``served``, ``over_capacity`` and
        ``out_of_reach``; ``of_unknown`` are those of the served whose facility has no known
        capacity.
    load
        On the facility labels: ``capacity``, ``people`` served, ``use`` (people per capacity,
        missing where capacity is not known or 0), ``demands`` served there, ``mean_min`` and
        ``farthest_min`` of those served (missing where nobody is), and ``scarce``: the
        facility is full, and with the others so marked it holds back all who are over capacity.
    objective, bound
        People served, and the most that any allocation of this kind could serve.
    gap
        Their difference as a share of the bound; 0 if proven.
    person_minutes, least_person_minutes
        Minutes of all served, and the fewest at which as many could be served.
    status
        ``"optimal"`` if most people and fewest minutes are proven, ``"feasible"`` if not, and
        ``"rule"`` where the rule does not ask for most.
    notes
        What the reader should know, though it stopped nothing.
    """

    rule: str
    flows: pd.DataFrame
    split: pd.DataFrame
    load: pd.DataFrame
    objective: float
    bound: float
    gap: float
    person_minutes: float
    least_person_minutes: float
    status: str
    notes: tuple[Problem, ...] = ()


def serve_nearest(pairs: Pairs) -> Allocation:
    """Send people to the nearest facility with capacity left, the nearest people first.

    The pairs take their turn in the order of minutes (then of labels), and each serves as many of
    its people as its facility has capacity left for. That is the stable matching (Gale and Shapley
    1962) where people prefer near facilities and facilities near people: nobody is turned away
    in favour of somebody farther off.

    Parameters
    ----------
    pairs
        Who can reach what.

    Returns
    -------
    Who is served where.

    Raises
    ------
    InputError
        If there is nobody to serve.
    """
    people, capacity, _ = integer_amounts(pairs)
    order = np.argsort(pairs.minutes, kind="stable")
    flow = kernels.fill_in_order(order, pairs.row, pairs.col, people, capacity)
    reached = pairs.people[pairs.reached].sum()
    bound = min(reached, _total_capacity(pairs))
    return make_allocation(pairs, flow, people, rule="nearest", bound=bound)


def serve_most(pairs: Pairs, *, most_pivots: int = MOST_PIVOTS) -> Allocation:
    """Serve as many people as can be served, and of all such ways take the shortest.

    A transport problem, solved exactly by the network simplex: people in whole parts, minutes in
    billionths. The proof is made anew from the prices it ends with: a cut for the people (full
    facilities, and those who can go elsewhere), and the dual problem for the minutes.

    Parameters
    ----------
    pairs
        Who can reach what.
    most_pivots
        Steps after which to stop with what was found; the bounds then hold all the same.

    Returns
    -------
    Who is served where, with its proof.

    Raises
    ------
    InputError
        If there is nobody to serve.
    """
    people, capacity, parts = integer_amounts(pairs)
    usable = pairs.select(capacity[pairs.col] > 0)
    longest = float(usable.minutes.max(initial=0.0))
    chain = 2 * (len(capacity) + 1)
    per_min = min(NANO, 10 ** np.floor(np.log10(2.0**60 / (chain * (longest + 1)))))
    cost = np.rint(usable.minutes * per_min).astype(np.int64)
    outside = np.int64(chain * (int(cost.max(initial=0)) + 1))
    flow, price, pivots = kernels.network_simplex(
        usable.indptr, usable.col, cost, people, capacity, outside, most_pivots
    )
    price = np.maximum(price, 0)
    scarce = price > outside // 2
    elsewhere = np.zeros(len(people), dtype=bool)
    elsewhere[usable.row[~scarce[usable.col]]] = True
    most = int(capacity[scarce].sum()) + int(people[elsewhere].sum())
    worth = np.full(len(people), outside)
    filled = np.flatnonzero(usable.reached)
    if len(filled):
        dearest = np.minimum.reduceat(cost + price[usable.col], usable.indptr[filled])
        worth[filled] = np.minimum(worth[filled], dearest)
    # Whole numbers of any size: the sums exceed 64 bits.
    dual = sum(map(int.__mul__, people.tolist(), worth.tolist()))
    dual -= sum(map(int.__mul__, capacity.tolist(), price.tolist()))
    left = int(people.sum()) - int(flow.sum())
    least = (dual - int(outside) * left) / parts / per_min
    proven = pivots < most_pivots and most == int(flow.sum())
    flows = np.zeros(len(pairs.col), dtype=np.int64)
    flows[capacity[pairs.col] > 0] = flow
    return make_allocation(
        pairs,
        flows,
        people,
        rule="most",
        bound=most / parts,
        least=least,
        scarce=scarce,
        proven=proven,
    )


def three_way(
    allocation: Allocation,
    *,
    kind: str,
    demand: pd.DataFrame,
    communities: pd.DataFrame,
    groups: list[str],
) -> pd.DataFrame:
    """Return who is served, over capacity and out of reach, for each unit and group.

    People at one place are alike: of every group there, the same share is served.

    Parameters
    ----------
    allocation
        Who is served where.
    kind
        Kind of facility, for the table.
    demand
        Demand points on their label: ``community`` and one column for each group.
    communities
        The communities that count, on their id; ``street``, ``settlement`` and ``zone``.
    groups
        Columns of ``demand`` that count people.

    Returns
    -------
    ``kind``, ``level``, ``unit``, ``group``, ``people``, ``served``, ``over_capacity``,
    ``out_of_reach``: the three always add up to the people.
    """
    split = allocation.split.reindex(demand.index)
    reached = split["out_of_reach"].eq(0).to_numpy(float)
    served, people = split["served"].to_numpy(), split["people"].to_numpy()
    weights = demand[groups].to_numpy(float)
    home = communities.index.get_indexer(pd.Index(demand["community"]))
    counted = home >= 0
    levels = {"district": pd.Series("*", index=communities.index)}
    levels |= {
        name: communities[name] for name in ("street", "settlement", "zone") if name in communities
    }
    levels["community"] = pd.Series(communities.index, index=communities.index)
    parts: list[pd.DataFrame] = []
    for level, units in levels.items():
        codes, names = pd.factorize(units)  # in the order of the data
        own = codes[home]
        known = counted & (own >= 0)
        for g, group in enumerate(groups):
            own_served = np.zeros(len(demand))
            np.divide(weights[:, g] * served, people, out=own_served, where=people > 0)
            sums = [
                np.bincount(own[known], count[known], minlength=len(names))
                for count in (weights[:, g], weights[:, g] * reached, own_served)
            ]
            part = pd.DataFrame({"unit": names, "people": sums[0], "served": sums[2]})
            part["over_capacity"] = sums[1] - sums[2]
            part["out_of_reach"] = sums[0] - sums[1]
            parts.append(part.assign(kind=kind, level=level, group=group))
    columns = ["kind", "level", "unit", "group", "people"]
    return pd.concat(parts, ignore_index=True)[
        [*columns, "served", "over_capacity", "out_of_reach"]
    ]


def integer_amounts(pairs: Pairs) -> tuple[Ints, Ints, int]:
    """Return people and capacities as integers: as they are where whole, else in fine parts.

    People are rounded up and capacities down, so that no facility takes more than it can.

    Parameters
    ----------
    pairs
        Who can reach what.

    Returns
    -------
    people, capacity, parts
        Parts of a person of each row (n), capacity of each facility in parts (m; everybody where it
        is not known), and the number of parts that make up a person.

    Raises
    ------
    InputError
        If there is nobody to serve.
    """
    known = pairs.capacity[~np.isnan(pairs.capacity)]
    total = pairs.people.sum()
    problems = Problems()
    if not total > 0:
        problems.add("capacity.nobody")
    problems.raise_any(InputError)
    all_integers = (pairs.people % 1 == 0).all() and (known % 1 == 0).all()
    parts = 1 if all_integers else 2 ** int(np.floor(np.log2(MOST_UNITS / total)))
    people = np.ceil(pairs.people * parts).astype(np.int64)
    everybody = float(people.sum()) + 1.0
    capacity = np.minimum(np.nan_to_num(pairs.capacity, nan=np.inf) * parts, everybody)
    return people, np.floor(capacity).astype(np.int64), parts


def _total_capacity(pairs: Pairs) -> float:
    """Return the sum of the capacities: infinite where one is not known."""
    return float(np.nan_to_num(pairs.capacity, nan=np.inf).sum())


def make_allocation(
    pairs: Pairs,
    flow: Ints,
    counts: Ints,
    *,
    rule: str,
    bound: float,
    least: float = np.nan,
    scarce: Bools | None = None,
    proven: bool = False,
) -> Allocation:
    """Build an allocation from its flows, every figure measured anew.

    Parameters
    ----------
    pairs
        Who can reach what.
    flow
        People on each pair, in the parts that `integer_amounts` gives.
    counts
        People of each row in the same parts (n).
    rule
        ``"nearest"``, ``"most"`` or ``"whole"``.
    bound
        Most people that any allocation of this kind could serve.
    least
        Fewest person-minutes at which as many could be served; missing if no bound is known.
    scarce
        Facilities whose capacity holds back all who are over capacity (m).
    proven
        Whether the rule's search ran to its end.

    Returns
    -------
    The allocation.
    """
    used = np.flatnonzero(flow)
    row = np.searchsorted(pairs.indptr, used, side="right") - 1
    col, minutes = pairs.col[used], pairs.minutes[used]
    n = len(pairs.demand)
    per_part = pairs.people / np.maximum(counts, 1)
    people = flow[used] * per_part[row]
    unknown = np.isnan(pairs.capacity)
    placed = np.bincount(row, flow[used], n)
    served = np.where(placed == counts, pairs.people, placed * per_part)
    split = pd.DataFrame(
        {
            "people": pairs.people,
            "served": served,
            "over_capacity": np.where(pairs.reached, pairs.people - served, 0.0),
            "out_of_reach": np.where(pairs.reached, 0.0, pairs.people),
            "of_unknown": np.bincount(row, people * unknown[col], n),
        },
        index=pairs.demand,
    )
    load = _loads(pairs, col, people, minutes, scarce)
    objective, total_minutes = float(served.sum()), float(people @ minutes)
    gap = max(bound - objective, 0.0) / bound if bound > 0 else 0.0
    if gap <= PROOF and proven:
        bound, gap = objective, 0.0
    short = total_minutes - least <= PROOF * max(total_minutes, 1.0)
    met = proven and gap == 0 and short
    return Allocation(
        rule=rule,
        flows=pd.DataFrame(
            {
                "demand": pairs.demand.take(row),
                "facility": pairs.facilities.take(col),
                "people": people,
                "minutes": minutes,
            }
        ),
        split=split.reindex(pairs.demand_index),
        load=load.reindex(pairs.facility_index),
        objective=objective,
        bound=float(bound),
        gap=float(gap),
        person_minutes=total_minutes,
        least_person_minutes=total_minutes if met else float(least),
        status="rule" if rule == "nearest" else "optimal" if met else "feasible",
        notes=_remarks(pairs),
    )


def _loads(
    pairs: Pairs, col: Ints, people: Floats, minutes: Floats, scarce: Bools | None
) -> pd.DataFrame:
    """Return what each facility gets from its flows: to whom, how many people, minutes each.

    Raises
    ------
    ArithmeticError
        If a facility gets more than its capacity: a bug, never a user's fault.
    """
    m = len(pairs.facilities)
    load = np.bincount(col, people, m)
    limit = np.where(np.isnan(pairs.capacity), np.inf, pairs.capacity)
    if not (load <= limit * (1 + PROOF)).all():
        raise ArithmeticError("the allocation exceeds a capacity")
    farthest = np.full(m, -np.inf)
    np.maximum.at(farthest, col, minutes)
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.DataFrame(
            {
                "capacity": pairs.capacity,
                "people": load,
                "use": np.where(pairs.capacity > 0, load / pairs.capacity, np.nan),
                "demands": np.bincount(col, minlength=m),
                "mean_min": np.where(
                    load > 0, np.bincount(col, people * minutes, m) / load, np.nan
                ),
                "farthest_min": np.where(farthest >= 0, farthest, np.nan),
                "scarce": np.zeros(m, dtype=bool) if scarce is None else scarce,
            },
            index=pairs.facilities,
        )


def _remarks(pairs: Pairs) -> tuple[Problem, ...]:
    """Return a remark on facilities of unknown capacity, which limit nobody."""
    unknown = np.isnan(pairs.capacity)
    if not unknown.any():
        return ()
    counts = {"n": int(unknown.sum()), "all": len(pairs.facilities)}
    value = shorten(pairs.facilities[unknown])
    return (Problem(key="capacity.unknown_capacity", value=value, params=counts),)
