"""The layers of a map: a plan's tables and shapes as small columns that a page can draw.

Everything is written once and shared: communities are one list of shapes with a column of figures
for each kind. Missing values are `None`. Names are data here and stay data: the page writes them as
text, never as HTML.
"""

from __future__ import annotations

from collections.abc import Sequence

import shapely

from planner.engine import crs
from planner.language import Lang, group_name
from planner.output.indicators import indicators, unit_of
from planner.output.maps import base_layers, circles, communities, points
from planner.output.maps.features import feature_layers
from planner.output.maps.indicators import written
from planner.output.maps.network_payload import network_payload
from planner.output.maps.payload import LayersPayload
from planner.output.maps.payload.terms import KindText
from planner.output.maps.quantize import Quantizer
from planner.output.maps.scorecard import scorecard
from planner.output.maps.supply import supply
from planner.study.plan import Plan

SHAPE_TOLERANCE_M = 3.0


def layers(
    plan: Plan,
    *,
    lang: Lang,
    datum: crs.Datum,
    more_layers: Sequence[str] = (),
    more_indicators: Sequence[str] = (),
) -> LayersPayload:
    """Return the layers of a plan for a page.

    Parameters
    ----------
    plan
        The plan.
    lang
        Language of names that come from the catalogue.
    datum
        Datum of the page, ``"wgs84"`` or ``"gcj02"``.
    more_layers, more_indicators
        Names of those that are made though the scenario does not ask for them.

    Returns
    -------
    All that the page draws of one plan.
    """
    area = plan.area
    frame = area.communities
    shapes = shapely.coverage_simplify(frame.geometry.to_numpy(), SHAPE_TOLERANCE_M)
    quantizer = Quantizer(frame.crs, frame.total_bounds, datum)
    towns = communities.towns(frame, shapes, quantizer)
    numbers = {label: number for number, label in enumerate(area.facilities.index)}
    spread = area.spread
    walk = network_payload(plan, quantizer)
    return {
        "origin": quantizer.origin.tolist(),
        "size": quantizer.size.tolist(),
        "kinds": [_kind(plan, kind, lang) for kind in plan.kinds],
        "groups": {group: group_name(group, lang) for group in area.groups},
        "communities": communities.columns(plan, shapes, quantizer),
        "figures": {kind: communities.figures(plan, kind) for kind in plan.kinds},
        "towns": towns,
        "indicators": written(indicators(plan, more_indicators), frame.index, towns["name"], lang),
        "home_places": None
        if spread and walk is None
        else communities.home_places(plan, quantizer),
        "homes": None if spread else communities.homes(plan),
        "facilities": points.facilities(plan, quantizer, lang),
        "supply": supply(plan, lang),
        "scorecard": scorecard(plan, lang),
        "candidates": points.candidates(plan, quantizer),
        "links": points.links(plan),
        "answers": [
            points.answer(plan, answer, quantizer, lang, numbers)
            for answer in sorted(plan.siting, key=lambda one: len(one.why) > 0)  # plans first
        ],
        "rings": {
            kind: circles.nested(plan, plan.rings[plan.rings["kind"] == kind], quantizer)
            for kind in plan.kinds
        },
        "features": feature_layers(
            plan,
            quantizer,
            lang,
            facilities=numbers,
            communities=frame.index,
            more=more_layers,
        ),
        "streets": base_layers.streets(plan, quantizer),
        "walk": walk,
        "backdrop": base_layers.backdrop(area.backdrop, quantizer, frame.total_bounds),
        "other": None,
    }


def _kind(plan: Plan, kind: str, lang: Lang) -> KindText:
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
