"""What of a result is asked for: all, or the parts that somebody needs now."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Literal, get_args

from planner.errors import Problems, SettingsError, did_you_mean, fail
from planner.language import Lang, text

Part = Literal["map", "report", "workbook", "tables", "layers", "record", "plan"]
PARTS: tuple[Part, ...] = get_args(Part)
# Of each of many districts: their whole plans would fill a disk.
PARTS_OF_MANY: tuple[Part, ...] = tuple(part for part in PARTS if part != "plan")
OF_REPORT: tuple[Part, ...] = ("report", "workbook")
# What the extra ``planner[report]`` brings: Word, pictures and Excel.
REPORT_NEEDS = ("docx", "matplotlib", "openpyxl", "PIL")


def can_report() -> bool:
    """Return whether what the extra ``planner[report]`` brings is installed."""
    return all(find_spec(name) is not None for name in REPORT_NEEDS)


def require_report(made: str, *, file: str | None = None) -> None:
    """Refuse what only the extra ``planner[report]`` can make, where it is not installed.

    Parameters
    ----------
    made
        What is asked for.
    file
        The option, file or function that asks for it.

    Raises
    ------
    SettingsError
        If the extra is not installed.
    """
    if not can_report():
        raise fail(SettingsError, "report.no_extra", file=file, value=made)


def without_report(lang: Lang, names: Sequence[str] = ()) -> list[str]:
    """Return in words what results lack since the extra ``planner[report]`` is not installed.

    Parameters
    ----------
    lang
        Language of the words.
    names
        What is left out; the report and the workbook of a plan if not given.

    Returns
    -------
    One line; none where the extra is installed.
    """
    if can_report():
        return []
    lacking = names or [text(f"cli.{part}", lang) for part in OF_REPORT]
    told = text("report.comma", lang).join(lacking)
    return [text("report.without_extra", lang, names=told)]


def chosen(asked: Sequence[str] | None, given: tuple[Part, ...] = PARTS) -> tuple[Part, ...]:
    """Return the parts of a result that are asked for.

    Parameters
    ----------
    asked
        Names of parts, several in one text by commas.
    given
        The parts where none is asked for; without the extra ``planner[report]`` neither report nor
        workbook is among them.

    Returns
    -------
    The parts, in the order that results have.

    Raises
    ------
    SettingsError
        If there is no part of such a name, or it needs an extra that is not installed: all at once.

    Examples
    --------
    >>> chosen(["tables,map"])
    ('map', 'tables')
    """
    names = [name.strip() for one in asked or () for name in one.split(",")]
    problems = Problems()
    for name in dict.fromkeys(names):
        if name not in PARTS:
            hint = did_you_mean(name, PARTS)
            problems.add("cli.no_such_output", file="--outputs", value=name, hint=hint)
    able = can_report()
    if refused := [name for name in OF_REPORT if name in names and not able]:
        problems.add("report.no_extra", file="--outputs", value=", ".join(refused))
    problems.raise_any(SettingsError)
    asked_for = tuple(part for part in PARTS if part in names)
    return asked_for or tuple(part for part in given if able or part not in OF_REPORT)
