"""The sheet of native charts of a workbook: they follow the cells that they are drawn from."""

from __future__ import annotations

from typing import Any

import pandas as pd
from openpyxl.chart import BarChart, LineChart, Reference, ScatterChart, Series
from openpyxl.drawing.text import CharacterProperties, ParagraphProperties
from openpyxl.worksheet.worksheet import Worksheet

from planner.language import Lang, group_name, text
from planner.output.report.content import clean
from planner.output.report.table_words import model_name
from planner.output.report.writers.cells import FORMATS, Shown, Sources, head, paper

WIDE_CM, TALL_CM = 16.5, 8.5
COLUMNS_EACH, ROWS_EACH = 9, 18
LINE, BARS, AFTER = "0B5394", "8FB0D6", "0B5394"
MOST_KINDS = 12
HEAD_HEIGHT = 45


def graphs(sheet: Worksheet, sources: Sources) -> Shown:
    """Draw the charts, and the table of years that one of them needs.

    Parameters
    ----------
    sheet
        The sheet to draw on.
    sources
        The tables, and where they stand.

    Returns
    -------
    What the formulas of that table come to, by cell.
    """
    plan, lang = sources.plan, sources.lang
    results, top = _years_table(sheet, sources)
    charts = [*_coverage(sources), *_years(sheet, sources)]
    for number, answer in enumerate(plan.siting, start=1):
        kind = plan.area.kinds[answer.question.kind].name(lang)
        told = f"{clean(kind)} · {model_name(answer.question.model, lang)}"
        charts += [*_front(number, told, sources), *_steps(number, told, sources)]
    for n, chart in enumerate(charts):
        chart.width, chart.height = WIDE_CM, TALL_CM
        column = "A" if n % 2 == 0 else "J"
        sheet.add_chart(chart, f"{column}{top + (n // 2) * ROWS_EACH}")
    paper(sheet, lang)
    sheet.sheet_view.showGridLines = False
    return results


def _dressed(chart: Any, title: str, along: str, up: str) -> Any:
    """Name a chart and its axes, and let it draw them."""
    chart.title, chart.x_axis.title, chart.y_axis.title = title, along, up
    for words in (chart.title, chart.x_axis.title, chart.y_axis.title):
        style = CharacterProperties(
            sz=1100 if words is chart.title else 900, b=words is chart.title
        )
        words.tx.rich.p[0].pPr = ParagraphProperties(defRPr=style)
    chart.x_axis.delete = chart.y_axis.delete = False
    if len(chart.series) > 1:
        chart.legend.position = "b"
    else:
        chart.legend = None
    return chart


def _coverage(sources: Sources) -> list[Any]:
    """Draw the share covered of each kind, today and with the new sites."""
    plan, own, lang = sources.plan, sources.placed["summary"], sources.lang
    if not own.rows:
        return []
    chosen = plan.settings.coverage
    chart = BarChart()
    columns = [(chosen.group, "today", BARS)] + ([("after", "after", AFTER)] if plan.siting else [])
    for column, name, colour in columns:
        series = Series(Reference(range_string=own.cells(column)), title=_say(name, lang))
        series.graphicalProperties.solidFill = colour
        chart.series.append(series)
    chart.set_categories(Reference(range_string=own.cells("kind")))
    chart.y_axis.number_format, chart.y_axis.scaling.min, chart.y_axis.scaling.max = "0%", 0, 1
    title = _say("coverage", lang, **_counted(sources))
    return [_dressed(chart, title, _say("kind", lang), _say("share", lang))]


def _counted(sources: Sources) -> dict[str, str]:
    """Return of whom a share is, and within how many minutes."""
    chosen = sources.plan.settings.coverage
    group = group_name(chosen.group, sources.lang, form="whom")
    return {"group": group, "n": f"{chosen.cutoff_min:g}"}


def _years_table(sheet: Worksheet, sources: Sources) -> tuple[Shown, int]:
    """Write shares by year and kind, by formulas; return their values and the first free row."""
    plan, made, lang = sources.plan, sources.made, sources.lang
    if "years" not in made:
        return {}, 1
    table, own, group = made["years"], sources.placed["years"], plan.settings.coverage.group
    kinds = list(plan.kinds)[:MOST_KINDS]
    head(sheet, [_say("year", lang), *(clean(plan.area.kinds[k].name(lang)) for k in kinds)], lang)
    results: Shown = {}
    shares = table.set_index(["year", "kind"])[group]
    where = {key: n for n, key in enumerate(shares.index)}
    years = list(dict.fromkeys(table["year"]))
    sheet.row_dimensions[1].height = HEAD_HEIGHT
    for row, year in enumerate(years, start=2):
        sheet.cell(row, 1).value = int(year)
        for column, kind in enumerate(kinds, start=2):
            place = where.get((year, kind))
            if place is None or pd.isna(shares.iloc[place]):
                continue
            cell = sheet.cell(row, column)
            cell.value = f"={own.cells(group, place, 1).partition(':')[0]}"
            cell.number_format = FORMATS["share"]
            results[cell.coordinate] = float(shares.iloc[place])
    return results, len(years) + 4


def _years(sheet: Worksheet, sources: Sources) -> list[Any]:
    """Draw the share covered of each kind, year by year."""
    plan, made, lang = sources.plan, sources.made, sources.lang
    if "years" not in made or made["years"]["year"].nunique() < 2:
        return []
    last = made["years"]["year"].nunique() + 1
    chart = LineChart()
    for column in range(2, min(len(plan.kinds), MOST_KINDS) + 2):
        data = Reference(sheet, min_col=column, min_row=1, max_row=last)
        chart.add_data(data, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=last))
    chart.y_axis.number_format, chart.y_axis.scaling.min = "0%", 0
    title = _say("years", lang, **_counted(sources))
    return [_dressed(chart, title, _say("year", lang), _say("share", lang))]


def _front(number: int, told: str, sources: Sources) -> list[Any]:
    """Draw the front of a siting question: each point a plan."""
    rows, lang = sources.rows_of("front", question=number), sources.lang
    if len(rows) < 2:
        return []
    along = _whole(rows, "sites", "cost", "mean")
    up = _whole(rows, "covered", "longest", "share")
    if along is None or up is None:
        return []
    chart = ScatterChart()
    chart.style = 13
    own, first = sources.placed["front"], int(rows.index[0])
    series = Series(
        Reference(range_string=own.cells(up, first, len(rows))),
        Reference(range_string=own.cells(along, first, len(rows))),
        title=told,
    )
    series.marker.symbol, series.marker.size = "circle", 7
    series.graphicalProperties.line.solidFill = LINE
    series.marker.graphicalProperties.solidFill = LINE
    chart.series.append(series)
    return [_dressed(chart, _say("front", lang, of=told), _say(along, lang), _say(up, lang))]


def _whole(rows: pd.DataFrame, *columns: str) -> str | None:
    """Find the first of some columns that is there and misses nothing."""
    return next((name for name in columns if name in rows and rows[name].notna().all()), None)


def _steps(number: int, told: str, sources: Sources) -> list[Any]:
    """Draw what each site of a siting question adds, in their order."""
    rows, lang = sources.rows_of("sites", question=number), sources.lang
    if len(rows) < 2:
        return []
    own, first = sources.placed["sites"], int(rows.index[0])
    chart = BarChart()
    series = Series(Reference(range_string=own.cells("added", first, len(rows))), title=told)
    series.graphicalProperties.solidFill = BARS
    chart.series.append(series)
    chart.set_categories(Reference(range_string=own.cells("rank", first, len(rows))))
    title = _say("steps", lang, of=told)
    return [_dressed(chart, title, _say("rank", lang), _say("added", lang))]


def _say(name: str, lang: Lang, **values: object) -> str:
    return text(f"report.graph.{name}", lang, **values)
