"""The report of a plan: tables, documents, the record for machines, layers for a GIS."""

from __future__ import annotations

from planner.language import Lang
from planner.report.record import record
from planner.report.tables import for_readers, layers, tables
from planner.scenario import Plan

__all__ = ["files", "for_readers", "layers", "markdown", "record", "tables"]


def files(plan: Plan, lang: Lang) -> dict[str, bytes | str]:
    """Make the files that people read, all from one set of tables.

    Parameters
    ----------
    plan
        The plan.
    lang
        Language of the words; names stay in the script of the data.

    Returns
    -------
    Content by name: ``report.md``, ``report.html``, ``report.docx``, ``report.xlsx``, and the maps
    under ``pictures/`` as PNG and SVG.
    """
    # Word, Excel and matplotlib are slow to load, and not every run writes a report.
    from planner.report import (  # noqa: PLC0415
        document,
        drawing,
        page,
        pictures,
        plain,
        words,
        workbook,
    )

    content = words.compose(plan, lang, pictures_speak=drawing.pen().chinese)
    drawn = {
        map_.name: pictures.coverage_maps(plan, map_.kind, lang, question=map_.question)
        for map_ in content.pictures
    }
    shown = {name: forms["png"] for name, forms in drawn.items()}
    written: dict[str, bytes | str] = {
        "md": plain.markdown(content),
        "html": page.page(content, shown),
        "docx": document.document(content, shown),
        "xlsx": workbook.workbook(plan, content),
    }
    return {
        **{f"report.{form}": report for form, report in written.items()},
        **{
            f"pictures/{name}.{form}": picture
            for name, forms in drawn.items()
            for form, picture in forms.items()
        },
    }


def markdown(plan: Plan, lang: Lang) -> str:
    """Write the report as Markdown alone."""
    from planner.report import plain, words  # noqa: PLC0415

    return plain.markdown(words.compose(plan, lang))
