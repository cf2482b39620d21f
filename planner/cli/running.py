"""What a run does beside computing: it tells whether its result stands, and collects seldom."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from planner.district.reading import standing
from planner.district.reading.standing import MadeOf
from planner.language import Spoken, default_lang, language_of, script_of, spelling, text
from planner.output.chosen import chosen

EXIT_BAD_INPUT = 2


@dataclass(frozen=True, kw_only=True)
class RunAsked:
    """What is asked of a run beside its scenario."""

    use: list[str] | None
    assign: list[str] | None
    outputs: list[str] | None
    lang: Spoken | None
    as_json: bool = False

    def made_of(self, scenario: Path) -> MadeOf | None:
        """Return what a result of the scenario would be made of now.

        Parameters
        ----------
        scenario
            The scenario's file.

        Returns
        -------
        The digests; None where a file cannot be read.
        """
        return standing.made_of(
            scenario,
            use=self.use or (),
            assign=self.assign or (),
            lang=self.lang,
            outputs=chosen(self.outputs),
        )


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Look for circles of objects seldom: a run makes millions of objects and hardly a circle.

    Yields
    ------
    Nothing.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def stands(out: Path, asked: MadeOf, lang: Spoken | None, *, quiet: bool = False) -> bool:
    """Return whether the result that stands is what a run would write, and print so in a line.

    Parameters
    ----------
    out
        The folder of results.
    asked
        What the run would make its result of.
    lang
        The language asked for.
    quiet
        Whether nothing is printed.

    Returns
    -------
    Whether there is nothing to compute.
    """
    state, named = standing.state(out, asked), lang or asked.lang
    if quiet:
        return state == "stands"
    with spelling(script_of(named)):
        spoken = language_of(named) or default_lang()
        if state == "stands":
            since = datetime.fromtimestamp((out / standing.MANIFEST).stat().st_mtime).astimezone()
            told = text("cli.unchanged", spoken, folder=out, since=f"{since:%Y-%m-%d %H:%M}")
            Console().print(told, highlight=False, soft_wrap=True, markup=False)
        elif state in {"damaged", "other_version"}:
            told = text(f"cli.{state}", spoken, folder=out)
            Console(stderr=True).print(told, highlight=False, soft_wrap=True, markup=False)
    return state == "stands"
