"""The commands, a module each: parse, call, print; no logic.

Helps are keys of the catalogue of texts: that of a command stands under its name, the example below
it under its name with ``_example``. They are put into words once the language is known: ``--lang``
if given, else the environment's.
"""

from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer

from planner.cli.commands import (
    batch,
    check,
    compare,
    demo,
    estimate,
    geocode,
    new,
    run,
    schema,
    standards,
    sweep,
)

__all__ = ["app"]

app = typer.Typer(
    help="cli.about",
    no_args_is_help=True,
    epilog="cli.exit_statuses",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

_COMMANDS: dict[str, Callable[..., None]] = {  # in the order that the help lists them in
    "demo": demo.demo,
    "check": check.check,
    "run": run.run,
    "sweep": sweep.sweep,
    "batch": batch.batch,
    "estimate": estimate.estimate,
    "schema": schema.schema,
    "new": new.new,
    "geocode": geocode.geocode,
    "compare": compare.compare,
}
for _name, _command in _COMMANDS.items():
    app.command(_name, help=f"cli.{_name}", epilog=f"cli.{_name}_example")(_command)
app.add_typer(standards.group, name="standards")


def _tell_version(asked: bool) -> None:  # noqa: FBT001 (typer calls it so)
    if asked:
        typer.echo(f"planner {version('planner')}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="cli.version")
    ] = False,
) -> None: ...
