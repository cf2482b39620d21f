"""Where points and nodes stand on the chains of streets, in the form that searches take."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.engine.network.graph.arrays import Streets
from planner.engine.network.graph.snapping import Snapped
from planner.engine.network.search.kernels import FAR, NANO, NONE, Spots
from planner.engine.network.search.matrix import Targets


class EdgePosition(NamedTuple):
    """Spots, and their order by chain."""

    spots: Spots
    order: np.ndarray  # int32: numbers of those near a street, chain by chain
    start: np.ndarray  # int64, chains + 1: where each chain's begin


def positions_of(network: Streets, at: Snapped | None, speed_mps: float) -> EdgePosition:
    """Return where snapped points, or every node, stand on the chains.

    What was placed once is kept with the points or the network, and returned again.

    Parameters
    ----------
    network
        The streets as searches meet them.
    at
        The points; None for every node.
    speed_mps
        Walking speed of the legs to the street, metres a second; only used where costs are seconds.

    Returns
    -------
    The spots and their order by chain.
    """
    kept = network.kept if at is None else at.kept
    # Metres do not depend on the speed; a network and its mirror are kept apart.
    key = ("placed", network.mirrored, None if network.unit == "m" else speed_mps)
    if key not in kept:
        spots = _spots_of_nodes(network) if at is None else _spots_of(network, at, speed_mps)
        kept[key] = _grouped(spots, len(network.graph.chain_a))
    found: EdgePosition = kept[key]
    return found


def _grouped(spots: Spots, chains: int) -> EdgePosition:
    order = np.argsort(spots.chain, kind="stable").astype(np.int32)
    order = order[np.count_nonzero(spots.chain == NONE) :]
    start = np.zeros(chains + 1, np.int64)
    np.cumsum(np.bincount(spots.chain[order], minlength=chains), out=start[1:])
    return EdgePosition(spots, order, start)


class TargetTable(NamedTuple):
    """Targets of a table, and the label or number of each."""

    targets: Targets
    label: np.ndarray  # int64


def integer_labels(index: pd.Index) -> np.ndarray:
    """Return labels as whole numbers: themselves, or their positions where they are something else.

    Parameters
    ----------
    index
        The labels (n).

    Returns
    -------
    Whole numbers (n).
    """
    if not isinstance(index, pd.MultiIndex) and index.dtype == np.int64:
        return index.to_numpy()
    return np.arange(len(index))


def list_targets(
    network: Streets, at: Snapped | None, speed_mps: float, rows: np.ndarray | None
) -> TargetTable:
    """Return snapped points, or every node, as targets of a table; all of them together are kept.

    Parameters
    ----------
    network, at, speed_mps
        As for `positions_of`.
    rows
        Positions of the points that are asked about; None for all.

    Returns
    -------
    The targets, grouped by chain, with their labels.
    """
    spots = positions_of(network, at, speed_mps)
    label = integer_labels(network.node_label if at is None else at.index)
    if rows is not None:
        some = Spots(*(column[rows] for column in spots.spots))
        return _target_table(network, _grouped(some, len(network.graph.chain_a)), label[rows])
    kept = network.kept if at is None else at.kept
    key = ("asked", network.mirrored, None if network.unit == "m" else speed_mps)
    if key not in kept:
        kept[key] = _target_table(network, spots, label)
    found: TargetTable = kept[key]
    return found


def _target_table(network: Streets, found: EdgePosition, label: np.ndarray) -> TargetTable:
    graph, spots = network.graph, Spots(*(column[found.order] for column in found.spots))
    targets = Targets(
        found.start,
        found.start[graph.chain_start],
        graph.chain_b[spots.chain],
        spots.from_a + spots.access,
        spots.from_b + spots.access,
        spots.access,
    )
    return TargetTable(targets, label[found.order])


def _spots_of(network: Streets, at: Snapped, speed_mps: float) -> Spots:
    """Return where snapped points stand on the chains of a network."""
    edge = np.where(at.edge >= 0, at.edge, 0)
    share = np.where(at.edge >= 0, at.fraction, 0.0)
    ahead, back = network.edge_forward[edge], network.edge_backward[edge]
    chain = network.edge_chain[edge]
    before = network.edge_from_a[edge] + np.rint(share * np.where(ahead < FAR, ahead, 0)).astype(
        int
    )
    after = network.edge_from_b[edge] + np.rint((1 - share) * np.where(back < FAR, back, 0)).astype(
        int
    )
    at_a = (share == 0) & (network.chain_edge[chain] == edge)
    at_b = (share == 1) & (network.chain_edge[chain + 1] - 1 == edge)
    total, total_back = network.graph.forward[chain], network.graph.backward[chain]
    access = np.where(at.edge >= 0, at.access_m, 0.0)
    per_metre = NANO if network.unit == "m" else NANO / speed_mps
    return Spots(
        np.where(at.edge >= 0, chain, NONE).astype(np.int32),
        np.where(ahead < FAR, before, np.where(at_a, 0, FAR)),
        np.where(back < FAR, after, np.where(at_b, 0, FAR)),
        np.where(back < FAR, total_back - after, np.where(at_a, 0, FAR)),
        np.where(ahead < FAR, total - before, np.where(at_b, 0, FAR)),
        np.rint(access * per_metre).astype(np.int64),
    )


def _spots_of_nodes(network: Streets) -> Spots:
    """Return where every node stands on a chain: junctions at its end, the others inside."""
    graph = network.graph
    n, junctions = len(network.node_xy), len(graph.arc_start) - 1
    chain = np.full(n, NONE, np.int32)
    number = np.arange(len(graph.chain_a), dtype=np.int32)
    chain[graph.chain_b] = number
    chain[graph.chain_a] = number
    inner = np.flatnonzero(network.edge_v >= junctions)
    node = network.edge_v[inner]
    chain[node] = network.edge_chain[inner]
    total, total_back = graph.forward[chain], graph.backward[chain]
    at_a = graph.chain_a[chain] == np.arange(n)
    from_a = np.where(at_a, 0, total)
    from_b = np.where(at_a, total_back, 0)
    ahead = network.edge_forward[inner]
    from_a[node] = np.where(ahead < FAR, network.edge_from_a[inner] + ahead, FAR)
    back = network.edge_backward[inner]
    from_b[node] = np.where(back < FAR, network.edge_from_b[inner], FAR)
    to_a = np.where(at_a, 0, np.where(from_b < FAR, total_back - from_b, FAR))
    to_b = np.where(from_a < FAR, total - from_a, FAR)
    return Spots(chain, from_a, from_b, to_a, to_b, np.zeros(n, np.int64))
