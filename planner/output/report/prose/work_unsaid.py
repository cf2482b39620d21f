"""What the text for bureaus could not say: figures that are missing, with why."""

from __future__ import annotations

import pandas as pd

from planner.district.assessment import statuses
from planner.output.report.content import clean
from planner.output.report.phrasing import ReportContext, missing
from planner.output.report.prose import sited
from planner.output.report.prose.by_theme import targets_with_figures


def unsaid(voice: ReportContext) -> list[str]:
    """List what has no figure, with why: targets, what sites do to others, questions unanswered.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Sentences.
    """
    card = voice.made.get("scorecard")
    told = []
    if card is not None:
        gone = statuses(card)
        told += [cause(voice, "target", row) for _, row in card[gone == "missing"].iterrows()]
        none = card[gone == "not_applicable"]
        told += [cause(voice, "not_applicable", row) for _, row in none.iterrows()]
    return [*told, *without_effect(voice), *refusals(voice)]


def without_effect(voice: ReportContext) -> list[str]:
    """List the targets of which nobody knows what the suggested sites do to them, with why.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Sentences.
    """
    later, told = voice.made.get("scorecard_after"), []
    if later is None:
        return []
    known = set(targets_with_figures(voice)["target"])
    answers = [answer for answer in reversed(voice.plan.siting) if not answer.why]
    tiers = {answer.question.kind: answer.question.tier for answer in answers}
    open_ended = {kind for kind, tier in tiers.items() if tier is None}
    for _, row in later[later["target"].isin(known)].iterrows():
        if missing(row["value"]):
            told.append(cause(voice, "no_effect", row))
        elif not missing(row["tier"]) and open_ended & set(str(row["kind"]).split(", ")):
            told.append(cause(voice, "no_effect", row, voice.say("bureau.unsaid.tier")))
    return told


def refusals(voice: ReportContext) -> list[str]:
    """Write which siting questions have no plan, and why.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    A text for each of them.
    """
    return [
        voice.joined(sited.refused(voice, answer), *sited.reasons(voice, answer))
        for answer in voice.plan.siting
        if answer.why
    ]


def cause(voice: ReportContext, key: str, row: pd.Series, why: str | None = None) -> str:
    """Return why a target has no figure, or why nothing is said of what sites do to it.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    key
        ``target``, ``not_applicable`` or ``no_effect``.
    row
        A row of the scorecard.
    why
        The reason; that of the scorecard if not given.

    Returns
    -------
    The words.
    """
    name, note = clean(row[f"name_{voice.lang}"]), why or row[f"note_{voice.lang}"]
    return voice.say(f"bureau.unsaid.{key}", name=name, why="–" if missing(note) else clean(note))
