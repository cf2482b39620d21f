"""Columns of words as one run of bytes, and back, as Arrow holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray


def bytes_of_words(words: Any) -> tuple[bytes, NDArray[np.int64]]:
    """Return words one after the other in UTF-8, and how many bytes each has.

    Parameters
    ----------
    words
        An array of words (n) that pandas holds through Arrow; what is missing has no bytes.

    Returns
    -------
    (content, sizes)
        The bytes, and the size of each word (n).
    """
    run: Any = pa.array(words, pa.large_string())
    if isinstance(run, pa.ChunkedArray):
        run = pa.concat_arrays(run.chunks)
    run = run.fill_null("")
    _, offsets, content = run.buffers()
    at = np.frombuffer(offsets, np.int64)[run.offset : run.offset + len(run) + 1]
    return b"" if content is None else content[at[0] : at[-1]].to_pybytes(), np.diff(at)


def words_of_bytes(
    content: bytes, sizes: NDArray[np.int64], gone: NDArray[np.bool_], *, with_na: bool
) -> Any:
    """Return the words of a run of bytes.

    Parameters
    ----------
    content, sizes
        As `bytes_of_words` returns them.
    gone
        Which words are missing (n).
    with_na
        Whether what is missing is ``pandas.NA``; else it is NaN.

    Returns
    -------
    An array of words (n) that pandas holds through Arrow.

    Raises
    ------
    ValueError
        If the sizes do not fit the bytes, or these are no UTF-8.
    """
    if len(gone) != len(sizes):
        message = "words: not as many sizes as words"
        raise ValueError(message)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    parts = [pa.py_buffer(one) for one in (offsets, content, np.packbits(~gone, bitorder="little"))]
    try:
        run: Any = pa.LargeStringArray.from_buffers(len(gone), *parts)
        run.validate(full=True)
    except pa.ArrowInvalid as error:
        message = f"words: {error}"
        raise ValueError(message) from error
    kind: Any = pd.StringDtype("pyarrow") if with_na else pd.StringDtype("pyarrow", na_value=np.nan)
    return kind.__from_arrow__(run)
