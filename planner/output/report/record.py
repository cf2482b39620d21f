"""The record of a plan: what a machine reads, with all that is needed to make it again."""

from __future__ import annotations

import json
import math
import platform
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import pandas as pd

from planner.district.assessment import status_counts
from planner.district.left_out import LeftOut
from planner.engine.capacity import Allocation, Delivery
from planner.engine.siting import Solution, Verification
from planner.errors import Problem
from planner.language import LANGS
from planner.output.report.tables import tables
from planner.standards import profile_names, read_profile
from planner.study.allocation_study import DeliveryAnswer, ServiceAnswer
from planner.study.comparison import Comparison
from planner.study.plan import Plan
from planner.study.siting_study import SitingAnswer

SCHEMA_VERSION = 1
VERSIONS_OF = ("planner", "geopandas", "shapely", "pyproj", "numpy", "pandas", "numba", "highspy")


def record(plan: Plan) -> dict[str, Any]:
    """Build the record of a plan.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    What `headline_record` has, and ``tables``, the scorecard among them.
    """
    told = {name: _rows(table) for name, table in tables(plan).items()}
    return headline_record(plan) | {"tables": told}


def headline_record(plan: Plan) -> dict[str, Any]:
    """Build the record of a plan without its tables.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    Of plain types that JSON knows: ``schema_version``, ``title``, ``synthetic``, ``settings``
    (resolved), ``walk`` (speed, its source, and the metres it implies), ``crs``, ``left_out`` (the
    communities and people that no figure counts, and why), ``estimates`` (what the data
    lack and is estimated, with its measured error), ``caveats`` (what stands beside every
    headline: these, and a year without data), ``inputs`` with their SHA-256,
    ``versions``, ``standards`` (profiles by name, and how many targets are of each status),
    ``siting``, ``service`` and ``delivery`` (each with status, objective, bound and gap). Missing
    figures are null.
    """
    settings, area = plan.settings, plan.area
    speed = settings.walk.speed
    return {
        "schema_version": SCHEMA_VERSION,
        "title": settings.title,
        "synthetic": settings.synthetic,
        "year": settings.year,
        "settings": settings.model_dump(mode="json", exclude={"map": {"tianditu_key"}}),
        "walk": {
            "speed_mps": speed.speed_mps,
            "preset": speed.id,
            "source": speed.source,
            "grade": speed.grade,
            "metres": {
                f"{m:g}": round(m * 60 * speed.speed_mps) for m in settings.coverage.minutes
            },
        },
        "crs": area.communities.crs.to_string(),
        "left_out": _left_out(plan.left_out),
        "estimates": [one.record() for one in area.estimates],
        "caveats": {lang: plan.caveats(lang) for lang in LANGS},
        "demand": {"points": len(area.demand), "spread": area.spread, "groups": list(area.groups)},
        "inputs": [asdict(entry) for entry in area.inputs],
        "attribution": settings.attribution,
        "versions": {name: version(name) for name in VERSIONS_OF}
        | {"python": platform.python_version()},
        "standards": _standards(plan),
        "siting": [_siting(answer) for answer in plan.siting],
        "service": [_service(answer) for answer in plan.service],
        "delivery": [_delivery(answer) for answer in plan.delivery],
    }


def summary_rows(plan: Plan) -> list[dict[str, Any]]:
    """Return the summary of a plan as a record has it: a mapping for each kind.

    Parameters
    ----------
    plan
        The plan.
    """
    return _rows(plan.summary().reset_index())


def comparison_record(compared: Comparison) -> dict[str, Any]:
    """Build the record of two plans compared.

    Parameters
    ----------
    compared
        The comparison.

    Returns
    -------
    ``schema_version``, ``names``, ``notes``, ``first`` and ``second`` (the record of each plan
    without its tables), and ``tables`` of what differs.
    """
    names = ("shares", "units", "communities", "facilities", "targets", "settings")
    first, second = map(headline_record, (compared.first, compared.second))
    return {
        "schema_version": SCHEMA_VERSION,
        "names": {lang: list(compared.called(lang)) for lang in LANGS},
        "notes": _notes(compared.notes),
        "first": first,
        "second": second,
        "tables": {name: _rows(getattr(compared, name)) for name in names},
    }


def _left_out(found: LeftOut) -> dict[str, Any]:
    """Return what no figure counts, in figures and in words."""
    words = {lang: found.say(lang) for lang in LANGS}
    return {**asdict(found), "share": found.share, "words": words}


def _standards(plan: Plan) -> dict[str, Any]:
    """Name what the district was held against, and count what came of it."""
    asked, card = plan.settings.standards.profiles, plan.scorecard
    known = {name: read_profile(name) for name in asked if name in profile_names()}
    said = {
        name: {"zh": known[name].zh, "en": known[name].en} if name in known else {}
        for name in asked
    }
    counts = status_counts(card)
    return {
        "profiles": [{"id": name, **names} for name, names in said.items()],
        "targets": len(card),
        "met": counts["met"],
        "not_met": counts["missed"],
        "due_later": counts["due_later"],
        "figure_only": counts["listed"],
        "not_applicable": counts["not_applicable"],
        "no_figure": counts["missing"],
    }


def _proof(found: Solution | Allocation | Delivery) -> dict[str, Any]:
    """Return how sure a result is."""
    figures = {name: _figure(getattr(found, name)) for name in ("objective", "bound", "gap")}
    return {"status": found.status, **figures}


def _verified(found: Verification | None) -> dict[str, Any] | None:
    """Return what checking an answer anew found."""
    if found is None:
        return None
    wrong = [{"zh": one.say("zh"), "en": one.say("en")} for one in found.wrong]
    return {
        "holds": found.holds,
        "wrong": wrong,
        "rules": found.rules,
        "objective": _figure(found.objective),
        "optimum": _figure(found.optimum),
    }


def _siting(answer: SitingAnswer) -> dict[str, Any]:
    return {
        "kind": answer.question.kind,
        "model": answer.question.model,
        "minutes": answer.minutes,
        "group": answer.group,
        **_proof(answer.result),
        "proof": answer.result.proof,
        "verified": _verified(answer.verified),
        "candidates": answer.candidates,
        "proposed": answer.proposed,
        "before": answer.before,
        "after": answer.after,
        "why": _notes(answer.why),
        "notes": _notes(answer.result.notes),
        "thinned": None if answer.thinned is None else asdict(answer.thinned),
        "price_of_fairness": _figure(answer.price),
        "groups": {name: one.model_dump() for name, one in answer.question.groups.items()},
        "upgraded": _rows(answer.upgraded.rename_axis("facility").reset_index()),
        "unreached": [str(label) for label in answer.result.unreached],
    }


def _service(answer: ServiceAnswer) -> dict[str, Any]:
    found = answer.allocation
    return {
        "kind": answer.question.kind,
        "column": answer.question.column,
        "rule": answer.question.rule,
        "need": answer.question.need,
        "minutes": answer.minutes,
        "group": answer.group,
        **_proof(found),
        "person_minutes": _figure(found.person_minutes),
        "least_person_minutes": _figure(found.least_person_minutes),
        "notes": _notes(found.notes),
    }


def _delivery(answer: DeliveryAnswer) -> dict[str, Any]:
    found = answer.delivery
    return {
        "kind": answer.question.kind,
        "link": answer.question.link,
        "need": answer.question.need,
        "window_min": answer.question.window_min,
        "handling_min": answer.question.handling_min,
        "speed_mps": answer.question.speed_mps,
        **_proof(found),
        "notes": _notes(found.notes),
    }


def _notes(notes: tuple[Problem, ...]) -> list[dict[str, str]]:
    return [{lang: note.say(lang) for lang in LANGS} for note in notes]


def _figure(value: float) -> float | None:
    """Write a figure as JSON can: what is missing or without end is null."""
    return float(value) if math.isfinite(value) else None


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(
        table.to_json(orient="records", force_ascii=False, double_precision=10)
    )
    return rows
