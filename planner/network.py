"""Streets to minutes: the public names of the network engine."""

from planner.engine.network import (
    DRIVING,
    E_BIKE,
    WALKING,
    Mode,
    Network,
    Snapped,
    cached_from_lines,
    cached_network,
    load_network,
    save_network,
    warm_up,
)

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
