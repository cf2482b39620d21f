"""What data say that can hardly be meant: told, and computed on as it stands.

Homes far from the community that they name, homes and communities listed twice, figures that do
not add up, links said twice, streets far from all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.district.checks import MOST_NAMED
from planner.district.far_off import far_from_most

Remark = tuple[str, dict[str, object]]

ELSEWHERE_M = 500.0  # a home farther than this from the community that it names is told
_INTERIORS_MEET = "T********"  # DE-9IM: one overlaps the other, holds it, or is its equal
_OVERLAP = 0.01  # of the smaller area: borders that were drawn by hand overlap by less
_DIFFERENCE = 0.05  # of the people: counts of two days differ by less
_SUM_OFF = 0.5  # of a community's people, where at least so many live
_SUM_OFF_PEOPLE = 50.0


def of_communities(communities: gpd.GeoDataFrame) -> list[Remark]:
    """Return a remark on communities that lie over one another, where there are any.

    Parameters
    ----------
    communities
        Polygons on their label, with ``name``, in a metric CRS.

    Returns
    -------
    No remark, or one: its key in the catalogue of texts with its values.
    """
    shapes = communities.geometry.to_numpy()
    one, two = communities.sindex.query(shapes)
    pairs = np.unique(np.stack([one, two], axis=1)[one < two], axis=0)
    within = shapely.relate_pattern(shapes[pairs[:, 0]], shapes[pairs[:, 1]], _INTERIORS_MEET)
    pairs = pairs[within]
    if not len(pairs):
        return []
    shared = shapely.area(shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]]))
    area = shapely.area(shapes)
    over = pairs[shared > _OVERLAP * np.minimum(area[pairs[:, 0]], area[pairs[:, 1]])]
    names = communities["name"].astype(str).to_numpy()
    labels = communities.index.astype(str)
    named = [f"{names[a]} ({labels[a]}) + {names[b]} ({labels[b]})" for a, b in over]
    return [("area.overlap", {"n": len(over), "named": _some(named)})] if len(over) else []


def of_homes(
    homes: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, groups: Sequence[str]
) -> list[Remark]:
    """Return remarks on homes: far from their community, listed twice, figures that lack or differ.

    Parameters
    ----------
    homes
        Demand points as read, on the row of their file, with ``community`` (the label of a
        community, missing where they lie in none) and the groups, missing where there is no figure.
    communities
        Communities on their label, in the same metric CRS.
    groups
        The columns of ``homes`` that count people.

    Returns
    -------
    Keys in the catalogue of texts with their values.
    """
    remarks: list[Remark] = []
    placed = homes[homes["community"].isin(communities.index)]
    own = communities.geometry.reindex(placed["community"])
    off = placed.geometry.distance(own, align=False).to_numpy() > ELSEWHERE_M
    if off.any():
        far = placed[off]
        people = f"{far['population'].sum():,.0f}"
        told = {"n": len(far), "people": people, "metres": f"{ELSEWHERE_M:g}"}
        remarks.append(("area.homes_elsewhere", {**told, "rows": _rows(far.index)}))
    spot = pd.DataFrame(
        {
            "community": homes["community"].astype(object),
            "x": homes.geometry.x.round(0),
            "y": homes.geometry.y.round(0),
            **{group: homes[group] for group in groups},
        }
    )
    twice = spot.duplicated(keep=False) & (homes["population"] > 0)
    if twice.any():
        again = homes[twice]
        told = {"n": len(again), "people": f"{again['population'].sum():,.0f}"}
        remarks.append(("area.homes_twice", {**told, "rows": _rows(again.index)}))
    for group in groups:
        lacks = homes.index[homes[group].isna()]
        if len(lacks):
            told = {"n": len(lacks), "group": group, "rows": _rows(lacks)}
            remarks.append(("area.no_figure_of_home", told))
    if "population" in communities:
        remarks += _sums(placed, communities)
    return remarks


def _sums(homes: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> list[Remark]:
    """Return a remark where homes hold other people than their communities say."""
    said = communities["population"].astype(float)
    held = homes.groupby("community")["population"].sum().reindex(said.index, fill_value=0.0)
    off = (held - said).abs()
    some = said >= _SUM_OFF_PEOPLE
    much = communities[some & (off > _SUM_OFF * said)]
    differ = abs(held.sum() - said.sum()) > _DIFFERENCE * max(said.sum(), 1.0)
    if not differ and much.empty:
        return []
    named = [
        f"{name} ({held[label]:,.0f} / {said[label]:,.0f})" for label, name in much["name"].items()
    ]
    told = {"held": f"{held.sum():,.0f}", "said": f"{said.sum():,.0f}", "n": len(much)}
    return [("area.people_differ", {**told, "named": _some(named) or "–"})]


def of_links(links: pd.DataFrame) -> tuple[pd.DataFrame, list[Remark]]:
    """Return each link to a community once, and a remark on those that were said twice.

    Parameters
    ----------
    links
        ``facility``, ``community`` and ``link``, with the ``file`` of each, on its row there.

    Returns
    -------
    The links without those said before, and no remark or one.
    """
    again = links[["facility", "community", "link"]].duplicated()
    if not again.any():
        return links, []
    rows = links[again]
    named = [
        f"{facility} – {community} ({file} {row})"
        for row, facility, community, file in zip(
            rows.index, rows["facility"], rows["community"], rows["file"], strict=True
        )
    ]
    return links[~again], [("area.links_twice", {"n": len(rows), "named": _some(named)})]


def of_streets(streets: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Remark]]:
    """Return the streets but for those far from all others, and a remark on these.

    Parameters
    ----------
    streets
        Lines in a metric CRS.

    Returns
    -------
    The streets that say how far the data reach, and no remark or one.
    """
    bounds = shapely.bounds(streets.geometry.to_numpy())
    x, y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    far = far_from_most(x, y)
    if not far.any():
        return streets, []
    named = [f"({x[i]:.0f}, {y[i]:.0f})" for i in np.flatnonzero(far)]
    return streets[~far], [("area.stray_streets", {"n": int(far.sum()), "named": _some(named)})]


def _rows(index: pd.Index) -> str:
    return _some(map(str, index))


def _some(named: Iterable[str]) -> str:
    listed = list(named)
    return ", ".join(listed[:MOST_NAMED]) + (" …" if len(listed) > MOST_NAMED else "")
