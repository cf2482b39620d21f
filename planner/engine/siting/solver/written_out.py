"""What numpy would do in a line, written out for compiled loops.

numba compiles `numpy.flatnonzero`, and a slice that takes an array, with the words of their errors,
two seconds of everybody's first run, and its own sorting in a second or three.
"""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN201

from __future__ import annotations

import numpy as np

from planner.engine.jit import compiled_part

_RUN = 16  # as many in a run are sorted by insertion


@compiled_part
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


@compiled_part
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


@compiled_part
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


@compiled_part
def order_of(values):
    """Return the positions of values in ascending order; of equals, the first one first.

    Parameters
    ----------
    values
        The values (n), none of them missing.

    Returns
    -------
    The positions (n).
    """
    n = len(values)
    order = np.empty(n, np.int64)
    for place in range(n):
        order[place] = place
    sort_part(order, values, 0, n, np.empty(n, np.int64))
    return order


@compiled_part
def sort_part(order, values, begin, end, spare):
    """Sort a stretch of positions by their values, by merging; equals stay as they stand.

    Parameters
    ----------
    order
        The positions (n); those from `begin` up to `end` are sorted in place.
    values
        The value at each position.
    begin, end
        The stretch.
    spare
        Working memory, as long as `order`.
    """
    for first in range(begin, end, _RUN):
        for place in range(first + 1, min(first + _RUN, end)):
            one, at = order[place], place
            while at > first and values[order[at - 1]] > values[one]:
                order[at] = order[at - 1]
                at -= 1
            order[at] = one
    width = _RUN
    while width < end - begin:
        for first in range(begin, end, 2 * width):
            middle, last = min(first + width, end), min(first + 2 * width, end)
            i, j = first, middle
            for place in range(first, last):
                if j >= last or (i < middle and values[order[i]] <= values[order[j]]):
                    spare[place] = order[i]
                    i += 1
                else:
                    spare[place] = order[j]
                    j += 1
        for place in range(begin, end):
            order[place] = spare[place]
        width *= 2
