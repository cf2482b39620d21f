"""The command `planner run`."""

from contextlib import nullcontext
from pathlib import Path

from planner.cli.heavy import api, limits
from planner.cli.heavy import as_json as for_programs
from planner.cli.loudness import loudness, with_loudness
from planner.cli.options import (
    Assign,
    Fresh,
    Json,
    Language,
    Memory,
    Out,
    Outputs,
    ScenarioFile,
    Seconds,
    Use,
)
from planner.cli.running import RunAsked, run_to
from planner.cli.spoken import language_for
from planner.errors import SettingsError, fail
from planner.output.chosen import chosen


@with_loudness
def run(
    scenario: ScenarioFile,
    *,
    out: Out = None,
    assign: Assign = None,
    use: Use = None,
    outputs: Outputs = None,
    fresh: Fresh = False,
    memory_limit: Memory = None,
    time_limit: Seconds = None,
    as_json: Json = False,
    lang: Language = None,
) -> None:
    """Run a scenario.

    Parameters
    ----------
    scenario, out, assign, use, outputs, fresh, memory_limit, time_limit, as_json, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.

    Raises
    ------
    PlannerError
        If the scenario does not hold, or the system cannot watch memory as is asked.
    SystemExit
        With the status of the process that ran within limits, where that is not 0.
    """
    out = out or Path("maps") / scenario.resolve().parent.name
    asked = RunAsked(use=use, assign=assign, outputs=outputs, lang=lang, as_json=as_json)
    if memory_limit is None and time_limit is None:
        with for_programs.refusals(language_for(lang)) if as_json else nullcontext():
            run_to(scenario, out, asked, fresh=fresh)
        return
    chosen(outputs)
    api.check_folder(out)
    if memory_limit is not None:
        if not limits.can_watch_memory():
            raise fail(SettingsError, "cli.no_memory_limit", file="--memory-limit")
        limits.check_memory(scenario, memory_limit, use=use or (), assign=assign or ())
    arguments = ["run", str(scenario), "--out", str(out)]
    given = {"--set": assign, "--use": use, "--outputs": outputs, "--lang": [lang] if lang else []}
    for option, values in given.items():
        arguments += [word for one in values or () for word in (option, one)]
    arguments += ["--fresh"] * fresh + ["--json"] * as_json
    arguments += [f"--{loudness()}"] if loudness() != "usual" else []
    status = limits.run_within(arguments, out, memory_gb=memory_limit, time_s=time_limit)
    if status:
        raise SystemExit(status)
