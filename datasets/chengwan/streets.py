"""The streets: lattices of the quarters, main roads and bridges, blocks' inner ways, villages."""

from __future__ import annotations

from typing import Any

import country
import geopandas as gpd
import linework
import names
import numpy as np
import pandas as pd
import shapely
from country import Village
from land import QUARTERS, Land, Quarter, curve, noise
from linework import row
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

# Main roads; the five that cross the river are the only ones that do.
_MAINS: list[tuple[str, str, bool, list[tuple[float, float]]]] = [
    ("澄湾大道", "primary", True, [(-7000, 560), (-5700, 250), (-4500, 250), (-3600, 550),
     (-2000, 500), (-600, 650), (250, 250), (900, -400), (2300, -420), (3400, 250), (4600, 650),
     (6300, 800), (8800, 1050)]),
    ("望海大道", "primary", True, [(-2900, 6500), (-2850, 4350), (-2750, 3300), (-2350, 1400),
     (-2050, 0), (-1800, -700), (-1500, -1500), (-1100, -2250), (-950, -2600)]),
    ("新澜大道", "primary", True, [(-3800, 2200), (-1800, 2650), (0, 2350), (1750, 2600),
     (3100, 2650), (4500, 2700), (5600, 2400), (7400, 2500)]),
    ("疏港路", "primary", False, [(-7900, 4500), (-5500, 4800), (-3400, 4900), (-600, 4870),
     (900, 4800), (2700, 4450)]),
    ("澜湖西路", "secondary", False, [(3800, 4500), (3400, 2650), (3300, 1300), (3450, 250),
     (3300, -1300)]),
    ("西环路", "secondary", False, [(-5500, 4800), (-5750, 3000), (-5650, 1600), (-5400, 300),
     (-5000, -900), (-4700, -1850), (-4650, -2450)]),
    ("西桥路", "secondary", False, [(-7650, -1450), (-7500, -2300), (-7350, -2950)]),
]  # fmt: skip
CROSSING = {"澄湾大道", "望海大道", "新澜大道", "西环路", "西桥路"}


def mains() -> list[dict[str, Any]]:
    """Draw the main roads; a dual carriageway is two one-way lines."""
    made = []
    for name, highway, dual, points in _MAINS:
        middle = LineString(curve(points, 60)).simplify(2)
        if not dual:
            made.append(row(middle, highway, name))
            continue
        made += [
            row(middle.offset_curve(11), highway, name, oneway=True),
            row(middle.offset_curve(-11).reverse(), highway, name, oneway=True),
        ]
    return made


def lattice(
    quarter: Quarter, shape: BaseGeometry, stems: list[str], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Draw a quarter's streets: a warped lattice with gaps, superblocks and a road round it."""
    made = []
    for part in shapely.get_parts(shape):
        made.append(row(part.exterior, "tertiary", stems.pop() + "路"))
        made += [row(hole, "residential") for hole in part.interiors]
    x0, y0, x1, y1 = shape.bounds
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    n = (np.hypot(x1 - x0, y1 - y0) / 2 / np.asarray(quarter.spacing)).astype(int) + 2
    i, j = np.meshgrid(np.arange(-n[0], n[0] + 1), np.arange(-n[1], n[1] + 1), indexing="ij")
    slide = rng.normal(0, 0.10, i.shape[0])[:, None], rng.normal(0, 0.10, i.shape[1])[None]
    u = (i + slide[0]) * quarter.spacing[0]
    v = (j + slide[1]) * quarter.spacing[1]
    t = np.deg2rad(quarter.turn_deg)
    x = middle[0] + u * np.cos(t) - v * np.sin(t)
    y = middle[1] + u * np.sin(t) + v * np.cos(t)
    warp = quarter.warp_m
    x = x + 1.6 * warp * noise(x, y, 1500, 121) + rng.normal(0, 0.28 * warp, x.shape)
    y = y + 1.6 * warp * noise(x, y, 1500, 122) + rng.normal(0, 0.28 * warp, y.shape)
    merged = np.zeros(i.shape, dtype=bool)
    for _ in range(int(i.size * (0.012 if quarter.industry else 0.02))):
        a, b = rng.integers(0, i.shape[0]), rng.integers(0, i.shape[1])
        wide, high = rng.integers(1, 4, 2)
        merged[a : a + wide, b : b + high] = True
    main = [np.isin(k % 5, (0,)) for k in (i, j)]
    suffix = ("街", "巷") if quarter.name == "老城" else ("路", "街")
    line_name: dict[tuple[int, int], str] = {}
    edges = []
    for axis, (a, b) in enumerate((((1, 0)), ((0, 1)))):
        for p in range(i.shape[0] - a):
            for q in range(i.shape[1] - b):
                along = q if axis == 0 else p
                big = bool(main[1 - axis][p, q])
                if not big and (merged[p, q] or rng.random() < quarter.drop):
                    continue
                line = LineString([(x[p, q], y[p, q]), (x[p + a, q + b], y[p + a, q + b])])
                key = (axis, along)
                if key not in line_name:
                    line_name[key] = stems.pop() + suffix[axis if not big else 0]
                turn = along // 5 % 2 == 0
                highway = ("secondary" if turn else "tertiary") if big else "residential"
                narrow = quarter.name == "老城" and not big and along % 3 == 1
                if narrow:
                    highway = "living_street"
                pair = quarter.name in {"老城", "城中"} and big and not turn
                backwards = pair and along // 5 % 4 == 3
                named = big or quarter.industry or along % 2 == 0
                edges.append(
                    row(line.reverse() if backwards else line, highway,
                        line_name[key] if named else "", oneway=pair)
                )  # fmt: skip
    cut = shapely.intersection([edge["geometry"] for edge in edges], shape)
    for edge, line in zip(edges, cut, strict=True):
        made += [
            {**edge, "geometry": piece}
            for piece in shapely.get_parts(line)
            if piece.geom_type == "LineString" and piece.length > 4
        ]
    return made


def inner_ways(block: Polygon, quarter: Quarter, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Lay ways inside a block: spines from a gate, ribs across, many of them dead ends."""
    if block.area < 7_000 or rng.random() < (0.6 if quarter.industry else 0.31):
        return []
    box = np.asarray(block.minimum_rotated_rectangle.exterior.coords)[:4]
    u, v = box[1] - box[0], box[2] - box[1]
    if np.hypot(*u) < np.hypot(*v):
        box, u, v = box[[1, 2, 3, 0]], v, -u
    long, wide = np.hypot(*u), np.hypot(*v)
    if wide < 45:
        return []
    inside = block.buffer(-13)
    apart = 170 if quarter.industry else rng.uniform(78, 105)
    step = 190 if quarter.industry else rng.uniform(44, 62)
    spines = max(1, round(wide / apart) - (wide < 1.5 * apart))
    made, kind = [], "service"
    for k in range(spines):
        offset = v * (k + 0.5) / spines
        spine = LineString([box[0] + offset, box[0] + offset + u])
        held = linework_part(spine.intersection(inside))
        if held is None:
            continue
        if rng.random() < (0.75 if spines == 1 else 0.45) or k == 0:
            far = LineString([held.coords[0], np.asarray(held.coords[0]) - u])
            held = _to_rim(held, far, block)
        if rng.random() < 0.25:
            back = held.reverse()
            held = _to_rim(
                back, LineString([back.coords[0], np.asarray(back.coords[0]) + u]), block
            )
        made.append(row(held, kind))
    if quarter.industry:
        return made
    ribs = max(1, int(long / step))
    for k in range(ribs):
        if rng.random() < 0.2:
            continue
        start = box[0] + u * (k + 0.5) / ribs
        a, b = 0.5 / spines, 1 - 0.5 / spines
        side = rng.random()
        a = a - (0.38 / spines if side < 0.7 else 0.0)
        b = b + (0.38 / spines if side > 0.3 else 0.0)
        if spines > 1 and rng.random() < 0.45:
            a, b = sorted((a, (rng.integers(0, spines) + 0.5) / spines + 0.3 / spines))
        held = linework_part(LineString([start + v * a, start + v * b]).intersection(inside))
        if held is not None and held.length > 18:
            made.append(row(held, "footway" if rng.random() < 0.3 else kind))
    return made


def linework_part(shape: BaseGeometry) -> LineString | None:
    """Pick the longest line of a shape, if it has any."""
    lines = [p for p in shapely.get_parts(shape) if p.geom_type == "LineString" and p.length > 1]
    return max(lines, key=lambda p: p.length) if lines else None


def _to_rim(line: LineString, ray: LineString, block: Polygon) -> LineString:
    """Lead a line's start on to the block's edge."""
    hit = ray.intersection(block.exterior)
    if hit.is_empty:
        return line
    start = np.asarray(line.coords[0])
    points = shapely.get_coordinates(hit)
    best = points[np.argmin(np.hypot(*(points - start).T))]
    return LineString([best, *line.coords]) if np.hypot(*(best - start)) < 120 else line


def build(land: Land, villages: list[Village], rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Draw, node and clean all streets; geometry in whole micro-degrees from the centre."""
    stems = names.roads(rng)
    big = mains()
    town: list[dict[str, Any]] = []
    for quarter in QUARTERS:
        town += lattice(quarter, land.quarters[quarter.name], stems, rng)
    corridor = shapely.union_all([road["geometry"] for road in big]).buffer(30)
    shapely.prepare(corridor)
    near = shapely.length(
        shapely.intersection([road["geometry"] for road in town], corridor)
    ) / shapely.length([road["geometry"] for road in town])
    perimeter = [road["geometry"].length > 3000 for road in town]
    town = [
        road for road, share, whole in zip(town, near, perimeter, strict=True)
        if share < 0.62 or whole
    ]  # fmt: skip
    rural = country.roads(land, villages, big, rng)
    for village in villages:
        rural += country.lanes(village, land, rng)
    built = shapely.union_all(list(land.quarters.values()))
    shapely.prepare(built)
    rural = [
        road for road in rural
        if road["highway"] in {"secondary", "tertiary", "primary"}
        or not built.intersects(road["geometry"].interpolate(0.5, normalized=True))
    ]  # fmt: skip
    first = _frame(_cut_at_banks(big, land) + town + rural)
    first = linework.prune(linework.contract(linework.node(first), 9), 22)
    ways = []
    faces = shapely.get_parts(shapely.polygonize(first.geometry.to_numpy()))
    for block in linework.from_lattice(faces):
        spot = block.representative_point()
        for quarter in QUARTERS:
            if block.area < 450_000 and land.quarters[quarter.name].contains(spot):
                ways += inner_ways(block, quarter, rng)
    every = pd.concat([first, _frame(ways)], ignore_index=True)
    return finish(land, linework.node(every))


def _cut_at_banks(roads: list[dict[str, Any]], land: Land) -> list[dict[str, Any]]:
    """End main roads at the rim of the town, and cut them where bridges begin and end."""
    span = land.river.buffer(18)
    town = shapely.union_all([*land.quarters.values(), *land.parks.values()])
    town = town.buffer(250).buffer(-249.5).union(land.river.buffer(90))
    made = []
    for road in roads:
        rural = road["name"] in {"西桥路", "西环路"}
        line = road["geometry"] if rural else road["geometry"].intersection(town)
        for over, shape in (
            (True, line.intersection(span)),
            (False, line.difference(span)),
        ):
            bridge = over and road["name"] in CROSSING
            parts = shapely.get_parts(shape)
            made += [{**road, "geometry": part, "bridge": bridge} for part in parts]
    return made


def finish(land: Land, lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take away what cannot be, tidy up, keep one network and the islet's lanes."""
    metres = linework.from_lattice(lines.geometry.to_numpy())
    wet = shapely.intersects(metres, land.river)
    pond = shapely.union_all(list(land.water.values()))
    bad = (wet & ~lines.bridge) | shapely.intersects(metres, pond)
    bad |= ~shapely.intersects(metres, land.ground.buffer(-5)) | shapely.crosses(metres, land.sea)
    lines = lines[~bad].reset_index(drop=True)
    lines = linework.prune(linework.contract(lines, 9), 16)
    lines = linework.node(linework.slim(linework.merge(lines), 18))
    lines = linework.prune(linework.contract(lines, 9), 16)
    lines = linework.slim(linework.merge(linework.node(lines)), 12)
    lines = linework.merge(linework.node(lines))
    metres = linework.from_lattice(lines.geometry.to_numpy())
    part = linework.parts(lines)
    sizes = pd.Series(linework.lengths(lines)).groupby(part).sum()
    islet = shapely.intersects(metres, land.islets[0])
    keep = (part == sizes.idxmax()) | islet
    return _name_bare(lines[keep].reset_index(drop=True))


def _name_bare(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give nameless country main roads the county-road numbers that such roads carry."""
    bare = (lines.name == "") & lines.highway.isin(["primary", "secondary", "tertiary"])
    middle = shapely.get_coordinates(
        linework.from_lattice(shapely.line_interpolate_point(lines.geometry.to_numpy(), 0.5,
                                                             normalized=True))
    )  # fmt: skip
    third = (np.arctan2(middle[:, 1], middle[:, 0]) / np.pi * 9).astype(int) + 10
    lines.loc[bare, "name"] = [f"澄{k:02d}线" for k in third[bare]]
    return lines


def _frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows)
    shapes = linework.to_lattice(table.pop("geometry").to_numpy())
    good = shapely.is_valid(shapes) & (shapely.length(shapes) > 0)
    return gpd.GeoDataFrame(table[linework.COLUMNS], geometry=shapes)[good].reset_index(drop=True)
