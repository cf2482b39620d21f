"""Street length per resident: where the data lack streets, walking times are unreliable."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.engine.network import Network, Snapped

BESIDE_M = 25.0  # a street along a border serves both communities
MOST_NAMED = 5
_CHUNK = 200_000


@cache
def thresholds() -> dict[str, float]:
    """Return when streets are too thin, by the names of ``thin_streets.toml``."""
    said = tomllib.loads(files("planner.district").joinpath("thin_streets.toml").read_text("utf-8"))
    return {name: float(entry["value"]) for name, entry in said.items()}


def street_density(
    communities: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    network: Network,
    homes: Snapped,
    *,
    spread: bool,
) -> pd.DataFrame:
    """Measure the streets of each community against its area and its people.

    Parameters
    ----------
    communities
        Polygons on their id, with ``population``.
    demand
        Where people live, with ``community`` and ``population``.
    network
        The streets.
    homes
        The demand points on the streets, as far from one as people may live to walk on it.
    spread
        Whether people were spread along the streets: then nobody is far from one, and that says
        nothing.

    Returns
    -------
    On the communities' id: ``street_km`` within or along it, ``km_per_km2``, ``km_per_1000``
    people, ``far_share`` of people far from any street (missing where spread), ``off_share`` of
    people beyond the limit, ``thin`` (whether it is peopled as a town and has too few streets).
    """
    limit = thresholds()
    km = _street_km(communities, network)
    area = communities.geometry.area / 1e6
    people = communities["population"].astype(float)
    found = pd.DataFrame(
        {
            "street_km": km,
            "km_per_km2": km / area,
            "km_per_1000": (km / people * 1000).where(people > 0),
            "far_share": np.nan,
            "off_share": np.nan,
        },
        index=communities.index,
    )
    if not spread and len(demand):
        metres = np.nan_to_num(homes.access_m, nan=np.inf)
        lives = demand["population"].astype(float).to_numpy()
        counted = pd.DataFrame(
            {
                "all": lives,
                "far": lives * (metres > limit["far_m"]),
                "off": lives * np.isinf(metres),
            }
        )
        sums = counted.groupby(demand["community"].to_numpy()).sum().reindex(communities.index)
        for name in ("far", "off"):
            found[f"{name}_share"] = (sums[name] / sums["all"]).where(sums["all"] > 0)
    urban = people / area >= limit["urban_people_per_km2"]
    found["thin"] = urban & (found["km_per_km2"] < limit["least_km_per_km2"])
    return found


def _street_km(communities: gpd.GeoDataFrame, network: Network) -> pd.Series:
    """Add up the streets within each community and along its border, piece by piece."""
    xy, edge = network.ground.vertex_xy, network.ground.vertex_edge
    starts = np.flatnonzero(edge[1:] == edge[:-1])
    around = communities.geometry.buffer(BESIDE_M).to_numpy()
    metres = np.zeros(len(communities))
    for first in range(0, len(starts), _CHUNK):
        some = starts[first : first + _CHUNK]
        length = np.hypot(*(xy[some + 1] - xy[some]).T)
        middle = shapely.points((xy[some] + xy[some + 1]) / 2)
        # Polygons ask for points: a polygon is made ready once for all that may lie in it.
        place, piece = shapely.STRtree(middle).query(around, predicate="intersects")
        order = np.argsort(piece, kind="stable")  # in which lengths are added up
        place, piece = place[order], piece[order]
        metres += np.bincount(place, weights=length[piece], minlength=len(metres))
    return pd.Series(metres / 1000, index=communities.index)


def thin_notes(
    density: pd.DataFrame, communities: gpd.GeoDataFrame
) -> list[tuple[str, dict[str, object]]]:
    """Return what to tell of the streets: how thin they are, and warnings where too thin to trust.

    Parameters
    ----------
    density
        What `street_density` measured.
    communities
        The communities, with ``name`` and ``population``.

    Returns
    -------
    Notes by the key of their text, with the values that it names.
    """
    limit = thresholds()
    people = communities["population"].astype(float)
    whole = people.sum()
    if not whole > 0:
        return []
    area = communities.geometry.area.sum() / 1e6
    km = float(density["street_km"].sum())
    told: dict[str, object] = {"km": f"{km / area:,.1f}", "each": f"{km / whole * 1000:,.2f}"}
    notes: list[tuple[str, dict[str, object]]] = [("area.street_density", told)]
    thin = density.index[density["thin"]]
    share = people[thin].sum() / whole
    if share >= limit["warned_share"]:
        worst = density.loc[thin, "km_per_km2"].sort_values(kind="stable").index
        notes.append(
            (
                "area.thin_streets",
                {
                    "n": len(thin),
                    "share": f"{share:.0%}",
                    "least": f"{limit['least_km_per_km2']:g}",
                    "named": _named(worst, communities, density["km_per_km2"], "{:.1f}"),
                },
            )
        )
    far = (density["far_share"].fillna(0.0) * people).sum() / whole
    if far >= limit["warned_share"]:
        worst = (density["far_share"] * people).sort_values(ascending=False, kind="stable").index
        notes.append(
            (
                "area.far_from_streets",
                {
                    "share": f"{far:.0%}",
                    "metres": f"{limit['far_m']:g}",
                    "named": _named(worst, communities, density["far_share"], "{:.0%}"),
                },
            )
        )
    return notes


def _named(labels: pd.Index, communities: gpd.GeoDataFrame, figure: pd.Series, form: str) -> str:
    some = [
        f"{communities.loc[label, 'name']} ({form.format(figure[label])})"
        for label in labels[:MOST_NAMED]
    ]
    return ", ".join(some) + (" …" if len(labels) > MOST_NAMED else "")
