"""Words as outlines of their letters, each text laid out once for all pictures.

Outlines look the same as pixels and in an SVG, and need no font where they are read. To lay a text
out takes a millisecond with a font of all Chinese characters, and the pictures of a report say most
of their words a dozen times.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from matplotlib.path import Path
from matplotlib.textpath import TextToPath

from planner.output.report.figures.canvas import FINE, Mark, Outline, Shape
from planner.output.report.figures.fonts import Pen

MIDDLE = 0.36  # of the size, above the foot of the letters: half way up a character or a capital
LINE = 1.2  # of the size, from line to line

Align = Literal["left", "middle", "right"]


@dataclass(frozen=True, eq=False)
class Lettering:
    """A line of words as an outline, from the left end of its foot; its width in points."""

    outline: Outline
    width: float


def lettering(writing: Pen, words: str, size: float, *, bold: bool = False) -> Lettering:
    """Return a line of words as an outline.

    Parameters
    ----------
    writing
        The fonts.
    words
        The words.
    size
        Size in points.
    bold
        Whether they are bold.

    Returns
    -------
    The outline.
    """
    return _lettering(writing.families, words, size, bold)


@lru_cache(maxsize=2048)
def _lettering(families: tuple[str, ...], words: str, size: float, bold: bool) -> Lettering:  # noqa: FBT001  a key of the cache
    writing = Pen(families=families, characters=frozenset(), chinese=True)
    make: Any = TextToPath()
    vertices, codes = make.get_text_path(writing.font(size, bold=bold), words, ismath=False)
    if not len(codes):
        return Lettering(Outline(Path(np.zeros((0, 2))), FINE), 0.0)
    placed = np.asarray(vertices, dtype=float) * (size / TextToPath.FONT_SCALE)
    path = Path(placed, np.asarray(codes, dtype=Path.code_type))
    return Lettering(Outline(path, FINE), float(placed[:, 0].max()))


def written(
    writing: Pen, words: str, at: tuple[float, float], size: float, colour: str, *,
    bold: bool = False, align: Align = "left", middle: bool = False, halo: float = 0.0,
) -> list[Mark]:  # fmt: skip
    """Return a text as marks, line below line.

    Parameters
    ----------
    writing
        The fonts.
    words
        The text; a line break begins a new line.
    at
        Where its foot is, or its middle, in points.
    size
        Size in points.
    colour
        Its colour.
    bold
        Whether it is bold.
    align
        Which of its ends is there.
    middle
        Whether the middle of the letters is there, and not their foot.
    halo
        Width of the white that keeps it apart from the ground; none if 0.

    Returns
    -------
    The marks, lowest first.
    """
    marks: list[Mark] = []
    for n, line in enumerate(words.split("\n")):
        drawn = lettering(writing, line, size, bold=bold)
        left = at[0] - drawn.width * {"left": 0.0, "middle": 0.5, "right": 1.0}[align]
        foot = at[1] - size * (n * LINE + MIDDLE * middle)
        if halo:
            marks.append(
                Shape(
                    outline=drawn.outline, edge="#ffffff", line=halo, opacity=0.85, at=(left, foot)
                )
            )
        marks.append(Shape(outline=drawn.outline, face=colour, at=(left, foot)))
    return marks
