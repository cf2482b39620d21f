"""A city of any size as the files of a bureau, on the streets of `streets.py`; all made up."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from streets import streets

CRS = "EPSG:4549"
CORNER = np.array([500_000.0, 3_400_000.0])
CLASSES = np.array(["residential", "footway", "tertiary", "service", "primary"])


def draw_city(folder: Path, nodes: int, *, side: int, homes: int, **places: int) -> np.ndarray:
    """Write streets, square communities, homes and facilities of a city, as GeoPackages.

    Parameters
    ----------
    folder
        An empty folder for the files.
    nodes
        About how many nodes the streets have; each edge is a line.
    side
        Communities along each side of the square.
    homes
        How many demand points, of five people each.
    **places
        How many facilities there are of each kind.

    Returns
    -------
    Coordinates of the nodes, metres, two a row.
    """
    xy, ends, _ = streets(nodes)
    xy = np.round(xy, 3) + CORNER
    number = np.arange(len(ends))
    lines = shapely.linestrings(xy[ends].reshape(-1, 2), indices=np.repeat(number, 2))
    named = {"name": "路" + pd.Series(number % 5000).astype(str), "highway": CLASSES[number % 5]}
    _write(folder, "streets", named, lines)
    x, y = (
        np.linspace(low, high, side + 1) for low, high in zip(xy.min(0), xy.max(0), strict=True)
    )
    cells = [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for i in range(side) for j in range(side)]
    names = [f"社区{i}" for i in range(len(cells))]
    told = {"id": names, "name": names, "population": homes * 5 / len(cells)}
    _write(folder, "communities", told, cells)
    rng = np.random.default_rng(1)

    def somewhere(n: int) -> np.ndarray:
        return gpd.points_from_xy(*xy[rng.choice(len(xy), n)].T)

    _write(folder, "homes", {"id": np.arange(homes), "population": 5}, somewhere(homes))
    for kind, n in places.items():
        _write(folder, kind, {"name": [f"{kind}{i}" for i in range(n)]}, somewhere(n))
    return xy


def _write(folder: Path, name: str, table: dict[str, object], shapes: object) -> None:
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)
    pyogrio.write_dataframe(frame, folder / f"{name}.gpkg")
