"""Streets to minutes: the public names of the network engine."""

from planner.engine.network import *  # noqa: F403
from planner.engine.network import __all__  # noqa: F401
