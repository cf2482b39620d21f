"""Scraps of street that join nothing, and the ground without them.

Routing engines (R5, OSRM, Valhalla, GraphHopper) pass over small islands when they put a place on
the streets: a footpath of twenty metres, drawn in a yard and joined to nothing, is no way out.
"""

from __future__ import annotations

import numpy as np

from planner.engine.network.graph.arrays import Ground, Streets

SHARE_OF_LONGEST = 0.1  # where streets are few, a part of their size is a part, not a scrap


def scrap_edges(network: Streets) -> np.ndarray:
    """Return which edges belong to a scrap.

    A scrap is a part of the network shorter than `Streets.pass_over_m`, and than a tenth of the
    longest part.

    Parameters
    ----------
    network
        The streets.

    Returns
    -------
    Flags of the edges, in the network's order.
    """
    if "scraps" not in network.kept:
        length = network.components["length_m"].to_numpy()
        least = min(network.pass_over_m, SHARE_OF_LONGEST * float(length[0]))
        part = network.part_of_junction[network.graph.chain_a[network.edge_chain]]
        network.kept["scraps"] = (length < least)[part]
    scraps: np.ndarray = network.kept["scraps"]
    return scraps


def ground_without_scraps(network: Streets) -> Ground:
    """Return the geometry of the streets without scraps, on which points are put that lie by one.

    Parameters
    ----------
    network
        The streets.

    Returns
    -------
    The same vertices, with a grid that lacks the scraps' segments.
    """
    if "ground without scraps" not in network.kept:
        ground = network.ground
        scrap = scrap_edges(network)[ground.vertex_edge[ground.cell_segment]]
        before = np.concatenate([[0], np.cumsum(~scrap)])
        start = before[ground.cell_start].astype(np.int64)
        segment = ground.cell_segment[~scrap]
        for array in (start, segment):  # as the others are: searches are compiled for one type
            array.flags.writeable = False
        network.kept["ground without scraps"] = ground._replace(
            cell_start=start, cell_segment=segment
        )
    main: Ground = network.kept["ground without scraps"]
    return main
