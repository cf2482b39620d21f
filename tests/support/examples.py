"""How many random examples a test draws: a few, the same each time.

What a run of the tests says of a change is then said of the change. `make fuzz` sets
``PLANNER_EXAMPLES`` to draw so many times as many, and fresh ones.
"""

import os

import hypothesis

TIMES = int(os.environ.get("PLANNER_EXAMPLES", "1"))

hypothesis.settings.register_profile("few", derandomize=TIMES == 1, deadline=None)
hypothesis.settings.load_profile("few")


def examples(number: int) -> hypothesis.settings:
    """Return the setting of so many examples."""
    return hypothesis.settings(max_examples=number * TIMES)


def seeds(number: int) -> range:
    """Return so many seeds of a test's own random numbers."""
    return range(number * TIMES)
