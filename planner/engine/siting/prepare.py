"""What makes questions ready: age groups, spacing, quotas, and candidates thinned out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from planner.engine.siting.constraints import Quota
from planner.engine.siting.inputs import Label


def by_group(
    od: pd.DataFrame,
    weights: pd.DataFrame,
    pace: Mapping[Any, float],
    *,
    metric: str = "minutes",
) -> tuple[pd.DataFrame, pd.Series]:
    """Split demand into groups with their own speeds and weights.

    Parameters
    ----------
    od
        Long table of demand, facility and the metric at the usual speed.
    weights
        Weight of each demand label (rows) and group (columns).
    pace
        What each group's time is a multiple of the usual: 1.25 for those a fifth slower.
    metric
        Column that measures time.

    Returns
    -------
    od, demand
        Table and weights whose demand labels are pairs of demand and group; apply the cutoff now.
    """
    groups = list(weights.columns)
    tables = [
        od.assign(
            demand=pd.Series(
                [(label, group) for label in od["demand"]], index=od.index, dtype=object
            ),
            **{metric: od[metric] * pace[group]},
        )
        for group in groups
    ]
    demand = pd.concat(
        [
            pd.Series(
                weights[group].to_numpy(),
                index=pd.MultiIndex.from_product([weights.index, [group]]),
            )
            for group in groups
        ]
    )
    return pd.concat(tables, ignore_index=True), demand


def too_close(
    between: pd.DataFrame, spacing: float, *, metric: str = "minutes"
) -> list[tuple[Label, Label]]:
    """List the pairs of sites nearer to each other than a spacing, for the rule ``conflicts``.

    Parameters
    ----------
    between
        Long table whose columns demand and facility both name sites.
    spacing
        Pairs with a smaller metric are too close.
    """
    near = between[(between[metric] < spacing) & (between["demand"] != between["facility"])]
    return list(zip(near["demand"], near["facility"], strict=True))


def zone_quotas(zones: pd.Series, *, at_least: int = 0, at_most: int | None = None) -> list[Quota]:
    """Write the same quota for every zone: ``at_least=1`` is "one per street".

    Parameters
    ----------
    zones
        Zone of each site label.
    """
    return [
        Quota(name=str(zone), sites=list(members), at_least=at_least, at_most=at_most)
        for zone, members in zones.groupby(zones).groups.items()
    ]
