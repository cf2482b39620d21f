"""Still maps and charts, as PNG and SVG for documents and print.

They are drawn on figures of their own, maps in the metric CRS of the plan, and leave no trace in
matplotlib's settings. The same plan gives the same bytes. An SVG holds its words as outlines, so
that it looks the same where the fonts are missing.
"""

from __future__ import annotations

import io
import math
import re
from typing import Any, Literal, get_args

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from planner.language import Lang, group_name, text
from planner.language.numbers import number, percent
from planner.output.report.content import Picture, clean
from planner.output.report.figures import curves
from planner.output.report.figures.charts import chart
from planner.output.report.figures.drawing import INK, SOFT, Board
from planner.output.report.figures.fonts import Pen, pen
from planner.output.report.figures.raster import png
from planner.output.report.tables import tables
from planner.study.scenario import Plan
from planner.study.siting_study import SitingAnswer

Form = Literal["png", "svg"]
FORMS: tuple[Form, ...] = get_args(Form)
STYLE: list[Any] = ["default", {"svg.hashsalt": "planner"}]

GROUND, WARNING = "#f4f2ec", "#b00020"
MAP_WIDTH_IN, SIDE_WIDTH_IN, HEAD_IN, FOOT_IN, EDGE_IN = 5.2, 1.85, 0.62, 0.3, 0.08
SHORTEST_IN, TALLEST_IN = 3.6, 6.4
DOTS_PER_INCH = 200
MARGIN_SHARE = 0.03
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
    with matplotlib.style.context(STYLE):
        drawn = chart(found, lang, writing, group=names, cost_unit=plan.area.cost_unit)
        return _written(drawn, forms)


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
    # The user's own matplotlib settings must not change the picture, nor the picture those.
    with matplotlib.style.context(STYLE):
        return _written(_draw(plan, kind, lang, answer, writing), forms)


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
    with matplotlib.style.context(STYLE):
        drawn = _draw(plan, None, lang if writing.chinese else "en", None, writing)
        return _written(drawn, forms)


def _answer(plan: Plan, kind: str, question: int | None) -> SitingAnswer | None:
    if question is None:
        return next((answer for answer in plan.siting if answer.question.kind == kind), None)
    return plan.siting[question - 1] if question else None


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
) -> Figure:
    """Draw the map of a kind, or of the stock of all kinds where none is named."""
    bounds = plan.area.communities.total_bounds
    margin = MARGIN_SHARE * max(bounds[2] - bounds[0], bounds[3] - bounds[1], 100.0)
    west, south, east, north = bounds + np.array([-margin, -margin, margin, margin])
    height = MAP_WIDTH_IN * (north - south) / (east - west)
    shown = min(max(height, SHORTEST_IN), TALLEST_IN)
    # The map keeps its width; what is too tall or too flat gets ground around it.
    metres_per_inch = max((east - west) / MAP_WIDTH_IN, (north - south) / shown)
    x, y = (west + east) / 2, (south + north) / 2
    half_w, half_h = MAP_WIDTH_IN * metres_per_inch / 2, shown * metres_per_inch / 2
    view = (x - half_w, y - half_h, x + half_w, y + half_h)
    width, whole = MAP_WIDTH_IN + SIDE_WIDTH_IN + 2 * EDGE_IN, shown + HEAD_IN + FOOT_IN
    figure = Figure(figsize=(width, whole), dpi=DOTS_PER_INCH, facecolor="white")

    def axes_at(left: float, bottom: float, wide: float, tall: float) -> Axes:
        axes = figure.add_axes((left / width, bottom / whole, wide / width, tall / whole))
        axes.set(xticks=[], yticks=[])
        return axes

    board = axes_at(EDGE_IN, FOOT_IN, MAP_WIDTH_IN, shown)
    for spine in board.spines.values():
        spine.set(linewidth=0.5, color=SOFT)
    board.set(xlim=(view[0], view[2]), ylim=(view[1], view[3]), facecolor=GROUND)
    pixel = metres_per_inch / DOTS_PER_INCH
    drawn = Board(
        axes=board, plan=plan, kind=kind or "", lang=lang, writing=writing, view=view, pixel=pixel
    )
    handles = drawn.draw(answer) if kind else drawn.draw_stock()
    legend = "report.legend.share" if kind else "report.legend.stock"
    side = axes_at(EDGE_IN + MAP_WIDTH_IN, FOOT_IN, SIDE_WIDTH_IN, shown)
    side.set(xlim=(0, SIDE_WIDTH_IN), ylim=(0, shown))
    side.axis("off")
    side.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.02, 1.0),
        frameon=False,
        title=drawn.line(legend, group=drawn.group()),
        alignment="left",
        title_fontproperties=drawn.writing.font(7.5, bold=True),
        prop=drawn.writing.font(7.5),
        labelcolor=INK,
        handlelength=1.8,
        labelspacing=0.55,
        borderaxespad=0.2,
    )
    _scale(side, metres_per_inch, drawn)
    _head(figure, drawn)
    return figure


def _scale(side: Axes, metres_per_inch: float, drawn: Board) -> None:
    """Draw the scale bar and the north arrow at the foot of the legend."""
    most = metres_per_inch * (SIDE_WIDTH_IN - 0.75)
    step = 10 ** math.floor(math.log10(most))
    length = max(n * step for n in (1, 2, 5) if n * step <= most)
    half = length / metres_per_inch / 2
    left, foot, tall = 0.16, 0.12, 0.05
    for n, colour in enumerate((INK, "white")):
        bar = Rectangle((left + n * half, foot), half, tall)
        bar.set(facecolor=colour, edgecolor=INK, linewidth=0.5)
        side.add_patch(bar)
    far = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    x = SIDE_WIDTH_IN - 0.22
    for wing, colour in ((-0.08, INK), (0.08, "white")):
        arrow = Polygon([(x + wing, foot), (x, foot + 0.06), (x, foot + 0.28)])
        arrow.set(facecolor=colour, edgecolor=INK, linewidth=0.4)
        side.add_patch(arrow)
    north = drawn.say("report.legend.north")
    for at, up, words in ((left, 0.08, "0"), (left + 2 * half, 0.08, far), (x, 0.29, north)):
        font = drawn.writing.font(6.5)
        side.text(at, foot + up, words, fontproperties=font, color=INK, ha="center", va="bottom")


def _head(figure: Figure, drawn: Board) -> None:
    """Write the title, what the map shows, the synthetic mark and the sources."""
    plan, settings = drawn.plan, drawn.plan.settings
    chosen, speed = settings.coverage, settings.walk.speed
    wide, tall = figure.get_size_inches()
    left = EDGE_IN / wide
    minutes = f"{chosen.cutoff_min:g}"

    def write(x: float, y: float, words: str, size: float, *, bold: bool, **style: Any) -> None:
        font = drawn.writing.font(size, bold=bold)
        figure.text(x, y / tall, words.replace("$", r"\$"), fontproperties=font, **style)

    if drawn.kind:
        kind = drawn.kind_name[:LONGEST_KIND]
        title = drawn.say("report.legend.title", kind=kind, minutes=minutes)
    else:
        title = drawn.say("report.legend.stock_title")
    write(left, tall - 0.28, title, 11, bold=True, color=INK)
    name = clean(settings.name(drawn.lang))
    parts = [name[:LONGEST_TITLE] if drawn.writing.can(name) else "", str(settings.year or "")]
    if drawn.kind:
        share = plan.coverage.share(drawn.kind, minutes=chosen.cutoff_min, group=chosen.group)
        parts.append(drawn.say("report.legend.all", group=drawn.group(), share=percent(share)))
    parts += [one.in_brief(drawn.lang) for one in plan.area.estimates]
    parts.append(plan.left_out.in_brief(drawn.lang))
    line = " · ".join(part for part in parts if part)
    write(left, tall - 0.51, line, 7.5, bold=False, color=SOFT)
    if settings.synthetic:
        mark = drawn.writing.fit(text("words.synthetic", drawn.lang))
        write(1 - left, tall - 0.28, mark, 7.5, bold=True, color=WARNING, ha="right")
    metres = number(chosen.cutoff_min * 60 * speed.speed_mps)
    values = {"mps": f"{speed.speed_mps:g}", "metres": metres, "minutes": minutes}
    credit = [clean(words) for words in settings.attribution if drawn.writing.can(clean(words))]
    walk = [drawn.say("report.legend.walk", **values)] if drawn.kind else []
    line = " · ".join([*walk, *credit])
    write(left, 0.1, line[:LONGEST_CREDIT], 6, bold=False, color=SOFT)
