"""The scenario that reads a filled-in workbook, with remarks on what to enter."""

from __future__ import annotations

import json
from collections.abc import Iterable

from planner.language import Lang, Spoken, text
from planner.output.template.sheets import Column, Sheet, Template

BOUNDARIES, STREETS = "communities.gpkg", "streets.gpkg"


def scenario_text(
    made: Template, workbook: str, profiles: Iterable[str], spoken: Spoken | None = None
) -> str:
    """Return the scenario that reads a filled-in workbook, with remarks on what to enter.

    Parameters
    ----------
    made
        The template.
    workbook
        Name of the workbook's file.
    profiles
        The profiles as a scenario names them.
    spoken
        Language of the results, which the scenario says; None where it is left open.

    Returns
    -------
    The text of the file.
    """
    lang = made.lang
    lines = [f"# {text('template.scenario.head', lang, workbook=workbook)}"]
    lines += [f"# {text('template.scenario.datum', lang)}", ""]
    title = json.dumps(text("template.scenario.title", lang), ensure_ascii=False)
    lines.append(f"title = {title}  # {text('template.scenario.title_note', lang)}")
    if spoken is not None:
        lines.append(f'lang = "{spoken}"')
    if made.year is not None:
        lines.append(f"year = {made.year}  # {text('template.scenario.year_note', lang)}")
    for sheet in made.sheets:
        lines += ["", *_entry(sheet, workbook, lang)]
        if sheet.place == "communities":
            note = text("template.scenario.streets", lang)
            lines += ["", "[streets]", f'file = "{STREETS}"  # {note}']
    names = ", ".join(json.dumps(name, ensure_ascii=False) for name in profiles)
    lines += ["", "[standards]", f"profiles = [{names}]", ""]
    key = next(iter(made.profile.targets))
    example = json.dumps(text("template.scenario.excused_example", lang), ensure_ascii=False)
    lines += [f"# {text('template.scenario.excused', lang)}", "# [standards.not_applicable]"]
    lines.append(f"# {json.dumps(key, ensure_ascii=False)} = {example}")
    for part, kind, targets in made.questions:
        told = text("template.scenario.question", lang, targets=", ".join(targets))
        more = ["# window_min = 60"] if part == "delivery" else []
        lines += ["", f"# {told}", f"# [[{part}]]", f'# kind = "{kind}"', *more]
    return "\n".join(lines) + "\n"


def _entry(sheet: Sheet, workbook: str, lang: Lang) -> list[str]:
    """Return the lines of a scenario that name a sheet."""
    own = [f"file = {json.dumps(workbook, ensure_ascii=False)}"]
    own.append(f"layer = {json.dumps(sheet.title, ensure_ascii=False)}")
    attributes = [one for one in sheet.columns if not one.known and not one.counts]
    own += _pairs("attributes", attributes)
    groups = _pairs("groups", [one for one in sheet.columns if not one.known and one.counts])
    match sheet.place:
        case "communities":
            boundaries = f'file = "{BOUNDARIES}"  # {text("template.scenario.boundaries", lang)}'
            return ["[communities]", boundaries, *groups, "", "[communities.figures]", *own]
        case "links":
            return ["[[links]]", *own, 'empty = "skip"']
    placed = ['datum = "wgs84"', 'empty = "skip"']
    match sheet.place:
        case "demand":
            return [f"[demand]  # {text('template.scenario.demand', lang)}", *own, *groups, *placed]
        case "facilities":
            return ["[[facilities]]", *own, f'kind = "{sheet.kind}"', *placed]
    return ["[[candidates]]", *own, *placed]


def _pairs(key: str, columns: Iterable[Column]) -> list[str]:
    """Return the line that names columns which the reader does not know; none without any."""
    pairs = [f"{one.name} = {json.dumps(one.heading, ensure_ascii=False)}" for one in columns]
    return [f"{key} = {{ {', '.join(pairs)} }}"] if pairs else []
