"""What the commands tell a program: one object on standard output, whatever comes of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from planner.checked import CheckResult
from planner.cli.exit_statuses import EXIT_BAD_INPUT
from planner.errors import PlannerError, Problem
from planner.language import Lang
from planner.output.chosen import Part
from planner.output.report.record import headline_record, summary_rows
from planner.study.plan import Plan


def checked(found: CheckResult, lang: Lang) -> None:
    """Print what a check found, and end with status 2 where something does not hold.

    Parameters
    ----------
    found
        What it found.
    lang
        Language of the messages.

    Raises
    ------
    typer.Exit
        With status 2.
    """
    lacking = [] if found.problems else found.lacking.to_dict("records")
    told = {
        "holds": found.holds,
        "problems": [_problem(one, lang) for one in found.problems],
        "files": json.loads(found.understood.to_json(orient="records", force_ascii=False)),
        "notes": list(found.notes),
        "lacking": lacking,
    }
    print_object(told)
    if not found.holds:
        raise typer.Exit(EXIT_BAD_INPUT)


def planned(plan: Plan, folder: Path, parts: Sequence[Part]) -> None:
    """Print the headline of a plan: its record without tables, its summary, and what was written.

    Parameters
    ----------
    plan
        The plan.
    folder
        Where its files are.
    parts
        What of the result is there; what needs an extra that is not installed is not.
    """
    told = {"folder": str(folder), "unchanged": False, "outputs": list(parts)}
    print_object(told | {"summary": summary_rows(plan)} | headline_record(plan))


def unchanged(folder: Path) -> None:
    """Print that the result that stands is what a run would write.

    Parameters
    ----------
    folder
        Where it stands.
    """
    print_object({"folder": str(folder), "unchanged": True})


@contextmanager
def refusals(lang: Lang) -> Iterator[None]:
    """Print problems as one object, and end with status 2.

    Parameters
    ----------
    lang
        Language of the messages.

    Yields
    ------
    Nothing.

    Raises
    ------
    typer.Exit
        With status 2.
    """
    try:
        yield
    except PlannerError as error:
        print_object({"holds": False, "problems": [_problem(one, lang) for one in error.problems]})
        raise typer.Exit(EXIT_BAD_INPUT) from None


def _problem(one: Problem, lang: Lang) -> dict[str, Any]:
    value = one.value if isinstance(one.value, bool | int | float | None) else str(one.value)
    row = None if one.row is None else str(one.row)
    named = {"key": one.key, "file": one.file, "row": row, "value": value}
    return {**named, "message": one.say(lang)}


def print_object(told: dict[str, Any]) -> None:
    """Print one object, and nothing else.

    Parameters
    ----------
    told
        What it says.
    """
    # Whatever the output cannot write, a program reads from escapes.
    escaped = not (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
    typer.echo(json.dumps(told, ensure_ascii=escaped, indent=1, allow_nan=False, default=str))
