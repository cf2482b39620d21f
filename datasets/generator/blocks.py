"""Built-up quarters: their streets, a warped lattice with gaps, and the ways inside the blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from generator.linework import row
from generator.shapes import noise


@dataclass(frozen=True, kw_only=True)
class Quarter:
    """A built-up quarter with its own street pattern.

    `spacing` is the lattice of its streets in metres, `dense` its people per dwelling point
    relative to the others, `old` the share of residents aged 60 and over. `lanes` are too narrow
    for cars, of every third line; `pairs` makes half of the wide streets one-way in pairs.
    """

    name: str
    corners: tuple[tuple[float, float], ...]
    turn_deg: float
    spacing: tuple[float, float]
    warp_m: float
    drop: float
    dense: float
    old: float
    industry: bool = False
    lanes: bool = False
    pairs: bool = False
    words: tuple[str, str] = ("路", "街")


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
                    line_name[key] = stems.pop() + quarter.words[axis if not big else 0]
                turn = along // 5 % 2 == 0
                highway = ("secondary" if turn else "tertiary") if big else "residential"
                narrow = quarter.lanes and not big and along % 3 == 1
                if narrow:
                    highway = "living_street"
                pair = quarter.pairs and big and not turn
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
        held = longest_line(spine.intersection(inside))
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
        held = longest_line(LineString([start + v * a, start + v * b]).intersection(inside))
        if held is not None and held.length > 18:
            made.append(row(held, "footway" if rng.random() < 0.3 else kind))
    return made


def longest_line(shape: BaseGeometry) -> LineString | None:
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
