"""The report in words: what it says, in Chinese or English, before it is set in any format."""

from __future__ import annotations

from importlib.metadata import version

import pandas as pd

from planner.language import Lang, text
from planner.language.numbers import number, percent
from planner.output.report.content import Block, Heading, Paragraph, Points, Report, clean, numbered
from planner.output.report.phrasing import ReportContext, brief, missing, sentence
from planner.output.report.prose import advice, covered, supply, targets, work_report
from planner.output.report.tables import tables
from planner.study.plan import Plan

MOST_NAMES = 20


def compose(
    plan: Plan, lang: Lang, *, pictures_speak: bool = True, unwritable: tuple[str, ...] = ()
) -> Report:
    """Build the report of a plan.

    Parameters
    ----------
    plan
        The plan.
    lang
        Language of the words; names stay in the script of the data.
    pictures_speak
        Whether the pictures can show Chinese; if not, the report says what to install.
    unwritable
        Names that no font of the pictures can write; the report says so once.

    Returns
    -------
    The report.
    """
    voice = ReportContext(plan=plan, made=tables(plan), lang=lang)
    settings, speed = plan.settings, plan.settings.walk.speed
    minutes = sorted({*settings.coverage.minutes, settings.coverage.cutoff_min})
    metres = voice.say("report.comma").join(
        voice.say(
            "report.minutes_metres", minutes=f"{m:g}", metres=number(m * 60 * speed.speed_mps)
        )
        for m in minutes
    )
    walks = voice.say("report.speed_is", name=clean(speed.name(lang)), mps=f"{speed.speed_mps:g}")
    year = voice.say("report.no_year") if settings.year is None else str(settings.year)
    note = settings.note if lang == "zh" else settings.note_en or settings.note
    credit = tuple(clean(line) for line in settings.attribution)
    font = [] if pictures_speak else [Paragraph(text=voice.say("report.no_font"), style="warning")]
    if unwritable:
        names = voice.names(pd.Series(unwritable), MOST_NAMES)
        font.append(Paragraph(text=voice.say("report.no_glyph", names=names), style="warning"))
    own = work_report.chapters(voice)
    blocks: list[Block] = [
        *_summary(voice),
        *targets.scorecard(voice),
        *targets.reported(voice),
        *covered.people(voice),
        *font,
        *covered.communities(voice),
        *covered.streets(voice),
        *covered.gaps(voice),
        *supply.service(voice),
        *supply.delivery(voice),
        *advice.siting(voice),
        *supply.years(voice),
        *own,
        *_method(voice),
        *_sources(voice),
        *([Points(items=credit)] if credit else []),
    ]
    return Report(
        lang=lang,
        title=clean(settings.name(lang)),
        subtitle=voice.say("report.subtitle"),
        facts=(
            (voice.say("report.year"), year),
            *(
                []
                if settings.ground in {"table", "vehicle"}
                else [(voice.say("report.speed_of"), walks)]
            ),
            (voice.say("report.limits"), metres),
            (voice.say("report.who"), voice.people(settings.coverage.group)),
            *_left_out(voice),
        ),
        mark=text("words.synthetic", lang) if settings.synthetic else None,
        note=clean(note) if note else None,
        credit=credit,
        blocks=numbered(blocks, lang),
        to_paste=numbered(own, lang),
    )


def _left_out(voice: ReportContext) -> list[tuple[str, str]]:
    """Return what is estimated and what no figure counts, as lines of the first page."""
    estimated = voice.plan.estimated(voice.lang)
    return [
        (voice.say("report.estimated" if told in estimated else "report.not_counted"), told)
        for told in voice.plan.caveats(voice.lang)
    ]


def _summary(voice: ReportContext) -> list[Block]:
    plan, made = voice.plan, voice.made
    chosen, speed = plan.settings.coverage, plan.settings.walk.speed
    counted = plan.area.counted
    whom = ""
    if chosen.group != "population":
        total = number(plan.area.demand[chosen.group].sum())
        whom = voice.say("report.of_whom", group=voice.people(chosen.group), n=total)
    lead = voice.say(
        "report.headline",
        when=voice.say("report.as_it_stands")
        if plan.settings.year is None
        else voice.say("report.in_year", year=plan.settings.year),
        communities=number(
            made["summary"]["communities"].max() if len(made["summary"]) else len(counted)
        ),
        people=number(counted["population"].sum()),
        whom=whom,
        speed=clean(speed.name(voice.lang)),
        mps=f"{speed.speed_mps:g}",
        minutes=f"{chosen.cutoff_min:g}",
        metres=number(chosen.cutoff_min * 60 * speed.speed_mps),
    )
    points = [_kind_in_words(voice, row) for _, row in made["summary"].iterrows()]
    points += [
        *_gaps_in_words(voice),
        *supply.in_short(voice),
        *targets.in_short(voice),
        *advice.in_short(voice),
    ]
    columns = ["kind", "facilities", "capacity", "population", chosen.group, "has", "reached"]
    columns += ["linked"] + (["new_sites", "after"] if plan.siting else [])
    table = made["summary"].reindex(columns=list(dict.fromkeys(columns)))
    caption = voice.say("report.summary_table", minutes=f"{chosen.cutoff_min:g}")
    return [
        Heading(text=voice.say("report.summary")),
        *(Paragraph(text=told, style="warning") for told in plan.caveats(voice.lang)),
        Paragraph(
            text=voice.joined(lead, voice.say("report.details", where=voice.table_of("summary")))
            if len(table)
            else lead
        ),
        *([Points(items=tuple(points))] if points else []),
        *([voice.table("summary", caption, table)] if len(table) else _nothing(voice)),
    ]


def _nothing(voice: ReportContext) -> list[Block]:
    return [Paragraph(text=voice.say("report.no_kinds"))]


def _kind_in_words(voice: ReportContext, row: pd.Series) -> str:
    """Return what a kind of facility covers, in words."""
    chosen = voice.plan.settings.coverage
    people = covered.district(voice, str(row["kind"]))
    kind = voice.kind(str(row["kind"]))
    if not row["facilities"]:
        return voice.say("report.kind_none", kind=kind)
    capacity, linked = "", ""
    if not missing(row["capacity"]) and row["capacity"] > 0:
        capacity = voice.say("report.kind_capacity", n=number(row["capacity"]))
    if not missing(row["linked"]):
        linked = voice.say("report.kind_linked", n=number(row["linked"]))
    return voice.say(
        "report.kind_line",
        kind=kind,
        n=number(row["facilities"]),
        capacity=capacity,
        group=voice.people(chosen.group),
        share=percent(people["share"]),
        covered=number(people["covered"]),
        people=number(people["people"]),
        minutes=f"{chosen.cutoff_min:g}",
        communities=number(row["communities"]),
        has=number(row["has"]),
        reached=number(row["reached"]),
        linked=linked,
    )


def _gaps_in_words(voice: ReportContext) -> list[str]:
    gaps = voice.made["gaps"]
    if gaps.empty:
        return [voice.say("report.no_gaps")]
    worst = gaps.iloc[0]
    where = (
        ""
        if missing(worst["street"])
        else voice.say("report.of_street", street=brief(worst["street"]))
    )
    return [
        voice.say(
            "report.gaps_line",
            n=number(gaps["community"].nunique()),
            rows=number(len(gaps)),
            name=brief(worst["community"] if missing(worst["name"]) else worst["name"]),
            where=where,
            kind=voice.kind(worst["kind"]),
            group=voice.people(voice.plan.settings.coverage.group),
            lacking=number(worst["lacking"]),
        )
    ]


def _method(voice: ReportContext) -> list[Block]:
    settings, area = voice.plan.settings, voice.plan.area
    speed = settings.walk.speed
    grade = voice.say("report.marked") if speed.grade == "unverified" else ""
    points = [
        voice.say("report.walk", limit=f"{settings.walk.max_snap_m:g}"),
        voice.say(
            "report.speed", mps=f"{speed.speed_mps:g}", source=clean(speed.rests_on(voice.lang))
        )
        + grade,
        voice.where_people_live(),
        *(sentence(text(key, voice.lang, **values)) for key, values in area.notes),
    ]
    left_out, skipped = voice.made["left_out"], voice.made["skipped"]
    if len(left_out):
        points.append(
            voice.say(
                "report.left_out",
                n=len(left_out),
                share=f"{settings.coverage.inside_share * 100:g}",
                names=voice.names(left_out["name"].fillna(left_out["community"]), MOST_NAMES),
            )
        )
    if len(skipped):
        points.append(voice.say("report.skipped", n=number(len(skipped))))
    if voice.plan.siting:
        points.append(voice.say("report.siting_method"))
    points.append(voice.say("report.made_with", version=version("planner")))
    return [Heading(text=voice.say("report.method")), Points(items=tuple(map(clean, points)))]


def _sources(voice: ReportContext) -> list[Block]:
    area = voice.plan.area
    table = pd.DataFrame(
        [
            {
                "file": entry.label,
                "role": voice.say(f"report.role.{entry.role}"),
                "rows": entry.rows,
                "used": entry.used,
                "sha256": entry.sha256[:16],
            }
            for entry in area.inputs
        ]
    )
    blocks: list[Block] = [Heading(text=voice.say("report.sources"))]
    if len(table):
        heads = {
            name: voice.say(f"report.input.{name}") for name in ("role", "rows", "used", "sha256")
        }
        caption = voice.say("report.inputs_table")
        blocks.append(voice.table("inputs", caption, table, heads=heads))
    return blocks
