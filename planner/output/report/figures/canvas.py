"""A page of a still picture: what is drawn on it, lowest first, and how it is written.

A page knows outlines, dots and lettering in points, and no artists, axes or ticks: a map needs none
of them, and a dozen pictures of one ground would make them anew each time. What pictures share is
a layer, which is drawn once as pixels and written once as SVG.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_hex
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox
from numpy.typing import NDArray
from PIL import Image

# matplotlib has no types of its own.
_renderer: Any = RendererAgg
_pen: Any = GraphicsContextBase

POINTS_PER_INCH = 72.0
FINE, COARSE = 100, 10  # steps of a point: of lettering, and of all else
MOST_DRAWN = 100_000  # points of a layer's outlines in an SVG
IMAGE_DPI = 200.0
_LETTER = {Path.LINETO: "l", Path.CURVE3: "q", Path.CURVE4: "c"}
_LENGTH = {Path.LINETO: 1, Path.CURVE3: 2, Path.CURVE4: 3}

Box = tuple[float, float, float, float]  # left, bottom, width and height in points


@dataclass(frozen=True, eq=False)
class Outline:
    """A path in points, from the lower left corner of the page or from where it is put."""

    path: Path
    steps: int = COARSE

    def __post_init__(self) -> None:
        # Shapes are thinned out to pixels before; what a user sets for matplotlib changes nothing.
        self.path.should_simplify = False

    @cached_property
    def svg(self) -> str:
        """The path in whole steps, as an SVG has it."""
        codes: Any = self.path.codes
        steps = np.rint(np.asarray(self.path.vertices) * self.steps).astype(np.int64)
        if codes is None:
            return _run(steps)
        starts = np.flatnonzero(codes == Path.MOVETO)
        closes = codes == Path.CLOSEPOLY
        straight = bool(((codes == Path.MOVETO) | (codes == Path.LINETO) | closes).all())
        write = _straight if straight else _curved
        runs = np.split(np.arange(len(codes)), starts[1:])
        return "".join(write(steps[run], codes[run]) for run in runs)


def _run(steps: NDArray[np.int64]) -> str:
    """Write a run of lines: where it begins, and each step from there."""
    if len(steps) < 2:
        return ""
    moved = np.diff(steps, axis=0)
    moved = moved[moved.any(axis=1)]
    if not len(moved):
        moved = np.zeros((1, 2), dtype=np.int64)
    return f"M{steps[0, 0]} {steps[0, 1]}l" + " ".join(map(str, moved.ravel().tolist()))


def _straight(steps: NDArray[np.int64], codes: NDArray[Any]) -> str:
    closed = codes[-1] == Path.CLOSEPOLY
    return _run(steps[:-1] if closed else steps) + "z" * bool(closed)


def _curved(steps: NDArray[np.int64], codes: NDArray[Any]) -> str:
    parts, at = [f"M{steps[0, 0]} {steps[0, 1]}"], 1
    while at < len(codes):
        code = codes[at]
        if code == Path.CLOSEPOLY:
            parts.append("z")
            at += 1
            continue
        own = steps[at : at + _LENGTH[code]] - steps[at - 1]
        parts.append(_LETTER[code] + " ".join(map(str, own.ravel().tolist())))
        at += _LENGTH[code]
    return "".join(parts)


@dataclass(frozen=True, kw_only=True, eq=False)
class Shape:
    """An outline filled, stroked or both; `at` is where it is put, `line` the stroke's width."""

    outline: Outline
    face: str | None = None
    edge: str | None = None
    line: float = 0.0
    dashes: tuple[float, ...] = ()
    opacity: float = 1.0
    at: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Dots:
    """Circles of one look: places in points, shape (n, 2), and their radius."""

    at: NDArray[np.float64]
    radius: float
    face: str
    edge: str
    line: float


Mark = Shape | Dots


@dataclass(frozen=True, eq=False)
class Layer:
    """Marks that pictures of one size share, within a box if one is given."""

    marks: Sequence[Mark]
    box: Box | None = None
    _pixels: dict[tuple[int, int, float], NDArray[np.uint8]] = field(default_factory=dict)
    _svg: dict[tuple[float, float], str] = field(default_factory=dict)

    def svg(self, width: float, height: float) -> str:
        """Return the marks as an SVG has them: as pixels where it would take long to open.

        Parameters
        ----------
        width, height
            Points of the page.

        Returns
        -------
        The elements.
        """
        key = (width, height)
        if key not in self._svg:
            shapes = [mark.outline.path for mark in self.marks if isinstance(mark, Shape)]
            many = sum(np.shape(path.vertices)[0] for path in shapes) > MOST_DRAWN
            self._svg[key] = self._image(width, height) if many else self._elements()
        return self._svg[key]

    def _elements(self) -> str:
        marks = "".join(map(_svg, self.marks))
        return f'<g clip-path="url(#map)">{marks}</g>' if self.box else marks

    def _image(self, width: float, height: float) -> str:
        out = io.BytesIO()
        wide, tall = _pixels(width, IMAGE_DPI), _pixels(height, IMAGE_DPI)
        # The page counts upwards, so that the lowest row is the image's first.
        Image.fromarray(self.pixels(wide, tall, IMAGE_DPI)).save(out, "PNG")
        steps = COARSE * POINTS_PER_INCH / IMAGE_DPI
        return (
            f'<image width="{wide * steps:g}" height="{tall * steps:g}" '
            f'xlink:href="data:image/png;base64,{b64encode(out.getvalue()).decode()}"/>'
        )

    def pixels(self, wide: int, tall: int, dots_per_inch: float) -> NDArray[np.uint8]:
        """Return the marks on nothing, as a page of so many pixels shows them.

        Parameters
        ----------
        wide, tall
            Pixels of the page.
        dots_per_inch
            Its resolution.

        Returns
        -------
        Red, green, blue and opacity, shape (tall, wide, 4), the lowest row first.
        """
        key = (wide, tall, dots_per_inch)
        if key not in self._pixels:
            drawn: Any = _renderer(wide, tall, dots_per_inch)
            _onto(drawn, self.marks, self.box)
            self._pixels[key] = np.asarray(drawn.buffer_rgba())[::-1].copy()
        return self._pixels[key]


@dataclass
class Canvas:
    """A page of `width` by `height` points, white, and what is put on it."""

    width: float
    height: float
    layers: list[Layer] = field(default_factory=list)
    shared: set[int] = field(default_factory=set)

    def put(self, *marks: Mark, box: Box | None = None) -> None:
        """Draw marks of this page alone over what is there.

        Parameters
        ----------
        *marks
            The marks, lowest first.
        box
            What they are clipped to.
        """
        if marks:
            self.layers.append(Layer(marks, box))

    def share(self, layer: Layer) -> None:
        """Draw a layer that other pages have, too, over what is there.

        Parameters
        ----------
        layer
            The layer.
        """
        self.shared.add(len(self.layers))
        self.layers.append(layer)

    def content(self) -> Iterator[Any]:
        """Yield all that is drawn, in its order: two pages that tell the same look the same.

        Yields
        ------
        Plain values, and the places of outlines and dots.
        """
        yield self.width, self.height, sorted(self.shared)
        for layer in self.layers:
            yield layer.box, len(layer.marks)
            for mark in layer.marks:
                if isinstance(mark, Dots):
                    yield mark.radius, mark.face, mark.edge, mark.line
                    yield mark.at
                    continue
                yield mark.face, mark.edge, mark.line, mark.dashes, mark.opacity, mark.at
                yield mark.outline.steps
                yield np.asarray(mark.outline.path.vertices)
                codes: Any = mark.outline.path.codes
                yield None if codes is None else np.asarray(codes)

    def pixels(self, dots_per_inch: float) -> NDArray[np.uint8]:
        """Draw the page.

        Parameters
        ----------
        dots_per_inch
            Resolution.

        Returns
        -------
        Red, green, blue and opacity, rows by columns by four, the topmost row first.
        """
        wide, tall = (_pixels(side, dots_per_inch) for side in (self.width, self.height))
        drawn: Any = _renderer(wide, tall, dots_per_inch)
        _onto(drawn, [rectangle(0, 0, self.width + 1, self.height + 1, face="#ffffff")], None)
        for n, layer in enumerate(self.layers):
            if n in self.shared:
                drawn.draw_image(_pen(), 0, 0, layer.pixels(wide, tall, dots_per_inch))
            else:
                _onto(drawn, layer.marks, layer.box)
        return np.asarray(drawn.buffer_rgba())

    def svg(self) -> bytes:
        """Write the page as an SVG that stands alone.

        Returns
        -------
        The file.
        """
        wide, tall = f"{self.width:g}", f"{self.height:g}"
        box = next((layer.box for layer in self.layers if layer.box), None)
        clip = "" if box is None else f'<clipPath id="map">{_box(box)}</clipPath>'
        layers = "".join(layer.svg(self.width, self.height) for layer in self.layers)
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<svg xmlns="http://www.w3.org/2000/svg" '
            f'xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" width="{wide}pt" '
            f'height="{tall}pt" viewBox="0 0 {wide} {tall}" stroke-linejoin="round">'
            f'<rect width="{wide}" height="{tall}" fill="#ffffff"/>'
            f'<g transform="matrix({1 / COARSE:g} 0 0 {-1 / COARSE:g} 0 {tall})">'
            f"<defs>{clip}</defs>{layers}</g></svg>\n"
        ).encode()


def rectangle(
    left: float, bottom: float, wide: float, tall: float, *, face: str, edge: str | None = None,
    line: float = 0.0,
) -> Shape:  # fmt: skip
    """Return a rectangle.

    Parameters
    ----------
    left, bottom, wide, tall
        Where it is, in points.
    face, edge, line
        Its colours, and how wide its edge is drawn; no edge if none is given.

    Returns
    -------
    The shape.
    """
    corners = [(0, 0), (wide, 0), (wide, tall), (0, tall)]
    return polygon([(left + x, bottom + y) for x, y in corners], face=face, edge=edge, line=line)


def polygon(
    corners: Sequence[tuple[float, float]], *, face: str, edge: str | None = None, line: float = 0.0
) -> Shape:
    """Return a polygon.

    Parameters
    ----------
    corners
        Its corners in points.
    face, edge, line
        Its colours, and how wide its edge is drawn; no edge if none is given.

    Returns
    -------
    The shape.
    """
    path = Path([*corners, corners[0]], closed=True)
    return Shape(outline=Outline(path), face=face, edge=edge, line=line)


def _onto(drawn: Any, marks: Sequence[Mark], box: Box | None) -> None:
    """Draw marks as pixels."""
    scale = drawn.dpi / POINTS_PER_INCH
    clip = None if box is None else Bbox.from_bounds(*(side * scale for side in box))
    for mark in marks:
        pen = _pen()
        pen.set_clip_rectangle(clip)
        pen.set_linewidth(mark.line if mark.edge else 0.0)
        pen.set_foreground(mark.edge or "#000000")
        face = None if mark.face is None else _rgb(mark.face)
        if isinstance(mark, Dots):
            circle = Affine2D().scale(mark.radius * scale)
            drawn.draw_markers(
                pen, Path.unit_circle(), circle, Path(mark.at), Affine2D().scale(scale), face
            )
            continue
        if mark.dashes:
            pen.set_dashes(0, mark.dashes)
        pen.set_alpha(mark.opacity)
        if mark.outline.steps == FINE:
            pen.set_snap(False)
        placed = Affine2D().translate(*mark.at).scale(scale)
        drawn.draw_path(pen, mark.outline.path, placed, face)


def _rgb(colour: str) -> tuple[float, ...]:
    code = to_hex(colour)
    return tuple(int(code[n : n + 2], 16) / 255 for n in (1, 3, 5))


def _svg(mark: Mark) -> str:
    """Write a mark in the steps of the page."""
    if isinstance(mark, Dots):
        radius = _step(mark.radius)
        circles = "".join(
            f'<circle cx="{x}" cy="{y}" r="{radius}"/>'
            for x, y in np.rint(mark.at * COARSE).astype(int).tolist()
        )
        return f"<g{_look(mark, COARSE)}>{circles}</g>"
    steps = mark.outline.steps
    place = ""
    if mark.at != (0.0, 0.0) or steps != COARSE:
        x, y = (round(value * COARSE, 1) for value in mark.at)
        place = f' transform="translate({x:g} {y:g})scale({COARSE / steps:g})"'
    return f'<path{place}{_look(mark, steps)} d="{mark.outline.svg}"/>'


def _look(mark: Mark, steps: int) -> str:
    words = f' fill="{to_hex(mark.face) if mark.face else "none"}"'
    if mark.edge and mark.line:
        words += f' stroke="{to_hex(mark.edge)}" stroke-width="{mark.line * steps:g}"'
    if isinstance(mark, Shape):
        if mark.dashes:
            words += f' stroke-dasharray="{" ".join(f"{dash * steps:g}" for dash in mark.dashes)}"'
        if mark.opacity != 1.0:
            words += f' opacity="{mark.opacity:g}"'
    return words


def _pixels(points: float, dots_per_inch: float) -> int:
    return int(points * dots_per_inch / POINTS_PER_INCH + 1e-6)


def _step(points: float) -> str:
    return f"{points * COARSE:.4g}"


def _box(box: Box) -> str:
    x, y, wide, tall = map(_step, box)
    return f'<rect x="{x}" y="{y}" width="{wide}" height="{tall}"/>'
