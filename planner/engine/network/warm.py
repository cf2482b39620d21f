"""Compile the engine ahead of the first question."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import pandas as pd

from planner.engine.jit import announced
from planner.engine.kept_code import is_kept
from planner.engine.network.isochrones.contour import trace
from planner.engine.network.network import Network
from planner.engine.network.store.storage import load_network, save_network


def warm_up() -> None:
    """Compile the engine, or load what was compiled before.

    The first question ever asked on a machine compiles the kernels, which takes ten to twenty
    seconds and is logged; a program that calls this first can say so in its own words, and this
    call logs nothing. Later it takes a fraction of a second.
    """
    with announced():
        _ask_a_little()


def is_warm() -> bool:
    """Return whether the engine was compiled before, so that nobody has to wait for it."""
    return is_kept(trace)  # among the last that `warm_up` compiles


def _ask_a_little() -> None:
    nodes = pd.DataFrame({"x": [0.0, 100.0, 100.0], "y": [0.0, 0.0, 100.0]})
    edges = pd.DataFrame({"u": [0, 1, 2], "v": [1, 2, 0], "length_m": [100.0, 100.0, 150.0]})
    network = Network.from_edges(nodes, edges, "EPSG:3857")
    at = network.snap(gpd.GeoSeries(gpd.points_from_xy([10.0, 90.0], [5.0, 60.0]), crs=3857))
    network.travel_times(at, at)
    network.nearest(at, at)
    network.reach(at, [1.0])
    with TemporaryDirectory() as folder:
        save_network(network, Path(folder, "network"))
        load_network(Path(folder, "network"))
