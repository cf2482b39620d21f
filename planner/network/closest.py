# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""The compiled search for the nearest: from all sources at once, each junction goes to one.

The source that costs least has it, and of two that cost the same the one with the lower number.
"""

from __future__ import annotations

import numpy as np

from planner.compiling import compiled
from planner.network.kernels import FAR, NONE, VIA_A, Graph, Spots, straight

_BUCKETS = 4096


@compiled
def nearest_source(
    graph: Graph, sources: Spots, limit: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Settle every junction within the limit of any spot.

    Of two spots equally near, the one that stands earlier in `sources` wins.

    Returns
    -------
    (cost, label, via)
        Per junction: cost and number of the nearest spot, and the arc it is reached by (`VIA_A` or
        `VIA_B` straight from the spot); FAR and -1 beyond the limit.
    """
    junctions = len(graph.arc_start) - 1
    cost = np.empty(junctions, np.int64)
    label = np.empty(junctions, np.int32)
    via = np.empty(junctions, np.int32)
    room = len(graph.arc_head) + 2 * len(sources.chain) + 2
    while not _spread(graph, sources, limit, cost, label, via, np.empty(room, np.int64)):
        room *= 2
    return cost, label, via


@compiled
def _spread(
    graph: Graph,
    sources: Spots,
    limit: int,
    cost: np.ndarray,
    label: np.ndarray,
    via: np.ndarray,
    keys: np.ndarray,
) -> bool:
    """Search from all spots at once with a ring of buckets; false if `keys` is too small.

    A bucket holds the junctions whose cost lies in its range, in no order: a junction that turns
    out cheaper, or nearer to an earlier spot, is put in again and settled anew.
    """
    arc_start, arc_head, arc_cost = graph.arc_start, graph.arc_head, graph.arc_cost
    cost[:] = FAR
    label[:] = NONE
    via[:] = NONE
    # No step may be longer than the ring, or it would land in a bucket of another round.
    longest = 1
    for arc in range(len(arc_cost)):
        if arc_cost[arc] <= limit:
            longest = max(longest, arc_cost[arc])
    for source in range(len(sources.chain)):
        for start in (sources.to_a[source], sources.to_b[source]):
            if sources.chain[source] != NONE and start + sources.access[source] <= limit:
                longest = max(longest, start + sources.access[source])
    shift = 0
    while longest >> shift >= _BUCKETS - 1:
        shift += 1
    first = np.full(_BUCKETS, NONE, np.int32)
    nodes = np.empty(len(keys), np.int32)
    after = np.empty(len(keys), np.int32)
    free, used, waiting = NONE, 0, 0
    for source in range(len(sources.chain)):
        chain = sources.chain[source]
        if chain == NONE:
            continue
        for end in range(2):
            node = graph.chain_b[chain] if end else graph.chain_a[chain]
            start = sources.access[source] + (sources.to_b[source] if end else sources.to_a[source])
            if start <= limit and start < cost[node]:
                cost[node], label[node], via[node] = start, source, VIA_A - end
                bucket = (start >> shift) & (_BUCKETS - 1)
                keys[used], nodes[used], after[used] = start, node, first[bucket]
                first[bucket] = used
                used += 1
                waiting += 1
    now = 0
    while waiting:
        at = first[now]
        if at == NONE:
            now = (now + 1) & (_BUCKETS - 1)
            continue
        first[now] = after[at]
        key, node = keys[at], np.uint32(nodes[at])
        after[at] = free
        free = at
        waiting -= 1
        if key > cost[node]:
            continue
        who = label[node]
        for arc in range(np.uint64(arc_start[node]), np.uint64(arc_start[node + 1])):
            head = np.uint32(arc_head[arc])
            new = key + arc_cost[arc]
            old = cost[head]
            if (new > limit) | (new > old) or (new == old and who >= label[head]):
                continue
            cost[head], label[head], via[head] = new, who, arc
            bucket = (new >> shift) & (_BUCKETS - 1)
            if new < old or bucket == now:
                at = free
                if at == NONE:
                    if used == len(keys):
                        return False
                    at = used
                    used += 1
                else:
                    free = after[at]
                keys[at], nodes[at], after[at] = new, head, first[bucket]
                first[bucket] = at
                waiting += 1
    return True


@compiled
def nearest_to_spots(
    graph: Graph,
    sources: Spots,
    by_chain: np.ndarray,
    chain_start: np.ndarray,
    limit: int,
    cost: np.ndarray,
    label: np.ndarray,
    spots: Spots,
    first: int,
    last: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Carry the junctions' nearest source on to spots `first` to `last`.

    `by_chain` lists the sources chain by chain; `chain_start` says where each chain's begin.
    Returns cost and source per spot, FAR and -1 beyond the limit.
    """
    chain_a, chain_b = graph.chain_a, graph.chain_b
    spot_chain, from_a, from_b, access = spots.chain, spots.from_a, spots.from_b, spots.access
    source_a, source_b, source_access = sources.from_a, sources.from_b, sources.access
    out_cost = np.full(last - first, FAR, np.int64)
    out_source = np.full(last - first, NONE, np.int32)
    for spot in range(first, last):
        chain = spot_chain[spot]
        if chain == NONE:
            continue
        best = FAR
        who = NONE
        a = chain_a[chain]
        b = chain_b[chain]
        if label[a] != NONE:
            best = cost[a] + from_a[spot]
            who = label[a]
        if label[b] != NONE:
            total = cost[b] + from_b[spot]
            if total < best or (total == best and label[b] < who):
                best = total
                who = label[b]
        for i in range(chain_start[chain], chain_start[chain + 1]):
            source = by_chain[i]
            direct = straight(from_a[spot], from_b[spot], source_a[source], source_b[source])
            total = source_access[source] + direct
            if total < best or (total == best and source < who):
                best = total
                who = source
        best += access[spot]
        if who != NONE and best <= limit:
            out_cost[spot - first] = best
            out_source[spot - first] = who
    return out_cost, out_source
