"""A sweep for readers: one page with curves, maps to step through and tables, and a workbook."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from html import escape
from importlib.resources import files

import pandas as pd

from planner.language import Lang, group_name, tag, text
from planner.language.numbers import number, percent
from planner.output.chosen import can_report
from planner.output.columns import heading
from planner.output.report.table_words import model_name
from planner.output.write import csv_bytes
from planner.scenarios.compute import Sweep

TABLES = ("figures", "sites", "targets")
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_SHARES = {"before", "after", "gap"}


def sweep_files(
    found: Sweep, maps: Mapping[int, Mapping[str, bytes]], lang: Lang
) -> dict[str, str | bytes]:
    """Return the files of a sweep.

    Parameters
    ----------
    found
        The sweep.
    maps
        PNG maps of each scenario by its number, from 1, and by the kind they show; empty for none.
    lang
        Language of what people read.

    Returns
    -------
    Contents by name: ``sweep.html`` and a CSV for each table; with the extra ``planner[report]``
    ``sweep.xlsx``, too, and curves on the page.
    """
    told = {name: _in_words(getattr(found, name), found, lang) for name in TABLES}
    told = {name: table for name, table in told.items() if len(table)}
    headed = {
        name: table.set_axis([_head(column, found, lang) for column in table.columns], axis=1)
        for name, table in told.items()
    }
    return {
        "sweep.html": _page(found, maps, told, lang),
        **({"sweep.xlsx": _workbook(headed, lang)} if can_report() else {}),
        **{f"tables/{name}.csv": csv_bytes(table) for name, table in headed.items()},
    }


def _in_words(table: pd.DataFrame, found: Sweep, lang: Lang) -> pd.DataFrame:
    """Return a table with its kinds, models and statuses in words."""
    named = any(step.scenario for step in found.steps)
    shown = table.copy() if named else table.drop(columns="scenario")
    if "kind" in shown:
        shown["kind"] = [found.kinds[kind].name(lang) for kind in shown["kind"]]
    if "model" in shown:
        shown["model"] = [model_name(one, lang) for one in shown["model"]]
    if "status" in shown:
        shown["status"] = [text(f"sweep.status.{one}", lang) for one in shown["status"]]
    return shown


def _head(name: str, found: Sweep, lang: Lang) -> str:
    if name in found.varied:
        return name
    if name in found.targets.columns and name not in {"step", "scenario"}:
        return text(f"assessment.status.{name}", lang)
    own = f"sweep.column.{name}"
    return text(own, lang) if name in _OWN else heading(name, lang)


_OWN = {"step", "scenario", "question", "model", "sites", "status", "gap", "names"}


def _workbook(told: Mapping[str, pd.DataFrame], lang: Lang) -> bytes:
    # Excel is an extra
    from openpyxl import Workbook  # noqa: PLC0415

    from planner.output.report.writers.cells import head, write  # noqa: PLC0415

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, table in told.items():
        sheet = book.create_sheet(text(f"sweep.page.{name}", lang))
        head(sheet, map(str, table.columns), lang)
        for n, row in enumerate(table.itertuples(index=False), start=2):
            for m, value in enumerate(row, start=1):
                write(sheet.cell(n, m), value)
        sheet.freeze_panes = "C2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _page(
    found: Sweep,
    maps: Mapping[int, Mapping[str, bytes]],
    told: Mapping[str, pd.DataFrame],
    lang: Lang,
) -> str:
    """Return the page; it needs no network."""
    settings = found.settings[0]
    title = settings.name(lang)
    group = settings.coverage.group
    curves = _curves(found, group, lang)
    marks = [text("words.synthetic", lang)] if settings.synthetic else []
    css = files("planner.output.report.writers").joinpath("page.css").read_text("utf-8")
    parts = [
        f'<!DOCTYPE html>\n<html lang="{tag(lang)}">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>\n<style>\n{css}{_CSS}</style>\n</head>\n<body>\n<header>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="subtitle">{text("sweep.page.about", lang, n=len(found.steps))}</p>',
        *(f'<p class="warning">{escape(mark)}</p>' for mark in (*marks, *found.caveats[lang])),
        "</header>\n<main>",
    ]
    if curves is not None:
        caption = text("sweep.page.curves", lang, group=group_name(group, lang))
        image = base64.b64encode(curves).decode()
        parts.append(
            f'<figure><img alt="{escape(caption)}" src="data:image/svg+xml;base64,{image}">'
            f"<figcaption>{escape(caption)}</figcaption></figure>"
        )
    if maps:
        parts.append(_stepper(found, maps, lang))
    parts += [
        f"<h2>{text(f'sweep.page.{name}', lang)}</h2>{_table(table, found, lang)}"
        for name, table in told.items()
    ]
    return "\n".join([*parts, "</main>\n</body>\n</html>"]) + "\n"


def _curves(found: Sweep, group: str, lang: Lang) -> bytes | None:
    if not can_report():
        return None
    from planner.scenarios.curves import share_curves  # noqa: PLC0415  matplotlib is an extra

    return share_curves(found, group, lang)


def _stepper(found: Sweep, maps: Mapping[int, Mapping[str, bytes]], lang: Lang) -> str:
    """Return the maps, one shown at a time, with a slider and a list of kinds."""
    kinds = found.kinds
    shown = list(dict.fromkeys(kind for of_step in maps.values() for kind in of_step))
    options = "".join(
        f'<option value="{escape(kind)}">{escape(kinds[kind].name(lang))}</option>'
        for kind in shown
    )
    images = "".join(
        f'<img hidden data-step="{number}" data-kind="{escape(kind)}" alt="'
        f'{escape(found.steps[number - 1].name)}" '
        f'src="data:image/png;base64,{base64.b64encode(png).decode()}">'
        for number, of_step in maps.items()
        for kind, png in of_step.items()
    )
    names = "".join(f"<li>{escape(step.name)}</li>" for step in found.steps)
    return (
        f'<section id="maps"><h2>{text("sweep.page.maps", lang)}</h2>'
        f'<p><label>{heading("kind", lang)} <select id="kind">{options}</select></label> '
        f'<label>{text("sweep.column.scenario", lang)} <input id="step" type="range" min="1" '
        f'max="{len(maps)}" value="1"></label> <output id="name"></output></p>'
        f'<ol id="names" hidden>{names}</ol><figure>{images}</figure></section>\n'
        f"<script>{_SCRIPT}</script>"
    )


def _table(table: pd.DataFrame, found: Sweep, lang: Lang) -> str:
    """Return a table as HTML: shares as percent, figures to the right."""
    shares = {*found.groups, *_SHARES}
    right = [pd.api.types.is_numeric_dtype(table[name]) for name in table.columns]
    heads = "".join(
        f'<th scope="col"{_NUMBER if n else ""}>{escape(_head(str(name), found, lang))}</th>'
        for name, n in zip(table.columns, right, strict=True)
    )
    cells = {
        name: [
            "–" if pd.isna(cell)
            else str(cell) if name in found.varied or not n
            else percent(cell) if name in shares
            else number(cell)
            for cell in table[name]
        ]
        for name, n in zip(table.columns, right, strict=True)
    }  # fmt: skip
    rows = "\n".join(
        "<tr>"
        + "".join(
            f"<td{_NUMBER if n else ''}>{escape(cell)}</td>"
            for cell, n in zip(row, right, strict=True)
        )
        + "</tr>"
        for row in zip(*cells.values(), strict=True)
    )
    return (
        f'<div class="wide" tabindex="0" role="region"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )


_NUMBER = ' class="n"'
_CSS = """
body { max-width: 76rem; }
#maps p { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; }
#maps input { width: 18rem; vertical-align: middle; }
#maps figure img[hidden] { display: none; }
output { font-weight: 700; }
"""
_SCRIPT = """
const step = document.getElementById("step"), kind = document.getElementById("kind");
const names = [...document.querySelectorAll("#names li")].map((item) => item.textContent);
function show() {
  for (const image of document.querySelectorAll("#maps img")) {
    image.hidden = image.dataset.step !== step.value || image.dataset.kind !== kind.value;
  }
  document.getElementById("name").textContent = names[step.value - 1];
}
step.addEventListener("input", show);
kind.addEventListener("change", show);
show();
"""
