"""Compute many scenarios of one district, and put what each comes to side by side."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from planner import api
from planner.checked import CheckResult
from planner.checking import check_again
from planner.district.area import StudyArea
from planner.district.assessment import status_counts
from planner.district.reading.alike import reading_key
from planner.district.reading.extent import reach_m
from planner.errors import Gathered, PlannerError, Problems, SettingsError
from planner.scenarios.steps import SweepStep, named_scenarios, sweep_steps
from planner.settings import Settings
from planner.standards import Kind
from planner.study import scenario
from planner.study.plan import Plan
from planner.study.stages import Stages

Told = Callable[[int, int], None]  # how many of how many scenarios are done
Seen = Callable[[SweepStep, Plan], None]


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Scenarios side by side; see `planner.sweep`.

    Parameters
    ----------
    steps
        The scenarios.
    settings
        The settings of each.
    figures
        A row for each scenario and kind: ``step`` (from 1), ``scenario``, each varied key, ``kind``
        and the columns of `planner.Plan.summary`.
    sites
        A row for each scenario and siting question: ``step``, ``scenario``, each varied key,
        ``question`` (from 1), ``kind``, ``model``, ``sites``, ``before`` and ``after`` (shares of
        the people who count), ``cost``, ``status``, ``gap`` and ``names`` of the sites.
    targets
        A row for each scenario: ``step``, ``scenario``, each varied key, and how many targets are
        of each status; empty where no standards are asked for.
    kinds
        The kinds of facility, by id.
    groups
        The groups of people whose shares ``figures`` has.
    caveats
        What must stand beside the figures, in each language.

    Examples
    --------
    >>> found = planner.sweep("我区.toml", vary=["siting.0.new=1..10"])  # doctest: +SKIP
    >>> found.sites[["siting.0.new", "after"]]  # doctest: +SKIP
    """

    steps: tuple[SweepStep, ...]
    settings: tuple[Settings, ...]
    figures: pd.DataFrame
    sites: pd.DataFrame
    targets: pd.DataFrame
    kinds: Mapping[str, Kind]
    groups: tuple[str, ...]
    caveats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def varied(self) -> list[str]:
        """The keys that are varied."""
        return list(self.steps[0].varied)

    def _repr_html_(self) -> str:
        """Show the figures in a cell of a notebook."""
        return self.figures.round(3).to_html(index=False)


def sweep(
    scenario_file: str | Path,
    *,
    vary: Mapping[str, Sequence[Any]] | Sequence[str] = (),
    every: bool = False,
    use: Sequence[str] = (),
    set: Sequence[str] = (),  # noqa: A002  as on the command line
    seen: Seen | None = None,
    told: Told | None = None,
) -> Sweep:
    """Compute many scenarios and put what each comes to side by side.

    What stays the same is read once. Of each scenario its headline figures are computed: coverage,
    sites, capacity, targets; not years, circles or maps.

    Parameters
    ----------
    scenario_file
        A TOML file.
    vary
        Keys with their values, such as ``{"walk.speed_mps": [0.64, 1.0]}``, or as on the command
        line ``["siting.0.new=1..20"]``; of several keys every combination is computed.
    every
        Whether each named scenario of the file (``[scenarios]``, else each of its overrides alone)
        is computed, and the base.
    use, set
        Overrides and single settings laid over each of them.
    seen
        Called with each scenario and its plan, as it is computed.
    told
        Called with how many are done, and of how many.

    Returns
    -------
    The scenarios side by side.

    Raises
    ------
    PlannerError
        If a key does not exist, a value does not hold, or the data do not: of all scenarios at
        once, before any is computed.

    Examples
    --------
    >>> cutoffs = {"coverage.cutoff_min": [5, 10]}
    >>> found = sweep(api.demo("helsinki"), vary=cutoffs, set=["siting=[]"])
    >>> few, more = (found.figures.query("step == @n")["population"].sum() for n in (1, 2))
    >>> bool(few < more)
    True
    """
    path = Path(scenario_file)
    asked = vary if not isinstance(vary, Mapping) else [_pair(*one) for one in vary.items()]
    steps = _steps(path, asked, every=every, use=use, assign=set)
    found = _read(path, steps, use, set)
    # What a step does not vary is computed once: stages are held by what they read.
    stages = {id(one.area): Stages(base=number) for number, one in enumerate(found)}
    rows: dict[str, list[dict[str, Any]]] = {"figures": [], "sites": [], "targets": []}
    caveats: dict[str, dict[str, None]] = {"zh": {}, "en": {}}
    for number, (step, one) in enumerate(zip(steps, found, strict=True), start=1):
        if told is not None:
            told(number - 1, len(steps))
        held = stages[id(one.area)]
        plan = scenario.run(one.area, one.settings, one.profile, headline=True, stages=held)
        head = {"step": number, "scenario": step.scenario, **step.varied}
        for kind, row in plan.summary().iterrows():
            rows["figures"].append({**head, "kind": kind, **row})
        rows["sites"] += [{**head, **row} for row in _sites(plan)]
        if len(plan.scorecard):
            counts = status_counts(plan.scorecard)
            rows["targets"].append(head | {str(name): n for name, n in counts.items()})
        for lang, listed in caveats.items():
            listed.update(dict.fromkeys(plan.caveats(lang)))  # type: ignore[arg-type]
        if seen is not None:
            seen(step, plan)
    if told is not None:
        told(len(steps), len(steps))
    columns = ["step", "scenario", *steps[0].varied]
    return Sweep(
        steps=tuple(steps),
        settings=tuple(one.settings for one in found),
        figures=pd.DataFrame(rows["figures"], columns=_columns(rows["figures"], columns)),
        sites=pd.DataFrame(rows["sites"], columns=_columns(rows["sites"], columns)),
        targets=pd.DataFrame(rows["targets"], columns=_columns(rows["targets"], columns)),
        kinds={kind: known for one in found for kind, known in one.area.kinds.items()},
        groups=tuple(dict.fromkeys(group for one in found for group in one.area.groups)),
        caveats={lang: tuple(listed) for lang, listed in caveats.items()},
    )


def _columns(rows: list[dict[str, Any]], first: list[str]) -> list[str]:
    return list(dict.fromkeys([*first, *(name for row in rows for name in row)]))


def _pair(key: str, values: Sequence[Any]) -> str:
    """Return a key with its values as the command line writes them."""
    step = SweepStep(varied={key: list(values)})
    return step.assign[0].replace("=[", "=", 1)[:-1]


def _steps(
    path: Path, vary: Sequence[str], *, every: bool, use: Sequence[str], assign: Sequence[str]
) -> list[SweepStep]:
    """List the scenarios that are asked for; the file itself must hold."""
    settings, _ = api.read_settings(path, use=use, set=assign)
    problems = Problems()
    scenarios: dict[str, list[str]] = {}
    if every:
        known = tomllib.loads(path.read_text("utf-8-sig")).get("overrides", {})
        scenarios = named_scenarios(settings.scenarios, list(known), problems)
    elif not vary:
        problems.add("sweep.nothing_varied", file="--vary")
    steps = sweep_steps(vary, scenarios, problems)
    problems.raise_any(SettingsError)
    return steps


@dataclass(frozen=True, kw_only=True)
class _ReadStep:
    """What a step is computed on."""

    settings: Settings
    area: StudyArea
    profile: Any


def _read(
    path: Path, steps: Sequence[SweepStep], use: Sequence[str], assign: Sequence[str]
) -> list[_ReadStep]:
    """Read what each step needs; an area that several steps share is read once."""
    gathered = Gathered()
    asked: list[Settings | None] = []
    for step in steps:
        over = partial(api.read_settings, path, use=[*use, *step.use])
        own = Gathered()
        read = own.attempt(partial(over, set=[*assign, *step.assign]))
        gathered.errors += [_of_vary(error) if step.varied else error for error in own.errors]
        asked.append(None if read is None else read[0])
    gathered.raise_any()
    settings = [one for one in asked if one is not None]
    # What is cut from a large extract reaches as far as anybody goes: the farthest is read.
    order = sorted(range(len(steps)), key=lambda n: -reach_m(settings[n]))
    areas: dict[str, CheckResult] = {}
    found: dict[int, _ReadStep] = {}
    for n in order:
        key, step = repr(reading_key(settings[n])), steps[n]
        if key in areas:
            one = areas[key]
            more = check_again(one.area, settings[n], one.profile) if one.holds else Gathered()
        else:
            laid = [*assign, *step.assign]
            one = areas[key] = api.check(path, use=[*use, *step.use], set=laid, raises=False)
            more = one.gathered
        gathered.errors += more.errors
        if one.holds:
            found[n] = _ReadStep(settings=settings[n], area=one.area, profile=one.profile)
    gathered.raise_any()
    return [found[n] for n in range(len(steps))]


def _of_vary(error: PlannerError) -> PlannerError:
    """Return an error that names what was varied: by itself the scenario holds."""
    return type(error)([replace(problem, file="--vary") for problem in error.problems])


def _sites(plan: Plan) -> Iterator[dict[str, Any]]:
    """Yield a row for each siting question of a plan."""
    for number, answer in enumerate(plan.siting, start=1):
        yield {
            "question": number,
            "kind": answer.question.kind,
            "model": answer.question.model,
            "sites": len(answer.sites),
            "before": answer.before,
            "after": answer.after,
            "cost": answer.sites["cost"].sum(min_count=1),
            "status": answer.result.status,
            "gap": answer.result.gap,
            "names": ", ".join(answer.sites["name"].astype(str)),
        }
