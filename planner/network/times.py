# ruff: noqa: PLR0917 (the arguments every question shares)
"""From points to minutes: the table of travel times, and the nearest facility."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from planner.errors import NetworkError, Problems, fail
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
    from collections.abc import Sequence

    from planner.network.kernels import Graph
    from planner.network.snapping import Points
    from planner.network.streets import Network

Direction = Literal["to_facility", "from_facility"]
Speed = float | pd.Series

TOLERANCE = 1000  # billionths: what rounding may add to a way that is exactly at the cutoff
_ROUND = 1e9
_ROOM = 2**20  # pairs written in one go


class Placed(NamedTuple):
    """Spots, and the same grouped by chain."""

    spots: Spots
    grouped: Spots
    order: np.ndarray  # number of each grouped spot
    start: np.ndarray  # where each chain's group starts


def travel_times(
    network: Network,
    demand: Points | None,
    facilities: Points,
    cutoff_min: float,
    speed_mps: Speed,
    max_snap_m: float,
    direction: Direction,
) -> pd.DataFrame:
    """List the pairs within the cutoff: see `Network.travel_times`."""
    asked = _ask(network, demand, facilities, max_snap_m, direction)
    found = [
        part
        for speed, rows in _groups(speed_mps, asked.index)
        for part in _pairs(asked, rows, cutoff_min, speed)
    ]
    source, target, minutes = zip(*found, strict=True) if found else ((), (), ())
    return pd.DataFrame(
        {
            "demand": _labels(asked.index, target),
            "facility": _labels(asked.facility, source),
            "minutes": np.concatenate([*minutes, np.empty(0)]),
        },
        copy=False,
    )


def _labels(index: pd.Index, parts: Sequence[np.ndarray]) -> Any:
    """Take labels by number, several arrays of numbers one after the other."""
    if index.dtype.kind not in "iu":
        return index.take(np.concatenate([*parts, np.empty(0, np.int32)]))
    label = index.to_numpy()
    end = np.cumsum([0, *map(len, parts)])
    out = np.empty(end[-1], label.dtype)

    def fill(first: int, last: int) -> None:
        for k in range(first, last):
            # Numbers are sound: clipping spares numpy a copy that it keeps for errors.
            np.take(label, parts[k], out=out[end[k] : end[k + 1]], mode="clip")

    in_chunks(len(parts), fill, 1)
    return out


def _pairs(
    asked: _Asked, rows: np.ndarray | None, cutoff_min: float, speed_mps: float
) -> list[tuple[np.ndarray, ...]]:
    """Find the pairs of some rows of demand at one speed: facility, demand, minutes, in parts."""
    network = asked.network
    per_min = cost_per_minute(network, cutoff_min, speed_mps)
    limit = cost_limit(cutoff_min, per_min)
    sources = placed(network, asked.facilities, speed_mps).spots
    targets = _only(placed(network, asked.demand, speed_mps), rows)
    # Sources in the network's own order: what one search leaves in the cache serves the next.
    turn = np.argsort(sources.chain, kind="stable")

    def search(first: int, last: int) -> list[tuple[np.ndarray, ...]]:
        found: list[tuple[np.ndarray, ...]] = []
        room = _ROOM
        while first < last:
            out = (np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int64))
            pairs, done = pairs_within(
                network.graph,
                sources,
                turn[first:last],
                targets.grouped,
                targets.start,
                targets.order,
                limit,
                out,
            )
            source, target, cost = (column[:pairs] for column in out)
            found.append((source, target, to_minutes(cost, per_min, cutoff_min)))
            first += done
            room *= 1 if done else 4
        return found

    return [part for some in in_chunks(len(turn), search, _share(len(turn))) for part in some]


def _share(n: int) -> int:
    """Size of the pieces work is dealt out in: enough for every thread, and not too small."""
    return max(16, min(512, -(-n // (2 * WORKERS))))


def nearest(
    network: Network,
    demand: Points | None,
    facilities: Points,
    cutoff_min: float,
    speed_mps: Speed,
    max_snap_m: float,
    direction: Direction,
) -> pd.DataFrame:
    """Find the nearest facility of each demand point: see `Network.nearest`."""
    asked = _ask(network, demand, facilities, max_snap_m, direction)
    n = len(asked.index)
    who, minutes = np.full(n, NONE, np.int32), np.full(n, np.nan)
    for speed, rows in _groups(speed_mps, asked.index):
        mine = slice(None) if rows is None else rows
        who[mine], minutes[mine] = _nearest(asked, rows, cutoff_min, speed)
    facility = _labels_or_missing(asked.facility, who)
    return pd.DataFrame({"facility": facility, "minutes": minutes}, index=asked.index)


def _labels_or_missing(labels: pd.Index, number: np.ndarray) -> Any:
    """Take labels by number, missing for -1; whole numbers stay so."""
    if labels.dtype.kind in "iu":
        missing = number == NONE
        value = labels.to_numpy().take(np.where(missing, 0, number)) if len(labels) else number
        return pd.arrays.IntegerArray(value.astype(np.int64), missing)
    return pd.api.extensions.take(labels.array, number, allow_fill=True)


def _nearest(
    asked: _Asked, rows: np.ndarray | None, cutoff_min: float, speed_mps: float
) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest facility of some rows of demand at one speed: its number, and minutes."""
    network = asked.network
    per_min = cost_per_minute(network, cutoff_min, speed_mps)
    limit = cost_limit(cutoff_min, per_min)
    sources = placed(network, asked.facilities, speed_mps)
    targets = placed(network, asked.demand, speed_mps).spots
    if rows is not None:
        targets = Spots(*(column[rows] for column in targets))
    cost, label, _ = nearest_source(network.graph, sources.spots, limit)
    return nearest_spots(network.graph, sources, targets, cost, label, limit, per_min, cutoff_min)


def nearest_spots(
    graph: Graph,
    sources: Placed,
    targets: Spots,
    cost: np.ndarray,
    label: np.ndarray,
    limit: int,
    per_min: float,
    cutoff_min: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Carry the junctions' nearest sources on to spots: number (-1: none) and minutes of each."""
    n = len(targets.chain)
    who, minutes = np.empty(n, np.int32), np.empty(n)

    def carry(a: int, b: int) -> None:
        total, who[a:b] = nearest_to_spots(
            graph,
            sources.spots,
            sources.order,
            sources.start,
            limit,
            cost,
            label,
            targets,
            a,
            b,
        )
        minutes[a:b] = to_minutes(total, per_min, cutoff_min)
        minutes[a:b][who[a:b] == NONE] = np.nan

    in_chunks(n, carry, max(4096, -(-n // (4 * WORKERS))))
    return who, minutes


def nearest_k(
    network: Network,
    demand: Points | None,
    facilities: Points,
    k: int,
    cutoff_min: float = 15.0,
    speed_mps: Speed = 1.0,
    max_snap_m: float = 200.0,
    direction: Direction = "to_facility",
) -> pd.DataFrame:
    """List the k nearest facilities of every demand point.

    Parameters
    ----------
    network, demand, facilities, cutoff_min, speed_mps, max_snap_m, direction
        As for `Network.travel_times`.
    k
        Number of facilities; fewer where fewer are within the cutoff.

    Returns
    -------
    pandas.DataFrame
        `demand`, `facility`, `minutes` and `rank` (1 is the nearest), demand after demand. Of
        facilities equally near, the first one given comes first.
    """
    asked = _ask(network, demand, facilities, max_snap_m, direction)
    found: list[tuple[np.ndarray, ...]] = [(np.empty(0, int), np.empty(0, int), np.empty(0))]
    for speed, rows in _groups(speed_mps, asked.index):
        found += _pairs(asked, rows, cutoff_min, speed)
    source, target, minutes = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((source, minutes, target))
    source, target, minutes = source[order], target[order], minutes[order]
    first = np.flatnonzero(np.diff(target, prepend=-1))
    rank = np.arange(len(target)) - np.repeat(first, np.diff(first, append=len(target))) + 1
    keep = rank <= k
    return pd.DataFrame(
        {
            "demand": asked.index.take(target[keep]),
            "facility": asked.facility.take(source[keep]),
            "minutes": minutes[keep],
            "rank": rank[keep],
        },
        copy=False,
    )


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
    minutes = cost * (_ROUND / per_min)
    np.rint(minutes, out=minutes)
    minutes /= _ROUND
    minutes[minutes > cutoff_min - 1 / _ROUND] = cutoff_min
    return minutes


def placed(network: Network, at: Snapped | None, speed_mps: float) -> Placed:
    """Place snapped points, or every node, on the chains; what was placed once is kept."""
    kept = network.kept if at is None else at.kept
    # Metres do not depend on the speed; a network and its mirror are told apart.
    key = ("placed", network.mirrored, None if network.unit == "m" else speed_mps)
    if key not in kept:
        spots = spots_of_nodes(network) if at is None else spots_of(network, at, speed_mps)
        kept[key] = _grouped(spots, len(network.graph.chain_a))
    found: Placed = kept[key]
    return found


def _grouped(spots: Spots, chains: int) -> Placed:
    order = np.argsort(spots.chain, kind="stable").astype(np.int32)
    order = order[np.count_nonzero(spots.chain == NONE) :]
    start = np.zeros(chains + 1, np.int64)
    np.cumsum(np.bincount(spots.chain[order], minlength=chains), out=start[1:])
    return Placed(spots, Spots(*(column[order] for column in spots)), order, start)


def _only(all_of_them: Placed, rows: np.ndarray | None) -> Placed:
    """Keep some of the spots, under the numbers they have."""
    if rows is None:
        return all_of_them
    some = _grouped(
        Spots(*(column[rows] for column in all_of_them.spots)), len(all_of_them.start) - 1
    )
    return some._replace(order=rows[some.order].astype(np.int32))


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


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A question, checked: whom it is about, and the network as it is travelled."""

    network: Network
    demand: Snapped | None
    facilities: Snapped
    index: pd.Index
    facility: pd.Index


def _ask(
    network: Network,
    demand: Points | None,
    facilities: Points,
    max_snap_m: float,
    direction: Direction,
) -> _Asked:
    at = network.snap(facilities, max_snap_m)
    people = None if demand is None else network.snap(demand, max_snap_m)
    return _Asked(
        network=network.travelled(direction),
        demand=people,
        facilities=at,
        index=network.node_label if people is None else people.index,
        facility=at.index,
    )


def _groups(speed_mps: Speed, index: pd.Index) -> list[tuple[float, np.ndarray | None]]:
    """Split demand by speed: each speed with its rows, or all rows (None) at one speed."""
    if not isinstance(speed_mps, pd.Series):
        return [(speed_mps, None)]
    speed = speed_mps.reindex(index)
    missing = index[speed.isna().to_numpy()]
    if len(missing):
        shown = ", ".join(map(str, missing[:5]))
        raise fail(NetworkError, "network.speed_index", value=shown, count=len(missing))
    value = speed.to_numpy(np.float64)
    return [(float(one), np.flatnonzero(value == one)) for one in np.unique(value)]
