"""The sheet that counts a workbook's figures anew from its other sheets, by formulas."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
from openpyxl.formatting import rule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from planner.district.assessment import status_counts
from planner.language import text
from planner.output.report.phrasing import missing
from planner.output.report.writers.cells import (
    FORMATS,
    GREEN,
    RED,
    Placed,
    Shown,
    Sources,
    head,
    paper,
    write,
)

COLUMNS = ("what", "of", "stated", "counted", "difference")
WIDTHS = (46, 34, 14, 14, 10)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A figure of the report, and the formula that counts it anew.

    Parameters
    ----------
    what
        Name of the check in the catalogue.
    of
        What it is counted for: the words that the other sheet holds, or the number of a question.
    stated
        The figure of the report.
    formula
        The formula, with ``{of}`` for the cell of what it is counted for.
    counted
        What the formula comes to, summed from the same table without it.
    """

    what: str
    of: str | int
    stated: float
    formula: str
    counted: float


def recount(sheet: Worksheet, sources: Sources) -> Shown:
    """Write the checks: figures of the report, counted anew by formulas.

    Parameters
    ----------
    sheet
        The sheet to write on.
    sources
        The tables, and where they stand.

    Returns
    -------
    What their formulas come to, by cell.
    """
    lang = sources.lang
    head(sheet, [text(f"report.check.{column}", lang) for column in COLUMNS], lang)
    results: Shown = {}
    row = 1
    for row, check in enumerate(_checks(sources), start=2):
        write(sheet.cell(row, 1), text(f"report.check.{check.what}", lang))
        write(sheet.cell(row, 2), check.of)
        write(sheet.cell(row, 3), check.stated)
        counted, difference = sheet.cell(row, 4), sheet.cell(row, 5)
        counted.value = f"={check.formula.format(of=f'$B{row}')}"
        difference.value = f"=ROUND(D{row}-C{row},3)"
        results[counted.coordinate] = check.counted
        results[difference.coordinate] = round(check.counted - check.stated, 3)
        for cell in (sheet.cell(row, 3), counted, difference):
            cell.number_format = FORMATS["count"]
    for letter, width in zip("ABCDE", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    if row > 1:
        for condition, colour in (("equal", GREEN), ("notEqual", RED)):
            fill = PatternFill(bgColor=colour, fill_type="solid")
            sheet.conditional_formatting.add(
                f"E2:E{row}",
                rule.CellIsRule(condition, ["0"], fill=fill),  # type: ignore[no-untyped-call]
            )
    sheet.freeze_panes, sheet.auto_filter.ref = "A2", f"A1:E{max(row, 1)}"
    sheet.print_title_rows = "1:1"
    paper(sheet, lang)
    return results


def _checks(sources: Sources) -> Iterator[Check]:
    """List the checks, kind by kind, then targets, sites and service."""
    names = {kind: sources.plan.area.kinds[kind].name(sources.lang) for kind in sources.plan.kinds}
    # Two kinds of one name cannot be told apart in the sheets.
    for kind, name in pd.Series(names, dtype=object).drop_duplicates(keep=False).items():
        yield from _of_kind(sources, str(kind), str(name))
    yield from _of_targets(sources)
    yield from _of_sites(sources)
    yield from _of_service(sources)


def _of_kind(sources: Sources, kind: str, name: str) -> Iterator[Check]:
    """Count people and communities of a kind from the communities, and from the streets."""
    chosen = sources.plan.settings.coverage
    own = sources.rows_of("people", kind=kind)
    own = own[
        (own["level"] == "district")
        & (own["group"] == chosen.group)
        & (own["minutes"] == chosen.cutoff_min)
    ]
    stated = {column: float(own[column].sum()) for column in ("people", "covered")}
    for table in ("communities", "streets"):
        rows = sources.rows_of(table, kind=kind)
        if table == "streets" and (
            rows.empty or sources.made["communities"]["street"].isna().any()
        ):
            continue
        for column in ("people", "covered"):
            yield Check(
                what=f"{table}_{column}",
                of=name,
                stated=stated[column],
                formula=_sum(sources.placed[table], "kind", column),
                counted=float(rows[column].sum()),
            )
    yield from _of_communities(sources, kind, name)
    gaps = sources.rows_of("gaps", kind=kind)
    if len(gaps):
        yield Check(
            what="gaps",
            of=name,
            stated=stated["people"] - stated["covered"],
            formula=_sum(sources.placed["gaps"], "kind", "lacking"),
            counted=float(gaps["lacking"].sum()),
        )


def _of_communities(sources: Sources, kind: str, name: str) -> Iterator[Check]:
    """Count the communities that have one, are reached and are linked."""
    summary = sources.rows_of("summary", kind=kind).iloc[0]
    rows, own = sources.rows_of("communities", kind=kind), sources.placed["communities"]
    yes = text("words.yes", sources.lang)
    for column in ("has", "reached", "linked"):
        if missing(summary[column]) or not own.rows:
            continue
        formula = f'SUMPRODUCT(({own.cells("kind")}={{of}})*({own.cells(column)}="{yes}"))'
        yield Check(
            what=f"communities_{column}",
            of=name,
            stated=float(summary[column]),
            formula=formula,
            counted=float(rows[column].eq(other=True).sum()),
        )


def _of_targets(sources: Sources) -> Iterator[Check]:
    """Count the targets of each status."""
    if "scorecard" not in sources.made:
        return
    cells = sources.placed["scorecard"].cells("pass")
    for status, n in status_counts(sources.made["scorecard"]).items():
        yield Check(
            what=f"targets_{status}",
            of=text(f"assessment.status.{status}", sources.lang),
            stated=float(n),
            formula=f"COUNTIF({cells},{{of}})",
            counted=float(n),
        )


def _of_sites(sources: Sources) -> Iterator[Check]:
    """Add up what the sites of each question add."""
    for number, answer in enumerate(sources.plan.siting, start=1):
        everyone = float(answer.people["weight"].sum())
        more = (answer.after - answer.before) * everyone
        if answer.sites.empty or answer.result.closed or not math.isfinite(more):
            continue
        rows = sources.rows_of("sites", question=number)
        yield Check(
            what="sites",
            of=number,
            stated=more,
            formula=_sum(sources.placed["sites"], "question", "added"),
            counted=float(rows["added"].sum()),
        )


def _of_service(sources: Sources) -> Iterator[Check]:
    """Add up who is served, facility by facility."""
    for number, answer in enumerate(sources.plan.service, start=1):
        own = sources.rows_of("service", question=number, level="district")
        yield Check(
            what="load",
            of=number,
            stated=float(own.loc[own["group"] == answer.group, "served"].sum()),
            formula=_sum(sources.placed["load"], "question", "people"),
            counted=float(sources.rows_of("load", question=number)["people"].sum()),
        )


def _sum(placed: Placed, by: str, column: str) -> str:
    """Sum a column over the rows that hold what is asked for.

    SUMIF would take a name that begins with ``>`` or holds ``*`` for a condition.
    """
    if not placed.rows:
        return "0"
    return f"SUMPRODUCT(({placed.cells(by)}={{of}})*{placed.cells(column)})"
