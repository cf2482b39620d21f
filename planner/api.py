"""The facade: read, check, run, compare. A dozen names, each a thin call.

`planner.plans` has what draws and saves, `planner.checked` what `check` gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner import standards
from planner.checked import CheckResult
from planner.checking import Scenario, read_and_check, read_settings, refuse_renamed
from planner.district.reading import folders
from planner.district.reading.embedded import demo, demos
from planner.district.reading.estimate import Estimate, estimate
from planner.district.reading.files import one_line, seen_from
from planner.district.reading.standing import MadeOf
from planner.engine import network
from planner.errors import InputError, Problems, fail
from planner.language import Lang, Spoken, default_lang, language_of, script_of, spelling
from planner.output.chosen import require_report
from planner.output.pieces import keep_pieces
from planner.plans import UserPlan, draw, draw_front, save
from planner.settings.json_schema import json_schema
from planner.standards import Profile
from planner.study import comparison, scenario

if TYPE_CHECKING:
    from planner.draft import Ask, Draft

__all__ = [
    "check",
    "check_folder",
    "clear_folder",
    "compare",
    "demo",
    "demos",
    "draw",
    "draw_front",
    "estimate_memory",
    "is_warm",
    "new",
    "read_settings",
    "read_standards",
    "run",
    "save",
    "standards_template",
    "warm_up",
]


def run(
    scenario_file: Scenario,
    *,
    use: Sequence[str] = (),
    set: Sequence[str] = (),  # noqa: A002  as on the command line
    made: MadeOf | None = None,
    fresh: bool = False,
    **old: Any,
) -> UserPlan:
    """Run a scenario.

    Parameters
    ----------
    scenario_file
        A TOML file, or its content as a mapping; paths in a mapping are relative to the working
        folder.
    use
        Names of overrides to lay over it.
    set
        Single settings, ``key=value``, laid over last.
    made
        What its result would be made of, as the command line knows it: stages of the run are found
        again by it, and kept. None keeps nothing.
    fresh
        Whether stages that were kept are passed by, and kept anew.
    **old
        Nothing: names of before are refused with the new one.

    Returns
    -------
    The plan; it prints as its summary, and draws and saves itself.

    Raises
    ------
    PlannerError
        If the scenario or its data do not hold: every problem at once.

    Examples
    --------
    >>> plan = run(demo("helsinki"), set=["siting=[]", "coverage.minutes=[10]"])
    >>> plan.summary()["facilities"].to_dict()
    {'health': 12, 'community_point': 5}
    """
    refuse_renamed(old)
    found, profile, stages = read_and_check(scenario_file, use, set, made, fresh=fresh)
    found.gathered.raise_any()
    with spelling(found.settings.script):
        plan = UserPlan.of(scenario.run(found.area, found.settings, profile, stages=stages))
    keep_pieces(plan, stages)
    return plan


def check(
    scenario_file: Scenario,
    *,
    use: Sequence[str] = (),
    set: Sequence[str] = (),  # noqa: A002  as on the command line
    raises: bool = True,
    **old: Any,
) -> CheckResult:
    """Read everything that a scenario names, and compute nothing.

    Parameters
    ----------
    scenario_file
        A TOML file, or its content as a mapping; paths in a mapping are relative to the working
        folder.
    use
        Names of overrides to lay over it.
    set
        Single settings, ``key=value``, laid over last.
    raises
        Whether problems are raised, or told by the result alone.
    **old
        Nothing: names of before are refused with the new one.

    Returns
    -------
    The settings, the study area as read, notes and problems; it prints well.

    Raises
    ------
    PlannerError
        If the scenario or its data do not hold: every problem at once.

    Examples
    --------
    >>> check({"title": "T", "streets": {"file": "s.gpkg"}}, raises=False).holds
    False
    """
    refuse_renamed(old)
    found, _, _ = read_and_check(scenario_file, use, set)
    if raises:
        found.gathered.raise_any()
    return found


def read_standards(names: Sequence[str | Path]) -> Profile:
    """Read profiles of targets and combine them.

    Parameters
    ----------
    names
        Names in the catalogue, or paths of files that end in ``.toml``.

    Returns
    -------
    The targets.

    Raises
    ------
    PlannerError
        If a profile does not exist, does not hold, or contradicts another one.

    Examples
    --------
    >>> len(read_standards(["beilun-2018"]).targets) > 10
    True
    """
    return standards.read_profile(list(names))


def standards_template(
    names: Sequence[str | Path], out: str | Path, *, lang: Spoken | None = None
) -> tuple[Path, Path]:
    """Write a workbook to fill in for the targets of profiles, and the scenario that reads it.

    Parameters
    ----------
    names
        Names in the catalogue, or paths of files that end in ``.toml``.
    out
        The workbook, an ``.xlsx`` file; the scenario of the same name lies beside it.
    lang
        Language of headings and words; that of the profiles, in their characters, if not given.

    Returns
    -------
    The workbook and the scenario.

    Raises
    ------
    PlannerError
        If a profile does not exist or does not hold, one of the files exists, or the extra
        ``planner[report]`` is not installed, which writes workbooks.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> [path.name for path in standards_template(["beilun-2018"], folder / "lists.xlsx")]
    ['lists.xlsx', 'lists.toml']
    """
    path = Path(out)
    require_report(path.name, file="--out")
    from planner.output import template  # noqa: PLC0415  Excel is slow to load

    beside = path.with_suffix(".toml")
    profile = read_standards(names)
    problems = Problems()
    if path.suffix.lower() != ".xlsx":
        problems.add("template.not_a_workbook", file="--out", value=path.name)
    for file in dict.fromkeys((path, beside)):
        if file.exists():
            problems.add("template.exists", file=str(file))
    if not profile.targets:
        problems.add("template.no_targets", value=profile.id)
    problems.raise_any(InputError)
    written = template.script(profile)
    asked: Spoken = lang or ("zh" if written is None else "zh-Hant")
    spoken = language_of(asked) or "zh"
    with spelling(script_of(asked)):
        made = template.template(profile, standards.kinds(), spoken)
        book = template.workbook(made, beside.name)
        # Files of targets stay where they are: the scenario names them from its own folder.
        named = [
            seen_from(path.parent, name) if str(name).endswith(".toml") else str(name)
            for name in names
        ]
        text = template.scenario_text(made, path.name, named, asked)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(book)
        beside.write_text(text, "utf-8")
    except OSError as error:
        raise fail(InputError, "io.no_access", file=str(path), value=str(error)) from None
    return path, beside


def warm_up() -> None:
    """Compile the street engine, once on a machine: ten to twenty seconds; later a moment.

    Examples
    --------
    >>> warm_up()
    """
    network.warm_up()


def is_warm() -> bool:
    """Return whether the street engine was compiled on this machine before.

    Examples
    --------
    >>> warm_up()
    >>> is_warm()
    True
    """
    return network.is_warm()


def check_folder(folder: str | Path) -> None:
    """Refuse, before any work is done, a folder in which something else than a plan stands.

    Parameters
    ----------
    folder
        Where results are to be saved; it need not exist.

    Raises
    ------
    InputError
        If something else stands in the folder.
    """
    folders.check_folder(Path(folder))


def clear_folder(folder: str | Path) -> None:
    """Clear away what a run has begun to write and was stopped at; a whole result stays.

    Parameters
    ----------
    folder
        The folder of results.
    """
    folders.mend(Path(folder).resolve())


def estimate_memory(
    scenario_file: Scenario,
    *,
    use: Sequence[str] = (),
    set: Sequence[str] = (),  # noqa: A002  as on the command line
    **old: Any,
) -> Estimate:
    """Estimate how much memory a run will take, from the size of its files.

    Parameters
    ----------
    scenario_file
        A TOML file, or its content as a mapping; paths in a mapping are relative to the working
        folder.
    use
        Names of overrides to lay over it.
    set
        Single settings, ``key=value``, laid over last.
    **old
        Nothing: names of before are refused with the new one.

    Returns
    -------
    Bytes by what takes them; a first bound on the safe side.

    Raises
    ------
    PlannerError
        If the scenario does not hold.
    """
    refuse_renamed(old)
    settings, folder = read_settings(scenario_file, use=use, set=set)
    return estimate(settings, folder)


def new(
    folder: str | Path,
    out: str | Path | None = None,
    *,
    lang: Lang | None = None,
    ask: Ask | None = None,
) -> Draft:
    """Draft a scenario from the files of a folder, and write it beside them.

    Parameters
    ----------
    folder
        The folder with a district's files.
    out
        The scenario's file, within the folder; ``scenario.toml`` there by default. A file that
        exists is never overwritten.
    lang
        Language of its comments; the environment's if not given.
    ask
        Asks somebody where the files cannot tell: a function of a `Question`. By default what is
        likeliest is taken, or a line is left marked.

    Returns
    -------
    What was drafted: its text, what each table was taken for, what is left to fill in.

    Raises
    ------
    InputError
        If the folder does not exist or holds no table, or the file exists already.

    Examples
    --------
    >>> new("我区").left  # doctest: +SKIP
    []
    """
    from planner import draft as drafting  # noqa: PLC0415  for drafts alone

    folder = Path(folder)
    path = folder / "scenario.toml" if out is None else Path(out)
    if path.exists():
        raise fail(InputError, "draft.exists", file=str(path))
    if path.resolve().parent != folder.resolve():
        raise fail(InputError, "draft.not_beside", file=str(path), value=str(folder))
    made = drafting.draft(folder, lang or default_lang(), ask or drafting.nobody)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(made.text)
    except OSError as error:
        raise fail(InputError, "io.no_access", file=str(path), value=one_line(error)) from None
    return made


compare = comparison.compare  # `draw` and `save` take what it gives
schema = json_schema  # of scenario files
