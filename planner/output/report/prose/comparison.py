"""Two plans compared, in words and tables: for Markdown, a browser, Word and Excel."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pandas as pd

from planner.district import assessment
from planner.language import Lang, group_name, has_text, text
from planner.language.numbers import number, percent, points
from planner.output.columns import Measure, heading
from planner.output.report.content import Block, Heading, Paragraph, Points, Report, Table, clean
from planner.output.report.phrasing import sentence, written
from planner.study.comparison import Comparison
from planner.study.setting_words import setting_name, setting_value

MOST_ROWS = 30
NAMES = ("shares", "units", "targets", "facilities", "communities", "settings")
_SIDES = ("first", "second")
_MEASURES: dict[str, dict[str, Measure]] = {
    "shares": {**dict.fromkeys(_SIDES, "share"), "points": "points"},
    "units": {**dict.fromkeys(_SIDES, "count"), "change": "change"},
    "facilities": dict.fromkeys(_SIDES, "count"),
    "communities": {**dict.fromkeys(_SIDES, "share"), "points": "points", "covered": "change"},
}


def readable(compared: Comparison, lang: Lang) -> dict[str, pd.DataFrame]:
    """Return the tables of a comparison in a language; their figures stay numbers.

    Parameters
    ----------
    compared
        The comparison.
    lang
        The language.

    Returns
    -------
    By name, without the empty ones: ``shares``, ``units``, ``targets``, ``facilities``,
    ``communities`` and ``settings``, with headings for readers.
    """
    found = {name: _in_words(name, compared, lang) for name in NAMES}
    return {
        name: table.rename(columns=lambda column: _head(column, lang))
        for name, table in found.items()
        if len(table)
    }


def measures(compared: Comparison, name: str) -> list[Measure]:
    """Return what the columns of a readable table are measured in, in their order.

    Parameters
    ----------
    compared
        The comparison.
    name
        Name of the table.

    Returns
    -------
    A measure for each column.
    """
    of = _MEASURES.get(name, {})
    return [of.get(column, "text") for column in _in_words(name, compared, "en").columns]


def compose(compared: Comparison, lang: Lang) -> Report:
    """Build the report of a comparison.

    Parameters
    ----------
    compared
        The comparison.
    lang
        Language of the words; names stay in the script of the data.

    Returns
    -------
    The report.
    """
    settings = [plan.settings for plan in (compared.first, compared.second)]
    notes = tuple(sentence(note.say(lang)) for note in compared.notes)
    table_numbers = count(1)
    left_out = _left_out(compared, lang)
    blocks: list[Block] = [
        Heading(text=_say("summary", lang)),
        *(Paragraph(text=told, style="warning") for told in left_out),
        _summary(compared, lang),
    ]
    blocks += [Heading(text=_say("notes", lang)), Points(items=notes)] if notes else []
    for name, shown in readable(compared, lang).items():
        blocks.append(Heading(text=text(f"comparison.sheet.{name}", lang)))
        if _is_cut(name, shown):
            told = "shown" if name == "communities" else "shown_first"
            values = {"n": number(len(shown)), "most": MOST_ROWS}
            blocks.append(Paragraph(text=_say(told, lang, **values)))
        blocks.append(replace(_table(name, shown, compared, lang), number=next(table_numbers)))
    lines = dict.fromkeys(line for one in settings for line in one.attribution)
    credit = tuple(clean(line) for line in lines)
    blocks += [Points(items=credit)] if credit else []
    synthetic = any(one.synthetic for one in settings)
    return Report(
        lang=lang,
        title=clean(_say("title", lang, title=settings[0].name(lang))),
        subtitle=_say("subtitle", lang),
        facts=tuple(
            (_say(side, lang), clean(name))
            for side, name in zip(_SIDES, compared.called(lang), strict=True)
        )
        + tuple((text("report.not_counted", lang), told) for told in left_out),
        mark=text("words.synthetic", lang) if synthetic else None,
        note=None,
        credit=credit,
        blocks=tuple(blocks),
    )


def _left_out(compared: Comparison, lang: Lang) -> list[str]:
    """Return what no figure counts: once where both plans leave out the same."""
    plans = {"first": compared.first, "second": compared.second}
    told = {side: plan.caveats(lang) for side, plan in plans.items()}
    if told["first"] == told["second"]:
        return told["first"]
    return [
        text("report.fact", lang, name=_say(side, lang), value=line)
        for side, lines in told.items()
        for line in lines
    ]


def _say(key: str, lang: Lang, /, **values: object) -> str:
    return text(f"comparison.words.{key}", lang, **values)


def _head(column: str, lang: Lang) -> str:
    key = f"comparison.column.{column}"
    return text(key, lang) if has_text(key) else _say(column, lang)


def _in_words(name: str, compared: Comparison, lang: Lang) -> pd.DataFrame:
    """Return a table with the words of the data model in a language."""
    table: pd.DataFrame = getattr(compared, name)
    kinds = {**compared.second.area.kinds, **compared.first.area.kinds}
    shown = pd.DataFrame(index=table.index)
    for column in table.columns:
        values = table[column]
        match column:
            case "kind":
                shown[column] = [kinds[kind].name(lang) for kind in values]
            case "group":
                shown[column] = [heading(group, lang) for group in values]
            case "state" | "what" | "turn":
                shown[column] = [text(f"comparison.{column}.{value}", lang) for value in values]
            case "first_status" | "second_status":
                shown[column] = [text(f"assessment.status.{status}", lang) for status in values]
            case "first" | "second" if name == "targets":
                said = zip(values, table["unit"], strict=True)
                shown[column] = [assessment.say(value, unit, lang) for value, unit in said]
            case "change" if name in ("shares", "communities"):
                shown["points"] = 100 * values
            case "setting":
                shown[column] = [setting_name(setting, lang) for setting in values]
            case "first" | "second" if name == "settings":
                settings = getattr(compared, column).settings
                rows = zip(table["setting"], values, strict=True)
                shown[column] = [setting_value(*row, settings, lang) for row in rows]
            case "name_zh" | "name_en":
                if column == f"name_{lang}":
                    shown["target"] = values
            case "unit" | "target":
                pass  # said with the figures, and by the name
            case _:
                shown[column] = values
    return shown


def _is_cut(name: str, shown: pd.DataFrame) -> bool:
    """Return whether a table is too long for the document: counts by kind stand whole."""
    return name != "units" and len(shown) > MOST_ROWS


def _table(name: str, shown: pd.DataFrame, compared: Comparison, lang: Lang) -> Table:
    """Set a readable table as texts; of many communities the largest changes, up and down."""
    if _is_cut(name, shown):
        first = shown.index[:MOST_ROWS]
        if name == "communities":
            first = compared.communities["change"].abs().nlargest(MOST_ROWS).index
        shown = shown[shown.index.isin(first)]
    units = measures(compared, name)
    columns = [
        written(values, unit) for (_, values), unit in zip(shown.items(), units, strict=True)
    ]
    return Table(
        name=name,
        caption=text(f"comparison.sheet.{name}", lang),
        head=tuple(shown.columns),
        rows=tuple(zip(*columns, strict=True)),
        right=tuple(unit != "text" for unit in units),
    )


def _summary(compared: Comparison, lang: Lang) -> Points | Paragraph:
    """Return in short what differs: shares, facilities, communities, targets."""
    kinds = compared.first.area.kinds
    group = compared.first.settings.coverage.group
    group = group if group in compared.groups else "population"
    rows = compared.shares[compared.shares["group"] == group]
    differs = rows["change"].abs() > 0
    lines = [
        _say(
            "share_line" if row["state"] == "today" else "after_line",
            lang,
            kind=kinds[row["kind"]].name(lang),
            group=group_name(group, lang, form="whom"),
            first=percent(row["first"]),
            second=percent(row["second"]),
            change=_points(row["change"], lang),
        )
        for _, row in rows[differs].iterrows()
    ]
    what = compared.facilities["what"].value_counts()
    if len(what):
        found = {one: what.get(one, 0) for one in ("opens", "ends", "moves", "capacity")}
    if len(what) and any(found.values()):
        lines.append(_say("facilities_line", lang, **found))
    for kind in dict.fromkeys(rows["kind"]):
        part = compared.communities[compared.communities["kind"] == kind]
        if part.empty:
            continue
        better, worse = int((part["change"] > 0).sum()), int((part["change"] < 0).sum())
        name = kinds[kind].name(lang)
        lines.append(_say("communities_line", lang, kind=name, better=better, worse=worse))
    turns = compared.targets["turn"].value_counts()
    if len(turns):
        found = {one: turns.get(one, 0) for one in ("met", "lost", "figure")}
        lines.append(_say("targets_line", lang, **found))
    if not lines:
        return Paragraph(text=_say("nothing", lang))
    return Points(items=tuple(map(clean, lines)))


def _points(change: float, lang: Lang) -> str:
    """Write a difference of shares in percentage points."""
    return _say("points", lang, n=points(change))
