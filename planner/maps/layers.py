"""The layers of a map: a plan's tables and shapes as small columns that a page can draw.

Everything is written once and shared: communities are one list of shapes with a column of figures
for each kind. Missing values are `None`. Names are data here and stay data: the page writes them as
text, never as HTML.
"""

from __future__ import annotations

from typing import Any

import shapely

from planner import crs
from planner.language import Lang, group_name
from planner.maps import circles, communities, ground, points
from planner.maps.indicators import indicators, unit_of, written
from planner.maps.placing import Placing
from planner.maps.scorecard import scorecard
from planner.maps.supply import supply
from planner.maps.walking import walking
from planner.scenario import Plan

SHAPE_TOLERANCE_M = 3.0


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
    frame = area.communities
    shapes = shapely.coverage_simplify(frame.geometry.to_numpy(), SHAPE_TOLERANCE_M)
    placing = Placing(frame.crs, frame.total_bounds, datum)
    towns = communities.towns(frame, shapes, placing)
    numbers = {label: number for number, label in enumerate(area.facilities.index)}
    return {
        "origin": placing.origin.tolist(),
        "size": placing.size.tolist(),
        "kinds": [_kind(plan, kind, lang) for kind in plan.kinds],
        "groups": {group: group_name(group, lang) for group in area.groups},
        "communities": communities.columns(plan, shapes, placing),
        "figures": {kind: communities.figures(plan, kind) for kind in plan.kinds},
        "towns": towns,
        "indicators": written(indicators(plan, lang), frame.index, towns["name"]),
        "homes": None if area.spread else communities.homes(plan, placing),
        "facilities": points.facilities(plan, placing, lang),
        "supply": supply(plan, lang),
        "scorecard": scorecard(plan, lang),
        "candidates": points.candidates(plan, placing),
        "links": points.links(plan),
        "answers": [
            points.answer(plan, answer, placing, lang, numbers)
            for answer in sorted(plan.siting, key=lambda one: len(one.why) > 0)  # plans first
        ],
        "rings": {
            kind: circles.nested(plan.rings[plan.rings["kind"] == kind], placing)
            for kind in plan.kinds
        },
        "streets": ground.streets(area.streets, placing),
        "walk": walking(plan, placing),
        "backdrop": ground.backdrop(area.backdrop, placing, frame.total_bounds),
    }


def _kind(plan: Plan, kind: str, lang: Lang) -> dict[str, Any]:
    known = plan.area.kinds[kind]
    rows = plan.area.facilities[plan.area.facilities["kind"] == kind]
    return {
        "id": kind,
        "name": known.name(lang),
        "colour": known.colour,
        "unit": unit_of(plan, kind, lang),
        "operating": int(rows["operating"].sum()),
        "planned": int((~rows["operating"]).sum()),
    }
