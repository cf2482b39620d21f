"""The layers of a still map: shaded communities, water and hills, circles, facilities, sites."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeVar

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.colors import is_color_like
from numpy.typing import NDArray

from planner.language import Lang, group_name, text
from planner.language.numbers import number
from planner.output.palette import BACKDROP, SHARE_BOUNDS, SHARE_COLOURS, SITE_COLOUR
from planner.output.report.content import clean
from planner.output.report.figures.canvas import Canvas, Dots, Layer, Mark, Shape
from planner.output.report.figures.fonts import Pen, broken
from planner.output.report.figures.frame import Frame
from planner.output.report.figures.lettering import written
from planner.study.plan import Plan
from planner.study.siting_study import SitingAnswer

NOBODY, LEFT_OUT = "#e3e1dc", "#ffffff"
INK, SOFT, BORDER = "#2b2b2b", "#6b6b6b", "#5f5a66"
DASHES = (4.0, 2.5)  # of circles that are not there yet, in widths of their line
ESTIMATED_DASHES = (4.0, 2.0)
MAIN_STREETS = ("motorway", "trunk", "primary", "secondary", "tertiary")

LEGEND_ROOM = 26
DENSE_VIEW_M = 8000.0
CRUMB_PIXELS = 6
MOST_LABELS, LONGEST_LABEL = 40, 24
MOST_NUMBERED = 30
MANY_FACILITIES = 120


T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the legend: what is drawn beside its words."""

    label: str
    shows: Literal["area", "line", "dot"]
    face: str
    edge: str
    dashes: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Board:
    """The page that the map is drawn on, with what is drawn."""

    canvas: Canvas
    plan: Plan
    kind: str
    lang: Lang
    writing: Pen
    frame: Frame

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

    def draw(self, answer: SitingAnswer | None) -> list[Entry]:
        """Draw all layers, lowest first.

        Parameters
        ----------
        answer
            The siting answer whose sites are drawn; None for none.

        Returns
        -------
        What the legend shows.
        """
        self._share("industry", lambda: self._ground(["industry"]))
        legend = self._communities()
        self._share("ground", self._above_communities)
        legend += self._backdrop()
        legend += self._circles()
        sites = self._sites(answer) if answer is not None and len(answer.sites) else ([], [])
        facilities = self._facilities()
        self._share("names", self._names)
        self._put(*sites[0])
        return legend + facilities + sites[1]

    def draw_stock(self) -> list[Entry]:
        """Draw where the facilities in operation of all kinds reported on stand.

        Returns
        -------
        What the legend shows.
        """
        self._share("industry", lambda: self._ground(["industry"]))
        self._put(*self._shaded(itertools.repeat(NOBODY)))
        self._share("ground", self._above_communities)
        operating = self.plan.area.operating
        placed = operating[~operating.geometry.is_empty & operating.geometry.notna()]
        legend: list[Entry] = []
        many = len(placed) > MANY_FACILITIES
        for kind in self.plan.kinds:
            own = placed[placed["kind"] == kind]
            if len(own):
                board = replace(self, kind=kind)
                self._put(self._dots(own, 1.5 if many else 2.0, board.colour, "#ffffff", 0.4))
                label = self.line(
                    "report.legend.facility", kind=board.kind_name, n=number(len(own))
                )
                legend.append(_dot(board.colour, "#888888", label))
        self._share("names", self._names)
        return [*legend, *self._backdrop()]

    def _put(self, *marks: Mark) -> None:
        self.canvas.put(*marks, box=self.frame.box)

    def _share(self, what: str, make: Callable[[], list[Mark]]) -> None:
        """Draw a layer that is the same in every picture of the plan."""
        self.canvas.share(self._once(what, lambda: Layer(make(), self.frame.box)))

    def _once(self, what: str, make: Callable[[], T]) -> T:
        """Make what the pictures of a plan share once: the ground is the same under every kind."""
        key = f"picture {what} {self.frame} {self.writing.families}"
        kept = self.plan.kept
        if key not in kept:
            kept[key] = make()
        found: T = kept[key]
        return found

    def _communities(self) -> list[Entry]:
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
        self._put(*self._shaded(colours))
        edges = [0.0, *SHARE_BOUNDS, 1.0]
        legend = [
            _area(colour, f"{low * 100:.0f}–{high * 100:.0f}%")
            for (low, high), colour in zip(itertools.pairwise(edges), SHARE_COLOURS, strict=True)
        ]
        for there, colour, key in (
            (bool((blank & inside.to_numpy()).any()), NOBODY, "report.legend.nobody"),
            (not inside.all(), LEFT_OUT, "report.legend.left_out"),
        ):
            if there:
                legend.append(_area(colour, self.line(key)))
        return legend

    def _shaded(self, colours: Iterable[str]) -> list[Mark]:
        shapes = self.plan.area.communities.geometry
        outlines = self._once("communities", lambda: self.frame.outlines(shapes))
        return [
            Shape(outline=outline, face=colour, edge="#ffffff", line=0.35)
            for outline, colour in zip(outlines, colours, strict=False)
            if outline is not None
        ]

    def group(self) -> str:
        """Name the people who count."""
        group = self.plan.settings.coverage.group
        return self.writing.fit(clean(group_name(group, self.lang, form="whom")))

    def _backdrop(self) -> list[Entry]:
        backdrop = self.plan.area.backdrop
        there = () if backdrop is None else set(backdrop["kind"])
        return [
            _area(BACKDROP[kind], self.line(f"report.legend.{kind}"), edge=BACKDROP[kind])
            for kind in ("hill", "park", "water")
            if kind in there
        ]

    def _above_communities(self) -> list[Mark]:
        kinds = [kind for kind in BACKDROP if kind != "industry"]
        return [*self._ground(kinds), *self._streets(), *self._borders()]

    def _ground(self, kinds: list[str]) -> list[Mark]:
        """Draw land and water of some kinds, cut at the frame of the map."""
        backdrop = self.plan.area.backdrop
        marks: list[Mark] = []
        if backdrop is None:
            return marks
        for kind in kinds:
            own = backdrop.geometry[backdrop["kind"] == kind]
            valid = shapely.make_valid(own.to_numpy())
            cut = shapely.intersection(valid, shapely.box(*self.frame.view))
            colour = BACKDROP[kind]
            marks += [
                Shape(outline=outline, face=colour, edge=colour, line=0.3)
                for outline in self.frame.outlines(cut)
                if outline is not None
            ]
        return marks

    def _streets(self) -> list[Mark]:
        """Draw streets: only the main ones where all would make a grey mass."""
        streets = self.plan.area.streets
        main = _is_main(streets)
        wide = self.frame.view[2] - self.frame.view[0] > DENSE_VIEW_M
        marks: list[Mark] = []
        if not (wide and main.any()):
            side = self.frame.merged(streets.geometry[~main])
            marks += self.frame.lines(side, "#b9b4ab", 0.22 if wide else 0.4)
        chief = self.frame.merged(streets.geometry[main])
        return marks + self.frame.lines(chief, "#a29c90", 0.5 if wide else 0.8)

    def _borders(self) -> list[Mark]:
        shapes = list(self.towns.geometry) or [self.plan.area.communities.union_all()]
        rings = shapely.get_rings(shapely.simplify(shapes, self.frame.pixel))
        estimated = self.plan.area.is_estimated("boundaries")
        dashes = ESTIMATED_DASHES if estimated else ()
        return self.frame.lines(rings, BORDER, 0.7, dashes)

    @cached_property
    def towns(self) -> gpd.GeoDataFrame:
        """The streets (towns) that communities belong to."""
        frame = self.plan.area.communities[["street", "geometry"]]
        named = frame[frame["street"].notna()]
        return named.dissolve("street", sort=False)

    def _circles(self) -> list[Entry]:
        cutoff = self.plan.settings.coverage.cutoff_min
        rings = self.plan.rings
        own = rings[(rings["kind"] == self.kind) & (rings["minutes"] == cutoff)]
        shapes = shapely.get_parts(own.geometry.dropna().to_numpy())
        if not len(shapes):
            return []
        self._put(*self._edges(shapes, self.colour))
        label = self.line("report.legend.circle", minutes=f"{cutoff:g}")
        return [Entry(label=label, shows="line", face=self.colour, edge=self.colour)]

    def _edges(self, shapes: Any, colour: str, dashes: tuple[float, ...] = ()) -> list[Mark]:
        # Crumbs and pinholes that print as dots are left out.
        small = (CRUMB_PIXELS * self.frame.pixel) ** 2
        thin = shapely.simplify(shapes, self.frame.pixel, preserve_topology=False)
        rings = shapely.get_rings(thin)
        seen = rings[shapely.area(shapely.polygons(rings)) > small]
        return self.frame.lines(seen, colour, 0.9, dashes)

    def _facilities(self) -> list[Entry]:
        frame = self.plan.area.facilities
        own = frame[
            (frame["kind"] == self.kind) & ~frame.geometry.is_empty & frame.geometry.notna()
        ]
        legend: list[Entry] = []
        radius = 1.87 if len(own) <= MANY_FACILITIES else 1.32
        for operating, key in ((False, "report.legend.planned"), (True, "report.legend.facility")):
            rows = own[own["operating"].astype(bool) == operating]
            if rows.empty:
                continue
            face, edge = (self.colour, "#ffffff") if operating else ("#ffffff", self.colour)
            self._put(self._dots(rows, radius, face, edge, 0.5 if operating else 0.9))
            label = self.line(key, kind=self.kind_name, n=number(len(rows)))
            legend.insert(0, _dot(face, "#888888" if operating else edge, label))
        return legend

    def _dots(
        self, rows: gpd.GeoDataFrame, radius: float, face: str, edge: str, line: float
    ) -> Dots:
        at = self.frame.place(shapely.get_coordinates(rows.geometry.to_numpy()))
        return Dots(at=at, radius=radius, face=face, edge=edge, line=line)

    def _sites(self, answer: SitingAnswer) -> tuple[list[Mark], list[Entry]]:
        """Draw the circles of suggested sites; return the sites, which lie over all else."""
        rings = shapely.get_parts(answer.rings.geometry.dropna().to_numpy())
        if len(rings):
            self._put(*self._edges(rings, self.colour, DASHES))
        sites = answer.sites
        many = len(sites) > MOST_NUMBERED
        dots = self._dots(sites, 2.0 if many else 3.94, SITE_COLOUR, "#ffffff", 0.7)
        marks: list[Mark] = [dots]
        for rank, at in zip(sites["rank"], dots.at, strict=True) if not many else ():
            marks += written(
                self.writing, f"{rank:.0f}", tuple(at), 5.5, "#ffffff",
                bold=True, align="middle", middle=True,
            )  # fmt: skip
        label = self.line("report.legend.sites", n=number(len(sites)))
        circle = self.line("report.legend.site_circle", minutes=f"{answer.minutes:g}")
        colour = self.colour
        return marks, [
            _dot(SITE_COLOUR, "#ffffff", label),
            Entry(label=circle, shows="line", face=colour, edge=colour, dashes=DASHES),
        ]

    def _names(self) -> list[Mark]:
        """Name the streets (towns); a name that cannot be written is left out."""
        towns = self.towns
        marks: list[Mark] = []
        for name, shape in zip(towns.index, towns.geometry, strict=True):
            words = clean(name)
            if (
                len(towns) > MOST_LABELS
                or len(words) > LONGEST_LABEL
                or not self.writing.can(words)
            ):
                continue
            point = self.frame.place(shapely.get_coordinates(shapely.point_on_surface(shape)))[0]
            marks += written(
                self.writing, words, (point[0], point[1]), 6.5, INK,
                align="middle", middle=True, halo=1.8,
            )  # fmt: skip
        return marks


def _area(face: str, label: str, edge: str = "#bbbbbb") -> Entry:
    return Entry(label=label, shows="area", face=face, edge=edge)


def _dot(face: str, edge: str, label: str) -> Entry:
    return Entry(label=label, shows="dot", face=face, edge=edge)


def _is_main(streets: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which streets are main ones, by their tag ``highway``."""
    if "highway" not in streets:
        return np.zeros(len(streets), dtype=bool)
    tag = streets["highway"].map(lambda t: t[0] if isinstance(t, list) and t else t)
    plain = tag.astype(str).str.removesuffix("_link")
    return np.asarray(plain.isin(MAIN_STREETS), dtype=bool)
