"""Maps: a plan as one interactive page that opens with no network."""

from planner.maps.indicators import indicator_names
from planner.maps.page import LAYERS, draw, page

__all__ = ["LAYERS", "draw", "indicator_names", "page"]
