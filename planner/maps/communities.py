"""Communities, the towns they make up, and the homes in them, with the figures of each kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.coverage import TOLERANCE_MIN, Coverage
from planner.maps.cells import Columns, flag, rounded, texts, whole
from planner.maps.names import spellings
from planner.maps.placing import Placing, Shapes, middles
from planner.scenario import Plan


def columns(plan: Plan, shapes: Shapes, placing: Placing) -> Columns:
    """List the communities: names, people, where their label stands, shapes."""
    frame = plan.area.communities
    out: Columns = {name: texts(frame[name]) for name in ("name", "street", "settlement", "zone")}
    out["spelling"] = spellings(out["name"])
    out["inside"] = [int(inside) for inside in frame["inside"]]
    out["people"] = [
        [whole(frame[group].loc[label]) for group in plan.area.groups] for label in frame.index
    ]
    out["label"] = placing.points(middles(shapes))
    out["shape"] = placing.polygons(shapes)
    return out


def figures(plan: Plan, kind: str) -> Columns:
    """Figures of a kind, one for each community in the order of the communities."""
    labels = plan.area.communities.index

    def of(coverage: Any) -> pd.DataFrame:
        rows = coverage.units[coverage.units["kind"] == kind]
        return rows.set_index("community").reindex(labels)  # type: ignore[no-any-return]

    before, after = of(plan.coverage), of(plan.after)
    gaps = plan.gaps[plan.gaps["kind"] == kind]
    place = pd.Series(range(len(labels)), index=labels)
    return {
        "share": [rounded(share, 4) for share in before["share"]],
        "minutes": [rounded(minutes, 1) for minutes in before["minutes"]],
        "after": [rounded(share, 4) for share in after["share"]],
        "after_minutes": [rounded(minutes, 1) for minutes in after["minutes"]],
        **{name: [flag(value) for value in before[name]] for name in ("has", "reached", "linked")},
        "lacking": [whole(value) for value in before["people"] - before["covered"]],
        "nearest": _nearest_of_most(plan, kind),
        "gaps": [
            [int(place[label]), whole(lacking)]
            for label, lacking in zip(gaps["community"], gaps["lacking"], strict=True)
        ],
    }


def _nearest_of_most(plan: Plan, kind: str) -> list[int | None]:
    """Name for each community the facility that is the nearest one for most of its people."""
    area = plan.area
    rows = plan.coverage.nearest[plan.coverage.nearest["kind"] == kind]
    home = area.demand.reindex(rows["demand"])
    people = pd.DataFrame(
        {
            "community": home["community"].to_numpy(),
            "facility": rows["facility"].to_numpy(),
            "people": home[plan.settings.coverage.group].to_numpy(float),
        }
    )
    sums = people.groupby(["community", "facility"], sort=True)["people"].sum().reset_index()
    most = sums.sort_values("people", ascending=False, kind="stable").drop_duplicates("community")
    place = pd.Series(range(len(area.facilities)), index=area.facilities.index)
    found = most.set_index("community")["facility"].reindex(area.communities.index)
    return [None if pd.isna(label) else int(place[label]) for label in found]


def homes(plan: Plan, placing: Placing) -> dict[str, Any]:
    """Place where people live; a digit for each home tells within which limit it is covered.

    The digit counts the limits that are too short: 0 is within the shortest, and as many as there
    are limits means beyond the longest, or out of reach.
    """
    chosen, demand = plan.settings.coverage, plan.area.demand
    limits = np.array(sorted({*chosen.minutes, chosen.cutoff_min}))

    def digits(coverage: Coverage, kind: str) -> str:
        rows = coverage.nearest[coverage.nearest["kind"] == kind]
        minutes = rows.set_index("demand")["minutes"].reindex(demand.index).fillna(np.inf)
        short = (minutes.to_numpy()[:, None] > limits + TOLERANCE_MIN).sum(axis=1)
        return "".join(map(str, short))

    return {
        "at": placing.run(shapely.get_coordinates(demand.geometry.to_numpy())),
        "people": [whole(people) for people in demand[chosen.group]],
        "before": {kind: digits(plan.coverage, kind) for kind in plan.kinds},
        "after": {kind: digits(plan.after, kind) for kind in plan.kinds},
    }


def towns(communities: gpd.GeoDataFrame, shapes: Shapes, placing: Placing) -> Columns:
    """Outline the streets (jiedao) or towns, and the whole."""
    frame = gpd.GeoDataFrame(
        {"street": communities["street"].to_numpy()}, geometry=shapes, crs=communities.crs
    )
    named = frame[frame["street"].notna()]
    whole = shapely.union_all(shapes)
    if named.empty:
        return {"name": [], "label": [], "border": [], "outline": placing.lines(_edges([whole]))}
    towns = named.dissolve("street", sort=True)
    return {
        "name": [str(name) for name in towns.index],
        "label": placing.points(middles(towns.geometry.to_numpy())),
        "border": placing.lines(_edges(towns.geometry)),
        "outline": placing.lines(_edges([whole])),
    }


def _edges(shapes: Iterable[Any]) -> Shapes:
    """Take the borders of shapes, each stretch once."""
    edges = shapely.union_all([shapely.boundary(shape) for shape in shapes])
    return np.array([shapely.line_merge(edges)], dtype=object)
