"""The command `planner new`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from planner.cli.heavy import api, drafted
from planner.cli.loudness import with_loudness
from planner.cli.options import Language
from planner.cli.spoken import busy_with, language_for


@with_loudness
def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="cli.folder")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE.toml", help="cli.new_out")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="cli.yes")] = False,
    lang: Language = None,
) -> None:
    """Draft a scenario from a folder.

    Parameters
    ----------
    folder, out, yes, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    spoken = language_for(lang)
    asks = not yes and sys.stdin is not None and sys.stdin.isatty()
    path = folder / "scenario.toml" if out is None else out
    with busy_with("draft.cli.looking", lang) as notice:
        ask = drafted.asker(notice, spoken) if asks else None
        made = api.new(folder, out, lang=spoken, ask=ask)
    drafted.draft(made, path, spoken)
