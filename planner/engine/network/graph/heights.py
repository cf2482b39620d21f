"""Build a network anew with heights along its streets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from planner.engine.network.graph.build import under_mode
from planner.engine.network.graph.compile import Made
from planner.engine.network.graph.modes import WORTH, Mode
from planner.engine.network.graph.slopes import (
    SPAN,
    STRETCH_M,
    HeightOf,
    distances,
    fill_between,
    of_heights,
    over_spans,
    stretches,
)


def with_heights(network: Made, height_of: HeightOf, every_m: float, mode: Mode) -> Made:
    """Build a network anew with heights along its streets: see `Network.with_heights`.

    Parameters
    ----------
    network
        The network.
    height_of
        Heights of places.
    every_m
        How far apart heights are asked for, metres.
    mode
        The mode of travel.

    Returns
    -------
    The network.

    Raises
    ------
    NetworkError
        As `under_mode`.
    """
    least = max(every_m, STRETCH_M)
    cut = stretches(network.ground.vertex_xy, network.edge_vertex, least)
    z = np.asarray(height_of(cut.xy), np.float64)
    if SPAN in network.attributes.columns:
        span = network.attributes[SPAN].to_numpy(bool)
        z = over_spans(z, cut, network.edge_u, network.edge_v, span)
    z = fill_between(distances(cut.xy, cut.start)[0], z, cut.start)
    climb = of_heights(z, cut)
    turned = network.edge_turned  # compiled streets run along their chains
    there, back = (climb[name].to_numpy() for name in WORTH)
    climb = climb.assign(
        **{WORTH[0]: np.where(turned, back, there), WORTH[1]: np.where(turned, there, back)}
    )
    known = network.attributes.drop(columns=[*climb, "slope"], errors="ignore")
    felt = replace(network, attributes=pd.concat([known, climb], axis="columns"), kept={})
    return under_mode(felt, mode, ())
