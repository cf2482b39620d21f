"""Streets to minutes: the network engine.

Build a `Network` from tables, a graph or lines, then ask it for travel times, the nearest
facility, the area within reach or the way itself.
"""

from __future__ import annotations

from planner.network.areas import responsibility_areas, shed_ratio
from planner.network.modes import DRIVING, E_BIKE, WALKING, Mode
from planner.network.snapping import Snapped
from planner.network.storage import cached_network, load_network, save_network
from planner.network.streets import Network, warm_up
from planner.network.times import nearest_k
from planner.network.ways import critical_streets

__all__ = [
    "DRIVING",
    "E_BIKE",
    "WALKING",
    "Mode",
    "Network",
    "Snapped",
    "cached_network",
    "critical_streets",
    "load_network",
    "nearest_k",
    "responsibility_areas",
    "save_network",
    "shed_ratio",
    "warm_up",
]
