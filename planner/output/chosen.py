"""What of a result is asked for: all, or the parts that somebody needs now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from planner.errors import Problems, SettingsError, did_you_mean

Part = Literal["map", "report", "workbook", "tables", "layers", "record", "plan"]
PARTS: tuple[Part, ...] = get_args(Part)
# Of each of many districts: their whole plans would fill a disk.
PARTS_OF_MANY: tuple[Part, ...] = tuple(part for part in PARTS if part != "plan")


def chosen(asked: Sequence[str] | None, given: tuple[Part, ...] = PARTS) -> tuple[Part, ...]:
    """Return the parts of a result that are asked for.

    Parameters
    ----------
    asked
        Names of parts, several in one text by commas.
    given
        The parts where none is asked for.

    Returns
    -------
    The parts, in the order that results have.

    Raises
    ------
    SettingsError
        If there is no part of such a name: all at once, each with the nearest.

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
    problems.raise_any(SettingsError)
    return tuple(part for part in PARTS if part in names) or given
