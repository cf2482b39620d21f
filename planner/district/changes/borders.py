"""Communities over the years: merged, split, turned from village to urban community.

People, households and whatever else is counted are carried over; demand points, facilities and
links follow their community.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.district.changes.district import (
    Convert,
    District,
    Merge,
    Split,
    holder,
    is_free,
    is_known,
)
from planner.errors import Problem, Problems

TOUCH_M = 1.0  # digitised borders of neighbours are seldom exactly the same
TOLERANCE = 1e-9


def merge(now: District, change: Merge, problems: Problems) -> District:
    """Return the tables with several communities merged, in the place of the first.

    Parameters
    ----------
    now
        The tables before the change.
    change
        The communities, and the id and name of what they become.
    problems
        Collects what is wrong; then the tables stay as they are.

    Returns
    -------
    The tables after it; parts that do not touch each other are remarked on.
    """
    old = list(dict.fromkeys(change.communities))
    known = [is_known(label, now.communities.index, "community", problems) for label in old]
    free = is_free(change.into, now.communities.index.difference(old), problems)
    if len(old) < 2:
        problems.add("changes.merge_few", value=change.into)
    if not all(known) or not free or len(old) < 2:
        return now
    parts = now.communities.loc[old]
    notes = now.notes
    shapes = parts.geometry.to_numpy()
    near = shapely.dwithin(shapes[:, None], shapes[None], TOUCH_M)
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  slow to load

    if connected_components(near)[0] > 1:
        note = Problem(key="changes.not_touching", value=change.into)
        notes = (*notes, replace(note, params={"parts": ", ".join(map(str, old))}))
    # What is not counted comes from the largest; a merged unit has one street and one class.
    row = parts.loc[parts["population"].astype(float).idxmax()].to_dict()
    for column in _count_columns(parts):
        row[column] = parts[column].sum(min_count=len(parts))
    row |= {"id": change.into, "name": change.name or row["name"]}
    row["geometry"] = parts.union_all()
    moved = pd.DataFrame({"before": old, "after": change.into, "share": 1.0})
    return _redrawn(now, old, [row], moved, notes)


def split(now: District, change: Split, problems: Problems) -> District:
    """Return the tables with one community divided into several, in its place.

    Parameters
    ----------
    now
        The tables before the change.
    change
        The community, and the shares of its people or the shapes of its parts.
    problems
        Collects what is wrong; then the tables stay as they are.

    Returns
    -------
    The tables after it; demand points go to the part nearest to them.
    """
    old = change.community
    if not is_known(old, now.communities.index, "community", problems):
        return now
    free = [is_free(new, now.communities.index.drop(old), problems) for new in change.into]
    sizes: list[Any] = list(change.into.values())
    by_share = not any(isinstance(size, shapely.Geometry) for size in sizes)
    if len(sizes) < 2 or (by_share and (abs(sum(sizes) - 1) > TOLERANCE or min(sizes) <= 0)):
        problems.add("changes.split_shares", value=old)
        return now
    whole = now.communities.loc[old]
    demand = now.demand
    own = demand[demand["community"] == old] if demand is not None else None
    shapes = _strips(whole.geometry, own, sizes) if by_share else sizes
    shapes = [shapely.intersection(shape, whole.geometry).buffer(0) for shape in shapes]
    together, apiece = shapely.union_all(shapes).area, sum(shape.area for shape in shapes)
    if not apiece * 0.99 <= together or not together >= whole.geometry.area * 0.99:
        problems.add("changes.split_shapes", value=old)
    if not all(free) or problems.found:
        return now
    weights: dict[str, Any] = {}
    home = None
    if own is not None:
        distance = np.array([own.geometry.distance(shape).to_numpy() for shape in shapes])
        home = pd.Series(np.asarray(list(change.into))[distance.argmin(axis=0)], own.index)
        weights = {
            column: own[column].groupby(home).sum().reindex(list(change.into), fill_value=0.0)
            for column in _count_columns(now.communities)
            if column in own
        }
    of_area = np.array([shape.area for shape in shapes])
    fallback = np.asarray(sizes, dtype=float) if by_share else of_area / of_area.sum()
    people = _shares(weights.get("population"), fallback)
    rows = []
    for number, (new, shape) in enumerate(zip(change.into, shapes, strict=True)):
        name = change.names.get(new, f"{whole['name']} ({new})")
        rows.append(whole.to_dict() | {"id": new, "name": name, "geometry": shape})
        for column in _count_columns(now.communities):
            shares = _shares(weights.get(column), people)
            rows[-1][column] = _apportion(whole[column], shares)[number]
    moved = pd.DataFrame({"before": old, "after": list(change.into), "share": people})
    return _redrawn(now, [old], rows, moved, now.notes, home=home)


def convert(now: District, change: Convert, problems: Problems) -> District:
    """Return the tables with a village turned into an urban community, or the reverse.

    Parameters
    ----------
    now
        The tables before the change.
    change
        The community, its settlement class and perhaps its new name.
    problems
        Collects what is wrong; then the tables stay as they are.

    Returns
    -------
    The tables after it.
    """
    if not is_known(change.community, now.communities.index, "community", problems):
        return now
    communities = now.communities.copy()
    communities.loc[change.community, "settlement"] = change.settlement
    if change.name is not None:
        communities.loc[change.community, "name"] = change.name
    return replace(now, communities=communities)


def _redrawn(
    now: District,
    old: list[Hashable],
    rows: list[dict[Any, Any]],
    moved: pd.DataFrame,
    notes: tuple[Problem, ...],
    *,
    home: pd.Series | None = None,
) -> District:
    """Replace old communities by new ones in every table that names them."""
    new = gpd.GeoDataFrame(rows, index=[row["id"] for row in rows], crs=now.communities.crs)
    place = int(now.communities.index.get_indexer(old).min())
    first = [c for c in now.communities.index[:place] if c not in old]
    rest = [c for c in now.communities.index[place:] if c not in old]
    parts = [now.communities.loc[first], new[now.communities.columns], now.communities.loc[rest]]
    demand, facilities = now.demand, now.facilities
    into = moved["after"].iloc[0]
    if demand is not None:
        of_old = demand["community"].isin(old)
        names = demand["community"].mask(of_old, into) if home is None else demand["community"]
        demand = demand.assign(community=names)
        if home is not None:
            demand.loc[home.index, "community"] = home
    if "community" in facilities:
        held = facilities["community"].isin(old)
        holders = [holder(new, point) or into for point in facilities.geometry[held]]
        facilities = facilities.copy()
        facilities.loc[held, "community"] = holders
    heirs = {label: moved.loc[moved["before"] == label, "after"].tolist() for label in old}
    links = now.links.assign(
        community=now.links["community"].map(lambda c: heirs.get(c, [c]))
    ).explode("community")
    lineage = now.lineage.merge(moved, left_on="after", right_on="before", how="left")
    lineage = pd.DataFrame(
        {
            "before": lineage["before_x"],
            "after": lineage["after_y"].fillna(lineage["after_x"]),
            "share": lineage["share_x"] * lineage["share_y"].fillna(1.0),
        }
    )
    return District(
        communities=pd.concat([part for part in parts if len(part)]),
        demand=demand,
        facilities=facilities,
        links=links.drop_duplicates(ignore_index=True),
        lineage=lineage,
        notes=notes,
    )


def _count_columns(communities: pd.DataFrame) -> list[str]:
    """List the columns that count people or amounts, and so may be added up and divided."""
    kept = {"inside_share", "inside"}
    numeric = communities.select_dtypes("number").columns
    return [str(column) for column in numeric if column not in kept]


def _shares(weights: pd.Series | None, fallback: Any) -> Any:
    """Turn the people of each part into shares; the fallback where there are none."""
    if weights is None or not weights.sum() > 0:
        return fallback
    return (weights / weights.sum()).to_numpy(float)


def _apportion(total: float, shares: Any) -> Any:
    """Divide an amount; a whole number by largest remainders (Hamilton), so that it stays whole."""
    parts = float(total) * np.asarray(shares, dtype=float)
    if pd.isna(total) or total % 1:
        return parts
    floor = np.floor(parts + TOLERANCE)
    left = round(total - floor.sum())
    floor[np.argsort(floor - parts, kind="stable")[:left]] += 1
    return floor


def _strips(
    shape: shapely.Polygon, demand: gpd.GeoDataFrame | None, shares: Sequence[float]
) -> list[shapely.Polygon]:
    """Cut a shape across its longer side into strips with shares of its people, or its area."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))[:3]
    sides = np.diff(box, axis=0)
    lengths = np.hypot(*sides.T)
    ways = sides / lengths[:, None]
    ways[(ways.round(9) < 0)[:, 0]] *= -1
    along = ways[np.lexsort((ways[:, 0].round(9), lengths.round(3)))[-1]]  # of equals, eastwards
    across = np.array([-along[1], along[0]])
    corners = shapely.get_coordinates(shape)
    low, high = (corners @ along).min() - 1, (corners @ along).max() + 1
    side = np.abs(corners @ across).max() + 1

    def _strip(start: float, end: float) -> shapely.Polygon:
        at = [(start, -side), (start, side), (end, side), (end, -side)]
        return shapely.Polygon([a * along + b * across for a, b in at])

    def _cut_of_area(share: float) -> float:
        a, b = low, high
        for _ in range(50):
            middle = (a + b) / 2
            part = shape.intersection(_strip(low, middle)).area
            a, b = (middle, b) if part < share * shape.area else (a, middle)
        return float(a + b) / 2

    cuts = _cuts_between_homes(demand, along, shares)
    cuts = cuts or [_cut_of_area(share) for share in np.cumsum(shares)[:-1]]
    ends = [low, *cuts, high]
    return [_strip(a, b) for a, b in itertools.pairwise(ends)]


def _cuts_between_homes(
    demand: gpd.GeoDataFrame | None, along: Any, shares: Sequence[float]
) -> list[float]:
    """Find where to cut so that each part comes nearest to its share of people.

    None where people are not known, or live at too few places for every part to have one.
    """
    if demand is None or not demand["population"].sum() > 0:
        return []
    place = (shapely.get_coordinates(demand.geometry) @ along).round(6)
    spots, at = np.unique(place, return_inverse=True)
    if len(spots) < len(shares):
        return []
    so_far = np.cumsum(np.bincount(at, demand["population"].to_numpy(float)))
    cuts, first = [], 0
    for number, share in enumerate(np.cumsum(shares)[:-1]):
        last = len(spots) - (len(shares) - 1 - number)
        off = np.abs(so_far[first:last] / so_far[-1] - share)
        first += int(off.argmin()) + 1
        cuts.append(float(spots[first - 1] + spots[first]) / 2)
    return cuts
