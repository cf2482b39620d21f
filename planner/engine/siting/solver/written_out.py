"""What numpy would do in a line, written out for compiled loops.

numba compiles `numpy.flatnonzero`, and a slice that takes an array, with the words of their errors:
two seconds of everybody's first run.
"""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN201

from __future__ import annotations

import numpy as np

from planner.engine.jit import compiled


@compiled
def where_true(flags):
    """Return the positions of the flags that are set.

    Parameters
    ----------
    flags
        The flags (n).

    Returns
    -------
    The positions, ascending.
    """
    found = np.empty(len(flags), np.int64)
    count = 0
    for place in range(len(flags)):
        if flags[place]:
            found[count] = place
            count += 1
    return found[:count]


@compiled
def copy_into(target, source):
    """Write all values of one array into another, from its beginning.

    Parameters
    ----------
    target
        The array written to, as long as the other or longer.
    source
        The values (n).
    """
    for place in range(len(source)):
        target[place] = source[place]


@compiled
def total_of(values):
    """Return the sum of values, added in their order; numpy would add them in pairs.

    Parameters
    ----------
    values
        The values (n).

    Returns
    -------
    The sum.
    """
    total = 0.0
    for value in values:
        total += value
    return total
