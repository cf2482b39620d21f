"""What the report says of capacity, of deliveries, and of one year after another."""

from __future__ import annotations

import math

import pandas as pd

from planner.engine.capacity import Allocation
from planner.language.numbers import given_percent, minutes, number, percent
from planner.output.report.content import Block, Heading, Paragraph, Points
from planner.output.report.phrasing import ReportContext, sentence
from planner.study.allocation_study import DeliveryAnswer, ServiceAnswer

MOST_ROWS = 20
WHY = ("short", "too_late", "no_route")


def in_short(voice: ReportContext) -> list[str]:
    """Return a sentence on each answer on capacity and delivery, for the summary.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Sentences.
    """
    served = [_split_in_words(voice, n, a) for n, a in enumerate(voice.plan.service, start=1)]
    brought = [_brought_in_words(voice, n, a) for n, a in enumerate(voice.plan.delivery, start=1)]
    return [*served, *brought]


def service(voice: ReportContext) -> list[Block]:
    """Build the section on capacity: who is served, how sure that is, how full facilities are.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Blocks; none where nobody asked.
    """
    if not voice.plan.service:
        return []
    blocks: list[Block] = [
        Heading(text=voice.say("report.service")),
        Paragraph(text=voice.say("report.service_note")),
    ]
    for place, answer in enumerate(voice.plan.service, start=1):
        kind = voice.kind(answer.question.kind)
        notes = tuple(sentence(note.say(voice.lang)) for note in answer.allocation.notes)
        rule = voice.say(f"report.rule_of.{answer.question.rule}")
        blocks += [
            Heading(text=voice.say("report.service_heading", kind=kind), level=2),
            Paragraph(text=voice.joined(_split_in_words(voice, place, answer), rule)),
            Paragraph(text=_proof(voice, answer.allocation)),
            *([Points(items=notes)] if notes else []),
            *_units(voice, place, answer),
            *_load(voice, place, answer),
        ]
    return blocks


def delivery(voice: ReportContext) -> list[Block]:
    """Build the section on deliveries: what comes in time, how sure that is, where it falls short.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Blocks; none where nobody asked.
    """
    if not voice.plan.delivery:
        return []
    blocks: list[Block] = [
        Heading(text=voice.say("report.delivery")),
        Paragraph(text=voice.say("report.delivery_note")),
    ]
    for place, answer in enumerate(voice.plan.delivery, start=1):
        kind = voice.kind(answer.question.kind)
        found = answer.delivery
        notes = tuple(sentence(note.say(voice.lang)) for note in found.notes)
        sure = "delivered" if found.status == "optimal" else "delivered_feasible"
        values = {
            "objective": number(found.objective),
            "bound": number(found.bound),
            "gap": percent(found.gap, 2),
        }
        blocks += [
            Heading(text=voice.say("report.delivery_heading", kind=kind), level=2),
            Paragraph(text=_brought_in_words(voice, place, answer)),
            Paragraph(text=voice.say(f"report.proof.{sure}", **values)),
            *([Points(items=notes)] if notes else []),
            *_short_of(voice, place, kind),
        ]
    return blocks


def years(voice: ReportContext) -> list[Block]:
    """Build the section on the share covered by each kind, year by year.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Blocks; none where no years were asked for.
    """
    table = voice.made.get("years")
    if table is None:
        return []
    chosen = voice.plan.settings.coverage
    wide = table.pivot_table(
        index="kind", columns="year", values=chosen.group, sort=False, dropna=False
    )
    wide = wide.reindex(index=voice.plan.kinds)
    points = [_change_in_words(voice, str(kind), shares) for kind, shares in wide.iterrows()]
    heads = {str(year): str(year) for year in wide.columns}
    wide.columns = pd.Index(list(heads))
    values = {"minutes": f"{chosen.cutoff_min:g}", "group": voice.people(chosen.group)}
    return [
        Heading(text=voice.say("report.years")),
        Paragraph(text=voice.say("report.years_note", **values)),
        Points(items=tuple(points)),
        voice.table(
            "years",
            voice.say("report.years_table", **values),
            wide.reset_index(),
            heads=heads,
            units=dict.fromkeys(heads, "share"),
        ),
    ]


def _split_in_words(voice: ReportContext, place: int, answer: ServiceAnswer) -> str:
    own = _of_group(voice, place, answer)
    row = own[own["level"] == "district"].iloc[0]
    asked = answer.question
    need = "" if asked.need == 1 else voice.say("report.need", share=given_percent(asked.need))
    return voice.say(
        "report.service_line",
        kind=voice.kind(asked.kind),
        need=need,
        group=voice.people(answer.group),
        minutes=f"{answer.minutes:g}",
        people=number(row["people"]),
        served=number(row["served"]),
        served_share=percent(row["served_share"]),
        over=number(row["over_capacity"]),
        over_share=percent(row["over_share"]),
        beyond=number(row["out_of_reach"]),
        beyond_share=percent(row["beyond_share"]),
    )


def _of_group(voice: ReportContext, place: int, answer: ServiceAnswer) -> pd.DataFrame:
    table = voice.made["service"]
    return table[(table["question"] == place) & (table["group"] == answer.group)]


def _proof(voice: ReportContext, found: Allocation) -> str:
    """Return how sure an allocation is: a bound on people, and whether walks are the shortest."""
    key = {"optimal": "served", "rule": "served_rule"}.get(found.status, "served_feasible")
    mean = found.person_minutes / found.objective if found.objective > 0 else math.nan
    return voice.say(
        f"report.proof.{key}",
        objective=number(found.objective),
        bound=number(found.bound),
        gap=percent(found.gap, 2),
        mean=minutes(mean),
    )


def _units(voice: ReportContext, place: int, answer: ServiceAnswer) -> list[Block]:
    """Set the three parts of the people, for the district and each street."""
    own = _of_group(voice, place, answer)
    own = own[own["level"].isin(["district", "street"])]
    columns = ["street", "people", "served", "over_capacity", "out_of_reach"]
    columns += ["served_share", "over_share", "beyond_share"]
    table = own.assign(street=own["unit"].replace("*", voice.say("words.district")))[columns]
    values = {"kind": voice.kind(answer.question.kind), "group": voice.people(answer.group)}
    caption = voice.say("report.service_table", **values)
    return [voice.table("service", caption, table, question=place)]


def _load(voice: ReportContext, place: int, answer: ServiceAnswer) -> list[Block]:
    """Set how full facilities are: those that lack most room first, then the fullest."""
    load = voice.made["load"]
    own = load[load["question"] == place].sort_values(
        ["use", "people"], ascending=False, kind="stable"
    )
    own = own.sort_values("lack_rank", kind="stable")
    columns = ["lack_rank", "name", "capacity", "people", "use", "wanted", "lack", "mean_min"]
    columns += ["farthest_min", "scarce", "reason"]
    shown = own.head(MOST_ROWS)[columns]
    shown = shown.assign(name=shown["name"].fillna(own["facility"].astype(str)))
    shown = shown.drop(
        columns=[c for c in ("lack_rank", "scarce", "reason") if shown[c].isna().all()]
    )
    if shown.empty:
        return []
    full = int((own["use"] >= 1 - 1e-9).sum())
    unknown = int(own["capacity"].isna().sum())
    values = {"kind": voice.kind(answer.question.kind), "n": len(shown), "all": len(own)}
    short = int(own["lack_rank"].notna().sum())
    told = voice.joined(
        voice.say("report.load_line", full=full, unknown=unknown, all=len(own)),
        voice.say("report.load_short", n=short, rest=max(0, short - len(shown))) if short else "",
    )
    caption = voice.say("report.load_table", **values)
    where = voice.say("report.details", where=voice.table_of("load", place))
    return [
        Paragraph(text=voice.joined(told, where)),
        voice.table("load", caption, shown, question=place),
    ]


def _brought_in_words(voice: ReportContext, place: int, answer: DeliveryAnswer) -> str:
    table = voice.made["delivery"]
    own = table[(table["question"] == place) & (table["need"] > 0)]
    need, meals = own["need"].sum(), own["meals"].sum()
    why = own["reason"].value_counts()
    return voice.say(
        "report.delivery_line",
        kind=voice.kind(answer.question.kind),
        window=f"{answer.question.window_min:g}",
        need=number(need),
        meals=number(meals),
        share=percent(meals / need if need > 0 else None),
        communities=number(len(own)),
        in_time=number(own["in_time"].sum()),
        **{reason: int(why.get(reason, 0)) for reason in WHY},
    )


def _short_of(voice: ReportContext, place: int, kind: str) -> list[Block]:
    """Set the communities that most is missing in."""
    table = voice.made["delivery"]
    own = table[(table["question"] == place) & (table["need"] > 0)]
    short = own[own["reason"].notna()].assign(lack=lambda rows: rows["need"] - rows["meals"])
    if short.empty:
        return [Paragraph(text=voice.say("report.all_delivered"))]
    columns = ["name", "street", "need", "meals", "share", "minutes", "in_time", "reason"]
    shown = short.sort_values("lack", ascending=False, kind="stable").head(MOST_ROWS)
    shown = shown.assign(name=shown["name"].fillna(shown["community"].astype(str)))[columns]
    shown = shown.drop(columns=[] if shown["street"].notna().any() else "street")
    caption = voice.say("report.delivery_table", kind=kind, n=len(shown), all=len(short))
    return [voice.table("delivery", caption, shown, question=place)]


def _change_in_words(voice: ReportContext, kind: str, shares: pd.Series) -> str:
    return voice.say(
        "report.years_line",
        kind=voice.kind(kind),
        first=shares.index[0],
        before=percent(shares.iloc[0]),
        last=shares.index[-1],
        after=percent(shares.iloc[-1]),
    )
