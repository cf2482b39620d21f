"""Checked streets compiled to a network: chains, numbering, parts, and the segments' grid.

Nodes inside chains follow the junctions, edges stand chain after chain, each turned to run along
its chain. Parts of the network that nothing joins are numbered by length, the longest first.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd
from pyproj import CRS
from scipy.sparse import coo_array

from planner.engine.network.graph.arrays import Streets
from planner.engine.network.graph.chains import contract, junction_graph, running_cost
from planner.engine.network.graph.segments import build_ground
from planner.engine.network.search.kernels import FAR

Made = TypeVar("Made", bound=Streets)


def compile_network(
    make: type[Made],
    *,
    crs: CRS,
    unit: str,
    node_label: pd.Index,
    node_xy: np.ndarray,
    edge_label: pd.Index,
    u: np.ndarray,
    v: np.ndarray,
    length_m: np.ndarray,
    oneway: np.ndarray,
    vertices: np.ndarray,
    vertex_start: np.ndarray,
    attributes: pd.DataFrame,
    forward: np.ndarray,
    backward: np.ndarray,
    turned: np.ndarray,
) -> Made:
    """Build a network from checked arrays: nodes and edges are numbered by chains.

    Parameters
    ----------
    make
        The class of network.
    crs
        Projected, in metres.
    unit
        What costs are counted in: `"m"` or `"s"`, in billionths.
    node_label, node_xy
        Nodes: labels, and coordinates n x 2.
    edge_label, u, v, length_m, oneway, attributes
        Edges: labels, positions of the end nodes, lengths, 1 and -1 where vehicles may go only
        from u to v or back, and what else is known of them.
    vertices, vertex_start
        The drawn lines, one after the other, from u to v; first vertex of each edge, edges + 1.
    forward, backward
        Cost of each edge from u to v and back, `FAR` where closed; never closed both ways.
    turned
        Whether an edge comes in against the direction the user gave it.

    Returns
    -------
    The network.
    """
    given = turned
    chains = contract(node_xy, u, v, forward < FAR, backward < FAR)
    order, turned = chains.edge_order, chains.edge_turned
    place = np.empty(len(node_xy), np.int32)
    place[chains.node_order] = np.arange(len(node_xy), dtype=np.int32)
    u, v = place[u[order]], place[v[order]]
    u, v = np.where(turned, v, u), np.where(turned, u, v)
    forward, backward = forward[order], backward[order]
    forward, backward = np.where(turned, backward, forward), np.where(turned, forward, backward)
    count = np.diff(vertex_start)[order]
    start = np.concatenate([[0], np.cumsum(count)])
    within = np.arange(start[-1]) - np.repeat(start[:-1], count)
    within = np.where(np.repeat(turned, count), np.repeat(count, count) - 1 - within, within)
    vertex_xy = vertices[np.repeat(vertex_start[order], count) + within]
    graph = junction_graph(chains.start, u, v, forward, backward, chains.junctions)
    chain = np.repeat(np.arange(len(chains.start) - 1, dtype=np.int32), np.diff(chains.start))
    back = np.where(backward < FAR, backward, 0)
    ahead = np.where(forward < FAR, forward, 0)
    whole_back = np.add.reduceat(back, chains.start[:-1])
    links = coo_array(
        (np.ones(len(graph.chain_a), np.int8), (graph.chain_a, graph.chain_b)),
        shape=(chains.junctions, chains.junctions),
    )
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  slow to load

    part = connected_components(links, directed=False)[1]
    weight = np.bincount(
        part[graph.chain_a[chain]], weights=length_m[order], minlength=part.max() + 1
    )
    rank = np.empty(len(weight), np.int32)
    rank[np.argsort(-weight, kind="stable")] = np.arange(len(weight), dtype=np.int32)
    return make(
        crs=crs,
        unit=unit,
        node_label=node_label.take(chains.node_order),
        node_xy=node_xy[chains.node_order],
        edge_label=edge_label.take(order),
        edge_u=u,
        edge_v=v,
        edge_length_m=length_m[order],
        edge_oneway=np.where(turned, -oneway[order], oneway[order]),
        edge_turned=given[order] ^ turned,
        edge_forward=forward,
        edge_backward=backward,
        edge_chain=chain,
        edge_from_a=running_cost(ahead, chains.start),
        edge_from_b=whole_back[chain] - running_cost(back, chains.start) - back,
        edge_vertex=start,
        chain_edge=chains.start,
        part_of_junction=rank[part],
        graph=graph,
        ground=build_ground(vertex_xy, start),
        attributes=attributes.iloc[order].reset_index(drop=True),
    )
