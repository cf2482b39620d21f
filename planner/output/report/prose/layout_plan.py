"""The layout plan as a document of its own, of the report's tables and pictures.

What stands, which standards are held, how far they are met, where the gaps are, which sites are
proposed and when, and what is estimated or left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from planner.district.assessment import STATUSES, statuses
from planner.language.numbers import number
from planner.output.columns import Measure
from planner.output.report.content import (
    Block,
    Heading,
    Paragraph,
    Picture,
    Points,
    Report,
    clean,
    numbered,
)
from planner.output.report.phrasing import ReportContext, missing
from planner.output.report.prose import targets, work_plan, work_report, work_unsaid
from planner.output.report.prose.figures_said import amount

MOST_ROWS = 80


def compose(voice: ReportContext, report: Report) -> Report:
    """Build the layout plan of a plan.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    report
        The report of the plan, whose tables and pictures are used.

    Returns
    -------
    The document; its pictures are some of the report's.
    """
    blocks = [
        *_basis(voice),
        *_standards(voice),
        *_stock(voice, report),
        *_assessment(voice, report),
        *_gaps(voice, report),
        *_sites(voice, report),
        *_timing(voice, report),
        *_limits(voice),
        Heading(text=voice.say("layout_plan.heading.sources")),
        *_taken(report, "inputs"),
        *([Points(items=report.credit)] if report.credit else []),
    ]
    return replace(
        report,
        subtitle=voice.say("layout_plan.subtitle"),
        blocks=numbered(blocks, voice.lang),
        to_paste=(),
    )


def _taken(report: Report, *names: str, question: int = 0) -> list[Block]:
    """Return tables of the report by name, those that it has."""
    known = {(table.name, table.question): table for table in report.tables}
    return [known[name, question] for name in names if (name, question) in known]


def _maps(voice: ReportContext, report: Report, kinds: Iterable[str]) -> list[Picture]:
    """Return the report's maps of coverage by these kinds."""
    wanted = set(kinds)
    own = {f"coverage_{n}" for n, kind in enumerate(voice.plan.kinds, start=1) if kind in wanted}
    return [picture for picture in report.pictures if picture.name in own]


def _gap_kinds(voice: ReportContext) -> tuple[str, ...]:
    return tuple(voice.plan.settings.coverage.gap_kinds) or voice.plan.kinds


def _basis(voice: ReportContext) -> list[Block]:
    """Write what counts and how it is measured."""
    settings, speed = voice.plan.settings, voice.plan.settings.walk.speed
    grade = voice.say("report.marked") if speed.grade == "unverified" else ""
    points = [
        voice.say("report.walk", limit=f"{settings.walk.max_snap_m:g}"),
        voice.say(
            "report.speed", mps=f"{speed.speed_mps:g}", source=clean(speed.rests_on(voice.lang))
        )
        + grade,
        voice.where_people_live(),
    ]
    if voice.plan.siting:
        points.append(voice.say("report.siting_method"))
    return [
        Heading(text=voice.say("layout_plan.heading.basis")),
        *work_report.basis(voice),
        Points(items=tuple(map(clean, points))),
    ]


def _card(voice: ReportContext) -> pd.DataFrame | None:
    card = voice.made.get("scorecard")
    if card is None or card.empty:
        return None
    return card.assign(status=statuses(card))


def _standards(voice: ReportContext) -> list[Block]:
    """List the documents that the district is held against, and how well they are known."""
    card, heading = _card(voice), Heading(text=voice.say("layout_plan.heading.standards"))
    if card is None:
        return [heading, Paragraph(text=voice.say("layout_plan.say.no_standards"))]
    counts = ("targets", *STATUSES)
    rows = [
        {
            "source": source,
            "grade": voice.say(f"assessment.grade.{grade}"),
            "targets": len(own),
            **{name: int(own["status"].eq(name).sum()) for name in counts[1:]},
        }
        for (source, grade), own in card.groupby(["source", "grade"], sort=False)
    ]
    heads = {"targets": voice.say("layout_plan.column.targets")}
    heads |= {name: voice.say(f"assessment.status.{name}") for name in STATUSES}
    heads["targets"] = voice.say("layout_plan.column.targets")
    heads |= {name: voice.say(f"assessment.columns.{name}") for name in ("source", "grade")}
    units: dict[str, Measure] = dict.fromkeys(counts, "count")
    caption = voice.say("layout_plan.table.standards")
    said = {"table": voice.table_of("standards"), "n": len(card)}
    return [
        heading,
        Paragraph(text=voice.say("layout_plan.say.standards", **said)),
        voice.table("standards", caption, pd.DataFrame(rows), heads=heads, units=units),
    ]


def _stock(voice: ReportContext, report: Report) -> list[Block]:
    """Count what stands, by kind and street, and show it on the maps."""
    operating, kinds = voice.plan.area.operating, voice.plan.kinds
    street = operating["community"].map(voice.plan.area.communities["street"])
    counted = pd.crosstab(street, operating["kind"]).reindex(columns=list(kinds), fill_value=0)
    summary = _taken(report, "summary")
    blocks: list[Block] = [Heading(text=voice.say("layout_plan.heading.stock"))]
    if summary and len(counted):
        order = voice.plan.area.communities["street"].dropna().unique()
        counted = counted.reindex([one for one in order if one in counted.index])
        heads = {kind: voice.kind(kind) for kind in kinds}
        units: dict[str, Measure] = dict.fromkeys(kinds, "count")
        said = {"summary": voice.table_of("summary"), "stock": voice.table_of("stock")}
        table = counted.rename_axis(index="street", columns=None).reset_index()
        caption = voice.say("layout_plan.table.stock")
        blocks += [
            Paragraph(text=voice.say("layout_plan.say.stock", **said)),
            *summary,
            voice.table("stock", caption, table, heads=heads, units=units),
        ]
    else:
        blocks += summary
    shown = operating["kind"].isin(kinds).sum()
    stock = Picture(
        name="stock",
        caption=voice.say("layout_plan.map.stock"),
        described=voice.say("layout_plan.map.described", n=number(shown)),
        shows="stock",
    )
    others = _maps(voice, report, set(kinds) - set(_gap_kinds(voice)))
    told = [Paragraph(text=voice.say("layout_plan.say.maps"))] if others else []
    return [*blocks, stock, *told, *others]


def _assessment(voice: ReportContext, report: Report) -> list[Block]:
    """Write which targets are met, which are not, and which have no figure."""
    card = _card(voice)
    if card is None:
        return []
    blocks: list[Block] = [
        Heading(text=voice.say("layout_plan.heading.assessment")),
        *(Paragraph(text=told) for told in targets.in_short(voice)),
    ]
    for status in ("missed", "due_later", "met"):
        own = card[card["status"] == status]
        if len(own):
            said = {"n": len(own), "table": voice.table_of(status)}
            caption = voice.say(f"layout_plan.table.{status}")
            blocks += [
                Paragraph(text=voice.say(f"layout_plan.say.{status}", **said)),
                targets.card_table(voice, status, caption, own),
            ]
    for status, key in (("missing", "target"), ("not_applicable", "not_applicable")):
        gone = card[card["status"] == status]
        if len(gone):
            told = tuple(work_unsaid.cause(voice, key, row) for _, row in gone.iterrows())
            heading = voice.say(f"layout_plan.say.{status}", n=len(gone))
            blocks += [Paragraph(text=heading), Points(items=told)]
    return [*blocks, *_taken(report, "reported")]


def _gaps(voice: ReportContext, report: Report) -> list[Block]:
    """Show where people are out of reach: tables by street and community, and maps."""
    heading = Heading(text=voice.say("layout_plan.heading.gaps"))
    if voice.made["gaps"].empty:
        return [heading, Paragraph(text=voice.say("report.no_gaps"))]
    tables = _taken(report, "street_gaps", "gaps")
    key = "gaps" if len(tables) > 1 else "gaps_only"
    said = {"streets": voice.table_of("street_gaps"), "gaps": voice.table_of("gaps")}
    maps = _maps(voice, report, _gap_kinds(voice))
    return [
        heading,
        Paragraph(text=voice.say(f"layout_plan.say.{key}", **said)),
        *tables,
        *([Paragraph(text=voice.say("layout_plan.say.maps"))] if maps else []),
        *maps,
    ]


def _sites(voice: ReportContext, report: Report) -> list[Block]:
    """Propose sites, kind by kind: where, what each adds, out of how many candidates."""
    blocks: list[Block] = [Heading(text=voice.say("layout_plan.heading.sites"))]
    if not voice.plan.siting:
        return [*blocks, Paragraph(text=voice.say("layout_plan.say.no_sites"))]
    first: set[str] = set()
    for place, answer in enumerate(voice.plan.siting, start=1):
        kind = answer.question.kind
        if answer.why or kind in first:
            continue
        first.add(kind)
        blocks.append(Heading(text=voice.kind(kind), level=2))
        blocks.append(Paragraph(text=voice.joined(*work_plan.proposed(voice, answer))))
        maps = [one for one in report.pictures if one.name == f"sites_{place}"]
        if maps:
            told = voice.say(
                "layout_plan.say.candidates",
                n=answer.candidates,
                chosen=len(answer.sites),
                table=voice.table_of("sites", place),
                map=voice.picture_of(maps[0].name),
            )
            phases = "year" in answer.sites and answer.sites["year"].notna().any()
            one = "" if phases else voice.say("layout_plan.say.one_phase")
            blocks.append(Paragraph(text=voice.joined(told, one)))
        blocks += [*_hosts(voice, place), *_taken(report, "sites", question=place), *maps]
    blocks += [Paragraph(text=told) for told in work_plan.effects(voice)]
    return [*blocks, *(Points(items=(told,)) for told in work_unsaid.refusals(voice))]


def _hosts(voice: ReportContext, place: int) -> list[Block]:
    """Count the candidates that were considered, and those chosen, by the premises they are in."""
    answer, known = voice.plan.siting[place - 1], voice.plan.area.candidates
    if answer.proposed or len(known) != answer.candidates or known["host"].isna().all():
        return []
    counted = known["host"].astype(object).fillna("–").value_counts()
    chosen = (
        answer.sites["host"]
        .astype(object)
        .fillna("–")
        .value_counts()
        .reindex(counted.index, fill_value=0)
    )
    table = pd.DataFrame({"host": counted.index, "considered": counted, "chosen": chosen})
    heads = {name: voice.say(f"layout_plan.column.{name}") for name in ("considered", "chosen")}
    units: dict[str, Measure] = dict.fromkeys(heads, "count")
    kind = voice.kind(answer.question.kind)
    caption = voice.say("layout_plan.table.hosts", kind=kind)
    return [voice.table("hosts", caption, table, heads=heads, units=units, question=place)]


def _timing(voice: ReportContext, report: Report) -> list[Block]:
    """List by year what is under way and what is suggested."""
    heading = Heading(text=voice.say("layout_plan.heading.timing"))
    rows = [*_under_way(voice), *_suggested(voice)]
    years = _taken(report, "years")
    blocks: list[Block] = [heading]
    if rows:
        table = pd.DataFrame(rows).sort_values(["order", "what"], kind="stable")
        table = table.drop(columns="order")
        table = table[[name for name in table if table[name].notna().any()]]
        heads = {
            "when": voice.say("layout_plan.column.year"),
            "what": voice.say("layout_plan.column.project"),
            "adds": voice.say("layout_plan.column.adds"),
            "covers": voice.say("layout_plan.column.covers"),
        }
        units: dict[str, Measure] = {"covers": "count"}
        caption = voice.say("layout_plan.table.timing")
        said = voice.say("layout_plan.say.timing", table=voice.table_of("timing"))
        shown = table.head(MOST_ROWS)
        blocks += [
            Paragraph(text=said),
            voice.table("timing", caption, shown, heads=heads, units=units),
        ]
    else:
        blocks.append(Paragraph(text=voice.say("layout_plan.say.nothing_later")))
    if years:
        told = voice.say("layout_plan.say.years", table=voice.table_of("years"))
        blocks += [Paragraph(text=told), *years]
    return blocks


def _under_way(voice: ReportContext) -> Iterable[dict[str, object]]:
    places = voice.plan.area.communities
    for kind, waiting in work_plan.waiting(voice):
        for label, row in waiting.iterrows():
            year, capacity = row["opened"], row["capacity"]
            unit = voice.plan.area.kinds[kind].unit
            yield {
                "order": 9999 if missing(year) else int(year),
                "when": voice.say("layout_plan.say.no_year") if missing(year) else f"{year:g}",
                "what": voice.say("layout_plan.column.decided"),
                "kind": kind,
                "name": label if missing(row["name"]) else row["name"],
                "street": places["street"].get(row["community"]),
                "adds": None if missing(capacity) else amount(voice, capacity, unit),
                "covers": None,
            }


def _suggested(voice: ReportContext) -> Iterable[dict[str, object]]:
    sites = voice.made["sites"]
    first: set[str] = set()
    for place, answer in enumerate(voice.plan.siting, start=1):
        if answer.why or answer.question.kind in first:
            continue
        first.add(answer.question.kind)
        own = sites[sites["question"] == place]
        years = dict(zip(own["site"], own["year"], strict=True)) if "year" in own else {}
        for _, row in own.iterrows():
            year = years.get(row["site"])
            yield {
                "order": 9998 if year is None or missing(year) else int(year),
                "when": voice.say("layout_plan.say.this_phase") if missing(year) else f"{year:g}",
                "what": voice.say("layout_plan.column.proposed"),
                "kind": row["kind"],
                "name": row["site"] if missing(row["name"]) else row["name"],
                "street": row["street"],
                "adds": None,
                "covers": row["added"],
            }


def _limits(voice: ReportContext) -> list[Block]:
    """Write what is estimated, left out, or still to be checked."""
    plan, points = voice.plan, list(voice.plan.caveats(voice.lang))
    operating = plan.area.operating
    for kind in plan.kinds:
        own = operating.loc[operating["kind"] == kind, "capacity"]
        if own.isna().any():
            said = {"kind": voice.kind(kind), "n": number(own.isna().sum())}
            points.append(voice.say("layout_plan.say.unknown_capacity", **said))
    if len(voice.made["skipped"]):
        points.append(voice.say("report.skipped", n=number(len(voice.made["skipped"]))))
    if len(voice.made["sites"]):
        points.append(voice.say("layout_plan.say.sites_open"))
    card = _card(voice)
    doubt = 0 if card is None else int(card["grade"].eq("unverified").sum())
    if doubt:
        points.append(voice.say("layout_plan.say.unverified", n=doubt))
    points += work_unsaid.without_effect(voice)
    heading = Heading(text=voice.say("layout_plan.heading.limits"))
    return [heading, Points(items=tuple(map(clean, points)))] if points else []
