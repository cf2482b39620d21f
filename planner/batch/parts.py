"""What a district hands to the whole: tables of one form for all, beside its result."""

from __future__ import annotations

import json
from functools import partial
from numbers import Real

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.batch import outlines
from planner.district.assessment.status import statuses
from planner.district.reading.folders import Content
from planner.engine.crs import WGS84
from planner.language import LANGS
from planner.output import report
from planner.study.plan import Plan

PARTS_FOLDER = "parts"
TABLES = ("communities", "coverage", "scorecard")
PART = "part.parquet"
ALL = "*"  # stands for the whole in the column of districts
OUTLINE, DETAIL = "outline.json", "detail.js"


def parts_of(plan: Plan, name: str) -> dict[str, Content]:
    """Return the tables of a district that are joined with those of others.

    Parameters
    ----------
    plan
        The district's plan.
    name
        What the district is called in the batch.

    Returns
    -------
    What writes each, by path within the folder of results: ``communities`` with shapes in WGS 84
    and every figure of ``plan.gpkg``; ``coverage``, a row a kind; ``scorecard``, a row a target.
    Each column is of one type in every district: text, number or truth. Beside them its outline
    and its communities for the map of the whole.
    """
    shapes = report.layers(plan)["communities"]
    tables = {
        "communities": _of_one_form(shapes),
        "coverage": _of_one_form(coverage(plan)),
        "scorecard": _of_one_form(plan.scorecard.assign(status=_statuses(plan.scorecard))),
    }
    files: dict[str, Content] = {
        f"{PARTS_FOLDER}/{key}.parquet": partial(table.to_parquet, index=False)
        for key, table in tables.items()
    }
    files[f"{PARTS_FOLDER}/{OUTLINE}"] = json.dumps(outlines.outline(plan.area.communities))
    files[f"{PARTS_FOLDER}/{DETAIL}"] = outlines.detail(name, shapes, list(plan.kinds))
    return files


def coverage(plan: Plan) -> pd.DataFrame:
    """Return how a district stands, kind by kind, as counts that can be added up.

    Parameters
    ----------
    plan
        The district's plan.

    Returns
    -------
    A row a kind: ``title_zh`` and ``title_en`` of the district, ``synthetic``, ``year``,
    ``cutoff_min``, ``mode`` of travel, ``group`` (whose people count), ``kind`` with ``kind_zh``
    and ``kind_en``, ``facilities`` in operation, ``people`` and those ``covered``, ``communities``
    and those that have one, are reached or linked, ``covered_after`` the proposed sites, and
    ``caveats_zh``/``caveats_en``: what must stand beside every figure.
    """
    settings, summary = plan.settings, plan.summary()
    group = settings.coverage.group
    people = float(plan.area.counted[group].sum())
    caveats = {f"caveats_{lang}": "\n".join(plan.caveats(lang)) for lang in LANGS}
    titles = {f"title_{lang}": settings.name(lang) for lang in LANGS}
    rows = [
        {
            **titles,
            "synthetic": settings.synthetic,
            "year": settings.year,
            "cutoff_min": settings.coverage.cutoff_min,
            "mode": settings.means.id,
            "group": group,
            "kind": str(kind),
            **{f"kind_{lang}": plan.area.kinds[str(kind)].name(lang) for lang in LANGS},
            "facilities": row["facilities"],
            "people": people,
            "covered": people * row[group],
            "covered_after": people * row["after"] if row["new_sites"] else None,
            **{name: row[name] for name in ("communities", "has", "reached", "linked")},
            **caveats,
        }
        for kind, row in summary.iterrows()
    ]
    texts = ["mode", "group", "kind", "kind_zh", "kind_en"]
    columns = [*titles, "synthetic", "year", "cutoff_min", *texts, "facilities", "people"]
    columns += ["covered", "covered_after", "communities", "has", "reached", "linked", *caveats]
    return pd.DataFrame(rows, columns=columns)


def _of_one_form(table: pd.DataFrame) -> pd.DataFrame:
    """Bring each column to text, 64-bit number or truth, and shapes to WGS 84."""
    plain = table.copy()
    for name in plain.columns:
        column = plain[name]
        if column.dtype == "geometry":
            continue
        plain[name] = _of_one_type(column)
    if isinstance(plain, gpd.GeoDataFrame):
        plain = plain.to_crs(WGS84)
        plain.geometry = shapely.force_2d(plain.geometry.to_numpy())
    return plain


def _of_one_type(column: pd.Series) -> pd.Series:
    """Return a column as truths, numbers or texts, whichever all of it is; without any as nothing.

    What a district has no value of must not say of which type it is in others.
    """
    known = column.dropna()
    if known.empty:
        return pd.Series(None, index=column.index, dtype=object)
    if all(isinstance(cell, bool | np.bool_) for cell in known):
        return column.astype("boolean")
    if all(isinstance(cell, Real) for cell in known):
        return pd.to_numeric(column).astype("Float64")
    return column.astype(object).map(str, na_action="ignore").astype("string")


def _statuses(card: pd.DataFrame) -> pd.Series:
    return statuses(card) if len(card) else pd.Series(dtype=object)
