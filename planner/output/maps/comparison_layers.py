"""A second plan beside the first: its figures, facilities and sites on the first one's ground.

The ground (communities, streets, names) is written once. The figures of the second plan stand as
states of their own beside the first one's, ``other`` and ``other_after``; its facilities join the
first one's list where these do not hold them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypedDict, cast

import geopandas as gpd
import pandas as pd

from planner.district import assessment
from planner.engine.coverage import Coverage
from planner.language import Lang, text
from planner.output.indicators import indicators
from planner.output.maps import circles, communities, points
from planner.output.maps.cells import exact
from planner.output.maps.features import feature_layers
from planner.output.maps.indicators import as_columns
from planner.output.maps.network_payload import network_payload
from planner.output.maps.payload import LayersPayload
from planner.output.maps.payload.communities import HomeColumns
from planner.output.maps.payload.comparison import (
    FacilityChange,
    SettingChange,
    ShareChange,
    TargetChange,
    UnitChange,
    WalkChanges,
)
from planner.output.maps.payload.facilities import FacilityColumns
from planner.output.maps.payload.terms import Head
from planner.output.maps.payload.walking import WalkColumns
from planner.output.maps.quantize import Quantizer
from planner.output.maps.scorecard import scorecard
from planner.study.comparison import SAME_PLACE_M, Comparison
from planner.study.plan import Plan
from planner.study.setting_words import setting_name, setting_value

_Columns = dict[str, list[Any]]


def comparison_layers(
    data: LayersPayload, compared: Comparison, quantizer: Quantizer, head: Head, lang: Lang
) -> LayersPayload:
    """Return the layers of the first plan of a comparison with those of the second beside them.

    Parameters
    ----------
    data
        The layers of the first plan.
    compared
        The comparison.
    quantizer
        Where shapes stand on the page.
    head
        The terms of the second plan.
    lang
        Language of the words.

    Returns
    -------
    The layers, with the second plan under ``other``.
    """
    second = _on_ground(compared)
    facilities, standing, places = _facilities(
        data["facilities"], compared, second, quantizer, lang
    )
    numbers = {
        label: number
        for number, (label, stands) in enumerate(zip(places.index, standing, strict=True))
        if stands is not None
    }
    figures = dict(data["figures"])
    for kind in compared.kinds:
        own = communities.figures(second, kind)
        figures[kind] = {
            **figures[kind],
            "other": own["before"],
            "other_after": own["after"],
        }
    rings = {
        kind: circles.nested(second, second.rings[second.rings["kind"] == kind], quantizer)
        for kind in compared.kinds
    }
    there = communities.home_places(compared.second, quantizer)
    return {
        **data,
        "figures": figures,
        "facilities": facilities,
        "homes": _homes(data["homes"], compared, second),
        "other": {
            "head": head,
            "names": list(compared.called(lang)),
            "standing": standing,
            "answers": [
                points.answer(second, answer, quantizer, lang, numbers)
                for answer in sorted(second.siting, key=lambda one: len(one.why) > 0)
            ],
            "rings": rings,
            "features": feature_layers(
                compared.second,
                quantizer,
                lang,
                facilities=numbers,
                communities=compared.first.area.communities.index,
                more=[one["id"] for one in data["features"]],
            ),
            "walk": _walk(data["walk"], compared, quantizer, places),
            "home_places": None if there == data["home_places"] else there,
            "values": _values(data, compared),
            "scorecard": scorecard(compared.second, lang),
            "notes": [note.say(lang) for note in compared.notes],
            **_tables(compared, lang),
        },
    }


def _on_ground(compared: Comparison) -> Plan:
    """Bring the second plan to the communities and the CRS of the first."""
    first, second = compared.first.area, compared.second
    labels = first.communities.index

    def _kept(coverage: Coverage) -> Coverage:
        people, units = coverage.people, coverage.units
        ours = (people["level"] != "community") | people["unit"].isin(labels)
        return replace(coverage, people=people[ours], units=units[units["community"].isin(labels)])

    metric = first.communities.crs
    answers = tuple(
        replace(answer, sites=answer.sites.to_crs(metric), rings=answer.rings.to_crs(metric))
        for answer in second.siting
    )
    return replace(
        second,
        area=replace(
            second.area,
            communities=first.communities,
            facilities=second.area.facilities.to_crs(metric),
        ),
        coverage=_kept(second.coverage),
        after=_kept(second.after),
        rings=second.rings.to_crs(metric),
        siting=answers,
    )


def _facilities(
    drawn: FacilityColumns, compared: Comparison, second: Plan, quantizer: Quantizer, lang: Lang
) -> tuple[FacilityColumns, list[int | None], gpd.GeoDataFrame]:
    """Add the facilities that the first plan does not have, or has elsewhere.

    Returns
    -------
    The columns, in which ``operating`` is missing where the first plan has no such facility;
    whether each operates in the second plan, missing where that has none; and where all stand.
    """
    ours, theirs = compared.first.area.facilities, second.area.facilities
    common = ours.index.intersection(theirs.index)
    near = ours.geometry[common].distance(theirs.geometry[common]) <= SAME_PLACE_M
    same = common[near & (ours["kind"][common] == theirs["kind"][common])]
    alone = theirs[~theirs.index.isin(same)]
    only = replace(second, area=replace(second.area, facilities=alone))
    more = points.facilities(only, quantizer, lang)
    mine, others = cast("_Columns", drawn), cast("_Columns", more)
    joined = cast("FacilityColumns", {name: [*mine[name], *others[name]] for name in mine})
    joined["operating"] = [*drawn["operating"], *([None] * len(alone))]
    stands = theirs["operating"].loc[same].reindex(ours.index)
    standing = [None if pd.isna(one) else int(one) for one in stands]
    places = gpd.GeoDataFrame(pd.concat([ours, alone]), crs=ours.crs)
    return joined, [*standing, *(int(one) for one in alone["operating"])], places


def _homes(drawn: HomeColumns | None, compared: Comparison, second: Plan) -> HomeColumns | None:
    """Return within which limit each home is in the second plan, where it has the same homes."""
    if drawn is None or not second.area.demand.index.equals(compared.first.area.demand.index):
        return drawn
    theirs = communities.homes(second)
    return {**drawn, "other": theirs["before"], "other_after": theirs["after"]}


def _walk(
    drawn: WalkColumns | None,
    compared: Comparison,
    quantizer: Quantizer,
    facilities: gpd.GeoDataFrame,
) -> WalkChanges | None:
    """Return what the second plan walks on, so far as it differs from the first.

    Returns
    -------
    Columns as `network_payload` packs them; nothing where the page cannot walk: other coordinates,
    or people in communities that the first plan does not have.
    """
    first, second = compared.first.area, compared.second.area
    at_home = second.demand["community"].isin(first.communities.index).all()
    if not at_home or second.communities.crs != first.communities.crs:
        return None
    area = second.with_tables(communities=first.communities)
    # A facility that moves stands twice under its label: here each place counts for itself.
    places = facilities.reset_index(drop=True)
    own = network_payload(replace(compared.second, area=area), quantizer, places)
    if own is None or drawn is None:
        return cast("WalkChanges | None", own)
    homes = {name: part for name, part in own["homes"].items() if part != drawn["homes"].get(name)}
    other = {name: part for name, part in own.items() if part != drawn.get(name)}
    return cast("WalkChanges", {**other, "homes": homes})


def _values(
    data: LayersPayload, compared: Comparison
) -> dict[str, list[float | int | None] | None]:
    """Return what the first plan's indicators are in the second; nothing where they are alike."""
    known = {f"{one['kind'] or ''} {one['name']}": one["values"] for one in data["indicators"]}
    found = as_columns(
        indicators(compared.second),
        compared.first.area.communities.index,
        data["towns"]["name"],
    )
    return {
        name: None if values == known[name] else values
        for name, values in found.items()
        if name in known
    }


class _Tables(TypedDict):
    shares: list[ShareChange]
    units: list[UnitChange]
    targets: list[TargetChange]
    changes: list[FacilityChange]
    settings: list[SettingChange]


def _tables(compared: Comparison, lang: Lang) -> _Tables:
    """Return what differs, for the panel."""
    targets, facilities, settings = compared.targets, compared.facilities, compared.settings

    def _said(side: str) -> list[str]:
        rows = zip(targets[side], targets["unit"], strict=True)
        return [assessment.say(value, unit, lang) for value, unit in rows]

    return {
        "shares": [
            {
                "state": row["state"],
                "kind": row["kind"],
                "group": row["group"],
                "first": exact(row["first"]),
                "second": exact(row["second"]),
            }
            for _, row in compared.shares.iterrows()
        ],
        "units": [
            {
                "kind": row["kind"],
                "what": text(f"comparison.what.{row['what']}", lang),
                "first": exact(row["first"]),
                "second": exact(row["second"]),
            }
            for _, row in compared.units.iterrows()
        ],
        "targets": [
            {
                "name": name,
                "turn": turn,
                "words": text(f"comparison.turn.{turn}", lang),
                "first": was,
                "second": now,
            }
            for name, turn, was, now in zip(
                targets[f"name_{lang}"],
                targets["turn"],
                _said("first"),
                _said("second"),
                strict=True,
            )
        ],
        "changes": [
            {
                "kind": row["kind"],
                "id": str(row["facility"]),
                "name": row["name"] if pd.notna(row["name"]) else None,
                "what": row["what"],
                "words": text(f"comparison.what.{row['what']}", lang),
            }
            for _, row in facilities.iterrows()
        ],
        "settings": [
            {
                "name": setting_name(name, lang),
                "first": setting_value(name, was, compared.first.settings, lang),
                "second": setting_value(name, now, compared.second.settings, lang),
            }
            for name, was, now in settings.to_numpy().tolist()
        ],
    }
