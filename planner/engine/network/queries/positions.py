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


def placed(network: Streets, at: Snapped | None, speed_mps: float) -> EdgePosition:
    """Place snapped points, or every node, on the chains; what was placed once is kept."""
    kept = network.kept if at is None else at.kept
    # Metres do not depend on the speed; a network and its mirror are told apart.
    key = ("placed", network.mirrored, None if network.unit == "m" else speed_mps)
    if key not in kept:
        spots = spots_of_nodes(network) if at is None else spots_of(network, at, speed_mps)
        kept[key] = _grouped(spots, len(network.graph.chain_a))
    found: EdgePosition = kept[key]
    return found


def _grouped(spots: Spots, chains: int) -> EdgePosition:
    order = np.argsort(spots.chain, kind="stable").astype(np.int32)
    order = order[np.count_nonzero(spots.chain == NONE) :]
    start = np.zeros(chains + 1, np.int64)
    np.cumsum(np.bincount(spots.chain[order], minlength=chains), out=start[1:])
    return EdgePosition(spots, order, start)


class Asked(NamedTuple):
    """What a table asks about: targets, and the label or number of each."""

    targets: Targets
    label: np.ndarray  # int64


def numbers(index: pd.Index) -> np.ndarray:
    """Give labels as whole numbers: themselves, or their places where they are something else."""
    if not isinstance(index, pd.MultiIndex) and index.dtype == np.int64:
        return index.to_numpy()
    return np.arange(len(index))


def asked_about(
    network: Streets, at: Snapped | None, speed_mps: float, rows: np.ndarray | None
) -> Asked:
    """Lay out snapped points, or every node, as targets, all or some rows; all of them are kept."""
    spots = placed(network, at, speed_mps)
    label = numbers(network.node_label if at is None else at.index)
    if rows is not None:
        some = Spots(*(column[rows] for column in spots.spots))
        return _asked(network, _grouped(some, len(network.graph.chain_a)), label[rows])
    kept = network.kept if at is None else at.kept
    key = ("asked", network.mirrored, None if network.unit == "m" else speed_mps)
    if key not in kept:
        kept[key] = _asked(network, spots, label)
    found: Asked = kept[key]
    return found


def _asked(network: Streets, found: EdgePosition, label: np.ndarray) -> Asked:
    graph, spots = network.graph, Spots(*(column[found.order] for column in found.spots))
    targets = Targets(
        found.start,
        found.start[graph.chain_start],
        graph.chain_b[spots.chain],
        spots.from_a + spots.access,
        spots.from_b + spots.access,
        spots.access,
    )
    return Asked(targets, label[found.order])


def spots_of(network: Streets, at: Snapped, speed_mps: float) -> Spots:
    """Place snapped points on the chains of a network."""
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
    whole, whole_back = network.graph.forward[chain], network.graph.backward[chain]
    access = np.where(at.edge >= 0, at.access_m, 0.0)
    per_metre = NANO if network.unit == "m" else NANO / speed_mps
    return Spots(
        np.where(at.edge >= 0, chain, NONE).astype(np.int32),
        np.where(ahead < FAR, before, np.where(at_a, 0, FAR)),
        np.where(back < FAR, after, np.where(at_b, 0, FAR)),
        np.where(back < FAR, whole_back - after, np.where(at_a, 0, FAR)),
        np.where(ahead < FAR, whole - before, np.where(at_b, 0, FAR)),
        np.rint(access * per_metre).astype(np.int64),
    )


def spots_of_nodes(network: Streets) -> Spots:
    """Place every node on a chain: junctions at its end, the others inside."""
    graph = network.graph
    n, junctions = len(network.node_xy), len(graph.arc_start) - 1
    chain = np.full(n, NONE, np.int32)
    number = np.arange(len(graph.chain_a), dtype=np.int32)
    chain[graph.chain_b] = number
    chain[graph.chain_a] = number
    inner = np.flatnonzero(network.edge_v >= junctions)
    node = network.edge_v[inner]
    chain[node] = network.edge_chain[inner]
    whole, whole_back = graph.forward[chain], graph.backward[chain]
    at_a = graph.chain_a[chain] == np.arange(n)
    from_a = np.where(at_a, 0, whole)
    from_b = np.where(at_a, whole_back, 0)
    ahead = network.edge_forward[inner]
    from_a[node] = np.where(ahead < FAR, network.edge_from_a[inner] + ahead, FAR)
    back = network.edge_backward[inner]
    from_b[node] = np.where(back < FAR, network.edge_from_b[inner], FAR)
    to_a = np.where(at_a, 0, np.where(from_b < FAR, whole_back - from_b, FAR))
    to_b = np.where(from_a < FAR, whole - from_a, FAR)
    return Spots(chain, from_a, from_b, to_a, to_b, np.zeros(n, np.int64))
