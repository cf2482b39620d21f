"""What the districts of a batch share, and what can be told of it before any district is read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from planner import api
from planner.batch.districts import ListedDistrict
from planner.batch.questions import place_of
from planner.engine.labels import shorten
from planner.engine.siting.across import too_little
from planner.engine.siting.across.part import MODELS, Unit
from planner.errors import PlannerError, Problems, SettingsError
from planner.settings import Settings

_NOT_SHARED = ("sizes", "upgrades", "closable", "movable", "phases", "kinds")


@dataclass(frozen=True, kw_only=True)
class SharedBudget:
    """What the districts of a batch share.

    Parameters
    ----------
    unit
        ``"sites"`` or ``"cost"``.
    most
        How many sites, or how much money, there is.
    question
        Which question of each district: a kind, or a number from 0; the first if None.
    """

    unit: Unit
    most: float
    question: str | None = None

    @property
    def option(self) -> str:
        """What the command line calls it."""
        return "--new" if self.unit == "sites" else "--budget"


def shared_of(new: int | None, budget: float | None, question: str | None) -> SharedBudget | None:
    """Return what the districts are to share.

    Parameters
    ----------
    new, budget
        How many sites, or how much money.
    question
        Which question of each district.

    Returns
    -------
    What they share, None where neither is given.

    Raises
    ------
    SettingsError
        If both are given, either is no positive number, or a question without either.
    """
    problems = Problems()
    if new is not None and budget is not None:
        problems.add("across.both", file="--new")
    if new is None and budget is None and question is not None:
        problems.add("across.nothing_shared", file="--question", value=question)
    for option, value in (("--new", new), ("--budget", budget)):
        if value is not None and not (value > 0 and math.isfinite(value)):
            problems.add("across.not_positive", file=option, value=value)
    problems.raise_any(SettingsError)
    if new is not None:
        return SharedBudget(unit="sites", most=float(new), question=question)
    return None if budget is None else SharedBudget(unit="cost", most=budget, question=question)


def check_districts(
    districts: Sequence[ListedDistrict],
    shared: SharedBudget,
    use: Sequence[str],
    assign: Sequence[str],
) -> None:
    """Check what can be told of all districts' questions before any district is read.

    Parameters
    ----------
    districts
        The districts.
    shared
        What they share.
    use, assign
        What is laid over every scenario.

    Raises
    ------
    SettingsError
        If a district has no such question, its model does not add up, the districts count
        different things, or mandatory sites take more than there is: all at once.
    """
    problems = Problems()
    counted: dict[str, dict[str, list[str]]] = {}
    mandatory, spent = 0, 0.0
    for one in districts:
        laid = {"use": (*use, *one.use), "set": (*assign, *one.assign)}
        try:
            settings, _ = api.read_settings(one.scenario, **laid)
        except PlannerError:
            continue  # its own failure, told as such
        place = place_of(settings, shared.question)
        if place is None:
            value = shared.question or "0"
            problems.add("across.no_question", file=one.name, row=one.row, value=value)
            continue
        question = settings.siting[place]
        _check_question(settings, place, one, problems)
        for name, value in _what_counts(settings, place).items():
            counted.setdefault(name, {}).setdefault(value, []).append(one.name)
        mandatory += len(question.mandatory)
        if shared.unit == "cost" and question.mandatory:
            spent += _cost_of(one, question.mandatory, laid)
    for name, values in counted.items():
        if len(values) > 1:
            told = "; ".join(f"{value}: {shorten(who)}" for value, who in values.items())
            problems.add("across.differ", file=shared.option, value=name, told=told)
    least = float(mandatory) if shared.unit == "sites" else spent
    if least > shared.most:
        problems.found += too_little(shared.unit, shared.most, least, SettingsError).problems
    problems.raise_any(SettingsError)


def _check_question(
    settings: Settings, place: int, one: ListedDistrict, problems: Problems
) -> None:
    """Note what of a question cannot be shared."""
    question = settings.siting[place]
    where: dict[str, Any] = {"file": one.name, "row": one.row}
    if question.model not in MODELS and not question.kinds:
        known = ", ".join(MODELS)
        problems.add("across.model", **where, value=question.model, known=known)
    for name in _NOT_SHARED:
        if getattr(question, name):
            problems.add("across.not_shared", **where, value=f"siting.{place}.{name}")


def _what_counts(settings: Settings, place: int) -> dict[str, str]:
    """Return what must be the same in all districts for their objectives to add up."""
    question, chosen = settings.siting[place], settings.coverage
    groups = ", ".join(f"{name} × {one.weight:g}" for name, one in question.groups.items())
    return {
        "kind": question.kind,
        "model": question.model,
        "minutes": f"{question.minutes or chosen.cutoff_min:g}",
        "travel.mode": settings.means.id,
        "group": groups or question.group or chosen.group,
        "times": str(question.times),
        "decay": str(question.decay or "–"),
        "beyond_min": f"{question.beyond_min or '–'}",
    }


def _cost_of(one: ListedDistrict, mandatory: Sequence[str], laid: dict[str, Any]) -> float:
    """Return what the mandatory sites of a district cost, as far as its data can be read."""
    _, area = api.check(one.scenario, **laid, raises=False).found
    if area is None:
        return 0.0
    return float(area.candidates["cost"].reindex(list(mandatory)).fillna(0.0).sum())
