"""What lies under and over the shading: roads, land and water, and the features of layers."""

from __future__ import annotations

from typing import Literal, TypedDict

from planner.output.maps.payload.units import Number, Offsets, Place, Shape


class RoadLines(TypedDict):
    """The roads of one class."""

    road: str
    lines: list[Offsets]


class BackdropShape(TypedDict):
    """Land or water, its name and where that stands."""

    kind: str
    shape: Shape
    name: str | None
    label: Place | None


class ColumnOfFeatures(TypedDict):
    """A column of a layer's features: its heading, what it is measured in, a value for each."""

    title: str
    measure: str
    values: list[Number | str | None]


class FeatureClasses(TypedDict):
    """How features are coloured by a column, by its place: upper bounds, and a colour for each."""

    column: int
    bounds: list[float]
    colours: list[str]


class FeatureLayer(TypedDict):
    """A layer that the page draws from its features: points, lines or polygons.

    Every list has a place for each feature; `kind`, `facility` and `community` are those that it
    belongs to. Without a `colour` a feature has that of its kind.
    """

    id: str
    name: str
    about: str
    geometry: Literal["point", "line", "polygon"]
    colour: str | None
    classes: FeatureClasses | None
    title: list[str | None]
    kind: list[str | None]
    facility: list[int | None]
    community: list[int | None]
    point: list[Place | None] | None
    line: list[list[Offsets]] | None
    shape: list[Shape] | None
    columns: list[ColumnOfFeatures]
