"""Indicators by zone, urban and rural, group or kind, and how far apart they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from planner.district.assessment.facts import Facts, Figure, MissingError
from planner.standards import Target

Evaluate = Callable[[Facts, Target], Figure]


def by_unit(facts: Facts, target: Target, across: str, evaluate: Evaluate) -> pd.DataFrame:
    """Compute the figure of a target for each part.

    Parameters
    ----------
    facts
        The facts of the whole.
    target
        What to measure.
    across
        A level of the communities (``zone``, ``settlement``, ``street``), ``group`` for each
        demand group, or ``kind`` for each of the target's kinds.
    evaluate
        Computes one figure.

    Returns
    -------
    On the part: ``value``, ``numerator``, ``denominator``, ``unit``, and ``why`` where the value
    is missing.

    Raises
    ------
    MissingError
        If nothing is known of that level.
    """
    figures: dict[str, Figure] = {}
    if across == "group":
        for group in facts.groups:
            if group != "population":
                figures[group] = evaluate(facts, target.model_copy(update={"group": group}))
    elif across == "kind":
        for kind in target.kind:
            figures[kind] = evaluate(facts, target.model_copy(update={"kind": (kind,)}))
    else:
        try:
            scoped = facts.scoped(target.scope)
        except MissingError:
            scoped = facts
        unit = scoped.unit(across)
        for part in unit.dropna().unique():  # in the order of the data
            figures[str(part)] = evaluate(scoped.within(unit.index[unit == part]), target)
    columns = ["value", "numerator", "denominator", "unit", "why"]
    rows = [[getattr(figure, name) for name in columns] for figure in figures.values()]
    table = pd.DataFrame(rows, index=pd.Index(figures, dtype=object), columns=columns)
    numbers = ["value", "numerator", "denominator"]
    return table.astype(dict.fromkeys(numbers, float))


def spread(values: pd.Series) -> dict[str, float]:
    """Compute how far apart values are, each counting alike.

    Parameters
    ----------
    values
        One value for each part; none missing.

    Returns
    -------
    ``max_min``, the largest less the smallest; ``gini``, half the mean difference of all pairs
    over the mean; ``cv``, the standard deviation (of the whole, not of a sample) over the mean.
    The last two are missing where the mean is 0.

    Examples
    --------
    >>> spread(pd.Series([1.0, 3.0]))["gini"]
    0.25
    """
    x = np.sort(values.to_numpy(float))
    mean = float(x.mean())
    rank = np.arange(1, len(x) + 1)
    twice = float(np.sum((2 * rank - len(x) - 1) * x)) / len(x) ** 2
    return {
        "max_min": float(x[-1] - x[0]),
        "gini": twice / mean if mean else float("nan"),
        "cv": float(x.std()) / mean if mean else float("nan"),
    }
