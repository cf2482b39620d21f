"""Maps: a plan as one interactive page that opens with no network."""

from planner.output.maps.indicators import check_indicator, indicator_names
from planner.output.maps.page import LAYERS, draw, page

__all__ = ["LAYERS", "check_indicator", "draw", "indicator_names", "page"]
