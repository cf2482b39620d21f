"""Demand split into groups that walk at their own speeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd


def by_group(
    od: pd.DataFrame,
    weights: pd.DataFrame,
    time_factor: Mapping[Any, float],
    *,
    metric: str = "minutes",
) -> tuple[pd.DataFrame, pd.Series]:
    """Return demand split into groups with their own speeds and weights.

    Parameters
    ----------
    od
        Long table of demand, facility and the metric at the usual speed.
    weights
        Weight of each demand label (rows) and group (columns).
    time_factor
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
            **{metric: od[metric] * time_factor[group]},
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
