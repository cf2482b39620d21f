"""The scorecard: each target with its figure, what is asked in the year, and what is short."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from planner.assessment.facts import Facts, Figure
from planner.assessment.indicators import evaluate
from planner.errors import Problems, SettingsError
from planner.language import LANGS, Lang, text
from planner.standards import Kind, Profile, Target, indicators

COLUMNS = [
    "target", "profile", "id", "name_zh", "name_en", "indicator", "kind", "tier", "scope", "value",
    "numerator", "denominator", "unit", "must", "aim", "due", "pass", "reaches_aim", "short_by",
    "short_of_aim", "short_unit", "note_zh", "note_en", "source", "clause", "grade",
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
    (missing without a figure, without a threshold, and before it is due); ``short_by``,
    ``short_of_aim`` and ``short_unit``: what is still to build; ``note_zh`` and ``note_en``: why
    something is missing; ``source``, ``clause``, ``grade``.

    Raises
    ------
    SettingsError
        If a target depends on the year and there is none.
    """
    year = facts.year if year is None else year
    _check_year(profile, year)
    return pd.DataFrame(
        [_row(key, target, facts, year) for key, target in profile.targets.items()],
        columns=COLUMNS,
    ).astype(
        {
            **dict.fromkeys(
                ["value", "numerator", "denominator", "must", "aim", "short_by", "short_of_aim"],
                "float64",
            ),
            "due": "Int64", "pass": "boolean", "reaches_aim": "boolean",
        }
    )  # fmt: skip


def readable(card: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Put a scorecard in words for readers; what is unverified says so beside its figure.

    Returns
    -------
    On the index of the scorecard, texts alone, with column names in the language.
    """
    rows = [
        {
            "id": row["id"],
            "name": row[f"name_{lang}"],
            "indicator": indicators()[row["indicator"]][lang],
            "value": say(row["value"], row["unit"], lang),
            "made_of": _made_of(row),
            "must": _asked(row, "must", lang),
            "aim": _asked(row, "aim", lang),
            "pass": text(f"assessment.pass.{_word(row['pass'])}", lang),
            "short_by": _short(row, lang),
            "note": row[f"note_{lang}"],
            "source": " ".join(part for part in (row["source"], row["clause"]) if part),
            "grade": text(f"assessment.grade.{row['grade']}", lang),
        }
        for _, row in card.iterrows()
    ]
    names = ["id", "name", "indicator", "value", "made_of", "must", "aim", "pass", "short_by"]
    names += ["note", "source", "grade"]
    table = pd.DataFrame(rows, index=card.index, columns=names)
    return table.rename(columns={name: text(f"assessment.columns.{name}", lang) for name in names})


def say(value: float | None, unit: str, lang: Lang) -> str:
    """Put a figure and its unit in words; an empty text where it is missing.

    Examples
    --------
    >>> say(0.8016, "share", "en"), say(31.7, "beds/1000 people", "en"), say(None, "beds", "en")
    ('80.2%', '31.7 beds per 1,000 people', '')
    """
    if value is None or pd.isna(value):
        return ""
    if unit == "share":
        return f"{value:.1%}"
    digits = 3 if unit == "index" else 0 if abs(value - round(value)) < TOLERANCE else 1
    number = f"{value:,.{digits}f}"
    word, _, under = unit.partition("/")
    said = text("assessment.quantity", lang, n=number, unit=_unit(word, lang))
    if not under:
        return said.strip()
    per, _, of = under.partition(" ")
    if per == "1":
        return text("assessment.per_one", lang, said=said, of=text(f"assessment.one.{of}", lang))
    each = f"{float(per):,.0f}"
    return text("assessment.per", lang, said=said, per=each, of=_unit(of, lang))


def _row(key: str, target: Target, facts: Facts, year: int | None) -> dict[str, object]:
    figure = evaluate(facts, target)
    must, aim, due = target.threshold(year)
    scope = ", ".join(
        f"{name}={value if isinstance(value, str) else '|'.join(value)}"
        for name, value in target.scope.items()
    )
    why = figure.why or _why_undecided(must, due)
    notes = {lang: _said(why, facts.kinds, lang) for lang in LANGS}
    return {
        "target": key,
        "profile": target.profile,
        "id": target.id,
        "name_zh": target.zh,
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
        "short_by": _shortfall(figure, must, target),
        "short_of_aim": _shortfall(figure, aim, target),
        "short_unit": _short_unit(figure, target),
        "note_zh": notes["zh"],
        "note_en": notes["en"],
        "source": target.source,
        "clause": target.clause,
        "grade": target.grade,
    }


def _check_year(profile: Profile, year: int | None) -> None:
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


def _said(
    why: tuple[str, Mapping[str, object]] | None, kinds: Mapping[str, Kind], lang: Lang
) -> str:
    """Say why something is missing; kinds and units by their names."""
    if why is None:
        return ""
    key, params = why
    said = dict(params)
    if "what" in said:
        said["what"] = _unit(str(said["what"]), lang)
    if "kind" in said:
        ids = str(said["kind"]).split(", ")
        said["kind"] = text("problems.comma", lang).join(
            kinds[one].name(lang) if one in kinds else one for one in ids
        )
    return text(f"assessment.why.{key}", lang, **said)


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


def _unit(word: str, lang: Lang) -> str:
    try:
        return text(f"assessment.units.{word}", lang)
    except KeyError:
        return word


def _word(decided: object) -> str:
    return "unknown" if pd.isna(decided) else "yes" if decided else "no"  # type: ignore[call-overload]


def _made_of(row: pd.Series) -> str:
    if pd.isna(row["denominator"]):
        return ""
    return f"{row['numerator']:,.10g} / {row['denominator']:,.10g}"


def _asked(row: pd.Series, name: str, lang: Lang) -> str:
    said = say(row[name], row["unit"] or "number", lang)
    if said and not pd.isna(row["due"]):
        said = text("assessment.from_year", lang, said=said, year=row["due"])
    if said and row["grade"] == "unverified":
        said = text("assessment.marked", lang, said=said)
    return said


def _short(row: pd.Series, lang: Lang) -> str:
    return "" if not row["short_by"] > 0 else say(row["short_by"], row["short_unit"], lang)
