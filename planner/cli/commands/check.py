"""The command `planner check`."""

from planner.cli.heavy import api, show
from planner.cli.heavy import as_json as for_programs
from planner.cli.loudness import with_loudness
from planner.cli.options import Assign, Json, Language, ScenarioFile, Use
from planner.cli.spoken import busy_with, language_for, script_for
from planner.language import script_of, spelling


@with_loudness
def check(
    scenario: ScenarioFile,
    *,
    assign: Assign = None,
    use: Use = None,
    as_json: Json = False,
    lang: Language = None,
) -> None:
    """Read everything, compute nothing.

    Parameters
    ----------
    scenario, assign, use, as_json, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    if as_json:
        said = api.check(scenario, use=use or (), set=assign or (), raises=False)
        with spelling(script_of(lang)):
            for_programs.checked(said, language_for(lang, said.found[0]))
        return
    with busy_with("cli.reading", lang):
        found = api.check(scenario, use=use or (), set=assign or ())
    settings, area = found.settings, found.area
    with spelling(script_for(lang, settings)):
        spoken = language_for(lang, settings)
        show.area(settings, area, found.lacking_lines(spoken), spoken)
