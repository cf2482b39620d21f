"""Still maps and charts, as PNG and SVG for documents and print.

They are drawn on figures of their own, maps in the metric CRS of the plan, and leave no trace in
matplotlib's settings. The same plan gives the same bytes. An SVG holds its words as outlines, so
that it looks the same where the fonts are missing.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from typing import Any, Literal, get_args

import matplotlib.style
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.path import Path

from planner.language import Lang, group_name, text
from planner.language.numbers import number, percent
from planner.output.pieces import piece
from planner.output.report.content import Picture, clean
from planner.output.report.figures import curves
from planner.output.report.figures.canvas import (
    POINTS_PER_INCH,
    Canvas,
    Dots,
    Mark,
    Outline,
    Shape,
    polygon,
    rectangle,
)
from planner.output.report.figures.charts import chart
from planner.output.report.figures.drawing import INK, SOFT, Board, Entry
from planner.output.report.figures.fonts import Pen, pen
from planner.output.report.figures.frame import Frame
from planner.output.report.figures.lettering import LINE, written
from planner.output.report.figures.raster import png
from planner.output.report.tables import tables
from planner.study.plan import Plan
from planner.study.siting_study import SitingAnswer

Form = Literal["png", "svg"]
FORMS: tuple[Form, ...] = get_args(Form)
STYLE: list[Any] = ["default", {"svg.hashsalt": "planner"}]

GROUND, WARNING = "#f4f2ec", "#b00020"
MAP_WIDTH_IN, SIDE_WIDTH_IN, HEAD_IN, FOOT_IN, EDGE_IN = 5.2, 1.85, 0.62, 0.3, 0.08
SHORTEST_IN, TALLEST_IN = 3.6, 6.4
DOTS_PER_INCH = 200
MARGIN_SHARE = 0.03
LEGEND_SIZE, LEGEND_LEFT = 7.5, 6.7
LONGEST_KIND, LONGEST_TITLE, LONGEST_CREDIT = 30, 60, 170


def draw(
    plan: Plan, picture: Picture, lang: Lang, *, forms: tuple[Form, ...] = FORMS
) -> dict[Form, bytes]:
    """Draw a picture of the report, and write it in several forms.

    Parameters
    ----------
    plan
        The plan.
    picture
        What is to be drawn.
    lang
        Language of the words; English where no font has Chinese characters.
    forms
        What to write.

    Returns
    -------
    The bytes of each form.

    Raises
    ------
    LookupError
        If a curve has too few points to be drawn: there is no picture of it.
    """
    if picture.shows == "map":
        return coverage_maps(plan, picture.kind, lang, forms=forms, question=picture.question)
    if picture.shows == "stock":
        return stock_map(plan, lang, forms=forms)
    drawn = curve(plan, picture.shows, picture.question, lang, forms=forms)
    if drawn is None:
        raise LookupError(picture.name)
    return drawn


def curve(
    plan: Plan, shows: curves.Shows, question: int, lang: Lang, *, forms: tuple[Form, ...] = FORMS
) -> dict[Form, bytes] | None:
    """Draw a curve of a siting question; nothing where there are too few points for one.

    Parameters
    ----------
    plan
        The plan.
    shows
        Which curve.
    question
        Number of the siting question.
    lang
        Language of the words; English where no font has Chinese characters.
    forms
        What to write.

    Returns
    -------
    The bytes of each form; None where there are too few points.
    """
    writing = pen()
    lang = lang if writing.chinese else "en"
    found = curves.of_question(plan, tables(plan), shows, question)
    if found is None:
        return None
    answer = plan.siting[question - 1]
    groups = [*answer.question.groups] or [answer.group]
    names = text("report.comma", lang).join(group_name(g, lang, form="whom") for g in groups)
    unit = plan.area.cost_unit

    def _drawn() -> dict[Form, bytes]:
        # The user's own matplotlib settings must not change the picture, nor the picture those.
        with matplotlib.style.context(STYLE):
            return _written(chart(found, lang, writing, group=names, cost_unit=unit), forms)

    told = (forms, lang, names, unit, writing.families, len(writing.characters), found)
    return piece(plan, "chart", lambda: told, _drawn)


def coverage_map(
    plan: Plan, kind: str, lang: Lang, *, form: Form = "png", question: int | None = None
) -> bytes:
    """Draw the map of a kind: who is covered, the circles, the facilities and suggested sites.

    Parameters
    ----------
    plan
        The plan.
    kind
        Kind of facility.
    lang
        Language of the words. Without a font for Chinese they are English, and names that cannot
        be written are left out.
    form
        What to write.
    question
        Number of the siting question whose sites are drawn, 0 for none; the first about the kind
        if not given.

    Returns
    -------
    The bytes.
    """
    return coverage_maps(plan, kind, lang, forms=(form,), question=question)[form]


def coverage_maps(
    plan: Plan,
    kind: str,
    lang: Lang,
    *,
    forms: tuple[Form, ...] = FORMS,
    question: int | None = None,
) -> dict[Form, bytes]:
    """Draw the map of a kind once, and write it in several forms.

    Parameters
    ----------
    plan
        The plan.
    kind
        Kind of facility.
    lang
        Language of the words; English where no font has Chinese characters.
    forms
        What to write.
    question
        Number of the siting question whose sites are drawn, 0 for none; the first about the kind if
        not given.

    Returns
    -------
    The bytes of each form.
    """
    writing = pen()
    if not writing.chinese:
        lang = "en"
    answer = _answer(plan, kind, question)
    return _of_canvas(plan, _draw(plan, kind, lang, answer, writing), forms)


def stock_map(plan: Plan, lang: Lang, *, forms: tuple[Form, ...] = FORMS) -> dict[Form, bytes]:
    """Draw where the facilities of all kinds stand, and write the map in several forms.

    Parameters
    ----------
    plan
        The plan.
    lang
        Language of the words; English where no font has Chinese characters.
    forms
        What to write.

    Returns
    -------
    The bytes of each form.
    """
    writing = pen()
    drawn = _draw(plan, None, lang if writing.chinese else "en", None, writing)
    return _of_canvas(plan, drawn, forms)


def _answer(plan: Plan, kind: str, question: int | None) -> SitingAnswer | None:
    if question is None:
        return next((answer for answer in plan.siting if answer.question.kind == kind), None)
    return plan.siting[question - 1] if question else None


def _of_canvas(plan: Plan, canvas: Canvas, forms: tuple[Form, ...]) -> dict[Form, bytes]:
    write: dict[Form, Callable[[], bytes]] = {
        "png": lambda: png(canvas.pixels(DOTS_PER_INCH), DOTS_PER_INCH),
        "svg": canvas.svg,
    }
    return piece(
        plan,
        "picture",
        lambda: [forms, *canvas.content()],
        lambda: {form: write[form]() for form in forms},
    )


def _written(figure: Figure, forms: tuple[Form, ...]) -> dict[Form, bytes]:
    write = {"png": _png, "svg": _svg}
    return {form: write[form](figure) for form in forms}


def _png(figure: Figure) -> bytes:
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return png(np.asarray(canvas.buffer_rgba()), DOTS_PER_INCH)


def _svg(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    # One decimal of a point is a hundredth of a printed line.
    return re.sub(rb"(?<=\d\.\d)\d+", b"", out.getvalue())


def _draw(
    plan: Plan, kind: str | None, lang: Lang, answer: SitingAnswer | None, writing: Pen
) -> Canvas:
    """Draw the map of a kind, or of the stock of all kinds where none is named."""
    frame = _frame(plan)
    left, bottom, wide, tall = frame.box
    canvas = Canvas(
        width=wide + (SIDE_WIDTH_IN + 2 * EDGE_IN) * POINTS_PER_INCH,
        height=tall + (HEAD_IN + FOOT_IN) * POINTS_PER_INCH,
    )
    ground = rectangle(left, bottom, wide, tall, face=GROUND)
    canvas.put(ground)
    drawn = Board(
        canvas=canvas, plan=plan, kind=kind or "", lang=lang, writing=writing, frame=frame
    )
    entries = drawn.draw(answer) if kind else drawn.draw_stock()
    canvas.put(Shape(outline=ground.outline, edge=SOFT, line=0.5))
    title = drawn.line(f"report.legend.{'share' if kind else 'stock'}", group=drawn.group())
    canvas.put(*_legend(writing, title, entries, (left + wide + LEGEND_LEFT, bottom + tall)))
    canvas.put(*_scale(left + wide, bottom, drawn), *_head(drawn))
    return canvas


def _frame(plan: Plan) -> Frame:
    """Choose what the map shows, and its box: it keeps its width, and gets ground around."""
    bounds = plan.area.communities.total_bounds
    margin = MARGIN_SHARE * max(bounds[2] - bounds[0], bounds[3] - bounds[1], 100.0)
    west, south, east, north = bounds + np.array([-margin, -margin, margin, margin])
    height = MAP_WIDTH_IN * (north - south) / (east - west)
    shown = min(max(height, SHORTEST_IN), TALLEST_IN)
    metres_per_inch = max((east - west) / MAP_WIDTH_IN, (north - south) / shown)
    x, y = (west + east) / 2, (south + north) / 2
    half_w, half_h = MAP_WIDTH_IN * metres_per_inch / 2, shown * metres_per_inch / 2
    box = [side * POINTS_PER_INCH for side in (EDGE_IN, FOOT_IN, MAP_WIDTH_IN, shown)]
    return Frame(
        view=(x - half_w, y - half_h, x + half_w, y + half_h),
        box=(box[0], box[1], box[2], box[3]),
        pixel=metres_per_inch / DOTS_PER_INCH,
    )


def _legend(
    writing: Pen, title: str, entries: list[Entry], corner: tuple[float, float]
) -> list[Mark]:
    """Draw what the map's colours and signs mean, downwards from a corner."""
    left, top = corner
    size, wide = LEGEND_SIZE, 1.8 * LEGEND_SIZE
    y = top - 1.1 * size
    marks = written(writing, title, (left, y), size, INK, bold=True, middle=True)
    for entry in entries:
        lines_before = title.count("\n") if entry is entries[0] else 0
        y -= size * (1.56 + LINE * lines_before)
        middle = left + wide / 2
        if entry.shows == "area":
            low = y - 0.35 * size
            marks.append(
                rectangle(left, low, wide, 0.7 * size, face=entry.face, edge=entry.edge, line=0.4)
            )
        elif entry.shows == "line":
            path = Outline(Path([(left, y), (left + wide, y)]))
            dashes = tuple(1.1 * dash for dash in entry.dashes)
            marks.append(Shape(outline=path, edge=entry.edge, line=1.1, dashes=dashes))
        else:
            at = np.array([[middle, y]])
            marks.append(Dots(at=at, radius=2.25, face=entry.face, edge=entry.edge, line=0.6))
        at_words = (left + wide + 0.8 * size, y)
        marks += written(writing, entry.label, at_words, size, INK, middle=True)
        y -= size * LINE * entry.label.count("\n")
    return marks


def _scale(left: float, bottom: float, drawn: Board) -> list[Mark]:
    """Draw the scale bar and the north arrow at the foot of the legend."""
    metres_per_inch = drawn.frame.metres * POINTS_PER_INCH
    most = metres_per_inch * (SIDE_WIDTH_IN - 0.75)
    step = 10 ** math.floor(math.log10(most))
    length = max(n * step for n in (1, 2, 5) if n * step <= most)
    half = length / drawn.frame.metres / 2
    x, y, tall = left + 11.5, bottom + 8.6, 3.6
    marks: list[Mark] = [
        rectangle(x + n * half, y, half, tall, face=colour, edge=INK, line=0.5)
        for n, colour in enumerate((INK, "#ffffff"))
    ]
    arrow = left + SIDE_WIDTH_IN * POINTS_PER_INCH - 15.8
    for wing, colour in ((-5.8, INK), (5.8, "#ffffff")):
        corners = [(arrow + wing, y), (arrow, y + 4.3), (arrow, y + 20.2)]
        marks.append(polygon(corners, face=colour, edge=INK, line=0.4))
    far = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    north = drawn.say("report.legend.north")
    for at, up, words in ((x, 7.3, "0"), (x + 2 * half, 7.3, far), (arrow, 22.4, north)):
        marks += written(drawn.writing, words, (at, y + up), 6.5, INK, align="middle")
    return marks


def _head(drawn: Board) -> list[Mark]:
    """Write the title, what the map shows, the synthetic mark and the sources."""
    plan, settings, canvas = drawn.plan, drawn.plan.settings, drawn.canvas
    chosen, speed = settings.coverage, settings.walk.speed
    left = EDGE_IN * POINTS_PER_INCH
    minutes = f"{chosen.cutoff_min:g}"
    if drawn.kind:
        kind = drawn.kind_name[:LONGEST_KIND]
        title = drawn.say("report.legend.title", kind=kind, minutes=minutes)
    else:
        title = drawn.say("report.legend.stock_title")
    name = clean(settings.name(drawn.lang))
    parts = [name[:LONGEST_TITLE] if drawn.writing.can(name) else "", str(settings.year or "")]
    if drawn.kind:
        share = plan.coverage.share(drawn.kind, minutes=chosen.cutoff_min, group=chosen.group)
        parts.append(drawn.say("report.legend.all", group=drawn.group(), share=percent(share)))
    parts += [one.in_brief(drawn.lang) for one in plan.area.estimates]
    parts.append(plan.left_out.in_brief(drawn.lang))
    shown = " · ".join(part for part in parts if part)
    metres = number(chosen.cutoff_min * 60 * speed.speed_mps)
    values = {"mps": f"{speed.speed_mps:g}", "metres": metres, "minutes": minutes}
    credit = [clean(words) for words in settings.attribution if drawn.writing.can(clean(words))]
    walk = [drawn.say("report.legend.walk", **values)] if drawn.kind else []
    foot = " · ".join([*walk, *credit])[:LONGEST_CREDIT]
    top, writing = canvas.height, drawn.writing
    marks = written(writing, title, (left, top - 20.2), 11, INK, bold=True)
    marks += written(writing, shown, (left, top - 36.7), 7.5, SOFT)
    if settings.synthetic:
        mark, at = (
            writing.fit(text("words.synthetic", drawn.lang)),
            (canvas.width - left, top - 20.2),
        )
        marks += written(writing, mark, at, 7.5, WARNING, bold=True, align="right")
    return marks + written(writing, foot, (left, 7.2), 6, SOFT)
