"""How the shares of a sweep move with what is varied, as a figure."""

from __future__ import annotations

import io

import matplotlib.style
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, PercentFormatter

from planner.language import Lang, text
from planner.output.report.figures.drawing import INK, SOFT
from planner.output.report.figures.fonts import Pen, pen
from planner.output.report.figures.pictures import STYLE
from planner.scenarios.compute import Sweep

MOST_LINES = 12
MARKERS = "os^DvPX*<>hd"  # one for each of the other scenarios, of which there are no more
MOST_TICKS = 20
WIDTH_IN, HEIGHT_IN, GRID = 8.6, 4.4, "#e2e0da"


def share_curves(found: Sweep, group: str, lang: Lang) -> bytes | None:
    """Draw the share of the people who count, by kind, against the first key that is a number.

    Parameters
    ----------
    found
        The sweep.
    group
        The people who count.
    lang
        Language of the words; English where no font has Chinese characters.

    Returns
    -------
    An SVG; None where fewer than two scenarios have a number to stand at, or lines are too many.
    """
    along = next((key for key in found.varied if _is_axis(found.figures[key])), None)
    if along is None:
        return None
    table = found.figures.assign(scenario=_others(found, along))
    lines = list(table.groupby(["kind", "scenario"], sort=False))
    if len(lines) > MOST_LINES:
        return None
    writing = pen()
    spoken = lang if writing.chinese else "en"
    kinds = found.kinds
    with matplotlib.style.context(STYLE):
        figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), facecolor="white")
        FigureCanvasSVG(figure)
        axes = figure.subplots()
        figure.subplots_adjust(left=0.09, right=0.72, top=0.96, bottom=0.13)
        others_all = list(dict.fromkeys(table["scenario"]))
        for (kind, others), own in lines:
            name = " · ".join(filter(None, [kinds[str(kind)].name(spoken), str(others)]))
            now, after = own[group], own["after"]
            colour = kinds[str(kind)].colour
            sited = bool((own["new_sites"] > 0).any())
            axes.plot(
                own[along], after if sited else now, color=colour, linewidth=1.6,
                marker=MARKERS[others_all.index(others)], markersize=4.2, label=writing.fit(name),
            )  # fmt: skip
            if sited:
                axes.plot(own[along], now, color=colour, linewidth=0.9, linestyle=(0, (3, 3)))
        _dress(axes, sorted(set(table[along])), writing)
        axes.set_xlabel(along, fontproperties=writing.font(8), color=INK)
        axes.set_ylabel(
            writing.fit(text("sweep.page.share", spoken)), fontproperties=writing.font(8), color=INK
        )
        axes.legend(
            loc="upper left", bbox_to_anchor=(1.01, 1.0), prop=writing.font(7.5), frameon=False
        )
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def _is_axis(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and len(set(values)) > 1


def _others(found: Sweep, along: str) -> pd.Series:
    """Name what else tells scenarios apart: their own name, and the other keys."""
    told = {
        n: " · ".join(
            part
            for part in (
                step.scenario,
                *(
                    f"{key.rpartition('.')[2]}={value}"
                    for key, value in step.varied.items()
                    if key != along
                ),
            )
            if part
        )
        for n, step in enumerate(found.steps, start=1)
    }
    return found.figures["step"].map(told)


def _dress(axes: Axes, values: list[float], writing: Pen) -> None:
    """Set the axes: a tick at each value, where there are not too many."""
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    few = len(values) <= MOST_TICKS
    axes.xaxis.set_major_locator(FixedLocator(values) if few else MaxNLocator(MOST_TICKS))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set(color=SOFT, linewidth=0.6)
    axes.tick_params(labelsize=7.5, colors=INK, width=0.6, color=SOFT, length=3)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(writing.font(7.5))
