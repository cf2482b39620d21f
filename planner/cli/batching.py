"""The command `planner batch`: what it shows while it goes, and at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from planner.batch import Batch, batch
from planner.batch.across_words import caveats, headline, record
from planner.batch.journal import JOURNAL
from planner.batch.overview import OVERVIEW, PAGE, WORKBOOK
from planner.cli import progress
from planner.cli.as_json import print_object
from planner.cli.exit_statuses import EXIT_SOME_FAILED
from planner.language import Lang, text

_MOST_SHOWN = 20


def run(table: Path, out: Path, spoken: Lang, *, as_json: bool, **asked: Any) -> int:
    """Run a batch, show how far it is, and tell what became of it.

    Parameters
    ----------
    table
        The table or folder of districts.
    out
        The folder of results.
    spoken
        Language of what is printed.
    as_json
        Whether one object is printed for a program.
    **asked
        As for `planner.batch.batch`.

    Returns
    -------
    The exit status: 0, or 3 where some districts have no result, or no plan over all of them.
    """
    with _told(spoken) as (told, watched):
        found = batch(table, out, told=told, watched=watched, **asked)
    if as_json:
        print_object(_record(found, spoken))
    else:
        _show(found, spoken)
    return EXIT_SOME_FAILED if found.failed or found.unshared else 0


@contextmanager
def _told(lang: Lang) -> Iterator[tuple[Any, Any]]:
    """Show a bar once the first district is begun: before, whatever is wrong is told alone."""
    console = Console(stderr=True)

    def watched(link: str, workers: int) -> None:
        """Show where Dask's dashboard is, and that a scheduler has no workers as yet.

        Parameters
        ----------
        link
            Address of the dashboard, empty without one.
        workers
            How many there are.
        """
        if link:
            line = text("batch.cli.dashboard", lang, link=link)
            console.print(line, highlight=False, soft_wrap=True)
        if not workers:
            console.print(text("batch.cli.no_workers", lang), highlight=False, soft_wrap=True)

    with progress.bar(text("batch.cli.running", lang)) as told:
        yield told, watched


def _show(found: Batch, lang: Lang) -> None:
    errors = Console(stderr=True)
    for one in found.failed[:_MOST_SHOWN]:
        told = " ".join(one.problems)
        line = escape(text("batch.cli.failure", lang, name=one.name, told=told))
        errors.print(f"[bold red]•[/] {line}", highlight=False, soft_wrap=True)
    for problem in found.unshared:
        line = escape(problem.say(lang))
        errors.print(f"[bold red]•[/] {line}", highlight=False, soft_wrap=True)
    if len(found.failed) > _MOST_SHOWN:
        rest = len(found.failed) - _MOST_SHOWN
        file = found.folder / OVERVIEW / "districts.csv"
        line = text("batch.cli.more", lang, n=rest, file=file)
        errors.print(line, highlight=False, soft_wrap=True)
    counts = {
        "n": len(found.outcomes),
        "done": found.count("done"),
        "unchanged": found.count("unchanged"),
        "failed": len(found.failed),
    }
    console = Console()
    console.print(text("batch.cli.done", lang, **counts), highlight=False, soft_wrap=True)
    across = found.across
    for line in [] if across is None else [*headline(across, lang), *caveats(across, lang)]:
        console.print(line, highlight=False, soft_wrap=True)
    for path in (Path(OVERVIEW) / PAGE, Path(OVERVIEW) / WORKBOOK, Path(JOURNAL)):
        if (found.folder / path).is_file():
            console.print(str(found.folder / path), highlight=False, soft_wrap=True)


def _record(found: Batch, lang: Lang) -> dict[str, Any]:
    states = ("done", "unchanged", "failed", "killed", "open")
    return {
        "folder": str(found.folder),
        "counts": {state: found.count(state) for state in states},
        "districts": [asdict(one) for one in found.outcomes],
        **({} if found.across is None else {"across": record(found.across)}),
        **({"unshared": [one.say(lang) for one in found.unshared]} if found.unshared else {}),
    }
