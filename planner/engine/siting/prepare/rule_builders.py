"""Rules made from tables: sites too near to each other, a quota for each zone."""

from __future__ import annotations

import pandas as pd

from planner.engine.siting.problem.constraints import Quota
from planner.engine.siting.problem.inputs import Label


def too_close(
    between: pd.DataFrame, spacing: float, *, metric: str = "minutes"
) -> list[tuple[Label, Label]]:
    """Return the pairs of sites nearer to each other than a spacing, for the rule ``conflicts``.

    Parameters
    ----------
    between
        Long table whose columns ``demand`` and ``facility`` both name sites.
    spacing
        Pairs with a smaller metric are too close.
    metric
        Column of the table that measures separation.

    Returns
    -------
    Pairs of labels.
    """
    near = between[(between[metric] < spacing) & (between["demand"] != between["facility"])]
    return list(zip(near["demand"], near["facility"], strict=True))


def zone_quotas(zones: pd.Series, *, at_least: int = 0, at_most: int | None = None) -> list[Quota]:
    """Return the same quota for every zone: ``at_least=1`` is "one per street".

    Parameters
    ----------
    zones
        Zone of each site label.
    at_least, at_most
        Bounds on the number of open sites of a zone; None for no upper bound.

    Returns
    -------
    One quota for each zone, in order of their names.
    """
    return [
        Quota(name=str(zone), sites=list(members), at_least=at_least, at_most=at_most)
        for zone, members in zones.groupby(zones).groups.items()
    ]
