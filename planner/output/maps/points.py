"""What stands at a point: facilities, whom they deliver to, candidates and suggested sites."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from planner.language import Lang, text
from planner.output.maps.cells import exact, texts, tidy, whole
from planner.output.maps.circles import nested
from planner.output.maps.names import spellings
from planner.output.maps.payload.facilities import (
    CandidateColumns,
    FacilityColumns,
    LinkColumns,
    SiteColumns,
)
from planner.output.maps.quantize import Quantizer
from planner.study.plan import Plan
from planner.study.siting_study import SitingAnswer


def facilities(plan: Plan, quantizer: Quantizer, lang: Lang) -> FacilityColumns:
    """Return the facilities with all that their cards show.

    Parameters
    ----------
    plan
        The plan.
    quantizer
        Where shapes stand on the page.
    lang
        Language of the statuses.

    Returns
    -------
    Columns, one value for each facility.
    """
    frame = plan.area.facilities
    shut = ~frame["open_then"].astype(bool) if "open_then" in frame else frame["operating"] & False
    status = frame["status"].mask(shut & (frame["status"] == "existing"), "shut")
    place = {label: number for number, label in enumerate(plan.area.communities.index)}
    return {
        "at": quantizer.points(frame.geometry.to_numpy()),
        "id": [str(label) for label in frame.index],
        "operating": [int(operating) for operating in frame["operating"]],
        "name": texts(frame["name"]),
        "kind": texts(frame["kind"]),
        "tier": texts(frame["tier"]),
        "spelling": spellings(texts(frame["name"])),
        "state": texts(status),
        "status": [text(f"map.status.{one}", lang) for one in status],
        "capacity": [tidy(value) for value in frame["capacity"]],
        "floor_area_m2": [tidy(value) for value in frame["floor_area_m2"]],
        "opened": [whole(value) for value in frame["opened"]],
        "closed": [whole(value) for value in frame["closed"]],
        "community": [place.get(label) for label in frame["community"]],
        "approximate": [int(approximate) for approximate in frame["approximate"]],
    }


def candidates(plan: Plan, quantizer: Quantizer) -> CandidateColumns:
    """Return the candidates that no answer chose.

    Parameters
    ----------
    plan
        The plan.
    quantizer
        Where shapes stand on the page.

    Returns
    -------
    Columns, one value for each candidate.
    """
    frame = plan.area.candidates
    frame = frame[~frame.index.isin(_chosen(plan))]
    return {
        "at": quantizer.points(frame.geometry.to_numpy()),
        "name": texts(frame["name"]) if len(frame) else [],
        "spelling": spellings(texts(frame["name"])) if len(frame) else [],
        "host": texts(frame["host"]) if len(frame) and "host" in frame else [None] * len(frame),
    }


def _chosen(plan: Plan) -> set[Any]:
    return {label for answer in plan.siting for label in answer.sites.index}


def links(plan: Plan) -> LinkColumns:
    """Return the links of facilities and communities by their places in the two tables.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    Two columns of positions, from 0; links that leave the two tables are left out.
    """
    links = plan.area.links
    if links.empty:
        return {"facility": [], "community": []}
    facility = pd.Series(range(len(plan.area.facilities)), index=plan.area.facilities.index)
    community = pd.Series(range(len(plan.area.communities)), index=plan.area.communities.index)
    pairs = np.column_stack(
        [facility.reindex(links["facility"]), community.reindex(links["community"])]
    )
    pairs = pairs[~np.isnan(pairs).any(axis=1)].astype(int)
    return {"facility": pairs[:, 0].tolist(), "community": pairs[:, 1].tolist()}


def answer(
    plan: Plan, answer: SitingAnswer, quantizer: Quantizer, lang: Lang, numbers: dict[Any, int]
) -> SiteColumns:
    """Return the suggested sites of one question.

    Parameters
    ----------
    plan
        The plan.
    answer
        The answer.
    quantizer
        Where shapes stand on the page.
    lang
        Language of the words.
    numbers
        The position of each facility on the page, by label.

    Returns
    -------
    What was asked and what comes of it, and columns with one value for each site.
    """
    sites = answer.sites
    place = {label: number for number, label in enumerate(plan.area.communities.index)}
    return {
        "kind": answer.question.kind,
        "model": answer.question.model,
        "minutes": tidy(answer.minutes),
        "groups": [*answer.question.groups] or [answer.group],
        "why": [problem.say(lang) for problem in answer.why],
        "optimal": answer.result.status == "optimal",
        "gap": exact(answer.result.gap),
        "before": exact(answer.before),
        "after": exact(answer.after),
        "proposed": answer.proposed,
        "candidates": answer.candidates,
        "closed": [numbers[label] for label in answer.result.closed if label in numbers],
        "at": quantizer.points(sites.geometry.to_numpy()),
        "spelling": spellings(texts(sites["name"])),
        "community": [place.get(label) for label in sites["community"]],
        "name": texts(sites["name"]),
        "host": texts(sites["host"]),
        "rank": [whole(value) for value in sites["rank"]],
        "added": [whole(value) for value in sites["added"]],
        "cumulative": [tidy(value) for value in sites["cumulative"]],
        "cost": [exact(value) for value in sites["cost"]],
        "rings": nested(plan, answer.rings, quantizer),
    }
