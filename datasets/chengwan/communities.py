"""Communities, villages and streets (街道), with borders along streets, river and field edges.

Faces of the street network and small cells of the fields grow together from seeds, so every unit
is one piece and neighbours share their border exactly.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from chengwan import names
from chengwan.country import Village
from chengwan.land import PLACE, QUARTERS, Land
from generator import linework
from generator.cells import distinct, field_edges, grow, neighbours, touching
from scipy.cluster.vq import kmeans2
from shapely.geometry.base import BaseGeometry

URBAN, RURAL = 110, 132
# Places besides its seat that a street holds on to.
_ALSO: dict[str, tuple[tuple[float, float], ...]] = {
    "锦港街道": ((-6200, 4600), (-1000, 4600), (1300, 4200), (-4300, 3600)),
    "鹭汀街道": ((5600, 3600), (4300, 3900)),
    "澄湾街道": ((3300, -2200), (1000, -3000), (1500, 300)),
    "新澜街道": ((6900, -800), (3500, 100), (3200, 2300)),
    "青垟镇": ((1300, -5700), (2000, -7300)),
}
_WALL = {"primary": 260.0, "secondary": 130.0, "tertiary": 60.0}


def divide(
    land: Land, streets: gpd.GeoDataFrame, villages: list[Village], homes: pd.DataFrame,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Divide the district among 110 urban communities and 132 villages, and these among streets."""
    built = shapely.union_all([land.quarters[q.name] for q in QUARTERS])
    faces, border = _faces(land, streets, built, rng)
    metres = PLACE.from_lattice(faces)
    middle = shapely.get_coordinates(shapely.point_on_surface(metres))
    urban = shapely.contains_xy(
        shapely.union_all([built.buffer(140), *land.parks.values()]), *middle.T
    )
    in_town = homes[homes.quarter != ""]
    chance = (in_town.weight / in_town.weight.sum()).to_numpy()
    sample = in_town[["x", "y"]].to_numpy()[rng.choice(len(in_town), 9000, p=chance)]
    seeds, _ = kmeans2(sample, URBAN, iter=25, minit="++", rng=np.random.default_rng(7))
    centres = np.array([(v.x, v.y) for v in villages if not v.hamlet])
    roots = distinct(middle, urban, seeds) + distinct(middle, ~urban, centres)

    pairs = np.array(list(border))
    wall = np.array(list(border.values()))
    far = np.hypot(*(middle[pairs[:, 0]] - middle[pairs[:, 1]]).T)
    hill = shapely.contains_xy(land.hills, *middle.T)
    cost = far * (1 + 0.8 * hill[pairs].any(axis=1)) + wall
    cost += 6000 * (urban[pairs[:, 0]] != urban[pairs[:, 1]])
    label = grow(pairs, cost, roots, len(faces))

    shapes = [shapely.coverage_union_all(faces[label == root]) for root in roots]
    shapes = list(shapely.coverage_simplify(shapes, 260))
    islets = PLACE.to_lattice(np.array(land.islets))
    hosts = [URBAN, URBAN, int(np.argmin(shapely.distance(shapes, islets[2])))]
    for host, islet in zip(hosts, islets, strict=True):
        shapes[host] = shapely.union_all([shapes[host], shapely.simplify(islet, 120)])
    units = gpd.GeoDataFrame(
        {"urban": [True] * URBAN + [False] * RURAL}, geometry=[shapely.normalize(s) for s in shapes]
    )
    units["street"] = _streets(units, land)
    units["zone"] = units.street.map({name: zone for name, (_, zone) in names.STREETS.items()})
    units["name"] = names.communities(URBAN, rng) + names.villages(RURAL, rng)
    order = {name: k + 1 for k, name in enumerate(names.STREETS)}
    units["order"] = units.street.map(order)
    units = units.sort_values(["order", "urban"], ascending=[True, False], kind="stable")
    nth = units.groupby("order").cumcount() + 1
    units["id"] = [f"CW{o:02d}{k:03d}" for o, k in zip(units.order, nth, strict=True)]
    return units.drop(columns="order").reset_index(drop=True)


def _faces(
    land: Land, streets: gpd.GeoDataFrame, built: BaseGeometry, rng: np.random.Generator
) -> tuple[np.ndarray, dict[tuple[int, int], float]]:
    """Cut the district into small faces; give also what stands between neighbouring faces."""
    wide = streets[streets.highway.map(linework.RANK) <= linework.RANK["living_street"]]
    middle = shapely.line_interpolate_point(
        PLACE.from_lattice(wide.geometry.to_numpy()), 0.5, normalized=True
    )
    town = wide[shapely.intersects(middle, built.buffer(8))]
    fields = land.mainland.difference(built)
    cells = field_edges(land.mainland, 118.0, rng)
    shore = land.mainland.boundary
    lines = PLACE.to_lattice(
        np.array([*shapely.get_parts(cells.intersection(fields)), shore, land.stream,
                  built.boundary])
    )  # fmt: skip
    whole = shapely.unary_union([*lines, *town.geometry], grid_size=1)
    faces = shapely.get_parts(shapely.polygonize([whole]))
    inside = shapely.contains(
        land.mainland.buffer(3), shapely.point_on_surface(PLACE.from_lattice(faces))
    )
    faces = faces[inside]
    pairs, middle_of = neighbours(faces)
    points = shapely.points(middle_of)
    stream = PLACE.to_lattice(land.stream)
    wall = np.where(shapely.dwithin(points, stream, 4), 9000.0, 0.0)
    tree = shapely.STRtree(town.geometry.to_numpy())
    point, line = tree.query(points, predicate="dwithin", distance=3)
    height = town.highway.map(_WALL).fillna(0).to_numpy()[line]
    np.maximum.at(wall, point, height)
    border: dict[tuple[int, int], float] = {}
    for (a, b), height_m in zip(pairs.tolist(), wall, strict=True):
        key = (min(a, b), max(a, b))
        border[key] = max(border.get(key, 0.0), float(height_m))
    return faces, border


def _streets(units: gpd.GeoDataFrame, land: Land) -> list[str]:
    """Group communities into the ten streets and towns, each of one piece."""
    shapes = PLACE.from_lattice(units.geometry.to_numpy())
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    street_of: dict[int, str] = {}
    for name, (seat, _) in names.STREETS.items():
        for x, y in (seat, *_ALSO.get(name, ())):
            street_of[int(np.argmin(shapely.distance(shapes, shapely.Point(x, y))))] = name
    roots = list(street_of)
    pairs, line = touching(units)
    wet = shapely.dwithin(PLACE.from_lattice(line), land.stream, 30)
    wall = np.where(wet, 4000.0, 0.0)
    cost = np.hypot(*(middle[pairs[:, 0]] - middle[pairs[:, 1]]).T) + wall
    label = grow(pairs, cost, roots, len(units))
    return [street_of[int(k)] for k in label]
