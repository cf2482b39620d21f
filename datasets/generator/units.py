"""Communities and villages, of one piece each, and the streets that they belong to."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.cluster.vq import kmeans2

from generator import linework
from generator.cells import distinct, field_edges, grow, neighbours, touching
from generator.ground import Land

WALL = {"primary": 260.0, "secondary": 130.0, "tertiary": 60.0}


def divide(
    land: Land,
    ways: gpd.GeoDataFrame,
    homes: pd.DataFrame,
    *,
    names: Sequence[str],
    seats: dict[str, tuple[float, float]],
    letters: str,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Divide a district among urban communities and villages, and these among streets.

    Parameters
    ----------
    land
        The ground, with the villages.
    ways
        Its streets, on the lattice.
    homes
        Dwellings with ``x``, ``y``, ``quarter`` and ``weight``.
    names
        Names of the urban communities.
    seats
        Where each street has its seat, in metres; a street begins at the unit there.
    letters
        What ids begin with.
    rng
        What chance is drawn from.

    Returns
    -------
    ``id``, ``name``, ``street``, ``urban`` and areas on the lattice, which share their borders.
    """
    towns = [q.name for q in land.quarters if q.name not in land.villages]
    built = shapely.union_all([land.shapes[name] for name in towns])
    faces, pairs, wall = _faces(land, ways, built, rng)
    middle = shapely.get_coordinates(shapely.point_on_surface(land.place.from_lattice(faces)))
    urban = shapely.contains_xy(built.buffer(120), *middle.T)
    in_town = homes[homes.quarter.isin(towns)]
    chance = (in_town.weight / in_town.weight.sum()).to_numpy()
    sample = in_town[["x", "y"]].to_numpy()[rng.choice(len(in_town), 6000, p=chance)]
    seeds, _ = kmeans2(sample, len(names), iter=25, minit="++", rng=np.random.default_rng(7))
    roots = distinct(middle, urban, seeds)
    if land.villages:
        roots += distinct(middle, ~urban, np.array(list(land.villages.values())))
    far = np.hypot(*(middle[pairs[:, 0]] - middle[pairs[:, 1]]).T)
    hill = shapely.contains_xy(land.hills, *middle.T)
    cost = far * (1 + 0.8 * hill[pairs].any(axis=1)) + wall
    if land.villages:
        cost += 6000 * (urban[pairs[:, 0]] != urban[pairs[:, 1]])
    label = grow(pairs, cost, roots, len(faces))
    shapes = [shapely.coverage_union_all(faces[label == root]) for root in roots]
    shapes = list(shapely.coverage_simplify(shapes, 200))
    units = gpd.GeoDataFrame(
        {
            "name": [*names, *land.villages],
            "urban": [True] * len(names) + [False] * len(land.villages),
        },
        geometry=[shapely.normalize(shape) for shape in shapes],
    )
    units["street"] = _streets(units, land, seats)
    order = {name: k + 1 for k, name in enumerate(seats)}
    units["order"] = units.street.map(order)
    units = units.sort_values(["order", "urban"], ascending=[True, False], kind="stable")
    nth = units.groupby("order").cumcount() + 1
    units["id"] = [f"{letters}{o:02d}{k:03d}" for o, k in zip(units.order, nth, strict=True)]
    return units.drop(columns="order").reset_index(drop=True)


def _faces(
    land: Land, ways: gpd.GeoDataFrame, built: shapely.Geometry, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut the district into small faces: they, which are neighbours, what stands between them."""
    place = land.place
    wide = ways[ways.highway.map(linework.RANK) <= linework.RANK["living_street"]]
    middle = shapely.line_interpolate_point(
        place.from_lattice(wide.geometry.to_numpy()), 0.5, normalized=True
    )
    town = wide[shapely.intersects(middle, built.buffer(8))]
    cells = field_edges(land.district, 118.0, rng).intersection(land.district.difference(built))
    lines = place.to_lattice(
        np.array([*shapely.get_parts(cells), land.district.boundary, built.boundary])
    )
    whole = shapely.unary_union([*lines, *town.geometry], grid_size=1)
    faces = shapely.get_parts(shapely.polygonize([whole]))
    inside = shapely.contains(
        land.district.buffer(3), shapely.point_on_surface(place.from_lattice(faces))
    )
    faces = faces[inside]
    pairs, middle_of = neighbours(faces)
    points = shapely.points(middle_of)
    # Rivers part communities.
    wall = np.where(shapely.intersects(place.from_lattice(points), land.wet), 900.0, 0.0)
    tree = shapely.STRtree(town.geometry.to_numpy())
    point, line = tree.query(points, predicate="dwithin", distance=3)
    np.maximum.at(wall, point, town.highway.map(WALL).fillna(0).to_numpy()[line])
    both = np.sort(pairs, axis=1)
    pairs, which = np.unique(both, axis=0, return_inverse=True)
    border = np.zeros(len(pairs))
    np.maximum.at(border, which.ravel(), wall)
    return faces, pairs, border


def _streets(
    units: gpd.GeoDataFrame, land: Land, seats: dict[str, tuple[float, float]]
) -> list[str]:
    """Group communities into streets, each of one piece around its seat."""
    shapes = land.place.from_lattice(units.geometry.to_numpy())
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    street_of = {}
    for name, (x, y) in seats.items():
        far = shapely.distance(shapes, shapely.Point(x, y))
        far[list(street_of)] = np.inf
        street_of[int(np.argmin(far))] = name
    pairs, _ = touching(units)
    cost = np.hypot(*(middle[pairs[:, 0]] - middle[pairs[:, 1]]).T)
    label = grow(pairs, cost, list(street_of), len(units))
    return [street_of[int(k)] for k in label]
