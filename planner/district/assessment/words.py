"""Targets and figures in words, for readers: units, percentages, and what is unverified."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planner.district.assessment.status import statuses
from planner.district.assessment.units import units_of
from planner.language import Lang, group_name, has_text, text
from planner.language.numbers import fixed, percent
from planner.standards import Kind, Profile, indicators, profile_names, read_profile


def listing(lang: Lang) -> pd.DataFrame:
    """List the profiles of the catalogue.

    Parameters
    ----------
    lang
        Language of the texts.

    Returns
    -------
    On the profile's name: its title, how many targets it holds, how many of them are verified,
    from a secondary source and unverified, and a remark; column names in the language.
    """
    grades = ("verified", "secondary", "unverified")
    rows = []
    for name in profile_names():
        profile = read_profile(name)
        held = [str(target.grade) for target in profile.targets.values()]
        rows.append(
            [
                profile.name(lang),
                len(held),
                *(held.count(grade) for grade in grades),
                profile.note(lang),
            ]
        )
    columns = [text(f"assessment.columns.{name}", lang) for name in ("name", "targets")]
    columns += [text(f"assessment.grade.{grade}", lang) for grade in grades]
    columns.append(text("assessment.columns.note", lang))
    return pd.DataFrame(rows, index=pd.Index(profile_names(), name="profile"), columns=columns)


def described(
    profile: Profile, lang: Lang, *, kinds: Mapping[str, Kind], year: int | None = None
) -> pd.DataFrame:
    """Build a table of the targets of a profile in words, without any figure of a district.

    Parameters
    ----------
    profile
        The targets.
    lang
        Language of the texts.
    kinds
        The kinds of facility known, by id.
    year
        The year whose thresholds are shown; without one, those that hold in any year, or the
        first step.

    Returns
    -------
    On the key of the target: number, name, indicator, must, aim, source, grade.
    """
    rows = {}
    for key, target in profile.targets.items():
        must, aim, due = target.threshold(year)
        unit = units_of(target, kinds)[0]
        rows[key] = {
            "id": target.id,
            "name": target.name(lang),
            "indicator": indicators()[target.indicator][lang],
            "must": asked(must, unit, due, target.grade, lang),
            "aim": asked(aim, unit, due, target.grade, lang),
            "source": " ".join(part for part in (target.source, target.clause) if part),
            "grade": text(f"assessment.grade.{target.grade}", lang),
        }
    names = ["id", "name", "indicator", "must", "aim", "source", "grade"]
    return _titled(pd.DataFrame.from_dict(rows, orient="index", columns=names), lang)


def readable(card: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Build a scorecard in words for readers; what is unverified is marked beside its figure.

    Parameters
    ----------
    card
        A scorecard as `scorecard` gives it.
    lang
        Language of the texts.

    Returns
    -------
    On the index of the scorecard, texts alone, with column names in the language.
    """
    return _titled(scorecard_in_words(card, lang), lang)


def scorecard_in_words(card: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Build a scorecard in words, with the column names of the data model.

    Parameters
    ----------
    card
        A scorecard as `scorecard` gives it.
    lang
        Language of the texts.

    Returns
    -------
    On the index of the scorecard, texts alone: ``id``, ``name``, ``indicator``, ``value``,
    ``made_of``, ``must``, ``aim``, ``pass``, ``short_by``, ``note``, ``source``, ``grade``.
    """
    rows = [
        {
            "id": row["id"],
            "name": row[f"name_{lang}"],
            "indicator": indicators()[row["indicator"]][lang],
            "value": say(row["value"], row["unit"], lang),
            "made_of": _made_of(row),
            "must": asked(row["must"], row["unit"], row["due"], row["grade"], lang),
            "aim": asked(row["aim"], row["unit"], row["due"], row["grade"], lang),
            "pass": text(f"assessment.status.{status}", lang),
            "short_by": _short(row, lang),
            "note": row[f"note_{lang}"],
            "source": " ".join(part for part in (row["source"], row["clause"]) if part),
            "grade": text(f"assessment.grade.{row['grade']}", lang),
        }
        for status, (_, row) in zip(statuses(card), card.iterrows(), strict=True)
    ]
    names = ["id", "name", "indicator", "value", "made_of", "must", "aim", "pass", "short_by"]
    names += ["note", "source", "grade"]
    return pd.DataFrame(rows, index=card.index, columns=names)


def say(value: float | None, unit: str, lang: Lang) -> str:
    """Return a figure and its unit in words; an empty text where it is missing.

    Parameters
    ----------
    value
        The figure; None or NaN where it is missing. A share runs from 0 to 1.
    unit
        ``share``, ``beds``, ``beds/1000 people`` or the like.
    lang
        Language of the text.

    Returns
    -------
    Such as ``80.2%``, with three significant digits or one decimal.

    Examples
    --------
    >>> say(0.8016, "share", "en"), say(31.7, "beds/1000 people", "en"), say(None, "beds", "en")
    ('80.2%', '31.7 beds per 1,000 people', '')
    """
    if value is None or pd.isna(value):
        return ""
    if unit == "share":
        return percent(value)
    number = fixed(value, digits_of_quantity(value))
    number = number.rstrip("0").rstrip(".") if "." in number else number
    word, _, under = unit.partition("/")
    one = f"assessment.one.{word}"
    plural = lang == "zh" or number != "1" or not has_text(one)  # Chinese has no plurals
    name = unit_name(word, lang) if plural else text(one, lang)
    said = text("assessment.quantity", lang, n=number, unit=name)
    return _per(said.strip(), under, lang)


def digits_of_quantity(value: float) -> int:
    """Return the most decimals that a figure of a target is written with.

    Parameters
    ----------
    value
        The figure, in its unit.
    """
    return 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3


def say_unit(unit: str, lang: Lang) -> str:
    """Return a unit in words, as it stands in a column of its own.

    Parameters
    ----------
    unit
        ``share``, ``beds``, ``beds/1000 people`` or the like.
    lang
        Language of the text.

    Returns
    -------
    The words.

    Examples
    --------
    >>> say_unit("beds/1000 people", "zh"), say_unit("share", "en")
    ('张床位/1,000人', 'share')
    """
    word, _, under = unit.partition("/")
    alone = f"assessment.unit_alone.{word}"
    return _per(text(alone, lang) if has_text(alone) else unit_name(word, lang), under, lang)


def _per(said: str, under: str, lang: Lang) -> str:
    """Return a quantity with what it is counted for: each one, or so many."""
    if not under:
        return said
    per, _, of = under.partition(" ")
    if per == "1":
        return text("assessment.per_one", lang, said=said, of=text(f"assessment.one.{of}", lang))
    each = f"{float(per):,.0f}"
    return text("assessment.per", lang, said=said, per=each, of=unit_name(of, lang))


def asked(threshold: float | None, unit: str, due: int | None, grade: str, lang: Lang) -> str:
    """Return a threshold in words: when it is due, and whether it is unverified.

    Parameters
    ----------
    threshold
        The threshold in its unit; None where nothing is asked.
    unit
        ``share``, ``beds``, ``beds/1000 people`` or the like.
    due
        The year from which it holds; missing where it always does.
    grade
        How well the source is known: ``verified``, ``secondary`` or ``unverified``.
    lang
        Language of the text.

    Returns
    -------
    The words; an empty text where nothing is asked.
    """
    said = say(threshold, unit, lang)
    if said and due is not None and not pd.isna(due):
        said = text("assessment.from_year", lang, said=said, year=due)
    if said and grade == "unverified":
        said = text("assessment.marked", lang, said=said)
    return said


def unit_name(word: str, lang: Lang) -> str:
    """Return a unit's name, or the word as it is where it is no unit.

    Parameters
    ----------
    word
        A unit of the catalogue of texts.
    lang
        Language of the name.

    Returns
    -------
    The name.
    """
    try:
        return text(f"assessment.units.{word}", lang)
    except KeyError:
        return word


def reason(
    why: tuple[str, Mapping[str, object]] | None, kinds: Mapping[str, Kind], lang: Lang
) -> str:
    """Return in words why something is missing; kinds, units, columns and groups by their names.

    Parameters
    ----------
    why
        Key of the reason and its values; none where nothing is missing.
    kinds
        The kinds of facility known, by id.
    lang
        Language of the words.
    """
    if why is None:
        return ""
    key, params = why
    said = dict(params)
    comma = text("problems.comma", lang)

    def _listed(names: object) -> str:
        return comma.join(_named(name, kinds, lang) for name in str(names).split(", "))

    for name in ("what", "kind", "parts", "column", "level", "group"):
        if name in said:
            said[name] = _listed(said[name])
    if "scope" in said:
        pairs = (part.partition("=") for part in str(said["scope"]).split(", "))
        said["scope"] = comma.join(
            text("assessment.scope", lang, name=data_name(column, lang), value=_word(value, lang))
            for column, _, value in pairs
        )
    return text(f"assessment.why.{key}", lang, **said)


def _named(name: str, kinds: Mapping[str, Kind], lang: Lang) -> str:
    """Return the name of a kind, or of its tier; else of a unit, a column or a group."""
    kind, slash, tier = name.partition("/")
    if kind in kinds:
        return f"{kinds[kind].name(lang)}{slash}{tier}"
    unit = f"assessment.units.{name}"
    return text(unit, lang) or name if has_text(unit) else data_name(name, lang)


def _word(value: str, lang: Lang) -> str:
    key = f"words.{value}"
    return text(key, lang) if has_text(key) else value


def data_name(name: str, lang: Lang) -> str:
    """Return what readers call a column or a group of the data; its own name where it has no other.

    Parameters
    ----------
    name
        Name in the data.
    lang
        Language of the name.
    """
    key = f"columns.{name}"
    return text(key, lang) if has_text(key) else group_name(name, lang)


def _titled(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    return table.rename(columns=lambda name: text(f"assessment.columns.{name}", lang))


def _made_of(row: pd.Series) -> str:
    if pd.isna(row["denominator"]):
        return ""
    return f"{row['numerator']:,.10g} / {row['denominator']:,.10g}"


def _short(row: pd.Series, lang: Lang) -> str:
    return "" if not row["short_by"] > 0 else say(row["short_by"], row["short_unit"], lang)
