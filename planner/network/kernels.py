"""The compiled searches: bounded shortest paths over chains of streets, in whole numbers.

Costs are 64-bit integers, billionths of a metre (or of a second where streets have speeds of their
own). Sums are therefore exact: the order of work, the contraction of chains and the direction of
a search cannot change an answer, and equal ways are truly equal.

A *chain* is a run of edges between two junctions A and B. A *spot* is a place on a chain: what it
costs to reach it from A and from B, and to reach A and B from it, `FAR` where a way is closed.
Every kernel releases the lock of the interpreter; threads are started outside.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

NANO = 1_000_000_000
FAR = 2**61
NONE = -1


class Graph(NamedTuple):
    """Junctions and chains as flat arrays, arcs grouped by the junction they leave."""

    arc_start: np.ndarray  # int64, junctions + 1
    arc_head: np.ndarray  # int32
    arc_cost: np.ndarray  # int64, FAR where closed
    arc_chain: np.ndarray  # int32, 2 * chain, + 1 from B to A
    chain_a: np.ndarray  # int32
    chain_b: np.ndarray  # int32
    forward: np.ndarray  # int64, cost from A to B, FAR where closed
    backward: np.ndarray  # int64, cost from B to A, FAR where closed


class Spots(NamedTuple):
    """Places on chains, with the leg between the place and the street."""

    chain: np.ndarray  # int32, -1 where there is no street near
    from_a: np.ndarray  # int64
    from_b: np.ndarray  # int64
    to_a: np.ndarray  # int64
    to_b: np.ndarray  # int64
    access: np.ndarray  # int64


@njit(cache=True, nogil=True, inline="always")
def _push(keys, nodes, size, key, node):
    at = size
    while at > 0:
        up = (at - 1) >> 1
        if keys[up] <= key:
            break
        keys[at] = keys[up]
        nodes[at] = nodes[up]
        at = up
    keys[at] = key
    nodes[at] = node
    return size + 1


@njit(cache=True, nogil=True, inline="always")
def _drop_first(keys, nodes, size):
    size -= 1
    key = keys[size]
    node = nodes[size]
    at = 0
    down = 1
    while down < size:
        if down + 1 < size and keys[down + 1] < keys[down]:
            down += 1
        if keys[down] >= key:
            break
        keys[at] = keys[down]
        nodes[at] = nodes[down]
        at = down
        down = 2 * at + 1
    keys[at] = key
    nodes[at] = node
    return size


@njit(cache=True, nogil=True)
def search_one(graph, spots, source, limit, cost, reached, keys, nodes):
    """Settle the junctions within the limit of one spot; return how many.

    `cost` must come in as FAR everywhere; the junctions touched stand in `reached`, so that the
    caller can put FAR back. Junctions beyond the limit are never touched.
    """
    count = 0
    size = 0
    chain = spots.chain[source]
    if chain == NONE:
        return count
    access = spots.access[source]
    for end in range(2):
        node = graph.chain_b[chain] if end else graph.chain_a[chain]
        start = access + (spots.to_b[source] if end else spots.to_a[source])
        if start <= limit and start < cost[node]:
            if cost[node] == FAR:
                reached[count] = node
                count += 1
            cost[node] = start
            size = _push(keys, nodes, size, start, node)
    while size > 0:
        key = keys[0]
        node = nodes[0]
        size = _drop_first(keys, nodes, size)
        if key > cost[node]:
            continue
        for arc in range(graph.arc_start[node], graph.arc_start[node + 1]):
            head = graph.arc_head[arc]
            new = key + graph.arc_cost[arc]
            old = cost[head]
            if new < old and new <= limit:
                if old == FAR:
                    reached[count] = head
                    count += 1
                cost[head] = new
                size = _push(keys, nodes, size, new, head)
    return count


@njit(cache=True, nogil=True, inline="always")
def along(spots, source, graph, chain, from_a, from_b):
    """Cost from a spot to a place on its own chain, straight along it."""
    best = FAR
    if graph.forward[chain] < FAR:
        ahead = from_a - spots.from_a[source]
        if ahead >= 0:
            best = ahead
    if graph.backward[chain] < FAR:
        back = from_b - spots.from_b[source]
        if back >= 0:
            best = min(best, back)
    return best


@njit(cache=True, nogil=True)
def pairs_within(graph, sources, first, last, targets, target_start, target_of, limit):
    """List every pair of source and target whose way costs no more than the limit.

    Parameters
    ----------
    graph, sources
        The streets, and the spots searched from; only `first` to `last` of them are.
    targets, target_start, target_of
        Spots grouped by chain, where each chain's group starts, and their numbers.
    limit
        Largest cost that counts.

    Returns
    -------
    (sources, targets, costs)
        One entry per pair, grouped by source.
    """
    junctions = len(graph.arc_start) - 1
    cost = np.full(junctions, FAR, np.int64)
    reached = np.empty(junctions, np.int32)
    keys = np.empty(len(graph.arc_head) + 2, np.int64)
    nodes = np.empty(len(graph.arc_head) + 2, np.int32)
    room = 4096
    out_source = np.empty(room, np.int32)
    out_target = np.empty(room, np.int32)
    out_cost = np.empty(room, np.int64)
    found = 0
    for source in range(first, last):
        own = sources.chain[source]
        if own == NONE:
            continue
        count = search_one(graph, sources, source, limit, cost, reached, keys, nodes)
        # The source's own chain comes first, then every chain that leaves a junction reached.
        for turn in range(-1, count):
            begin = 0
            end = 1
            if turn >= 0:
                begin = graph.arc_start[reached[turn]]
                end = graph.arc_start[reached[turn] + 1]
            for arc in range(begin, end):
                chain = own
                if turn >= 0:
                    chain = graph.arc_chain[arc] >> 1
                    if chain == own:
                        continue
                    if graph.arc_chain[arc] & 1 and cost[graph.chain_a[chain]] < FAR:
                        continue  # A's turn covers this chain
                low = target_start[chain]
                high = target_start[chain + 1]
                if low == high:
                    continue
                if found + high - low > room:
                    room = max(2 * room, found + high - low)
                    out_source = _grown(out_source, found, room)
                    out_target = _grown(out_target, found, room)
                    out_cost = _grown(out_cost, found, room)
                at_a = cost[graph.chain_a[chain]]
                at_b = cost[graph.chain_b[chain]]
                for t in range(low, high):
                    total = min(at_a + targets.from_a[t], at_b + targets.from_b[t])
                    if chain == own:
                        direct = along(
                            sources, source, graph, chain, targets.from_a[t], targets.from_b[t]
                        )
                        total = min(total, sources.access[source] + direct)
                    total += targets.access[t]
                    if total <= limit:
                        out_source[found] = source
                        out_target[found] = target_of[t]
                        out_cost[found] = total
                        found += 1
        for i in range(count):
            cost[reached[i]] = FAR
    return out_source[:found].copy(), out_target[:found].copy(), out_cost[:found].copy()


@njit(cache=True, nogil=True)
def _grown(old, used, room):
    new = np.empty(room, old.dtype)
    new[:used] = old[:used]
    return new


@njit(cache=True, nogil=True)
def nearest_source(graph, sources, limit):
    """Settle every junction within the limit of any spot: cost and number of the nearest spot.

    Of two spots equally near, the one that stands earlier in `sources` wins.
    """
    junctions = len(graph.arc_start) - 1
    cost = np.full(junctions, FAR, np.int64)
    label = np.full(junctions, NONE, np.int32)
    room = len(graph.arc_head) + 2 * len(sources.chain) + 2
    keys = np.empty(room, np.int64)
    nodes = np.empty(room, np.int32)
    size = 0
    for source in range(len(sources.chain)):
        chain = sources.chain[source]
        if chain == NONE:
            continue
        for end in range(2):
            node = graph.chain_b[chain] if end else graph.chain_a[chain]
            start = sources.access[source] + (sources.to_b[source] if end else sources.to_a[source])
            if start <= limit and start < cost[node]:
                cost[node] = start
                label[node] = source
                size = _push(keys, nodes, size, start, node)
    while size > 0:
        key = keys[0]
        node = nodes[0]
        size = _drop_first(keys, nodes, size)
        if key > cost[node]:
            continue
        for arc in range(graph.arc_start[node], graph.arc_start[node + 1]):
            head = graph.arc_head[arc]
            new = key + graph.arc_cost[arc]
            if new > limit or new > cost[head]:
                continue
            if new < cost[head] or label[node] < label[head]:
                if size == room:
                    room *= 2
                    keys = _grown(keys, size, room)
                    nodes = _grown(nodes, size, room)
                cost[head] = new
                label[head] = label[node]
                size = _push(keys, nodes, size, new, head)
    return cost, label


@njit(cache=True, nogil=True)
def nearest_to_spots(graph, sources, by_chain, chain_start, limit, cost, label, spots, first, last):
    """Carry the junctions' nearest source on to spots `first` to `last`.

    `by_chain` lists the sources chain by chain; `chain_start` says where each chain's begin.
    Returns cost and source per spot, FAR and -1 beyond the limit.
    """
    out_cost = np.full(last - first, FAR, np.int64)
    out_source = np.full(last - first, NONE, np.int32)
    for spot in range(first, last):
        chain = spots.chain[spot]
        if chain == NONE:
            continue
        best = FAR
        who = NONE
        a = graph.chain_a[chain]
        b = graph.chain_b[chain]
        if label[a] != NONE:
            best = cost[a] + spots.from_a[spot]
            who = label[a]
        if label[b] != NONE:
            total = cost[b] + spots.from_b[spot]
            if total < best or (total == best and label[b] < who):
                best = total
                who = label[b]
        for i in range(chain_start[chain], chain_start[chain + 1]):
            source = by_chain[i]
            total = sources.access[source] + along(
                sources, source, graph, chain, spots.from_a[spot], spots.from_b[spot]
            )
            if total < best or (total == best and source < who):
                best = total
                who = source
        best += spots.access[spot]
        if who != NONE and best <= limit:
            out_cost[spot - first] = best
            out_source[spot - first] = who
    return out_cost, out_source
