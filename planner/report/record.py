"""The record of a plan: what a machine reads, with all that is needed to make it again."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import pandas as pd

from planner.report.tables import tables
from planner.scenario import Plan

SCHEMA_VERSION = 1
VERSIONS_OF = ("planner", "geopandas", "shapely", "pyproj", "numpy", "pandas", "numba", "highspy")


def record(plan: Plan) -> dict[str, Any]:
    """Make the record of a plan.

    Returns
    -------
    Of plain types that JSON knows: ``schema_version``, ``title``, ``synthetic``, ``settings``
    (resolved), ``walk`` (speed, its source, and the metres it implies), ``crs``, ``inputs`` with
    their SHA-256, ``versions``, ``siting`` (each with status, objective, bound and gap) and
    ``tables``. Missing figures are null.
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
        "demand": {"points": len(area.demand), "spread": area.spread, "groups": list(area.groups)},
        "inputs": [asdict(entry) for entry in area.inputs],
        "attribution": settings.attribution,
        "versions": {name: version(name) for name in VERSIONS_OF}
        | {"python": platform.python_version()},
        "siting": [
            {
                "kind": answer.question.kind,
                "model": answer.question.model,
                "minutes": answer.minutes,
                "group": answer.group,
                "status": answer.result.status,
                "objective": answer.result.objective,
                "bound": answer.result.bound,
                "gap": answer.result.gap,
                "candidates": answer.candidates,
                "proposed": answer.proposed,
                "before": answer.before,
                "after": answer.after,
                "unreached": [str(label) for label in answer.result.unreached],
            }
            for answer in plan.siting
        ],
        "tables": {name: _rows(table) for name, table in tables(plan).items()},
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(
        table.to_json(orient="records", force_ascii=False, double_precision=10)
    )
    return rows
