"""The command `planner estimate`."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from planner.cli.heavy import as_json as for_programs
from planner.cli.heavy import estimating
from planner.cli.options import Assign, Json, Language, Outputs, Use
from planner.cli.spoken import language_for


def estimate(
    table: Annotated[
        Path, typer.Argument(metavar="TABLE|FOLDER|SCENARIO.toml", help="cli.estimate_table")
    ],
    *,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", min=1, max=100_000, help="cli.estimate_workers"),
    ] = None,
    like: Annotated[
        Path | None, typer.Option("--like", metavar="DIR", help="cli.estimate_like")
    ] = None,
    assign: Assign = None,
    use: Use = None,
    outputs: Outputs = None,
    as_json: Json = False,
    lang: Language = None,
) -> None:
    """Estimate what a batch will take.

    Parameters
    ----------
    table, workers, like, assign, use, outputs, as_json, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    asked = {"use": use or (), "set": assign or (), "outputs": outputs, "like": like}
    spoken = language_for(lang)
    with for_programs.refusals(spoken) if as_json else nullcontext():
        estimating.run(table, spoken, workers=workers, as_json=as_json, **asked)
