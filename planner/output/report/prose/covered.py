"""What the report says of who is covered, and of who is not."""

from __future__ import annotations

import pandas as pd

from planner.language import text
from planner.language.numbers import minutes, number, percent
from planner.output.report.content import Block, Heading, Paragraph, Picture, Points
from planner.output.report.phrasing import ReportContext, brief, missing

MOST_GAPS = 20


def district(voice: ReportContext, kind: str) -> pd.Series:
    """Return the district's figures of a kind, for the people and the limit that count.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    kind
        The kind.

    Returns
    -------
    The row of the table ``people``.
    """
    chosen, table = voice.plan.settings.coverage, voice.made["people"]
    found = table[
        (table["kind"] == kind)
        & (table["level"] == "district")
        & (table["group"] == chosen.group)
        & (table["minutes"] == chosen.cutoff_min)
    ]
    return found.iloc[0]


def people(voice: ReportContext) -> list[Block]:
    """Build the section on people: shares by kind and group down, minutes across; then the maps.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Blocks; none without figures.
    """
    table = voice.made["people"]
    rows = table[table["level"] == "district"]
    if rows.empty:
        return []
    wide = rows.pivot_table(
        index=["kind", "group"], columns="minutes", values="share", sort=False, dropna=False
    )
    limits = {f"within_{minutes:g}": minutes for minutes in wide.columns}
    wide.columns = pd.Index(list(limits))
    heads = {name: text("words.minutes", voice.lang, n=f"{m:g}") for name, m in limits.items()}
    caption = voice.say("report.people_table")
    shares = voice.table(
        "people", caption, wide.reset_index(), heads=heads, units=dict.fromkeys(heads, "share")
    )
    pictures = [
        _map(voice, kind, 0, share=percent(district(voice, kind)["share"]))
        for kind in voice.plan.kinds
    ]
    return [
        Heading(text=voice.say("report.people")),
        Paragraph(text=voice.say("report.people_note", table=voice.table_of("people"))),
        shares,
        *([Paragraph(text=_of_maps(voice, pictures))] if pictures else []),
        *pictures,
    ]


def _of_maps(voice: ReportContext, pictures: list[Picture]) -> str:
    """Return how the maps are read, and which they are."""
    first, last = (voice.picture_of(picture.name) for picture in (pictures[0], pictures[-1]))
    between = "report.and" if len(pictures) == 2 else "report.from_to"
    which = first if len(pictures) == 1 else voice.say(between, first=first, last=last)
    return voice.say(
        "report.maps_note", minutes=f"{voice.plan.settings.coverage.cutoff_min:g}", maps=which
    )


def _map(voice: ReportContext, kind: str, question: int, *, share: str) -> Picture:
    chosen = voice.plan.settings.coverage
    values = {
        "kind": voice.kind(kind),
        "minutes": f"{chosen.cutoff_min:g}",
        "group": voice.people(chosen.group),
        "share": share,
    }
    return Picture(
        name=f"coverage_{voice.plan.kinds.index(kind) + 1}",
        caption=voice.say("report.map_coverage", **values),
        described=voice.say("report.map_described", **values),
        kind=kind,
        question=question,
    )


def communities(voice: ReportContext) -> list[Block]:
    """Build the section on communities: shares by district, urban or rural, and zone.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Blocks; none without figures.
    """
    units = voice.plan.coverage.unit_shares
    shown = units[units["level"].isin(["district", "settlement", "zone"])].copy()
    if shown.empty:
        return []
    for column in ("has", "reached", "linked"):
        share = shown.pop(f"{column}_share")
        shown[column] = [
            None if missing(n) else voice.say("report.n_share", n=number(n), share=percent(part))
            for n, part in zip(shown[column], share, strict=True)
        ]
    front = ["kind", "level", "unit"]
    chosen = voice.plan.settings.coverage
    rule = voice.say(
        "report.rule",
        share=f"{chosen.covered_share * 100:g}",
        group=voice.people(chosen.group),
        minutes=f"{chosen.cutoff_min:g}",
    )
    table = shown[[*front, *(c for c in shown.columns if c not in front)]]
    return [
        Heading(text=voice.say("report.units")),
        Paragraph(
            text=voice.joined(rule, voice.say("report.details", where=voice.table_of("units")))
        ),
        voice.table("units", voice.say("report.units_table"), table),
    ]


def streets(voice: ReportContext) -> list[Block]:
    """Build the section on subdistricts: shares and people lacking, kinds across.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Blocks; none where communities name no subdistrict.
    """
    streets = voice.made["streets"]
    streets = streets[streets["street"].notna()]
    if streets.empty:
        return []
    kinds = [kind for kind in voice.plan.kinds if kind in set(streets["kind"])]
    heads = {kind: voice.kind(kind) for kind in kinds}
    streets = streets.assign(lacking=streets["people"] - streets["covered"])

    def _across(values: str) -> pd.DataFrame:
        wide = streets.pivot_table(index="street", columns="kind", values=values, sort=False)
        return wide.reindex(columns=kinds).rename_axis(columns=None).reset_index()

    chosen = voice.plan.settings.coverage
    values = {"minutes": f"{chosen.cutoff_min:g}", "group": voice.people(chosen.group)}
    points = [line for kind in kinds for line in _range_in_words(voice, kind, streets)]
    shares = voice.say("report.streets_table", **values)
    lacking = voice.say("report.streets_lacking", **values)
    where = voice.say(
        "report.and",
        first=voice.table_of("street_shares"),
        last=voice.table_of("street_gaps"),
    )
    return [
        Heading(text=voice.say("report.streets")),
        Paragraph(text=voice.say("report.streets_note", where=where)),
        *([Points(items=tuple(points))] if points else []),
        voice.table(
            "street_shares",
            shares,
            _across("share"),
            heads=heads,
            units=dict.fromkeys(kinds, "share"),
        ),
        voice.table(
            "street_gaps",
            lacking,
            _across("lacking"),
            heads=heads,
            units=dict.fromkeys(kinds, "count"),
        ),
    ]


def _range_in_words(voice: ReportContext, kind: str, streets: pd.DataFrame) -> list[str]:
    """Return where a kind covers most and least, if that differs."""
    own = streets[(streets["kind"] == kind) & streets["share"].notna()]
    if len(own) < 2 or own["share"].min() == own["share"].max():
        return []
    best, worst = own.iloc[int(own["share"].argmax())], own.iloc[int(own["share"].argmin())]
    return [
        voice.say(
            "report.street_range",
            kind=voice.kind(kind),
            best=brief(best["street"]),
            most=percent(best["share"]),
            worst=brief(worst["street"]),
            least=percent(worst["share"]),
            lacking=number(worst["lacking"]),
        )
    ]


def gaps(voice: ReportContext) -> list[Block]:
    """Build the section on the communities where most people lack a facility.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Blocks.
    """
    table = voice.made["gaps"]
    title = Heading(text=voice.say("report.gaps"))
    if table.empty:
        return [title, Paragraph(text=voice.say("report.no_gaps"))]
    shown = table.head(MOST_GAPS)[
        ["rank", "name", "street", "kind", "lacking", "share", "minutes"]
    ].copy()
    beyond = voice.say("report.beyond", n=f"{voice.plan.settings.coverage.search_min:g}")
    shown["minutes"] = [beyond if missing(m) else minutes(m) for m in shown["minutes"]]
    group = voice.people(voice.plan.settings.coverage.group)
    shown = shown.drop(columns=[] if shown["street"].notna().any() else "street")
    values = {"shown": len(shown), "n": number(len(table)), "table": voice.table_of("gaps")}
    return [
        title,
        Paragraph(text=voice.say("report.gaps_note", **values)),
        voice.table("gaps", voice.say("report.gaps_table", n=len(shown), group=group), shown),
    ]
