"""Streets to minutes: the network engine.

Build a `Network` from tables, a graph or lines, then ask it for travel times, the nearest
facility, the area within reach or the way itself.
"""

from __future__ import annotations

from planner.engine.network.graph.lattice import lattice, spacing_of
from planner.engine.network.graph.modes import DRIVING, E_BIKE, WALKING, Mode
from planner.engine.network.graph.noding import join_lines
from planner.engine.network.graph.packed import PackedLines, line_parts
from planner.engine.network.graph.scraps import scrap_edges
from planner.engine.network.graph.snapping import Snapped
from planner.engine.network.graph.street_faults import Faults, find_faults
from planner.engine.network.network import Network
from planner.engine.network.store.cache import cached_from_lines, cached_network
from planner.engine.network.store.storage import (
    load_network,
    network_bytes,
    network_of_bytes,
    save_network,
)
from planner.engine.network.tiles import TiledStreets, in_threads
from planner.engine.network.warm import is_warm, warm_up

__all__ = [
    "DRIVING",
    "E_BIKE",
    "WALKING",
    "Faults",
    "Mode",
    "Network",
    "PackedLines",
    "Snapped",
    "TiledStreets",
    "cached_from_lines",
    "cached_network",
    "find_faults",
    "in_threads",
    "is_warm",
    "join_lines",
    "lattice",
    "line_parts",
    "load_network",
    "network_bytes",
    "network_of_bytes",
    "save_network",
    "scrap_edges",
    "spacing_of",
    "warm_up",
]
