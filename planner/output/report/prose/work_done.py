"""What the text for bureaus says of the year's work: what stands, and what targets come to."""

from __future__ import annotations

import pandas as pd

from planner.language.numbers import number
from planner.output.report.phrasing import ReportContext, missing
from planner.output.report.prose import covered, figures_said, supply
from planner.output.report.prose.by_theme import (
    ThemeSentences,
    targets_with_figures,
    whole_sentence,
)
from planner.output.report.prose.figures_said import amount, percentage
from planner.standards import theme_of_kind, themes_ordered


def done(voice: ReportContext) -> ThemeSentences:
    """Write what stands: each kind of facility, and each target with a figure.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Sentences by theme.
    """
    card = targets_with_figures(voice)
    said = ThemeSentences({theme: {} for theme in themes_ordered(card["theme"])})
    for kind in voice.plan.kinds:
        said.put(theme_of_kind(kind), kind, *_kind(voice, kind, card))
    for _, row in card.iterrows():
        told = figures_said.figure(voice, row) + figures_said.asked(voice, row)
        differs = figures_said.differences(voice, row)
        said.put(row["theme"], _subject(row), whole_sentence(voice, told, differs))
    kinds = [answer.question.kind for answer in voice.plan.service]
    kinds += [answer.question.kind for answer in voice.plan.delivery]
    for kind, line in zip(kinds, supply.in_short(voice), strict=True):
        said.put(theme_of_kind(kind), kind, figures_said.close(voice, line))
    return ThemeSentences({theme: subjects for theme, subjects in said.items() if subjects})


def _subject(row: pd.Series) -> str:
    """Return what a target speaks of: its first kind of facility, else its theme at large."""
    return str(row["kind"]).partition(", ")[0] or str(row["theme"])


def _kind(voice: ReportContext, kind: str, card: pd.DataFrame) -> list[str]:
    """Write what stands of a kind and whom it reaches, as far as no target says the same."""
    table = voice.made["summary"]
    summary = table[table["kind"] == kind].iloc[0]
    name = voice.kind(kind)
    if not summary["facilities"]:
        return [whole_sentence(voice, voice.say("bureau.kind.none", kind=name))]
    own = card[card["kind"] == kind] if len(card) else card
    told = []
    counts = own[own["indicator"].isin(["facilities", "capacity"])]
    if summary["facilities"] not in set(counts["value"]):
        told.append(whole_sentence(voice, _stock(voice, kind, summary)))
    people = covered.district(voice, kind)
    reached = own.loc[own["indicator"] == "people_coverage", "value"]
    if not (reached - people["share"]).abs().lt(1e-12).any():
        values = {
            "minutes": f"{voice.plan.settings.coverage.cutoff_min:g}",
            "kind": name,
            "group": voice.people(voice.plan.settings.coverage.group),
            "n": number(people["covered"]),
            "of": number(people["people"]),
            "share": percentage(people["share"]),
        }
        told.append(whole_sentence(voice, voice.say("bureau.kind.people", **values)))
    if not own["indicator"].eq("unit_coverage").any():
        told.append(whole_sentence(voice, _units(voice, kind)))
    return told


def _stock(voice: ReportContext, kind: str, summary: pd.Series) -> str:
    """Return how many stand, with what capacity; how many of them lie beyond the boundary."""
    area = voice.plan.area
    own = area.operating[area.operating["kind"] == kind]
    told = voice.say("bureau.kind.stock", kind=voice.kind(kind), n=number(summary["facilities"]))
    beyond = int((~own["community"].isin(area.counted.index)).sum())
    if beyond:
        told += voice.say("bureau.kind.beyond", n=number(beyond))
    if missing(summary["capacity"]) or not summary["capacity"] > 0:
        return told
    unknown = int(own["capacity"].isna().sum())
    capacity = amount(voice, summary["capacity"], area.kinds[kind].unit)
    key = "capacity_known" if unknown else "capacity"
    return told + voice.say(f"bureau.kind.{key}", capacity=capacity, unknown=number(unknown))


def _units(voice: ReportContext, kind: str) -> str:
    shares = voice.plan.coverage.unit_shares
    row = shares[(shares["level"] == "district") & (shares["kind"] == kind)].iloc[0]
    linked = ""
    if not missing(row["linked"]):
        values = {"linked": number(row["linked"]), "share": percentage(row["linked_share"])}
        linked = voice.say("bureau.kind.linked", **values)
    return voice.say(
        "bureau.kind.units",
        kind=voice.kind(kind),
        of=figures_said.of_units(voice, row["communities"]),
        has=number(row["has"]),
        share=percentage(row["has_share"]),
        reached=number(row["reached"]),
        reached_share=percentage(row["reached_share"]),
        linked=linked,
    )
