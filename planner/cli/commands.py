"""The commands: parse, call, print; no logic.

Helps are keys of the catalogue of texts; they are put into words once the language is known:
``--lang`` if given, else the environment's.
"""

import errno
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.status import Status

from planner.cli import progress
from planner.cli.later import later
from planner.cli.loudness import busy, loudness, with_loudness
from planner.cli.running import EXIT_BAD_INPUT, RunAsked, seldom_collecting, stands
from planner.cli.words import Misuse, asked_lang, in_words, misuse, show_whole_helps
from planner.district.reading import embedded
from planner.district.reading.standing import MadeOf
from planner.errors import MOST_OF_A_KIND, InputError, PlannerError, SettingsError, fail, grouped
from planner.language import (
    Lang,
    Script,
    Spoken,
    default_lang,
    language_of,
    script_of,
    speaking,
    spelling,
    text,
)
from planner.output.chosen import PARTS, Part, chosen

if TYPE_CHECKING:
    from planner import api, scenarios
    from planner.cli import addresses, batching, drafted, estimating, limits, show
    from planner.cli import as_json as for_programs
    from planner.settings import Settings
else:
    api = later("planner.api")
    scenarios = later("planner.scenarios")
    drafted, limits, show = (later(f"planner.cli.{name}") for name in ("drafted", "limits", "show"))
    for_programs = later("planner.cli.as_json")
    addresses, batching = later("planner.cli.addresses"), later("planner.cli.batching")
    estimating = later("planner.cli.estimating")

EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 1  # as Python and click have it
# Faults of the machine, not of the program: a disk that is full or broken, no more open files.
_OF_THE_SYSTEM = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE,
    errno.ENOMEM, errno.EBADF, errno.EACCES, errno.EPERM,
}  # fmt: skip

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO.toml", help="cli.scenario")]
Other = Annotated[
    Path | None, typer.Argument(metavar="OTHER.toml", help="cli.other", show_default=False)
]
Demo = Annotated[str, typer.Argument(metavar="NAME", help="cli.name")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="cli.out")]
Workbook = Annotated[
    Path,
    typer.Option("--out", "-o", metavar="FILE.xlsx", help="cli.template_out", show_default=False),
]
Assign = Annotated[
    list[str] | None, typer.Option("--set", "-s", metavar="KEY=VALUE", help="cli.set")
]
Vary = Annotated[list[str] | None, typer.Option("--vary", metavar="KEY=VALUES", help="cli.vary")]
Use = Annotated[list[str] | None, typer.Option("--use", "-u", metavar="NAME", help="cli.use")]
Language = Annotated[
    Spoken | None, typer.Option("--lang", metavar="zh|en|zh-Hant|zh-HK|zh-TW", help="cli.lang")
]
Profiles = Annotated[list[str], typer.Argument(metavar="PROFILE...", help="cli.profiles")]
Year = Annotated[int | None, typer.Option("--year", "-y", metavar="YYYY", help="cli.year")]
Memory = Annotated[
    float | None, typer.Option("--memory-limit", metavar="GB", min=0.1, max=1e6, help="cli.memory")
]
Seconds = Annotated[
    float | None, typer.Option("--time-limit", metavar="S", min=1, max=1e7, help="cli.seconds")
]
Outputs = Annotated[
    list[str] | None,
    typer.Option("--outputs", metavar="|".join(PARTS), help="cli.outputs"),
]
Json = Annotated[bool, typer.Option("--json", help="cli.json")]
Fresh = Annotated[bool, typer.Option("--fresh", help="cli.fresh")]
List = Annotated[bool, typer.Option("--list", "-l", help="cli.list")]

app = typer.Typer(
    help="cli.about",
    no_args_is_help=True,
    epilog="cli.exit_statuses",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

standards = typer.Typer(help="cli.standards", no_args_is_help=True, rich_markup_mode="rich")
app.add_typer(standards, name="standards")


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


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; bad input ends with status 2, a bug with its traceback.

    Parameters
    ----------
    arguments
        The words behind ``planner``; those of the process if not given.

    Raises
    ------
    SystemExit
        With status 2 for bad input, 130 where interrupted, or the status of a limited run.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    asked = asked_lang(given)
    lang = language_of(asked) or default_lang()
    if given[:1] == ["--lang"]:  # before the command it means the same as after it
        named, given = given[:2], given[2:]
        given += named if given and not given[0].startswith("-") else []
    command = in_words(typer.main.get_command(app), lang)
    if "--help" in given or len(given) < 2:
        show_whole_helps()
    try:
        with speaking(lang), spelling(script_of(asked)):
            status = command(given, prog_name="planner", standalone_mode=False)
            if sys.stdout is not None:
                sys.stdout.flush()
    except PlannerError as error:
        _complain(error, lang)
    except BrokenPipeError:  # whoever read what is printed has read enough, such as `head`
        _close_output()
        raise SystemExit(EXIT_BROKEN_PIPE) from None
    except MemoryError:
        _complain(fail(InputError, "cli.no_memory"), lang)
    except OSError as error:
        if error.errno not in _OF_THE_SYSTEM:
            raise
        _close_output()
        what = error.strerror or type(error).__name__
        _complain(fail(InputError, "cli.system", file=error.filename, value=what), lang)
    except Misuse as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # the help has been shown already
            raise SystemExit(EXIT_BAD_INPUT) from None
        _complain(misuse(error), lang)
    except typer.Abort:
        raise SystemExit(EXIT_INTERRUPTED) from None
    else:
        if status:
            raise SystemExit(status)


def _close_output() -> None:
    """Send to nowhere what is still to be printed: Python would fail on it once more at its end."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(error: PlannerError, lang: Lang) -> NoReturn:
    """Print every problem on a line of its own, and end."""
    console = Console(stderr=True)
    few = len(error.problems) <= MOST_OF_A_KIND
    lines = error.say(lang) if few else grouped(error.problems, lang)
    console.print(f"[bold red]{text('cli.problems', lang, n=len(error.problems))}[/]")
    for line in lines:
        console.print(f" • {escape(line)}", highlight=False, soft_wrap=True)
    if len(lines) < len(error.problems):
        listed = _listed(error, lang)
        console.print(text("cli.all_problems", lang, file=listed), highlight=False, soft_wrap=True)
    raise SystemExit(EXIT_BAD_INPUT)


def _listed(error: PlannerError, lang: Lang) -> Path:
    """Write every problem to a file of its own among the temporary ones, a line each."""
    handle, name = tempfile.mkstemp(prefix="planner-problems-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(f"{problem.say(lang)}\n" for problem in error.problems)
    return Path(name)


@app.command(help="cli.demo", epilog="cli.demo_example")
@with_loudness
def demo(
    name: Demo = "chengwan",
    *,
    out: Out = None,
    list_: List = False,
    assign: Assign = None,
    use: Use = None,
    outputs: Outputs = None,
    fresh: Fresh = False,
    lang: Language = None,
) -> None:
    """Run an embedded case.

    Parameters
    ----------
    name, out, list_, assign, use, outputs, fresh, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    if list_:
        show.demos(api.demos(), _language(lang))
    else:
        asked = RunAsked(use=use, assign=assign, outputs=outputs, lang=lang)
        _run(embedded.demo(name), out or Path("maps") / name, asked, fresh=fresh)


@app.command(help="cli.check", epilog="cli.check_example")
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
            for_programs.checked(said, _language(lang, said.found[0]))
        return
    with _busy("cli.reading", lang):
        found = api.check(scenario, use=use or (), set=assign or ())
    settings, area = found.settings, found.area
    with spelling(_script(lang, settings)):
        spoken = _language(lang, settings)
        show.area(settings, area, found.lacking_lines(spoken), spoken)


@app.command(help="cli.run", epilog="cli.run_example")
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
    """
    out = out or Path("maps") / scenario.resolve().parent.name
    asked = RunAsked(use=use, assign=assign, outputs=outputs, lang=lang, as_json=as_json)
    if memory_limit is None and time_limit is None:
        with for_programs.refusals(_language(lang)) if as_json else nullcontext():
            _run(scenario, out, asked, fresh=fresh)
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


@app.command(help="cli.sweep", epilog="cli.sweep_example")
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
    _warm_up(lang)
    asked = {"use": use or (), "set": assign or (), "vary": vary or (), "every": every}
    with progress.bar(text("cli.sweeping", _language(lang))) as told:
        found = scenarios.sweep_to(scenario, out, maps=not no_maps, lang=lang, told=told, **asked)
    with spelling(_script(lang, found.settings[0])):
        show.sweep(found, out, _language(lang, found.settings[0]))


@app.command(help="cli.batch", epilog="cli.batch_example")
def batch(
    table: Annotated[Path, typer.Argument(metavar="TABLE|FOLDER", help="cli.batch_table")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="cli.batch_out")],
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=0, max=1024, help="cli.workers")
    ] = 0,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="tcp://HOST:PORT", help="cli.scheduler")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="cli.resume")] = False,
    new: Annotated[int | None, typer.Option("--new", metavar="N", help="cli.batch_new")] = None,
    budget: Annotated[
        float | None, typer.Option("--budget", metavar="AMOUNT", help="cli.batch_budget")
    ] = None,
    question: Annotated[
        str | None, typer.Option("--question", metavar="KIND|N", help="cli.batch_question")
    ] = None,
    assign: Assign = None,
    use: Use = None,
    outputs: Outputs = None,
    as_json: Json = False,
    lang: Language = None,
) -> None:
    """Run many districts.

    Parameters
    ----------
    table, out, workers, scheduler, resume, new, budget, question, assign, use, outputs, as_json
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    asked = {"use": use or (), "set": assign or (), "outputs": outputs, "lang": lang}
    where = {"workers": workers, "scheduler": scheduler, "resume": resume}
    shared = {"new": new, "budget": budget, "question": question}
    spoken = _language(lang)
    with for_programs.refusals(spoken) if as_json else nullcontext():
        status = batching.run(table, out, spoken, as_json=as_json, **where, **shared, **asked)
    if status:
        raise SystemExit(status)


@app.command(help="cli.estimate", epilog="cli.estimate_example")
def estimate(
    table: Annotated[
        Path, typer.Argument(metavar="TABLE|FOLDER|SCENARIO.toml", help="cli.estimate_table")
    ],
    *,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", min=1, max=100_000, help="cli.estimate_workers"),
    ] = None,
    like: Annotated[
        Path | None, typer.Option("--like", metavar="DIR", help="cli.estimate_like")
    ] = None,
    assign: Assign = None,
    use: Use = None,
    outputs: Outputs = None,
    as_json: Json = False,
    lang: Language = None,
) -> None:
    """Estimate what a batch will take.

    Parameters
    ----------
    table, workers, like, assign, use, outputs, as_json, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    asked = {"use": use or (), "set": assign or (), "outputs": outputs, "like": like}
    spoken = _language(lang)
    with for_programs.refusals(spoken) if as_json else nullcontext():
        estimating.run(table, spoken, workers=workers, as_json=as_json, **asked)


@app.command(help="cli.schema", epilog="cli.schema_example")
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
    written = json.dumps(api.schema(), ensure_ascii=False, indent=1)
    if out is None:
        typer.echo(written)
        return
    out.write_text(f"{written}\n", "utf-8")
    told = text("cli.schema_written", _language(lang), file=out)
    Console().print(told, highlight=False, soft_wrap=True)


@app.command(help="cli.new", epilog="cli.new_example")
@with_loudness
def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="cli.folder")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE.toml", help="cli.new_out")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="cli.yes")] = False,
    lang: Language = None,
) -> None:
    """Draft a scenario from a folder.

    Parameters
    ----------
    folder, out, yes, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    spoken = _language(lang)
    asks = not yes and sys.stdin is not None and sys.stdin.isatty()
    path = folder / "scenario.toml" if out is None else out
    with _busy("draft.cli.looking", lang) as notice:
        ask = drafted.asker(notice, spoken) if asks else None
        made = api.new(folder, out, lang=spoken, ask=ask)
    drafted.draft(made, path, spoken)


@app.command(help="cli.geocode", epilog="cli.geocode_example")
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
    addresses.look_up(file, by, within=within, sheet=sheet, out=out, lang=_language(lang))


@app.command(help="cli.compare", epilog="cli.compare_example")
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
    """
    if other is None and not (assign or use):
        raise fail(SettingsError, "comparison.nothing_differs")
    out = out or Path("maps") / f"{scenario.resolve().parent.name}-compared"
    api.check_folder(out)
    _warm_up(lang)
    with _busy("cli.running", lang):
        first = api.run(scenario)
        second = api.run(other or scenario, use=use or (), set=assign or ())
        compared = api.compare(first, second)
    with _busy("cli.saving", lang):
        folder = api.save(compared, out, lang=lang)
    spoken = _language(lang, first.settings)
    with spelling(_script(lang, first.settings)):
        show.comparison(compared, folder, spoken)
        show.key_note(first, spoken)


@standards.command("list", help="cli.standards_list", epilog="cli.standards_list_example")
def standards_list(*, lang: Language = None) -> None:
    """List the profiles of the catalogue.

    Parameters
    ----------
    lang
        The command's option, as ``cli.toml`` of the texts explains it.
    """
    show.profiles(_language(lang))


@standards.command("show", help="cli.standards_show", epilog="cli.standards_show_example")
def standards_show(profiles: Profiles, *, year: Year = None, lang: Language = None) -> None:
    """Show the targets of profiles, put together.

    Parameters
    ----------
    profiles, year, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    show.targets(api.read_standards(profiles), year, _language(lang))


@standards.command(
    "template", help="cli.standards_template", epilog="cli.standards_template_example"
)
def standards_template(profiles: Profiles, *, out: Workbook, lang: Language = None) -> None:
    """Write a workbook to fill in for the targets of profiles, and the scenario that reads it.

    Parameters
    ----------
    profiles, out, lang
        The command's argument and options, as ``cli.toml`` of the texts explains them.
    """
    spoken = _language(lang)
    for name, path in zip(
        ("workbook", "read_by"), api.standards_template(profiles, out, lang=lang), strict=True
    ):
        told = text("cli.named", spoken, name=text(f"cli.{name}", spoken), told=path)
        Console().print(told, highlight=False, soft_wrap=True)


def _run(scenario: Path, out: Path, asked: RunAsked, *, fresh: bool) -> None:
    parts, lang = chosen(asked.outputs), asked.lang
    before = asked.made_of(scenario)
    if not fresh and before is not None and stands(out, before, lang, quiet=asked.as_json):
        if asked.as_json:
            for_programs.unchanged(out)
        return
    api.check_folder(out)
    _warm_up(lang)
    with seldom_collecting():
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
    with _busy("cli.running", lang):  # the plan keeps names of targets in the script asked for
        plan = api.run(scenario, use=asked.use or (), set=given, made=before, fresh=fresh)

    def made() -> MadeOf | None:
        after = asked.made_of(scenario)
        return after if after == before else None  # else something was edited meanwhile

    with _busy("cli.saving", lang):
        folder = api.save(plan, out, lang=lang, outputs=parts, made=made)
    spoken = _language(lang, plan.settings)
    with spelling(_script(lang, plan.settings)):
        if asked.as_json:
            for_programs.planned(plan, folder)
        else:
            show.plan(plan, folder, spoken, parts)
        show.key_note(plan, spoken)


def _warm_up(lang: Spoken | None) -> None:
    """Compile the engine where it never was; what was compiled is loaded by what needs it."""
    if not api.is_warm():
        with _busy("cli.warming", lang):
            api.warm_up()


def _busy(key: str, lang: Spoken | None) -> AbstractContextManager[Status]:
    return busy(text(key, _language(lang)))


def _language(asked: Spoken | None, settings: "Settings | None" = None) -> Lang:
    """Return the language asked for, else the scenario's, else the environment's."""
    of_scenario = None if settings is None else settings.language
    return language_of(asked) or of_scenario or default_lang()


def _script(asked: Spoken | None, settings: "Settings") -> Script | None:
    """Return the script of the language asked for, else the scenario's."""
    return script_of(asked) if asked else settings.script
