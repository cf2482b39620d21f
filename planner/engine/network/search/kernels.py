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

from typing import NamedTuple

import numpy as np

from planner.engine.jit import compiled, compiled_part

NANO = 1_000_000_000
FAR = 2**61
NONE = -1
BUCKETS = 4096
_SAMPLE = 1024
_SPARE = 1024  # entries of a queue beyond one for each arc
_ROUND = 1e9
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
    chain_start: np.ndarray  # int64, junctions + 1: the chains whose end A is a junction
    longest_back: np.ndarray  # int64, junctions: costliest arc to the other end of a chain's end B


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
    the width of a bucket changes no answer, only the work. Entries are used once in a search.
    """

    first: np.ndarray  # int32, the entry on top of each bucket, -1 where it is empty
    key: np.ndarray  # int64, cost of each entry
    node: np.ndarray  # int32, its junction
    after: np.ndarray  # int32, the entry below it
    shift: int  # a bucket is 2 ** shift wide


def make_queue_for(graph: Graph) -> Queue:
    """Return an empty queue with buckets that suit the graph's chains.

    Parameters
    ----------
    graph
        The streets; its costliest open arc sets how wide the ring must be.

    Returns
    -------
    The queue.
    """
    longest = np.max(graph.arc_cost, where=graph.arc_cost < FAR, initial=1)
    return make_queue(len(graph.arc_cost) + _SPARE, bucket_shift(graph, int(longest)))


def bucket_shift(graph: Graph, longest: int) -> int:
    """Return the width of buckets, as a power of two.

    Narrow buckets spare work that is done again, wide ones spare empty buckets: the usual chain,
    found on a sample, is good for both. No step may be longer than the ring, or it would land in a
    bucket of another round.

    Parameters
    ----------
    graph
        The streets.
    longest
        The costliest step a search may take, in units of cost.

    Returns
    -------
    The exponent: a bucket is 2 ** shift wide.
    """
    asked = graph.arc_cost[:: len(graph.arc_cost) // _SAMPLE + 1]
    asked = asked[(asked > 0) & (asked < FAR)]
    shift = int(np.log2(asked).sum() / (len(asked) + 1))
    while longest >> shift >= BUCKETS - 1:
        shift += 1
    return shift


def make_queue(size: int, shift: int) -> Queue:
    """Return an empty queue.

    Parameters
    ----------
    size
        Entries it holds.
    shift
        Buckets are 2 ** shift wide, in units of cost.

    Returns
    -------
    The queue.
    """
    return Queue(
        np.full(BUCKETS, NONE, np.int32),
        np.empty(size, np.int64),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        shift,
    )


def search_one(
    graph: Graph,
    spots: Spots,
    source: int,
    limit: int,
    cost: np.ndarray,
    via: np.ndarray | None,
    reached: np.ndarray,
    queue: Queue,
) -> int:
    """Settle the junctions within the limit of one spot.

    Parameters
    ----------
    graph, spots
        The streets, and the places on them.
    source
        Number of the spot searched from.
    limit
        Largest cost that counts; junctions beyond it are never touched.
    cost
        Cost of each junction (junctions): comes in as `FAR` everywhere, and is written.
    via
        Takes the arc by which each junction is reached (junctions); None where ways are not asked.
    reached
        Takes the numbers of the junctions touched (junctions + 1), so that the caller can put `FAR`
        back.
    queue
        An empty queue; it is empty again in the end.

    Returns
    -------
    int
        How many junctions were touched: those at the beginning of `reached`.
    """
    chain = spots.chain[source]
    if chain == NONE:
        return 0
    a, b = int(graph.chain_a[chain]), int(graph.chain_b[chain])  # numba compiles for each size
    to_a = spots.access[source] + spots.to_a[source]
    to_b = spots.access[source] + spots.to_b[source]
    while True:
        first, keys, nodes, after, shift = queue
        count = settle(
            graph.arc_start, graph.arc_head, graph.arc_cost, a, to_a, b, to_b, limit, cost, via,
            reached, first, keys, nodes, after, shift,
        )  # fmt: skip
        if count >= 0:
            break
        cost[reached[: -count - 1]] = FAR
        queue = make_queue(2 * len(keys), shift)
    return int(count)


@compiled
def settle(
    arc_start: np.ndarray,
    arc_head: np.ndarray,
    arc_cost: np.ndarray,
    end_a: int,
    to_a: int,
    end_b: int,
    to_b: int,
    limit: int,
    cost: np.ndarray,
    via: np.ndarray | None,
    reached: np.ndarray,
    first: np.ndarray,
    keys: np.ndarray,
    nodes: np.ndarray,
    after: np.ndarray,
    shift: int,
) -> np.int64:
    """Search as `search_one` does, from a spot that reaches its chain's ends at given costs.

    A search takes microseconds, and counting the users of every array that is handed on takes a
    good part of that: so arrays come one by one, and only those that are needed.

    Parameters
    ----------
    arc_start, arc_head, arc_cost
        The graph's arcs, see `Graph`.
    end_a, to_a, end_b, to_b
        Junctions at the ends of the spot's chain, and what each costs from the spot.
    limit, cost, via, reached
        As for `search_one`.
    first, keys, nodes, after, shift
        The parts of an empty `Queue`.

    Returns
    -------
    numpy.int64
        How many junctions were touched; -1 less that number where the queue was too small. It is
        spent then, and `cost` holds half a search.
    """
    size = np.uint64(len(keys))
    # Unsigned numbers spare the check for places counted from the end.
    count, used, done, one = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(1)
    ring = np.uint64(BUCKETS - 1)
    now = np.uint64(min(to_a, to_b) >> shift) & ring
    for end in range(2):
        node, start = (end_b, to_b) if end else (end_a, to_a)
        if start <= limit and start < cost[node]:
            if cost[node] == FAR:
                reached[count] = node
                count += one
            cost[node] = start
            if via is not None:
                via[node] = VIA_A - end
            bucket = np.uint64(start >> shift) & ring
            keys[used], nodes[used], after[used] = start, node, first[bucket]
            first[bucket] = used
            used += one
    while done < used:
        top = first[now]
        if top == NONE:
            now = (now + one) & ring
            continue
        at = np.uint32(top)
        first[now] = after[at]
        key, here = keys[at], np.uint32(nodes[at])
        done += one
        if key > cost[here]:
            continue  # entered again since, at less
        begin, last = np.uint64(arc_start[here]), np.uint64(arc_start[here + np.uint32(1)])
        if used + (last - begin) > size:
            return -np.int64(count) - 1
        for arc in range(begin, last):
            head = np.uint32(arc_head[arc])
            new, old = key + arc_cost[arc], cost[head]
            # Whether an arc is worth taking cannot be foreseen, and a wrong guess costs the
            # processor more than the work: all is written, and counted only where it holds.
            better = (new < old) & (new <= limit)
            reached[count] = head
            count += np.uint64(better & (old == FAR))
            cost[head] = new if better else old
            if via is not None:
                via[head] = arc if better else via[head]
            bucket = np.uint64(new >> shift) & ring
            below = first[bucket]
            keys[used], nodes[used], after[used] = new, head, below
            first[bucket] = used if better else below
            used += np.uint64(better)
    return np.int64(count)


@compiled_part
def cost_along_chain(from_a: int, from_b: int, source_a: int, source_b: int) -> int:
    """Return the cost from a spot to a place on its own chain, straight along it.

    Parameters
    ----------
    from_a, from_b
        Cost of the place from the chain's ends A and B, `FAR` where there is no way.
    source_a, source_b
        The same of the spot.

    Returns
    -------
    int
        The cost; `FAR` where the place lies behind the spot and the way back is closed.
    """
    best = FAR
    if from_a < FAR and from_a >= source_a:
        best = from_a - source_a
    if from_b < FAR and from_b >= source_b:
        best = min(best, from_b - source_b)
    return best


@compiled
def minutes_into(cost: np.ndarray, per_min: float, cutoff_min: float, out: np.ndarray) -> None:
    """Write costs within the cutoff as minutes, rounded to 1e-9; just under the cutoff is it.

    What costs `FAR` is missing.

    Parameters
    ----------
    cost
        Costs (n).
    per_min
        Cost of a minute.
    cutoff_min
        Largest time that counts, minutes.
    out
        Takes the minutes (n).
    """
    scale = _ROUND / per_min
    for i in range(len(cost)):
        minutes = np.rint(cost[i] * scale) / _ROUND
        minutes = cutoff_min if minutes > cutoff_min - 1 / _ROUND else minutes
        out[i] = np.nan if cost[i] == FAR else minutes
