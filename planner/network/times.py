# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""From points to minutes: the table of travel times, and the nearest facility."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from planner.errors import NetworkError, fail
from planner.network.kernels import (
    NONE,
    Graph,
    Spots,
    nearest_source,
    nearest_to_spots,
    pairs_within,
)
from planner.network.question import Question, cost_limit, cost_per_minute, to_minutes
from planner.network.several import nearest_sources, nearest_to_spots_k
from planner.network.snapping import WORKERS, in_chunks
from planner.network.spots import Placed, only, placed

_ROOM = 2**20  # pairs written in one go


def travel_times(asked: Question) -> pd.DataFrame:
    """List the pairs within the cutoff: see `Network.travel_times`."""
    found = [
        part
        for speed, rows in asked.groups
        for part in _pairs(asked, rows, asked.cutoff_min, speed)
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

    in_chunks(len(parts), fill, 1 if len(out) > _ROOM else max(1, len(parts)))
    return out


def _pairs(
    asked: Question, rows: np.ndarray | None, cutoff_min: float, speed_mps: float
) -> list[tuple[np.ndarray, ...]]:
    """Find the pairs of some rows of demand at one speed: facility, demand, minutes, in parts."""
    network = asked.network
    per_min = cost_per_minute(network, speed_mps)
    limit = cost_limit(cutoff_min, per_min)
    sources = placed(network, asked.facilities, speed_mps).spots
    targets = only(placed(network, asked.demand, speed_mps), rows)
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
    return max(16, min(2048, -(-n // (2 * WORKERS))))


def nearest(asked: Question) -> pd.DataFrame:
    """Find the nearest facility of each demand point: see `Network.nearest`."""
    n = len(asked.index)
    who, minutes = np.full(n, NONE, np.int32), np.full(n, np.nan)
    for speed, rows in asked.groups:
        mine = slice(None) if rows is None else rows
        who[mine], minutes[mine] = _nearest(asked, rows, speed)
    facility = _labels_or_missing(asked.facility, who)
    return pd.DataFrame({"facility": facility, "minutes": minutes}, index=asked.index)


def _labels_or_missing(labels: pd.Index, number: np.ndarray) -> Any:
    """Take labels by number, missing for -1; whole numbers stay so."""
    labels = labels.to_flat_index() if isinstance(labels, pd.MultiIndex) else labels
    if labels.dtype.kind in "iu":
        missing = number == NONE
        value = labels.to_numpy().take(np.where(missing, 0, number)) if len(labels) else number
        return pd.arrays.IntegerArray(value.astype(np.int64), missing)
    return pd.api.extensions.take(labels.array, number, allow_fill=True)


def _nearest(
    asked: Question, rows: np.ndarray | None, speed_mps: float
) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest facility of some rows of demand at one speed: its number, and minutes."""
    network, cutoff_min = asked.network, asked.cutoff_min
    per_min = cost_per_minute(network, speed_mps)
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


def nearest_k(asked: Question, k: int) -> pd.DataFrame:
    """List the k nearest facilities of each demand point: see `Network.nearest_k`."""
    if k < 1 or int(k) != k:
        raise fail(NetworkError, "network.bad_k", value=k)
    k = min(int(k), len(asked.facility))
    who = np.full((len(asked.index), k), NONE, np.int32)
    minutes = np.full(who.shape, np.nan)
    for speed, rows in asked.groups if k else ():
        mine = slice(None) if rows is None else rows
        who[mine], minutes[mine] = _nearest_k(asked, rows, speed, k)
    target, rank = np.nonzero(who != NONE)
    return pd.DataFrame(
        {
            "demand": asked.index.take(target),
            "facility": asked.facility.take(who[target, rank]),
            "minutes": minutes[target, rank],
            "rank": rank + 1,
        },
        copy=False,
    )


def _nearest_k(
    asked: Question, rows: np.ndarray | None, speed_mps: float, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the k nearest facilities of some rows of demand at one speed: numbers, and minutes."""
    network, cutoff_min = asked.network, asked.cutoff_min
    per_min = cost_per_minute(network, speed_mps)
    limit = cost_limit(cutoff_min, per_min)
    sources = placed(network, asked.facilities, speed_mps)
    targets = placed(network, asked.demand, speed_mps).spots
    if rows is not None:
        targets = Spots(*(column[rows] for column in targets))
    found = nearest_sources(network.graph, sources.spots, limit, k)
    n = len(targets.chain)
    who, minutes = np.empty((n, k), np.int32), np.empty((n, k))

    def carry(a: int, b: int) -> None:
        total, who[a:b] = nearest_to_spots_k(
            network.graph, sources.spots, sources.order, sources.start, limit, *found, targets, a, b
        )
        minutes[a:b] = to_minutes(total, per_min, cutoff_min)

    in_chunks(n, carry, max(4096, -(-n // (4 * WORKERS))))
    return who, minutes
