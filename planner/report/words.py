"""The report in words: what it says, in Chinese or English, before it is set in any format."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version

import pandas as pd

from planner.language import Lang, text
from planner.report import advice, supply
from planner.report.content import Block, Heading, Paragraph, Picture, Points, Report, Table, clean
from planner.report.tables import tables
from planner.report.voice import Voice, brief, missing, number, percent, sentence
from planner.scenario import Plan

__all__ = ["compose", "number", "percent"]

MOST_GAPS = 20
MOST_NAMES = 20
_NUMERALS = "一二三四五六七八九十"


def compose(plan: Plan, lang: Lang, *, pictures_speak: bool = True) -> Report:
    """Write what a plan's report says.

    Parameters
    ----------
    plan
        The plan.
    lang
        Language of the words; names stay in the script of the data.
    pictures_speak
        Whether the maps can show Chinese; if not, the report says what to install.
    """
    voice = Voice(plan=plan, made=tables(plan), lang=lang)
    settings, speed = plan.settings, plan.settings.walk.speed
    minutes = sorted({*settings.coverage.minutes, settings.coverage.cutoff_min})
    metres = voice.say("report.comma").join(
        voice.say(
            "report.minutes_metres", minutes=f"{m:g}", metres=number(m * 60 * speed.speed_mps)
        )
        for m in minutes
    )
    year = voice.say("report.no_year") if settings.year is None else str(settings.year)
    note = settings.note if lang == "zh" else settings.note_en or settings.note
    credit = tuple(clean(line) for line in settings.attribution)
    font = [] if pictures_speak else [Paragraph(text=voice.say("report.no_font"), style="warning")]
    blocks: list[Block] = [
        *_summary(voice),
        *advice.scorecard(voice),
        *advice.reported(voice),
        *_people(voice),
        *font,
        *_communities(voice),
        *_streets(voice),
        *_gaps(voice),
        *supply.service(voice),
        *supply.delivery(voice),
        *advice.siting(voice),
        *supply.years(voice),
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
            (voice.say("report.speed_of"), f"{clean(speed.name(lang))} · {speed.speed_mps:g} m/s"),
            (voice.say("report.limits"), metres),
            (voice.say("report.who"), voice.people(settings.coverage.group)),
        ),
        mark=text("words.synthetic", lang) if settings.synthetic else None,
        note=clean(note) if note else None,
        credit=credit,
        blocks=_numbered(blocks, lang),
    )


def _numbered(blocks: list[Block], lang: Lang) -> tuple[Block, ...]:
    """Give headings, tables and maps their numbers."""
    chapter, part, table, picture = 0, 0, 0, 0
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading):
            chapter, part = (chapter + 1, 0) if block.level == 1 else (chapter, part + 1)
            if lang == "zh":
                sign = f"{_chinese(chapter)}、" if block.level == 1 else f"（{_chinese(part)}）"
            else:
                sign = f"{chapter} " if block.level == 1 else f"{chapter}.{part} "
            found.append(replace(block, text=sign + block.text))
        elif isinstance(block, Table):
            table += 1
            found.append(replace(block, number=table))
        elif isinstance(block, Picture):
            picture += 1
            found.append(replace(block, number=picture))
        else:
            found.append(block)
    return tuple(found)


def _chinese(n: int) -> str:
    """Write a number up to 99 in Chinese."""
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_NUMERALS[tens - 1]}十"
    return head + (_NUMERALS[ones - 1] if ones else "")


def _summary(voice: Voice) -> list[Block]:
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
    points += [*_gaps_in_words(voice), *supply.in_short(voice), *advice.in_short(voice)]
    columns = ["kind", "facilities", "capacity", "population", chosen.group, "has", "reached"]
    columns += ["linked"] + (["new_sites", "after"] if plan.siting else [])
    table = made["summary"][list(dict.fromkeys(columns))]
    caption = voice.say("report.summary_table", minutes=f"{chosen.cutoff_min:g}")
    return [
        Heading(text=voice.say("report.summary")),
        Paragraph(text=lead),
        *([Points(items=tuple(points))] if points else []),
        *([voice.table("summary", caption, table)] if len(table) else _nothing(voice)),
    ]


def _nothing(voice: Voice) -> list[Block]:
    return [Paragraph(text=voice.say("report.no_kinds"))]


def _kind_in_words(voice: Voice, row: pd.Series) -> str:
    """Say what a kind of facility covers."""
    chosen = voice.plan.settings.coverage
    people = _district(voice, str(row["kind"]))
    kind = voice.kind(str(row["kind"]))
    if not row["facilities"]:
        return voice.say("report.kind_none", kind=kind)
    capacity, linked = "", ""
    if not missing(row["capacity"]):
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


def _district(voice: Voice, kind: str) -> pd.Series:
    """Find the district's figures of a kind, for the people and the limit that count."""
    chosen, table = voice.plan.settings.coverage, voice.made["people"]
    found = table[
        (table["kind"] == kind)
        & (table["level"] == "district")
        & (table["group"] == chosen.group)
        & (table["minutes"] == chosen.cutoff_min)
    ]
    return found.iloc[0]


def _gaps_in_words(voice: Voice) -> list[str]:
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


def _people(voice: Voice) -> list[Block]:
    """Lay out the district's shares: kind and group down, minutes across; then the maps."""
    people = voice.made["people"]
    rows = people[people["level"] == "district"]
    if rows.empty:
        return []
    wide = rows.pivot_table(
        index=["kind", "group"], columns="minutes", values="share", sort=False, dropna=False
    )
    limits = {f"within_{minutes:g}": minutes for minutes in wide.columns}
    wide.columns = pd.Index(list(limits))
    heads = {name: text("words.minutes", voice.lang, n=f"{m:g}") for name, m in limits.items()}
    caption = voice.say("report.people_table")
    table = voice.table(
        "people", caption, wide.reset_index(), heads=heads, units=dict.fromkeys(heads, "share")
    )
    chosen = voice.plan.settings.coverage
    pictures = [
        _map(voice, kind, 0, share=percent(_district(voice, kind)["share"]))
        for kind in voice.plan.kinds
    ]
    return [
        Heading(text=voice.say("report.people")),
        Paragraph(text=voice.say("report.people_note")),
        table,
        Paragraph(text=voice.say("report.maps_note", minutes=f"{chosen.cutoff_min:g}")),
        *pictures,
    ]


def _map(voice: Voice, kind: str, question: int, *, share: str) -> Picture:
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


def _communities(voice: Voice) -> list[Block]:
    """Lay out the shares of communities, by district, urban or rural, and zone."""
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
        Paragraph(text=rule),
        voice.table("units", voice.say("report.units_table"), table),
    ]


def _streets(voice: Voice) -> list[Block]:
    """Lay out shares and people lacking: streets down, kinds across."""
    streets = voice.made["streets"]
    streets = streets[streets["street"].notna()]
    if streets.empty:
        return []
    kinds = [kind for kind in voice.plan.kinds if kind in set(streets["kind"])]
    heads = {kind: voice.kind(kind) for kind in kinds}
    streets = streets.assign(lacking=streets["people"] - streets["covered"])

    def across(values: str) -> pd.DataFrame:
        wide = streets.pivot_table(index="street", columns="kind", values=values, sort=False)
        return wide.reindex(columns=kinds).rename_axis(columns=None).reset_index()

    chosen = voice.plan.settings.coverage
    values = {"minutes": f"{chosen.cutoff_min:g}", "group": voice.people(chosen.group)}
    points = [line for kind in kinds for line in _range_in_words(voice, kind, streets)]
    shares = voice.say("report.streets_table", **values)
    lacking = voice.say("report.streets_lacking", **values)
    return [
        Heading(text=voice.say("report.streets")),
        *([Points(items=tuple(points))] if points else []),
        voice.table(
            "street_shares",
            shares,
            across("share"),
            heads=heads,
            units=dict.fromkeys(kinds, "share"),
        ),
        voice.table(
            "street_gaps",
            lacking,
            across("lacking"),
            heads=heads,
            units=dict.fromkeys(kinds, "count"),
        ),
    ]


def _range_in_words(voice: Voice, kind: str, streets: pd.DataFrame) -> list[str]:
    """Say where a kind covers most and least, if that differs."""
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


def _gaps(voice: Voice) -> list[Block]:
    table = voice.made["gaps"]
    title = Heading(text=voice.say("report.gaps"))
    if table.empty:
        return [title, Paragraph(text=voice.say("report.no_gaps"))]
    shown = table.head(MOST_GAPS)[
        ["rank", "name", "street", "kind", "lacking", "share", "minutes"]
    ].copy()
    beyond = voice.say("report.beyond", n=f"{voice.plan.settings.coverage.search_min:g}")
    shown["minutes"] = [beyond if missing(m) else f"{m:.0f}" for m in shown["minutes"]]
    group = voice.people(voice.plan.settings.coverage.group)
    shown = shown.drop(columns=[] if shown["street"].notna().any() else "street")
    return [
        title,
        Paragraph(text=voice.say("report.gaps_note", shown=len(shown), n=number(len(table)))),
        voice.table("gaps", voice.say("report.gaps_table", n=len(shown), group=group), shown),
    ]


def _method(voice: Voice) -> list[Block]:
    settings, area = voice.plan.settings, voice.plan.area
    speed = settings.walk.speed
    grade = voice.say("report.marked") if speed.grade == "unverified" else ""
    spread = "report.spread" if area.spread else "report.points"
    points = [
        voice.say("report.walk", limit=f"{settings.walk.max_snap_m:g}"),
        voice.say("report.speed", mps=f"{speed.speed_mps:g}", source=clean(speed.source)) + grade,
        voice.say(spread, n=number(len(area.demand))),
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
        points.append(voice.say("report.skipped", n=len(skipped)))
    if voice.plan.siting:
        points.append(voice.say("report.siting_method"))
    points.append(voice.say("report.made_with", version=version("planner")))
    return [Heading(text=voice.say("report.method")), Points(items=tuple(map(clean, points)))]


def _sources(voice: Voice) -> list[Block]:
    area = voice.plan.area
    table = pd.DataFrame(
        [
            {
                "file": entry.file,
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
