"""Why a site was chosen, and what happens without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planner.engine.siting.problem.inputs import Label
from planner.engine.siting.problem.result import Solution
from planner.errors import SitingError, fail


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """What a site does in a plan.

    Parameters
    ----------
    site
        The site.
    only
        Demand that it alone reaches, with its weight: lost if the site is lost.
    nearest
        Demand whose nearest open site it is, with its weight.
    lost
        Weight lost with the site, if nothing is built instead.
    longer
        Weighted metric added for those who must go to another open site.
    next_best
        Site that would make good most of the loss, none if no other can.
    made_good
        Weight that it would make good.
    without
        The model's best plan without the site, where a model was given.
    """

    site: Label
    only: pd.Series
    nearest: pd.Series
    lost: float
    longer: float
    next_best: Label | None
    made_good: float
    without: Solution | None


def explain(
    plan: Solution,
    od: pd.DataFrame,
    demand: pd.Series,
    site: Label,
    *,
    model: Callable[..., Solution] | None = None,
    **asked: Any,
) -> Reasons:
    """Return whom a site adds, what the next best would be, and what happens if it is lost.

    Parameters
    ----------
    plan
        The plan.
    od, demand
        As the model was asked.
    site
        A site that the plan opens.
    model
        The model; if given, the best plan without the site is sought too.
    **asked
        The model's parameters and `Rules`, as it was asked.

    Returns
    -------
    What the site does in the plan.

    Raises
    ------
    SitingError
        If the plan does not open the site.
    """
    is_open = {*plan.chosen, *plan.fixed}
    if site not in is_open:
        raise fail(SitingError, "siting.site_not_in_plan", value=site)
    metric = str(asked.get("metric", "minutes"))
    cutoff = asked.get("cutoff")
    near = od if cutoff is None else od[od[metric] <= cutoff]
    rest = near[near["facility"].isin(is_open - {site})].groupby("demand")[metric].min()
    reached = near[near["facility"] == site].set_index("demand")[metric]
    only = demand[demand.index.isin(reached.index) & ~demand.index.isin(rest.index)]
    served = plan.assignment.index[plan.assignment == site]
    moved = served[served.isin(rest.index)]
    longer = (rest[moved] - reached[moved]) * demand[moved]
    allowed = asked.get("candidates")
    spare = near[~near["facility"].isin(is_open) & near["demand"].isin(only.index)]
    spare = spare[~spare["facility"].isin(list(asked.get("forbidden") or ()))]
    if allowed is not None:
        spare = spare[spare["facility"].isin(list(allowed))]
    replaced = demand[spare["demand"]].groupby(spare["facility"].to_numpy()).sum()
    best = None if replaced.empty else replaced.index[int(np.argmax(replaced.to_numpy()))]
    without = None
    if model is not None:
        keeps = [label for label in asked.pop("fixed", ()) if label != site]
        barred = [*asked.pop("forbidden", ()), site]
        without = model(od, demand, fixed=keeps, forbidden=barred, **asked)
    return Reasons(
        site=site,
        only=only,
        nearest=demand[served],
        lost=float(only.sum()),
        longer=float(longer.sum()),
        next_best=best,
        made_good=0.0 if best is None else float(replaced[best]),
        without=without,
    )
