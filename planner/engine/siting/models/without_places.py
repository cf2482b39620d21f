"""A question with places, as if sites served without end: its bound, and a plan to begin with.

Who may be served from sites without end may be served by more of them and from nearer, and each
site costs at least its cheapest size; so whatever a plan with places comes to, the same sites come
to no less without, and keep to all the rules. The bound of the smaller question holds for the
larger one, then: for its capacities and sizes, demand that is not divided, and floors, which count
those served, who are some of those reached. Preference only chooses among plans.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from planner.engine.siting.models.capacity_program import (
    ServiceAim,
    rows_of,
    site_worth,
    sizes_of,
)
from planner.engine.siting.problem.covering_rows import merge_rows
from planner.engine.siting.problem.inputs import Floats
from planner.engine.siting.problem.problem import SitingProblem
from planner.engine.siting.solver.cover_bound import MARGIN, bound_cover
from planner.engine.siting.solver.facility_location import solve_service
from planner.engine.siting.solver.program import Clock
from planner.errors import NoPlanError

LEFT_OUT = 64.0  # leaving demand out where all must be served costs this part of all at its worst


def without_places(question: SitingProblem) -> SitingProblem:
    """Return the question with sites that serve without end, at the cost of their cheapest size.

    Parameters
    ----------
    question
        A question with sizes.

    Returns
    -------
    The question without them.
    """
    least = cheapest_size(question)
    everything = np.arange(len(question.sites))
    limits = []
    for limit in question.limits:
        if limit.key == "budget":
            factors = least.copy()
            factors[limit.sites] += limit.factors
            limits.append(replace(limit, sites=everything, factors=factors))
        else:
            limits.append(limit)
    return replace(
        question, limits=tuple(limits), sizes=None, whole=False, preference=None, give_up=0.0
    )


def cheapest_size(question: SitingProblem) -> Floats:
    """Return the cost of the cheapest size of each site (m).

    Parameters
    ----------
    question
        A question with sizes.

    Returns
    -------
    Costs.
    """
    sizes = sizes_of(question)
    least = np.full(len(question.sites), np.inf)
    np.minimum.at(least, sizes.site, sizes.cost)
    return np.where(np.isfinite(least), least, 0.0)


def bound_service(
    question: SitingProblem, aim: ServiceAim, beyond: float | None, clock: Clock
) -> tuple[float, NDArray[np.bool_] | None]:
    """Return what serving comes to at best, whatever the places, and the sites (m) for it.

    Parameters
    ----------
    question, aim
        The question, and what serving counts: weight, to be made large, or the metric.
    beyond
        What a unit left unserved counts where the least metric is sought.
    clock
        Time left.

    Returns
    -------
    The bound on the model's objective; infinite and no sites where there was no time for any.
    """
    smaller, row, weight = without_places(question), rows_of(question), question.weight
    if aim.most:
        cost, outside, total = (1.0 - aim.worth) * weight[row], weight.copy(), float(weight.sum())
    else:
        cost, total = question.reach.data * weight[row], 0.0
        if beyond is None:
            outside = np.zeros(len(weight))
            np.maximum.at(outside, row, cost)
            outside = np.where(question.wanted, outside + 1.0 + outside.sum() / LEFT_OUT, 0.0)
        else:
            outside = np.where(question.reached, weight * beyond, 0.0)
    with suppress(NoPlanError):  # whoever asks for places says why
        found = solve_service(smaller, cost, outside, clock)
        return (total - found.bound if aim.most else found.bound), found.is_open
    return (np.inf if aim.most else -np.inf), None


def bound_cost(
    question: SitingProblem, aim: ServiceAim, target: float, unit: float, clock: Clock
) -> float:
    """Return a lower bound on what sites and sizes cost that serve what must be.

    Parameters
    ----------
    question, aim
        The question, and how much of its weight must be served.
    target
        What a plan costs.
    unit
        A step of which every plan's cost is a multiple, zero if there is none.
    clock
        Time left.

    Returns
    -------
    The higher of two bounds: of sites that reach enough, and of sizes with places enough.
    """
    always, weight = question.always, question.weight
    worth = site_worth(question) + cheapest_size(question)
    free, base = np.where(always, 0.0, worth), float(worth[always].sum())
    rows = merge_rows(question.reach, weight, np.flatnonzero(question.wanted))
    least = bound_cover(
        rows.by,
        free,
        target - base,
        clock,
        weight=None if aim.share == 1 else rows.weight,
        need=0.0 if aim.share == 1 else aim.share * float(weight.sum()),
        unit=unit,
    )
    return base + max(least, _bound_of_places(question, aim, unit))


def _bound_of_places(question: SitingProblem, aim: ServiceAim, unit: float) -> float:
    """Return what sizes cost at least that together have places for all who must be served.

    Nobody asks who lives where, parts of sizes may be taken, and of those of one site several; what
    stands in any case is paid already.
    """
    sizes, weight = sizes_of(question), question.weight
    within = np.bincount(
        question.reach.indices, weight[rows_of(question)], minlength=len(question.sites)
    )
    wanted = aim.share * float(weight.sum() if aim.share < 1 else weight[question.wanted].sum())
    places = np.minimum(sizes.capacity, within[sizes.site])
    paid = np.where(question.always[sizes.site], cheapest_size(question)[sizes.site], 0.0)
    own = np.where(question.always, 0.0, site_worth(question))
    price = (own[sizes.site] + sizes.cost - paid)[places > 0]
    places = places[places > 0]
    order = np.argsort(price / places, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(places[order])[:-1]])
    taken = np.clip((wanted - before) / places[order], 0.0, 1.0)
    least = float(taken @ price[order]) * (1 - MARGIN)
    return float(np.ceil(least / unit) * unit) if unit else least
