"""What a target without data lacks: which list, column or question would give it a figure.

Nothing is said twice: a target is measured as ever, what its figure is missing for is supplied as a
made-up stand-in, and it is measured again, until it has a figure or does not apply.
"""

from __future__ import annotations

from collections.abc import Iterable

from planner.district.assessment.facts import Facts
from planner.district.assessment.indicators import evaluate
from planner.district.assessment.lack import Lack
from planner.district.assessment.stand_ins import supplied
from planner.district.assessment.status import applies
from planner.standards import Profile, Target

MOST_STEPS = 60


def lacks(facts: Facts, target: Target) -> tuple[Lack, ...]:
    """Return all that a target lacks to have a figure.

    Parameters
    ----------
    facts
        The facts of the district.
    target
        The target.

    Returns
    -------
    What is lacking, in the order in which it is asked for; empty for a target that has a figure or
    does not apply.
    """
    found: dict[Lack, None] = {}
    for _ in range(MOST_STEPS):
        why = evaluate(facts, target).why
        if why is None or not applies(why):
            break
        lack, facts = supplied(facts, target, why)
        if lack is not None:
            found[lack] = None
    return tuple(found)


def lacking(
    facts: Facts, profile: Profile, among: Iterable[str] | None = None
) -> dict[tuple[Lack, ...], list[str]]:
    """Return what would give the targets without data a figure, what answers most of them first.

    Parameters
    ----------
    facts
        The facts of the district.
    profile
        The targets.
    among
        Keys of those to look at, such as those without data; all if not given.

    Returns
    -------
    Keys of targets by all that they lack together: each has a figure, or is known not to apply,
    once all of it is there.
    """
    found: dict[tuple[Lack, ...], list[str]] = {}
    for key in profile.targets if among is None else among:
        if lack := lacks(facts, profile.targets[key]):
            found.setdefault(lack, []).append(key)
    return dict(sorted(found.items(), key=lambda entry: (-len(entry[1]), len(entry[0]))))
