"""The whole of a batch: tables of all districts joined, a workbook, and what failed and why."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from planner.batch import across_words
from planner.batch.across import SharedOut
from planner.batch.page import page
from planner.batch.parts import ALL, PART, PARTS_FOLDER, TABLES
from planner.batch.task import ENDED_WELL, DistrictOutcome, DistrictTask
from planner.district.assessment.status import STATUSES
from planner.district.cost_unit import headed
from planner.district.reading import folders
from planner.language import (
    Lang,
    default_lang,
    group_name,
    has_text,
    language_of,
    text,
    times_from,
)
from planner.output.chosen import can_report
from planner.output.columns import Measure, heading
from planner.output.write import csv_bytes
from planner.standards import modes

OVERVIEW, PAGE, WORKBOOK, ACROSS = "overview", "map.html", "summary.xlsx", "across.json"

_MEASURES: dict[str, Measure] = {
    "share": "share", "share_after": "share", "people": "count", "covered": "count",
    "facilities": "count", "communities": "count", "value": "figure", "seconds": "figure",
    "new_sites": "count", "newly": "count", "covered_after": "count", "added": "count",
    "cost": "figure", "minutes_before": "count", "minutes_after": "count",
}  # fmt: skip
_COUNTED = ["districts", "facilities", "communities", "has", "reached", "linked"]
_SUMMED = ["facilities", "people", "covered", "communities", "has", "reached", "linked"]


def save(
    folder: Path,
    tasks: Sequence[DistrictTask],
    outcomes: Sequence[DistrictOutcome],
    across: SharedOut | None = None,
) -> None:
    """Write what the districts come to together, complete or not at all.

    Parameters
    ----------
    folder
        The folder of the batch.
    tasks
        The districts.
    outcomes
        What became of each; those without a result are listed with their reason alone.
    across
        The plan over all districts, where they share something.

    Raises
    ------
    InputError
        If the disk does not allow it.
    """
    lang = language_of(tasks[0].lang) or default_lang()
    whole = [task for task, one in zip(tasks, outcomes, strict=True) if one.state in ENDED_WELL]
    tables = {
        "districts": districts(outcomes),
        "coverage": coverage(_joined(whole, "coverage")),
        "targets": targets(_joined(whole, "scorecard")),
    }
    if across is not None:
        tables |= {"across": across.districts(), "new_sites": across.sites()}
    unit = None if across is None else across.questions[0].cost_unit
    with times_from("streets", "walk" if across is None else across.mode):
        told = {name: in_words(table, lang, unit) for name, table in tables.items()}
        files: dict[str, folders.Content] = (
            {WORKBOOK: _workbook(told, lang)} if can_report() else {}
        )
    files[PAGE] = page(tasks, outcomes, tables["coverage"], folder / OVERVIEW, lang, across=across)
    if across is not None:
        record = json.dumps(across_words.record(across), ensure_ascii=False, indent=1)
        files[ACROSS] = record
    files |= {f"{name}.csv": csv_bytes(table) for name, table in told.items() if len(table)}
    for name in TABLES:
        files |= _partitions(whole, name)
    folders.save_folder(folder / OVERVIEW, files)


def districts(outcomes: Sequence[DistrictOutcome]) -> pd.DataFrame:
    """Return what became of each district.

    Parameters
    ----------
    outcomes
        What became of each.

    Returns
    -------
    A row a district: ``district``, ``state``, ``seconds``, ``problems``.
    """
    rows = [(one.name, one.state, one.seconds, "\n".join(one.problems)) for one in outcomes]
    return pd.DataFrame(rows, columns=["district", "state", "seconds", "problems"])


def coverage(joined: pd.DataFrame) -> pd.DataFrame:
    """Return how each district stands kind by kind, and all of them together.

    Parameters
    ----------
    joined
        The tables `planner.batch.parts.coverage` of the districts, with ``district``.

    Returns
    -------
    First a row for each kind, group, cutoff and mode of travel over all districts that have it
    (``district`` is ``*``), then a row a district and kind: counts as there, ``share`` and
    ``share_after`` the proposed sites, and ``caveats``. What the districts count differently is
    never added up.
    """
    if joined.empty:
        return pd.DataFrame()
    keys = ["kind", "group", "cutoff_min", "mode"]
    # Without any question the column is of objects, none of them a number.
    proposed = pd.to_numeric(joined["covered_after"]).fillna(joined["covered"])
    table = joined.assign(covered_after=proposed)
    names = ["kind_zh", "kind_en", "synthetic"]
    told = {f"caveats_{lang}": partial(_together, lang=lang) for lang in ("zh", "en")}
    whole = table.groupby(keys, sort=False, as_index=False).agg(
        dict.fromkeys([*_SUMMED, "covered_after"], _sum)
        | dict.fromkeys(names[:2], "first")
        | {"synthetic": "any"}
        | told
        | {"district": "nunique"}
    )
    whole = whole.rename(columns={"district": "districts"}).assign(district=ALL)
    both = pd.concat([whole, table.assign(districts=1)], ignore_index=True)
    both["share"] = both["covered"] / both["people"]
    both["share_after"] = both["covered_after"] / both["people"]
    both[_COUNTED] = both[_COUNTED].astype("Float64").astype("Int64")
    columns = ["district", "districts", *keys[1:], "kind", *names, *_SUMMED[:3], "share"]
    return both[[*columns, "share_after", *_SUMMED[3:], "caveats_zh", "caveats_en"]]


def targets(joined: pd.DataFrame) -> pd.DataFrame:
    """Return how the districts stand together, target by target: the scorecard over all.

    Parameters
    ----------
    joined
        The scorecards of the districts, with ``district`` and ``status``.

    Returns
    -------
    A row a target: ``profile``, ``id``, names, ``districts`` and how many are of each status;
    ``numerator`` and ``denominator`` over the districts that have both, and the ``value`` of these
    for a share; none where a district that the target concerns lacks them.
    """
    if joined.empty:
        return pd.DataFrame()
    cards = joined.groupby(["profile", "id"], sort=False)
    return pd.DataFrame([_target(own) for _, own in cards])


def _target(own: pd.DataFrame) -> dict[str, Any]:
    """Return how all districts stand to one target, of its rows in their scorecards."""
    first, counts = own.iloc[0], own["status"].value_counts()
    concerned = own.loc[own["status"] != "not_applicable", ["numerator", "denominator"]]
    whole = bool((own["unit"] == "share").all() and concerned.notna().to_numpy().all())
    above, below = concerned.sum(min_count=1) if whole else (None, None)
    return {
        **{name: first[name] for name in ("profile", "id", "name_zh", "name_en")},
        "districts": len(own),
        **{status: int(counts.get(status, 0)) for status in STATUSES},
        "numerator": above,
        "denominator": below,
        "share": above / below if below else None,
    }


def in_words(table: pd.DataFrame, lang: Lang, cost_unit: str | None = None) -> pd.DataFrame:
    """Return a table for readers: columns of one language, words and headings in it.

    Parameters
    ----------
    table
        One of the tables of this module.
    lang
        The language.
    cost_unit
        The unit of costs, where they stand in the table and it is known.

    Returns
    -------
    The table.
    """
    other = "_en" if lang == "zh" else "_zh"
    shown = table.drop(columns=[name for name in table.columns if name.endswith(other)])
    shown = shown.rename(columns=lambda name: str(name).removesuffix(f"_{lang}"))
    shown = shown.loc[:, ~shown.columns.duplicated(keep="last")]
    if "state" in shown:
        shown["state"] = [text(f"batch.state.{one}", lang) for one in shown["state"]]
    if "mode" in shown:
        shown["mode"] = [modes()[one].name(lang) for one in shown["mode"]]
    if "group" in shown:
        shown["group"] = [group_name(one, lang) for one in shown["group"]]
    if "district" in shown:
        whole = text("batch.whole", lang)
        shown["district"] = [whole if one == ALL else one for one in shown["district"]]
    if "synthetic" in shown:
        mark = text("words.synthetic", lang)
        shown["synthetic"] = [mark if one else "" for one in shown["synthetic"]]
    if "cost" in shown and shown["cost"].isna().all():
        shown = shown.drop(columns="cost")
    heads = {name: column_head(name, lang) for name in shown.columns}
    if "cost" in heads:
        heads["cost"] = headed(heads["cost"], cost_unit, lang)
    return shown.rename(columns=heads)


def column_head(name: str, lang: Lang) -> str:
    """Return the heading of a column of the whole.

    Parameters
    ----------
    name
        The column.
    lang
        The language.
    """
    own = f"batch.column.{name}"
    status = f"assessment.status.{name}"
    key = next((key for key in (own, status) if has_text(key)), None)
    return text(key, lang) if key else heading(name, lang)


def _sum(column: pd.Series) -> float | None:
    """Return a sum, missing where no district has a figure."""
    total: float | None = column.sum(min_count=1)
    return total


def _together(column: pd.Series, lang: Lang) -> str:
    """Return in how many districts something stands beside the figures."""
    n = int(column.fillna("").ne("").sum())
    return text("batch.caveats", lang, n=n) if n else ""


def _joined(whole: Sequence[DistrictTask], name: str) -> pd.DataFrame:
    """Return a table of all districts, each row with its district."""
    frames = []
    for task in whole:
        frame = pd.read_parquet(_part(task, name))
        if len(frame):
            frames.append(frame.assign(district=task.name))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _part(task: DistrictTask, name: str) -> Path:
    return Path(task.folder) / PARTS_FOLDER / f"{name}.parquet"


def _partitions(whole: Sequence[DistrictTask], name: str) -> dict[str, folders.Content]:
    """Return the partitions of a table, all with the same columns, by path."""
    schemas = {task.name: parquet.read_schema(_part(task, name)) for task in whole}
    common = _common(list(schemas.values()))
    return {
        f"{name}/district={task.name}/{PART}": partial(
            _write_part, _part(task, name), None if schemas[task.name].equals(common) else common
        )
        for task in whole
    }


def _common(schemas: Sequence[pa.Schema]) -> pa.Schema:
    """Return the columns of all schemas: one of two types is text, as is one that is empty."""
    kinds: dict[str, pa.DataType] = {}
    for field in (field for schema in schemas for field in schema):
        before = kinds.get(field.name, pa.null())
        told = field.type if before == pa.null() else before
        kinds[field.name] = told if field.type in (told, pa.null()) else pa.string()
    kinds = {name: pa.string() if kind == pa.null() else kind for name, kind in kinds.items()}
    shape = kinds.pop("geometry", None)  # last, as GeoPandas writes it
    return pa.schema({**kinds, **({} if shape is None else {"geometry": shape})})


def _write_part(part: Path, common: pa.Schema | None, path: Path) -> None:
    """Write a partition: the district's own file where its columns are all, else a wider one."""
    if common is None:
        try:
            os.link(part, path)
        except OSError:  # a disk without links
            shutil.copyfile(part, path)
        return
    table = parquet.ParquetFile(part).read()
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in common
    ]
    geo = {key: told for key, told in (table.schema.metadata or {}).items() if key == b"geo"}
    parquet.write_table(pa.table(columns, schema=common.with_metadata(geo)), path)


def _workbook(told: Mapping[str, pd.DataFrame], lang: Lang) -> bytes:
    """Return the tables as a workbook, a sheet each."""
    # Excel is an extra
    from openpyxl import Workbook  # noqa: PLC0415

    from planner.output.report.writers.cells import FORMATS, head, write  # noqa: PLC0415

    book = Workbook()
    book.remove(book.worksheets[0])
    formats = {column_head(name, lang): FORMATS[kind] for name, kind in _MEASURES.items()}
    for name, table in told.items():
        sheet = book.create_sheet(text(f"batch.sheet.{name}", lang))
        head(sheet, map(str, table.columns), lang)
        for n, row in enumerate(table.itertuples(index=False), start=2):
            for m, (column, value) in enumerate(zip(table.columns, row, strict=True), start=1):
                cell = sheet.cell(n, m)
                write(cell, value)
                cell.number_format = formats.get(str(column), "General")
        sheet.freeze_panes = "B2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
