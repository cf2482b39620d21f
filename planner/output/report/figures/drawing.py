"""The layers of a still map: shaded communities, water and hills, circles, facilities, sites."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import is_color_like
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from planner.language import Lang, group_name, text
from planner.language.numbers import number
from planner.output.palette import BACKDROP, SHARE_BOUNDS, SHARE_COLOURS, SITE_COLOUR
from planner.output.report.content import clean
from planner.output.report.figures.fonts import Pen, broken
from planner.study.scenario import Plan
from planner.study.siting_study import SitingAnswer

NOBODY, LEFT_OUT = "#e3e1dc", "#ffffff"
INK, SOFT, BORDER = "#2b2b2b", "#6b6b6b", "#5f5a66"
DASHES = (0, (4, 2.5))  # of circles that are not there yet
MAIN_STREETS = ("motorway", "trunk", "primary", "secondary", "tertiary")

LEGEND_ROOM = 26
DENSE_VIEW_M = 8000.0
CRUMB_PIXELS = 6
MOST_LABELS, LONGEST_LABEL = 40, 24
MOST_NUMBERED = 30
MANY_FACILITIES = 120


T = TypeVar("T")
Runs = list[NDArray[np.float64]]  # lines of x and y


@dataclass(frozen=True, kw_only=True)
class Board:
    """The axes that the map is drawn on, with what is drawn."""

    axes: Axes
    plan: Plan
    kind: str
    lang: Lang
    writing: Pen
    view: tuple[float, float, float, float]
    pixel: float

    def say(self, key: str, /, **values: object) -> str:
        """Return a text of the catalogue, with a mark where a character cannot be drawn.

        Parameters
        ----------
        key
            Name of the text, ``file.entry``.
        **values
            Values of its placeholders.

        Returns
        -------
        The text in the picture's language.
        """
        return self.writing.fit(text(key, self.lang, **values))

    def line(self, key: str, /, **values: object) -> str:
        """Return a text of the legend, broken into lines that fit beside the map.

        Parameters
        ----------
        key
            Name of the text, ``file.entry``.
        **values
            Values of its placeholders.

        Returns
        -------
        The lines.
        """
        return broken(self.say(key, **values), LEGEND_ROOM)

    @property
    def colour(self) -> str:
        """Colour of the kind of facility."""
        colour = self.plan.area.kinds[self.kind].colour
        return colour if is_color_like(colour) else SOFT

    @property
    def kind_name(self) -> str:
        """Name of the kind of facility."""
        kind = self.plan.area.kinds[self.kind]
        name = clean(kind.name(self.lang))
        return self.writing.fit(name if self.writing.can(name) else kind.en)

    def draw(self, answer: SitingAnswer | None) -> list[Artist]:
        """Draw all layers, lowest first.

        Parameters
        ----------
        answer
            The siting answer whose sites are drawn; None for none.

        Returns
        -------
        What the legend shows.
        """
        legend = self._communities()
        legend += self._backdrop()
        self._streets()
        self._borders()
        legend += self._circles()
        legend += self._facilities()
        if answer is not None and len(answer.sites):
            legend += self._sites(answer)
        self._names()
        return legend

    def draw_stock(self) -> list[Artist]:
        """Draw where the facilities in operation of all kinds reported on stand.

        Returns
        -------
        What the legend shows.
        """
        shapes = self.plan.area.communities.geometry
        paths = self._once("communities", lambda: self._paths(shapes))
        self._fill(paths, NOBODY, edge="#ffffff", line=0.35, order=1)
        backdrop = self._backdrop()
        self._streets()
        self._borders()
        operating = self.plan.area.operating
        placed = operating[~operating.geometry.is_empty & operating.geometry.notna()]
        legend: list[Artist] = []
        many = len(placed) > MANY_FACILITIES
        for kind in self.plan.kinds:
            own = placed[placed["kind"] == kind]
            if len(own):
                board = replace(self, kind=kind)
                self.axes.scatter(
                    own.geometry.x, own.geometry.y, s=9.0 if many else 16.0,
                    facecolors=board.colour, edgecolors="white", linewidths=0.4, zorder=7,
                )  # fmt: skip
                key = "report.legend.facility"
                label = self.line(key, kind=board.kind_name, n=number(len(own)))
                legend.append(self._dot(board.colour, "#888888", label))
        self._names()
        return [*legend, *backdrop]

    def _communities(self) -> list[Artist]:
        """Shade communities by the share covered within the limit."""
        units = self.plan.coverage.units
        share = units[units["kind"] == self.kind].set_index("community")["share"]
        frame = self.plan.area.communities
        values = share.reindex(frame.index)
        inside = frame["inside"].astype(bool)
        classes = np.digitize(values.to_numpy(float, na_value=np.nan), SHARE_BOUNDS)
        blank = values.isna().to_numpy()
        colours = np.array(SHARE_COLOURS, dtype=object)[np.minimum(classes, len(SHARE_BOUNDS))]
        colours[blank] = NOBODY
        colours[~inside.to_numpy()] = LEFT_OUT
        paths = self._once("communities", lambda: self._paths(frame.geometry))
        self._fill(paths, colours, edge="#ffffff", line=0.35, order=1)
        edges = [0.0, *SHARE_BOUNDS, 1.0]
        legend: list[Artist] = []
        for (low, high), colour in zip(itertools.pairwise(edges), SHARE_COLOURS, strict=True):
            label = f"{low * 100:.0f}–{high * 100:.0f}%"
            legend.append(Patch(facecolor=colour, edgecolor="#bbbbbb", linewidth=0.4, label=label))
        for there, colour, key in (
            (bool((blank & inside.to_numpy()).any()), NOBODY, "report.legend.nobody"),
            (not inside.all(), LEFT_OUT, "report.legend.left_out"),
        ):
            if there:
                label = self.line(key)
                legend.append(
                    Patch(facecolor=colour, edgecolor="#bbbbbb", linewidth=0.4, label=label)
                )
        return legend

    def group(self) -> str:
        """Name the people who count."""
        group = self.plan.settings.coverage.group
        return self.writing.fit(clean(group_name(group, self.lang, form="whom")))

    def _backdrop(self) -> list[Artist]:
        backdrop = self.plan.area.backdrop
        if backdrop is None or backdrop.empty:
            return []
        legend: list[Artist] = []
        for kind, colour in BACKDROP.items():
            own = backdrop[backdrop["kind"] == kind]
            if own.empty:
                continue
            paths = self._once(f"ground {kind}", partial(self._clipped, own))
            self._fill(paths, colour, edge=colour, line=0.3, order=0 if kind == "industry" else 2)
            if kind in ("hill", "park", "water"):
                label = self.line(f"report.legend.{kind}")
                legend.append(Patch(facecolor=colour, label=label))
        return legend

    def _streets(self) -> None:
        """Draw streets: only the main ones where all would make a grey mass."""
        streets = self.plan.area.streets
        main = self._once("main streets", lambda: _is_main(streets))
        wide = self.view[2] - self.view[0] > DENSE_VIEW_M
        if not (wide and main.any()):
            runs = self._once("side runs", lambda: self._runs(streets.geometry[~main]))
            self._lines(runs, "#b9b4ab", 0.22 if wide else 0.4, 3)
        runs = self._once("main runs", lambda: self._runs(streets.geometry[main]))
        self._lines(runs, "#a29c90", 0.5 if wide else 0.8, 3)

    def _runs(self, lines: gpd.GeoSeries) -> Runs:
        """Merge lines at their ends and thin them to what a pixel shows."""
        if lines.empty:
            return []
        parts = shapely.get_parts(lines.to_numpy())
        merged = shapely.line_merge(shapely.multilinestrings(parts))
        thin = shapely.simplify(merged, self.pixel, preserve_topology=False)
        return [shapely.get_coordinates(part) for part in shapely.get_parts(thin)]

    def _lines(
        self, runs: Runs, colour: str, width: float, order: float, dashes: Any = "solid"
    ) -> None:
        """Draw lines as one path: one by one they take most of a picture's time and room."""
        if not runs:
            return
        path = Path.make_compound_path(*(Path(run) for run in runs))
        patch = PathPatch(
            path, facecolor="none", edgecolor=colour, linewidth=width, zorder=order,
            linestyle=dashes, joinstyle="round",
        )  # fmt: skip
        patch.set_transform(self.axes.transData)
        patch.set_clip_path(self.axes.patch)
        self.axes.add_artist(patch)

    def _borders(self) -> None:
        dashes = (0, (4, 2)) if self.plan.area.is_estimated("boundaries") else "solid"
        self._lines(self._once("borders", self._border_runs), BORDER, 0.7, 4, dashes)

    def _border_runs(self) -> Runs:
        shapes = list(self.towns.geometry) or [self.plan.area.communities.union_all()]
        rings = shapely.get_rings(shapely.simplify(shapes, self.pixel))
        return [shapely.get_coordinates(ring) for ring in rings]

    @property
    def towns(self) -> gpd.GeoDataFrame:
        """The streets (towns) that communities belong to."""
        frame = self.plan.area.communities[["street", "geometry"]]
        named = frame[frame["street"].notna()]
        return self._once("towns", lambda: named.dissolve("street", sort=False))

    def _once(self, what: str, make: Callable[[], T]) -> T:
        """Make what the pictures of a plan share once: the ground is the same under every kind."""
        key = f"picture {what} {self.pixel:.9g} {self.view}"
        kept = self.plan.kept
        if key not in kept:
            kept[key] = make()
        found: T = kept[key]
        return found

    def _circles(self) -> list[Artist]:
        cutoff = self.plan.settings.coverage.cutoff_min
        rings = self.plan.rings
        own = rings[(rings["kind"] == self.kind) & (rings["minutes"] == cutoff)]
        shapes = shapely.get_parts(own.geometry.dropna().to_numpy())
        if not len(shapes):
            return []
        self._outline(shapes, self.colour, 0.9, 5)
        label = self.line("report.legend.circle", minutes=f"{cutoff:g}")
        return [Line2D([], [], color=self.colour, linewidth=1.1, label=label)]

    def _outline(
        self, shapes: Any, colour: str, width: float, order: float, dashes: Any = "solid"
    ) -> None:
        # Crumbs and pinholes that print as dots are left out.
        small = (CRUMB_PIXELS * self.pixel) ** 2
        rings = shapely.get_rings(shapely.simplify(shapes, self.pixel, preserve_topology=False))
        seen = rings[shapely.area(shapely.polygons(rings)) > small]
        self._lines([shapely.get_coordinates(ring) for ring in seen], colour, width, order, dashes)

    def _facilities(self) -> list[Artist]:
        frame = self.plan.area.facilities
        own = frame[
            (frame["kind"] == self.kind) & ~frame.geometry.is_empty & frame.geometry.notna()
        ]
        legend: list[Artist] = []
        size = 14.0 if len(own) <= MANY_FACILITIES else 7.0
        for operating, key in ((False, "report.legend.planned"), (True, "report.legend.facility")):
            rows = own[own["operating"].astype(bool) == operating]
            if rows.empty:
                continue
            face, edge = (self.colour, "white") if operating else ("white", self.colour)
            self.axes.scatter(
                rows.geometry.x, rows.geometry.y, s=size, facecolors=face, edgecolors=edge,
                linewidths=0.5 if operating else 0.9, zorder=7,
            )  # fmt: skip
            label = self.line(key, kind=self.kind_name, n=number(len(rows)))
            legend.insert(0, self._dot(face, edge if operating is False else "#888888", label))
        return legend

    def _dot(self, face: str, edge: str, label: str) -> Line2D:
        return Line2D(
            [], [], linestyle="", marker="o", markersize=4.5, markerfacecolor=face,
            markeredgecolor=edge, markeredgewidth=0.6, label=label,
        )  # fmt: skip

    def _sites(self, answer: SitingAnswer) -> list[Artist]:
        rings = shapely.get_parts(answer.rings.geometry.dropna().to_numpy())
        if len(rings):
            self._outline(rings, self.colour, 0.9, 6, dashes=DASHES)
        sites = answer.sites
        many = len(sites) > MOST_NUMBERED
        self.axes.scatter(
            sites.geometry.x, sites.geometry.y, s=16 if many else 62, marker="o",
            facecolors=SITE_COLOUR, edgecolors="white", linewidths=0.7, zorder=9,
        )  # fmt: skip
        if not many:
            for rank, point in zip(sites["rank"], sites.geometry, strict=True):
                self.axes.text(
                    point.x, point.y, f"{rank:.0f}", color="white", ha="center",
                    va="center_baseline", zorder=10, clip_on=True,
                    fontproperties=self.writing.font(5.5, bold=True),
                )  # fmt: skip
        label = self.line("report.legend.sites", n=number(len(sites)))
        circle = self.line("report.legend.site_circle", minutes=f"{answer.minutes:g}")
        return [
            self._dot(SITE_COLOUR, "white", label),
            Line2D([], [], color=self.colour, linewidth=1.1, linestyle=DASHES, label=circle),
        ]

    def _names(self) -> None:
        """Name the streets (towns); a name that cannot be written is left out."""
        towns = self.towns
        if len(towns) > MOST_LABELS:
            return
        for name, shape in zip(towns.index, towns.geometry, strict=True):
            words = clean(name)
            if not self.writing.can(words) or len(words) > LONGEST_LABEL:
                continue
            point = shapely.point_on_surface(shape)
            self.axes.text(
                point.x, point.y, words.replace("$", r"\$"), color=INK, ha="center", va="center",
                fontproperties=self.writing.font(6.5), zorder=8, clip_on=True,
                path_effects=[withStroke(linewidth=1.8, foreground="white", alpha=0.85)],
            )  # fmt: skip

    def _clipped(self, ground: gpd.GeoDataFrame) -> list[Path | None]:
        box = shapely.box(*self.view)
        valid = shapely.make_valid(ground.geometry.to_numpy())
        return self._paths(shapely.intersection(valid, box))

    def _paths(self, shapes: Any) -> list[Path | None]:
        """Make a path of each polygon, holes left open; None where there is nothing."""
        shapes = np.asarray(shapes, dtype=object)
        return [_path(shape) for shape in shapely.simplify(shapes, self.pixel / 2)]

    def _fill(
        self, paths: list[Path | None], colours: Any, *, edge: str, line: float, order: float
    ) -> None:
        each = [colours] * len(paths) if isinstance(colours, str) else list(colours)
        drawn = [(path, face) for path, face in zip(paths, each, strict=True) if path is not None]
        self.axes.add_collection(
            PathCollection(
                [path for path, _ in drawn],
                facecolors=[face for _, face in drawn],
                edgecolors=edge,
                linewidths=line,
                zorder=order,
            ),
            autolim=False,
        )


def _is_main(streets: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which streets are main ones, by their tag ``highway``."""
    if "highway" not in streets:
        return np.zeros(len(streets), dtype=bool)
    tag = streets["highway"].map(lambda t: t[0] if isinstance(t, list) and t else t)
    plain = tag.astype(str).str.removesuffix("_link")
    return np.asarray(plain.isin(MAIN_STREETS), dtype=bool)


def _path(shape: Any) -> Path | None:
    """Make one path of a polygon's or multipolygon's rings."""
    rings: list[Path] = []
    for part in shapely.get_parts(shape) if shape is not None else ():
        if shapely.get_type_id(part) == 3 and not part.is_empty:
            oriented = shapely.orient_polygons(part)
            rings += [
                Path(shapely.get_coordinates(ring), closed=True)
                for ring in shapely.get_rings(oriented)
            ]
    return Path.make_compound_path(*rings) if rings else None
