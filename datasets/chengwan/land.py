"""The ground 澄湾区 stands on: coast, river, hills, reservoirs, parks and built-up quarters.

All shapes are in metres east and north of the centre; `PLACE` puts them on the globe.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import contourpy
import numpy as np
import shapely
from generator.blocks import Quarter
from generator.place import Place
from generator.shapes import blob, curve, largest, noise, ragged
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

PLACE = Place(centre=(123.2, 29.9), metres_per_degree=(96_586.0, 110_859.0))
BOX = shapely.box(-12_500, -9_500, 12_500, 9_000)

_COAST = [
    (-14000, 4700), (-12000, 4900), (-10200, 5300), (-9300, 4850), (-8300, 5350), (-7300, 5700),
    (-5500, 5800), (-3300, 5850), (-1150, 5800), (600, 5550), (1900, 5000), (3050, 4500),
    (4100, 4950), (4900, 6000), (6300, 6900), (7300, 6700), (7900, 5700), (7300, 4850),
    (6500, 4300), (6300, 3400), (6900, 2500), (7900, 2200), (8700, 1400), (8400, 500),
    (7500, -100), (7900, -900), (9000, -1250), (10100, -1900), (10300, -2900), (9500, -3600),
    (8200, -3700), (7500, -4400), (8200, -5200), (9000, -5900), (8600, -6800), (7200, -7000),
    (6000, -6350), (5000, -6900), (4400, -7800), (3000, -8000), (2200, -8800), (2000, -11000),
    (-14000, -11000),
]  # fmt: skip
_LIMIT = [
    (-9700, 8000), (-9700, 4800), (-9200, 3600), (-9900, 2200), (-9500, 900), (-10200, -600),
    (-9700, -2000), (-10100, -3300), (-9200, -4600), (-9600, -5700), (-8300, -6600),
    (-6400, -6900), (-4700, -7600), (-2600, -7200), (-700, -7900), (1200, -7500), (2600, -8300),
    (4000, -9300), (13000, -9300), (13000, 9000),
]  # fmt: skip
_RIVER = [
    (-13500, -3300), (-10500, -2600), (-8300, -2900), (-6200, -1700), (-4300, -1950),
    (-2600, -700), (-1000, -750), (500, 500), (1650, 1800), (1750, 2900), (2600, 3900),
    (3150, 4900), (3400, 6200),
]  # fmt: skip
# x, y, half-length, half-width, turn in degrees, height
_HILLS = [
    (-2600, -4350, 2500, 760, 8, 1.2), (2700, -3900, 1500, 640, 14, 1.1),
    (8700, -2500, 1000, 650, -20, 1.1), (6350, 5750, 950, 560, 25, 1.1),
    (-8100, 3100, 900, 520, 20, 1.0), (-9600, -5100, 1200, 900, 60, 1.2),
    (6900, -5700, 900, 480, 30, 1.0), (-4850, 1150, 380, 260, 35, 1.0),
    (4700, -1900, 1000, 420, -12, 1.0), (-11500, 1000, 1500, 1500, 0, 1.2),
    (-5600, -6600, 800, 450, 0, 1.0), (1400, -6900, 600, 350, 40, 1.0),
]  # fmt: skip


def _town(name: str, x: float, y: float, *, radius: float, turn: float, old: float) -> Quarter:
    around = np.linspace(0, 2 * np.pi, 10)[:-1]
    wobble = 1 + 0.22 * np.sin(3 * around + x)
    corners = tuple(
        (float(x + radius * 1.2 * w * np.cos(a)), float(y + radius * 0.85 * w * np.sin(a)))
        for a, w in zip(around, wobble, strict=True)
    )
    return Quarter(
        name=name, corners=corners, turn_deg=turn, spacing=(150, 120), warp_m=22, drop=0.10,
        dense=1.2, old=old,
    )  # fmt: skip


QUARTERS = (
    Quarter(
        name="老城", turn_deg=24, spacing=(112, 92), warp_m=26, drop=0.15, dense=1.45, old=0.33,
        lanes=True, pairs=True, words=("街", "巷"),
        corners=((-1500, -950), (0, 0), (1500, 1500), (2600, 400), (2200, -1300), (900, -2200),
                 (-1400, -2300), (-2400, -1500)),
    ),
    Quarter(
        name="城中", turn_deg=12, spacing=(178, 150), warp_m=16, drop=0.08, dense=1.35, old=0.22,
        pairs=True,
        corners=((-3600, 3300), (2200, 3300), (1500, 1500), (0, 0), (-1500, -950), (-3000, -1000),
                 (-3600, -1300)),
    ),
    Quarter(
        name="城西", turn_deg=-6, spacing=(200, 165), warp_m=14, drop=0.10, dense=1.1, old=0.20,
        corners=((-3600, 3300), (-6000, 3000), (-6700, 1200), (-6300, -1500), (-4300, -1850),
                 (-3600, -1300)),
    ),
    Quarter(
        name="新城", turn_deg=38, spacing=(265, 225), warp_m=6, drop=0.06, dense=1.25, old=0.13,
        corners=((2200, 3300), (1500, 1500), (2600, 400), (2200, -1300), (4300, -900),
                 (6400, -300), (7700, 150), (8300, 700), (8500, 1350), (6850, 2350), (6200, 3300),
                 (4700, 4200), (3000, 4100)),
    ),
    Quarter(
        name="港前", turn_deg=3, spacing=(190, 150), warp_m=10, drop=0.10, dense=0.8, old=0.24,
        corners=((-3600, 3300), (2200, 3300), (2500, 4150), (-600, 4350), (-3400, 4350)),
    ),
    Quarter(
        name="港区", turn_deg=2, spacing=(470, 360), warp_m=8, drop=0.16, dense=0.0, old=0.12,
        industry=True,
        corners=((-6000, 3000), (-3600, 3300), (-3400, 4350), (-600, 4350), (2500, 4150),
                 (1800, 4900), (500, 5400), (-1150, 5700), (-1150, 6260), (-5500, 6260),
                 (-5500, 5750), (-7300, 5600), (-7700, 3900)),
    ),
    _town("沙屿", -8100, 700, radius=620, turn=15, old=0.25),
    _town("鹭汀", 4900, 5000, radius=520, turn=30, old=0.29),
    _town("云岫", -6900, -4000, radius=640, turn=-14, old=0.27),
    _town("青垟", -900, -6250, radius=680, turn=8, old=0.27),
    _town("螺岙", 6300, -3750, radius=600, turn=26, old=0.29),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Land:
    """Every natural shape of the district, in metres."""

    district: MultiPolygon
    mainland: Polygon
    ground: BaseGeometry
    sea: BaseGeometry
    river: Polygon
    stream: LineString
    hills: BaseGeometry
    water: dict[str, Polygon]
    parks: dict[str, Polygon]
    islets: tuple[Polygon, ...]
    quarters: dict[str, BaseGeometry]
    industry: BaseGeometry


def _hills() -> BaseGeometry:
    x, y = np.meshgrid(np.arange(-12500, 12501, 60.0), np.arange(-9500, 9001, 60.0))
    height = np.zeros_like(x)
    for cx, cy, rx, ry, turn, top in _HILLS:
        t = np.deg2rad(turn)
        u = ((x - cx) * np.cos(t) + (y - cy) * np.sin(t)) / rx
        v = (-(x - cx) * np.sin(t) + (y - cy) * np.cos(t)) / ry
        height = np.maximum(height, top * np.exp(-0.55 * (u * u + v * v)))
    height += 0.19 * noise(x, y, 1500, 31) + 0.10 * noise(x, y, 430, 32)
    shapes = contourpy.contour_generator(
        x, y, height, fill_type=contourpy.FillType.OuterOffset
    ).filled(0.56, 9.0)
    found = [
        Polygon(points[offsets[0] : offsets[1]],
                [points[a:b] for a, b in pairwise(offsets[1:])])
        for points, offsets in zip(*shapes, strict=True)
    ]  # fmt: skip
    whole = shapely.union_all([hill.buffer(0) for hill in found])
    whole = whole.buffer(45).buffer(-80).buffer(35)
    keep = [hill for hill in shapely.get_parts(whole) if hill.area > 9e4]
    return shapely.union_all([Polygon(hill.exterior) for hill in keep]).simplify(14)


def _river() -> tuple[LineString, Polygon]:
    line = curve(_RIVER, 45)
    x, y = line.T
    line = line + np.column_stack([70 * noise(x, y, 1600, 41), 70 * noise(x, y, 1600, 42)])
    half = np.interp(np.arange(len(line)), [0, len(line) * 0.75, len(line)], [38, 85, 170])
    water = shapely.union_all(
        [LineString(line[i : i + 2]).buffer(half[i]) for i in range(len(line) - 1)]
    )
    return LineString(line).simplify(4), largest(water.simplify(5))


def build() -> Land:
    """Shape the ground."""
    coast = ragged(curve(_COAST, 50), 120, 51)
    inside = shapely.union_all([Polygon(coast).buffer(0), shapely.box(-5500, 5000, -1150, 6320)])
    mainland_all = largest(inside.intersection(BOX)).simplify(12)
    stream, river = _river()
    islets = (blob(9350, 4250, 560, 330, 61), blob(10050, 3350, 190, 130, 62),
              blob(10400, -5000, 260, 170, 63))  # fmt: skip
    limit = Polygon(ragged(curve(_LIMIT, 90), 110, 71)).buffer(0)
    mainland = largest(mainland_all.intersection(limit))
    hills = _hills().intersection(mainland_all)
    water = {
        "云岫水库": blob(-5000, -5250, 520, 260, 81),
        "青岭水库": blob(1050, -4850, 420, 210, 82),
        "澜湖": blob(4450, 1650, 420, 230, 83),
        "月塘": blob(-1650, 1900, 190, 120, 84),
    }
    ponds = shapely.union_all(list(water.values()))
    hills = hills.difference(ponds.buffer(30))
    parks = {
        "澜湖公园": water["澜湖"].buffer(170),
        "月塘公园": water["月塘"].buffer(110),
        "澄山公园": largest(hills.intersection(Point(-4850, 1150).buffer(1200))).buffer(25),
        "望潮滨海公园": blob(6950, 2000, 330, 140, 85).intersection(mainland),
        "老城中山公园": blob(250, -1250, 150, 110, 86),
    }
    closed = shapely.union_all([river.buffer(45), hills.buffer(20), *parks.values(), ponds])
    firm = mainland.buffer(-45).difference(closed)
    quarters: dict[str, BaseGeometry] = {}
    for quarter in QUARTERS:
        corners = shapely.segmentize(Polygon(quarter.corners), 120).exterior.coords
        shape = firm.intersection(Polygon(ragged(np.asarray(corners), 70, 91)))
        parts = [part for part in shapely.get_parts(shape) if part.area > 60_000]
        quarters[quarter.name] = shapely.union_all(parts)
    industry = shapely.union_all([quarters[q.name] for q in QUARTERS if q.industry])
    whole = MultiPolygon([mainland, *islets])
    ground = shapely.union_all([mainland_all, *islets])
    return Land(
        district=whole, mainland=mainland, ground=ground,
        sea=BOX.difference(ground), river=river.intersection(mainland_all.buffer(5)),
        stream=stream, hills=hills, water=water, parks=parks, islets=islets, quarters=quarters,
        industry=industry,
    )  # fmt: skip
