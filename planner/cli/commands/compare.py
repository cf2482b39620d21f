"""The command `planner compare`."""

from pathlib import Path

from planner.cli.heavy import api, show
from planner.cli.loudness import with_loudness
from planner.cli.options import Assign, Language, Other, Out, ScenarioFile, Use
from planner.cli.running import warm_up
from planner.cli.spoken import busy_with, language_for, script_for
from planner.errors import SettingsError, fail
from planner.language import spelling


@with_loudness
def compare(
    scenario: ScenarioFile,
    other: Other = None,
    *,
    out: Out = None,
    assign: Assign = None,
    use: Use = None,
    lang: Language = None,
) -> None:
    """Compare two scenarios, or one with what `--set` and `--use` lay over it.

    Parameters
    ----------
    scenario, other, out, assign, use, lang
        The command's arguments and options, as ``cli.toml`` of the texts explains them.

    Raises
    ------
    PlannerError
        If a scenario does not hold, or nothing differs between the two.
    """
    if other is None and not (assign or use):
        raise fail(SettingsError, "comparison.nothing_differs")
    out = out or Path("maps") / f"{scenario.resolve().parent.name}-compared"
    api.check_folder(out)
    warm_up(lang)
    with busy_with("cli.running", lang):
        first = api.run(scenario)
        second = api.run(other or scenario, use=use or (), set=assign or ())
        compared = api.compare(first, second)
    with busy_with("cli.saving", lang):
        folder = api.save(compared, out, lang=lang)
    spoken = language_for(lang, first.settings)
    with spelling(script_for(lang, first.settings)):
        show.comparison(compared, folder, spoken)
        show.key_note(first, spoken)
