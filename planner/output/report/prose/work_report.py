"""The text that a bureau pastes into its yearly report and work plan, theme by theme."""

from __future__ import annotations

from planner.language.numbers import number
from planner.output.report.content import Block, Heading, Paragraph, Points
from planner.output.report.phrasing import ReportContext
from planner.output.report.prose import figures_said
from planner.output.report.prose.by_theme import by_theme
from planner.output.report.prose.work_done import done
from planner.output.report.prose.work_plan import planned
from planner.output.report.prose.work_unsaid import unsaid


def chapters(voice: ReportContext) -> list[Block]:
    """Build the chapters of the report: the year's work, the plan, what could not be written.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Blocks.
    """
    lacking = unsaid(voice)
    blocks: list[Block] = [
        Heading(text=voice.say("bureau.heading.done")),
        Paragraph(text=voice.say("bureau.intro")),
        Heading(text=voice.say("bureau.heading.basis"), level=2),
        *basis(voice),
        *by_theme(voice, done(voice)),
        Heading(text=voice.say("bureau.heading.plan")),
        *(by_theme(voice, planned(voice)) or [Paragraph(text=voice.say("bureau.plan.nothing"))]),
    ]
    if lacking:
        blocks += [
            Heading(text=voice.say("bureau.heading.unsaid")),
            Paragraph(text=voice.say("bureau.unsaid.lead")),
            Points(items=tuple(lacking)),
        ]
    return blocks


def basis(voice: ReportContext) -> list[Block]:
    """Write what is counted and how, and what is left out or estimated.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    Paragraphs.
    """
    plan = voice.plan
    chosen, speed = plan.settings.coverage, plan.settings.walk.speed
    year = plan.settings.year
    whom = ""
    if chosen.group != "population":
        total = number(plan.area.demand[chosen.group].sum())
        whom = voice.say("bureau.whom", group=voice.people(chosen.group), n=total)
    counts = voice.say(
        "bureau.basis",
        when=voice.say("report.as_it_stands")
        if year is None
        else voice.say("report.in_year", year=year),
        whole=figures_said.scope(voice),
        communities=number(len(plan.area.counted)),
        people=number(plan.area.counted["population"].sum()),
        whom=whom,
        mps=f"{speed.speed_mps:g}",
        minutes=f"{chosen.cutoff_min:g}",
        metres=number(chosen.cutoff_min * 60 * speed.speed_mps),
    )
    told = plan.caveats(voice.lang)
    return [
        Paragraph(text=counts),
        *(Paragraph(text=voice.say("bureau.note", told=one), style="warning") for one in told),
    ]
