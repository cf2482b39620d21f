"""The command `planner batch`."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from planner.cli.heavy import as_json as for_programs
from planner.cli.heavy import batching
from planner.cli.options import Assign, Json, Language, Outputs, Use
from planner.cli.spoken import language_for


def batch(
    table: Annotated[Path, typer.Argument(metavar="TABLE|FOLDER", help="cli.batch_table")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="cli.batch_out")],
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=0, max=1024, help="cli.workers")
    ] = 0,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="tcp://HOST:PORT", help="cli.scheduler")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="cli.resume")] = False,
    new: Annotated[int | None, typer.Option("--new", metavar="N", help="cli.batch_new")] = None,
    budget: Annotated[
        float | None, typer.Option("--budget", metavar="AMOUNT", help="cli.batch_budget")
    ] = None,
    question: Annotated[
        str | None, typer.Option("--question", metavar="KIND|N", help="cli.batch_question")
    ] = None,
    assign: Assign = None,
    use: Use = None,
    outputs: Outputs = None,
    as_json: Json = False,
    lang: Language = None,
) -> None:
    """Run many districts.

    Parameters
    ----------
    table, out, workers, scheduler, resume, new, budget, question, assign, use, outputs, as_json
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.

    Raises
    ------
    SystemExit
        With status 3 where some districts have no result, or no plan over all of them.
    """
    asked = {"use": use or (), "set": assign or (), "outputs": outputs, "lang": lang}
    where = {"workers": workers, "scheduler": scheduler, "resume": resume}
    shared = {"new": new, "budget": budget, "question": question}
    spoken = language_for(lang)
    with for_programs.refusals(spoken) if as_json else nullcontext():
        status = batching.run(table, out, spoken, as_json=as_json, **where, **shared, **asked)
    if status:
        raise SystemExit(status)
