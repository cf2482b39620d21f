"""Reported figures beside computed ones: what they imply, and whether they hold together."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from planner.language import LANGS, Lang, text
from planner.standards import Profile, Reported

COLUMNS = [
    "target", "total", "year", "reported_numerator", "reported_or_more", "reported_share",
    "reported_denominator", "computed_numerator", "computed_denominator", "computed_value",
    "implied_low", "implied_high", "numerator_agrees", "share_agrees", "denominator_agrees",
    "verdict", "note_zh", "note_en",
]  # fmt: skip
UNBOUNDED = 2**62
FLAGS = ("numerator_agrees", "share_agrees", "denominator_agrees")


def implied_denominator(numerator: float, share: str) -> tuple[int, int]:
    """Find the whole denominators with which a number rounds to a share as printed.

    Parameters
    ----------
    numerator
        The number reported.
    share
        The share as printed, ``"80%"``; its last digit says how it was rounded. Either way of
        rounding a half is allowed.

    Returns
    -------
    The least and the greatest; the least exceeds the greatest where there is none, and a share
    of nothing bounds them from below alone.

    Examples
    --------
    >>> implied_denominator(194, "80%")
    (241, 244)
    """
    low, high = rounded_from(share)
    exact = Fraction(numerator)
    return math.ceil(exact / high), math.floor(exact / low) if low else UNBOUNDED


def rounded_from(share: str) -> tuple[Fraction, Fraction]:
    """Compute the interval that a share was rounded from, both ends included.

    Parameters
    ----------
    share
        A share as printed: ``80.2%``, ``3‰`` or ``0.8``.

    Returns
    -------
    Lowest and highest share, exact, from 0 to 1; the lowest is not below 0.
    """
    said = share.strip()
    scale = {"%": 100, "‰": 1000}.get(said[-1], 1)
    printed = Decimal(said.rstrip("%‰").strip())
    half = Fraction(Decimal(1).scaleb(int(printed.as_tuple().exponent))) / 2
    value = Fraction(printed)
    return max(value - half, Fraction(0)) / scale, (value + half) / scale


def reconcile(card: pd.DataFrame, profile: Profile, year: int | None = None) -> pd.DataFrame:
    """Hold what was reported against what was computed.

    Parameters
    ----------
    card
        The scorecard of the profile.
    profile
        Its targets carry what was reported.
    year
        The year computed; what was reported for another year is not compared.

    Returns
    -------
    One row for each target with a reported figure: what was reported and computed; ``implied_low``
    and ``implied_high``, the denominators that the reported number and share imply; whether each
    part agrees (missing where there is nothing to compare); and a ``verdict``: ``agrees``,
    ``differs``, ``contradicts_itself`` (several shares claim the same total and imply different
    ones, or number, share and total do not fit: flagged, and used for nothing), ``other_year`` or
    ``nothing_to_compare``.
    """
    computed = {str(row["target"]): row for row in card.to_dict("records")}
    rows = [
        _row(key, target.reported, computed[key], year)
        for key, target in profile.targets.items()
        if target.reported is not None and key in computed
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["verdict"] = table["verdict"].mask(_contradicting(table), "contradicts_itself")
    for lang in LANGS:
        table[f"note_{lang}"] = [
            _note(verdict, low, high, lang)
            for verdict, low, high in zip(
                table["verdict"], table["implied_low"], table["implied_high"], strict=True
            )
        ]
    whole = ["implied_low", "implied_high", "year"]
    numbers = [name for name in COLUMNS if name.startswith("computed_")]
    numbers += ["reported_numerator", "reported_denominator"]
    return table.astype(
        dict.fromkeys(FLAGS, "boolean") | dict.fromkeys(whole, "Int64")
        | dict.fromkeys(numbers, "float64")
    )  # fmt: skip


def _row(
    key: str, said: Reported, computed: Mapping[Hashable, object], year: int | None
) -> dict[str, object]:
    numerator, denominator = _number(computed["numerator"]), _number(computed["denominator"])
    value = _number(computed["value"])
    implied: tuple[int, int] | None = None
    if said.numerator is not None and said.share is not None:
        implied = implied_denominator(said.numerator, said.share)
    elif said.denominator is not None:
        implied = math.ceil(said.denominator), math.floor(said.denominator)
    checks: dict[str, bool | None] = dict.fromkeys(FLAGS)
    if said.numerator is not None and numerator is not None:
        off = numerator - said.numerator
        checks["numerator_agrees"] = off > -0.5 if said.or_more else abs(off) < 0.5
    if said.share is not None and value is not None and computed["unit"] == "share":
        low, high = rounded_from(said.share)
        checks["share_agrees"] = float(low) - 1e-12 <= value <= float(high) + 1e-12
    if implied is not None and denominator is not None:
        checks["denominator_agrees"] = implied[0] <= denominator <= implied[1]
    made = [found for found in checks.values() if found is not None]
    verdict = "nothing_to_compare" if not made else "agrees" if all(made) else "differs"
    if implied is not None and _broken(said, implied):
        verdict = "contradicts_itself"
    elif made and said.year is not None and year is not None and said.year != year:
        verdict = "other_year"
    return {
        "target": key,
        "total": said.total,
        "year": said.year,
        "reported_numerator": said.numerator,
        "reported_or_more": said.or_more,
        "reported_share": said.share,
        "reported_denominator": said.denominator,
        "computed_numerator": numerator,
        "computed_denominator": denominator,
        "computed_value": value,
        "implied_low": implied[0] if implied else None,
        "implied_high": implied[1] if implied else None,
        **checks,
        "verdict": verdict,
    }


def _broken(said: Reported, implied: tuple[int, int]) -> bool:
    """Return whether a number, a share and a total reported together cannot all be right."""
    none = implied[0] > implied[1]
    return none or (
        said.denominator is not None and not implied[0] <= said.denominator <= implied[1]
    )


def _contradicting(table: pd.DataFrame) -> pd.Series:
    """Return which figures claim the same total and imply ones that cannot be the same."""
    known = table.dropna(subset=["total", "implied_low"])
    ends = known.groupby("total").agg(low=("implied_low", "max"), high=("implied_high", "min"))
    apart = ends.index[ends["low"] > ends["high"]]
    return table["total"].isin(apart) & table["implied_low"].notna()


def _note(verdict: str, low: float | None, high: float | None, lang: Lang) -> str:
    said = text(f"assessment.verdict.{verdict}", lang)
    if low is None or high is None or pd.isna(low) or low > high:
        return said
    implied = f"{low:,.0f}" if low == high else f"{low:,.0f}–{high:,.0f}"
    more = text("assessment.verdict.implied", lang, implied=implied)
    return said + ("" if lang == "zh" else " ") + more


def _number(cell: object) -> float | None:
    return None if pd.isna(cell) else float(cell)  # type: ignore[arg-type, call-overload]
