"""Where people live: demand points as given, or people spread over their community."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import shapely

from planner.district import remarks
from planner.district.area import Tables
from planner.district.checks import by_name
from planner.district.levels import check_nested
from planner.district.placing import Findings, located
from planner.district.tables import group_columns
from planner.engine import grids
from planner.errors import InputError, Problems
from planner.settings import Settings


def demand_points(
    tables: Tables,
    communities: gpd.GeoDataFrame,
    settings: Settings,
    extent: shapely.Polygon,
    findings: Findings,
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return the demand points as given, or people spread over their community.

    Parameters
    ----------
    tables
        The tables as read.
    communities
        Communities on their id, with ``inside``.
    settings
        What the run is asked to do.
    extent
        The streets' extent.
    findings
        Takes what is wrong, remarks and rows left out.

    Returns
    -------
    (points, groups)
        Points on their id: ``community`` that counts and one column for each group; and the groups.

    Raises
    ------
    InputError
        If a grid of spread people would have more places than can be computed on.
    """
    if tables.demand is None:
        return _spread(tables, communities, settings, extent, findings.problems)
    return _given(tables, tables.demand, communities, settings, findings)


def _given(
    tables: Tables,
    homes: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    settings: Settings,
    findings: Findings,
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return the demand points as given, each with the community it lies in."""
    rows, given = homes.index, homes.reset_index(drop=True)
    groups = tuple(group_columns(given))
    given["community"] = home_of(given, communities)
    if tables.communities is not None:
        findings.notes.extend(remarks.of_homes(given.set_index(rows), communities, groups))
        check_nested(given.set_index(rows), communities, "hamlet", settings, findings.problems)
    given[list(groups)] = given[list(groups)].fillna(0.0)
    lost = given["community"].isna()
    if lost.any():
        people = float(given.loc[lost, "population"].sum())
        told: dict[str, object] = {"n": int(lost.sum()), "people": f"{people:,.0f}"}
        findings.notes.append(("area.demand_nowhere", told))
        file = "" if settings.demand is None else settings.demand.label
        nowhere = pd.DataFrame({"row": rows[lost], "name": given.loc[lost, "id"]})
        findings.skipped.append(nowhere.assign(file=file, reason="no_community"))
    demand = given[given["community"].isin(communities.index[communities["inside"]])]
    ids = demand["id"].where(demand["id"].notna(), demand.index.astype(str))
    return demand.set_index(pd.Index(ids)).drop(columns="id").rename_axis(None), groups


def _spread(
    tables: Tables,
    communities: gpd.GeoDataFrame,
    settings: Settings,
    extent: shapely.Polygon,
    problems: Problems,
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Spread the people of each community along its streets, or over its area near streets."""
    inside = communities[communities["inside"]]
    groups = tuple(group_columns(communities.drop(columns=["inside_share", "inside"])))
    shapes = inside.geometry.intersection(extent)
    points = gpd.GeoDataFrame({"community": []}, geometry=[], crs=shapes.crs)
    if spread_of(tables, settings) == "streets":
        points = _along_streets(tables.streets, shapes, settings, problems)
    lacks = shapes[~shapes.index.isin(points["community"])]
    over = _over_areas(tables, lacks, settings, problems)
    points = gpd.GeoDataFrame(pd.concat([points, over], ignore_index=True), crs=shapes.crs)
    order = points["community"].map({label: at for at, label in enumerate(shapes.index)})
    points = points.loc[order.sort_values(kind="stable").index].reset_index(drop=True)
    size = points.groupby("community")["community"].transform("size")
    for group in groups:
        points[group] = points["community"].map(inside[group]).fillna(0.0) / size
    number = points.groupby("community").cumcount() + 1
    labels = points["community"].astype(str) + "/" + number.astype(str)
    return points.set_index(pd.Index(labels)).rename_axis(None), groups


def spread_of(tables: Tables, settings: Settings) -> str:
    """Return how people are spread: along streets where that is asked and there are any.

    Parameters
    ----------
    tables
        The tables as read.
    settings
        What the run is asked to do.
    """
    return "areas" if tables.straight is not None else settings.coverage.spread


def _along_streets(
    streets: gpd.GeoDataFrame, shapes: gpd.GeoSeries, settings: Settings, problems: Problems
) -> gpd.GeoDataFrame:
    """Return points along the streets that people live on."""
    lived_on = streets.geometry
    if "lived_on" in streets:
        lived_on = lived_on[streets["lived_on"].to_numpy(bool)]
    spacing_m = settings.coverage.spacing_m("streets")
    size = int(lived_on.length.sum() / spacing_m)
    _refuse_too_many("coverage.spread_m", size, 1, spacing_m, problems)
    return grids.spread_along(shapes, lived_on, spacing_m)


def _over_areas(
    tables: Tables, shapes: gpd.GeoSeries, settings: Settings, problems: Problems
) -> gpd.GeoDataFrame:
    """Return points over areas, near streets where an area has any near."""
    spacing_m = settings.coverage.spacing_m("areas")
    check_grid("coverage.spread_m", shapes, spacing_m, problems)
    points = grids.spread_points(shapes, spacing_m)
    near = tables.network.snap(points.geometry, max_snap_m=settings.walk.max_snap_m)
    on_street = ~points.index.isin(near.unreachable.index)
    nowhere = shapes.index.difference(pd.Index(points[on_street]["community"].unique()))
    return points[on_street | points["community"].isin(nowhere)]


def home_of(demand: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> pd.Series:
    """Find the community of each demand point: the one it names, else the one it lies in.

    It may name it by its id, or by a name that no other has.

    Parameters
    ----------
    demand
        Demand points, with ``community`` as their file names it.
    communities
        Communities on their id.

    Returns
    -------
    The community's id on the index of the points, missing where there is none.
    """
    named = demand["community"].map(by_name(communities))
    demand = demand.assign(community=named.where(named.notna(), demand["community"]))
    known = demand["community"].isin(communities.index)
    holding = located(demand.reset_index(drop=True), communities).to_numpy()
    home: pd.Series = demand["community"].where(known, pd.Series(holding, demand.index))
    return home


def inside_share(
    communities: gpd.GeoDataFrame, demand: gpd.GeoDataFrame | None, extent: shapely.Polygon
) -> pd.Series:
    """Measure the share of each community's people, or else area, within the streets' extent.

    Parameters
    ----------
    communities
        Communities on their id.
    demand
        Demand points as read, where there are any.
    extent
        The streets' extent.

    Returns
    -------
    Shares on the communities' id.
    """
    of_area: pd.Series = communities.intersection(extent).area / communities.area
    if demand is None:
        return of_area
    people = demand["population"].to_numpy(float)
    home = home_of(demand, communities).to_numpy()
    within = people * demand.intersects(extent).to_numpy()
    sums = pd.DataFrame({"all": people, "within": within}).groupby(home).sum()
    of_people = (sums["within"] / sums["all"]).where(sums["all"] > 0)
    return of_people.reindex(communities.index).fillna(of_area)


def with_people(
    communities: gpd.GeoDataFrame,
    given: gpd.GeoDataFrame | None,
    demand: gpd.GeoDataFrame,
    groups: Sequence[str],
) -> gpd.GeoDataFrame:
    """Give communities the people of their demand points where they have no figures themselves.

    Those left out get the people of the points given, so that it can be told whom that leaves out.

    Parameters
    ----------
    communities
        Communities on their id.
    given
        Demand points as read, where there are any.
    demand
        The demand points that count.
    groups
        The groups that the demand points count.

    Returns
    -------
    The communities with a column for each group.
    """
    missing = [group for group in groups if group not in communities.columns]
    if not missing:
        return communities
    if given is not None:
        demand = given.assign(community=home_of(given, communities))
    sums = demand.groupby("community")[missing].sum().reindex(communities.index, fill_value=0.0)
    return communities.join(sums)


def check_grid(key: str, shapes: gpd.GeoSeries, spacing_m: float, problems: Problems) -> None:
    """Refuse a grid of more places than can be computed on, before they are made.

    Parameters
    ----------
    key
        The key of the scenario that asks for it.
    shapes
        What the grid is laid over.
    spacing_m
        Distance between neighbouring places, metres.
    problems
        Collects what is wrong.

    Raises
    ------
    InputError
        If there would be more than `grids.MOST_PLACES`.
    """
    _refuse_too_many(key, grids.grid_size(shapes, spacing_m), 2, spacing_m, problems)


def _refuse_too_many(
    key: str, size: int, dimensions: int, spacing_m: float, problems: Problems
) -> None:
    """Refuse more places than can be computed on; tell which spacing would do."""
    if size > grids.MOST_PLACES:
        fits = spacing_m * (size / grids.MOST_PLACES) ** (1 / dimensions)
        problems.add(
            "area.too_many_places",
            file=key,
            value=f"{spacing_m:g}",
            n=f"{size:,}",
            most=f"{grids.MOST_PLACES:,}",
            fits=f"{fits:,.0f}",
        )
        problems.raise_any(InputError)
