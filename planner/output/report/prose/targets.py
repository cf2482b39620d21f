"""What the report says of targets, and of what was reported."""

from __future__ import annotations

import pandas as pd

from planner.district.assessment import readable, status_counts
from planner.district.assessment import say as readable_figure
from planner.language import text
from planner.language.numbers import measured, number, percent
from planner.output.report.content import Block, Heading, Paragraph, Table, clean
from planner.output.report.phrasing import ReportContext, brief, missing

_UNSURE = ("contradicts_itself", "differs")
MOST_LACKING = 12  # rows in the document; the workbook has all
CARD_COLUMNS = ("name", "value", "must", "aim", "pass", "short_by", "source", "grade")


def in_short(voice: ReportContext) -> list[str]:
    """Return a sentence on the targets, for the summary.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    The sentence; none without targets.
    """
    card = voice.made.get("scorecard")
    return [] if card is None or card.empty else [_card_in_words(voice, card)]


def scorecard(voice: ReportContext) -> list[Block]:
    """Build the scorecard, if the plan has one; what is unverified is marked and counted.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Blocks; none without targets.
    """
    card = voice.made.get("scorecard")
    if card is None or card.empty:
        return []
    shown = card[card[["value", "must", "aim"]].notna().any(axis=1)]
    sources = sorted(set(shown["source"]))
    about = []
    if len(sources) == 1:
        about.append(voice.say("report.scorecard_source", source=clean(sources[0])))
    if len(shown) < len(card):
        about.append(voice.say("report.scorecard_rest", n=len(card) - len(shown)))
    about.insert(0, voice.say("report.details", where=voice.table_of("scorecard")))
    doubt = int((card["grade"] == "unverified").sum())
    marked = int((shown["grade"] == "unverified").sum())
    doubted = "scorecard_doubt" if marked else "scorecard_doubt_elsewhere"
    warning = [
        Paragraph(text=voice.say(f"report.{doubted}", n=doubt, marked=marked), style="warning")
    ]
    return [
        Heading(text=voice.say("report.scorecard")),
        Paragraph(text=voice.joined(_card_in_words(voice, card), *about)),
        *(warning if doubt else []),
        card_table(voice, "scorecard", voice.say("report.scorecard_table"), shown),
        *_lacking(voice),
    ]


def _lacking(voice: ReportContext) -> list[Block]:
    """Build the table of what would answer the targets without data; none where all have some."""
    table = voice.made.get("lacking")
    if table is None:
        return []
    columns = [f"with_{voice.lang}", "answers", "targets"]
    most = table[columns].head(MOST_LACKING)
    about = voice.say("report.lacking", n=int(table["answers"].sum()))
    if len(most) < len(table):
        where = voice.table_of("lacking")
        about = voice.joined(about, voice.say("report.lacking_rest", n=len(table) - len(most)))
        about = voice.joined(about, voice.say("report.details", where=where))
    return [
        Paragraph(text=about),
        voice.table("lacking", voice.say("report.lacking_table"), most),
    ]


def card_table(voice: ReportContext, name: str, caption: str, shown: pd.DataFrame) -> Table:
    """Set targets in a table: with one source for all, each row keeps its clause alone.

    A column of what is aspired to stands only where something is.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    name
        Name of the table.
    caption
        What stands above it.
    shown
        Rows of the scorecard.

    Returns
    -------
    The table.
    """
    told = readable(shown, voice.lang)
    heads = [text(f"assessment.columns.{column}", voice.lang) for column in CARD_COLUMNS]
    told = told[heads].map(lambda cell: brief(cell) or "–")
    if len(set(shown["source"])) == 1:
        told[heads[CARD_COLUMNS.index("source")]] = [brief(c) or "–" for c in shown["clause"]]
    kept = [
        n for n, column in enumerate(CARD_COLUMNS) if column != "aim" or shown["aim"].notna().any()
    ]
    told = told.iloc[:, kept]
    figures = {"value", "must", "aim", "short_by"}
    return Table(
        name=name,
        caption=caption,
        head=tuple(told.columns),
        rows=tuple(map(tuple, told.to_numpy().tolist())),
        right=tuple(CARD_COLUMNS[n] in figures for n in kept),
    )


def reported(voice: ReportContext) -> list[Block]:
    """Build what was reported beside what was computed, what does not agree first.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Blocks; none where nothing was reported.
    """
    table = voice.made.get("reported")
    if table is None:
        return []
    order = [*_UNSURE, "agrees", "other_year", "nothing_to_compare"]
    counts = {verdict: int(table["verdict"].eq(verdict).sum()) for verdict in order}
    lead = voice.say("report.reported_line", n=len(table), **counts)
    shown = table[table["verdict"].isin([*_UNSURE, "agrees"])]
    shown = shown.sort_values("verdict", key=lambda of: of.map(order.index), kind="stable")
    told = pd.DataFrame(
        {
            "name": shown[f"name_{voice.lang}"],
            "reported": [_reported(voice, row) for _, row in shown.iterrows()],
            "computed": [_computed(voice, row) for _, row in shown.iterrows()],
            "verdict": shown["verdict"],
            "note": [_implied(voice, row) for _, row in shown.iterrows()],
        }
    )
    caption = voice.say("report.reported_table", n=len(shown))
    if len(told):
        lead = voice.joined(lead, voice.say("report.details", where=voice.table_of("reported")))
    some = [voice.table("reported", caption, told)] if len(told) else []
    return [Heading(text=voice.say("report.reported")), Paragraph(text=lead), *some]


def _reported(voice: ReportContext, row: pd.Series) -> str:
    count, of, share = (row[f"reported_{part}"] for part in ("numerator", "denominator", "share"))
    if missing(count):
        return "" if missing(share) else str(share)
    said = _of_all(voice, count, of, share)
    return voice.say("report.or_more", n=said) if row["reported_or_more"] else said


def _computed(voice: ReportContext, row: pd.Series) -> str:
    value, count, of = (row[f"computed_{part}"] for part in ("value", "numerator", "denominator"))
    if row["unit"] != "share" or missing(count):
        return readable_figure(value, row["unit"], voice.lang)
    return _of_all(voice, count, of, percent(value))


def _implied(voice: ReportContext, row: pd.Series) -> str:
    """Return which total a reported number and share imply, where there is one."""
    low, high = row["implied_low"], row["implied_high"]
    if missing(low) or low > high:
        return ""
    told = number(low) if low == high else f"{number(low)}–{number(high)}"
    return voice.say("assessment.verdict.implied", implied=told)


def _of_all(voice: ReportContext, count: float, of: float, share: str) -> str:
    """Return a count, of how many it is, and which share that makes, as far as known."""
    said = measured(count)
    if not missing(of):
        said = voice.say("report.of_all", n=said, all=measured(of))
    return said if missing(share) else voice.say("report.n_share", n=said, share=share)


def _card_in_words(voice: ReportContext, card: pd.DataFrame) -> str:
    return voice.say("report.scorecard_line", n=len(card), **status_counts(card))
