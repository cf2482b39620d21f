"""The report of a plan: tables, documents, the record for machines, layers for a GIS."""

from __future__ import annotations

from planner.comparison import Comparison
from planner.language import Lang, text
from planner.report.layers import layers
from planner.report.record import comparison_record, record
from planner.report.tables import for_readers, tables
from planner.scenario import Plan

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
    and curves under ``pictures/`` as PNG and SVG.
    """
    # Word, Excel and matplotlib are slow to load, and not every run writes a report.
    from planner.report import (  # noqa: PLC0415
        document,
        fonts,
        page,
        pictures,
        plain,
        words,
        workbook,
    )

    writing = fonts.pen()
    content = words.compose(
        plan,
        lang,
        pictures_speak=writing.chinese,
        unwritable=fonts.unwritable(plan, writing),
    )
    drawn = {picture.name: pictures.draw(plan, picture, lang) for picture in content.pictures}
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


def comparison_files(compared: Comparison, lang: Lang) -> dict[str, bytes | str]:
    """Make the files that tell people how two plans differ, all from one set of tables.

    Returns
    -------
    Content by name: ``comparison.md``, ``comparison.html``, ``comparison.docx`` and
    ``comparison.xlsx``.
    """
    from planner.report import comparison, document, page, plain, workbook  # noqa: PLC0415

    content = comparison.compose(compared, lang)
    shown = comparison.readable(compared, lang)
    units = {name: comparison.measures(compared, name) for name in shown}
    names = {name: text(f"comparison.sheet.{name}", lang) for name in shown}
    return {
        "comparison.md": plain.markdown(content),
        "comparison.html": page.page(content, {}),
        "comparison.docx": document.document(content, {}),
        "comparison.xlsx": workbook.of_readable(shown, units, names, content),
    }
