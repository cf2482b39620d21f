"""The way on foot from each community to its facility."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.output.layers.spec import KIND_COLOUR, FeatureColumn, LayerSpec
from planner.study.plan import Plan


def main_homes(plan: Plan) -> pd.Series:
    """Return the home that stands for each community.

    It is the one from which the straight way to all people of the group that counts is the
    shortest in sum (a 1-median), as on the page; where nobody of the group lives, of all people.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    Labels of demand points, on the community; communities without people are left out.
    """
    demand = plan.area.demand
    group = plan.settings.coverage.group
    found = {}
    for community, homes in demand.groupby("community"):
        people = homes[group].to_numpy(float)
        if not people.sum() > 0:
            people = homes["population"].to_numpy(float)
        if not people.sum() > 0:
            continue
        xy = shapely.get_coordinates(homes.geometry.to_numpy())
        lived_in = np.flatnonzero(people > 0)
        away = np.hypot(*(xy[lived_in][:, None] - xy[lived_in][None]).transpose(2, 0, 1))
        found[community] = homes.index[
            lived_in[int((away * people[lived_in]).sum(axis=1).argmin())]
        ]
    return pd.Series(found, dtype=object)


def make_routes(plan: Plan) -> gpd.GeoDataFrame:
    """Return the quickest way from each community to the nearest facility of each kind.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    ``community``, ``name``, ``kind``, ``facility``, ``facility_name``, ``minutes``, ``length_m``
    and the line; no row where no facility is within the time that coverage searches.
    """
    area, walk = plan.area, plan.settings.walk
    home = main_homes(plan)
    community = pd.Series(home.index, index=home.to_numpy())
    start = area.demand.loc[home.to_numpy()].geometry
    parts = []
    for kind in plan.kinds:
        nearest = plan.coverage.nearest
        pairs = nearest[(nearest["kind"] == kind) & nearest["demand"].isin(start.index)]
        if pairs.empty:
            continue
        goals = area.facilities.loc[pairs["facility"].unique()]
        ways = area.network.routes(
            pairs[["demand", "facility"]],
            start,
            goals.geometry,
            speed_mps=walk.speed.speed_mps,
            max_snap_m=walk.max_snap_m,
        )
        parts.append(
            ways.assign(
                kind=kind,
                community=ways["demand"].map(community).to_numpy(),
                facility_name=ways["facility"].map(area.facilities["name"]).to_numpy(),
            )
        )
    columns = ["community", "name", "kind", "facility", "facility_name", "minutes", "length_m"]
    if not parts:
        return gpd.GeoDataFrame(columns=columns, geometry=[], crs=area.demand.crs)
    found = pd.concat(parts, ignore_index=True)
    found = found.assign(name=found["community"].map(area.communities["name"]))
    if area.is_estimated("streets"):  # the lattice that stands for streets is no way to show
        ends = [area.demand.geometry, area.facilities.geometry]
        here, there = (
            shapely.get_coordinates(shapes.loc[found[name]].representative_point().to_numpy())
            for shapes, name in zip(ends, ("demand", "facility"), strict=True)
        )
        found["geometry"] = shapely.linestrings(np.stack([here, there], axis=1))
    return gpd.GeoDataFrame(found[[*columns, "geometry"]], crs=area.demand.crs)


ROUTES = LayerSpec(
    id="routes",
    order=130,
    of_walks=True,
    make=make_routes,
    geometry="line",
    title="name",
    colour=KIND_COLOUR,
    columns=(
        FeatureColumn(id="name", measure="text"),
        FeatureColumn(id="facility_name", measure="text"),
        FeatureColumn(id="minutes", measure="minutes"),
        FeatureColumn(id="length_m", measure="count"),
    ),
)
