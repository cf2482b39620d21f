"""Settings that differ between two plans, as readers call them."""

from __future__ import annotations

import re

import pandas as pd

from planner.language import Lang, group_name, text
from planner.settings import Settings

NAMED_SETTINGS = 2
WORDS = {
    "year": "comparison.setting.year",
    "travel.mode": "comparison.setting.travel_mode",
    "walk.preset": "comparison.setting.walk_preset",
    "walk.speed_mps": "comparison.setting.walk_speed_mps",
    "walk.max_snap_m": "comparison.setting.walk_max_snap_m",
    "coverage.minutes": "comparison.setting.coverage_minutes",
    "coverage.cutoff_min": "comparison.setting.coverage_cutoff_min",
    "coverage.group": "comparison.setting.coverage_group",
    "coverage.covered_share": "comparison.setting.coverage_covered_share",
    "coverage.inside_share": "comparison.setting.coverage_inside_share",
    "coverage.search_min": "comparison.setting.coverage_search_min",
    "coverage.spread": "comparison.setting.coverage_spread",
    "coverage.spread_m": "comparison.setting.coverage_spread_m",
    "coverage.kinds": "comparison.setting.coverage_kinds",
    "standards.profiles": "comparison.setting.standards_profiles",
}
# What a question is asked for, by its place among the questions.
OF_QUESTION = re.compile(r"siting\.(\d+)\.(new|budget|share)")


def setting_name(setting: str, lang: Lang) -> str:
    """Return what readers call a setting; its key where it has no other name.

    Parameters
    ----------
    setting
        Its dotted key, as ``--set`` takes it.
    lang
        Language of the name.

    Examples
    --------
    >>> setting_name("year", "en"), setting_name("siting.0.new", "en")
    ('Year', 'New sites, siting question 1')
    """
    if asked := OF_QUESTION.fullmatch(setting):
        return text(f"comparison.setting.siting_{asked[2]}", lang, n=int(asked[1]) + 1)
    return text(WORDS[setting], lang) if setting in WORDS else setting


def setting_value(setting: str, value: str, settings: Settings, lang: Lang) -> str:
    """Return the value of a setting in words, as far as it has any.

    Parameters
    ----------
    setting
        Its dotted key.
    value
        Its value as text, empty where it is not set.
    settings
        The settings that it is of.
    lang
        Language of the words.
    """
    if setting == "travel.mode":
        return settings.means.name(lang)
    if setting == "walk.preset" and value:
        return settings.walk.speed.name(lang)
    if setting == "coverage.group":
        return group_name(value, lang)
    if value in ("True", "False"):
        return text("words.yes" if value == "True" else "words.no", lang)
    return value


def called(differing: pd.DataFrame, side: str, settings: Settings, lang: Lang) -> str:
    """Return what a plan is called by the settings that tell it from the other.

    Parameters
    ----------
    differing
        The settings that differ: ``setting``, ``first``, ``second``.
    side
        Which plan, ``first`` or ``second``.
    settings
        Its settings.
    lang
        Language of the words.
    """
    parts = []
    in_words = differing[differing["setting"].isin(WORDS.keys())]
    few = (in_words if len(in_words) else differing).head(NAMED_SETTINGS)
    for setting, value in few[["setting", side]].to_numpy().tolist():
        told = setting_value(setting, value, settings, lang) or text("comparison.not_set", lang)
        key = "comparison.called_year" if setting == "year" and value else "comparison.called"
        parts.append(text(key, lang, name=setting_name(setting, lang), value=told))
    return text("problems.comma", lang).join(parts)
