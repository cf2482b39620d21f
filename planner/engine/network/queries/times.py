"""Travel times between points: the OD table, and the nearest facility."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from planner.engine.network.queries.positions import (
    EdgePosition,
    integer_labels,
    list_targets,
    positions_of,
)
from planner.engine.network.queries.query import (
    NetworkQuery,
    cost_limit,
    cost_per_minute,
    to_minutes,
)
from planner.engine.network.search.closest import nearest_source, nearest_to_spots, write_labels
from planner.engine.network.search.k_nearest import nearest_sources, nearest_to_spots_k
from planner.engine.network.search.kernels import NONE, Graph, Spots, minutes_into
from planner.engine.network.search.matrix import grow, make_scratch, pairs_within, write_pairs
from planner.engine.network.search.threads import WORKERS, in_chunks, map_with_worker_state
from planner.errors import NetworkError, fail

_LEAST_PAIRS = 2**18  # pairs that a block of memory takes, at least
_LEAST_SEARCHES = 16  # searches given to a thread in one go, at least


class _Found(NamedTuple):
    """Pairs of a few sources, grouped by source."""

    pairs: np.ndarray  # place of each pair's end among the targets, and cost
    source: np.ndarray  # numbers of the sources
    counts: np.ndarray  # pairs of each
    label: np.ndarray  # of each target
    per_min: float


def travel_times(asked: NetworkQuery) -> pd.DataFrame:
    """Return the pairs within the cutoff: see `Network.travel_times`.

    Parameters
    ----------
    asked
        The query.

    Returns
    -------
    `demand`, `facility` and `minutes`, facility after facility.
    """
    found = [part for speed, rows in asked.groups for part in _pairs(asked, rows, speed)]
    end = np.cumsum([0, *(len(part.pairs) for part in found)])
    # One block for all columns: the system hands out large blocks in large pages, which is quick.
    columns = np.empty((3, end[-1]), np.int64)
    demand, facility, minutes = columns[0], columns[1], columns[2].view(np.float64)
    label = integer_labels(asked.facility)

    def _write(first: int, last: int) -> None:
        for k in range(first, last):
            part, rows = found[k], slice(end[k], end[k + 1])
            write_pairs(
                part.pairs,
                part.counts,
                label[part.source],
                part.label,
                part.per_min,
                asked.cutoff_min,
                demand[rows],
                facility[rows],
                minutes[rows],
            )

    in_chunks(len(found), _write, 1)
    return pd.DataFrame(
        {
            "demand": _named(asked.index, demand),
            "facility": _named(asked.facility, facility),
            "minutes": minutes,
        },
        copy=False,
    )


def _named(index: pd.Index, number: np.ndarray) -> Any:
    """Return the labels that `integer_labels` gave numbers for."""
    if not isinstance(index, pd.MultiIndex) and index.dtype == np.int64:
        return number
    return index.take(number)


def _pairs(asked: NetworkQuery, rows: np.ndarray | None, speed_mps: float) -> list[_Found]:
    """Return the pairs of some rows of demand at one speed."""
    network = asked.network
    per_min = cost_per_minute(network, speed_mps)
    limit = cost_limit(asked.cutoff_min, per_min)
    sources = positions_of(network, asked.facilities, speed_mps).spots
    targets, label = list_targets(network, asked.demand, speed_mps, rows)
    # Sources in the network's own order: what one search leaves in the cache serves the next.
    turn = np.argsort(sources.chain, kind="stable")

    def make_searcher() -> Callable[[int, int], list[_Found]]:
        scratch = make_scratch(network.graph)
        free = np.empty((_LEAST_PAIRS, 2), np.int64)

        def _search(first: int, last: int) -> list[_Found]:
            nonlocal scratch, free
            found = []
            while first < last:
                some, counts = turn[first:last], np.empty(last - first, np.int64)
                pairs, done, spent = pairs_within(
                    network.graph, sources, some, targets, limit, scratch, free, counts
                )
                found.append(_Found(free[:pairs], some[:done], counts[:done], label, per_min))
                free = free[pairs:]
                if spent:
                    scratch = grow(scratch)
                elif done < len(some):
                    free = np.empty((max(_LEAST_PAIRS, 2 * len(free)), 2), np.int64)
                first += done
            return found

        return _search

    chunk = max(_LEAST_SEARCHES, min(16 * _LEAST_SEARCHES, -(-len(turn) // (8 * WORKERS))))
    return [
        part for some in map_with_worker_state(len(turn), make_searcher, chunk) for part in some
    ]


def nearest(asked: NetworkQuery) -> pd.DataFrame:
    """Return the nearest facility of each demand point: see `Network.nearest`.

    Parameters
    ----------
    asked
        The query.

    Returns
    -------
    `facility` and `minutes` on demand's index.
    """
    n = len(asked.index)
    who, minutes = np.empty(n, np.int32), np.empty(n)
    for speed, rows in asked.groups:
        found = _nearest(asked, rows, speed)
        if rows is None:
            who, minutes = found
        else:
            who[rows], minutes[rows] = found
    facility = labels_or_missing(asked.facility, who)
    return pd.DataFrame({"facility": facility, "minutes": minutes}, index=asked.index, copy=False)


def labels_or_missing(labels: pd.Index, number: np.ndarray) -> Any:
    """Return labels by number.

    Parameters
    ----------
    labels
        The labels.
    number
        Which one is asked for; -1 for none.

    Returns
    -------
    The labels, missing for -1; whole numbers stay so.
    """
    labels = labels.to_flat_index() if isinstance(labels, pd.MultiIndex) else labels
    if labels.dtype.kind in "iu":
        label = labels.to_numpy(np.int64)
        value, missing = np.empty(len(number), np.int64), np.empty(len(number), bool)

        def _write(a: int, b: int) -> None:
            write_labels(number[a:b], label, value[a:b], missing[a:b])

        in_chunks(len(number), _write, _share(len(number)))
        return pd.arrays.IntegerArray(value, missing)
    return pd.api.extensions.take(labels.array, number, allow_fill=True)


def _nearest(
    asked: NetworkQuery, rows: np.ndarray | None, speed_mps: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest facility of some rows of demand at one speed: its number, and minutes."""
    query = at_one_speed(asked, rows, speed_mps)
    graph, sources = asked.network.graph, query.sources
    cost, label, _ = nearest_source(graph, sources.spots, sources.order, query.limit)
    return nearest_spots(graph, query, cost, label)


class SpeedQuery(NamedTuple):
    """A query at one speed, in the form that searches take."""

    sources: EdgePosition
    targets: Spots
    limit: int  # largest cost that counts
    per_min: float
    cutoff_min: float


def at_one_speed(asked: NetworkQuery, rows: np.ndarray | None, speed_mps: float) -> SpeedQuery:
    """Return a query for some rows of demand at one speed, in the form that searches take.

    Parameters
    ----------
    asked
        The query.
    rows
        Positions of the demand points it is about; None for all.
    speed_mps
        Their walking speed, metres a second.

    Returns
    -------
    The query.
    """
    network = asked.network
    per_min = cost_per_minute(network, speed_mps)
    targets = positions_of(network, asked.demand, speed_mps).spots
    if rows is not None:
        targets = Spots(*(column[rows] for column in targets))
    return SpeedQuery(
        positions_of(network, asked.facilities, speed_mps),
        targets,
        cost_limit(asked.cutoff_min, per_min),
        per_min,
        asked.cutoff_min,
    )


def nearest_spots(
    graph: Graph, query: SpeedQuery, cost: np.ndarray, label: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Carry the junctions' nearest facilities on to the demand of a query.

    Parameters
    ----------
    graph
        The streets, which may differ from those of the query in what is closed.
    query
        The query.
    cost, label
        What `nearest_source` found for each junction of that graph.

    Returns
    -------
    who, minutes
        Per demand point: number of the facility, -1 for none, and travel time.
    """
    sources, targets = query.sources, query.targets
    n = len(targets.chain)
    who, minutes = np.empty(n, np.int32), np.empty(n)

    def _carry(a: int, b: int) -> None:
        total = np.empty(b - a, np.int64)
        nearest_to_spots(
            graph,
            sources.spots,
            sources.order,
            sources.start,
            query.limit,
            cost,
            label,
            targets,
            a,
            b,
            total,
            who[a:b],
        )
        minutes_into(total, query.per_min, query.cutoff_min, minutes[a:b])

    in_chunks(n, _carry, _share(n))
    return who, minutes


def _share(n: int) -> int:
    """Return the size of the ranges that places are shared out in: enough for all, none tiny."""
    return max(4096, -(-n // (4 * WORKERS)))


def nearest_k(asked: NetworkQuery, k: int) -> pd.DataFrame:
    """Return the k nearest facilities of each demand point: see `Network.nearest_k`.

    Parameters
    ----------
    asked
        The query.
    k
        How many facilities are listed at most.

    Returns
    -------
    `demand`, `facility`, `minutes` and `rank`, demand after demand.

    Raises
    ------
    NetworkError
        If k is no whole number above 0.
    """
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
    asked: NetworkQuery, rows: np.ndarray | None, speed_mps: float, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the k nearest facilities of some rows of demand at one speed: numbers, and minutes."""
    query = at_one_speed(asked, rows, speed_mps)
    graph, (sources, targets, limit, per_min, cutoff_min) = asked.network.graph, query
    found = nearest_sources(graph, sources.spots, limit, k)
    n = len(targets.chain)
    who, minutes = np.empty((n, k), np.int32), np.empty((n, k))

    def _carry(a: int, b: int) -> None:
        total, who[a:b] = nearest_to_spots_k(
            graph, sources.spots, sources.order, sources.start, limit, *found, targets, a, b
        )
        minutes[a:b] = to_minutes(total, per_min, cutoff_min)

    in_chunks(n, _carry, _share(n))
    return who, minutes
