"""Choose one point of each district's front within what they share (multiple-choice knapsack)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from planner.engine.siting.problem.inputs import Floats, Ints

MOST_CELLS = 2_000  # steps of a budget: finer ones are taken together


def choose_points(
    costs: Sequence[Ints], values: Sequence[Floats], budget: int
) -> tuple[float, list[int]]:
    """Choose one point of each front so that their values sum up to most within a budget.

    The multiple-choice knapsack by dynamic programming over the budget (Kellerer, Pferschy &
    Pisinger 2004, Knapsack Problems, section 11.5): exact, in as many additions as there are points
    times steps of the budget.

    Parameters
    ----------
    costs
        Cost of each point of each front, in whole steps of at least 0.
    values
        Value of each point.
    budget
        The most that the points may cost together, in steps.

    Returns
    -------
    value, points
        The sum of values, minus infinity where no choice keeps to the budget; and the number of the
        point chosen of each front, none there.

    Examples
    --------
    >>> costs = [np.array([0, 1]), np.array([0, 2])]
    >>> choose_points(costs, [np.array([0.0, 3.0]), np.array([0.0, 4.0])], 2)
    (4.0, [0, 1])
    """
    best = np.zeros(budget + 1)
    taken: list[NDArray[np.int32]] = []
    for steps, worth in zip(costs, values, strict=True):
        after, of = np.full(budget + 1, -np.inf), np.zeros(budget + 1, dtype=np.int32)
        for number, (step, value) in enumerate(zip(steps.tolist(), worth.tolist(), strict=True)):
            if step > budget:
                continue
            found = best[: budget + 1 - step] + value
            better = found > after[step:]
            after[step:][better] = found[better]
            of[step:][better] = number
        best = after
        taken.append(of)
    at = int(np.argmax(best))
    if best[at] == -np.inf:
        return -np.inf, []
    total, points = float(best[at]), []
    for steps, of in zip(reversed(costs), reversed(taken), strict=True):
        points.append(int(of[at]))
        at -= int(steps[of[at]])
    return total, points[::-1]


def steps_of(costs: Floats, budget: float) -> tuple[float, bool]:
    """Return a step in which a budget and costs are counted.

    Parameters
    ----------
    costs
        Every cost that may be paid.
    budget
        The budget.

    Returns
    -------
    step, exact
        The step; whether every cost is a whole number of it. Where that would be more than
        `MOST_CELLS` steps of the budget, the step is coarser.
    """
    for digits in range(7):
        whole = np.round(costs * 10.0**digits)
        if np.allclose(costs * 10.0**digits, whole, rtol=0.0, atol=1e-6):
            common = int(np.gcd.reduce(whole.astype(np.int64))) if len(whole) else 0
            step = (common or 1) / 10.0**digits
            if budget / step <= MOST_CELLS:
                return step, True
            break
    return max(budget, 1e-9) / MOST_CELLS, False
