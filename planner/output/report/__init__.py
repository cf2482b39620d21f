"""The report of a plan: tables, documents, the record for machines, layers for a GIS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.language import Lang, text
from planner.output.chosen import Part, can_report
from planner.output.report.content import Report
from planner.output.report.layers import layers
from planner.output.report.phrasing import ReportContext
from planner.output.report.record import comparison_record, record
from planner.output.report.table_words import for_readers
from planner.output.report.tables import tables
from planner.study.comparison import Comparison
from planner.study.plan import Plan

__all__ = [
    "comparison_files",
    "comparison_record",
    "files",
    "for_readers",
    "layers",
    "markdown",
    "record",
    "tables",
]


def files(
    plan: Plan, lang: Lang, parts: Sequence[Part] = ("report", "workbook")
) -> dict[str, bytes | str]:
    """Make the files that people read, all from one set of tables.

    Parameters
    ----------
    plan
        The plan.
    lang
        Language of the words; names stay in the script of the data.
    parts
        ``report``, ``workbook`` or both: what is made.

    Returns
    -------
    Content by name: ``report.md``, ``report.html``, ``report.docx``, ``report.xlsx``;
    ``summary.txt`` with the text to paste into a yearly report; and the maps and curves under
    ``pictures/`` as PNG and SVG.
    """
    # Word, Excel and matplotlib are slow to load, and not every run writes a report.
    from planner.output.report.figures import fonts  # noqa: PLC0415
    from planner.output.report.prose import words  # noqa: PLC0415
    from planner.output.report.writers import workbook  # noqa: PLC0415

    writing = fonts.pen()
    content = words.compose(
        plan,
        lang,
        pictures_speak=writing.chinese,
        unwritable=fonts.unwritable(plan, writing),
    )
    made: dict[str, bytes | str] = {}
    if "workbook" in parts:
        made["report.xlsx"] = workbook.workbook(plan, content)
    return made | _report(plan, content) if "report" in parts else made


def _report(plan: Plan, content: Report) -> dict[str, bytes | str]:
    """Set the report in each form, with its pictures and the documents made of it."""
    from planner.output.report.figures import pictures  # noqa: PLC0415
    from planner.output.report.writers import (  # noqa: PLC0415
        html_writer,
        markdown_writer,
        text_writer,
        word_writer,
    )

    drawn = {one.name: pictures.draw(plan, one, content.lang) for one in content.pictures}
    shown = {name: forms["png"] for name, forms in drawn.items()}
    return {
        "report.md": markdown_writer.markdown(content),
        "report.html": html_writer.page(content, shown),
        "report.docx": word_writer.document(content, shown),
        "summary.txt": text_writer.plain(content),
        **_documents(plan, content, shown),
        **_pictures(drawn),
    }


def _documents(plan: Plan, content: Report, shown: Mapping[str, bytes]) -> dict[str, bytes]:
    """Set the documents that the scenario asks for beside the report, of the report's pictures."""
    if "layout_plan" not in plan.settings.outputs.documents:
        return {}
    from planner.output.report.figures import pictures  # noqa: PLC0415
    from planner.output.report.prose import layout_plan  # noqa: PLC0415
    from planner.output.report.writers import word_writer  # noqa: PLC0415

    voice = ReportContext(plan=plan, made=tables(plan), lang=content.lang)
    document = layout_plan.compose(voice, content)
    own = {
        picture.name: pictures.draw(plan, picture, content.lang)
        for picture in document.pictures
        if picture.name not in shown
    }
    every = {**shown, **{name: forms["png"] for name, forms in own.items()}}
    return {"layout_plan.docx": word_writer.document(document, every), **_pictures(own)}


def _pictures(drawn: Mapping[str, Mapping[Any, bytes]]) -> dict[str, bytes]:
    return {
        f"pictures/{name}.{form}": picture
        for name, forms in drawn.items()
        for form, picture in forms.items()
    }


def markdown(plan: Plan, lang: Lang) -> str:
    """Return the report as Markdown alone.

    Parameters
    ----------
    plan
        The plan.
    lang
        Language of the words.

    Returns
    -------
    The text.
    """
    from planner.output.report.prose import words  # noqa: PLC0415
    from planner.output.report.writers import markdown_writer  # noqa: PLC0415

    return markdown_writer.markdown(words.compose(plan, lang))


def comparison_files(compared: Comparison, lang: Lang) -> dict[str, bytes | str]:
    """Build the files that show people how two plans differ, all from one set of tables.

    Parameters
    ----------
    compared
        The comparison.
    lang
        Language of the words.

    Returns
    -------
    Content by name: ``comparison.md`` and ``comparison.html``; with the extra ``planner[report]``
    ``comparison.docx`` and ``comparison.xlsx``, too.
    """
    from planner.output.report.prose import comparison  # noqa: PLC0415
    from planner.output.report.writers import html_writer, markdown_writer  # noqa: PLC0415

    content = comparison.compose(compared, lang)
    made: dict[str, bytes | str] = {
        "comparison.md": markdown_writer.markdown(content),
        "comparison.html": html_writer.page(content, {}),
    }
    if not can_report():
        return made
    from planner.output.report.writers import word_writer, workbook  # noqa: PLC0415

    shown = comparison.readable(compared, lang)
    units = {name: comparison.measures(compared, name) for name in shown}
    names = {name: text(f"comparison.sheet.{name}", lang) for name in shown}
    return made | {
        "comparison.docx": word_writer.document(content, {}),
        "comparison.xlsx": workbook.of_readable(shown, units, names, content),
    }
