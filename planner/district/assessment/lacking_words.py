"""What targets lack, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from planner.district.assessment.lack import Lack
from planner.district.assessment.words import data_name
from planner.language import LANGS, Lang, text
from planner.standards import Kind, Profile

LACKING = ["with_zh", "with_en", "answers", "targets"]


def lacking_table(
    found: Mapping[tuple[Lack, ...], list[str]], profile: Profile, kinds: Mapping[str, Kind]
) -> pd.DataFrame:
    """Return what is lacking in words.

    Parameters
    ----------
    found
        What `lacking` gives.
    profile
        The targets.
    kinds
        The kinds of facility known, by id.

    Returns
    -------
    ``with_zh`` and ``with_en``: what would answer targets; ``answers``: how many; ``targets``:
    their numbers. What answers most comes first.
    """
    rows = [
        [
            *(say_lacks(lack, kinds, lang) for lang in LANGS),
            len(keys),
            ", ".join(dict.fromkeys(profile.targets[key].id for key in keys)),
        ]
        for lack, keys in found.items()
    ]
    return pd.DataFrame(rows, columns=LACKING)


def say_lacks(lack: Iterable[Lack], kinds: Mapping[str, Kind], lang: Lang) -> str:
    """Return in words what is lacking; the columns of a list stand with it.

    Parameters
    ----------
    lack
        What is lacking.
    kinds
        The kinds of facility known, by id.
    lang
        Language of the words.
    """
    told: list[str] = []
    rest = list(lack)
    while rest:
        one = rest.pop(0)
        same = [other for other in rest if (other.place, other.kinds) == (one.place, one.kinds)]
        rest = [other for other in rest if other not in same]
        whole = one.column is None
        columns = [other for other in ([] if whole else [one]) + same if other.column is not None]
        told.append(_list_in_words(one, columns, kinds, lang, whole=whole))
    return text("assessment.lacking.plus", lang).join(told)


def _list_in_words(
    one: Lack, columns: list[Lack], kinds: Mapping[str, Kind], lang: Lang, *, whole: bool
) -> str:
    names = [kinds[kind].name(lang) for kind in one.kinds]
    kind = text("assessment.lacking.or", lang).join(names)
    if one.place == "scenario":
        return text("problems.comma", lang).join(
            text(f"assessment.lacking.scenario_{column.column}", lang, kind=kind)
            for column in columns
        )
    said = [
        text("assessment.lacking.column", lang, column=data_name(str(column.column), lang))
        if column.rows is None
        else text(
            "assessment.lacking.rows", lang, column=data_name(str(column.column), lang),
            n=column.rows,
        )
        for column in columns
    ]  # fmt: skip
    place = text(f"assessment.lacking.{one.place}", lang, kind=kind)
    if not said:
        return place
    comma = text("problems.comma", lang)
    key = "whole_with" if whole else "only"
    return text(f"assessment.lacking.{key}", lang, place=place, columns=comma.join(said))
