"""Labels of any kind: named in messages, and brought into one order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

SHOWN = 5  # labels named in one message


def shorten(labels: Iterable[Any]) -> str:
    """Return the first few labels as text, and how many more there are.

    Parameters
    ----------
    labels
        Labels of any kind.

    Returns
    -------
    The labels, separated by commas.
    """
    names = [str(label) for label in labels]
    rest = f" (+{len(names) - SHOWN})" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + rest


def in_order(labels: pd.Index) -> pd.Index:
    """Return labels of any kinds sorted, so that the order of rows changes nothing.

    Parameters
    ----------
    labels
        The labels.

    Returns
    -------
    The labels, by type and then by value.
    """
    if labels.is_monotonic_increasing:
        return labels
    if pd.api.types.infer_dtype(labels, skipna=False) in {"string", "integer"}:
        return labels.sort_values()
    ordered = sorted(labels, key=lambda label: (type(label).__name__, label))
    index: pd.Index = pd.Index(ordered, dtype=labels.dtype)
    return index
