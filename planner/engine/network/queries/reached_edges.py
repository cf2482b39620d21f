"""Cut streets where time runs out and where another facility becomes nearer."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.engine.network.graph.arrays import Streets
from planner.engine.network.graph.snapping import Snapped
from planner.engine.network.queries.positions import EdgePosition, positions_of
from planner.engine.network.queries.query import (
    TOLERANCE,
    NetworkQuery,
    cost_limit,
    cost_per_minute,
)
from planner.engine.network.search.closest import nearest_source, nearest_to_spots
from planner.engine.network.search.kernels import FAR, Spots

Place = tuple[int, float]  # an edge by its position, and the share of it


def reached_edges(asked: NetworkQuery) -> gpd.GeoDataFrame:
    """Return the pieces of streets within reach as lines: see `Network.reached_edges`.

    Parameters
    ----------
    asked
        The query; its demand does not count.

    Returns
    -------
    `edge`, `facility`, `from_m`, `to_m`, `length_m` and the line of each piece.
    """
    return _drawn(asked.network, cut_at_limit(asked), asked.facility)


def cut_at_limit(asked: NetworkQuery) -> pd.DataFrame:
    """Cut the streets within reach into pieces.

    Parameters
    ----------
    asked
        The query; its demand does not count.

    Returns
    -------
    pandas.DataFrame
        `edge` (position in the network's order), `who` (number of the nearest facility), `start`
        and `end` (shares of the edge), along the streets in the network's order.
    """
    network, at, speed_mps = asked.network, asked.facilities, asked.speed_mps
    # A pair just beyond the cutoff may be owed to rounding; a street is cut where it runs out.
    limit = cost_limit(asked.cutoff_min, cost_per_minute(network, speed_mps)) - TOLERANCE
    stop = _stops(network, positions_of(network, at, speed_mps), at, limit)
    # A stretch runs from one stop of an edge to the next: no facility stands inside it.
    left, right = stop.iloc[:-1], stop.iloc[1:].set_axis(stop.index[:-1])
    inside = (left["edge"] == right["edge"]) & (left["share"] < right["share"])
    left, right = left[inside], right[inside]
    edge = left["edge"].to_numpy()
    a, b = left["share"].to_numpy(), right["share"].to_numpy()
    ahead, back = (
        np.where(cost < FAR, cost, np.inf)
        for cost in (network.edge_forward[edge], network.edge_backward[edge])
    )
    go = _share_within(limit - left["cost"].to_numpy(), ahead, b - a)
    come = _share_within(limit - right["cost"].to_numpy(), back, b - a)
    # Where both sides could go on, they meet at the place that is equally near to both.
    wide = go + come > b - a
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = right["cost"].to_numpy() - left["cost"].to_numpy()
        meet = np.clip((gap + back * (b - a)) / (ahead + back), 0, b - a)
    meet = np.where(np.isfinite(meet), meet, go)
    go = np.where(wide, np.minimum(go, meet), go)
    come = np.where(wide, b - a - go, come)
    table = pd.DataFrame(
        {
            "edge": np.concatenate([edge, edge]),
            "who": np.concatenate([left["who"], right["who"]]),
            "start": np.concatenate([a, b - come]),
            "end": np.concatenate([a + go, b]),
        }
    )
    return _joined(table[table["end"] > table["start"]])


def _stops(network: Streets, sources: EdgePosition, at: Snapped, limit: int) -> pd.DataFrame:
    """List both ends of each edge and every facility's foot: nearest facility, and its cost."""
    cost, label, _ = nearest_source(network.graph, sources.spots, sources.order, limit)

    def _ask(spots: Spots) -> tuple[np.ndarray, np.ndarray]:
        n = len(spots.chain)
        total, who = np.empty(n, np.int64), np.empty(n, np.int32)
        nearest_to_spots(
            network.graph,
            sources.spots,
            sources.order,
            sources.start,
            limit,
            cost,
            label,
            spots,
            0,
            n,
            total,
            who,
        )
        return total, who

    node_cost, node_who = _ask(positions_of(network, None, 1.0).spots)
    foot_cost, foot_who = _ask(sources.spots._replace(access=np.zeros_like(sources.spots.access)))
    edge, fraction = at.edge, at.fraction
    on = np.flatnonzero(edge >= 0)
    every = np.arange(len(network.edge_u))
    stop = pd.DataFrame(
        {
            "edge": np.concatenate([every, every, edge[on]]),
            "share": np.concatenate([np.zeros(len(every)), np.ones(len(every)), fraction[on]]),
            "cost": np.concatenate(
                [node_cost[network.edge_u], node_cost[network.edge_v], foot_cost[on]]
            ),
            "who": np.concatenate(
                [node_who[network.edge_u], node_who[network.edge_v], foot_who[on]]
            ),
        }
    )
    return stop.sort_values(["edge", "share"], kind="stable", ignore_index=True)


def _share_within(left: np.ndarray, cost: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Return the share of the edge that what is left of the limit buys, at most `most`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(left >= 0, left / cost, 0.0)
    return np.clip(np.where(np.isnan(share), most, share), 0.0, most)


def _joined(table: pd.DataFrame) -> pd.DataFrame:
    """Join pieces of one edge that touch and belong to one facility."""
    table = table.sort_values(["edge", "start"], kind="stable")
    before = table.shift()
    new = (
        (table["edge"] != before["edge"])
        | (table["who"] != before["who"])
        | (table["start"] > before["end"] + 1e-12)
    )
    return table.groupby(new.cumsum(), sort=False).agg(
        edge=("edge", "first"), who=("who", "first"), start=("start", "first"), end=("end", "last")
    )


def _drawn(network: Streets, table: pd.DataFrame, facility: pd.Index) -> gpd.GeoDataFrame:
    edge = table["edge"].to_numpy()
    start, end = table["start"].to_numpy(), table["end"].to_numpy()
    length = network.edge_length_m[edge]
    turned = network.edge_turned[edge]
    return gpd.GeoDataFrame(
        {
            "edge": network.edge_label.take(edge),
            "facility": facility.take(table["who"].to_numpy()),
            "from_m": np.where(turned, 1 - end, start) * length,
            "to_m": np.where(turned, 1 - start, end) * length,
            "length_m": (end - start) * length,
        },
        geometry=cut_lines(network, edge, start, end),
        crs=network.crs,
    )


def cut_lines(network: Streets, edge: np.ndarray, start: np.ndarray, end: np.ndarray) -> Any:
    """Cut edges between two shares of their length, `start` before `end`.

    Parameters
    ----------
    network
        The streets.
    edge, start, end
        Position of the edge in the network's order, and the shares, n each.

    Returns
    -------
    numpy.ndarray
        Lines along the network's own direction, n.
    """
    ground = network.ground
    key = _vertex_keys(network)
    low = np.searchsorted(key, 2.0 * edge + start, side="right")
    high = np.searchsorted(key, 2.0 * edge + end, side="left")
    inner = np.maximum(high - low, 0)
    count = inner + 2
    begin = np.concatenate([[0], np.cumsum(count)])
    which = np.repeat(np.arange(len(edge)), count)
    turn = np.arange(begin[-1]) - begin[which]
    xy = ground.vertex_xy[np.clip(low[which] + turn - 1, 0, len(key) - 1)]
    xy[begin[:-1]] = _points_at(network, edge, start)
    xy[begin[1:] - 1] = _points_at(network, edge, end)
    return shapely.linestrings(xy, indices=which)


def vertices_along(network: Streets, begin: Place, end: Place) -> np.ndarray:
    """Return the vertices of a stretch of one chain, in the direction of travel.

    Parameters
    ----------
    network
        The streets.
    begin, end
        The places it runs between: position of the edge, and share of it.

    Returns
    -------
    numpy.ndarray
        Coordinates, vertices x 2, metres.
    """
    if end < begin:
        return vertices_along(network, end, begin)[::-1]
    key = _vertex_keys(network)
    edge, share = np.array([begin[0], end[0]]), np.array([begin[1], end[1]])
    low = np.searchsorted(key, 2.0 * edge[0] + share[0], side="right")
    high = np.searchsorted(key, 2.0 * edge[1] + share[1], side="left")
    first, last = _points_at(network, edge, share)
    return np.vstack([first, network.ground.vertex_xy[low : max(low, high)], last])


def _vertex_keys(network: Streets) -> np.ndarray:
    """Return a number per vertex that grows along the streets: two per edge, plus the share."""
    if "keys" not in network.kept:
        ground = network.ground
        network.kept["keys"] = 2.0 * ground.vertex_edge + ground.vertex_at
    key: np.ndarray = network.kept["keys"]
    return key


def _points_at(network: Streets, edge: np.ndarray, share: np.ndarray) -> np.ndarray:
    ground = network.ground
    first, last = network.edge_vertex[edge], network.edge_vertex[edge + 1] - 2
    i = np.searchsorted(_vertex_keys(network), 2.0 * edge + share, side="right") - 1
    i = np.clip(i, first, last)
    at, after = ground.vertex_at[i], ground.vertex_at[i + 1]
    t = np.divide(share - at, after - at, out=np.zeros(len(i)), where=after > at)
    here, there = ground.vertex_xy[i], ground.vertex_xy[i + 1]
    between: np.ndarray = here * (1 - t)[:, None] + there * t[:, None]
    return between
