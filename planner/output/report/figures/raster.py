"""Write a drawn picture as a PNG of 256 colours: a third of the size, and no eye tells.

Pillow's median cut looks at every pixel many times, and shifts the flat colours that a legend
names. Here the commonest colours, those of areas and lines, stay as they are, and the shades at
edges take the nearest that is kept.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

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
    red, green, blue = (pixels[..., n].astype(np.uint32) for n in range(3))
    packed = red << 16 | green << 8 | blue
    colours, counts = np.unique(packed, return_counts=True)
    kept = _kept(colours, counts)
    number_of = np.empty(1 << 24, dtype=np.uint8)  # touched only where there is a colour
    number_of[colours] = _nearest(_channels(colours), _channels(kept))
    image = Image.fromarray(number_of[packed])
    image.putpalette(_channels(kept).astype(np.uint8).tobytes())
    out = io.BytesIO()
    image.save(out, "PNG", dpi=(dots_per_inch, dots_per_inch))
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
    return np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=-1).astype(np.int32)


def _nearest(colours: NDArray[np.int32], kept: NDArray[np.int32]) -> NDArray[np.intp]:
    """Return the position of the nearest colour kept for each colour."""
    # |c - k|² without |c|², which is the same for all: one product of small matrices.
    far = np.float32((kept**2).sum(axis=1)) - colours.astype(np.float32) @ np.float32(2 * kept.T)
    nearest: NDArray[np.intp] = np.argmin(far, axis=1)
    return nearest
