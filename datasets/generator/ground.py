"""The ground of a small district: outline, water, hills, parks, quarters, villages, main roads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from generator.blocks import Quarter
from generator.place import Place
from generator.shapes import blob, curve, ragged

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Road:
    """A main road through points; one that `bridges` may cross water, no other street may."""

    name: str
    points: Points
    highway: str = "secondary"
    bridges: bool = False


@dataclass(frozen=True, kw_only=True)
class Land:
    """Every shape of a district, in metres from its centre.

    Parameters
    ----------
    place
        Where it lies on the globe.
    district
        Its outline.
    water
        Rivers, lakes and the sea by name; they may reach beyond the outline.
    hills, parks
        Where nobody lives.
    quarters
        Built-up quarters, towns first, and their shapes by name.
    villages
        Middle of each village, whose quarter bears its name.
    roads
        Main roads.
    """

    place: Place
    district: Polygon
    water: dict[str, BaseGeometry]
    hills: BaseGeometry
    parks: dict[str, BaseGeometry]
    quarters: tuple[Quarter, ...]
    shapes: dict[str, BaseGeometry]
    villages: dict[str, tuple[float, float]] = field(default_factory=dict)
    roads: tuple[Road, ...] = ()

    @property
    def wet(self) -> BaseGeometry:
        """All the water."""
        return shapely.union_all(list(self.water.values()))


def shape_land(
    place: Place,
    district: Polygon,
    *,
    water: Mapping[str, BaseGeometry],
    hills: Sequence[tuple[float, float, float, float]] = (),
    parks: Mapping[str, BaseGeometry] | None = None,
    quarters: Sequence[Quarter],
    villages: Sequence[str] = (),
    apart_m: float = 900,
    roads: Sequence[Road],
    rng: np.random.Generator,
) -> Land:
    """Shape the ground: quarters keep off water and hills, villages spread over what is left.

    Parameters
    ----------
    place, district, water, quarters, roads
        As they are.
    hills
        Middle and half-axes of each hill.
    parks
        Parks by name.
    villages
        Their names; each lies `apart_m` from the next where that can be.
    apart_m
        How far apart villages are.
    rng
        What chance is drawn from.

    Returns
    -------
    The ground.
    """
    wet = shapely.union_all(list(water.values()))
    high = shapely.union_all([blob(*hill, seed=300 + k) for k, hill in enumerate(hills)])
    high = high.intersection(district).difference(wet.buffer(30))
    green = {name: shape.intersection(district) for name, shape in (parks or {}).items()}
    firm = district.buffer(-35).difference(
        shapely.union_all([wet.buffer(35), high.buffer(20), *green.values()])
    )
    shapes: dict[str, BaseGeometry] = {}
    free = firm
    for k, quarter in enumerate(quarters):
        corners = shapely.segmentize(Polygon(quarter.corners), 120).exterior.coords
        shape = free.intersection(Polygon(ragged(np.asarray(corners), 50, 91 + k)).buffer(0))
        parts = [part for part in shapely.get_parts(shape) if part.area > 50_000]
        shapes[quarter.name] = shapely.union_all(parts)
        free = free.difference(shapes[quarter.name].buffer(1))
    town = shapely.union_all(list(shapes.values()))
    country = firm.buffer(-170).difference(town.buffer(260))
    middles = _spread(country, len(villages), apart_m, rng)
    hamlets = []
    for k, (name, (x, y)) in enumerate(zip(villages, middles, strict=True)):
        rx, ry = rng.uniform(120, 190, 2)
        hamlets.append(
            Quarter(name=name, corners=(), turn_deg=float(rng.uniform(0, 90)), spacing=(95, 75),
                    warp_m=12, drop=0.22, dense=0.6, old=0.3, words=("路", "弄"))
        )  # fmt: skip
        shapes[name] = blob(x, y, rx, ry, 500 + k).intersection(firm)
    return Land(
        place=place, district=district, water=dict(water), hills=high, parks=green,
        quarters=(*quarters, *hamlets), shapes=shapes,
        villages=dict(zip(villages, middles, strict=True)), roads=tuple(roads),
    )  # fmt: skip


def _spread(
    shape: BaseGeometry, count: int, apart_m: float, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Spread points over a shape, each as far from the others as `apart_m` allows."""
    if not count:
        return []
    x0, y0, x1, y1 = shape.bounds
    tries = rng.uniform((x0, y0), (x1, y1), (9000, 2))
    tries = tries[shapely.contains_xy(shape, *tries.T)]
    while apart_m > 150:
        taken: list[np.ndarray] = []
        for spot in tries:
            if all(np.hypot(*(spot - other)) > apart_m for other in taken):
                taken.append(spot)
            if len(taken) == count:
                return [(float(x), float(y)) for x, y in taken]
        apart_m *= 0.93
    message = f"{count} villages have no room"
    raise ValueError(message)


def centre_line(road: Road) -> LineString:
    """Draw a main road, smooth and simple."""
    return LineString(curve(road.points, 60)).simplify(2)


def around(
    x: float, y: float, rx: float, ry: float, seed: int = 1
) -> tuple[tuple[float, float], ...]:
    """Return the corners of an uneven quarter around a point."""
    ring = np.linspace(0, 2 * np.pi, 11)[:-1]
    wobble = 1 + 0.16 * np.sin(3 * ring + seed)
    return tuple(
        (float(x + rx * w * np.cos(a)), float(y + ry * w * np.sin(a)))
        for a, w in zip(ring, wobble, strict=True)
    )
