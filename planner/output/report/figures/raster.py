"""Write a drawn picture as a PNG of 256 colours: a third of the size, and no eye tells.

Pillow's median cut looks at every pixel many times, and shifts the flat colours that a legend
names. Here the commonest colours, those of areas and lines, stay as they are, and the shades at
edges take the nearest that is kept.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial import cKDTree

COLOURS = 256
AS_THEY_ARE = 64
_SHADE_BITS = 4  # shades that differ less in each of red, green and blue share a colour


def png(pixels: NDArray[np.uint8], dots_per_inch: float) -> bytes:
    """Return a picture as a PNG of 256 colours.

    Parameters
    ----------
    pixels
        Red, green, blue and opacity of each pixel, rows by columns by four; all are opaque.
    dots_per_inch
        Its resolution.

    Returns
    -------
    The file.
    """
    # Blue, green and red, from the highest bits on.
    packed: Any = np.ascontiguousarray(pixels).view("<u4").ravel() & 0xFFFFFF
    # Most pixels are as the one before: to sort the runs alone takes a tenth of the time.
    starts = np.flatnonzero(np.concatenate([[True], packed[1:] != packed[:-1]]))
    lengths = np.diff(starts, append=len(packed))
    colours, which = np.unique(packed[starts], return_inverse=True)
    kept = _kept(colours, np.bincount(which, weights=lengths).astype(np.intp))
    tree = cKDTree(_channels(kept))
    nearest: Any = tree.query(_channels(colours))[1].astype(np.uint8)
    image = Image.fromarray(np.repeat(nearest[which], lengths).reshape(pixels.shape[:2]))
    image.putpalette(_channels(kept).astype(np.uint8).tobytes())
    out = io.BytesIO()
    image.save(out, "PNG", dpi=(dots_per_inch, dots_per_inch), compress_level=4)
    return out.getvalue()


def _kept(colours: NDArray[np.uint32], counts: NDArray[np.intp]) -> NDArray[np.uint32]:
    """Choose the palette: the commonest colours, then the commonest of each further shade."""
    order = np.argsort(-counts, kind="stable")
    plain, others = order[:AS_THEY_ARE], order[AS_THEY_ARE:]
    rough = _channels(colours[others]) >> (8 - _SHADE_BITS)
    shade = rough @ np.array([1 << 2 * _SHADE_BITS, 1 << _SHADE_BITS, 1])
    _, first, member = np.unique(shade, return_index=True, return_inverse=True)
    people = np.bincount(member, weights=counts[others], minlength=len(first))
    common = np.argsort(-people, kind="stable")[: COLOURS - AS_THEY_ARE]
    kept: NDArray[np.uint32] = colours[np.concatenate([plain, others[first[common]]])]
    return kept


def _channels(packed: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Return red, green and blue of packed colours, a row for each."""
    return np.stack([packed & 255, packed >> 8 & 255, packed >> 16], axis=-1).astype(np.int32)
