"""The command `planner geocode`."""

from pathlib import Path
from typing import Annotated

import typer

from planner.cli.heavy import addresses
from planner.cli.options import Language
from planner.cli.spoken import language_for


def geocode(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="cli.geocode_file")],
    *,
    by: Annotated[str, typer.Option("--by", metavar="SERVICE", help="cli.geocode_by")] = "tianditu",
    within: Annotated[
        str, typer.Option("--within", metavar="PLACE", help="cli.geocode_within")
    ] = "",
    sheet: Annotated[
        str | None, typer.Option("--sheet", metavar="NAME", help="cli.geocode_sheet")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE.csv", help="cli.geocode_out")
    ] = None,
    lang: Language = None,
) -> None:
    """Look up the rows of a list that have no coordinates.

    Parameters
    ----------
    file, by, within, sheet, out, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    addresses.look_up(file, by, within=within, sheet=sheet, out=out, lang=language_for(lang))
