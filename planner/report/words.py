"""The report in words: Markdown, in Chinese or English."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planner.language import Lang, text
from planner.report.tables import for_readers, heading, tables, word
from planner.scenario import Plan, SitingAnswer

MOST_GAPS = 20


def markdown(plan: Plan, lang: Lang) -> str:
    """Write the report.

    Parameters
    ----------
    plan
        The plan.
    lang
        Language of the words; names stay in the script of the data.
    """
    made = tables(plan)
    settings = plan.settings
    lines = [f"# {settings.name(lang)}", ""]
    if settings.synthetic:
        lines += [f"> **{text('words.synthetic', lang)}**", ""]
    note = settings.note if lang == "zh" else settings.note_en or settings.note
    lines += [note, ""] if note else []
    lines += [f"## {text('report.summary', lang)}", "", *_headline(plan, lang), ""]
    lines += _grid(_summary(plan, made["summary"]), plan, lang)
    lines += [f"## {text('report.people', lang)}", "", text("report.people_note", lang), ""]
    lines += _grid(_by_minutes(plan), plan, lang)
    lines += [f"## {text('report.units', lang)}", "", _rule(plan, lang), ""]
    lines += _grid(_units(plan), plan, lang)
    if made["streets"]["street"].notna().any():
        lines += [f"## {text('report.streets', lang)}", ""]
        lines += _grid(_streets(plan, made["streets"]), plan, lang)
    lines += [f"## {text('report.gaps', lang)}", ""]
    lines += _gaps(plan, made["gaps"], lang)
    if plan.siting:
        lines += [f"## {text('report.siting', lang)}", ""]
        for number, answer in enumerate(plan.siting, start=1):
            lines += _answer(plan, number, answer, made["sites"], lang)
    lines += _caveats(plan, made, lang)
    return "\n".join(lines).rstrip() + "\n"


def percent(value: Any) -> str:
    """Write a share as a percentage with one decimal; a dash where it is missing.

    Examples
    --------
    >>> percent(194 / 242), percent(None)
    ('80.2 %', '–')
    """
    return "–" if value is None or pd.isna(value) else f"{float(value) * 100:.1f} %"


def number(value: Any) -> str:
    """Write a count with separators; a dash where it is missing.

    Examples
    --------
    >>> number(39590.0)
    '39,590'
    """
    return "–" if value is None or pd.isna(value) else f"{float(value):,.0f}"


def _headline(plan: Plan, lang: Lang) -> list[str]:
    settings = plan.settings
    speed = settings.walk.speed
    cutoff = settings.coverage.cutoff_min
    counted = plan.area.counted
    year = text("report.no_year", lang) if settings.year is None else settings.year
    return [
        text(
            "report.headline",
            lang,
            year=year,
            communities=len(counted),
            people=number(counted["population"].sum()),
            speed=speed.name(lang),
            mps=f"{speed.speed_mps:g}",
            minutes=f"{cutoff:g}",
            metres=number(cutoff * 60 * speed.speed_mps),
            group=heading(settings.coverage.group, lang),
        )
    ]


def _rule(plan: Plan, lang: Lang) -> str:
    chosen = plan.settings.coverage
    return text(
        "report.rule",
        lang,
        share=f"{chosen.covered_share * 100:g}",
        group=heading(chosen.group, lang),
        minutes=f"{chosen.cutoff_min:g}",
    )


def _summary(plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    shown = table.copy()
    for column in ("facilities", "capacity", "communities", "has", "reached", "linked"):
        shown[column] = shown[column].map(number)
    for column in (*plan.area.groups, "after"):
        shown[column] = shown[column].map(percent)
    return shown if plan.siting else shown.drop(columns=["new_sites", "after"])


def _by_minutes(plan: Plan) -> pd.DataFrame:
    """Lay out the district's shares: kind and group down, minutes across."""
    people = plan.coverage.people
    rows = people[people["level"] == "district"]
    wide = rows.pivot_table(
        index=["kind", "group"], columns="minutes", values="share", sort=False, dropna=False
    )
    shown = wide.map(percent)
    shown.columns = pd.Index([f"{minutes:g} min" for minutes in shown.columns])
    return shown.reset_index()


def _units(plan: Plan) -> pd.DataFrame:
    """Lay out the shares of communities, by district, urban or rural, and zone."""
    table = plan.coverage.unit_shares
    shown = table[table["level"].isin(["district", "settlement", "zone"])].copy()
    for column in ("has", "reached", "linked"):
        share = shown.pop(f"{column}_share")
        shown[column] = [
            "–" if pd.isna(n) else f"{number(n)} ({percent(s)})"
            for n, s in zip(shown[column], share, strict=True)
        ]
    front = ["kind", "level", "unit"]
    return shown[[*front, *(c for c in shown.columns if c not in front)]]


def _streets(plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    """Lay out the share covered: streets down, kinds across."""
    wide = table.pivot_table(index="street", columns="kind", values="share", sort=False)
    return wide.reindex(columns=list(plan.kinds)).map(percent).reset_index()


def _gaps(plan: Plan, table: pd.DataFrame, lang: Lang) -> list[str]:
    if table.empty:
        return [text("report.no_gaps", lang), ""]
    shown = table.head(MOST_GAPS)[
        ["rank", "name", "street", "kind", "lacking", "share", "minutes"]
    ].copy()
    shown["lacking"] = shown["lacking"].map(number)
    shown["share"] = shown["share"].map(percent)
    shown["minutes"] = [
        text("report.beyond", lang, n=f"{plan.settings.coverage.search_min:g}")
        if pd.isna(m)
        else f"{m:.0f}"
        for m in shown["minutes"]
    ]
    lead = text("report.gaps_note", lang, shown=len(shown), n=len(table))
    return [lead, "", *_grid(shown, plan, lang)]


def _answer(
    plan: Plan, place: int, answer: SitingAnswer, sites: pd.DataFrame, lang: Lang
) -> list[str]:
    kind = plan.area.kinds[answer.question.kind].name(lang)
    result = answer.result
    model = word(answer.question.model, lang)
    lines = [f"### {place}. {kind}: {model}", ""]
    lines += [
        text(
            "report.answer",
            lang,
            kind=kind,
            n=len(answer.sites),
            candidates=answer.candidates,
            group=heading(answer.group, lang),
            minutes=f"{answer.minutes:g}",
            before=percent(answer.before),
            after=percent(answer.after),
            status=word(result.status, lang),
            objective=number(result.objective),
            bound=number(result.bound),
            gap=f"{result.gap * 100:.2f} %",
        ),
        "",
    ]
    if answer.proposed:
        lines += [text("report.proposed", lang), ""]
    if len(result.unreached):
        lost = plan.area.demand.loc[result.unreached, answer.group].sum()
        lines += [text("report.unreached", lang, people=number(lost)), ""]
    own = sites[sites["question"] == place]
    shown = own[["rank", "name", "host", "community", "added", "cumulative", "cost"]].copy()
    for column in ("rank", "added", "cumulative", "cost"):
        shown[column] = shown[column].map(number)
    return lines + _grid(shown.dropna(axis=1, how="all"), plan, lang)


def _caveats(plan: Plan, made: dict[str, pd.DataFrame], lang: Lang) -> list[str]:
    settings, area = plan.settings, plan.area
    lines = [f"## {text('report.method', lang)}", ""]
    speed = settings.walk.speed
    grade = f" ({text('words.unverified', lang)})" if speed.grade == "unverified" else ""
    points = [
        text("report.walk", lang, limit=f"{settings.walk.max_snap_m:g}"),
        text("report.speed", lang, mps=f"{speed.speed_mps:g}", source=speed.source) + grade,
        text("report.spread" if area.spread else "report.points", lang, n=number(len(area.demand))),
    ]
    points += [text(key, lang, **values) for key, values in area.notes]
    if len(made["left_out"]):
        names = ", ".join(made["left_out"]["name"].astype(str))
        points.append(
            text(
                "report.left_out",
                lang,
                n=len(made["left_out"]),
                share=f"{settings.coverage.inside_share * 100:g}",
                names=names,
            )
        )
    if len(area.skipped):
        points.append(text("report.skipped", lang, n=len(area.skipped)))
    lines += [f"- {point}" for point in points]
    lines += ["", f"## {text('report.sources', lang)}", ""]
    lines += [f"- `{e.file}` ({e.role}): SHA-256 `{e.sha256[:16]}…`" for e in area.inputs]
    lines += [f"- {line}" for line in settings.attribution]
    return lines


def _grid(table: pd.DataFrame, plan: Plan, lang: Lang) -> list[str]:
    """Set a table in Markdown, names from data escaped."""
    shown = for_readers(table, plan, lang).rename(
        columns={kind: plan.area.kinds[kind].name(lang) for kind in plan.kinds}
    )
    head = "| " + " | ".join(_cell(column) for column in shown.columns) + " |"
    rule = "|" + " --- |" * len(shown.columns)
    rows = ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in shown.to_numpy()]
    return [head, rule, *rows, ""]


def _cell(value: Any) -> str:
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return "–"
    plain = str(value).replace("\n", " ").replace("&", "&amp;").replace("<", "&lt;")
    return plain.replace("|", "\\|")
