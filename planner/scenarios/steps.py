"""What a sweep varies: keys with their values, and the named scenarios of a file."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planner.errors import Problems, SettingsError

MOST_STEPS = 1000
_RANGE = re.compile(r"^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?$")
_DIGITS = 9  # decimals that steps of a range keep


@dataclass(frozen=True, kw_only=True)
class SweepStep:
    """One scenario of a sweep.

    Parameters
    ----------
    scenario
        The named scenario; empty for the base.
    use
        Names of overrides laid over the base.
    varied
        The value of each key that is varied.
    """

    scenario: str = ""
    use: tuple[str, ...] = ()
    varied: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What it is called: its named scenario, and the values that are varied."""
        said = [f"{key}={value}" for key, value in self.varied.items()]
        return " · ".join([self.scenario, *said] if self.scenario else said)

    @property
    def assign(self) -> list[str]:
        """The varied values as ``key=value``, the value as TOML."""
        return [f"{key}={_as_toml(value)}" for key, value in self.varied.items()]


def sweep_steps(
    vary: Sequence[str], scenarios: Mapping[str, Sequence[str]], problems: Problems
) -> list[SweepStep]:
    """Return the scenarios of a sweep: each named one with each combination of values.

    Parameters
    ----------
    vary
        ``key=values``, the values by commas or as a range: ``walk.speed_mps=0.64,0.8,1.0``,
        ``siting.0.new=1..20``, ``coverage.cutoff_min=5..30:5``.
    scenarios
        Names of overrides of each named scenario; none for the base alone.
    problems
        Collects what is wrong: no value, a range that goes nowhere, one key twice, too many steps.

    Returns
    -------
    The steps, the last key varied fastest.

    Examples
    --------
    >>> [step.assign for step in sweep_steps(["siting.0.new=1..3"], {}, Problems())]
    [['siting.0.new=1'], ['siting.0.new=2'], ['siting.0.new=3']]
    """
    varied: dict[str, list[Any]] = {}
    for one in vary:
        key, sign, said = (part.strip() for part in one.partition("="))
        if not sign or not key:
            problems.add("sweep.not_a_pair", file="--vary", value=one)
        elif key in varied:
            problems.add("sweep.twice", file="--vary", value=key)
        else:
            varied[key] = _values(key, said, problems)
    size = max(len(scenarios), 1)
    for values in varied.values():
        size *= len(values)
    if size > MOST_STEPS:
        problems.add("sweep.too_many", file="--vary", value=f"{size:,}", most=f"{MOST_STEPS:,}")
        problems.raise_any(SettingsError)
    combined = [
        dict(zip(varied, values, strict=True)) for values in itertools.product(*varied.values())
    ]
    return [
        SweepStep(scenario=name, use=tuple(use), varied=one)
        for name, use in (scenarios or {"": ()}).items()
        for one in combined
    ]


def named_scenarios(
    listed: Mapping[str, Sequence[str]], overrides: Sequence[str], problems: Problems
) -> dict[str, list[str]]:
    """Return the scenarios of a file by name: those it lists, else each of its overrides alone.

    Parameters
    ----------
    listed
        Names of overrides of each scenario, as ``[scenarios]`` has them.
    overrides
        The overrides that the file holds.
    problems
        Collects that a file holds none.

    Returns
    -------
    Names of overrides, on the name of their scenario; the base first, on an empty name.

    Examples
    --------
    >>> named_scenarios({}, ["slow", "later"], Problems())
    {'': [], 'slow': ['slow'], 'later': ['later']}
    """
    if not listed and not overrides:
        problems.add("sweep.no_scenarios", file="--all")
    own = listed or {name: [name] for name in overrides}
    return {"": [], **{name: list(use) for name, use in own.items()}}


def _values(key: str, said: str, problems: Problems) -> list[Any]:
    """Read the values of a key: a range, or a list by commas."""
    if found := _RANGE.match(said):
        first, last, step = found[1], found[2], found[3] or "1"
        count = (float(last) - float(first)) / float(step) if float(step) else -1.0
        if count < 0 or count > MOST_STEPS:
            problems.add("sweep.no_range", file="--vary", value=f"{key}={said}")
            return [None]
        whole = not any("." in part for part in (first, step))
        made = [float(first) + i * float(step) for i in range(int(count + 1e-9) + 1)]
        return [int(value) if whole else round(value, _DIGITS) for value in made]
    try:
        values = tomllib.loads(f"values = [{said}]")["values"]
    except tomllib.TOMLDecodeError:
        values = [part.strip() for part in said.split(",") if part.strip()]
    if not values:
        problems.add("sweep.no_values", file="--vary", value=key)
    return list(values) or [None]


def _as_toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return f"[{', '.join(map(_as_toml, value))}]"
    return str(value)
