"""What targets ask a column of a list for: yes or no, a tier, or any value."""

from __future__ import annotations

from collections.abc import Mapping

from planner.district.assessment.choose import NO, NOTHING, YES
from planner.district.checks import Answers
from planner.district.matching import normal
from planner.language import text
from planner.standards import Kind, Profile, Target

# The table that an indicator's columns stand in, where that is not the facilities'.
TABLE_OF = {"candidate_sites": "candidates", "units": "communities", "unit_share": "communities"}
UNGRADED = ("其他", "一般", "普通", "未定级", "other")


def answers_of(profile: Profile, kinds: Mapping[str, Kind], table: str) -> list[Answers]:
    """Return the columns of a table that targets ask for yes or no, or for a tier.

    Parameters
    ----------
    profile
        The targets.
    kinds
        The kinds of facility known, by id.
    table
        ``facilities``, ``communities`` or ``candidates``.

    Returns
    -------
    The columns and the words that they may hold; the words of a tier for each kind.
    """
    found: dict[str, set[str]] = {}
    graded: dict[str, dict[str, None]] = {}
    for target in profile.targets.values():
        if TABLE_OF.get(target.indicator, "facilities") == table:
            for column, wanted in target.where.items():
                if isinstance(wanted, bool):
                    found.setdefault(column, set()).update(target.kind)
        if table != "facilities":
            continue
        tiers = [(kind, target.tier) for kind in target.kind]
        for kind, tier in [*tiers, *((need.kind, need.tier) for need in target.requires)]:
            if tier is not None:
                graded.setdefault(kind, {}).update(dict.fromkeys(kinds[kind].siblings(tier)))
    yes_or_no = frozenset(YES | NO)
    answers = [
        Answers(column=column, kinds=frozenset(own), known=yes_or_no, shown=(yes(), no()))
        for column, own in found.items()
    ]
    for kind, asked in graded.items():
        names = kinds[kind].tiers
        # A facility may be of no tier: then it bears the kind's own name, or a word for none.
        plain = (kinds[kind].zh, kinds[kind].en, *kinds[kind].aliases, *UNGRADED)
        every = {normal(one) for tier, own in names.items() for one in (tier, *own)}
        every |= {normal(one) for one in plain} | NOTHING
        shown = tuple(own[0] for tier, own in names.items() if tier in asked)
        answers.append(
            Answers(column="tier", kinds=frozenset({kind}), known=frozenset(every), shown=shown)
        )
    return answers


def yes() -> str:
    """Return the word for yes in lists."""
    return text("words.yes", "zh")


def no() -> str:
    """Return the word for no in lists."""
    return text("words.no", "zh")


def wanted_of(target: Target, column: str) -> tuple[str | bool, ...]:
    """Return the words that a target asks a column for: empty where any value does.

    Parameters
    ----------
    target
        The target.
    column
        A column of facilities, candidates or communities.

    Returns
    -------
    Words as the profile has them; True or False where yes or no is asked.
    """
    found: list[str | bool] = []
    for one in (target, target.base):
        for asked in ({}, {}) if one is None else (one.where, one.scope):
            wanted = asked.get(column)
            if wanted is not None and wanted != "*":
                found += wanted if isinstance(wanted, list) else [wanted]
    return tuple(dict.fromkeys(found))
