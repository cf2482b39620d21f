# ruff: noqa: PLR0917 (arrays of one table)
"""Order and contract a street graph: nodes along a Hilbert curve, chains of degree two as one arc.

What comes out is the numbering every other part relies on: junctions first, in Hilbert order; then
the nodes inside chains, chain after chain; edges chain after chain, each turned to run from the
chain's end A to its end B.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.engine.jit import compiled_late
from planner.engine.network.search.kernels import FAR, Graph


class Chains(NamedTuple):
    """A numbering of edges and nodes by chains, and the graph of junctions it gives."""

    edge_order: np.ndarray  # input number of each edge, in the new order
    edge_turned: np.ndarray  # whether the edge runs against its input direction
    node_order: np.ndarray  # input number of each node, in the new order
    start: np.ndarray  # first edge of each chain, chains + 1
    junctions: int


def hilbert_order(xy: np.ndarray) -> np.ndarray:
    """Order points along a Hilbert curve, so that neighbours on the ground are so in memory.

    Parameters
    ----------
    xy
        Coordinates, n x 2, metres.

    Returns
    -------
    numpy.ndarray
        Point numbers in curve order, n.
    """
    bits = 16
    low = xy.min(axis=0)
    side = max(float((xy.max(axis=0) - low).max()), 1.0)
    cell = np.minimum((xy - low) * (2**bits / side), 2**bits - 1).astype(np.int64)
    return np.argsort(_along_curve(cell, bits), kind="stable")


def _along_curve(cell: np.ndarray, bits: int) -> np.ndarray:
    """Return how far along the curve each cell of a square of 2 to the power of bits lies."""
    (x, y), far = cell.T, np.zeros(len(cell), np.int64)
    for step in 1 << np.arange(bits)[::-1]:
        right, upper = (x & step) > 0, (y & step) > 0
        far += step * step * ((3 * right) ^ upper)
        back = right & ~upper
        x, y = np.where(back, step - 1 - x, x), np.where(back, step - 1 - y, y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
    return far


def contract(
    xy: np.ndarray, u: np.ndarray, v: np.ndarray, forward: np.ndarray, backward: np.ndarray
) -> Chains:
    """Find the chains of a street graph.

    A node inside a chain has exactly two edges, both open the same ways. A ring without junction
    gets one, at its lowest node.

    Parameters
    ----------
    xy
        Node coordinates, n x 2, metres.
    u, v
        End nodes of each edge, m.
    forward, backward
        Whether each edge is open from u to v and from v to u; at least one is.

    Returns
    -------
    Chains
        The numbering by chains.
    """
    n = len(xy)
    order = hilbert_order(xy)
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    u, v = rank[u], rank[v]
    degree = np.bincount(u, minlength=n) + np.bincount(v, minlength=n)
    leaving = np.bincount(u[forward], minlength=n) + np.bincount(v[backward], minlength=n)
    arriving = np.bincount(v[forward], minlength=n) + np.bincount(u[backward], minlength=n)
    inside = (degree == 2) & (leaving == arriving) & (leaving > 0)
    inside[u[u == v]] = False
    ends = np.concatenate([u, v])
    by_node = np.argsort(ends, kind="stable")
    at = np.concatenate([[0], np.cumsum(degree)])
    edge_order, turned, start = trace_chains(u, v, at, by_node % len(u), inside)
    edge_order, turned, start = _by_end_a(u, v, edge_order, turned, start)
    inner = np.where(turned, u[edge_order], v[edge_order])  # the node each edge runs to
    last_of_chain = np.zeros(len(u), bool)
    last_of_chain[start[1:] - 1] = True
    core = np.flatnonzero(~inside)
    node_order = order[np.concatenate([core, inner[~last_of_chain]])]
    return Chains(edge_order, turned, node_order, start, len(core))


@compiled_late(lambda u, _v, at, *_: 5 * len(u) + 2 * len(at))
def trace_chains(
    u: np.ndarray, v: np.ndarray, at: np.ndarray, incident: np.ndarray, inside: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Follow chains from end to end.

    Parameters
    ----------
    u, v
        End nodes of each edge, m.
    at
        Where the edges of each node begin among the incident ones, nodes + 1.
    incident
        Edges at each node, node after node, 2 m.
    inside
        Whether a node lies inside a chain; changed in place where a ring has no other end.

    Returns
    -------
    (order, turned, start)
        Edges chain after chain (m), whether each is followed from v to u (m), and the first edge of
        each chain (chains + 1).
    """
    edges = len(u)
    order = np.empty(edges, np.int64)
    turned = np.empty(edges, np.bool_)
    start = np.empty(edges + 1, np.int64)
    used = np.zeros(edges, np.bool_)
    placed = 0
    chains = 0
    for sweep in range(2):  # first from junctions, then round the rings that have none
        for node in range(len(inside)):
            if inside[node] and sweep == 0:
                continue
            for i in range(at[node], at[node + 1]):
                edge = incident[i]
                if used[edge]:
                    continue
                inside[node] = False
                start[chains] = placed
                chains += 1
                here = node
                while True:
                    used[edge] = True
                    order[placed] = edge
                    turned[placed] = u[edge] != here
                    placed += 1
                    here = u[edge] if turned[placed - 1] else v[edge]
                    if not inside[here]:
                        break
                    if incident[at[here]] == edge:
                        edge = incident[at[here] + 1]
                    else:
                        edge = incident[at[here]]
    start[chains] = placed
    return order, turned, start[: chains + 1].copy()


def _by_end_a(
    u: np.ndarray, v: np.ndarray, order: np.ndarray, turned: np.ndarray, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return chains in the order of their ends A: rings without a junction are traced last."""
    end_a = np.where(turned, v[order], u[order])[start[:-1]]
    chain = np.argsort(end_a, kind="stable")
    count = np.diff(start)[chain]
    begin = np.concatenate([[0], np.cumsum(count)])
    edge = np.arange(len(order)) + np.repeat(start[chain] - begin[:-1], count)
    return order[edge], turned[edge], begin


def running_cost(cost: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return the costs summed along each chain, up to but without each edge itself.

    Parameters
    ----------
    cost
        Cost of each edge, m, whole numbers, none of them `FAR`.
    start
        First edge of each chain, chains + 1.

    Returns
    -------
    Cost from the chain's end A to each edge (m).
    """
    total: np.ndarray = np.cumsum(cost) - cost
    total -= np.repeat(total[start[:-1]], np.diff(start))
    return total


def junction_graph(
    start: np.ndarray,
    u: np.ndarray,
    v: np.ndarray,
    forward: np.ndarray,
    backward: np.ndarray,
    junctions: int,
) -> Graph:
    """Build the graph of junctions from edges in chain order.

    Parameters
    ----------
    start
        First edge of each chain, chains + 1.
    u, v
        End nodes of each edge along its chain, m.
    forward, backward
        Cost of each edge along its chain and against it, `FAR` where closed, m.
    junctions
        Number of junctions.

    Returns
    -------
    The graph.
    """
    a, b = u[start[:-1]], v[start[1:] - 1]
    ahead, back = (_chain_cost(cost, start) for cost in (forward, backward))
    number = np.arange(len(a), dtype=np.int64)
    tail, head = np.concatenate([a, b]), np.concatenate([b, a])
    name = np.concatenate([2 * number, 2 * number + 1])
    arcs = np.argsort(tail, kind="stable")
    arc_start = np.searchsorted(tail[arcs], np.arange(junctions + 1))
    graph = Graph(
        arc_start.astype(np.int64),
        head[arcs].astype(np.int32),
        np.zeros(len(arcs), np.int64),
        name[arcs].astype(np.int32),
        a.astype(np.int32),
        b.astype(np.int32),
        ahead,
        back,
        np.searchsorted(a, np.arange(junctions + 1)).astype(np.int64),
        np.zeros(junctions, np.int64),
    )
    return with_costs(graph, ahead, back)


def with_costs(graph: Graph, forward: np.ndarray, backward: np.ndarray) -> Graph:
    """Return the graph with other costs.

    Parameters
    ----------
    graph
        The streets.
    forward, backward
        Cost of each chain from A to B and from B to A, `FAR` where closed (chains).

    Returns
    -------
    The graph; its arrays cannot be written to.
    """
    chain = graph.arc_chain >> 1
    cost = np.where(graph.arc_chain & 1, backward[chain], forward[chain])
    longest_back = np.zeros_like(graph.longest_back)
    np.maximum.at(longest_back, graph.chain_b, backward)
    made = graph._replace(
        arc_cost=cost, forward=forward, backward=backward, longest_back=longest_back
    )
    for array in made:  # as in every network, so that one compiled search fits all
        array.flags.writeable = False
    return made


def mirrored(graph: Graph) -> Graph:
    """Return the graph with every way turned round: ways to a place are searched from that place.

    Parameters
    ----------
    graph
        The streets.

    Returns
    -------
    The graph.
    """
    return with_costs(graph, graph.backward, graph.forward)


def _chain_cost(cost: np.ndarray, start: np.ndarray) -> np.ndarray:
    closed = cost[start[:-1]] >= FAR
    total = np.add.reduceat(np.where(cost >= FAR, 0, cost), start[:-1])
    return np.where(closed, FAR, total)
