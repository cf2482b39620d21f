"""What a map layer is, and the columns and colours of its features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd

from planner.language import Lang, text
from planner.study.plan import Plan

Geometry = Literal["point", "line", "polygon"]
# `limit` is a figure that somebody chose; `change` and `points` are differences, of counts and of
# shares, and bear their sign.
Measure = Literal[
    "share", "count", "change", "points", "minutes", "limit", "figure", "degrees", "text"
]

KIND_COLOUR = "kind"  # as a colour: that of the facility's kind


@dataclass(frozen=True, kw_only=True)
class FeatureColumn:
    """A column of a layer's features, which cards and tables show.

    Parameters
    ----------
    id
        Name of the column; its heading is the text ``columns.ID`` or ``report.column.ID``.
    measure
        What it is measured in.
    """

    id: str
    measure: Measure


@dataclass(frozen=True, kw_only=True)
class Classes:
    """How features are coloured by a column.

    Parameters
    ----------
    column
        The column.
    bounds
        Upper bounds of all classes but the last, ascending; a value on a bound is in the class
        above it.
    colours
        One colour for each class: one more than there are bounds.
    """

    column: str
    bounds: tuple[float, ...]
    colours: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LayerSpec:
    """A layer of the map, with its table and its layer for a GIS.

    Parameters
    ----------
    id
        What a scenario calls it under ``map.layers`` and ``outputs.layers``; also the name of its
        table and of its layer in ``plan.gpkg``.
    order
        Its place in the legend, ascending.
    shown
        Whether it is shown at first.
    unasked
        Which plans have it without being asked for it; None where it has to be asked for.
    make
        What makes its features of a plan: a row for each, with the columns below and those of
        ``facility``, ``community`` (labels) and ``kind`` that it belongs to, in the CRS of the
        plan. None for layers that the page draws by itself, from the tables of every plan.
    geometry
        What its features are.
    columns
        The columns that cards and tables show.
    title
        The column that heads a card: a name. None heads it by the layer's name.
    colour
        Colour of its features, ``"#rrggbb"`` or `KIND_COLOUR`.
    classes
        How they are coloured by a column, in place of the one colour.
    of_streets
        Whether it shows the streets themselves, so that it means nothing where there are none.
    of_walks
        Whether it shows walks along them, which a table of travel times is not.
    on_foot
        Whether it means something only at one walking speed.
    text
        Key of its texts ``name`` and ``about``; ``layers.ID`` unless given.
    """

    id: str
    order: int
    shown: bool = False
    unasked: Callable[[Plan], bool] | None = None
    make: Callable[[Plan], gpd.GeoDataFrame] | None = None
    geometry: Geometry = "point"
    columns: tuple[FeatureColumn, ...] = ()
    title: str | None = None
    colour: str = "#2b6cb0"
    classes: Classes | None = None
    of_streets: bool = False
    of_walks: bool = False
    on_foot: bool = False
    text: str | None = None

    def name(self, lang: Lang) -> str:
        """Return its name in a language.

        Parameters
        ----------
        lang
            The language.

        Returns
        -------
        Its name in a language.
        """
        return text(f"{self.text}.name" if self.text else f"layers.{self.id}.name", lang)

    def about(self, lang: Lang) -> str:
        """Return what it shows, in a language.

        Parameters
        ----------
        lang
            The language.

        Returns
        -------
        What it shows, in a language.
        """
        return text(f"{self.text}.about" if self.text else f"layers.{self.id}.about", lang)

    def measure(self, column: str) -> Measure | None:
        """Return what a column of its table is measured in; None if it is none of its own.

        Parameters
        ----------
        column
            Name of the column.

        Returns
        -------
        What a column of its table is measured in; None if it is none of its own.
        """
        return next((one.measure for one in self.columns if one.id == column), None)
