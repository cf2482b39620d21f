# ruff: noqa: PLR0917 (compiled functions take their arguments by place)
"""Compiled OD matrix of travel costs: one bounded search for each source."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.engine.jit import compiled, compiled_part
from planner.engine.network.search.kernels import (
    FAR,
    NONE,
    Graph,
    Queue,
    Spots,
    cost_along_chain,
    make_queue,
    make_queue_for,
    minutes_into,
    settle,
)


class Targets(NamedTuple):
    """Places asked about, grouped by chain, and so by the junction that is their chain's end A."""

    start: np.ndarray  # int64, chains + 1: where each chain's group begins
    start_a: np.ndarray  # int64, junctions + 1: where those of the chains from a junction begin
    end_b: np.ndarray  # int32, end B of the chain
    from_a: np.ndarray  # int64, cost from end A, with the leg from the street
    from_b: np.ndarray  # int64, cost from end B, with the leg from the street
    access: np.ndarray  # int64, the leg from the street alone


class Scratch(NamedTuple):
    """Working memory that searches use one after the other."""

    cost: np.ndarray  # int64, junctions: FAR before a search and after
    reached: np.ndarray  # int32, junctions + 1
    queue: Queue


def make_scratch(graph: Graph) -> Scratch:
    """Return working memory for the searches of one thread.

    Parameters
    ----------
    graph
        The streets.

    Returns
    -------
    The memory.
    """
    junctions = len(graph.arc_start) - 1
    cost = np.full(junctions, FAR, np.int64)
    return Scratch(cost, np.empty(junctions + 1, np.int32), make_queue_for(graph))


def grow(scratch: Scratch) -> Scratch:
    """Return working memory whose queue holds twice as much.

    Parameters
    ----------
    scratch
        What was too small; its costs must be `FAR` everywhere.

    Returns
    -------
    The memory.
    """
    queue = scratch.queue
    return Scratch(scratch.cost, scratch.reached, make_queue(2 * len(queue.key), queue.shift))


@compiled_part
def _on_own_chain(
    graph: Graph,
    sources: Spots,
    source: int,
    targets: Targets,
    cost: np.ndarray,
    limit: int,
    pairs: np.ndarray,
    found: np.uint64,
) -> np.uint64:
    """Write the targets on a source's own chain, reached along it or by an end; count pairs."""
    chain, leg = sources.chain[source], sources.access[source]
    by_a, by_b = cost[graph.chain_a[chain]], cost[graph.chain_b[chain]]
    from_a, from_b, access = targets.from_a, targets.from_b, targets.access
    low, high = np.uint64(targets.start[chain]), np.uint64(targets.start[chain + 1])
    for t in range(low, high):
        ahead, back = from_a[t] - access[t], from_b[t] - access[t]
        total = cost_along_chain(ahead, back, sources.from_a[source], sources.from_b[source])
        total = min(total + leg + access[t], by_a + from_a[t], by_b + from_b[t])
        pairs[found, 0], pairs[found, 1] = t, total
        found += np.uint64(total <= limit)
    return found


@compiled_part
def _by_both_ends(
    targets: Targets,
    begin: np.uint64,
    end: np.uint64,
    near: np.int64,
    cost: np.ndarray,
    limit: int,
    pairs: np.ndarray,
    found: np.uint64,
) -> np.uint64:
    """Write targets of chains whose end A is reached at a cost; count pairs."""
    from_a, from_b, end_b = targets.from_a, targets.from_b, targets.end_b
    for t in range(begin, end):
        total = min(near + from_a[t], cost[np.uint32(end_b[t])] + from_b[t])
        pairs[found, 0], pairs[found, 1] = t, total
        found += np.uint64(total <= limit)
    return found


@compiled
def pairs_within(
    graph: Graph,
    sources: Spots,
    some: np.ndarray,
    targets: Targets,
    limit: int,
    scratch: Scratch,
    pairs: np.ndarray,
    counts: np.ndarray,
) -> tuple[np.int64, int, bool]:
    """List every pair of source and target whose way costs no more than the limit.

    A target lies on a chain, and is reached from the chain's end A, from its end B, or along the
    chain where the source lies on it too. After each search the junctions it touched are gone
    through: targets are grouped by their chain's end A, so most are met there; what only end B
    reaches comes last. All is written first and counted only where it holds, as in `settle`.

    Parameters
    ----------
    graph, sources
        The streets, and the spots searched from.
    some
        Numbers of the sources that are asked for (s).
    targets
        The places asked about.
    limit
        Largest cost that counts.
    scratch
        Working memory.
    pairs
        Takes the pairs (rows x 2), grouped by source: the place among the targets, and the cost.
    counts
        Takes the number of pairs of each source (s).

    Returns
    -------
    (pairs, done, spent)
        Number of pairs written; number of sources done before memory was full; whether that was
        the queue of the scratch, which `grow` mends, rather than `pairs`.
    """
    arc_start, arc_head, arc_cost = graph.arc_start, graph.arc_head, graph.arc_cost
    arc_chain, chain_start, longest_back = graph.arc_chain, graph.chain_start, graph.longest_back
    start, start_a, from_b = targets.start, targets.start_a, targets.from_b
    cost, reached, queue = scratch
    first, keys, nodes, after, shift = queue
    size = np.uint64(len(pairs) - 1)
    written = np.uint64(0)
    for done, source in enumerate(some):
        counts[done] = 0
        own, leg = sources.chain[source], sources.access[source]
        if own == NONE:
            continue
        a, to_a = graph.chain_a[own], leg + sources.to_a[source]
        b, to_b = graph.chain_b[own], leg + sources.to_b[source]
        met = settle(
            arc_start, arc_head, arc_cost, a, to_a, b, to_b, limit, cost, None, reached,
            first, keys, nodes, after, shift,
        )  # fmt: skip
        if met < 0:
            for i in range(-met - 1):
                cost[reached[i]] = FAR
            return np.int64(written), done, True
        low, high = np.uint64(start[own]), np.uint64(start[own + 1])
        found = written
        full = found + (high - low) > size
        if not full:
            found = _on_own_chain(graph, sources, source, targets, cost, limit, pairs, found)
        for i in range(met):
            here = np.uint32(reached[i])
            near, then = cost[here], here + np.uint32(1)
            begin, end = np.uint64(start_a[here]), np.uint64(start_a[then])
            full |= found + (end - begin) > size
            if full:
                break
            pause, resume = (low, high) if here == a else (end, end)
            found = _by_both_ends(targets, begin, pause, near, cost, limit, pairs, found)
            found = _by_both_ends(targets, resume, end, near, cost, limit, pairs, found)
            if near + longest_back[here] <= limit:
                continue  # all chains that end here are met at their end A
            ending = np.uint64(arc_start[here] + chain_start[then] - chain_start[here])
            for arc in range(ending, np.uint64(arc_start[then])):
                chain = np.uint32(arc_chain[arc] >> 1)
                if chain == own or cost[np.uint32(arc_head[arc])] < FAR:
                    continue
                begin, end = np.uint64(start[chain]), np.uint64(start[chain + np.uint32(1)])
                full |= found + (end - begin) > size
                if full:
                    break
                for t in range(begin, end):
                    total = near + from_b[t]
                    pairs[found, 0], pairs[found, 1] = t, total
                    found += np.uint64(total <= limit)
        for i in range(met):
            cost[reached[i]] = FAR
        if full:
            return np.int64(written), done, False
        counts[done] = found - written
        written = found
    return np.int64(written), len(some), False


@compiled
def write_pairs(
    pairs: np.ndarray,
    counts: np.ndarray,
    facility_label: np.ndarray,
    demand_label: np.ndarray,
    per_min: float,
    cutoff_min: float,
    out_demand: np.ndarray,
    out_facility: np.ndarray,
    out_minutes: np.ndarray,
) -> None:
    """Write pairs as rows of a table: labels of both ends, and minutes.

    Parameters
    ----------
    pairs, counts
        The pairs and the number of each source, as `pairs_within` gives them.
    facility_label, demand_label
        Label of each of those sources, and of each target.
    per_min, cutoff_min
        The cost of a minute, and the largest time that counts.
    out_demand, out_facility, out_minutes
        Take the rows.
    """
    row = 0
    for source in range(len(counts)):
        label = facility_label[source]
        for _ in range(counts[source]):
            out_facility[row] = label
            row += 1
    for row in range(len(pairs)):
        out_demand[row] = demand_label[np.uint64(pairs[row, 0])]
    minutes_into(pairs[:, 1], per_min, cutoff_min, out_minutes)
