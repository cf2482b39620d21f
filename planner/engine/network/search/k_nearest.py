# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""The compiled search for the k nearest: every junction is settled by at most k sources.

Searches go out from all sources at once, in the order of cost and then of the sources' numbers. The
way from a source to a junction it is among the k nearest of leads only through junctions of which
that is true too, so that nothing is lost where a junction turns the source number k + 1 away.
"""

from __future__ import annotations

import numpy as np

from planner.engine.jit import compiled, compiled_part
from planner.engine.network.search.kernels import FAR, NONE, Graph, Spots, cost_along_chain


@compiled_part
def _sink(
    keys: np.ndarray, sources: np.ndarray, nodes: np.ndarray, key: int, source: int, node: int
) -> None:
    """Replace the first entry of a heap, and restore the heap's order."""
    size = len(keys)
    at = 0
    while True:
        down = 2 * at + 1
        if down >= size:
            break
        if down + 1 < size and (
            keys[down + 1] < keys[down]
            or (keys[down + 1] == keys[down] and sources[down + 1] < sources[down])
        ):
            down += 1
        if key < keys[down] or (key == keys[down] and source <= sources[down]):
            break
        keys[at], sources[at], nodes[at] = keys[down], sources[down], nodes[down]
        at = down
    keys[at], sources[at], nodes[at] = key, source, node


@compiled_part
def _rise(
    keys: np.ndarray,
    sources: np.ndarray,
    nodes: np.ndarray,
    at: int,
    key: int,
    source: int,
    node: int,
) -> None:
    """Add an entry at the free last place of a heap, and restore the heap's order."""
    while at > 0:
        up = (at - 1) >> 1
        if keys[up] < key or (keys[up] == key and sources[up] <= source):
            break
        keys[at], sources[at], nodes[at] = keys[up], sources[up], nodes[up]
        at = up
    keys[at], sources[at], nodes[at] = key, source, node


@compiled
def nearest_sources(
    graph: Graph, sources: Spots, limit: int, k: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Settle every junction by the k nearest spots within the limit.

    Parameters
    ----------
    graph, sources
        The streets, and the spots searched from.
    limit
        Largest cost that counts.
    k
        How many spots settle a junction at most.

    Returns
    -------
    (count, cost, label)
        Per junction: how many spots reach it (junctions); what each costs, and its number
        (junctions x k), the nearest first, and the earlier one of two equally near.
    """
    arc_start, arc_head, arc_cost = graph.arc_start, graph.arc_head, graph.arc_cost
    junctions = len(arc_start) - 1
    count = np.zeros(junctions, np.int32)
    cost = np.empty((junctions, k), np.int64)
    label = np.empty((junctions, k), np.int32)
    keys = np.empty(2 * len(sources.chain) + 1024, np.int64)
    whose = np.empty(len(keys), np.int32)
    nodes = np.empty(len(keys), np.int32)
    size = 0
    for source in range(len(sources.chain)):
        chain = sources.chain[source]
        if chain == NONE:
            continue
        for end in range(2):
            node = graph.chain_b[chain] if end else graph.chain_a[chain]
            start = sources.access[source] + (sources.to_b[source] if end else sources.to_a[source])
            if start <= limit:
                _rise(keys, whose, nodes, size, start, source, node)
                size += 1
    while size:
        key, source, node = keys[0], whose[0], nodes[0]
        size -= 1
        if size:
            _sink(keys[:size], whose[:size], nodes[:size], keys[size], whose[size], nodes[size])
        done = count[node]
        if done == k:
            continue
        # A source comes to a junction by many ways; only its cheapest counts among the k.
        again = False
        for i in range(done):
            again |= label[node, i] == source
        if again:
            continue
        cost[node, done], label[node, done] = key, source
        count[node] = done + 1
        begin, end = arc_start[node], arc_start[node + 1]
        if size + end - begin > len(keys):
            keys = np.concatenate((keys, np.empty_like(keys)))
            whose = np.concatenate((whose, np.empty_like(whose)))
            nodes = np.concatenate((nodes, np.empty_like(nodes)))
        for arc in range(begin, end):
            new = key + arc_cost[arc]
            head = arc_head[arc]
            if new <= limit and count[head] < k:
                _rise(keys, whose, nodes, size, new, source, head)
                size += 1
    return count, cost, label


@compiled_part
def _enter(
    out_cost: np.ndarray, out_source: np.ndarray, count: int, total: int, source: int
) -> int:
    """Enter a source in a list of the nearest, each once, and none beyond its length."""
    at = count
    for i in range(count):
        if out_source[i] == source:
            if out_cost[i] <= total:
                return count
            at = i
            break
    if at == count:
        if count < len(out_cost):
            count += 1
        else:
            at -= 1
            if (out_cost[at], out_source[at]) <= (total, source):
                return count
    while at > 0 and (total, source) < (out_cost[at - 1], out_source[at - 1]):
        out_cost[at], out_source[at] = out_cost[at - 1], out_source[at - 1]
        at -= 1
    out_cost[at], out_source[at] = total, source
    return count


@compiled
def nearest_to_spots_k(
    graph: Graph,
    sources: Spots,
    by_chain: np.ndarray,
    chain_start: np.ndarray,
    limit: int,
    count: np.ndarray,
    cost: np.ndarray,
    label: np.ndarray,
    spots: Spots,
    first: int,
    last: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Carry the junctions' nearest sources on to spots `first` to `last`.

    Parameters
    ----------
    graph, sources
        The streets, and the spots searched from.
    by_chain, chain_start
        Numbers of the sources chain by chain, and where each chain's begin (chains + 1).
    limit
        Largest cost that counts.
    count, cost, label
        What `nearest_sources` found for each junction.
    spots
        The places asked about.
    first, last
        The range of them that is worked on.

    Returns
    -------
    (cost, source)
        Per spot (last - first x k), the nearest first; `FAR` and -1 where fewer are near enough.
    """
    k = cost.shape[1]
    out_cost = np.full((last - first, k), FAR, np.int64)
    out_source = np.full((last - first, k), NONE, np.int32)
    for spot in range(first, last):
        chain = spots.chain[spot]
        if chain == NONE:
            continue
        mine, who = out_cost[spot - first], out_source[spot - first]
        access = spots.access[spot]
        found = 0
        for end in range(2):
            node = graph.chain_b[chain] if end else graph.chain_a[chain]
            leg = access + (spots.from_b[spot] if end else spots.from_a[spot])
            for i in range(count[node]):
                if cost[node, i] + leg <= limit:
                    found = _enter(mine, who, found, cost[node, i] + leg, label[node, i])
        for i in range(chain_start[chain], chain_start[chain + 1]):
            source = by_chain[i]
            total = cost_along_chain(
                spots.from_a[spot],
                spots.from_b[spot],
                sources.from_a[source],
                sources.from_b[source],
            )
            total += sources.access[source] + access
            if total <= limit:
                found = _enter(mine, who, found, total, source)
    return out_cost, out_source
