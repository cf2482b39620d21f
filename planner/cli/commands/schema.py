"""The command `planner schema`."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from planner.cli.heavy import api
from planner.cli.options import Language
from planner.cli.spoken import language_for
from planner.language import text


def schema(
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE.json", help="cli.schema_out")
    ] = None,
    lang: Language = None,
) -> None:
    """Print or write the JSON Schema of scenario files.

    Parameters
    ----------
    out, lang
        The command's options, as ``cli.toml`` of the texts explains them.
    """
    written = json.dumps(api.schema(language_for(lang)), ensure_ascii=False, indent=1)
    if out is None:
        typer.echo(written)
        return
    out.write_text(f"{written}\n", "utf-8")
    told = text("cli.schema_written", language_for(lang), file=out)
    Console().print(told, highlight=False, soft_wrap=True)
