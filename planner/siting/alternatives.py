"""Plans to choose between: the next best ones, and what they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from planner.errors import NoPlanError
from planner.siting.reading import Label
from planner.siting.result import Siting

SHY = 1e-9  # what floating point may add to a difference


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

    plans: tuple[Siting, ...]
    shared: tuple[Label, ...]
    frequency: pd.Series
    complete: bool


def alternatives(
    model: Callable[..., Siting],
    od: pd.DataFrame,
    demand: pd.Series,
    *,
    k: int = 5,
    within: float = 0.01,
    **asked: Any,
) -> Alternatives:
    """Find the k best distinct plans within a share of the best.

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

    Raises
    ------
    SitingError
        If the question has no answer at all.
    """
    plans = [model(od, demand, **asked)]
    given = list(asked.pop("unlike", ()))
    best, complete = plans[0].objective, False
    while len(plans) < k and not complete and plans[-1].chosen:
        avoided = [*given, *(plan.chosen for plan in plans)]
        try:
            plan = model(od, demand, unlike=avoided, **asked)
        except NoPlanError as no_more:
            if any("no_plan_in_time" in problem.key for problem in no_more.problems):
                break
            complete = True
            continue
        complete = abs(plan.objective - best) > within * abs(best) + SHY
        if not complete:
            plans.append(plan)
    counts = pd.Series([site for plan in plans for site in plan.chosen], dtype=object)
    frequency = counts.value_counts(sort=True) / len(plans)
    return Alternatives(
        plans=tuple(plans),
        shared=tuple(frequency.index[frequency == 1.0]),
        frequency=frequency,
        complete=complete,
    )
