"""Who is served within capacity: the public names of the capacity engine."""

from planner.engine.capacity import *  # noqa: F403
from planner.engine.capacity import __all__  # noqa: F401
