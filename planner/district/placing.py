"""Where points lie: the community that holds them, and their place on the streets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.district.area import StudyArea
from planner.district.checks import places_named
from planner.district.entrances import main_entrance, near_streets
from planner.engine.network import Network, Snapped, scrap_edges
from planner.errors import Problems
from planner.settings import Settings

FARTHEST_M = 50_000.0  # of a community's middle from any street


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What comes to light while a study area is assembled.

    Parameters
    ----------
    problems
        What is wrong.
    notes
        Remarks for the reader: keys of the catalogue of texts with their values.
    skipped
        Rows left out because a source says so.
    """

    problems: Problems
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    skipped: list[pd.DataFrame] = field(default_factory=list)


def own_community(points: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> pd.Series:
    """Return the community of each place: where it lies, or the one that it was placed by.

    Parameters
    ----------
    points
        Labelled facilities or candidates, with ``approximate`` and ``community``.
    communities
        Polygons on their id.

    Returns
    -------
    The community's id on the index of the points, missing where there is none.
    """
    lies = located(points, communities).astype(object)
    named = points["approximate"] & points["community"].isin(communities.index)
    return lies.mask(named, points["community"])


def located(points: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> pd.Series:
    """Find the community that each point lies in: the first, where polygons overlap.

    Parameters
    ----------
    points
        Points.
    communities
        Polygons on their id.

    Returns
    -------
    The community's id on the index of the points, missing where none holds it.
    """
    if points.empty:
        return pd.Series(index=points.index, dtype=object)
    which, where = communities.sindex.query(points.geometry, predicate="intersects")
    which, first = np.unique(which, return_index=True)
    found = np.full(len(points), np.nan, dtype=object)
    found[which] = communities.index.to_numpy()[where[first]]
    return pd.Series(found, index=points.index)


def on_streets(
    frame: gpd.GeoDataFrame,
    network: Network,
    settings: Settings,
    findings: Findings,
    streets: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Keep the points that lie on the streets; report or skip the others, as their source says.

    What lies by a street that the scenario closes is listed as such, whatever its source says.

    Parameters
    ----------
    frame
        Labelled facilities or candidates, with ``file``, ``row`` and ``outside``.
    network
        The streets.
    settings
        What the run is asked to do: the snap limit.
    findings
        Takes what is wrong, and what is skipped.
    streets
        The streets as lines, those that the scenario closes among them.

    Returns
    -------
    The points on the streets.
    """
    frame = near_streets(frame, network, settings.walk.max_snap_m)
    frame = frame.rename(columns={"nearest_m": "distance_m"})
    off = frame["distance_m"].notna()
    if settings.streets.closes and off.any():
        around = frame.geometry[off].buffer(settings.walk.max_snap_m)
        shut = off.copy()
        shut[off] = np.isin(np.arange(off.sum()), streets.sindex.query(around, "intersects")[0])
        frame, off = without(frame.assign(outside="skip"), shut, "closed_off", findings), off[~shut]
    return without(frame, off, "off_streets", findings).drop(columns="distance_m")


def to_streets(frame: gpd.GeoDataFrame, network: Network, max_snap_m: float) -> gpd.GeoDataFrame:
    """Move places that are but the middle of a community to the street nearest to it.

    Nobody measured how far from a street they stand: the walk to a street is none of theirs.

    Parameters
    ----------
    frame
        Labelled facilities or candidates; ``approximate`` says which are such places.
    network
        The streets.
    max_snap_m
        How far a street may be of other places, metres; where none is as near, the nearest is
        taken.

    Returns
    -------
    The places, those that are approximate on the street.
    """
    own = frame.index[frame["approximate"]]
    if own.empty:
        return frame
    places = frame.geometry[own]
    near, far = (
        network.snap(places, max_snap_m=limit).points for limit in (max_snap_m, FARTHEST_M)
    )
    feet = near[["x", "y"]].fillna(far[["x", "y"]]).dropna()
    shapes = frame.geometry.copy()
    shapes[feet.index] = shapely.points(feet.to_numpy())
    return frame.set_geometry(shapes)


def without(
    frame: gpd.GeoDataFrame, wrong: pd.Series, reason: str, findings: Findings
) -> gpd.GeoDataFrame:
    """Return the points but for those nobody can reach: a problem each, or listed if so asked.

    Parameters
    ----------
    frame
        Labelled facilities or candidates, with ``file``, ``row``, ``outside`` and ``distance_m``.
    wrong
        Which of them nobody can reach.
    reason
        Why: the entry of the catalogue of texts, without its room.
    findings
        Takes what is wrong, and what is skipped.

    Returns
    -------
    The other points.
    """
    if not wrong.any():
        return frame
    out = frame[wrong].reindex(columns=[*frame.columns.difference(["distance_m"]), "distance_m"])
    told = out.loc[out["outside"] == "error", ["file", "row", "name", "distance_m"]]
    for file, row, name, far in told.itertuples(index=False):
        metres = "" if pd.isna(far) else f"{far:,.0f}"
        findings.problems.add(f"area.{reason}", file=file, row=row, value=name, metres=metres)
    listed = out.loc[out["outside"] == "skip", ["file", "row", "name", "distance_m"]]
    findings.skipped.append(listed.assign(reason=reason))
    return frame[~wrong]


def listed(skipped: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows left out in one table.

    Parameters
    ----------
    skipped
        Tables of rows left out.

    Returns
    -------
    ``file``, ``row``, ``name``, ``reason`` and ``distance_m``.
    """
    filled = [part for part in skipped if len(part)]
    columns = ["file", "row", "name", "reason", "distance_m"]
    return (
        pd.concat(filled, ignore_index=True).reindex(columns=columns)
        if filled
        else pd.DataFrame([], columns=columns)
    )


def cut_off(area: StudyArea, homes: Snapped) -> pd.Series:
    """Return which facilities stand on a part of the streets where nobody lives.

    Parameters
    ----------
    area
        The study area.
    homes
        Its demand points on the streets.

    Returns
    -------
    Boolean series on the facilities' index.
    """
    peopled = homes.points["part"].dropna().unique()
    if area.network.components.index.isin(peopled).all():
        return pd.Series(data=False, index=area.facilities.index)
    at = area.network.snap(main_entrance(area.facilities), max_snap_m=homes.max_snap_m)
    part = at.points["part"]
    return part.notna() & ~part.isin(peopled)


def remark_on_scraps(area: StudyArea, homes: Snapped) -> list[tuple[str, dict[str, object]]]:
    """Return a remark on places by scraps of street: how many there are, and where they stand.

    Parameters
    ----------
    area
        The study area.
    homes
        Its demand points on the streets.

    Returns
    -------
    Keys of the catalogue of texts with their values, for homes and for facilities.
    """
    network, limit_m = area.network, homes.max_snap_m
    plain = replace(network, pass_over_m=0.0, kept={})
    notes: list[tuple[str, dict[str, object]]] = []
    length = network.components["length_m"]
    scrap = set(length.index[length < min(network.pass_over_m, 0.1 * length.iloc[0])])
    for key, frame in (("homes", area.demand), ("facilities", area.facilities)):
        if frame.empty or not scrap:
            continue
        places = main_entrance(frame)
        at = homes if key == "homes" else network.snap(places, max_snap_m=limit_m)
        by = plain.snap(places, max_snap_m=limit_m).points["part"].isin(scrap)
        on = at.points["part"].isin(scrap)
        if not by.any():
            continue
        people = frame.loc[by, "population"].sum() if "population" in frame else 0.0
        left = frame.loc[on, "population"].sum() if "population" in frame else 0.0
        told: dict[str, object] = {
            "n": int(by.sum()),
            "people": f"{people:,.0f}",
            "moved": int((by & ~on).sum()),
            "stay": int(on.sum()),
            "left": f"{left:,.0f}",
            "where": places_named(frame[on] if on.any() else frame[by]),
        }
        notes.append((f"area.scraps_{key}", told))
    return notes


def with_scraps(faults: gpd.GeoDataFrame, network: Network) -> gpd.GeoDataFrame:
    """Add the scraps of street that are passed over: the middle of each, and its length.

    Parameters
    ----------
    faults
        Where the streets do not make a network, as `StudyArea` has it.
    network
        The streets.

    Returns
    -------
    The faults, scraps among them.
    """
    own = np.flatnonzero(scrap_edges(network))
    if not len(own):
        return faults
    part = network.part_of_junction[network.graph.chain_a[network.edge_chain[own]]]
    longest = pd.DataFrame({"part": part, "edge": own, "metres": network.edge_length_m[own]})
    whole = longest.groupby("part")["metres"].sum()
    longest = longest.sort_values("metres", kind="stable").drop_duplicates("part", keep="last")
    vertex = network.edge_vertex
    middle = (vertex[longest["edge"]] + vertex[longest["edge"] + 1]) // 2
    places = shapely.points(network.ground.vertex_xy[middle])
    found = gpd.GeoDataFrame(geometry=places, crs=network.crs).assign(
        fault="scrap", mended=True, length_m=whole[longest["part"]].to_numpy()
    )
    return gpd.GeoDataFrame(pd.concat([faults, found] if len(faults) else [found]), crs=network.crs)
