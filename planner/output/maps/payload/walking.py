"""The streets, homes and facilities that the page walks on."""

from __future__ import annotations

from typing import TypedDict

from planner.output.maps.payload.units import Number, Packed


class MetresFit(TypedDict):
    """Polynomials from steps to metres, a row for each term.

    The term is `x` or `y` times (steps east / scale) ** `u` times (steps north / scale) ** `v`.
    """

    scale: list[int]
    u: list[int]
    v: list[int]
    x: list[float]
    y: list[float]


class Feet(TypedDict):
    """Where points stand on the streets: edge + 1 (0: none), share of it, centimetres to it."""

    edge: Packed
    share: Packed
    access: Packed


class EntranceFeet(Feet):
    """Where areas are entered beside the first place of each: facility after facility."""

    facility: Packed


class HomeFeet(Feet):
    """Homes on the streets: their communities, people times `parts`, today's ticks by kind."""

    community: Packed
    parts: int
    people: dict[str, Packed]
    ticks: dict[str, Packed]


class WalkColumns(TypedDict):
    """The streets, homes and facilities that the page walks on; `search` is in minutes.

    `straight` tells that there are no streets: what is walked on is a lattice, and never shown.
    """

    straight: bool
    mps: float
    search: Number
    metres: MetresFit
    nodes: Packed
    inner: Packed
    bends: Packed
    u: Packed
    v: Packed
    ahead: Packed
    back: Packed | None
    homes: HomeFeet
    facilities: Feet
    entrances: EntranceFeet | None
