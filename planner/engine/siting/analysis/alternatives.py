"""Plans to choose between: the next best ones, and what they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from planner.engine.siting.problem.inputs import Label, is_count
from planner.engine.siting.problem.result import Solution
from planner.errors import NoPlanError, SitingError, fail

MARGIN = 1e-9  # what floating point may add to a difference


@dataclass(frozen=True, kw_only=True)
class Alternatives:
    """The best plans, and what they have in common.

    Parameters
    ----------
    plans
        Plans from the best down, no two with the same new sites.
    shared
        New sites that all of them choose.
    frequency
        Share of the plans that choose each site, the most frequent first.
    complete
        Whether there is no further plan within the limit.
    """

    plans: tuple[Solution, ...]
    shared: tuple[Label, ...]
    frequency: pd.Series
    complete: bool


def alternatives(
    model: Callable[..., Solution],
    od: pd.DataFrame,
    demand: pd.Series,
    *,
    k: int = 5,
    within: float = 0.01,
    **asked: Any,
) -> Alternatives:
    """Return the k best distinct plans within a share of the best.

    A plan that only adds sites to an earlier one does not count as another.

    Parameters
    ----------
    model
        `max_cover`, `set_cover`, `p_median` or `p_center`.
    od, demand
        As for the model.
    k
        How many plans at most.
    within
        How much worse than the best a plan may be, as a share of the best.
    **asked
        The model's own parameters and `Rules`.

    Returns
    -------
    The plans, the best first, and what they have in common.

    Raises
    ------
    SitingError
        If the question has no answer at all.
    """
    if not is_count(k, 1) or not within >= 0:
        raise fail(SitingError, "siting.alternatives_wrong", value=k, within=within)
    plans = [model(od, demand, **asked)]
    given = list(asked.pop("unlike", ()))
    complete = not plans[0].chosen  # every other plan adds to the plan without new sites
    while not complete:
        avoided = [*given, *(plan.chosen for plan in plans)]
        try:
            plan = model(od, demand, unlike=avoided, **asked)
        except NoPlanError as no_more:
            complete = not any("no_plan_in_time" in problem.key for problem in no_more.problems)
            break
        best = _best_first([*plans, plan])[0].objective
        complete = _lost(plans[0], plan.bound, best) > within * abs(best) + MARGIN
        if complete:
            break
        if _lost(plans[0], plan.objective, best) > within * abs(best) + MARGIN:
            break  # there may be a nearer one, which was not found in time
        plans.append(plan)
        if len(plans) > k:
            break
        complete = not plan.chosen
    plans = _best_first(plans)[:k]
    best = plans[0].objective
    near = within * abs(best) + MARGIN
    plans = [plan for plan in plans if _lost(plans[0], plan.objective, best) <= near]
    counts = pd.Series([site for plan in plans for site in plan.chosen], dtype=object)
    frequency = counts.value_counts(sort=True) / len(plans)
    return Alternatives(
        plans=tuple(plans),
        shared=tuple(frequency.index[frequency == 1.0]),
        frequency=frequency,
        complete=complete,
    )


def _best_first(plans: list[Solution]) -> list[Solution]:
    """Return plans in the order of their objectives: those not proven may come better later."""
    return sorted(plans, key=lambda plan: _lost(plans[0], plan.objective, plans[0].objective))


def _lost(first: Solution, objective: float, best: float) -> float:
    """Return by how much an objective is worse than the best; where the first is proven, any is."""
    more = objective - best
    if first.bound == first.objective:
        return abs(more)
    return -more if first.bound > first.objective else more
