"""What the report says of new sites: where, why, how sure, and what else could be done."""

from __future__ import annotations

import math

import pandas as pd

from planner.engine.siting.problem.result import PREFERENCE_OPEN
from planner.language.numbers import DASH, measured, number, percent
from planner.output.columns import Measure
from planner.output.report.content import Block, Heading, Paragraph, Picture, Points
from planner.output.report.phrasing import ReportContext, brief, missing, sentence
from planner.output.report.prose import fronts, sited
from planner.output.report.table_words import model_name
from planner.study.siting_study import SitingAnswer

MOST_SITES = 60
MOST_SERVED = 2
MOST_NAMES = 12


def in_short(voice: ReportContext) -> list[str]:
    """Return a sentence on each siting answer, for the summary.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Sentences.
    """
    return [
        voice.say("report.siting_short", line=line(voice, answer)) for answer in voice.plan.siting
    ]


def siting(voice: ReportContext) -> list[Block]:
    """Build the section on siting: what comes of each question, how sure, and each site's worth.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Blocks; none where nothing was asked.
    """
    if not voice.plan.siting:
        return []
    blocks: list[Block] = [Heading(text=voice.say("report.siting"))]
    for place, answer in enumerate(voice.plan.siting, start=1):
        blocks += _answer(voice, place, answer)
    return blocks


def line(voice: ReportContext, answer: SitingAnswer) -> str:
    """Return in one line what comes of a siting question.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    answer
        The answer.

    Returns
    -------
    The line.
    """
    if answer.why:
        return sited.refused(voice, answer)
    kind = voice.kind(answer.question.kind)
    model = model_name(answer.question.model, voice.lang)
    if answer.sites.empty and len(answer.upgraded):
        n = len(answer.upgraded)
        return voice.say("siting_study.told.only_upgraded", kind=kind, model=model, n=n)
    if answer.sites.empty:
        return voice.say("report.siting_none", kind=kind, model=model)
    return voice.say(
        "report.siting_line",
        kind=kind,
        model=model,
        n=len(answer.sites),
        minutes=f"{answer.minutes:g}",
        group=sited.whom(voice, answer),
        before=percent(answer.before),
        after=percent(answer.after),
        added=number(answer.sites["added"].sum()),
    )


def _answer(voice: ReportContext, place: int, answer: SitingAnswer) -> list[Block]:
    kind = voice.kind(answer.question.kind)
    model = model_name(answer.question.model, voice.lang)
    source = "report.from_streets" if answer.proposed else "report.from_given"
    if answer.why:
        heading = voice.say("report.answer_heading", kind=kind, model=model)
        return [Heading(text=heading, level=2), *sited.no_plan(voice, answer)]
    lead = line(voice, answer) + voice.say(source, n=number(answer.candidates))
    cost = answer.sites["cost"].sum(min_count=1) if len(answer.sites) else None
    if not missing(cost):
        lead += voice.say("report.cost", cost=voice.money(cost))
    sure = _proof(voice, answer) + _preferred(voice, answer) + _verified(voice, answer)
    blocks: list[Block] = [
        Heading(text=voice.say("report.answer_heading", kind=kind, model=model), level=2),
        Paragraph(text=lead),
        Paragraph(text=sure),
        *(Paragraph(text=told) for told in sited.remarks(voice, answer)),
    ]
    if (lost := sited.beyond(answer)) > 0:
        key = "report.unreached"
        whom = sited.whom(voice, answer)
        blocks.append(Paragraph(text=voice.say(key, people=number(lost), group=whom)))
    if answer.result.closed:
        names = pd.Series(answer.result.closed).map(voice.plan.area.facilities["name"])
        closed = voice.names(names.fillna("–"), MOST_SITES)
        blocks.append(Paragraph(text=voice.say("report.closed", names=closed)))
    notes = tuple(
        sentence(note.say(voice.lang))
        for note in answer.result.notes
        if note.key != PREFERENCE_OPEN  # which the sentence on the proof tells
    )
    if notes:
        blocks.append(Points(items=notes))
    if len(answer.sites):
        blocks += _sites(voice, place, answer)
    return (
        blocks + _alternatives(voice, place) + fronts.fronts(voice, place) + _fairness(voice, place)
    )


def _proof(voice: ReportContext, answer: SitingAnswer) -> str:
    """Return how sure the answer is; a count only where the model counted people or sites."""
    result = answer.result
    counts = {"people": result.covered, "sites": float(len(result.chosen))}
    counted = counts.get(answer.question.spec.counts or "", math.nan)
    plain = math.isclose(result.objective, counted, rel_tol=1e-9)
    if not math.isfinite(result.objective):
        return voice.say("report.proof.nothing_measured", aim=_aim(voice, answer))
    say = number if plain else measured
    values = {
        "aim": _aim(voice, answer),
        "objective": say(result.objective),
        "bound": say(result.bound) if math.isfinite(result.bound) else DASH,
        "gap": percent(result.gap, 2),
    }
    proven = result.status == "optimal" or (result.preference_open and not result.gap)
    if answer.question.kinds or answer.question.phases:  # what is proven is the sum of several
        key = "sum_optimal" if proven else "sum_feasible"
        return voice.say(f"siting_study.told.{key}", gap=values["gap"])
    gives = answer.question.give_up if not result.preference_open else 0.0
    if not proven and 0 < result.gap <= gives:
        return voice.say("siting_study.told.gave_up", **values)
    if not proven:
        return voice.say("report.proof.feasible", **values)
    own = answer.question.spec.key("proof") if plain else None
    return voice.say(own or "report.proof.optimal", **values)


def _preferred(voice: ReportContext, answer: SitingAnswer) -> str:
    """Return in one sentence that preference was not settled in time, where that is so."""
    return voice.say("siting_study.told.preference_open") if answer.result.preference_open else ""


def _verified(voice: ReportContext, answer: SitingAnswer) -> str:
    """Return in one sentence what was checked anew, by what, and whether it holds."""
    found = answer.verified
    if found is None:
        return ""
    if not found.holds:
        wrong = voice.names(pd.Series([one.say(voice.lang) for one in found.wrong]), MOST_SITES)
        return voice.say("report.verified.wrong", wrong=wrong)
    if found.settled and not math.isclose(found.objective, found.optimum, rel_tol=1e-6):
        best = measured(found.optimum)
        return voice.say("report.verified.other", rules=number(found.rules), best=best)
    key = "report.verified.settled" if found.settled else "report.verified.plan"
    prover = voice.say(f"report.verified.by_{answer.result.proof}")
    return voice.say(key, rules=number(found.rules), prover=prover)


def _aim(voice: ReportContext, answer: SitingAnswer) -> str:
    """Name what a model makes large or small, with its unit."""
    return voice.say(answer.question.spec.key("objective") or "report.objective")


def _sites(voice: ReportContext, place: int, answer: SitingAnswer) -> list[Block]:
    sites = voice.made["sites"]
    own = sites[sites["question"] == place].copy()
    everyone = float(answer.people["weight"].sum())
    own["share_then"] = own["cumulative"] / everyone if everyone else math.nan
    served = _served(voice, answer)
    columns = ["rank", "name", "host", "street", "community_name"]
    columns += ["added", "cumulative", "share_then", "cost"]
    columns += [name for name in ("year", "tier", "size", "served", "houses") if name in own]
    shown = own[columns].head(MOST_SITES)
    keep = [c for c in columns if c in ("rank", "added") or shown[c].notna().any()]
    heads = {"share_then": voice.say("report.share_then")}
    kind = voice.kind(answer.question.kind)
    caption = voice.say("report.sites_table", kind=kind, n=len(shown), all=len(own))
    reasons = tuple(
        _reason(voice, row, served.get(row["site"], ""))
        for _, row in own.head(MOST_SITES).iterrows()
    )
    blocks: list[Block] = [
        Paragraph(
            text=voice.say(
                "report.reasons",
                n=len(reasons),
                table=voice.table_of("sites", place),
                map=voice.picture_of(f"sites_{place}"),
            )
        ),
        Points(items=reasons),
    ]
    if (half := _enough(own["added"])) and half < len(own) // 2:
        blocks.append(Paragraph(text=voice.say("report.first_few", n=half, all=len(own))))
    values = {"kind": kind, "minutes": f"{answer.minutes:g}", "n": len(own)}
    units: dict[str, Measure] = {"share_then": "share"}
    return [
        *blocks,
        voice.table("sites", caption, shown[keep], heads=heads, units=units, question=place),
        Picture(
            name=f"sites_{place}",
            caption=voice.say("report.map_sites", **values),
            described=voice.say("report.map_sites_described", **values),
            kind=answer.question.kind,
            question=place,
        ),
        *fronts.steps(voice, place, answer),
    ]


def _reason(voice: ReportContext, row: pd.Series, served: str) -> str:
    where = [row[column] for column in ("street", "community_name") if not missing(row[column])]
    host = [] if missing(row["host"]) else [row["host"]]
    about = voice.say("report.then").join(brief(part) for part in [*where, *host])
    cost = (
        ""
        if missing(row["cost"])
        else voice.say("report.reason_cost", cost=voice.money(row["cost"]))
    )
    return voice.say(
        "report.reason",
        rank=number(row["rank"]),
        name=brief(row["site"] if missing(row["name"]) else row["name"]),
        about=voice.say("report.reason_where", about=about) if about else "",
        added=number(row["added"]),
        share=percent(row["share_then"]),
        served=voice.say("report.reason_served", names=served) if served else "",
        cost=cost,
    )


def _served(voice: ReportContext, answer: SitingAnswer) -> dict[object, str]:
    """Name the communities where most of those live whom each new site reaches first."""
    plan = voice.plan
    nearest = plan.coverage.nearest
    before = nearest[
        (nearest["kind"] == answer.question.kind) & (nearest["minutes"] <= answer.minutes)
    ]
    assigned, point = answer.result.assignment, answer.people["point"]
    assigned = assigned[assigned.isin(answer.sites.index)]
    new = assigned[~point.reindex(assigned.index).isin(before["demand"])]
    people = pd.DataFrame(
        {
            "site": new,
            "community": point.reindex(new.index).map(plan.area.demand["community"]),
            "people": answer.people["weight"].reindex(new.index),
        }
    )
    sums = people.groupby(["site", "community"], as_index=False)["people"].sum()
    sums = sums[sums["people"] > 0].sort_values(["people", "community"], ascending=[False, True])
    names = plan.area.communities["name"]
    found: dict[object, str] = {}
    for site, rows in sums.groupby("site", sort=False):
        told = [
            voice.say(
                "report.served",
                name=brief(label if missing(names[label]) else names[label]),
                n=number(n),
            )
            for label, n in zip(rows["community"], rows["people"], strict=True)
        ]
        found[site] = voice.say("report.comma").join(told[:MOST_SERVED])
    return found


def _enough(added: pd.Series) -> int | None:
    """Count the first sites that bring half of what all bring."""
    total = float(added.sum())
    if total <= 0 or math.isnan(total):
        return None
    return int((added.cumsum() < total / 2).sum()) + 1


def _own(voice: ReportContext, name: str, place: int) -> pd.DataFrame:
    """Return the rows of a table that belong to a siting question."""
    table = voice.made.get(name, pd.DataFrame({"question": []}))
    return table[table["question"] == place].drop(columns="question")


def _alternatives(voice: ReportContext, place: int) -> list[Block]:
    """Set other plans near the best, each in a row with the sites that not all plans share."""
    own = _own(voice, "alternatives", place)
    if own.empty:
        return []
    own["name"] = own["name"].fillna(own["site"].astype(str))
    rows = [
        {
            "plan": number_of_plan,
            "differs": voice.names(sites.loc[~sites["in_all"].astype(bool), "name"], MOST_NAMES),
            "sites": len(sites),
            "objective": sites["objective"].iloc[0],
            "share": sites["share"].iloc[0],
        }
        for number_of_plan, sites in own.groupby("plan")
    ]
    heads = {
        "differs": voice.say("report.differs"),
        "objective": sentence(_aim(voice, voice.plan.siting[place - 1])),
    }
    caption = voice.say("report.alternatives_table")
    told = voice.say("report.alternatives", table=voice.table_of("alternatives", place))
    return [
        Paragraph(text=told),
        voice.table("alternatives", caption, pd.DataFrame(rows), heads=heads, question=place),
    ]


def _fairness(voice: ReportContext, place: int) -> list[Block]:
    """Set the share covered in each unit, by the fair plan and by the one that covers most."""
    own = _own(voice, "fairness", place)
    if own.empty:
        return []
    return [voice.table("fairness", voice.say("report.fairness_table"), own, question=place)]
