"""Maps: a plan as one interactive page that opens with no network."""

from planner.output.maps.page import draw, page

__all__ = ["draw", "page"]
