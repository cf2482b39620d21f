"""Whole numbers that add up exactly."""

from __future__ import annotations

from typing import Any

import numpy as np


def whole(values: Any, total: int) -> np.ndarray:
    """Round values to whole numbers of a given sum, by rounding their running sum."""
    running = np.cumsum(np.asarray(values, dtype=float))
    steps = np.floor(running * (total / running[-1]) + 0.5 - 1e-9)
    steps[-1] = total
    return np.diff(steps, prepend=0).astype(int)


def scaled(values: np.ndarray, total: float, most: np.ndarray) -> np.ndarray:
    """Scale values to a sum, none above its most."""
    for _ in range(30):
        values = np.minimum(values * (total / values.sum()), most)
    return values
