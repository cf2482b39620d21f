# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""The compiled searches: bounded shortest paths over chains of streets, in whole numbers.

Costs are 64-bit integers, billionths of a metre (or of a second where streets have speeds of their
own). Sums are therefore exact: the order of work, the contraction of chains and the direction of
a search cannot change an answer, and equal ways are truly equal.

A *chain* is a run of edges between two junctions A and B. A *spot* is a place on a chain: what it
costs to reach it from A and from B, and to reach A and B from it, `FAR` where a way is closed.
Every kernel releases the lock of the interpreter; threads are started outside.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from planner.compiling import compiled

NANO = 1_000_000_000
FAR = 2**61
NONE = -1
_BUCKETS = 4096
_SAMPLE = 1024
VIA_A, VIA_B = -2, -3  # a junction reached straight from a spot, by the spot's end A or B


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


class Queue(NamedTuple):
    """A ring of buckets: what waits to be settled, by cost, in no order within a bucket.

    A junction that turns out cheaper is put in again, and settled anew if it had been settled:
    the width of a bucket changes no answer, only the work.
    """

    first: np.ndarray  # int32, the entry on top of each bucket, -1 where it is empty
    key: np.ndarray  # int64, cost of each entry
    node: np.ndarray  # int32, its junction
    after: np.ndarray  # int32, the entry below it
    shift: int  # a bucket is 2 ** shift wide


@compiled
def queue_for(graph: Graph) -> Queue:
    """Make an empty queue with buckets that suit the graph's chains.

    Narrow buckets spare work that is done again, wide ones spare empty buckets: a quarter of the
    usual chain, found on a sample, is good for both. No step may be longer than the ring, or it
    would land in a bucket of another round.
    """
    longest = 1
    for cost in graph.arc_cost:
        if longest < cost < FAR:
            longest = cost
    logs, count = 0.0, 1
    for arc in range(0, len(graph.arc_cost), len(graph.arc_cost) // _SAMPLE + 1):
        if 0 < graph.arc_cost[arc] < FAR:
            logs += math.log2(graph.arc_cost[arc])
            count += 1
    shift = max(0, int(logs / count) - 2)
    while longest >> shift >= _BUCKETS - 1:
        shift += 1
    return _queue(_BUCKETS, shift)


@compiled
def _queue(room: int, shift: int) -> Queue:
    return Queue(
        np.full(_BUCKETS, NONE, np.int32),
        np.empty(room, np.int64),
        np.empty(room, np.int32),
        np.empty(room, np.int32),
        shift,
    )


@compiled
def search_one(
    graph: Graph,
    spots: Spots,
    source: int,
    limit: int,
    cost: np.ndarray,
    via: np.ndarray,
    reached: np.ndarray,
    queue: Queue,
) -> int:
    """Settle the junctions within the limit of one spot; return how many.

    `cost` must come in as FAR everywhere; the junctions touched stand in `reached`, so that the
    caller can put FAR back. Junctions beyond the limit are never touched. `via` notes the arc by
    which each junction is reached, unless it is empty. The queue comes in empty, and leaves so.
    """
    count = _settle(graph, spots, source, limit, cost, via, reached, queue)
    while count < 0:  # no room: once more, with twice as much
        for i in range(-count - 1):
            cost[reached[i]] = FAR
        queue.first[:] = NONE
        queue = _queue(2 * len(queue.key), queue.shift)
        count = _settle(graph, spots, source, limit, cost, via, reached, queue)
    return count


@compiled
def _settle(
    graph: Graph,
    spots: Spots,
    source: int,
    limit: int,
    cost: np.ndarray,
    via: np.ndarray,
    reached: np.ndarray,
    queue: Queue,
) -> int:
    """Search as `search_one` does; -1 less the junctions touched where the queue has no room."""
    trace = len(via) > 0
    arc_start, arc_head, arc_cost = graph.arc_start, graph.arc_head, graph.arc_cost
    first, keys, nodes, after, shift = queue
    count = 0
    chain = spots.chain[source]
    if chain == NONE:
        return count
    access = spots.access[source]
    free, used, waiting = NONE, 0, 0
    now = (access + min(spots.to_a[source], spots.to_b[source])) >> shift
    for end in range(2):
        node = graph.chain_b[chain] if end else graph.chain_a[chain]
        start = access + (spots.to_b[source] if end else spots.to_a[source])
        if start <= limit and start < cost[node]:
            if cost[node] == FAR:
                reached[count] = node
                count += 1
            cost[node] = start
            if trace:
                via[node] = VIA_A - end
            bucket = (start >> shift) & (_BUCKETS - 1)
            keys[used], nodes[used], after[used] = start, node, first[bucket]
            first[bucket] = used
            used += 1
            waiting += 1
    now &= _BUCKETS - 1
    while waiting:
        at = first[now]
        if at == NONE:
            now = (now + 1) & (_BUCKETS - 1)
            continue
        first[now] = after[at]
        key, at_node = keys[at], np.uint32(nodes[at])
        after[at] = free
        free = at
        waiting -= 1
        if key > cost[at_node]:
            continue
        # Unsigned numbers spare the check for places counted from the end.
        for arc in range(np.uint64(arc_start[at_node]), np.uint64(arc_start[at_node + 1])):
            head = np.uint32(arc_head[arc])
            new = key + arc_cost[arc]
            old = cost[head]
            if (new < old) & (new <= limit):
                if old == FAR:
                    reached[count] = head
                    count += 1
                cost[head] = new
                if trace:
                    via[head] = arc
                at = free
                if at != NONE:
                    free = after[at]
                else:
                    if used == len(keys):
                        return -count - 1
                    at = used
                    used += 1
                bucket = (new >> shift) & (_BUCKETS - 1)
                keys[at], nodes[at], after[at] = new, head, first[bucket]
                first[bucket] = at
                waiting += 1
    return count


@compiled
def straight(from_a: int, from_b: int, source_a: int, source_b: int) -> int:
    """Cost from a spot to a place on its own chain, straight along it: FAR where it lies behind."""
    best = FAR
    if from_a < FAR and from_a >= source_a:
        best = from_a - source_a
    if from_b < FAR and from_b >= source_b:
        best = min(best, from_b - source_b)
    return best


@compiled
def pairs_within(
    graph: Graph,
    sources: Spots,
    some: np.ndarray,
    targets: Spots,
    target_start: np.ndarray,
    target_of: np.ndarray,
    limit: int,
    out: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> tuple[int, int]:
    """List every pair of source and target whose way costs no more than the limit.

    Parameters
    ----------
    graph, sources
        The streets, and the spots searched from.
    some
        Numbers of the sources that are asked for.
    targets, target_start, target_of
        Spots grouped by chain, where each chain's group starts, and their numbers.
    limit
        Largest cost that counts.
    out
        Where the pairs go: sources, targets and costs, one entry per pair, grouped by source.

    Returns
    -------
    (pairs, done)
        Number of pairs written, and of sources done before `out` was full.
    """
    arc_start, arc_head, arc_chain = graph.arc_start, graph.arc_head, graph.arc_chain
    chain_a, chain_b = graph.chain_a, graph.chain_b
    from_a, from_b, access = targets.from_a, targets.from_b, targets.access
    out_source, out_target, out_cost = out
    junctions = len(arc_start) - 1
    cost = np.full(junctions, FAR, np.int64)
    reached = np.empty(junctions, np.int32)
    queue = queue_for(graph)
    via = np.empty(0, np.int32)
    whole = 0
    for done in range(len(some)):
        source = some[done]
        own = sources.chain[source]
        if own == NONE:
            continue
        count = search_one(graph, sources, source, limit, cost, via, reached, queue)
        found = whole
        low, high = target_start[own], target_start[own + 1]
        if found + high - low > len(out_cost):
            return whole, done
        at_a, at_b = cost[chain_a[own]], cost[chain_b[own]]
        for t in range(low, high):
            total = straight(from_a[t], from_b[t], sources.from_a[source], sources.from_b[source])
            total += sources.access[source]
            total = min(total, at_a + from_a[t], at_b + from_b[t]) + access[t]
            if total <= limit:
                out_source[found] = source
                out_target[found] = target_of[t]
                out_cost[found] = total
                found += 1
        for i in range(count):
            node = np.uint32(reached[i])
            near = cost[node]
            for arc in range(np.uint64(arc_start[node]), np.uint64(arc_start[node + 1])):
                back = arc_chain[arc] & 1
                chain = np.uint32(arc_chain[arc] >> 1)
                far = cost[np.uint32(arc_head[arc])]
                if chain == own or (back and far < FAR):
                    continue  # done before, or in the turn of its end A
                low, high = target_start[chain], target_start[chain + 1]
                if found + high - low > len(out_cost):
                    return whole, done
                at_a, at_b = (far, near) if back else (near, far)
                for t in range(np.uint64(low), np.uint64(high)):
                    total = min(at_a + from_a[t], at_b + from_b[t]) + access[t]
                    if total <= limit:
                        out_source[found] = source
                        out_target[found] = target_of[t]
                        out_cost[found] = total
                        found += 1
        whole = found
        for i in range(count):
            cost[reached[i]] = FAR
    return whole, len(some)


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
