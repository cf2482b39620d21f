"""Invariants of a network's arrays, checked so that no search reads outside them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from planner.engine.network.search.kernels import FAR

_KINDS = {
    "node_xy": "f8", "edge_u": "i4", "edge_v": "i4", "edge_length_m": "f8", "edge_oneway": "i1",
    "edge_turned": "b1", "edge_forward": "i8", "edge_backward": "i8", "edge_chain": "i4",
    "edge_from_a": "i8", "edge_from_b": "i8", "edge_vertex": "i8", "chain_edge": "i8",
    "part_of_junction": "i4", "graph.arc_start": "i8", "graph.arc_head": "i4",
    "graph.arc_cost": "i8", "graph.arc_chain": "i4", "graph.chain_a": "i4", "graph.chain_b": "i4",
    "graph.forward": "i8", "graph.backward": "i8", "graph.chain_start": "i8",
    "graph.longest_back": "i8", "ground.vertex_xy": "f8", "ground.vertex_at": "f8",
    "ground.vertex_edge": "i4", "ground.cell_start": "i8", "ground.cell_segment": "i4",
    "ground.frame": "f8",
}  # fmt: skip


def is_sound(arrays: Mapping[str, np.ndarray]) -> bool:
    """Return whether the arrays of a network fit together: kinds, lengths, indices and costs.

    Parameters
    ----------
    arrays
        The arrays by name, those of the graph and of the ground as ``graph.…`` and ``ground.…``.

    Returns
    -------
    True if no search can leave the arrays.
    """
    kinds = all(
        name in arrays and arrays[name].dtype == np.dtype(kind) for name, kind in _KINDS.items()
    )
    return kinds and _fit(arrays) and _lead_within(arrays) and _are_costs(arrays)


def _fit(arrays: Mapping[str, np.ndarray]) -> bool:
    """Return whether arrays of the same things are equally long."""
    edges, chains = len(arrays["edge_u"]), len(arrays["graph.chain_a"])
    junctions, vertices = len(arrays["part_of_junction"]), len(arrays["ground.vertex_at"])
    arcs = len(arrays["graph.arc_head"])
    lengths = {
        edges: [
            "edge_v", "edge_length_m", "edge_oneway", "edge_turned", "edge_forward",
            "edge_backward", "edge_chain", "edge_from_a", "edge_from_b",
        ],
        edges + 1: ["edge_vertex"],
        chains: ["graph.chain_b", "graph.forward", "graph.backward"],
        chains + 1: ["chain_edge"],
        junctions: ["graph.longest_back"],
        junctions + 1: ["graph.arc_start", "graph.chain_start"],
        arcs: ["graph.arc_cost", "graph.arc_chain"],
        vertices: ["ground.vertex_edge"],
    }  # fmt: skip
    return (
        edges > 0
        and all(arrays[name].shape == (n,) for n, names in lengths.items() for name in names)
        and arrays["ground.vertex_xy"].shape == (vertices, 2)
        and arrays["node_xy"].shape[1:] == (2,)
        and len(arrays["node_xy"]) >= junctions > 0
        and _is_grid(arrays)
    )


def _is_grid(arrays: Mapping[str, np.ndarray]) -> bool:
    frame, cells = arrays["ground.frame"], len(arrays["ground.cell_start"]) - 1
    if frame.shape != (5,) or not np.isfinite(frame).all() or frame[2] <= 0:
        return False
    columns, rows = frame[3:]
    return bool(columns >= 1 and rows >= 1 and columns * rows == cells)


def _lead_within(arrays: Mapping[str, np.ndarray]) -> bool:
    """Return whether every index leads to what there is, and every list of starts ascends."""
    edges, chains = len(arrays["edge_u"]), len(arrays["graph.chain_a"])
    junctions, nodes = len(arrays["part_of_junction"]), len(arrays["node_xy"])
    vertices, arcs = len(arrays["ground.vertex_at"]), len(arrays["graph.arc_head"])
    below = {
        "edge_u": nodes, "edge_v": nodes, "edge_chain": chains, "part_of_junction": junctions,
        "graph.arc_head": junctions, "graph.arc_chain": 2 * chains, "graph.chain_a": junctions,
        "graph.chain_b": junctions, "ground.vertex_edge": edges,
        "ground.cell_segment": vertices - 1,
    }  # fmt: skip
    starts = {
        "edge_vertex": vertices, "chain_edge": edges, "graph.arc_start": arcs,
        "graph.chain_start": chains,
        "ground.cell_start": len(arrays["ground.cell_segment"]),
    }  # fmt: skip
    return all(_within(arrays[name], most) for name, most in below.items()) and all(
        _ascends(arrays[name], last) for name, last in starts.items()
    )


def _within(indices: np.ndarray, most: int) -> bool:
    return not len(indices) or bool(indices.min() >= 0 and indices.max() < most)


def _ascends(starts: np.ndarray, last: int) -> bool:
    return bool(starts[0] == 0 and starts[-1] == last and (starts[1:] >= starts[:-1]).all())


def _is_finite(values: np.ndarray) -> bool:
    """Return whether all are finite: the least or the largest is not, where any is not."""
    return not values.size or bool(np.isfinite(values.min()) and np.isfinite(values.max()))


def _are_costs(arrays: Mapping[str, np.ndarray]) -> bool:
    """Return whether costs can be added up without running over, and places are finite."""
    costs = (
        "edge_forward", "edge_backward", "edge_from_a", "edge_from_b", "graph.arc_cost",
        "graph.forward", "graph.backward", "graph.longest_back",
    )  # fmt: skip
    places = ("node_xy", "edge_length_m", "ground.vertex_xy", "ground.vertex_at")
    return all(_within(arrays[name], FAR + 1) for name in costs) and all(
        _is_finite(arrays[name]) for name in places
    )
