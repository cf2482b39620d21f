"""Where people live, and how old they are."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from chengwan.land import PLACE, QUARTERS, Land
from generator.counts import whole
from generator.shapes import noise

POPULATION, AGED_60, AGED_65, AGED_80 = 410_000, 110_700, 77_900, 13_400
LOW_INCOME, DISABLED = 1_696, 4_870
TOTALS = (POPULATION, AGED_60, AGED_65, AGED_80)
TOWN_POINTS, COUNTRY_POINTS = 5_300, 2_700
_TOWN_SHARE = 0.70


def houses(land: Land, streets: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Set dwelling clusters beside residential ways; columns x, y, quarter, weight, old."""
    usual = {"residential", "service", "living_street", "tertiary", "unclassified"}
    ways = streets[streets.highway.isin(usual)]
    line = PLACE.from_lattice(ways.geometry.to_numpy())
    size = shapely.length(line)
    at = rng.uniform(0.25, 0.75, len(line))
    here = shapely.get_coordinates(shapely.line_interpolate_point(line, at, normalized=True))
    ahead = shapely.get_coordinates(
        shapely.line_interpolate_point(line, np.minimum(at + 0.02, 1), normalized=True)
    )
    along = (ahead - here) / np.maximum(np.hypot(*(ahead - here).T), 1e-9)[:, None]
    side = rng.choice([-1, 1], len(line)) * rng.uniform(9, 20, len(line))
    place = here + np.column_stack([-along[:, 1], along[:, 0]]) * side[:, None]
    table = pd.DataFrame({"x": place[:, 0], "y": place[:, 1], "quarter": ""})
    dry = shapely.union_all([land.river.buffer(10), *land.water.values(), land.hills])
    ok = ~shapely.contains_xy(dry, *place.T) & shapely.contains_xy(
        land.district.buffer(-12), *place.T
    )
    dense = np.zeros(len(table))
    old = np.full(len(table), 0.385)
    for quarter in QUARTERS:
        inside = shapely.contains_xy(land.quarters[quarter.name], *place.T)
        table.loc[inside, "quarter"] = quarter.name
        dense[inside], old[inside] = quarter.dense, quarter.old
        if quarter.industry:
            dense[inside] = 0.05
    main = ways.highway.isin({"tertiary", "unclassified"}).to_numpy()
    town = (table.quarter != "").to_numpy()
    calm = np.where(main, 0.5, 1.0)
    town_chance = np.where(town & ok, np.minimum(size, 160) * np.sqrt(dense) * calm, 0)
    lane = ways.highway.isin({"residential", "service"}).to_numpy() & (size < 130)
    field = np.where(lane, np.minimum(size, 80), np.where(main, 3.0, 0.0))
    field_chance = np.where(~town & ok, field, 0)
    pick = np.concatenate([
        rng.choice(len(table), TOWN_POINTS, replace=False, p=town_chance / town_chance.sum()),
        rng.choice(len(table), COUNTRY_POINTS, replace=False, p=field_chance / field_chance.sum()),
    ])  # fmt: skip
    pick.sort()
    table["weight"] = np.where(town, dense, 0.6) * rng.lognormal(0, 0.45, len(table))
    for inside, share in ((town, _TOWN_SHARE), (~town, 1 - _TOWN_SHARE)):
        chosen = pick[inside[pick]]
        table.loc[inside, "weight"] *= POPULATION * share / table.weight.iloc[chosen].sum()
    remote = np.hypot(table.x / 9000, (table.y - 500) / 6000).clip(0, 1.3)
    table["old"] = np.where(town, old, old * (0.88 + 0.18 * remote)) * np.exp(
        0.13 * noise(table.x.to_numpy(), table.y.to_numpy(), 1400, 131)
    )
    return table.iloc[pick].reset_index(drop=True)


def figures(units: gpd.GeoDataFrame, homes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Sum the dwellings by community, and add households, premises and smaller groups."""
    groups = ["population", "aged_60", "aged_65", "aged_80"]
    table = homes.groupby("community")[groups].sum().reindex(units.id, fill_value=0)
    size = np.where(units.urban, 2.55, 2.42) * rng.normal(1, 0.05, len(units))
    table["households"] = np.rint(table.population / size).astype(int)
    usual = np.where(units.urban, 455, 395) * rng.lognormal(0, 0.32, len(units))
    table["premises_m2"] = (np.rint(np.clip(usual, 140, 1500) / 5) * 5).astype(int)
    lot = rng.lognormal(0, 0.4, len(units))
    table["low_income"] = whole(table.aged_60 * lot * np.where(units.urban, 0.8, 1.3), LOW_INCOME)
    table["disabled_severe"] = whole(
        (table.aged_80 * 0.11 + table.population * 0.006) * lot**0.5, DISABLED
    )
    return table
