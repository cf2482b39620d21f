"""A run from the command line: nothing where its result stands, else computed, written, printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from planner.cli.heavy import api, as_json, show
from planner.cli.spoken import busy_with, language_for, script_for
from planner.district.reading import standing
from planner.district.reading.standing import MadeOf
from planner.language import Spoken, default_lang, language_of, script_of, spelling, text
from planner.output.chosen import Part, chosen


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


def run_to(scenario: Path, out: Path, asked: RunAsked, *, fresh: bool) -> None:
    """Run a scenario, write what comes out and print it; a result that stands is left as it is.

    Parameters
    ----------
    scenario
        The scenario's file.
    out
        The folder of results.
    asked
        What is asked beside the scenario.
    fresh
        Whether it is computed anew even where the result stands.
    """
    parts, lang = chosen(asked.outputs), asked.lang
    before = asked.made_of(scenario)
    if not fresh and before is not None and stands(out, before, lang, quiet=asked.as_json):
        if asked.as_json:
            as_json.unchanged(out)
        return
    api.check_folder(out)
    warm_up(lang)
    _compute(scenario, out, asked, parts, before, fresh=fresh)


def _compute(
    scenario: Path,
    out: Path,
    asked: RunAsked,
    parts: tuple[Part, ...],
    before: MadeOf | None,
    *,
    fresh: bool,
) -> None:
    lang = asked.lang
    given = [*(asked.assign or ()), *([f'lang="{lang}"'] if language_of(lang) == "zh" else [])]
    with busy_with("cli.running", lang):  # the plan keeps names of targets in the script asked for
        plan = api.run(scenario, use=asked.use or (), set=given, made=before, fresh=fresh)

    def made() -> MadeOf | None:
        after = asked.made_of(scenario)
        return after if after == before else None  # else something was edited meanwhile

    with busy_with("cli.saving", lang):
        folder = api.save(plan, out, lang=lang, outputs=asked.outputs, made=made)
    spoken = language_for(lang, plan.settings)
    with spelling(script_for(lang, plan.settings)):
        if asked.as_json:
            as_json.planned(plan, folder, parts)
        else:
            show.plan(plan, folder, spoken, parts)
        show.key_note(plan, spoken)


def warm_up(lang: Spoken | None) -> None:
    """Compile the engine where it never was; what was compiled is loaded by what needs it.

    Parameters
    ----------
    lang
        The language asked for; None for the environment's.
    """
    if not api.is_warm():
        with busy_with("cli.warming", lang):
            api.warm_up()
