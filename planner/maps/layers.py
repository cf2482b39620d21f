"""The layers of a map: a plan's tables and shapes as small columns that a page can draw.

Everything is written once and shared: communities are one list of shapes with a column of figures
for each kind. Missing values are `None`. Names are data here and stay data: the page writes them as
text, never as HTML.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner import crs
from planner.coverage import TOLERANCE_MIN, Coverage
from planner.language import Lang, has_text, text
from planner.maps.names import spellings
from planner.maps.placing import Placing, Shapes
from planner.maps.theme import STREETS, street_class
from planner.maps.walking import walking
from planner.proposals import SitingAnswer
from planner.scenario import Plan

SHAPE_TOLERANCE_M = 3.0
STREET_TOLERANCE_M = 2.0
RING_TOLERANCE_M = 4.0
RING_CRUMB_M2 = 400.0
RING_HOLE_M2 = 2500.0
FAR_M = 60_000.0
FRAME_SHARE = 0.005

Columns = dict[str, list[Any]]


def layers(plan: Plan, *, lang: Lang, datum: crs.Datum) -> dict[str, Any]:
    """Bring a plan to the layers of a page.

    Parameters
    ----------
    plan
        The plan.
    lang
        Language of names that come from the catalogue.
    datum
        Datum of the page, ``"wgs84"`` or ``"gcj02"``.
    """
    area = plan.area
    communities = area.communities
    shapes = shapely.coverage_simplify(communities.geometry.to_numpy(), SHAPE_TOLERANCE_M)
    placing = Placing(communities.crs, communities.total_bounds, datum)
    return {
        "origin": placing.origin.tolist(),
        "size": placing.size.tolist(),
        "kinds": [_kind(plan, kind, lang) for kind in plan.kinds],
        "groups": {group: group_name(group, lang) for group in area.groups},
        "communities": _communities(plan, shapes, placing),
        "figures": {kind: _figures(plan, kind) for kind in plan.kinds},
        "towns": _towns(communities, shapes, placing),
        "homes": None if area.spread else _homes(plan, placing),
        "facilities": _facilities(plan, placing, lang),
        "candidates": _candidates(plan, placing),
        "links": _links(plan),
        "answers": [_answer(answer, placing) for answer in plan.siting],
        "rings": {
            kind: _rings(plan.rings[plan.rings["kind"] == kind], placing) for kind in plan.kinds
        },
        "streets": _streets(area.streets, placing),
        "walk": walking(plan, placing),
        "backdrop": _backdrop(area.backdrop, placing),
    }


def group_name(group: str, lang: Lang) -> str:
    """Name a group of people; one the catalogue does not know keeps its own name."""
    key = f"map.groups.{group}"
    return text(key, lang) if has_text(key) else group


def _kind(plan: Plan, kind: str, lang: Lang) -> dict[str, Any]:
    known = plan.area.kinds[kind]
    rows = plan.area.facilities[plan.area.facilities["kind"] == kind]
    counts = plan.coverage.unit_shares
    counts = counts[(counts["kind"] == kind) & (counts["level"] == "district")]
    units = ["communities", "has", "reached", "linked"]
    unit_key = f"map.units.{known.unit}"
    return {
        "id": kind,
        "name": known.name(lang),
        "colour": known.colour,
        "unit": text(unit_key, lang) if has_text(unit_key) else known.unit,
        "operating": int(rows["operating"].sum()),
        "planned": int((~rows["operating"]).sum()),
        "before": _shares(plan.coverage.people, kind),
        "after": _shares(plan.after.people, kind),
        "counts": [_whole(value) for value in counts[units].iloc[0]] if len(counts) else None,
    }


def _shares(people: pd.DataFrame, kind: str) -> dict[str, list[list[float | None]]]:
    """Shares of the district: for each group, minutes and share."""
    rows = people[(people["kind"] == kind) & (people["level"] == "district")]
    return {
        str(group): [
            [_tidy(minutes), _rounded(share, 4)]
            for minutes, share in zip(part["minutes"], part["share"], strict=True)
        ]
        for group, part in rows.groupby("group", sort=False)
    }


def _communities(plan: Plan, shapes: Shapes, placing: Placing) -> Columns:
    frame = plan.area.communities
    columns: Columns = {
        name: _texts(frame[name]) for name in ("name", "street", "settlement", "zone")
    }
    columns["spelling"] = spellings(columns["name"])
    columns["inside"] = [int(inside) for inside in frame["inside"]]
    columns["people"] = [
        [_whole(frame[group].loc[label]) for group in plan.area.groups] for label in frame.index
    ]
    columns["label"] = placing.points(_middles(shapes))
    columns["shape"] = placing.polygons(shapes)
    return columns


def _figures(plan: Plan, kind: str) -> Columns:
    """Figures of a kind, one for each community in the order of the communities."""
    labels = plan.area.communities.index

    def of(coverage: Any) -> pd.DataFrame:
        rows = coverage.units[coverage.units["kind"] == kind]
        return rows.set_index("community").reindex(labels)  # type: ignore[no-any-return]

    before, after = of(plan.coverage), of(plan.after)
    gaps = plan.gaps[plan.gaps["kind"] == kind]
    place = pd.Series(range(len(labels)), index=labels)
    return {
        "share": [_rounded(share, 4) for share in before["share"]],
        "minutes": [_rounded(minutes, 1) for minutes in before["minutes"]],
        "after": [_rounded(share, 4) for share in after["share"]],
        "after_minutes": [_rounded(minutes, 1) for minutes in after["minutes"]],
        **{name: [_flag(value) for value in before[name]] for name in ("has", "reached", "linked")},
        "lacking": [_whole(value) for value in before["people"] - before["covered"]],
        "nearest": _nearest_of_most(plan, kind),
        "gaps": [
            [int(place[label]), _whole(lacking)]
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


def _homes(plan: Plan, placing: Placing) -> dict[str, Any]:
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
        "people": [_whole(people) for people in demand[chosen.group]],
        "before": {kind: digits(plan.coverage, kind) for kind in plan.kinds},
        "after": {kind: digits(plan.after, kind) for kind in plan.kinds},
    }


def _towns(communities: gpd.GeoDataFrame, shapes: Shapes, placing: Placing) -> Columns:
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
        "label": placing.points(_middles(towns.geometry.to_numpy())),
        "border": placing.lines(_edges(towns.geometry)),
        "outline": placing.lines(_edges([whole])),
    }


def _edges(shapes: Iterable[Any]) -> Shapes:
    """Take the borders of shapes, each stretch once."""
    edges = shapely.union_all([shapely.boundary(shape) for shape in shapes])
    return np.array([shapely.line_merge(edges)], dtype=object)


def _facilities(plan: Plan, placing: Placing, lang: Lang) -> Columns:
    frame = plan.area.facilities
    place = {label: number for number, label in enumerate(plan.area.communities.index)}
    return {
        "at": placing.points(frame.geometry.to_numpy()),
        "id": [str(label) for label in frame.index],
        "operating": [int(operating) for operating in frame["operating"]],
        **{name: _texts(frame[name]) for name in ("name", "kind", "tier")},
        "spelling": spellings(_texts(frame["name"])),
        "state": _texts(frame["status"]),
        "status": [text(f"map.status.{status}", lang) for status in frame["status"]],
        **{name: [_tidy(value) for value in frame[name]] for name in ("capacity", "floor_area_m2")},
        **{name: [_whole(value) for value in frame[name]] for name in ("opened", "closed")},
        "community": [place.get(label) for label in frame["community"]],
    }


def _candidates(plan: Plan, placing: Placing) -> Columns:
    """List the candidates that no answer chose."""
    frame = plan.area.candidates
    frame = frame[~frame.index.isin(_chosen(plan))]
    return {
        "at": placing.points(frame.geometry.to_numpy()),
        "name": _texts(frame["name"]) if len(frame) else [],
        "spelling": spellings(_texts(frame["name"])) if len(frame) else [],
        "host": _texts(frame["host"]) if len(frame) and "host" in frame else [None] * len(frame),
    }


def _chosen(plan: Plan) -> set[Any]:
    return {label for answer in plan.siting for label in answer.sites.index}


def _links(plan: Plan) -> list[list[int]]:
    """Pairs of facility and community by their place in the two lists."""
    links = plan.area.links
    if links.empty:
        return []
    facility = pd.Series(range(len(plan.area.facilities)), index=plan.area.facilities.index)
    community = pd.Series(range(len(plan.area.communities)), index=plan.area.communities.index)
    pairs = np.column_stack(
        [facility.reindex(links["facility"]), community.reindex(links["community"])]
    )
    return pairs[~np.isnan(pairs).any(axis=1)].astype(int).tolist()  # type: ignore[no-any-return]


def _answer(answer: SitingAnswer, placing: Placing) -> dict[str, Any]:
    sites = answer.sites
    return {
        "kind": answer.question.kind,
        "model": answer.question.model,
        "minutes": _tidy(answer.minutes),
        "group": answer.group,
        "optimal": answer.result.status == "optimal",
        "gap": _rounded(answer.result.gap, 6),
        "before": _rounded(answer.before, 4),
        "after": _rounded(answer.after, 4),
        "proposed": answer.proposed,
        "candidates": answer.candidates,
        "at": placing.points(sites.geometry.to_numpy()),
        "spelling": spellings(_texts(sites["name"])),
        **{name: _texts(sites[name]) for name in ("name", "host")},
        **{name: [_whole(value) for value in sites[name]] for name in ("rank", "added")},
        **{name: [_tidy(value) for value in sites[name]] for name in ("cumulative", "cost")},
        "rings": _rings(answer.rings, placing),
    }


def _rings(rings: gpd.GeoDataFrame, placing: Placing) -> list[list[Any]]:
    """Nest the circles of a kind: they are simplified together, so that none crosses another."""
    rings = rings.sort_values("minutes")
    shapes = [shape for shape in rings.geometry if shape is not None and not shape.is_empty]
    if not shapes:
        return []
    bands = [shapes[0], *(outer.difference(inner) for inner, outer in itertools.pairwise(shapes))]
    simple = shapely.coverage_simplify(np.array(bands, dtype=object), RING_TOLERANCE_M)
    nested = [_clean(shapely.coverage_union_all(simple[: n + 1])) for n in range(len(simple))]
    placed = placing.polygons(np.array(nested, dtype=object))
    return [
        [_tidy(minutes), shape] for minutes, shape in zip(rings["minutes"], placed, strict=True)
    ]


def _clean(shape: Any) -> Any:
    """Drop the crumbs that no reader can see."""
    kept = [
        shapely.Polygon(
            part.exterior,
            [hole for hole in part.interiors if shapely.Polygon(hole).area > RING_HOLE_M2],
        )
        for part in shapely.get_parts(shape)
        if part.area > RING_CRUMB_M2
    ]
    return shapely.multipolygons(kept) if kept else shape


def _streets(streets: gpd.GeoDataFrame, placing: Placing) -> list[list[Any]]:
    """Merge the streets of each class to long lines, the least class first."""
    blank = pd.Series(None, index=streets.index, dtype=object)
    tags = zip(streets.get("highway", blank), streets.get("name", blank), strict=True)
    classes = np.array([street_class(highway, name) for highway, name in tags], dtype=object)
    drawn: list[list[Any]] = []
    for name in STREETS:
        parts = shapely.get_parts(streets.geometry.to_numpy()[classes == name])
        if len(parts):
            merged = shapely.line_merge(shapely.multilinestrings(parts))
            thin = shapely.simplify(merged, STREET_TOLERANCE_M, preserve_topology=False)
            drawn.append([name, placing.lines(np.array([thin], dtype=object))])
    return drawn


def _backdrop(backdrop: gpd.GeoDataFrame | None, placing: Placing) -> list[list[Any]]:
    if backdrop is None or backdrop.empty:
        return []
    shapes = shapely.simplify(backdrop.geometry.to_numpy(), SHAPE_TOLERANCE_M)
    names = _texts(backdrop["name"]) if "name" in backdrop else [None] * len(backdrop)
    middles = placing.points(_middles(shapes))
    sea = (backdrop["kind"] == "sea").to_numpy()
    shapes[sea] = _endless(shapes[sea])
    placed = placing.polygons(shapes)
    return [list(row) for row in zip(backdrop["kind"], placed, names, middles, strict=True)]


def _endless(shapes: Shapes) -> Shapes:
    """Draw the sea on beyond the frame it was cut at, so that no reader sees the frame.

    An edge along a side of the common bounds is the frame's; both of its ends move far out.
    """
    if not len(shapes):
        return shapes
    low, high = np.split(shapely.total_bounds(shapes), 2)
    near = FRAME_SHARE * (high - low).max()

    def widened(part: shapely.Polygon) -> shapely.Polygon:
        xy = shapely.get_coordinates(part.exterior)[:-1]
        out = np.zeros_like(xy)
        for sign, beside in ((-1.0, xy <= low + near), (1.0, xy >= high - near)):
            out += sign * (beside & (np.roll(beside, 1, axis=0) | np.roll(beside, -1, axis=0)))
        return shapely.Polygon(xy + FAR_M * out, [hole.coords for hole in part.interiors])

    parts = [[widened(part) for part in shapely.get_parts(shape)] for shape in shapes]
    return np.array([shapely.multipolygons(own) for own in parts], dtype=object)


def _middles(shapes: Shapes) -> Shapes:
    """Find where a label stands best: the middle of the largest circle within the largest part."""
    out = np.full(len(shapes), None, dtype=object)
    for number, shape in enumerate(shapes):
        parts = [part for part in shapely.get_parts(shape) if part.area > 0]
        if parts:
            largest = max(parts, key=lambda part: part.area)
            tolerance = max(1.0, math.sqrt(largest.area) / 50)
            circle = shapely.maximum_inscribed_circle(largest, tolerance=tolerance)
            out[number] = shapely.get_point(circle, 0)
    return out


def _texts(column: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in column]


def _cell(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if pd.isna(value) else make(value)


def _rounded(value: Any, digits: int) -> float | None:
    return None if pd.isna(value) else round(float(value), digits)


def _tidy(value: Any) -> float | int | None:
    """Write whole numbers without a point."""
    if pd.isna(value):
        return None
    number = round(float(value), 2)
    return int(number) if number.is_integer() else number


_whole = _cell(lambda value: round(float(value)))
_flag = _cell(int)
