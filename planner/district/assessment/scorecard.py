"""The scorecard: each target with its figure, what is asked in the year, and what is short."""

from __future__ import annotations

import math

import pandas as pd

from planner.district.assessment.facts import Facts, Figure
from planner.district.assessment.indicators import evaluate
from planner.district.assessment.status import applies
from planner.district.assessment.words import reason
from planner.errors import Problems, SettingsError
from planner.language import LANGS, written
from planner.standards import Profile, Target, themes_of

COLUMNS = [
    "target", "profile", "id", "name_zh", "name_en", "indicator", "kind", "tier", "scope", "value",
    "numerator", "denominator", "unit", "must", "aim", "due", "pass", "reaches_aim", "applies",
    "short_by", "short_of_aim", "short_unit", "note_zh", "note_en", "source", "clause", "grade",
    "theme",
]  # fmt: skip
NEEDS_YEAR = {"added"}
TOLERANCE = 1e-9


def scorecard(facts: Facts, profile: Profile, year: int | None = None) -> pd.DataFrame:
    """Hold the facts against every target of a profile.

    Parameters
    ----------
    facts
        The facts of the year.
    profile
        The targets.
    year
        The year whose thresholds hold; that of the facts if not given.

    Returns
    -------
    One row for each target, in the profile's order: ``target`` (key in the profile), ``profile``
    and ``id`` (where it stands), ``name_zh``, ``name_en``, ``indicator``, ``kind``, ``tier``,
    ``scope``, ``value`` (shares from 0 to 1), ``numerator``, ``denominator``, ``unit``; ``must``
    and ``aim`` of the year, and ``due`` where they are yet to come; ``pass`` and ``reaches_aim``
    (missing without a figure, without a threshold, and before it is due); ``applies`` (whether it
    concerns the district: see `planner.district.assessment.status.applies`); ``short_by``,
    ``short_of_aim`` and ``short_unit``: what is still to build; ``note_zh`` and ``note_en``: why
    something is missing; ``source``, ``clause``, ``grade``; and ``theme``, the heading that a
    bureau's report would put it under.

    Raises
    ------
    SettingsError
        If a target depends on the year and there is none.
    """
    year = facts.year if year is None else year
    check_year(profile, year)
    themes = themes_of(profile.targets.values())
    return pd.DataFrame(
        [
            {**_row(key, target, facts, year), "theme": theme}
            for (key, target), theme in zip(profile.targets.items(), themes, strict=True)
        ],
        columns=COLUMNS,
    ).astype(
        {
            **dict.fromkeys(
                ["value", "numerator", "denominator", "must", "aim", "short_by", "short_of_aim"],
                "float64",
            ),
            "due": "Int64", "pass": "boolean", "reaches_aim": "boolean", "applies": "bool",
        }
    )  # fmt: skip


def by_street(facts: Facts, profile: Profile, card: pd.DataFrame) -> pd.DataFrame:
    """Compute the figures of a scorecard street by street.

    Parameters
    ----------
    facts
        The facts of the year.
    profile
        The targets.
    card
        The scorecard of the whole; a target without a figure there has none here.

    Returns
    -------
    ``target``, ``street``, ``value``, and ``sense`` (``at_least`` or ``at_most`` the threshold):
    one row for each street where the figure can be had. Empty where no streets are known.
    """
    answered = card.loc[card["value"].notna(), "target"]
    home = facts.communities.get("street", pd.Series(dtype=object)).dropna()
    rows = []
    for street, members in home.groupby(home, sort=False):
        here = facts.within(members.index)
        for key in answered:
            target = profile.targets[key]
            value = evaluate(here, target).value
            if value is not None:
                rows.append((key, str(street), float(value), target.sense))
    return pd.DataFrame(rows, columns=["target", "street", "value", "sense"])


def _row(key: str, target: Target, facts: Facts, year: int | None) -> dict[str, object]:
    figure = evaluate(facts, target)
    must, aim, due = target.threshold(year)
    scope = ", ".join(
        f"{name}={value if isinstance(value, str) else '|'.join(value)}"
        for name, value in target.scope.items()
    )
    why = figure.why or _why_undecided(must, due)
    notes = {lang: reason(why, facts.kinds, lang) for lang in LANGS}
    return {
        "target": key,
        "profile": target.profile,
        "id": target.id,
        "name_zh": written(target.zh),
        "name_en": target.en,
        "indicator": target.indicator,
        "kind": ", ".join(target.kind),
        "tier": target.tier,
        "scope": scope,
        "value": figure.value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "unit": figure.unit,
        "must": must,
        "aim": aim,
        "due": due,
        "pass": None if due else _reaches(figure, must, target),
        "reaches_aim": None if due else _reaches(figure, aim, target),
        "applies": applies(figure.why),
        "short_by": _shortfall(figure, must, target),
        "short_of_aim": _shortfall(figure, aim, target),
        "short_unit": _short_unit(figure, target),
        "note_zh": notes["zh"],
        "note_en": notes["en"],
        "source": written(target.source),
        "clause": written(target.clause),
        "grade": target.grade,
    }


def check_year(profile: Profile, year: int | None) -> None:
    """Check that there is a year where a target asks for one.

    Parameters
    ----------
    profile
        The targets.
    year
        The year of the run; None where it has none.

    Raises
    ------
    SettingsError
        Naming every target that needs one.
    """
    problems = Problems()
    if year is None:
        for target in profile.targets.values():
            if target.stepped or target.indicator in NEEDS_YEAR:
                problems.add("standards.needs_year", file=target.profile, value=target.id)
    problems.raise_any(SettingsError)


def _why_undecided(must: float | None, due: int | None) -> tuple[str, dict[str, object]] | None:
    if must is None:
        return "no_threshold", {}
    return ("not_due", {"year": due}) if due else None


def _reaches(figure: Figure, asked: float | None, target: Target) -> bool | None:
    if figure.value is None or asked is None:
        return None
    if target.sense == "at_most":
        return figure.value <= asked + TOLERANCE
    return figure.value >= asked - TOLERANCE


def _shortfall(figure: Figure, asked: float | None, target: Target) -> float | None:
    """Measure what is still to build, in its own unit: nothing where the threshold is reached."""
    reached = _reaches(figure, asked, target)
    if figure.value is None or asked is None or reached is None:
        return None
    if reached:
        return 0.0
    if target.sense == "at_most":
        return figure.value - asked
    if figure.denominator is None or figure.numerator is None:
        return _whole(asked - figure.value, figure.built)
    short = asked * figure.denominator / figure.per - figure.numerator
    if figure.deficits:
        first = math.ceil(short - TOLERANCE)
        return _whole(sum(figure.deficits[:first]), figure.built)
    return _whole(short, figure.built)


def _short_unit(figure: Figure, target: Target) -> str:
    return figure.unit if target.sense == "at_most" else figure.built


def _whole(short: float, built: str) -> float:
    """Round up what comes in whole pieces."""
    return short if built in {"m2", "index", "share", "minutes"} else math.ceil(short - TOLERANCE)
