"""The unit of money that the candidates' costs are in: as the scenario or the data tell it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.district.fields import Understanding
from planner.district.matching import heading
from planner.errors import Problems
from planner.language import Lang, has_text, text

OF_NO_MONEY = {"万"}  # multiplies a unit, and is none


def cost_unit(
    files: Sequence[tuple[str, str | None, Understanding | None]],
    known: Iterable[str],
    problems: Problems,
) -> str | None:
    """Return the unit that all files of candidates count money in; none where none is told.

    Parameters
    ----------
    files
        For each file of candidates its name, the unit the scenario names, and how its columns were
        understood.
    known
        Units of money that may stand in brackets behind a heading.
    problems
        Collects that files with costs count in different units, or that one does not tell its own;
        not where the headings of all tell theirs, as reading the tables has told that.
    """
    units = {
        file: named or _behind(understood.fields["cost"], set(known))
        for file, named, understood in files
        if understood is not None and understood.fields.get("cost")
    }
    headings = not any(named for _, named, _ in files) and all(units.values())
    if len(set(units.values())) > 1 and not headings:  # headings that differ are told by the tables
        told = ", ".join(f"{file}: {unit or '–'}" for file, unit in units.items())
        problems.add("area.cost_units", value=told)
    return next(iter(units.values()), None)


def _behind(columns: Sequence[str], known: set[str]) -> str | None:
    """Return the unit in brackets behind a heading."""
    found = [remark for column in columns for remark in heading(column).remarks]
    return next((one for one in found if one in known and one not in OF_NO_MONEY), None)


def with_unit(amount: str, unit: str | None, lang: Lang) -> str:
    """Return an amount of money with its unit, where that is known.

    Parameters
    ----------
    amount
        The amount as it is written.
    unit
        The unit as the data tell it.
    lang
        Language of the unit.

    Examples
    --------
    >>> with_unit("94.8", "万元", "zh"), with_unit("94.8", None, "en")
    ('94.8 万元', '94.8')
    >>> with_unit("94.8", "万元", "en")
    '94.8 × 10,000 yuan'
    """
    return amount if unit is None else f"{amount} {unit_after(unit, lang)}"


def unit_after(unit: str, lang: Lang) -> str:
    """Return a unit of money as it stands behind an amount; one that counts bears a ×.

    Parameters
    ----------
    unit
        The unit as the data tell it.
    lang
        Language of the words.
    """
    words = unit_words(unit, lang)
    return f"× {words}" if words[:1].isdigit() else words


def unit_words(unit: str, lang: Lang) -> str:
    """Return a unit of money in words; as the data have it where it is not known.

    Parameters
    ----------
    unit
        The unit as the data tell it.
    lang
        Language of the words.
    """
    key = f"area.money.{unit}"
    return text(key, lang) if has_text(key) else unit


def headed(name: str, unit: str | None, lang: Lang) -> str:
    """Return the heading of a column of costs, its unit in brackets where that is known.

    Parameters
    ----------
    name
        The heading.
    unit
        The unit as the data tell it, or none.
    lang
        Language of the heading.
    """
    if unit is None:
        return name
    return text("area.cost_in", lang, name=name, unit=unit_words(unit, lang))
