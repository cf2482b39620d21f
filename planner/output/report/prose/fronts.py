"""What the report says of fronts, and of what sites add one after another; with their pictures."""

from __future__ import annotations

import pandas as pd

from planner.language.numbers import measured, number, percent
from planner.output.report.content import Block, Paragraph, Picture
from planner.output.report.figures import curves
from planner.output.report.figures.curves import Curve
from planner.output.report.phrasing import ReportContext
from planner.output.report.prose import sited
from planner.study.siting_study import SitingAnswer

FRONTS: tuple[curves.Shows, ...] = ("front", "front_time", "front_longest", "front_fairness")


def fronts(voice: ReportContext, place: int) -> list[Block]:
    """Build what is said of fronts: what more people covered, a shorter walk or fairness costs.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    place
        Number of the siting question, from 1.

    Returns
    -------
    Blocks; none where no front is asked for.
    """
    return [block for shows in FRONTS for block in _front(voice, place, shows)]


def _front(voice: ReportContext, place: int, shows: curves.Shows) -> list[Block]:
    made = voice.made.get(shows, pd.DataFrame({"question": []}))
    own = made[made["question"] == place].drop(columns="question")
    if own.empty:
        return []
    answer = voice.plan.siting[place - 1]
    plain = shows == "front"
    what = voice.say("report.front_table" if plain else f"siting_study.told.{shows}")
    table = voice.table(shows, what, own.dropna(axis="columns", how="all"), question=place)
    curve = curves.of_question(voice.plan, voice.made, shows, place)
    if curve is None:
        return [table]
    name = f"{shows}_{place}"
    values = {
        "picture": voice.picture_of(name),
        "table": voice.table_of(shows, place),
        "proof": _proof(voice, curve),
        "first": number(curve.gain[1]),
        "last": number(curve.gain[-1]),
        "low": _said(voice, curve.along, curve.x[0]),
        "high": _said(voice, curve.along, curve.x[-1]),
        "from_": _said(voice, curve.up, curve.y[0]),
        "to": _said(voice, curve.up, curve.y[-1]),
        "kind": voice.kind(answer.question.kind),
        "group": sited.whom(voice, answer),
        "what": what,
    }
    knee = ""
    if curve.knee is not None:
        key = "report.knee_sites" if curve.along == "sites" else "report.knee_cost"
        knee = voice.say(key, at=_said(voice, curve.along, curve.x[curve.knee]))
    key = f"report.front_{curve.along}" if plain else f"report.{shows}"
    return [
        Paragraph(text=voice.joined(voice.say(key, **values), knee)),
        Picture(
            name=name,
            caption=voice.say(
                "report.front_picture" if plain else "report.trade_picture", **values
            ),
            described=voice.say("report.front_described", **values),
            shows=shows,
            question=place,
        ),
        table,
    ]


def _proof(voice: ReportContext, curve: Curve) -> str:
    """Return how many plans of a front are proven."""
    open_ = len(curve.proven) - sum(curve.proven)
    return voice.say("report.front_open", n=open_) if open_ else voice.say("report.front_proven")


def _said(voice: ReportContext, what: curves.Measured, value: float) -> str:
    """Return a figure of a curve in its unit."""
    if what in {"share", "worst"}:
        return percent(value)
    if what == "cost":
        return voice.money(value)
    if what == "covered":
        return voice.say("report.n_people", n=number(value))
    return voice.say("words.minutes", n=measured(value)) if what == "longest" else measured(value)


def steps(voice: ReportContext, place: int, answer: SitingAnswer) -> list[Block]:
    """Build what is said of what each site adds after those before it, with its curve.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    place
        Number of the siting question, from 1.
    answer
        The answer.

    Returns
    -------
    Blocks; none where the front shows the very same.
    """
    curve = curves.of_question(voice.plan, voice.made, "steps", place)
    best = curves.of_question(voice.plan, voice.made, "front", place)
    if curve is None or (best is not None and best.holds(curve)):
        return []  # or the front shows the very same
    name = f"steps_{place}"
    values = {
        "kind": voice.kind(answer.question.kind),
        "group": sited.whom(voice, answer),
        "n": len(curve.x) - 1,
        "start": number(curve.y[0]),
        "end": number(curve.y[-1]),
        "first": number(curve.gain[1]),
        "last": number(curve.gain[-1]),
        "picture": voice.picture_of(name),
    }
    return [
        Paragraph(text=voice.say("report.steps_note", **values)),
        Picture(
            name=name,
            caption=voice.say("report.steps", **values),
            described=voice.say("report.steps_described", **values),
            shows="steps",
            question=place,
        ),
    ]
