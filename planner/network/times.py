"""From points to minutes: the table of travel times, and the nearest facility."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import NetworkError, Problems
from planner.network.kernels import (
    FAR,
    NANO,
    NONE,
    Spots,
    nearest_source,
    nearest_to_spots,
    pairs_within,
)
from planner.network.snapping import WORKERS, Snapped, in_chunks

if TYPE_CHECKING:
    from planner.network.streets import Network, Points

TOLERANCE = 1000  # billionths: what rounding may add to a way that is exactly at the cutoff
_ROUND = 1e9


def travel_times(
    network: Network,
    demand: Points | None,
    facilities: Points,
    cutoff_min: float,
    speed_mps: float,
    max_snap_m: float,
) -> pd.DataFrame:
    """List the pairs within the cutoff: see `Network.travel_times`."""
    per_min = cost_per_minute(network, cutoff_min, speed_mps)
    sources, targets, index = _ask(network, demand, facilities, speed_mps, max_snap_m)
    order, start = group_by_chain(targets.chain, len(network.graph.chain_a))
    grouped = Spots(*(column[order] for column in targets))
    limit = cost_limit(cutoff_min, per_min)
    n = len(sources.chain)
    found = in_chunks(
        n,
        lambda a, b: pairs_within(
            network.graph, sources, a, b, grouped, start, order.astype(np.int32), limit
        ),
        max(1, min(512, -(-n // WORKERS))),
    )
    source, target, cost = (
        np.concatenate([part[i] for part in found]) if found else np.empty(0, kind)
        for i, kind in enumerate((np.int32, np.int32, np.int64))
    )
    return pd.DataFrame(
        {
            "demand": index.take(target),
            "facility": facilities.index.take(source),
            "minutes": to_minutes(cost, per_min, cutoff_min),
        }
    )


def nearest(
    network: Network,
    demand: Points | None,
    facilities: Points,
    cutoff_min: float,
    speed_mps: float,
    max_snap_m: float,
) -> pd.DataFrame:
    """Find the nearest facility of each demand point: see `Network.nearest`."""
    per_min = cost_per_minute(network, cutoff_min, speed_mps)
    sources, targets, index = _ask(network, demand, facilities, speed_mps, max_snap_m)
    limit = cost_limit(cutoff_min, per_min)
    cost, label = nearest_source(network.graph, sources, limit)
    by_chain, start = group_by_chain(sources.chain, len(network.graph.chain_a))
    n = len(targets.chain)
    found = in_chunks(
        n,
        lambda a, b: nearest_to_spots(
            network.graph, sources, by_chain, start, limit, cost, label, targets, a, b
        ),
        max(4096, -(-n // WORKERS)),
    )
    cost, who = (
        np.concatenate([part[i] for part in found]) if found else np.empty(0, np.int64)
        for i in range(2)
    )
    hit = who != NONE
    minutes = np.full(n, np.nan)
    minutes[hit] = to_minutes(cost[hit], per_min, cutoff_min)
    labels = facilities.index
    if len(labels):
        facility = labels.take(np.where(hit, who, 0))
        facility = facility if hit.all() else facility.to_series().reset_index(drop=True).where(hit)
    else:
        facility = pd.Series(np.full(n, None), dtype=object)
    return pd.DataFrame({"facility": np.asarray(facility), "minutes": minutes}, index=index)


def cost_per_minute(network: Network, cutoff_min: float, speed_mps: float) -> float:
    """Convert a minute to the network's unit of cost, after checking cutoff and speed."""
    problems = Problems()
    if not cutoff_min >= 0:
        problems.add("network.bad_cutoff", value=cutoff_min)
    if not 0 < speed_mps < math.inf:
        problems.add("network.bad_speed", value=speed_mps)
    problems.raise_any(NetworkError)
    return 60.0 * NANO * (speed_mps if network.unit == "m" else 1.0)


def cost_limit(cutoff_min: float, per_min: float) -> int:
    """Turn a cutoff into the largest cost that counts."""
    return int(min(round(min(cutoff_min * per_min, FAR)) + TOLERANCE, FAR // 2))


def to_minutes(cost: np.ndarray, per_min: float, cutoff_min: float) -> np.ndarray:
    """Turn costs within the cutoff into minutes, rounded to 1e-9; just under the cutoff is it."""
    minutes = np.rint(cost * (_ROUND / per_min))
    minutes /= _ROUND
    minutes[minutes > cutoff_min - 1 / _ROUND] = cutoff_min
    return minutes


def group_by_chain(chain: np.ndarray, chains: int) -> tuple[np.ndarray, np.ndarray]:
    """Sort spots by chain: their numbers in that order, and where each chain's begin."""
    order = np.argsort(chain, kind="stable")
    order = order[np.count_nonzero(chain == NONE) :]
    start = np.concatenate([[0], np.cumsum(np.bincount(chain[order], minlength=chains))])
    return order, start


def spots_of(network: Network, at: Snapped, speed_mps: float) -> Spots:
    """Place snapped points on the chains of a network."""
    edge = np.where(at.edge >= 0, at.edge, 0)
    share = np.where(at.edge >= 0, at.fraction, 0.0)
    ahead, back = network.edge_forward[edge], network.edge_backward[edge]
    chain = network.edge_chain[edge]
    before = network.edge_from_a[edge] + np.rint(share * np.where(ahead < FAR, ahead, 0)).astype(
        int
    )
    after = network.edge_from_b[edge] + np.rint((1 - share) * np.where(back < FAR, back, 0)).astype(
        int
    )
    at_a = (share == 0) & (network.chain_edge[chain] == edge)
    at_b = (share == 1) & (network.chain_edge[chain + 1] - 1 == edge)
    whole, whole_back = network.graph.forward[chain], network.graph.backward[chain]
    access = np.where(at.edge >= 0, at.access_m, 0.0)
    per_metre = NANO if network.unit == "m" else NANO / speed_mps
    return Spots(
        np.where(at.edge >= 0, chain, NONE).astype(np.int32),
        np.where(ahead < FAR, before, np.where(at_a, 0, FAR)),
        np.where(back < FAR, after, np.where(at_b, 0, FAR)),
        np.where(back < FAR, whole_back - after, np.where(at_a, 0, FAR)),
        np.where(ahead < FAR, whole - before, np.where(at_b, 0, FAR)),
        np.rint(access * per_metre).astype(np.int64),
    )


def spots_of_nodes(network: Network) -> Spots:
    """Place every node on a chain: junctions at its end, the others inside."""
    graph = network.graph
    n, junctions = len(network.node_xy), len(graph.arc_start) - 1
    chain = np.full(n, NONE, np.int32)
    number = np.arange(len(graph.chain_a), dtype=np.int32)
    chain[graph.chain_b] = number
    chain[graph.chain_a] = number
    inner = np.flatnonzero(network.edge_v >= junctions)
    node = network.edge_v[inner]
    chain[node] = network.edge_chain[inner]
    whole, whole_back = graph.forward[chain], graph.backward[chain]
    at_a = graph.chain_a[chain] == np.arange(n)
    from_a = np.where(at_a, 0, whole)
    from_b = np.where(at_a, whole_back, 0)
    ahead = network.edge_forward[inner]
    from_a[node] = np.where(ahead < FAR, network.edge_from_a[inner] + ahead, FAR)
    back = network.edge_backward[inner]
    from_b[node] = np.where(back < FAR, network.edge_from_b[inner], FAR)
    to_a = np.where(at_a, 0, np.where(from_b < FAR, whole_back - from_b, FAR))
    to_b = np.where(from_a < FAR, whole - from_a, FAR)
    return Spots(chain, from_a, from_b, to_a, to_b, np.zeros(n, np.int64))


def _ask(
    network: Network, demand: Points | None, facilities: Points, speed_mps: float, max_snap_m: float
) -> tuple[Spots, Spots, pd.Index]:
    """Place facilities and demand on the network; demand's index comes with them."""
    sources = spots_of(network, network.snap(facilities, max_snap_m), speed_mps)
    if demand is None:
        if "nodes" not in network.kept:
            network.kept["nodes"] = spots_of_nodes(network)
        return sources, network.kept["nodes"], network.node_label
    at = network.snap(demand, max_snap_m)
    return sources, spots_of(network, at, speed_mps), at.index
