"""Streets to minutes: the network engine.

Build a `Network` from tables, a graph or lines, then ask it for travel times, the nearest
facility, the area within reach or the way itself.
"""

from __future__ import annotations

from planner.engine.network.cache import cached_from_lines, cached_network
from planner.engine.network.modes import DRIVING, E_BIKE, WALKING, Mode
from planner.engine.network.snapping import Snapped
from planner.engine.network.storage import load_network, save_network
from planner.engine.network.streets import Network
from planner.engine.network.warm import warm_up

__all__ = [
    "DRIVING",
    "E_BIKE",
    "WALKING",
    "Mode",
    "Network",
    "Snapped",
    "cached_from_lines",
    "cached_network",
    "load_network",
    "save_network",
    "warm_up",
]
