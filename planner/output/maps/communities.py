"""Communities, the towns they make up, and the homes in them, with the figures of each kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.engine import coverage as cover
from planner.engine.coverage import TOLERANCE_MIN, Coverage
from planner.output.maps.cells import exact, flag, texts, tidy, whole
from planner.output.maps.names import spellings
from planner.output.maps.packing import pack
from planner.output.maps.payload.communities import (
    CommunityColumns,
    HomeColumns,
    KindFigures,
    ShareWithin,
    StateFigures,
    TownColumns,
    UnitCounts,
)
from planner.output.maps.payload.units import Packed
from planner.output.maps.quantize import Quantizer, Shapes, middles
from planner.study.plan import Plan


def columns(plan: Plan, shapes: Shapes, quantizer: Quantizer) -> CommunityColumns:
    """Return the communities: names, people, where their label stands, shapes.

    Parameters
    ----------
    plan
        The plan.
    shapes
        The communities' shapes, thinned out, in their order.
    quantizer
        Where shapes stand on the page.

    Returns
    -------
    Columns, one value for each community.
    """
    frame = plan.area.communities
    return {
        "name": texts(frame["name"]),
        "street": texts(frame["street"]),
        "settlement": texts(frame["settlement"]),
        "zone": texts(frame["zone"]),
        "spelling": spellings(texts(frame["name"])),
        "inside": [int(inside) for inside in frame["inside"]],
        "people": {group: [whole(n) for n in frame[group]] for group in plan.area.groups},
        "label": quantizer.points(middles(shapes)),
        "shape": quantizer.polygons(shapes),
        "estimated": plan.area.is_estimated("boundaries"),
    }


def figures(plan: Plan, kind: str) -> KindFigures:
    """Return the figures of a kind: today, with the sites suggested for it, and who is nearest.

    Parameters
    ----------
    plan
        The plan.
    kind
        The kind.

    Returns
    -------
    The figures of each state; the states of a second plan are empty.
    """
    gap_kinds = plan.settings.coverage.gap_kinds or plan.kinds
    asked = any(answer.question.kind == kind for answer in plan.siting)
    cutoff = plan.settings.coverage.cutoff_min

    def _of_state(name: str, coverage: Coverage) -> StateFigures:
        key = f"gaps {name}"
        if key not in plan.kept:
            plan.kept[key] = cover.gaps(coverage, plan.area.counted, cutoff)
        gaps = plan.kept[key]
        return _state(
            plan, kind, coverage, gaps[gaps["kind"] == kind] if kind in gap_kinds else gaps[:0]
        )

    return {
        "before": _of_state("before", plan.coverage),
        "after": _of_state("after", plan.after) if asked else None,
        "other": None,
        "other_after": None,
        "nearest": _nearest_of_most(plan, kind),
    }


def _state(plan: Plan, kind: str, coverage: Coverage, gaps: pd.DataFrame) -> StateFigures:
    """Return the figures of a state, one for each community in the order of the communities."""
    labels = plan.area.communities.index
    rows = coverage.units[coverage.units["kind"] == kind]
    units = rows.set_index("community").reindex(labels)
    shares = coverage.unit_shares
    whole_area = shares[(shares["kind"] == kind) & (shares["level"] == "district")]
    place = pd.Series(range(len(labels)), index=labels)
    return {
        "people": _shares(coverage.people, kind),
        "counts": _counts(whole_area.iloc[0]) if len(whole_area) else None,
        "share": [exact(share) for share in units["share"]],
        "minutes": [exact(minutes) for minutes in units["minutes"]],
        "has": [flag(value) for value in units["has"]],
        "reached": [flag(value) for value in units["reached"]],
        "linked": [flag(value) for value in units["linked"]],
        "lacking": [whole(value) for value in units["people"] - units["covered"]],
        "gaps": {
            "community": [int(place[label]) for label in gaps["community"]],
            "lacking": [whole(lacking) for lacking in gaps["lacking"]],
        },
    }


def _counts(row: pd.Series) -> UnitCounts:
    return {
        "communities": whole(row["communities"]),
        "has": whole(row["has"]),
        "reached": whole(row["reached"]),
        "linked": whole(row["linked"]),
    }


def _shares(people: pd.DataFrame, kind: str) -> dict[str, list[ShareWithin]]:
    """Return the shares of the district: for each group, one for each limit."""
    rows = people[(people["kind"] == kind) & (people["level"] == "district")]
    return {
        str(group): [
            {"minutes": tidy(minutes), "share": exact(share)}
            for minutes, share in zip(part["minutes"], part["share"], strict=True)
        ]
        for group, part in rows.groupby("group", sort=False)
    }


def _nearest_of_most(plan: Plan, kind: str) -> list[int | None]:
    """Name for each community the facility that is the nearest one for most of its people."""
    key = "who is nearest to whom"
    if key not in plan.kept:
        plan.kept[key] = _nearest_by_numbers(plan)
    rows = plan.kept[key]
    rows = rows[rows["kind"].to_numpy() == kind]
    # Facilities are numbered by their sorted labels: of two with as many people, the first.
    sums = rows.groupby(["community", "facility"], sort=True)["people"].sum().reset_index()
    most = sums.sort_values("people", ascending=False, kind="stable").drop_duplicates("community")
    found: list[int | None] = [None] * len(plan.area.communities)
    place = np.argsort(plan.area.facilities.index.to_numpy(), kind="stable")
    for community, facility in zip(most["community"], most["facility"], strict=True):
        found[community] = int(place[facility])
    return found


def _nearest_by_numbers(plan: Plan) -> pd.DataFrame:
    """Return who is nearest to whom by numbers: communities as they stand, facilities by label."""
    area, nearest = plan.area, plan.coverage.nearest
    home = area.demand.index.get_indexer(pd.Index(nearest["demand"]))
    community = area.communities.index.get_indexer(pd.Index(area.demand["community"]))[home]
    facility = area.facilities.index.sort_values().get_indexer(pd.Index(nearest["facility"]))
    known = (home >= 0) & (community >= 0) & (facility >= 0)
    return pd.DataFrame(
        {
            "kind": nearest["kind"].to_numpy(object)[known],
            "community": community[known],
            "facility": facility[known],
            "people": area.demand[plan.settings.coverage.group].to_numpy(float)[home[known]],
        }
    )


def home_places(plan: Plan, quantizer: Quantizer) -> Packed | None:
    """Return where people live, once for all that the page does with it.

    Parameters
    ----------
    plan
        The plan.
    quantizer
        Where shapes stand on the page.

    Returns
    -------
    Offsets from home to home, packed; None where there are none.
    """
    demand = plan.area.demand
    if demand.empty:
        return None
    return pack(quantizer.run(shapely.get_coordinates(demand.geometry.to_numpy())))


def homes(plan: Plan) -> HomeColumns:
    """Return the people in each home, and a digit for the limit within which it is covered.

    The digit counts the limits that are too short: 0 is within the shortest, and as many as there
    are limits means beyond the longest, or out of reach.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    Columns, one value or digit for each demand point.
    """
    chosen, demand = plan.settings.coverage, plan.area.demand
    limits = np.array(sorted({*chosen.minutes, chosen.cutoff_min}))

    def _digits(coverage: Coverage) -> dict[str, str]:
        minutes = cover.minutes_by_kind(coverage.nearest, demand.index, plan.kinds).fillna(np.inf)
        return {
            kind: "".join(map(str, (took[:, None] > limits + TOLERANCE_MIN).sum(axis=1)))
            for kind, took in zip(plan.kinds, minutes.to_numpy().T, strict=True)
        }

    return {
        "people": [whole(people) for people in demand[chosen.group]],
        "before": _digits(plan.coverage),
        "after": _digits(plan.after),
        "other": None,
        "other_after": None,
    }


def towns(communities: gpd.GeoDataFrame, shapes: Shapes, quantizer: Quantizer) -> TownColumns:
    """Return the outlines of the streets (jiedao) or towns, and the whole.

    Parameters
    ----------
    communities
        Communities with ``street``.
    shapes
        Their shapes, thinned out, in their order.
    quantizer
        Where shapes stand on the page.

    Returns
    -------
    Columns, one value for each subdistrict or town, and the border of the whole.
    """
    frame = gpd.GeoDataFrame(
        {"street": communities["street"].to_numpy()}, geometry=shapes, crs=communities.crs
    )
    named = frame[frame["street"].notna()]
    whole = shapely.union_all(shapes)
    if named.empty:
        return {"name": [], "label": [], "border": [], "outline": quantizer.lines(_edges([whole]))}
    towns = named.dissolve("street", sort=False)
    return {
        "name": [str(name) for name in towns.index],
        "label": quantizer.points(middles(towns.geometry.to_numpy())),
        "border": quantizer.lines(_edges(towns.geometry)),
        "outline": quantizer.lines(_edges([whole])),
    }


def _edges(shapes: Iterable[Any]) -> Shapes:
    """Return the borders of shapes, each stretch once."""
    edges = shapely.union_all([shapely.boundary(shape) for shape in shapes])
    return np.array([shapely.line_merge(edges)], dtype=object)
