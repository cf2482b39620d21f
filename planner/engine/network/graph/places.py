"""Number places: vertices that agree to the micrometre are one."""

from __future__ import annotations

import numpy as np

from planner.engine.jit import compiled

_MICRO = 1e6
_MIX_X, _MIX_Y = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_HALF = np.uint64(32)


@compiled
def number_places(xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each vertex's place, in the order in which places appear.

    Parameters
    ----------
    xy
        Vertices (n x 2), metres.

    Returns
    -------
    (place, first)
        Place of each vertex (n), and the first vertex of each place (places).
    """
    size = 16
    while size < 2 * len(xy):
        size *= 2
    slots = np.full(size, -1, np.int32)
    mask = np.uint64(size - 1)
    place = np.empty(len(xy), np.int32)
    first = np.empty(len(xy), np.int32)
    n = 0
    for i in range(len(xy)):
        x, y = np.int64(np.rint(xy[i, 0] * _MICRO)), np.int64(np.rint(xy[i, 1] * _MICRO))
        mixed = np.uint64(x) * _MIX_X ^ np.uint64(y) * _MIX_Y
        slot = (mixed ^ (mixed >> _HALF)) & mask
        while True:
            known = slots[slot]
            if known < 0:
                slots[slot] = n
                first[n] = i
                place[i] = n
                n += 1
                break
            at = first[known]
            if np.rint(xy[at, 0] * _MICRO) == x and np.rint(xy[at, 1] * _MICRO) == y:
                place[i] = known
                break
            slot = (slot + np.uint64(1)) & mask
    return place, first[:n].copy()
