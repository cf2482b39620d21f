"""Location models on travel-time tables: the public names of the siting engine."""

from planner.engine.siting import *  # noqa: F403
from planner.engine.siting import __all__  # noqa: F401
