"""What the command line prints: tables and lines on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import pandas as pd
from rich.console import Console
from rich.markup import escape

from planner import api
from planner.cli.tabled import FittedTable
from planner.district import assessment
from planner.district.area import StudyArea
from planner.district.entrances import main_entrance
from planner.district.left_out import left_out
from planner.language import Lang, text, times_from
from planner.language.numbers import number, percent, points
from planner.output import understanding
from planner.output.chosen import PARTS, Part, without_report
from planner.output.columns import heading
from planner.output.report.phrasing import ReportContext
from planner.output.report.prose import advice, sited
from planner.output.report.prose import targets as targets_said
from planner.output.report.tables import tables
from planner.settings import Settings, spoken_of
from planner.standards import Profile, kinds
from planner.study.comparison import Comparison
from planner.study.plan import Plan

if TYPE_CHECKING:
    from planner.scenarios import Sweep

FILES = {
    "map": "map.html",
    "report": "report.docx",
    "summary": "summary.txt",
    "workbook": "report.xlsx",
    "tables": "tables",
    "layers": "plan.gpkg",
    "record": "plan.json",
    "plan": "plan.planner",
}
PART_OF = {"summary": "report"}  # a file that is no output of its own
COMPARED = ("map.html", "comparison.docx", "comparison.xlsx", "comparison.html", "comparison.md")


def demos(known: dict[str, Path], lang: Lang) -> None:
    """Print the embedded cases.

    Parameters
    ----------
    known
        Scenario file of each case, by name.
    lang
        Language of what is printed.
    """
    rows = []
    for name, path in known.items():
        settings, _ = api.read_settings(path)
        mark = f" ({text('words.synthetic', lang)})" if settings.synthetic else ""
        rows.append((name, settings.name(lang) + mark))
    Console().print(FittedTable((text("cli.demo_name", lang), text("cli.title", lang)), rows))


P = ParamSpec("P")


def _in_words_of(  # what a mode of travel is called
    told: Callable[[Any], Iterable[Settings]],
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a function speak of ways as what they are in what its first argument holds."""

    def decorated(show: Callable[P, None]) -> Callable[P, None]:
        """Return a function that prints, which does so in the words of the plan it is given.

        Parameters
        ----------
        show
            Prints its first argument, which has settings.
        """

        @wraps(show)
        def shown(*given: P.args, **named: P.kwargs) -> None:
            """Print, with walks named after how people come.

            Parameters
            ----------
            *given
                What is shown, and further arguments.
            **named
                As for the function.
            """
            with times_from(*spoken_of(told(given[0]))):
                show(*given, **named)

        return shown

    return decorated


@_in_words_of(lambda made: [made.settings])
def plan(made: Plan, folder: Path, lang: Lang, parts: Sequence[Part] = PARTS) -> None:
    """Print a plan's summary, and where its files are.

    Parameters
    ----------
    made
        The plan.
    folder
        Where its files are.
    lang
        Language of what is printed.
    parts
        What of the result was asked for.
    """
    console = Console()
    _title(made.settings, lang)
    _left_out([made], lang)
    if made.kinds:
        console.print(_summary(made, lang))
    _siting(made, lang)
    for line in targets_said.in_short(ReportContext(plan=made, made=tables(made), lang=lang)):
        console.print(line, highlight=False, soft_wrap=True)
    if "report" in parts:
        _font_note(lang)
    asked = {name: f"{name}.docx" for name in made.settings.outputs.documents}
    written = {name: file for name, file in FILES.items() if PART_OF.get(name, name) in parts}
    for name, file in (written | (asked if "report" in parts else {})).items():
        told = text("cli.named", lang, name=text(f"cli.{name}", lang), told=folder / file)
        console.print(told, highlight=False, soft_wrap=True)


def _font_note(lang: Lang) -> None:
    """Print that pictures have no Chinese words, where no font has them."""
    from planner.output.report.figures import fonts  # noqa: PLC0415  matplotlib is slow to load

    if not fonts.pen().chinese:
        note = escape(text("report.no_font", lang))
        Console(stderr=True).print(f"[yellow]{note}[/]", highlight=False, soft_wrap=True)


@_in_words_of(lambda found: found.settings)
def sweep(found: Sweep, folder: Path, lang: Lang) -> None:
    """Print the scenarios of a sweep side by side, and where the files are.

    Parameters
    ----------
    found
        The sweep.
    folder
        Where its files are.
    lang
        Language of what is printed.
    """
    console = Console()
    console.print(f"[bold]{escape(found.settings[0].name(lang))}[/]")
    if found.settings[0].synthetic:
        console.print(f"[yellow]{text('words.synthetic', lang)}[/]")
    for told in found.caveats[lang]:
        console.print(f"[yellow]{escape(told)}[/]", highlight=False, soft_wrap=True)
    group = found.settings[0].coverage.group
    kinds = list(dict.fromkeys(found.figures["kind"]))
    rows = []
    for number_, own in found.figures.groupby("step"):
        step = found.steps[int(str(number_)) - 1]
        share = own["after"].where(own["new_sites"] > 0, own[group]).set_axis(own["kind"])
        name = step.scenario or text("sweep.page.base", lang)
        rows.append((name, *step.varied.values(), *map(percent, share.reindex(kinds))))
    heads = [*found.varied, *(found.kinds[kind].name(lang) for kind in kinds)]
    named = any(step.scenario for step in found.steps)
    scenario = [text("sweep.column.scenario", lang)] if named else []
    console.print(FittedTable([*scenario, *heads], rows if named else [row[1:] for row in rows]))
    console.print(text("cli.sweep_shares", lang), highlight=False, soft_wrap=True)
    console.print(str(folder / "sweep.html"), highlight=False, soft_wrap=True)


def key_note(made: Plan, lang: Lang) -> None:
    """Print that a map holds a key of a map service, where it does: whoever gets it has the key.

    Parameters
    ----------
    made
        The plan, with the map's settings.
    lang
        Language of what is printed.
    """
    chosen = made.settings.map
    if chosen.tianditu_key and chosen.tiles == "tianditu":
        note = text("cli.key_note", lang)
        Console(stderr=True).print(
            f"[bold yellow]{escape(note)}[/]", highlight=False, soft_wrap=True
        )


@_in_words_of(lambda compared: [compared.first.settings, compared.second.settings])
def comparison(compared: Comparison, folder: Path, lang: Lang) -> None:
    """Print what differs between two plans, and where the files are.

    Parameters
    ----------
    compared
        The two plans.
    folder
        Where the files are.
    lang
        Language of what is printed.
    """
    console = Console()
    _title(compared.first.settings, lang)
    for side, name in zip(("first", "second"), compared.called(lang), strict=True):
        called = text(f"comparison.words.{side}", lang)
        told = text("cli.named", lang, name=called, told=escape(name))
        console.print(told, highlight=False)
    _left_out([compared.first, compared.second], lang)
    for note in compared.notes:
        console.print(f"[yellow]{escape(note.say(lang))}[/]", highlight=False, soft_wrap=True)
    console.print(_shares(compared, lang))
    for file in filter(lambda name: (folder / name).is_file(), COMPARED):
        console.print(str(folder / file), highlight=False, soft_wrap=True)


def _shares(compared: Comparison, lang: Lang) -> FittedTable:
    """Build the table of the shares of the people who count, those of both plans side by side."""
    group = compared.first.settings.coverage.group
    rows = compared.shares[compared.shares["group"] == group]
    told = ("first", "second")
    names = [text(f"comparison.words.{name}", lang) for name in (*told, "change")]
    return FittedTable(
        (heading("kind", lang), text("comparison.column.state", lang), *names),
        (
            (
                compared.first.area.kinds[row["kind"]].name(lang),
                text(f"comparison.state.{row['state']}", lang),
                *(percent(row[side]) for side in told),
                text("comparison.words.points", lang, n=points(row["change"])),
            )
            for _, row in rows.iterrows()
        ),
    )


def _siting(made: Plan, lang: Lang) -> None:
    """Print what comes of each siting question; one that has no plan is a warning."""
    voice = ReportContext(plan=made, made=tables(made), lang=lang)
    for place, answer in enumerate(made.siting, start=1):
        if answer.why:
            console = Console(stderr=True)
            told = text("cli.no_plan", lang, line=sited.refused(voice, answer))
            console.print(f"[bold yellow]{escape(told)}[/]", highlight=False, soft_wrap=True)
            lines = [f" • {line}" for line in sited.reasons(voice, answer)]
        else:
            console = Console()
            more = [sited.alternatives(voice, place), *sited.remarks(voice, answer)]
            more += [note.say(lang) for note in answer.result.notes]
            lines = [advice.line(voice, answer), *(f"  {line}" for line in more if line)]
        for line in lines:
            console.print(escape(line), highlight=False, soft_wrap=True)


def _summary(made: Plan, lang: Lang) -> FittedTable:
    """Build the table of a plan's summary: a row for each figure and a column for each kind."""
    summary = made.summary()
    group = made.settings.coverage.group
    keep = ["facilities", "capacity", "population", group, "communities"]
    keep += ["has", "reached", "linked"]
    keep += ["new_sites", "after"] if made.siting else []
    shares = {*made.area.groups, "after"}
    rows = [
        (heading(name, lang), *summary[name].map(percent if name in shares else number))
        for name in dict.fromkeys(keep)
    ]
    kinds = (made.area.kinds[kind].name(lang) for kind in summary.index)
    return FittedTable(("", *kinds), rows)


@_in_words_of(lambda settings: [settings])
def area(settings: Settings, found: StudyArea, lacking: list[str], lang: Lang) -> None:
    """Print what was understood of a scenario's data.

    Parameters
    ----------
    settings
        The settings of the scenario.
    found
        The study area, as read.
    lacking
        Lines on what would answer targets without data.
    lang
        Language of what is printed.
    """
    console = Console()
    _title(settings, lang)
    console.print(_inputs(found, lang))
    for line in understanding.lines(found, lang):
        console.print(escape(line), highlight=False, soft_wrap=True)
    for line in _lines(settings, found, lang):
        console.print(escape(line), highlight=False, soft_wrap=True)
    if len(found.facilities):
        console.print(_facilities(settings, found, lang))
    for line in [*lacking, *without_report(lang)]:
        console.print(escape(line), highlight=False, soft_wrap=True)
    console.print(f"[green]{text('cli.good', lang)}[/]")


def profiles(lang: Lang) -> None:
    """Print the profiles of the catalogue.

    Parameters
    ----------
    lang
        Language of what is printed.
    """
    listed = assessment.listing(lang).iloc[:, :-1]  # the remark stands with the targets
    heads = (text("cli.profile", lang), *listed.columns)
    Console().print(FittedTable(heads, listed.reset_index().to_numpy()))


def targets(profile: Profile, year: int | None, lang: Lang) -> None:
    """Print the targets of a profile; what is unverified is marked.

    Parameters
    ----------
    profile
        The targets.
    year
        The year whose thresholds are shown; None for those that hold in any year.
    lang
        Language of what is printed.
    """
    console = Console()
    console.print(f"[bold]{escape(profile.name(lang))}[/]")
    if note := profile.note(lang):
        console.print(escape(note))
    listed = assessment.described(profile, lang, kinds=kinds(), year=year)
    console.print(FittedTable(listed.columns, listed.to_numpy()))
    if profile.registered:
        heads = [text(f"cli.register.{name}", lang) for name in ("row", "stated", "why")]
        rows = [(key, one.name(lang), one.why(lang)) for key, one in profile.registered.items()]
        console.print(text("cli.register.title", lang))
        console.print(FittedTable(heads, rows))


def _title(settings: Settings, lang: Lang) -> None:
    console = Console()
    console.print(f"[bold]{escape(settings.name(lang))}[/]")
    if settings.synthetic:
        console.print(f"[yellow]{text('words.synthetic', lang)}[/]")
    speed = settings.walk.speed
    cutoff = settings.coverage.cutoff_min
    with times_from(*spoken_of([settings])):
        words = text(
            "cli.walk",
            lang,
            speed=speed.name(lang),
            mps=f"{speed.speed_mps:g}",
            minutes=f"{cutoff:g}",
            metres=number(cutoff * 60 * speed.speed_mps),
        )
    console.print(words, highlight=False, soft_wrap=True)


def _left_out(plans: list[Plan], lang: Lang) -> None:
    """Print what no figure counts, once where two plans leave out the same."""
    for told in dict.fromkeys(told for plan in plans for told in plan.caveats(lang)):
        Console().print(f"[yellow]{escape(told)}[/]", highlight=False, soft_wrap=True)


def _inputs(found: StudyArea, lang: Lang) -> FittedTable:
    rows = []
    for entry in found.inputs:
        read_as = dict.fromkeys(
            part
            for part in (entry.sheet, entry.datum, entry.crs, entry.encoding)
            if part is not None
        )
        role = text(f"report.role.{entry.role}", lang)
        rows.append((role, entry.label, number(entry.rows), number(entry.used), ", ".join(read_as)))
    names = ("role", "file", "rows", "used", "read_as")
    return FittedTable((text(f"cli.{name}", lang) for name in names), rows)


def _lines(settings: Settings, found: StudyArea, lang: Lang) -> list[str]:
    """Return a line each on communities, streets, demand, and what was left out."""
    counted = found.counted
    people = [f"{heading(group, lang)} {number(counted[group].sum())}" for group in found.groups]
    lattice = found.is_estimated("streets")
    parts = found.network.components
    snapped = found.homes(settings.walk.max_snap_m)
    access = pd.Series(snapped.access_m).dropna()
    lines = [
        text(
            "cli.communities",
            lang,
            n=len(counted),
            out=len(found.communities) - len(counted),
            people=text("problems.comma", lang).join(people),
        ),
        text("cli.no_streets", lang, crs=found.communities.crs.to_string())
        if lattice
        else text(
            "cli.streets",
            lang,
            nodes=number(parts["nodes"].sum()),
            km=number(parts["length_m"].sum() / 1000),
            parts=len(parts),
            crs=found.communities.crs.to_string(),
        ),
        text(
            "cli.demand",
            lang,
            n=number(len(found.demand)),
            median=number(access.median()),
            most=number(access.max()),
            off=len(snapped.unreachable),
        ),
    ]
    lines += [one.say(lang) for one in found.estimates]
    told = left_out(found, settings.coverage.inside_share).say(lang)
    lines += [told] if told else []
    if len(found.skipped):
        lines += understanding.skipped(found, lang)
    return lines + [text(key, lang, **values) for key, values in found.notes]


def _facilities(settings: Settings, found: StudyArea, lang: Lang) -> FittedTable:
    facilities = found.facilities
    snapped = found.network.snap(main_entrance(facilities), max_snap_m=settings.walk.max_snap_m)
    access = pd.Series(snapped.access_m, index=facilities.index)
    rows = []
    for kind, own in facilities.groupby("kind", sort=False):
        years = own["opened"].dropna()
        counts = own["status"].value_counts().items()
        rows.append(
            (
                found.kinds[str(kind)].name(lang),
                number(len(own)),
                number(own["operating"].sum()),
                ", ".join(f"{text(f'cli.{status}', lang)} {n}" for status, n in counts),
                f"{years.min()}–{years.max()}" if len(years) else "–",
                number(own["capacity"].sum(min_count=1)),
                number(access[own.index].max()),
            )
        )
    names = ("kind", "rows", "operating", "status", "years", "capacity", "snap")
    return FittedTable((text(f"cli.{name}", lang) for name in names), rows)
