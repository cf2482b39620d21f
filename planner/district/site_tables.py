"""Facilities and candidates of a study area, labelled and on its streets, and their links."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from planner.district import remarks
from planner.district.area import SUPPLY, Tables
from planner.district.checks import check_links, check_named, twice
from planner.district.cost_unit import cost_unit
from planner.district.entrances import has_entrances
from planner.district.placing import Findings, on_streets, to_streets
from planner.district.tables import money_units
from planner.errors import Problems
from planner.settings import Settings


def labelled_sites(tables: Tables) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return facilities and candidates on their labels: ids, which no two rows share.

    Parameters
    ----------
    tables
        The tables, each by its contract.
    """
    facilities = _labelled(tables.facilities, "kind", ())
    return facilities, _labelled(tables.candidates, "host", facilities.index)


def check_sites(
    tables: Tables,
    sites: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    communities: gpd.GeoDataFrame,
    found: Findings,
    whole: set[str],
) -> None:
    """Check what links and facilities name, and remark on sites that are listed twice.

    Parameters
    ----------
    tables
        The tables, each by its contract.
    sites
        Facilities and candidates, labelled.
    communities
        Communities on their id.
    found
        Collects problems and remarks.
    whole
        Which tables lack no row for a fault in it: no other is searched for what is named.
    """
    facilities, candidates = sites
    if {"communities", "facilities"} <= whole:
        check_links(tables.links, facilities, communities, found.problems)
    if "communities" in whole and tables.communities is not None:
        check_named(facilities, communities, found.problems)
    found.notes.extend([*twice(facilities, "kind"), *twice(candidates, "host")])


def placed_sites(
    tables: Tables,
    sites: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    settings: Settings,
    found: Findings,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return facilities and candidates on the streets.

    Parameters
    ----------
    tables
        The tables, each by its contract, with the network.
    sites
        Facilities and candidates, labelled.
    settings
        What the run is asked to do.
    found
        Collects problems, remarks and rows that are left out.

    Returns
    -------
    Both tables, each place on its entrance, without those that are left out.
    """
    facilities, candidates = (
        on_streets(
            to_streets(frame, tables.network, settings.walk.max_snap_m),
            tables.network,
            settings,
            found,
            tables.streets,
        )
        for frame in sites
    )
    areas = int(has_entrances(facilities).sum() + has_entrances(candidates).sum())
    if areas:
        found.notes.append(("area.entered_at_edge", {"n": areas}))
    return facilities, candidates


def linked(
    tables: Tables, settings: Settings, found: Findings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return links to communities, each said once, and links to other facilities.

    Parameters
    ----------
    tables
        The tables, each by its contract.
    settings
        What the run is asked to do.
    found
        Collects remarks.
    """
    links, supplies = _by_target(tables.links)
    if not settings.delivery:  # which refuses a link said twice
        links, told = remarks.of_links(links)
        found.notes.extend(told)
    links = links.drop(columns="station", errors="ignore")
    return links, supplies.reindex(columns=list(SUPPLY))


def unit_of_costs(tables: Tables, settings: Settings, problems: Problems) -> str | None:
    """Return the unit that the candidates' costs are in; None where none is known.

    Parameters
    ----------
    tables
        The tables, with how their columns were understood.
    settings
        What the run is asked to do.
    problems
        Collects what is wrong.
    """
    entries = [entry for entry in tables.inputs if entry.role == "candidates"]
    named = {source.file: source.cost_unit for source in settings.candidates}
    files = [(entry.file, named.get(entry.file), entry.understood) for entry in entries]
    return cost_unit(files, money_units(), problems)


def _by_target(links: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Separate links to communities from links to other facilities."""
    if "station" not in links:
        return links, links.head(0).assign(station=None).reindex(columns=list(SUPPLY))
    to_station = links["station"].notna()
    return links[links["community"].notna()], links[to_station]


def _labelled(
    frame: gpd.GeoDataFrame, prefix: str, taken: Sequence[object] | pd.Index
) -> gpd.GeoDataFrame:
    """Label each row: its id where nothing else has it, over all files, else with a prefix."""
    frame = frame.rename_axis("row").reset_index()
    missing = {"approximate": False, "community": None}  # of tables that Python gives
    frame = frame.assign(**{name: of for name, of in missing.items() if name not in frame})
    ids = frame["id"].astype(object)
    nameless = ids.isna()
    if nameless.any():
        number = frame.groupby(prefix, dropna=False).cumcount() + 1
        ids = ids.where(~nameless, number.astype(str).astype(object))
    clash = ids.duplicated(keep=False) | nameless
    if len(ids):  # to look up in a long list takes long, though nothing is looked up
        clash |= ids.isin(taken)
    if clash.any():
        heads = frame[prefix].fillna("site").astype(str)
        ids[clash] = (heads[clash] + "-" + ids[clash].astype(str)).astype(object)
        again = ids.duplicated(keep=False)
        order = ids[again].groupby(ids[again]).cumcount() + 1
        ids[again] = (ids[again].astype(str) + "-" + order.astype(str)).astype(object)
    return frame.set_index(pd.Index(ids), drop=False).rename_axis(None)
