# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""Compiled search for the nearest of many sources of each junction.

The source that costs least has it, and of two that cost the same the one with the lower number:
so that it does not matter in which order sources are searched from, nor by how many threads.
Neighbours are searched from together, block after block, in what the processor's cache holds.
"""

from __future__ import annotations

import numpy as np

from planner.engine.jit import compiled, compiled_part
from planner.engine.network.search.kernels import (
    BUCKETS,
    FAR,
    NONE,
    VIA_A,
    Graph,
    Queue,
    Spots,
    bucket_shift,
    cost_along_chain,
    make_queue,
    settle,
)
from planner.engine.network.search.threads import WORKERS, in_chunks

_BLOCK = 8192  # junctions of a block, at least
_WIDE = 36  # how many times what a source reaches a block holds: few blocks meet in one place
_ASKED = 5  # sources asked how much they reach


def nearest_source(
    graph: Graph, sources: Spots, order: np.ndarray, limit: int, *, trace: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Settle every junction within the limit of any spot, each by its nearest.

    Parameters
    ----------
    graph, sources
        The streets, and the spots searched from.
    order
        Numbers of the spots near a street, chain by chain.
    limit
        Largest cost that counts.
    trace
        Whether to note the ways.

    Returns
    -------
    (cost, label, via)
        Per junction: cost and number of the nearest spot, FAR and -1 beyond the limit, and the arc
        it is reached by (`VIA_A` or `VIA_B` straight from the spot); empty where none is noted.
    """
    junctions, n = len(graph.arc_start) - 1, len(order)
    most = junctions // _WIDE
    queue = make_queue(most + 2, bucket_shift(graph, limit))  # both ends of a chain begin
    reached = _usual_reach(graph, sources, order, limit, most, queue)
    blocks = max(1, junctions // max(_BLOCK, _WIDE * reached))

    def _search(first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        cost, label = np.full(junctions, FAR), np.full(junctions, NONE, np.int32)
        via = np.full(junctions if trace else 0, NONE, np.int32)
        some, size = order[first:last], max(1, n // blocks)
        queue = _queue_of_many(graph, sources, some, limit)
        noted = via if trace else None
        _search_from(graph, sources, some, size, limit, cost, label, noted, queue)
        return cost, label, via

    best: tuple[np.ndarray, np.ndarray, np.ndarray]
    best, *others = in_chunks(n, _search, max(1, -(-n // min(WORKERS, blocks)))) or [_search(0, 0)]
    for other in others:
        _take_nearer(*best, *other)
    return best


@compiled
def _usual_reach(
    graph: Graph, sources: Spots, order: np.ndarray, limit: int, most: int, queue: Queue
) -> int:
    """Return how many junctions a source reaches, by asking a few; `most` where it is more."""
    cost = np.full(len(graph.arc_start) - 1, FAR)
    reached = np.empty(len(cost) + 1, np.int32)
    largest = np.int64(0)
    for i in range(0, len(order), len(order) // _ASKED + 1):
        source = order[i]
        chain, access = sources.chain[source], sources.access[source]
        count = settle(
            graph.arc_start,
            graph.arc_head,
            graph.arc_cost,
            graph.chain_a[chain],
            access + sources.to_a[source],
            graph.chain_b[chain],
            access + sources.to_b[source],
            limit,
            cost,
            None,
            reached,
            queue.first,
            queue.key,
            queue.node,
            queue.after,
            queue.shift,
        )
        if count < 0:
            return most
        for k in range(count):
            cost[reached[k]] = FAR
        largest = max(largest, count)
    return int(largest)


def _queue_of_many(graph: Graph, sources: Spots, order: np.ndarray, limit: int) -> Queue:
    """Return an empty queue for a search from many spots at once."""
    # No step may be longer than the ring, or it would land in a bucket of another round.
    longest = np.max(graph.arc_cost, where=graph.arc_cost <= limit, initial=1)
    access = sources.access[order]
    for end in (sources.to_a, sources.to_b):
        starts = end[order] + access
        longest = np.max(starts, where=starts <= limit, initial=longest)
    size = len(graph.arc_head) + 2 * len(order) + 2
    return make_queue(size, bucket_shift(graph, int(longest)))


@compiled
def _search_from(
    graph: Graph,
    sources: Spots,
    order: np.ndarray,
    size: int,
    limit: int,
    cost: np.ndarray,
    label: np.ndarray,
    via: np.ndarray | None,
    queue: Queue,
) -> None:
    """Search from spots, so many at once; junctions know what earlier searches have found."""
    first, keys, nodes, after, shift = queue
    ring = BUCKETS - 1
    # One search for so many sources: what they reach fits the cache. Later searches stop at once
    # where an earlier one was nearer.
    for begin in range(0, len(order), size):
        used = 0
        for source in order[begin : begin + size]:
            chain = sources.chain[source]
            for end in range(2):
                node = graph.chain_b[chain] if end else graph.chain_a[chain]
                start = sources.to_b[source] if end else sources.to_a[source]
                start += sources.access[source]
                nearer = start < cost[node] or (start == cost[node] and source < label[node])
                if start <= limit and nearer:
                    cost[node], label[node] = start, source
                    if via is not None:
                        via[node] = VIA_A - end
                    bucket = (start >> shift) & ring
                    keys[used], nodes[used], after[used] = start, node, first[bucket]
                    first[bucket] = used
                    used += 1
        state = np.array([0, used, 0])
        while not _settle_waiting(
            graph.arc_start,
            graph.arc_head,
            graph.arc_cost,
            limit,
            cost,
            label,
            via,
            first,
            keys,
            nodes,
            after,
            shift,
            state,
        ):
            keys = np.concatenate((keys, np.empty_like(keys)))
            nodes = np.concatenate((nodes, np.empty_like(nodes)))
            after = np.concatenate((after, np.empty_like(after)))


@compiled_part
def _settle_waiting(
    arc_start: np.ndarray,
    arc_head: np.ndarray,
    arc_cost: np.ndarray,
    limit: int,
    cost: np.ndarray,
    label: np.ndarray,
    via: np.ndarray | None,
    first: np.ndarray,
    keys: np.ndarray,
    nodes: np.ndarray,
    after: np.ndarray,
    shift: int,
    state: np.ndarray,
) -> bool:
    """Settle what waits; return false if the queue is too small for what is to wait.

    `state` holds the bucket whose turn it is, the entries used, and those done.
    """
    # Unsigned numbers, and nothing guessed: see `settle`.
    size, ring, one = np.uint64(len(keys)), np.uint64(BUCKETS - 1), np.uint64(1)
    now, used, done = np.uint64(state[0]), np.uint64(state[1]), np.uint64(state[2])
    while done < used:
        top = first[now]
        if top == NONE:
            now = (now + one) & ring
            continue
        at = np.uint32(top)
        key, here = keys[at], np.uint32(nodes[at])
        begin, last = np.uint64(arc_start[here]), np.uint64(arc_start[here + np.uint32(1)])
        if used + (last - begin) > size:
            state[0], state[1], state[2] = now, used, done
            return False
        first[now] = after[at]
        done += one
        if key > cost[here]:
            continue
        who = label[here]
        for arc in range(begin, last):
            head = np.uint32(arc_head[arc])
            new, old, whose = key + arc_cost[arc], cost[head], label[head]
            better = (new <= limit) & ((new < old) | ((new == old) & (who < whose)))
            cost[head] = new if better else old
            label[head] = who if better else whose
            if via is not None:
                via[head] = arc if better else via[head]
            bucket = np.uint64(new >> shift) & ring
            below = first[bucket]
            keys[used], nodes[used], after[used] = new, head, below
            first[bucket] = used if better else below
            used += np.uint64(better)
    return True


def _take_nearer(
    cost: np.ndarray,
    label: np.ndarray,
    via: np.ndarray,
    other_cost: np.ndarray,
    other_label: np.ndarray,
    other_via: np.ndarray,
) -> None:
    """Replace what another search found nearer."""
    nearer = (other_cost < cost) | ((other_cost == cost) & (other_label < label))
    cost[nearer], label[nearer] = other_cost[nearer], other_label[nearer]
    if len(via):
        via[nearer] = other_via[nearer]


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
    out_cost: np.ndarray,
    out_source: np.ndarray,
) -> None:
    """Carry the junctions' nearest source on to spots `first` to `last`.

    Parameters
    ----------
    graph, sources
        The streets, and the spots searched from.
    by_chain, chain_start
        Numbers of the sources chain by chain, and where each chain's begin (chains + 1).
    limit
        Largest cost that counts.
    cost, label
        What `nearest_source` found for each junction.
    spots
        The places asked about.
    first, last
        The range of them that is worked on.
    out_cost, out_source
        Take cost and source of each of these spots (last - first), `FAR` and -1 beyond the limit.
    """
    chain_a, chain_b = graph.chain_a, graph.chain_b
    spot_chain, from_a, from_b, access = spots.chain, spots.from_a, spots.from_b, spots.access
    for i in range(np.uint64(last - first)):
        spot = np.uint64(first) + np.uint64(i)
        out_cost[i], out_source[i] = FAR, NONE
        if spot_chain[spot] == NONE:
            continue
        chain = np.uint32(spot_chain[spot])
        a, b = np.uint32(chain_a[chain]), np.uint32(chain_b[chain])
        best, who = cost[a] + from_a[spot], label[a]
        total, whose = cost[b] + from_b[spot], label[b]
        nearer = (total < best) | ((total == best) & (whose < who))
        best, who = (total, whose) if nearer else (best, who)
        for k in range(chain_start[chain], chain_start[chain + np.uint32(1)]):
            source = by_chain[k]
            total = sources.access[source] + cost_along_chain(
                from_a[spot], from_b[spot], sources.from_a[source], sources.from_b[source]
            )
            if total < best or (total == best and source < who):
                best, who = total, source
        best += access[spot]
        if best <= limit:
            out_cost[i], out_source[i] = best, who


@compiled
def write_labels(
    number: np.ndarray, label: np.ndarray, out_label: np.ndarray, out_missing: np.ndarray
) -> None:
    """Write labels by number, and mark where there is none.

    Parameters
    ----------
    number
        Numbers of labels (n), -1 for none.
    label
        The labels.
    out_label, out_missing
        Take the label of each (n), 0 where there is none, and whether there is none.
    """
    for i in range(len(number)):
        none = number[i] == NONE
        out_missing[i] = none
        out_label[i] = 0 if none else label[np.uint32(number[i])]
