"""The commands `planner standards …`."""

import typer
from rich.console import Console

from planner.cli.heavy import api, show
from planner.cli.options import Language, Profiles, Workbook, Year
from planner.cli.spoken import language_for
from planner.language import text

group = typer.Typer(help="cli.standards", no_args_is_help=True, rich_markup_mode="rich")


@group.command("list", help="cli.standards_list", epilog="cli.standards_list_example")
def standards_list(*, lang: Language = None) -> None:
    """List the profiles of the catalogue.

    Parameters
    ----------
    lang
        The command's option, as ``cli.toml`` of the texts explains it.
    """
    show.profiles(language_for(lang))


@group.command("show", help="cli.standards_show", epilog="cli.standards_show_example")
def standards_show(profiles: Profiles, *, year: Year = None, lang: Language = None) -> None:
    """Show the targets of profiles, put together.

    Parameters
    ----------
    profiles, year, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    show.targets(api.read_standards(profiles), year, language_for(lang))


@group.command("template", help="cli.standards_template", epilog="cli.standards_template_example")
def standards_template(profiles: Profiles, *, out: Workbook, lang: Language = None) -> None:
    """Write a workbook to fill in for the targets of profiles, and the scenario that reads it.

    Parameters
    ----------
    profiles, out, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    spoken = language_for(lang)
    for name, path in zip(
        ("workbook", "read_by"), api.standards_template(profiles, out, lang=lang), strict=True
    ):
        told = text("cli.named", spoken, name=text(f"cli.{name}", spoken), told=path)
        Console().print(told, highlight=False, soft_wrap=True)
