"""Where the classes of a shading end: quantiles, equal intervals or natural breaks (jenkspy).

Bounds are rounded to what a legend prints, so that what a reader sees is what the map did; a class
holds the values up to its upper bound. Where there is a target, the values below it and those above
are classed apart, and the target is a bound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import jenkspy
import numpy as np
from numpy.typing import NDArray

from planner.output.indicators import Unit

SCHEMES = ("quantiles", "equal", "natural")
MOST_CLASSES = 5
MOST_BELOW, MOST_ABOVE = 3, 2  # of a target
MOST_VALUES = 3000  # natural breaks take time with the square of these
_DIGITS: dict[Unit, int] = {"share": 3, "minutes": 1, "people": 0}


def digits(values: Sequence[float | None], unit: Unit) -> int:
    """Return how many decimals figures are written with: amounts have three figures in all.

    Parameters
    ----------
    values
        Figures; None where missing.
    unit
        What they are in.

    Returns
    -------
    Decimals.

    Examples
    --------
    >>> digits([3.14159, 31.7, None], "amount"), digits([1234567.0], "amount")
    (1, 0)
    """
    if unit in _DIGITS:
        return _DIGITS[unit]
    if all(value is None or float(value).is_integer() for value in values):
        return 0
    largest = max((abs(value) for value in values if value), default=1.0)
    return max(0, 2 - math.floor(math.log10(largest)))


def bounds(values: Sequence[float | None], unit: Unit) -> dict[str, list[float]]:
    """Compute the upper bounds of all classes but the last, by each scheme.

    Parameters
    ----------
    values
        Figures; missing ones are left out.
    unit
        What they are in, which tells how they are rounded.

    Returns
    -------
    Bounds in ascending order, by scheme.

    Examples
    --------
    >>> bounds([1, 2, 3, 4, 50, 60, None, 90, 91, 92, 93], "people")["equal"]
    [19.0, 38.0, 56.0, 75.0]
    """
    known = np.sort(np.array([value for value in values if value is not None], dtype=float))
    return {scheme: _inner(known, scheme, unit, MOST_CLASSES) for scheme in SCHEMES}


def bounds_about(
    values: Sequence[float | None], unit: Unit, target: float
) -> dict[str, list[float]]:
    """Compute the upper bounds of classes on both sides of a target, which is one of them.

    Parameters
    ----------
    values
        Figures; None where missing.
    unit
        What they are in, by which they are rounded.
    target
        The target, in the same unit.

    Returns
    -------
    Bounds in ascending order, by scheme.
    """
    known = np.sort(np.array([value for value in values if value is not None], dtype=float))
    low, high = known[known < target], known[known >= target]
    return {
        scheme: sorted(
            {
                *(one for one in _inner(low, scheme, unit, MOST_BELOW) if one < target),
                target,
                *(one for one in _inner(high, scheme, unit, MOST_ABOVE) if one > target),
            }
        )
        for scheme in SCHEMES
    }


def _inner(known: NDArray[np.float64], scheme: str, unit: Unit, most: int) -> list[float]:
    different = np.unique(known)
    if len(different) < 2:
        return []
    if scheme != "equal" and len(different) <= most:
        found = different
    else:
        found = _classified(known, scheme, min(most, len(different)))
    places = digits(known.tolist(), unit)
    rounded = {float(np.round(bound, places)) for bound in found[:-1]}
    return sorted(bound for bound in rounded if different[0] <= bound < different[-1])


def _classified(known: NDArray[np.float64], scheme: str, most: int) -> NDArray[np.float64]:
    """Return the upper bounds of the classes; of many equal values there are fewer classes."""
    if scheme == "quantiles":
        return np.unique(np.quantile(known, np.arange(1, most + 1) / most))
    if scheme == "equal":
        return np.linspace(known[0], known[-1], most + 1)[1:]
    thinned = known[:: math.ceil(len(known) / MOST_VALUES)]
    breaks = jenkspy.jenks_breaks(thinned, n_classes=min(most, len(np.unique(thinned))))
    return np.asarray(breaks[1:], dtype=float)
