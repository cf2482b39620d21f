"""Who has a facility within reach: the public names of the coverage engine.

Examples
--------
>>> od = pd.DataFrame({"demand": ["a", "b"], "facility": ["x", "x"], "minutes": [4.0, 16.0]})
>>> people_covered(od, pd.Series({"a": 30, "b": 50, "c": 20}), minutes=[15])["share"].tolist()
[0.3]
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from planner.engine.capacity import read_pairs
from planner.engine.coverage import (
    LEVELS,
    TOLERANCE_MIN,
    Coverage,
    gaps,
    measure,
)
from planner.errors import Gathered, InputError, fail

__all__ = [
    "LEVELS",
    "TOLERANCE_MIN",
    "Coverage",
    "gaps",
    "measure",
    "people_covered",
]
_ANY = "any"


def people_covered(
    od: pd.DataFrame,
    people: pd.Series | pd.DataFrame,
    *,
    minutes: Sequence[float],
    unit: pd.Series | None = None,
) -> pd.DataFrame:
    """Compute who is within each limit of any facility, from a table of travel times.

    Parameters
    ----------
    od
        ``demand``, ``facility``, ``minutes``, whatever measured them: a router, a map service,
        `planner.Network.travel_times`. A pair beyond reach has no row.
    people
        People of each demand label; of a table each column is a group.
    minutes
        The limits.
    unit
        Unit of each demand label, such as its community; None sums all up alone.

    Returns
    -------
    ``unit`` (``"*"`` is all), ``group``, ``minutes``, ``people``, ``covered``, ``share``: all,
    then each unit.

    Raises
    ------
    InputError
        If columns, numbers, labels or units are missing, negative, unknown or given twice.

    Examples
    --------
    >>> od = pd.DataFrame({"demand": ["a", "b"], "facility": ["x", "y"], "minutes": [4.0, 9.0]})
    >>> people, homes = pd.Series({"a": 30, "b": 50}), pd.Series({"a": "East", "b": "West"})
    >>> found = people_covered(od, people, minutes=[5], unit=homes)
    >>> found[["unit", "covered", "share"]].to_dict("list")
    {'unit': ['*', 'East', 'West'], 'covered': [30.0, 30.0, 0.0], 'share': [0.375, 1.0, 0.0]}
    """
    groups = people.to_frame("people") if isinstance(people, pd.Series) else people
    gathered = Gathered()
    anywhere = pd.Series(float("nan"), index=pd.Index(od.get("facility", [])).unique())
    for of_group in (groups[name] for name in groups):
        gathered.attempt(partial(read_pairs, od, of_group, anywhere))
    gathered.raise_any()
    home = pd.Series(_ANY, groups.index) if unit is None else unit.reindex(groups.index)
    if home.isna().any():
        lacking = ", ".join(map(str, home.index[home.isna()][:5]))
        raise fail(InputError, "capacity.unit_missing", value=lacking)
    first = od.loc[od.groupby("demand")["minutes"].idxmin()]
    found = measure(
        first.assign(kind=_ANY),
        demand=groups.assign(community=home),
        communities=pd.DataFrame(index=pd.Index(home.unique())),
        groups=[str(name) for name in groups],
        kinds=[_ANY],
        minutes=minutes,
        cutoff_min=max(minutes),
        covered_share=1.0,
        group=str(groups.columns[0]),
        has={},
        linked={},
        levels=("district", "community"),
    ).people
    columns = ["unit", "group", "minutes", "people", "covered", "share"]
    shown = found["level"].isin(["district"] if unit is None else ["district", "community"])
    return found.loc[shown, columns].reset_index(drop=True)
