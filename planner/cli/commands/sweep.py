"""The command `planner sweep`."""

from pathlib import Path
from typing import Annotated

import typer

from planner.cli import progress
from planner.cli.heavy import api, scenarios, show
from planner.cli.loudness import with_loudness
from planner.cli.options import Assign, Language, Out, ScenarioFile, Use, Vary
from planner.cli.running import warm_up
from planner.cli.spoken import language_for, script_for
from planner.language import spelling, text


@with_loudness
def sweep(
    scenario: ScenarioFile,
    *,
    vary: Vary = None,
    every: Annotated[bool, typer.Option("--all", help="cli.all")] = False,
    out: Out = None,
    assign: Assign = None,
    use: Use = None,
    no_maps: Annotated[bool, typer.Option("--no-maps", help="cli.no_maps")] = False,
    lang: Language = None,
) -> None:
    """Compute many scenarios side by side.

    Parameters
    ----------
    scenario, vary, every, out, assign, use, no_maps, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    out = out or Path("maps") / f"{scenario.resolve().parent.name}-sweep"
    api.check_folder(out)
    warm_up(lang)
    asked = {"use": use or (), "set": assign or (), "vary": vary or (), "every": every}
    with progress.bar(text("cli.sweeping", language_for(lang))) as told:
        found = scenarios.sweep_to(scenario, out, maps=not no_maps, lang=lang, told=told, **asked)
    with spelling(script_for(lang, found.settings[0])):
        show.sweep(found, out, language_for(lang, found.settings[0]))
