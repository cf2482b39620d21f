"""Bring a table of travel times to the labels of the study area.

From Valhalla, r5py, a map service or a survey: minutes from a home, or from a community as a whole,
to a facility or a candidate. A pair without a row is out of reach.
"""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd

from planner.district.area import Tables
from planner.district.estimates import DataEstimate
from planner.district.placing import Findings
from planner.district.travel_table import TravelTable
from planner.errors import Problems, did_you_mean

MOST_NAMED = 5


def bind(
    tables: Tables,
    demand: gpd.GeoDataFrame,
    sites: Iterable[gpd.GeoDataFrame],
    findings: Findings,
) -> tuple[TravelTable | None, tuple[DataEstimate, ...]]:
    """Bring a table of travel times to the labels of the study area.

    Parameters
    ----------
    tables
        The tables as read; ``travel`` on the row of its file, with ``file``.
    demand
        Demand points on their label, with ``community``.
    sites
        Facilities and candidates on their label.
    findings
        Takes ids that nothing has and pairs that are given twice, and remarks on what has no row.

    Returns
    -------
    (table, estimates)
        The travel times, and what is told of them beside every headline; nothing of either where
        the scenario has no such table.
    """
    given = tables.travel
    if given is None:
        return None, ()
    file = str(given["file"].iloc[0])
    ends = {str(label): label for frame in sites for label in frame.index}
    homes = {str(label): label for label in demand.index}
    places = {str(one) for one in demand["community"].dropna()}
    read = (tables.communities, tables.demand, tables.facilities, tables.candidates)
    ids = [set() if one is None else set(one["id"].dropna().astype(str)) for one in read]
    known = {"demand": {*homes, *places, *ids[0], *ids[1]}, "facility": {*ends, *ids[2], *ids[3]}}
    for column, names in known.items():
        _note_unknown(given, column, names, file, findings.problems)
    own = given[given["demand"].isin(homes)]
    own = own.assign(demand=own["demand"].map(homes))
    shared = given[given["demand"].isin(places - set(homes))]
    members = pd.DataFrame({"home": demand.index, "community": demand["community"].astype(str)})
    shared = shared.merge(members, left_on="demand", right_on="community", how="inner")
    shared = shared.drop(columns=["demand", "community"]).rename(columns={"home": "demand"})
    twice = given[given.duplicated(["demand", "facility"])]
    for row, *pair in twice[["demand", "facility"]].head(1).itertuples():
        told = {"value": ", ".join(pair), "n": len(twice)}
        findings.problems.add("travel.twice", file=file, row=str(row), **told)
    every = pd.concat([own, shared], ignore_index=True)
    every = every[every["facility"].isin(ends)].drop_duplicates(["demand", "facility"])
    every = every.assign(facility=every["facility"].map(ends))
    _remark(every, demand, findings)
    named = {"file": file, "n": f"{len(given):,}"}
    columns = ["demand", "facility", "minutes"]
    bound = TravelTable(minutes=every[columns].reset_index(drop=True))
    return bound, (DataEstimate(what="times", how="table", named=named),)


def _note_unknown(
    given: pd.DataFrame, column: str, names: set[str], file: str, problems: Problems
) -> None:
    """Note each id that nothing has, on its first row."""
    unknown = given[~given[column].isin(names)]
    rows = unknown[column].value_counts(sort=False)
    for row, value in unknown[column].drop_duplicates().items():
        hint = did_you_mean(value, names)
        told = {"value": value, "n": int(rows[value]), "hint": hint}
        problems.add(f"travel.unknown_{column}", file=file, row=str(row), **told)


def _remark(every: pd.DataFrame, demand: gpd.GeoDataFrame, findings: Findings) -> None:
    """Remark on homes from which the table leads nowhere."""
    without = demand.index.difference(pd.Index(every["demand"]))
    if len(without):
        people = float(demand.loc[without, "population"].sum())
        named = ", ".join(map(str, without[:MOST_NAMED])) + (
            " …" if len(without) > MOST_NAMED else ""
        )
        told: dict[str, object] = {"n": len(without), "people": f"{people:,.0f}", "named": named}
        findings.notes.append(("travel.no_row", told))
