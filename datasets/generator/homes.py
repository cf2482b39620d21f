"""Who lives where: dwellings, how old their people are, and what communities add up to."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from generator.counts import scaled, whole
from generator.files import write_parquet
from generator.ground import Land
from generator.place import Place
from generator.shapes import noise

RESIDENTIAL = {"residential", "service", "living_street", "tertiary", "unclassified"}
GROUPS = ["population", "aged_60", "aged_65", "aged_80"]


def beside_streets(
    land: Land, ways: gpd.GeoDataFrame, count: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Set dwellings beside residential ways of quarters and villages.

    Parameters
    ----------
    land
        The ground, with its quarters.
    ways
        Its streets, on the lattice.
    count
        How many dwellings.
    rng
        What chance is drawn from.

    Returns
    -------
    ``x`` and ``y`` in metres, ``quarter``, ``weight`` (residents relative to the others) and
    ``old``, the share of the aged.
    """
    calm = ways[ways.highway.isin(RESIDENTIAL)]
    line = land.place.from_lattice(calm.geometry.to_numpy())
    size = shapely.length(line)
    ways_each = np.repeat(np.arange(len(line)), np.maximum(1, (size / 60).astype(int)))
    at = rng.uniform(0.1, 0.9, len(ways_each))
    line, size = line[ways_each], size[ways_each]
    here = shapely.get_coordinates(shapely.line_interpolate_point(line, at, normalized=True))
    ahead = shapely.get_coordinates(
        shapely.line_interpolate_point(line, np.minimum(at + 0.02, 1), normalized=True)
    )
    along = (ahead - here) / np.maximum(np.hypot(*(ahead - here).T), 1e-9)[:, None]
    side = rng.choice([-1, 1], len(line)) * rng.uniform(9, 20, len(line))
    spot = here + np.column_stack([-along[:, 1], along[:, 0]]) * side[:, None]
    table = pd.DataFrame({"x": spot[:, 0], "y": spot[:, 1], "quarter": "", "dense": 0.0,
                          "old": 0.3})  # fmt: skip
    dry = shapely.union_all([land.wet.buffer(10), land.hills, *land.parks.values()])
    ok = shapely.contains_xy(land.district.buffer(-12), *spot.T) & ~shapely.contains_xy(
        dry, *spot.T
    )
    for quarter in land.quarters:
        inside = shapely.contains_xy(land.shapes[quarter.name].buffer(40), *spot.T)
        inside &= (table.quarter == "").to_numpy()
        table.loc[inside, ["quarter", "dense", "old"]] = quarter.name, quarter.dense, quarter.old
    chance = np.where(ok, np.sqrt(table.dense), 0.0)
    table["weight"] = table.dense * rng.lognormal(0, 0.45, len(table))
    x, y = table.x.to_numpy(), table.y.to_numpy()
    table["old"] *= np.exp(0.13 * noise(x, y, 1400, 131))
    chosen = rng.choice(
        len(table), min(count, (chance > 0).sum()), replace=False, p=chance / chance.sum()
    )
    return table.iloc[np.sort(chosen)].reset_index(drop=True)


def locate(homes: pd.DataFrame, units: gpd.GeoDataFrame, place: Place) -> pd.DataFrame:
    """Find each dwelling's community by the outlines as written; drop those in none."""
    points = gpd.GeoDataFrame(homes, geometry=place.points(homes[["x", "y"]].to_numpy()))
    outlines = place.on_globe(units.geometry.to_numpy())
    shapes = gpd.GeoDataFrame({"community": units.id}, geometry=outlines)
    found = points.sjoin(shapes, predicate="within").drop(columns="index_right")
    found = found[~found.index.duplicated()].sort_values(["community", "x", "y"])
    return pd.DataFrame(found.drop(columns="geometry")).reset_index(drop=True)


def lift(homes: pd.DataFrame, units: gpd.GeoDataFrame, least: float) -> pd.DataFrame:
    """Raise the weight of dwellings where a community would have fewer residents than `least`."""
    here = homes.groupby("community").weight.transform("sum")
    missing = set(units.id) - set(homes.community)
    if missing:
        message = f"nobody lives in {sorted(missing)}"
        raise ValueError(message)
    return homes.assign(weight=homes.weight * np.maximum(1.0, least / here))


def ages(
    homes: pd.DataFrame, totals: tuple[int, int, int, int], rng: np.random.Generator
) -> pd.DataFrame:
    """Share residents and the aged out as whole numbers that add up exactly.

    Parameters
    ----------
    homes
        Dwellings with ``weight``, their residents roughly, and ``old``, the share of the aged.
    totals
        Residents in all, and those aged 60, 65 and 80 and over.
    rng
        What chance is drawn from.

    Returns
    -------
    ``population``, ``aged_60``, ``aged_65``, ``aged_80`` on the dwellings.
    """
    all_ages, aged_60, aged_65, aged_80 = totals
    share = (homes.old * rng.lognormal(0, 0.16, len(homes))).to_numpy()
    people = homes.weight.to_numpy() * all_ages / homes.weight.sum()
    sixty = scaled(people * share, aged_60, people * 0.8)
    lean = np.clip(homes.old.to_numpy() / 0.27, 0.6, 1.4)
    eighty = scaled(sixty * lean**0.5 * rng.lognormal(0, 0.2, len(homes)), aged_80, sixty * 0.4)
    middle = scaled((sixty - eighty) * lean**0.2, aged_65 - aged_80, (sixty - eighty) * 0.95)
    bands = {
        "young": whole(people - sixty, all_ages - aged_60),
        "early": whole(sixty - eighty - middle, aged_60 - aged_65),
        "later": whole(middle, aged_65 - aged_80),
        "aged_80": whole(eighty, aged_80),
    }
    table = pd.DataFrame(bands)
    table["aged_65"] = table.later + table.aged_80
    table["aged_60"] = table.early + table.aged_65
    table["population"] = table.young + table.aged_60
    return table[GROUPS]


def write_dwellings(homes: pd.DataFrame, place: Place, path: Path, *further: str) -> None:
    """Write where people live as GeoParquet, with further columns where they are named."""
    lived_in = homes[homes.population > 0]
    table = gpd.GeoDataFrame(
        lived_in[["community", *further, *GROUPS]],
        geometry=place.points(lived_in[["x", "y"]].to_numpy()),
        crs="EPSG:4326",
    )
    table.insert(0, "id", [f"D{k:05d}" for k in range(1, len(table) + 1)])
    write_parquet(table.reset_index(drop=True), path)
