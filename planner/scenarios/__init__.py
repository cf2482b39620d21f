"""Many scenarios in one go: what is varied, what each comes to, and the page that shows them."""

from planner.scenarios.compute import Sweep, sweep
from planner.scenarios.saved import sweep_to

__all__ = ["Sweep", "sweep", "sweep_to"]
