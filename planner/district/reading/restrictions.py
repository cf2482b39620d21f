"""What a scenario closes, avoids or slows on the streets: a bridge, a flooded quarter, stairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from planner.district.matching import normal
from planner.engine.network import Network
from planner.engine.network.graph.modes import Mode, street_class
from planner.errors import Problems, did_you_mean
from planner.settings import Settings

BARRIER_M = 0.5  # to either side of a line across a street: what is cut out of the street
MOST_NAMED = 8
Notes = list[tuple[str, dict[str, object]]]


def without_closed(
    lines: gpd.GeoDataFrame,
    closures: gpd.GeoDataFrame | None,
    settings: Settings,
    problems: Problems,
    notes: Notes,
) -> gpd.GeoDataFrame:
    """Return the streets that are left once those that the scenario closes are gone.

    Parameters
    ----------
    lines
        The streets, in the CRS in metres that all is computed in, with their ``name``.
    closures
        Areas that are closed, and lines across streets that are barred there, in any CRS; None
        where the scenario names none.
    settings
        The scenario: ``streets.closed`` names streets.
    problems
        Takes names that no street has.
    notes
        Take what was closed.

    Returns
    -------
    The streets, those that reach into a closed area cut at its border.
    """
    before_m = float(lines.length.sum())
    wanted = {normal(name): name for name in settings.streets.closed}
    known = lines["name"].map(normal, na_action="ignore")
    for unknown in [name for name in wanted if name not in set(known.dropna())]:
        hint = did_you_mean(wanted[unknown], lines["name"].dropna().astype(str).unique())
        value = wanted[unknown]
        problems.add("io.no_street_of_name", file="streets.closed", value=value, hint=hint)
    left = lines[~known.isin(wanted)]
    if closures is not None:
        left = _cut(left, closures.to_crs(lines.crs))
    listed = settings.streets.closures
    named = ", ".join([*wanted.values(), *([] if listed is None else [listed.label])])
    km = f"{(before_m - float(left.length.sum())) / 1000:.1f}"
    notes.append(("area.closed_streets", {"named": named, "km": km}))
    return left


def _cut(lines: gpd.GeoDataFrame, closures: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut closed areas out of streets, and a gap where a barrier crosses one."""
    shapes = closures.geometry
    areas = shapes.where(
        shapes.geom_type.isin(["Polygon", "MultiPolygon"]), shapes.buffer(BARRIER_M)
    )
    closed = areas.union_all()
    hit = lines.geometry.intersects(closed)
    cut = lines.geometry.where(~hit, lines.geometry[hit].difference(closed))
    return lines.set_geometry(cut)[~cut.is_empty]


def habits(network: Network, settings: Settings, notes: Notes) -> Mode:
    """Return what people avoid on the streets, and what takes them longer.

    Parameters
    ----------
    network
        The compiled streets.
    settings
        The scenario: ``walk.avoid`` and ``walk.factors`` name classes of street.
    notes
        Take what is avoided and slowed, and classes that no street has.

    Returns
    -------
    The mode of travel; plain walking where the scenario asks for nothing of the kind.
    """
    walk = settings.walk
    if not walk.avoid and not walk.factors:
        return Mode()
    kinds = street_class(network.attributes, "highway")
    meant = _meant([*walk.avoid, *walk.factors], kinds.unique(), notes)
    banned = frozenset(kind for word in walk.avoid for kind in meant[word])
    penalty = {kind: factor for word, factor in walk.factors.items() for kind in meant[word]}
    km = pd.Series(network.edge_length_m / 1000).groupby(kinds.to_numpy()).sum()
    if banned:
        named = ", ".join(f"{kind} {km[kind]:.1f} km" for kind in sorted(banned))
        notes.append(("area.avoided_streets", {"named": named}))
    if penalty:
        named = ", ".join(f"{kind} × {factor:g}" for kind, factor in penalty.items())
        notes.append(("area.slowed_streets", {"named": named}))
    return Mode(banned=banned, penalty=penalty)


def _meant(words: Sequence[str], kinds: Iterable[Any], notes: Notes) -> dict[str, list[str]]:
    """Return the classes in the data that each word means; note words that mean none."""
    known = [str(kind) for kind in kinds if kind not in {"", "None", "nan"}]
    meant = {word: [kind for kind in known if normal(kind) == normal(word)] for word in words}
    for word in [word for word, found in meant.items() if not found]:
        named = ", ".join(known[:MOST_NAMED])
        notes.append(("area.no_street_of_class", {"word": word, "known": named}))
    return meant
