"""In which buildings people live, and how many in each for every one in another."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.district.cells import numbers
from planner.district.matching import normal

MOST_FLOORS = 200.0
MOST_WORDS = 10
Remark = tuple[str, dict[str, object]]


def lived_in(buildings: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Remark]]:
    """Return the buildings that people live in: those whose use is not known to be another.

    Parameters
    ----------
    buildings
        Buildings by their contract, with ``use`` and ``use_group``, missing where not known.

    Returns
    -------
    (homes, remarks)
        Those that count as homes; how many were left out, and which words are not known.
    """
    known = _register()
    homes, other = ({normal(word) for word in known[name]} for name in ("homes", "other"))
    uses = [_normal(buildings[name]) for name in ("use", "use_group")]
    out = uses[0].isin(other) | uses[1].isin(other)
    strange = [use[use.notna() & ~use.isin(homes | other) & ~out] for use in uses]
    words = pd.concat(strange).value_counts()
    remarks: list[Remark] = []
    if out.any():
        remarks.append(("area.not_lived_in", {"n": int(out.sum()), "of": len(buildings)}))
    if len(words):
        named = ", ".join(f"{word} {n}" for word, n in words.head(MOST_WORDS).items())
        more = " …" if len(words) > MOST_WORDS else ""
        remarks.append(("area.unknown_use", {"n": int(words.sum()), "named": named + more}))
    return buildings[~out], remarks


def _normal(uses: pd.Series) -> pd.Series:
    """Return uses in the form in which words are compared; each word is looked at once."""
    return uses.map({use: normal(use) for use in uses.dropna().unique()})


def weights_of(homes: gpd.GeoDataFrame) -> tuple[pd.Series, list[Remark]]:
    """Return how many live in each building for every one in another of its community.

    Households where all buildings of a community have them, else floor area: as given, or the
    footprint times the floors. What lacks floors has those of its height, else the median of all.

    Parameters
    ----------
    homes
        Buildings that people live in, with ``community``, ``households``, ``floor_area_m2``,
        ``footprint_m2`` (numbers), ``floors`` and ``height_m`` (as the file has them).

    Returns
    -------
    (weights, remarks)
        Weights on the index of the buildings; what they rest on.
    """
    floors, assumed = _floors(homes)
    made = homes["footprint_m2"] * floors
    area = homes["floor_area_m2"].astype(float)
    area = area.where(area > 0, made.where(made > 0))
    typical = area.median()
    area = area.fillna(typical) if np.isfinite(typical) else floors
    households = homes["households"].astype(float)
    of = homes["community"]
    counted = households.notna().groupby(of).transform("all")
    counted &= households.fillna(0.0).groupby(of).transform("sum") > 0
    by_area = of[~counted].nunique()
    told: dict[str, object] = {"n": of[counted].nunique(), "of": of.nunique(), "area": by_area}
    remarks: list[Remark] = [("area.weights_of_buildings", told)]
    assumed &= (~counted) & ~(homes["floor_area_m2"].astype(float) > 0)
    if assumed.any():
        median = f"{floors[assumed].iloc[0]:g}"
        n = int(assumed.sum())
        remarks.append(("area.floors_assumed", {"n": n, "of": len(homes), "floors": median}))
    return households.where(counted, area), remarks


def _floors(homes: gpd.GeoDataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the floors of each building, and for which they are those of most."""
    said = numbers(homes["floors"].astype("string").str.rstrip("层Ff "))
    said = said.where((said > 0) & (said <= MOST_FLOORS))
    per_floor = float(_register()["metres_per_floor"])
    high = numbers(homes["height_m"].astype("string").str.rstrip("米m ")) / per_floor
    floors = said.where(said.notna(), high.where((high > 0) & (high <= MOST_FLOORS)).round())
    floors = floors.clip(lower=1.0)
    usual = floors.median()
    return floors.fillna(usual if np.isfinite(usual) else 1.0), floors.isna()


@cache
def _register() -> dict[str, Any]:
    return tomllib.loads(files("planner.district").joinpath("buildings.toml").read_text("utf-8"))
