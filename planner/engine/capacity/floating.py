"""Floating catchments: how much of a service there is for each person within reach.

Two steps over one OD table (Luo and Wang 2003, 2SFCA, Environment and Planning B 30), weighted by
people in both. A facility whose capacity is not known takes no part; a place that reaches no other
has no score, which is not 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.engine.capacity.pairs import Floats, Pairs
from planner.engine.labels import shorten
from planner.errors import InputError, Problem

Decay = Callable[[Floats], Floats]


@dataclass(frozen=True, kw_only=True)
class Access:
    """How much service there is for each person.

    Parameters
    ----------
    places
        On the demand labels: ``people`` and ``score``, capacity per person. Missing where no
        facility of known capacity is within reach.
    facilities
        On the facility labels: ``capacity``, ``people`` who draw on it and ``ratio``, capacity per
        person; missing where nobody draws on it.
    mean
        Score of the mean person who has one.
    notes
        What the reader should know.
    """

    places: pd.DataFrame
    facilities: pd.DataFrame
    mean: float
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


def floating(pairs: Pairs, decay: Decay) -> Access:
    """Compute floating-catchment access.

    A facility's capacity is shared among the people around it, weighted by the decay; the score of
    a place is the sum of the shares it reaches, weighted again.

    Parameters
    ----------
    pairs
        Who can reach what, with people and capacities.
    decay
        Weight of a travel time in minutes.

    Returns
    -------
    Access
        People times score add up to the capacity in reach.

    Raises
    ------
    InputError
        If no facility has a known capacity.
    """
    notes = _unknown(pairs)
    people, capacity = pairs.people, pairs.capacity
    score, drawn = _two_steps(pairs, decay(pairs.minutes))
    scored = ~np.isnan(score) & (people > 0)
    total = float(people[scored].sum())
    ratio = np.full(len(capacity), np.nan)
    np.divide(capacity, drawn, out=ratio, where=drawn > 0)
    places = pd.DataFrame({"people": people, "score": score}, index=pairs.demand)
    facilities = pd.DataFrame(
        {"capacity": capacity, "people": drawn, "ratio": ratio}, index=pairs.facilities
    )
    return Access(
        places=places.reindex(pairs.demand_index),
        facilities=facilities.reindex(pairs.facility_index),
        mean=float(people[scored] @ score[scored]) / total if total else np.nan,
        notes=notes,
    )


def _two_steps(pairs: Pairs, weight: Floats) -> tuple[Floats, Floats]:
    """Return the score of each place, and the people that draw on each facility."""
    people, capacity, col = pairs.people, pairs.capacity, pairs.col
    row = np.repeat(np.arange(len(people)), np.diff(pairs.indptr))
    drawn: Floats = np.bincount(col, people[row] * weight, minlength=len(capacity)).astype(float)
    counts = (weight > 0) & ~np.isnan(capacity[col])
    row, col, weight = row[counts], col[counts], weight[counts]
    each = np.divide(capacity, drawn, out=np.zeros(len(capacity)), where=drawn > 0)
    score: Floats = np.bincount(row, each[col] * weight, minlength=len(people)).astype(float)
    score[np.bincount(row, minlength=len(people)) == 0] = np.nan
    return score, drawn


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
