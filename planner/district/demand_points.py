"""Where people live: demand points as given, or people spread over their community."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import shapely

from planner.district import remarks
from planner.district.area import Tables
from planner.district.buildings import lived_in, weights_of
from planner.district.checks import by_name
from planner.district.estimates import DataEstimate
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
) -> tuple[gpd.GeoDataFrame, tuple[str, ...], tuple[DataEstimate, ...]]:
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
    (points, groups, estimates)
        Points on their id: ``community`` that counts and one column for each group; the groups; and
        how people were spread, where they were.

    Raises
    ------
    InputError
        If a grid of spread people would have more places than can be computed on.
    """
    if tables.demand is None:
        return _spread(tables, communities, settings, extent, findings)
    return *_given(tables, tables.demand, communities, settings, findings), ()


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
    findings: Findings,
) -> tuple[gpd.GeoDataFrame, tuple[str, ...], tuple[DataEstimate, ...]]:
    """Spread the people of each community: over its buildings, its streets, or else its area."""
    inside, problems = communities[communities["inside"]], findings.problems
    groups = tuple(group_columns(communities.drop(columns=["inside_share", "inside"])))
    shapes = inside.geometry.intersection(extent)
    points = gpd.GeoDataFrame({"community": [], "weight": []}, geometry=[], crs=shapes.crs)
    if tables.buildings is not None:
        points = _in_buildings(tables.buildings, inside, settings, findings)
    if tables.cells is not None:
        cells = tables.cells[tables.cells["community"].isin(inside.index)]
        points = cells[_near_streets(cells, inside.index, tables, settings)]
    housed = shapes.index.isin(points["community"].unique())  # each label once: points are many
    lacks = shapes[~housed]
    if spread_of(tables, settings) == "streets" and len(lacks):
        along = _along_streets(tables.streets, lacks, settings, problems)
        points = gpd.GeoDataFrame(pd.concat([points, along], ignore_index=True), crs=shapes.crs)
    rest = shapes[~shapes.index.isin(points["community"].unique())]
    over = _over_areas(tables, rest, settings, problems)
    points = gpd.GeoDataFrame(pd.concat([points, over], ignore_index=True), crs=shapes.crs)
    order = points["community"].map({label: at for at, label in enumerate(shapes.index)})
    points = points.loc[order.sort_values(kind="stable").index].reset_index(drop=True)
    weight = points["weight"].fillna(1.0)
    share = weight / weight.groupby(points["community"]).transform("sum")
    for group in groups:
        points[group] = points["community"].map(inside[group]).fillna(0.0) * share
    number = points.groupby("community").cumcount() + 1
    labels = points["community"].astype(str) + "/" + number.astype(str)
    points = points.drop(columns="weight").set_index(pd.Index(labels)).rename_axis(None)
    return points, groups, _estimates(tables, settings, inside[~housed], inside[housed])


def _in_buildings(
    buildings: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    settings: Settings,
    findings: Findings,
) -> gpd.GeoDataFrame:
    """Return the buildings that people live in, with community and weight."""
    homes, told = lived_in(buildings)
    file = "" if settings.demand is None else settings.demand.label
    homes = homes.assign(community=home_of(homes, communities))
    within = homes["community"].isin(communities.index)
    if not within.any():
        findings.problems.add("area.no_building_inside", file=file, value=len(buildings))
    homes = homes[within].reset_index(drop=True)
    weights, more = weights_of(homes)
    findings.notes.extend((key, {"file": file, **values}) for key, values in (*told, *more))
    homes = homes[["community", "geometry"]].assign(weight=weights)
    return homes[weights > 0]


def _estimates(
    tables: Tables, settings: Settings, lacks: gpd.GeoDataFrame, housed: gpd.GeoDataFrame
) -> tuple[DataEstimate, ...]:
    """Return the estimate of where people live."""
    how = spread_of(tables, settings)
    values: dict[str, object] = {"metres": f"{settings.coverage.spacing_m(how):g}"}
    if len(housed):
        lacks = lacks[lacks["population"] > 0]
        rest = {"n": len(lacks), "people": f"{lacks['population'].sum():,.0f}"}
        return _by_places(tables, settings, housed, rest if len(lacks) else {})
    how = how if tables.straight is None else "anywhere"  # there are no streets to be near to
    return (DataEstimate(what="people", how=how, named=values),)


def _by_places(
    tables: Tables, settings: Settings, housed: gpd.GeoDataFrame, rest: dict[str, object]
) -> tuple[DataEstimate, ...]:
    """Return the estimates of people laid over buildings or cells, whose people cells may be."""
    if tables.grid is None:
        return (DataEstimate(what="people", how="buildings", rest=rest),)
    given = settings.demand
    told = [] if given is None else [str(one) for one in (given.source, given.year) if one]
    source: dict[str, object] = {"source": ", ".join(told) or tables.grid.file}
    spread = DataEstimate(what="people", how="raster", named=source, rest=rest)
    if tables.communities is not None and "population" in tables.communities:
        return (spread,)
    counted = {"n": len(housed), "people": f"{housed['population'].sum():,.0f}"}
    return (DataEstimate(what="population", how="raster", named={**source, **counted}), spread)


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
    return points[_near_streets(points, shapes.index, tables, settings)]


def _near_streets(
    points: gpd.GeoDataFrame, labels: pd.Index, tables: Tables, settings: Settings
) -> pd.Series:
    """Return which points are near a street, or of a community that has none near any."""
    near = tables.network.snap(points.geometry, max_snap_m=settings.walk.max_snap_m)
    on_street = ~points.index.isin(near.unreachable.index)
    nowhere = labels.difference(pd.Index(points[on_street]["community"].unique()))
    kept: pd.Series = on_street | points["community"].isin(nowhere)
    return kept


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
    home: pd.Series = named.where(named.notna(), demand["community"])
    unknown = ~home.isin(communities.index).to_numpy()
    if unknown.any():
        lost = demand[unknown].reset_index(drop=True)
        home = home.astype(object)
        home[unknown] = located(lost, communities).to_numpy()
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
