"""Many scenarios in one go: side by side, on the page that shows them, in a notebook's panel."""

from planner.scenarios.compute import Sweep, sweep
from planner.scenarios.panel import Panel
from planner.scenarios.saved import sweep_to

__all__ = ["Panel", "Sweep", "sweep", "sweep_to"]
