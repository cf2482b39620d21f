"""The streets of a small district: main roads and bridges, quarters, roads between villages."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Delaunay
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from generator import linework
from generator.blocks import inner_ways, lattice
from generator.ground import Land, centre_line
from generator.linework import row
from generator.shapes import curve

SHORT_M, STUB_M = 9, 16


def build(
    land: Land, stems: list[str], rng: np.random.Generator, *, inner: bool = True
) -> gpd.GeoDataFrame:
    """Draw, node and clean all streets.

    Parameters
    ----------
    land
        The ground.
    stems
        Names of roads, of which as many are used up as are needed.
    rng
        What chance is drawn from.
    inner
        Whether blocks of quarters have ways inside.

    Returns
    -------
    ``name``, ``highway``, ``oneway``, ``bridge``, and lines in whole micro-degrees from the centre,
    which share a vertex wherever they meet.
    """
    mains = _cut_at_banks(land)
    rows = list(mains)
    for quarter in land.quarters:
        rural = quarter.name in land.villages
        made = lattice(quarter, land.shapes[quarter.name], [""] * 999 if rural else stems, rng)
        if rural:
            made = [{**one, "name": "", "highway": _lane(one["highway"])} for one in made]
        rows += made
    rows += _country(land, mains, rng)
    first = _nodes(_frame(rows, land), land)
    if inner:
        ways = []
        faces = shapely.get_parts(shapely.polygonize(first.geometry.to_numpy()))
        towns = [q for q in land.quarters if q.name not in land.villages]
        for block in land.place.from_lattice(faces):
            spot = block.representative_point()
            for quarter in towns:
                if block.area < 250_000 and land.shapes[quarter.name].contains(spot):
                    ways += inner_ways(block, quarter, rng)
        first = linework.node(pd.concat([first, _frame(ways, land)], ignore_index=True))
    return _finish(first, land)


def _lane(highway: str) -> str:
    return "unclassified" if highway in {"secondary", "tertiary"} else highway


def _cut_at_banks(land: Land) -> list[dict[str, Any]]:
    """Cut main roads where bridges begin and end; where there is no bridge they stop."""
    span = land.wet.buffer(14)
    rows = []
    for road in land.roads:
        line = centre_line(road).intersection(land.district.buffer(-8))
        over, dry = line.intersection(span), line.difference(span)
        rows += [row(part, road.highway, road.name) for part in _lines(dry)]
        if road.bridges:
            rows += [row(part, road.highway, road.name, bridge=True) for part in _lines(over)]
    return rows


def _country(
    land: Land, mains: list[dict[str, Any]], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Draw roads between neighbouring villages, towns and main roads, over no water or hill."""
    if not land.villages:
        return []
    ends = [*land.villages.values()]
    villages = len(ends)
    for one in mains:
        steps = np.arange(0, one["geometry"].length, 900.0)
        ends += [(p.x, p.y) for p in map(one["geometry"].interpolate, steps)]
    for quarter in land.quarters:
        if quarter.name not in land.villages:
            ring = shapely.get_parts(land.shapes[quarter.name])[0].exterior
            ends += [(p.x, p.y) for p in map(ring.interpolate, np.arange(0, ring.length, 1100.0))]
    spots = np.asarray(ends)
    pairs = {
        (min(a, b), max(a, b))
        for tri in Delaunay(spots).simplices
        for a, b in ((tri[0], tri[1]), (tri[1], tri[2]), (tri[2], tri[0]))
    }
    shut = shapely.union_all([land.wet.buffer(20), land.hills.buffer(-30)])
    shapely.prepare(shut)
    town = shapely.union_all(
        [land.shapes[q.name] for q in land.quarters if q.name not in land.villages]
    )
    rows = []
    for a, b in sorted(pairs):
        if min(a, b) >= villages or not _gabriel(spots, a, b):
            continue
        p, q = spots[a], spots[b]
        side = np.array([p[1] - q[1], q[0] - p[0]]) * rng.uniform(-0.12, 0.12)
        line = LineString(curve([tuple(p), tuple((p + q) / 2 + side), tuple(q)], 70)).simplify(3)
        if shut.intersects(line) or not land.district.buffer(-10).contains(line):
            line = LineString([p, q])
            if shut.intersects(line) or not land.district.contains(line):
                continue
        rows += [row(part, "tertiary" if rng.random() < 0.4 else "unclassified")
                 for part in _lines(line.difference(town))]  # fmt: skip
    return rows


def _gabriel(spots: np.ndarray, a: int, b: int) -> bool:
    """Return whether no other spot lies in the circle over two: they are neighbours."""
    middle = (spots[a] + spots[b]) / 2
    near = np.hypot(*(spots - middle).T) < np.hypot(*(spots[a] - spots[b])) / 2 - 1e-6
    near[[a, b]] = False
    return not near.any()


def _lines(shape: BaseGeometry) -> list[LineString]:
    return [p for p in shapely.get_parts(shape) if p.geom_type == "LineString" and p.length > 4]


def _frame(rows: list[dict[str, Any]], land: Land) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows)
    shapes = land.place.to_lattice(table.pop("geometry").to_numpy())
    good = shapely.is_valid(shapes) & (shapely.length(shapes) > 0)
    return gpd.GeoDataFrame(table[linework.COLUMNS], geometry=shapes)[good].reset_index(drop=True)


def _nodes(lines: gpd.GeoDataFrame, land: Land) -> gpd.GeoDataFrame:
    joined = linework.contract(linework.node(lines), land.place, SHORT_M)
    return linework.prune(joined, land.place, 22)


def _finish(lines: gpd.GeoDataFrame, land: Land) -> gpd.GeoDataFrame:
    """Take away what cannot be, tidy up, keep the one network that all is joined to."""
    metres = land.place.from_lattice(lines.geometry.to_numpy())
    bad = shapely.intersects(metres, land.wet) & ~lines.bridge
    bad |= ~shapely.intersects(metres, land.district)
    lines = lines[~bad].reset_index(drop=True)
    for tolerance in (18, 12):
        lines = linework.prune(linework.contract(lines, land.place, SHORT_M), land.place, STUB_M)
        lines = linework.node(linework.slim(linework.merge(lines), tolerance))
    lines = linework.merge(linework.node(lines))
    part = linework.parts(lines)
    sizes = pd.Series(linework.lengths(lines, land.place)).groupby(part).sum()
    lines = lines[part == sizes.idxmax()].reset_index(drop=True)
    bare = (lines.name == "") & lines.highway.isin(["primary", "secondary", "tertiary"])
    return lines.assign(name=lines.name.mask(bare, "乡村公路"))
