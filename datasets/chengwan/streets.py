"""The streets: lattices of the quarters, main roads and bridges, blocks' inner ways, villages."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from chengwan import country, names
from chengwan.country import Village
from chengwan.land import PLACE, QUARTERS, Land
from generator import linework
from generator.blocks import inner_ways, lattice
from generator.linework import row
from generator.shapes import curve
from shapely import LineString

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
    first = linework.prune(linework.contract(linework.node(first), PLACE, 9), PLACE, 22)
    ways = []
    faces = shapely.get_parts(shapely.polygonize(first.geometry.to_numpy()))
    for block in PLACE.from_lattice(faces):
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
    metres = PLACE.from_lattice(lines.geometry.to_numpy())
    wet = shapely.intersects(metres, land.river)
    pond = shapely.union_all(list(land.water.values()))
    bad = (wet & ~lines.bridge) | shapely.intersects(metres, pond)
    bad |= ~shapely.intersects(metres, land.ground.buffer(-5)) | shapely.crosses(metres, land.sea)
    lines = lines[~bad].reset_index(drop=True)
    lines = linework.prune(linework.contract(lines, PLACE, 9), PLACE, 16)
    lines = linework.node(linework.slim(linework.merge(lines), 18))
    lines = linework.prune(linework.contract(lines, PLACE, 9), PLACE, 16)
    lines = linework.slim(linework.merge(linework.node(lines)), 12)
    lines = linework.merge(linework.node(lines))
    metres = PLACE.from_lattice(lines.geometry.to_numpy())
    part = linework.parts(lines)
    sizes = pd.Series(linework.lengths(lines, PLACE)).groupby(part).sum()
    islet = shapely.intersects(metres, land.islets[0])
    keep = (part == sizes.idxmax()) | islet
    return _name_bare(lines[keep].reset_index(drop=True))


def _name_bare(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give nameless country main roads the county-road numbers that such roads carry."""
    bare = (lines.name == "") & lines.highway.isin(["primary", "secondary", "tertiary"])
    middle = shapely.get_coordinates(
        PLACE.from_lattice(shapely.line_interpolate_point(lines.geometry.to_numpy(), 0.5,
                                                             normalized=True))
    )  # fmt: skip
    third = (np.arctan2(middle[:, 1], middle[:, 0]) / np.pi * 9).astype(int) + 10
    lines.loc[bare, "name"] = [f"澄{k:02d}线" for k in third[bare]]
    return lines


def _frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows)
    shapes = PLACE.to_lattice(table.pop("geometry").to_numpy())
    good = shapely.is_valid(shapes) & (shapely.length(shapes) > 0)
    return gpd.GeoDataFrame(table[linework.COLUMNS], geometry=shapes)[good].reset_index(drop=True)
