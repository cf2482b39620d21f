"""Floating catchments: how much of a service there is for each person within reach.

All methods work in steps over one OD table, weighted by people in every step. A facility whose
capacity is not known takes no part; a place that reaches no other has no score, which is not 0.

References
----------
Luo and Wang 2003 (2SFCA, Environment and Planning B 30); Luo and Qi 2009 (E2SFCA, Health & Place
15); Dai 2010 (Gaussian decay, Health & Place 16); Dai and Wang 2011 (kernel density, Environment
and Planning B 38); Wan, Zou and Sternberg 2012 (3SFCA, International Journal of GIS 26);
Delamater 2013 (M2SFCA, Health & Place 24); Saxon and Snow 2020 (rational agents, Annals of the
American Association of Geographers 110).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from planner.engine.capacity import kernels
from planner.engine.capacity.pairs import Floats, Pairs, shorten
from planner.errors import InputError, Problem, Problems

Decay = Callable[[Floats], Floats]
Method = Literal["2sfca", "3sfca", "m2sfca"]

SLOW = (1.0, 0.68, 0.22)  # weights of three zones, Luo and Qi 2009
FAST = (1.0, 0.42, 0.09)  # the same, for a service people do not travel far for


@dataclass(frozen=True, kw_only=True)
class Access:
    """How much service there is for each person.

    Parameters
    ----------
    method
        How it was computed.
    places
        On the demand labels: ``people`` and ``score``. For the floating catchments that is
        capacity per person, more is better; for rational agents a cost, less is better. Missing
        where no facility of known capacity is within reach.
    facilities
        On the facility labels: ``capacity``, ``people`` (as the method counts those who draw on
        it) and ``ratio``, capacity per person; missing where nobody draws on it.
    mean
        Score of the mean person who has one.
    gap
        What a better choice could still save anybody, as a share of all cost: 0 for the floating
        catchments, which need no iteration.
    notes
        What the reader should know.
    """

    method: str
    places: pd.DataFrame
    facilities: pd.DataFrame
    mean: float
    gap: float = 0.0
    notes: tuple[Problem, ...] = ()


def uniform(cutoff_min: float) -> Decay:
    """Return a weight that counts everybody within the cutoff alike (Luo and Wang 2003).

    Parameters
    ----------
    cutoff_min
        Largest travel time that counts, minutes.

    Returns
    -------
    Function of minutes (n) that gives weights (n).

    Examples
    --------
    >>> uniform(15)(np.array([0.0, 15.0, 15.1])).tolist()
    [1.0, 1.0, 0.0]
    """
    return lambda minutes: (minutes <= cutoff_min).astype(float)


def zones(limits_min: Sequence[float], weights: Sequence[float] = SLOW) -> Decay:
    """Return a weight by zones of travel time (Luo and Qi 2009).

    Parameters
    ----------
    limits_min
        Outer limit of each zone, ascending; a time on the limit lies within.
    weights
        Weight of each zone.

    Returns
    -------
    Function of minutes (n) that gives weights (n).

    Raises
    ------
    InputError
        If there are not as many weights as limits, limits do not ascend or weights are negative.

    Examples
    --------
    >>> zones([10, 20, 30])(np.array([10.0, 10.5, 30.0, 31.0])).tolist()
    [1.0, 0.68, 0.22, 0.0]
    """
    problems = Problems()
    ascending = all(a < b for a, b in itertools.pairwise(limits_min))
    if len(limits_min) != len(weights) or not ascending or min(weights, default=0) < 0:
        problems.add("capacity.zones", value=f"{list(limits_min)} - {list(weights)}")
    problems.raise_any(InputError)
    values = np.append(np.asarray(weights, dtype=float), 0.0)
    return lambda minutes: values[np.searchsorted(limits_min, minutes, side="left")]


def gaussian(cutoff_min: float) -> Decay:
    """Return a weight that falls as a bell and reaches 0 at the cutoff (Dai 2010).

    Parameters
    ----------
    cutoff_min
        Travel time from which nobody counts, minutes.

    Returns
    -------
    Function of minutes (n) that gives weights (n).

    Examples
    --------
    >>> gaussian(15)(np.array([0.0, 7.5, 15.0])).round(3).tolist()
    [1.0, 0.701, 0.0]
    """
    edge = np.exp(-0.5)

    def weigh(minutes: Floats) -> Floats:
        bell = (np.exp(-0.5 * (minutes / cutoff_min) ** 2) - edge) / (1.0 - edge)
        return np.asarray(np.where(minutes <= cutoff_min, bell, 0.0))

    return weigh


def kernel(cutoff_min: float) -> Decay:
    """Return the Epanechnikov kernel as a weight, 0 at the cutoff (Dai and Wang 2011).

    Parameters
    ----------
    cutoff_min
        Travel time from which nobody counts, minutes.

    Returns
    -------
    Function of minutes (n) that gives weights (n).

    Examples
    --------
    >>> kernel(10)(np.array([0.0, 5.0, 12.0])).tolist()
    [0.75, 0.5625, 0.0]
    """
    return lambda minutes: np.maximum(0.75 * (1.0 - (minutes / cutoff_min) ** 2), 0.0)


def floating(pairs: Pairs, decay: Decay, *, method: Method = "2sfca") -> Access:
    """Compute floating-catchment access.

    ``2sfca`` shares a facility's capacity among the people around it, weighted by the decay, and
    sums for each place the shares it reaches, weighted again (with `zones` this is E2SFCA, with
    `gaussian` or `kernel` their own variants). ``3sfca`` first divides each place's people among
    the facilities they reach in proportion to the decay, so that they do not count in full at
    each. ``m2sfca`` weights the second step twice, so that a service far from everybody counts
    for less.

    Parameters
    ----------
    pairs
        Who can reach what, with people and capacities.
    decay
        Weight of a travel time in minutes.
    method
        As above.

    Returns
    -------
    Access
        People times score add up to the capacity in reach, but for ``m2sfca``.

    Raises
    ------
    InputError
        If no facility has a known capacity.
    """
    notes = _unknown(pairs)
    weight = decay(pairs.minutes)
    score, supply, drawn = kernels.floating_catchments(
        pairs.indptr,
        pairs.col,
        weight,
        pairs.people,
        pairs.capacity,
        method == "3sfca",
        method == "m2sfca",
    )
    return _access(pairs, method, score, supply, drawn, notes=notes)


def rational_agents(
    pairs: Pairs, *, tau_min: float, proof: float = 1e-5, most_rounds: int = 1000
) -> Access:
    """Compute access where everybody weighs the way against the crowd (Saxon and Snow 2020).

    A person's cost at a facility is its travel time in units of ``tau_min`` plus its crowding:
    people per capacity, in units of that of the whole. Nobody can do better by going elsewhere
    (Wardrop's equilibrium, the optimum of a convex program). It is found by letting each place in
    turn divide its people as is best for them, until all could save less than ``proof``.

    Parameters
    ----------
    pairs
        Who can reach what, with people and capacities.
    tau_min
        Minutes of travel that weigh as much as crowding at the level of the whole.
    proof
        Share of all cost that may still be saved.
    most_rounds
        Rounds after which to stop; ``gap`` tells what was reached.

    Returns
    -------
    Access
        The score is the least cost of each place, less is better.

    Raises
    ------
    InputError
        If no facility has a known capacity, or ``tau_min`` is not positive.
    """
    notes = _unknown(pairs)
    if not tau_min > 0:
        raise InputError([Problem(key="capacity.tau", value=tau_min)])
    usable = pairs.select(pairs.capacity[pairs.col] > 0)
    served = usable.people[usable.reached].sum()
    crowd = served / np.nansum(pairs.capacity)
    slope = np.full(len(pairs.facilities), np.inf)
    known = pairs.capacity > 0
    slope[known] = 1.0 / (pairs.capacity[known] * max(crowd, np.finfo(float).tiny))
    score, drawn, gap = kernels.find_equilibrium(
        usable.indptr,
        usable.col,
        usable.minutes / tau_min,
        usable.people,
        slope,
        proof,
        most_rounds,
    )
    return _access(pairs, "raam", score, pairs.capacity, drawn, notes=notes, gap=float(gap))


def _unknown(pairs: Pairs) -> tuple[Problem, ...]:
    """Return a note on facilities of unknown capacity."""
    unknown = np.isnan(pairs.capacity)
    if unknown.all():
        raise InputError([Problem(key="capacity.no_capacity")])
    if not unknown.any():
        return ()
    named = shorten(pairs.facilities[unknown])
    params = {"n": int(unknown.sum()), "all": len(unknown)}
    return (Problem(key="capacity.left_out", value=named, params=params),)


def _access(
    pairs: Pairs,
    method: str,
    score: Floats,
    supply: Floats,
    drawn: Floats,
    *,
    notes: tuple[Problem, ...],
    gap: float = 0.0,
) -> Access:
    people = pairs.people
    scored = ~np.isnan(score) & (people > 0)
    total = float(people[scored].sum())
    ratio = np.full(len(supply), np.nan)
    np.divide(supply, drawn, out=ratio, where=drawn > 0)
    facilities = pd.DataFrame(
        {"capacity": pairs.capacity, "people": drawn, "ratio": ratio}, index=pairs.facilities
    )
    places = pd.DataFrame({"people": people, "score": score}, index=pairs.demand)
    return Access(
        method=method,
        places=places.reindex(pairs.demand_index),
        facilities=facilities.reindex(pairs.facility_index),
        mean=float(people[scored] @ score[scored]) / total if total else np.nan,
        gap=gap,
        notes=notes,
    )
