"""Who is really served: allocation, floating catchments and deliveries, from the OD table."""

from planner.capacity.allocation import (
    Allocation,
    by_unit,
    serve_most,
    serve_nearest,
    serve_whole,
    three_way,
)
from planner.capacity.floating import (
    FAST,
    SLOW,
    Access,
    floating,
    gaussian,
    kernel,
    rational_agents,
    uniform,
    zones,
)
from planner.capacity.pairs import Pairs, read_pairs

__all__ = [
    "FAST",
    "SLOW",
    "Access",
    "Allocation",
    "Pairs",
    "by_unit",
    "floating",
    "gaussian",
    "kernel",
    "rational_agents",
    "read_pairs",
    "serve_most",
    "serve_nearest",
    "serve_whole",
    "three_way",
    "uniform",
    "zones",
]
