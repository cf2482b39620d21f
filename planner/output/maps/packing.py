"""Integers packed as text, in the shortest form that the page unpacks."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.output.maps.payload.units import Packed


def pack(values: Iterable[Any] | NDArray[Any]) -> Packed:
    """Return integers as text: a type, a colon and base64, little-endian.

    Parameters
    ----------
    values
        Integers between -2**31 and 2**32 - 1.

    Returns
    -------
    The text, in the shortest of the types.

    Raises
    ------
    ValueError
        If no type of a page holds them.
    """
    numbers = np.asarray(values, dtype=np.int64)
    low, high = (int(numbers.min()), int(numbers.max())) if numbers.size else (0, 0)
    kind = "vi" if low < 0 else "vu"
    if max(-low, high) >= 2**31:
        kind = "u4"
    written = _varied(numbers << 1 ^ numbers >> 63 if low < 0 else numbers)
    for plain in ("u1", "i1", "u2", "i2", "u4", "i4"):
        holds = np.iinfo(plain)
        if holds.min <= low and high <= holds.max:
            if numbers.size * holds.bits // 8 <= len(written) or kind == "u4":
                kind, written = plain, numbers.astype(f"<{plain}").tobytes()
            break
    else:
        msg = f"no type of a page holds {low} to {high}"
        raise ValueError(msg)
    return f"{kind}:{base64.b64encode(written).decode()}"


def _varied(numbers: NDArray[np.int64]) -> bytes:
    """Write numbers in as few bytes as each needs: seven bits a byte, then one for more."""
    rows = [numbers.ravel() >> shift & 127 for shift in range(0, 35, 7)]
    more = [numbers.ravel() >> shift + 7 > 0 for shift in range(0, 35, 7)]
    table = np.column_stack([row | part << 7 for row, part in zip(rows, more, strict=True)])
    kept = np.column_stack([np.ones(len(table), bool), *more[:-1]])
    written: bytes = table.astype(np.uint8)[kept].tobytes()
    return written
