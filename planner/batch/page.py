"""The map of the whole: districts first, their communities as one zooms in, and on to each map."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from planner.batch.across import SharedOut
from planner.batch.across_words import caveats, headline
from planner.batch.parts import ALL, DETAIL, OUTLINE, PARTS_FOLDER
from planner.batch.task import ENDED_WELL, DistrictOutcome, DistrictTask
from planner.district.reading.files import seen_from
from planner.language import Lang, group_name, tag, text
from planner.output.maps.page import in_script, leaflet_script, leaflet_styles
from planner.output.palette import SHARE_BOUNDS, SHARE_COLOURS

_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline' 'self' file:"
)
_WORDS = (
    "kind", "find", "share", "after", "people", "covered", "facilities", "communities", "open_map",
    "open_report", "no_figures", "failed", "legend", "zoom", "limit", "synthetic", "new_sites",
    "newly", "added", "new_site",
)  # fmt: skip


def page(
    tasks: Sequence[DistrictTask],
    outcomes: Sequence[DistrictOutcome],
    coverage: pd.DataFrame,
    overview: Path,
    lang: Lang,
    *,
    across: SharedOut | None = None,
) -> str:
    """Return the map of all districts as one page that needs no network.

    The communities of a district are read from its own folder once one zooms to it, and its map
    opens from there: so the page stays small, and moves with the folder of the batch.

    Parameters
    ----------
    tasks
        The districts.
    outcomes
        What became of each.
    coverage
        `planner.batch.overview.coverage`, the rows of districts and of all.
    overview
        Where the page will lie.
    lang
        Language of the page.
    across
        The plan over all districts, where they share something.

    Returns
    -------
    The page.
    """
    names = {f"kind_{lang}": "kind_name", f"caveats_{lang}": "caveats"}
    figures = coverage.rename(columns=names) if len(coverage) else coverage
    rows = {str(name): own for name, own in figures.groupby("district")} if len(figures) else {}
    listed = [
        _district(task, one, rows.get(task.name), overview, lang)
        for task, one in zip(tasks, outcomes, strict=True)
    ]
    if across is not None:
        shares = _shares(across)
        listed = [one | shares.get(one["name"], {}) for one in listed]
    kinds = dict(figures.groupby("kind", sort=False)["kind_name"].first()) if rows else {}
    if across is not None:  # the map opens with what is sited
        sited = across.questions[0].kind_names[lang]
        kinds = dict(sorted(kinds.items(), key=lambda one: one[1] != sited))
    told = {
        "kinds": kinds,
        "districts": listed,
        # What districts count differently is never added up: a kind has one row of all, or none.
        "whole": {
            row["kind"]: _figures(row, lang)
            for _, row in rows.get(ALL, figures).iterrows()
            if (rows[ALL]["kind"] == row["kind"]).sum() == 1
        },
        "bounds": SHARE_BOUNDS,
        "colours": SHARE_COLOURS,
        "words": {name: text(f"batch.page.{name}", lang) for name in _WORDS},
        "language": tag(lang),
    }
    title = text("batch.page.title", lang, n=len(tasks))
    counts = {
        "batch.page.synthetics": sum(bool(one.get("synthetic")) for one in listed),
        "batch.caveats": sum(bool(one.get("caveats")) for one in listed),
        "batch.page.lost": sum(one.state not in ENDED_WELL for one in outcomes),
    }
    beside = [text(key, lang, n=n) for key, n in counts.items() if n]
    beside = [*_modes(figures, lang), *beside]
    said = [] if across is None else headline(across, lang)
    beside = beside if across is None else [*caveats(across, lang), *beside]
    return _html(title, said, beside, told, lang)


def _modes(figures: pd.DataFrame, lang: Lang) -> list[str]:
    """Return by which modes of travel the districts go, where any does not go on foot."""
    if not len(figures):
        return []
    own = figures[figures["district"] != ALL].drop_duplicates("district")
    count = own["mode"].value_counts()
    if set(count.index) <= {"walk"}:
        return []
    comma = text("problems.comma", lang)
    told = [text("batch.page.of_mode", lang, way=text(f"modes.{mode}", lang), n=n)
            for mode, n in count.items()]  # fmt: skip
    return [text("batch.page.modes", lang, modes=comma.join(told))]


def _shares(across: SharedOut) -> dict[str, dict[str, Any]]:
    """Return what each district has of a plan over all: its sites, and whom they newly cover."""
    sites = {
        str(name): [
            [one["site_name"] or str(one["site"]), one["lat"], one["lon"], one["added"]]
            for one in own.to_dict("records")
        ]
        for name, own in across.sites().groupby("district")
    }
    return {
        row["district"]: {"sites": sites.get(row["district"], []), "newly": row["newly"]}
        for row in across.districts().to_dict("records")
    }


def _district(
    task: DistrictTask,
    outcome: DistrictOutcome,
    rows: pd.DataFrame | None,
    overview: Path,
    lang: Lang,
) -> dict[str, Any]:
    """Return what the page knows of a district: outline, figures by kind, where its files are."""
    if outcome.state not in ENDED_WELL or rows is None:
        first, more = outcome.problems[:1], len(outcome.problems) - 1
        rest = [text("batch.page.more", lang, n=more)] if more > 0 else []
        return {"name": task.name, "problems": [*first, *rest]}
    folder = Path(task.folder)
    home = quote(seen_from(overview, folder))
    return {
        "name": task.name,
        "rings": json.loads((folder / PARTS_FOLDER / OUTLINE).read_text("utf-8")),
        "detail": f"{home}/{PARTS_FOLDER}/{DETAIL}",
        "map": f"{home}/map.html" if (folder / "map.html").is_file() else None,
        "report": f"{home}/report.html" if (folder / "report.html").is_file() else None,
        "synthetic": bool(rows["synthetic"].any()),
        "caveats": rows["caveats"].iloc[0],
        "figures": {row["kind"]: _figures(row, lang) for _, row in rows.iterrows()},
    }


def _figures(row: pd.Series, lang: Lang) -> dict[str, Any]:
    names = ("share", "share_after", "people", "covered", "facilities", "communities", "cutoff_min")
    plain = {name: None if pd.isna(row[name]) else float(row[name]) for name in names}
    way = text(f"modes.{row['mode']}", lang)
    return plain | {"group": group_name(row["group"], lang), "way": way}


def _html(
    title: str, said: Sequence[str], beside: Sequence[str], told: Mapping[str, Any], lang: Lang
) -> str:
    here = files(__package__)
    css = leaflet_styles() + here.joinpath("page.css").read_text("utf-8")
    script = here.joinpath("page.js").read_text("utf-8")
    data = in_script(json.dumps(told, ensure_ascii=False, separators=(",", ":")))
    marks = "".join(f'<p class="plan">{escape(one)}</p>' for one in said)
    marks += "".join(f'<p class="mark">{escape(one)}</p>' for one in beside)
    return (
        f'<!DOCTYPE html>\n<html lang="{tag(lang)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{css}</style>\n"
        f"<script>{leaflet_script()}</script>\n</head>\n<body>\n"
        f'<aside><h1>{escape(title)}</h1>{marks}<div id="panel"></div></aside>\n'
        '<main id="map"></main>\n'
        f'<script type="application/json" id="batch-data">{data}</script>\n'
        f"<script>\n{script}</script>\n</body>\n</html>\n"
    )
