"""Places far from all others: one wrong coordinate must not move anything else."""

from __future__ import annotations

import numpy as np

STRAY_M = 100_000.0
_STRAY_TIMES = 20.0


def far_from_most(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return which places lie far from the others: 100 km off, and many times their spread.

    Parameters
    ----------
    x, y
        Places, metres.

    Returns
    -------
    Boolean array, one for each place.
    """
    metres = np.hypot(x - np.median(x), y - np.median(y))
    far: np.ndarray = (metres > STRAY_M) & (metres > _STRAY_TIMES * np.median(metres))
    return far
