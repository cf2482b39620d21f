"""The facts of a study area in one year, gathered from its tables and walks."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planner.district.area import StudyArea
from planner.district.assessment.facts import Facts
from planner.district.assessment.tiers import tiers_of, walk, walks_of
from planner.district.tables import in_operation
from planner.standards import Kind


def gather(
    area: StudyArea,
    nearest: pd.DataFrame,
    *,
    group: str,
    cutoff_min: float,
    covered_share: float,
    speed_mps: float | None,
    year: int | None = None,
    earlier: pd.DataFrame | None = None,
    served: pd.DataFrame | None = None,
    delivered: pd.DataFrame | None = None,
) -> Facts:
    """Build the facts of a study area.

    Parameters
    ----------
    area
        The study area; its facilities carry ``operating`` in the year.
    nearest
        Minutes from demand points to the nearest facility of a kind: ``demand``, ``kind``,
        ``minutes``, and ``tier`` where the nearest of a tier alone is meant.
    group, cutoff_min, covered_share
        What holds where a target names nothing else.
    speed_mps
        The speed that the travel times were walked at; None where residents come by vehicle.
    year
        The year asked for.
    earlier
        Facilities that operated a year before with the capacity of then; by their opening and
        closing years if not given.
    served
        People served within capacity: ``kind``, ``community``, ``group``, ``people``, ``served``.
    delivered
        Minutes from dispatch: ``kind``, ``community``, ``minutes``.

    Returns
    -------
    The facts of the communities that count.
    """
    facilities = _by_tier(area.facilities, area.kinds)
    counted = area.counted
    operating = facilities[facilities["operating"]]
    if earlier is not None:
        earlier = _by_tier(earlier, area.kinds)
    elif year is not None:
        earlier = facilities[in_operation(facilities, year - 1)]
    return Facts(
        communities=counted.drop(columns="geometry"),
        demand=area.demand.drop(columns="geometry"),
        facilities=facilities,
        earlier=earlier,
        links=area.links[area.links["facility"].isin(operating.index)],
        times=_times(nearest, area, operating),
        kinds=area.kinds,
        held=frozenset(facilities["kind"]),
        linked=frozenset(
            pd.concat([area.links["facility"], area.supplies["facility"]])
            .map(facilities["kind"])
            .dropna()
        ),
        supplies=area.supplies[
            area.supplies["facility"].isin(operating.index)
            & area.supplies["station"].isin(operating.index)
        ],
        groups=area.groups,
        group=group,
        cutoff_min=cutoff_min,
        covered_share=covered_share,
        speed_mps=speed_mps,
        year=year,
        candidates=area.candidates.drop(columns="geometry"),
        served=served,
        delivered=delivered,
    )


def _by_tier(facilities: pd.DataFrame, kinds: Mapping[str, Kind]) -> pd.DataFrame:
    """Return facilities without their places, their tiers named as the catalogue does."""
    return pd.DataFrame(facilities.drop(columns="geometry", errors="ignore")).assign(
        tier=tiers_of(facilities, kinds)
    )


def _times(nearest: pd.DataFrame, area: StudyArea, operating: pd.DataFrame) -> pd.DataFrame:
    """Spread the travel times to one column for each kind and tier."""
    times = pd.DataFrame(index=area.demand.index)
    for name, rows in nearest.groupby(walks_of(nearest), sort=False):
        times[name] = rows.set_index("demand")["minutes"].reindex(times.index)
    for kind in area.kinds.values():
        own = operating[operating["kind"] == kind.id]
        for one in (None, *kind.tiers):
            none = own.empty if one is None else not (own["tier"] == one).any()
            if none and walk(kind.id, one) not in times:
                times[walk(kind.id, one)] = float("nan")
    return times
