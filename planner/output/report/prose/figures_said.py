"""Sentences on the figures of targets, as civil-affairs bureaus write them in a yearly report."""

from __future__ import annotations

import pandas as pd

from planner.district.assessment import say as measured_in
from planner.district.assessment import status_of
from planner.language import has_text, numbers
from planner.language.numbers import given_percent, number, percent
from planner.output.report.content import clean
from planner.output.report.phrasing import ReportContext, missing

# Indicators whose numerator is a number of things that the target's name names.
COUNTABLE = (
    "unit_coverage", "people_coverage", "served", "facility_share", "unit_share", "units_meeting",
    "complete",
)  # fmt: skip
LEVELS = ("communities", "streets", "zones", "units")
# Names that end so are of a share, and no number of things.
_RATES = ("率", "比", "比例", "比重", "度", "Share", "Ratio", "Occupancy")
# Names that tell what a ratio is for.
_TELLS_BASE = ("每", "千人", "百户", "人均", "户均", " per ", "for each")


def counted(voice: ReportContext, value: float, unit: str) -> str:
    """Return a number of things with the word one counts them by: ``3,511张``.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    value
        The number.
    unit
        What is counted: ``beds``, ``people`` and so on.

    Returns
    -------
    The words.
    """
    told = number(value) if unit == "people" else measured_in(value, "number", voice.lang)
    key = f"bureau.counter.{unit}"
    return voice.say(key, n=told) if has_text(key) else told


def amount(voice: ReportContext, value: float, unit: str) -> str:
    """Return a number of things with what they are, where no name beside it tells that.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    value
        The number.
    unit
        What is counted.

    Returns
    -------
    Such as ``3,511张`` or ``3,511 beds``.
    """
    if voice.lang == "zh":
        return counted(voice, value, unit)
    return measured_in(float(numbers.whole(value)) if unit == "people" else value, unit, "en")


def percentage(share: float) -> str:
    """Return a share as a percentage; all is 100%, with no decimal that would doubt it.

    Parameters
    ----------
    share
        The share, from 0 to 1.
    """
    return "100%" if share == 1 else percent(share)


def quantity(voice: ReportContext, row: pd.Series, column: str) -> str:
    """Return a figure of a target in its unit, as short as its name allows.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    row
        A row of the scorecard.
    column
        Which figure: ``value``, ``must``, ``aim``.

    Returns
    -------
    The words.
    """
    value, unit = row[column], str(row["unit"])
    if unit == "share":
        return percentage(value) if column == "value" else given_percent(value)
    base, _, under = unit.partition("/")
    if under.startswith("1 ") and is_rate(str(row[f"name_{voice.lang}"])):
        return percentage(value)
    if under and not any(word in row[f"name_{voice.lang}"] for word in _TELLS_BASE):
        return close(voice, measured_in(value, unit, voice.lang))
    return counted(voice, value, base)


def is_rate(name: str) -> bool:
    """Return whether the name of a target says that it is a share, and no number of things.

    Parameters
    ----------
    name
        The name.

    Returns
    -------
    Whether it does, as far as one can tell by its first or last word.
    """
    return name.endswith(_RATES) or name.startswith(_RATES)


def figure(voice: ReportContext, row: pd.Series) -> str:
    """Return what a target comes to, with what it is a share of: no stop at its end.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    row
        A row of the scorecard that has a figure.

    Returns
    -------
    The words.
    """
    name, unit = clean(row[f"name_{voice.lang}"]), str(row["unit"])
    value = quantity(voice, row, "value")
    if not missing(row["denominator"]):
        of = whole(voice, row)
        top = counted(voice, row["numerator"], _top_unit(row))
        rate = is_rate(name)
        if unit != "share" and not rate:
            top = amount(voice, row["numerator"], _top_unit(row))
            return voice.say("bureau.said.ratio", name=name, value=value, n=top, of=of)
        if not rate and (row["indicator"] in COUNTABLE or _top_unit(row) == "people"):
            return voice.say("bureau.said.share", name=name, n=top, of=of, share=value)
        return voice.say("bureau.said.rate", name=name, value=value, n=top, of=of)
    of_things = unit not in ("share", "index", "minutes") and "/" not in unit
    return voice.say("bureau.said.count" if of_things else "bureau.said.is", name=name, value=value)


def whole(voice: ReportContext, row: pd.Series) -> str:
    """Return what a figure is a share of, in words: the denominator of each share is stated.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    row
        A row of the scorecard that has a denominator.

    Returns
    -------
    The words.
    """
    total, unit = float(row["denominator"]), str(row["unit"])
    if unit != "share":
        return amount(voice, total, _under(unit))
    level = str(row["short_unit"])
    if row["indicator"] in ("unit_coverage", "unit_share") and level in LEVELS:
        if row["scope"]:
            return counted(voice, total, level)
        return of_units(voice, total, level)
    return counted(voice, total, _top_unit(row))


def of_units(voice: ReportContext, total: float, level: str = "communities") -> str:
    """Return all units of a level in words, or all that count where some are left out.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    total
        How many there are.
    level
        ``communities``, ``streets`` and so on.

    Returns
    -------
    Such as ``全区242个社区（村）``.
    """
    return scope(voice) + close(voice, measured_in(total, level, voice.lang))


def close(voice: ReportContext, told: str) -> str:
    """Return words without spaces where Chinese sets them close.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    told
        A number with its unit.

    Returns
    -------
    The words.
    """
    return "".join(told.split()) if voice.lang == "zh" else told


def scope(voice: ReportContext) -> str:
    """Return whether all communities count, in words.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.

    Returns
    -------
    What stands before a number of units.
    """
    return voice.say("bureau.of_counted" if voice.plan.left_out.communities else "bureau.of_all")


def asked(voice: ReportContext, row: pd.Series) -> str:
    """Return what is required of a target, and by how much it is reached or missed.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    row
        A row of the scorecard.

    Returns
    -------
    What follows on its figure; an empty text where nothing is required.
    """
    if missing(row["must"]) and missing(row["aim"]):
        unsure = row["grade"] == "unverified"
        return voice.say("bureau.asked.unverified_figure") if unsure else ""
    status = status_of(row["value"], row["pass"], row["due"], row["applies"])
    values = {"must": quantity(voice, row, "must"), "short": lack(voice, row, "short_by")}
    if status == "due_later":
        key = "due" if row["short_by"] > 0 else "due_met"
        told = voice.say(f"bureau.asked.{key}", year=row["due"], **values)
        told += _enough(voice, row) if key == "due" else ""
    elif status == "missed":
        told = voice.say("bureau.asked.missed", **values) + _enough(voice, row)
    else:
        told = voice.say("bureau.asked.met", **values) + _aim(voice, row)
    if row["grade"] in ("unverified", "secondary"):
        told += voice.say(f"bureau.asked.{row['grade']}")
    return told


def lack(voice: ReportContext, row: pd.Series, column: str) -> str:
    """Return how much a target is short by, in what one would build.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    row
        A row of the scorecard.
    column
        ``short_by`` or ``short_of_aim``.

    Returns
    -------
    The words.
    """
    if missing(row[column]):
        return ""
    unit = str(row["short_unit"])
    if unit == "share":
        return percent(row[column])
    return amount(voice, row[column], unit.partition("/")[0])


def differences(voice: ReportContext, row: pd.Series) -> str:
    """Return how a reported figure differs from the one computed; an empty text if it does not.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    row
        A row of the scorecard.

    Returns
    -------
    What stands in brackets behind the sentence, brackets included.
    """
    table = voice.plan.reported
    own = table[table["target"] == row["target"]] if len(table) else table
    if own.empty:
        return ""
    said = own.iloc[0]
    parts = []
    if said["verdict"] == "contradicts_itself":
        parts.append(_contradiction(voice, row, said))
    elif said["verdict"] == "differs":
        parts += _off(voice, row, said)
    return voice.say("bureau.bracket", told=voice.say("bureau.then").join(parts)) if (parts) else ""


def _contradiction(voice: ReportContext, row: pd.Series, said: pd.Series) -> str:
    low, high = said["implied_low"], said["implied_high"]
    known = not (missing(low) or low > high or missing(said["reported_share"]))
    if not known or not _fits(said):
        return voice.say("bureau.reported.impossible")
    n = counted(voice, said["reported_numerator"], _top_unit(row))
    values = {"n": n, "share": said["reported_share"], "implied": _implied(voice, said)}
    return voice.say("bureau.reported.contradicts", **values)


def _fits(said: pd.Series) -> bool:
    """Return whether a reported total, where there is one, fits the number and the share."""
    total = said["reported_denominator"]
    return missing(total) or bool(said["implied_low"] <= total <= said["implied_high"])


def _off(voice: ReportContext, row: pd.Series, said: pd.Series) -> list[str]:
    """Return each part of what was reported that is not what was computed."""
    unit = _top_unit(row)

    def _differs(part: str) -> bool:
        agrees = said[f"{part}_agrees"]
        return not missing(agrees) and not bool(agrees)

    parts = []
    if _differs("numerator"):
        ours, theirs = float(row["numerator"]), float(said["reported_numerator"])
        values = {
            "reported": counted(voice, theirs, unit),
            "computed": counted(voice, ours, unit),
            "off": counted(voice, abs(ours - theirs), unit),
        }
        parts.append(voice.say("bureau.reported.number", **values))
    if _differs("share"):
        values = {"reported": said["reported_share"], "computed": percent(row["value"])}
        parts.append(voice.say("bureau.reported.share", **values))
    if _differs("denominator"):
        values = {"implied": _implied(voice, said), "of": whole(voice, row)}
        parts.append(voice.say("bureau.reported.total", **values))
    return parts


def _implied(voice: ReportContext, said: pd.Series) -> str:
    low, high = said["implied_low"], said["implied_high"]
    if low == high:
        return number(low)
    return voice.say("bureau.reported.range", low=number(low), high=number(high))


def _aim(voice: ReportContext, row: pd.Series) -> str:
    if missing(row["aim"]):
        return ""
    if row["short_of_aim"] > 0:
        values = {"aim": quantity(voice, row, "aim"), "short": lack(voice, row, "short_of_aim")}
        return voice.say("bureau.asked.short_of_aim", **values)
    return voice.say("bureau.asked.met_aim", aim=quantity(voice, row, "aim"))


def _enough(voice: ReportContext, row: pd.Series) -> str:
    """Return for how many what there is suffices: the denominator that a ratio required implies."""
    unit = str(row["unit"])
    _, _, under = unit.partition("/")
    per, _, of = under.partition(" ")
    if not of or missing(row["numerator"]) or not row["must"] > 0:
        return ""
    suffices = row["numerator"] * float(per) / row["must"]
    if suffices >= row["denominator"]:  # at most so much was asked for
        return ""
    top = amount(voice, row["numerator"], _top_unit(row))
    return voice.say("bureau.asked.enough", n=top, of=amount(voice, int(suffices), of))


def _top_unit(row: pd.Series) -> str:
    """Return what a numerator is counted in."""
    unit, short = str(row["unit"]), str(row["short_unit"])
    if row["indicator"] == "units_meeting":
        return "units"
    if unit == "share":
        return short
    return unit.partition("/")[0]


def _under(unit: str) -> str:
    """Return what a ratio is divided by: ``people`` of ``beds/1000 people``."""
    return unit.partition("/")[2].partition(" ")[2]
