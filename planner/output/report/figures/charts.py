"""Charts as PNG and SVG: what each further site, or a larger budget, adds."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from planner.district.cost_unit import headed
from planner.language import Lang, text
from planner.language.numbers import measured, number
from planner.output.report.figures.curves import Curve
from planner.output.report.figures.fonts import Pen

INK, SOFT, GRID = "#2b2b2b", "#6b6b6b", "#e2e0da"
LINE, BARS, PLAN, KNEE = "#0b5394", "#8fb0d6", "#c1121f", "#b8860b"
WIDTH_IN, HEIGHT_IN, DOTS_PER_INCH = 7.2, 3.9, 200
MOST_LABELLED = 14
LONGEST_GROUP = 30
MOST_DIGITS = 4
SHARES = ("share", "worst")
APART = 0.03  # of an axis that bars must stand apart to be labelled


def chart(
    curve: Curve, lang: Lang, writing: Pen, *, group: str, cost_unit: str | None = None
) -> Figure:
    """Draw a curve, and below it what each point adds to the one before.

    Parameters
    ----------
    curve
        The curve.
    lang
        Language of the words.
    writing
        The fonts.
    group
        Name of the people who count.
    cost_unit
        The unit of the candidates' costs, where it is known.

    Returns
    -------
    The figure.
    """
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DOTS_PER_INCH, facecolor="white")
    with_gain = curve.up == "covered" and len(curve.x) > 1
    if with_gain:
        upper, lower = figure.subplots(
            2, 1, sharex=True, height_ratios=[2.1, 1], gridspec_kw={"hspace": 0.12}
        )
    else:
        upper = lower = figure.subplots()
    figure.subplots_adjust(left=0.115, right=0.9, top=0.965, bottom=0.14)
    pen = _Chart(curve=curve, lang=lang, writing=writing, group=group, cost_unit=cost_unit)
    pen.rise(upper)
    if with_gain:
        pen.gains(lower)
    pen.foot(lower)
    figure.align_ylabels()
    return figure


class _Chart:
    """Draws a curve in a language."""

    def __init__(
        self, *, curve: Curve, lang: Lang, writing: Pen, group: str, cost_unit: str | None
    ) -> None:
        self.curve, self.lang, self.writing, self.group = curve, lang, writing, group
        self.cost_unit = cost_unit

    def say(self, key: str, /, **values: object) -> str:
        """Return a text of the chart, in letters that its font has.

        Parameters
        ----------
        key
            The text's name below ``report.chart``.
        **values
            What it is filled with.
        """
        told = self.writing.fit(text(f"report.chart.{key}", self.lang, **values))
        return told.replace("$", r"\$")

    def rise(self, axes: Axes) -> None:
        """Draw the points, the proposed plan, the knee, and the share of all on the right.

        Parameters
        ----------
        axes
            The axes that are drawn on.
        """
        curve = self.curve
        x, y, proven = np.array(curve.x), np.array(curve.y), np.array(curve.proven)
        self._dress(axes)
        style: dict[str, Any] = {"color": LINE, "linewidth": 1.3, "zorder": 3}
        if curve.stepped:
            axes.step(x, y, where="post", **style)
        else:
            axes.plot(x, y, **style)
        key = "step" if curve.stepped else "proven" if curve.up == "covered" else "both"
        for sure, face, label in ((True, LINE, key), (False, "white", "unproven")):
            own = proven == sure
            if own.any():
                axes.plot(
                    x[own], y[own], linestyle="", marker="o", markersize=4.2, zorder=4,
                    markerfacecolor=face, markeredgecolor=LINE, label=self.say(label),
                )  # fmt: skip
        slack = np.abs(np.array(curve.bound) - y)
        if (slack > 1e-9 * np.abs(y)).any():
            reach = np.vstack([np.zeros_like(slack), slack])
            axes.errorbar(
                x, y, yerr=reach, fmt="none", ecolor=SOFT, elinewidth=0.8, capsize=2.5, zorder=2,
                label=self.say("bound"),
            )  # fmt: skip
        if curve.knee is not None:
            axes.axvline(x[curve.knee], color=KNEE, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
            axes.plot([], [], color=KNEE, linewidth=0.9, linestyle=(0, (4, 3)), label=self._knee())
        if curve.plan is not None:
            axes.plot(
                *curve.plan, linestyle="", marker="o", markersize=10, markerfacecolor="none",
                markeredgecolor=PLAN, markeredgewidth=1.6, zorder=5, label=self.say("plan"),
            )  # fmt: skip
        axes.set_ylabel(self._unit(curve.up), fontproperties=self.writing.font(8), color=INK)
        axes.yaxis.set_major_formatter(_Figures(percent=curve.up in SHARES))
        low, high = axes.get_ylim()
        axes.set_ylim(low - 0.04 * (high - low), high + 0.06 * (high - low))
        if curve.up == "covered" and curve.total > 0:
            share = axes.twinx()
            share.set_ylim(*(limit / curve.total for limit in axes.get_ylim()))
            share.yaxis.set_major_formatter(_Figures(percent=True))
            share.set_ylabel(self._unit("share"), fontproperties=self.writing.font(8), color=INK)
            for side, spine in share.spines.items():
                spine.set_visible(side == "right")
                spine.set(color=SOFT, linewidth=0.6)
            self._ticks(share)
        falls = len(y) > 1 and y[-1] < y[0]
        axes.legend(
            loc="lower left" if falls else "lower right", prop=self.writing.font(7.5),
            frameon=True, framealpha=0.9, edgecolor=GRID, labelcolor=INK,
        )  # fmt: skip

    def gains(self, axes: Axes) -> None:
        """Draw what each point adds to the one before.

        Parameters
        ----------
        axes
            The axes that are drawn on.
        """
        curve = self.curve
        x, gain = np.array(curve.x[1:]), np.array(curve.gain[1:])
        self._dress(axes)
        narrowest = float(np.diff(curve.x).min())
        axes.bar(
            x,
            gain,
            width=max(0.62 * narrowest, 0.006 * (curve.x[-1] - curve.x[0])),
            color=BARS,
            edgecolor="none",
            zorder=3,
        )
        axes.set_ylim(0, max(float(gain.max()), 1.0) * 1.28)
        key = "each" if curve.along == "sites" else "more"
        axes.set_ylabel(self.say(key), fontproperties=self.writing.font(8), color=INK)
        axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.yaxis.set_major_formatter(_Figures(percent=False))
        width = curve.x[-1] - curve.x[0]
        if len(x) <= MOST_LABELLED and narrowest >= APART * width:
            for at, value in zip(x, gain, strict=True):
                axes.annotate(
                    number(value), (at, value), xytext=(0, 1.5), textcoords="offset points",
                    ha="center", va="bottom", color=INK, fontproperties=self.writing.font(6.5),
                )  # fmt: skip

    def foot(self, axes: Axes) -> None:
        """Name the axis along.

        Parameters
        ----------
        axes
            The axes that are drawn on.
        """
        key = "order" if self.curve.stepped else self.curve.along
        axes.set_xlabel(self._unit(key), fontproperties=self.writing.font(8), color=INK)
        whole = self.curve.along == "sites"
        axes.xaxis.set_major_locator(MaxNLocator(12, integer=whole))
        if not whole:
            axes.xaxis.set_major_formatter(_Figures(percent=self.curve.along in SHARES))

    def _dress(self, axes: Axes) -> None:
        axes.grid(axis="y", color=GRID, linewidth=0.6, zorder=0)
        for side, spine in axes.spines.items():
            spine.set_visible(side in {"left", "bottom"})
            spine.set(color=SOFT, linewidth=0.6)
        self._ticks(axes)

    def _ticks(self, axes: Axes) -> None:
        # To ask for the labels would place all ticks, which the next limits place anew.
        families: Any = list(self.writing.families)
        axes.tick_params(
            labelsize=7.5, labelfontfamily=families, colors=INK, width=0.6, color=SOFT, length=3
        )

    def _knee(self) -> str:
        assert self.curve.knee is not None  # noqa: S101  asked only where there is one
        at = self.curve.x[self.curve.knee]
        key = "knee_sites" if self.curve.along == "sites" else "knee"
        return self.say(key, at=measured(at))

    def _unit(self, measured: str) -> str:
        told = self.say(f"of_{measured}", group=self.group[:LONGEST_GROUP])
        if measured != "cost":
            return told
        return self.writing.fit(headed(told, self.cost_unit, self.lang))


class _Figures(Formatter):
    """Writes the figures of an axis with as many decimals as tell them apart; shares as percent."""

    def __init__(self, *, percent: bool) -> None:
        self.percent = percent

    def __call__(self, value: float, pos: int | None = None) -> str:
        """Write one figure alone."""
        del pos
        return self.format_ticks([value])[0]

    def format_ticks(self, values: list[float]) -> list[str]:
        """Return the figures of an axis, with as many decimals as tell them apart.

        Parameters
        ----------
        values
            Where the ticks are; shares from 0 to 1.
        """
        scale, sign = (100.0, "%") if self.percent else (1.0, "")
        shown = [float(value) * scale for value in values]
        digits = next(
            (n for n in range(MOST_DIGITS) if all(abs(at - round(at, n)) < 1e-6 for at in shown)),
            MOST_DIGITS,
        )
        return [f"{at:,.{digits}f}{sign}" for at in shown]
