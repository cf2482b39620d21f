"""Indicators of targets: lines of the scorecard by subdistrict, living circles by community."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from planner.district.assessment import scorecard_in_words
from planner.language import Lang, tag
from planner.output.indicators.spec import Asked, Case, Figures, IndicatorSpec


def _targets(asked: Asked) -> Iterable[str]:
    return asked.targets if asked.by_street else ()


def _circles(asked: Asked) -> Iterable[str]:
    return asked.circles


def _line(case: Case) -> Any:
    kept = case.plan.kept
    if "scorecard by target" not in kept:
        kept["scorecard by target"] = case.plan.scorecard.set_index("target").to_dict("index")
    return kept["scorecard by target"][case.of]


def _of_circle(case: Case) -> pd.Series | None:
    return case.plan.circles[case.of].communities["complete"]


def _of_line(case: Case) -> Figures:
    """Return the figures of a target by subdistrict, held against what it asks for."""
    kept = case.plan.kept
    if "streets by target" not in kept:
        by_target = case.plan.scorecard_streets.set_index("street").groupby("target", sort=False)
        kept["streets by target"] = dict(iter(by_target[["sense", "value"]]))
    rows, line = kept["streets by target"][case.of], _line(case)
    share = str(line["unit"]) == "share"
    asked = line["must"] if pd.notna(line["must"]) else line["aim"]
    least = rows["sense"].iloc[0] == "at_least"
    return Figures(
        values=rows["value"],
        unit="share" if share else "amount",
        better=("more" if least else "less") if share or pd.notna(asked) else None,
        target=None if pd.isna(asked) else float(asked),
        text="map.indicators.target_asked" if pd.notna(asked) else "map.indicators.target",
    )


def _words(case: Case, lang: Lang) -> dict[str, Any]:
    plan = case.plan
    key = f"scorecard in words {tag(lang)}"
    if key not in plan.kept:
        words_of = scorecard_in_words(plan.scorecard.set_index("target"), lang)
        plan.kept[key] = words_of.to_dict("index")
    words: Any = plan.kept[key][case.of]
    return {
        "target": words["name"],
        "value": words["value"],
        "asked": words["must"] or words["aim"],
    }


OF_TARGET = (
    IndicatorSpec(
        id="{target}_by_community", theme="target", order=10, unit="share", better="more",
        each=_circles, text="map.indicators.complete", compute=_of_circle,
        words=lambda case, lang: {"target": _line(case)[f"name_{lang}"]},
    ),
    IndicatorSpec(
        id="{target}", theme="target", order=20, by_street=True, each=_targets,
        text="map.indicators.target", compute=_of_line, words=_words,
    ),
)  # fmt: skip
