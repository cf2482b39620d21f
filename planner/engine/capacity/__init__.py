"""Who is really served: allocation, floating catchments and deliveries, from the OD table."""

from planner.engine.capacity.allocation import Allocation, serve_most, serve_nearest, three_way
from planner.engine.capacity.delivery import Delivery, check_links, deliver, linked, timed_links
from planner.engine.capacity.floating import (
    Access,
    floating,
    uniform,
)
from planner.engine.capacity.pairs import Pairs, read_pairs
from planner.engine.capacity.whole_units import by_unit, serve_whole

__all__ = [
    "Access",
    "Allocation",
    "Delivery",
    "Pairs",
    "by_unit",
    "check_links",
    "deliver",
    "floating",
    "linked",
    "read_pairs",
    "serve_most",
    "serve_nearest",
    "serve_whole",
    "three_way",
    "timed_links",
    "uniform",
]
