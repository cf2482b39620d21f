"""A small district from its ground: streets, communities, people, and places for facilities."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from generator import names, roads
from generator.counts import whole
from generator.ground import Land
from generator.homes import GROUPS, ages, beside_streets, lift, locate
from generator.town import Town, settle
from generator.units import divide


@dataclass(frozen=True, kw_only=True)
class District:
    """Streets on the lattice, and the town with its communities and dwellings."""

    land: Land
    ways: gpd.GeoDataFrame
    town: Town


def settle_district(
    land: Land,
    *,
    communities: int,
    first: str,
    seats: dict[str, tuple[float, float]],
    letters: str,
    totals: tuple[int, int, int, int],
    household: float,
    dwellings: int,
    rng: np.random.Generator,
) -> District:
    """Settle a district.

    Parameters
    ----------
    land
        The ground.
    communities, first
        How many urban communities there are, and the name of the first.
    seats
        Where each street has its seat.
    letters
        What ids of communities begin with.
    totals
        Residents in all, and those aged 60, 65 and 80 and over.
    household
        People of a household.
    dwellings
        Number of dwellings.
    rng
        What chance is drawn from.

    Returns
    -------
    The district; its units have ``population``, ``aged_60``, ``aged_65``, ``aged_80`` and
    ``households``, which its dwellings add up to.
    """
    ways = roads.build(land, names.roads(rng), rng)
    homes = beside_streets(land, ways, dwellings, rng)
    units = divide(
        land, ways, homes, names=names.communities(first, communities, rng), seats=seats,
        letters=letters, rng=rng,
    )  # fmt: skip
    homes = locate(homes, units, land.place)
    homes = lift(homes, units, homes.weight.sum() / len(units) * 0.3)
    homes = pd.concat([homes, ages(homes, totals, rng)], axis=1)
    figures = homes.groupby("community")[GROUPS].sum().reindex(units.id, fill_value=0)
    size = household * rng.normal(1, 0.05, len(units))
    figures["households"] = np.rint(figures.population / size).astype(int)
    units = units.join(figures, on="id")
    return District(land=land, ways=ways, town=settle(units, homes, ways, land.place, rng))


def group(
    units: gpd.GeoDataFrame, by: pd.Series, total: int, rng: np.random.Generator
) -> np.ndarray:
    """Share out people of a smaller group over the units, about as `by`, to a given sum."""
    return whole(by.to_numpy() * rng.lognormal(0, 0.4, len(units)) + 0.01, total)


def flags(
    units: gpd.GeoDataFrame, among: np.ndarray, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Say 是 of `count` units drawn from those numbered, 否 of the others."""
    said = np.full(len(units), "否", dtype=object)
    said[rng.choice(among, count, replace=False)] = "是"
    return said
